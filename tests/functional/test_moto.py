"""A second opinion: whole lives of tables on moto, which was written by others.

moto has no time: every table is ready at once, and nothing is ever refused because of a job at work. It takes no
notice of changes of class, encryption and maxima. What those need is tested on the simulator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from table_provisioner.handler import lambda_handler
from tests.functional.tables import (
    ORDERS,
    compact,
    create_by_hand,
    described,
    dynamodb,
    index_names,
    put_item,
    tags,
    time_to_live,
)
from tests.simulator.cloudformation import CloudFormation
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.functional.tables import Properties
    from tests.simulator.clock import Clock


@pytest.fixture
def aws(clock: Clock) -> Iterator[CloudFormation]:
    """CloudFormation as in the other tests, with its response server on the loopback interface, and moto behind it."""
    with mock_aws(), CloudFormation(clock, lambda_handler, Function()).running() as running:
        running.signing = "unknown"  # moto's tables are made in real time, the requests in virtual time
        yield running


def tables() -> list[str]:
    return list(dynamodb().list_tables()["TableNames"])


def items(table_name: str = "orders") -> list[dict[str, Any]]:
    return list(dynamodb().scan(TableName=table_name)["Items"])


def without_name(properties: Properties) -> Properties:
    return {name: value for name, value in properties.items() if name != "TableName"}


def test_a_stack_lives_and_dies(aws: CloudFormation) -> None:
    created = aws.create_stack({"Table": ORDERS})
    assert created.summary == ["Create Table SUCCESS orders"], created.events[0].reason
    assert (index_names(), time_to_live(), tags()["team"]) == ({"by-email"}, "expires_at", "checkout")
    assert created.events[0].data["TableArn"] == (described() or {})["TableArn"]
    unchanged = aws.update_stack({"Table": {**ORDERS, "OnDelete": "Snapshot"}})
    assert unchanged.events[0].data["Status"] == "UNCHANGED"
    deleted = aws.delete_stack()
    assert deleted.summary == ["Delete Table SUCCESS orders"], deleted.events[0].reason
    assert tables() == []
    backups = dynamodb().list_backups()["BackupSummaries"]
    assert [backup["TableName"] for backup in backups] == ["orders"]


def test_a_preset_is_deployed(aws: CloudFormation) -> None:
    outcome = aws.create_stack({"Table": {"Preset": "Session"}})
    assert outcome.status == "CREATE_COMPLETE", outcome.events[0].reason
    assert index_names("sentinel-sessions") == {"gsi-user", "gsi-status", "gsi-profile", "gsi-server-instance"}
    assert time_to_live("sentinel-sessions") == "ttl"


def test_three_indexes_stream_protection_and_tags_change_in_one_update(aws: CloudFormation) -> None:
    aws.create_stack({"Table": compact("city", "zip", Tags=[{"Key": "team", "Value": "checkout"}])})
    put_item(id={"S": "1"})
    more = {"DeletionProtectionEnabled": True, "StreamSpecification": {"StreamViewType": "KEYS_ONLY"}}
    outcome = aws.update_stack({"Table": compact("zip", "email", "phone", **more)})
    assert outcome.status == "UPDATE_COMPLETE", outcome.events[0].reason
    table = described()
    assert table is not None
    assert index_names() == {"by-zip", "by-email", "by-phone"}
    assert table["DeletionProtectionEnabled"] is True
    assert table["StreamSpecification"]["StreamViewType"] == "KEYS_ONLY"
    assert outcome.events[0].data["StreamArn"] == table["LatestStreamArn"]
    assert "team" not in tags()
    assert items() == [{"id": {"S": "1"}}]


def test_billing_switches_there_and_back(aws: CloudFormation) -> None:
    capacity = {"ReadCapacityUnits": 4, "WriteCapacityUnits": 2}
    provisioned = {
        **ORDERS,
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": capacity,
        "GlobalSecondaryIndexes": [{**ORDERS["GlobalSecondaryIndexes"][0], "ProvisionedThroughput": capacity}],
    }
    aws.create_stack({"Table": ORDERS})
    for properties, mode in ((provisioned, "PROVISIONED"), (ORDERS, "PAY_PER_REQUEST")):
        outcome = aws.update_stack({"Table": properties})
        assert outcome.status == "UPDATE_COMPLETE", outcome.events[0].reason
        assert (described() or {})["BillingModeSummary"]["BillingMode"] == mode


def test_a_time_to_live_is_renamed(aws: CloudFormation) -> None:
    aws.create_stack({"Table": compact(TimeToLiveAttribute="expires_at")})
    outcome = aws.update_stack({"Table": compact(TimeToLiveAttribute="ends_at")})
    assert outcome.status == "UPDATE_COMPLETE", outcome.events[0].reason
    assert time_to_live() == "ends_at"


def test_a_table_of_nobody_is_taken_over_and_outlives_the_stack(aws: CloudFormation) -> None:
    create_by_hand("orders", tags={"team": "archive"})
    put_item(id={"S": "1"})
    created = aws.create_stack({"Table": compact("city", TimeToLiveAttribute="expires_at")})
    assert created.events[0].data["Status"] == "EXISTS", created.events[0].reason
    assert (index_names(), time_to_live()) == ({"by-city"}, "expires_at")
    assert aws.delete_stack().status == "DELETE_COMPLETE"
    assert (items(), tags()) == ([{"id": {"S": "1"}}], {"team": "archive"})


def test_a_changed_key_replaces_the_table_and_the_rollback_keeps_the_old_one(aws: CloudFormation) -> None:
    created = aws.create_stack({"Table": without_name(compact())})
    old = created.physical_resource_ids["Table"]
    put_item(old, id={"S": "1"})
    sorted_table = without_name(compact(SortKey={"Name": "at", "Type": "N"}))
    failed = aws.update_stack({"Table": sorted_table}, another_resource_fails=True)
    assert (failed.status, tables()) == ("UPDATE_ROLLBACK_COMPLETE", [old])
    assert items(old) == [{"id": {"S": "1"}}]
    replaced = aws.update_stack({"Table": sorted_table})
    new = replaced.physical_resource_ids["Table"]
    assert replaced.summary == [f"Update Table SUCCESS {new}", f"Delete Table SUCCESS {old}"]
    assert tables() == [new]


def test_what_was_not_created_is_not_deleted(aws: CloudFormation) -> None:
    create_by_hand("orders")
    outcome = aws.create_stack({"Table": compact(SortKey={"Name": "at", "Type": "N"})})
    assert outcome.summary == ["Create Table FAILED orders/not-created", "Delete Table SUCCESS orders/not-created"]
    assert outcome.events[0].reason.startswith("AlreadyExists: table 'orders' exists with the key id (S, HASH), ")
    assert tables() == ["orders"]
