"""Whole requests of every kind, each in an account of its own, for tests that disturb them at every call."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from table_provisioner.handler import lambda_handler
from tests.functional.others import PREFIX
from tests.functional.tables import ORDERS, described, dynamodb, put_item, stream_tags, tags
from tests.simulator.account import Account
from tests.simulator.clock import Clock
from tests.simulator.dynamodb.profiles import PROFILES
from tests.simulator.faults import Fault, ProcessKilled
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.functional.tables import Properties
    from tests.simulator.cloudformation import CloudFormation, ResourceEvent
    from tests.simulator.faults import Call

    Request = dict[str, Any]

FULL: Properties = {
    **ORDERS,
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
    "StreamSpecification": {"StreamViewType": "NEW_IMAGE", "Tags": [{"Key": "team", "Value": "checkout"}]},
}
_CHANGED: Properties = {
    **FULL,
    "AttributeDefinitions": [
        *FULL["AttributeDefinitions"][:2],
        {"AttributeName": "city", "AttributeType": "S"},
        {"AttributeName": "zip", "AttributeType": "S"},
    ],
    "DeletionProtectionEnabled": True,
    "GlobalSecondaryIndexes": [
        {
            "IndexName": f"by-{name}",
            "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
        for name in ("city", "zip")
    ],
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False},
    "SSESpecification": {"SSEEnabled": False},
    "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES", "Tags": [{"Key": "team", "Value": "billing"}]},
    "Tags": [{"Key": "team", "Value": "billing"}],
}
_MAXIMA = {"MaxReadRequestUnits": 900, "MaxWriteRequestUnits": 500}
_WARM = {"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 5_000}
_EVERYTHING: Properties = {
    **FULL,
    "BillingMode": "PAY_PER_REQUEST",
    "ContributorInsightsSpecification": {"Enabled": True, "Mode": "ACCESSED_AND_THROTTLED_KEYS"},
    "DeletionProtectionEnabled": True,
    "GlobalSecondaryIndexes": [
        {
            **FULL["GlobalSecondaryIndexes"][0],
            "ContributorInsightsSpecification": {"Enabled": True},
            "OnDemandThroughput": _MAXIMA,
            "WarmThroughput": _WARM,
        }
    ],
    "KinesisStreamSpecification": {
        "StreamArn": "arn:aws:kinesis:us-east-1:123456789012:stream/changes",
        "ApproximateCreationDateTimePrecision": "MILLISECOND",
    },
    "LocalSecondaryIndexes": [
        {
            "IndexName": "of-one-email",
            "KeySchema": [
                {"AttributeName": "id", "KeyType": "HASH"},
                {"AttributeName": "email", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]},
        }
    ],
    "OnDemandThroughput": _MAXIMA,
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
    "ResourcePolicy": {
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                    "Action": "dynamodb:GetItem",
                    "Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/orders",
                }
            ],
        }
    },
    "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/orders"},
    "StreamSpecification": {
        **FULL["StreamSpecification"],
        "ResourcePolicy": {
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                        "Action": "dynamodb:GetRecords",
                        "Resource": "*",
                    }
                ],
            }
        },
    },
    "TableClass": "STANDARD_INFREQUENT_ACCESS",
    "VectorIndexes": [
        {
            "IndexName": "by-meaning",
            "VectorAttribute": {"AttributeName": "embedding"},
            "SearchSchema": [{"AttributeName": "email", "SearchSchemaElementType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
            "Dimensions": 256,
            "DistanceFunction": "COSINE",
        }
    ],
    "WarmThroughput": _WARM,
}
_IMPORTED: Properties = {
    **FULL,
    **{
        name: _EVERYTHING[name]
        for name in ("DeletionProtectionEnabled", "ResourcePolicy", "TableClass", "VectorIndexes", "WarmThroughput")
    },
    "ImportSourceSpecification": {
        "S3BucketSource": {"S3Bucket": "lake", "S3KeyPrefix": "orders/"},
        "InputFormat": "CSV",
        "InputFormatOptions": {"Csv": {"Delimiter": ";", "HeaderList": ["id", "created_at", "email"]}},
        "InputCompressionType": "GZIP",
    },
}
"""All that an import takes, or leaves to steps that a creation does not have."""
_ITEM: dict[str, Any] = {"id": {"S": "1"}, "created_at": {"N": "1"}}
_ELSEWHERE: Properties = {**ORDERS, "TableName": "orders-2"}
_ANOTHER: dict[str, Any] = {
    "LogicalResourceId": "Other",
    "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/warehouse/1",
}
"""The fields of a request of another resource than that which made the table."""


BRISK: Final = PROFILES["fast"].with_seconds(
    CreateTable__with_gsis=5,
    UpdateTable__GSI__create__allocation=3,
    UpdateTable__GSI__create__total=15,
    UpdateTable__SSESpecification=5,
    UpdateTable__SSESpecification__old_key_echo=2,
    UpdateTable__WarmThroughput__first_increase=5,
)
"""What takes long is over soon: each look in a long wait would be one more point, and like the one before."""


@dataclass(frozen=True)
class Scenario:
    """One request, and what is there before it comes."""

    prepare: Callable[[CloudFormation], None]
    request: Callable[[CloudFormation], Request]


@dataclass(frozen=True)
class Ending:
    """How a request ended: what was answered, and all that is left behind.

    Ids, times and generated ARNs are left out, for they differ from run to run. Of the fence it is kept whose it is.
    """

    is_success: bool
    physical_resource_id: str
    status: str
    """``Status`` of the answer's data, which alone may differ from delivery to delivery of one request."""
    data: Mapping[str, str]
    tables: str
    backups: int


