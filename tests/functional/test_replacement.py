"""Replacements: what only a new table can have; the old one goes last, and comes back when anything fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.functional.tables import compact, create_by_hand, described, dynamodb, index_names, tags
from tests.simulator.faults import Fault, Refused

if TYPE_CHECKING:
    from tests.functional.tables import Properties
    from tests.simulator.account import Account
    from tests.simulator.clock import Clock
    from tests.simulator.cloudformation import Outcome

ITEM: dict[str, Any] = {"id": {"S": "1"}, "at": {"N": "2"}}
LOCAL: dict[str, Any] = {"IndexName": "by-size", "SortKey": {"Name": "size", "Type": "N"}}
SORTED = {"SortKey": {"Name": "at", "Type": "N"}}


def named(**more: Any) -> Properties:  # noqa: ANN401 -- any property
    """A table ``orders``."""
    return compact(**more)


def unnamed(**more: Any) -> Properties:  # noqa: ANN401 -- any property
    """A table with a generated name."""
    return {name: value for name, value in compact(**more).items() if name != "TableName"}


def begin(account: Account, properties: Properties, clock: Clock) -> str:
    """Create a stack of one table with an item in it; return the table's name."""
    outcome = account.cloudformation.create_stack({"Table": properties})
    assert outcome.status == "CREATE_COMPLETE", outcome.events[0].reason
    name = outcome.physical_resource_ids["Table"]
    dynamodb().put_item(TableName=name, Item=ITEM)
    clock.advance(60)
    account.dynamodb.calls.clear()
    return name


def update(account: Account, properties: Properties, **more: Any) -> Outcome:  # noqa: ANN401 -- of ``update_stack``
    return account.cloudformation.update_stack({"Table": properties}, **more)


REPLACEMENTS = [
    pytest.param(
        SORTED, {"PartitionKey": {"Name": "no", "Type": "S"}}, "declared is no (S, HASH)", id="another-partition-key"
    ),
    pytest.param(
        SORTED, {"PartitionKey": {"Name": "id", "Type": "N"}}, "declared is id (N, HASH)", id="another-key-type"
    ),
    pytest.param({}, SORTED, "declared is id (S, HASH), at (N, RANGE)", id="a-sort-key-more"),
    pytest.param(SORTED, {}, "declared is id (S, HASH)", id="a-sort-key-less"),
    pytest.param(
        SORTED,
        SORTED | {"LocalSecondaryIndexes": [LOCAL]},
        "the local indexes none, declared are by-size on size (N, ALL)",
        id="a-local-index-more",
    ),
    pytest.param(
        SORTED | {"LocalSecondaryIndexes": [LOCAL]},
        SORTED,
        "the local indexes by-size on size (N, ALL), declared are none",
        id="a-local-index-less",
    ),
    pytest.param(
        SORTED | {"LocalSecondaryIndexes": [LOCAL]},
        SORTED | {"LocalSecondaryIndexes": [{**LOCAL, "Projection": {"ProjectionType": "KEYS_ONLY"}}]},
        "declared are by-size on size (N, KEYS_ONLY)",
        id="another-local-projection",
    ),
]


def test_what_no_new_table_can_have_is_refused_before_the_old_one_is_fenced(account: Account, clock: Clock) -> None:
    begin(account, unnamed(), clock)
    wanted = unnamed(**SORTED, WarmThroughput={"ReadUnitsPerSecond": 11_999})
    outcome = update(account, wanted, disable_rollback=True)
    reason = "InvalidRequest: WarmThroughput.ReadUnitsPerSecond: 11999 is less than the 12000"
    assert outcome.event("Update").reason.startswith(reason)
    assert account.dynamodb.mutations == []


@pytest.mark.parametrize(("first", "then", "_"), REPLACEMENTS)
def test_a_table_with_a_generated_name_is_replaced_and_the_old_one_deleted_afterwards(
    account: Account, clock: Clock, first: Properties, then: Properties, _: str
) -> None:
    old = begin(account, unnamed(**first), clock)
    outcome = update(account, unnamed(**then))
    new = outcome.physical_resource_ids["Table"]
    assert new != old
    assert outcome.summary == [f"Update Table SUCCESS {new}", f"Delete Table SUCCESS {old}"]
    assert set(account.dynamodb.tables) == {new}
    made = account.dynamodb.calls_of("CreateTable", "DeleteTable")
    assert [(call.operation, call.params["TableName"]) for call in made if call.outcome == "ok"] == [
        ("CreateTable", new),
        ("DeleteTable", old),
    ]


