"""Tables that somebody else made or left behind, and what they are before and after a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.simulator.account import Account

PREFIX = "table-provisioner:"
OUR_STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/1"
"""The stack of requests that are sent one by one."""
ANOTHER_STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/warehouse/1"

_NEW_TABLE = {
    "TableName": "orders",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def owned(stack_id: str = OUR_STACK, logical_resource_id: str = "Table") -> dict[str, str]:
    """The tags of a table that a resource created."""
    return {f"{PREFIX}stack-id": stack_id, f"{PREFIX}logical-resource-id": logical_resource_id}


def adopted(stack_id: str = OUR_STACK, logical_resource_id: str = "Table") -> dict[str, str]:
    """The tags of a table that a resource took over."""
    return {f"{PREFIX}adopted-by": stack_id, f"{PREFIX}adopted-as": logical_resource_id}


def fenced(request_id: str = "an-earlier-request", time: str = "2026-01-01T00:00:00+00:00") -> dict[str, str]:
    """The tags that a request at work leaves."""
    return {f"{PREFIX}request-id": request_id, f"{PREFIX}request-time": time}


_FORMER_STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/0"
"""Of the same name, and deleted since."""
SOMEBODY_ELSES = (
    pytest.param(owned(ANOTHER_STACK) | fenced(), id="created by another stack"),
    pytest.param(owned(logical_resource_id="Orders") | fenced(), id="created by another resource of this stack"),
    pytest.param(owned(_FORMER_STACK) | fenced(), id="created by a former stack of this name"),
    pytest.param(adopted(ANOTHER_STACK) | fenced(), id="taken over by another stack"),
    pytest.param(adopted(logical_resource_id="Orders"), id="taken over by another resource of this stack"),
    pytest.param(owned() | adopted(ANOTHER_STACK), id="created by this resource and taken over by another"),
    pytest.param({f"{PREFIX}stack-id": OUR_STACK}, id="tagged by half"),
    pytest.param({f"{PREFIX}adopted-as": "Table"}, id="taken over by half"),
)
"""Tags of tables that are another resource's."""


@dataclass(frozen=True)
class Content:
    """All that a table is and holds; equal where nothing was changed."""

    description: dict[str, Any]
    tags: dict[str, str]
    items: list[dict[str, Any]]
    expiry: str | None

    @property
    def identity(self) -> tuple[str, list[dict[str, Any]]]:
        """What must not be lost: the very table, and its items."""
        return self.description["TableId"], self.items

    @property
    def whose(self) -> dict[str, str]:
        """The tags that say whose the table is."""
        return {key: value for key, value in self.tags.items() if key in owned() | adopted()}

    @property
    def request_id(self) -> str | None:
        """The request whose fence stands on the table."""
        return self.tags.get(f"{PREFIX}request-id")


def look(account: Account, table_name: str = "orders") -> Content:
    """What a table is and holds, without a call to AWS.

    Raises:
        KeyError: There is no such table.
    """
    table = account.dynamodb.tables[table_name]
    return Content(table.describe(), dict(table.tags.current), list(table.items.values()), table.time_to_live.attribute)


def make_table(account: Account, tags: Mapping[str, str] | None = None, **more: Any) -> Content:  # noqa: ANN401 -- any parameter of CreateTable
    """Make a table by hand, put an item into it, and let a minute pass."""
    client = boto3.client("dynamodb")
    parameters = _NEW_TABLE | {"Tags": [{"Key": key, "Value": value} for key, value in (tags or {}).items()]} | more
    client.create_table(**parameters)
    account.clock.advance(60)
    types = {each["AttributeName"]: each["AttributeType"] for each in parameters["AttributeDefinitions"]}
    key = {part["AttributeName"]: {types[part["AttributeName"]]: "1"} for part in parameters["KeySchema"]}
    client.put_item(TableName=parameters["TableName"], Item=key | {"precious": {"S": "data"}})
    return look(account, parameters["TableName"])


def changes(account: Account) -> list[str]:
    """The operations that changed tables so far; those on items aside."""
    return [operation for operation in account.dynamodb.mutations if not operation.endswith("Item")]
