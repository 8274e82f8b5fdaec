"""What a review by fresh eyes found: the rare ways to delete, disown or wedge that each once succeeded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest

from table_provisioner.handler import lambda_handler
from tests.functional.others import fenced, make_table, owned
from tests.functional.tables import compact, described, index_names, recovery_days, tags
from tests.simulator.dynamodb import PROFILES
from tests.simulator.faults import ConnectionLost, Fault, Refused
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from tests.functional.tables import Properties
    from tests.simulator.account import Account, OpenAccount

RECURSIVE = Function(is_recursion_allowed=True)
STACK_ID = "table-provisioner:stack-id"


def item_names(account: Account, table_name: str = "orders") -> int:
    """How many items a table holds."""
    return len(account.dynamodb.items(table_name))


def put(table_name: str = "orders") -> None:
    boto3.client("dynamodb").put_item(TableName=table_name, Item={"id": {"S": "precious"}})


def on_another_key() -> Properties:
    """The table with its index on another attribute, which cannot be changed in place."""
    properties = compact("email")
    properties["GlobalSecondaryIndexes"][0]["PartitionKey"] = {"Name": "mail", "Type": "S"}
    return properties


def outlive(account: Account) -> str:
    """Leave a table with an item behind, whose resource is gone; return the id of the stack."""
    aws = account.cloudformation
    aws.create_stack({"Table": compact("email"), "Other": compact(TableName="other")})
    put()
    denied = Fault(Refused("AccessDeniedException", "not authorized"), operation="DeleteTable", times=99)
    account.interceptors.append(denied)
    aws.update_stack({"Other": compact(TableName="other")})
    account.interceptors.remove(denied)
    account.clock.advance(7200)
    return tags()[STACK_ID]


def test_a_failed_create_over_a_table_that_outlived_its_resource_leaves_it(account: Account) -> None:
    stack_id = outlive(account)
    aws = account.cloudformation
    created = aws.deliver(aws.request("Create", on_another_key(), StackId=stack_id))
    assert (created.is_success, created.physical_resource_id) == (False, "orders/not-created")
    aws.deliver(aws.request("Delete", on_another_key(), StackId=stack_id, PhysicalResourceId="orders/not-created"))
    assert item_names(account) == 1


def test_a_failed_replacement_by_a_table_that_outlived_its_resource_leaves_both(account: Account) -> None:
    stack_id = outlive(account)
    aws = account.cloudformation
    former = compact(TableName="former")
    assert aws.deliver(aws.request("Create", former, StackId=stack_id)).is_success
    account.clock.advance(60)
    update = aws.request("Update", on_another_key(), former, StackId=stack_id, PhysicalResourceId="former")
    assert aws.deliver(update).physical_resource_id == "former"
    assert item_names(account) == 1


def test_a_restored_copy_with_copied_tags_is_not_deleted_by_a_rollback(account: Account) -> None:
    aws = account.cloudformation
    aws.create_stack({"Table": compact()})
    account.clock.advance(60)
    make_table(account, tags(), TableName="restored")
    items = item_names(account, "restored")
    outcome = aws.update_stack({"Table": compact(TableName="restored")}, another_resource_fails=True)
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert item_names(account, "restored") == items > 0


@pytest.mark.parametrize("choice", ["Adopt", "Fail"])
def test_a_replacement_whose_table_was_refused_leaves_the_old_one_in_its_place(account: Account, choice: str) -> None:
    aws = account.cloudformation
    aws.create_stack({"Table": compact(TableName="former", ExistingTable=choice)})
    account.interceptors.append(Fault(Refused("AccessDeniedException", "no"), operation="CreateTable", times=99))
    outcome = aws.update_stack({"Table": compact(TableName="latter", ExistingTable=choice)})
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    aws.delete_stack()
    assert described("former") is None


def test_another_spelling_of_a_key_that_may_not_be_described_is_changed_once(account: Account) -> None:
    account.dynamodb.keys.add("alias/a")
    account.dynamodb.keys.add("alias/b")
    account.dynamodb.keys.is_describe_denied = True

    def encrypted(key: str) -> Properties:
        return compact(SSESpecification={"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})

    account.cloudformation.create_stack({"Table": encrypted("alias/a")})
    account.dynamodb.calls.clear()
    assert account.cloudformation.update_stack({"Table": encrypted("alias/b")}).status == "UPDATE_COMPLETE"
    assert len(account.dynamodb.calls_of("UpdateTable")) == 1


def test_a_rollback_does_not_wait_for_the_backfill_that_it_cancels(open_account: OpenAccount) -> None:
    hours = PROFILES["typical"].with_seconds(UpdateTable__GSI__create__total=4 * 3600.0)
    account = open_account(lambda_handler, RECURSIVE, profile=hours)
    account.cloudformation.create_stack({"Table": compact()})
    outcome = account.cloudformation.update_stack({"Table": compact("email")})
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert outcome.events[-1].duration < 60
    assert index_names() == set()


def test_an_outage_of_one_operation_is_borne_for_four_minutes_and_not_for_the_hour(account: Account) -> None:
    account.cloudformation.create_stack({"Table": compact()})
    account.dynamodb.calls.clear()
    down = Fault(Refused("InternalServerError", "down"), operation="UpdateTable", times=99999)
    account.interceptors.append(down)
    update = account.cloudformation.update_stack({"Table": compact("email")}).event("Update")
    assert update.reason.startswith("ServiceInternalError: ")
    assert 240 <= update.duration < 330
    assert down.strikes < 40


def test_two_single_failures_far_apart_are_no_outage(open_account: OpenAccount) -> None:
    slow = PROFILES["typical"].with_seconds(CreateTable__no_index=600)
    account = open_account(lambda_handler, RECURSIVE, profile=slow)
    for at in (3, 60):
        fault = Fault(Refused("InternalServerError", "down"), operation="DescribeTable", at=at)
        account.interceptors.append(fault)
    assert account.cloudformation.create_stack({"Table": compact()}).status == "CREATE_COMPLETE"


def test_a_create_over_a_dying_table_survives_a_hand_over(open_account: OpenAccount) -> None:
    slow = PROFILES["typical"].with_seconds(DeleteTable__until_not_found=100)
    account = open_account(lambda_handler, Function(is_recursion_allowed=True, timeout=60), profile=slow)
    make_table(account)
    boto3.client("dynamodb").delete_table(TableName="orders")
    outcome = account.cloudformation.create_stack({"Table": compact()})
    assert outcome.status == "CREATE_COMPLETE"
    assert outcome.event("Create").data["Status"] == "CREATED"


def test_an_update_cancelled_before_it_came_finds_that_it_is_late_though_only_an_option_differs(
    account: Account,
) -> None:
    def scaled(management: str, reads: int) -> Properties:
        capacity = {"ReadCapacityUnits": reads, "WriteCapacityUnits": 5}
        return compact(BillingMode="PROVISIONED", CapacityManagement=management, ProvisionedThroughput=capacity)

    aws = account.cloudformation
    aws.create_stack({"Table": scaled("InitialOnly", 5)})
    account.clock.advance(30)
    aws.lambda_service.deliver_next_after(120)
    aws.update_stack({"Table": scaled("Always", 50)}, cancel_after=20)
    account.clock.advance(300)
    aws.settle()
    assert (described() or {})["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    aws.take_violations()


def test_a_period_of_backups_that_is_no_longer_declared_becomes_the_default(account: Account) -> None:
    def recovered(**days: int) -> Properties:
        return compact(PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, **days})

    account.cloudformation.create_stack({"Table": recovered(RecoveryPeriodInDays=20)})
    assert account.cloudformation.update_stack({"Table": recovered()}).status == "UPDATE_COMPLETE"
    assert recovery_days() == 35


@pytest.mark.parametrize("timeout", [20, 30, 60])
def test_a_short_function_answers_in_time_although_aws_is_slow(open_account: OpenAccount, timeout: int) -> None:
    account = open_account(lambda_handler, Function(is_recursion_allowed=True, timeout=timeout), latency=2.0)
    outcome = account.cloudformation.create_stack({"Table": compact("email", TimeToLiveAttribute="ttl")})
    assert outcome.event("Create").duration < 300
    assert "timed out" not in {invocation.outcome for invocation in account.cloudformation.lambda_service.invocations}


def test_hand_overs_whose_answers_are_lost_do_not_multiply(open_account: OpenAccount) -> None:
    account = open_account(lambda_handler, Function(is_recursion_allowed=True, timeout=300), profile="index-8.5")
    aws = account.cloudformation
    aws.create_stack({"Table": compact()})
    account.interceptors.append(Fault(ConnectionLost("while waiting", 4), operation="Invoke", phase="after", times=1))
    outcome = aws.update_stack({"Table": compact("email")})
    aws.settle()
    assert outcome.status == "UPDATE_COMPLETE"
    assert len(aws.lambda_service.invocations) <= 6
    aws.take_violations()


def test_an_update_of_an_id_that_no_table_can_have_makes_the_table(account: Account) -> None:
    aws = account.cloudformation
    update = aws.request("Update", compact(), compact(TableName="x"), PhysicalResourceId="Table/not-created")
    answer = aws.deliver(update)
    assert (answer.is_success, answer.physical_resource_id) == (True, "orders")


def test_capacity_that_auto_scaling_set_survives_the_way_back_of_a_replacement(account: Account) -> None:
    def scaled(**more: object) -> Properties:
        capacity = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
        return compact(CapacityManagement="InitialOnly", ProvisionedThroughput=capacity, **more)

    aws = account.cloudformation
    aws.create_stack({"Table": scaled()})
    boto3.client("dynamodb").update_table(
        TableName="orders", ProvisionedThroughput={"ReadCapacityUnits": 900, "WriteCapacityUnits": 900}
    )
    account.clock.advance(60)
    aws.update_stack({"Table": scaled(TableName="latter")}, another_resource_fails=True)
    assert (described() or {})["ProvisionedThroughput"]["ReadCapacityUnits"] == 900
    assert described("latter") is None


def test_marks_of_an_earlier_life_do_not_make_a_table_ours(account: Account) -> None:
    aws = account.cloudformation
    aws.create_stack({"Other": compact(TableName="other")})
    stack_id = tags("other")[STACK_ID]
    make_table(account, owned(stack_id) | fenced())
    account.clock.advance(600)
    account.interceptors.append(Fault(Refused("AccessDeniedException", "no"), operation="TagResource", times=99))
    answer = aws.deliver(aws.request("Create", compact("email"), StackId=stack_id))
    assert (answer.is_success, answer.physical_resource_id) == (False, "orders/not-created")
