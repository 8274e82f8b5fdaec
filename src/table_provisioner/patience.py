"""Waiting for AWS, and knowing when to stop."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, TypeVar

from table_provisioner.aws_errors import Meaning, RefusalError
from table_provisioner.deadline import (
    Deadline,
    DeadlineExceededError,
    PollSchedule,
    backoff_seconds,
    monotonic_seconds,
)
from table_provisioner.errors import UNFINISHED, OutOfTimeError

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

STALE_SECONDS = 10.0
"""How long a change that was accepted may stay invisible; the longest that was seen is 3 s (T-102, T-346)."""
_UNEXPLAINED_SECONDS = 240.0
"""How long failures without a reason are borne."""
_RECOVERED_SECONDS = 60.0
"""After how long without one AWS counts as recovered: longer than any pause between two tries."""


class NotYetError(Exception):
    """What is awaited is not there yet; its arguments are what it waits for, as clauses: ``the table is CREATING``."""

    def __str__(self) -> str:
        """All of it, in words."""
        return " and ".join(self.args)


class Patience:
    """Waits between two looks, within a deadline; knows which refusals are worth waiting for.

    A request has one for all its waits: once anything was throttled, they all carry jitter.

    Attributes:
        deadline: When to stop.
    """

    def __init__(self, deadline: Deadline) -> None:
        """Begin to wait now."""
        self.deadline = deadline
        self._schedule = PollSchedule()
        self.begin_anew()

    def begin_anew(self) -> None:
        """Something has moved: the next wait is a new one, with short intervals first."""
        self._schedule = PollSchedule(is_throttled=self._schedule.is_throttled)
        self._backoff = backoff_seconds()
        self._failing_since = self._failed_at = -math.inf
        self._awaited = ""
        self._refusal: RefusalError | None = None

    def until(self, look: Callable[[], _T], context: str) -> _T:
        """Look until what is awaited is there. A refused look is repeated as a whole, for much may have changed.

        Args:
            look: Returns what is awaited. Raises :class:`NotYetError` where it is not there, or whatever AWS refuses.
            context: What is attempted, as a phrase: ``create table 'orders'``.

        Raises:
            OutOfTimeError: There is no time for another look.
            ProvisionerError: A refusal does not pass or has lasted for too long.
        """
        while True:
            try:
                return look()
            except NotYetError as reason:
                self._pause(str(reason))
            except RefusalError as refusal:
                self.bear(refusal, context)

    def _pause(self, awaited: str) -> None:
        level = logging.DEBUG if awaited == self._awaited else logging.INFO  # a wait of an hour is one line
        logger.log(level, "waiting: %s", awaited, extra=self._told(awaited))
        self._awaited, self._refusal = awaited, None
        self._sleep(self._schedule.next_seconds())

    def bear(self, refusal: RefusalError, context: str) -> None:
        """Sleep after a refusal that passes by itself.

        Args:
            refusal: What AWS answered.
            context: What was attempted, as a phrase: ``create table 'orders'``.

        Raises:
            ProvisionerError: It does not pass, has lasted for too long, or there is no time left.
        """
        if refusal.meaning in {Meaning.QUOTA, Meaning.TERMINAL} or self._has_lasted(refusal):
            raise refusal.as_error(context) from refusal
        logger.info("waiting: %s", refusal, extra=self._told(refusal.answer))
        if not refusal.is_throttled:  # that AWS is busy does not tell whether what was waited for has passed
            self._awaited = ""
        self._refusal = refusal
        self._schedule.is_throttled |= refusal.is_throttled
        self._sleep(next(self._backoff) if refusal.is_unexplained else self._schedule.next_seconds())

    def _has_lasted(self, refusal: RefusalError) -> bool:
        """Whether AWS has been failing without a reason for too long; after a minute without one it begins anew."""
        if not refusal.is_unexplained:
            return False
        now = monotonic_seconds()
        if now - self._failed_at > _RECOVERED_SECONDS:
            self._failing_since, self._backoff = now, backoff_seconds()
        self._failed_at = now
        return now - self._failing_since > _UNEXPLAINED_SECONDS

    def _told(self, awaited: str) -> dict[str, object]:
        return {"awaited": awaited, "remaining_seconds": round(self.deadline.remaining_seconds)}

    def _sleep(self, seconds: float) -> None:
        try:
            self.deadline.sleep(seconds)
        except DeadlineExceededError:
            raise self._out_of_time() from None

    def _out_of_time(self) -> OutOfTimeError:
        """With what AWS answered last, and what had been waited for until then."""
        if self._refusal is None:
            return OutOfTimeError(f"the time was over while {self._awaited}.", UNFINISHED)
        before = f"; before that: {self._awaited}" if self._awaited else ""
        error, remedy = self._refusal.end_of_its_own or (None, UNFINISHED)
        remedy = f"{UNFINISHED} {remedy}" if self._awaited else remedy
        return OutOfTimeError(f"the time was over while {self._refusal.answer}{before}.", remedy, awaited=error)
