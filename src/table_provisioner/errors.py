"""Everything that can go wrong, as CloudFormation names it.

There is one subclass of :class:`ProvisionerError` for each code of the handler error codes in the CloudFormation
registry contract. An error says what is wrong and what to do about it; ``str(error)`` is the ``Reason`` that the
stack shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from reprlib import Repr
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class ProvisionerError(Exception):
    """A request that ends without its goal.

    Args:
        problem: One sentence: what is wrong, with the names involved.
        remedy: One sentence or two: what the reader can do about it.
        aws_request_id: The id under which AWS knows the refused call, where there was one.
    """

    code: ClassVar[str] = "InternalFailure"

    def __init__(self, problem: str, remedy: str = "", *, aws_request_id: str | None = None) -> None:
        """Keep the parts; the text is put together when it is asked for."""
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.aws_request_id = aws_request_id

    @property
    def remainder(self) -> str:
        """What to do, and the AWS request id: what a reader needs even where what is wrong takes too much room."""
        request = f"(AWS request id: {self.aws_request_id})" if self.aws_request_id else ""
        return " ".join(filter(None, (self.remedy, request)))

    def __str__(self) -> str:
        """``{Code}: {what is wrong} {what to do}``, with the AWS request id last."""
        return f"{self.code}: {self.problem} {self.remainder}".rstrip()


LONGEST_QUOTE = 60
_LONGEST_PATH = 200
_quotes = Repr()
_quotes.maxlevel = 3
_quotes.maxlist = _quotes.maxdict = 10
_quotes.maxstring = _quotes.maxlong = _quotes.maxother = 4 * LONGEST_QUOTE  # so that the cut is made by ``shortened``


def quoted(value: object) -> str:
    """A value as it may stand in a message: not too long, however large or deep it is."""
    return shortened(_quotes.repr(value))


def shortened(text: str) -> str:
    """A text that is not too long for a message."""
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request.

    Attributes:
        path: Where, as the template spells it: ``GlobalSecondaryIndexes[1].KeySchema[0].AttributeName``.
        problem: What is wrong there.
        fix: What to write instead.
    """

    path: str
    problem: str
    fix: str

    def __str__(self) -> str:
        """The fault as one line."""
        path = self.path if len(self.path) <= _LONGEST_PATH else f"{self.path[:_LONGEST_PATH]}…"
        return f"{path}: {self.problem} {self.fix}".strip()


_MOST_LISTED = 100
"""Faults; an answer has room for about half of them."""


class InvalidRequestError(ProvisionerError):
    """The request cannot be carried out as it is written."""

    code = "InvalidRequest"

    @classmethod
    def of(cls, faults: Iterable[Fault]) -> InvalidRequestError:
        """Report every fault of a request in one error, one a line when there are several."""
        listed = tuple(faults)
        if len(listed) == 1:
            error = cls(str(listed[0]))
        else:
            lines = [f"{len(listed)} faults in the properties:", *map(str, listed[:_MOST_LISTED])]
            if len(listed) > _MOST_LISTED:
                lines.append(f"and {len(listed) - _MOST_LISTED} more.")
            error = cls("\n- ".join(lines))
        error.faults = listed
        return error

    faults: tuple[Fault, ...] = ()


class AlreadyExistsError(ProvisionerError):
    """A table of that name exists, and it is not this request's to take."""

    code = "AlreadyExists"


class NotFoundError(ProvisionerError):
    """The table to work on does not exist."""

    code = "NotFound"


RESTORE = (
    "Restore it from a backup under its name, with its tags under table-provisioner:, by which its stack knows it and"
    " without which OnDelete does not apply"
)
"""The beginning of what to do about a table that was deleted."""
ANOTHER_NAME = (
    "Declare this resource under another TableName; where the rollback failed, too, first skip this resource in it:"
    " continue-update-rollback --resources-to-skip."
)
"""How to go on without the table; a stack whose rollback failed takes no update before that is continued."""


class AccessDeniedError(ProvisionerError):
    """AWS refused the call, or the KMS key cannot be used."""

    code = "AccessDenied"


class ThrottlingError(ProvisionerError):
    """AWS kept refusing because of the rate of calls."""

    code = "Throttling"


class ServiceLimitExceededError(ProvisionerError):
    """A quota stands in the way."""

    code = "ServiceLimitExceeded"


class TooSoonError(ServiceLimitExceededError):
    """DynamoDB lets a table be changed so only every so often: the next time will come, and nobody can hasten it."""


class TooManyTagsError(ServiceLimitExceededError):
    """There is no room for more tags on a table or its stream: whoever gave it the others can make some."""


class ServiceInternalError(ProvisionerError):
    """AWS failed on its side."""

    code = "ServiceInternalError"


class NetworkFailureError(ProvisionerError):
    """AWS could not be reached."""

    code = "NetworkFailure"


UNFINISHED = (
    "What was begun goes on, and the same deployment again finishes the rest, unless a rollback has taken it back:"
    " change less at once, or update with --disable-rollback."
)
"""What to do where the time was over."""


class NotStabilizedError(ProvisionerError):
    """The time was over before the table had settled.

    Started changes go on. The same request, sent again, carries on from the state that it then finds; that of a stack
    that is rolled back in between is the former one.
    """

    code = "NotStabilized"


class OutOfTimeError(NotStabilizedError):
    """The deadline came while something was waited for; with more time it would go on.

    Args:
        problem: As of every error.
        remedy: As of every error.
        awaited: What a refusal is that did not pass in time; ``None`` where the table was waited for.
    """

    def __init__(self, problem: str, remedy: str, *, awaited: type[ProvisionerError] | None = None) -> None:
        """Keep the parts."""
        super().__init__(problem, remedy)
        self.awaited = awaited


class ResourceConflictError(ProvisionerError):
    """The table belongs to, or is protected by, somebody or something else."""

    code = "ResourceConflict"


UNPROTECT = (
    "Run: aws dynamodb update-table --table-name {table} --no-deletion-protection-enabled. Then delete its stack again;"
    " or, where that goes on without the table, run: table-provisioner delete {table}"
)
"""What to do about a protected ``{table}``, whoever finds that it is.

A stack whose deletion failed takes no more updates, and one that left the table behind has none for it.
"""


class NotUpdatableError(ProvisionerError):
    """The change cannot be made to a table that exists."""

    code = "NotUpdatable"


class InternalFailureError(ProvisionerError):
    """A fault of this program."""

    code = "InternalFailure"

    @classmethod
    def of(cls, error: Exception) -> InternalFailureError:
        """What nobody thought of."""
        return cls(f"{type(error).__name__}: {error}.", "Please report it with the log.")
