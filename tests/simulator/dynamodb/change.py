"""One UpdateTable request, and which concerns it touches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.simulator.dynamodb.wire import Json


class Member(Enum):
    """A concern of UpdateTable: rows and columns of the combination matrix."""

    THROUGHPUT = "ProvisionedThroughput"
    TO_PROVISIONED = "BillingMode=PROVISIONED"
    TO_ON_DEMAND = "BillingMode=PAY_PER_REQUEST"
    ON_DEMAND_MAXIMUM = "OnDemandThroughput"
    STREAM = "StreamSpecification"
    ENCRYPTION = "SSESpecification"
    TABLE_CLASS = "TableClass"
    DELETION_PROTECTION = "DeletionProtectionEnabled"
    WARM = "WarmThroughput"
    INDEX_CREATION = "GlobalSecondaryIndexUpdates: Create"
    INDEX_DELETION = "GlobalSecondaryIndexUpdates: Delete"
    INDEX_UPDATE = "GlobalSecondaryIndexUpdates: Update"
    REPLICAS = "ReplicaUpdates"


_PLAIN_MEMBERS: Final = {
    "OnDemandThroughput": Member.ON_DEMAND_MAXIMUM,
    "StreamSpecification": Member.STREAM,
    "SSESpecification": Member.ENCRYPTION,
    "TableClass": Member.TABLE_CLASS,
    "DeletionProtectionEnabled": Member.DELETION_PROTECTION,
    "WarmThroughput": Member.WARM,
    "ReplicaUpdates": Member.REPLICAS,
}
_BILLING_MEMBERS: Final = {
    "PROVISIONED": Member.TO_PROVISIONED,
    "PAY_PER_REQUEST": Member.TO_ON_DEMAND,
}
_INDEX_MEMBERS: Final = {
    "Create": Member.INDEX_CREATION,
    "Delete": Member.INDEX_DELETION,
    "Update": Member.INDEX_UPDATE,
}
IGNORED_WHEN_EMPTY: Final = ("WarmThroughput", "OnDemandThroughput")
"""Empty structures that count as absent beside any other member, and are HTTP 500 alone (T-456)."""


@dataclass(frozen=True)
class Change:
    """The members of an UpdateTable request."""

    params: Json

    @property
    def mode(self) -> str | None:
        """The billing mode that is asked for."""
        mode: str | None = self.params.get("BillingMode")
        return mode

    @cached_property
    def members(self) -> frozenset[Member]:
        """The concerns; AttributeDefinitions are none (T-162, T-358)."""
        plain = {
            member
            for name, member in _PLAIN_MEMBERS.items()
            if name in self.params and not (name in IGNORED_WHEN_EMPTY and not self.params[name])
        }
        indexes = {_INDEX_MEMBERS[action] for entry in self.index_entries for action in entry}
        return frozenset(plain | indexes | self._billing)

    @property
    def _billing(self) -> set[Member]:
        """Capacity and a switch to PROVISIONED are one concern (T-057)."""
        found = {_BILLING_MEMBERS[self.mode]} if self.mode else set()
        if "ProvisionedThroughput" in self.params and Member.TO_PROVISIONED not in found:
            found.add(Member.THROUGHPUT)
        return found

    @property
    def index_entries(self) -> list[Json]:
        """The entries of GlobalSecondaryIndexUpdates."""
        entries: list[Json] = self.params.get("GlobalSecondaryIndexUpdates") or []
        return entries

    @property
    def index_creations(self) -> list[Json]:
        """The indexes to create."""
        return self._index_actions("Create")

    @property
    def index_deletions(self) -> list[Json]:
        """The indexes to delete."""
        return self._index_actions("Delete")

    @property
    def index_updates(self) -> list[Json]:
        """The indexes to update."""
        return self._index_actions("Update")

    def _index_actions(self, kind: str) -> list[Json]:
        return [entry[kind] for entry in self.index_entries if kind in entry]
