"""A virtual clock, and a scheduler that lets one activity run at a time.

While a :class:`Clock` is installed, ``time.sleep``, ``time.time``, ``time.monotonic``, their ``_ns`` forms
and ``threading.Timer`` run on virtual time: a sleep costs no real time, and whoever sleeps lets the others
run. ``random`` starts from one seed, so that jitter is the same in each run of a test. Everything else
stays real: sockets, selectors, TLS, locks, events, and ``datetime``, with which botocore signs its requests
and which nobody here checks. ``time.perf_counter`` stays real, too, for those who measure work.

Threads that the clock did not start, such as a response server, may read virtual time but not sleep in it.
"""

from __future__ import annotations

import math
import random
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final, final
from unittest import mock

import pytest

from tests.simulator.activities import Activity, Agenda

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOUR: Final = 3600.0
START: Final = 1_767_225_600.0
"""Epoch seconds at which virtual time starts: 2026-01-01T00:00:00Z."""

_MONOTONIC_START: Final = 5_000.0
_IDLE_READINGS: Final = 1_000_000
_IDLE_TURNS: Final = 20_000
_PATIENCE: Final = 100


class Killed(BaseException):
    """The process of this activity is gone.

    Code under test that catches it meets it again at its next sleep or AWS call.
    """


class ClockError(BaseException):
    """Virtual time cannot go on: a deadlock, an endless loop, or a misuse.

    No ``Exception``, so that no retry loop of the code under test can swallow it.
    """


