"""The program: every command stands in a file of its own, and is a few lines there.

What they do to tables is in :mod:`table_provisioner.provisioner`.
"""

from __future__ import annotations

import click

from table_provisioner.cli.apply import apply
from table_provisioner.cli.convert import convert
from table_provisioner.cli.delete import delete
from table_provisioner.cli.invoke import invoke
from table_provisioner.cli.messages import Program
from table_provisioner.cli.orphans import orphans
from table_provisioner.cli.plan import plan
from table_provisioner.cli.policy import policy
from table_provisioner.cli.release import release
from table_provisioner.cli.status import status
from table_provisioner.cli.validate import validate


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="table-provisioner")
def program() -> None:
    """Look at, make and change DynamoDB tables as Custom::DynamoDBTable does.

    A FILE is a CloudFormation template (every Custom::DynamoDBTable in it) or the properties of one table, in YAML or
    JSON; - is the standard input.
    """


for command in (validate, plan, apply, status, delete, release, orphans, policy, convert, invoke):
    program.add_command(command)