def test_a_replacement_answers_with_the_data_of_the_new_table(account: Account, clock: Clock) -> None:
    begin(account, unnamed(), clock)
    event = update(account, unnamed(**SORTED, TimeToLiveAttribute="expires_at")).event("Update")
    table = described(event.physical_resource_id)
    assert table is not None
    assert event.data == {
        "TableName": event.physical_resource_id,
        "TableArn": table["TableArn"],
        "Arn": table["TableArn"],
        "TableId": table["TableId"],
        "StreamArn": "",
        "Status": "CREATED",
    }


@pytest.mark.parametrize(("first", "then", "difference"), REPLACEMENTS)
def test_a_replacement_under_the_same_explicit_name_is_refused_and_changes_nothing(
    account: Account, clock: Clock, first: Properties, then: Properties, difference: str
) -> None:
    begin(account, named(**first), clock)
    before = described()
    outcome = update(account, named(**then, DeletionProtectionEnabled=True))
    assert outcome.summary == ["Update Table FAILED orders", "Update Table SUCCESS orders"]
    reason = outcome.events[0].reason
    assert reason.startswith("NotUpdatable: table 'orders' has ")
    assert difference in reason
    assert "Then give it another TableName, or none" in reason
    assert described() == before
    assert account.dynamodb.items("orders") == [ITEM]
    assert set(account.dynamodb.mutations) <= {"TagResource"}


def test_local_indexes_that_were_never_declared_are_no_reason_to_replace(account: Account, clock: Clock) -> None:
    create_by_hand("orders", "at", local_index="by-size")
    clock.advance(60)
    begin(account, named(**SORTED), clock)
    outcome = update(account, named(**SORTED, DeletionProtectionEnabled=True))
    assert outcome.status == "UPDATE_COMPLETE", outcome.events[0].reason


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param(named(), named(TableName="orders-2"), id="from-one-name-to-another"),
        pytest.param(named(), unnamed(), id="from-a-name-to-a-generated-one"),
        pytest.param(unnamed(), named(), id="from-a-generated-name-to-a-declared-one"),
        pytest.param({"Preset": "Approval"}, {"Preset": "Session"}, id="from-one-preset-to-another"),
    ],
)
def test_another_name_is_another_table(account: Account, clock: Clock, first: Properties, then: Properties) -> None:
    old = begin(account, first, clock)
    outcome = update(account, then)
    assert outcome.status == "UPDATE_COMPLETE", outcome.events[0].reason
    assert [event.request_type for event in outcome.events] == ["Update", "Delete"]
    new = outcome.physical_resource_ids["Table"]
    assert (new != old, set(account.dynamodb.tables)) == (True, {new})
    assert account.dynamodb.items(new) == []


def test_a_replacement_that_another_resource_fails_is_taken_back_with_all_items(account: Account, clock: Clock) -> None:
    old = begin(account, unnamed(GlobalSecondaryIndexes=[BY_CITY]), clock)
    before = described(old)
    outcome = update(account, unnamed(**SORTED), another_resource_fails=True)
    new = outcome.events[0].physical_resource_id
    assert outcome.summary == [
        f"Update Table SUCCESS {new}",
        f"Update Table SUCCESS {old}",
        f"Delete Table SUCCESS {new}",
    ]
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert set(account.dynamodb.tables) == {old}
    assert described(old) == before
    assert account.dynamodb.items(old) == [ITEM]


BY_CITY = {"IndexName": "by-city", "PartitionKey": {"Name": "city", "Type": "S"}}


def test_a_table_whose_replacement_was_taken_back_lives_on(account: Account, clock: Clock) -> None:
    """It can be updated, replaced after all, and deleted with its stack."""
    old = begin(account, unnamed(), clock)
    update(account, unnamed(**SORTED), another_resource_fails=True)
    updated = update(account, unnamed(DeletionProtectionEnabled=False, TableClass="STANDARD_INFREQUENT_ACCESS"))
    assert updated.summary == [f"Update Table SUCCESS {old}"]
    assert account.dynamodb.items(old) == [ITEM]
    replaced = update(account, unnamed(**SORTED))
    new = replaced.physical_resource_ids["Table"]
    assert replaced.summary == [f"Update Table SUCCESS {new}", f"Delete Table SUCCESS {old}"]
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    assert set(account.dynamodb.tables) == set()


def test_a_name_can_be_left_and_come_back_to(account: Account, clock: Clock) -> None:
    begin(account, named(), clock)
    for name, other in (("orders-2", "orders"), ("orders", "orders-2")):
        outcome = update(account, named(TableName=name))
        assert outcome.summary == [f"Update Table SUCCESS {name}", f"Delete Table SUCCESS {other}"]
    assert set(account.dynamodb.tables) == {"orders"}


QUOTA = Refused("LimitExceededException", "Subscriber limit exceeded: There is a limit of 2500 tables.")
NO_GOOD = Refused("ValidationException", "The time to live attribute is no good")


