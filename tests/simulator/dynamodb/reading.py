"""DescribeTable, ListTables and DescribeLimits: never stale, never missing a table (T-075, T-076)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb import resource_policies

if TYPE_CHECKING:
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

_PAGE: Final = 100


def describe_table(world: World, params: Json) -> Json:
    """DescribeTable."""
    table = world.table(params["TableName"])
    resource_policies.authorise(world, table, "DescribeTable")
    return {"Table": table.describe()}


def list_tables(world: World, params: Json) -> Json:
    """ListTables: in byte order, dying tables included, any name as a start (T-012, T-076, T-379, T-400)."""
    start = params.get("ExclusiveStartTableName", "")
    names = sorted(name for name in world.tables if name > start)
    page = names[: params.get("Limit", _PAGE)]
    return {"TableNames": page} | ({"LastEvaluatedTableName": page[-1]} if len(page) < len(names) else {})


def describe_limits(world: World, _: Json) -> Json:
    """DescribeLimits: quotas, not headroom (T-131)."""
    return {
        f"{owner}Max{kind}CapacityUnits": maximum
        for owner, maximum in (("Account", world.quotas.account_capacity), ("Table", world.quotas.table_capacity))
        for kind in ("Read", "Write")
    }
