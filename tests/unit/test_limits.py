from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from table_provisioner.errors import ServiceLimitExceededError
from table_provisioner.limits import exceeded_limit, in_words, open_first, opens_at
from table_provisioner.state import TABLE, Decreases, TableState
from table_provisioner.steps import ChangeCapacity, CreateIndex, DisableTimeToLive, EnableTimeToLive, Step
from tests.unit.declarations import PROVISIONED_STATE, capacity, global_index, live, state

NOON: Final = datetime(2026, 10, 9, 12, tzinfo=UTC).timestamp()
LATE: Final = datetime(2026, 10, 9, 23, 30, tzinfo=UTC).timestamp()
MIDNIGHT: Final = datetime(2026, 10, 10, tzinfo=UTC).timestamp()
NEVER: Final = -math.inf
UNITS: Final = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
INDEX: Final = live(global_index(ProvisionedThroughput=UNITS))


def provisioned(*, table: Decreases | None = None, index: Decreases | None = None, **changes: Any) -> TableState:  # noqa: ANN401 -- fields of any type
    """A table and an index with five units each, and what was taken from them."""
    decreases = {name: found for name, found in ((TABLE, table), ("by-email", index)) if found}
    return replace(state(**PROVISIONED_STATE, indexes=(INDEX,), decreases=decreases), **changes)


def change(table: tuple[int, int] | None = None, index: tuple[int, int] | None = None) -> ChangeCapacity:
    return ChangeCapacity(capacity(*table) if table else None, {"by-email": capacity(*index)} if index else {})


SPENT: Final = Decreases(4, NOON)
LESS: Final = change((4, 5))


@pytest.mark.parametrize(
    ("actual", "step", "opening"),
    [
        pytest.param(provisioned(table=SPENT), LESS, NOON + 3_600, id="an hour after the fourth (T-184)"),
        pytest.param(provisioned(table=Decreases(9, NOON)), LESS, NOON + 3_600, id="and after every other (T-326)"),
        pytest.param(provisioned(table=Decreases(4, LATE)), LESS, MIDNIGHT, id="a new day is a new count (T-185)"),
        pytest.param(provisioned(table=Decreases(3, NOON)), LESS, NEVER, id="the fourth is free"),
        pytest.param(provisioned(), LESS, NEVER, id="nothing was ever lowered"),
        pytest.param(provisioned(table=SPENT), change((4, 9)), NOON + 3_600, id="one down, one up: down (T-157)"),
        pytest.param(provisioned(table=SPENT), change((5, 4)), NOON + 3_600, id="fewer writes"),
        pytest.param(provisioned(table=SPENT), change((9, 5)), NEVER, id="increases are free (T-157)"),
        pytest.param(provisioned(table=SPENT), change(index=(1, 1)), NEVER, id="an index has its own count (T-157)"),
        pytest.param(provisioned(index=SPENT), change(index=(1, 1)), NOON + 3_600, id="the count of an index"),
        pytest.param(
            provisioned(table=Decreases(4, NOON - 60), index=SPENT),
            change((1, 1), (1, 1)),
            NOON + 3_600,
            id="the later one counts for both (T-157)",
        ),
        pytest.param(
            provisioned(table=SPENT, status="UPDATING"), LESS, NEVER, id="a change at work shows an old count (T-060)"
        ),
        pytest.param(
            provisioned(index=SPENT, indexes=(replace(INDEX, status="UPDATING"),)),
            change(index=(1, 1)),
            NEVER,
            id="so does one of an index",
        ),
        pytest.param(
            provisioned(table=SPENT, on_demand_since=NOON - 7_200),
            LESS,
            NEVER,
            id="on a day of a switch to on-demand the count is not known (T-064, T-153)",
        ),
        pytest.param(
            provisioned(table=SPENT, on_demand_since=NOON - 86_400), LESS, NOON + 3_600, id="a switch of yesterday"
        ),
        pytest.param(provisioned(table=SPENT), EnableTimeToLive("ttl"), NEVER, id="any other step"),
    ],
)
def test_a_decrease_is_taken_from(actual: TableState, step: Step, opening: float) -> None:
    assert opens_at(actual, step) == opening


def test_what_has_to_wait_for_its_time_comes_last() -> None:
    steps = (LESS, CreateIndex(global_index("by-zip"), {}), EnableTimeToLive("ttl"))
    assert open_first(provisioned(), steps, NOON) == list(steps)
    assert open_first(provisioned(table=SPENT), steps, NOON) == [*steps[1:], LESS]
    assert open_first(provisioned(table=SPENT), steps, NOON + 3_600) == list(steps)


RENAME: Final = (DisableTimeToLive("old"), EnableTimeToLive("new"))


@pytest.mark.parametrize(
    ("actual", "steps", "now", "seconds"),
    [
        pytest.param(provisioned(table=SPENT), (LESS,), NOON + 60, 3_540, id="a decrease just in time"),
        pytest.param(provisioned(table=SPENT), (LESS,), NOON + 3_600, 0, id="a decrease whose time has come"),
        pytest.param(provisioned(), RENAME, NOON, 1_811, id="another attribute just in time (T-143)"),
        pytest.param(provisioned(), RENAME[:1], NOON, 60, id="time to live off"),
        pytest.param(provisioned(), RENAME[1:], NOON, 60, id="time to live on"),
        pytest.param(
            provisioned(),
            [CreateIndex(global_index(f"by-{number}"), {}) for number in range(20)],
            NOON,
            60,
            id="indexes that usually take hours: they go as far as they go",
        ),
    ],
)
def test_what_may_be_done_in_time_is_no_fault(
    actual: TableState, steps: tuple[Step, ...], now: float, seconds: float
) -> None:
    assert exceeded_limit(actual, steps, now=now, seconds=seconds) is None


def refused(*steps: Step, seconds: float) -> str:
    error = exceeded_limit(provisioned(table=SPENT), steps, now=NOON, seconds=seconds)
    assert isinstance(error, ServiceLimitExceededError)
    return str(error)


def test_a_decrease_that_cannot_be_made_in_time_says_when_it_can() -> None:
    assert refused(LESS, seconds=3_599) == (
        "ServiceLimitExceeded: could not change capacity of the table: DynamoDB takes 4 decreases in a UTC day, and"
        " after them one in an hour. Nothing was changed. Deploy again at 2026-10-09 13:00:00 UTC."
    )


def test_another_attribute_for_time_to_live_that_cannot_be_had_in_time_says_how_it_can() -> None:
    assert refused(*RENAME, seconds=1_140) == (
        "ServiceLimitExceeded: could not turn time to live off with 'old' and turn time to live on with 'new': DynamoDB"
        " takes one such change in about half an hour, and 1140 s are left. Nothing was changed. Set ServiceTimeout to"
        " 2000 or more; or declare no time to live in one deployment, and the other attribute half an hour later."
    )


def test_all_limits_in_the_way_are_named_together() -> None:
    reason = refused(*RENAME, LESS, seconds=60)
    assert reason.count("could not") == 2
    assert reason.count("Nothing was changed.") == 1
    assert "Deploy again at" in reason
    assert "Set ServiceTimeout to" in reason


def test_a_moment_is_told_to_the_next_full_second() -> None:
    assert in_words(NOON + 0.1) == "2026-10-09 12:00:01 UTC"
