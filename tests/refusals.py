"""What each listed refusal of DynamoDB means to us, for all tests that refuse calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from table_provisioner.aws_errors import Meaning
from tests.simulator.dynamodb.errors import CATALOGUE

if TYPE_CHECKING:
    from tests.simulator.dynamodb.errors import ErrorText

MEANINGS: Final = {
    "WAIT": Meaning.WAIT,
    "RETRY": Meaning.RETRY,
    "NOOP-SUCCESS": Meaning.ALREADY_SO,
    "QUOTA": Meaning.QUOTA,
    "TERMINAL": Meaning.TERMINAL,
}
"""By the classes of the list."""
ARN: Final = "arn:aws:dynamodb:eu-central-1:123456789012:table/my.orders_2"


class _Details(dict[str, str]):
    """Realistic parts of one request for whatever a text leaves open."""

    def __missing__(self, part: str) -> str:
        """A word that stands in no row of the table under test."""
        return f"some {part} (of 3), 42"


_DETAILS: Final = _Details(
    table="my.orders_2",
    index="by-email.v2",
    arn=ARN,
    stream=f"{ARN}/stream/2026-11-22T18:32:00.000",
    region="eu-central-1",
    unit="ReadCapacityUnits",
    user="arn:aws:sts::123456789012:assumed-role/provisioner/function",
    operation="UpdateTable",
    attribute="ttl",
    after="2026-11-22T18:32:15.000Z",
    table_class="STANDARD_INFREQUENT_ACCESS",
)
_ENDS: Final = {
    "AccessDeniedException": "AccessDenied",
    "InternalFailure": "InternalFailure",
    "LimitExceededException": "ServiceLimitExceeded",
    "PolicyNotFoundException": "NotFound",
    "ResourceInUseException": "ResourceConflict",
    "ResourceNotFoundException": "NotFound",
    "ValidationException": "InvalidRequest",
}
_OTHER_ENDS: Final = {
    "table-already-exists": "AlreadyExists",
    "protected-against-deletion": "ResourceConflict",
    "replica-already-exists": "ResourceConflict",
    "tags-are-too-large": "ServiceLimitExceeded",
    "too-many-tags": "ServiceLimitExceeded",
}


def message(row: ErrorText) -> str:
    """The text, with whatever it leaves open filled in."""
    return row.text.format_map(_DETAILS)


def end(name: str) -> str:
    """The code with which a request ends that meets a quota or a terminal refusal, listed by ``name``."""
    row = CATALOGUE[name]
    return "AccessDenied" if row.text.startswith("KMS ") else _OTHER_ENDS.get(name, _ENDS[row.code])
