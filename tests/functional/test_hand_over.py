"""When Lambda's minutes end before the table has settled, another invocation carries on."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from table_provisioner.handler import lambda_handler
from tests.functional.tables import compact, described, index_names, tags, time_to_live
from tests.simulator.dynamodb.profiles import PROFILES
from tests.simulator.faults import ConnectionLost, Fault, Refused, throttling_storm
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from tests.functional.tables import Properties
    from tests.simulator.account import Account, OpenAccount
    from tests.simulator.cloudformation import ResourceEvent
    from tests.simulator.faults import Effect

FUNCTION = Function(is_recursion_allowed=True)


@pytest.fixture
def slow_account(open_account: OpenAccount) -> Account:
    """An account in which an index takes 16.5 minutes."""
    account = open_account(lambda_handler, FUNCTION, profile="index-16.5")
    assert account.cloudformation.create_stack({"Table": compact()}).status == "CREATE_COMPLETE"
    return account


def update_of_the_stack(account: Account, properties: Properties) -> dict[str, Any]:
    """An Update of the stack's table, to be delivered by itself."""
    aws = account.cloudformation
    stack_id = tags()["table-provisioner:stack-id"]
    return aws.request("Update", properties, compact(), PhysicalResourceId="orders", StackId=stack_id)


def invocations(account: Account) -> list[str]:
    return [invocation.outcome for invocation in account.cloudformation.lambda_service.invocations]


def test_an_index_that_outlasts_the_function_is_waited_for_by_the_next_invocation(slow_account: Account) -> None:
    outcome = slow_account.cloudformation.update_stack({"Table": compact("email")})
    update = outcome.event("Update")
    assert (outcome.status, update.data["Status"]) == ("UPDATE_COMPLETE", "UPDATED")
    assert invocations(slow_account) == ["returned"] * 3
    assert 990 <= update.duration <= 1100


def test_five_slow_indexes_fail_in_time_and_the_next_identical_update_finishes_the_rest(slow_account: Account) -> None:
    aws = slow_account.cloudformation
    five = compact("a", "b", "c", "d", "e")
    first = aws.deliver(update_of_the_stack(slow_account, five))
    assert not first.is_success
    assert first.reason.startswith("NotStabilized: ")
    assert first.duration < 3600
    slow_account.clock.advance(1200)
    second = aws.deliver(update_of_the_stack(slow_account, five))
    assert second.is_success, second.reason
    assert index_names() == {"by-a", "by-b", "by-c", "by-d", "by-e"}
    created = [call for call in slow_account.dynamodb.calls if "Create" in str(call.params) and call.had_effect]
    assert len([call for call in created if call.operation == "UpdateTable"]) == 5


def test_the_answer_comes_in_time_for_a_short_service_timeout(slow_account: Account) -> None:
    outcome = slow_account.cloudformation.update_stack({"Table": compact("email", ServiceTimeout=300)})
    update = outcome.event("Update")
    assert update.reason.startswith("NotStabilized: ")
    assert 250 <= update.duration < 300


def test_a_function_that_may_not_invoke_itself_says_so_at_once(slow_account: Account) -> None:
    slow_account.interceptors.append(Fault(Refused("AccessDeniedException", "not authorized"), operation="Invoke"))
    update = slow_account.cloudformation.update_stack({"Table": compact("email")}).event("Update")
    assert update.reason.startswith("AccessDenied: ")
    assert "lambda:InvokeFunction" in update.reason
    assert update.duration < 900


def test_a_throttled_hand_over_is_tried_again(slow_account: Account) -> None:
    throttled = Fault(Refused("TooManyRequestsException", "Rate Exceeded."), operation="Invoke", times=2)
    slow_account.interceptors.append(throttled)
    outcome = slow_account.cloudformation.update_stack({"Table": compact("email")})
    assert outcome.status == "UPDATE_COMPLETE"
    assert throttled.strikes == 2


def test_a_hand_over_that_lambda_never_takes_is_answered_before_the_function_ends(slow_account: Account) -> None:
    down = Fault(Refused("ServiceException", "down"), operation="Invoke", times=1000)
    slow_account.interceptors.append(down)
    update = slow_account.cloudformation.update_stack({"Table": compact("email")}).event("Update")
    assert update.reason.startswith("NotStabilized: ")
    assert "ServiceException" in update.reason
    assert 890 <= update.duration < 900


