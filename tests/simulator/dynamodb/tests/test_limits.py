"""Quotas, budgets, cooldowns and rate limits (section 4 of the reference)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.simulator.dynamodb import DynamoDB
from tests.simulator.dynamodb.tests.bench import (
    ARN,
    INDEXED,
    MAXIMA,
    NAME,
    ON_DEMAND,
    PLAIN,
    PROTECTED,
    PROVISIONED_INDEXED,
    PROVISIONED_TABLE,
    SSE_OFF,
    SSE_ON,
    STREAM_ON,
    Bench,
    index_update,
)

if TYPE_CHECKING:
    from tests.simulator.clock import Clock
    from tests.simulator.dynamodb.tests.bench import Members

HOUR = 3600.0


def capacity(units: int) -> Members:
    return {"ProvisionedThroughput": {"ReadCapacityUnits": units, "WriteCapacityUnits": units}}


def decrease(bench: Bench, *units: int) -> None:
    for unit in units:
        bench.update(capacity(unit))
        bench.wait(3)


def test_four_decreases_a_day_then_one_an_hour(bench: Bench) -> None:
    bench.create(PROVISIONED_TABLE | capacity(20))
    decrease(bench, 19, 18, 17, 16)
    assert bench.describe()["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 4
    refusal = bench.update_refused(capacity(15))
    assert refusal.is_listed_as("decreases-are-limited")
    assert re.search(
        r"Next decrease can be made at Thursday, January 1, 2026 at 1:01:\d\d AM Coordinated", refusal.message
    )
    bench.wait(HOUR - 10)
    assert bench.update_refused(capacity(15)).is_listed_as("decreases-are-limited")
    bench.wait(10)
    decrease(bench, 15)
    assert bench.update_refused(capacity(14)).is_listed_as("decreases-are-limited")


def test_midnight_resets_the_decreases_but_not_the_time_of_the_last(bench: Bench) -> None:
    bench.clock.limit = 24 * HOUR
    bench.wait(23.5 * HOUR)
    bench.create(PROVISIONED_TABLE | capacity(20))
    decrease(bench, 19, 18, 17, 16)
    refusal = bench.update_refused(capacity(15))
    assert "Next decrease can be made at Friday, January 2, 2026 at 12:00:00 AM" in refusal.message
    bench.clock.limit = 48 * HOUR
    bench.wait(HOUR / 2)
    shown = bench.describe()["ProvisionedThroughput"]
    assert shown["NumberOfDecreasesToday"] == 0
    assert "LastDecreaseDateTime" in shown
    decrease(bench, 15)


def test_increases_are_not_counted_and_refused_decreases_neither(bench: Bench) -> None:
    bench.create(PROVISIONED_TABLE | capacity(20))
    for unit in range(21, 31):
        decrease(bench, unit)
    decrease(bench, 29, 28, 27, 26)
    for _ in range(3):
        bench.update_refused(capacity(1))
    assert bench.describe()["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 4
    decrease(bench, 40)


def test_table_and_index_count_their_decreases_apart_but_are_refused_together(bench: Bench) -> None:
    bench.create(PROVISIONED_INDEXED | capacity(20))
    decrease(bench, 19, 18, 17, 16)
    smaller = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    refusal = bench.update_refused(capacity(15), index_update("by_email", ProvisionedThroughput=smaller))
    assert refusal.is_listed_as("decreases-are-limited")
    bench.update(index_update("by_email", ProvisionedThroughput=smaller))


def change_encryption(bench: Bench, *parts: Members) -> None:
    for part in parts:
        bench.update(part)
        bench.wait(30)


def test_four_encryption_changes_then_one_in_six_hours(bench: Bench) -> None:
    bench.create()
    change_encryption(bench, SSE_ON, SSE_OFF, SSE_ON, SSE_OFF)
    refusal = bench.update_refused(SSE_ON)
    assert refusal.is_listed_as("encryption-changes-are-limited")
    assert "Next changes can be made at 2026-01-01T06:02:30.000Z." in refusal.message
    bench.wait(6 * HOUR)
    change_encryption(bench, SSE_ON)


def test_the_encryption_budget_is_checked_before_the_key(bench: Bench) -> None:
    bench.create()
    unknown = {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/unknown"}}
    assert bench.update_refused(unknown).is_listed_as("kms-validation")
    change_encryption(bench, SSE_ON, SSE_OFF, SSE_ON, SSE_OFF)
    assert bench.update_refused(unknown).is_listed_as("encryption-changes-are-limited")


def test_two_class_changes_in_thirty_days_and_then_not_even_a_repeated_one(bench: Bench) -> None:
    bench.create()
    for name in ("STANDARD_INFREQUENT_ACCESS", "STANDARD_INFREQUENT_ACCESS", "STANDARD"):
        bench.update(TableClass=name)
        bench.wait(5)
    for name in ("STANDARD_INFREQUENT_ACCESS", "STANDARD"):
        assert bench.update_refused(TableClass=name).is_listed_as("class-changes-are-limited")
    bench.clock.limit = 32 * 24 * HOUR
    bench.wait(30 * 24 * HOUR)
    bench.update(TableClass="STANDARD_INFREQUENT_ACCESS")


@pytest.mark.parametrize("value", [True, False])
def test_deletion_protection_is_written_once_in_15_seconds(bench: Bench, *, value: bool) -> None:
    bench.create()
    bench.update(PROTECTED)
    after = bench.clock.now + 15
    bench.wait(14.9)
    refusal = bench.update_refused(DeletionProtectionEnabled=value)
    assert refusal.is_listed_as("deletion-protection-cooldown")
    assert refusal.message.endswith("Please try again after 2026-01-01T00:01:15.000Z")
    bench.wait(after - bench.clock.now)
    bench.update(DeletionProtectionEnabled=value)


def test_a_repeated_deletion_protection_starts_no_cooldown(bench: Bench) -> None:
    bench.create(PLAIN | PROTECTED)
    for _ in range(20):
        bench.update(PROTECTED)
    bench.update(DeletionProtectionEnabled=False)


def test_deletion_is_admitted_in_the_second_in_which_protection_goes(bench: Bench) -> None:
    bench.create(PLAIN | PROTECTED)
    assert bench.refused("DeleteTable", TableName=NAME).is_listed_as("protected-against-deletion")
    bench.update(DeletionProtectionEnabled=False)
    bench.call("DeleteTable", TableName=NAME)


@pytest.mark.parametrize(
    ("request_", "members", "name"),
    [
        pytest.param(
            PROVISIONED_TABLE,
            capacity(40_001),
            "capacity-above-table-maximum",
            id="a table has at most 40000 units (T-170)",
        ),
        pytest.param(
            PROVISIONED_INDEXED,
            index_update("by_email", **capacity(40_001)),
            "capacity-above-index-maximum",
            id="an index has at most 40000 units, counted apart (T-393)",
        ),
        pytest.param(
            PLAIN,
            {"OnDemandThroughput": {"MaxReadRequestUnits": 40_001}},
            "on-demand-above-table-maximum",
            id="an on-demand maximum is at most 40000 (T-154)",
        ),
        pytest.param(
            INDEXED,
            index_update("by_email", OnDemandThroughput={"MaxReadRequestUnits": 40_001}),
            "on-demand-above-index-maximum",
            id="an index's on-demand maximum is at most 40000 (T-154)",
        ),
        pytest.param(
            PLAIN,
            {"OnDemandThroughput": {"MaxReadRequestUnits": 0}},
            "on-demand-read-out-of-range",
            id="an on-demand maximum is not zero (T-051)",
        ),
        pytest.param(
            PLAIN,
            {"OnDemandThroughput": {"MaxWriteRequestUnits": -2}},
            "on-demand-write-out-of-range",
            id="an on-demand maximum is not -2 (T-051)",
        ),
        pytest.param(
            PLAIN,
            {"WarmThroughput": {"ReadUnitsPerSecond": 11_999}},
            "warm-is-lower-than-current",
            id="warm throughput never falls (T-179)",
        ),
        pytest.param(
            PROVISIONED_TABLE,
            MAXIMA,
            "provisioned-takes-no-on-demand-maximum",
            id="a provisioned table takes no on-demand maxima (T-059)",
        ),
        pytest.param(PLAIN, capacity(5), "on-demand-takes-no-units", id="an on-demand table takes no units (T-059)"),
        pytest.param(
            PROVISIONED_TABLE,
            {"ProvisionedThroughput": {"ReadCapacityUnits": 5}},
            "shape",
            id="both units are mandatory (T-058, T-437)",
        ),
    ],
)
def test_update_table_refuses(bench: Bench, request_: Members, members: Members, name: str) -> None:
    bench.create(request_)
    refusal = bench.update_refused(members)
    assert refusal.is_listed_as(name), refusal


def test_the_account_has_a_capacity_of_its_own(bench: Bench) -> None:
    for name in ("one-table", "two-table"):
        bench.create(PROVISIONED_TABLE | capacity(40_000), TableName=name)
    refusal = bench.refused("CreateTable", **PROVISIONED_TABLE | capacity(1))
    assert refusal.is_listed_as("capacity-above-account-maximum")
    limits = bench.call("DescribeLimits")
    assert (limits["AccountMaxReadCapacityUnits"], limits["TableMaxReadCapacityUnits"]) == (80_000, 40_000)


def test_some_of_ten_simultaneous_mutations_are_refused_and_pass_a_second_later(bench: Bench) -> None:
    outcomes = []
    for number in range(10):
        try:
            bench.start(TableName=f"table-{number}")
            outcomes.append("ok")
        except Exception as error:  # noqa: BLE001 - counted below
            outcomes.append(str(error))
    assert outcomes.count("ok") == 6
    assert all("The rate of control plane requests made by this account is too high" in text for text in outcomes[6:])
    bench.wait(1)
    bench.start(TableName="table-9")


def test_deletions_and_stream_changes_count_as_well(bench: Bench) -> None:
    for number in range(8):
        bench.create(TableName=f"table-{number}")
    for number in range(6):
        bench.call("DeleteTable", TableName=f"table-{number}")
    for operation, members in (("DeleteTable", {}), ("UpdateTable", STREAM_ON)):
        refusal = bench.refused(operation, TableName="table-7", **members)
        assert refusal.is_listed_as("account-rate-exceeded")


def test_reads_and_repeated_values_cost_the_account_nothing(bench: Bench) -> None:
    bench.create(PLAIN, Tags=[{"Key": "a", "Value": "1"}])
    for _ in range(20):
        bench.describe()
        bench.update(ON_DEMAND)
        bench.update(TableClass="STANDARD")
        bench.call("TagResource", ResourceArn=ARN, Tags=[{"Key": "a", "Value": "1"}])
    bench.call("DeleteTable", TableName=NAME)


@pytest.mark.usefixtures("aws_environment")
def test_the_account_limiter_can_be_switched_off(clock: Clock) -> None:
    with DynamoDB(account_rate=None).installed() as dynamodb:
        bench = Bench(dynamodb, clock)
        for number in range(30):
            bench.start(TableName=f"table-{number}")
        assert len(dynamodb.tables) == 30


def test_continuous_backups_are_described_a_dozen_times_at_once(bench: Bench) -> None:
    bench.create()
    for _ in range(12):
        bench.call("DescribeContinuousBackups", TableName=NAME)
    assert bench.refused("DescribeContinuousBackups", TableName=NAME).is_listed_as("rate-exceeded")


def test_budgets_die_with_their_table(bench: Bench) -> None:
    bench.create()
    bench.update(TableClass="STANDARD_INFREQUENT_ACCESS")
    bench.wait(5)
    bench.update(TableClass="STANDARD")
    bench.wait(5)
    change_encryption(bench, SSE_ON, SSE_OFF, SSE_ON, SSE_OFF)
    bench.call("DeleteTable", TableName=NAME)
    bench.wait(20)
    bench.create()
    bench.update(TableClass="STANDARD_INFREQUENT_ACCESS")
    bench.wait(5)
    change_encryption(bench, SSE_ON)
