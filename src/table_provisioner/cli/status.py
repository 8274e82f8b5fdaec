"""``status``: show how tables are."""

from __future__ import annotations

import click

from table_provisioner.cli.account import Aws, takes_account
from table_provisioner.cli.answers import as_json_option, print_json
from table_provisioner.errors import ProvisionerError
from table_provisioner.state import UNKNOWN


@click.command()
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
        print_json(statuses)
    elif len(statuses) == 1:
        click.echo(statuses[table_names[0]])
    else:
        for name, found in statuses.items():
            click.echo(f"{name} {found}")