@final
class Clock:
    """Virtual time in seconds, and the activities that share it."""

    def __init__(self, *, start: float = START, limit: float = 12 * HOUR) -> None:
        """Start at epoch second ``start`` and refuse to go further than ``limit`` seconds."""
        self.start = start
        self.limit = limit
        self.elapsed = 0.0
        self._agenda = Agenda()
        self._main = Activity("the test", 0, None, self._agenda)
        self._agenda.enter(self._main, 0.0)
        self._running = self._main
        self._living = [self._main]
        self._failed: list[Activity] = []
        self._started: list[threading.Thread] = []
        self._threads: dict[int, Activity] = {}
        self._failure: BaseException | None = None
        self._turns = 0
        self._idle_turns = 0
        self._idle_readings = 0

    @property
    def now(self) -> float:
        """The virtual wall-clock time in epoch seconds."""
        return self.start + self.elapsed

    @property
    def running(self) -> Activity:
        """The one activity that runs now."""
        return self._running

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` of virtual time pass, and everything that happens in them."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        self._park(self.elapsed + seconds)

    def checkpoint(self) -> None:
        """Offer a turn to everyone else who is ready at this very instant.

        Raises:
            Killed: The running activity has been killed.
        """
        self._park(self.elapsed, turn=self._next_turn())

    def wait(self, until: Callable[[], bool], timeout: float = math.inf) -> bool:
        """Wait until ``until()`` holds, at most ``timeout`` virtual seconds; say whether it does."""
        if not until():
            self._park(self.elapsed + timeout, until)
        return until()

    def spawn(
        self,
        name: str,
        function: Callable[[], object],
        *,
        delay: float = 0.0,
        lifetime: float = math.inf,
        is_detached: bool = False,
    ) -> Activity:
        """Start ``function`` as an activity after ``delay`` seconds.

        ``lifetime`` seconds after it began it is killed, if it is not done by then. It ends with the activity
        that started it, unless it is detached.
        """
        parent = None if is_detached else self._running
        activity = Activity(name, len(self._started) + 1, parent, self._agenda)
        activity.kill_at = self.elapsed + delay + lifetime
        self._agenda.enter(activity, self.elapsed + delay)
        self._living.append(activity)
        thread = threading.Thread(target=self._run, args=(activity, function), name=name, daemon=True)
        self._started.append(thread)
        thread.start()
        return activity

    def join(self, activity: Activity) -> Any:  # noqa: ANN401 - whatever the activity returned
        """Wait for an activity and return its result, or raise what ended it."""
        self.wait(lambda: activity.is_done)
        error, activity.error = activity.error, None
        if error is not None:
            raise error
        return activity.result

    def end(self, activity: Activity) -> None:
        """Kill an activity and whatever it has started, and wait until all are gone."""
        family = [other for other in self._living if other.descends_from(activity)]
        for member in family:
            member.kill()
        self.wait(lambda: all(member.is_done for member in family))

    @contextmanager
    def installed(self) -> Iterator[Clock]:
        """Put this clock in the place of real time until the block ends.

        An activity that failed without anyone joining it fails the block.
        """
        if isinstance(getattr(time.sleep, "__self__", None), Clock):
            raise ClockError("a virtual clock is installed already")
        self._threads[threading.get_ident()] = self._main
        with ExitStack() as stack:
            stack.callback(random.setstate, random.getstate())
            random.seed(0)
            for name, function in self._replacements().items():
                stack.enter_context(mock.patch.object(time, name, function))
            stack.enter_context(mock.patch.object(threading.Timer, "start", self._timer_start()))
            stack.callback(self._end_all)
            yield self
        for activity in self._failed:
            if activity.error is not None:
                raise activity.error

    def _replacements(self) -> dict[str, Callable[..., object]]:
        return {
            "sleep": self._sleep,
            "time": lambda: self.start + self._read(),
            "time_ns": lambda: round((self.start + self._read()) * 1e9),
            "monotonic": lambda: _MONOTONIC_START + self._read(),
            "monotonic_ns": lambda: round((_MONOTONIC_START + self._read()) * 1e9),
        }

    def _sleep(self, seconds: float, /) -> None:
        self.advance(seconds)

    def _read(self) -> float:
        if threading.get_ident() in self._threads:
            self._idle_readings += 1
            if self._idle_readings > _IDLE_READINGS:
                self._failure = ClockError(f"{self._running.name} reads the clock in an endless loop")
                raise self._failure
        return self.elapsed

    def _timer_start(self) -> Callable[[threading.Timer], None]:
        start = threading.Timer.start

        def virtual_start(timer: threading.Timer) -> None:
            if threading.get_ident() in self._threads:
                self.spawn(f"timer of {self._running.name}", lambda: self._await(timer))
            else:
                start(timer)

        return virtual_start

    def _await(self, timer: threading.Timer) -> None:
        if not self.wait(timer.finished.is_set, timer.interval):
            timer.function(*timer.args, **timer.kwargs)
        timer.finished.set()

    def _park(self, wake_at: float, until: Callable[[], bool] | None = None, turn: int = 0) -> None:
        """Let the others run until it is this activity's turn again."""
        me = self._threads.get(threading.get_ident())
        if me is None:
            name = threading.current_thread().name
            raise ClockError(f"{name} is no activity of the clock and cannot sleep: spawn it")
        if me.is_killed:  # it does not wait, but must not take every turn either
            self._agenda.enter(me, self.elapsed, turn=self._next_turn())
        else:
            self._agenda.enter(me, wake_at, until, turn)
        self._pass_on(me)
        self._check(me)

    def _next_turn(self) -> int:
        self._turns += 1
        return self._turns

    def _pass_on(self, me: Activity) -> None:
        following = self._next()
        if following is me:
            return
        self._running = following
        following.give_baton()
        if not me.is_done:
            me.take_baton()

    def _next(self) -> Activity:
        """Choose who runs next, and move time on to then; a failure is the test's to raise."""
        if self._failure is None:
            ready_at, following = self._agenda.first(self.elapsed)
            self._failure = self._move_on(ready_at)
            if self._failure is None:
                return following
        return self._main

    def _move_on(self, ready_at: float) -> ClockError | None:
        if ready_at > self.elapsed:
            self._idle_turns = self._idle_readings = 0
        self._idle_turns += 1
        if math.isinf(ready_at):
            fault = "deadlock: each waits for another"
        elif ready_at > self.limit:
            fault = f"virtual time would pass {self.limit:g} s; an endless loop"
        elif self._idle_turns > _IDLE_TURNS * len(self._living):
            fault = "an endless loop at one instant of virtual time"
        else:
            self.elapsed = ready_at
            return None
        return ClockError(f"{fault}; at work: " + ", ".join(activity.name for activity in self._living))

    def _check(self, me: Activity) -> None:
        if self._failure is not None and me is self._main:
            raise self._failure
        if self.elapsed >= me.kill_at:
            me.kill()
        if me.is_killed or self._failure is not None:
            raise Killed

    def _run(self, activity: Activity, function: Callable[[], object]) -> None:
        """Be the thread of an activity."""
        activity.take_baton()
        self._threads[threading.get_ident()] = activity
        try:
            self._check(activity)
            activity.result = function()
        except Killed:
            activity.kill()
        except Exception as error:  # noqa: BLE001 - handed to whoever joins the activity
            activity.error = error
            self._failed.append(activity)
        except BaseException as error:  # noqa: BLE001 - the test's own failure: handed to the test at once
            self._failure = error
        activity.is_done = True
        self._living.remove(activity)
        self._agenda.leave(activity)
        del self._threads[threading.get_ident()]
        self._pass_on(activity)

    def _end_all(self) -> None:
        """Kill what still runs, so that no thread outlives its clock."""
        self._failure = None
        for activity in self._living:
            if activity is not self._main:
                activity.kill()
        for _ in range(_PATIENCE * len(self._living)):
            self._idle_turns = self._idle_readings = 0
            if self._living == [self._main]:
                for thread in self._started:
                    thread.join()
                return
            self.checkpoint()
        names = ", ".join(activity.name for activity in self._living[1:])
        raise ClockError(f"swallows every Killed and never ends: {names}")


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A virtual clock, installed for one test."""
    with Clock().installed() as installed:
        yield installed
