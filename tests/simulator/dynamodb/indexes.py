"""Global and local secondary indexes: their life cycle, and one online operation at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulator.dynamodb import key_schema, limits, on_demand, warm_throughput
from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.jobs import Running
from tests.simulator.dynamodb.profiles import INDEX_ALLOCATION, INDEX_BUILD
from tests.simulator.dynamodb.throughput import ON_DEMAND, PROVISIONED, Capacity
from tests.simulator.dynamodb.timeline import now
from tests.simulator.dynamodb.warm_throughput import Warm

if TYPE_CHECKING:
    from tests.simulator.dynamodb.change import Change
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World


@dataclass
class Index:
    """A global secondary index."""

    name: str
    arn: str
    key_schema: list[Json]
    projection: Json
    status: str = "CREATING"
    is_backfilling: bool | None = None
    capacity: Capacity = field(default_factory=Capacity)
    on_demand: dict[str, int] = field(default_factory=dict)
    warm: Warm = field(default_factory=Warm)
    created_at: float = field(default_factory=now)

    def show_updating(self) -> None:
        """Begin an update of capacity or maxima."""
        if self.status == "ACTIVE":
            self.status = "UPDATING"

    def show_updated(self) -> None:
        """End an update."""
        if self.status == "UPDATING":
            self.status = "ACTIVE"

    def describe(self, item_count: int) -> Json:
        """The ``GlobalSecondaryIndexDescription`` (T-138)."""
        shown = {
            "IndexName": self.name,
            "KeySchema": self.key_schema,
            "Projection": self.projection,
            "IndexStatus": self.status,
            "Backfilling": self.is_backfilling,
            "ProvisionedThroughput": self.capacity.describe(),
            "IndexSizeBytes": 0,
            "ItemCount": item_count if self.status == "ACTIVE" else 0,
            "IndexArn": self.arn,
            "OnDemandThroughput": dict(self.on_demand) or None,
            "WarmThroughput": self.warm.describe(),
        }
        return {member: value for member, value in shown.items() if value is not None}


def new_index(table_arn: str, definition: Json, throughput: Json | None) -> Index:
    """An index that begins to be created; ``throughput`` is None on demand."""
    index = Index(
        name=definition["IndexName"],
        arn=f"{table_arn}/index/{definition['IndexName']}",
        key_schema=definition["KeySchema"],
        projection=key_schema.normal_projection(definition["Projection"]),
        on_demand=dict(definition.get("OnDemandThroughput") or {}),
        warm=warm_throughput.at_creation(definition.get("WarmThroughput"), throughput),
    )
    if throughput is not None:
        index.capacity.commit(throughput)
    return index


def check_state(world: World, table: Table, change: Change) -> None:
    """Refuse what the states of the indexes do not admit, updates first (T-375)."""
    for update in change.index_updates:
        _check_update_state(table, update)
    for deletion in change.index_deletions:
        _check_deletion_state(table, deletion["IndexName"])
    for creation in change.index_creations:
        _check_creation_state(world, table, creation["IndexName"])


def _check_update_state(table: Table, update: Json) -> None:
    name = update["IndexName"]
    if update.get("WarmThroughput") == {}:
        raise refusal("index-warm-is-empty", index=name)  # before existence (T-456)
    if table.local_index(name):
        raise refusal("cannot-update-local-index", index=name)  # T-137
    index = table.indexes.get(name)
    if index is None:
        if "WarmThroughput" in update:
            raise refusal("internal-failure")  # T-161
        raise refusal("index-not-found", index=name, table=table.name)
    _refuse_busy_index(table, index, "index-is-not-backfilling-yet")


def _check_deletion_state(table: Table, name: str) -> None:
    """Only an index that has begun its backfill, or is done, can be deleted (T-149)."""
    if table.local_index(name):
        raise refusal("cannot-delete-local-index", index=name)  # T-137
    index = table.indexes.get(name)
    if index is None:
        raise refusal("index-not-found", index=name, table=table.name)  # T-161
    _refuse_busy_index(table, index, "index-is-being-allocated")
    _refuse_second_online_operation(table, except_for=name)


def _check_creation_state(world: World, table: Table, name: str) -> None:
    index = table.indexes.get(name)
    if index is not None and index.status == "DELETING":
        raise refusal("index-is-being-deleted", table=table.name, index=name)
    _refuse_second_online_operation(table, except_for="")
    if index is not None or table.local_index(name) or name in table.vector_indexes:
        raise refusal("index-exists-already", index=name)  # T-137
    if len(table.indexes) >= world.quotas.indexes_per_table:
        raise refusal("index-limit-on-update")  # T-169


def _refuse_busy_index(table: Table, index: Index, name_during_allocation: str) -> None:
    if table.is_running(Running.INDEX_ALLOCATION, index.name):
        raise refusal(name_during_allocation, table=table.name, index=index.name)
    if index.status == "DELETING":
        raise refusal("index-is-being-deleted", table=table.name, index=index.name)
    if index.status == "UPDATING":
        raise refusal("index-is-being-updated", table=table.name, index=index.name)


def _refuse_second_online_operation(table: Table, except_for: str) -> None:
    if table.is_index_at_work(except_for=except_for):
        raise refusal("one-online-index", table=table.name)


def check(world: World, table: Table, change: Change) -> None:
    """Refuse index changes that quotas, billing mode or current values do not allow."""
    for update in change.index_updates:
        _check_update(world, table, change, update)
    for creation in change.index_creations:
        _check_creation(world, table, change, creation)


def _check_update(world: World, table: Table, change: Change, update: Json) -> None:
    index = table.indexes[update["IndexName"]]
    wanted: Json | None = update.get("ProvisionedThroughput")
    if "OnDemandThroughput" in update:
        on_demand.check_mode(table, change, update["OnDemandThroughput"])
        on_demand.check_values(world, update["OnDemandThroughput"], index.name)
    if "WarmThroughput" in update:
        where = f"index {index.name}"
        warm_throughput.check(world, index.warm, update["WarmThroughput"], where, index.name)
    if wanted is not None:
        _check_capacity(world, table, change, index, wanted)


def _check_capacity(world: World, table: Table, change: Change, index: Index, wanted: Json) -> None:
    if (change.mode or table.billing.committed) == ON_DEMAND:
        raise refusal("index-update-on-demand-only", index=index.name)  # T-152, T-456
    limits.check_capacity(world, wanted, index.name)
    if table.billing.committed == ON_DEMAND:
        return
    if index.capacity.is_decrease(wanted):
        limits.check_decrease(index.capacity)
    if index.capacity.equals(wanted):
        raise refusal("index-throughput-will-not-change", index=index.name)  # T-164


def _check_creation(world: World, table: Table, change: Change, creation: Json) -> None:
    name = creation["IndexName"]
    mode = change.mode or table.billing.committed
    throughput: Json | None = creation.get("ProvisionedThroughput")
    key_schema.check_new_index(creation, table, change.params.get("AttributeDefinitions") or [])
    if mode == ON_DEMAND and throughput is not None:
        raise refusal("new-index-takes-no-units", index=name)  # T-442
    if mode != ON_DEMAND and throughput is None:
        raise refusal("new-index-needs-units", index=name)  # T-152
    if throughput is not None:
        limits.check_capacity(world, throughput, name)
    on_demand.check_creation(world, creation.get("OnDemandThroughput"), mode, name)
    warm_throughput.check_creation(creation.get("WarmThroughput"), throughput, f"index {name}")


def apply(world: World, table: Table, change: Change) -> Json:
    """Start the admitted index operations."""
    for deletion in change.index_deletions:
        _delete(world, table, table.indexes[deletion["IndexName"]])
    for creation in change.index_creations:
        _create(world, table, change, creation)
    for update in change.index_updates:
        _update(world, table, change, update)
    return {}


def _create(world: World, table: Table, change: Change, creation: Json) -> None:
    """Allocate under UPDATING, then backfill under ACTIVE (T-148, T-165)."""
    index = new_index(table.arn, creation, creation.get("ProvisionedThroughput"))
    index.is_backfilling = False
    table.indexes[index.name] = index
    for definition in change.params.get("AttributeDefinitions") or []:
        if definition["AttributeName"] in key_schema.names(index.key_schema):  # the others are ignored (T-162)
            table.attributes.setdefault(definition["AttributeName"], definition["AttributeType"])
    allocation = world.seconds(INDEX_ALLOCATION)
    total = max(world.seconds(INDEX_BUILD), allocation)

    def backfill() -> None:
        index.is_backfilling = True
        table.start(Running.INDEX_BACKFILL, began + total - now(), activate, subject=index.name)

    def activate() -> None:
        index.status, index.is_backfilling = "ACTIVE", None
        index.warm.status = "ACTIVE"

    began = now()
    table.start(Running.INDEX_ALLOCATION, allocation, backfill, subject=index.name)


def _delete(world: World, table: Table, index: Index) -> None:
    """Delete an index; then its attributes go, unless another key uses them (T-151, T-165)."""
    index.status, index.is_backfilling = "DELETING", None
    table.stop(Running.INDEX_BACKFILL, index.name)

    def finish() -> None:
        del table.indexes[index.name]
        table.insights.pop(index.name, None)
        table.prune_attributes()

    table.start(Running.INDEX_DELETION, world.seconds("UpdateTable.GSI.delete"), finish, subject=index.name)


def _update(world: World, table: Table, change: Change, update: Json) -> None:
    index = table.indexes[update["IndexName"]]
    if "WarmThroughput" in update:
        warm_throughput.start(world, table, index.warm, update["WarmThroughput"], index)
    if "OnDemandThroughput" in update:
        on_demand.merge(world, table.timeline, index.on_demand, update["OnDemandThroughput"])  # at once (T-135)
    wanted: Json | None = update.get("ProvisionedThroughput")
    is_part_of_switch = change.mode == PROVISIONED and table.billing.committed == ON_DEMAND
    if is_part_of_switch or (wanted is None and "OnDemandThroughput" not in update):
        return
    if wanted is not None:
        index.capacity.accept(wanted)
    _show_updating(world, table, index, wanted)


def _show_updating(world: World, table: Table, index: Index, wanted: Json | None) -> None:
    """Show the index as UPDATING, the table as ACTIVE, and the old units until the end (T-165, T-135)."""
    index.show_updating()

    def finish() -> None:
        index.show_updated()
        if wanted is not None:
            index.capacity.commit(wanted)
            index.warm.follow(wanted)

    seconds = world.seconds("UpdateTable.GSI.update_throughput")
    table.start(Running.INDEX_UPDATE, seconds, finish, subject=index.name)
