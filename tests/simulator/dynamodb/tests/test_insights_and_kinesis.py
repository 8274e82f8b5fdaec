"""Contributor Insights and Kinesis destinations (section 1.9 of the reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.dynamodb.tests.bench import INDEXED, NAME, PLAIN, STREAM, index, index_creation, key, strings

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tests.bench import Bench, Members


def insights(bench: Bench, action: str = "ENABLE", **params: Any) -> str:  # noqa: ANN401 - any member
    answer = bench.call("UpdateContributorInsights", TableName=NAME, ContributorInsightsAction=action, **params)
    status: str = answer["ContributorInsightsStatus"]
    return status


def described_insights(bench: Bench, **params: Any) -> Members:  # noqa: ANN401 - any member
    answer: Members = bench.call("DescribeContributorInsights", TableName=NAME, **params)
    del answer["ResponseMetadata"]
    return answer


def test_insights_are_bare_until_their_first_cycle(bench: Bench) -> None:
    bench.create()
    assert described_insights(bench) == {"TableName": NAME, "ContributorInsightsStatus": "DISABLED"}


def test_insights_are_enabling_for_a_second_and_disabling_for_two(bench: Bench) -> None:
    bench.create()
    assert insights(bench) == "ENABLING"
    bench.wait(1)
    shown = described_insights(bench)
    assert (shown["ContributorInsightsStatus"], len(shown["ContributorInsightsRuleList"])) == ("ENABLED", 2)
    assert insights(bench, "DISABLE") == "DISABLING"
    bench.wait(2)
    assert described_insights(bench)["ContributorInsightsStatus"] == "DISABLED"


def test_another_mode_is_an_enabling_and_no_mode_resets_it(bench: Bench) -> None:
    bench.create()
    insights(bench)
    bench.wait(2)
    assert insights(bench, ContributorInsightsMode="THROTTLED_KEYS") == "ENABLING"
    bench.wait(2)
    assert insights(bench) == "ENABLING"
    bench.wait(2)
    assert described_insights(bench)["ContributorInsightsMode"] == "ACCESSED_AND_THROTTLED_KEYS"


def test_a_sort_key_doubles_the_rules(bench: Bench) -> None:
    bench.create(PLAIN, AttributeDefinitions=strings("id", "at"), KeySchema=key("id", "at"))
    insights(bench)
    assert len(described_insights(bench)["ContributorInsightsRuleList"]) == 4


def test_over_the_quota_of_rules_insights_fail_two_seconds_later(bench: Bench) -> None:
    bench.create()
    bench.dynamodb.world.quotas.insights_rules = 1
    assert insights(bench) == "ENABLING"
    bench.wait(2)
    shown = described_insights(bench)
    assert shown["ContributorInsightsStatus"] == "FAILED"
    assert shown["FailureException"]["ExceptionName"] == "LimitExceededException"
    assert "ContributorInsightsRuleList" not in shown


def test_all_tables_share_the_quota_of_rules(bench: Bench) -> None:
    bench.dynamodb.world.quotas.insights_rules = 3
    bench.create(INDEXED)
    insights(bench)
    insights(bench, IndexName="by_email")
    bench.wait(3)
    assert described_insights(bench)["ContributorInsightsStatus"] == "ENABLED"
    assert described_insights(bench, IndexName="by_email")["ContributorInsightsStatus"] == "FAILED"


@pytest.mark.parametrize(
    ("request_", "index_name"),
    [
        pytest.param(INDEXED, "by_city", id="an unknown index has no insights"),
        pytest.param(
            PLAIN
            | {
                "AttributeDefinitions": strings("id", "at", "size"),
                "KeySchema": key("id", "at"),
                "LocalSecondaryIndexes": [index("by_size", "id", "size")],
            },
            "by_size",
            id="a local index has no insights (T-094)",
        ),
    ],
)
def test_insights_of_an_index_that_has_none(bench: Bench, request_: Members, index_name: str) -> None:
    bench.create(request_)
    for operation, params in (
        ("DescribeContributorInsights", {}),
        ("UpdateContributorInsights", {"ContributorInsightsAction": "ENABLE"}),
    ):
        refusal = bench.refused(operation, TableName=NAME, IndexName=index_name, **params)
        assert refusal.is_listed_as("insights-index-not-found")


def test_a_new_index_is_first_unknown_and_then_not_active(bench: Bench) -> None:
    bench.create()
    bench.update(index_creation("by_city"))
    for after, name in ((1, "insights-index-not-found"), (24, "insights-need-active-index")):
        bench.wait(after)
        refusal = bench.refused(
            "UpdateContributorInsights", TableName=NAME, IndexName="by_city", ContributorInsightsAction="ENABLE"
        )
        assert refusal.is_listed_as(name), refusal
    bench.seconds_until_rest()
    assert insights(bench, IndexName="by_city") == "ENABLING"


def test_listing_hides_disabled_insights(bench: Bench) -> None:
    bench.create(INDEXED)
    insights(bench)
    insights(bench, IndexName="by_email")
    bench.wait(2)
    insights(bench, "DISABLE")
    bench.wait(3)
    listed = bench.call("ListContributorInsights", TableName=NAME)["ContributorInsightsSummaries"]
    assert [entry.get("IndexName") for entry in listed] == ["by_email"]


def kinesis(bench: Bench, operation: str, stream: str = STREAM, **params: Any) -> str:  # noqa: ANN401 - any member
    answer = bench.call(f"{operation}KinesisStreamingDestination", TableName=NAME, StreamArn=stream, **params)
    status: str = answer["DestinationStatus"]
    return status


def destinations(bench: Bench) -> list[tuple[str, str]]:
    listed = bench.call("DescribeKinesisStreamingDestination", TableName=NAME)["KinesisDataStreamDestinations"]
    return [(entry["StreamArn"].rpartition("/")[2], entry["DestinationStatus"]) for entry in listed]


def test_a_destination_is_enabling_then_active_then_disabling_and_stays_listed(bench: Bench) -> None:
    bench.create()
    assert kinesis(bench, "Enable") == "ENABLING"
    bench.wait(6)
    assert destinations(bench) == [("changes", "ACTIVE")]
    assert kinesis(bench, "Disable") == "DISABLING"
    assert kinesis(bench, "Disable") == "DISABLING"
    bench.wait(2)
    assert destinations(bench) == [("changes", "DISABLED")]
    assert kinesis(bench, "Enable") == "ENABLING"
    assert len(destinations(bench)) == 1


def test_a_stream_that_is_missing_fails_only_later(bench: Bench) -> None:
    bench.create()
    bench.dynamodb.world.missing_kinesis_streams.add(STREAM)
    assert kinesis(bench, "Enable") == "ENABLING"
    bench.wait(3)
    assert destinations(bench) == [("changes", "ENABLE_FAILED")]
    assert kinesis(bench, "Enable", STREAM + "-2") == "ENABLING"


def test_a_destination_cannot_be_disabled_while_it_is_enabled(bench: Bench) -> None:
    bench.create()
    kinesis(bench, "Enable")
    refusal = bench.refused("DisableKinesisStreamingDestination", TableName=NAME, StreamArn=STREAM)
    assert refusal.is_listed_as("kinesis-cannot-disable")


def test_another_precision_takes_minutes(bench: Bench) -> None:
    precision = {"ApproximateCreationDateTimePrecision": "MICROSECOND"}
    bench.create()
    kinesis(bench, "Enable")
    refusal = bench.refused(
        "UpdateKinesisStreamingDestination",
        TableName=NAME,
        StreamArn=STREAM,
        UpdateKinesisStreamingConfiguration=precision,
    )
    assert refusal.is_listed_as("kinesis-cannot-update")
    bench.wait(6)
    assert kinesis(bench, "Update", UpdateKinesisStreamingConfiguration=precision) == "UPDATING"
    bench.wait(137)
    assert destinations(bench) == [("changes", "UPDATING")]
    bench.wait(2)
    assert destinations(bench) == [("changes", "ACTIVE")]


def test_disabling_takes_no_configuration(bench: Bench) -> None:
    bench.create()
    refusal = bench.refused(
        "DisableKinesisStreamingDestination",
        TableName=NAME,
        StreamArn=STREAM,
        EnableKinesisStreamingConfiguration={"ApproximateCreationDateTimePrecision": "MICROSECOND"},
    )
    assert refusal.is_listed_as("kinesis-disable-takes-no-configuration")
