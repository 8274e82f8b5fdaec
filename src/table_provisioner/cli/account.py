"""The account that a command works in, and how long it waits there."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import click

from table_provisioner.aws_errors import RefusalError
from table_provisioner.cli.declarations import STACK_ID
from table_provisioner.clients import Clients
from table_provisioner.deadline import Deadline
from table_provisioner.dynamodb import DynamoDB
from table_provisioner.errors import InvalidRequestError, NotFoundError, ProvisionerError
from table_provisioner.event import LONGEST_SERVICE_TIMEOUT_SECONDS
from table_provisioner.goal import Goal
from table_provisioner.ownership import holder, our_tags
from table_provisioner.plan import plan_creation
from table_provisioner.provisioner import TableProvisioner
from table_provisioner.results import ProvisionPlan
from table_provisioner.state import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from table_provisioner.cli.declarations import DeclaredTable
    from table_provisioner.state import TableState


@dataclass(frozen=True, slots=True)
class Aws:
    """The account to work in.

    Attributes:
        region: Its region; empty where none is set.
        clients: Those that reach it.
    """

    region: str
    clients: Clients

    @property
    def dynamodb(self) -> DynamoDB:
        """Its tables."""
        return DynamoDB(self.clients)

    def provisioner(self, timeout_seconds: float = LONGEST_SERVICE_TIMEOUT_SECONDS) -> TableProvisioner:
        """A provisioner that gives up after so many seconds."""
        return TableProvisioner(self.dynamodb, deadline=Deadline.after(timeout_seconds))

    def plan(self, table: DeclaredTable, timeout_seconds: float) -> ProvisionPlan:
        """What would be done for a declared table within so many seconds."""
        if table.is_named:
            return self.provisioner(timeout_seconds).plan(table.schema, None, table.options)
        steps = plan_creation(Goal(table.schema, options=table.options))
        return ProvisionPlan(
            schema=table.schema, table_status=UNKNOWN, steps=steps, unknown_because=namelessness(table)
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

    def warn_of_holder(self, table: TableState, consequence: str) -> None:
        """Say whose the table is, where that can be read."""
        try:
            tags = self.our_tags(table)
        except ProvisionerError as error:
            click.echo(f"Whether a stack owns it is not known: {error}", err=True)
            return
        if tags:
            click.echo(f"Table '{table.table_name}' belongs to {holder(tags)}, which {consequence}.", err=True)


def namelessness(table: DeclaredTable) -> InvalidRequestError:
    """Why nothing is known of a table without a name, and how to give it one."""
    name = table.logical_resource_id
    if not name:
        return InvalidRequestError("TableName is not declared.", "Give --table-name.")
    return InvalidRequestError(
        f"{name}: TableName is not declared, so the stack makes one up.",
        f"Give the stack whose table it is: --parameter {STACK_ID}=ARN; or --logical-id {name} --table-name NAME.",
    )


def takes_account(function: Callable[..., None]) -> Callable[..., None]:
    """Hand ``aws`` to a command, from the arguments that say which account and region."""

    @click.option("--region", metavar="REGION", help="The AWS region; else as the AWS CLI has it.")
    @click.option("--profile", metavar="PROFILE", help="The profile of the AWS CLI.")
    @click.option("--endpoint-url", metavar="URL", help="Another address than AWS's, such as a local DynamoDB's.")
    @functools.wraps(function)
    def command(*, region: str | None, profile: str | None, endpoint_url: str | None, **more: Any) -> None:  # noqa: ANN401 -- the command's own
        session = boto3.Session(region_name=region, profile_name=profile)
        function(aws=Aws(session.region_name or "", Clients(session, endpoint_url)), **more)

    return command


timeout_option = click.option(
    "--timeout",
    "timeout_seconds",
    type=click.IntRange(min=1),
    metavar="SECONDS",
    default=LONGEST_SERVICE_TIMEOUT_SECONDS,
    show_default=True,
    help="How long to wait; what was begun goes on.",
)
yes_option = click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
