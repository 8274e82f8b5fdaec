"""What a table has beside itself: resource policies, contributor insights, a Kinesis stream."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.functional.others import PREFIX
from tests.functional.tables import compact, described, index_names, stream_tags, tags
from tests.simulator.dynamodb.streams import Stream
from tests.simulator.faults import Fault, ProcessKilled

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.functional.tables import Properties
    from tests.simulator.account import Account
    from tests.simulator.cloudformation import ResourceEvent
    from tests.simulator.faults import Call, Phase

STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"
ANOTHER_STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/others"
POLICY = {
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
RESPELLED = {
    "Statement": {
        "Resource": ["arn:aws:dynamodb:us-east-1:123456789012:table/orders"],
        "Action": ["dynamodb:GetItem"],
        "Principal": {"AWS": ["123456789012"]},
        "Effect": "Allow",
    },
    "Version": "2012-10-17",
}
OTHER_POLICY = {**POLICY, "Statement": [{**POLICY["Statement"][0], "Action": "dynamodb:Query"}]}  # type: ignore[dict-item]  # a mapping of mixed values
STREAM_POLICY = {**POLICY, "Statement": [{**POLICY["Statement"][0], "Action": "dynamodb:GetRecords", "Resource": "*"}]}  # type: ignore[dict-item]  # as above


def policy(arn: str | None = None) -> Any:  # noqa: ANN401 -- a JSON document
    client = boto3.client("dynamodb")
    try:
        answer = client.get_resource_policy(ResourceArn=arn or (described() or {})["TableArn"])
    except client.exceptions.PolicyNotFoundException:
        return None
    return json.loads(answer["Policy"])


def insights(index_name: str | None = None) -> tuple[str, str | None]:
    index = {"IndexName": index_name} if index_name else {}
    answer = boto3.client("dynamodb").describe_contributor_insights(TableName="orders", **index)
    return answer["ContributorInsightsStatus"], answer.get("ContributorInsightsMode")


def live_streams() -> dict[str, str | None]:
    answer = boto3.client("dynamodb").describe_kinesis_streaming_destination(TableName="orders")
    return {
        one["StreamArn"]: one.get("ApproximateCreationDateTimePrecision")
        for one in answer["KinesisDataStreamDestinations"]
        if one["DestinationStatus"] == "ACTIVE"
    }


def create(account: Account, **properties: object) -> ResourceEvent:
    outcome = account.cloudformation.create_stack({"Table": compact("email", **properties)})
    return outcome.event("Create")


def update(account: Account, **properties: object) -> ResourceEvent:
    account.clock.advance(60)
    account.dynamodb.calls.clear()
    event = account.cloudformation.update_stack({"Table": compact("email", **properties)}).event("Update")
    assert event.is_success, event.reason
    return event


def with_index(**more: object) -> Properties:
    """The table's index with more than its key."""
    index = {"IndexName": "by-email", "PartitionKey": {"Name": "email", "Type": "S"}}
    return {"GlobalSecondaryIndexes": [{**index, **more}]}


def with_insights(**specification: object) -> Properties:
    """The table's index with contributor insights of its own."""
    return with_index(ContributorInsightsSpecification=specification)


def test_a_policy_comes_with_the_table_changes_and_goes(account: Account) -> None:
    assert create(account, ResourcePolicy={"PolicyDocument": POLICY}).is_success
    assert policy() == POLICY
    update(account, ResourcePolicy={"PolicyDocument": OTHER_POLICY})
    assert policy()["Statement"][0]["Action"] == "dynamodb:Query"
    update(account)
    assert policy() is None


def test_a_policy_spelled_in_another_way_is_the_same(account: Account) -> None:
    create(account, ResourcePolicy={"PolicyDocument": POLICY})
    assert update(account, ResourcePolicy={"PolicyDocument": RESPELLED}).data["Status"] == "UNCHANGED"


def test_a_policy_that_fits_without_white_space_is_taken(account: Account) -> None:
    statements = [{**POLICY["Statement"][0], "Sid": f"Read{number}"} for number in range(110)]  # type: ignore[dict-item]  # a mapping of mixed values
    large = {**POLICY, "Statement": statements}
    assert len(json.dumps(large, separators=(",", ":"))) < 20_480 < len(json.dumps(large))
    assert create(account, ResourcePolicy={"PolicyDocument": large}).is_success
    assert policy() == large
    update(account, ResourcePolicy={"PolicyDocument": {**large, "Statement": statements[1:]}})
    assert policy()["Statement"] == statements[1:]


