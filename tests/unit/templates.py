"""Properties as templates spell them natively."""

from __future__ import annotations

from typing import Any

Members = dict[str, Any]


def key_schema(*names: str, hashes: int = 1) -> list[Members]:
    """A key: HASH elements first, then RANGE."""
    return [{"AttributeName": name, "KeyType": "HASH" if i < hashes else "RANGE"} for i, name in enumerate(names)]


def definitions(**types: str) -> list[Members]:
    """The types of key attributes."""
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


def native_index(name: str, *names: str, hashes: int = 1, **members: Any) -> Members:  # noqa: ANN401 -- members of any type
    """An index as ``AWS::DynamoDB::Table`` has it."""
    projection = {"ProjectionType": "ALL"}
    return {"IndexName": name, "KeySchema": key_schema(*names, hashes=hashes), "Projection": projection, **members}


def native(**members: Any) -> Members:  # noqa: ANN401 -- members of any type
    """A valid table as ``AWS::DynamoDB::Table`` has it, with changes; ``None`` takes a member away."""
    table = {
        "TableName": "orders",
        "AttributeDefinitions": definitions(id="S"),
        "KeySchema": key_schema("id"),
        **members,
    }
    return {name: value for name, value in table.items() if value is not None}
