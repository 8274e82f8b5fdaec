"""Any valid table becomes any other in one update, and the way back is one, too, from wherever it begins.

Each change is made by the real handler in an account of its own. What a table has to be in the end, a table that was
created so shows; what creation itself does, ``test_create.py`` and ``test_properties_alone.py`` say.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from table_provisioner.handler import lambda_handler
from tests.functional.any_table import KEYS, changes
from tests.functional.scenarios import excuse_a_hop_too_many
from tests.functional.shown import is_warm_enough, shown
from tests.simulator.account import Account
from tests.simulator.clock import Clock
from tests.simulator.dynamodb.profiles import PROFILES
from tests.simulator.faults import ConnectionLost, Fault, ProcessKilled, Refused
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.functional.tables import Properties
    from tests.simulator.cloudformation import ResourceEvent
    from tests.simulator.faults import Effect, Phase

QUICK: Final = PROFILES["fast"].with_seconds(
    Cooldown__TimeToLive=120,
    UpdateTable__GSI__create__total=60,
    UpdateTable__WarmThroughput__first_increase=30,
    UpdateTable__WarmThroughput__gsi=30,
)
"""What takes long is over soon, to poll less; everything else takes as long as was measured."""
HOUR: Final = 3600.0
MOST_DEPLOYMENTS: Final = 4
"""A time to live that is renamed and renamed back while others change takes two."""
CHANGES: Final = ("UpdateTable", "UpdateTimeToLive", "TagResource", "PutResourcePolicy", "UpdateContinuousBackups")


@contextmanager
def account() -> Iterator[Account]:
    """An account that forgets nothing of its own accord: no test is about its quotas."""
    clock = Clock()
    function = Function(is_recursion_allowed=True)
    with clock.installed(), Account(clock, lambda_handler, function, profile=QUICK).running() as opened:
        for name in KEYS:
            opened.dynamodb.keys.add(name)
        yield opened


def begin(account: Account, properties: Properties) -> None:
    """Create the table, and come back when nothing of that matters any more."""
    aws = account.cloudformation
    answer = aws.deliver(aws.request("Create", properties))
    assert answer.is_success, answer.reason
    account.clock.advance(HOUR)


def request(account: Account, desired: Properties, previous: Properties) -> dict[str, Any]:
    return account.cloudformation.request("Update", desired, previous, PhysicalResourceId="orders")


def deploy(
    account: Account, desired: Properties, previous: Properties, most_deployments: int = MOST_DEPLOYMENTS
) -> ResourceEvent:
    """Update until it succeeds: where time does not suffice the next deployment finishes the rest."""
    answer = account.cloudformation.deliver(request(account, desired, previous))
    account.cloudformation.settle()
    if answer.reason.startswith("NotStabilized") and most_deployments > 1:
        account.clock.advance(HOUR)
        return deploy(account, desired, previous, most_deployments - 1)
    assert answer.is_success, answer.reason
    return answer


def made(properties: Properties) -> dict[str, Any]:
    """What a table shows that was created so."""
    with account() as other:
        begin(other, properties)
        return shown(other)


def see(account: Account, declared: Properties) -> dict[str, Any]:
    """What the table shows once reads lag no more; nothing was ever refused for how it was asked."""
    account.clock.advance(60)
    assert is_warm_enough(account, declared)
    updates = account.dynamodb.calls_of("UpdateTable")
    assert [call.message for call in updates if call.outcome == "ValidationException"] == []
    return shown(account)


a_few = settings(max_examples=settings.default.max_examples // 15)  # type: ignore[union-attr]  # set in conftest.py
"""Each example is three lives of a table, not one call of a function."""


@pytest.mark.soak
@a_few
@given(changes())
def test_any_table_becomes_any_other_and_stays_it(versions: tuple[Properties, Properties]) -> None:
    first, second = versions
    before, after = made(first), made(second)
    with account() as opened:
        begin(opened, first)
        deploy(opened, second, first)
        assert see(opened, second) == after
        opened.dynamodb.calls.clear()
        again = deploy(opened, second | {"OnDelete": "Retain"}, second)
        assert (opened.dynamodb.mutations, again.data["Status"]) == ([], "UNCHANGED")
        deploy(opened, first, second)
        assert see(opened, first) == before


@pytest.mark.soak
@a_few
@given(changes(), st.integers(1, 60), st.sampled_from(["before", "after"]), st.booleans())
def test_an_update_that_is_interrupted_anywhere_ends_as_one_that_is_not(
    versions: tuple[Properties, Properties],
    at: int,
    phase: Phase,
    is_killed: bool,  # noqa: FBT001 -- hypothesis hands it in
) -> None:
    first, second = versions
    after = made(second)
    with account() as opened:
        begin(opened, first)
        effect: Effect = ProcessKilled(opened.clock) if is_killed else ConnectionLost()
        fault = Fault(effect, at=at, phase=phase)
        opened.interceptors.append(fault)
        deploy(opened, second, first)
        excuse_a_hop_too_many(opened, fault)
        assert see(opened, second) == after


@pytest.mark.soak
@a_few
@given(changes(), st.sampled_from(CHANGES), st.integers(1, 6))
def test_the_rollback_of_an_update_that_was_refused_ends_where_it_began(
    versions: tuple[Properties, Properties], operation: str, at: int
) -> None:
    first, second = versions
    before = made(first)
    refused = Refused("LimitExceededException", "Subscriber limit exceeded: something is limited for thirty days.")
    with account() as opened:
        begin(opened, first)
        opened.interceptors.append(Fault(refused, operation=operation, at=at))
        opened.cloudformation.deliver(request(opened, second, first))
        opened.interceptors[1:] = []
        deploy(opened, first, second)
        assert see(opened, first) == before


@pytest.mark.soak
@a_few
@given(changes(), st.floats(0, 300))
def test_the_rollback_of_an_update_that_is_still_at_work_ends_where_it_began(
    versions: tuple[Properties, Properties], seconds: float
) -> None:
    first, second = versions
    before = made(first)
    with account() as opened:
        begin(opened, first)
        there, back = request(opened, second, first), request(opened, first, second)
        opened.cloudformation.deliver_together(there, back, apart=seconds)
        opened.cloudformation.settle()
        deploy(opened, first, second)
        assert see(opened, first) == before