def test_a_policy_that_was_never_declared_is_left_alone(account: Account) -> None:
    create(account)
    arn = (described() or {})["TableArn"]
    boto3.client("dynamodb").put_resource_policy(ResourceArn=arn, Policy=json.dumps(POLICY))
    account.clock.advance(30)
    update(account, Tags=[{"Key": "team", "Value": "a"}])
    assert policy() == POLICY


def test_each_stream_gets_the_policy_that_is_declared(account: Account) -> None:
    stream = {"StreamViewType": "KEYS_ONLY", "ResourcePolicy": {"PolicyDocument": STREAM_POLICY}}
    created = create(account, StreamSpecification=stream)
    assert created.is_success, created.reason
    assert policy(created.data["StreamArn"]) == STREAM_POLICY
    changed = update(account, StreamSpecification={**stream, "StreamViewType": "NEW_IMAGE"})
    assert changed.data["StreamArn"] != created.data["StreamArn"]
    assert policy(changed.data["StreamArn"]) == STREAM_POLICY
    update(account, StreamSpecification={"StreamViewType": "NEW_IMAGE"})
    assert policy(changed.data["StreamArn"]) is None


def streaming(view_type: str = "KEYS_ONLY", **values: str) -> Properties:
    """A stream with these tags."""
    listed = [{"Key": key, "Value": value} for key, value in values.items()]
    return {"StreamSpecification": {"StreamViewType": view_type, "Tags": listed}}


