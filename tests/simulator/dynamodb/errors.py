"""Every refusal of the service by name, with the exact code and text.

The texts live in ``data/error_texts.json``. There, ``prefix`` is what was observed (with
``<TBL>``, ``<IDX>`` … for the parts of one request) and ``text`` is what the simulator
says: the prefix, and after it a plain reading of how the text goes on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

INVALID: Final = "One or more parameter values were invalid: "

_SERVER_FAULTS: Final = {"InternalFailure": 500, "InternalServerError": 500, "ServiceUnavailable": 503}


@dataclass(frozen=True)
class ErrorText:
    """One listed refusal."""

    code: str
    text: str
    prefix: str
    kind: str
    operations: tuple[str, ...]
    findings: str


class ServiceError(Exception):
    """The service refuses a call; HTTP 400 unless the fault is the server's (T-070, T-448)."""

    def __init__(self, code: str, message: str) -> None:
        """Refuse with an error code and a text."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status."""
        return _SERVER_FAULTS.get(self.code, 400)


class NotSimulatedError(BaseException):
    """A test asked for something that this simulator does not know.

    No ``Exception``, so that the code under test cannot take it for an answer.
    """


def _catalogue() -> dict[str, ErrorText]:
    rows = json.loads((Path(__file__).parent / "data" / "error_texts.json").read_text())
    return {
        name: ErrorText(
            code=row["code"],
            text=row["text"],
            prefix=row["prefix"],
            kind=row["class"],
            operations=tuple(row["operations"]),
            findings=row["findings"],
        )
        for name, row in rows.items()
    }


CATALOGUE: Final = _catalogue()
"""All listed refusals, by name."""


def refusal(name: str, **details: object) -> ServiceError:
    """The listed refusal of this name, its placeholders filled in."""
    listed = CATALOGUE[name]
    return ServiceError(listed.code, listed.text.format(**details))


def invalid(text: str) -> ServiceError:
    """A ValidationException that is not in the list."""
    return ServiceError("ValidationException", text)
