"""What becomes of a stack whose user does what the reason of a failure says, word for word."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from table_provisioner.handler import lambda_handler
from tests.functional.cli.conftest import CommandLine
from tests.functional.others import ANOTHER_STACK, owned
from tests.functional.tables import compact, create_by_hand, described, dynamodb, index_names, tags, time_to_live
from tests.simulator.dynamodb.profiles import PROFILES
from tests.simulator.faults import Fault, Refused
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from pathlib import Path

    from tests.functional.tables import Properties
    from tests.simulator.account import Account, OpenAccount
    from tests.simulator.clock import Clock
    from tests.simulator.cloudformation import Outcome, ResourceEvent

ITEM: dict[str, Any] = {"id": {"S": "1"}, "at": {"N": "2"}}
SORTED = {"SortKey": {"Name": "at", "Type": "N"}}
ROLLED_BACK = "UPDATE_ROLLBACK_COMPLETE"


def create(account: Account, properties: Properties) -> None:
    """Create a stack of one table, put an item into it, and let a minute pass."""
    outcome = account.cloudformation.create_stack({"Table": properties})
    assert outcome.status == "CREATE_COMPLETE", outcome.events[0].reason
    dynamodb().put_item(TableName="orders", Item=ITEM)
    account.clock.advance(60)


def update(
    account: Account, properties: Properties, status: str = "UPDATE_COMPLETE", *, disable_rollback: bool = False
) -> Outcome:
    outcome = account.cloudformation.update_stack({"Table": properties}, disable_rollback=disable_rollback)
    assert outcome.status == status, outcome.events[0].reason
    return outcome


def unnamed(properties: Properties) -> Properties:
    """With a generated name."""
    return {name: value for name, value in properties.items() if name != "TableName"}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(compact(**SORTED, TableName="orders-2"), id="another name"),
        pytest.param(unnamed(compact(**SORTED)), id="no name"),
    ],
)
@pytest.mark.parametrize("on_delete", ["Retain", "Snapshot"])
def test_another_key_loses_no_item(account: Account, on_delete: str, changed: Properties) -> None:
    create(account, compact())
    reason = update(account, compact(**SORTED), ROLLED_BACK).events[0].reason
    assert (
        "To keep its items where a stack has it, first deploy OnDelete: Retain or Snapshot, and nothing else. Then"
        in reason
    )
    update(account, compact(OnDelete=on_delete))
    outcome = update(account, {**changed, "OnDelete": on_delete})
    assert account.dynamodb.items(outcome.physical_resource_ids["Table"]) == []
    if on_delete == "Retain":
        assert (account.dynamodb.items("orders"), tags("orders")) == ([ITEM], {})
    else:
        (backup,) = dynamodb().list_backups(TableName="orders")["BackupSummaries"]
        assert (backup["BackupStatus"], backup["BackupArn"] in outcome.events[1].reason) == ("AVAILABLE", True)


def test_another_key_of_a_table_that_was_taken_over_loses_no_item(account: Account, clock: Clock) -> None:
    create_by_hand("orders")
    clock.advance(60)
    create(account, compact())
    reason = update(account, compact(**SORTED), ROLLED_BACK).events[0].reason
    assert "deletes this one unless it is retained or was taken over" in reason
    update(account, compact(**SORTED, TableName="orders-2"))
    assert account.dynamodb.items("orders") == [ITEM]


def test_a_table_with_too_many_tags_of_its_own_is_taken_over_once_there_is_room(account: Account, clock: Clock) -> None:
    create_by_hand("orders", tags={f"tag-{number}": "" for number in range(48)})
    clock.advance(60)
    outcome = account.cloudformation.create_stack({"Table": compact()})
    reason = outcome.events[0].reason
    assert (outcome.status, reason.partition(":")[0]) == ("ROLLBACK_COMPLETE", "ServiceLimitExceeded")
    assert "50 tags and 10 KB of them, four of which say whose it is" in reason
    assert "take off others that it has; then deploy again." in reason
    assert len(tags("orders")) == 48
    arn = (described() or {})["TableArn"]
    dynamodb().untag_resource(ResourceArn=arn, TagKeys=["tag-0", "tag-1"])
    clock.advance(60)
    aws = account.cloudformation
    assert aws.create_stack({"Table": compact()}, stack_name="shop-2").status == "CREATE_COMPLETE"
    assert len(tags("orders")) == 50


@pytest.fixture
def slow(open_account: OpenAccount) -> Account:
    """An account in which ten minutes are enough for three indexes."""
    profile = PROFILES["typical"].with_seconds(UpdateTable__GSI__create__total=165)
    return open_account(lambda_handler, Function(is_recursion_allowed=True), profile=profile)


def indexed(names: str) -> Properties:
    """With an index for each letter."""
    return compact(*names, ServiceTimeout=600)


def run_out_of_time(slow: Account, *, disable_rollback: bool) -> None:
    """Declare two indexes more than there is time for."""
    create(slow, indexed(""))
    status = "UPDATE_FAILED" if disable_rollback else ROLLED_BACK
    reason = update(slow, indexed("abcde"), status, disable_rollback=disable_rollback).events[0].reason
    assert reason.startswith("NotStabilized: ")
    assert "unless a rollback has taken it back: change less at once, or update with --disable-rollback." in reason


def test_what_there_is_not_enough_time_for_is_done_in_portions(slow: Account) -> None:
    run_out_of_time(slow, disable_rollback=False)
    assert index_names() == set()
    update(slow, indexed("abc"))
    update(slow, indexed("abcde"))
    assert index_names() == {"by-a", "by-b", "by-c", "by-d", "by-e"}
    assert slow.dynamodb.items("orders") == [ITEM]


def test_what_there_is_not_enough_time_for_is_finished_by_the_same_deployment_without_a_rollback(slow: Account) -> None:
    run_out_of_time(slow, disable_rollback=True)
    assert {"by-a", "by-b", "by-c"} <= index_names()
    update(slow, indexed("abcde"), disable_rollback=True)
    assert index_names() == {"by-a", "by-b", "by-c", "by-d", "by-e"}


def test_another_attribute_for_time_to_live_is_taken_once_the_rollback_is_old_enough(account: Account) -> None:
    create(account, compact(TimeToLiveAttribute="expires_at"))
    reason = update(account, compact("city", TimeToLiveAttribute="ends_at"), ROLLED_BACK).events[0].reason
    assert reason.startswith(
        "NotStabilized: the time was over while AWS answered ValidationException (Time to live has"
    )
    assert "a rollback may make one: 35 minutes after it, change time to live in a deployment of its own." in reason
    assert (time_to_live(), index_names()) == ("expires_at", set())
    account.clock.advance(35 * 60)
    update(account, compact(TimeToLiveAttribute="ends_at"))
    assert time_to_live() == "ends_at"


def test_an_account_that_is_busy_for_an_hour_is_tried_again_when_it_is_quiet(account: Account) -> None:
    busy = Fault(Refused("ThrottlingException", "Rate exceeded"), operation="CreateTable", times=math.inf)
    account.interceptors.append(busy)
    outcome = account.cloudformation.create_stack({"Table": compact()})
    reason = outcome.events[0].reason
    assert reason.startswith("NotStabilized: the time was over while AWS answered ThrottlingException (Rate exceeded).")
    assert reason.endswith("Deploy again when there is less going on in the account, or fewer tables at once.")
    account.interceptors.remove(busy)
    assert account.cloudformation.create_stack({"Table": compact()}, stack_name="shop-2").status == "CREATE_COMPLETE"


def test_what_throttled_until_the_end_is_told_though_the_table_was_waited_for_before(account: Account) -> None:
    create(account, compact())
    busy = Fault(Refused("ThrottlingException", "Rate exceeded"), operation="UpdateTimeToLive", times=math.inf)
    account.interceptors.append(busy)
    wanted = compact("city", TimeToLiveAttribute="expires_at", ServiceTimeout=800)
    reason = update(account, wanted, ROLLED_BACK).events[0].reason
    assert reason.startswith("NotStabilized: the time was over while AWS answered ThrottlingException (Rate exceeded)")
    assert reason.endswith("Deploy again when there is less going on in the account, or fewer tables at once.")


def lose_the_table(account: Account, existing_table: str) -> dict[str, str]:
    """Delete a table behind the back of its stack, whose update and rollback then fail; return the tags it had."""
    create(account, compact(ExistingTable=existing_table))
    had = {key: value for key, value in tags().items() if key in owned()}
    dynamodb().delete_table(TableName="orders")
    account.clock.advance(60)
    changed = compact("city", ExistingTable=existing_table)
    reason = update(account, changed, "UPDATE_ROLLBACK_FAILED").events[0].reason
    assert reason.startswith(
        "NotFound: table 'orders' does not exist any more. Restore it from a backup under its name"
    )
    assert "with its tags under table-provisioner:" in reason
    assert "then deploy again or continue-update-rollback" in reason
    return had


def restore(account: Account, tags: dict[str, str]) -> None:
    """Make a table of that name with the item, as a restored backup is: without tags, but for those that are given."""
    create_by_hand("orders", tags=tags)
    account.clock.advance(60)
    dynamodb().put_item(TableName="orders", Item=ITEM)


@pytest.mark.parametrize("existing_table", ["Adopt", "Fail"])
def test_a_table_that_was_deleted_belongs_to_its_stack_again_once_it_is_restored_with_its_tags(
    account: Account, existing_table: str
) -> None:
    restore(account, lose_the_table(account, existing_table))
    assert account.cloudformation.continue_update_rollback().status == ROLLED_BACK
    update(account, compact("city", ExistingTable=existing_table))
    assert (index_names(), account.dynamodb.items("orders")) == ({"by-city"}, [ITEM])
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    assert described() is None


def test_a_table_that_was_restored_without_its_tags_is_left_by_its_stack(account: Account) -> None:
    lose_the_table(account, "Adopt")
    restore(account, {})
    assert account.cloudformation.continue_update_rollback().status == ROLLED_BACK
    update(account, compact("city"))
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    assert account.dynamodb.items("orders") == [ITEM]


def test_a_table_that_was_restored_without_its_tags_is_refused_until_it_has_them(account: Account) -> None:
    had = lose_the_table(account, "Fail")
    restore(account, {})
    outcome = account.cloudformation.continue_update_rollback()
    assert outcome.status == "UPDATE_ROLLBACK_FAILED"
    reason = outcome.events[0].reason
    assert reason.startswith("ResourceConflict: table 'orders' has lost the tags that say whose it is")
    assert "give it back its tags under table-provisioner:, or set ExistingTable: Adopt." in reason
    arn = (described() or {})["TableArn"]
    dynamodb().tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in had.items()])
    account.clock.advance(60)
    assert account.cloudformation.continue_update_rollback().status == ROLLED_BACK


def test_a_table_that_was_deleted_makes_way_for_one_of_another_name(account: Account) -> None:
    create(account, compact())
    dynamodb().delete_table(TableName="orders")
    account.clock.advance(60)
    outcome = update(account, compact(TableName="orders-2"))
    assert outcome.summary == ["Update Table SUCCESS orders-2", "Delete Table SUCCESS orders"]


def test_a_table_that_was_deleted_makes_way_after_its_rollback_failed_once_it_is_skipped(account: Account) -> None:
    lose_the_table(account, "Adopt")
    outcome = account.cloudformation.continue_update_rollback()
    assert outcome.status == "UPDATE_ROLLBACK_FAILED"
    assert outcome.events[0].reason.endswith(
        "Or do without it. Declare this resource under another TableName; where the rollback failed, too, first skip"
        " this resource in it: continue-update-rollback --resources-to-skip."
    )
    with pytest.raises(ValueError, match="UPDATE_ROLLBACK_FAILED"):
        account.cloudformation.update_stack({"Table": compact(TableName="orders-2")})
    assert account.cloudformation.continue_update_rollback("Table").status == ROLLED_BACK
    outcome = update(account, compact(TableName="orders-2"))
    assert outcome.summary == ["Update Table SUCCESS orders-2", "Delete Table SUCCESS orders"]


def test_a_table_that_is_another_s_by_now_is_left_to_it_once_it_is_skipped(account: Account) -> None:
    create(account, compact())
    others = owned(ANOTHER_STACK)
    arn = (described() or {})["TableArn"]
    dynamodb().tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in others.items()])
    account.clock.advance(60)
    reason = update(account, compact("city"), "UPDATE_ROLLBACK_FAILED").events[0].reason
    assert "by now. Declare this resource under another TableName; where the rollback failed, too, first skip" in reason
    assert account.cloudformation.continue_update_rollback("Table").status == ROLLED_BACK
    update(account, compact("city", TableName="orders-2"))
    assert (account.dynamodb.items("orders"), index_names("orders-2")) == ([ITEM], {"by-city"})


def unprotect(event: ResourceEvent) -> None:
    """Run the command that the reason names."""
    command = "Run: aws dynamodb update-table --table-name orders --no-deletion-protection-enabled."
    assert event.reason.startswith(f"ResourceConflict: table 'orders' is protected against deletion. {command} Then")
    dynamodb().update_table(TableName="orders", DeletionProtectionEnabled=False)


def test_a_stack_that_could_not_delete_a_protected_table_is_deleted_again(account: Account) -> None:
    create(account, compact(DeletionProtectionEnabled=True))
    outcome = account.cloudformation.delete_stack()
    assert (outcome.status, account.dynamodb.items("orders")) == ("DELETE_FAILED", [ITEM])
    with pytest.raises(ValueError, match="DELETE_FAILED"):
        account.cloudformation.update_stack({"Table": compact(DeletionProtectionEnabled=False)})
    unprotect(outcome.events[0])
    assert "Then delete its stack again" in outcome.events[0].reason
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    assert described() is None


def test_a_protected_table_that_its_stack_goes_on_without_is_deleted_by_the_command_line(
    account: Account, tmp_path: Path
) -> None:
    create(account, compact(DeletionProtectionEnabled=True))
    outcome = account.cloudformation.update_stack({})
    assert (outcome.status, account.dynamodb.items("orders")) == ("UPDATE_COMPLETE", [ITEM])
    unprotect(outcome.events[0])
    assert outcome.events[0].reason.endswith(
        "or, where that goes on without the table, run: table-provisioner delete orders"
    )
    assert CommandLine(tmp_path).run("delete", "orders", typed="orders").exit_code == 0
    assert described() is None


def test_an_archived_table_makes_way_for_its_restored_backup(account: Account, clock: Clock) -> None:
    clock.limit = 10 * 86_400
    key = account.dynamodb.keys.add("alias/orders")
    encrypted = compact(SSESpecification={"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/orders"})
    create(account, encrypted)
    account.dynamodb.disable_key(key)
    clock.advance(8 * 86_400)
    reason = update(account, {**encrypted, "TableClass": "STANDARD"}, "UPDATE_ROLLBACK_FAILED").events[0].reason
    assert reason.startswith(
        "AccessDenied: its KMS key was unusable for a week, and the table was archived. Enable the"
    )
    assert "declare that as TableName with ExistingTable: Adopt. Where the rollback failed, too, skip this" in reason
    assert account.cloudformation.continue_update_rollback("Table").status == ROLLED_BACK
    account.dynamodb.enable_key(key)
    create_by_hand("orders-2")
    clock.advance(60)
    dynamodb().put_item(TableName="orders-2", Item=ITEM)
    outcome = update(account, {**encrypted, "TableName": "orders-2"})
    assert outcome.events[0].is_success
    assert account.dynamodb.items("orders-2") == [ITEM]


def test_an_index_of_another_key_takes_the_place_of_one_that_can_be_queried_until_then(account: Account) -> None:
    create(account, compact("city"))
    sorted_index = {"IndexName": "by-city", "PartitionKey": {"Name": "city", "Type": "S"}, **SORTED}
    changed = compact(GlobalSecondaryIndexes=[sorted_index])
    reason = update(account, changed, ROLLED_BACK).events[0].reason
    assert "Declare an index of another name beside it, until nothing queries this one any more; or set Allow" in reason
    beside = {**sorted_index, "IndexName": "by-city-and-time"}
    both = compact("city")
    both["GlobalSecondaryIndexes"].append(beside)
    update(account, both)
    assert index_names() == {"by-city", "by-city-and-time"}
    update(account, compact(GlobalSecondaryIndexes=[beside]))
    assert index_names() == {"by-city-and-time"}
