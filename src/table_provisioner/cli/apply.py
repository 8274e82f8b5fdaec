"""``apply``: make tables as they are declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from table_provisioner.cli.account import Aws, namelessness, takes_account, timeout_option, yes_option
from table_provisioner.cli.answers import as_json_option
from table_provisioner.cli.outcome import asking, interruptible, report
from table_provisioner.cli.progress import watched
from table_provisioner.cli.screen import console, show_plan, show_total
from table_provisioner.cli.sources import Source, takes_tables
from table_provisioner.results import ProvisionResult, ProvisionStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from table_provisioner.cli.declarations import DeclaredTable
    from table_provisioner.provisioner import TableProvisioner
    from table_provisioner.results import ProvisionPlan


@click.command()
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
    tables = source.tables(aws.region)
    for table in tables:
        if not table.is_named:
            raise namelessness(table)
    plans = []
    for table in tables:
        planned = aws.plan(table, timeout_seconds)
        show_plan(screen, planned, table.logical_resource_id)
        plans.append(planned)
    show_total(screen, plans)
    _check(plans)
    for planned in plans:
        if planned.steps and not planned.would_create:
            aws.warn_of_holder(aws.table(planned.schema.table_name), "does not learn of these changes")
    if any(planned.steps or planned.obstacles for planned in plans) and not is_sure:
        with asking("--yes"):
            click.confirm("Apply?", abort=True, err=as_json)
        _check_again(plans, [aws.plan(table, timeout_seconds) for table in tables])
    results = []
    with watched(console(to_stderr=True), [step for planned in plans for step in planned.steps]), interruptible():
        provisioner = aws.provisioner(timeout_seconds)
        for table, planned in zip(tables, plans, strict=True):
            results.append((table.logical_resource_id, _done(provisioner, table, planned)))
    report(results, as_json=as_json)


def _done(provisioner: TableProvisioner, table: DeclaredTable, planned: ProvisionPlan) -> ProvisionResult:
    """Do what was shown; where that is nothing, the table is left alone, however it may be by now."""
    if planned.actual and not (planned.steps or planned.obstacles):
        return ProvisionResult(
            status=ProvisionStatus.UNCHANGED,
            table_name=planned.actual.table_name,
            table_arn=planned.actual.table_arn,
            table_id=planned.actual.table_id,
            stream_arn=planned.actual.stream_arn,
        )
    run = provisioner.create if planned.would_create else provisioner.update
    return run(table.schema, options=table.options)


def _check_again(shown: Sequence[ProvisionPlan], now: Sequence[ProvisionPlan]) -> None:
    """Stop where something else is to be done by now than what was agreed to."""
    changed = [one.schema.table_name for one, other in zip(shown, now, strict=True) if one.steps != other.steps]
    if changed:
        names = " and ".join(f"'{name}'" for name in changed)
        raise click.ClickException(f"Nothing was changed: {names} changed meanwhile. Run it again to see how.")


def _check(plans: Sequence[ProvisionPlan]) -> None:
    """Stop where a table cannot become what is declared, or cannot be seen."""
    if any(planned.error for planned in plans):
        raise click.ClickException("Nothing was changed.")
    for planned in plans:
        if planned.unknown_because:
            raise planned.unknown_because
