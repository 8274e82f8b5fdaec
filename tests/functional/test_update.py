"""Updates: each property alone, several together, nothing at all, and the way back."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from table_provisioner import ProvisionStatus, TableProvisioner, TableSchema
from table_provisioner.dynamodb import DynamoDB
from table_provisioner.handler import clients, lambda_handler
from tests.functional.native_properties import PROPERTIES, index, units
from tests.functional.tables import (
    ORDERS,
    compact,
    described,
    dynamodb,
    index_names,
    put_item,
    tags,
    time_to_live,
)
from tests.simulator.dynamodb.profiles import PROFILES
from tests.simulator.faults import Fault, ProcessKilled, Refused
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.functional.tables import Properties
    from tests.simulator.account import Account, OpenAccount
    from tests.simulator.clock import Clock
    from tests.simulator.cloudformation import ResourceEvent
    from tests.simulator.faults import Phase

ALIAS = "alias/orders"
MANAGED = "alias/aws/dynamodb"
TTL_COOLDOWN = 1871.7
INDEX_SECONDS = 515.0
BASE = compact()


def begin(account: Account, properties: Properties, clock: Clock) -> None:
    """Create a stack of one table, put an item into it, and come back when nothing of that matters any more."""
    outcome = account.cloudformation.create_stack({"Table": properties})
    assert outcome.status == "CREATE_COMPLETE", outcome.events[0].reason
    put_item(**ITEM)
    clock.advance(2 * TTL_COOLDOWN)
    account.dynamodb.calls.clear()
    account.cloudformation.lambda_service.invocations.clear()


ITEM: dict[str, Any] = {"id": {"S": "1"}, "created_at": {"N": "2"}}


def update(account: Account, properties: Properties) -> ResourceEvent:
    """Update the stack, which must succeed and keep the table with its item."""
    before = described()
    assert before is not None
    outcome = account.cloudformation.update_stack({"Table": properties})
    assert outcome.status == "UPDATE_COMPLETE", outcome.events[0].reason
    assert (described() or {})["TableId"] == before["TableId"]
    assert account.dynamodb.items("orders") == [ITEM]
    return outcome.event("Update")


def table() -> dict[str, Any]:
    """What ``DescribeTable`` says of a table that is there."""
    shown = described()
    assert shown is not None
    return shown


def capacity(holder: dict[str, Any]) -> tuple[int, int]:
    throughput = holder["ProvisionedThroughput"]
    return throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]


def index_capacities() -> dict[str, tuple[int, int]]:
    return {each["IndexName"]: capacity(each) for each in table().get("GlobalSecondaryIndexes", ())}


# --- what a table shows ---


def billing() -> tuple[str, tuple[int, int]]:
    shown = table()
    return shown.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"), capacity(shown)


def maxima() -> dict[str, int]:
    return {name: units for name, units in table().get("OnDemandThroughput", {}).items() if units != -1}


def warmth() -> tuple[int, int]:
    warm = table()["WarmThroughput"]
    return warm["ReadUnitsPerSecond"], warm["WriteUnitsPerSecond"]


def view() -> str | None:
    view_type: str | None = table().get("StreamSpecification", {}).get("StreamViewType")
    return view_type


def encryption() -> str | None:
    """Whose key the table is encrypted with; ``None`` for DynamoDB's own."""
    arn = table().get("SSEDescription", {}).get("KMSMasterKeyArn")
    return arn and str(key(arn)["KeyManager"])


@cache
def kms() -> Any:  # noqa: ANN401 -- boto3 makes its clients at run time
    """A client of somebody else."""
    return boto3.client("kms")


def key(name: str) -> dict[str, Any]:
    """What KMS says of a key."""
    return dict(kms().describe_key(KeyId=name)["KeyMetadata"])


def own_tags() -> dict[str, str]:
    return {key: value for key, value in tags().items() if not key.startswith("table-provisioner:")}


def table_class() -> str:
    shown: str = table().get("TableClassSummary", {}).get("TableClass", "STANDARD")
    return shown


def is_protected() -> bool:
    return bool(table()["DeletionProtectionEnabled"])


def change(**arguments: Any) -> Callable[[], None]:  # noqa: ANN401 -- of ``UpdateTable``
    """An ``UpdateTable`` of somebody else."""

    def by_hand() -> None:
        dynamodb().update_table(TableName="orders", **arguments)

    return by_hand


# --- indexes ---


def test_three_index_changes_are_made_in_one_update(account: Account, clock: Clock) -> None:
    begin(account, compact("city", "zip"), clock)
    event = update(account, compact("zip", "email", "phone"))
    assert index_names() == {"by-zip", "by-email", "by-phone"}
    assert 2 * INDEX_SECONDS < event.duration < 1.1 * (2 * INDEX_SECONDS + 10)
    assert [invocation.outcome for invocation in account.cloudformation.lambda_service.invocations] == ["returned"] * 2


