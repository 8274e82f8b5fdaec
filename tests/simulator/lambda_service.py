"""Lambda's side of an asynchronous invocation: queue, retries, timeout, duplicates, recursion guard.

Events come from CloudFormation, and from the function itself through boto3's ``lambda.invoke``. Each
invocation is an activity of the virtual clock, killed exactly at the function's timeout.
"""

from __future__ import annotations

import json
import os
import uuid
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from unittest import mock
from urllib.parse import unquote, urlsplit

from tests.simulator.clock import Killed
from tests.simulator.dynamodb.errors import NotSimulatedError, ServiceError
from tests.simulator.dynamodb.wire import Request, Response, register
from tests.simulator.lambda_context import LambdaContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.simulator.activities import Activity
    from tests.simulator.clock import Clock
    from tests.simulator.faults import Interceptor, Phase

Event: TypeAlias = "Mapping[str, Any]"
Handler: TypeAlias = "Callable[[dict[str, Any], Any], object]"
Outcome: TypeAlias = Literal["running", "returned", "raised", "killed", "timed out"]

RETRY_AFTER_SECONDS: Final = (60.0, 120.0)
"""How long Lambda waits before it delivers a failed asynchronous event again."""

RECURSION_LIMIT: Final = 16
"""Invocations in one chain after which Lambda stops a function that invokes itself."""

_PAYLOAD_LIMIT: Final = 1024 * 1024
_STATUSES: Final = {
    "AccessDeniedException": 403,
    "ResourceNotFoundException": 404,
    "RequestTooLargeException": 413,
    "TooManyRequestsException": 429,
    "ServiceException": 500,
}


@dataclass(frozen=True, kw_only=True)
class Function:
    """How the function under test is deployed."""

    name: str = "table-provisioner"
    region: str = "us-east-1"
    account: str = "123456789012"
    timeout: float = 900.0
    """Seconds after which Lambda kills an invocation."""
    memory_mb: int = 512
    is_recursion_allowed: bool = False
    """``RecursiveLoop: Allow``."""
    maximum_retries: int = 2
    cold_start: Callable[[], Handler] | None = None
    """Makes the handler of a fresh environment; without it all environments share the given handler."""

    @property
    def arn(self) -> str:
        """The unqualified ARN."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that Lambda sets, with credentials that are good for nothing."""
        return {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_SESSION_TOKEN": "testing",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
        }


@dataclass(frozen=True)
class LambdaCall:
    """A call of Lambda's API, as interceptors see it."""

    operation: str
    service: str = "lambda"


@dataclass
class Invocation:
    """One run of the handler."""

    event: Event
    aws_request_id: str
    depth: int
    """Its place in a chain of self-invocations, from 1."""
    began: float
    """In virtual seconds since the start."""
    outcome: Outcome = "running"
    error: Exception | None = None
    activity: Activity | None = None


