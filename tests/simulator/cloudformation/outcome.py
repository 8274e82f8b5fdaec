"""What came of a request, and of an operation on a whole stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.simulator.cloudformation.requests import Request

Status: TypeAlias = Literal["SUCCESS", "FAILED", "CANCELLED"]


@dataclass(frozen=True, kw_only=True)
class ResourceEvent:
    """One request and its end, as CloudFormation saw it."""

    request: Request
    """What was sent, without the ``ResponseURL``."""
    status: Status
    reason: str
    physical_resource_id: str
    """The id from now on: the answer's, the former one, or one that CloudFormation made up."""
    data: Mapping[str, str] = field(default_factory=dict)
    duration: float
    """Virtual seconds from the request to its end."""

    @property
    def request_type(self) -> str:
        """Create, Update or Delete."""
        return str(self.request.get("RequestType"))

    @property
    def logical_resource_id(self) -> str:
        """The name of the resource in the template."""
        return str(self.request.get("LogicalResourceId"))

    @property
    def is_success(self) -> bool:
        """Whether the request succeeded."""
        return self.status == "SUCCESS"


@dataclass(frozen=True)
class Outcome:
    """What came of creating, updating or deleting a stack."""

    status: str
    """CloudFormation's own stack status: ``CREATE_COMPLETE``, ``ROLLBACK_COMPLETE`` …."""
    events: tuple[ResourceEvent, ...]
    """Every request in the order in which they ended."""
    physical_resource_ids: Mapping[str, str]
    """What the stack holds afterwards, by logical id."""

    @property
    def summary(self) -> list[str]:
        """Return the events in short: ``Create Table SUCCESS orders``."""
        return [
            f"{event.request_type} {event.logical_resource_id} {event.status} {event.physical_resource_id}"
            for event in self.events
        ]

    def event(self, request_type: str, logical_resource_id: str | None = None) -> ResourceEvent:
        """Return the first request of a type, of one resource or any."""
        return next(
            event
            for event in self.events
            if event.request_type == request_type and logical_resource_id in {None, event.logical_resource_id}
        )
