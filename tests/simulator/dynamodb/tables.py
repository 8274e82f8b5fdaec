"""A table: what it is, what is at work on it, and how DescribeTable shows it."""

from __future__ import annotations

import json
import math
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulator.dynamodb import key_schema
from tests.simulator.dynamodb.continuous_backups import PointInTimeRecovery
from tests.simulator.dynamodb.deletion_protection import DeletionProtection
from tests.simulator.dynamodb.encryption import Encryption
from tests.simulator.dynamodb.jobs import SHOWN_AS_UPDATING, Job, Running
from tests.simulator.dynamodb.streams import Stream
from tests.simulator.dynamodb.table_class import TableClass
from tests.simulator.dynamodb.tags import Tags
from tests.simulator.dynamodb.throughput import Billing, Capacity
from tests.simulator.dynamodb.time_to_live import TimeToLive
from tests.simulator.dynamodb.timeline import now
from tests.simulator.dynamodb.warm_throughput import Warm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.simulator.dynamodb.contributor_insights import Insights
    from tests.simulator.dynamodb.indexes import Index
    from tests.simulator.dynamodb.kinesis import Destination
    from tests.simulator.dynamodb.resource_policies import PolicySlot
    from tests.simulator.dynamodb.timeline import Timeline
    from tests.simulator.dynamodb.vector_indexes import VectorIndex
    from tests.simulator.dynamodb.wire import Json


