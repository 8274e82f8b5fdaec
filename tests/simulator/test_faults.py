from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from tests.simulator.dynamodb.errors import ServiceError
from tests.simulator.dynamodb.wire import Request, Response, error, register
from tests.simulator.faults import (
    ConnectionLost,
    Fault,
    ProcessKilled,
    Refused,
    TakeTurns,
    throttling_storm,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulator.clock import Clock
    from tests.simulator.faults import Effect, Interceptor, Phase


@dataclass
class SmallTable:
    """A service that counts, to be disturbed."""

    interceptors: list[Interceptor]
    effects: list[str]

    def answer(self, request: Request) -> Response:
        """Answer as a simulated service does."""
        try:
            for interceptor in self.interceptors:
                interceptor(request, "before")
            self.effects.append(request.operation)
            for interceptor in self.interceptors:
                interceptor(request, "after")
        except ServiceError as refused:
            return error(refused.code, refused.message, refused.status)
        return Response({"TableNames": []})


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallTable]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    small = SmallTable([], [])
    with register("dynamodb", small.answer):
        yield small


def client(attempts: int = 1) -> Any:  # noqa: ANN401 - the stubs know no unknown service
    config = Config(retries={"total_max_attempts": attempts, "mode": "standard"})
    return boto3.client("dynamodb", region_name="us-east-1", config=config)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("effect", "caught"),
    [
        pytest.param(ConnectionLost("on connecting"), EndpointConnectionError, id="no-connection"),
        pytest.param(ConnectionLost("while waiting"), ReadTimeoutError, id="no-answer"),
        pytest.param(ConnectionLost(), ConnectionClosedError, id="closed"),
        pytest.param(Refused("ResourceInUseException", "busy"), ClientError, id="an-aws-error"),
    ],
)
@pytest.mark.parametrize(("phase", "effects"), [("before", 0), ("after", 1)])
def test_the_caller_meets_the_fault_before_or_after_the_effect(
    service: SmallTable, effect: Effect, caught: type[Exception], phase: Phase, effects: int
) -> None:
    service.interceptors.append(Fault(effect, phase=phase))
    with pytest.raises(caught):
        client().list_tables()
    assert len(service.effects) == effects


@pytest.mark.usefixtures("clock")
def test_only_the_chosen_call_of_the_chosen_operation_is_struck(service: SmallTable) -> None:
    fault = Fault(Refused("ResourceInUseException", "busy"), at=2, operation="ListBackups")
    service.interceptors.append(fault)
    dynamodb = client()
    dynamodb.list_backups()
    dynamodb.list_tables()
    with pytest.raises(ClientError, match="busy"):
        dynamodb.list_backups()
    dynamodb.list_backups()
    assert (fault.calls, fault.strikes) == (3, 1)


def test_a_retry_by_the_sdk_costs_virtual_time_and_succeeds(clock: Clock, service: SmallTable) -> None:
    service.interceptors.append(throttling_storm(calls=2))
    client(attempts=4).list_tables()
    assert len(service.effects) == 1
    assert clock.elapsed > 0


def test_a_storm_ends_after_its_seconds(clock: Clock, service: SmallTable) -> None:
    storm = throttling_storm(seconds=30)
    service.interceptors.append(storm)
    dynamodb = client()
    for _ in range(3):
        with pytest.raises(ClientError, match="Rate exceeded"):
            dynamodb.list_tables()
        clock.advance(10)
    dynamodb.list_tables()
    assert storm.strikes == 3


def test_a_lost_connection_takes_as_long_as_it_takes_to_notice(clock: Clock, service: SmallTable) -> None:
    service.interceptors.append(Fault(ConnectionLost("while waiting", seconds=60)))
    with pytest.raises(ReadTimeoutError):
        client().list_tables()
    assert clock.elapsed == 60


def test_the_process_can_be_killed_at_every_call_in_turn(clock: Clock, service: SmallTable) -> None:
    seen = []

    def scenario() -> None:
        for _ in range(3):
            try:
                client(attempts=5).list_tables()
            except BaseException:  # noqa: BLE001, S112 - the worst that code under test can do
                continue

    for number in itertools.count(1):
        service.effects.clear()
        fault = Fault(ProcessKilled(clock), at=number, phase="after")
        service.interceptors[:] = [TakeTurns(clock), fault]
        activity = clock.spawn("scenario", scenario)
        clock.join(activity)
        seen.append((len(service.effects), activity.is_killed))
        if not fault.strikes:
            break
    assert seen == [(1, True), (2, True), (3, True), (3, False)]


@pytest.mark.parametrize(("seconds", "elapsed"), [(0, 0), (0.5, 1.0)])
def test_calls_of_two_processes_take_turns(clock: Clock, service: SmallTable, seconds: float, elapsed: float) -> None:
    service.interceptors.append(TakeTurns(clock, seconds))
    order: list[str] = []

    def process(name: str) -> None:
        dynamodb = client()
        for _ in range(2):
            dynamodb.list_tables()
            order.append(name)

    processes = [clock.spawn(name, partial(process, name)) for name in "ab"]
    for activity in processes:
        clock.join(activity)
    assert order == ["a", "b", "a", "b"]
    assert clock.elapsed == elapsed
