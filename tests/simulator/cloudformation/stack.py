"""Stacks: which requests follow from which, through success, failure, rollback and cleanup."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from tests.simulator.cloudformation.outcome import Outcome, ResourceEvent
from tests.simulator.cloudformation.requests import custom_resource_request, sent_properties, stringified

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from tests.simulator.clock import Clock
    from tests.simulator.cloudformation.requests import Properties, Request

T = TypeVar("T")

PAUSE_SECONDS: Final = 1.0
"""Between a failure or a success and the requests that follow from it."""


class Courier(Protocol):
    """Who brings requests to the function and waits for their answers."""

    clock: Clock

    @property
    def service_token(self) -> str:
        """The ARN of the function."""

    def new_request_id(self) -> str:
        """Make the id of a new request."""

    def exchange(self, request: Request, *, is_cancelled: Callable[[], bool], cancel_at: float) -> ResourceEvent:
        """Send a request and wait for its end."""


@dataclass(frozen=True)
class Resource:
    """One version of a resource: its id, and the properties (as the template gives them) that led to it."""

    logical_resource_id: str
    physical_resource_id: str
    properties: Properties


@dataclass
class Stack:
    """A stack and the resources that it holds, by logical id."""

    name: str
    stack_id: str
    courier: Courier
    status: str = "REVIEW_IN_PROGRESS"
    resources: dict[str, Resource] = field(default_factory=dict)
    _events: list[ResourceEvent] = field(default_factory=list)
    _is_failing: bool = False
    """Something failed, so what is still in progress is no longer waited for."""
    _goes_on: bool = False
    """Although something failed."""
    _cancel_at: float = math.inf
    _failed: frozenset[str] = frozenset()
    """What an update without a rollback has left failed, which the next one tries again whatever is declared."""
    _rolling_back: list[tuple[Resource, Resource]] = field(default_factory=list)
    """What a failed rollback has left to be restored, as it is and as it was."""

    def create(
        self, template: Mapping[str, Properties], *, cancel_after: float, another_resource_fails: bool
    ) -> Outcome:
        """Create all resources at once; if one fails, delete every one that was begun."""
        self._begin(cancel_after)
        created = self._all(partial(self._create, name, template[name]) for name in template)
        self.resources = {resource.logical_resource_id: resource for resource in created}
        if self._is_failing or another_resource_fails:
            self._pause()
            return self._delete_everything("ROLLBACK")
        return self._end("CREATE_COMPLETE")

    def update(
        self,
        template: Mapping[str, Properties],
        *,
        cancel_after: float,
        another_resource_fails: bool,
        disable_rollback: bool,
    ) -> Outcome:
        """Add and change resources, then delete what is left over; if one fails, take it all back, or leave it."""
        self._begin(cancel_after)
        self._goes_on = disable_rollback
        before = self.resources
        jobs = [partial(self._create, name, template[name]) for name in template if name not in before]
        jobs += [
            partial(self._update, before[name], template[name])
            for name in template
            if name in before and (name in self._failed or _differ(template[name], before[name].properties))
        ]
        after = self._all(jobs)
        if disable_rollback and self._is_failing:
            return self._leave(after)
        self._failed = frozenset()
        if self._is_failing or another_resource_fails:
            return self._roll_back(after)
        self.resources = before | {resource.logical_resource_id: resource for resource in after}
        self.resources = {name: self.resources[name] for name in template}
        return self._clean_up("UPDATE_COMPLETE", before.values())

    def delete(self) -> Outcome:
        """Delete all resources at once; those that fail stay in the stack."""
        self._begin(math.inf)
        return self._delete_everything("DELETE")

    def continue_update_rollback(self, resources_to_skip: Collection[str]) -> Outcome:
        """Try again what a rollback could not restore, or take it for restored."""
        self._begin(math.inf)
        left = [pair for pair in self._rolling_back if pair[1].logical_resource_id not in resources_to_skip]
        self._rolling_back = left
        return self._restore([])

    def _leave(self, after: list[Resource]) -> Outcome:
        """Keep what succeeded, and what failed in its last stable version, which the next update goes on from."""
        self._failed = frozenset(self._unsuccessful)
        done = {resource.logical_resource_id: resource for resource in after}
        self.resources |= {name: resource for name, resource in done.items() if name not in self._failed}
        return self._end("UPDATE_FAILED")

    def _roll_back(self, after: list[Resource]) -> Outcome:
        """Update every resource that was changed back, with its property sets swapped, then clean up."""
        self._pause()
        before = self.resources
        changed = [resource for resource in after if resource.logical_resource_id in before]
        self._rolling_back = [(resource, before[resource.logical_resource_id]) for resource in changed]
        return self._restore([*before.values(), *after])

    def _restore(self, versions: list[Resource]) -> Outcome:
        restored = self._all(partial(self._update, actual, before.properties) for actual, before in self._rolling_back)
        self.resources |= {resource.logical_resource_id: resource for resource in restored}
        if self._is_failing:
            failed = self._unsuccessful
            self._rolling_back = [pair for pair in self._rolling_back if pair[1].logical_resource_id in failed]
            return self._end("UPDATE_ROLLBACK_FAILED")
        return self._clean_up("UPDATE_ROLLBACK_COMPLETE", versions)

    @property
    def _unsuccessful(self) -> set[str]:
        """The resources whose last request did not succeed."""
        last = {event.logical_resource_id: event.is_success for event in self._events}
        return {name for name, is_success in last.items() if not is_success}

    def _clean_up(self, status: str, versions: Iterable[Resource]) -> Outcome:
        """Delete the versions that the stack no longer holds; one that cannot be deleted is given up."""
        held = {resource.physical_resource_id for resource in self.resources.values()}
        self._pause()
        obsolete = {
            version.physical_resource_id: version for version in versions if version.physical_resource_id not in held
        }
        self._all(partial(self._delete, version) for version in obsolete.values())
        return self._end(status)

    def _delete_everything(self, operation: str) -> Outcome:
        resources = list(self.resources.values())
        deleted = self._all(partial(self._delete, resource) for resource in resources)
        self.resources = {
            resource.logical_resource_id: resource
            for resource, is_deleted in zip(resources, deleted, strict=True)
            if not is_deleted
        }
        return self._end(f"{operation}_FAILED" if self.resources else f"{operation}_COMPLETE")

    def _create(self, name: str, properties: Properties) -> Resource:
        event = self._send("Create", Resource(name, "", properties))
        return Resource(name, event.physical_resource_id, properties)

    def _update(self, actual: Resource, properties: Properties) -> Resource:
        event = self._send(
            "Update",
            replace(actual, properties=properties),
            PhysicalResourceId=actual.physical_resource_id,
            OldResourceProperties=self._sent(actual.properties),
        )
        return Resource(actual.logical_resource_id, event.physical_resource_id, properties)

    def _delete(self, resource: Resource) -> bool:
        event = self._send("Delete", resource, PhysicalResourceId=resource.physical_resource_id)
        return event.is_success

    def _send(self, request_type: str, resource: Resource, **more: Any) -> ResourceEvent:  # noqa: ANN401 - JSON
        request = custom_resource_request(
            request_type,
            resource.logical_resource_id,
            self._sent(resource.properties),
            stack_id=self.stack_id,
            request_id=self.courier.new_request_id(),
        )
        is_wanted_anyway = request_type == "Delete"
        event = self.courier.exchange(
            request | more,
            is_cancelled=lambda: self._is_failing and not (is_wanted_anyway or self._goes_on),
            cancel_at=self._cancel_at,
        )
        self._is_failing |= not event.is_success
        self._events.append(event)
        return event

    def _sent(self, properties: Properties) -> Request:
        return sent_properties(properties, self.courier.service_token)

    def _all(self, jobs: Iterable[Callable[[], T]]) -> list[T]:
        """Do all jobs at the same time."""
        clock = self.courier.clock
        activities = [clock.spawn(f"an operation on stack {self.name}", job) for job in jobs]
        return [clock.join(activity) for activity in activities]

    def _begin(self, cancel_after: float) -> None:
        self._events = []
        self._is_failing = self._goes_on = False
        self._cancel_at = self.courier.clock.elapsed + cancel_after

    def _pause(self) -> None:
        """Let a moment pass before what follows, which nobody cancels."""
        self.courier.clock.advance(PAUSE_SECONDS)
        self._is_failing, self._cancel_at = False, math.inf

    def _end(self, status: str) -> Outcome:
        self.status = status
        ids = {name: resource.physical_resource_id for name, resource in self.resources.items()}
        return Outcome(status, tuple(self._events), ids)


def _differ(one: Properties, another: Properties) -> bool:
    """Whether properties are others once they are strings."""
    return bool(stringified(one) != stringified(another))
