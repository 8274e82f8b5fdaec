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
    """Requests for access and their approval.

    The key is ``id`` (S). The indexes ``gsi-requester``, ``gsi-status`` and ``gsi-profile`` have the attribute of their
    name as partition key and ``created_at`` (S) as sort key, and project everything. Items expire by ``ttl``, in epoch
    seconds. The table is billed on demand, and encrypted with the key that AWS manages in KMS.

    Args:
        table_name: Another name than usual.
    """
    return _sentinel_table(
        table_name,
        _index("gsi-requester", "requester"),
        _index("gsi-status", "status"),
        _index("gsi-profile", "profile"),
    )


def break_glass_table(table_name: str = "sentinel-breakglass") -> TableSchema:
    """Emergency access.

    As :func:`approval_table`, with the indexes ``gsi-invoker``, ``gsi-status`` and ``gsi-profile``.

    Args:
        table_name: Another name than usual.
    """
    return _sentinel_table(
        table_name,
        _index("gsi-invoker", "invoker"),
        _index("gsi-status", "status"),
        _index("gsi-profile", "profile"),
    )


def session_table(table_name: str = "sentinel-sessions") -> TableSchema:
    """Sessions.

    As :func:`approval_table`, with the indexes ``gsi-user``, ``gsi-status`` and ``gsi-profile``, and
    ``gsi-server-instance`` by ``server_instance_id`` (S), whose sort key is ``status`` (S).

    Args:
        table_name: Another name than usual.
    """
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
