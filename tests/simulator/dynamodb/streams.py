"""DynamoDB Streams: a new stream with each enabling, the last one remembered after disabling."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.jobs import Running
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.change import Change
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.tags import Tags
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World


@dataclass
class Stream:
    """A table's stream; every label that it ever had."""

    view_type: str | None = None
    labels: list[str] = field(default_factory=list)
    tags: dict[str, Tags] = field(default_factory=dict)
    """By label."""

    def describe(self, table_arn: str) -> Json:
        """The stream members of the table description.

        After disabling, the specification is gone and the last ARN stays (T-050, T-029).
        """
        described: Json = {}
        if self.view_type is not None:
            described["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": self.view_type}
        if self.labels:
            described["LatestStreamLabel"] = self.labels[-1]
            described["LatestStreamArn"] = f"{table_arn}/stream/{self.labels[-1]}"
        return described

    def enable(self, view_type: str) -> None:
        """Begin a new stream, labelled with the time (T-050)."""
        self.view_type = view_type
        stamp = datetime.fromtimestamp(now(), UTC)
        self.labels.append(f"{stamp:%Y-%m-%dT%H:%M:%S}.{stamp.microsecond // 1000:03d}")


def check_creation(specification: Json) -> None:
    """Refuse a view type without a stream, and a stream without one, at creation (T-035)."""
    if specification.get("StreamEnabled") and "StreamViewType" not in specification:
        raise refusal("new-stream-needs-view-type")
    if not specification.get("StreamEnabled") and "StreamViewType" in specification:
        raise refusal("no-new-stream-takes-no-view-type")


def at_creation(specification: Json | None) -> Stream:
    """The stream of a new table."""
    stream = Stream()
    if specification and specification["StreamEnabled"]:
        stream.enable(specification["StreamViewType"])
    return stream


def check_shape(specification: Json) -> None:
    """Refuse a view type without a stream, and a stream without one (T-018, T-050)."""
    if specification.get("StreamEnabled") and "StreamViewType" not in specification:
        raise refusal("stream-needs-view-type")
    if not specification.get("StreamEnabled") and "StreamViewType" in specification:
        raise refusal("disabled-stream-takes-no-view-type")


def check(_: World, table: Table, change: Change) -> None:
    """Refuse what is so already; a view type cannot change in place (T-018, T-050)."""
    enables = change.params["StreamSpecification"]["StreamEnabled"]
    if enables and table.stream.view_type is not None:
        raise refusal("stream-is-enabled-already", table=table.name)
    if not enables and table.stream.view_type is None:
        raise refusal("no-stream-to-disable", table=table.name)


def apply(world: World, table: Table, change: Change) -> Json:
    """Start the job; the new specification and ARN show at once (T-180, T-362)."""
    specification = change.params["StreamSpecification"]
    if specification["StreamEnabled"]:
        table.stream.enable(specification["StreamViewType"])
    else:
        table.stream.view_type = None
    table.start(
        Running.STREAM,
        world.seconds("UpdateTable.StreamSpecification"),
        label=table.stream.labels[-1],
        operation="ENABLE" if specification["StreamEnabled"] else "DISABLE",
    )
    return {}
