"""The virtual clock, through what a test and the code under test see of it."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from functools import partial

import pytest

from tests.simulator.clock import HOUR, START, Clock, ClockError, Killed


def test_a_sleep_passes_virtual_time_only(clock: Clock) -> None:
    began, monotonic = time.time(), time.monotonic()
    real = time.perf_counter()
    time.sleep(HOUR)
    clock.advance(0.5)
    assert time.time() - began == time.monotonic() - monotonic == HOUR + 0.5
    assert clock.now == START + HOUR + 0.5
    assert time.perf_counter() - real < 1


def test_nanoseconds_agree_with_seconds(clock: Clock) -> None:
    clock.advance(1.25)
    assert time.time_ns() == (START + 1.25) * 1e9
    assert time.monotonic_ns() == time.monotonic() * 1e9


def test_a_negative_sleep_is_refused_as_the_real_one_does(clock: Clock) -> None:
    with pytest.raises(ValueError, match="non-negative"):
        time.sleep(-1)
    assert clock.elapsed == 0


def test_the_real_clock_is_back_afterwards() -> None:
    real = time.sleep, time.time, time.monotonic
    with Clock().installed():
        assert time.sleep is not real[0]
    assert (time.sleep, time.time, time.monotonic) == real


def test_jitter_is_the_same_each_time_and_the_former_state_comes_back() -> None:
    def jitter(seed: int) -> float:
        random.seed(seed)
        with Clock().installed():
            return random.random()  # noqa: S311 - what a retry would do

    assert jitter(1) == jitter(2)
    after = random.random()  # noqa: S311 - as above
    random.seed(2)
    assert after == random.random()  # noqa: S311 - as above


def test_a_second_clock_is_refused(clock: Clock) -> None:
    with pytest.raises(ClockError, match="installed already"), Clock().installed():
        pytest.fail("two clocks at once")
    assert clock.elapsed == 0


def test_the_sleeper_that_wakes_first_runs_first(clock: Clock) -> None:
    seen: list[tuple[str, float]] = []

    def sleeper(name: str, *naps: float) -> None:
        for nap in naps:
            time.sleep(nap)
            seen.append((name, clock.elapsed))

    clock.spawn("a", lambda: sleeper("a", 3, 3))
    clock.spawn("b", lambda: sleeper("b", 2, 2, 2))
    time.sleep(10)
    assert seen == [("b", 2), ("a", 3), ("b", 4), ("a", 6), ("b", 6)]


def test_a_checkpoint_offers_every_other_a_turn(clock: Clock) -> None:
    seen: list[str] = []

    def taking_turns(name: str) -> None:
        for step in range(3):
            seen.append(f"{name}{step}")
            clock.checkpoint()

    activities = [clock.spawn(name, partial(taking_turns, name)) for name in "ab"]
    for activity in activities:
        clock.join(activity)
    assert seen == ["a0", "b0", "a1", "b1", "a2", "b2"]
    assert clock.elapsed == 0


def test_join_returns_the_result_or_raises_the_error(clock: Clock) -> None:
    def failing() -> None:
        time.sleep(5)
        message = "it broke"
        raise LookupError(message)

    assert clock.join(clock.spawn("fine", lambda: "result")) == "result"
    with pytest.raises(LookupError, match="it broke"):
        clock.join(clock.spawn("failing", failing))
    assert clock.elapsed == 5


def test_an_unnoticed_failure_fails_the_test() -> None:
    def careless_test() -> None:
        with Clock().installed() as clock:
            clock.spawn("careless", lambda: 1 / 0)
            clock.advance(1)

    with pytest.raises(ZeroDivisionError):
        careless_test()


def test_a_failed_check_inside_an_activity_fails_the_test_at_once() -> None:
    with pytest.raises(pytest.fail.Exception, match="wrong"), Clock().installed() as clock:
        clock.wait(lambda: clock.spawn("checking", lambda: pytest.fail("wrong")).is_done)


def test_a_killed_activity_ends_at_its_sleep_and_runs_no_further(clock: Clock) -> None:
    seen: list[float] = []

    def stubborn() -> None:
        while True:
            try:
                time.sleep(10)
            except Exception:  # noqa: BLE001 - the point: nothing of this kind catches it
                seen.append(-1)
            seen.append(clock.elapsed)

    activity = clock.spawn("stubborn", stubborn)
    clock.advance(25)
    clock.end(activity)
    assert activity.is_killed
    assert activity.is_done
    assert (seen, clock.elapsed) == ([10, 20], 25)


def test_swallowing_the_kill_does_not_help(clock: Clock) -> None:
    def swallowing() -> None:
        for _ in range(5):
            try:
                clock.checkpoint()
            except Killed:
                continue

    activity = clock.spawn("swallowing", swallowing, lifetime=0)
    clock.wait(lambda: activity.is_done)
    assert activity.is_killed


def test_a_lifetime_ends_exactly(clock: Clock) -> None:
    activity = clock.spawn("long", lambda: time.sleep(HOUR), delay=7, lifetime=900)
    clock.wait(lambda: activity.is_done)
    assert (activity.is_killed, clock.elapsed) == (True, 907)


def test_ending_an_activity_ends_what_it_started(clock: Clock) -> None:
    children = []

    def parent() -> None:
        children.append(clock.spawn("child", lambda: time.sleep(HOUR)))
        time.sleep(HOUR)

    activity = clock.spawn("parent", parent)
    clock.advance(1)
    clock.end(activity)
    assert children[0].is_killed
    assert clock.elapsed == 1


def test_waiting_ends_when_the_condition_holds_or_time_is_up(clock: Clock) -> None:
    box: list[int] = []
    clock.spawn("giver", lambda: box.append(1), delay=4)
    assert not clock.wait(lambda: bool(box), timeout=3)
    assert clock.wait(lambda: bool(box), timeout=3)
    assert clock.elapsed == 4


def test_at_one_second_those_go_first_that_were_started_first(clock: Clock) -> None:
    seen: list[str] = []

    def sleeping() -> None:
        time.sleep(3)
        seen.append("sleeping")

    def waiting() -> None:
        clock.wait(lambda: clock.elapsed == 3)
        seen.append("waiting")

    for name, function in (("first", sleeping), ("second", waiting), ("third", sleeping), ("last", waiting)):
        clock.spawn(name, function)
    clock.spawn("waker", lambda: time.sleep(3))
    clock.advance(4)
    assert seen == ["sleeping", "waiting", "sleeping", "waiting"]


def test_a_deadlock_is_named() -> None:
    with pytest.raises(ClockError, match=r"deadlock.*the test, other"), Clock().installed() as clock:
        clock.join(clock.spawn("other", lambda: clock.wait(lambda: False)))


def test_an_endless_loop_that_sleeps_fails_with_who_it_was() -> None:
    def polling() -> None:
        while True:
            time.sleep(30)

    with pytest.raises(ClockError, match=r"pass 3600 s.*polling"), Clock(limit=HOUR).installed() as clock:
        clock.join(clock.spawn("polling", polling))


def test_an_endless_loop_that_only_reads_the_clock_fails() -> None:
    def spinning() -> None:
        until = time.monotonic() + 1
        while time.monotonic() < until:
            pass

    with pytest.raises(ClockError, match="spinning reads the clock"), Clock().installed() as clock:
        clock.join(clock.spawn("spinning", spinning))


def test_an_endless_loop_of_empty_sleeps_fails() -> None:
    def yielding() -> None:
        while True:
            time.sleep(0)

    with pytest.raises(ClockError, match=r"one instant.*yielding"), Clock().installed() as clock:
        clock.join(clock.spawn("yielding", yielding))


def test_a_long_run_that_gets_on_is_no_endless_loop(clock: Clock) -> None:
    for _ in range(25_000):
        time.sleep(1)
    assert clock.elapsed == 25_000


def test_no_thread_outlives_the_clock() -> None:
    before = threading.active_count()
    with Clock().installed() as clock:
        for index in range(5):
            clock.spawn(f"sleeper {index}", lambda: time.sleep(HOUR), delay=index)
        clock.advance(2)
    assert threading.active_count() == before


def test_a_stubborn_thread_is_reported_rather_than_waited_for() -> None:
    running = threading.Event()
    running.set()

    def immortal() -> None:
        while running.is_set():
            with contextlib.suppress(Killed):
                time.sleep(1)

    def test() -> None:
        with Clock().installed() as clock:
            clock.spawn("immortal", immortal)
            clock.advance(1)

    with pytest.raises(ClockError, match="never ends: immortal"):
        test()


def test_a_timer_rings_in_virtual_time_unless_cancelled(clock: Clock) -> None:
    rung: list[tuple[str, float]] = []

    def ring(name: str) -> None:
        rung.append((name, clock.elapsed))

    threading.Timer(500, ring, ["late"]).start()
    threading.Timer(100, ring, ["early"]).start()
    cancelled = threading.Timer(200, ring, ["cancelled"])
    cancelled.start()
    clock.advance(50)
    cancelled.cancel()
    clock.advance(HOUR)
    assert rung == [("early", 100), ("late", 500)]


@pytest.mark.usefixtures("clock")
def test_sockets_and_events_stay_real() -> None:
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(0.01)
        with pytest.raises(TimeoutError):
            here.recv(1)
        there.sendall(b"x")
        assert here.recv(1) == b"x"
    assert not threading.Event().wait(0.01)


@pytest.mark.usefixtures("clock")
def test_a_foreign_thread_may_read_the_time_but_not_sleep() -> None:
    seen: list[object] = []

    def foreign() -> None:
        seen.append(time.time())
        try:
            time.sleep(1)
        except ClockError as error:
            seen.append(str(error))

    thread = threading.Thread(target=foreign, name="pool-1")
    thread.start()
    thread.join()
    assert seen == [START, "pool-1 is no activity of the clock and cannot sleep: spawn it"]