@dataclass
class Stage:
    """An account in which all is prepared for the request of a scenario."""

    scenario: Scenario
    account: Account
    _resting: int = field(default=0, init=False)

    def request(self) -> Request:
        """The request of the scenario, with an id of its own each time."""
        return self.scenario.request(self.account.cloudformation)

    def deliver(self, request: Request, fault: Fault | None = None) -> ResourceEvent:
        """Send a request that the fault may strike, and wait until nothing is at work any more."""
        undisturbed = list(self.account.interceptors)
        if fault:
            self.account.interceptors.append(fault)
        answer = self.account.cloudformation.deliver(request)
        self.account.cloudformation.settle()
        self.account.interceptors[:] = undisturbed
        self.account.clock.advance(60)
        if fault:
            excuse_a_hop_too_many(self.account, fault)
        return answer


def excuse_a_hop_too_many(account: Account, fault: Fault) -> None:
    """Where the answer of Invoke is lost, two hops may run, and both answer: else it may be that none does."""
    is_killed = isinstance(fault.effect, ProcessKilled)
    if fault.phase == "after" and not is_killed and "Invoke" in fault.struck:
        broken = account.cloudformation.take_violations()
        assert [rule for rule in broken if not rule.endswith("answered again")] == []


@contextmanager
def staged(scenario: Scenario) -> Iterator[Stage]:
    """Prepare an account for a scenario; at the end no rule of the contract may have been broken in it.

    Of the 30 s of the function 10 are kept, and an import takes 22, so that it hands over, as does an update of several
    indexes.
    """
    clock = Clock()
    function = Function(timeout=30, is_recursion_allowed=True)
    with clock.installed(), Account(clock, lambda_handler, function, profile=BRISK).running() as account:
        account.dynamodb.keys.add("alias/orders")
        imports = account.dynamodb.world.imports
        imports.seconds, imports.items = 22, {"imported": _ITEM}
        scenario.prepare(account.cloudformation)
        clock.advance(60)
        yield Stage(scenario, account)


def undisturbed(scenario: Scenario) -> tuple[Ending, list[str]]:
    """How a scenario ends by itself, and the operations that it calls, in order."""
    calls = Fault(_nothing_happens, times=float("inf"))
    with staged(scenario) as stage:
        answer = stage.deliver(stage.request(), calls)
        assert answer.is_success, answer.reason
        return ending_of(answer), calls.struck


def ending_of(answer: ResourceEvent) -> Ending:
    """How a request has ended, now that nothing is at work any more."""
    data = {key: value for key, value in answer.data.items() if key not in {"Status", "StreamArn", "TableId"}}
    client = dynamodb()
    tables = [_table(name, str(answer.request["RequestId"])) for name in client.list_tables()["TableNames"]]
    backups = client.list_backups(BackupType="USER")["BackupSummaries"]
    return Ending(
        answer.is_success,
        answer.physical_resource_id,
        answer.data.get("Status", ""),
        data,
        json.dumps(tables, sort_keys=True, default=str),
        len(backups),
    )


