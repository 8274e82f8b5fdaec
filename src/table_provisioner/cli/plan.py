"""``plan``: show what ``apply`` would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from table_provisioner.cli.account import Aws, takes_account
from table_provisioner.cli.answers import as_json_option, plan_document, print_json
from table_provisioner.cli.screen import console, show_plan, show_total
from table_provisioner.cli.sources import Source, takes_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from table_provisioner.results import ProvisionPlan

_NOTHING_TO_DO, _ERROR, _CHANGES = 0, 1, 2


@click.command()
@takes_tables
@takes_account
@as_json_option
@click.pass_context
def plan(context: click.Context, source: Source, aws: Aws, *, as_json: bool) -> None:
    """Show what apply would do, and change nothing.

    Exits with 0 when there is nothing to do, 2 when there are changes, 1 on errors. Without permission to read the
    table it shows all of it.
    """
    plans = [aws.plan(table) for table in source.tables(aws.region)]
    if as_json:
        print_json({"tables": [plan_document(planned, name) for name, planned in plans]})
    else:
        screen = console()
        for name, planned in plans:
            show_plan(screen, planned, name)
        show_total(screen, [planned for _, planned in plans])
    context.exit(_exit_code([planned for _, planned in plans]))


def _exit_code(plans: Sequence[ProvisionPlan]) -> int:
    if any(planned.error for planned in plans):
        return _ERROR
    return _CHANGES if any(planned.steps for planned in plans) else _NOTHING_TO_DO
