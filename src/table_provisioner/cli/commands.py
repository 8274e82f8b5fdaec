"""The commands, each a few lines: what it does is in :mod:`table_provisioner.provisioner`."""

from __future__ import annotations

import errno
import functools
import json
import os
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import boto3
import click
from botocore.exceptions import BotoCoreError

from table_provisioner.aws_errors import RefusalError
from table_provisioner.cli.declarations import (
    STACK_ID,
    Declaration,
    DeclaredTable,
    FaultyDeclarationError,
    Finding,
    of_document,
    of_preset,
)
from table_provisioner.cli.documents import read_document
from table_provisioner.cli.screen import (
    console,
    plan_document,
    result_document,
    show_plan,
    show_total,
    watched,
)
from table_provisioner.clients import Clients
from table_provisioner.deadline import Deadline
from table_provisioner.dynamodb import DynamoDB
from table_provisioner.errors import InvalidRequestError, NotFoundError, ProvisionerError
from table_provisioner.jobs import holder
from table_provisioner.options import OnDelete
from table_provisioner.ownership import our_tags
from table_provisioner.plan import Goal, plan_creation
from table_provisioner.presets import Preset
from table_provisioner.provisioner import TableProvisioner
from table_provisioner.results import ProvisionPlan
from table_provisioner.state import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from table_provisioner.results import ProvisionResult
    from table_provisioner.state import TableState

NOTHING_TO_DO, ERROR, CHANGES = 0, 1, 2
_DEFAULT_TIMEOUT_SECONDS = 3600
_PRESETS = tuple(preset.value for preset in Preset)


class _Program(click.Group):
    """A group whose errors are one message each, and end with 1: 2 says that there are changes."""

    def make_context(self, *args: Any, **more: Any) -> click.Context:  # noqa: ANN401 -- as click has it
        with _in_one_message():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 -- as click has it
        with _in_one_message():
            return super().invoke(ctx)


class _MisuseError(click.ClickException):
    """A wrong use of the command line, shown as click shows it."""

    def __init__(self, error: click.UsageError) -> None:
        super().__init__(error.message)
        self._error = error

    def show(self, file: IO[Any] | None = None) -> None:
        self._error.show(file)


@contextmanager
def _in_one_message() -> Iterator[None]:
    try:
        yield
    except click.UsageError as error:
        raise _MisuseError(error) from error
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except FaultyDeclarationError as error:
        raise click.ClickException("\n  ".join([_counted(error.findings), *map(str, error.findings)])) from error
    except ProvisionerError as error:
        raise click.ClickException(str(error)) from error
    except BotoCoreError as error:
        raise click.ClickException(f"{error} See the settings of the AWS SDK.") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            raise
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(place.filename)}:{place.lineno}"  # noqa: PTH119 -- a name to show, not a path to use
        raise click.ClickException(
            f"InternalFailure: {type(error).__name__}: {error} ({where}). Please report it."
        ) from error


def _counted(findings: Sequence[Finding]) -> str:
    return "1 fault:" if len(findings) == 1 else f"{len(findings)} faults:"


@dataclass(frozen=True, slots=True)
class _Source:
    """What the caller says about the tables to work on."""

    file: IO[bytes] | None
    preset: str | None
    table_name: str | None
    logical_ids: tuple[str, ...]
    parameters: Mapping[str, str]

    def declarations(self, region: str) -> tuple[Declaration, ...]:
        """The tables as they are declared."""
        found = self._found(region)
        if self.table_name is None:
            return found
        if len(found) > 1:
            names = ", ".join(declaration.logical_resource_id for declaration in found)
            raise click.UsageError(f"--table-name is for one table; choose by --logical-id: {names}.")
        return (found[0].named(self.table_name),)

    def _found(self, region: str) -> tuple[Declaration, ...]:
        if self.file and self.preset:
            raise click.UsageError("Give a FILE or a --preset, not both.")
        if self.preset:
            return (of_preset(Preset(self.preset)),)
        if self.file is None:
            raise click.UsageError("Give a FILE or a --preset.")
        document = read_document(getattr(self.file, "name", "<stdin>"), self.file.read())
        return of_document(document, self.logical_ids, self.parameters, region)


