"""Requests that come late, twice, at the same time or while another is at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest

from table_provisioner.handler import lambda_handler
from tests.functional.others import ANOTHER_STACK, PREFIX, Content, adopted, changes, fenced, look, make_table, owned
from tests.functional.tables import compact, described, index_names, put_item
from tests.simulator.faults import Fault, ProcessKilled
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from tests.functional.tables import Properties
    from tests.simulator.account import Account, OpenAccount
    from tests.simulator.cloudformation.outcome import ResourceEvent
    from tests.simulator.cloudformation.requests import Request
    from tests.simulator.cloudformation.response_server import Signing
    from tests.simulator.faults import Call, Phase

EXPIRING = compact(TimeToLiveAttribute="ttl")
THROTTLED_SECONDS = 3000.0
"""Nearly the hour for which CloudFormation waits."""


def request(
    account: Account, request_type: str, *properties: Properties, physical_resource_id: str = "orders"
) -> Request:
    made = account.cloudformation.request(request_type, *properties)
    return made if request_type == "Create" else made | {"PhysicalResourceId": physical_resource_id}


def deliver(
    account: Account, request_type: str, *properties: Properties, physical_resource_id: str = "orders"
) -> ResourceEvent:
    return account.cloudformation.deliver(
        request(account, request_type, *properties, physical_resource_id=physical_resource_id)
    )


def deliver_late(account: Account, late: Request, seconds: float = THROTTLED_SECONDS) -> list[ResourceEvent]:
    """Send a request that Lambda holds back; what is to happen meanwhile is the caller's."""
    account.cloudformation.lambda_service.deliver_next_after(seconds)
    ended: list[ResourceEvent] = []
    account.clock.spawn("a late delivery", lambda: ended.append(account.cloudformation.deliver(late)), is_detached=True)
    account.clock.advance(1)
    return ended


def set_up(account: Account, properties: Properties | None = None) -> Content:
    """Create the table, with an item."""
    assert deliver(account, "Create", properties or compact()).is_success
    put_item(id={"S": "1"})
    account.clock.advance(60)
    return look(account)


def is_conflict(event: ResourceEvent) -> bool:
    return event.status == "FAILED" and event.reason.startswith("ResourceConflict: ")


# Late deliveries


@pytest.mark.parametrize("signing", ["v4", "v2"])
def test_a_late_update_changes_nothing(account: Account, signing: Signing) -> None:
    account.cloudformation.signing = signing
    set_up(account)
    ended = deliver_late(account, request(account, "Update", compact("email"), compact()))
    assert deliver(account, "Update", EXPIRING, compact()).is_success
    before = look(account)
    account.clock.advance(THROTTLED_SECONDS)
    assert [is_conflict(event) for event in ended] == [True]
    assert look(account) == before


def test_a_late_create_changes_nothing(account: Account) -> None:
    create = request(account, "Create", compact("email"))
    ended = deliver_late(account, create)
    set_up(account)
    before = look(account)
    account.clock.advance(THROTTLED_SECONDS)
    assert [is_conflict(event) for event in ended] == [True]
    assert ended[0].physical_resource_id == "orders/not-created"
    assert look(account) == before


def test_a_create_delivered_again_after_an_update_changes_nothing(account: Account) -> None:
    create = request(account, "Create", compact())
    account.cloudformation.lambda_service.deliver_next_after(0, THROTTLED_SECONDS)
    assert account.cloudformation.deliver(create).is_success
    put_item(id={"S": "1"})
    account.clock.advance(60)
    assert deliver(account, "Update", EXPIRING, compact()).is_success
    before = look(account)
    account.cloudformation.settle()
    assert look(account) == before
    assert len(account.cloudformation.lambda_service.invocations) == 3


def test_a_late_delete_leaves_the_table_that_an_update_changed_since(account: Account) -> None:
    set_up(account)
    ended = deliver_late(account, request(account, "Delete", compact()))
    assert deliver(account, "Update", EXPIRING, compact()).is_success
    before = look(account)
    account.clock.advance(THROTTLED_SECONDS)
    assert [is_conflict(event) for event in ended] == [True]
    assert look(account) == before


