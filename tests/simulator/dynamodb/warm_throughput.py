"""Warm throughput of tables and indexes: it only ever rises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb import limits
from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.jobs import Running

if TYPE_CHECKING:
    from tests.simulator.dynamodb.change import Change
    from tests.simulator.dynamodb.indexes import Index
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

ON_DEMAND_READ: Final = 12_000
ON_DEMAND_WRITE: Final = 4_000
_MEMBERS: Final = ("ReadUnitsPerSecond", "WriteUnitsPerSecond")
_UNITS: Final = dict(zip(_MEMBERS, ("ReadCapacityUnits", "WriteCapacityUnits"), strict=True))


@dataclass
class Warm:
    """What a table or index can take at once, in units a second."""

    read: int = 0
    write: int = 0
    status: str | None = None
    was_raised: bool = False

    def describe(self) -> Json | None:
        """The description: absent while the table is created without an explicit value (T-032, T-033)."""
        if self.status is None:
            return None
        return {"ReadUnitsPerSecond": self.read, "WriteUnitsPerSecond": self.write, "Status": self.status}

    def at_least(self, read: int, write: int) -> None:
        """Rise to these numbers."""
        self.read, self.write = max(self.read, read), max(self.write, write)

    def follow(self, throughput: Json) -> None:
        """Rise to provisioned units: it shows the highest ever provisioned (T-032, T-061)."""
        self.at_least(throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"])

    def value(self, member: str) -> int:
        """The current number of one member."""
        return self.read if member == _MEMBERS[0] else self.write


def check_creation(specification: Json | None, throughput: Json | None, where: str) -> None:
    """Refuse a value at creation that is lower than what the table starts with (T-039, T-128)."""
    for member, value in (specification or {}).items():
        if throughput is None and value < (ON_DEMAND_READ if member == _MEMBERS[0] else ON_DEMAND_WRITE):
            raise refusal("warm-is-lower-than-initial", unit=member, where=where)
        if throughput is not None and value < throughput[_UNITS[member]]:
            raise refusal("warm-is-lower-than-provisioned", unit=member, where=where, provisioned=_UNITS[member])


def at_creation(specification: Json | None, throughput: Json | None) -> Warm:
    """What a new table or index starts with; without an explicit value not shown yet (T-032, T-134)."""
    warm = Warm(status="UPDATING" if specification else None)
    if throughput is None:
        warm.at_least(ON_DEMAND_READ, ON_DEMAND_WRITE)
    else:
        warm.follow(throughput)
    given = specification or {}
    warm.at_least(given.get(_MEMBERS[0], 0), given.get(_MEMBERS[1], 0))
    return warm


def check(world: World, current: Warm, specification: Json, where: str, index: str = "") -> None:
    """Refuse a value above the quota or below the current one (T-154, T-155, T-179)."""
    for member, value in specification.items():
        if value > world.quotas.table_capacity:
            raise refusal(
                "warm-above-index-maximum",
                unit=member,
                index=index or "table",
                maximum=limits.maximum_name(member),
                limit=world.quotas.table_capacity,
            )
        if value < current.value(member):
            raise refusal("warm-is-lower-than-current", unit=member, where=where)


def apply_to_table(world: World, table: Table, change: Change) -> Json:
    """Start raising a table's warm throughput."""
    start(world, table, table.warm, change.params["WarmThroughput"])
    return {}


def start(world: World, table: Table, warm: Warm, specification: Json, index: Index | None = None) -> None:
    """Start raising; a later request replaces the one at work, and one completion shows it (T-459, T-179)."""
    subject = index.name if index else ""
    table.stop(Running.WARM, subject)
    wanted = (
        specification.get(_MEMBERS[0], warm.read),
        specification.get(_MEMBERS[1], warm.write),
    )
    is_increase = wanted != (warm.read, warm.write)
    warm.status = "UPDATING"

    def finish() -> None:
        warm.at_least(*wanted)
        warm.status = "ACTIVE"
        warm.was_raised = warm.was_raised or is_increase

    table.start(Running.WARM, _seconds(world, warm, is_increase, index), finish, subject=subject)


def _seconds(world: World, warm: Warm, is_increase: bool, index: Index | None) -> float:  # noqa: FBT001 - one caller
    if not is_increase or warm.was_raised:
        return world.seconds("UpdateTable.WarmThroughput.repeat")
    return world.seconds(f"UpdateTable.WarmThroughput.{'gsi' if index else 'first_increase'}")
