"""Killed before and after every AWS call, and delivered again as Lambda does: the end is always the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.functional.scenarios import SCENARIOS, ending_of, staged, undisturbed
from tests.functional.tables import ORDERS
from tests.simulator.faults import ConnectionLost, Fault, ProcessKilled, Refused

if TYPE_CHECKING:
    from tests.conftest import Tally
    from tests.simulator.account import Account
    from tests.simulator.faults import Phase

SAMPLE = 10
"""How many calls of each scenario the test suite strikes; ``--soak`` strikes all."""


@pytest.mark.soak
@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_process_that_dies_at_any_call_ends_as_one_that_does_not(
    name: str, phase: Phase, request: pytest.FixtureRequest, tally: Tally
) -> None:
    ending, calls = undisturbed(SCENARIOS[name])
    stride = 1 if request.config.getoption("--soak") else -(-len(calls) // SAMPLE)
    points, astray = 0, []
    for number in range(1, len(calls) + 1, stride):
        with staged(SCENARIOS[name]) as stage:
            fault = Fault(ProcessKilled(stage.account.clock), at=number, phase=phase)
            answer = stage.deliver(stage.request(), fault)
            found = replace(ending_of(answer), status=ending.status)
            points += fault.strikes
            if fault.strikes and found != ending:
                astray.append(f"{phase} call {number}, {calls[number - 1]}: {answer.reason or found}")
    tally(name, "killed", points=points, converged=points - len(astray))
    assert points
    assert astray == []


def test_a_create_whose_answer_was_lost_and_whose_tags_cannot_be_read_is_still_ours(account: Account) -> None:
    """Else the rollback would leave the table behind."""
    account.interceptors.append(Fault(ConnectionLost(), operation="CreateTable", phase="after"))
    denied = Refused("AccessDeniedException", "not authorized")
    account.interceptors.append(Fault(denied, operation="ListTagsOfResource", times=9))
    outcome = account.cloudformation.create_stack({"Table": ORDERS})
    assert outcome.event("Create").physical_resource_id == "orders"
