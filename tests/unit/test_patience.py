from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from table_provisioner.aws_errors import Meaning, RefusalError
from table_provisioner.deadline import Deadline
from table_provisioner.errors import (
    InvalidRequestError,
    NotStabilizedError,
    ServiceInternalError,
    ServiceLimitExceededError,
)
from table_provisioner.patience import NotYetError, Patience

if TYPE_CHECKING:
    from tests.unit.clock import Clock

THROTTLED = RefusalError("UpdateTable", "ThrottlingException", "Rate exceeded", meaning=Meaning.RETRY)
BUSY = RefusalError("UpdateTable", "ResourceInUseException", "busy", meaning=Meaning.WAIT)
BROKEN = RefusalError("UpdateTable", "InternalServerError", "", meaning=Meaning.RETRY, is_unexplained=True)
WRONG = RefusalError("UpdateTable", "ValidationException", "no", meaning=Meaning.TERMINAL)
FULL = RefusalError("UpdateTable", "LimitExceededException", "full", meaning=Meaning.QUOTA)


@pytest.fixture
def patience(clock: Clock) -> Patience:  # noqa: ARG001 -- it has to be there first
    """Patience for an hour."""
    return Patience(Deadline.after(3_600))


def wait(patience: Patience, awaited: str, looks: int = 2) -> None:
    """Wait until the last of so many looks."""
    answers = iter([NotYetError(awaited)] * (looks - 1))

    def look() -> None:
        for not_yet in answers:
            raise not_yet

    patience.until(look, "look at it")


def test_what_is_there_is_not_waited_for(clock: Clock, patience: Patience) -> None:
    assert patience.until(lambda: "there", "look at it") == "there"
    assert clock.slept == []


def test_between_two_looks_is_an_interval_of_the_schedule(clock: Clock, patience: Patience) -> None:
    wait(patience, "the table is CREATING")
    assert clock.slept == [1.0]


def test_a_refused_look_is_repeated_until_it_is_refused_for_good(clock: Clock, patience: Patience) -> None:
    answers = iter([BUSY, THROTTLED, NotYetError("it is CREATING"), WRONG])

    def look() -> None:
        raise next(answers)

    with pytest.raises(InvalidRequestError, match="could not do it"):
        patience.until(look, "do it")
    assert len(clock.slept) == 3


def test_without_time_for_another_look_it_says_what_it_waited_for(clock: Clock) -> None:
    patience = Patience(Deadline.after(2.5))
    wait(patience, "the table is CREATING", looks=3)
    with pytest.raises(
        NotStabilizedError, match="the time was over while the table is UPDATING and it is being warmed"
    ) as caught:
        patience.until(_refuse_to_settle, "look at it")
    assert clock.slept == [1.0, 1.0]
    assert caught.value.remedy.startswith("What was begun goes on, and the same deployment again finishes the rest")


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("is_waiting", [True, False], ids=["while waiting", "at once"])
def test_whoever_is_throttled_at_last_says_so_and_what_was_waited_for_before(*, is_waiting: bool) -> None:
    patience = Patience(Deadline.after(4))
    answers = iter([NotYetError("the table is CREATING"), *[THROTTLED] * 9][not is_waiting :])

    def look() -> None:
        raise next(answers)

    with pytest.raises(NotStabilizedError) as caught:
        patience.until(look, "look at it")
    before = "; before that: the table is CREATING" if is_waiting else ""
    answer = "AWS answered ThrottlingException (Rate exceeded)"
    assert caught.value.problem == f"the time was over while {answer}{before}."
    assert "less going on in the account" in caught.value.remedy
    assert caught.value.remedy.startswith("What was begun goes on") == is_waiting


@pytest.mark.usefixtures("clock")
def test_a_failure_that_has_passed_is_not_what_is_waited_for_while_aws_is_busy() -> None:
    patience = Patience(Deadline.after(4))
    answers = iter([NotYetError("the table is CREATING"), BROKEN, *[THROTTLED] * 9])

    def look() -> None:
        raise next(answers)

    with pytest.raises(NotStabilizedError) as caught:
        patience.until(look, "look at it")
    assert caught.value.problem == "the time was over while AWS answered ThrottlingException (Rate exceeded)."


def _refuse_to_settle() -> None:
    raise NotYetError("the table is UPDATING", "it is being warmed")


@pytest.mark.parametrize("refusal", [THROTTLED, BUSY, BROKEN], ids=["throttled", "busy", "broken"])
def test_what_passes_is_borne(clock: Clock, patience: Patience, refusal: RefusalError) -> None:
    patience.bear(refusal, "do it")
    (slept,) = clock.slept
    assert 0.5 <= slept <= 1.0


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        pytest.param(WRONG, InvalidRequestError, id="what is wrong stays wrong"),
        pytest.param(FULL, ServiceLimitExceededError, id="what is full stays full"),
    ],
)
def test_what_does_not_pass_is_not_borne(
    clock: Clock, patience: Patience, refusal: RefusalError, error: type[Exception]
) -> None:
    with pytest.raises(error, match="could not do it") as caught:
        patience.bear(refusal, "do it")
    assert caught.value.__cause__ is refusal
    assert clock.slept == []


def test_a_refusal_that_lasts_until_the_deadline_is_told(clock: Clock) -> None:
    patience = Patience(Deadline.after(0.4))
    with pytest.raises(NotStabilizedError, match=r"while AWS answered ResourceInUseException \(busy\)"):
        patience.bear(BUSY, "do it")
    assert clock.slept == []


def test_failures_without_a_reason_are_borne_for_four_minutes(clock: Clock, patience: Patience) -> None:
    def bear_for_ever() -> None:
        while True:
            patience.bear(BROKEN, "do it")

    with pytest.raises(ServiceInternalError):
        bear_for_ever()
    assert 240 <= sum(clock.slept) <= 240 + 30
    assert clock.slept[-1] <= 30


def test_a_refusal_with_a_reason_is_borne_for_longer(clock: Clock, patience: Patience) -> None:
    while sum(clock.slept) < 1_000:
        patience.bear(BUSY, "do it")
    assert clock.slept == sorted(clock.slept)


def test_after_a_calm_time_a_failure_is_a_new_one(clock: Clock, patience: Patience) -> None:
    for _ in range(20):
        for _ in range(4):
            patience.bear(BROKEN, "do it")
        clock.now += 120
        wait(patience, "the table is UPDATING")
    assert sum(clock.slept) > 240


def test_whoever_moves_on_waits_with_short_intervals_again(clock: Clock, patience: Patience) -> None:
    clock.now += 300
    wait(patience, "the index is CREATING")
    patience.begin_anew()
    wait(patience, "the index is CREATING")
    assert clock.slept[0] > 5
    assert clock.slept[1] == 1.0


def test_once_throttled_the_intervals_carry_jitter(clock: Clock, patience: Patience) -> None:
    patience.bear(THROTTLED, "do it")
    for _ in range(20):
        wait(patience, "the table is UPDATING")
    assert len(set(clock.slept)) > 15
    calm = Patience(Deadline.after(3_600))
    clock.slept.clear()
    calm.bear(BUSY, "do it")
    wait(calm, "the table is UPDATING")
    assert clock.slept == [1.0, 1.0]
