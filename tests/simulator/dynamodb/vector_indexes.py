"""Vector indexes: echoed, built and deleted like global ones. From the API reference; no finding covers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulator.dynamodb.errors import NotSimulatedError, refusal
from tests.simulator.dynamodb.jobs import Running
from tests.simulator.dynamodb.profiles import INDEX_ALLOCATION, INDEX_BUILD
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.change import Change
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World


@dataclass
class VectorIndex:
    """A vector index, as it was asked for."""

    arn: str
    definition: Json
    status: str = "CREATING"
    is_backfilling: bool | None = None

    def describe(self, item_count: int) -> Json:
        """The ``VectorIndexDescription``."""
        shown = self.definition | {"IndexStatus": self.status, "IndexArn": self.arn, "IndexSizeBytes": 0}
        if self.is_backfilling is not None:
            shown["Backfilling"] = self.is_backfilling
        return shown | {"ItemCount": item_count if self.status == "ACTIVE" else 0}


def at_creation(table_arn: str, definitions: list[Json]) -> dict[str, VectorIndex]:
    """The vector indexes of a new table."""
    return {entry["IndexName"]: _new(table_arn, entry) for entry in definitions}


def _new(table_arn: str, definition: Json) -> VectorIndex:
    return VectorIndex(f"{table_arn}/index/{definition['IndexName']}", definition)


def check_alone(change: Change) -> None:
    """Decline to guess what else may stand beside changes of vector indexes."""
    if "VectorIndexUpdates" in change.params and change.members:
        raise NotSimulatedError("changes of vector indexes beside others")


def check(table: Table, updates: list[Json]) -> None:
    """One creation or deletion at a time, as for global indexes."""
    if len(updates) > 1:
        raise refusal("one-online-index", table=table.name)
    for update in updates:
        name = next(iter(update.values()))["IndexName"]
        if table.is_running(Running.INDEX_ALLOCATION, name):
            raise refusal("index-is-being-allocated", table=table.name, index=name)
        if table.is_index_at_work(except_for=name):
            raise refusal("one-online-index", table=table.name)
        is_there = name in table.vector_indexes or name in table.indexes
        if "Create" in update and is_there:
            raise refusal("index-exists-already", index=name)
        if "Delete" in update and name not in table.vector_indexes:
            raise refusal("index-not-found", index=name, table=table.name)


def apply(world: World, table: Table, updates: list[Json]) -> None:
    """Start building or deleting."""
    for update in updates:
        if "Create" in update:
            _create(world, table, update["Create"])
        else:
            _delete(world, table, update["Delete"]["IndexName"])


def _create(world: World, table: Table, definition: Json) -> None:
    index = _new(table.arn, definition)
    index.is_backfilling = False
    name = definition["IndexName"]
    table.vector_indexes[name] = index
    began, allocation = now(), world.seconds(INDEX_ALLOCATION)
    total = max(world.seconds(INDEX_BUILD), allocation)

    def backfill() -> None:
        index.is_backfilling = True
        table.start(Running.INDEX_BACKFILL, began + total - now(), activate, subject=name)

    def activate() -> None:
        index.status, index.is_backfilling = "ACTIVE", None

    table.start(Running.INDEX_ALLOCATION, allocation, backfill, subject=name)


def _delete(world: World, table: Table, name: str) -> None:
    index = table.vector_indexes[name]
    index.status, index.is_backfilling = "DELETING", None
    table.stop(Running.INDEX_BACKFILL, name)

    def finish() -> None:
        del table.vector_indexes[name]

    table.start(Running.INDEX_DELETION, world.seconds("UpdateTable.GSI.delete"), finish, subject=name)
