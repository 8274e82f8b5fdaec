"""Short stories that any engine can tell: what the simulator, moto and ministack are compared by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore import xform_name
from botocore.exceptions import ClientError

from tests.simulator.dynamodb.tests.bench import (
    FEWER_UNITS,
    INDEXED,
    INFREQUENT,
    MAXIMA,
    NAME,
    ON_DEMAND,
    PLAIN,
    PROTECTED,
    PROVISIONED_TABLE,
    SSE_ON,
    STREAM_OFF,
    STREAM_ON,
    UNITS,
    index,
    index_creation,
    key,
    strings,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.dynamodb.tests.bench import Members

TTL_ON: Final = {"Enabled": True, "AttributeName": "ttl"}


class Engine:
    """A client, and a way to let everything settle that takes time."""

    def __init__(self, client: Any, settle: Callable[[], None]) -> None:  # noqa: ANN401 - its methods go by name
        """Talk to an engine through a boto3 client."""
        self.client = client
        self.settle = settle

    def call(self, operation: str, **params: Any) -> Any:  # noqa: ANN401 - whatever the API takes and gives
        """Make a call, and let it settle; a refusal is its code and text."""
        answer = self.call_only(operation, **params)
        self.settle()
        return answer

    def call_only(self, operation: str, **params: Any) -> Any:  # noqa: ANN401 - as above
        """Make a call without waiting."""
        try:
            return getattr(self.client, xform_name(operation))(**params)
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"].get("Message", "")

    def update(self, *parts: Members) -> Any:  # noqa: ANN401 - as above
        """Update the table, and let it settle."""
        merged: Members = {"TableName": NAME}
        for part in parts:
            merged |= part
        return self.call("UpdateTable", **merged)

    def table(self) -> Members:
        """What DescribeTable says."""
        described: Members = self.call("DescribeTable", TableName=NAME)["Table"]
        return described


def created(engine: Engine, request: Members = PLAIN, **members: Any) -> Engine:  # noqa: ANN401 - any member
    """Create the table."""
    engine.call("CreateTable", **request | members)
    return engine


def outcome(answer: Any) -> Any:  # noqa: ANN401 - a refusal, or something else
    """A refusal as it is, and "ok" for anything else."""
    return answer if isinstance(answer, tuple) else "ok"


def refused_creation(**members: Any) -> Callable[[Engine], Any]:  # noqa: ANN401 - any member
    """A story of one CreateTable."""
    return lambda engine: outcome(engine.call("CreateTable", **PLAIN | members))


def refused_update(request: Members, *parts: Members) -> Callable[[Engine], Any]:
    """A story of one UpdateTable."""
    return lambda engine: outcome(created(engine, request).update(*parts))


def _pages(engine: Engine) -> Any:  # noqa: ANN401 - two pages
    for name in ("mango", "Zebra", "apple"):
        created(engine, TableName=name)
    first = engine.call("ListTables", Limit=2)
    rest = engine.call("ListTables", ExclusiveStartTableName=first["LastEvaluatedTableName"])
    return first["TableNames"], rest["TableNames"]


def _items(engine: Engine) -> Any:  # noqa: ANN401 - a count and an item
    created(engine)
    for number in "123":
        engine.call("PutItem", TableName=NAME, Item={"id": {"S": number}})
    engine.call("DeleteItem", TableName=NAME, Key={"id": {"S": "1"}})
    item = engine.call("GetItem", TableName=NAME, Key={"id": {"S": "2"}})["Item"]
    return engine.call("Scan", TableName=NAME, Select="COUNT")["Count"], item


def _tags(engine: Engine) -> Any:  # noqa: ANN401 - pairs
    arn = created(engine, Tags=[{"Key": "a", "Value": "1"}]).table()["TableArn"]
    engine.call("TagResource", ResourceArn=arn, Tags=[{"Key": "b", "Value": ""}])
    engine.call("UntagResource", ResourceArn=arn, TagKeys=["a", "absent"])
    return engine.call("ListTagsOfResource", ResourceArn=arn)["Tags"]


def _too_many_tags(engine: Engine) -> Any:  # noqa: ANN401 - a refusal
    arn = created(engine).table()["TableArn"]
    tags = [{"Key": f"key{number}", "Value": "1"} for number in range(51)]
    return outcome(engine.call("TagResource", ResourceArn=arn, Tags=tags))


def _time_to_live(engine: Engine) -> Any:  # noqa: ANN401 - a description
    created(engine).call("UpdateTimeToLive", TableName=NAME, TimeToLiveSpecification=TTL_ON)
    return engine.call("DescribeTimeToLive", TableName=NAME)["TimeToLiveDescription"]


def _time_to_live_twice(engine: Engine) -> Any:  # noqa: ANN401 - a refusal
    created(engine).call("UpdateTimeToLive", TableName=NAME, TimeToLiveSpecification=TTL_ON)
    return outcome(engine.call("UpdateTimeToLive", TableName=NAME, TimeToLiveSpecification=TTL_ON))


def _time_to_live_flap(engine: Engine) -> Any:  # noqa: ANN401 - a refusal
    created(engine).call("UpdateTimeToLive", TableName=NAME, TimeToLiveSpecification=TTL_ON)
    off = TTL_ON | {"Enabled": False}
    return outcome(engine.call("UpdateTimeToLive", TableName=NAME, TimeToLiveSpecification=off))


def _recovery(engine: Engine) -> Any:  # noqa: ANN401 - a status
    created(engine).call(
        "UpdateContinuousBackups",
        TableName=NAME,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    described = engine.call("DescribeContinuousBackups", TableName=NAME)["ContinuousBackupsDescription"]
    return described["ContinuousBackupsStatus"], described["PointInTimeRecoveryDescription"][
        "PointInTimeRecoveryStatus"
    ]


def _backup(engine: Engine) -> Any:  # noqa: ANN401 - what of it outlives the table
    created(engine)
    arn = engine.call("CreateBackup", TableName=NAME, BackupName="first")["BackupDetails"]["BackupArn"]
    engine.call("DeleteTable", TableName=NAME)
    details = engine.call("DescribeBackup", BackupArn=arn)["BackupDescription"]["BackupDetails"]
    deleted = engine.call("DeleteBackup", BackupArn=arn)["BackupDescription"]["BackupDetails"]
    again = engine.call("DeleteBackup", BackupArn=arn)
    return details["BackupName"], details["BackupStatus"], deleted["BackupStatus"], again[0]


def _protected(engine: Engine) -> Any:  # noqa: ANN401 - a refusal
    return outcome(created(engine, **PROTECTED).call("DeleteTable", TableName=NAME))


def _index(engine: Engine) -> Any:  # noqa: ANN401 - a description
    created(engine).update(index_creation("by_city"))
    table = engine.table()
    (found,) = table["GlobalSecondaryIndexes"]
    return (
        table["AttributeDefinitions"],
        {name: found[name] for name in ("IndexName", "KeySchema", "Projection", "IndexStatus")},
    )


def _stream(engine: Engine) -> Any:  # noqa: ANN401 - members that are there
    created(engine).update(STREAM_ON)
    engine.update(STREAM_OFF)
    return sorted({"StreamSpecification", "LatestStreamArn"} & set(engine.table()))


def _update_then_delete(engine: Engine) -> Any:  # noqa: ANN401 - a refusal
    created(engine)
    engine.call_only("UpdateTable", TableName=NAME, **STREAM_ON)
    return outcome(engine.call("DeleteTable", TableName=NAME))


def _two_indexes_at_once(engine: Engine) -> Any:  # noqa: ANN401 - a refusal
    created(engine)
    engine.call_only("UpdateTable", TableName=NAME, **index_creation("by_city"))
    return outcome(engine.call("UpdateTable", TableName=NAME, **index_creation("by_town")))


def _status_after_creation(engine: Engine) -> Any:  # noqa: ANN401 - a status
    engine.call_only("CreateTable", **PLAIN)
    return engine.call_only("DescribeTable", TableName=NAME)["Table"]["TableStatus"]


def _after_deletion(engine: Engine) -> Any:  # noqa: ANN401 - a status or a refusal
    created(engine).call_only("DeleteTable", TableName=NAME)
    return outcome(engine.call_only("DescribeTable", TableName=NAME))


def _changed(members: Members, shown: str, request: Members = PLAIN) -> Callable[[Engine], Any]:
    """Whether an update shows in the end."""

    def story(engine: Engine) -> Any:  # noqa: ANN401 - a description
        created(engine, request).update(members)
        found = engine.table().get(shown)
        return sorted(found) if isinstance(found, dict) else found

    return story


SCENARIOS: Final[dict[str, Callable[[Engine], Any]]] = {
    "a missing table is not found": lambda engine: engine.call("DescribeTable", TableName=NAME),
    "a missing table cannot be deleted": lambda engine: engine.call("DeleteTable", TableName=NAME),
    "a table is CREATING at first": _status_after_creation,
    "a deleted table is DELETING at first": _after_deletion,
    "a table that exists cannot be created": lambda engine: outcome(created(engine).call("CreateTable", **PLAIN)),
    "a surplus attribute definition": refused_creation(AttributeDefinitions=strings("id", "other")),
    "a surplus attribute definition beside an index": refused_creation(
        **{**INDEXED, "AttributeDefinitions": strings("id", "email", "other")}
    ),
    "an index attribute without definition": refused_creation(**{**INDEXED, "AttributeDefinitions": strings("id")}),
    "PROVISIONED without units": refused_creation(BillingMode="PROVISIONED"),
    "PAY_PER_REQUEST with units": refused_creation(ProvisionedThroughput=UNITS),
    "a key that begins with RANGE": refused_creation(KeySchema=[{"AttributeName": "id", "KeyType": "RANGE"}]),
    "one attribute as HASH and RANGE": refused_creation(KeySchema=key("id", "id")),
    "an empty list of global indexes": refused_creation(GlobalSecondaryIndexes=[]),
    "an empty list of local indexes": refused_creation(LocalSecondaryIndexes=[]),
    "a local index without a sort key in the table": refused_creation(
        AttributeDefinitions=strings("id", "size"), LocalSecondaryIndexes=[index("by_size", "id", "size")]
    ),
    "INCLUDE without attributes": refused_creation(
        **{**INDEXED, "GlobalSecondaryIndexes": [index("by_email", Projection={"ProjectionType": "INCLUDE"})]}
    ),
    "two indexes of one name": refused_creation(
        **{**INDEXED, "GlobalSecondaryIndexes": [index("by_email"), index("by_email")]}
    ),
    "a name of two letters": refused_creation(TableName="no"),
    "an unknown billing mode": refused_creation(BillingMode="FREE"),
    "a stream without a view type": refused_creation(StreamSpecification={"StreamEnabled": True}),
    "an update without members": refused_update(PLAIN),
    "the same capacity": refused_update(PROVISIONED_TABLE, {"ProvisionedThroughput": UNITS}),
    "capacity of an on-demand table": refused_update(PLAIN, {"ProvisionedThroughput": UNITS}),
    "PROVISIONED without capacity": refused_update(PROVISIONED_TABLE, {"BillingMode": "PROVISIONED"}),
    "capacity with a stream": refused_update(PROVISIONED_TABLE, {"ProvisionedThroughput": FEWER_UNITS}, STREAM_ON),
    "encryption with protection": refused_update(PLAIN, SSE_ON, PROTECTED),
    "a stream that is enabled": refused_update(PLAIN | STREAM_ON, STREAM_ON),
    "a stream that is disabled": refused_update(PLAIN, STREAM_OFF),
    "an index that exists": refused_update(INDEXED, index_creation("by_email")),
    "an index that is missing": refused_update(
        PLAIN, {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by_city"}}]}
    ),
    "two index creations in one call": refused_update(
        PLAIN,
        {
            "AttributeDefinitions": strings("city", "town"),
            "GlobalSecondaryIndexUpdates": [{"Create": index("by_city")}, {"Create": index("by_town")}],
        },
    ),
    "two index creations at once": _two_indexes_at_once,
    "deletion during an update": _update_then_delete,
    "deletion of a protected table": _protected,
    "a new index": _index,
    "a stream that was switched off": _stream,
    "a switch to PAY_PER_REQUEST": _changed(ON_DEMAND, "BillingModeSummary", PROVISIONED_TABLE),
    "a class change": _changed(INFREQUENT, "TableClassSummary"),
    "an encryption change": _changed(SSE_ON, "SSEDescription"),
    "on-demand maxima": _changed(MAXIMA, "OnDemandThroughput"),
    "deletion protection": _changed(PROTECTED, "DeletionProtectionEnabled"),
    "warm throughput of a new table": lambda engine: created(engine).table().get("WarmThroughput"),
    "encryption of a new table": lambda engine: sorted(
        created(engine, SSESpecification={"Enabled": True}).table()["SSEDescription"]
    ),
    "what a plain table shows": lambda engine: sorted(created(engine).table()),
    "what an index shows": lambda engine: sorted(created(engine, INDEXED).table()["GlobalSecondaryIndexes"][0]),
    "TTL": _time_to_live,
    "TTL that is enabled": _time_to_live_twice,
    "TTL changed twice": _time_to_live_flap,
    "point-in-time recovery": _recovery,
    "a backup that outlives its table": _backup,
    "tags": _tags,
    "51 tags": _too_many_tags,
    "tables page by page": _pages,
    "items": _items,
}
"""What happens, by a sentence's subject: each yields something to compare."""
