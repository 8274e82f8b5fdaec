"""One AWS account for a test: DynamoDB, Lambda, S3 and CloudFormation on one virtual clock."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.simulator.cloudformation import CloudFormation
from tests.simulator.dynamodb import DynamoDB
from tests.simulator.faults import TakeTurns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.simulator.clock import Clock
    from tests.simulator.dynamodb import Profile
    from tests.simulator.faults import Call, Interceptor, Phase
    from tests.simulator.lambda_service import Function, Handler


class Account:
    """Everything that a provisioner meets.

    Attributes:
        dynamodb: The control plane, with its tables and the log of all calls.
        cloudformation: Stacks, single requests, the response server and the Lambda service.
        interceptors: Called before and after the effect of every AWS call, to which faults are added.
    """

    def __init__(
        self,
        clock: Clock,
        handler: Handler,
        function: Function | None = None,
        *,
        profile: str | Profile = "typical",
        latency: float = 0.0,
    ) -> None:
        """Deploy ``handler`` as ``function``, DynamoDB being as fast as ``profile`` says.

        ``latency`` is what each AWS call takes, in virtual seconds.
        """
        self.clock = clock
        self.dynamodb = DynamoDB(profile)
        self.cloudformation = CloudFormation(clock, handler, function)
        self.interceptors: list[Interceptor] = [TakeTurns(clock, latency)]
        self.dynamodb.interceptors.append(self._intercept)
        self.cloudformation.lambda_service.interceptors.append(self._intercept)

    def _intercept(self, call: Call, phase: Phase) -> None:
        for interceptor in list(self.interceptors):
            interceptor(call, phase)

    @contextmanager
    def running(self, certificate_authority: Path | None = None) -> Iterator[Account]:
        """Answer boto3 and take requests until the block ends, which fails if a rule was broken."""
        with self.dynamodb.installed(), self.cloudformation.running(certificate_authority):
            yield self


class OpenAccount(Protocol):
    """What the fixture gives: how to deploy a handler, with the parameters of :class:`Account`."""

    def __call__(
        self,
        handler: Handler,
        function: Function | None = None,
        *,
        profile: str | Profile = "typical",
        latency: float = 0.0,
        certificate_authority: Path | None = None,
    ) -> Account:
        """Deploy a handler; the answers go over TLS if a file for its authority is given."""


@pytest.fixture
def open_account(clock: Clock) -> Iterator[OpenAccount]:
    """Deploy handlers into accounts that close with the test."""
    with ExitStack() as stack:

        def start(
            handler: Handler,
            function: Function | None = None,
            *,
            profile: str | Profile = "typical",
            latency: float = 0.0,
            certificate_authority: Path | None = None,
        ) -> Account:
            account = Account(clock, handler, function, profile=profile, latency=latency)
            return stack.enter_context(account.running(certificate_authority))

        yield start
