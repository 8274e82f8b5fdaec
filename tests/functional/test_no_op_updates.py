"""An update that changes nothing writes nothing, and reads little: however the same table is spelled."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.functional.lives import begin, deploy, open_account
from tests.functional.tables import compact

if TYPE_CHECKING:
    from tests.functional.tables import Properties
    from tests.simulator.account import Account

ALIAS: Final = "alias/one"
KINESIS: Final = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"


def policy(*actions: str) -> dict[str, Any]:
    """A policy, spelled in the longest way."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Others",
                "Effect": "Allow",
                "Principal": {"AWS": ["arn:aws:iam::111122223333:root"]},
                "Action": list(actions),
                "Resource": ["*"],
            }
        ],
    }


def respelled(document: dict[str, Any]) -> dict[str, Any]:
    """The same policy: other order of keys, an account id for its ARN, single values for lists of one."""
    (statement,) = document["Statement"]
    actions = statement["Action"]
    short = {
        "Resource": "*",
        "Principal": {"AWS": "111122223333"},
        "Effect": "allow",
        "Action": actions[0] if len(actions) == 1 else actions,
        "Sid": "Others",
    }
    return {"Statement": short, "Version": document["Version"]}


def key(name: str, kind: str = "HASH") -> dict[str, str]:
    return {"AttributeName": name, "KeyType": kind}


INDEXES: Final[list[Properties]] = [
    {
        "IndexName": "by-city",
        "KeySchema": [key("city"), key("zip"), key("created_at", "RANGE")],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total", "note"]},
        "ContributorInsightsSpecification": {"Enabled": True},
        "OnDemandThroughput": {"MaxReadRequestUnits": 50},
    },
    {
        "IndexName": "by-zip",
        "KeySchema": [key("zip")],
        "Projection": {"ProjectionType": "ALL"},
        "WarmThroughput": {"ReadUnitsPerSecond": 13_000},
    },
]
EVERYTHING: Final[Properties] = {
    "TableName": "orders",
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "created_at", "AttributeType": "N"},
        {"AttributeName": "city", "AttributeType": "S"},
        {"AttributeName": "zip", "AttributeType": "S"},
    ],
    "KeySchema": [key("id"), key("created_at", "RANGE")],
    "GlobalSecondaryIndexes": INDEXES,
    "LocalSecondaryIndexes": [
        {
            "IndexName": f"local-{name}",
            "KeySchema": [key("id"), key(name, "RANGE")],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total", "note"]},
        }
        for name in ("city", "zip")
    ],
    "OnDemandThroughput": {"MaxReadRequestUnits": 50},
    "StreamSpecification": {
        "StreamViewType": "NEW_IMAGE",
        "ResourcePolicy": {"PolicyDocument": policy("dynamodb:GetRecords")},
        "Tags": [{"Key": "team", "Value": "checkout"}, {"Key": "stage", "Value": ""}],
    },
    "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": ALIAS},
    "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expires_at"},
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "ContributorInsightsSpecification": {"Enabled": True},
    "KinesisStreamSpecification": {"StreamArn": KINESIS},
    "ResourcePolicy": {"PolicyDocument": policy("dynamodb:GetItem", "dynamodb:Query")},
    "Tags": [{"Key": "team", "Value": "checkout"}, {"Key": "stage", "Value": "live"}],
}
"""Every companion that a table can have is managed."""
NEEDED: Final = Counter(
    {
        "DescribeTimeToLive": 1,
        "DescribeContinuousBackups": 1,
        "DescribeContributorInsights": 2,
        "DescribeKinesisStreamingDestination": 1,
        "GetResourcePolicy": 2,
        "ListTagsOfResource": 1,
        "DescribeKey": 1,
    }
)
"""One read for each companion: insights of table and index, policies of table and stream, tags of the stream."""
MOST_READS_BESIDE: Final = 3


def without(properties: Properties, *names: str) -> Properties:
    return {name: value for name, value in properties.items() if name not in names}


def part(name: str, **more: Any) -> Properties:  # noqa: ANN401 -- any property
    return {name: EVERYTHING[name] | more}


