"""What DeleteTable leaves behind, and for how long (section 8 of the reference)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.simulator.dynamodb.tests.bench import ARN, INDEXED, NAME, PLAIN, PROTECTED, STREAM, index_deletion

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tests.bench import Bench, Members

TAGS = [{"Key": "a", "Value": "1"}]
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "dynamodb:*", "Resource": "*"}
        ],
    }
)
TTL = {"TableName": NAME, "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "ttl"}}
RECOVERY = {"TableName": NAME, "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
INSIGHTS = {"TableName": NAME, "ContributorInsightsAction": "ENABLE"}


def prepare(bench: Bench) -> None:
    """A table with everything attached, and its deletion."""
    bench.create(PLAIN, Tags=TAGS)
    bench.call("PutResourcePolicy", ResourceArn=ARN, Policy=POLICY)
    bench.call("EnableKinesisStreamingDestination", TableName=NAME, StreamArn=STREAM)
    bench.wait(20)
    bench.call("DeleteTable", TableName=NAME)


TIMELINES = [
    pytest.param("DescribeTable", {"TableName": NAME}, [(5, None), (5.3, "table-not-found")], id="the table itself"),
    pytest.param(
        "TagResource",
        {"ResourceArn": ARN, "Tags": TAGS},
        [(0.5, None), (1.2, "resource-not-found"), (2, "resource-not-found")],
        id="identical tags (T-374)",
    ),
    pytest.param(
        "TagResource",
        {"ResourceArn": ARN, "Tags": [{"Key": "a", "Value": "2"}]},
        [(0.5, "table-is-being-deleted"), (2, "resource-not-found")],
        id="other tags (T-374)",
    ),
    pytest.param(
        "ListTagsOfResource",
        {"ResourceArn": ARN},
        [(0.9, None), (2, "resource-not-found"), (6, "resource-not-found")],
        id="reading tags (T-104)",
    ),
    pytest.param(
        "UpdateTimeToLive",
        TTL,
        [(0, None), (1, "ttl-is-enabled-already"), (6, "table-not-found")],
        id="TTL is taken once (T-455)",
    ),
    pytest.param(
        "DescribeTimeToLive",
        {"TableName": NAME},
        [(0, "ttl-while-deleting"), (6, "table-not-found")],
        id="reading TTL (T-118)",
    ),
    pytest.param(
        "UpdateContinuousBackups", RECOVERY, [(1, None), (1.3, "backups-table-not-found")], id="recovery (T-453)"
    ),
    pytest.param(
        "DescribeContinuousBackups",
        {"TableName": NAME},
        [(1, None), (1.3, "backups-table-not-found")],
        id="reading recovery (T-455)",
    ),
    pytest.param(
        "CreateBackup",
        {"TableName": NAME, "BackupName": "last"},
        [(1.5, None), (1.7, "backups-table-not-found")],
        id="a last backup (T-374)",
    ),
    pytest.param(
        "UpdateContributorInsights",
        INSIGHTS,
        [(1.4, None), (2, "insights-need-active-table"), (6, "table-not-found")],
        id="insights (T-455)",
    ),
    pytest.param(
        "DescribeContributorInsights",
        {"TableName": NAME},
        [(5, None), (6, "table-not-found")],
        id="reading insights (T-097)",
    ),
    pytest.param(
        "PutResourcePolicy",
        {"ResourceArn": ARN, "Policy": POLICY},
        [(1.5, None), (1.7, "table-is-being-deleted"), (6, "table-not-found")],
        id="an identical policy (T-374)",
    ),
    pytest.param(
        "PutResourcePolicy",
        {"ResourceArn": ARN, "Policy": POLICY.replace("dynamodb:*", "dynamodb:Query")},
        [(0.1, "table-is-being-deleted"), (6, "table-not-found")],
        id="another policy (T-374)",
    ),
    pytest.param(
        "DeleteResourcePolicy", {"ResourceArn": ARN}, [(0.1, "table-is-being-deleted")], id="no policy (T-236)"
    ),
    pytest.param(
        "GetResourcePolicy",
        {"ResourceArn": ARN},
        [(5, None), (5.3, "table-not-found")],
        id="reading the policy (T-455)",
    ),
    pytest.param(
        "EnableKinesisStreamingDestination",
        {"TableName": NAME, "StreamArn": STREAM},
        [(0.1, "kinesis-cannot-enable"), (6, "table-not-found")],
        id="a Kinesis destination (T-236)",
    ),
    pytest.param(
        "DisableKinesisStreamingDestination",
        {"TableName": NAME, "StreamArn": STREAM},
        [(0.1, "kinesis-cannot-disable"), (6, "table-not-found")],
        id="no Kinesis destination (T-236)",
    ),
]


@pytest.mark.parametrize(("operation", "params", "phases"), TIMELINES)
def test_after_delete_table(
    bench: Bench, operation: str, params: Members, phases: list[tuple[float, str | None]]
) -> None:
    prepare(bench)
    elapsed = 0.0
    for moment, name in phases:
        bench.wait(moment - elapsed)
        elapsed = moment
        if name is None:
            bench.call(operation, **params)
        else:
            refusal = bench.refused(operation, **params)
            assert refusal.is_listed_as(name), (moment, refusal)


def test_an_active_destination_shows_as_updating_on_a_dying_table(bench: Bench) -> None:
    prepare(bench)
    described = bench.call("DescribeKinesisStreamingDestination", TableName=NAME)
    assert described["KinesisDataStreamDestinations"][0]["DestinationStatus"] == "UPDATING"


def test_a_dying_table_without_a_destination_takes_one(bench: Bench) -> None:
    bench.create()
    bench.call("DeleteTable", TableName=NAME)
    bench.call("EnableKinesisStreamingDestination", TableName=NAME, StreamArn=STREAM)
    refusal = bench.refused("EnableKinesisStreamingDestination", TableName=NAME, StreamArn=STREAM)
    assert refusal.is_listed_as("kinesis-cannot-enable")


def test_a_name_is_free_as_soon_as_its_table_is_gone(bench: Bench) -> None:
    first = bench.create()["TableId"]
    bench.call("DeleteTable", TableName=NAME)
    assert bench.refused("CreateTable", **PLAIN).is_listed_as("table-already-exists")
    bench.wait(5.2)
    assert bench.create()["TableId"] != first


def test_nothing_leaks_into_the_next_table_of_that_name(bench: Bench) -> None:
    prepare(bench)
    bench.wait(10)
    bench.create()
    assert bench.call("ListTagsOfResource", ResourceArn=ARN)["Tags"] == []
    assert bench.call("DescribeKinesisStreamingDestination", TableName=NAME)["KinesisDataStreamDestinations"] == []
    assert bench.refused("GetResourcePolicy", ResourceArn=ARN).is_listed_as("policy-not-found")


def test_deletion_protection_does_not_protect_indexes(bench: Bench) -> None:
    bench.create(INDEXED | PROTECTED)
    bench.update(index_deletion("by_email"))


def test_what_hangs_on_a_table_does_not_hold_it(bench: Bench) -> None:
    bench.create(PLAIN, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}, Tags=TAGS)
    bench.call("UpdateTimeToLive", **TTL)
    bench.call("UpdateContinuousBackups", **RECOVERY)
    bench.call("UpdateContributorInsights", **INSIGHTS)
    bench.call("EnableKinesisStreamingDestination", TableName=NAME, StreamArn=STREAM)
    assert bench.call("DeleteTable", TableName=NAME)["TableDescription"]["TableStatus"] == "DELETING"


@pytest.mark.parametrize(
    ("operation", "params", "blocked"),
    [
        pytest.param("PutResourcePolicy", {"Policy": POLICY}, 1.04, id="a written policy blocks for a second (T-348)"),
        pytest.param("DeleteResourcePolicy", {}, 2.04, id="a deleted policy blocks for two seconds (T-348)"),
    ],
)
def test_a_policy_write_blocks_deletion(bench: Bench, operation: str, params: Members, blocked: float) -> None:
    bench.create()
    if operation == "DeleteResourcePolicy":
        bench.call("PutResourcePolicy", ResourceArn=ARN, Policy=POLICY)
        bench.wait(20)
    bench.call(operation, ResourceArn=ARN, **params)
    bench.wait(blocked - 0.1)
    assert bench.refused("DeleteTable", TableName=NAME).is_listed_as("delete-while-policy-is-pending")
    bench.wait(0.2)
    bench.call("DeleteTable", TableName=NAME)
