"""What a table refuses while something is at work on it, as one table.

Rows are what runs, columns what is attempted; a cell is the name of the refusal (see
``data/error_texts.json``), OK, or UNOBSERVED. Sources by row: CREATING T-001; capacity
T-063, T-175, T-370, T-462; billing T-369, T-450, T-452, T-462, T-174, T-234; stream T-002,
T-119, T-175, T-444; class T-284, T-286, T-287, T-450; encryption T-065, T-120, T-175; warm
throughput T-069, T-175, T-459; indexes T-149, T-150, T-159, T-163, T-375, T-376, T-458,
T-135; tags T-172, T-103; policy T-348; DELETING T-122, T-455, T-006.

What one index refuses while another is at work is in ``indexes.py``.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.jobs import SHOWN_AS_UPDATING, Running

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.simulator.dynamodb.jobs import Job
    from tests.simulator.dynamodb.tables import Table


class Attempt(Enum):
    """What a call attempts: the columns of the table."""

    CAPACITY = "ProvisionedThroughput, or a switch to PROVISIONED"
    TO_ON_DEMAND = "a switch to PAY_PER_REQUEST"
    ON_DEMAND_MAXIMUM = "OnDemandThroughput"
    STREAM = "StreamSpecification"
    TABLE_CLASS = "TableClass"
    ENCRYPTION = "SSESpecification"
    WARM = "WarmThroughput"
    DELETION_PROTECTION = "DeletionProtectionEnabled"
    INDEX_CREATION = "index creation"
    INDEX_DELETION = "index deletion"
    DELETE_TABLE = "DeleteTable"


OK: Final = ""
UNOBSERVED: Final = "?"
"""Nobody looked: admitted while the table is ACTIVE, refused while it is UPDATING."""

_BUSY: Final = "table-is-being-updated"
_IOPS: Final = "table-iops-are-being-updated"

CONFLICTS: Final[dict[Running, dict[Attempt, str]]] = {
    Running.CREATING: dict.fromkeys(Attempt, "table-is-being-created"),
    Running.DELETING: dict.fromkeys(Attempt, "table-is-being-deleted"),
    Running.THROUGHPUT: {
        Attempt.CAPACITY: _IOPS,
        Attempt.TO_ON_DEMAND: _IOPS,
        Attempt.STREAM: "stream-while-iops-are-being-updated",
        Attempt.ENCRYPTION: OK,
        Attempt.DELETION_PROTECTION: OK,
        Attempt.INDEX_CREATION: "index-while-iops-are-being-updated",
        Attempt.INDEX_DELETION: "index-while-iops-are-being-updated",
        Attempt.DELETE_TABLE: _BUSY,
    },
    Running.TO_PROVISIONED: {
        Attempt.CAPACITY: _IOPS,
        Attempt.ON_DEMAND_MAXIMUM: "on-demand-while-billing-is-being-updated",
        Attempt.STREAM: "stream-while-iops-are-being-updated",
        Attempt.ENCRYPTION: OK,
        Attempt.WARM: OK,
        Attempt.DELETION_PROTECTION: OK,
        Attempt.INDEX_CREATION: "index-while-iops-are-being-updated",
        Attempt.INDEX_DELETION: "index-while-iops-are-being-updated",
        Attempt.DELETE_TABLE: _BUSY,
    },
    Running.TO_ON_DEMAND: {
        Attempt.CAPACITY: _IOPS,
        Attempt.TO_ON_DEMAND: _IOPS,
        Attempt.STREAM: "stream-while-iops-are-being-updated",
        Attempt.ENCRYPTION: OK,
        Attempt.WARM: OK,
        Attempt.DELETION_PROTECTION: OK,
        Attempt.INDEX_CREATION: "index-while-iops-are-being-updated",
        Attempt.INDEX_DELETION: "index-while-iops-are-being-updated",
        Attempt.DELETE_TABLE: _BUSY,
    },
    Running.STREAM: {
        Attempt.CAPACITY: "iops-while-stream-is-being-updated",
        Attempt.TO_ON_DEMAND: "iops-while-stream-is-being-updated",
        Attempt.ON_DEMAND_MAXIMUM: "on-demand-while-stream-is-being-updated",
        Attempt.STREAM: "stream-while-stream-is-being-updated",
        Attempt.TABLE_CLASS: "class-while-stream-is-being-updated",
        Attempt.ENCRYPTION: OK,
        Attempt.WARM: OK,
        Attempt.DELETION_PROTECTION: OK,
        Attempt.INDEX_CREATION: "index-while-stream-is-being-updated",
        Attempt.INDEX_DELETION: "index-while-stream-is-being-updated",
        Attempt.DELETE_TABLE: "delete-while-stream-is-being-updated",
    },
    Running.TABLE_CLASS: {
        Attempt.ON_DEMAND_MAXIMUM: "on-demand-while-class-is-being-updated",
        Attempt.STREAM: "stream-while-class-is-being-updated",
        Attempt.TABLE_CLASS: "class-while-class-is-being-updated",
        Attempt.ENCRYPTION: OK,
        Attempt.WARM: OK,
        Attempt.DELETION_PROTECTION: OK,
        Attempt.INDEX_CREATION: "index-while-class-is-being-updated",
        Attempt.INDEX_DELETION: "index-while-class-is-being-updated",
        Attempt.DELETE_TABLE: _BUSY,
    },
    Running.ENCRYPTION: {
        Attempt.STREAM: OK,
        Attempt.TABLE_CLASS: OK,
        Attempt.ENCRYPTION: "encryption-is-being-updated",
        Attempt.DELETION_PROTECTION: OK,
        Attempt.INDEX_CREATION: OK,
        Attempt.DELETE_TABLE: _BUSY,
    },
    Running.WARM: {
        Attempt.ON_DEMAND_MAXIMUM: OK,
        Attempt.ENCRYPTION: OK,
        Attempt.WARM: OK,
        Attempt.DELETION_PROTECTION: OK,
        Attempt.INDEX_CREATION: OK,
        Attempt.DELETE_TABLE: _BUSY,
    },
    Running.INDEX_ALLOCATION: {
        Attempt.CAPACITY: "iops-while-index-is-being-created",
        Attempt.TO_ON_DEMAND: "iops-while-index-is-being-created",
        Attempt.ON_DEMAND_MAXIMUM: "on-demand-while-index-is-being-created",
        Attempt.STREAM: "stream-while-index-is-being-created",
        Attempt.ENCRYPTION: OK,
        Attempt.WARM: "system-maintenance",
        Attempt.DELETION_PROTECTION: OK,
        Attempt.INDEX_CREATION: OK,
        Attempt.INDEX_DELETION: OK,
        Attempt.DELETE_TABLE: "delete-while-indexes-are-being-updated",
    },
    Running.INDEX_BACKFILL: {
        Attempt.CAPACITY: OK,
        Attempt.DELETION_PROTECTION: OK,
        Attempt.DELETE_TABLE: "delete-while-indexes-are-being-updated",
    },
    Running.INDEX_DELETION: {
        Attempt.CAPACITY: "iops-while-index-is-being-deleted",
        Attempt.TO_ON_DEMAND: "iops-while-index-is-being-deleted",
        Attempt.ON_DEMAND_MAXIMUM: "on-demand-while-index-is-being-deleted",
        Attempt.ENCRYPTION: OK,
        Attempt.DELETION_PROTECTION: OK,
        Attempt.INDEX_CREATION: OK,
        Attempt.INDEX_DELETION: OK,
        Attempt.DELETE_TABLE: "delete-while-indexes-are-being-updated",
    },
    Running.INDEX_UPDATE: {
        Attempt.DELETE_TABLE: "delete-while-indexes-are-being-updated",
    },
    Running.TAGS: {
        Attempt.CAPACITY: OK,
        Attempt.DELETION_PROTECTION: OK,
        Attempt.DELETE_TABLE: "delete-while-tags-are-being-updated",
    },
    Running.POLICY: {
        Attempt.DELETION_PROTECTION: OK,
        Attempt.DELETE_TABLE: "delete-while-policy-is-pending",
    },
}


def check(table: Table, attempts: Iterable[Attempt]) -> None:
    """Refuse whatever the jobs on a table do not admit."""
    for attempt in attempts:
        for job in table.jobs:
            name = OK if job.is_hidden and attempt is not Attempt.DELETE_TABLE else _cell(job, attempt)
            if name:
                details = {"table": table.name, "index": job.subject} | job.details
                raise refusal(name, **details)


def _cell(job: Job, attempt: Attempt) -> str:
    name = CONFLICTS[job.running].get(attempt, UNOBSERVED)
    if name != UNOBSERVED:
        return name
    return _BUSY if job.running in SHOWN_AS_UPDATING else OK
