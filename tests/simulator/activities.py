"""What shares a virtual clock: activities, and the agenda that says whose turn is next."""

from __future__ import annotations

import heapq
import math
import threading
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from collections.abc import Callable


@final
class Activity:
    """Something that runs in turns with others: an invocation, a stack operation."""

    def __init__(self, name: str, order: int, parent: Activity | None, agenda: Agenda) -> None:
        """Describe the ``order``-th activity of a clock, started by ``parent``."""
        self.name = name
        self.order = order
        self.parent = parent
        self.kill_at = math.inf
        self.is_done = False
        self.is_killed = False
        self.result: Any = None
        self.error: Exception | None = None
        self._agenda = agenda
        self._baton = threading.Lock()  # a fraction of a semaphore's work, and there is one baton
        self._baton.acquire()

    def kill(self) -> None:
        """End the process at its next sleep or AWS call; a sleeper is woken for that at once."""
        self.is_killed = True
        self._agenda.hurry(self)

    def descends_from(self, ancestor: Activity) -> bool:
        """Whether ``ancestor`` is this activity, or started it, however indirectly."""
        return self is ancestor or (self.parent is not None and self.parent.descends_from(ancestor))

    def take_baton(self) -> None:
        """Hold this thread until the activity is given its turn."""
        self._baton.acquire()

    def give_baton(self) -> None:
        """Give this activity its turn."""
        self._baton.release()


@final
class Agenda:
    """When each activity can run.

    Entries are never changed: one counts only while it is the latest of its activity, or one that hurries it.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._entries: list[tuple[float, int, int, int, Activity]] = []
        self._stamps: dict[Activity, int] = {}
        self._conditions: dict[Activity, tuple[int, Callable[[], bool]]] = {}
        self._serial = 0

    def enter(self, activity: Activity, wake_at: float, until: Callable[[], bool] | None = None, turn: int = 0) -> None:
        """Let an activity run at ``wake_at``, when it is killed, or once ``until()`` holds.

        At the same second those of a lower ``turn`` go first, then those that were started first.
        """
        self._serial += 1
        self._stamps[activity] = self._serial
        self._conditions.pop(activity, None)
        if until is not None:
            self._conditions[activity] = (turn, until)
        ready_at = min(wake_at, activity.kill_at)
        heapq.heappush(self._entries, (ready_at, turn, activity.order, self._serial, activity))

    def hurry(self, activity: Activity) -> None:
        """Let an activity run at once, whatever it waits for."""
        if activity in self._stamps:
            stamp = self._stamps[activity]
            heapq.heappush(self._entries, (-math.inf, 0, activity.order, stamp, activity))

    def leave(self, activity: Activity) -> None:
        """Forget an activity that is done."""
        del self._stamps[activity]
        self._conditions.pop(activity, None)

    def first(self, now: float) -> tuple[float, Activity]:
        """Return who runs next, and at which second, which is infinite if everyone waits for someone else."""
        entries = self._entries
        while self._stamps.get(entries[0][4]) != entries[0][3]:
            heapq.heappop(entries)
        wake_at, turn, order, _, activity = entries[0]
        best = (max(wake_at, now), turn, order)
        for waiting, (its_turn, until) in self._conditions.items():
            if until() and (now, its_turn, waiting.order) < best:
                best, activity = (now, its_turn, waiting.order), waiting
        return best[0], activity
