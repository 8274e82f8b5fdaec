"""What can be at work on a table, and what it does to ``TableStatus``."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final


class Running(Enum):
    """A job on a table: the rows of the conflict table."""

    CREATING = "CREATING"
    THROUGHPUT = "ProvisionedThroughput"
    TO_PROVISIONED = "PAY_PER_REQUEST -> PROVISIONED"
    TO_ON_DEMAND = "PROVISIONED -> PAY_PER_REQUEST"
    STREAM = "StreamSpecification"
    TABLE_CLASS = "TableClass"
    ENCRYPTION = "SSESpecification"
    WARM = "WarmThroughput"
    INDEX_ALLOCATION = "index creation, resource allocation"
    INDEX_BACKFILL = "index creation, backfill"
    INDEX_DELETION = "index deletion"
    INDEX_UPDATE = "index update"
    TAGS = "tag write"
    POLICY = "resource policy write"
    DELETING = "DELETING"


SHOWN_AS_UPDATING: Final = {
    Running.THROUGHPUT,
    Running.TO_PROVISIONED,
    Running.TO_ON_DEMAND,
    Running.STREAM,
    Running.TABLE_CLASS,
    Running.INDEX_ALLOCATION,
    Running.INDEX_DELETION,
}
"""The jobs that ``TableStatus`` shows; all others run under ACTIVE (T-069, T-150, T-172, T-348, T-410)."""


@dataclass(eq=False)
class Job:
    """Something at work on a table until ``ends`` (epoch seconds).

    ``details`` go into the texts of what is refused meanwhile. A hidden job no longer
    shows in ``TableStatus`` and blocks nothing, but still completes (T-287, T-450).
    """

    running: Running
    ends: float
    subject: str = ""
    details: dict[str, str] = field(default_factory=dict)
    is_hidden: bool = False
