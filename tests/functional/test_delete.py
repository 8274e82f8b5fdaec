"""Delete: only what is proven to be this resource's, and until it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest

from table_provisioner.handler import lambda_handler
from tests.functional.others import (
    ANOTHER_STACK,
    SOMEBODY_ELSES,
    adopted,
    changes,
    fenced,
    look,
    make_table,
    owned,
)
from tests.functional.tables import compact, described, put_item
from tests.simulator.dynamodb.profiles import chosen
from tests.simulator.faults import ConnectionLost, Fault, ProcessKilled
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.functional.tables import Properties
    from tests.simulator.account import Account, OpenAccount
    from tests.simulator.clock import Clock
    from tests.simulator.cloudformation.outcome import ResourceEvent
    from tests.simulator.cloudformation.requests import Request
    from tests.simulator.faults import Call, Effect, Phase

OURS = owned() | fenced()


def delete_request(account: Account, physical_resource_id: str = "orders", **properties: Any) -> Request:  # noqa: ANN401 -- any property
    return account.cloudformation.request("Delete", compact(**properties), PhysicalResourceId=physical_resource_id)


def delete(account: Account, physical_resource_id: str = "orders", **properties: Any) -> ResourceEvent:  # noqa: ANN401 -- any property
    return account.cloudformation.deliver(delete_request(account, physical_resource_id, **properties))


def create(account: Account, properties: Properties) -> ResourceEvent:
    return account.cloudformation.deliver(account.cloudformation.request("Create", properties))


# What is deleted, and what is not


def test_an_owned_table_is_deleted_and_gone_when_the_answer_comes(account: Account) -> None:
    make_table(account, OURS)
    event = delete(account)
    assert (event.status, event.reason, event.data) == ("SUCCESS", "Table 'orders' was deleted.", {})
    assert described() is None


@pytest.mark.parametrize("tags_per_page", [1, 2, 7])
def test_an_owned_table_is_deleted_whichever_page_of_its_tags_says_whose_it_is(
    account: Account, tags_per_page: int
) -> None:
    make_table(account, OURS | {f"cost-centre-{number}": str(number) for number in range(9)})
    account.dynamodb.world.tags_per_page = tags_per_page
    event = delete(account)
    assert (event.status, event.reason) == ("SUCCESS", "Table 'orders' was deleted.")
    assert described() is None


@pytest.mark.parametrize(
    "physical_resource_id",
    [
        pytest.param("customers", id="of a table that is not there"),
        pytest.param("shop-Table-0A1B2C3D4E5F", id="made up by CloudFormation"),
        pytest.param("orders/not-created", id="of a Create that failed"),
        pytest.param("Table/not-created", id="of a Create that could not be read"),
        pytest.param("arn:aws:dynamodb:us-east-1:123456789012:table/orders", id="that is an ARN"),
        pytest.param("Orders", id="in other letters"),
        pytest.param("o", id="too short for a table"),
        pytest.param("orders\n", id="with a line break"),
        pytest.param("x" * 1024, id="too long for a table"),
    ],
)
def test_an_id_that_names_no_table_deletes_nothing(account: Account, physical_resource_id: str) -> None:
    before = make_table(account, OURS)
    event = delete(account, physical_resource_id)
    assert (event.status, event.physical_resource_id) == ("SUCCESS", physical_resource_id)
    assert event.reason.startswith(("Nothing was deleted: ", "There is no table "))
    assert (look(account), changes(account)) == (before, ["CreateTable"])


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param({}, id="without tags"),
        pytest.param(fenced(), id="with a fence only"),
        pytest.param({"stack-id": "shop", "aws-stack": "shop"}, id="with look-alikes of our tags"),
        *SOMEBODY_ELSES,
    ],
)
def test_a_table_of_somebody_else_stays_as_it_is(account: Account, tags: dict[str, str]) -> None:
    before = make_table(account, tags)
    for on_delete in ("Delete", "Retain", "Snapshot"):
        event = delete(account, OnDelete=on_delete)
        assert event.status == "SUCCESS"
        assert event.reason.startswith("Nothing was deleted: table 'orders' ")
    assert (look(account), changes(account)) == (before, ["CreateTable"])


def test_nothing_deleted_is_said_in_the_log(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    make_table(account)
    with caplog.at_level("INFO", "table_provisioner"):
        delete(account)
        delete(account, "orders/not-created")
    logged = [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]
    assert sum("Nothing was deleted" in line for line in logged) == 2


@pytest.mark.parametrize("tags", [adopted(), owned() | adopted()], ids=["adopted", "half adopted"])
@pytest.mark.parametrize("on_delete", ["Delete", "Retain", "Snapshot"])
def test_a_table_that_was_taken_over_is_released(account: Account, tags: dict[str, str], on_delete: str) -> None:
    before = make_table(account, tags | fenced() | {"team": "checkout"}, DeletionProtectionEnabled=True)
    event = delete(account, OnDelete=on_delete)
    now = look(account)
    assert event.status == "SUCCESS"
    assert event.reason == "Table 'orders' was kept with its items; no stack owns it any more."
    assert (now.identity, now.tags, now.description) == (before.identity, {"team": "checkout"}, before.description)
    assert changes(account) == ["CreateTable", "UntagResource"]


@pytest.mark.parametrize(
    "choice",
    [
        pytest.param("Retain", id="Retain"),
        pytest.param("retain", id="misspelt"),
        pytest.param("", id="empty"),
        pytest.param(["Delete"], id="a list"),
        pytest.param({"Ref": "Choice"}, id="a mapping"),
        pytest.param("Keep it!", id="another word"),
    ],
)
def test_a_table_is_kept_where_that_is_wanted_or_cannot_be_read(account: Account, choice: object) -> None:
    before = make_table(account, OURS | {"team": "checkout"})
    event = delete(account, OnDelete=choice)
    now = look(account)
    assert (event.status, now.identity, now.tags) == ("SUCCESS", before.identity, {"team": "checkout"})


@pytest.mark.parametrize("tags", [OURS, adopted() | fenced()], ids=["retained", "adopted"])
def test_the_next_stack_can_take_over_what_was_released(account: Account, tags: dict[str, str]) -> None:
    before = make_table(account, tags)
    delete(account, OnDelete="Retain")
    outcome = account.cloudformation.create_stack({"Orders": compact("email")}, stack_name="warehouse")
    stack_id = outcome.events[0].request["StackId"]
    assert outcome.summary == ["Create Orders SUCCESS orders"]
    assert (look(account).identity, look(account).whose) == (before.identity, adopted(stack_id, "Orders"))
    assert delete(account).reason.startswith("Nothing was deleted: table 'orders' ")


def test_a_table_made_after_the_request_was_signed_stays(account: Account) -> None:
    request = delete_request(account)
    account.cloudformation.lambda_service.deliver_next_after(600)
    account.clock.spawn("somebody", lambda: make_table(account, OURS | fenced(time="2026-01-01T00:05:00Z")), delay=300)
    event = account.cloudformation.deliver(request)
    assert event.reason.startswith("ResourceConflict: a newer request has been at work on table 'orders'.")
    assert (len(look(account).items), changes(account)) == (1, ["CreateTable"])


def test_a_table_made_after_the_request_was_signed_stays_though_nobody_is_at_work(account: Account) -> None:
    account.cloudformation.lambda_service.deliver_next_after(600)
    account.clock.spawn("somebody", lambda: make_table(account, owned()), delay=300)
    event = delete(account)
    assert (event.status, event.reason.partition(":")[0]) == ("SUCCESS", "Nothing was deleted")
    assert (len(look(account).items), changes(account)) == (1, ["CreateTable"])


# What stands in the way


def test_a_table_that_is_being_deleted_already_is_waited_for(account: Account) -> None:
    make_table(account, OURS)
    boto3.client("dynamodb").delete_table(TableName="orders")
    event = delete(account)
    assert event.status == "SUCCESS"
    assert described() is None
    assert changes(account) == ["CreateTable", "DeleteTable"]


def test_a_table_that_is_being_created_is_deleted_as_soon_as_that_is_possible(account: Account) -> None:
    request = delete_request(account)
    client = boto3.client("dynamodb")
    client.create_table(
        TableName="orders",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": key, "Value": value} for key, value in OURS.items()],
    )
    assert account.cloudformation.deliver(request).status == "SUCCESS"
    assert described() is None


@pytest.mark.parametrize("on_delete", ["Delete", "Snapshot"])
def test_a_protected_table_stays_protected_and_the_remedy_works(account: Account, on_delete: str) -> None:
    before = make_table(account, OURS, DeletionProtectionEnabled=True)
    event = delete(account, OnDelete=on_delete)
    assert event.reason.startswith("ResourceConflict: table 'orders' is protected against deletion. Run: ")
    assert (look(account), changes(account)) == (before, ["CreateTable"])
    assert boto3.client("dynamodb").list_backups(TableName="orders")["BackupSummaries"] == []
    old, new = compact(DeletionProtectionEnabled=True), compact(DeletionProtectionEnabled=False)
    update = account.cloudformation.request("Update", new, old, PhysicalResourceId="orders")
    assert account.cloudformation.deliver(update).is_success
    assert delete(account).is_success
    assert described() is None


def test_protection_that_is_put_on_at_the_last_moment_counts(account: Account) -> None:
    before = make_table(account, OURS)

    def protect(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == ("DeleteTable", "before"):
            account.dynamodb.tables["orders"].deletion_protection.is_on = True

    account.interceptors.append(protect)
    event = delete(account)
    assert event.reason.startswith("ResourceConflict: ")
    assert "--no-deletion-protection-enabled" in event.reason
    assert look(account).identity == before.identity


def _update(**change: Any) -> Callable[[Account], object]:  # noqa: ANN401 -- any parameter of UpdateTable
    return lambda _: boto3.client("dynamodb").update_table(TableName="orders", **change)


_INDEX = {
    "IndexName": "by-email",
    "KeySchema": [{"AttributeName": "email", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}
_EMAIL = {"AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "email")]}
_CAPACITY = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}


def _tag(account: Account) -> object:
    arn = account.dynamodb.tables["orders"].arn
    return boto3.client("dynamodb").tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "checkout"}])


BUSY = [
    pytest.param(_update(**_EMAIL, GlobalSecondaryIndexUpdates=[{"Create": _INDEX}]), {}, id="an index is built"),
    pytest.param(
        _update(GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-email"}}]),
        _EMAIL | {"GlobalSecondaryIndexes": [_INDEX]},
        id="an index is deleted",
    ),
    pytest.param(
        _update(BillingMode="PROVISIONED", ProvisionedThroughput=_CAPACITY), {}, id="its billing mode is changed"
    ),
    pytest.param(
        _update(StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}),
        {},
        id="a stream is turned on",
    ),
    pytest.param(_update(SSESpecification={"Enabled": True, "SSEType": "KMS"}), {}, id="its encryption is changed"),
    pytest.param(
        _update(WarmThroughput={"ReadUnitsPerSecond": 13000, "WriteUnitsPerSecond": 5000}), {}, id="it is warmed"
    ),
    pytest.param(_update(TableClass="STANDARD_INFREQUENT_ACCESS"), {}, id="its class is changed"),
    pytest.param(_tag, {}, id="its tags are changed"),
]
"""What may be at work on a table: how it begins, and what the table has to be made with."""


@pytest.mark.parametrize(("begin", "table"), BUSY)
@pytest.mark.parametrize("on_delete", ["Delete", "Snapshot"])
def test_a_busy_table_is_deleted_when_it_lets_itself(
    account: Account, begin: Callable[[Account], object], table: Mapping[str, Any], on_delete: str
) -> None:
    make_table(account, OURS, **table)
    begin(account)
    event = delete(account, OnDelete=on_delete)
    assert event.status == "SUCCESS"
    assert described() is None
    assert [call.outcome for call in account.dynamodb.calls_of("DeleteTable")].count("ok") == 1


@pytest.mark.parametrize(("begin", "table"), BUSY)
@pytest.mark.parametrize(
    ("tags", "on_delete"), [(OURS, "Retain"), (adopted() | fenced(), "Delete")], ids=["retained", "adopted"]
)
def test_a_busy_table_is_released_when_it_lets_itself(
    account: Account, begin: Callable[[Account], object], table: Mapping[str, Any], tags: dict[str, str], on_delete: str
) -> None:
    before = make_table(account, tags, **table)
    begin(account)
    event = delete(account, OnDelete=on_delete)
    account.clock.advance(3600)
    now = look(account)
    assert (event.status, now.identity, now.tags.keys() & tags.keys()) == ("SUCCESS", before.identity, set())
    assert "DeleteTable" not in changes(account)


@pytest.mark.parametrize(("begin", "table"), BUSY)
@pytest.mark.parametrize("tags", [{}, owned(ANOTHER_STACK) | fenced()], ids=["nobody's", "another's"])
def test_a_busy_table_of_somebody_else_stays_as_it_is(
    account: Account, begin: Callable[[Account], object], table: Mapping[str, Any], tags: dict[str, str]
) -> None:
    before = make_table(account, tags, **table)
    begin(account)
    begun = changes(account)
    event = delete(account)
    assert (event.status, event.reason.partition(":")[0]) == ("SUCCESS", "Nothing was deleted")
    assert (look(account).identity, look(account).whose, changes(account)) == (before.identity, before.whose, begun)


@pytest.mark.parametrize("tags", [{}, owned(ANOTHER_STACK), adopted()], ids=["nobody's", "another's", "adopted"])
def test_a_table_that_somebody_else_is_deleting_is_no_obstacle(account: Account, tags: dict[str, str]) -> None:
    make_table(account, tags)
    boto3.client("dynamodb").delete_table(TableName="orders")
    assert delete(account).status == "SUCCESS"
    assert (described(), changes(account)) == (None, ["CreateTable", "DeleteTable"])


def test_a_delete_that_was_handed_over_finds_its_table_gone(account: Account) -> None:
    note = {"Hop": 1, "StartedAt": account.clock.now, "TableId": "a-table"}
    event = account.cloudformation.deliver(delete_request(account) | {"TableProvisionerContinuation": note})
    assert (event.status, event.reason) == ("SUCCESS", "There is no table 'orders'.")


@pytest.mark.parametrize("on_delete", ["Delete", "Retain", "Snapshot"])
def test_a_delete_that_was_handed_over_does_not_go_on_with_another_table(account: Account, on_delete: str) -> None:
    """Though it carries our tags: restoring a backup can restore them."""
    before = make_table(account, OURS)
    note = {"Hop": 1, "StartedAt": account.clock.now, "TableId": "a-table"}
    request = delete_request(account, OnDelete=on_delete) | {"TableProvisionerContinuation": note}
    event = account.cloudformation.deliver(request)
    assert (event.status, event.reason.partition(":")[0]) == ("FAILED", "ResourceConflict")
    assert (look(account), changes(account)) == (before, ["CreateTable"])


def test_a_table_that_changes_hands_while_it_is_busy_stays(account: Account) -> None:
    before = make_table(account, OURS)
    _update(**_EMAIL, GlobalSecondaryIndexUpdates=[{"Create": _INDEX}])(account)

    def hand_on() -> None:
        client = boto3.client("dynamodb")
        arn = account.dynamodb.tables["orders"].arn
        client.untag_resource(ResourceArn=arn, TagKeys=list(OURS))
        account.clock.advance(5)
        client.tag_resource(
            ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in owned(ANOTHER_STACK).items()]
        )

    account.clock.spawn("somebody", hand_on, delay=100)
    event = delete(account)
    account.clock.advance(10)
    assert event.reason.startswith("ResourceConflict: table 'orders' changed hands meanwhile.")
    assert (look(account).identity, look(account).whose) == (before.identity, owned(ANOTHER_STACK))


def test_a_table_that_is_made_anew_while_it_is_deleted_is_not_ours(account: Account) -> None:
    make_table(account, OURS)

    def make_anew(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == ("DeleteTable", "after"):
            account.interceptors.remove(make_anew)
            account.clock.spawn("somebody", lambda: make_table(account), delay=5.5, is_detached=True)

    account.interceptors.append(make_anew)
    event = delete(account)
    account.clock.advance(120)
    assert event.status == "SUCCESS"
    assert (len(look(account).items), look(account).tags) == (1, {})
    assert changes(account).count("DeleteTable") == 1


def test_a_deletion_whose_answer_was_lost_is_not_asked_for_again(account: Account) -> None:
    """The table shows that it is being deleted, by whomever."""
    make_table(account, OURS)
    account.interceptors.append(Fault(ConnectionLost(), operation="DeleteTable", phase="after"))
    assert delete(account).reason == "Table 'orders' was deleted."
    assert len(account.dynamodb.calls_of("DeleteTable")) == 1


def delete_before(account: Account, operation: str) -> None:
    """Have somebody else delete the table right before the first call of an operation, and be done with it."""

    def be_faster(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == (operation, "before"):
            account.interceptors.remove(be_faster)
            boto3.client("dynamodb").delete_table(TableName="orders")
            account.clock.advance(10)

    account.interceptors.append(be_faster)


@pytest.mark.parametrize("on_delete", ["Delete", "Retain", "Snapshot"])
def test_a_table_that_is_deleted_by_somebody_else_while_its_tags_are_read_is_gone_at_once(
    account: Account, on_delete: str
) -> None:
    """Tags are *not found* for a while after a change, too: only the table says that it is gone."""
    make_table(account, OURS)
    delete_before(account, "ListTagsOfResource")
    event = delete(account, OnDelete=on_delete)
    assert (event.status, event.reason) == ("SUCCESS", "Table 'orders' was gone already.")
    assert event.duration < 20


def test_after_a_long_wait_the_end_of_the_deletion_is_seen_within_a_second(account: Account) -> None:
    make_table(account, OURS)
    _update(**_EMAIL, GlobalSecondaryIndexUpdates=[{"Create": _INDEX}])(account)
    accepted: list[float] = []

    def note(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == ("DeleteTable", "after"):
            accepted.append(account.clock.elapsed)

    account.interceptors.append(note)
    event = delete(account)
    (begun,) = accepted
    took = account.dynamodb.world.seconds("DeleteTable.until_not_found")
    assert event.status == "SUCCESS"
    assert begun > 400
    assert took <= account.clock.elapsed - begun <= took + 1


def test_a_delete_that_takes_more_than_one_invocation_finds_its_table_again(open_account: OpenAccount) -> None:
    account = open_account(lambda_handler, Function(timeout=300))
    make_table(account, OURS)
    _update(**_EMAIL, GlobalSecondaryIndexUpdates=[{"Create": _INDEX}])(account)
    event = delete(account)
    assert (event.status, described()) == ("SUCCESS", None)
    assert len(account.cloudformation.lambda_service.invocations) == 2


# Snapshot


def backups(table_name: str = "orders") -> list[dict[str, Any]]:
    return [dict(each) for each in boto3.client("dynamodb").list_backups(TableName=table_name)["BackupSummaries"]]


def test_a_snapshot_is_available_before_the_table_is_deleted(open_account: OpenAccount) -> None:
    slow = chosen("typical").with_seconds(CreateBackup__available=30)
    account = open_account(lambda_handler, Function(is_recursion_allowed=True), profile=slow)
    before = make_table(account, OURS)
    seen: list[str] = []

    def note(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == ("DeleteTable", "before"):
            seen.extend(backup.details()["BackupStatus"] for backup in account.dynamodb.world.backups.values())

    account.interceptors.append(note)
    event = delete(account, OnDelete="Snapshot")
    (backup,) = backups()
    assert (event.status, seen) == ("SUCCESS", ["AVAILABLE"])
    assert event.reason == f"Table 'orders' was deleted. Its backup is {backup['BackupArn']}."
    assert backup["TableId"] == before.identity[0]
    assert account.dynamodb.world.backups[backup["BackupArn"]].items
    assert described() is None


def test_a_snapshot_is_found_behind_pages_of_others(account: Account) -> None:
    make_table(account, OURS)
    for _ in range(3):
        boto3.client("dynamodb").create_backup(TableName="orders", BackupName="by-hand")
    account.dynamodb.world.backups_per_page = 1
    event = delete(account, OnDelete="Snapshot")
    (taken,) = (each.arn for each in account.dynamodb.world.backups.values() if each.name != "by-hand")
    assert (event.status, event.reason) == ("SUCCESS", f"Table 'orders' was deleted. Its backup is {taken}.")


@pytest.mark.parametrize(
    ("operation", "phase"),
    [
        ("CreateBackup", "before"),
        ("CreateBackup", "after"),
        ("DeleteTable", "before"),
        ("DeleteTable", "after"),
    ],
)
@pytest.mark.parametrize("effect_on", [ProcessKilled, lambda _: ConnectionLost()], ids=["killed", "unanswered"])
def test_there_is_one_snapshot_whatever_happens_in_between(
    account: Account,
    operation: str,
    phase: Phase,
    effect_on: Callable[[Clock], Effect],
) -> None:
    make_table(account, OURS)
    account.interceptors.append(Fault(effect_on(account.clock), operation=operation, phase=phase))
    event = delete(account, OnDelete="Snapshot")
    assert (event.status, described(), len(backups())) == ("SUCCESS", None, 1)


@pytest.mark.parametrize(("apart", "taken"), [(0.0, 2), (0.05, 1), (0.5, 1)])
def test_two_deliveries_name_the_same_snapshot(open_account: OpenAccount, apart: float, taken: int) -> None:
    """Both take one where neither can see that of the other yet."""
    account = open_account(lambda_handler, Function(is_recursion_allowed=True), latency=0.01)
    make_table(account, OURS)
    request = delete_request(account, OnDelete="Snapshot")
    one, other = account.cloudformation.deliver_together(request, request, apart=apart)
    assert (one.status, other.status, one.reason) == ("SUCCESS", "SUCCESS", other.reason)
    assert [backup["BackupStatus"] for backup in backups()] == ["AVAILABLE"] * taken
    assert sum(backup["BackupArn"] in one.reason for backup in backups()) == 1


def test_each_incarnation_of_a_table_gets_a_snapshot_of_its_own(account: Account) -> None:
    for _ in range(2):
        make_table(account, OURS)
        assert delete(account, OnDelete="Snapshot").is_success
    assert len({backup["TableId"] for backup in backups()}) == 2


def test_the_longest_table_name_leaves_room_for_a_snapshot(account: Account) -> None:
    name = "o" * 255
    make_table(account, OURS, TableName=name)
    event = delete(account, name, OnDelete="Snapshot")
    assert (event.status, described(name), len(backups(name))) == ("SUCCESS", None, 1)


def test_a_table_that_is_deleted_by_somebody_else_before_its_snapshot_is_gone_at_once(account: Account) -> None:
    make_table(account, OURS)
    delete_before(account, "CreateBackup")
    event = delete(account, OnDelete="Snapshot")
    assert (event.status, event.reason) == ("SUCCESS", "Table 'orders' was gone already.")
    assert event.duration < 20


def test_no_snapshot_no_delete(account: Account) -> None:
    before = make_table(account, OURS)
    refused = Fault(ConnectionLost(), operation="CreateBackup", times=10_000)
    account.interceptors.append(refused)
    event = delete(account, OnDelete="Snapshot")
    assert (event.status, look(account).identity) == ("FAILED", before.identity)
    assert "DeleteTable" not in changes(account)


# Deliveries and properties


@pytest.mark.parametrize("on_delete", ["Delete", "Retain", "Snapshot"])
@pytest.mark.parametrize("apart", [0.0, 0.5, 4.0, 600.0])
def test_two_deliveries_of_a_delete_end_as_one(account: Account, on_delete: str, apart: float) -> None:
    before = make_table(account, OURS)
    request = delete_request(account, OnDelete=on_delete)
    events = account.cloudformation.deliver_together(request, request, apart=apart)
    assert [event.status for event in events] == ["SUCCESS", "SUCCESS"]
    if on_delete == "Retain":
        assert (look(account).identity, look(account).tags) == (before.identity, {})
    else:
        assert described() is None


@pytest.mark.parametrize("operation", ["DescribeTable", "ListTagsOfResource", "DeleteTable", "UntagResource"])
@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("on_delete", ["Delete", "Retain"])
def test_a_delete_that_is_killed_is_finished_by_the_next_delivery(
    account: Account,
    operation: str,
    phase: Phase,
    on_delete: str,
) -> None:
    before = make_table(account, OURS)
    account.interceptors.append(Fault(ProcessKilled(account.clock), operation=operation, phase=phase))
    event = delete(account, OnDelete=on_delete)
    assert event.status == "SUCCESS"
    if on_delete == "Retain":
        assert (look(account).identity, look(account).tags) == (before.identity, {})
    else:
        assert described() is None


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"TableName": "customers", "PartitionKey": "id"}, id="a broken key"),
        pytest.param({"Nonsense": [{"deep": {"er": [1]}}]}, id="unknown names"),
        pytest.param({"TableName": ["orders"], "Preset": {"a": "b"}, "ServiceTimeout": "soon"}, id="wrong types"),
    ],
)
def test_a_delete_with_invalid_properties_goes_by_the_same_rules(account: Account, properties: Properties) -> None:
    make_table(account, OURS)
    kept = make_table(account, owned(ANOTHER_STACK), TableName="customers")
    for name in ("orders", "customers"):
        request = account.cloudformation.request("Delete", properties, PhysicalResourceId=name)
        assert account.cloudformation.deliver(request).status == "SUCCESS"
    assert described() is None
    assert look(account, "customers") == kept


def test_a_stack_is_deleted_after_its_table_was(account: Account) -> None:
    account.cloudformation.create_stack({"Table": compact()})
    put_item(id={"S": "1"})
    boto3.client("dynamodb").delete_table(TableName="orders")
    account.clock.advance(60)
    assert account.cloudformation.delete_stack().summary == ["Delete Table SUCCESS orders"]


def test_a_failed_create_deletes_only_what_it_made(account: Account) -> None:
    before = make_table(account, owned(ANOTHER_STACK))
    outcome = account.cloudformation.create_stack({"Table": compact(), "Other": compact(TableName="others")})
    assert outcome.status == "ROLLBACK_COMPLETE"
    assert "Delete Table SUCCESS orders/not-created" in outcome.summary
    assert look(account) == before
