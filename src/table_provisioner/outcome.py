"""What an invocation came to, and the figures by which operators watch it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from table_provisioner.errors import (
    AlreadyExistsError,
    InternalFailureError,
    InvalidRequestError,
    NotFoundError,
    NotUpdatableError,
    OutOfTimeError,
    ResourceConflictError,
    TooManyTagsError,
    TooSoonError,
)

if TYPE_CHECKING:
    from table_provisioner.errors import ProvisionerError
    from table_provisioner.response import Response
    from table_provisioner.results import ProvisionResult


_CURED_BY_THE_AUTHOR = (
    AlreadyExistsError,
    InvalidRequestError,
    NotFoundError,
    NotUpdatableError,
    ResourceConflictError,
    TooManyTagsError,
    TooSoonError,
)


class Metric(StrEnum):
    """The function's metrics; each has the dimension ``service``, and ``Failed`` is given by ``Code``, too."""

    REQUESTS = "Requests"
    """Of CloudFormation; what a hand-over brings is none."""
    CREATED = "Created"
    EXISTS = "Exists"
    ADOPTED = "Adopted"
    """Among those that exist: taken over by this request."""
    UPDATED = "Updated"
    UNCHANGED = "Unchanged"
    DELETED = "Deleted"
    RELEASED = "Released"
    FAILED = "Failed"
    OPERATOR_FAILURES = "OperatorFailures"
    """Among those that failed: for what no template can mend: the role, a quota of the account, AWS or this program."""
    SETTLE_SECONDS = "SettleSeconds"
    """From the beginning of a request, over all its invocations, until the table had settled as declared."""
    HOPS = "Hops"
    """How many times a request was handed over until it was answered."""
    API_CALLS = "ApiCalls"
    """Calls of AWS, in one invocation."""
    THROTTLES = "Throttles"
    """Those of them that were refused for the rate of calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one invocation came to.

    Attributes:
        response: What CloudFormation is told; ``None`` where the request was handed over.
        result: What came of the table; ``None`` where it did not come to that.
        error: What CloudFormation is told that went wrong; ``None`` where nothing did, or nothing is told.
        hop: How many times the request had been handed over before.
        seconds: Since the first invocation of the request began.
    """

    response: Response | None
    result: ProvisionResult | None
    error: ProvisionerError | None
    hop: int
    seconds: float

    @property
    def failure_code(self) -> str:
        """The code of a failed request; empty for others."""
        if self.response is None or self.response.is_success:
            return ""
        return self.error.code if self.error else InternalFailureError.code

    @property
    def figures(self) -> dict[Metric, float]:
        """What is to be counted and measured of it."""
        found: dict[Metric, float] = {} if self.hop else {Metric.REQUESTS: 1}
        if self.response is None:
            return found
        found[Metric.HOPS] = self.hop
        if self.failure_code or self.result is None:
            found[Metric.OPERATOR_FAILURES] = not self._is_cured_by_the_author
            return found | {Metric.FAILED: 1}
        if self.result.is_adopted:
            found[Metric.ADOPTED] = 1
        return found | {Metric(self.result.status.capitalize()): 1, Metric.SETTLE_SECONDS: self.seconds}

    @property
    def _is_cured_by_the_author(self) -> bool:
        """Whether who wrote the template can mend it; a refusal that outlasted the time counts for what it is."""
        awaited = self.error.awaited if isinstance(self.error, OutOfTimeError) else None
        return issubclass(awaited or type(self.error), _CURED_BY_THE_AUTHOR)
