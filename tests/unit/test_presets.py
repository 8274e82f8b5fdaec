from __future__ import annotations

import pytest

from table_provisioner.presets import Preset, approval_table, break_glass_table, session_table
from table_provisioner.schema import TableSchema
from tests.unit.declarations import Members, attribute

CREATED_AT = attribute("created_at")


def sentinel(table_name: str, **indexes: tuple[str, str]) -> TableSchema:
    """A table as the contract has it: its indexes by name, each with its partition key and sort key."""
    properties: Members = {
        "TableName": table_name,
        "PartitionKey": attribute("id"),
        "BillingMode": "PAY_PER_REQUEST",
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
        "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "ttl"},
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "gsi-" + name.replace("_", "-"),
                "PartitionKey": attribute(partition_key),
                "SortKey": attribute(sort_key),
                "Projection": {"ProjectionType": "ALL"},
            }
            for name, (partition_key, sort_key) in indexes.items()
        ],
    }
    return TableSchema.model_validate(properties, by_name=False, by_alias=True)


@pytest.mark.parametrize(
    ("preset", "table"),
    [
        pytest.param(
            "Approval",
            sentinel(
                "sentinel-requests",
                requester=("requester", "created_at"),
                status=("status", "created_at"),
                profile=("profile", "created_at"),
            ),
            id="Approval finds requests by requester, status and profile",
        ),
        pytest.param(
            "BreakGlass",
            sentinel(
                "sentinel-breakglass",
                invoker=("invoker", "created_at"),
                status=("status", "created_at"),
                profile=("profile", "created_at"),
            ),
            id="BreakGlass finds accesses by invoker, status and profile",
        ),
        pytest.param(
            "Session",
            sentinel(
                "sentinel-sessions",
                user=("user", "created_at"),
                status=("status", "created_at"),
                profile=("profile", "created_at"),
                server_instance=("server_instance_id", "status"),
            ),
            id="Session finds sessions by user, status, profile and server instance",
        ),
    ],
)
def test_a_preset_is_the_table_of_the_contract(preset: str, table: TableSchema) -> None:
    assert Preset(preset).schema() == table


def test_a_program_may_name_a_preset_table() -> None:
    tables = [make("mine") for make in (approval_table, break_glass_table, session_table)]
    assert [table.table_name for table in tables] == ["mine"] * 3
    assert [
        each.model_copy(update={"table_name": preset.schema().table_name})
        for each, preset in zip(tables, Preset, strict=True)
    ] == [preset.schema() for preset in Preset]