def test_twenty_indexes_are_created_with_the_table(account: Account) -> None:
    attributes = [f"attribute-{number}" for number in range(20)]
    outcome = account.cloudformation.create_stack({"Table": compact(*attributes)})
    assert outcome.status == "CREATE_COMPLETE"
    assert len(index_names()) == 20
    assert account.dynamodb.mutations == ["CreateTable"]


def test_twenty_indexes_are_added_one_after_the_other(open_account: OpenAccount, clock: Clock) -> None:
    quick = PROFILES["typical"].with_seconds(UpdateTable__GSI__create__total=50)
    account = open_account(lambda_handler, Function(is_recursion_allowed=True), profile=quick)
    begin(account, BASE, clock)
    update(account, compact(*(f"attribute-{number}" for number in range(20))))
    assert {each["IndexStatus"] for each in table()["GlobalSecondaryIndexes"]} == {"ACTIVE"}
    assert len(index_names()) == 20


def test_an_index_that_nobody_declares_is_left_alone(account: Account, clock: Clock) -> None:
    begin(account, compact("zip"), clock)
    PROPERTIES["GlobalSecondaryIndexes"].make_by_hand()
    clock.advance(600)
    update(account, compact("email"))
    assert index_names() == {"by-city", "by-email"}


CHANGED_INDEXES = [
    pytest.param(index("city", SortKey={"Name": "at", "Type": "N"}), "the key city (S, HASH)", id="a-sort-key"),
    pytest.param(index("city", PartitionKey={"Name": "zip", "Type": "S"}), "zip (S, HASH)", id="another-attribute"),
    pytest.param(index("city", PartitionKey={"Name": "city", "Type": "N"}), "city (N, HASH)", id="another-type"),
    pytest.param(
        index("city", Projection={"ProjectionType": "KEYS_ONLY"}),
        "the projection ALL, declared is KEYS_ONLY",
        id="another-projection",
    ),
]


@pytest.mark.parametrize(("changed", "difference"), CHANGED_INDEXES)
def test_a_changed_index_is_refused_before_anything_is_changed(
    account: Account, clock: Clock, changed: Properties, difference: str
) -> None:
    begin(account, compact("city"), clock)
    before = table()
    outcome = account.cloudformation.update_stack(
        {"Table": BASE | {"GlobalSecondaryIndexes": [changed], "DeletionProtectionEnabled": True}}
    )
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    reason = outcome.events[0].reason
    assert reason.startswith("NotUpdatable: DynamoDB cannot change what defines an index: index")
    assert difference in reason
    assert "AllowIndexRecreation: true" in reason
    assert table() == before
    assert set(account.dynamodb.mutations) <= {"TagResource"}


@pytest.mark.parametrize(("changed", "_"), CHANGED_INDEXES)
def test_a_changed_index_is_built_anew_where_that_is_allowed(
    account: Account, clock: Clock, changed: Properties, _: str
) -> None:
    begin(account, compact("city"), clock)
    update(account, BASE | {"GlobalSecondaryIndexes": [changed], "AllowIndexRecreation": True})
    (built,) = table()["GlobalSecondaryIndexes"]
    key = [(attribute["Name"], "HASH") for attribute in [changed["PartitionKey"]]]
    key += [(attribute["Name"], "RANGE") for attribute in [changed.get("SortKey")] if attribute]
    assert [(element["AttributeName"], element["KeyType"]) for element in built["KeySchema"]] == key
    assert built["Projection"] == changed.get("Projection", {"ProjectionType": "ALL"})
    assert built["IndexStatus"] == "ACTIVE"
    types = {each["AttributeName"]: each["AttributeType"] for each in table()["AttributeDefinitions"]}
    assert types[changed["PartitionKey"]["Name"]] == changed["PartitionKey"]["Type"]


def test_an_index_that_was_built_anew_is_brought_back_by_the_rollback(account: Account, clock: Clock) -> None:
    begin(account, compact("city"), clock)
    changed = index("city", SortKey={"Name": "at", "Type": "N"})
    outcome = account.cloudformation.update_stack(
        {"Table": BASE | {"GlobalSecondaryIndexes": [changed], "AllowIndexRecreation": True}},
        another_resource_fails=True,
    )
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE", outcome.events[-1].reason
    (restored,) = table()["GlobalSecondaryIndexes"]
    assert restored["KeySchema"] == [{"AttributeName": "city", "KeyType": "HASH"}]