def test_a_stream_that_does_not_show_its_arn_yet_gets_its_tags_as_soon_as_it_does(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe, hidden = Stream.describe, iter(range(20))

    def without_arn(stream: Stream, table_arn: str) -> dict[str, Any]:
        described = describe(stream, table_arn)
        if described and next(hidden, None) is not None:
            del described["LatestStreamArn"]
        return described

    monkeypatch.setattr(Stream, "describe", without_arn)
    created = create(account, **streaming(team="checkout"))
    assert created.is_success, created.reason
    assert created.data["StreamArn"] == (described() or {})["LatestStreamArn"]
    assert stream_tags() == {"team": "checkout"}


def tag_stream_by_hand(account: Account, **values: str) -> None:
    arn = (described() or {})["LatestStreamArn"]
    for key, value in values.items():
        boto3.client("dynamodb").tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": value}])
    account.clock.advance(10)


def test_each_stream_gets_the_tags_that_are_declared(account: Account) -> None:
    created = create(account, **streaming(team="checkout", stage=""))
    assert created.is_success, created.reason
    assert stream_tags() == {"team": "checkout", "stage": ""}
    changed = update(account, **streaming("NEW_IMAGE", team="checkout"))
    assert changed.data["StreamArn"] != created.data["StreamArn"]
    assert stream_tags() == {"team": "checkout"}
    update(account)
    assert stream_tags() == {}
    update(account, **streaming(team="checkout"))
    assert stream_tags() == {"team": "checkout"}
    assert "team" not in tags()


def test_tags_of_the_stream_that_were_never_declared_are_left_alone(account: Account) -> None:
    stream = {"StreamSpecification": {"StreamViewType": "KEYS_ONLY"}}
    create(account, **stream)
    tag_stream_by_hand(account, team="theirs")
    update(account, **stream, Tags=[{"Key": "team", "Value": "ours"}])
    assert account.dynamodb.calls_of("ListTagsOfResource")
    assert (described() or {})["LatestStreamArn"] not in {
        call.params["ResourceArn"] for call in account.dynamodb.calls_of("ListTagsOfResource")
    }
    update(account, **streaming(stage="live"))
    assert stream_tags() == {"team": "theirs", "stage": "live"}
    update(account, **stream)
    assert stream_tags() == {"team": "theirs"}


def test_tags_of_the_stream_that_somebody_else_changed_are_set_right(account: Account) -> None:
    create(account, **streaming(team="checkout"))
    tag_stream_by_hand(account, team="theirs")
    update(account, **streaming(team="checkout"), OnDelete="Retain")
    assert stream_tags() == {"team": "checkout"}


def test_tags_that_only_fit_once_the_former_ones_are_gone_replace_them(account: Account) -> None:
    """Two times 7 KB do not fit into the 10 KB of a table together (T-109); two times 20 tags would."""
    first, then = (
        [{"Key": f"{number:02}" + letter * 126, "Value": "x" * 250} for number in range(20)] for letter in "ab"
    )
    assert create(account, Tags=first).is_success
    update(account, Tags=then)
    ours = {key: value for key, value in tags().items() if not key.startswith(PREFIX)}
    assert ours == {tag["Key"]: tag["Value"] for tag in then}


def test_a_stream_that_somebody_made_anew_during_an_update_gets_the_tags(account: Account) -> None:
    create(account, **streaming(team="checkout"))

    def make_stream_anew(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == ("UpdateTimeToLive", "after"):
            stream = account.dynamodb.tables["orders"].stream
            assert stream.view_type is not None
            stream.enable(stream.view_type)

    account.interceptors.append(make_stream_anew)
    event = update(account, **streaming(team="checkout"), TimeToLiveAttribute="expires_at")
    assert event.data["StreamArn"] == (described() or {})["LatestStreamArn"]
    assert stream_tags() == {"team": "checkout"}


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize(
    ("operation", "calls"), [("UpdateTable", 2), ("DescribeTable", 6), ("TagResource", 2), ("ListTagsOfResource", 6)]
)
def test_whoever_dies_between_a_new_stream_and_its_tags_leaves_them_to_the_next(
    account: Account, operation: str, calls: int, phase: Phase
) -> None:
    """In each update another call of the kind is struck: both that change something, the first six looks."""
    create(account, **streaming(team="checkout"))
    account.clock.advance(60)
    for number, view_type in enumerate((["NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"] * 2)[:calls], 1):
        fault = Fault(ProcessKilled(account.clock), at=number, operation=operation, phase=phase)
        account.interceptors.append(fault)
        update(account, **streaming(view_type, team=view_type))
        assert stream_tags() == {"team": view_type}
        account.interceptors.remove(fault)
        assert fault.strikes == 1


def test_insights_of_table_and_index_come_change_and_go(account: Account) -> None:
    everything = {"ContributorInsightsSpecification": {"Enabled": True}, **with_insights(Enabled=True)}
    assert create(account, **everything).is_success
    assert insights() == insights("by-email") == ("ENABLED", "ACCESSED_AND_THROTTLED_KEYS")
    update(account, **with_insights(Enabled=True, Mode="THROTTLED_KEYS"))
    assert (insights()[0], insights("by-email")) == ("DISABLED", ("ENABLED", "THROTTLED_KEYS"))
    update(account)
    assert insights("by-email")[0] == "DISABLED"


def test_insights_of_a_new_index_wait_for_its_backfill(account: Account) -> None:
    account.cloudformation.create_stack({"Table": compact()})
    update(account, **with_insights(Enabled=True), WaitForIndexes=False)
    assert insights("by-email")[0] == "ENABLED"


def test_insights_of_an_index_that_is_built_anew_are_turned_on_again(account: Account) -> None:
    """They went with the former index of that name, however often they had been seen."""
    create(account, **with_insights(Enabled=True))
    rebuilt = with_insights(Enabled=True)
    rebuilt["GlobalSecondaryIndexes"][0]["Projection"] = {"ProjectionType": "KEYS_ONLY"}
    update(account, **rebuilt, AllowIndexRecreation=True)
    assert insights("by-email") == ("ENABLED", "ACCESSED_AND_THROTTLED_KEYS")


def test_insights_over_the_quota_fail_with_what_cloudwatch_says(account: Account) -> None:
    account.dynamodb.world.quotas.insights_rules = 0
    answer = create(account, ContributorInsightsSpecification={"Enabled": True})
    assert answer.reason.startswith("ServiceLimitExceeded: could not turn contributor insights of the table on")
    assert answer.physical_resource_id == "orders"


def test_a_kinesis_stream_comes_changes_and_goes(account: Account) -> None:
    assert create(account, KinesisStreamSpecification={"StreamArn": STREAM}).is_success
    assert live_streams() == {STREAM: "MILLISECOND"}
    precise = {"StreamArn": STREAM, "ApproximateCreationDateTimePrecision": "MICROSECOND"}
    update(account, KinesisStreamSpecification=precise)
    assert live_streams() == {STREAM: "MICROSECOND"}
    update(account, KinesisStreamSpecification={"StreamArn": ANOTHER_STREAM})
    assert live_streams() == {ANOTHER_STREAM: "MILLISECOND"}
    update(account)
    assert live_streams() == {}


def test_a_kinesis_stream_that_does_not_exist_is_an_invalid_request(account: Account) -> None:
    account.dynamodb.world.missing_kinesis_streams.add(STREAM)
    answer = create(account, KinesisStreamSpecification={"StreamArn": STREAM})
    assert answer.reason.startswith(f"InvalidRequest: could not send changes to Kinesis stream {STREAM}: ")


# --- without waiting for indexes ---


def test_a_kinesis_stream_that_does_not_exist_is_told_although_indexes_are_not_waited_for(account: Account) -> None:
    account.dynamodb.world.missing_kinesis_streams.add(STREAM)
    answer = create(account, KinesisStreamSpecification={"StreamArn": STREAM}, WaitForIndexes=False)
    assert answer.reason.startswith(f"InvalidRequest: could not send changes to Kinesis stream {STREAM}: ")


def test_insights_over_the_quota_are_told_although_indexes_are_not_waited_for(account: Account) -> None:
    account.dynamodb.world.quotas.insights_rules = 0
    answer = create(account, ContributorInsightsSpecification={"Enabled": True}, WaitForIndexes=False)
    assert answer.reason.startswith("ServiceLimitExceeded: could not turn contributor insights of the table on")


def kinesis_status() -> str:
    answer = boto3.client("dynamodb").describe_kinesis_streaming_destination(TableName="orders")
    return str(answer["KinesisDataStreamDestinations"][0]["DestinationStatus"])


def encryption_status() -> str:
    return str((described() or {})["SSEDescription"]["Status"])


def warmth_of_table() -> str:
    return str((described() or {})["WarmThroughput"]["Status"])


def index_of_table() -> dict[str, Any]:
    return dict((described() or {})["GlobalSecondaryIndexes"][0])


UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
SETTLED: dict[str, tuple[Properties, Callable[[], object], object]] = {
    "Kinesis": ({"KinesisStreamSpecification": {"StreamArn": STREAM}}, kinesis_status, "ACTIVE"),
    "insights": (
        {"ContributorInsightsSpecification": {"Enabled": True}},
        insights,
        ("ENABLED", "ACCESSED_AND_THROTTLED_KEYS"),
    ),
    "insights of an index": (
        with_insights(Enabled=True),
        lambda: insights("by-email"),
        ("ENABLED", "ACCESSED_AND_THROTTLED_KEYS"),
    ),
    "encryption": ({"SSESpecification": {"SSEEnabled": True}}, encryption_status, "ENABLED"),
    "warm throughput": ({"WarmThroughput": {"ReadUnitsPerSecond": 13_000}}, warmth_of_table, "ACTIVE"),
    "warm throughput of an index": (
        with_index(WarmThroughput={"ReadUnitsPerSecond": 13_000}),
        lambda: index_of_table()["WarmThroughput"]["Status"],
        "ACTIVE",
    ),
    "capacity of an index": (
        {"ProvisionedThroughput": UNITS, **with_index(ProvisionedThroughput=UNITS)},
        lambda: index_of_table()["IndexStatus"],
        "ACTIVE",
    ),
    "an index less": ({"GlobalSecondaryIndexes": []}, index_names, set()),
}


@pytest.mark.parametrize("name", SETTLED)
def test_all_but_new_indexes_has_settled_when_an_update_is_answered_that_does_not_wait_for_them(
    account: Account, name: str
) -> None:
    properties, look, settled = SETTLED[name]
    assert create(account).is_success
    update(account, **{"WaitForIndexes": False, **properties})
    assert look() == settled


@pytest.mark.parametrize(
    ("properties", "path"),
    [
        pytest.param({"ResourcePolicy": {"PolicyDocument": {}}}, "ResourcePolicy.PolicyDocument.Statement", id="empty"),
        pytest.param({"ResourcePolicy": {"PolicyDocument": "x"}}, "ResourcePolicy.PolicyDocument", id="no mapping"),
        pytest.param(
            {"ResourcePolicy": {"PolicyDocument": {"Statement": ["x" * 20_480]}}}, "PolicyDocument", id="too long"
        ),
        pytest.param({"ImportSourceSpecification": {}}, "ImportSourceSpecification.InputFormat: is miss", id="imports"),
        pytest.param({"KinesisStreamSpecification": {"StreamArn": "changes"}}, "StreamArn", id="no ARN"),
        pytest.param(
            {"ContributorInsightsSpecification": {"Enabled": False, "Mode": "THROTTLED_KEYS"}},
            "Mode",
            id="mode of none",
        ),
    ],
)
def test_companions_that_cannot_be_are_refused_by_path(account: Account, properties: Properties, path: str) -> None:
    answer = create(account, **properties)
    assert answer.reason.startswith("InvalidRequest: ")
    assert path in answer.reason
    assert account.dynamodb.calls == []
