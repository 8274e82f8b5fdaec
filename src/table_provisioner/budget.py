"""How long one invocation may work on a request: Lambda ends the function, CloudFormation its patience."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from table_provisioner.deadline import epoch_seconds
from table_provisioner.errors import InvalidRequestError, NotStabilizedError
from table_provisioner.event import MOST_HOPS

if TYPE_CHECKING:
    from table_provisioner.event import Continuation, Event

RESERVE_SECONDS = 10.0
"""Kept of the function's time for answering or handing over."""
SHORTEST_FUNCTION_SECONDS = 15.0
_SHARE_OF_TIMEOUT, _SHORTEST_MARGIN_SECONDS, _LONGEST_MARGIN_SECONDS = 0.05, 15.0, 60.0


def seconds_within(service_timeout: int) -> float:
    """How long a request may be worked on, so that its answer arrives while CloudFormation still waits.

    Args:
        service_timeout: For how many seconds CloudFormation waits.
    """
    margin = min(max(_SHARE_OF_TIMEOUT * service_timeout, _SHORTEST_MARGIN_SECONDS), _LONGEST_MARGIN_SECONDS)
    return service_timeout - margin


@dataclass(frozen=True, slots=True)
class Budget:
    """The time of one invocation.

    Attributes:
        seconds: Until work has to stop.
        seconds_in_all: Until the last invocation that may carry on has to: CloudFormation still waits.
    """

    seconds: float
    seconds_in_all: float

    @property
    def can_be_continued(self) -> bool:
        """Whether another invocation may carry on."""
        return self.seconds < self.seconds_in_all

    @classmethod
    def of(cls, event: Event, continuation: Continuation, function_seconds: float) -> Budget:
        """Divide the time that is left.

        Args:
            event: The request; its ``ServiceTimeout`` and the time of its signing bound the whole chain.
            continuation: Where the chain stands.
            function_seconds: Until Lambda ends this invocation.

        Raises:
            InvalidRequestError: The function has too little time for any request.
            NotStabilizedError: CloudFormation does not wait any more. Nothing was changed by this invocation.
        """
        if function_seconds < SHORTEST_FUNCTION_SECONDS:
            raise InvalidRequestError(
                f"the function has {function_seconds:.0f} s, of which {RESERVE_SECONDS:.0f} s are kept for answering.",
                "Give it a Timeout of 900 s.",
            )
        timeout = event.timeout_seconds
        age = max(0.0, epoch_seconds() - (event.signed_at or continuation.started_at))
        if age >= timeout:
            raise NotStabilizedError(
                f"the request is {age:.0f} s old, and CloudFormation waits for {timeout} s.", "Deploy again."
            )
        invocation, chain = function_seconds - RESERVE_SECONDS, seconds_within(timeout) - age
        hops = MOST_HOPS - continuation.hop
        return cls(min(invocation, chain), min(invocation * (1 + hops), chain))
