"""Faults as values: what goes wrong, at which AWS call, before or after the call took effect.

A :class:`Fault` is an interceptor of the simulated services: they call it before and after the effect of
each call, and whatever it raises, the caller meets. To kill the process at every single call in turn::

    for number in itertools.count(1):
        fault = Fault(ProcessKilled(clock), at=number, phase="after")
        ...  # run the scenario with the fault among the interceptors
        if not fault.strikes:
            break
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from tests.simulator.clock import Killed
from tests.simulator.dynamodb.errors import ServiceError, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.clock import Clock

Phase: TypeAlias = Literal["before", "after"]
"""Whether a call has taken effect yet."""


class Call(Protocol):
    """A call of an AWS API, as far as faults care."""

    @property
    def operation(self) -> str:
        """The name in the API: ``UpdateTable``, ``Invoke`` …."""


Interceptor: TypeAlias = "Callable[[Call, Phase], None]"
"""What a simulated service calls before and after the effect of each call."""


class Effect(Protocol):
    """What goes wrong."""

    def __call__(self, call: Call, /) -> None:
        """Raise what the caller is to meet."""


@dataclass(frozen=True)
class ConnectionLost:
    """No answer, in one of the ways in which botocore notices it, after ``seconds`` of virtual time."""

    noticed: Literal["no way there", "on connecting", "while waiting", "on closing"] = "on closing"
    seconds: float = 0.0

    def __call__(self, call: Call) -> None:
        """Raise botocore's own error."""
        if self.seconds:
            time.sleep(self.seconds)
        url = f"https://{call.operation}.example.com/"
        if self.noticed == "no way there":
            raise ConnectTimeoutError(endpoint_url=url)
        if self.noticed == "on connecting":
            raise EndpointConnectionError(endpoint_url=url, error="connection refused")
        if self.noticed == "while waiting":
            raise ReadTimeoutError(endpoint_url=url, error="timed out")
        raise ConnectionClosedError(endpoint_url=url)


@dataclass(frozen=True)
class Refused:
    """An AWS error of any code and text; the service knows the HTTP status that belongs to it."""

    code: str
    text: str

    @classmethod
    def listed(cls, name: str, **details: object) -> Refused:
        """Refuse with a text of the catalogue, its placeholders filled in."""
        error = refusal(name, **details)
        return cls(error.code, error.message)

    def __call__(self, _: Call) -> None:
        """Raise what the service turns into its error answer."""
        raise ServiceError(self.code, self.text)


@dataclass(frozen=True)
class ProcessKilled:
    """The process dies: nothing of it runs on, not even what catches everything."""

    clock: Clock

    def __call__(self, _: Call) -> None:
        """Kill the activity that makes the call."""
        self.clock.running.kill()
        raise Killed


@dataclass
class Fault:
    """Strike the ``at``-th call, and those that follow it as ``times`` and ``seconds`` say."""

    effect: Effect
    at: int = 1
    operation: str | None = None
    """Count the calls of this operation only."""
    phase: Phase = "before"
    times: float = 1
    """How many calls in a row; ``math.inf`` for all."""
    seconds: float = math.inf
    """For how long, in virtual seconds from the first strike."""
    calls: int = field(default=0, init=False)
    strikes: int = field(default=0, init=False)
    struck: list[str] = field(default_factory=list, init=False)
    """The operations that were struck, in order."""
    _until: float = field(default=math.inf, init=False)

    def __call__(self, call: Call, phase: Phase) -> None:
        """Count the call, and strike if it is its turn."""
        if phase != self.phase or self.operation not in {None, call.operation}:
            return
        self.calls += 1
        if self.at <= self.calls < self.at + self.times and time.time() < self._until:
            self._until = min(self._until, time.time() + self.seconds)
            self.strikes += 1
            self.struck.append(call.operation)
            self.effect(call)


def throttling_storm(*, calls: float = math.inf, seconds: float = math.inf, operation: str | None = None) -> Fault:
    """Throttle every call from now on, for a number of calls or of virtual seconds."""
    throttled = Refused("ThrottlingException", "Rate exceeded")
    return Fault(throttled, operation=operation, times=calls, seconds=seconds)


@dataclass(frozen=True)
class TakeTurns:
    """Let each call take ``seconds`` of virtual time, half of it before its effect, and others run meanwhile.

    A call that is refused has no effect and takes the first half only. Even with no time at all, others get
    their turn, and an invocation killed meanwhile ends here.
    """

    clock: Clock
    seconds: float = 0.0

    def __call__(self, call: Call, phase: Phase) -> None:
        """Hand over."""
        del call, phase
        if self.seconds:
            self.clock.advance(self.seconds / 2)
        else:
            self.clock.checkpoint()
