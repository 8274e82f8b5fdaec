"""Key schemas, attribute definitions and projections: what a table or index may look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json

MAXIMUM_TABLE_KEYS: Final = 2
MAXIMUM_INDEX_KEYS: Final = 4


def names(schema: Iterable[Json]) -> list[str]:
    """The attribute names of a key."""
    return [element["AttributeName"] for element in schema]


def normal_projection(projection: Json) -> Json:
    """A projection as it is described: its attributes sorted (T-125, T-366)."""
    normal = dict(projection)
    if "NonKeyAttributes" in normal:
        normal["NonKeyAttributes"] = sorted(normal["NonKeyAttributes"])
    return normal


def check_table_key(schema: list[Json], value: str = "keySchema") -> None:
    """Refuse a table's or local index's key (T-042, T-123, T-124, T-442)."""
    if len(schema) > MAXIMUM_TABLE_KEYS:
        elements = ", ".join(f"com.amazonaws.dynamodb.v20120810.KeySchemaElement@{i:x}" for i in range(len(schema)))
        raise refusal("too-many-keys", value=f"[{elements}]", member=value)
    if schema[0]["KeyType"] != "HASH":
        raise refusal("first-key-is-not-hash")
    if len(schema) == MAXIMUM_TABLE_KEYS:
        if schema[1]["KeyType"] != "RANGE":
            raise refusal("second-key-is-not-range")
        if schema[0]["AttributeName"] == schema[1]["AttributeName"]:
            raise refusal("hash-and-range-are-the-same")


def check_index_key(schema: list[Json]) -> None:
    """Refuse a global index's key: up to four HASH, then up to four RANGE (T-123, T-124)."""
    if schema[0]["KeyType"] != "HASH":
        raise refusal("first-key-is-not-hash")
    kinds = [element["KeyType"] for element in schema]
    for kind in ("HASH", "RANGE"):
        if kinds.count(kind) > MAXIMUM_INDEX_KEYS:
            raise refusal("index-has-too-many-keys", kind=kind)
    if kinds != sorted(kinds):
        raise refusal("hash-must-precede-range")
    if len(set(names(schema))) != len(schema):
        raise refusal("index-key-is-repeated")


def check_projection(projection: Json) -> None:
    """Refuse a projection whose type and attributes contradict each other (T-126, T-457)."""
    kind = projection.get("ProjectionType")
    attributes = projection.get("NonKeyAttributes")
    if kind is None:
        raise refusal("projection-type-is-unknown")
    if kind == "INCLUDE" and attributes is None:
        raise refusal("include-needs-attributes")
    if kind != "INCLUDE" and attributes is not None:
        raise refusal("projection-takes-no-attributes", type=kind)
    included: list[str] = attributes or []
    for attribute in included:
        if included.count(attribute) > 1:
            raise refusal("projected-attribute-is-duplicated", attribute=attribute)


def check_attributes(definitions: list[Json], table_key: list[Json], index_keys: list[list[Json]]) -> None:
    """Refuse definitions that are missing, repeated or not used (T-042, T-127)."""
    defined = names(definitions)
    if not defined:
        raise refusal("no-attributes-at-all")
    for name in defined:
        if defined.count(name) > 1:
            raise refusal("attribute-is-duplicated", attribute=name)
    used = {name for key in (table_key, *index_keys) for name in names(key)}
    listed = _listed(sorted(defined))
    if set(defined) - used:
        name = "attributes-are-not-used" if index_keys else "attributes-do-not-match-key-schema"
        raise refusal(name, defined=listed, used=_listed(sorted(used)))
    for key in (table_key, *index_keys):
        if set(names(key)) - set(defined):
            raise refusal("attributes-are-not-defined", used=_listed(names(key)), defined=listed)


def _listed(attributes: list[str]) -> str:
    return f"[{', '.join(attributes)}]"


def check_local_index(index: Json, table_key: list[Json]) -> None:
    """Refuse a local index that does not share the partition key, or has no sort key (T-129)."""
    key = index["KeySchema"]
    check_table_key(key)
    if len(table_key) < MAXIMUM_TABLE_KEYS:
        raise refusal("local-index-needs-a-range-key")
    if key[0]["AttributeName"] != table_key[0]["AttributeName"]:
        raise refusal("local-index-has-another-hash-key", index=index["IndexName"])
    if len(key) < MAXIMUM_TABLE_KEYS:
        raise refusal("local-index-has-no-range-key", index=index["IndexName"])


def check_new_index(creation: Json, table: Table, definitions: list[Json]) -> None:
    """Refuse an index that UpdateTable is to create; only its new attributes need definitions (T-162, T-358)."""
    check_index_key(creation["KeySchema"])
    check_projection(creation["Projection"])
    known = set(names(definitions)) | set(table.attributes)
    if set(names(creation["KeySchema"])) - known:
        raise refusal("index-attribute-is-not-defined", index=creation["IndexName"])
