"""Which members one UpdateTable call may carry together: rules of the request alone, whatever the table's state.

In order of precedence (T-433); each applies nothing (T-380). Sources T-174, T-382, T-433, T-224.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb.change import IGNORED_WHEN_EMPTY, Change, Member
from tests.simulator.dynamodb.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Collection

_EVERYTHING: Final = frozenset(Member)
_CAPACITY: Final = frozenset({Member.THROUGHPUT, Member.TO_PROVISIONED})
_BILLING: Final = frozenset({Member.TO_PROVISIONED, Member.TO_ON_DEMAND})
_INDEX_LIST: Final = frozenset({Member.INDEX_CREATION, Member.INDEX_DELETION})


@dataclass(frozen=True)
class Rule:
    """``member`` does not go together with any of ``others``."""

    member: Member
    others: frozenset[Member]
    name: str

    def is_broken_by(self, members: Collection[Member]) -> bool:
        """Whether a request with these members breaks the rule."""
        return self.member in members and any(other in members for other in self.others - {self.member})


RULES: Final = (
    Rule(Member.REPLICAS, _EVERYTHING, "replica-must-be-alone"),
    Rule(Member.ENCRYPTION, _EVERYTHING, "encryption-must-be-alone"),
    Rule(Member.TABLE_CLASS, _EVERYTHING, "class-must-be-alone"),
    Rule(Member.DELETION_PROTECTION, _EVERYTHING, "deletion-protection-must-be-alone"),
    Rule(Member.WARM, frozenset({Member.INDEX_CREATION}), "index-creation-with-warm"),
    Rule(Member.WARM, frozenset({Member.ON_DEMAND_MAXIMUM}), "on-demand-only-with-billing"),
    Rule(Member.WARM, _EVERYTHING, "warm-must-be-alone"),
    Rule(Member.TO_ON_DEMAND, frozenset({Member.THROUGHPUT}), "on-demand-takes-no-throughput"),  # T-056
    # Beside index members and plain capacity nobody looked; the text itself says no.
    Rule(Member.ON_DEMAND_MAXIMUM, _EVERYTHING - _BILLING, "on-demand-only-with-billing"),
    Rule(Member.STREAM, _CAPACITY, "stream-with-iops"),
    Rule(Member.INDEX_CREATION, _CAPACITY, "index-with-iops"),
    Rule(Member.INDEX_DELETION, _CAPACITY, "index-with-iops"),
    Rule(Member.STREAM, _INDEX_LIST, "index-with-stream"),
)


def check(change: Change) -> None:
    """Refuse what one request may not carry together."""
    _check_index_entries(change)
    for rule in RULES:
        if rule.is_broken_by(change.members):
            raise refusal(rule.name)
    _check_billing(change)
    if len(change.index_creations) + len(change.index_deletions) > 1:
        raise refusal("one-online-index", table=change.params["TableName"])  # T-159


def check_not_empty(change: Change) -> None:
    """Refuse a request without any concern.

    Runs before existence: on a missing table it is a ValidationException (T-014, T-015).
    """
    if not change.members and not _is_empty_structure(change):
        raise refusal("nothing-to-update")


def check_no_empty_structure(change: Change) -> None:
    """Fail as the service does on ``{}`` alone, but only for a table that exists (T-437, T-448)."""
    if not change.members and _is_empty_structure(change):
        raise refusal("internal-failure")


def _is_empty_structure(change: Change) -> bool:
    return any(change.params.get(name) == {} for name in IGNORED_WHEN_EMPTY)


def _check_index_entries(change: Change) -> None:
    """Refuse malformed entries; an empty list alone counts as absent (T-359, T-160)."""
    if change.params.get("GlobalSecondaryIndexUpdates") == [] and change.members:
        raise refusal("index-updates-are-empty")
    names = []
    for entry in change.index_entries:
        if not entry:
            raise refusal("no-action-in-index-update")
        if len(entry) > 1:
            raise refusal("one-action-per-index-update")
        names += [action["IndexName"] for action in entry.values()]
    for name in names:
        if names.count(name) > 1:
            raise refusal("one-update-per-index", index=name)


def _check_billing(change: Change) -> None:
    if Member.TO_PROVISIONED not in change.members:
        return
    if "ProvisionedThroughput" not in change.params:
        raise refusal("provisioned-needs-throughput")  # T-057
    if Member.ON_DEMAND_MAXIMUM in change.members:
        unit = next(iter(change.params["OnDemandThroughput"]))
        raise refusal("provisioned-takes-no-on-demand-maximum", unit=unit, where="when the table")
