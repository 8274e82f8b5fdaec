"""Kinesis streaming destinations: at most one alive, the others stay listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

DEFAULT_PRECISION: Final = "MILLISECOND"
_ALIVE: Final = {"ENABLING", "ACTIVE", "UPDATING", "DISABLING"}
_KNOWN: Final = "ResourcePolicy.create_time_policy_readable"
_PRECISION: Final = "ApproximateCreationDateTimePrecision"


@dataclass
class Destination:
    """A stream that a table's changes go to, or went."""

    arn: str
    status: str = "ENABLING"
    precision: str | None = None

    def describe(self, *, is_deleting: bool = False) -> Json:
        """The ``KinesisDataStreamDestination``; ACTIVE shows as UPDATING on a dying table (T-455)."""
        status = "UPDATING" if is_deleting and self.status == "ACTIVE" else self.status
        described = {"StreamArn": self.arn, "DestinationStatus": status}
        return described | ({} if self.precision is None else {_PRECISION: self.precision})


def enable(world: World, params: Json) -> Json:
    """EnableKinesisStreamingDestination: a stream that is not there fails only later (T-318, T-268)."""
    table = _writable(world, params)
    if any(destination.status in _ALIVE for destination in table.destinations):
        raise refusal("kinesis-cannot-enable")  # T-299; a dying table takes one more (T-236, T-455)
    configuration: Json = params.get("EnableKinesisStreamingConfiguration") or {}
    destination = _entry(table, params["StreamArn"])
    destination.status, destination.precision = "ENABLING", configuration.get(_PRECISION)
    is_missing = destination.arn in world.missing_kinesis_streams
    kind, end = ("enable_failed", "ENABLE_FAILED") if is_missing else ("enable", "ACTIVE")
    _become(world, table, destination, f"Kinesis.{kind}", end)
    return _answer(table, destination) | (
        {"EnableKinesisStreamingConfiguration": configuration} if configuration else {}
    )


def disable(world: World, params: Json) -> Json:
    """DisableKinesisStreamingDestination: repeated while it runs, it is 200 (T-301)."""
    if params.get("EnableKinesisStreamingConfiguration"):
        raise refusal("kinesis-disable-takes-no-configuration")
    table = _writable(world, params)
    destination = _listed(table, params["StreamArn"])
    if destination is not None and destination.status == "DISABLING":
        return _answer(table, destination)
    if table.status == "DELETING" or destination is None or destination.status != "ACTIVE":
        raise refusal("kinesis-cannot-disable")  # T-302
    destination.status = "DISABLING"
    _become(world, table, destination, "Kinesis.disable", "DISABLED")
    return _answer(table, destination)


def update(world: World, params: Json) -> Json:
    """UpdateKinesisStreamingDestination: another precision takes minutes (T-300, T-319)."""
    configuration: Json = params.get("UpdateKinesisStreamingConfiguration") or {}
    if _PRECISION not in configuration:
        raise refusal("kinesis-update-needs-configuration", configuration=configuration or "null")
    table = _writable(world, params)
    destination = _listed(table, params["StreamArn"])
    if destination is None or destination.status != "ACTIVE":
        raise refusal("kinesis-cannot-update")
    wanted = configuration[_PRECISION]
    if wanted == (destination.precision or DEFAULT_PRECISION):
        raise refusal("kinesis-precision-is-set-already", precision=wanted)
    destination.status, destination.precision = "UPDATING", wanted
    _become(world, table, destination, "Kinesis.update_precision", "ACTIVE")
    return _answer(table, destination) | {"UpdateKinesisStreamingConfiguration": configuration}


def describe(world: World, params: Json) -> Json:
    """DescribeKinesisStreamingDestination: entries that ended stay listed (T-268, T-301)."""
    table = _known(world, params)
    is_deleting = table.status == "DELETING"
    entries = [destination.describe(is_deleting=is_deleting) for destination in table.destinations]
    return {"TableName": table.name, "KinesisDataStreamDestinations": entries}


def _known(world: World, params: Json) -> Table:
    table = world.table(params["TableName"])
    if table.status == "CREATING" and table.age < world.seconds(_KNOWN):
        raise world.not_found(table.name)  # T-234
    return table


def _writable(world: World, params: Json) -> Table:
    table = _known(world, params)
    if table.status == "CREATING":
        raise refusal("table-is-being-created", table=table.name)
    return table


def _listed(table: Table, arn: str) -> Destination | None:
    return next((entry for entry in table.destinations if entry.arn == arn), None)


def _entry(table: Table, arn: str) -> Destination:
    """The entry of a stream; enabling again flips the same one (T-268)."""
    found = _listed(table, arn)
    if found is None:
        found = Destination(arn)
        table.destinations.append(found)
    return found


def _become(world: World, table: Table, destination: Destination, operation: str, status: str) -> None:
    table.timeline.at(now() + world.seconds(operation), lambda: setattr(destination, "status", status))


def _answer(table: Table, destination: Destination) -> Json:
    return {"TableName": table.name, "StreamArn": destination.arn, "DestinationStatus": destination.status}
