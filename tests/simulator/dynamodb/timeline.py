"""Virtual time: what is due happens in order, whenever somebody looks."""

from __future__ import annotations

import heapq
import itertools
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def now() -> float:
    """The time in epoch seconds; virtual while a virtual clock is installed."""
    return time.time()


def iso_milliseconds(moment: float) -> str:
    """A time as the service writes it into its texts: ISO, UTC, milliseconds (T-464)."""
    stamp = datetime.fromtimestamp(moment, UTC)
    return f"{stamp:%Y-%m-%dT%H:%M:%S}.{stamp.microsecond // 1000:03d}Z"


def long_date(moment: float) -> str:
    """A time as the decrease quota words it: ``Friday, October 9, 2026 at 1:21:34 AM …`` (T-184)."""
    stamp = datetime.fromtimestamp(moment, UTC)
    hour = stamp.hour % 12 or 12
    return f"{stamp:%A, %B} {stamp.day}, {stamp:%Y} at {hour}:{stamp:%M:%S %p} Coordinated Universal Time"


class Timeline:
    """Actions that are due at given moments.

    Nothing runs by itself: :meth:`settle` makes up for what has become due since.
    """

    def __init__(self) -> None:
        """Start with nothing due."""
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Let ``action`` happen at ``moment``; what is due at once happens at the next look."""
        heapq.heappush(self._due, (moment, next(self._order), action))

    def settle(self) -> None:
        """Do everything that is due by now, in order of time."""
        while self._due and self._due[0][0] <= now():
            heapq.heappop(self._due)[2]()