SPELLINGS: Final[dict[str, Properties]] = {
    "the same": {"OnDelete": "Retain"},
    "attributes in another order": {"AttributeDefinitions": EVERYTHING["AttributeDefinitions"][::-1]},
    "indexes in another order": {
        name: EVERYTHING[name][::-1] for name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
    },
    "projected attributes in another order": {
        "GlobalSecondaryIndexes": [
            INDEXES[0] | {"Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["note", "total"]}},
            INDEXES[1],
        ]
    },
    "tags in another order": {
        "Tags": EVERYTHING["Tags"][::-1],
        **part("StreamSpecification", Tags=EVERYTHING["StreamSpecification"]["Tags"][::-1]),
    },
    "explicit defaults": {
        "BillingMode": "PAY_PER_REQUEST",
        "TableClass": "STANDARD",
        "DeletionProtectionEnabled": False,
        "OnDemandThroughput": {"MaxReadRequestUnits": 50, "MaxWriteRequestUnits": -1},
        "WarmThroughput": {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000},
        **part("PointInTimeRecoverySpecification", RecoveryPeriodInDays=35),
        **part("ContributorInsightsSpecification", Mode="ACCESSED_AND_THROTTLED_KEYS"),
        **part("KinesisStreamSpecification", ApproximateCreationDateTimePrecision="MILLISECOND"),
        "GlobalSecondaryIndexes": [
            INDEXES[0] | {"OnDemandThroughput": {"MaxReadRequestUnits": 50, "MaxWriteRequestUnits": -1}},
            INDEXES[1]
            | {
                "OnDemandThroughput": {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1},
                "WarmThroughput": {"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 4_000},
            },
        ],
    },
    "policies spelled in another way": {
        "ResourcePolicy": {"PolicyDocument": respelled(EVERYTHING["ResourcePolicy"]["PolicyDocument"])},
        **part(
            "StreamSpecification",
            ResourcePolicy={"PolicyDocument": respelled(policy("dynamodb:GetRecords"))},
        ),
    },
    "strings for numbers and truths": {
        **part("PointInTimeRecoverySpecification", PointInTimeRecoveryEnabled="TRUE"),
        "OnDemandThroughput": {"MaxReadRequestUnits": "50"},
    },
}


def reads(account: Account) -> Counter[str]:
    """How often what was asked."""
    return Counter(call.operation for call in account.dynamodb.calls)


def update_and_count(account: Account, desired: Properties, previous: Properties) -> Counter[str]:
    """See that an update changes nothing; return what it read beside what the companions need."""
    account.dynamodb.calls.clear()
    answer = deploy(account, desired, previous)
    assert (account.dynamodb.mutations, answer.data["Status"]) == ([], "UNCHANGED")
    assert [call.operation for call in account.dynamodb.calls if call.is_mutation] == []
    return reads(account) - NEEDED


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_same_table_in_another_spelling_is_not_written_and_hardly_read(spelling: str) -> None:
    other = EVERYTHING | SPELLINGS[spelling]
    with open_account() as account:
        begin(account, EVERYTHING)
        for desired, previous in ((other, EVERYTHING), (EVERYTHING, other)):
            beside = update_and_count(account, desired, previous)
            assert beside.total() <= MOST_READS_BESIDE, beside


@pytest.mark.parametrize("kind", ["arn", "id", "alias ARN", "other alias"])
def test_another_name_of_the_same_key_takes_one_more_read_for_the_former_name(kind: str) -> None:
    with open_account() as account:
        named = account.dynamodb.keys.find(ALIAS)
        assert named is not None
        account.dynamodb.keys.point("alias/other", named)
        alias_arn = named.arn.partition("key/")[0] + ALIAS
        spelled = {"arn": named.arn, "id": named.key_id, "alias ARN": alias_arn, "other alias": "alias/other"}[kind]
        begin(account, EVERYTHING)
        other = EVERYTHING | part("SSESpecification", KMSMasterKeyId=spelled)
        for desired, previous in ((other, EVERYTHING), (EVERYTHING, other)):
            beside = update_and_count(account, desired, previous)
            assert beside.total() - beside["DescribeKey"] <= MOST_READS_BESIDE, beside
            assert beside["DescribeKey"] <= 1


def test_a_bare_table_is_read_three_times_at_most() -> None:
    bare = {"TableName": "orders", "PartitionKey": {"Name": "id", "Type": "S"}}
    with open_account() as account:
        begin(account, bare)
        deploy_again = update_and_count(account, bare | {"OnDelete": "Retain"}, bare)
        assert reads(account).total() <= MOST_READS_BESIDE, deploy_again


def test_a_table_with_a_generated_name_is_not_written_either() -> None:
    """Its old properties name no table, and mean this one all the same: no replacement is taken back."""
    unnamed = without(compact(), "TableName")
    with open_account() as account:
        aws = account.cloudformation
        assert aws.create_stack({"Table": unnamed}).status == "CREATE_COMPLETE"
        account.clock.advance(60)
        account.dynamodb.calls.clear()
        outcome = aws.update_stack({"Table": unnamed | {"OnDelete": "Retain"}})
        assert outcome.event("Update").data["Status"] == "UNCHANGED"
        assert account.dynamodb.mutations == []


def test_white_space_in_a_policy_that_somebody_else_stored_is_no_difference() -> None:
    bare = {"TableName": "orders", "PartitionKey": {"Name": "id", "Type": "S"}}
    declared = bare | {"ResourcePolicy": {"PolicyDocument": policy("dynamodb:GetItem")}}
    with open_account() as account:
        begin(account, declared)
        table = account.dynamodb.tables["orders"]
        slot = table.policies[table.arn]
        assert slot.document is not None
        spaced = json.dumps(json.loads(slot.document.text), indent=4)
        slot.document = type(slot.document)(spaced, slot.document.identity, slot.document.statements)
        assert update_and_count(account, declared | {"OnDelete": "Retain"}, declared).total() <= MOST_READS_BESIDE
