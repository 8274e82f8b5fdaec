"""In what two tables or indexes differ that no update can change, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from table_provisioner.schema import (
        GlobalSecondaryIndex,
        KeyAttribute,
        LocalSecondaryIndex,
        ProjectionType,
        TableSchema,
    )
    from table_provisioner.state import TableState


def index_difference(actual: GlobalSecondaryIndex, desired: GlobalSecondaryIndex) -> str:
    """In what two indexes differ that cannot be changed in place; empty where they do not."""
    if (actual.partition_key, actual.sort_key) != (desired.partition_key, desired.sort_key):
        here, wanted = _key(actual.partition_key, actual.sort_key), _key(desired.partition_key, desired.sort_key)
        return f"the key {here}, declared is {wanted}"
    if _projection(actual) != _projection(desired):
        return f"the projection {_projection_text(actual)}, declared is {_projection_text(desired)}"
    return ""


def key_difference(actual: TableState, desired: TableSchema, previous: TableSchema | None = None) -> str:
    """In what a table differs that only another table can have; empty where it does not.

    Local indexes count only where they are, or were, declared.
    """
    sort_key = (desired.sort_key,) if desired.sort_key else ()
    if (actual.partition_key, actual.sort_key) != ((desired.partition_key,), sort_key):
        return (
            f"the key {_key(actual.partition_key, actual.sort_key)}, "
            f"declared is {_key((desired.partition_key,), sort_key)}"
        )
    if desired.local_secondary_indexes or (previous and previous.local_secondary_indexes):
        here, wanted = _local(actual.local_indexes), _local(desired.local_secondary_indexes)
        if here != wanted:
            return f"the local indexes {_listed(here)}, declared are {_listed(wanted)}"
    return ""


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _local(indexes: tuple[LocalSecondaryIndex, ...]) -> set[str]:
    return {
        f"{index.index_name} on {index.sort_key.name} ({index.sort_key.type}, {_projection_text(index)})"
        for index in indexes
    }


def _projection(index: GlobalSecondaryIndex | LocalSecondaryIndex) -> tuple[ProjectionType, frozenset[str]]:
    return index.projection.projection_type, frozenset(index.projection.non_key_attributes)


def _projection_text(index: GlobalSecondaryIndex | LocalSecondaryIndex) -> str:
    kind, attributes = _projection(index)
    return f"{kind} {', '.join(sorted(attributes))}".strip()


def _key(partition_key: tuple[KeyAttribute, ...], sort_key: tuple[KeyAttribute, ...]) -> str:
    named = [f"{attribute.name} ({attribute.type}, HASH)" for attribute in partition_key]
    return ", ".join(named + [f"{attribute.name} ({attribute.type}, RANGE)" for attribute in sort_key])