@pytest.mark.parametrize(
    ("refused", "operation", "code"),
    [
        pytest.param(QUOTA, "CreateTable", "ServiceLimitExceeded", id="before-it-is-created"),
        pytest.param(NO_GOOD, "UpdateTimeToLive", "InvalidRequest", id="after-it-is-created"),
    ],
)
def test_a_replacement_that_fails_itself_leaves_the_old_table_and_no_other(
    account: Account, clock: Clock, refused: Refused, operation: str, code: str
) -> None:
    fault = Fault(refused, operation=operation)
    old = begin(account, unnamed(), clock)
    before = described(old)
    account.interceptors.append(fault)
    outcome = update(account, unnamed(**SORTED, TimeToLiveAttribute="expires_at"))
    assert fault.strikes == 1
    assert outcome.events[0].reason.startswith(f"{code}: could not ")
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert outcome.physical_resource_ids == {"Table": old}
    assert set(account.dynamodb.tables) == {old}
    assert described(old) == before
    assert account.dynamodb.items(old) == [ITEM]


def test_a_replacement_with_invalid_properties_answers_the_old_id(account: Account, clock: Clock) -> None:
    begin(account, named(), clock)
    outcome = update(account, named(TableName="orders-2", BillingMode="FREE"))
    assert outcome.summary == ["Update Table FAILED orders", "Update Table SUCCESS orders"]
    assert outcome.events[0].reason.startswith("InvalidRequest: BillingMode: 'FREE' is not allowed.")
    assert set(account.dynamodb.tables) == {"orders"}


def test_a_name_that_belongs_to_another_stack_is_refused_and_the_old_table_stays(
    account: Account, clock: Clock
) -> None:
    account.cloudformation.create_stack({"Table": named(TableName="orders-2")}, stack_name="warehouse")
    begin(account, named(), clock)
    theirs = tags("orders-2")
    outcome = update(account, named(TableName="orders-2"))
    assert outcome.summary == ["Update Table FAILED orders", "Update Table SUCCESS orders"]
    assert outcome.events[0].reason.startswith("AlreadyExists: table 'orders-2' belongs to resource Table of stack ")
    assert set(account.dynamodb.tables) == {"orders", "orders-2"}
    assert tags("orders-2") == theirs
    assert account.dynamodb.items("orders") == [ITEM]


def test_a_table_of_nobody_takes_the_place_and_is_let_go_by_the_rollback(account: Account, clock: Clock) -> None:
    create_by_hand("orders-2", tags={"team": "archive"})
    clock.advance(60)
    dynamodb().put_item(TableName="orders-2", Item=ITEM)
    begin(account, named(), clock)
    outcome = update(account, named(TableName="orders-2"), another_resource_fails=True)
    assert outcome.summary == [
        "Update Table SUCCESS orders-2",
        "Update Table SUCCESS orders",
        "Delete Table SUCCESS orders-2",
    ]
    assert outcome.events[0].data["Status"] == "EXISTS"
    assert account.dynamodb.items("orders-2") == account.dynamodb.items("orders") == [ITEM]
    assert tags("orders-2") == {"team": "archive"}


def test_a_protected_table_is_replaced_and_stays(account: Account, clock: Clock) -> None:
    """CloudFormation gives up its Delete; the items are still there."""
    begin(account, named(DeletionProtectionEnabled=True), clock)
    outcome = update(account, named(TableName="orders-2", DeletionProtectionEnabled=True))
    assert outcome.status == "UPDATE_COMPLETE"
    assert outcome.summary == ["Update Table SUCCESS orders-2", "Delete Table FAILED orders"]
    assert outcome.events[1].reason.startswith("ResourceConflict: table 'orders' is protected against deletion.")
    assert "where that goes on without the table, run: table-provisioner delete orders" in outcome.events[1].reason
    assert account.dynamodb.items("orders") == [ITEM]


def test_a_table_to_be_retained_is_replaced_and_let_go(account: Account, clock: Clock) -> None:
    begin(account, named(OnDelete="Retain"), clock)
    outcome = update(account, named(TableName="orders-2", OnDelete="Retain"))
    assert outcome.summary == ["Update Table SUCCESS orders-2", "Delete Table SUCCESS orders"]
    assert account.dynamodb.items("orders") == [ITEM]
    assert tags("orders") == {}


def test_a_key_and_its_indexes_change_together_in_a_replacement(account: Account, clock: Clock) -> None:
    begin(account, unnamed(GlobalSecondaryIndexes=[BY_CITY]), clock)
    changed = {**BY_CITY, "SortKey": {"Name": "at", "Type": "N"}}
    outcome = update(account, unnamed(**SORTED, GlobalSecondaryIndexes=[changed]))
    assert outcome.status == "UPDATE_COMPLETE", outcome.events[0].reason
    assert index_names(outcome.physical_resource_ids["Table"]) == {"by-city"}
    assert outcome.events[0].duration < 60