@dataclass
class Table:
    """One incarnation of a table; a later one of the same name has another ``table_id``."""

    name: str
    arn: str
    timeline: Timeline
    key_schema: list[Json]
    attributes: dict[str, str]
    billing: Billing
    table_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created_at: float = field(default_factory=now)
    active_at: float = math.inf
    deleted_at: float = math.inf
    is_gone: bool = False
    jobs: list[Job] = field(default_factory=list)
    capacity: Capacity = field(default_factory=Capacity)
    on_demand: dict[str, int] = field(default_factory=dict)
    warm: Warm = field(default_factory=Warm)
    stream: Stream = field(default_factory=Stream)
    encryption: Encryption = field(default_factory=Encryption)
    table_class: TableClass = field(default_factory=TableClass)
    deletion_protection: DeletionProtection = field(default_factory=DeletionProtection)
    indexes: dict[str, Index] = field(default_factory=dict)
    local_indexes: list[Json] = field(default_factory=list)
    vector_indexes: dict[str, VectorIndex] = field(default_factory=dict)
    tags: Tags = field(default_factory=Tags)
    time_to_live: TimeToLive = field(default_factory=TimeToLive)
    recovery: PointInTimeRecovery = field(default_factory=PointInTimeRecovery)
    insights: dict[str, Insights] = field(default_factory=dict)
    destinations: list[Destination] = field(default_factory=list)
    policies: dict[str, PolicySlot] = field(default_factory=dict)
    items: dict[str, Json] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """The ``TableStatus``, which shows some of the jobs and hides the others."""
        running = {job.running for job in self.jobs if not job.is_hidden}
        if Running.DELETING in running:
            return "DELETING"
        if Running.CREATING in running:
            return "CREATING"
        if running & SHOWN_AS_UPDATING:
            return "UPDATING"
        if self.encryption.inaccessible_since is not None:
            return "ARCHIVED" if self.encryption.is_archived else "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
        return "ACTIVE"

    @property
    def age(self) -> float:
        """Seconds since CreateTable."""
        return now() - self.created_at

    @property
    def seconds_since_deletion(self) -> float:
        """Seconds since DeleteTable; negative infinity before."""
        return now() - self.deleted_at

    def start(
        self,
        running: Running,
        seconds: float,
        finish: Callable[[], None] | None = None,
        *,
        subject: str = "",
        **details: str,
    ) -> None:
        """Put a job to work; ``finish`` happens at its end, unless it is stopped before."""
        job = Job(running, now() + seconds, subject, details)
        self.jobs.append(job)

        def end() -> None:
            if job in self.jobs:
                self.jobs.remove(job)
                if finish is not None:
                    finish()

        self.timeline.at(job.ends, end)

    def stop(self, running: Running, subject: str = "") -> None:
        """Drop jobs of this kind: they never finish."""
        self.jobs = [job for job in self.jobs if (job.running, job.subject) != (running, subject)]

    def hide(self, running: Running) -> None:
        """Let jobs of this kind go on unseen."""
        for job in self.jobs:
            job.is_hidden = job.is_hidden or job.running is running

    def is_running(self, running: Running, subject: str | None = None) -> bool:
        """Whether such a job is at work; of any subject when none is given."""
        return any(job.running is running and subject in {None, job.subject} for job in self.jobs)

    def is_index_at_work(self, *, except_for: str) -> bool:
        """Whether another index is being created or deleted: one at a time (T-159)."""
        return any(status in {"CREATING", "DELETING"} and name != except_for for name, status in self._index_states())

    def _index_states(self) -> Iterator[tuple[str, str]]:
        for name, index in self.indexes.items():
            yield name, index.status
        for name, vector_index in self.vector_indexes.items():
            yield name, vector_index.status

    def local_index(self, name: str) -> Json | None:
        """The local index of that name."""
        return next((index for index in self.local_indexes if index["IndexName"] == name), None)

    def prune_attributes(self) -> None:
        """Forget definitions that no key uses any more (T-151)."""
        keys = [self.key_schema, *(index.key_schema for index in self.indexes.values())]
        keys += [index["KeySchema"] for index in self.local_indexes]
        keys += [index.definition.get("SearchSchema") or [] for index in self.vector_indexes.values()]
        used = {name for key in keys for name in key_schema.names(key)}
        self.attributes = {name: kind for name, kind in self.attributes.items() if name in used}

    def describe(self) -> Json:
        """The ``TableDescription``; a copy, safe to keep."""
        shown = {
            "TableName": self.name,
            "TableArn": self.arn,
            "TableId": self.table_id,
            "TableStatus": self.status,
            "CreationDateTime": self.created_at,
            "AttributeDefinitions": self._describe_attributes(),
            "KeySchema": self.key_schema,
            "ItemCount": len(self.items),
            "TableSizeBytes": sum(len(json.dumps(item)) for item in self.items.values()),
            "BillingModeSummary": self.billing.describe(),
            "ProvisionedThroughput": self.capacity.describe(),
            "OnDemandThroughput": dict(self.on_demand) or None,
            "WarmThroughput": self.warm.describe(),
            "SSEDescription": self.encryption.describe(),
            "TableClassSummary": self.table_class.describe(),
            "DeletionProtectionEnabled": self.deletion_protection.is_on,
            "GlobalSecondaryIndexes": [index.describe(len(self.items)) for index in self.indexes.values()] or None,
            "LocalSecondaryIndexes": [self._describe_local(index) for index in self.local_indexes] or None,
            "VectorIndexes": [index.describe(len(self.items)) for index in self.vector_indexes.values()] or None,
            **self.stream.describe(self.arn),
        }
        described: Json = json.loads(json.dumps({key: value for key, value in shown.items() if value is not None}))
        return described

    def _describe_attributes(self) -> list[Json]:
        """The definitions, sorted by name (T-125)."""
        return [{"AttributeName": name, "AttributeType": self.attributes[name]} for name in sorted(self.attributes)]

    def _describe_local(self, index: Json) -> Json:
        return {
            "IndexName": index["IndexName"],
            "KeySchema": index["KeySchema"],
            "Projection": key_schema.normal_projection(index["Projection"]),
            "IndexSizeBytes": 0,
            "ItemCount": len(self.items),
            "IndexArn": f"{self.arn}/index/{index['IndexName']}",
        }
