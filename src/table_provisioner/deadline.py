"""Time: the clock, what is left of the budget, and how long to wait between two looks.

This is the one module that reads the clock or sleeps. ``time`` is looked up at each call, so that a virtual clock
can stand in for it.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST_POLL_SECONDS = 1.0
LONGEST_POLL_SECONDS = 30.0
_SHARE_OF_WAIT = 0.05
"""The next interval as a share of the wait so far: half of it is the overhead to be expected."""


def monotonic_seconds() -> float:
    """Seconds on a clock that only runs forward."""
    return time.monotonic()


class DeadlineExceededError(Exception):
    """The time is over. Whatever was started goes on without us."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on the monotonic clock, in seconds, after which nothing may be begun.

    Attributes:
        at: The point for this process.
        final: The later one for those that may carry on after it; the same where there are none.
    """

    at: float
    final: float

    @classmethod
    def after(cls, seconds: float, in_all: float | None = None) -> Deadline:
        """The point ``seconds`` from now, or ``in_all`` with those that carry on; in the past for a negative number."""
        now = monotonic_seconds()
        return cls(now + seconds, now + (seconds if in_all is None else in_all))

    @property
    def remaining_seconds(self) -> float:
        """Seconds until the deadline, never negative."""
        return max(0.0, self.at - time.monotonic())

    @property
    def remaining_seconds_in_all(self) -> float:
        """Seconds until nobody carries on any more, never negative."""
        return max(0.0, self.final - time.monotonic())

    def sleep(self, seconds: float) -> None:
        """Sleep ``seconds``.

        Raises:
            DeadlineExceededError: It would be past the deadline afterwards. Raised at once, so that the time that is
                left is there for answering.
        """
        if seconds >= self.remaining_seconds:
            raise DeadlineExceededError
        time.sleep(seconds)


@dataclass(slots=True)
class PollSchedule:
    """The intervals between two looks at a table that is busy.

    They begin at 1 s and grow with the time waited, up to 30 s, so that the wait exceeds what the service took by at
    most the larger of 1 s and 5 %, and one look. Once something was throttled they carry jitter, for otherwise all
    who wait would come back together.
    """

    began: float = field(default_factory=monotonic_seconds)
    is_throttled: bool = False

    def next_seconds(self) -> float:
        """Seconds until the next look."""
        waited = time.monotonic() - self.began
        interval = min(max(SHORTEST_POLL_SECONDS, _SHARE_OF_WAIT * waited), LONGEST_POLL_SECONDS)
        if not self.is_throttled:
            return interval
        return interval * random.uniform(0.5, 1.0)  # noqa: S311 -- spreads callers, guards nothing


def backoff_seconds() -> Iterator[float]:
    """Endless pauses between tries of a call that fails without a reason: doubling from 1 s to 30 s, with jitter."""
    ceiling = SHORTEST_POLL_SECONDS
    while True:
        yield ceiling * random.uniform(0.5, 1.0)  # noqa: S311 -- spreads callers, guards nothing
        ceiling = min(2 * ceiling, LONGEST_POLL_SECONDS)


def epoch_seconds() -> float:
    """Seconds since 1970, by the wall clock."""
    return time.time()
