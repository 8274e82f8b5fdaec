"""``release``: take off a table the tags that say whose it is."""

from __future__ import annotations

import click

from table_provisioner.cli.account import Aws, takes_account, timeout_option, yes_option
from table_provisioner.cli.outcome import asking, interruptible, report
from table_provisioner.cli.progress import watched
from table_provisioner.cli.screen import console
from table_provisioner.ownership import holder


@click.command()
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
        with asking("--yes"):
            click.confirm("Take these tags off?", abort=True)
    with watched(console(to_stderr=True)), interruptible():
        result = aws.provisioner(timeout_seconds).release(table_name, table_id=table.table_id)
    report([("", result)], as_json=False)
