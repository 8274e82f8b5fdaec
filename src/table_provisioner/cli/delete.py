"""``delete``: delete a table."""

from __future__ import annotations

import click

from table_provisioner.cli.account import Aws, takes_account, timeout_option
from table_provisioner.cli.outcome import asking, interruptible, report
from table_provisioner.cli.progress import watched
from table_provisioner.cli.screen import console
from table_provisioner.options import OnDelete


@click.command()
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
        aws.warn_of_holder(table, "will miss it")
        with asking("--table-id"):
            typed = click.prompt("Type its name to delete it", err=True)
        if typed != table_name:
            raise click.ClickException("Nothing was deleted: that is not its name.")
        table_id = table.table_id
    on_delete = OnDelete.SNAPSHOT if takes_snapshot else OnDelete.DELETE
    with watched(console(to_stderr=True)), interruptible():
        result = aws.provisioner(timeout_seconds).delete(table_name, on_delete, table_id=table_id)
    if table_id != table.table_id:
        raise click.ClickException(f"Nothing was deleted: the TableId of '{table_name}' is {table.table_id}.")
    report([("", result)], as_json=False)
