"""What a table looks like from outside, in the words of a template."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        KeySchemaElementTypeDef,
        ProjectionOutputTypeDef,
        TableDescriptionTypeDef,
    )

OWN_TAGS = "table-provisioner:"


@dataclass(frozen=True)
class Index:
    """A global secondary index."""

    key: str
    projection: str


@dataclass(frozen=True)
class Table:
    """A table as DynamoDB describes it.

    Attributes:
        key: ``order_id (S)``, or ``user_id (S), started_at (N)`` with a sort key.
        indexes: The global secondary indexes by name.
        time_to_live: The attribute that tells when an item expires; empty when items do not.
        stream: What the stream shows of a change; empty without a stream.
        encryption: ``KMS``; empty for the key that DynamoDB owns.
        tags: The user's tags, without those by which the function marks its tables.
    """

    key: str
    indexes: dict[str, Index] = field(default_factory=dict)
    billing_mode: str = "PAY_PER_REQUEST"
    time_to_live: str = ""
    stream: str = ""
    encryption: str = ""
    point_in_time_recovery: bool = False
    tags: dict[str, str] = field(default_factory=dict)


def describe(dynamodb: DynamoDBClient, name: str) -> Table:
    """Look at a table with every call that shows a part of it."""
    table = dynamodb.describe_table(TableName=name)["Table"]
    time_to_live = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    tags = dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
    return Table(
        key=_key(table, table["KeySchema"]),
        indexes={
            index["IndexName"]: Index(_key(table, index["KeySchema"]), _projection(index["Projection"]))
            for index in table.get("GlobalSecondaryIndexes", [])
        },
        billing_mode=table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        time_to_live=time_to_live.get("AttributeName", ""),
        stream=table.get("StreamSpecification", {}).get("StreamViewType", ""),
        encryption=table.get("SSEDescription", {}).get("SSEType", ""),
        point_in_time_recovery=recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
        tags={tag["Key"]: tag["Value"] for tag in tags if not tag["Key"].startswith(OWN_TAGS)},
    )


def make_by_hand(dynamodb: DynamoDBClient, name: str, item: dict[str, str]) -> None:
    """Make a table that no stack knows, with an item whose first attribute is the key."""
    key = next(iter(item))
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName=name, Item={name: {"S": value} for name, value in item.items()})


def items(dynamodb: DynamoDBClient, name: str) -> list[dict[str, str]]:
    """All items of a table of texts."""
    found = dynamodb.scan(TableName=name)["Items"]
    return [{key: value["S"] for key, value in item.items()} for item in found]


def own_tags(dynamodb: DynamoDBClient, name: str) -> list[str]:
    """The tags that say that a table is a stack's."""
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    tags = dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
    return [tag["Key"] for tag in tags if tag["Key"].startswith(OWN_TAGS)]


def _key(table: TableDescriptionTypeDef, key_schema: Iterable[KeySchemaElementTypeDef]) -> str:
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    return ", ".join(f"{each['AttributeName']} ({types[each['AttributeName']]})" for each in key_schema)


def _projection(projection: ProjectionOutputTypeDef) -> str:
    attributes = sorted(projection.get("NonKeyAttributes", []))
    return " ".join((projection["ProjectionType"], *attributes))
