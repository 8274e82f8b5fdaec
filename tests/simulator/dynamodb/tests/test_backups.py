from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.dynamodb.tests.bench import NAME

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tests.bench import Bench, Members

SYSTEM_NAME = f"{NAME}$DeletedTableBackup"


def back_up(bench: Bench, name: str = "first") -> str:
    arn: str = bench.call("CreateBackup", TableName=NAME, BackupName=name)["BackupDetails"]["BackupArn"]
    return arn


def listed(bench: Bench, **params: Any) -> list[Members]:  # noqa: ANN401 - any member
    summaries: list[Members] = bench.call("ListBackups", **params)["BackupSummaries"]
    return summaries


def recover(bench: Bench, *, enabled: bool = True, **members: Any) -> Members:  # noqa: ANN401 - any member
    specification = {"PointInTimeRecoveryEnabled": enabled, **members}
    answer = bench.call("UpdateContinuousBackups", TableName=NAME, PointInTimeRecoverySpecification=specification)
    description: Members = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return description


def delete_table(bench: Bench) -> None:
    bench.call("DeleteTable", TableName=NAME)
    bench.wait(20)


def test_a_backup_outlives_its_table_and_remembers_it(bench: Bench) -> None:
    table_id = bench.create()["TableId"]
    arn = back_up(bench)
    delete_table(bench)
    description = bench.call("DescribeBackup", BackupArn=arn)["BackupDescription"]
    assert description["BackupDetails"]["BackupStatus"] == "AVAILABLE"
    assert description["BackupDetails"]["BackupType"] == "USER"
    assert description["SourceTableDetails"]["TableId"] == table_id
    assert [summary["BackupArn"] for summary in listed(bench, TableName=NAME)] == [arn]


def test_a_backup_is_being_created_for_a_twentieth_of_a_second(bench: Bench) -> None:
    bench.create()
    arn = back_up(bench)
    statuses = []
    for seconds in (0.04, 0.02):
        bench.wait(seconds)
        description = bench.call("DescribeBackup", BackupArn=arn)["BackupDescription"]
        statuses.append(description["BackupDetails"]["BackupStatus"])
    assert statuses == ["CREATING", "AVAILABLE"]


def test_names_of_backups_need_not_be_unique(bench: Bench) -> None:
    bench.create()
    assert back_up(bench) != back_up(bench)


def test_a_deleted_backup_is_gone_at_once(bench: Bench) -> None:
    bench.create()
    arn = back_up(bench)
    bench.call("DeleteBackup", BackupArn=arn)
    assert bench.refused("DescribeBackup", BackupArn=arn).is_listed_as("backup-not-found")
    assert bench.refused("DeleteBackup", BackupArn=arn).is_listed_as("backup-not-found")


def test_backups_are_listed_page_by_page(bench: Bench) -> None:
    bench.create()
    arns = [back_up(bench, f"backup-{number}") for number in range(3)]
    page = bench.call("ListBackups", Limit=2)
    assert [summary["BackupArn"] for summary in page["BackupSummaries"]] == arns[:2]
    rest = bench.call("ListBackups", ExclusiveStartBackupArn=page["LastEvaluatedBackupArn"])
    assert [summary["BackupArn"] for summary in rest["BackupSummaries"]] == arns[2:]
    assert "LastEvaluatedBackupArn" not in rest


def test_pages_of_backups_can_be_smaller(bench: Bench) -> None:
    bench.create()
    arns = [back_up(bench, f"backup-{number}") for number in range(3)]
    bench.dynamodb.world.backups_per_page = 2
    page = bench.call("ListBackups")
    assert ([each["BackupArn"] for each in page["BackupSummaries"]], page["LastEvaluatedBackupArn"]) == (
        arns[:2],
        arns[1],
    )


def test_listing_the_backups_of_a_missing_table_is_no_error(bench: Bench) -> None:
    assert listed(bench, TableName=NAME) == []


def test_deleting_a_table_with_recovery_leaves_a_system_backup(bench: Bench) -> None:
    bench.create()
    recover(bench)
    bench.call("DeleteTable", TableName=NAME)
    bench.wait(7)
    assert listed(bench, BackupType="ALL") == []
    bench.wait(2)
    (summary,) = listed(bench, BackupType="SYSTEM")
    assert summary["BackupName"] == SYSTEM_NAME
    assert listed(bench) == []
    refusal = bench.refused("DeleteBackup", BackupArn=summary["BackupArn"])
    assert refusal.is_listed_as("system-backup")


@pytest.mark.parametrize(
    ("before", "during", "expected"),
    [
        pytest.param(True, False, [], id="switched off in the first second there is none (T-088)"),
        pytest.param(False, True, [SYSTEM_NAME], id="switched on in the first second there is one (T-453)"),
        pytest.param(False, False, [], id="without recovery there is none"),
    ],
)
def test_recovery_can_still_be_changed_in_the_first_second_of_deletion(
    bench: Bench, *, before: bool, during: bool, expected: list[str]
) -> None:
    bench.create()
    recover(bench, enabled=before)
    bench.call("DeleteTable", TableName=NAME)
    bench.wait(1)
    recover(bench, enabled=during)
    bench.wait(20)
    assert [summary["BackupName"] for summary in listed(bench, BackupType="ALL")] == expected


def test_the_recovery_period_defaults_to_35_days_and_is_forgotten_when_disabled(bench: Bench) -> None:
    bench.create()
    assert recover(bench)["RecoveryPeriodInDays"] == 35
    assert recover(bench, RecoveryPeriodInDays=7)["RecoveryPeriodInDays"] == 7
    assert recover(bench, enabled=False) == {"PointInTimeRecoveryStatus": "DISABLED"}
    assert recover(bench)["RecoveryPeriodInDays"] == 35


def test_a_flap_of_recovery_resets_its_beginning(bench: Bench) -> None:
    bench.create()
    first = recover(bench)["EarliestRestorableDateTime"]
    bench.wait(100)
    recover(bench, enabled=False)
    assert recover(bench)["EarliestRestorableDateTime"] > first


def test_disabling_recovery_takes_no_period(bench: Bench) -> None:
    bench.create()
    specification = {"PointInTimeRecoveryEnabled": False, "RecoveryPeriodInDays": 7}
    refusal = bench.refused("UpdateContinuousBackups", TableName=NAME, PointInTimeRecoverySpecification=specification)
    assert refusal.is_listed_as("pitr-off-takes-no-period")


@pytest.mark.parametrize("days", [0, 36])
def test_a_recovery_period_has_1_to_35_days(bench: Bench, days: int) -> None:
    bench.create()
    specification = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": days}
    refusal = bench.refused("UpdateContinuousBackups", TableName=NAME, PointInTimeRecoverySpecification=specification)
    assert refusal.is_listed_as("shape")


def test_the_backup_apis_know_no_missing_table(bench: Bench) -> None:
    for operation, params in (
        ("DescribeContinuousBackups", {}),
        ("CreateBackup", {"BackupName": "first"}),
    ):
        assert bench.refused(operation, TableName=NAME, **params).is_listed_as("backups-table-not-found")
