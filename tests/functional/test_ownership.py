"""Create and Update meet tables: whose each is, and what may be done with it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import boto3
import pytest

from table_provisioner.handler import lambda_handler
from tests.functional.others import (
    ANOTHER_STACK,
    PREFIX,
    SOMEBODY_ELSES,
    Content,
    adopted,
    changes,
    fenced,
    look,
    make_table,
    owned,
)
from tests.functional.tables import compact, described
from tests.simulator.dynamodb.profiles import chosen
from tests.simulator.faults import ConnectionLost, Fault, ProcessKilled, throttling_storm
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from tests.functional.tables import Properties
    from tests.simulator.account import Account, OpenAccount
    from tests.simulator.cloudformation.outcome import ResourceEvent
    from tests.simulator.cloudformation.requests import Request
    from tests.simulator.faults import Call, Phase

NOBODYS = [
    pytest.param({}, id="without tags"),
    pytest.param({"team": "checkout"}, id="with tags of its maker only"),
    pytest.param(fenced(), id="with a fence that somebody left"),
    pytest.param(adopted() | fenced(), id="taken over by this resource before"),
    pytest.param(owned() | fenced(), id="that outlived this resource"),
    pytest.param(owned() | adopted() | fenced(), id="of which a takeover was cut off"),
]


def create(account: Account, properties: Properties) -> ResourceEvent:
    return account.cloudformation.deliver(account.cloudformation.request("Create", properties))


def update_request(account: Account, properties: Properties, old: Properties) -> Request:
    return account.cloudformation.request("Update", properties, old, PhysicalResourceId="orders")


def update(account: Account, properties: Properties, old: Properties) -> ResourceEvent:
    return account.cloudformation.deliver(update_request(account, properties, old))


def is_refused(account: Account, before: Content, event: ResourceEvent, code: str) -> bool:
    """Whether a request was refused before it changed anything."""
    is_said = (event.status, event.reason.partition(":")[0]) == ("FAILED", code)
    return is_said and look(account) == before and set(changes(account)) == {"CreateTable"}


# Create


@pytest.mark.parametrize("tags", SOMEBODY_ELSES)
def test_create_leaves_a_table_of_somebody_else(account: Account, tags: dict[str, str]) -> None:
    before = make_table(account, tags)
    for existing_table in ("Adopt", "Fail"):
        event = create(account, compact("email", ExistingTable=existing_table, TimeToLiveAttribute="ttl"))
        assert is_refused(account, before, event, "AlreadyExists")
        assert event.physical_resource_id == "orders/not-created"
        assert "table-provisioner release orders" in event.reason


def test_a_refused_create_says_whose_the_table_is(account: Account) -> None:
    make_table(account, owned(ANOTHER_STACK, "Orders"))
    assert f"resource Orders of stack {ANOTHER_STACK}" in create(account, compact()).reason


def test_a_refused_update_says_whose_the_table_is(account: Account) -> None:
    make_table(account, owned(ANOTHER_STACK, "Orders"))
    reason = update(account, compact("email"), compact()).reason
    assert f"resource Orders of stack {ANOTHER_STACK}" in reason


@pytest.mark.parametrize("tags", NOBODYS)
def test_create_takes_over_a_table_of_nobody(account: Account, tags: dict[str, str]) -> None:
    before = make_table(account, tags)
    request = account.cloudformation.request("Create", compact(TimeToLiveAttribute="ttl"))
    event = account.cloudformation.deliver(request)
    now = look(account)
    assert (event.status, event.data["Status"], event.physical_resource_id) == ("SUCCESS", "EXISTS", "orders")
    assert (now.identity, now.whose, now.request_id) == (before.identity, adopted(), request["RequestId"])
    assert now.expiry == "ttl"
    assert {key: value for key, value in now.tags.items() if not key.startswith(PREFIX)} == {
        key: value for key, value in tags.items() if not key.startswith(PREFIX)
    }


@pytest.mark.parametrize("tags", NOBODYS)
def test_create_refuses_a_table_of_nobody_where_told_to(account: Account, tags: dict[str, str]) -> None:
    before = make_table(account, tags)
    event = create(account, compact("email", ExistingTable="Fail"))
    assert is_refused(account, before, event, "AlreadyExists")
    assert event.physical_resource_id == "orders/not-created"
    assert "ExistingTable: Adopt" in event.reason


@pytest.mark.parametrize("existing_table", ["Adopt", "Fail"])
def test_create_carries_on_with_the_table_that_this_very_request_made(account: Account, existing_table: str) -> None:
    properties = compact(ExistingTable=existing_table, TimeToLiveAttribute="ttl")
    request = account.cloudformation.request("Create", properties)
    before = make_table(account, owned() | fenced(request["RequestId"]))
    event = account.cloudformation.deliver(request)
    now = look(account)
    assert (event.status, event.physical_resource_id) == ("SUCCESS", "orders")
    assert (now.identity, now.whose, now.expiry) == (before.identity, owned(), "ttl")


def test_a_create_whose_answer_from_dynamodb_was_lost_owns_its_table(account: Account) -> None:
    account.interceptors.append(Fault(ConnectionLost(), operation="CreateTable", phase="after"))
    event = create(account, compact("email", ExistingTable="Fail"))
    assert (event.status, event.physical_resource_id, look(account).whose) == ("SUCCESS", "orders", owned())


def test_a_table_that_somebody_else_makes_a_moment_earlier_is_theirs(account: Account) -> None:
    def be_faster(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == ("CreateTable", "before"):
            account.interceptors.remove(be_faster)
            make_table(account, owned(ANOTHER_STACK))

    account.interceptors.append(be_faster)
    event = create(account, compact("email"))
    assert (event.reason.partition(":")[0], event.physical_resource_id) == ("AlreadyExists", "orders/not-created")
    assert (look(account).whose, len(look(account).items)) == (owned(ANOTHER_STACK), 1)


def test_a_table_that_somebody_else_makes_while_createtable_is_throttled_is_theirs(account: Account) -> None:
    account.interceptors.append(throttling_storm(operation="CreateTable", calls=1))

    def be_faster() -> None:
        make_table(account, owned(ANOTHER_STACK))

    account.clock.spawn("somebody else", be_faster, delay=0.5)
    event = create(account, compact())
    assert (event.reason.partition(":")[0], event.physical_resource_id) == ("AlreadyExists", "orders/not-created")


def test_a_create_that_waits_for_somebody_elses_table_until_the_end_has_none(open_account: OpenAccount) -> None:
    endless = chosen("typical").with_seconds(CreateTable__no_index=4000)
    account = open_account(lambda_handler, Function(is_recursion_allowed=True), profile=endless)

    def be_faster(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == ("CreateTable", "before"):
            account.interceptors.remove(be_faster)
            boto3.client("dynamodb").create_table(
                TableName="orders",
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
            )

    account.interceptors.append(be_faster)
    event = create(account, compact(ServiceTimeout=120))
    assert (event.reason.partition(":")[0], event.physical_resource_id) == ("NotStabilized", "orders/not-created")


def test_a_create_whose_table_is_made_anew_by_somebody_else_does_not_take_that_over(account: Account) -> None:
    def make_anew() -> None:
        del account.dynamodb.world.tables["orders"]
        make_table(account)

    account.clock.spawn("somebody else", make_anew, delay=3)
    event = create(account, compact(TimeToLiveAttribute="ttl"))
    account.clock.advance(60)
    now = look(account)
    assert (event.reason.partition(":")[0], now.tags, now.expiry) == ("ResourceConflict", {}, None)


ANOTHER_KEY: Properties = {"AttributeDefinitions": [{"AttributeName": "code", "AttributeType": "S"}]} | {
    "KeySchema": [{"AttributeName": "code", "KeyType": "HASH"}]
}
ANOTHER_TYPE: Properties = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}]}
WITH_A_SORT_KEY: Properties = {
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "at")],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
}
WITH_A_LOCAL_INDEX: Properties = {
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "at", "size")],
    "KeySchema": WITH_A_SORT_KEY["KeySchema"],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "by-size",
            "KeySchema": [
                {"AttributeName": "id", "KeyType": "HASH"},
                {"AttributeName": "size", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
}
SORTED = compact(SortKey={"Name": "at", "Type": "S"})
LOCAL = {"IndexName": "by-size", "SortKey": {"Name": "size", "Type": "S"}}


@pytest.mark.parametrize(
    ("table", "properties", "difference"),
    [
        pytest.param(ANOTHER_KEY, compact(), ("code (S, HASH)", "id (S, HASH)"), id="another partition key"),
        pytest.param(ANOTHER_TYPE, compact(), ("id (N, HASH)", "id (S, HASH)"), id="another key type"),
        pytest.param(WITH_A_SORT_KEY, compact(), ("id (S, HASH), at (S, RANGE)", "id (S, HASH)."), id="a sort key"),
        pytest.param({}, SORTED, ("id (S, HASH),", "id (S, HASH), at (S, RANGE)"), id="no sort key"),
        pytest.param(
            WITH_A_SORT_KEY,
            SORTED | {"LocalSecondaryIndexes": [LOCAL]},
            ("local indexes none", "by-size on size (S, ALL)"),
            id="no local index",
        ),
        pytest.param(
            WITH_A_LOCAL_INDEX,
            SORTED | {"LocalSecondaryIndexes": [LOCAL]},
            ("by-size on size (S, KEYS_ONLY)", "by-size on size (S, ALL)"),
            id="another projection of a local index",
        ),
    ],
)
@pytest.mark.parametrize("tags", [pytest.param({}, id="nobody's"), pytest.param(owned() | fenced(), id="outlived")])
def test_create_refuses_a_table_of_another_key_and_spells_out_the_difference(
    account: Account,
    table: Properties,
    properties: Properties,
    difference: tuple[str, str],
    tags: dict[str, str],
) -> None:
    before = make_table(account, tags, **table)
    event = create(account, properties)
    assert is_refused(account, before, event, "AlreadyExists")
    assert event.physical_resource_id == "orders/not-created"
    for part in difference:
        assert part in event.reason


def test_local_indexes_that_are_not_declared_are_no_difference(account: Account) -> None:
    before = make_table(account, **WITH_A_LOCAL_INDEX)
    event = create(account, SORTED)
    now = look(account)
    assert (event.status, now.identity, now.whose) == ("SUCCESS", before.identity, adopted())
    assert now.description["LocalSecondaryIndexes"] == before.description["LocalSecondaryIndexes"]


@pytest.mark.parametrize("existing_table", ["Adopt", "Fail"])
@pytest.mark.parametrize("tags", [{}, owned(ANOTHER_STACK)], ids=["nobody's", "another stack's"])
def test_create_waits_for_a_table_that_is_being_deleted_and_makes_its_own(
    account: Account, tags: dict[str, str], existing_table: str
) -> None:
    before = make_table(account, tags)
    boto3.client("dynamodb").delete_table(TableName="orders")
    event = create(account, compact(ExistingTable=existing_table))
    now = look(account)
    assert (event.status, event.data["Status"], now.whose) == ("SUCCESS", "CREATED", owned())
    assert now.identity[0] != before.identity[0]


def test_a_takeover_leaves_everything_that_is_not_declared(account: Account) -> None:
    index = {
        "IndexName": "by-age",
        "KeySchema": [{"AttributeName": "age", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    before = make_table(
        account,
        {"team": "checkout", "cost-centre": "7"},
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "age")],
        GlobalSecondaryIndexes=[index],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        DeletionProtectionEnabled=True,
        OnDemandThroughput={"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 10},
    )
    client = boto3.client("dynamodb")
    client.update_time_to_live(
        TableName="orders", TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True}
    )
    client.update_continuous_backups(
        TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    event = create(account, compact("email", Tags=[{"Key": "team", "Value": "billing"}]))
    now = look(account)
    left = ("StreamSpecification", "LatestStreamArn", "DeletionProtectionEnabled", "OnDemandThroughput")
    assert (event.status, now.identity, now.whose) == ("SUCCESS", before.identity, adopted())
    assert [now.description[name] for name in left] == [before.description[name] for name in left]
    assert {each["IndexName"] for each in now.description["GlobalSecondaryIndexes"]} == {"by-age", "by-email"}
    assert now.expiry == "expires"
    assert account.dynamodb.tables["orders"].recovery.enabled_at is not None
    assert {key: value for key, value in now.tags.items() if not key.startswith(PREFIX)} == {
        "team": "billing",
        "cost-centre": "7",
    }


@pytest.mark.parametrize("operation", ["TagResource", "UntagResource", "UpdateTimeToLive"])
@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("tags", [{}, owned() | fenced()], ids=["nobody's", "outlived"])
def test_a_takeover_that_is_killed_is_finished_by_the_next_delivery(
    account: Account,
    tags: dict[str, str],
    operation: str,
    phase: Phase,
) -> None:
    before = make_table(account, tags)
    killed = Fault(ProcessKilled(account.clock), operation=operation, phase=phase)
    account.interceptors.append(killed)
    event = create(account, compact(TimeToLiveAttribute="ttl"))
    now = look(account)
    assert killed.strikes == (operation != "UntagResource" or bool(tags))
    assert (event.status, event.physical_resource_id) == ("SUCCESS", "orders")
    assert (now.identity, now.whose, now.expiry) == (before.identity, adopted(), "ttl")


@pytest.mark.parametrize("tags", [{}, owned() | fenced()], ids=["nobody's", "outlived"])
def test_a_table_whose_takeover_was_never_finished_is_not_deleted(account: Account, tags: dict[str, str]) -> None:
    before = make_table(account, tags)
    killed = ProcessKilled(account.clock)
    account.interceptors.append(Fault(killed, operation="TagResource", phase="after"))
    whatever_follows = Fault(killed, operation="DescribeTable", at=3, times=math.inf)
    account.interceptors.append(whatever_follows)
    failed = create(account, compact(TimeToLiveAttribute="ttl", ServiceTimeout=600))
    assert (failed.status, whatever_follows.strikes) == ("FAILED", 2)
    assert look(account).whose == {key: tags[key] for key in owned() if key in tags} | adopted()
    account.interceptors.remove(whatever_follows)
    request = account.cloudformation.request("Delete", compact(), PhysicalResourceId="orders")
    deleted = account.cloudformation.deliver(request)
    assert (deleted.status, look(account).identity, look(account).whose) == ("SUCCESS", before.identity, {})


def test_a_takeover_that_fails_before_its_tags_leaves_no_trace(account: Account) -> None:
    before = make_table(
        account,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "email")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-email",
                "KeySchema": [{"AttributeName": "email", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    event = create(account, compact("email"))
    assert is_refused(account, before, event, "NotUpdatable")
    assert event.physical_resource_id == "orders/not-created"


def test_a_takeover_that_fails_after_its_tags_is_released_by_the_rollback(account: Account) -> None:
    before = make_table(account)
    unusable = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/none"}
    outcome = account.cloudformation.create_stack({"Table": compact(SSESpecification=unusable)})
    now = look(account)
    assert outcome.summary == ["Create Table FAILED orders", "Delete Table SUCCESS orders"]
    assert (now.identity, now.tags) == (before.identity, {})


# Update


def test_update_of_a_missing_table_says_how_to_get_one(account: Account) -> None:
    event = update(account, compact("email"), compact())
    assert event.reason.startswith("NotFound: table 'orders' does not exist any more.")
    assert "another TableName" in event.reason
    assert (event.physical_resource_id, changes(account)) == ("orders", [])


def test_update_of_a_table_that_is_being_deleted_finds_none(account: Account) -> None:
    make_table(account, owned() | fenced())
    boto3.client("dynamodb").delete_table(TableName="orders")
    event = update(account, compact("email"), compact())
    assert event.reason.startswith("NotFound: ")
    assert described() is None


@pytest.mark.parametrize("tags", SOMEBODY_ELSES)
def test_update_leaves_a_table_of_somebody_else(account: Account, tags: dict[str, str]) -> None:
    before = make_table(account, tags)
    for existing_table in ("Adopt", "Fail"):
        event = update(account, compact(ExistingTable=existing_table, TimeToLiveAttribute="ttl"), compact())
        assert is_refused(account, before, event, "ResourceConflict")
        assert event.physical_resource_id == "orders"


@pytest.mark.parametrize("tags", [{}, {"team": "checkout"}, fenced()], ids=["none", "others", "a fence"])
def test_update_changes_a_table_that_lost_our_tags_and_does_not_claim_it(
    account: Account, tags: dict[str, str]
) -> None:
    before = make_table(account, tags)
    event = update(account, compact(TimeToLiveAttribute="ttl"), compact())
    now = look(account)
    assert (event.status, event.data["Status"]) == ("SUCCESS", "UPDATED")
    assert (now.identity, now.whose, now.expiry) == (before.identity, {}, "ttl")


@pytest.mark.parametrize("tags", [{}, {"team": "checkout"}, fenced()], ids=["none", "others", "a fence"])
def test_update_refuses_a_table_that_lost_our_tags_where_told_to(account: Account, tags: dict[str, str]) -> None:
    before = make_table(account, tags)
    event = update(account, compact(TimeToLiveAttribute="ttl", ExistingTable="Fail"), compact())
    assert is_refused(account, before, event, "ResourceConflict")
    assert "ExistingTable: Adopt" in event.reason


@pytest.mark.parametrize(
    ("tags", "whose"),
    [
        pytest.param(owned(), owned(), id="one that this resource created stays owned"),
        pytest.param(adopted(), adopted(), id="one that it took over stays adopted"),
        pytest.param(owned() | adopted(), adopted(), id="one whose takeover was cut off is adopted"),
    ],
)
@pytest.mark.parametrize("existing_table", ["Adopt", "Fail"])
def test_update_keeps_whose_a_table_is(
    account: Account, tags: dict[str, str], whose: dict[str, str], existing_table: str
) -> None:
    before = make_table(account, tags | fenced())
    event = update(account, compact(TimeToLiveAttribute="ttl", ExistingTable=existing_table), compact())
    now = look(account)
    assert (event.status, now.identity, now.whose, now.expiry) == ("SUCCESS", before.identity, whose, "ttl")


@pytest.mark.parametrize("existing_table", ["Adopt", "Fail"])
def test_a_table_made_anew_by_somebody_else_is_never_deleted(account: Account, existing_table: str) -> None:
    properties = compact(ExistingTable=existing_table)
    account.cloudformation.create_stack({"Table": properties})
    boto3.client("dynamodb").delete_table(TableName="orders")
    account.clock.advance(60)
    before = make_table(account)
    updated = account.cloudformation.update_stack({"Table": properties | {"TimeToLiveAttribute": "ttl"}})
    assert updated.event("Update").is_success is (existing_table == "Adopt")
    assert look(account).whose == {}
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    assert look(account).identity == before.identity


def test_a_running_update_stops_when_its_table_is_made_anew(account: Account) -> None:
    create(account, compact())

    def make_anew() -> None:
        client = boto3.client("dynamodb")
        while account.dynamodb.tables["orders"].describe()["GlobalSecondaryIndexes"][0]["IndexStatus"] != "ACTIVE":
            account.clock.advance(1)
        client.delete_table(TableName="orders")
        account.clock.advance(6)
        make_table(account)

    account.clock.spawn("somebody else", make_anew, delay=100)
    event = update(account, compact("email", "city"), compact())
    account.clock.advance(60)
    now = look(account)
    assert event.reason.startswith("ResourceConflict: table 'orders' was deleted and made anew by somebody else.")
    assert (now.tags, len(now.items)) == ({}, 1)
    assert "GlobalSecondaryIndexes" not in now.description


def test_a_request_that_was_handed_over_does_not_go_on_with_another_table(account: Account) -> None:
    request = update_request(account, compact(TimeToLiveAttribute="ttl"), compact())
    before = make_table(account, owned() | fenced(request["RequestId"]))
    note = {"Hop": 1, "StartedAt": account.clock.now, "TableId": "another-table"}
    event = account.cloudformation.deliver(request | {"TableProvisionerContinuation": note})
    assert is_refused(account, before, event, "ResourceConflict")


# Replacement


@pytest.mark.parametrize("tags", SOMEBODY_ELSES[:4])
def test_a_replacement_does_not_take_the_name_of_somebody_elses_table(account: Account, tags: dict[str, str]) -> None:
    account.cloudformation.create_stack({"Table": compact(TableName="former")})
    before = make_table(account, tags)
    outcome = account.cloudformation.update_stack({"Table": compact("email")})
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert outcome.summary == ["Update Table FAILED former", "Update Table SUCCESS former"]
    assert look(account) == before
    assert outcome.events[0].reason.startswith("AlreadyExists: ")


def test_a_replacement_takes_over_a_table_of_nobody_and_the_rollback_lets_it_go(account: Account) -> None:
    account.cloudformation.create_stack({"Table": compact(TableName="former")})
    before, former = make_table(account), look(account, "former")
    outcome = account.cloudformation.update_stack({"Table": compact()}, another_resource_fails=True)
    assert outcome.summary == [
        "Update Table SUCCESS orders",
        "Update Table SUCCESS former",
        "Delete Table SUCCESS orders",
    ]
    assert (look(account).identity, look(account).tags) == (before.identity, {})
    assert (look(account, "former").identity, look(account, "former").whose) == (former.identity, former.whose)


def test_a_takeover_that_is_rolled_back_leaves_what_it_changed_and_nothing_else(account: Account) -> None:
    before = make_table(account)
    for declared in (compact(), compact(TimeToLiveAttribute="ttl")):
        outcome = account.cloudformation.create_stack(
            {"Table": declared}, stack_name=f"shop-{len(declared)}", another_resource_fails=True
        )
        assert outcome.summary == ["Create Table SUCCESS orders", "Delete Table SUCCESS orders"]
        assert look(account) == replace(before, expiry=declared.get("TimeToLiveAttribute"))


def test_a_replacement_meets_a_table_that_outlived_this_resource(account: Account) -> None:
    created = account.cloudformation.create_stack({"Table": compact(TableName="former")})
    stack_id = created.events[0].request["StackId"]
    before = make_table(account, owned(stack_id) | fenced())
    outcome = account.cloudformation.update_stack({"Table": compact()})
    assert outcome.summary == ["Update Table SUCCESS orders", "Delete Table SUCCESS former"]
    assert (look(account).identity, look(account).whose) == (before.identity, adopted(stack_id))
