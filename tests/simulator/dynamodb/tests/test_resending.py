"""What happens to a call that asks for what is so already (section 3 of the reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulator.dynamodb.tests.bench import (
    ARN,
    INDEXED,
    INFREQUENT,
    MAXIMA,
    NAME,
    ON_DEMAND,
    PLAIN,
    PROTECTED,
    PROVISIONED,
    PROVISIONED_INDEXED,
    PROVISIONED_TABLE,
    SSE_OFF,
    SSE_ON,
    STREAM,
    STREAM_OFF,
    STREAM_ON,
    UNITS,
    index_creation,
    index_deletion,
    index_update,
)

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tests.bench import Bench, Members

ENCRYPTED = PLAIN | SSE_ON
TTL_ON = {"Enabled": True, "AttributeName": "ttl"}
TTL_OFF = {"Enabled": False, "AttributeName": "ttl"}


@pytest.mark.parametrize(
    ("request_", "members", "name"),
    [
        pytest.param(
            PROVISIONED_TABLE,
            {"ProvisionedThroughput": UNITS},
            "throughput-will-not-change",
            id="the same capacity is refused (T-057)",
        ),
        pytest.param(
            PROVISIONED_TABLE,
            PROVISIONED,
            "throughput-will-not-change",
            id="the same capacity with its billing mode is refused (T-164)",
        ),
        pytest.param(
            PROVISIONED_INDEXED,
            index_update("by_email", ProvisionedThroughput=UNITS),
            "index-throughput-will-not-change",
            id="the same capacity of an index is refused (T-164)",
        ),
        pytest.param(
            PLAIN | STREAM_ON,
            STREAM_ON,
            "stream-is-enabled-already",
            id="an enabled stream cannot be enabled (T-018)",
        ),
        pytest.param(
            PLAIN | STREAM_ON,
            {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}},
            "stream-is-enabled-already",
            id="another view type gets the same answer (T-050)",
        ),
        pytest.param(PLAIN, STREAM_OFF, "no-stream-to-disable", id="a disabled stream cannot be disabled (T-050)"),
        pytest.param(
            PLAIN, SSE_OFF, "already-encrypted-by-default", id="the AWS owned key cannot be set again (T-047)"
        ),
        pytest.param(
            PLAIN,
            {"SSESpecification": {}},
            "already-encrypted-by-default",
            id="an empty SSESpecification means the AWS owned key (T-437)",
        ),
        pytest.param(
            INDEXED, index_creation("by_email"), "index-exists-already", id="an index that exists is refused (T-137)"
        ),
        pytest.param(
            INDEXED, index_deletion("by_city"), "index-not-found", id="an index that is gone is not found (T-161)"
        ),
        pytest.param(
            INDEXED,
            index_update("by_city", OnDemandThroughput={"MaxReadRequestUnits": 5}),
            "index-not-found",
            id="an update of an unknown index finds nothing (T-161)",
        ),
        pytest.param(
            INDEXED,
            index_update("by_city", WarmThroughput={"ReadUnitsPerSecond": 13_000}),
            "internal-failure",
            id="warm throughput of an unknown index is HTTP 500 (T-161)",
        ),
        pytest.param(
            INDEXED,
            index_update("by_city", WarmThroughput={}),
            "index-warm-is-empty",
            id="an empty warm throughput of an index is refused before existence (T-456)",
        ),
    ],
)
def test_update_table_refuses_what_is_so_already(bench: Bench, request_: Members, members: Members, name: str) -> None:
    bench.create(request_)
    refusal = bench.update_refused(members)
    assert refusal.is_listed_as(name), refusal


@pytest.mark.parametrize(
    ("request_", "members", "status"),
    [
        pytest.param(PLAIN, ON_DEMAND, "UPDATING", id="PAY_PER_REQUEST again answers UPDATING (T-177, T-383)"),
        pytest.param(PLAIN | MAXIMA, MAXIMA, "ACTIVE", id="the same on-demand maxima are 200 (T-154)"),
        pytest.param(PLAIN | INFREQUENT, INFREQUENT, "UPDATING", id="the same class answers UPDATING (T-177)"),
        pytest.param(
            PLAIN,
            {"TableClass": "STANDARD"},
            "UPDATING",
            id="STANDARD on a table without class answers UPDATING (T-365)",
        ),
        pytest.param(PLAIN | PROTECTED, PROTECTED, "ACTIVE", id="the same deletion protection is 200 (T-383)"),
        pytest.param(
            PLAIN,
            {"OnDemandThroughput": {"MaxReadRequestUnits": -1}},
            "ACTIVE",
            id="clearing maxima that are clear is 200 (T-182)",
        ),
    ],
)
def test_nothing_is_at_work_afterwards(bench: Bench, request_: Members, members: Members, status: str) -> None:
    before = bench.create(request_)
    assert bench.update(members)["TableStatus"] == status
    bench.wait(1)
    assert not bench.table.jobs
    assert bench.describe() == before


def test_the_same_warm_throughput_shows_updating_for_two_seconds(bench: Bench) -> None:
    bench.create()
    same = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000}
    assert bench.update(WarmThroughput=same)["WarmThroughput"]["Status"] == "UPDATING"
    assert bench.seconds_until_rest() == 2
    assert bench.describe()["WarmThroughput"]["Status"] == "ACTIVE"


def test_the_same_key_by_its_arn_is_refused(bench: Bench) -> None:
    arn = bench.create(ENCRYPTED)["SSEDescription"]["KMSMasterKeyArn"]
    refusal = bench.update_refused(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": arn})
    assert refusal.is_listed_as("already-encrypted-with-key")


@pytest.mark.parametrize(
    "specification",
    [
        pytest.param({"Enabled": True}, id="the default key by Enabled"),
        pytest.param({"SSEType": "KMS"}, id="the default key by SSEType"),
        pytest.param({"SSEType": "KMS", "KMSMasterKeyId": "alias/aws/dynamodb"}, id="the default key by its alias"),
    ],
)
def test_the_same_key_in_other_words_is_a_real_change(bench: Bench, specification: Members) -> None:
    bench.create(ENCRYPTED)
    bench.update(SSESpecification=specification)
    assert bench.describe()["SSEDescription"]["Status"] == "UPDATING"
    assert bench.seconds_until_rest() == 22.3
    assert len(bench.table.encryption.changes) == 1


def test_the_same_encryption_during_its_job_is_200_and_no_second_job(bench: Bench) -> None:
    bench.create()
    bench.update(SSE_ON)
    bench.update(SSE_ON)
    assert len(bench.table.encryption.changes) == len(bench.table.jobs) == 1


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        pytest.param(TTL_ON, TTL_ON, "ttl-is-enabled-already", id="TTL that is on cannot be enabled (T-147)"),
        pytest.param(None, TTL_OFF, "ttl-is-disabled-already", id="TTL that was never on cannot be disabled (T-146)"),
        pytest.param(
            TTL_ON,
            TTL_ON | {"AttributeName": "other"},
            "ttl-has-another-attribute",
            id="TTL cannot be enabled on another attribute (T-146)",
        ),
        pytest.param(
            TTL_ON,
            TTL_OFF | {"AttributeName": "other"},
            "ttl-has-another-attribute",
            id="TTL cannot be disabled by another attribute (T-147)",
        ),
    ],
)
def test_time_to_live(bench: Bench, first: Members | None, second: Members, name: str) -> None:
    bench.create()
    if first is not None:
        bench.call("UpdateTimeToLive", TableName=NAME, TimeToLiveSpecification=first)
    assert bench.refused("UpdateTimeToLive", TableName=NAME, TimeToLiveSpecification=second).is_listed_as(name)


def test_point_in_time_recovery_that_is_on_stays_as_it_is(bench: Bench) -> None:
    bench.create()
    first = _recovery(bench)
    bench.wait(100)
    assert _recovery(bench)["EarliestRestorableDateTime"] == first["EarliestRestorableDateTime"]


def _recovery(bench: Bench) -> Members:
    answer = bench.call(
        "UpdateContinuousBackups",
        TableName=NAME,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    description: Members = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return description


def test_insights_that_are_on_stay_as_they_are(bench: Bench) -> None:
    bench.create()
    bench.call("UpdateContributorInsights", TableName=NAME, ContributorInsightsAction="ENABLE")
    bench.wait(2)
    again = bench.call("UpdateContributorInsights", TableName=NAME, ContributorInsightsAction="ENABLE")
    assert again["ContributorInsightsStatus"] == "ENABLED"


def test_insights_that_were_never_on_are_disabled_again(bench: Bench) -> None:
    bench.create()
    answer = bench.call("UpdateContributorInsights", TableName=NAME, ContributorInsightsAction="DISABLE")
    assert answer["ContributorInsightsStatus"] == "DISABLED"


@pytest.mark.parametrize(
    ("operation", "params", "name"),
    [
        pytest.param(
            "EnableKinesisStreamingDestination",
            {},
            "kinesis-cannot-enable",
            id="an ACTIVE destination cannot be enabled",
        ),
        pytest.param(
            "EnableKinesisStreamingDestination",
            {"StreamArn": STREAM + "-2"},
            "kinesis-cannot-enable",
            id="a second destination cannot be enabled beside an ACTIVE one (T-299)",
        ),
        pytest.param(
            "DisableKinesisStreamingDestination",
            {"StreamArn": STREAM + "-2"},
            "kinesis-cannot-disable",
            id="a destination that was never attached cannot be disabled (T-302)",
        ),
        pytest.param(
            "UpdateKinesisStreamingDestination",
            {"UpdateKinesisStreamingConfiguration": {"ApproximateCreationDateTimePrecision": "MILLISECOND"}},
            "kinesis-precision-is-set-already",
            id="the default precision counts as set (T-300)",
        ),
        pytest.param(
            "UpdateKinesisStreamingDestination",
            {},
            "kinesis-update-needs-configuration",
            id="an update without a precision is refused (T-300)",
        ),
    ],
)
def test_kinesis_destinations(bench: Bench, operation: str, params: Members, name: str) -> None:
    bench.create()
    bench.call("EnableKinesisStreamingDestination", TableName=NAME, StreamArn=STREAM)
    bench.wait(10)
    refusal = bench.refused(operation, **{"TableName": NAME, "StreamArn": STREAM} | params)
    assert refusal.is_listed_as(name), refusal


def test_tags_that_are_so_already_take_no_lock(bench: Bench) -> None:
    bench.create(PLAIN, Tags=[{"Key": "a", "Value": "1"}])
    for _ in range(20):
        bench.call("TagResource", ResourceArn=ARN, Tags=[{"Key": "a", "Value": "1"}])
        bench.call("UntagResource", ResourceArn=ARN, TagKeys=["absent"])
    bench.call("DeleteTable", TableName=NAME)


def test_a_deleted_table_is_being_deleted_and_then_not_found(bench: Bench) -> None:
    bench.create()
    bench.call("DeleteTable", TableName=NAME)
    assert bench.refused("DeleteTable", TableName=NAME).is_listed_as("table-is-being-deleted")
    bench.wait(10)
    assert bench.refused("DeleteTable", TableName=NAME).is_listed_as("table-not-found")
