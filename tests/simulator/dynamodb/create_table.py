"""CreateTable: everything checked at once, then CREATING for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulator.dynamodb import (
    encryption,
    indexes,
    key_schema,
    limits,
    on_demand,
    resource_policies,
    streams,
    tags,
    validation,
    vector_indexes,
    warm_throughput,
)
from tests.simulator.dynamodb.deletion_protection import DeletionProtection
from tests.simulator.dynamodb.errors import NotSimulatedError, refusal
from tests.simulator.dynamodb.jobs import Running
from tests.simulator.dynamodb.table_class import TableClass
from tests.simulator.dynamodb.tables import Table
from tests.simulator.dynamodb.tags import Tags
from tests.simulator.dynamodb.throughput import ON_DEMAND, PROVISIONED, Billing
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World


def create(world: World, params: Json) -> Json:
    """CreateTable: what is asked for is checked before whether the name is free (T-005)."""
    if "GlobalTableSourceArn" in params:
        raise NotSimulatedError("replicas")
    _check(world, params)
    name = world.name_of(params["TableName"])
    _check_name(world, name)
    table = _new_table(world, name, params)
    limits.charge(world)
    world.tables[name] = table
    _start(world, table)
    return {"TableDescription": table.describe()}


def _check(world: World, params: Json) -> None:
    mode = params.get("BillingMode", PROVISIONED)
    _check_keys(world, params)
    _check_capacity(world, params, mode)
    validation.check_table_members(params)
    streams.check_creation(params.get("StreamSpecification") or {})
    tags.check_creation(params.get("Tags") or [])
    if "ResourcePolicy" in params:
        resource_policies.check_document(world, params["ResourcePolicy"])


def _check_keys(world: World, params: Json) -> None:
    """Refuse keys, attributes and index definitions (section 6 of the reference; T-127: unused definitions first)."""
    key_schema.check_table_key(params["KeySchema"])
    for member, name in (
        ("GlobalSecondaryIndexes", "index-list-is-empty"),
        ("LocalSecondaryIndexes", "local-index-list-is-empty"),
    ):
        if params.get(member) == []:
            raise refusal(name)  # T-043
    every = _global_indexes(params) + _local_indexes(params)
    vectors = params.get("VectorIndexes") or []
    is_on_demand = params.get("BillingMode") == ON_DEMAND
    vector_indexes.check_creation(vectors, params["AttributeDefinitions"], is_on_demand=is_on_demand)
    keys = [index["KeySchema"] for index in every] + [index.get("SearchSchema") or [] for index in vectors]
    key_schema.check_attributes(params["AttributeDefinitions"], params["KeySchema"], keys)
    _check_index_counts(world, params)
    for index in _global_indexes(params):
        key_schema.check_index_key(index["KeySchema"])
    for index in _local_indexes(params):
        key_schema.check_local_index(index, params["KeySchema"])
    for index in every:
        key_schema.check_projection(index["Projection"])


def _check_index_counts(world: World, params: Json) -> None:
    quotas = world.quotas
    if len(_global_indexes(params)) > quotas.indexes_per_table:
        raise refusal("too-many-indexes", limit=quotas.indexes_per_table)
    if len(_local_indexes(params)) > quotas.local_indexes_per_table:
        raise refusal("too-many-local-indexes", limit=quotas.local_indexes_per_table)
    every = _global_indexes(params) + _local_indexes(params) + (params.get("VectorIndexes") or [])
    names = [index["IndexName"] for index in every]
    for name in names:
        if names.count(name) > 1:
            raise refusal("duplicate-index-name", index=name)


def _global_indexes(params: Json) -> list[Json]:
    return params.get("GlobalSecondaryIndexes") or []


def _local_indexes(params: Json) -> list[Json]:
    return params.get("LocalSecondaryIndexes") or []


def _check_capacity(world: World, params: Json, mode: str) -> None:
    throughput: Json | None = params.get("ProvisionedThroughput")
    if mode == PROVISIONED and throughput is None:
        raise refusal("provisioned-needs-units")  # T-024
    if mode == ON_DEMAND and throughput is not None:
        raise refusal("on-demand-takes-no-units")  # T-038
    on_demand.check_creation(world, params.get("OnDemandThroughput"), mode)
    warm_throughput.check_creation(params.get("WarmThroughput"), throughput, "table")
    for index in _global_indexes(params):
        _check_index_capacity(world, index, mode)
    if throughput is not None:
        limits.check_capacity(world, throughput)
        owners = [throughput, *(index["ProvisionedThroughput"] for index in _global_indexes(params))]
        limits.check_account_capacity(
            world,
            sum(owner["ReadCapacityUnits"] for owner in owners),
            sum(owner["WriteCapacityUnits"] for owner in owners),
        )


def _check_index_capacity(world: World, index: Json, mode: str) -> None:
    name, throughput = index["IndexName"], index.get("ProvisionedThroughput")
    if mode == PROVISIONED and throughput is None:
        raise refusal("index-needs-throughput", index=name)  # T-128
    if mode == ON_DEMAND and throughput is not None:
        raise refusal("index-takes-no-throughput", index=name)  # T-128
    if throughput is not None:
        limits.check_capacity(world, throughput, name)
    on_demand.check_creation(world, index.get("OnDemandThroughput"), mode, name)
    warm_throughput.check_creation(index.get("WarmThroughput"), throughput, f"index {name}")


def _check_name(world: World, name: str) -> None:
    """Refuse a name that is taken, whatever the input; there is no client token (T-005, T-010)."""
    table = world.tables.get(name)
    if table is not None:
        raise refusal("table-is-being-created" if table.status == "CREATING" else "table-already-exists", table=name)


def _new_table(world: World, name: str, params: Json) -> Table:
    mode = params.get("BillingMode", PROVISIONED)
    throughput: Json | None = params.get("ProvisionedThroughput")
    table = Table(
        name=name,
        arn=world.table_arn(name),
        timeline=world.timeline,
        key_schema=params["KeySchema"],
        attributes={entry["AttributeName"]: entry["AttributeType"] for entry in params["AttributeDefinitions"]},
        billing=Billing(mode, mode, was_ever_on_demand=mode == ON_DEMAND),
        on_demand=dict(params.get("OnDemandThroughput") or {}),
        warm=warm_throughput.at_creation(params.get("WarmThroughput"), throughput),
        stream=streams.at_creation(params.get("StreamSpecification")),
        encryption=encryption.at_creation(world, params.get("SSESpecification")),
        table_class=TableClass(params.get("TableClass")),
        deletion_protection=DeletionProtection(params.get("DeletionProtectionEnabled", False)),
        local_indexes=_local_indexes(params),
        vector_indexes=vector_indexes.at_creation(world.table_arn(name), params.get("VectorIndexes") or []),
        tags=Tags({tag["Key"]: tag["Value"] for tag in params.get("Tags") or []}),
    )
    if throughput is not None:
        table.capacity.commit(throughput)
    for definition in _global_indexes(params):
        index = indexes.new_index(table.arn, definition, definition.get("ProvisionedThroughput"))
        table.indexes[index.name] = index
    if "ResourcePolicy" in params:
        resource_policies.at_creation(world, table, params["ResourcePolicy"])
    return table


def _start(world: World, table: Table) -> None:
    """Table and indexes become ACTIVE together (T-148, T-168)."""
    kind = "with_gsis" if table.indexes or table.vector_indexes else "no_index"
    seconds = world.seconds(f"CreateTable.{kind}")
    table.active_at = now() + seconds

    table.start(Running.CREATING, seconds, lambda: activate(table))


def activate(table: Table) -> None:
    """The table and its indexes are ready."""
    table.warm.status = "ACTIVE"
    if table.billing.committed == ON_DEMAND:
        table.billing.on_demand_since = table.active_at  # appears late (T-033)
    for index in table.indexes.values():
        index.status = index.warm.status = "ACTIVE"
    for vector_index in table.vector_indexes.values():
        vector_index.status = "ACTIVE"
