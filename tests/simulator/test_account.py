"""All parts together, with a provisioner of twenty lines as the function under test."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.simulator.account import Account
from tests.simulator.clock import Clock
from tests.simulator.cloudformation.tests.handlers import hand_over, respond, table_name
from tests.simulator.faults import Fault, ProcessKilled, Refused, throttling_storm
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from tests.simulator.account import OpenAccount
    from tests.simulator.faults import Phase

ORDERS = {"Table": {"TableName": "orders"}}


def provisioner(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 - the context
    """Create or delete a table, wait until that is done, and hand over when time runs out."""
    dynamodb = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 3}))
    table = event.get("PhysicalResourceId") or table_name(event)
    is_delete = event["RequestType"] == "Delete"
    while context.get_remaining_time_in_millis() > 15_000:
        status = status_of(dynamodb, table)
        if status == (None if is_delete else "ACTIVE"):
            respond(event, PhysicalResourceId=table)
            return
        if status == "ACTIVE":
            dynamodb.delete_table(TableName=table)
        elif status is None:
            create(dynamodb, table)
        time.sleep(1)
    hand_over(event, context.invoked_function_arn)


def status_of(dynamodb: Any, table: str) -> str | None:  # noqa: ANN401 - a client
    try:
        return str(dynamodb.describe_table(TableName=table)["Table"]["TableStatus"])
    except dynamodb.exceptions.ResourceNotFoundException:
        return None


def create(dynamodb: Any, table: str) -> None:  # noqa: ANN401 - a client
    try:
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
    except dynamodb.exceptions.ResourceInUseException:
        return


def test_a_stack_with_a_table_lives_and_dies(open_account: OpenAccount) -> None:
    account = open_account(provisioner)
    created = account.cloudformation.create_stack(ORDERS)
    assert created.status == "CREATE_COMPLETE"
    assert created.event("Create").duration == pytest.approx(6, abs=2)
    assert list(account.dynamodb.tables) == ["orders"]
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    assert account.dynamodb.mutations == ["CreateTable", "DeleteTable"]


def test_a_short_function_hands_over_to_itself(open_account: OpenAccount) -> None:
    account = open_account(provisioner, Function(timeout=18, is_recursion_allowed=True), profile="slow")
    assert account.cloudformation.create_stack(ORDERS).status == "CREATE_COMPLETE"
    assert len(account.cloudformation.lambda_service.invocations) > 2


def test_a_hand_over_is_disturbed_like_any_other_call(open_account: OpenAccount) -> None:
    account = open_account(provisioner, Function(timeout=18, is_recursion_allowed=True), profile="slow")
    fault = Fault(Refused("AccessDeniedException", "not allowed"), operation="Invoke")
    account.interceptors.append(fault)
    account.cloudformation.create_stack(ORDERS)
    assert fault.strikes == 1
    assert account.cloudformation.lambda_service.invocations[0].outcome == "raised"


def test_calls_take_as_long_as_they_are_told_to(open_account: OpenAccount) -> None:
    account = open_account(provisioner, latency=0.5)
    account.cloudformation.create_stack(ORDERS)
    refused, create, describe = account.dynamodb.calls[:3]
    assert (create.at - refused.at, describe.at - create.at) == (0.25, 0.5 + 1)


def test_duplicates_at_the_same_time_meet_in_dynamodb(open_account: OpenAccount) -> None:
    account = open_account(provisioner, latency=0.02)
    request = account.cloudformation.request("Create", ORDERS["Table"])
    both = account.cloudformation.deliver_together(request, request)
    assert [event.status for event in both] == ["SUCCESS", "SUCCESS"]
    assert [call.outcome for call in account.dynamodb.calls_of("CreateTable")] == [
        "ok",
        "ResourceInUseException",
    ]


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_process_killed_at_any_call_is_delivered_again_and_converges(phase: Phase) -> None:
    for number in itertools.count(1):
        with Clock().installed() as clock, Account(clock, provisioner).running() as account:
            fault = Fault(ProcessKilled(clock), at=number, phase=phase)
            account.interceptors.append(fault)
            assert account.cloudformation.create_stack(ORDERS).status == "CREATE_COMPLETE"
            assert account.dynamodb.mutations == ["CreateTable"]
            assert len(account.cloudformation.lambda_service.invocations) == 1 + fault.strikes
        if not fault.strikes:
            break
    assert number > 5


def test_the_same_test_runs_the_same_way_twice() -> None:
    def calls() -> list[tuple[str, float]]:
        with Clock().installed() as clock, Account(clock, provisioner, latency=0.02).running() as account:
            account.interceptors.append(throttling_storm(seconds=20))
            request = account.cloudformation.request("Create", ORDERS["Table"])
            account.cloudformation.deliver_together(request, request)
            return [(call.operation, call.at) for call in account.dynamodb.calls]

    assert calls() == calls()


def test_a_storm_of_throttling_is_met_by_the_provisioner(open_account: OpenAccount) -> None:
    account = open_account(provisioner)
    storm = throttling_storm(seconds=30)
    account.interceptors.append(storm)
    assert account.cloudformation.create_stack(ORDERS).status == "CREATE_COMPLETE"
    assert storm.strikes >= 3
    assert account.cloudformation.lambda_service.invocations[0].outcome == "raised"


def test_a_listed_refusal_reaches_the_provisioner(open_account: OpenAccount) -> None:
    account = open_account(provisioner)
    account.interceptors.append(Fault(Refused.listed("access-is-denied"), operation="CreateTable"))
    account.cloudformation.create_stack(ORDERS)
    error = account.cloudformation.lambda_service.invocations[0].error
    assert isinstance(error, ClientError)
    assert error.response["Error"]["Code"] == "AccessDeniedException"
