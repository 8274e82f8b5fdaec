"""``status``: show how tables are."""

from __future__ import annotations

import click

from table_provisioner.cli.account import Aws, takes_account
from table_provisioner.cli.answers import as_json_option, print_json
from table_provisioner.errors import AccessDeniedError, ProvisionerError
from table_provisioner.state import UNKNOWN


@click.command()
@click.argument("table_names", metavar="NAME...", nargs=-1, required=True)
@takes_account
@as_json_option
def status(table_names: tuple[str, ...], aws: Aws, *, as_json: bool) -> None:
    """Show the status of tables.

    It is DynamoDB's word for it, NOT_FOUND, or UNKNOWN where the caller may not read the table, with the reason on the
    standard error: these are answers, and end with 0. Where DynamoDB could not be asked, it is UNKNOWN, too, and ends
    with 1.
    """
    statuses: dict[str, str] = {}
    has_failed = False
    for name in table_names:
        try:
            statuses[name] = aws.provisioner().table_status(name)
        except ProvisionerError as error:
            statuses[name] = UNKNOWN
            has_failed |= not isinstance(error, AccessDeniedError)
            click.echo(str(error), err=True)
    if as_json:
        print_json(statuses)
    elif len(statuses) == 1:
        click.echo(statuses[table_names[0]])
    else:
        for name, found in statuses.items():
            click.echo(f"{name} {found}")
    if has_failed:
        raise click.exceptions.Exit(1)