def _nothing_happens(call: Call) -> None:
    """Let a call pass."""
    del call


def _there_is_nothing(aws: CloudFormation) -> None:
    """Prepare nothing."""
    del aws


def _there_is(properties: Properties) -> Callable[[CloudFormation], None]:
    """A table of this resource, with an item."""

    def create(aws: CloudFormation) -> None:
        assert aws.deliver(aws.request("Create", properties)).is_success
        put_item(**_ITEM)

    return create


def _there_is_a_table_of_nobody(aws: CloudFormation) -> None:
    """A table without our tags."""
    _there_is(ORDERS)(aws)
    arn = (described() or {})["TableArn"]
    dynamodb().untag_resource(ResourceArn=arn, TagKeys=list(tags()))
    aws.clock.advance(60)


def _there_is_an_adopted_table(aws: CloudFormation) -> None:
    """A table that another resource took over."""
    _there_is_a_table_of_nobody(aws)
    assert aws.deliver(aws.request("Create", ORDERS, **_ANOTHER)).is_success


def _table(name: str, request_id: str) -> list[object]:
    client = dynamodb()
    description = described(name) or {}
    indexes = [{}, *({"IndexName": index["IndexName"]} for index in description.get("GlobalSecondaryIndexes", ()))]
    recovery = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    streams = client.describe_kinesis_streaming_destination(TableName=name)["KinesisDataStreamDestinations"]
    return [
        _without_chance(description),
        client.scan(TableName=name)["Items"],
        client.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
        _without_chance(recovery["PointInTimeRecoveryDescription"]),
        [_policy(description.get(which)) for which in ("TableArn", "LatestStreamArn")],
        stream_tags(name),
        [_without_chance(client.describe_contributor_insights(TableName=name, **index)) for index in indexes],
        [_without_chance(stream) for stream in streams],
        {key: value for key, value in tags(name).items() if not key.startswith(f"{PREFIX}request-")},
        tags(name).get(f"{PREFIX}request-id") == request_id,
    ]


def _policy(arn: str | None) -> object:
    client = dynamodb()
    try:
        return json.loads(client.get_resource_policy(ResourceArn=arn)["Policy"]) if arn else None
    except client.exceptions.PolicyNotFoundException:
        return None


def _without_chance(value: Any) -> Any:  # noqa: ANN401 -- any part of an answer
    random = {"TableId", "KMSMasterKeyArn", "LatestStreamArn", "LatestStreamLabel", "ResponseMetadata"}
    if isinstance(value, dict):
        return {
            key: _without_chance(part)
            for key, part in value.items()
            if key not in random and not key.endswith("DateTime")
        }
    return [_without_chance(part) for part in value] if isinstance(value, list) else value


SCENARIOS = {
    "Create with every property": Scenario(_there_is_nothing, lambda aws: aws.request("Create", _EVERYTHING)),
    "Create from an import": Scenario(_there_is_nothing, lambda aws: aws.request("Create", _IMPORTED)),
    "Create that takes a table over": Scenario(
        _there_is_a_table_of_nobody, lambda aws: aws.request("Create", FULL, **_ANOTHER)
    ),
    "Update of three indexes and five settings": Scenario(
        _there_is(FULL), lambda aws: aws.request("Update", _CHANGED, FULL, PhysicalResourceId="orders")
    ),
    "Update that replaces the table": Scenario(
        _there_is(ORDERS), lambda aws: aws.request("Update", _ELSEWHERE, ORDERS, PhysicalResourceId="orders")
    ),
    "Delete": Scenario(_there_is(FULL), lambda aws: aws.request("Delete", FULL, PhysicalResourceId="orders")),
    "Delete with a snapshot": Scenario(
        _there_is(FULL),
        lambda aws: aws.request("Delete", {**FULL, "OnDelete": "Snapshot"}, PhysicalResourceId="orders"),
    ),
    "Delete that retains": Scenario(
        _there_is(FULL),
        lambda aws: aws.request("Delete", {**FULL, "OnDelete": "Retain"}, PhysicalResourceId="orders"),
    ),
    "Delete of a table that was taken over": Scenario(
        _there_is_an_adopted_table, lambda aws: aws.request("Delete", ORDERS, PhysicalResourceId="orders", **_ANOTHER)
    ),
}
"""By what they do."""
