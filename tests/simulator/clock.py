"""A virtual clock, and a scheduler that lets one activity run at a time.

While a :class:`Clock` is installed, ``time.sleep``, ``time.time``, ``time.monotonic`` and
their ``_ns`` forms run on virtual time: a sleep costs no real time, and whoever sleeps
lets the others run. Everything else stays real: sockets, selectors, TLS, locks, events and
``datetime`` (with which botocore signs its requests, and which nobody here checks).
``time.perf_counter`` stays real too, for those who measure work.

Threads that the clock did not start, such as a response server, may read virtual time
but not sleep in it.
"""

from __future__ import annotations

import math
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final, final
from unittest import mock

import pytest

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
class Activity:
    """Something that runs in turns with others: an invocation, a stack operation."""

    def __init__(self, name: str, order: int, wake_at: float, parent: Activity | None) -> None:
        """Describe an activity that first runs at ``wake_at``, in virtual seconds since the start."""
        self.name = name
        self.parent = parent
        self.kill_at = math.inf
        self.is_done = False
        self.is_killed = False
        self.result: Any = None
        self.error: BaseException | None = None
        self._order = order
        self._wake_at = wake_at
        self._turn = 0
        self._until: Callable[[], bool] | None = None
        self._baton = threading.Lock()
        self._baton.acquire()

    def kill(self) -> None:
        """End the process at its next sleep or AWS call; it is woken for that at once."""
        self.is_killed = True

    def _ready_at(self, now: float) -> float:
        if self.is_done:
            return math.inf
        if self.is_killed or (self._until is not None and self._until()):
            return now
        return min(self._wake_at, self.kill_at)

    def _rank(self, now: float) -> tuple[float, int, int]:
        return (max(self._ready_at(now), now), self._turn, self._order)

    def _sleep_until(self, wake_at: float, until: Callable[[], bool] | None, turn: int) -> None:
        self._wake_at, self._until, self._turn = wake_at, until, turn