@pytest.mark.parametrize("late", ["Update", "Delete"])
def test_a_request_for_a_table_that_a_held_back_create_made_since_is_late(account: Account, late: str) -> None:
    deliver_late(account, request(account, "Create", compact()), seconds=600)
    account.clock.advance(60)
    one = request(account, late, *(EXPIRING, compact()) if late == "Update" else (compact(),))
    ended = deliver_late(account, one, seconds=900)
    account.clock.advance(700)
    before = look(account)
    account.clock.advance(300)
    assert [is_conflict(event) for event in ended] == [True]
    assert look(account) == before


def test_a_late_replacement_makes_no_table(account: Account) -> None:
    set_up(account)
    renamed = compact(TableName="renamed")
    ended = deliver_late(account, request(account, "Update", renamed, compact()))
    assert deliver(account, "Update", EXPIRING, compact()).is_success
    before = look(account)
    account.clock.advance(THROTTLED_SECONDS)
    assert [is_conflict(event) for event in ended] == [True]
    assert ended[0].physical_resource_id == "orders"
    assert (look(account), described("renamed")) == (before, None)


@pytest.mark.parametrize(
    ("taken_back", "old"),
    [
        pytest.param(compact("email"), compact(), id="an index"),
        pytest.param(EXPIRING, compact(), id="a setting"),
        pytest.param(compact(), EXPIRING, id="a setting that was taken out"),
        pytest.param(compact(TableName="renamed"), compact(), id="a name"),
        pytest.param(compact(PartitionKey={"Name": "code", "Type": "S"}, TableName="renamed"), compact(), id="a key"),
        pytest.param({"PartitionKey": {"Name": "id", "Type": "S"}}, compact(), id="a name that is left out"),
    ],
)
def test_an_update_that_is_taken_back_before_it_came_changes_nothing(
    account: Account, taken_back: Properties, old: Properties
) -> None:
    set_up(account, old)
    ended = deliver_late(account, request(account, "Update", taken_back, old))
    assert deliver(account, "Update", old, taken_back).is_success
    before = look(account)
    account.clock.advance(THROTTLED_SECONDS)
    assert [is_conflict(event) for event in ended] == [True]
    assert look(account) == before
    assert list(account.dynamodb.tables) == ["orders"]


def test_the_update_of_a_table_without_a_name_that_is_taken_back_before_it_came(account: Account) -> None:
    unnamed = {"PartitionKey": {"Name": "id", "Type": "S"}}
    other_key = {"PartitionKey": {"Name": "code", "Type": "S"}}
    name = deliver(account, "Create", unnamed).physical_resource_id
    ended = deliver_late(account, request(account, "Update", other_key, unnamed, physical_resource_id=name))
    assert deliver(account, "Update", unnamed, other_key, physical_resource_id=name).is_success
    account.clock.advance(THROTTLED_SECONDS)
    assert [is_conflict(event) for event in ended] == [True]
    assert list(account.dynamodb.tables) == [name]


def test_a_request_older_than_its_timeout_changes_nothing(account: Account) -> None:
    set_up(account)
    before = look(account)
    (ended,) = [deliver_late(account, request(account, "Update", compact("email"), compact()), seconds=4000)]
    account.clock.advance(4100)
    assert ended[0].status == "FAILED"
    assert look(account) == before


# A running request meets another


def test_a_superseded_update_stops_before_its_next_change(account: Account) -> None:
    set_up(account)
    two = request(account, "Update", compact("email", "city", TimeToLiveAttribute="ttl"), compact())
    back = request(account, "Update", compact(), compact("email", "city", TimeToLiveAttribute="ttl"))
    first, second = account.cloudformation.deliver_together(two, back, apart=100)
    now = look(account)
    assert (is_conflict(first), second.status) == (True, "SUCCESS")
    assert back["RequestId"] in first.reason
    assert (index_names(), now.expiry, now.request_id) == (set(), None, back["RequestId"])
    assert account.dynamodb.calls_of("UpdateTimeToLive") == []
    assert len([call for call in account.dynamodb.calls_of("UpdateTable") if call.outcome == "ok"]) == 2


