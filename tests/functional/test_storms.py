"""Many requests at once against the limiter of the account: all get through, at the pace that the limiter allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from table_provisioner.handler import lambda_handler
from tests.functional.tables import compact, described
from tests.simulator.dynamodb.limits import Bucket
from tests.simulator.faults import throttling_storm
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from tests.conftest import Tally
    from tests.simulator.account import Account, OpenAccount
    from tests.simulator.cloudformation.requests import Request

LIMITED = {"CreateTable", "DeleteTable", "TagResource", "UpdateTable"}
MOST_OF_THE_FLOOR = 1.15
STREAM = {"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}}


@pytest.fixture
def busy_account(open_account: OpenAccount) -> Account:
    """An account in which each call takes 20 ms, so that requests interleave call by call."""
    return open_account(lambda_handler, Function(is_recursion_allowed=True), latency=0.02)


def request_for(account: Account, request_type: str, number: int, **properties: object) -> Request:
    """A request for one of many tables, each of a resource of its own."""
    name = f"orders-{number}"
    properties = compact(TableName=name, **properties)
    identity: dict[str, Any] = {"LogicalResourceId": f"Table{number}"}
    if request_type != "Create":
        identity["PhysicalResourceId"] = name
    former = compact(TableName=name) if request_type == "Update" else None
    return account.cloudformation.request(request_type, properties, former, **identity)


def together(account: Account, requests: list[Request]) -> float:
    """Send requests at the same time, see them all succeed, and return how long that took against the floor.

    The floor is what the limiter lets through at best, and after it the longest of the requests by itself.
    """
    limiter = account.dynamodb.world.account_rate
    assert limiter is not None
    calls_before, began = len(account.dynamodb.calls), account.clock.elapsed
    answers = account.cloudformation.deliver_together(*requests)
    assert [answer.reason for answer in answers if not answer.is_success] == []
    calls = [call for call in account.dynamodb.calls[calls_before:] if call.operation in LIMITED]
    assert "ThrottlingException" in {call.outcome for call in calls}
    accepted = sum(call.had_effect for call in calls)
    longest = account.dynamodb.world.seconds("CreateTable.no_index")
    floor = (accepted - limiter.burst) / limiter.per_second + longest
    return (account.clock.elapsed - began) / floor


@pytest.mark.soak
def test_many_creations_at_once_get_through_at_the_pace_of_the_limiter(
    busy_account: Account, request: pytest.FixtureRequest, tally: Tally
) -> None:
    number = 200
    if not request.config.getoption("--soak"):
        number = 40
        busy_account.dynamodb.world.account_rate = Bucket(burst=1, per_second=0.3)  # so that 40 take as long
    creations = [request_for(busy_account, "Create", each) for each in range(number)]
    assert together(busy_account, creations) <= MOST_OF_THE_FLOOR
    tables = busy_account.dynamodb.tables
    tally("Create of many tables at once", "requests", points=number, converged=len(tables))
    assert len(tables) == number


@pytest.mark.soak
def test_requests_of_all_kinds_at_once_get_through_at_the_pace_of_the_limiter(
    busy_account: Account, request: pytest.FixtureRequest, tally: Tally
) -> None:
    number = 50 if request.config.getoption("--soak") else 12
    for each in range(number):
        assert busy_account.cloudformation.deliver(request_for(busy_account, "Create", each)).is_success
    third = number // 3
    updates = [request_for(busy_account, "Update", each, **STREAM) for each in range(third)]
    deletions = [request_for(busy_account, "Delete", each) for each in range(third, 2 * third)]
    creations = [request_for(busy_account, "Create", each) for each in range(number, 2 * number)]
    share = together(busy_account, [*updates, *deletions, *creations])
    assert share <= MOST_OF_THE_FLOOR
    assert len(busy_account.dynamodb.tables) == 2 * number - third
    assert all("StreamSpecification" in (described(f"orders-{each}") or {}) for each in range(third))
    requests = 2 * third + number
    tally("Create, Update and Delete of many tables at once", "requests", points=requests, converged=requests)


def test_a_storm_that_throttles_every_call_of_everybody_is_sat_out(busy_account: Account) -> None:
    storm = throttling_storm(seconds=120)
    busy_account.interceptors.append(storm)
    creations = [request_for(busy_account, "Create", each) for each in range(10)]
    answers = busy_account.cloudformation.deliver_together(*creations)
    assert [answer.reason for answer in answers if not answer.is_success] == []
    assert storm.strikes > len(creations)
    assert max(answer.duration for answer in answers) <= 120 * 1.1 + 10
