"""How long things take, and what is shown meanwhile (sections 1.1 and 1.3 of the reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulator.dynamodb import PROFILES, DynamoDB
from tests.simulator.dynamodb.tests.bench import (
    INDEXED,
    INFREQUENT,
    MAXIMA,
    MORE_UNITS,
    NAME,
    ON_DEMAND,
    PLAIN,
    PROTECTED,
    PROVISIONED,
    PROVISIONED_INDEXED,
    PROVISIONED_TABLE,
    SSE_ON,
    STREAM_OFF,
    STREAM_ON,
    WARMER,
    Bench,
    index_creation,
    index_deletion,
    index_update,
)

if TYPE_CHECKING:
    from tests.simulator.clock import Clock
    from tests.simulator.dynamodb.tests.bench import Members

CAPACITY = {"ProvisionedThroughput": MORE_UNITS}


@pytest.mark.parametrize(
    ("request_", "members", "seconds"),
    [
        pytest.param(PROVISIONED_TABLE, CAPACITY, 2, id="a capacity change takes two seconds (T-058)"),
        pytest.param(PLAIN, PROVISIONED, 85, id="the first switch to PROVISIONED takes minutes (T-452)"),
        pytest.param(PROVISIONED_TABLE, ON_DEMAND, 130, id="the first switch to PAY_PER_REQUEST takes minutes (T-064)"),
        pytest.param(PROVISIONED_TABLE, ON_DEMAND | MAXIMA, 42.3, id="with maxima it takes less (T-433)"),
        pytest.param(PROVISIONED_TABLE, ON_DEMAND | STREAM_ON, 80, id="with a stream too (T-433, T-382)"),
        pytest.param(PLAIN, STREAM_ON, 4.5, id="enabling a stream takes some seconds (T-002)"),
        pytest.param(PLAIN | STREAM_ON, STREAM_OFF, 4.5, id="disabling a stream takes some seconds (T-050)"),
        pytest.param(PLAIN, INFREQUENT, 4.1, id="a class change takes four seconds (T-284)"),
        pytest.param(PLAIN, SSE_ON, 22.3, id="an encryption change takes 22 seconds (T-140)"),
        pytest.param(PLAIN, WARMER, 440, id="the first rise of warm throughput takes minutes (T-179)"),
        pytest.param(
            INDEXED,
            index_update("by_email", WarmThroughput={"ReadUnitsPerSecond": 13_000}),
            388.4,
            id="a rise of an index's warm throughput takes minutes (T-155)",
        ),
        pytest.param(PLAIN, MAXIMA, 0, id="on-demand maxima change at once (T-361)"),
        pytest.param(PLAIN, PROTECTED, 0, id="deletion protection changes at once (T-017)"),
        pytest.param(INDEXED, index_creation("by_city"), 515, id="an index is built in minutes (T-116)"),
        pytest.param(INDEXED, index_deletion("by_email"), 4.6, id="an index is deleted in seconds (T-148)"),
        pytest.param(
            PROVISIONED_INDEXED,
            index_update("by_email", ProvisionedThroughput=MORE_UNITS),
            2,
            id="an index's capacity changes in two seconds (T-135)",
        ),
    ],
)
def test_update_table_takes(bench: Bench, request_: Members, members: Members, seconds: float) -> None:
    bench.create(request_)
    bench.update(members)
    assert bench.seconds_until_rest() == pytest.approx(seconds, abs=0.11)


@pytest.mark.usefixtures("aws_environment")
@pytest.mark.parametrize(
    ("profile", "durations"),
    [
        ("fast", (1, 468, 3.8)),
        ("typical", (6, 515, 5.2)),
        ("slow", (9.5, 1003.3, 10.1)),
        ("index-8.5", (6, 510, 5.2)),
        ("index-16.5", (6, 990, 5.2)),
    ],
)
def test_a_profile_chooses_all_durations(clock: Clock, profile: str, durations: tuple[float, float, float]) -> None:
    creation, index, deletion = durations
    with DynamoDB(profile).installed() as dynamodb:
        bench = Bench(dynamodb, clock)
        bench.start()
        assert bench.seconds_until_rest() == pytest.approx(creation, abs=0.11)
        bench.update(index_creation("by_city"))
        assert bench.seconds_until_rest() == pytest.approx(index, abs=0.11)
        bench.call("DeleteTable", TableName=NAME)
        bench.wait(deletion - 0.1)
        assert bench.describe()["TableStatus"] == "DELETING"
        bench.wait(0.2)
        assert NAME not in dynamodb.tables


@pytest.mark.usefixtures("aws_environment")
def test_one_duration_can_be_chosen_alone(clock: Clock) -> None:
    profile = PROFILES["typical"].with_seconds(CreateTable__no_index=100)
    with DynamoDB(profile).installed() as dynamodb:
        bench = Bench(dynamodb, clock)
        bench.start()
        assert bench.seconds_until_rest() == pytest.approx(100, abs=0.11)


def test_a_second_switch_to_provisioned_is_quick_and_so_is_the_way_back(bench: Bench) -> None:
    bench.create()
    durations = []
    for members in (PROVISIONED, ON_DEMAND, PROVISIONED, ON_DEMAND):
        bench.update(members)
        durations.append(bench.seconds_until_rest())
    assert durations == pytest.approx([85, 4, 2, 4], abs=0.11)


def test_a_second_rise_of_warm_throughput_is_quick(bench: Bench) -> None:
    bench.create()
    bench.update(WARMER)
    bench.seconds_until_rest()
    bench.update(WarmThroughput={"ReadUnitsPerSecond": 14_000})
    assert bench.seconds_until_rest() == 2


def test_a_capacity_change_shows_old_units_until_its_end(bench: Bench) -> None:
    bench.create(PROVISIONED_TABLE)
    for shown in (bench.update(CAPACITY), bench.describe()):
        assert shown["TableStatus"] == "UPDATING"
        assert shown["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
        assert "LastIncreaseDateTime" in shown["ProvisionedThroughput"]
    bench.wait(2)
    assert bench.describe()["ProvisionedThroughput"]["ReadCapacityUnits"] == 6


def test_a_decrease_is_counted_at_its_end(bench: Bench) -> None:
    bench.create(PROVISIONED_TABLE)
    shown = bench.update(ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 9})
    assert shown["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 0
    assert {"LastIncreaseDateTime", "LastDecreaseDateTime"} <= set(shown["ProvisionedThroughput"])
    bench.wait(2)
    assert bench.describe()["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 1


def test_a_switch_to_provisioned_shows_the_new_units_at_once(bench: Bench) -> None:
    bench.create(INDEXED)
    bench.update(PROVISIONED, index_update("by_email", ProvisionedThroughput=MORE_UNITS))
    shown = bench.describe()
    by_email = shown["GlobalSecondaryIndexes"][0]
    assert (shown["TableStatus"], by_email["IndexStatus"]) == ("UPDATING", "UPDATING")
    assert shown["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert shown["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert by_email["ProvisionedThroughput"]["ReadCapacityUnits"] == 6
    bench.wait(6)
    assert bench.describe()["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE"
    assert bench.describe()["TableStatus"] == "UPDATING"


def test_a_switch_to_on_demand_shows_no_units_at_once_and_its_time_at_the_end(bench: Bench) -> None:
    bench.create(PROVISIONED_INDEXED)
    shown = bench.update(ON_DEMAND)
    assert shown["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}
    assert shown["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert "LastDecreaseDateTime" in shown["ProvisionedThroughput"]
    assert shown["WarmThroughput"]["ReadUnitsPerSecond"] == 5
    bench.seconds_until_rest()
    shown = bench.describe()
    assert "LastUpdateToPayPerRequestDateTime" in shown["BillingModeSummary"]
    assert shown["WarmThroughput"]["ReadUnitsPerSecond"] == 12_000
    assert shown["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 1
    assert shown["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 0


def test_maxima_are_taken_once_a_switch_to_on_demand_is_complete(bench: Bench) -> None:
    bench.create(PROVISIONED_TABLE)
    bench.update(ON_DEMAND)
    bench.seconds_until_rest()
    bench.update(MAXIMA)
    assert bench.describe()["OnDemandThroughput"]["MaxReadRequestUnits"] == 10


def test_a_class_change_shows_the_previous_class_until_its_end(bench: Bench) -> None:
    bench.create()
    shown = bench.update(INFREQUENT)
    assert shown["TableStatus"] == "UPDATING"
    assert "TableClassSummary" not in shown
    bench.seconds_until_rest()
    assert bench.describe()["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert "LastUpdateDateTime" in bench.describe()["TableClassSummary"]


def sse(bench: Bench) -> tuple[str, str | None] | None:
    """Status of the encryption, and the end of the key's ARN."""
    shown = bench.describe().get("SSEDescription")
    return None if shown is None else (shown["Status"], shown.get("KMSMasterKeyArn"))


