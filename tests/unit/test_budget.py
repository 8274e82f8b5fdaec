from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from table_provisioner.budget import Budget
from table_provisioner.errors import InvalidRequestError, NotStabilizedError
from table_provisioner.event import MOST_HOPS, Continuation, Event
from tests.unit.test_event import event

if TYPE_CHECKING:
    from tests.unit.clock import Clock


def signed(age: float, clock: Clock, **properties: str) -> Event:
    """A request that was signed some seconds ago."""
    url = f"https://example.com/answer?Expires={int(clock.time() - age) + 7200}"
    return Event.of(event(ResponseURL=url, ResourceProperties=properties))


def budget(clock: Clock, *, age: float = 0, function: float = 900, hop: int = 0, **properties: str) -> Budget:
    return Budget.of(signed(age, clock, **properties), Continuation(hop, clock.time(), None), function)


@pytest.mark.parametrize(
    ("circumstances", "seconds", "can_be_continued"),
    [
        pytest.param({}, 890, True, id="ten seconds are kept for the answer"),
        pytest.param({"function": 15}, 5, True, id="the shortest function"),
        pytest.param({"age": 3_000}, 540, False, id="CloudFormation's hour less a minute ends the chain"),
        pytest.param({"age": 2_640}, 890, True, id="the last invocation but one"),
        pytest.param({"ServiceTimeout": "600"}, 570, False, id="a timeout less 5 %"),
        pytest.param({"ServiceTimeout": "100"}, 85, False, id="a timeout less 15 s at least"),
        pytest.param({"ServiceTimeout": "3600", "age": 3_545}, -5, False, id="within the margin nothing is begun"),
        pytest.param({"hop": MOST_HOPS - 1}, 890, True, id="a hand-over is left"),
        pytest.param({"hop": MOST_HOPS}, 890, False, id="fifteen hand-overs are enough"),
        pytest.param({"age": -100}, 890, True, id="a clock that is ahead does not lengthen the hour"),
    ],
)
def test_a_budget(clock: Clock, circumstances: dict[str, float], seconds: float, *, can_be_continued: bool) -> None:
    found = budget(clock, **circumstances)  # type: ignore[arg-type]  # a mixture of names
    assert found.seconds == pytest.approx(seconds)
    assert found.can_be_continued is can_be_continued


@pytest.mark.parametrize(
    ("circumstances", "seconds"),
    [
        pytest.param({}, 3_540, id="CloudFormation's hour less a minute"),
        pytest.param({"age": 600, "ServiceTimeout": "1200"}, 540, id="what is left of a shorter timeout"),
        pytest.param({"function": 60}, 16 * 50, id="a short function and its fifteen hand-overs"),
        pytest.param({"function": 60, "hop": MOST_HOPS - 1}, 2 * 50, id="the last hand-over"),
    ],
)
def test_the_time_of_the_whole_chain(clock: Clock, circumstances: dict[str, float], seconds: float) -> None:
    assert budget(clock, **circumstances).seconds_in_all == pytest.approx(seconds)  # type: ignore[arg-type]  # a mixture of names


def test_where_nobody_knows_when_it_was_signed_the_first_hop_counts(clock: Clock) -> None:
    request = Event.of(event(ResponseURL="https://example.com/answer"))
    assert Budget.of(request, Continuation(2, clock.time() - 3_000, None), 900) == Budget(540, 540)


def test_a_function_that_has_no_time_is_told_so(clock: Clock) -> None:
    with pytest.raises(InvalidRequestError, match=r"has 15 s, of which 10 s.*Timeout of 900 s"):
        budget(clock, function=14.9)


@pytest.mark.parametrize(
    ("age", "properties"),
    [
        pytest.param(3_600, {}, id="an hour"),
        pytest.param(60, {"ServiceTimeout": "60"}, id="its own timeout"),
    ],
)
def test_a_request_that_nobody_waits_for_is_not_begun(clock: Clock, age: float, properties: dict[str, str]) -> None:
    with pytest.raises(NotStabilizedError, match=f"is {age} s old, and CloudFormation waits for {age} s"):
        Budget.of(signed(age, clock, **properties), Continuation(0, clock.time(), None), 900)
