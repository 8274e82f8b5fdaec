"""Properties of the tables that the tests declare, and what DynamoDB says of them."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3

Properties = dict[str, Any]

ORDERS: Properties = {
    "TableName": "orders",
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "created_at", "AttributeType": "N"},
        {"AttributeName": "email", "AttributeType": "S"},
    ],
    "KeySchema": [
        {"AttributeName": "id", "KeyType": "HASH"},
        {"AttributeName": "created_at", "KeyType": "RANGE"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-email",
            "KeySchema": [{"AttributeName": "email", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
    "Tags": [{"Key": "team", "Value": "checkout"}],
}
"""A table word for word as ``AWS::DynamoDB::Table`` takes it."""


def compact(*indexes: str, **more: Any) -> Properties:  # noqa: ANN401 -- any property
    """A table ``orders`` in the compact form, with one index for each attribute named."""
    declared = [{"IndexName": f"by-{name}", "PartitionKey": {"Name": name, "Type": "S"}} for name in indexes]
    listed = {"GlobalSecondaryIndexes": declared} if declared else {}
    return {"TableName": "orders", "PartitionKey": {"Name": "id", "Type": "S"}, **listed, **more}


@cache
def dynamodb() -> Any:  # noqa: ANN401 -- boto3 makes its clients at run time
    """A client of somebody else; the same for all tests, because making one takes longer than most of them."""
    return boto3.client("dynamodb")


def described(table_name: str = "orders") -> dict[str, Any] | None:
    """What ``DescribeTable`` says; ``None`` where there is no such table."""
    client = dynamodb()
    try:
        return dict(client.describe_table(TableName=table_name)["Table"])
    except client.exceptions.ResourceNotFoundException:
        return None


def index_names(table_name: str = "orders") -> set[str]:
    """The global secondary indexes of a table."""
    table = described(table_name) or {}
    return {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", ())}


def time_to_live(table_name: str = "orders") -> str | None:
    """The attribute by which items expire; ``None`` where none do."""
    answer: dict[str, str] = dynamodb().describe_time_to_live(TableName=table_name)["TimeToLiveDescription"]
    return answer.get("AttributeName")


def tags(table_name: str = "orders") -> dict[str, str]:
    """All tags of a table."""
    client = dynamodb()
    arn = client.describe_table(TableName=table_name)["Table"]["TableArn"]
    return {tag["Key"]: tag["Value"] for tag in client.list_tags_of_resource(ResourceArn=arn)["Tags"]}


def stream_tags(table_name: str = "orders") -> dict[str, str]:
    """All tags of a table's stream; none where it is off."""
    table = described(table_name) or {}
    if not table.get("StreamSpecification"):
        return {}
    listed = dynamodb().list_tags_of_resource(ResourceArn=table["LatestStreamArn"])["Tags"]
    return {tag["Key"]: tag["Value"] for tag in listed}


def put_item(table_name: str = "orders", **key: Any) -> None:  # noqa: ANN401 -- any attribute value
    """Put one item, whose survival proves that its table is still the same."""
    dynamodb().put_item(TableName=table_name, Item=key)


def recovery_days(table_name: str = "orders") -> int:
    """For how many days a table can be recovered to any point in time; 0 where it cannot."""
    answer = dynamodb().describe_continuous_backups(TableName=table_name)
    recovery: dict[str, int] = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return recovery.get("RecoveryPeriodInDays", 0)


def create_by_hand(  # noqa: PLR0913 -- what a table may have
    table_name: str,
    sort_key: str = "",
    *,
    index: str = "",
    local_index: str = "",
    stream: str = "",
    tags: dict[str, str] | None = None,
) -> None:
    """Begin to create a table that no stack knows, with partition key ``id``; an index is on ``city``."""
    names = {"id": "S"} | ({sort_key: "N"} if sort_key else {}) | ({"city": "S"} if index or local_index else {})
    arguments: dict[str, Any] = {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, kind in names.items()],
        "KeySchema": _key("id", sort_key),
    }
    projection = {"ProjectionType": "ALL"}
    if index:
        declared = {"IndexName": index, "KeySchema": _key("city"), "Projection": projection}
        arguments["GlobalSecondaryIndexes"] = [declared]
    if local_index:
        declared = {"IndexName": local_index, "KeySchema": _key("id", "city"), "Projection": projection}
        arguments["LocalSecondaryIndexes"] = [declared]
    if stream:
        arguments["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": stream}
    if tags:
        arguments["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    dynamodb().create_table(TableName=table_name, BillingMode="PAY_PER_REQUEST", **arguments)


def _key(partition_key: str, sort_key: str = "") -> list[dict[str, str]]:
    named = ((partition_key, "HASH"), (sort_key, "RANGE"))
    return [{"AttributeName": name, "KeyType": kind} for name, kind in named if name]
