"""The commands, each a few lines: what it does is in :mod:`table_provisioner.provisioner`."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from table_provisioner.cli.arguments import (
    Aws,
    Source,
    as_json_option,
    takes_account,
    takes_tables,
    timeout_option,
    yes_option,
)
from table_provisioner.cli.declarations import FaultyDeclarationError
from table_provisioner.cli.messages import Program, counted
from table_provisioner.cli.screen import (
    console,
    plan_document,
    result_document,
    show_plan,
    show_total,
    watched,
)
from table_provisioner.errors import ProvisionerError
from table_provisioner.jobs import holder
from table_provisioner.options import OnDelete
from table_provisioner.state import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from table_provisioner.cli.declarations import Declaration, DeclaredTable, Finding
    from table_provisioner.results import ProvisionPlan, ProvisionResult
    from table_provisioner.state import TableState

NOTHING_TO_DO, ERROR, CHANGES = 0, 1, 2


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="table-provisioner")
def program() -> None:
    """Look at, make and change DynamoDB tables as Custom::DynamoDBTable does.

    A FILE is a CloudFormation template (every Custom::DynamoDBTable in it) or the properties of one table, in YAML or
    JSON; - is the standard input.
    """


@program.command()
@takes_tables
@takes_account
@as_json_option
@click.pass_context
def plan(context: click.Context, source: Source, aws: Aws, *, as_json: bool) -> None:
    """Show what apply would do, and change nothing.

    Exits with 0 when there is nothing to do, 2 when there are changes, 1 on errors. Without permission to read the
    table it shows all of it.
    """
    plans = [aws.plan(table) for table in _read(source.declarations(aws.region))]
    if as_json:
        click.echo(_json({"tables": [plan_document(planned, name) for name, planned in plans]}))
    else:
        screen = console()
        for name, planned in plans:
            show_plan(screen, planned, name)
        show_total(screen, [planned for _, planned in plans])
    context.exit(_exit_code([planned for _, planned in plans]))


def _exit_code(plans: Sequence[ProvisionPlan]) -> int:
    if any(planned.error for planned in plans):
        return ERROR
    return CHANGES if any(planned.steps for planned in plans) else NOTHING_TO_DO


def _read(declarations: Sequence[Declaration]) -> list[DeclaredTable]:
    """The tables, once no declaration has a fault."""
    tables: list[DeclaredTable] = []
    findings: list[Finding] = []
    for declaration in declarations:
        try:
            tables.append(declaration.read())
        except FaultyDeclarationError as error:
            findings += error.findings
    if findings:
        raise FaultyDeclarationError(findings)
    return tables


@program.command()
@takes_tables
@takes_account
@yes_option
@timeout_option
@as_json_option
def apply(source: Source, aws: Aws, *, is_sure: bool, timeout_seconds: int, as_json: bool) -> None:
    """Make the tables as they are declared, after asking.

    What is not declared is left as it is. No tag says whose the tables are: to have a stack own them, deploy it.
    """
    screen = console(to_stderr=as_json)
    tables = _read(source.declarations(aws.region))
    plans = []
    for name, planned in map(aws.plan, tables):
        show_plan(screen, planned, name)
        plans.append(planned)
    show_total(screen, plans)
    _check(plans)
    for planned in plans:
        if planned.steps and not planned.would_create:
            _warn_of_holder(aws, aws.table(planned.schema.table_name), "does not learn of these changes")
    if any(planned.steps for planned in plans) and not is_sure:
        click.confirm("Apply?", abort=True, err=as_json)
    provisioner = aws.provisioner(timeout_seconds)
    results = []
    with watched(console(to_stderr=True), [step for planned in plans for step in planned.steps]), _interruptible():
        for table, planned in zip(tables, plans, strict=True):
            run = provisioner.create if planned.would_create else provisioner.update
            results.append((table.logical_resource_id, run(table.schema, options=table.options)))
    _report(results, as_json=as_json)


def _check(plans: Sequence[ProvisionPlan]) -> None:
    """Stop where a table cannot become what is declared, or cannot be seen."""
    if any(planned.error for planned in plans):
        raise click.ClickException("Nothing was changed.")
    for planned in plans:
        if planned.ignorance:
            raise planned.ignorance


@contextmanager
def _interruptible() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise click.ClickException("Interrupted. What was begun goes on; run it again, and the rest is done.") from None


def _report(results: Sequence[tuple[str, ProvisionResult]], *, as_json: bool) -> None:
    """Say how requests ended; exit with 1 if one failed."""
    if as_json:
        click.echo(_json({"tables": [result_document(result, name) for name, result in results]}))
    else:
        for _, result in results:
            if not result.error:
                click.echo(f"{result.status} {result.table_name} {result.message or result.table_arn}".rstrip())
    if failures := [str(result.error) for _, result in results if result.error]:
        raise click.ClickException("\n".join(failures))


@program.command()
@click.argument("table_names", metavar="NAME...", nargs=-1, required=True)
@takes_account
@as_json_option
def status(table_names: tuple[str, ...], aws: Aws, *, as_json: bool) -> None:
    """Show the status of tables.

    It is DynamoDB's word for it, NOT_FOUND, or UNKNOWN where a table may not be read.
    """
    statuses: dict[str, str] = {}
    for name in table_names:
        try:
            statuses[name] = aws.provisioner().table_status(name)
        except ProvisionerError as error:
            statuses[name] = UNKNOWN
            click.echo(str(error), err=True)
    if as_json:
        click.echo(_json(statuses))
    elif len(statuses) == 1:
        click.echo(statuses[table_names[0]])
    else:
        for name, found in statuses.items():
            click.echo(f"{name} {found}")


@program.command()
@click.argument("table_name", metavar="NAME")
@click.option("--table-id", metavar="ID", help="The TableId, as the proof that this table is meant; do not ask then.")
@click.option("--snapshot", "takes_snapshot", is_flag=True, help="Take a backup first.")
@takes_account
@timeout_option
def delete(table_name: str, table_id: str | None, aws: Aws, *, takes_snapshot: bool, timeout_seconds: int) -> None:
    """Delete a table with all its items, once its name was typed."""
    table = aws.table(table_name)
    if table_id is None:
        click.echo(f"Table '{table_name}' ({table.table_arn}) will be deleted with all its items.", err=True)
        _warn_of_holder(aws, table, "will miss it")
        if click.prompt("Type its name to delete it", err=True) != table_name:
            raise click.ClickException("Nothing was deleted: that is not its name.")
        table_id = table.table_id
    on_delete = OnDelete.SNAPSHOT if takes_snapshot else OnDelete.DELETE
    with watched(console(to_stderr=True)), _interruptible():
        result = aws.provisioner(timeout_seconds).delete(table_name, on_delete, table_id=table_id)
    if table_id != table.table_id:
        raise click.ClickException(f"Nothing was deleted: the TableId of '{table_name}' is {table.table_id}.")
    _report([("", result)], as_json=False)


def _warn_of_holder(aws: Aws, table: TableState, consequence: str) -> None:
    """Say whose the table is, where that can be read."""
    try:
        tags = aws.our_tags(table)
    except ProvisionerError as error:
        click.echo(f"Whether a stack owns it is not known: {error}", err=True)
        return
    if tags:
        click.echo(f"Table '{table.table_name}' belongs to {holder(tags)}, which {consequence}.", err=True)


@program.command()
@click.argument("table_name", metavar="NAME")
@takes_account
@yes_option
@timeout_option
def release(table_name: str, aws: Aws, *, is_sure: bool, timeout_seconds: int) -> None:
    """Take the tags off that say whose a table is.

    For a table whose stack is no more, so that another can take it over. Its items and everything else stay as they
    are.
    """
    table = aws.table(table_name)
    tags = aws.our_tags(table)
    if not tags:
        click.echo(f"Table '{table_name}' is nobody's already.")
        return
    click.echo(f"Table '{table_name}' belongs to {holder(tags)}:")
    for key, value in sorted(tags.items()):
        click.echo(f"  {key} = {value}")
    if not is_sure:
        click.echo("If that stack still exists, it will leave the table alone when it is deleted.")
        click.confirm("Take these tags off?", abort=True)
    with watched(console(to_stderr=True)), _interruptible():
        result = aws.provisioner(timeout_seconds).release(table_name, table_id=table.table_id)
    _report([("", result)], as_json=False)


@program.command()
@takes_tables
@as_json_option
def validate(source: Source, *, as_json: bool) -> None:
    """Report every fault of the declared tables.

    Each with its place; AWS is not asked.
    """
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
    declarations = source.declarations(region)
    faults = [finding for declaration in declarations for finding in declaration.faults()]
    unchecked = [finding for declaration in declarations for finding in declaration.unchecked()]
    if as_json:
        click.echo(_json({"faults": _documents(faults), "unchecked": _documents(unchecked)}))
    else:
        for finding in faults:
            click.echo(str(finding))
        for finding in unchecked:
            click.echo(f"{finding} (not checked)", err=True)
    if faults:
        raise click.ClickException(f"{counted(faults)}.")
    if not as_json:
        click.echo("No faults." if len(declarations) == 1 else f"No faults in {len(declarations)} tables.")


def _documents(findings: Sequence[Finding]) -> list[dict[str, str]]:
    return [
        {
            "place": finding.place,
            "logical_resource_id": finding.logical_resource_id,
            "path": finding.fault.path,
            "problem": finding.fault.problem,
            "fix": finding.fault.fix,
        }
        for finding in findings
    ]


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2)
