"""Sentinel's three tables, ready to use."""

from __future__ import annotations

from enum import StrEnum

from table_provisioner.schema import (
    AttributeType,
    BillingMode,
    GlobalSecondaryIndex,
    KeyAttribute,
    SSESpecification,
    SSEType,
    TableSchema,
    TimeToLiveSpecification,
)


class Preset(StrEnum):
    """The names by which templates ask for the tables."""

    APPROVAL = "Approval"
    BREAK_GLASS = "BreakGlass"
    SESSION = "Session"

    def schema(self) -> TableSchema:
        """The table of this preset, under its usual name."""
        return _SCHEMAS[self]()


def approval_table(table_name: str = "sentinel-requests") -> TableSchema:
    """Requests for access and their approval, by requester, status and profile."""
    return _sentinel_table(
        table_name,
        _index("gsi-requester", "requester"),
        _index("gsi-status", "status"),
        _index("gsi-profile", "profile"),
    )


def break_glass_table(table_name: str = "sentinel-breakglass") -> TableSchema:
    """Emergency access, by invoker, status and profile."""
    return _sentinel_table(
        table_name,
        _index("gsi-invoker", "invoker"),
        _index("gsi-status", "status"),
        _index("gsi-profile", "profile"),
    )


def session_table(table_name: str = "sentinel-sessions") -> TableSchema:
    """Sessions, by user, status, profile and server instance."""
    return _sentinel_table(
        table_name,
        _index("gsi-user", "user"),
        _index("gsi-status", "status"),
        _index("gsi-profile", "profile"),
        _index("gsi-server-instance", "server_instance_id", sort_key="status"),
    )


_SCHEMAS = {
    Preset.APPROVAL: approval_table,
    Preset.BREAK_GLASS: break_glass_table,
    Preset.SESSION: session_table,
}


def _sentinel_table(table_name: str, *indexes: GlobalSecondaryIndex) -> TableSchema:
    return TableSchema(
        table_name=table_name,
        partition_key=_string("id"),
        global_secondary_indexes=indexes,
        billing_mode=BillingMode.PAY_PER_REQUEST,
        sse_specification=SSESpecification(sse_enabled=True, sse_type=SSEType.KMS),
        time_to_live_specification=TimeToLiveSpecification(enabled=True, attribute_name="ttl"),
    )


def _index(name: str, partition_key: str, *, sort_key: str = "created_at") -> GlobalSecondaryIndex:
    return GlobalSecondaryIndex(index_name=name, partition_key=(_string(partition_key),), sort_key=(_string(sort_key),))


def _string(name: str) -> KeyAttribute:
    return KeyAttribute(name=name, type=AttributeType.STRING)
