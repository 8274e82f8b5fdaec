"""CloudFormation as a test meets it: stacks, single requests, and the rules that were broken."""

from __future__ import annotations

import hashlib
import math
import traceback
import uuid
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.cloudformation.outcome import ResourceEvent
from tests.simulator.cloudformation.requests import (
    custom_resource_request,
    sent_properties,
    service_timeout,
)
from tests.simulator.cloudformation.response_server import ResponseServer
from tests.simulator.cloudformation.stack import Stack
from tests.simulator.lambda_service import Event, Function, Handler, LambdaService

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.simulator.clock import Clock
    from tests.simulator.cloudformation.answers import Answer
    from tests.simulator.cloudformation.outcome import Outcome
    from tests.simulator.cloudformation.requests import Properties, Request
    from tests.simulator.cloudformation.response_server import ResponseUrl, Signing

NO_ANSWER = "CloudFormation did not receive a response from your Custom Resource."
CANCELLED = "Resource operation cancelled"


class CloudFormation:
    """One account's CloudFormation, the function behind its custom resources, and S3 in between."""

    def __init__(self, clock: Clock, handler: Handler, function: Function | None = None) -> None:
        """Send all requests to ``handler``, deployed as ``function`` says."""
        self.clock = clock
        self.lambda_service = LambdaService(clock, handler, function)
        self.lambda_service.on_redelivery = self._expect_another_answer
        self.lambda_service.on_crash = self._look_into
        self.responses = ResponseServer(clock)
        self.signing: Signing = "v4"
        self._stacks: dict[str, Stack] = {}
        self._signed: dict[str, ResponseUrl] = {}
        self._data_keys: dict[tuple[str, str], frozenset[str]] = {}
        self._violations: list[str] = []
        self._taken = 0
        self._serial = 0

    @property
    def service_token(self) -> str:
        """The ARN of the function."""
        return self.lambda_service.function.arn

    @property
    def violations(self) -> list[str]:
        """Every rule of the contract that was broken so far, in words."""
        return [*self.responses.violations, *self._violations]

    def take_violations(self) -> list[str]:
        """Return the broken rules, which then no longer fail the test."""
        violations = self.violations
        self._taken = len(violations)
        return violations

    @contextmanager
    def running(self, certificate_authority: Path | None = None) -> Iterator[CloudFormation]:
        """Take requests until the block ends, which fails if a rule was broken; over TLS if given a file."""
        with ExitStack() as stack:
            stack.enter_context(self.responses.serving(certificate_authority))
            stack.enter_context(self.lambda_service.installed())
            yield self
        if len(self.violations) > self._taken:
            raise AssertionError("the contract was broken: " + "; ".join(self.violations))

    def create_stack(
        self,
        resources: Mapping[str, Properties],
        *,
        stack_name: str = "shop",
        cancel_after: float = math.inf,
        another_resource_fails: bool = False,
    ) -> Outcome:
        """Create a stack of custom resources, given by their properties.

        The user cancels after so many seconds; another resource of the stack fails once ours are done.
        """
        existing = self._stacks.get(stack_name)
        if existing and existing.status != "DELETE_COMPLETE":
            raise ValueError(f"Stack [{stack_name}] already exists")
        stack_id = _stack_id(stack_name, self.new_request_id())
        self._stacks[stack_name] = stack = Stack(stack_name, stack_id, self)
        return stack.create(resources, cancel_after=cancel_after, another_resource_fails=another_resource_fails)

    def update_stack(
        self,
        resources: Mapping[str, Properties],
        *,
        stack_name: str = "shop",
        cancel_after: float = math.inf,
        another_resource_fails: bool = False,
        disable_rollback: bool = False,
    ) -> Outcome:
        """Give a stack another template; parameters as in :meth:`create_stack`.

        With ``disable_rollback`` what failed stays as it is, until another update tries it again.
        """
        stack = self._stacks[stack_name]
        if stack.status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED"}:
            raise ValueError(f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")
        return stack.update(
            resources,
            cancel_after=cancel_after,
            another_resource_fails=another_resource_fails,
            disable_rollback=disable_rollback,
        )

    def continue_update_rollback(self, *resources_to_skip: str, stack_name: str = "shop") -> Outcome:
        """Try a rollback again that failed; resources that are skipped count as restored."""
        stack = self._stacks[stack_name]
        if stack.status != "UPDATE_ROLLBACK_FAILED":
            raise ValueError(f"Stack:{stack.stack_id} is in {stack.status} state and can not be rolled back.")
        return stack.continue_update_rollback(resources_to_skip)

    def delete_stack(self, stack_name: str = "shop") -> Outcome:
        """Delete a stack, or what an earlier try has left of it."""
        return self._stacks[stack_name].delete()

    def request(
        self,
        request_type: str,
        properties: Properties,
        old: Properties | None = None,
        **fields: Any,  # noqa: ANN401 - JSON
    ) -> Request:
        """Build a single request with an id of its own, for :meth:`deliver`.

        ``properties`` and, for an Update, the ``old`` ones are given as in a template. ``fields`` are fields of
        the event (``PhysicalResourceId``, ``LogicalResourceId`` …), sent as they are.
        """
        request = custom_resource_request(
            request_type,
            "Table",
            sent_properties(properties, self.service_token),
            stack_id=_stack_id("shop", "1"),
            request_id=self.new_request_id(),
        )
        if old is not None:
            request["OldResourceProperties"] = sent_properties(old, self.service_token)
        return request | fields

    def deliver(self, request: Request) -> ResourceEvent:
        """Send a request, on a ``ResponseURL`` of its own, and wait for its end."""
        return self.exchange(request)

    def deliver_together(self, *requests: Request, apart: float = 0.0) -> list[ResourceEvent]:
        """Send requests, each ``apart`` seconds after the one before, and wait for all."""
        activities = [
            self.clock.spawn("a delivery", partial(self.exchange, request), delay=apart * number)
            for number, request in enumerate(requests)
        ]
        return [self.clock.join(activity) for activity in activities]

    def is_leaked_in(self, text: str) -> bool:
        """Whether a text, such as that of a log, holds what makes one of the ``ResponseURL`` a credential."""
        return any(url.rpartition("=")[2] in text for url in self._signed)

    def settle(self) -> None:
        """Wait until Lambda has nothing left to deliver or to run."""
        self.lambda_service.settle()

    def new_request_id(self) -> str:
        """Make an id, the same in each run of a test."""
        self._serial += 1
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"request {self._serial}"))

    def exchange(
        self,
        request: Request,
        *,
        is_cancelled: Callable[[], bool] = lambda: False,
        cancel_at: float = math.inf,
    ) -> ResourceEvent:
        """Send a request and wait for its answer, its ``ServiceTimeout`` or its being cancelled."""
        signed = self.responses.sign(request, self.signing)
        self._signed[signed.url] = signed
        began = self.clock.elapsed
        patience = max(0.0, min(service_timeout(request), cancel_at - began))
        self.lambda_service.invoke({**request, "ResponseURL": signed.url})
        self.clock.wait(lambda: signed.is_heard or is_cancelled(), patience)
        has_waited = self.clock.elapsed - began
        if signed.answer is not None:
            return self._answered(request, signed.answer, has_waited)
        is_timeout = has_waited >= service_timeout(request)
        return ResourceEvent(
            request=request,
            status="FAILED" if is_timeout else "CANCELLED",
            reason=NO_ANSWER if is_timeout else CANCELLED,
            physical_resource_id=_former_id(request),
            duration=has_waited,
        )

    def _answered(self, request: Request, answer: Answer, duration: float) -> ResourceEvent:
        is_delete = request.get("RequestType") == "Delete"
        if answer.is_success and not is_delete:
            self._compare_data_keys(request, answer)
        former_id = _former_id(request)
        return ResourceEvent(
            request=request,
            status="SUCCESS" if answer.is_success else "FAILED",
            reason=answer.reason,
            physical_resource_id=former_id if is_delete else answer.physical_resource_id or former_id,
            data=answer.data,
            duration=duration,
        )

    def _compare_data_keys(self, request: Request, answer: Answer) -> None:
        """Hold the keys of ``Data``, which ``Fn::GetAtt`` relies on, against earlier answers."""
        keys = frozenset(answer.data)
        resource = (str(request.get("StackId")), str(request.get("LogicalResourceId")))
        if self._data_keys.setdefault(resource, keys) != keys:
            self._violations.append(f"{request['RequestType']}: Data has other keys than before: {sorted(keys)}")

    def _look_into(self, event: Event, error: Exception) -> None:
        """Judge what a handler raised, and Lambda writes to the log."""
        name = type(error).__name__
        if self.is_leaked_in("".join(traceback.format_exception(error))):
            self._violations.append(f"{name} carries the ResponseURL")
        signed = self._signed.get(str(event.get("ResponseURL")))
        if signed and signed.is_answered:
            self._violations.append(f"raised {name} although its answer had arrived")

    def _expect_another_answer(self, event: Event) -> None:
        signed = self._signed.get(str(event.get("ResponseURL")))
        if signed:
            signed.deliveries += 1


def _stack_id(name: str, serial: str) -> str:
    return f"arn:aws:cloudformation:us-east-1:123456789012:stack/{name}/{serial}"


def _former_id(request: Request) -> str:
    """Return the id that a request came with, or the one that CloudFormation makes up for a lost Create."""
    stack_name = str(request.get("StackId")).rpartition(":stack/")[2].partition("/")[0]
    suffix = hashlib.sha256(str(request.get("RequestId")).encode()).hexdigest()[:12].upper()
    made_up = f"{stack_name}-{request.get('LogicalResourceId')}-{suffix}"
    return str(request.get("PhysicalResourceId") or made_up)


@pytest.fixture
def cloudformation(clock: Clock) -> Iterator[Callable[..., CloudFormation]]:
    """Start a CloudFormation: ``cloudformation(handler)``, or with a :class:`Function` and a file for TLS."""
    with ExitStack() as stack:

        def start(
            handler: Handler, function: Function | None = None, certificate_authority: Path | None = None
        ) -> CloudFormation:
            return stack.enter_context(CloudFormation(clock, handler, function).running(certificate_authority))

        yield start