@dataclass(frozen=True, slots=True)
class _Aws:
    """The account to work in."""

    session: boto3.Session
    dynamodb: DynamoDB

    @property
    def region(self) -> str:
        """Its region; empty where none is set."""
        return self.session.region_name or ""

    def provisioner(self, timeout_seconds: float = _DEFAULT_TIMEOUT_SECONDS) -> TableProvisioner:
        """A provisioner that gives up after so many seconds."""
        return TableProvisioner(self.dynamodb, deadline=Deadline.after(timeout_seconds))

    def plan(self, table: DeclaredTable) -> tuple[str, ProvisionPlan]:
        """What would be done for a declared table, with its resource's name."""
        if table.is_named:
            return table.logical_resource_id, self.provisioner().plan(table.schema, None, table.options)
        goal = Goal(table.schema, options=table.options)
        fix = "Give --table-name."
        if table.logical_resource_id:
            fix = f"Give --table-name, or the stack whose table it is: --parameter {STACK_ID}=ARN"
        nameless = InvalidRequestError("TableName is not declared, so the stack makes one up.", fix)
        steps = plan_creation(goal)
        return table.logical_resource_id, ProvisionPlan(
            schema=table.schema, table_status=UNKNOWN, steps=steps, ignorance=nameless
        )

    def table(self, table_name: str) -> TableState:
        """A table that is to be there."""
        try:
            table = self.dynamodb.describe(table_name)
        except RefusalError as refusal:
            raise refusal.as_error(f"look at table '{table_name}'") from refusal
        if table is None:
            raise NotFoundError(f"there is no table '{table_name}'.", "See that its name and region are right.")
        return table

    def our_tags(self, table: TableState) -> dict[str, str]:
        """The tags that say whose a table is."""
        try:
            return our_tags(self.dynamodb.tags(table.table_arn))
        except RefusalError as refusal:
            raise refusal.as_error(f"read the tags of table '{table.table_name}'") from refusal


def _parameters(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in given]
    if wrong := [name for name, equals, _ in pairs if not (name and equals)]:
        raise click.BadParameter(f"'{wrong[0]}' is not NAME=VALUE.")
    return {name: value for name, _, value in pairs}


def _takes_tables(function: Callable[..., None]) -> Callable[..., None]:
    """Hand ``source`` to a command, from the arguments that say which tables."""

    @click.argument("file", type=click.File("rb"), required=False)
    @click.option(
        "--preset",
        type=click.Choice(_PRESETS, case_sensitive=False),
        metavar="|".join(_PRESETS),
        help="A table of Sentinel's, in place of a FILE.",
    )
    @click.option("--table-name", metavar="NAME", help="Another name for the table.")
    @click.option("--logical-id", "logical_ids", multiple=True, metavar="ID", help="A resource of the template.")
    @click.option(
        "--parameter",
        "parameters",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_parameters,
        help="A parameter of the template, or whatever else it refers to: AWS::StackName=orders, Key.Arn=arn:….",
    )
    @functools.wraps(function)
    def command(*, file: IO[bytes] | None, preset: str | None, table_name: str | None, **more: Any) -> None:  # noqa: ANN401 -- the command's own
        source = _Source(file, preset, table_name, more.pop("logical_ids"), more.pop("parameters"))
        function(source=source, **more)

    return command


def _takes_account(function: Callable[..., None]) -> Callable[..., None]:
    """Hand ``aws`` to a command, from the arguments that say which account and region."""

    @click.option("--region", metavar="REGION", help="The AWS region; else as the AWS CLI has it.")
    @click.option("--profile", metavar="PROFILE", help="The profile of the AWS CLI.")
    @functools.wraps(function)
    def command(*, region: str | None, profile: str | None, **more: Any) -> None:  # noqa: ANN401 -- the command's own
        session = boto3.Session(region_name=region, profile_name=profile)
        function(aws=_Aws(session, DynamoDB(Clients(session))), **more)

    return command


_as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
_timeout = click.option(
    "--timeout",
    "timeout_seconds",
    type=click.IntRange(min=1),
    metavar="SECONDS",
    default=_DEFAULT_TIMEOUT_SECONDS,
    show_default=True,
    help="How long to wait; what was begun goes on.",
)
_yes = click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="table-provisioner")
def program() -> None:
    """Look at, make and change DynamoDB tables as Custom::DynamoDBTable does.

    A FILE is a CloudFormation template (every Custom::DynamoDBTable in it) or the properties of one table, in YAML or
    JSON; - is the standard input.
    """


@program.command()
@_takes_tables
@_takes_account
@_as_json
@click.pass_context
def plan(context: click.Context, source: _Source, aws: _Aws, *, as_json: bool) -> None:
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
@_takes_tables
@_takes_account
@_yes
@_timeout
@_as_json
def apply(source: _Source, aws: _Aws, *, is_sure: bool, timeout_seconds: int, as_json: bool) -> None:
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
@_takes_account
@_as_json
def status(table_names: tuple[str, ...], aws: _Aws, *, as_json: bool) -> None:
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
@_takes_account
@_timeout
def delete(table_name: str, table_id: str | None, aws: _Aws, *, takes_snapshot: bool, timeout_seconds: int) -> None:
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


def _warn_of_holder(aws: _Aws, table: TableState, consequence: str) -> None:
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
@_takes_account
@_yes
@_timeout
def release(table_name: str, aws: _Aws, *, is_sure: bool, timeout_seconds: int) -> None:
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
@_takes_tables
@_as_json
def validate(source: _Source, *, as_json: bool) -> None:
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
        raise click.ClickException(_counted(faults).replace(":", "."))
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
