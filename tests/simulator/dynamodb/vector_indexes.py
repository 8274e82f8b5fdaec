"""Vector indexes: echoed, built and deleted like global ones.

No finding covers them. Sources: the API reference; the developer guide's pages on vector search and its quotas; and
for what is refused in which words, the measurements of August 2026 that stand in the sources of ExtendDB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb import key_schema
from tests.simulator.dynamodb.errors import INVALID, NotSimulatedError, ServiceError, invalid, refusal
from tests.simulator.dynamodb.jobs import Running
from tests.simulator.dynamodb.profiles import INDEX_ALLOCATION, INDEX_BUILD
from tests.simulator.dynamodb.throughput import ON_DEMAND
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.change import Change
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World


LIMIT: Final = 5


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
    shown = definition | {"Projection": key_schema.normal_projection(definition["Projection"])}
    return VectorIndex(f"{table_arn}/index/{definition['IndexName']}", shown)


def search_attributes(definition: Json) -> list[str]:
    """The attributes of the search schema, which need definitions as those of a key do."""
    return key_schema.names(definition.get("SearchSchema") or [])


def check_creation(definitions: list[Json], attributes: list[Json], *, is_on_demand: bool) -> None:
    """Refuse the vector indexes of a new table."""
    if definitions and not is_on_demand:
        raise needs_on_demand()
    if len(definitions) > LIMIT:
        raise invalid(f"{INVALID}VectorIndex count exceeds the per-table limit of {LIMIT}")
    _check_definitions(definitions, attributes)


def needs_on_demand() -> ServiceError:
    """The answer to provisioned capacity beside vector indexes, whichever comes first."""
    return invalid(f"{INVALID}Vector indexes are only supported for PAY_PER_REQUEST tables")


def _check_definitions(definitions: list[Json], attributes: list[Json]) -> None:
    defined = set(key_schema.names(attributes))
    dimensions: dict[str, int] = {}
    for definition in definitions:
        key_schema.check_projection(definition["Projection"])
        name = definition["VectorAttribute"]["AttributeName"]
        if set(search_attributes(definition)) - defined:
            raise invalid(f"{INVALID}One element in SearchSchema is not defined in attribute definitions")
        if name in defined:
            raise invalid(
                f"{INVALID}Conflicting attribute definition for '{name}'. An attribute cannot be defined in"
                " AttributeDefinitions when used as a VectorAttribute."
            )
        if dimensions.setdefault(name, definition["Dimensions"]) != definition["Dimensions"]:
            raise invalid(
                f"{INVALID}Conflicting attribute definition for '{name}'. All VectorIndexes on the same vector"
                " attribute must use the same dimensions."
            )


def check_alone(change: Change) -> None:
    """Decline to guess what else may stand beside changes of vector indexes."""
    if "VectorIndexUpdates" in change.params and change.members:
        raise NotSimulatedError("changes of vector indexes beside others")


def check(table: Table, updates: list[Json], attributes: list[Json]) -> None:
    """One creation or deletion at a time, as for global indexes."""
    if len(updates) > 1:
        raise refusal("one-online-index", table=table.name)
    for update in updates:
        name = next(iter(update.values()))["IndexName"]
        if table.is_running(Running.INDEX_ALLOCATION, name):
            raise refusal("index-is-being-allocated", table=table.name, index=name)
        if table.is_index_at_work(except_for=name):
            raise refusal("one-online-index", table=table.name)
        if "Delete" in update and name not in table.vector_indexes:
            raise refusal("index-not-found", index=name, table=table.name)
        if "Create" in update:
            _check_new(table, update["Create"], attributes)


def _check_new(table: Table, definition: Json, attributes: list[Json]) -> None:
    """The definitions have to stand in this very request, although the table may have them already."""
    name = definition["IndexName"]
    if name in table.vector_indexes or name in table.indexes or table.local_index(name):
        raise refusal("index-exists-already", index=name)
    if table.billing.committed != ON_DEMAND:
        raise needs_on_demand()
    if len(table.vector_indexes) >= LIMIT:
        text = f"Subscriber limit exceeded: Number of vector secondary indexes exceeds per-table limit of {LIMIT}"
        raise ServiceError("LimitExceededException", text)
    _check_definitions([definition], attributes)


def apply(world: World, table: Table, updates: list[Json], attributes: list[Json]) -> None:
    """Start building or deleting."""
    for update in updates:
        if "Create" in update:
            for attribute in attributes:
                if attribute["AttributeName"] in search_attributes(update["Create"]):
                    table.attributes.setdefault(attribute["AttributeName"], attribute["AttributeType"])
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
        table.prune_attributes()

    table.start(Running.INDEX_DELETION, world.seconds("UpdateTable.GSI.delete"), finish, subject=name)
