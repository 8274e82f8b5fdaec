"""As much of the data plane as proves that data survived."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.simulator.dynamodb import key_schema
from tests.simulator.dynamodb.errors import NotSimulatedError, ServiceError, invalid, refusal

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World


def put(world: World, params: Json) -> Json:
    """PutItem."""
    table = _usable(world, params)
    table.items[_key(table, params["Item"])] = params["Item"]
    return {}


def get(world: World, params: Json) -> Json:
    """GetItem."""
    table = _usable(world, params)
    item = table.items.get(_key(table, params["Key"]))
    return {} if item is None else {"Item": item}


def delete(world: World, params: Json) -> Json:
    """DeleteItem."""
    table = _usable(world, params)
    table.items.pop(_key(table, params["Key"]), None)
    return {}


def scan(world: World, params: Json) -> Json:
    """Scan of a whole table, in one page."""
    table = _usable(world, params)
    if set(params) - {"TableName", "Select", "ConsistentRead", "Limit", "ReturnConsumedCapacity"}:
        raise NotSimulatedError("Scan with filters, projections or segments")
    count: Json = {"Count": len(table.items), "ScannedCount": len(table.items)}
    return count if params.get("Select") == "COUNT" else count | {"Items": list(table.items.values())}


def _usable(world: World, params: Json) -> Table:
    """The table, if it serves data: neither CREATING nor DELETING, its key at hand (T-331, T-333)."""
    table = world.tables.get(world.name_of(params["TableName"]))
    if table is None or table.status in {"CREATING", "DELETING"}:
        raise ServiceError("ResourceNotFoundException", "Requested resource not found")
    if table.encryption.inaccessible_since is not None:
        raise refusal("kms-key-disabled", why=table.encryption.key_arn)
    return table


def _key(table: Table, attributes: Json) -> str:
    for name in key_schema.names(table.key_schema):
        if list(attributes.get(name, {})) != [table.attributes[name]]:
            raise invalid("The provided key element does not match the schema")
    return json.dumps({name: attributes[name] for name in key_schema.names(table.key_schema)}, sort_keys=True)