@pytest.mark.parametrize(
    ("attributes", "least", "most"),
    [
        pytest.param(["city"], 0, 60, id="the-last-index-is-not-waited-for"),
        pytest.param(["city", "zip"], INDEX_SECONDS, INDEX_SECONDS + 120, id="an-index-before-another-is"),
    ],
)
def test_without_waiting_for_indexes_the_answer_comes_before_the_backfill_ends(
    account: Account, clock: Clock, attributes: list[str], least: float, most: float
) -> None:
    begin(account, BASE, clock)
    event = update(account, compact(*attributes, WaitForIndexes=False))
    assert least <= event.duration <= most
    states = {each["IndexName"]: each["IndexStatus"] for each in table()["GlobalSecondaryIndexes"]}
    assert states.pop(f"by-{attributes[-1]}") == "CREATING"
    assert set(states.values()) <= {"ACTIVE"}
    assert table()["TableStatus"] == "ACTIVE"


def test_the_update_after_one_that_did_not_wait_waits_where_it_has_to(account: Account, clock: Clock) -> None:
    begin(account, BASE, clock)
    update(account, compact("city", WaitForIndexes=False))
    event = update(account, compact("zip"))
    assert index_names() == {"by-zip"}
    assert event.duration > INDEX_SECONDS


# --- capacity ---

PROVISIONED = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": units(5, 5)}


def test_billing_switches_to_provisioned_with_the_capacity_of_every_live_index(account: Account, clock: Clock) -> None:
    """What nobody declares gets the capacity of the table, for DynamoDB wants to know."""
    begin(account, BASE | {"GlobalSecondaryIndexes": [index("zip")]}, clock)
    PROPERTIES["GlobalSecondaryIndexes"].make_by_hand()
    clock.advance(600)
    declared = {"GlobalSecondaryIndexes": [index("zip", ProvisionedThroughput=units(2, 1))]}
    update(account, BASE | declared | PROVISIONED)
    assert billing() == ("PROVISIONED", (5, 5))
    assert index_capacities() == {"by-zip": (2, 1), "by-city": (5, 5)}


