"""Every property that an update can change: declared first, declared then, and what a table shows for it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.functional.any_table import KEYS
from tests.functional.shown import shown, warmth
from tests.functional.tables import compact, dynamodb
from tests.simulator.dynamodb.kms import AWS_MANAGED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.functional.tables import Properties
    from tests.simulator.account import Account

ALIAS: Final = KEYS[0]
_ARN: Final = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
_KINESIS: Final = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"
_OTHER_KINESIS: Final = "arn:aws:kinesis:us-east-1:123456789012:stream/others"
_NAMED: Final = {"TableName": "orders"}


def index(name: str, **more: Any) -> Properties:  # noqa: ANN401 -- any property of an index
    """An index in the compact form, on the attribute that names it."""
    return {"IndexName": f"by-{name}", "PartitionKey": {"Name": name, "Type": "S"}, **more}


def indexed(**more: Any) -> Properties:  # noqa: ANN401 -- as above
    """The indexes of a table: one, on ``city``."""
    return {"GlobalSecondaryIndexes": [index("city", **more)]}


def units(reads: int, writes: int) -> dict[str, int]:
    """Provisioned units."""
    return {"ReadCapacityUnits": reads, "WriteCapacityUnits": writes}


def _key(*names: str) -> list[dict[str, str]]:
    """Half a key."""
    return [{"Name": name, "Type": "S"} for name in names]


def _policy(account_id: str) -> Properties:
    """A policy that lets another account in."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account_id}, "Action": "dynamodb:*", "Resource": "*"}
    return {"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


@dataclass(frozen=True)
class Property:
    """One property.

    Attributes:
        look: What a table shows of it.
        first: What is declared first.
        then: What is declared then.
        shows: Once it is declared first, once it is declared then, and where it is not declared (any more).
        by_hand: Somebody else's call that brings about what is declared first, where there is one.
        base: What is declared beside it, and stays.
        only_rises: Whether a lower value, or none, is no reason to change it.
    """

    look: Callable[[Account], object]
    first: Properties
    then: Properties
    shows: tuple[object, object, object]
    by_hand: tuple[str, dict[str, Any]] | None = None
    base: Properties = field(default_factory=dict)
    only_rises: bool = False

    @property
    def versions(self) -> tuple[Properties, Properties, Properties]:
        """A table of each of the three."""
        rest = compact() | self.base
        return rest | self.first, rest | self.then, rest

    def since(self, before: Any, after: Any) -> object:  # noqa: ANN401 -- whatever is shown
        """What is shown of one value that came after another."""
        return max(before, after) if self.only_rises else after

    def make_by_hand(self) -> None:
        """Be somebody else."""
        if self.by_hand is None:
            raise ValueError("nobody can do that by one call")
        operation, arguments = self.by_hand
        getattr(dynamodb(), operation)(**arguments)


def _of_table(name: str) -> Callable[[Account], object]:
    return lambda account: shown(account)[name]


def _of_index(name: str) -> Callable[[Account], object]:
    return lambda account: shown(account)["indexes"]["by-city"][name]


def _accounts(policy: Any) -> str:  # noqa: ANN401 -- a JSON document
    """Whom a policy lets in, as the service writes it back."""
    return str(policy["Statement"][0]["Principal"]["AWS"]).split(":")[4] if policy else ""


def _schema(partition_key: Iterable[str], sort_key: Iterable[str]) -> list[dict[str, str]]:
    halves = (("HASH", partition_key), ("RANGE", sort_key))
    return [{"AttributeName": name, "KeyType": kind} for kind, names in halves for name in names]


def _update(**arguments: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 -- of ``UpdateTable``
    return "update_table", _NAMED | arguments


def _update_index(**arguments: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 -- as above
    return _update(GlobalSecondaryIndexUpdates=[{"Update": {"IndexName": "by-city", **arguments}}])


_CREATE_INDEX: Final = _update(
    AttributeDefinitions=[{"AttributeName": "city", "AttributeType": "S"}],
    GlobalSecondaryIndexUpdates=[
        {
            "Create": {
                "IndexName": "by-city",
                "KeySchema": [{"AttributeName": "city", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        }
    ],
)
_NEAREST: Final = {
    "IndexName": "nearest",
    "VectorAttribute": {"AttributeName": "embedding"},
    "PartitionKey": {"Name": "kind", "Type": "S"},
    "InlineFilters": [{"Name": "size", "Type": "N"}],
    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["title"]},
    "Dimensions": 256,
    "DistanceFunction": "COSINE",
}
_CLOSEST: Final = {
    "IndexName": "closest",
    "VectorAttribute": {"AttributeName": "meaning"},
    "PartitionKey": {"Name": "tenant", "Type": "N"},
    "InlineFilters": [{"Name": "colour", "Type": "S"}],
    "Projection": {"ProjectionType": "KEYS_ONLY"},
    "Dimensions": 64,
    "DistanceFunction": "EUCLIDEAN",
}
_COUNTED: Final = {"ContributorInsightsAction": "ENABLE", "ContributorInsightsMode": "THROTTLED_KEYS"}
_PROVISIONED: Final = {"ProvisionedThroughput": units(5, 5)}
_REBUILT: Final = {"AllowIndexRecreation": True, **indexed()}

PROPERTIES: Final = {
    "BillingMode": Property(
        _of_table("billing"),
        {"BillingMode": "PROVISIONED", **_PROVISIONED},
        {"BillingMode": "PAY_PER_REQUEST"},
        (("PROVISIONED", 5, 5), ("PAY_PER_REQUEST", 0, 0), ("PAY_PER_REQUEST", 0, 0)),
        _update(BillingMode="PROVISIONED", **_PROVISIONED),
    ),
    "ProvisionedThroughput": Property(
        _of_table("billing"),
        _PROVISIONED,
        {"ProvisionedThroughput": units(9, 2)},
        (("PROVISIONED", 5, 5), ("PROVISIONED", 9, 2), ("PAY_PER_REQUEST", 0, 0)),
        _update(BillingMode="PROVISIONED", **_PROVISIONED),
    ),
    "OnDemandThroughput": Property(
        _of_table("maxima"),
        {"OnDemandThroughput": {"MaxReadRequestUnits": 50, "MaxWriteRequestUnits": 10}},
        {"OnDemandThroughput": {"MaxReadRequestUnits": 70}},
        ({"MaxReadRequestUnits": 50, "MaxWriteRequestUnits": 10}, {"MaxReadRequestUnits": 70}, {}),
        _update(OnDemandThroughput={"MaxReadRequestUnits": 50, "MaxWriteRequestUnits": 10}),
    ),
    "WarmThroughput": Property(
        lambda account: warmth(account)[""],
        {"WarmThroughput": {"ReadUnitsPerSecond": 14000}},
        {"WarmThroughput": {"ReadUnitsPerSecond": 15000, "WriteUnitsPerSecond": 5000}},
        ((14000, 4000), (15000, 5000), (12000, 4000)),
        _update(WarmThroughput={"ReadUnitsPerSecond": 14000}),
        only_rises=True,
    ),
    "StreamSpecification": Property(
        _of_table("stream"),
        {"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}},
        {"StreamSpecification": {"StreamViewType": "KEYS_ONLY"}},
        ("NEW_IMAGE", "KEYS_ONLY", None),
        _update(StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}),
    ),
    "StreamSpecification.ResourcePolicy": Property(
        lambda account: _accounts(shown(account)["stream policy"]),
        {"StreamSpecification": {"StreamViewType": "NEW_IMAGE", "ResourcePolicy": _policy("111122223333")}},
        {"StreamSpecification": {"StreamViewType": "NEW_IMAGE", "ResourcePolicy": _policy("444455556666")}},
        ("111122223333", "444455556666", ""),
        base={"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}},
    ),
    "StreamSpecification.Tags": Property(
        _of_table("stream tags"),
        {"StreamSpecification": {"StreamViewType": "NEW_IMAGE", "Tags": [{"Key": "team", "Value": "checkout"}]}},
        {
            "StreamSpecification": {
                "StreamViewType": "NEW_IMAGE",
                "Tags": [{"Key": "team", "Value": "billing"}, {"Key": "empty", "Value": ""}],
            }
        },
        ({"team": "checkout"}, {"team": "billing", "empty": ""}, {}),
        base={"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}},
    ),
    "SSESpecification": Property(
        _of_table("encryption"),
        {"SSESpecification": {"SSEEnabled": True}},
        {"SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": ALIAS}},
        ({AWS_MANAGED}, {ALIAS}, set()),
        _update(SSESpecification={"Enabled": True}),
    ),
    "SSESpecification.SSEEnabled": Property(
        _of_table("encryption"),
        {"SSESpecification": {"SSEEnabled": True}},
        {"SSESpecification": {"SSEEnabled": False}},
        ({AWS_MANAGED}, set(), set()),
        _update(SSESpecification={"Enabled": True}),
    ),
    "TimeToLiveSpecification": Property(
        _of_table("time to live"),
        {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expires_at"}},
        {"TimeToLiveSpecification": {"Enabled": False, "AttributeName": "expires_at"}},
        ("expires_at", None, None),
        (
            "update_time_to_live",
            _NAMED | {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expires_at"}},
        ),
    ),
    "TimeToLiveAttribute": Property(
        _of_table("time to live"),
        {"TimeToLiveAttribute": "expires_at"},
        {"TimeToLiveAttribute": "ends_at"},
        ("expires_at", "ends_at", None),
        (
            "update_time_to_live",
            _NAMED | {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expires_at"}},
        ),
    ),
    "PointInTimeRecoverySpecification": Property(
        _of_table("recovery"),
        {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
        {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False}},
        (35, 0, 0),
        (
            "update_continuous_backups",
            _NAMED
            | {
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35},
            },
        ),
    ),
    "PointInTimeRecoverySpecification.RecoveryPeriodInDays": Property(
        _of_table("recovery"),
        {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7}},
        {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
        (7, 35, 0),
        (
            "update_continuous_backups",
            _NAMED
            | {
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
            },
        ),
    ),
    "Tags": Property(
        _of_table("tags"),
        {"Tags": [{"Key": "team", "Value": "checkout"}]},
        {"Tags": [{"Key": "team", "Value": "billing"}, {"Key": "empty", "Value": ""}]},
        ({"team": "checkout"}, {"team": "billing", "empty": ""}, {}),
        ("tag_resource", {"ResourceArn": _ARN, "Tags": [{"Key": "team", "Value": "checkout"}]}),
    ),
    "TableClass": Property(
        _of_table("class"),
        {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
        {"TableClass": "STANDARD"},
        ("STANDARD_INFREQUENT_ACCESS", "STANDARD", "STANDARD"),
        _update(TableClass="STANDARD_INFREQUENT_ACCESS"),
    ),
    "DeletionProtectionEnabled": Property(
        _of_table("protected"),
        {"DeletionProtectionEnabled": True},
        {"DeletionProtectionEnabled": False},
        (True, False, False),
        _update(DeletionProtectionEnabled=True),
    ),
    "ContributorInsightsSpecification": Property(
        _of_table("insights"),
        {"ContributorInsightsSpecification": {"Enabled": True, "Mode": "THROTTLED_KEYS"}},
        {"ContributorInsightsSpecification": {"Enabled": True}},
        ("THROTTLED_KEYS", "ACCESSED_AND_THROTTLED_KEYS", None),
        ("update_contributor_insights", _NAMED | _COUNTED),
    ),
    "ContributorInsightsSpecification.Enabled": Property(
        _of_table("insights"),
        {"ContributorInsightsSpecification": {"Enabled": True, "Mode": "THROTTLED_KEYS"}},
        {"ContributorInsightsSpecification": {"Enabled": False}},
        ("THROTTLED_KEYS", None, None),
        ("update_contributor_insights", _NAMED | _COUNTED),
    ),
    "KinesisStreamSpecification": Property(
        _of_table("kinesis"),
        {"KinesisStreamSpecification": {"StreamArn": _KINESIS}},
        {"KinesisStreamSpecification": {"StreamArn": _OTHER_KINESIS}},
        ([(_KINESIS, "MILLISECOND")], [(_OTHER_KINESIS, "MILLISECOND")], []),
        (
            "enable_kinesis_streaming_destination",
            _NAMED
            | {
                "StreamArn": _KINESIS,
                "EnableKinesisStreamingConfiguration": {"ApproximateCreationDateTimePrecision": "MILLISECOND"},
            },
        ),
    ),
    "KinesisStreamSpecification.ApproximateCreationDateTimePrecision": Property(
        _of_table("kinesis"),
        {
            "KinesisStreamSpecification": {
                "StreamArn": _KINESIS,
                "ApproximateCreationDateTimePrecision": "MICROSECOND",
            }
        },
        {"KinesisStreamSpecification": {"StreamArn": _KINESIS}},
        ([(_KINESIS, "MICROSECOND")], [(_KINESIS, "MILLISECOND")], []),
        (
            "enable_kinesis_streaming_destination",
            _NAMED
            | {
                "StreamArn": _KINESIS,
                "EnableKinesisStreamingConfiguration": {"ApproximateCreationDateTimePrecision": "MICROSECOND"},
            },
        ),
    ),
    "ResourcePolicy": Property(
        lambda account: _accounts(shown(account)["policy"]),
        {"ResourcePolicy": _policy("111122223333")},
        {"ResourcePolicy": _policy("444455556666")},
        ("111122223333", "444455556666", ""),
        ("put_resource_policy", {"ResourceArn": _ARN, "Policy": json.dumps(_policy("111122223333")["PolicyDocument"])}),
    ),
    "GlobalSecondaryIndexes": Property(
        lambda account: set(shown(account)["indexes"]),
        indexed(),
        {"GlobalSecondaryIndexes": [index("zip")]},
        ({"by-city"}, {"by-zip"}, set()),
        _CREATE_INDEX,
    ),
    "VectorIndexes": Property(
        lambda account: set(shown(account)["vector indexes"]),
        {"VectorIndexes": [_NEAREST]},
        {"VectorIndexes": [_CLOSEST]},
        ({"nearest"}, {"closest"}, set()),
    ),
    "VectorIndexes.Dimensions": Property(
        lambda account: shown(account)["vector indexes"]["nearest"]["Dimensions"],
        {"VectorIndexes": [_NEAREST | {"Dimensions": 128}]},
        {"VectorIndexes": [_NEAREST | {"Dimensions": 512}]},
        (128, 512, 256),
        base={"AllowIndexRecreation": True, "VectorIndexes": [_NEAREST]},
    ),
    "GlobalSecondaryIndexes.KeySchema": Property(
        _of_index("key"),
        indexed(PartitionKey=_key("a", "b", "c", "d"), SortKey=_key("e", "f", "g", "h")),
        indexed(PartitionKey=_key("d", "b", "c", "a"), SortKey=[{"Name": "n", "Type": "N"}]),
        (_schema("abcd", "efgh"), _schema("dbca", "n"), _schema(["city"], "")),
        base=_REBUILT,
    ),
    "GlobalSecondaryIndexes.Projection": Property(
        _of_index("projection"),
        indexed(Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total", "note"]}),
        indexed(Projection={"ProjectionType": "KEYS_ONLY"}),
        (("INCLUDE", ["note", "total"]), ("KEYS_ONLY", []), ("ALL", [])),
        base=_REBUILT,
    ),
    "GlobalSecondaryIndexes.Projection.NonKeyAttributes": Property(
        _of_index("projection"),
        indexed(Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total", "note"]}),
        indexed(Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]}),
        (("INCLUDE", ["note", "total"]), ("INCLUDE", ["total"]), ("ALL", [])),
        base=_REBUILT,
    ),
    "GlobalSecondaryIndexes.ProvisionedThroughput": Property(
        _of_index("capacity"),
        indexed(ProvisionedThroughput=units(7, 6)),
        indexed(ProvisionedThroughput=units(4, 8)),
        ((7, 6), (4, 8), (5, 5)),
        _update_index(ProvisionedThroughput=units(7, 6)),
        base={**_PROVISIONED, **indexed(**_PROVISIONED)},
    ),
    "GlobalSecondaryIndexes.OnDemandThroughput": Property(
        _of_index("maxima"),
        indexed(OnDemandThroughput={"MaxReadRequestUnits": 50}),
        indexed(OnDemandThroughput={"MaxWriteRequestUnits": 20}),
        ({"MaxReadRequestUnits": 50}, {"MaxWriteRequestUnits": 20}, {}),
        _update_index(OnDemandThroughput={"MaxReadRequestUnits": 50}),
        base=indexed(),
    ),
    "GlobalSecondaryIndexes.WarmThroughput": Property(
        lambda account: warmth(account)["by-city"],
        indexed(WarmThroughput={"ReadUnitsPerSecond": 14000}),
        indexed(WarmThroughput={"ReadUnitsPerSecond": 15000, "WriteUnitsPerSecond": 5000}),
        ((14000, 4000), (15000, 5000), (12000, 4000)),
        _update_index(WarmThroughput={"ReadUnitsPerSecond": 14000}),
        base=indexed(),
        only_rises=True,
    ),
    "GlobalSecondaryIndexes.ContributorInsightsSpecification": Property(
        _of_index("insights"),
        indexed(ContributorInsightsSpecification={"Enabled": True, "Mode": "THROTTLED_KEYS"}),
        indexed(ContributorInsightsSpecification={"Enabled": True}),
        ("THROTTLED_KEYS", "ACCESSED_AND_THROTTLED_KEYS", None),
        ("update_contributor_insights", _NAMED | _COUNTED | {"IndexName": "by-city"}),
        base=indexed(),
    ),
    "GlobalSecondaryIndexes.ContributorInsightsSpecification.Enabled": Property(
        _of_index("insights"),
        indexed(ContributorInsightsSpecification={"Enabled": True, "Mode": "THROTTLED_KEYS"}),
        indexed(ContributorInsightsSpecification={"Enabled": False}),
        ("THROTTLED_KEYS", None, None),
        ("update_contributor_insights", _NAMED | _COUNTED | {"IndexName": "by-city"}),
        base=indexed(),
    ),
}
"""By name in a template; what is told apart within one has a row of its own."""