def test_encryption_goes_on_in_three_stages_under_active(bench: Bench) -> None:
    bench.create()
    arn = bench.dynamodb.keys.usable("alias/aws/dynamodb").arn
    shown = bench.update(SSE_ON)
    assert (shown["TableStatus"], shown["SSEDescription"]) == ("ACTIVE", {"Status": "UPDATING"})
    stages = [sse(bench)]
    for seconds in (9, 14):
        bench.wait(seconds)
        stages.append(sse(bench))
    assert stages == [("UPDATING", None), ("UPDATING", arn), ("ENABLED", arn)]


def test_a_key_change_shows_the_old_key_first(bench: Bench) -> None:
    old = bench.create(PLAIN | SSE_ON)["SSEDescription"]["KMSMasterKeyArn"]
    new = bench.dynamodb.keys.add("alias/mine").arn
    bench.update(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/mine"})
    stages = [sse(bench)]
    for seconds in (9, 14):
        bench.wait(seconds)
        stages.append(sse(bench))
    assert stages == [("UPDATING", old), ("UPDATING", new), ("ENABLED", new)]


def test_switching_encryption_off_ends_without_a_description(bench: Bench) -> None:
    old = bench.create(PLAIN | SSE_ON)["SSEDescription"]["KMSMasterKeyArn"]
    bench.update(SSESpecification={"Enabled": False})
    stages = [sse(bench)]
    for seconds in (9, 14):
        bench.wait(seconds)
        stages.append(sse(bench))
    assert stages == [("UPDATING", old), ("UPDATING", None), None]


def test_warm_throughput_shows_old_numbers_until_its_end(bench: Bench) -> None:
    bench.create()
    shown = bench.update(WARMER)
    assert shown["TableStatus"] == "ACTIVE"
    assert shown["WarmThroughput"] == {
        "ReadUnitsPerSecond": 12_000,
        "WriteUnitsPerSecond": 4_000,
        "Status": "UPDATING",
    }
    bench.seconds_until_rest()
    assert bench.describe()["WarmThroughput"] == {
        "ReadUnitsPerSecond": 13_000,
        "WriteUnitsPerSecond": 5_000,
        "Status": "ACTIVE",
    }


def test_a_higher_warm_throughput_replaces_the_one_at_work(bench: Bench) -> None:
    bench.create()
    bench.update(WARMER)
    bench.wait(100)
    bench.update(WarmThroughput={"ReadUnitsPerSecond": 15_000})
    bench.wait(341)
    assert bench.describe()["WarmThroughput"]["ReadUnitsPerSecond"] == 12_000
    bench.seconds_until_rest()
    assert bench.describe()["WarmThroughput"]["ReadUnitsPerSecond"] == 15_000


def test_a_stream_shows_at_once_and_its_arn_outlives_it(bench: Bench) -> None:
    bench.create()
    shown = bench.update(STREAM_ON)
    assert shown["StreamSpecification"]["StreamViewType"] == "KEYS_ONLY"
    first = shown["LatestStreamArn"]
    bench.seconds_until_rest()
    bench.update(STREAM_OFF)
    bench.seconds_until_rest()
    shown = bench.describe()
    assert "StreamSpecification" not in shown
    assert shown["LatestStreamArn"] == first
    bench.update(STREAM_ON)
    assert bench.describe()["LatestStreamArn"] != first


def test_cleared_maxima_show_minus_one_for_a_second(bench: Bench) -> None:
    bench.create(PLAIN | MAXIMA)
    bench.update(OnDemandThroughput={"MaxReadRequestUnits": -1})
    assert bench.describe()["OnDemandThroughput"] == {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 10}
    bench.wait(1)
    assert bench.describe()["OnDemandThroughput"] == {"MaxWriteRequestUnits": 10}
    bench.update(OnDemandThroughput={"MaxWriteRequestUnits": -1})
    bench.wait(1)
    assert "OnDemandThroughput" not in bench.describe()


def test_a_billing_switch_forgets_the_maxima_and_keeps_warm_throughput(bench: Bench) -> None:
    bench.create(PLAIN | MAXIMA)
    bench.update(PROVISIONED)
    bench.seconds_until_rest()
    shown = bench.describe()
    assert "OnDemandThroughput" not in shown
    assert shown["WarmThroughput"]["ReadUnitsPerSecond"] == 12_000


def test_warm_throughput_follows_the_highest_units_ever_provisioned(bench: Bench) -> None:
    bench.create(PROVISIONED_TABLE)
    bench.update(ProvisionedThroughput={"ReadCapacityUnits": 50, "WriteCapacityUnits": 50})
    bench.wait(3)
    bench.update(ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5})
    bench.wait(3)
    assert bench.describe()["WarmThroughput"]["ReadUnitsPerSecond"] == 50
