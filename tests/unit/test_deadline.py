from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from table_provisioner.deadline import (
    Deadline,
    DeadlineExceededError,
    PollSchedule,
    backoff_seconds,
    epoch_seconds,
    monotonic_seconds,
)

if TYPE_CHECKING:
    from tests.unit.clock import Clock


def test_the_clock_is_looked_up_at_each_call(clock: Clock) -> None:
    assert monotonic_seconds() == 1_000.0
    assert epoch_seconds() == 1_790_001_000.0
    clock.now += 5
    assert monotonic_seconds() == 1_005.0
    assert epoch_seconds() == 1_790_001_005.0


def test_what_remains_until_a_deadline_is_never_negative(clock: Clock) -> None:
    deadline = Deadline.after(10)
    assert deadline.remaining_seconds == 10
    clock.now += 4
    assert deadline.remaining_seconds == 6
    clock.now += 100
    assert deadline.remaining_seconds == 0
    assert Deadline.after(-5).remaining_seconds == 0


def test_those_that_carry_on_have_more_time(clock: Clock) -> None:
    deadline = Deadline.after(10, 100)
    clock.now += 4
    assert (deadline.remaining_seconds, deadline.remaining_seconds_in_all) == (6, 96)
    clock.now += 97
    assert deadline.remaining_seconds_in_all == 0
    assert Deadline.after(10).remaining_seconds_in_all == 10


@pytest.mark.parametrize(
    ("seconds", "sleeps"),
    [
        pytest.param(9.9, True, id="a sleep that ends before the deadline"),
        pytest.param(10.0, False, id="a sleep that ends with it"),
        pytest.param(11.0, False, id="a sleep that ends after it"),
    ],
)
def test_a_sleep_past_the_deadline_is_not_begun(clock: Clock, seconds: float, *, sleeps: bool) -> None:
    deadline = Deadline.after(10)
    if sleeps:
        deadline.sleep(seconds)
    else:
        with pytest.raises(DeadlineExceededError):
            deadline.sleep(seconds)
    assert clock.slept == ([seconds] if sleeps else [])


CALL_SECONDS = 0.02


def overhead(clock: Clock, service_seconds: float, *, is_throttled: bool) -> float:
    """By how much a wait exceeds what the service took, one call after each interval."""
    schedule = PollSchedule(is_throttled=is_throttled)
    ready_at = clock.now + service_seconds
    while clock.now < ready_at:
        clock.sleep(schedule.next_seconds())
        clock.now += CALL_SECONDS
    return clock.now - ready_at


@pytest.mark.parametrize("is_throttled", [False, True], ids=["on a calm day", "once something was throttled"])
@pytest.mark.parametrize("service_seconds", [0.1, 1, 2, 5, 9.9, 16, 55, 130, 170, 515, 1_020, 3_600, 20_000])
def test_a_wait_exceeds_what_the_service_took_by_a_second_or_a_twentieth_at_most(
    clock: Clock, service_seconds: float, *, is_throttled: bool
) -> None:
    for start in (0.0, 0.3, 0.7):
        most = max(1.0, 0.05 * (service_seconds + start)) + CALL_SECONDS
        assert overhead(clock, service_seconds + start, is_throttled=is_throttled) <= most


def test_intervals_begin_at_a_second_grow_and_end_at_thirty(clock: Clock) -> None:
    schedule = PollSchedule()
    intervals = []
    for _ in range(200):
        intervals.append(schedule.next_seconds())
        clock.sleep(intervals[-1])
    assert intervals[:5] == [1.0] * 5
    assert intervals == sorted(intervals)
    assert intervals[-1] == 30.0
    assert 1.0 < intervals[40] < 30.0


def test_whoever_was_throttled_does_not_come_back_with_the_others(clock: Clock) -> None:
    schedules = [PollSchedule(is_throttled=True) for _ in range(50)]
    clock.now += 100
    intervals = {schedule.next_seconds() for schedule in schedules}
    assert len(intervals) == 50
    assert max(intervals) - min(intervals) > 1
    clock.now += 10_000
    assert all(schedule.next_seconds() <= 30.0 for schedule in schedules)
    assert len({PollSchedule().next_seconds() for _ in range(50)}) == 1


def test_pauses_after_unexplained_failures_double_with_jitter() -> None:
    for ceiling, pause in zip([1, 2, 4, 8, 16, 30, 30, 30], backoff_seconds(), strict=False):
        assert ceiling / 2 <= pause <= ceiling
    assert len({next(backoff_seconds()) for _ in range(20)}) == 20
    assert all(pause <= 30 for pause in itertools.islice(backoff_seconds(), 100))