def test_billing_switches_to_on_demand_and_brings_the_maxima_with_it(account: Account, clock: Clock) -> None:
    begin(account, BASE | declared_index(ProvisionedThroughput=units(2, 1)) | PROVISIONED, clock)
    limits = {"MaxReadRequestUnits": 40}
    on_demand = {"BillingMode": "PAY_PER_REQUEST", "OnDemandThroughput": limits}
    update(account, BASE | declared_index(OnDemandThroughput=limits) | on_demand)
    assert billing() == ("PAY_PER_REQUEST", (0, 0))
    assert index_capacities() == {"by-zip": (0, 0)}
    assert maxima() == table()["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == limits


def declared_index(**more: Any) -> Properties:  # noqa: ANN401 -- any property of an index
    return {"GlobalSecondaryIndexes": [index("zip", **more)]}


def test_billing_and_indexes_change_together(account: Account, clock: Clock) -> None:
    """The new index is built with capacity, the old one needs none any more."""
    begin(account, compact("city"), clock)
    update(account, BASE | declared_index(ProvisionedThroughput=units(2, 1)) | PROVISIONED)
    assert billing() == ("PROVISIONED", (5, 5))
    assert index_capacities() == {"by-zip": (2, 1)}


def test_billing_that_is_not_declared_stays_as_somebody_else_set_it(account: Account, clock: Clock) -> None:
    begin(account, compact("city"), clock)
    dynamodb().update_table(
        TableName="orders",
        BillingMode="PROVISIONED",
        ProvisionedThroughput=units(6, 4),
        GlobalSecondaryIndexUpdates=[{"Update": {"IndexName": "by-city", "ProvisionedThroughput": units(3, 2)}}],
    )
    clock.advance(600)
    update(account, compact("city", "zip"))
    assert billing() == ("PROVISIONED", (6, 4))
    assert index_capacities() == {"by-city": (3, 2), "by-zip": (6, 4)}


def test_maxima_of_a_table_that_somebody_else_made_provisioned_are_refused_before_anything_is_changed(
    account: Account, clock: Clock
) -> None:
    begin(account, BASE, clock)
    dynamodb().update_table(TableName="orders", BillingMode="PROVISIONED", ProvisionedThroughput=units(6, 4))
    clock.advance(600)
    account.dynamodb.calls.clear()
    limited = {"OnDemandThroughput": {"MaxReadRequestUnits": 40, "MaxWriteRequestUnits": 30}}
    outcome = account.cloudformation.update_stack({"Table": compact("zip", **limited)})
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert outcome.events[0].reason.startswith("InvalidRequest: OnDemandThroughput is declared, but table 'orders' has")
    assert set(account.dynamodb.mutations) <= {"TagResource"}, "the rollback's fence"
    update(account, compact("zip", **limited, BillingMode="PAY_PER_REQUEST"))
    assert (maxima(), index_names()) == (limited["OnDemandThroughput"], {"by-zip"})


def test_an_update_of_a_limited_table_that_somebody_else_made_provisioned_can_be_taken_back(
    account: Account, clock: Clock
) -> None:
    limited = {"OnDemandThroughput": {"MaxReadRequestUnits": 40, "MaxWriteRequestUnits": 30}}
    begin(account, compact(**limited), clock)
    dynamodb().update_table(TableName="orders", BillingMode="PROVISIONED", ProvisionedThroughput=units(6, 4))
    clock.advance(600)
    outcome = account.cloudformation.update_stack({"Table": compact("zip", **limited)}, another_resource_fails=True)
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    update(account, compact(**limited, BillingMode="PAY_PER_REQUEST"))
    assert maxima() == limited["OnDemandThroughput"]


def test_capacity_of_table_and_index_changes_in_one_call(account: Account, clock: Clock) -> None:
    begin(account, BASE | declared_index(ProvisionedThroughput=units(2, 1)) | PROVISIONED, clock)
    account.dynamodb.calls.clear()
    more = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": units(8, 8)}
    update(account, BASE | declared_index(ProvisionedThroughput=units(9, 9)) | more)
    assert (billing(), index_capacities()) == (("PROVISIONED", (8, 8)), {"by-zip": (9, 9)})
    assert account.dynamodb.mutations.count("UpdateTable") == 1


def test_maxima_of_an_index_are_set_and_cleared(account: Account, clock: Clock) -> None:
    begin(account, BASE | declared_index(), clock)
    limits = {"MaxReadRequestUnits": 40, "MaxWriteRequestUnits": 30}
    update(account, BASE | declared_index(OnDemandThroughput=limits))
    assert table()["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == limits
    update(account, BASE | declared_index())
    clock.advance(5)
    assert table()["GlobalSecondaryIndexes"][0].get("OnDemandThroughput", {}) == {}


def test_warm_throughput_of_an_index_is_raised(account: Account, clock: Clock) -> None:
    begin(account, BASE | declared_index(), clock)
    update(account, BASE | declared_index(WarmThroughput={"WriteUnitsPerSecond": 6000}))
    warm = {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 6000, "Status": "ACTIVE"}
    assert table()["GlobalSecondaryIndexes"][0]["WarmThroughput"] == warm


INITIAL = {"CapacityManagement": "InitialOnly"}


def test_capacity_that_is_managed_initially_is_left_to_auto_scaling(account: Account, clock: Clock) -> None:
    begin(account, BASE | declared_index(ProvisionedThroughput=units(2, 1)) | PROVISIONED | INITIAL, clock)
    assert (billing(), index_capacities()) == (("PROVISIONED", (5, 5)), {"by-zip": (2, 1)})
    scale = [{"Update": {"IndexName": "by-zip", "ProvisionedThroughput": units(7, 7)}}]
    dynamodb().update_table(TableName="orders", ProvisionedThroughput=units(20, 20), GlobalSecondaryIndexUpdates=scale)
    clock.advance(60)
    wanted = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": units(6, 6)}
    warm = {"WarmThroughput": {"ReadUnitsPerSecond": 13000}}
    update(account, BASE | declared_index(ProvisionedThroughput=units(3, 3)) | wanted | warm | INITIAL)
    assert (billing(), index_capacities()) == (("PROVISIONED", (20, 20)), {"by-zip": (7, 7)})
    assert warmth() == (20, 20)


def test_maxima_that_are_managed_initially_are_left_alone(account: Account, clock: Clock) -> None:
    first = {"OnDemandThroughput": {"MaxReadRequestUnits": 50}}
    begin(account, BASE | first | INITIAL, clock)
    assert maxima() == {"MaxReadRequestUnits": 50}
    update(account, BASE | {"OnDemandThroughput": {"MaxReadRequestUnits": 60}} | INITIAL)
    assert maxima() == {"MaxReadRequestUnits": 50}


def test_a_change_of_the_billing_mode_is_made_even_where_capacity_is_managed_initially(
    account: Account, clock: Clock
) -> None:
    begin(account, BASE | declared_index() | INITIAL, clock)
    update(account, BASE | declared_index(ProvisionedThroughput=units(2, 1)) | PROVISIONED | INITIAL)
    assert (billing(), index_capacities()) == (("PROVISIONED", (5, 5)), {"by-zip": (2, 1)})
    update(account, BASE | declared_index() | INITIAL)
    assert billing() == ("PAY_PER_REQUEST", (0, 0))


LIMITS = {"MaxReadRequestUnits": 50}


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_switch_to_on_demand_brings_its_maxima_where_capacity_is_managed_initially(
    account: Account, clock: Clock, number: int, phase: Phase
) -> None:
    """Killed at the switch, at the maxima of the index or never, they are there; later changes are left alone."""
    begin(account, BASE | declared_index(ProvisionedThroughput=units(2, 1)) | PROVISIONED | INITIAL, clock)
    account.interceptors.append(Fault(ProcessKilled(clock), at=number, operation="UpdateTable", phase=phase))
    on_demand = BASE | {"BillingMode": "PAY_PER_REQUEST"} | INITIAL
    update(account, on_demand | declared_index(OnDemandThroughput=LIMITS) | {"OnDemandThroughput": LIMITS})
    assert billing() == ("PAY_PER_REQUEST", (0, 0))
    assert maxima() == table()["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == LIMITS
    more = {"OnDemandThroughput": {"MaxReadRequestUnits": 60}}
    update(account, on_demand | declared_index(**more) | more)
    assert maxima() == table()["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == LIMITS


def test_a_table_that_is_taken_over_and_switched_to_on_demand_gets_its_maxima(account: Account, clock: Clock) -> None:
    dynamodb().create_table(
        TableName="orders",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        ProvisionedThroughput=units(5, 5),
    )
    clock.advance(60)
    wanted = compact(BillingMode="PAY_PER_REQUEST", OnDemandThroughput=LIMITS, **INITIAL)
    assert account.cloudformation.create_stack({"Table": wanted}).status == "CREATE_COMPLETE"
    assert (billing()[0], maxima()) == ("PAY_PER_REQUEST", LIMITS)


def test_a_table_is_never_without_its_maxima_after_a_switch_to_on_demand(account: Account, clock: Clock) -> None:
    """New indexes come before other maxima, and each takes ten minutes."""
    begin(account, BASE | PROVISIONED, clock)
    wanted = compact("city", "zip", BillingMode="PAY_PER_REQUEST", OnDemandThroughput=LIMITS)
    update(account, wanted)
    switch = account.dynamodb.calls_of("UpdateTable")[0].params
    assert (switch["BillingMode"], switch["OnDemandThroughput"]) == ("PAY_PER_REQUEST", LIMITS)


# --- stream, time to live, protection ---


def test_another_view_is_another_stream_whose_arn_is_returned(account: Account, clock: Clock) -> None:
    begin(account, BASE | {"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}}, clock)
    former = table()["LatestStreamArn"]
    event = update(account, BASE | {"StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"}})
    assert event.data["StreamArn"] == table()["LatestStreamArn"] != former
    event = update(account, BASE)
    assert event.data["StreamArn"] == ""


def test_an_update_gives_the_same_data_as_the_create(account: Account, clock: Clock) -> None:
    begin(account, BASE, clock)
    event = update(account, BASE | {"DeletionProtectionEnabled": True})
    shown = table()
    assert event.data == {
        "TableName": "orders",
        "TableArn": shown["TableArn"],
        "Arn": shown["TableArn"],
        "TableId": shown["TableId"],
        "StreamArn": "",
        "Status": "UPDATED",
    }


def test_a_renamed_time_to_live_comes_last_for_it_takes_half_an_hour_and_hand_overs(
    account: Account, clock: Clock
) -> None:
    begin(account, BASE | {"TimeToLiveAttribute": "expires_at"}, clock)
    recovery = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
    event = update(account, compact("city", TimeToLiveAttribute="ends_at", **recovery))
    assert TTL_COOLDOWN < event.duration < 1.1 * TTL_COOLDOWN + 60, "the backfill of the index is no reason to wait"
    invocations = account.cloudformation.lambda_service.invocations
    assert [invocation.outcome for invocation in invocations] == ["returned"] * 3
    operations = account.dynamodb.mutations
    assert operations[-2:] == ["UpdateTimeToLive", "UpdateTimeToLive"]
    assert {"UpdateContinuousBackups", "UpdateTable"} <= set(operations[:-2])


def test_a_rename_that_would_need_two_cooldowns_ends_in_time_and_is_finished_by_the_next_deployment(
    account: Account, clock: Clock
) -> None:
    created = account.cloudformation.create_stack({"Table": BASE | {"TimeToLiveAttribute": "expires_at"}})
    assert created.status == "CREATE_COMPLETE"
    aws = account.cloudformation
    fields = {"PhysicalResourceId": "orders", "StackId": tags()["table-provisioner:stack-id"]}
    old, new = BASE | {"TimeToLiveAttribute": "expires_at"}, BASE | {"TimeToLiveAttribute": "ends_at"}
    first = aws.deliver(aws.request("Update", new, old, **fields))
    assert (first.status, first.reason.partition(":")[0]) == ("FAILED", "NotStabilized")
    assert 3500 < first.duration < 3600
    clock.advance(300)
    second = aws.deliver(aws.request("Update", new, old, **fields))
    assert (second.status, time_to_live()) == ("SUCCESS", "ends_at")


def test_protection_comes_first_when_it_is_turned_on_and_last_when_it_is_turned_off(
    account: Account, clock: Clock
) -> None:
    begin(account, compact("city"), clock)
    update(account, compact("zip", DeletionProtectionEnabled=True))
    assert switches_of_protection(account) == [True, None, None]
    account.dynamodb.calls.clear()
    update(account, compact("city", DeletionProtectionEnabled=False))
    assert switches_of_protection(account) == [None, None, False]


def switches_of_protection(account: Account) -> list[bool | None]:
    """What each ``UpdateTable`` said of deletion protection."""
    calls = account.dynamodb.calls_of("UpdateTable")
    return [call.params.get("DeletionProtectionEnabled") for call in calls if call.outcome == "ok"]


# --- nothing to change ---

DECLARED: Properties = {
    **ORDERS,
    "GlobalSecondaryIndexes": [
        {
            **ORDERS["GlobalSecondaryIndexes"][0],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total", "city"]},
        },
        {
            "IndexName": "by-time",
            "KeySchema": [{"AttributeName": "created_at", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        },
    ],
    "Tags": [{"Key": "team", "Value": "checkout"}, {"Key": "stage", "Value": "live"}],
}
DEFAULTS: Properties = {
    "BillingMode": "PAY_PER_REQUEST",
    "DeletionProtectionEnabled": False,
    "OnDemandThroughput": {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1},
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False},
    "SSESpecification": {"SSEEnabled": False},
    "TableClass": "STANDARD",
    "WarmThroughput": {"ReadUnitsPerSecond": 12000},
}
NO_CHANGES = [
    pytest.param({"ServiceTimeout": 1800}, id="another-service-timeout"),
    pytest.param({"OnDelete": "Snapshot"}, id="another-way-of-deleting"),
    pytest.param({"ExistingTable": "Fail"}, id="another-way-with-existing-tables"),
    pytest.param({"WaitForIndexes": False}, id="another-way-of-waiting"),
    pytest.param({"AllowIndexRecreation": True}, id="another-way-with-changed-indexes"),
    pytest.param({"CapacityManagement": "InitialOnly"}, id="another-way-with-capacity"),
    pytest.param({"AttributeDefinitions": DECLARED["AttributeDefinitions"][::-1]}, id="reordered-attributes"),
    pytest.param({"GlobalSecondaryIndexes": DECLARED["GlobalSecondaryIndexes"][::-1]}, id="reordered-indexes"),
    pytest.param(
        {
            "GlobalSecondaryIndexes": [
                {
                    **DECLARED["GlobalSecondaryIndexes"][0],
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["city", "total"]},
                },
                DECLARED["GlobalSecondaryIndexes"][1],
            ]
        },
        id="reordered-projection",
    ),
    pytest.param({"Tags": DECLARED["Tags"][::-1]}, id="reordered-tags"),
    *(pytest.param({name: value}, id=f"explicit-default-of-{name}") for name, value in DEFAULTS.items()),
    pytest.param(DEFAULTS, id="all-explicit-defaults"),
]


@pytest.mark.parametrize("difference", NO_CHANGES)
def test_an_update_without_a_difference_writes_nothing(account: Account, clock: Clock, difference: Properties) -> None:
    begin(account, DECLARED, clock)
    event = update(account, DECLARED | difference)
    assert (account.dynamodb.mutations, event.data["Status"]) == ([], "UNCHANGED")
    assert event.duration < 1


@pytest.mark.parametrize("default", DEFAULTS)
def test_an_explicit_default_that_is_removed_again_writes_nothing(account: Account, clock: Clock, default: str) -> None:
    begin(account, DECLARED | {default: DEFAULTS[default]}, clock)
    event = update(account, DECLARED)
    assert (account.dynamodb.mutations, event.data["Status"]) == ([], "UNCHANGED")


def test_the_other_form_of_the_same_table_is_no_difference(account: Account, clock: Clock) -> None:
    begin(account, ORDERS, clock)
    event = update(
        account,
        {
            "TableName": "orders",
            "PartitionKey": {"Name": "id", "Type": "S"},
            "SortKey": {"Name": "created_at", "Type": "N"},
            "GlobalSecondaryIndexes": [index("email")],
            "TimeToLiveAttribute": "expires_at",
            "Tags": ORDERS["Tags"],
        },
    )
    assert (account.dynamodb.mutations, event.data["Status"]) == ([], "UNCHANGED")


def encrypted(key: str | None = None) -> Properties:
    named = {"SSEType": "KMS", "KMSMasterKeyId": key} if key else {}
    return BASE | {"SSESpecification": {"SSEEnabled": True, **named}}


@pytest.mark.parametrize("spelling", ["arn", "id", "alias-arn", "other-alias"])
def test_another_spelling_of_the_same_key_is_no_difference(account: Account, clock: Clock, spelling: str) -> None:
    key = account.dynamodb.keys.add(ALIAS)
    account.dynamodb.keys.point("alias/other", key)
    begin(account, encrypted(ALIAS), clock)
    prefix = key.arn.partition("key/")[0]
    spelled = {"arn": key.arn, "id": key.key_id, "alias-arn": prefix + ALIAS, "other-alias": "alias/other"}
    event = update(account, encrypted(spelled[spelling]))
    assert (account.dynamodb.mutations, event.data["Status"]) == ([], "UNCHANGED")


def test_the_aws_managed_key_may_be_named_or_not(account: Account, clock: Clock) -> None:
    begin(account, encrypted(), clock)
    for spelled in (encrypted(MANAGED), encrypted(key(MANAGED)["Arn"]), encrypted()):
        event = update(account, spelled)
        assert (account.dynamodb.mutations, event.data["Status"]) == ([], "UNCHANGED")


def test_a_key_that_may_not_be_described_is_no_difference_while_it_is_spelled_the_same(
    account: Account, clock: Clock
) -> None:
    account.dynamodb.keys.add(ALIAS)
    begin(account, encrypted(ALIAS), clock)
    account.dynamodb.keys.is_describe_denied = True
    event = update(account, encrypted(ALIAS) | {"OnDelete": "Retain"})
    assert (account.dynamodb.mutations, event.data["Status"]) == ([], "UNCHANGED")


def test_an_alias_that_names_another_key_by_now_is_a_difference(account: Account, clock: Clock) -> None:
    account.dynamodb.keys.add(ALIAS)
    begin(account, encrypted(ALIAS), clock)
    another = account.dynamodb.keys.add(ALIAS)
    update(account, encrypted(ALIAS) | {"OnDelete": "Retain"})
    assert table()["SSEDescription"]["KMSMasterKeyArn"] == another.arn


# --- refusals and the way back ---

QUOTA = Refused("LimitExceededException", "Subscriber limit exceeded: something is limited for thirty days.")
BEFORE: Properties = compact(
    "city",
    "zip",
    StreamSpecification={"StreamViewType": "NEW_IMAGE"},
    SSESpecification={"SSEEnabled": True},
    TableClass="STANDARD_INFREQUENT_ACCESS",
    Tags=[{"Key": "team", "Value": "checkout"}],
)
AFTER: Properties = compact(
    "zip",
    "email",
    DeletionProtectionEnabled=True,
    OnDemandThroughput={"MaxReadRequestUnits": 50},
    StreamSpecification={"StreamViewType": "KEYS_ONLY"},
    Tags=[{"Key": "team", "Value": "billing"}],
    TimeToLiveAttribute="expires_at",
)
"""What an ``UpdateTable`` each is needed for: protection, an index less, an index more, maxima, class, encryption, the
stream off and on."""
UPDATES_OF_A_TABLE = 8


def state() -> dict[str, Any]:
    """What is declared of the table, as it shows."""
    return {
        "indexes": index_names(),
        "protected": is_protected(),
        "maxima": maxima(),
        "stream": view(),
        "key": encryption(),
        "class": table_class(),
        "tags": own_tags(),
        "expires": time_to_live(),
    }


def test_everything_changes_in_one_update(account: Account, clock: Clock) -> None:
    begin(account, BEFORE, clock)
    update(account, AFTER)
    assert state() == {
        "indexes": {"by-zip", "by-email"},
        "protected": True,
        "maxima": {"MaxReadRequestUnits": 50},
        "stream": "KEYS_ONLY",
        "key": None,
        "class": "STANDARD",
        "tags": {"team": "billing"},
        "expires": "expires_at",
    }
    assert account.dynamodb.mutations.count("UpdateTable") == UPDATES_OF_A_TABLE


@pytest.mark.parametrize("number", range(1, UPDATES_OF_A_TABLE + 1))
def test_an_update_that_fails_halfway_is_taken_back_by_the_rollback(
    account: Account, clock: Clock, number: int
) -> None:
    begin(account, BEFORE, clock)
    before, table_id = state(), table()["TableId"]
    refused = Fault(QUOTA, operation="UpdateTable", at=number)
    account.interceptors.append(refused)
    outcome = account.cloudformation.update_stack({"Table": AFTER})
    assert refused.strikes == 1
    assert outcome.summary == ["Update Table FAILED orders", "Update Table SUCCESS orders"]
    assert outcome.events[0].reason.startswith("ServiceLimitExceeded: could not ")
    assert (state(), table()["TableId"]) == (before, table_id)
    assert account.dynamodb.items("orders") == [ITEM]


def test_an_update_that_succeeded_is_taken_back_when_another_resource_fails(account: Account, clock: Clock) -> None:
    begin(account, BEFORE, clock)
    before = state()
    outcome = account.cloudformation.update_stack(
        {"Table": {name: value for name, value in AFTER.items() if name != "TimeToLiveAttribute"}},
        another_resource_fails=True,
    )
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE", outcome.events[-1].reason
    assert state() == before
    assert account.dynamodb.items("orders") == [ITEM]


def test_an_update_with_invalid_properties_is_refused_and_its_rollback_changes_nothing(
    account: Account, clock: Clock
) -> None:
    begin(account, BEFORE, clock)
    outcome = account.cloudformation.update_stack({"Table": {**AFTER, "BillingMode": "FREE", "TableClas": "x"}})
    assert outcome.summary == ["Update Table FAILED orders", "Update Table SUCCESS orders"]
    assert outcome.events[0].reason.startswith("InvalidRequest: 2 faults in the properties:")
    assert set(account.dynamodb.mutations) <= {"TagResource"}
    assert own_tags() == {"team": "checkout"}


def test_an_update_of_a_table_that_is_gone_says_so(account: Account, clock: Clock) -> None:
    begin(account, BASE, clock)
    dynamodb().delete_table(TableName="orders")
    clock.advance(60)
    outcome = account.cloudformation.update_stack({"Table": BASE | {"TableClass": "STANDARD"}})
    assert outcome.events[0].reason.startswith("NotFound: table 'orders' does not exist any more.")
    assert described() is None


# --- the Python API ---


def schema(**more: Any) -> TableSchema:  # noqa: ANN401 -- any field
    return TableSchema.model_validate({"table_name": "orders", "partition_key": {"Name": "id", "Type": "S"}, **more})


def provisioner() -> TableProvisioner:
    return TableProvisioner(DynamoDB(clients))


def test_the_api_updates_what_differs_and_returns_to_the_default_what_is_no_longer_declared(
    account: Account, clock: Clock
) -> None:
    streaming = schema(stream_specification={"StreamViewType": "NEW_IMAGE"})
    assert provisioner().create(streaming).stream_arn
    clock.advance(60)
    assert provisioner().update(streaming, streaming).status is ProvisionStatus.UNCHANGED
    protected = schema(deletion_protection_enabled=True)
    assert [str(step) for step in provisioner().plan(protected, streaming).steps] == [
        "turn deletion protection on",
        "turn the stream off",
    ]
    assert (view(), is_protected()) == ("NEW_IMAGE", False)
    result = provisioner().update(protected, streaming)
    assert (result.status, result.stream_arn) == (ProvisionStatus.UPDATED, "")
    assert (view(), is_protected(), tags()) == (None, True, {})
    assert account.dynamodb.mutations == ["CreateTable", "UpdateTable", "UpdateTable"]


def test_the_api_leaves_alone_what_was_not_declared_before(account: Account, clock: Clock) -> None:
    provisioner().create(schema(stream_specification={"StreamViewType": "NEW_IMAGE"}))
    clock.advance(60)
    account.dynamodb.calls.clear()
    assert provisioner().update(schema()).status is ProvisionStatus.UNCHANGED
    assert (view(), account.dynamodb.mutations) == ("NEW_IMAGE", [])


def test_the_api_says_why_an_update_failed(account: Account, clock: Clock) -> None:
    provisioner().create(schema())
    clock.advance(60)
    account.interceptors.append(Fault(QUOTA, operation="UpdateTable", times=math.inf))
    result = provisioner().update(schema(table_class="STANDARD_INFREQUENT_ACCESS"))
    assert (result.status, result.table_arn) == (ProvisionStatus.FAILED, table()["TableArn"])
    assert result.error is not None
    assert result.error.code == "ServiceLimitExceeded"


def test_a_plan_of_a_refused_change_says_so(account: Account, clock: Clock) -> None:
    provisioner().create(schema())
    clock.advance(60)
    other = schema(sort_key={"Name": "at", "Type": "N"})
    for planned in (provisioner().plan(other), provisioner().plan(other, schema())):
        assert (planned.steps, planned.table_status) == ((), "ACTIVE")
        assert planned.error is not None
        assert planned.error.code == "NotUpdatable"
    assert account.dynamodb.mutations == ["CreateTable"]