def test_a_renamed_time_to_live_takes_half_an_hour_and_two_hand_overs(account: Account) -> None:
    aws = account.cloudformation
    assert aws.create_stack({"Table": compact(TimeToLiveAttribute="old")}).status == "CREATE_COMPLETE"
    account.clock.advance(3600)
    update = aws.update_stack({"Table": compact(TimeToLiveAttribute="new")}).event("Update")
    assert update.is_success, update.reason
    assert time_to_live() == "new"
    assert 1800 <= update.duration <= 2100
    assert invocations(account)[-3:] == ["returned"] * 3


def test_the_next_hop_leaves_a_table_alone_that_was_made_anew_meanwhile(slow_account: Account) -> None:
    aws = slow_account.cloudformation
    request = update_of_the_stack(slow_account, compact("email"))
    before = described()
    continued = {"Hop": 1, "StartedAt": slow_account.clock.now, "TableId": "00000000-0000-0000-0000-000000000000"}
    answer = aws.deliver(request | {"TableProvisionerContinuation": continued})
    assert answer.reason.startswith("ResourceConflict: ")
    assert described() == before


def test_a_hop_of_a_create_whose_table_is_gone_does_not_make_another(account: Account) -> None:
    aws = account.cloudformation
    continued = {"Hop": 1, "StartedAt": account.clock.now, "TableId": "00000000-0000-0000-0000-000000000000"}
    answer = aws.deliver(aws.request("Create", compact()) | {"TableProvisionerContinuation": continued})
    assert answer.reason.startswith("ResourceConflict: ")
    assert described() is None


def test_a_hop_of_a_delete_whose_table_is_gone_has_reached_its_goal(account: Account) -> None:
    aws = account.cloudformation
    continued = {"Hop": 2, "StartedAt": account.clock.now, "TableId": "00000000-0000-0000-0000-000000000000"}
    request = aws.request("Delete", compact(), PhysicalResourceId="orders")
    assert aws.deliver(request | {"TableProvisionerContinuation": continued}).is_success


def test_a_chain_ends_after_fifteen_hand_overs(slow_account: Account) -> None:
    aws = slow_account.cloudformation
    table_id = (described() or {})["TableId"]
    continued = {"Hop": 15, "StartedAt": slow_account.clock.now, "TableId": table_id}
    request = update_of_the_stack(slow_account, compact("email"))
    answer = aws.deliver(request | {"TableProvisionerContinuation": continued})
    assert answer.reason.startswith("NotStabilized: ")
    assert answer.duration < 900


def test_a_chain_of_short_invocations_hands_over_fifteen_times_and_then_answers(open_account: OpenAccount) -> None:
    account = open_account(lambda_handler, Function(timeout=60, is_recursion_allowed=True), profile="index-16.5")
    aws = account.cloudformation
    assert aws.create_stack({"Table": compact()}).status == "CREATE_COMPLETE"
    first = len(aws.lambda_service.invocations)
    answer = aws.deliver(update_of_the_stack(account, compact("email")))
    assert answer.reason.startswith("NotStabilized: ")
    hops = [one.event.get("TableProvisionerContinuation", {}).get("Hop", 0) for one in aws.lambda_service.invocations]
    assert hops[first:] == list(range(16))
    assert 15 * 50 <= answer.duration <= 16 * 50
    account.clock.advance(300)
    assert aws.deliver(update_of_the_stack(account, compact("email"))).is_success


def creation_that_takes(open_account: OpenAccount, seconds: float) -> tuple[ResourceEvent, list[float]]:
    """A Create of a table that is made in so many seconds, and when it was looked at, from its making on."""
    profile = PROFILES["typical"].with_seconds(CreateTable__no_index=seconds)
    account = open_account(lambda_handler, FUNCTION, profile=profile)
    answer = account.cloudformation.deliver(account.cloudformation.request("Create", compact()))
    return answer, [call.at for call in account.dynamodb.calls_of("DescribeTable")][1:]


@pytest.mark.parametrize("seconds", [1, 2.5, 3.3, 6, 9.9, 20, 41, 98, 205, 333, 510, 700, 889, 891, 912, 990, 1_000])
def test_the_answer_comes_a_second_or_a_twentieth_after_the_table_at_most(
    open_account: OpenAccount, seconds: float
) -> None:
    answer, looks = creation_that_takes(open_account, seconds)
    assert answer.is_success, answer.reason
    assert seconds <= answer.duration <= seconds + max(1, seconds / 20)
    intervals = [later - earlier for earlier, later in itertools.pairwise(looks)]
    assert all(1 <= interval <= 30 for interval in intervals if interval)
    assert len(looks) <= min(seconds + 4, 170)


