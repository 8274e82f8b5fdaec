"""UpdateTable: checked as a whole, then applied as a whole (T-380, T-382, T-433)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb import (
    combinations,
    conflicts,
    deletion_protection,
    encryption,
    indexes,
    limits,
    on_demand,
    resource_policies,
    streams,
    table_class,
    throughput,
    validation,
    vector_indexes,
    warm_throughput,
)
from tests.simulator.dynamodb.change import Change, Member
from tests.simulator.dynamodb.conflicts import Attempt
from tests.simulator.dynamodb.errors import NotSimulatedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

_ATTEMPTS: Final = {
    Member.THROUGHPUT: Attempt.CAPACITY,
    Member.TO_PROVISIONED: Attempt.CAPACITY,
    Member.TO_ON_DEMAND: Attempt.TO_ON_DEMAND,
    Member.ON_DEMAND_MAXIMUM: Attempt.ON_DEMAND_MAXIMUM,
    Member.STREAM: Attempt.STREAM,
    Member.TABLE_CLASS: Attempt.TABLE_CLASS,
    Member.ENCRYPTION: Attempt.ENCRYPTION,
    Member.WARM: Attempt.WARM,
    Member.DELETION_PROTECTION: Attempt.DELETION_PROTECTION,
    Member.INDEX_CREATION: Attempt.INDEX_CREATION,
    Member.INDEX_DELETION: Attempt.INDEX_DELETION,
}


def update(world: World, params: Json) -> Json:
    """UpdateTable: request, existence, state, quota, content; and only then effects."""
    change = Change(params)
    if Member.REPLICAS in change.members and len(change.members) == 1:
        raise NotSimulatedError("replicas")
    vector_indexes.check_alone(change)
    if params.get("VectorIndexUpdates"):
        return _update_vector_indexes(world, params)
    combinations.check(change)
    combinations.check_not_empty(change)
    validation.check_table_members(params)
    streams.check_shape(params.get("StreamSpecification") or {})
    table = world.table(params["TableName"])
    resource_policies.authorise(world, table, "UpdateTable")
    combinations.check_no_empty_structure(change)
    _check_mode(table, change)
    conflicts.check(table, _attempts(table, change))
    indexes.check_state(world, table, change)
    for check, _ in _concerns(change):
        check(world, table, change)
    if _starts_work(table, change):
        limits.charge(world)
    return {"TableDescription": _apply(world, table, change)}


def _update_vector_indexes(world: World, params: Json) -> Json:
    table = world.table(params["TableName"])
    resource_policies.authorise(world, table, "UpdateTable")
    conflicts.check(table, [Attempt.INDEX_CREATION])
    updates, attributes = params["VectorIndexUpdates"], params.get("AttributeDefinitions") or []
    vector_indexes.check(table, updates, attributes)
    limits.charge(world)
    vector_indexes.apply(world, table, updates, attributes)
    return {"TableDescription": table.describe()}


def _check_mode(table: Table, change: Change) -> None:
    """On-demand maxima are refused by the committed mode, before what runs is looked at (T-452, T-462)."""
    if change.mode == throughput.PROVISIONED and table.vector_indexes:
        raise vector_indexes.needs_on_demand()
    if Member.ON_DEMAND_MAXIMUM in change.members:
        on_demand.check_mode(table, change, change.params["OnDemandThroughput"])


def _attempts(table: Table, change: Change) -> Iterator[Attempt]:
    """What the table's state has to admit; what equals the present state is not attempted (T-376, T-065)."""
    for member, attempt in _ATTEMPTS.items():
        if member not in change.members:
            continue
        if member is Member.TO_ON_DEMAND and throughput.is_resent(table, change.mode):
            continue
        if member is Member.ENCRYPTION and encryption.is_resent(table, change.params["SSESpecification"]):
            continue
        yield attempt


def _starts_work(table: Table, change: Change) -> bool:
    """Whether a change costs the account's limiter something (T-434, T-383)."""
    idle = {Member.DELETION_PROTECTION, Member.ON_DEMAND_MAXIMUM}
    if throughput.is_resent(table, change.mode):
        idle.add(Member.TO_ON_DEMAND)
    if change.params.get("TableClass") == table.table_class.effective:
        idle.add(Member.TABLE_CLASS)
    return bool(change.members - idle)


def _concerns(change: Change) -> Iterator[tuple[Check, Apply]]:
    for members, check, apply in _CONCERNS:
        if members & change.members:
            yield check, apply


def _apply(world: World, table: Table, change: Change) -> Json:
    """Start every concern and describe the table as the response shows it (section 1.3)."""
    shown: Json = {}
    for _, apply in _concerns(change):
        shown |= apply(world, table, change)
    return table.describe() | shown


def _check_warm(world: World, table: Table, change: Change) -> None:
    warm_throughput.check(world, table.warm, change.params["WarmThroughput"], "table")


if TYPE_CHECKING:
    Check = Callable[[World, Table, Change], None]
    Apply = Callable[[World, Table, Change], Json]

_CAPACITY: Final = frozenset({Member.THROUGHPUT, Member.TO_PROVISIONED, Member.TO_ON_DEMAND})
_INDEXES: Final = frozenset({Member.INDEX_CREATION, Member.INDEX_DELETION, Member.INDEX_UPDATE})

_CONCERNS: Final[tuple[tuple[frozenset[Member], Check, Apply], ...]] = (
    (_CAPACITY, throughput.check, throughput.apply),
    (frozenset({Member.ON_DEMAND_MAXIMUM}), on_demand.check, on_demand.apply_to_table),
    (frozenset({Member.STREAM}), streams.check, streams.apply),
    (frozenset({Member.ENCRYPTION}), encryption.check, encryption.apply),
    (frozenset({Member.TABLE_CLASS}), table_class.check, table_class.apply),
    (frozenset({Member.DELETION_PROTECTION}), deletion_protection.check, deletion_protection.apply),
    (frozenset({Member.WARM}), _check_warm, warm_throughput.apply_to_table),
    (_INDEXES, indexes.check, indexes.apply),
)
