"""Any valid table becomes any other in one update, and the way back is one, too, from wherever it begins.

Each change is made by the real handler in an account of its own. What a table has to be in the end, a table that was
created so shows; what creation itself does, ``test_create.py`` and ``test_properties_alone.py`` say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.functional.any_table import changes
from tests.functional.lives import begin, deploy, made, open_account, request, see
from tests.functional.scenarios import excuse_a_hop_too_many
from tests.simulator.faults import ConnectionLost, Fault, ProcessKilled, Refused

if TYPE_CHECKING:
    from tests.functional.tables import Properties
    from tests.simulator.faults import Effect, Phase

CHANGES: Final = ("UpdateTable", "UpdateTimeToLive", "TagResource", "PutResourcePolicy", "UpdateContinuousBackups")

a_few = settings(max_examples=settings.default.max_examples // 15)  # type: ignore[union-attr]  # set in conftest.py
"""Each example is three lives of a table, not one call of a function."""


@pytest.mark.soak
@a_few
@given(changes())
def test_any_table_becomes_any_other_and_stays_it(versions: tuple[Properties, Properties]) -> None:
    first, second = versions
    before, after = made(first), made(second)
    with open_account() as opened:
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
    with open_account() as opened:
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
    with open_account() as opened:
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
    with open_account() as opened:
        begin(opened, first)
        there, back = request(opened, second, first), request(opened, first, second)
        opened.cloudformation.deliver_together(there, back, apart=seconds)
        opened.cloudformation.settle()
        deploy(opened, first, second)
        assert see(opened, first) == before