def test_once_anything_was_throttled_every_wait_of_the_request_carries_jitter(account: Account) -> None:
    aws = account.cloudformation
    assert aws.create_stack({"Table": compact()}).status == "CREATE_COMPLETE"
    update, began = update_of_the_stack(account, compact("email")), len(account.dynamodb.calls)
    throttled = throttling_storm(calls=1, operation="DescribeTable")
    account.interceptors.append(throttled)
    assert aws.deliver(update).is_success
    asked = [call.at for call in account.dynamodb.calls[began:] if call.operation == "DescribeTable"]
    intervals = [round(later - earlier, 6) for earlier, later in itertools.pairwise(asked) if later > earlier]
    assert throttled.strikes == 1
    assert len(intervals) > 20
    assert len(set(intervals)) == len(intervals)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Refused("TooManyRequestsException", "Rate Exceeded."), id="throttled"),
        pytest.param(Refused("ServiceException", "down"), id="a fault of the server"),
        pytest.param(ConnectionLost("on connecting", 2), id="no connection"),
        pytest.param(ConnectionLost("while waiting", 4), id="no answer in time"),
    ],
)
def test_a_hand_over_that_fails_for_a_moment_is_tried_again(slow_account: Account, fault: Effect) -> None:
    failing = Fault(fault, operation="Invoke")
    slow_account.interceptors.append(failing)
    outcome = slow_account.cloudformation.update_stack({"Table": compact("email")})
    assert outcome.status == "UPDATE_COMPLETE"
    assert failing.strikes == 1
    assert invocations(slow_account) == ["returned"] * 3


def test_a_hand_over_whose_answer_is_lost_twice_is_not_tried_a_third_time(slow_account: Account) -> None:
    """Each may have begun another hop."""
    lost = Fault(ConnectionLost("while waiting", 1), operation="Invoke", times=9)
    slow_account.interceptors.append(lost)
    update = slow_account.cloudformation.deliver(update_of_the_stack(slow_account, compact("email")))
    assert update.reason.startswith("NotStabilized: ")
    assert "ReadTimeoutError" in update.reason
    assert lost.strikes == 2


@pytest.mark.parametrize(
    "continuation",
    [
        pytest.param({"Hop": 0, "StartedAt": 1, "TableId": None}, id="a hop before the first"),
        pytest.param({"Hop": "one", "StartedAt": 1, "TableId": None}, id="a hop that is no number"),
        pytest.param({"Hop": 1, "TableId": None}, id="no start"),
        pytest.param({"Hop": 1, "StartedAt": 1, "TableId": 7}, id="a table id that is no text"),
        pytest.param("1", id="no mapping"),
    ],
)
def test_a_malformed_continuation_is_refused_before_any_call(account: Account, continuation: object) -> None:
    aws = account.cloudformation
    answer = aws.deliver(aws.request("Create", compact()) | {"TableProvisionerContinuation": continuation})
    assert answer.reason.startswith("InvalidRequest: TableProvisionerContinuation: is malformed.")
    assert account.dynamodb.calls == []


def test_a_function_with_too_little_time_says_so(open_account: OpenAccount) -> None:
    account = open_account(lambda_handler, Function(timeout=14))
    answer = account.cloudformation.create_stack({"Table": compact()}).event("Create")
    assert answer.reason.startswith("InvalidRequest: the function has 14 s")
    assert not [call for call in account.dynamodb.calls if call.operation == "CreateTable"]


def test_a_request_that_cloudformation_has_given_up_on_changes_nothing(account: Account) -> None:
    aws = account.cloudformation
    aws.lambda_service.deliver_next_after(3601)
    answer = aws.deliver(aws.request("Create", compact()))
    aws.settle()
    assert not answer.is_success
    assert account.dynamodb.calls == []
    assert aws.take_violations() == []


def test_a_hop_that_may_not_look_at_the_table_leaves_it_to_the_rollback(account: Account) -> None:
    aws = account.cloudformation
    first = aws.request("Create", compact())
    assert aws.deliver(first).is_success
    account.interceptors.append(Fault(Refused("AccessDeniedException", "no"), operation="DescribeTable", times=9))
    continued = {"Hop": 1, "StartedAt": account.clock.now, "TableId": account.dynamodb.tables["orders"].table_id}
    answer = aws.deliver(first | {"TableProvisionerContinuation": continued})
    assert (answer.is_success, answer.physical_resource_id) == (False, "orders")
