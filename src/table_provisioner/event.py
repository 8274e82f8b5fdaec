"""The request that CloudFormation sends, as far as it can be read."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import parse_qs, urlsplit

from table_provisioner.errors import Fault, InvalidRequestError, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

_URL_SECONDS = 7200.0
"""CloudFormation signs its URLs for two hours."""
_LAST_SECOND = 253_402_300_799
"""Of the year 9999, in epoch seconds; what is later is no time."""
LONGEST_SERVICE_TIMEOUT_SECONDS = 3600
"""Also the default, and how long a program's requests may take unless it says otherwise."""
_FIELDS = frozenset(
    {
        "LogicalResourceId",
        "OldResourceProperties",
        "PhysicalResourceId",
        "RequestId",
        "RequestType",
        "ResourceProperties",
        "ResourceType",
        "ResponseURL",
        "ServiceToken",
        "StackId",
    }
)
_HOST = re.compile(r"[\w.-]+|[\da-f:.]+", re.ASCII)
"""A name, or an address of version 4 or 6."""
_HALF = re.compile(r"[\ud800-\udfff]")
"""Half of a pair that UTF-16 makes of a character; JSON may hold it alone, UTF-8 may not."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ECHOED = ("StackId", "RequestId", "LogicalResourceId")
_LONGEST_TEXT = 512
_LONGEST_ID = 1024
"""Both in bytes of JSON: an answer, which has 4096, repeats them. What CloudFormation sends is no longer."""


CONTINUATION = "TableProvisionerContinuation"
MOST_HOPS = 15
"""Lambda stops functions that invoke themselves about 16 times, unless they say ``RecursiveLoop: Allow``."""


class RequestType(StrEnum):
    """What CloudFormation can ask for."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"


@dataclass(frozen=True, slots=True)
class Continuation:
    """Where a request stands that needs more than one invocation.

    Attributes:
        hop: How many times it was handed over.
        started_at: When its first invocation began, in epoch seconds.
        table_id: The table that it is about; ``None`` while there is none.
    """

    hop: int
    started_at: float
    table_id: str | None

    @classmethod
    def of(cls, event: Mapping[str, Any], now: float) -> Continuation:
        """What the event says; a request that was not handed over begins now.

        Raises:
            ValueError: It says something that no hand-over writes.
        """
        if CONTINUATION not in event:
            return cls(0, now, None)
        note = event[CONTINUATION]
        try:
            hop, started_at, table_id = int(note["Hop"]), float(note["StartedAt"]), note["TableId"]
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError(CONTINUATION) from error
        if hop < 1 or not 0 <= started_at <= _LAST_SECOND or not (table_id is None or isinstance(table_id, str)):
            raise ValueError(CONTINUATION)
        return cls(hop, started_at, table_id)

    def next_event(self, event: Mapping[str, Any], table_id: str | None) -> dict[str, Any]:
        """The event of the next hop."""
        note = {"Hop": self.hop + 1, "StartedAt": self.started_at, "TableId": table_id or self.table_id}
        return {**event, CONTINUATION: note}