class LambdaService:
    """Lambda, as far as asynchronous invocations of one function go."""

    def __init__(self, clock: Clock, handler: Handler, function: Function | None = None) -> None:
        """Run ``handler`` on ``clock``."""
        self.clock = clock
        self.function = function or Function()
        self.invocations: list[Invocation] = []
        self.dropped: list[Event] = []
        """Events that the recursion guard stopped, or that failed once too often."""
        self.interceptors: list[Interceptor] = []
        self.on_redelivery: Callable[[Event], None] = lambda _: None
        self.on_crash: Callable[[Event, Exception], None] = lambda *_: None
        self._handler = handler
        self._idle: list[Handler] = []
        self._plans: deque[tuple[float, ...]] = deque()
        self._deliveries: list[Activity] = []
        self._serial = 0

    def deliver_next_after(self, *delays: float) -> None:
        """Plan how the next event is delivered: once after each of ``delays``, in virtual seconds.

        ``(0, 0)`` is a duplicate at the same time, ``(0, 300)`` one later, ``(7200,)`` a throttled delivery
        and ``()`` a lost one. Plans queue up, one for each event.
        """
        self._plans.append(delays)

    def invoke(self, event: Event, *, depth: int = 1) -> None:
        """Queue an event, as ``InvocationType="Event"`` does."""
        delays = self._plans.popleft() if self._plans else (0.0,)
        aws_request_id = self._new_id()
        for number, delay in enumerate(delays):
            deliver = partial(self._deliver, event, aws_request_id, depth, is_repeated=number > 0)
            name = f"delivery of {event.get('RequestType')} {event.get('LogicalResourceId')}"
            self._deliveries.append(self.clock.spawn(name, deliver, delay=delay, is_detached=True))

    def settle(self) -> None:
        """Wait until every event is delivered and every retry is over."""
        self.clock.wait(lambda: all(delivery.is_done for delivery in self._deliveries))

    @contextmanager
    def installed(self) -> Iterator[LambdaService]:
        """Answer boto3's ``lambda`` clients, and set the runtime's variables, until the block ends."""
        with mock.patch.dict(os.environ, self.function.environment), register("lambda", self.answer):
            os.environ.pop("AWS_PROFILE", None)
            yield self

    def answer(self, request: Request) -> Response:
        """Answer a call of the API."""
        if request.operation != "Invoke":
            raise NotSimulatedError(f"lambda:{request.operation}")
        call = LambdaCall(request.operation)
        try:
            self._intercept(call, "before")
            self._accept(request)
            self._intercept(call, "after")
        except ServiceError as error:
            headers = {"x-amzn-errortype": error.code}
            return Response({"Message": error.message}, _STATUSES.get(error.code, error.status), headers)
        return Response(b"", 202)

    def _intercept(self, call: LambdaCall, phase: Phase) -> None:
        self.clock.checkpoint()
        for interceptor in self.interceptors:
            interceptor(call, phase)

    def _accept(self, request: Request) -> None:
        function = unquote(urlsplit(request.url).path).split("/")[3]
        if function not in {self.function.name, self.function.arn}:
            raise ServiceError("ResourceNotFoundException", f"Function not found: {function}")
        if request.headers.get("X-Amz-Invocation-Type") != "Event":
            raise NotSimulatedError("lambda:Invoke other than InvocationType=Event")
        if len(request.body) > _PAYLOAD_LIMIT:
            raise ServiceError("RequestTooLargeException", f"{len(request.body)} byte payload is too large")
        event = json.loads(request.body)
        depth = self._depth() + 1
        if depth > RECURSION_LIMIT and not self.function.is_recursion_allowed:
            self.dropped.append(event)
        else:
            self.invoke(event, depth=depth)

    def _depth(self) -> int:
        """Return the place in its chain of the invocation that runs now."""
        caller = self.clock.running
        ours = (one for one in self.invocations if one.activity and caller.descends_from(one.activity))
        return max((invocation.depth for invocation in ours), default=0)

    def _deliver(self, event: Event, aws_request_id: str, depth: int, *, is_repeated: bool) -> None:
        for pause in (0.0, *RETRY_AFTER_SECONDS[: self.function.maximum_retries]):
            self.clock.advance(pause)
            if pause or is_repeated:
                self.on_redelivery(event)
            invocation = Invocation(event, aws_request_id, depth, self.clock.elapsed)
            self._invoke(invocation)
            if invocation.outcome == "returned":
                return
        self.dropped.append(event)

    def _invoke(self, invocation: Invocation) -> None:
        """Run the handler to its end, whatever that is."""
        self.invocations.append(invocation)
        handler = self._idle.pop() if self._idle else self._cold_start()
        name = f"invocation {len(self.invocations)} ({invocation.event.get('RequestType')})"
        activity = self.clock.spawn(name, partial(self._run, invocation, handler), lifetime=self.function.timeout)
        invocation.activity = activity
        self.clock.wait(lambda: activity.is_done)
        if activity.is_killed:
            is_late = self.clock.elapsed >= activity.kill_at
            invocation.outcome = "timed out" if is_late else "killed"
        else:
            self._idle.append(handler)
        self.clock.end(activity)

    def _cold_start(self) -> Handler:
        return self.function.cold_start() if self.function.cold_start else self._handler

    def _run(self, invocation: Invocation, handler: Handler) -> None:
        event = json.loads(json.dumps(invocation.event))
        try:
            handler(event, self._context(invocation))
        except Exception as error:  # noqa: BLE001 - the runtime reports whatever a handler raises
            invocation.outcome, invocation.error = "raised", error
            self.on_crash(event, error)
        except SystemExit:
            raise Killed from None
        else:
            invocation.outcome = "returned"

    def _context(self, invocation: Invocation) -> LambdaContext:
        function = self.function
        return LambdaContext(
            aws_request_id=invocation.aws_request_id,
            function_name=function.name,
            function_version="$LATEST",
            invoked_function_arn=function.arn,
            memory_limit_in_mb=str(function.memory_mb),
            log_group_name=f"/aws/lambda/{function.name}",
            log_stream_name="2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
            deadline_ms=round((self.clock.now + function.timeout) * 1000),
        )

    def _new_id(self) -> str:
        self._serial += 1
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"invocation {self._serial}"))
