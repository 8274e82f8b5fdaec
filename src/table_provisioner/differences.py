"""In what two tables or indexes differ that no update can change, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from table_provisioner.schema import (
        GlobalSecondaryIndex,
        ImportSourceSpecification,
        KeyAttribute,
        LocalSecondaryIndex,
        ProjectionType,
        TableSchema,
        VectorIndex,
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


def vector_index_difference(actual: VectorIndex, desired: VectorIndex) -> str:
    """In what two vector indexes differ, none of which can be changed in place; empty where they do not."""
    for what, here, wanted in (
        ("the vector attribute", actual.vector_attribute.attribute_name, desired.vector_attribute.attribute_name),
        ("the dimensions", str(actual.dimensions), str(desired.dimensions)),
        ("the distance function", actual.distance_function, desired.distance_function),
        ("the search schema", _search_schema(actual), _search_schema(desired)),
        ("the projection", _projection_text(actual), _projection_text(desired)),
    ):
        if here != wanted:
            return f"{what} {here or 'none'}, declared is {wanted or 'none'}"
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


def import_difference(actual: ImportSourceSpecification | None, desired: ImportSourceSpecification | None) -> str:
    """In what the source of a table's data differs from the declared one; empty where it does not.

    What is not declared stands for DynamoDB's default; whose bucket it is counts only where both say so.
    """
    is_same = (actual and actual.identity) == (desired and desired.identity)
    if is_same and len(_bucket_owners(actual, desired)) < 2:  # noqa: PLR2004 -- more than one
        return ""
    return f"the data of {_import_text(actual)}, declared is {_import_text(desired)}"


def _bucket_owners(*sources: ImportSourceSpecification | None) -> set[str]:
    owners = (source.s3_bucket_source.s3_bucket_owner for source in sources if source)
    return {owner for owner in owners if owner}


def _import_text(source: ImportSourceSpecification | None) -> str:
    return f"{source} ({source.input_format})" if source else "no import"


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _local(indexes: tuple[LocalSecondaryIndex, ...]) -> set[str]:
    return {
        f"{index.index_name} on {index.sort_key.name} ({index.sort_key.type}, {_projection_text(index)})"
        for index in indexes
    }


def _search_schema(index: VectorIndex) -> str:
    """The partition key and the filters, whose order means nothing."""
    partition = [f"{key.name} ({key.type}, HASH)" for key in (index.partition_key,) if key]
    return ", ".join(partition + sorted(f"{key.name} ({key.type})" for key in index.inline_filters))


def _projection(
    index: GlobalSecondaryIndex | LocalSecondaryIndex | VectorIndex,
) -> tuple[ProjectionType, frozenset[str]]:
    return index.projection.projection_type, frozenset(index.projection.non_key_attributes)


def _projection_text(index: GlobalSecondaryIndex | LocalSecondaryIndex | VectorIndex) -> str:
    kind, attributes = _projection(index)
    return f"{kind} {', '.join(sorted(attributes))}".strip()


def _key(partition_key: tuple[KeyAttribute, ...], sort_key: tuple[KeyAttribute, ...]) -> str:
    named = [f"{attribute.name} ({attribute.type}, HASH)" for attribute in partition_key]
    return ", ".join(named + [f"{attribute.name} ({attribute.type}, RANGE)" for attribute in sort_key])