@pytest.mark.parametrize("time", ["2026-01-02T00:00:00+00:00", "unknown"])
def test_a_delete_that_is_superseded_while_it_puts_up_its_fence_says_so_at_once(account: Account, time: str) -> None:
    make_table(account, owned() | fenced())
    newer = fenced("newer", time)

    def be_faster(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == ("TagResource", "after"):
            account.dynamodb.tables["orders"].tags.current.update(newer)

    account.interceptors.append(be_faster)
    boto3.client("dynamodb").update_table(
        TableName="orders", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    )
    began = account.clock.now
    ended = deliver(account, "Delete", compact())
    assert ended.reason.startswith("ResourceConflict: another request has been at work on table 'orders' since this")
    assert account.clock.now - began < 60
    assert newer.items() <= look(account).tags.items()


def test_a_delete_whose_fence_an_older_request_writes_over_puts_it_up_again(account: Account) -> None:
    make_table(account, owned() | fenced())
    shown: list[str] = []

    def come_late(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == ("TagResource", "after"):
            tags = account.dynamodb.tables["orders"].tags.current
            if not shown:
                tags.update(fenced("a-late-request", "2026-01-01T00:00:30+00:00"))
            shown.append(tags[f"{PREFIX}request-id"])

    account.interceptors.append(come_late)
    boto3.client("dynamodb").update_table(
        TableName="orders", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    )
    began = account.clock.now
    ended = deliver(account, "Delete", compact())
    assert (ended.status, described()) == ("SUCCESS", None)
    assert account.clock.now - began < 60
    assert shown == ["a-late-request", ended.request["RequestId"]]


def test_an_update_that_is_cancelled_is_rolled_back_while_it_still_runs(account: Account) -> None:
    account.cloudformation.create_stack({"Table": compact()})
    put_item(id={"S": "1"})
    outcome = account.cloudformation.update_stack({"Table": compact("email", "city")}, cancel_after=100)
    account.cloudformation.settle()
    assert outcome.summary == ["Update Table CANCELLED orders", "Update Table SUCCESS orders"]
    assert (index_names(), len(look(account).items)) == (set(), 1)


def test_a_delete_ends_a_running_update(account: Account) -> None:
    set_up(account)
    update = request(account, "Update", compact("email", "city"), compact())
    first, second = account.cloudformation.deliver_together(update, request(account, "Delete", compact()), apart=100)
    account.clock.advance(3600)
    assert (first.status, second.status, described()) == ("FAILED", "SUCCESS", None)


@pytest.mark.parametrize("apart", [0.0, 0.5, 3.0, 5.0, 5.5, 6.0, 6.5, 20.0])
def test_a_delete_during_a_running_create_ends_with_no_table(account: Account, apart: float) -> None:
    create = request(account, "Create", compact("email", TimeToLiveAttribute="ttl"))
    delete = request(account, "Delete", compact())
    _, deleted = account.cloudformation.deliver_together(create, delete, apart=1 + apart)
    account.clock.advance(1800)
    assert (deleted.status, described()) == ("SUCCESS", None)


@pytest.mark.parametrize("latency", [0.02, 0.3, 1.1])
@pytest.mark.parametrize("apart", [1.0, 4.0, 6.0, 6.6])
def test_a_delete_during_a_running_create_ends_with_no_table_however_slow_the_calls_are(
    open_account: OpenAccount, latency: float, apart: float
) -> None:
    account = open_account(lambda_handler, Function(is_recursion_allowed=True), latency=latency)
    create = request(account, "Create", compact())
    delete = request(account, "Delete", compact())
    _, deleted = account.cloudformation.deliver_together(create, delete, apart=apart)
    account.clock.advance(1800)
    assert (deleted.status, list(account.dynamodb.tables)) == ("SUCCESS", [])


def test_a_release_ends_a_running_update(account: Account) -> None:
    set_up(account)
    update = request(account, "Update", compact("email", "city", TimeToLiveAttribute="ttl"), compact())
    delete = request(account, "Delete", compact(OnDelete="Retain"))
    first, second = account.cloudformation.deliver_together(update, delete, apart=100)
    account.clock.advance(3600)
    now = look(account)
    assert (is_conflict(first), second.status) == (True, "SUCCESS")
    assert (now.tags, now.expiry, index_names()) == ({}, None, {"by-email"})


LATER = fenced("newer", "2027-01-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("meanwhile", "at_the_end", "status"),
    [
        pytest.param(
            adopted(ANOTHER_STACK) | LATER, adopted(ANOTHER_STACK) | LATER, "SUCCESS", id="taken over by another stack"
        ),
        pytest.param(adopted() | LATER, adopted() | LATER, "FAILED", id="taken over by a newer request"),
        pytest.param(fenced("a-late-request", "2026-01-01T00:00:30+00:00"), {}, "SUCCESS", id="tagged by an older one"),
    ],
)
def test_a_release_ends_whoever_writes_tags_meanwhile(
    account: Account, meanwhile: dict[str, str], at_the_end: dict[str, str], status: str
) -> None:
    make_table(account, owned() | fenced())

    def be_quick(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == ("UntagResource", "after"):
            account.interceptors.remove(be_quick)
            tags = account.dynamodb.tables["orders"].tags.current
            tags.clear()
            tags.update(meanwhile)

    account.interceptors.append(be_quick)
    began = account.clock.now
    ended = deliver(account, "Delete", compact(OnDelete="Retain"))
    assert ended.status == status
    assert account.clock.now - began < 60
    assert look(account).tags == at_the_end


def test_a_release_ends_a_running_takeover(account: Account) -> None:
    before = make_table(account)
    create = request(account, "Create", compact("email", "city", TimeToLiveAttribute="ttl"))
    delete = request(account, "Delete", compact())
    first, second = account.cloudformation.deliver_together(create, delete, apart=100)
    account.clock.advance(3600)
    now = look(account)
    assert (is_conflict(first), second.status) == (True, "SUCCESS")
    assert (now.identity, now.tags, now.expiry, index_names()) == (before.identity, {}, None, {"by-email"})


def test_a_user_who_cancels_a_create_leaves_a_table_that_the_next_try_takes_over(account: Account) -> None:
    cloudformation = account.cloudformation
    outcome = cloudformation.create_stack({"Table": compact("email")}, cancel_after=5)
    account.cloudformation.settle()
    assert outcome.status == "ROLLBACK_COMPLETE"
    assert outcome.summary[0].startswith("Create Table CANCELLED shop-Table-")
    stack_id = outcome.events[0].request["StackId"]
    assert look(account).whose == owned(stack_id)


def test_a_create_that_was_given_up_is_superseded_by_the_next(account: Account) -> None:
    properties = compact("email", "city")
    before = make_table(account)
    first, second = account.cloudformation.deliver_together(
        request(account, "Create", properties), request(account, "Create", properties), apart=100
    )
    now = look(account)
    assert (is_conflict(first), second.status) == (True, "SUCCESS")
    assert (now.identity, now.whose, now.request_id) == (before.identity, adopted(), second.request["RequestId"])
    assert index_names() == {"by-email", "by-city"}


def test_the_fence_of_an_older_request_is_written_over(account: Account) -> None:
    before = make_table(account, owned() | fenced())
    update = request(account, "Update", compact("email", "city"), compact())

    def come_late() -> None:
        tags = fenced("a-late-request", "2026-01-01T00:00:30+00:00")
        boto3.client("dynamodb").tag_resource(
            ResourceArn=account.dynamodb.tables["orders"].arn,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )

    account.clock.spawn("an older request", come_late, delay=100)
    event = account.cloudformation.deliver(update)
    now = look(account)
    assert (event.status, now.identity, now.request_id) == ("SUCCESS", before.identity, update["RequestId"])
    assert index_names() == {"by-email", "by-city"}


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_a_table_that_is_handed_to_another_stack_meanwhile_is_theirs(account: Account, request_type: str) -> None:
    """By hand, thus with whatever fence there was."""
    properties = compact("email", "city", TimeToLiveAttribute="ttl")
    if request_type == "Update":
        set_up(account)

    def hand_on() -> None:
        tags = account.dynamodb.tables["orders"].tags.current
        tags.clear()
        tags.update(owned(ANOTHER_STACK) | fenced())

    account.clock.spawn("somebody", hand_on, delay=15)
    event = deliver(account, request_type, *(properties, compact())[: 1 + (request_type == "Update")])
    now = look(account)
    assert is_conflict(event)
    assert (now.tags, now.expiry) == (owned(ANOTHER_STACK) | fenced(), None)


@pytest.mark.parametrize("signing", ["v4", "unknown"])
def test_a_later_hop_of_a_superseded_request_leaves_the_newer_fence(
    open_account: OpenAccount, signing: Signing
) -> None:
    """That hop is the first to see it: the one before waited for an index, and had nothing to change meanwhile."""
    account = open_account(lambda_handler, Function(is_recursion_allowed=True), profile="index-16.5")
    account.cloudformation.signing = signing
    set_up(account)
    both = compact("email", "city")
    former: list[ResourceEvent] = []
    update = request(account, "Update", both, compact())
    account.clock.spawn("an update", lambda: former.append(account.cloudformation.deliver(update)), is_detached=True)
    account.clock.advance(850)
    event = deliver(account, "Update", compact("email", TimeToLiveAttribute="ttl"), both)
    account.cloudformation.settle()
    assert event.status == "SUCCESS", event.reason
    assert [is_conflict(each) and each.duration > 880 for each in former] == [True]
    assert (look(account).request_id, look(account).expiry) == (event.request["RequestId"], "ttl")
    assert index_names() == {"by-email"}


# Duplicates


SCENARIOS = {
    "a create": ("Create", [compact("email", TimeToLiveAttribute="ttl")]),
    "an update": ("Update", [compact("email", TimeToLiveAttribute="ttl"), compact()]),
    "a replacement": ("Update", [compact("email", TableName="renamed"), compact()]),
    "a delete": ("Delete", [compact()]),
}


@pytest.mark.parametrize("scenario", list(SCENARIOS))
@pytest.mark.parametrize("apart", [0.0, 2.5])
@pytest.mark.parametrize("latency", [0.0, 0.4])
def test_two_deliveries_at_once_end_as_one(
    open_account: OpenAccount, scenario: str, apart: float, latency: float
) -> None:
    account = open_account(lambda_handler, Function(is_recursion_allowed=True), latency=latency)
    request_type, properties = SCENARIOS[scenario]
    if request_type != "Create":
        set_up(account)
    one = request(account, request_type, *properties)
    events = account.cloudformation.deliver_together(one, one, apart=apart)
    assert [event.status for event in events] == ["SUCCESS", "SUCCESS"]
    assert len({event.physical_resource_id for event in events}) == 1
    assert max(event.duration for event in events) < 700
    if request_type == "Delete":
        assert described() is None
    else:
        now = look(account, events[0].physical_resource_id)
        assert (now.whose, now.request_id) == (owned(), one["RequestId"])
        assert index_names(events[0].physical_resource_id) == {"by-email"}


@pytest.mark.parametrize("scenario", list(SCENARIOS))
def test_a_request_that_is_sent_again_later_ends_the_same(account: Account, scenario: str) -> None:
    request_type, properties = SCENARIOS[scenario]
    if request_type != "Create":
        set_up(account)
    one = request(account, request_type, *properties)
    first = account.cloudformation.deliver(one)
    tables = {name: look(account, name).identity for name in account.dynamodb.tables}
    account.clock.advance(100)
    before = changes(account)
    second = account.cloudformation.deliver(one)
    assert (first.status, second.status) == ("SUCCESS", "SUCCESS")
    assert first.physical_resource_id == second.physical_resource_id
    assert {name: look(account, name).identity for name in account.dynamodb.tables} == tables
    assert changes(account) == before


# The fence itself


def test_an_update_with_nothing_to_change_leaves_the_fence(account: Account) -> None:
    before = set_up(account, compact("email"))
    event = deliver(account, "Update", compact("email", OnDelete="Retain"), compact("email"))
    assert (event.status, event.data["Status"]) == ("SUCCESS", "UNCHANGED")
    assert look(account) == before


def test_an_update_with_nothing_to_change_leaves_the_fence_of_a_table_without_a_name(account: Account) -> None:
    unnamed = {"PartitionKey": {"Name": "id", "Type": "S"}}
    name = deliver(account, "Create", unnamed).physical_resource_id
    before = look(account, name)
    event = deliver(account, "Update", unnamed | {"OnDelete": "Retain"}, unnamed, physical_resource_id=name)
    assert (event.data["Status"], look(account, name)) == ("UNCHANGED", before)


def test_an_update_with_nothing_to_change_puts_its_fence_up_at_a_table_that_is_busy(account: Account) -> None:
    set_up(account)
    boto3.client("dynamodb").update_table(
        TableName="orders", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    )
    event = deliver(account, "Update", compact(OnDelete="Retain"), compact())
    assert (event.data["Status"], look(account).request_id) == ("UNCHANGED", event.request["RequestId"])


def test_an_update_with_nothing_to_change_puts_its_fence_up_at_a_table_that_is_not_what_it_was(
    account: Account,
) -> None:
    set_up(account)
    event = deliver(account, "Update", compact(), compact("email"))
    assert (event.data["Status"], look(account).request_id) == ("UNCHANGED", event.request["RequestId"])


def test_the_fence_stands_before_anything_is_changed(account: Account) -> None:
    set_up(account)
    update = request(account, "Update", compact("email"), compact())
    shown: list[str | None] = []

    def note(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == ("UpdateTable", "before"):
            shown.append(account.dynamodb.tables["orders"].tags.shown.get(f"{PREFIX}request-id"))

    account.interceptors.append(note)
    assert account.cloudformation.deliver(update).is_success
    assert shown == [update["RequestId"]]


def test_the_fence_is_put_up_together_with_the_other_tags(account: Account) -> None:
    set_up(account)
    tagged = compact("email", Tags=[{"Key": "team", "Value": "checkout"}])
    assert deliver(account, "Update", tagged, compact()).is_success
    assert changes(account).count("TagResource") == 1


def test_a_delete_puts_its_fence_up_only_at_a_busy_table(account: Account) -> None:
    set_up(account)
    assert deliver(account, "Delete", compact()).is_success
    assert changes(account) == ["CreateTable", "DeleteTable"]


def test_a_replacement_puts_its_fence_up_at_the_table_that_it_leaves(account: Account) -> None:
    set_up(account)
    event = deliver(account, "Update", compact(TableName="renamed"), compact())
    assert look(account).request_id == look(account, "renamed").request_id == event.request["RequestId"]


# Replacements


def test_two_replacements_there_and_back_keep_one_owned_table(account: Account) -> None:
    account.cloudformation.create_stack({"Table": compact()})
    there = account.cloudformation.update_stack({"Table": compact(TableName="renamed")})
    back = account.cloudformation.update_stack({"Table": compact()})
    stack_id = there.events[0].request["StackId"]
    assert there.summary == ["Update Table SUCCESS renamed", "Delete Table SUCCESS orders"]
    assert back.summary == ["Update Table SUCCESS orders", "Delete Table SUCCESS renamed"]
    assert (list(account.dynamodb.tables), look(account).whose) == (["orders"], owned(stack_id))
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    assert list(account.dynamodb.tables) == []


def test_a_replacement_that_is_taken_back_keeps_the_table_its_items_and_its_owner(account: Account) -> None:
    account.cloudformation.create_stack({"Table": compact()})
    put_item(id={"S": "1"})
    before = look(account)
    renamed = {"Table": compact(TableName="renamed", ExistingTable="Fail")}
    outcome = account.cloudformation.update_stack(renamed, another_resource_fails=True)
    now = look(account)
    assert outcome.summary == [
        "Update Table SUCCESS renamed",
        "Update Table SUCCESS orders",
        "Delete Table SUCCESS renamed",
    ]
    assert (now.identity, now.whose) == (before.identity, before.whose)
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    assert list(account.dynamodb.tables) == []


@pytest.mark.parametrize("existing_table", ["Adopt", "Fail"])
def test_the_way_back_of_a_replacement_keeps_a_table_that_was_taken_over(account: Account, existing_table: str) -> None:
    before = make_table(account)
    account.cloudformation.create_stack({"Table": compact()})
    account.cloudformation.update_stack({"Table": compact(ExistingTable=existing_table)})
    renamed = {"Table": compact(TableName="renamed")}
    outcome = account.cloudformation.update_stack(renamed, another_resource_fails=True)
    stack_id = outcome.events[0].request["StackId"]
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert (look(account).identity, look(account).whose) == (before.identity, adopted(stack_id))
    assert list(account.dynamodb.tables) == ["orders"]


@pytest.mark.parametrize("operation", ["TagResource", "DescribeTable", "CreateTable", "ListTagsOfResource"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_the_way_back_of_a_replacement_survives_being_killed(account: Account, operation: str, at: int) -> None:
    before = set_up(account)
    there = deliver(account, "Update", compact(TableName="renamed", ExistingTable="Fail"), compact())
    assert there.physical_resource_id == "renamed"
    account.interceptors.append(Fault(ProcessKilled(account.clock), operation=operation, phase="after", at=at))
    back = deliver(
        account,
        "Update",
        compact(ExistingTable="Fail"),
        compact(TableName="renamed"),
        physical_resource_id="renamed",
    )
    assert (back.status, back.physical_resource_id) == ("SUCCESS", "orders")
    assert (look(account).identity, look(account).whose) == (before.identity, owned())
