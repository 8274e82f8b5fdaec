"""What an answer to a custom resource request must be, and what CloudFormation makes of one that is not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAXIMUM_BODY: Final = 4096
MAXIMUM_ID: Final = 1024
"""Both in bytes."""

ECHOED: Final = ("StackId", "RequestId", "LogicalResourceId")
CODES: Final = (
    "InvalidRequest",
    "AlreadyExists",
    "NotFound",
    "AccessDenied",
    "Throttling",
    "ServiceLimitExceeded",
    "ServiceInternalError",
    "NetworkFailure",
    "NotStabilized",
    "ResourceConflict",
    "NotUpdatable",
    "InternalFailure",
)
"""The error codes of the CloudFormation registry contract, with which every Reason begins."""


@dataclass(frozen=True)
class Answer:
    """What CloudFormation understood; ``physical_resource_id`` is ``None`` where it got none."""

    status: str
    reason: str = ""
    physical_resource_id: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    no_echo: bool = False

    @property
    def is_success(self) -> bool:
        """Whether the request succeeded."""
        return self.status == "SUCCESS"


def read(body: bytes, request: Mapping[str, Any]) -> Answer | None:
    """Understand an answer as CloudFormation does; ``None`` when it goes on waiting instead."""
    fields = _fields(body)
    if fields.get("Status") not in {"SUCCESS", "FAILED"} or any(_echo_faults(fields, request)):
        return None
    if len(body) > MAXIMUM_BODY:
        return Answer("FAILED", "Response object is too long.")
    if any(_id_faults(fields)):
        return Answer("FAILED", "Invalid PhysicalResourceId")
    return Answer(
        status=fields["Status"],
        reason=fields.get("Reason") or "",
        physical_resource_id=fields["PhysicalResourceId"],
        data=fields.get("Data") or {},
        no_echo=fields.get("NoEcho") in {True, "true"},
    )


def faults(body: bytes, request: Mapping[str, Any]) -> Iterator[str]:
    """Name every rule that an answer breaks."""
    if len(body) > MAXIMUM_BODY:
        yield f"the body has {len(body)} bytes, more than {MAXIMUM_BODY}"
    fields = _fields(body)
    if not fields:
        yield "the body is no JSON object"
        return
    yield from _status_faults(fields)
    yield from _id_faults(fields)
    yield from _echo_faults(fields, request)
    yield from _data_faults(fields)
    if request.get("RequestType") == "Delete" and fields.get("PhysicalResourceId") != request.get("PhysicalResourceId"):
        yield "a Delete must echo the PhysicalResourceId"


def _fields(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _status_faults(fields: Mapping[str, Any]) -> Iterator[str]:
    status, reason = fields.get("Status"), fields.get("Reason")
    if status not in {"SUCCESS", "FAILED"}:
        yield f"Status is {status!r}"
    if "Reason" in fields and not isinstance(reason, str):
        yield "Reason is no string"
    elif status == "FAILED" and not reason:
        yield "FAILED without a Reason"
    elif status == "FAILED" and str(reason).partition(": ")[0] not in CODES:
        yield f"Reason begins with no code of the registry contract: {str(reason)[:60]!r}"


def _id_faults(fields: Mapping[str, Any]) -> Iterator[str]:
    physical_resource_id = fields.get("PhysicalResourceId")
    if not isinstance(physical_resource_id, str) or not physical_resource_id:
        yield "PhysicalResourceId is missing, empty or no string"
    elif len(physical_resource_id.encode()) > MAXIMUM_ID:
        yield f"PhysicalResourceId is longer than {MAXIMUM_ID} bytes"


def _echo_faults(fields: Mapping[str, Any], request: Mapping[str, Any]) -> Iterator[str]:
    for name in ECHOED:
        if not _echoes(name, fields, request):
            yield f"{name} is not echoed"


def _echoes(name: str, fields: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """Whether a field is as in the request; one that a malformed request lacks need not be."""
    return not isinstance(request.get(name), str) or fields.get(name) == request[name]


def _data_faults(fields: Mapping[str, Any]) -> Iterator[str]:
    data = fields.get("Data", {})
    if not isinstance(data, dict):
        yield "Data is no object"
    else:
        yield from (f"Data.{key} is no string" for key, value in data.items() if not isinstance(value, str))
    if not isinstance(fields.get("NoEcho", False), bool):
        yield "NoEcho is no boolean"
