"""The changes that can be made to a table: each is one call to AWS, and a value that can say what it is.

Durations are the usual ones, in seconds, from the ``docs/api-quirks`` notes of aws-controllers-k8s/dynamodb-controller,
measured there on tables with hardly an item; the backfill of an index takes longer the more items there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from table_provisioner.state import Rest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from table_provisioner.schema import (
        AttributeType,
        BillingMode,
        GlobalSecondaryIndex,
        InsightsMode,
        OnDemandThroughput,
        PointInTimeRecoverySpecification,
        ProvisionedThroughput,
        SSESpecification,
        StreamViewType,
        TableClass,
        TableSchema,
        TimestampPrecision,
        VectorIndex,
        WarmThroughput,
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One change.

    Attributes:
        waits_for: How far the table must have come to rest before.
        usual_seconds: How long it usually is at work afterwards.
        why: Why it is in a plan, or what it means; empty where the step says it all.
        interruption: What stops working meanwhile, or for good; empty where nothing does.
        is_destructive: Whether something is lost that the same template would not bring back at once.
    """

    waits_for: ClassVar[Rest] = Rest.EVERYTHING
    usual_seconds: ClassVar[int] = 0
    why: ClassVar[str] = "what is declared differs from what is there"
    interruption: ClassVar[str] = ""
    is_destructive: ClassVar[bool] = False

    def __str__(self) -> str:
        """The change as a phrase: ``create index 'by-email'``."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class CreateTable(Step):
    """Create the table with all that ``CreateTable`` takes: indexes, stream, encryption, class, protection, tags."""

    schema: TableSchema
    tags: Mapping[str, str] = field(hash=False)
    usual_seconds: ClassVar[int] = 16
    why: ClassVar[str] = "one call makes all of the table that is not listed below"

    def __str__(self) -> str:
        """Name the table."""
        return f"create table '{self.schema.table_name}'"


@dataclass(frozen=True, slots=True)
class ImportTable(Step):
    """Create the table from objects in S3; it is ``CREATING`` until all are read, which may take hours.

    ``ImportTable`` takes less than ``CreateTable``: what is missing, the tags among it, follows in steps of its own.

    Attributes:
        schema: The table, with an import source.
        client_token: Says whose the import is; any when absent.
    """

    schema: TableSchema
    client_token: str | None = None
    usual_seconds: ClassVar[int] = 600
    """Nobody has measured it; the size of the source decides."""
    why: ClassVar[str] = "the table is made from the objects there: the more, the longer it takes"

    def __str__(self) -> str:
        """Name the table and the source."""
        return f"import table '{self.schema.table_name}' from {self.schema.import_source_specification}"


@dataclass(frozen=True, slots=True)
class TagTable(Step):
    """Set tags: all of them in one call, because each call locks the tags for 2 to 3 s (T-172)."""

    tags: Mapping[str, str] = field(hash=False)
    waits_for: ClassVar[Rest] = Rest.READABLE
    usual_seconds: ClassVar[int] = 2
    why: ClassVar[str] = "declared, and not so on the table"

    def __str__(self) -> str:
        """Name the keys."""
        return f"set tags {', '.join(sorted(self.tags))}"


@dataclass(frozen=True, slots=True)
class UntagTable(Step):
    """Remove tags."""

    keys: tuple[str, ...]
    waits_for: ClassVar[Rest] = Rest.READABLE
    usual_seconds: ClassVar[int] = 2
    why: ClassVar[str] = "no longer wanted"

    def __str__(self) -> str:
        """Name the keys."""
        return f"remove tags {', '.join(self.keys)}"


@dataclass(frozen=True, slots=True)
class TagStream(Step):
    """Set tags of the stream, which are no tags of the table (T-373): all of them in one call, as there."""

    tags: Mapping[str, str] = field(hash=False)
    waits_for: ClassVar[Rest] = Rest.ACTIVE
    usual_seconds: ClassVar[int] = 2
    why: ClassVar[str] = "declared, and not so on the stream"

    def __str__(self) -> str:
        """Name the keys."""
        return f"set tags {', '.join(sorted(self.tags))} of the stream"


@dataclass(frozen=True, slots=True)
class UntagStream(Step):
    """Remove tags of the stream."""

    keys: tuple[str, ...]
    waits_for: ClassVar[Rest] = Rest.ACTIVE
    usual_seconds: ClassVar[int] = 2
    why: ClassVar[str] = "no longer wanted"

    def __str__(self) -> str:
        """Name the keys."""
        return f"remove tags {', '.join(self.keys)} of the stream"


@dataclass(frozen=True, slots=True)
class SetDeletionProtection(Step):
    """Switch deletion protection; admitted while almost anything else is at work (T-017)."""

    is_enabled: bool
    waits_for: ClassVar[Rest] = Rest.ACTIVE

    def __str__(self) -> str:
        """On or off."""
        return f"turn deletion protection {_on_or_off(self.is_enabled)}"


@dataclass(frozen=True, slots=True)
class DeleteIndex(Step):
    """Delete a global secondary index, which may be one that is still being filled (T-149)."""

    index_name: str
    waits_for: ClassVar[Rest] = Rest.TABLE
    usual_seconds: ClassVar[int] = 5
    is_destructive: ClassVar[bool] = True
    why: ClassVar[str] = "no longer declared, or with another key or projection, which cannot be changed in place"
    interruption: ClassVar[str] = "queries on it fail until it is back"

    def __str__(self) -> str:
        """Name the index."""
        return f"delete index '{self.index_name}'"


@dataclass(frozen=True, slots=True)
class CreateIndex(Step):
    """Add a global secondary index and backfill it.

    Attributes:
        index: The index; with capacity only where the table's is provisioned.
        attribute_types: The types of the attributes of its key.
    """

    index: GlobalSecondaryIndex
    attribute_types: Mapping[str, AttributeType] = field(hash=False)
    usual_seconds: ClassVar[int] = 515
    why: ClassVar[str] = "declared, and not there; it is filled from the items: the more, the longer it takes"

    def __str__(self) -> str:
        """Name the index."""
        return f"create index '{self.index.index_name}'"


@dataclass(frozen=True, slots=True)
class DeleteVectorIndex(Step):
    """Delete a vector index, which may be one that is still being filled."""

    index_name: str
    waits_for: ClassVar[Rest] = Rest.TABLE
    usual_seconds: ClassVar[int] = 5
    is_destructive: ClassVar[bool] = True
    why: ClassVar[str] = "no longer declared, or otherwise, which cannot be changed in place"
    interruption: ClassVar[str] = "searches in it fail until it is back"

    def __str__(self) -> str:
        """Name the index."""
        return f"delete vector index '{self.index_name}'"


@dataclass(frozen=True, slots=True)
class CreateVectorIndex(Step):
    """Add a vector index and backfill it; the table allows one such change, of vector and global indexes, at a time.

    ExtendDB measured 511.5 s with 3,000 items, the Agent Toolkit for AWS 513 s with six.

    Attributes:
        index: The index.
    """

    index: VectorIndex
    usual_seconds: ClassVar[int] = 515
    why: ClassVar[str] = "declared, and not there; it can be searched once it is filled from the items"

    def __str__(self) -> str:
        """Name the index."""
        return f"create vector index '{self.index.index_name}'"


@dataclass(frozen=True, slots=True)
class SwitchBillingMode(Step):
    """Change how the table is paid for.

    To provisioned capacity takes the capacity of the table and of every live index, in the same call (T-152); to
    on-demand may take the maxima of the table (T-433).
    """

    billing_mode: BillingMode
    table: ProvisionedThroughput | None = None
    indexes: Mapping[str, ProvisionedThroughput] = field(default_factory=dict, hash=False)
    maximum: OnDemandThroughput | None = None
    usual_seconds: ClassVar[int] = 130

    def __str__(self) -> str:
        """Name the mode, and the maxima that come with it."""
        limits = f" with maxima of {_maxima(self.maximum)}" if self.maximum else ""
        return f"switch billing to {self.billing_mode}{limits}"


@dataclass(frozen=True, slots=True)
class ChangeCapacity(Step):
    """Change provisioned capacity of the table, of indexes, or of both in one call."""

    table: ProvisionedThroughput | None
    indexes: Mapping[str, ProvisionedThroughput] = field(hash=False)
    usual_seconds: ClassVar[int] = 2

    def __str__(self) -> str:
        """Name what changes."""
        names = (["the table"] if self.table else []) + [f"index '{name}'" for name in sorted(self.indexes)]
        return f"change capacity of {', '.join(names)}"


@dataclass(frozen=True, slots=True)
class LimitOnDemandThroughput(Step):
    """Set or clear the on-demand maxima of the table."""

    maximum: OnDemandThroughput

    def __str__(self) -> str:
        """Name the maxima."""
        return f"set on-demand maxima of the table to {_maxima(self.maximum)}"


@dataclass(frozen=True, slots=True)
class LimitIndexOnDemandThroughput(Step):
    """Set or clear the on-demand maxima of one index."""

    index_name: str
    maximum: OnDemandThroughput
    usual_seconds: ClassVar[int] = 2

    def __str__(self) -> str:
        """Name the index and the maxima."""
        return f"set on-demand maxima of index '{self.index_name}' to {_maxima(self.maximum)}"


@dataclass(frozen=True, slots=True)
class WarmTable(Step):
    """Raise the warm throughput of the table; it cannot be lowered (T-179)."""

    throughput: WarmThroughput
    usual_seconds: ClassVar[int] = 440
    why: ClassVar[str] = "more is declared than there is; it cannot be lowered again"

    def __str__(self) -> str:
        """Name the units."""
        return f"warm the table to {_warmth(self.throughput)}"


@dataclass(frozen=True, slots=True)
class WarmIndex(Step):
    """Raise the warm throughput of one index."""

    index_name: str
    throughput: WarmThroughput
    usual_seconds: ClassVar[int] = 388
    why: ClassVar[str] = "more is declared than there is; it cannot be lowered again"

    def __str__(self) -> str:
        """Name the index and the units."""
        return f"warm index '{self.index_name}' to {_warmth(self.throughput)}"


@dataclass(frozen=True, slots=True)
class ChangeTableClass(Step):
    """Change the storage class; DynamoDB allows it twice in 30 days (T-283)."""

    table_class: TableClass
    usual_seconds: ClassVar[int] = 4
    why: ClassVar[str] = "what is declared differs from what is there; DynamoDB allows it twice in 30 days"

    def __str__(self) -> str:
        """Name the class."""
        return f"change table class to {self.table_class}"


@dataclass(frozen=True, slots=True)
class ChangeEncryption(Step):
    """Encrypt with another key; DynamoDB allows it four times a day (T-081)."""

    specification: SSESpecification
    usual_seconds: ClassVar[int] = 22
    why: ClassVar[str] = "what is declared differs from what is there; DynamoDB allows it four times a day"

    def __str__(self) -> str:
        """Name the key."""
        if not self.specification.sse_enabled:
            return "encrypt with the key that DynamoDB owns"
        return f"encrypt with {self.specification.kms_master_key_id or 'the AWS managed key'}"


@dataclass(frozen=True, slots=True)
class DisableStream(Step):
    """Turn the stream off. Its records stay readable for a day; it never comes back under its ARN."""

    usual_seconds: ClassVar[int] = 5
    is_destructive: ClassVar[bool] = True
    why: ClassVar[str] = "another view is declared"
    interruption: ClassVar[str] = "its ARN never comes back: consumers have to move to the new one"

    def __str__(self) -> str:
        """Say so."""
        return "turn the stream off"


@dataclass(frozen=True, slots=True)
class EnableStream(Step):
    """Turn a new stream on."""

    view_type: StreamViewType
    usual_seconds: ClassVar[int] = 5
    why: ClassVar[str] = "declared, and not there"

    def __str__(self) -> str:
        """Name the view."""
        return f"turn a stream on with {self.view_type}"


@dataclass(frozen=True, slots=True)
class SetPointInTimeRecovery(Step):
    """Turn continuous backups on or off, or change how long they are kept."""

    specification: PointInTimeRecoverySpecification
    waits_for: ClassVar[Rest] = Rest.ACTIVE

    @property
    def _is_enabled(self) -> bool:
        return self.specification.point_in_time_recovery_enabled

    def __str__(self) -> str:
        """On or off."""
        return f"turn point-in-time recovery {_on_or_off(self._is_enabled)}"


@dataclass(frozen=True, slots=True)
class SetContributorInsights(Step):
    """Have the most used keys of the table or of one index counted, or not.

    Attributes:
        index_name: The index; ``TABLE`` for the table.
        mode: How to count; ``None`` not to.
    """

    index_name: str
    mode: InsightsMode | None
    usual_seconds: ClassVar[int] = 1

    def __str__(self) -> str:
        """Name the index and the mode."""
        what = f"index '{self.index_name}'" if self.index_name else "the table"
        return f"turn contributor insights of {what} {f'on with {self.mode}' if self.mode else 'off'}"


@dataclass(frozen=True, slots=True)
class EnableKinesisStream(Step):
    """Send every change of an item to a Kinesis stream."""

    stream_arn: str
    precision: TimestampPrecision
    usual_seconds: ClassVar[int] = 6
    why: ClassVar[str] = "declared, and not there"

    def __str__(self) -> str:
        """Name the stream."""
        return f"send changes to Kinesis stream {self.stream_arn}"


@dataclass(frozen=True, slots=True)
class DisableKinesisStream(Step):
    """Send no more changes to a Kinesis stream."""

    stream_arn: str
    usual_seconds: ClassVar[int] = 2
    why: ClassVar[str] = "another stream is declared, or none"
    interruption: ClassVar[str] = "it gets no more changes"

    def __str__(self) -> str:
        """Name the stream."""
        return f"send no more changes to Kinesis stream {self.stream_arn}"


@dataclass(frozen=True, slots=True)
class ChangeKinesisPrecision(Step):
    """Change how exact the times in the records are."""

    stream_arn: str
    precision: TimestampPrecision
    usual_seconds: ClassVar[int] = 138

    def __str__(self) -> str:
        """Name the precision."""
        return f"change the precision of Kinesis stream {self.stream_arn} to {self.precision}"


@dataclass(frozen=True, slots=True)
class PutResourcePolicy(Step):
    """Say who else may use the table or its stream; one change in 15 s is taken (T-206)."""

    policy: str
    is_for_stream: bool = False
    waits_for: ClassVar[Rest] = Rest.READABLE
    usual_seconds: ClassVar[int] = 2

    def __str__(self) -> str:
        """Name what it is for."""
        return f"set the resource policy of {'the stream' if self.is_for_stream else 'the table'}"


@dataclass(frozen=True, slots=True)
class DeleteResourcePolicy(Step):
    """Nobody else may use the table or its stream."""

    is_for_stream: bool = False
    waits_for: ClassVar[Rest] = Rest.READABLE
    usual_seconds: ClassVar[int] = 2
    why: ClassVar[str] = "no longer declared"
    interruption: ClassVar[str] = "whoever has access by it alone loses it"

    def __str__(self) -> str:
        """Name what it was for."""
        return f"remove the resource policy of {'the stream' if self.is_for_stream else 'the table'}"


@dataclass(frozen=True, slots=True)
class EnableTimeToLive(Step):
    """Expire items by an attribute. DynamoDB takes one TTL change in about half an hour (T-143)."""

    attribute_name: str
    waits_for: ClassVar[Rest] = Rest.ACTIVE
    usual_seconds: ClassVar[int] = 1
    why: ClassVar[str] = "declared, and not so; DynamoDB takes one such change in about half an hour"

    def __str__(self) -> str:
        """Name the attribute."""
        return f"turn time to live on with '{self.attribute_name}'"


@dataclass(frozen=True, slots=True)
class ReenableTimeToLive(EnableTimeToLive):
    """Expire items by another attribute than before: once more half an hour after the first one went off.

    A second change was refused for 1,812 s and accepted 60 s later (T-143).
    """

    usual_seconds: ClassVar[int] = 1_860
    why: ClassVar[str] = "another attribute takes two changes, and DynamoDB takes one in about half an hour"


@dataclass(frozen=True, slots=True)
class DisableTimeToLive(Step):
    """Stop expiring items."""

    attribute_name: str
    waits_for: ClassVar[Rest] = Rest.ACTIVE
    usual_seconds: ClassVar[int] = 1
    interruption: ClassVar[str] = "items do not expire until it is on again"

    def __str__(self) -> str:
        """Name the attribute."""
        return f"turn time to live off with '{self.attribute_name}'"


@dataclass(frozen=True, slots=True)
class CreateBackup(Step):
    """Take an on-demand backup, which outlives the table."""

    backup_name: str
    waits_for: ClassVar[Rest] = Rest.ACTIVE
    why: ClassVar[str] = ""

    def __str__(self) -> str:
        """Name the backup."""
        return f"take the backup '{self.backup_name}'"


@dataclass(frozen=True, slots=True)
class DeleteTable(Step):
    """Delete the table and all its items."""

    usual_seconds: ClassVar[int] = 5
    is_destructive: ClassVar[bool] = True
    why: ClassVar[str] = ""

    def __str__(self) -> str:
        """Say so."""
        return "delete the table"


def _on_or_off(is_enabled: bool) -> str:  # noqa: FBT001 -- the flag is what is put into words
    return "on" if is_enabled else "off"


def _maxima(maximum: OnDemandThroughput) -> str:
    return f"{maximum.max_read_request_units} reads and {maximum.max_write_request_units} writes a second"


def _warmth(throughput: WarmThroughput) -> str:
    return f"{throughput.read_units_per_second} reads and {throughput.write_units_per_second} writes a second"