@final
class Clock:
    """Virtual time in seconds, and the activities that share it."""

    def __init__(self, *, start: float = START, limit: float = 12 * HOUR) -> None:
        """Start at epoch second ``start`` and refuse to go further than ``limit`` seconds."""
        self.start = start
        self.limit = limit
        self.elapsed = 0.0
        self._main = Activity("the test", 0, 0.0, None)
        self._running = self._main
        self._activities = [self._main]
        self._spawned = 0
        self._turns = 0
        self._idle_turns = 0
        self._idle_readings = 0
        self._failure: ClockError | None = None
        self._threads: dict[int, Activity] = {}

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
            message = "sleep length must be non-negative"
            raise ValueError(message)
        self._park(self.elapsed + seconds)

    def checkpoint(self) -> None:
        """Offer a turn to everyone else who is ready at this very instant.

        Raises:
            Killed: The running activity has been killed.
        """
        self._turns += 1
        self._park(self.elapsed, turn=self._turns)

    def wait(self, until: Callable[[], bool], timeout: float = math.inf) -> bool:
        """Wait until ``until()`` holds, at most ``timeout`` virtual seconds; say whether it does."""
        if not until():
            self._park(self.elapsed + timeout, until=until)
        return until()

    def spawn(
        self, name: str, function: Callable[[], Any], *, delay: float = 0.0, lifetime: float = math.inf
    ) -> Activity:
        """Start ``function`` as an activity after ``delay`` seconds.

        ``lifetime`` seconds after it began it is killed, if it is not done by then.
        """
        self._spawned += 1
        activity = Activity(name, self._spawned, self.elapsed + delay, self._running)
        activity.kill_at = activity._wake_at + lifetime  # noqa: SLF001 - one unit with Activity
        self._activities.append(activity)
        threading.Thread(target=self._run, args=(activity, function), name=name, daemon=True).start()
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
        family = [other for other in self._activities if _descends(other, activity)]
        for member in family:
            if not member.is_done:
                member.kill()
        self.wait(lambda: all(member.is_done for member in family))

    @contextmanager
    def installed(self) -> Iterator[Clock]:
        """Put this clock in the place of ``time`` until the block ends.

        An activity that failed without anyone joining it fails the block.
        """
        if isinstance(getattr(time.sleep, "__self__", None), Clock):
            message = "a virtual clock is installed already"
            raise ClockError(message)
        self._threads[threading.get_ident()] = self._main
        with ExitStack() as stack:
            for name, function in self._replacements().items():
                stack.enter_context(mock.patch.object(time, name, function))
            stack.callback(self._end_all)
            yield self
        for activity in self._activities:
            if activity.error is not None:
                raise activity.error

    def _replacements(self) -> dict[str, Callable[..., Any]]:
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
                self._fail(f"{self._running.name} reads the clock in an endless loop without sleeping")
        return self.elapsed

    def _park(self, wake_at: float, *, until: Callable[[], bool] | None = None, turn: int = 0) -> None:
        """Let the others run until it is this activity's turn again."""
        me = self._threads.get(threading.get_ident())
        if me is None:
            message = f"{threading.current_thread().name} is no activity of the clock and cannot sleep: spawn it"
            raise ClockError(message)
        me._sleep_until(wake_at, until, turn)  # noqa: SLF001 - one unit with Activity
        self._pass_on(me)
        self._check(me)

    def _pass_on(self, me: Activity) -> None:
        following = self._next()
        if following is me:
            return
        self._running = following
        following._baton.release()  # noqa: SLF001 - one unit with Activity
        if not me.is_done:
            me._baton.acquire()  # noqa: SLF001 - one unit with Activity

    def _next(self) -> Activity:
        """Choose who runs next, and move time on to then."""
        if self._failure is not None:
            return self._main
        living = [activity for activity in self._activities if not activity.is_done]
        following = min(living, key=lambda activity: activity._rank(self.elapsed))  # noqa: SLF001 - one unit
        ready_at = following._rank(self.elapsed)[0]  # noqa: SLF001 - one unit with Activity
        self._move_on(ready_at, living)
        return self._main if self._failure is not None else following

    def _move_on(self, ready_at: float, living: list[Activity]) -> None:
        if ready_at > self.elapsed:
            self._idle_turns = self._idle_readings = 0
        self._idle_turns += 1
        if math.isinf(ready_at):
            self._failure = ClockError("deadlock: all wait for each other: " + _names(living))
        elif ready_at > self.limit:
            self._failure = ClockError(
                f"virtual time would pass its limit of {self.limit:g} s: does something loop for ever? "
                f"still at work: {_names(living)}"
            )
        elif self._idle_turns > _IDLE_TURNS:
            self._failure = ClockError(f"endless loop at one instant of virtual time: {_names(living)}")
        else:
            self.elapsed = ready_at

    def _check(self, me: Activity) -> None:
        if self._failure is not None:
            if me is self._main:
                raise self._failure
            raise Killed
        if self.elapsed >= me.kill_at:
            me.kill()
        if me.is_killed:
            raise Killed

    def _fail(self, message: str) -> None:
        self._failure = ClockError(message)
        raise self._failure

    def _run(self, activity: Activity, function: Callable[[], Any]) -> None:
        """Be the thread of an activity."""
        activity._baton.acquire()  # noqa: SLF001 - one unit with Activity
        self._threads[threading.get_ident()] = activity
        try:
            self._check(activity)
            activity.result = function()
        except Killed:
            activity.kill()
        except BaseException as error:  # noqa: BLE001 - handed to whoever joins the activity
            activity.error = error
        activity.is_done = True
        del self._threads[threading.get_ident()]
        self._pass_on(activity)

    def _end_all(self) -> None:
        """Kill what still runs, so that no thread outlives its clock."""
        self._failure = None
        for activity in self._activities[1:]:
            activity.kill()
        self._idle_turns = self._idle_readings = 0
        for _ in range(_PATIENCE * len(self._activities)):
            if all(activity.is_done for activity in self._activities[1:]):
                return
            self._turns += 1
            self._park(self.elapsed, turn=self._turns)
        stubborn = [activity for activity in self._activities[1:] if not activity.is_done]
        message = f"swallows every Killed and never ends: {_names(stubborn)}"
        raise ClockError(message)


def _descends(activity: Activity, ancestor: Activity) -> bool:
    link: Activity | None = activity
    while link is not None and link is not ancestor:
        link = link.parent
    return link is ancestor


def _names(activities: list[Activity]) -> str:
    return ", ".join(activity.name for activity in activities)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A virtual clock, installed for one test."""
    with Clock().installed() as installed:
        yield installed
