"""What the caller says: which tables, in which account, and how long to wait."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import boto3
import click

from table_provisioner.aws_errors import RefusalError
from table_provisioner.cli.declarations import STACK_ID, of_document, of_preset
from table_provisioner.cli.documents import read_document
from table_provisioner.clients import Clients
from table_provisioner.deadline import Deadline
from table_provisioner.dynamodb import DynamoDB
from table_provisioner.errors import InvalidRequestError, NotFoundError
from table_provisioner.goal import Goal
from table_provisioner.ownership import our_tags
from table_provisioner.plan import plan_creation
from table_provisioner.presets import Preset
from table_provisioner.provisioner import TableProvisioner
from table_provisioner.results import ProvisionPlan
from table_provisioner.state import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from table_provisioner.cli.declarations import Declaration, DeclaredTable
    from table_provisioner.state import TableState

_DEFAULT_TIMEOUT_SECONDS = 3600
_PRESETS = tuple(preset.value for preset in Preset)


@dataclass(frozen=True, slots=True)
class Source:
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
class Aws:
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


def takes_tables(function: Callable[..., None]) -> Callable[..., None]:
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
        source = Source(file, preset, table_name, more.pop("logical_ids"), more.pop("parameters"))
        function(source=source, **more)

    return command


def takes_account(function: Callable[..., None]) -> Callable[..., None]:
    """Hand ``aws`` to a command, from the arguments that say which account and region."""

    @click.option("--region", metavar="REGION", help="The AWS region; else as the AWS CLI has it.")
    @click.option("--profile", metavar="PROFILE", help="The profile of the AWS CLI.")
    @functools.wraps(function)
    def command(*, region: str | None, profile: str | None, **more: Any) -> None:  # noqa: ANN401 -- the command's own
        session = boto3.Session(region_name=region, profile_name=profile)
        function(aws=Aws(session, DynamoDB(Clients(session))), **more)

    return command


as_json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
timeout_option = click.option(
    "--timeout",
    "timeout_seconds",
    type=click.IntRange(min=1),
    metavar="SECONDS",
    default=_DEFAULT_TIMEOUT_SECONDS,
    show_default=True,
    help="How long to wait; what was begun goes on.",
)
yes_option = click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
