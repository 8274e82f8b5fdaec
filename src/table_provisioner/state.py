"""What a table is right now, in the words of the schema.

Everything that ``DescribeTable`` and its companions spell in several ways is spelled in one way here, so that
comparing is comparing values. What is absent from an answer stands as the default that it means.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from table_provisioner.schema import (
        BillingMode,
        GlobalSecondaryIndex,
        ImportSourceSpecification,
        InsightsMode,
        KeyAttribute,
        LocalSecondaryIndex,
        OnDemandThroughput,
        PointInTimeRecoverySpecification,
        ProvisionedThroughput,
        StreamSpecification,
        TableClass,
        TimestampPrecision,
        TimeToLiveSpecification,
        VectorIndex,
        WarmThroughput,
    )

NOT_FOUND = "NOT_FOUND"
UNKNOWN = "UNKNOWN"
ACTIVE = "ACTIVE"
CREATING = "CREATING"
DELETING = "DELETING"
_Definition = TypeVar("_Definition", "GlobalSecondaryIndex", "VectorIndex")
_UNREADABLE = frozenset({CREATING, DELETING})


class Rest(IntEnum):
    """How much of a table has come to rest; each level includes those before it."""

    READABLE = 1
    """Its tags and settings can be read and its tags be written: it is neither being created nor deleted."""
    ACTIVE = 2
    """``TableStatus`` says so, which does not mean idle (T-069, T-148)."""
    TABLE = 3
    """No change of encryption or warm throughput is at work, either."""
    ALL_BUT_NEW_INDEXES = 4
    """No index is being deleted, updated or warmed, no insights or streams switched, and a stream has its ARN, too."""
    EVERYTHING = 5
    """No index is being created or filled, either."""


@dataclass(frozen=True, slots=True)
class IndexState(Generic[_Definition]):
    """A global secondary or a vector index as it is.

    Attributes:
        definition: What defines it, and its throughput.
        status: ``IndexStatus``.
        is_warming: Whether its warm throughput is being raised.
        is_backfilling: Whether it is being filled from the items that are there, the long part of its creation.
            Searches in a vector index fail until it is done.
    """

    definition: _Definition
    status: str = ACTIVE
    is_warming: bool = False
    is_backfilling: bool = False

    @property
    def is_going(self) -> bool:
        """Whether the index is being deleted."""
        return self.status == DELETING

    @property
    def is_being_built(self) -> bool:
        """Whether it is new, and not in use yet."""
        return self.status == CREATING or (self.is_backfilling and not self.is_going)

    @property
    def obstacle(self) -> str:
        """What there is to wait for, in words; empty where the index is at rest."""
        name = self.definition.index_name
        if self.status != ACTIVE:
            return f"index '{name}' is {self.status}" + (", being filled" if self.is_backfilling else "")
        if self.is_backfilling:
            return f"index '{name}' is being filled"
        return f"index '{name}' is being warmed" if self.is_warming else ""


@dataclass(frozen=True, slots=True)
class Decreases:
    """How often capacity was lowered.

    Attributes:
        today: How often in this UTC day.
        last_at: When last, in epoch seconds.
    """

    today: int
    last_at: float


@dataclass(frozen=True, slots=True)
class InsightsState:
    """Contributor insights of the table or of one index.

    Attributes:
        status: ``ContributorInsightsStatus``.
        mode: How keys are counted; ``None`` where they are not.
        failure: Why they are not although that was asked for; empty otherwise.
    """

    status: str
    mode: InsightsMode | None
    failure: str = ""

    @property
    def is_moving(self) -> bool:
        """Whether they are being switched."""
        return self.status in {"ENABLING", "DISABLING"}


@dataclass(frozen=True, slots=True)
class KinesisDestination:
    """A Kinesis stream to which the table sends, or was told to send, its changes.

    Attributes:
        stream_arn: The stream.
        status: ``DestinationStatus``.
        precision: Of the times in the records.
        failure: Why it is not sent to although that was asked for; empty otherwise.
    """

    stream_arn: str
    status: str
    precision: TimestampPrecision
    failure: str = ""

    @property
    def is_moving(self) -> bool:
        """Whether it is being switched."""
        return self.status in {"ENABLING", "DISABLING", "UPDATING"}

    @property
    def is_live(self) -> bool:
        """Whether changes are sent there, or soon are; those that were disabled stay listed (T-268)."""
        return self.status in {"ENABLING", ACTIVE, "UPDATING"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportState:
    """The import by which a table was made.

    Attributes:
        table_id: Of the table.
        client_token: What the request called it by.
        status: ``ImportStatus``.
        source: What was imported, and how it was written.
        ended_at: Epoch seconds; ``None`` while it is at work.
        failure: Why it came to nothing; empty where it did not.
        errors: How many objects or items could not be imported.
    """

    table_id: str
    client_token: str
    status: str
    source: ImportSourceSpecification
    ended_at: float | None = None
    failure: str = ""
    errors: int = 0

    @property
    def is_at_work(self) -> bool:
        """Whether it goes on."""
        return self.status in {"IN_PROGRESS", "CANCELLING"}


TABLE = ""
"""Stands for the table itself where others stand for its indexes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableState:
    """A table as it is.

    Attributes:
        created_at: Epoch seconds.
        stream_arn: Of the live stream; empty where there is none.
        encryption_key_arn: ``None`` for the key that DynamoDB owns.
        decreases: Of capacity, by index name, and under ``TABLE`` for the table; only where there were some.
        on_demand_since: When billing was last switched to on-demand, in epoch seconds; ``None`` where it never was.
        on_demand_throughput: ``None`` where capacity is provisioned.
        time_to_live: ``None`` where it was not read, as for all that follow.
        insights: By index name, and under ``TABLE`` for the table; only those that were read.
        kinesis: The destinations, live and failed.
        resource_policy: The document; empty where there is none.
        stream_policy: The same for the stream.
        stream_tags: All tags of the stream.
        tags: All of them, ours included.
    """

    table_name: str
    table_arn: str
    table_id: str
    status: str
    created_at: float
    partition_key: tuple[KeyAttribute, ...]
    sort_key: tuple[KeyAttribute, ...]
    billing_mode: BillingMode
    provisioned_throughput: ProvisionedThroughput | None
    on_demand_throughput: OnDemandThroughput
    warm_throughput: WarmThroughput | None
    indexes: tuple[IndexState[GlobalSecondaryIndex], ...]
    local_indexes: tuple[LocalSecondaryIndex, ...]
    stream: StreamSpecification | None
    stream_arn: str
    encryption_key_arn: str | None
    table_class: TableClass
    is_deletion_protected: bool
    vector_indexes: tuple[IndexState[VectorIndex], ...] = ()
    is_encrypting: bool = False
    is_warming: bool = False
    decreases: Mapping[str, Decreases] = field(default_factory=dict, hash=False)
    on_demand_since: float | None = None
    time_to_live: TimeToLiveSpecification | None = None
    point_in_time_recovery: PointInTimeRecoverySpecification | None = None
    insights: Mapping[str, InsightsState] | None = field(default=None, hash=False)
    kinesis: tuple[KinesisDestination, ...] | None = None
    resource_policy: str | None = None
    stream_policy: str | None = None
    stream_tags: Mapping[str, str] | None = field(default=None, hash=False)
    tags: Mapping[str, str] | None = field(default=None, hash=False)

    @property
    def index_definitions(self) -> dict[str, GlobalSecondaryIndex]:
        """The global secondary indexes that exist or are being built, by name."""
        return {index.definition.index_name: index.definition for index in self.indexes if not index.is_going}

    @property
    def vector_index_definitions(self) -> dict[str, VectorIndex]:
        """The vector indexes that exist or are being built, by name."""
        return {index.definition.index_name: index.definition for index in self.vector_indexes if not index.is_going}

    @property
    def _all_indexes(self) -> tuple[IndexState[GlobalSecondaryIndex] | IndexState[VectorIndex], ...]:
        return (*self.indexes, *self.vector_indexes)

    def is_index_active(self, index_name: str) -> bool:
        """Whether there is an index of that name, in use."""
        return any(index.definition.index_name == index_name and index.status == ACTIVE for index in self.indexes)

    def is_at(self, rest: Rest) -> bool:
        """Whether the table has come to rest that far."""
        return not self.obstacles(rest)

    def obstacles(self, rest: Rest) -> tuple[str, ...]:
        """What there is to wait for, in words, until the table has come to rest that far."""
        found = []
        if self.status in _UNREADABLE or (rest >= Rest.ACTIVE and self.status != ACTIVE):
            found.append(f"the table is {self.status}")
        if rest >= Rest.TABLE:
            found += ["its encryption is being changed"] if self.is_encrypting else []
            found += ["it is being warmed"] if self.is_warming else []
        if rest >= Rest.ALL_BUT_NEW_INDEXES:
            found += [
                index.obstacle
                for index in self._all_indexes
                if index.obstacle and (rest >= Rest.EVERYTHING or not index.is_being_built)
            ]
            found += [
                f"contributor insights of {name or 'the table'} are {insights.status}"
                for name, insights in (self.insights or {}).items()
                if insights.is_moving
            ]
            found += [f"Kinesis stream {one.stream_arn} is {one.status}" for one in self.kinesis or () if one.is_moving]
            found += ["its stream has no ARN yet"] if self.stream and not self.stream_arn else []
        return tuple(found)
