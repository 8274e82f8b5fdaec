"""What a table is, looked up inside the simulator: no call is made, none of ours is believed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.functional.any_table import KEYS
from tests.simulator.dynamodb.kms import AWS_MANAGED

if TYPE_CHECKING:
    from tests.functional.tables import Properties
    from tests.simulator.account import Account
    from tests.simulator.dynamodb.indexes import Index
    from tests.simulator.dynamodb.streams import Stream
    from tests.simulator.dynamodb.tables import Table


def shown(account: Account, table_name: str = "orders") -> dict[str, Any]:
    """All that can be declared of a table, as it is; equal where two tables are alike.

    Warm throughput is left out, because it never goes back (:func:`is_warm_enough`), as is what differs from life
    to life: ids, times, ARNs, whose the table is.
    """
    table = account.dynamodb.tables[table_name]
    described = table.describe()
    provisioned = described.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    return {
        "key": described["KeySchema"],
        "attributes": described["AttributeDefinitions"],
        "local indexes": sorted((one["IndexName"], str(one["KeySchema"]), _projection(one)) for one in _locals(table)),
        "indexes": {name: _index(table, index) for name, index in sorted(table.indexes.items())},
        "vector indexes": {
            name: index.definition | {"IndexStatus": index.status}
            for name, index in sorted(table.vector_indexes.items())
        },
        "billing": (provisioned, table.capacity.read, table.capacity.write),
        "maxima": {name: units for name, units in table.on_demand.items() if units != -1},
        "stream": table.stream.view_type,
        "stream policy": _policy(table, f"{table.arn}/stream/{table.stream.labels[-1]}")
        if table.stream.view_type
        else "",
        "stream tags": _stream_tags(table.stream),
        "encryption": _keys(account, table),
        "time to live": table.time_to_live.attribute,
        "recovery": table.recovery.days if table.recovery.enabled_at else 0,
        "class": described.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
        "protected": table.deletion_protection.is_on,
        "insights": _insights(table, ""),
        "kinesis": [(one.arn, one.precision) for one in table.destinations if one.status == "ACTIVE"],
        "policy": _policy(table, table.arn),
        "tags": {key: value for key, value in table.tags.current.items() if not key.startswith("table-provisioner:")},
    }


def warmth(account: Account, table_name: str = "orders") -> dict[str, tuple[int, int]]:
    """The warm throughput by index name, and under "" of the table: reads and writes a second."""
    table = account.dynamodb.tables[table_name]
    holders = {"": table.warm} | {name: index.warm for name, index in table.indexes.items()}
    return {name: (warm.read, warm.write) for name, warm in holders.items()}


def is_warm_enough(account: Account, declared: Properties, table_name: str = "orders") -> bool:
    """Whether table and indexes reach the warm throughput that is declared."""
    holders = {"": declared} | {one["IndexName"]: one for one in declared.get("GlobalSecondaryIndexes", ())}
    floors = {name: holder.get("WarmThroughput", {}) for name, holder in holders.items()}
    live = warmth(account, table_name)
    return all(
        live[name][0] >= floor.get("ReadUnitsPerSecond", 0) and live[name][1] >= floor.get("WriteUnitsPerSecond", 0)
        for name, floor in floors.items()
    )


def _index(table: Table, index: Index) -> dict[str, Any]:
    return {
        "status": index.status,
        "key": index.key_schema,
        "projection": _projection(index.describe(0)),
        "capacity": (index.capacity.read, index.capacity.write),
        "maxima": {name: units for name, units in index.on_demand.items() if units != -1},
        "insights": _insights(table, index.name),
    }


def _stream_tags(stream: Stream) -> dict[str, str]:
    live = stream.tags.get(stream.labels[-1]) if stream.view_type else None
    return live.current if live else {}


def _locals(table: Table) -> list[dict[str, Any]]:
    return list(table.describe().get("LocalSecondaryIndexes", ()))


def _projection(index: dict[str, Any]) -> tuple[str, list[str]]:
    projection = index["Projection"]
    return projection["ProjectionType"], sorted(projection.get("NonKeyAttributes", ()))


def _insights(table: Table, holder: str) -> str | None:
    insights = table.insights.get(holder)
    return insights.mode if insights and insights.status == "ENABLED" else None


def _keys(account: Account, table: Table) -> set[str]:
    """The names of the key; ids differ from account to account."""
    keys = account.dynamodb.keys
    return {name for name in (AWS_MANAGED, *KEYS) if (key := keys.find(name)) and key.arn == table.encryption.key_arn}


def _policy(table: Table, arn: str) -> object:
    slot = table.policies.get(arn)
    return json.loads(slot.document.text) if slot and slot.document else ""