@dataclass(frozen=True, slots=True)
class Event:
    """A request with a URL to answer to; everything else in it may be missing or malformed.

    Attributes:
        raw: The event as it came.
    """

    raw: dict[str, Any]

    @classmethod
    def of(cls, raw: object) -> Event:
        """Take an event that can be answered.

        Raises:
            InvalidRequestError: There is nowhere to send an answer to.
        """
        if isinstance(raw, dict) and _is_url(raw.get("ResponseURL")):
            return cls(raw)
        raise InvalidRequestError(
            "the event has no ResponseURL with http or https.", "Invoke this function as a custom resource."
        )

    @property
    def response_url(self) -> str:
        """Where to answer; a credential."""
        return str(self.raw["ResponseURL"])

    @property
    def echo(self) -> dict[str, str]:
        """What an answer repeats verbatim."""
        return {name: self._text(name) for name in _ECHOED}

    @property
    def identity(self) -> dict[str, str]:
        """What tells the request from others, as far as it can be read."""
        texts = {name: self._text(name) for name in ("RequestType", *_ECHOED, "PhysicalResourceId")}
        return {name: text for name, text in texts.items() if text}

    @property
    def hop(self) -> int:
        """How many times the request was handed over, as far as it can be read."""
        try:
            return Continuation.of(self.raw, 0.0).hop
        except ValueError:
            return 0

    @property
    def essence(self) -> dict[str, Any]:
        """The event without whatever CloudFormation does not send."""
        return {name: value for name, value in self.raw.items() if name in _FIELDS}

    @property
    def stack_id(self) -> str:
        """The ARN of the stack."""
        return self._text("StackId")

    @property
    def request_id(self) -> str:
        """CloudFormation's id of the request."""
        return self._text("RequestId")

    @property
    def logical_resource_id(self) -> str:
        """The resource's name in its template."""
        return self._text("LogicalResourceId")

    @property
    def physical_resource_id(self) -> str:
        """By what the resource is known; empty on Create."""
        return self._text("PhysicalResourceId")

    @property
    def properties(self) -> dict[str, Any]:
        """What is declared."""
        return self._mapping("ResourceProperties")

    @property
    def old_properties(self) -> dict[str, Any]:
        """What was declared before; empty except on Update."""
        return self._mapping("OldResourceProperties")

    @property
    def timeout_seconds(self) -> int:
        """After how many seconds CloudFormation takes the request for failed."""
        return _timeout_of(self.properties)

    @property
    def former_timeout_seconds(self) -> int:
        """After how many it would have taken the request for failed that this one takes back, if it does."""
        return _timeout_of(self.old_properties)

    @property
    def signed_at(self) -> float | None:
        """When the request was made, in epoch seconds, by its URL; ``None`` where that does not tell.

        With ``AWS_SAM_LOCAL`` set it is a recorded one, which counts as made when it is replayed.
        """
        if os.environ.get("AWS_SAM_LOCAL"):
            return None
        query = parse_qs(urlsplit(self.response_url).query)
        try:
            if "X-Amz-Date" in query:
                return datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%S%z").timestamp()
            expires = int(query["Expires"][0])
        except (KeyError, ValueError):
            return None
        return expires - _URL_SECONDS if _URL_SECONDS <= expires <= _LAST_SECOND else None

    def check(self) -> None:
        """See that everything is there that a request of its type needs.

        Raises:
            InvalidRequestError: With every field that is missing or malformed.
        """
        faults = [
            Fault(name, "is missing, no text or too long.", "CloudFormation sends it.")
            for name in (*_ECHOED, *self._required_ids())
            if not self._text(name)
        ]
        if self.raw.get("RequestType") not in tuple(RequestType):
            faults.append(
                Fault(
                    "RequestType",
                    f"{quoted(self.raw.get('RequestType'))} is none of Create, Update and Delete.",
                    "CloudFormation sends one.",
                )
            )
        if not isinstance(self.raw.get("ResourceProperties"), dict):
            faults.append(Fault("ResourceProperties", "is missing or not a mapping.", "CloudFormation sends it."))
        if self.raw.get("RequestType") == RequestType.UPDATE and "OldResourceProperties" not in self.raw:
            faults.append(Fault("OldResourceProperties", "is missing.", "CloudFormation sends it."))
        try:
            Continuation.of(self.raw, 0.0)
        except ValueError:
            faults.append(Fault(CONTINUATION, "is malformed.", "Only a hand-over writes it."))
        if faults:
            raise InvalidRequestError.of(faults)

    def _required_ids(self) -> tuple[str, ...]:
        return () if self.raw.get("RequestType") == RequestType.CREATE else ("PhysicalResourceId",)

    def _text(self, name: str) -> str:
        value = self.raw.get(name)
        if not isinstance(value, str) or _HALF.search(value):
            return ""
        longest = _LONGEST_ID if name == "PhysicalResourceId" else _LONGEST_TEXT
        return value if len(json.dumps(value)) - len('""') <= longest else ""

    def _mapping(self, name: str) -> dict[str, Any]:
        value = self.raw.get(name)
        return value if isinstance(value, dict) else {}


def service_timeout_seconds(declared: object) -> int | None:
    """The seconds of a ``ServiceTimeout``; ``None`` where it is none that CloudFormation takes."""
    try:
        seconds = int(declared)  # type: ignore[call-overload]  # a property can be anything
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 1 <= seconds <= LONGEST_SERVICE_TIMEOUT_SECONDS else None


def _timeout_of(properties: Mapping[str, Any]) -> int:
    return service_timeout_seconds(properties.get("ServiceTimeout")) or LONGEST_SERVICE_TIMEOUT_SECONDS


def _is_url(value: object) -> TypeGuard[str]:
    """Whether an answer can be sent to it. ``urlsplit`` alone passes over line ends, and takes anything for a host."""
    if not isinstance(value, str) or _CONTROL.search(value):
        return False
    try:
        url = urlsplit(value)
        return url.scheme in {"http", "https"} and url.port != 0 and bool(_HOST.fullmatch(url.hostname or ""))
    except ValueError:
        return False
