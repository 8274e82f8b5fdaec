"""How the simulator meets boto3, and what a test can see and do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.simulator.dynamodb import (
    Call,
    DynamoDB,
    NotSimulatedError,
    Request,
    Response,
    ServiceError,
    refusal,
    register,
)
from tests.simulator.dynamodb.tests.bench import NAME, PLAIN, Bench

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from tests.simulator.clock import Clock


def test_refusals_carry_a_request_id(bench: Bench) -> None:
    with pytest.raises(ClientError) as caught:
        bench.describe()
    metadata = caught.value.response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 400
    assert len(metadata["RequestId"]) == 36


def test_modelled_exceptions_are_raised_as_such(dynamodb: DynamoDB) -> None:  # noqa: ARG001 - installed
    client = boto3.client("dynamodb")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_table(TableName=NAME)


def test_boto3s_own_waiters_work_on_virtual_time(bench: Bench) -> None:
    real = time.perf_counter()
    bench.start()
    boto3.client("dynamodb").get_waiter("table_exists").wait(TableName=NAME)
    assert bench.describe()["TableStatus"] == "ACTIVE"
    assert time.perf_counter() - real < 2


def test_nothing_is_answered_when_nothing_is_installed(aws_environment: None) -> None:  # noqa: ARG001 - needed
    with DynamoDB().installed():
        pass
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=1)
    client = boto3.client("dynamodb", endpoint_url="http://127.0.0.1:9", config=config)
    with pytest.raises(Exception, match="Could not connect to the endpoint"):
        client.list_tables()


def test_another_service_can_be_answered_beside_it(dynamodb: DynamoDB) -> None:  # noqa: ARG001 - installed
    def answer(request: Request) -> Response:
        assert (request.service, request.operation) == ("lambda", "Invoke")
        return Response(request.body, 202, {"x-amz-function-error": "none"})

    with register("lambda", answer):
        result = boto3.client("lambda").invoke(FunctionName="f", InvocationType="Event", Payload=b"{}")
    assert result["StatusCode"] == 202


def test_every_call_is_logged_with_its_virtual_time_and_outcome(bench: Bench) -> None:
    bench.create()
    bench.refused("UpdateTable", TableName=NAME)
    log = [(call.number, call.at - bench.clock.start, call.operation, call.outcome) for call in bench.dynamodb.calls]
    assert log == [
        (1, 0, "CreateTable", "ok"),
        (2, 60, "DescribeTable", "ok"),
        (3, 60, "UpdateTable", "ValidationException"),
    ]
    assert bench.dynamodb.calls[0].params == PLAIN
    assert bench.dynamodb.calls[2].message.startswith("At least one of ProvisionedThroughput")
    assert bench.dynamodb.mutations == ["CreateTable"]
    assert len(bench.dynamodb.calls_of("DescribeTable", "UpdateTable")) == 2


def test_a_latency_lets_time_pass_before_the_effect(bench: Bench) -> None:
    bench.dynamodb.latency = lambda _: time.sleep(0.5)
    bench.start()
    assert bench.clock.elapsed == 0.5
    assert bench.table.created_at == bench.clock.start + 0.5


class _ProcessKilled(BaseException):
    """What no code under test may catch."""


@pytest.mark.parametrize(
    "raised",
    [
        pytest.param(refusal("rate-exceeded"), id="a refusal of the service"),
        pytest.param(ConnectionClosedError(endpoint_url="https://example"), id="a lost connection"),
        pytest.param(_ProcessKilled(), id="the end of the process"),
    ],
)
@pytest.mark.parametrize("phase", ["before", "after"])
def test_an_interceptor_can_raise_before_or_after_the_effect(
    bench: Bench, phase: Literal["before", "after"], raised: BaseException
) -> None:
    expected = ClientError if isinstance(raised, ServiceError) else type(raised)
    bench.dynamodb.interceptors.append(_raising(phase, raised))
    with pytest.raises(expected):
        bench.start()
    assert (NAME in bench.dynamodb.tables) == (phase == "after")
    (call,) = bench.dynamodb.calls
    assert call.had_effect == (phase == "after")
    assert call.outcome == ("ThrottlingException" if expected is ClientError else "lost")


def _raising(phase: str, error: BaseException) -> Callable[[Call, Literal["before", "after"]], None]:
    def interceptor(_: Call, now: Literal["before", "after"]) -> None:
        if now == phase:
            raise error

    return interceptor


def test_botocore_retries_throttling_on_virtual_time(bench: Bench) -> None:
    client = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 3, "mode": "standard"}))
    failures = iter([refusal("account-rate-exceeded"), refusal("account-rate-exceeded")])

    def interceptor(_: Call, phase: Literal["before", "after"]) -> None:
        failure = next(failures, None) if phase == "before" else None
        if failure is not None:
            raise failure

    bench.dynamodb.interceptors.append(interceptor)
    client.create_table(**PLAIN)
    assert [call.outcome for call in bench.dynamodb.calls] == ["ThrottlingException", "ThrottlingException", "ok"]


def test_what_is_not_simulated_says_so_loudly(bench: Bench) -> None:
    bench.create()
    with pytest.raises(NotSimulatedError):
        bench.call("ListExports")
    with pytest.raises(NotSimulatedError):
        bench.update(ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}])


def test_two_simulators_know_nothing_of_each_other(clock: Clock, bench: Bench) -> None:
    bench.create()
    with DynamoDB().installed() as other:
        assert Bench(other, clock).call("ListTables")["TableNames"] == []
    assert bench.call("ListTables")["TableNames"] == [NAME]
