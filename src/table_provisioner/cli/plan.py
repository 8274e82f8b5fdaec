"""``plan``: show what ``apply`` would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from table_provisioner.budget import seconds_within
from table_provisioner.cli.account import Aws, takes_account
from table_provisioner.cli.answers import as_json_option, exceeds_timeout, plan_document, print_json
from table_provisioner.cli.screen import console, show_plan, show_total
from table_provisioner.cli.sources import Source, takes_tables
from table_provisioner.event import LONGEST_SERVICE_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from table_provisioner.cli.declarations import DeclaredTable
    from table_provisioner.results import ProvisionPlan

_NOTHING_TO_DO, _ERROR, _CHANGES = 0, 1, 2


@click.command()
@takes_tables
@takes_account
@as_json_option
@click.pass_context
def plan(context: click.Context, source: Source, aws: Aws, *, as_json: bool) -> None:
    """Show what apply would do, and change nothing.

    Rate limits and usual durations are held against the table's ServiceTimeout, as in a deployment. Exits with 0 when
    there is nothing to do, 2 when there are changes, 1 on errors. Without permission to read the table it shows all of
    it.
    """
    tables = source.tables(aws.region)
    plans = [aws.plan(table, seconds_within(table.service_timeout_seconds)) for table in tables]
    if as_json:
        documents = [plan_document(planned, table) for table, planned in zip(tables, plans, strict=True)]
        print_json({"tables": documents})
    else:
        screen = console()
        for table, planned in zip(tables, plans, strict=True):
            show_plan(screen, planned, table.logical_resource_id, _shortage(table, planned))
        show_total(screen, plans)
    context.exit(_exit_code(plans))


def _shortage(table: DeclaredTable, planned: ProvisionPlan) -> str:
    """What becomes of a deployment whose steps usually take longer than CloudFormation waits; else empty."""
    if planned.error or not exceeds_timeout(planned, table):
        return ""
    timeout = table.service_timeout_seconds
    is_longest = timeout >= LONGEST_SERVICE_TIMEOUT_SECONDS
    longer = "C" if is_longest else f"Declare a longer one, {LONGEST_SERVICE_TIMEOUT_SECONDS} s at most; or c"
    return (
        f"cannot usually finish within the ServiceTimeout of {timeout} s: a deployment does what it can, fails with"
        f" NotStabilized, and is rolled back. {longer}hange less in each deployment, or update with"
        " --disable-rollback, and then again."
    )


def _exit_code(plans: Sequence[ProvisionPlan]) -> int:
    if any(planned.error for planned in plans):
        return _ERROR
    return _CHANGES if any(planned.steps for planned in plans) else _NOTHING_TO_DO
