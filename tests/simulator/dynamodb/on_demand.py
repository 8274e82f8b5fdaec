"""On-demand maxima (``OnDemandThroughput``) of tables and indexes: changed at once, member by member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb import limits
from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.throughput import ON_DEMAND, PROVISIONED
from tests.simulator.dynamodb.timeline import Timeline, now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.change import Change
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

CLEAR: Final = -1
_OUT_OF_RANGE: Final = {
    "MaxReadRequestUnits": "on-demand-read-out-of-range",
    "MaxWriteRequestUnits": "on-demand-write-out-of-range",
}


def check_creation(world: World, specification: Json | None, mode: str, index: str = "") -> None:
    """Refuse maxima at creation; there, ``-1`` is out of range (T-038, T-039, T-128)."""
    if specification and mode == PROVISIONED:
        _refuse_when_provisioned(specification, "table")
    for member, value in (specification or {}).items():
        _check_value(world, member, value, index, lowest=1)


def check(world: World, table: Table, change: Change) -> None:
    """Refuse maxima on a table whose committed mode is PROVISIONED, or out of range (T-059, T-051)."""
    specification: Json = change.params["OnDemandThroughput"]
    check_mode(table, change, specification)
    check_values(world, specification)


def check_mode(table: Table, change: Change, specification: Json) -> None:
    """Refuse maxima where capacity is provisioned."""
    if (change.mode or table.billing.committed) != ON_DEMAND:
        _refuse_when_provisioned(specification, "the table")


def check_values(world: World, specification: Json, index: str = "") -> None:
    """Refuse values out of range; ``-1`` clears (T-051, T-154)."""
    for member, value in specification.items():
        if value != CLEAR:
            _check_value(world, member, value, index, lowest=1)


def _refuse_when_provisioned(specification: Json, where: str) -> None:
    raise refusal("provisioned-takes-no-on-demand-maximum", unit=next(iter(specification)), where=f"when {where}")


def _check_value(world: World, member: str, value: int, index: str, *, lowest: int) -> None:
    if value < lowest:
        if index:
            raise refusal("on-demand-index-out-of-range", unit=member, index=index)
        raise refusal(_OUT_OF_RANGE[member])
    if value > world.quotas.table_capacity:
        raise refusal(
            "on-demand-above-index-maximum" if index else "on-demand-above-table-maximum",
            unit=member,
            index=index,
            maximum=limits.maximum_name(member),
            limit=world.quotas.table_capacity,
        )


def apply_to_table(world: World, table: Table, change: Change) -> Json:
    """Set or clear a table's maxima at once (T-361)."""
    merge(world, table.timeline, table.on_demand, change.params["OnDemandThroughput"])
    return {}


def merge(world: World, timeline: Timeline, current: dict[str, int], specification: Json) -> None:
    """Merge member by member (T-178); a cleared one shows ``-1`` for a moment, then goes (T-182)."""
    current |= specification
    vanish = now() + world.seconds("UpdateTable.OnDemandThroughput.minus1_visible")
    for member, value in specification.items():
        if value == CLEAR:
            timeline.at(vanish, lambda member=member: _vanish(current, member))  # type: ignore[misc]  # binds now


def _vanish(current: dict[str, int], member: str) -> None:
    if current.get(member) == CLEAR:
        del current[member]
