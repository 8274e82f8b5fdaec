from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, TypeAlias

import boto3
import pytest
from awslambdaric.lambda_context import (  # type: ignore[import-untyped]  # publishes no types
    LambdaContext as RealContext,
)
from botocore.exceptions import ClientError

from tests.simulator.clock import START, Killed
from tests.simulator.cloudformation import CloudFormation, KillSender
from tests.simulator.cloudformation.tests.handlers import hand_over, respond, silent, well_behaved
from tests.simulator.faults import Fault, Refused
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.clock import Clock

Start: TypeAlias = "Callable[..., CloudFormation]"


def outcomes(aws: CloudFormation) -> list[tuple[str, float]]:
    """Return how each invocation ended and when it began."""
    aws.settle()
    return [(invocation.outcome, invocation.began) for invocation in aws.lambda_service.invocations]


def create(aws: CloudFormation, **properties: object) -> str:
    """Send a Create and return what became of it."""
    return aws.deliver(aws.request("Create", properties)).status


def test_the_context_has_what_the_real_one_has(clock: Clock, cloudformation: Start) -> None:
    contexts: list[Any] = []

    def handler(event: dict[str, Any], context: object) -> None:
        contexts.append(context)
        time.sleep(10.5)
        respond(event)

    create(cloudformation(handler, Function(timeout=60)))
    context = contexts[0]
    real = RealContext("id", None, None, int((START + 60) * 1000), "arn")
    public = {name for name in dir(real) if not name.startswith("_")} - {"log"}
    assert public <= set(dir(context))
    assert context.get_remaining_time_in_millis() == real.get_remaining_time_in_millis() == 49_500
    assert context.invoked_function_arn == "arn:aws:lambda:us-east-1:123456789012:function:table-provisioner"
    assert (context.function_name, context.memory_limit_in_mb) == ("table-provisioner", "512")
    clock.advance(3600)
    assert context.get_remaining_time_in_millis() == 0


def test_the_runtime_sets_its_variables_and_takes_them_back(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "a-developer")
    with CloudFormation(clock, silent).running():
        assert os.environ["AWS_LAMBDA_FUNCTION_NAME"] == "table-provisioner"
        assert "AWS_PROFILE" not in os.environ
    assert os.environ["AWS_PROFILE"] == "a-developer"
    assert "AWS_LAMBDA_FUNCTION_NAME" not in os.environ


def test_an_event_that_fails_is_delivered_again_after_one_and_two_minutes(cloudformation: Start) -> None:
    def handler(_event: object, _context: object) -> None:
        raise ConnectionError("no way out")

    aws = cloudformation(handler)
    assert create(aws) == "FAILED"
    assert outcomes(aws) == [("raised", 0), ("raised", 60), ("raised", 180)]
    assert len({invocation.aws_request_id for invocation in aws.lambda_service.invocations}) == 1
    assert len(aws.lambda_service.dropped) == 1


def test_the_kill_comes_exactly_at_the_timeout(cloudformation: Start) -> None:
    def handler(_event: object, _context: object) -> None:
        time.sleep(5000)

    aws = cloudformation(handler)
    assert create(aws) == "FAILED"
    assert outcomes(aws) == [("timed out", 0), ("timed out", 960), ("timed out", 1980)]


def test_a_retry_can_still_answer_on_the_same_url(cloudformation: Start) -> None:
    tries: list[str] = []

    def handler(event: dict[str, Any], _: object) -> None:
        tries.append(event["ResponseURL"])
        if len(tries) < 3:
            time.sleep(901)
        respond(event)

    aws = cloudformation(handler)
    assert create(aws) == "SUCCESS"
    assert [outcome for outcome, _ in outcomes(aws)] == ["timed out", "timed out", "returned"]
    assert len(set(tries)) == 1


def test_a_process_killed_just_after_its_answer_may_answer_again(cloudformation: Start) -> None:
    aws = cloudformation(well_behaved)
    aws.responses.misbehave(KillSender(after_effect=True))
    assert create(aws) == "SUCCESS"
    assert outcomes(aws) == [("killed", 0), ("returned", 60)]


def test_swallowing_the_kill_changes_nothing(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], context: object) -> None:
        try:
            time.sleep(901)
        except BaseException:  # noqa: BLE001 - the worst that a handler can do
            well_behaved(event, context)

    aws = cloudformation(handler, Function(maximum_retries=0))
    assert create(aws) == "FAILED"
    assert outcomes(aws) == [("timed out", 0)]
    assert aws.responses.statuses == [0]


def test_a_killed_process_hands_nothing_over(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 - the context
        try:
            time.sleep(901)
        finally:
            hand_over(event, context.function_name)

    aws = cloudformation(handler, Function(maximum_retries=0))
    create(aws)
    assert outcomes(aws) == [("timed out", 0)]


def test_exiting_the_process_is_a_crash(cloudformation: Start) -> None:
    aws = cloudformation(lambda _event, _context: sys.exit(0), Function(maximum_retries=1))
    create(aws)
    assert outcomes(aws) == [("killed", 0), ("killed", 60)]


def test_a_timer_that_is_left_behind_does_not_outlive_the_invocation(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], _: object) -> None:
        threading.Timer(899.5, lambda: respond(event)).start()
        respond(event)

    aws = cloudformation(handler)
    create(aws)
    aws.clock.advance(1000)
    assert aws.responses.statuses == [200]


def test_a_timer_that_answers_while_the_handler_goes_on_is_caught(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], _: object) -> None:
        threading.Timer(100, lambda: respond(event)).start()
        time.sleep(200)
        respond(event)

    aws = cloudformation(handler)
    create(aws)
    aws.settle()
    assert aws.take_violations() == ["Create of Table: answered again"]


@pytest.mark.parametrize(
    ("delays", "begins"),
    [
        pytest.param((0,), [0], id="once-by-default"),
        pytest.param((0, 0), [0, 0], id="twice-at-the-same-time"),
        pytest.param((0, 300), [0, 300], id="twice-in-sequence"),
        pytest.param((7100,), [7100], id="hours-late-when-throttled"),
        pytest.param((), [], id="never"),
    ],
)
def test_deliveries_follow_the_plan(cloudformation: Start, delays: tuple[float], begins: list[float]) -> None:
    aws = cloudformation(well_behaved)
    aws.lambda_service.deliver_next_after(*delays)
    assert create(aws) == ("SUCCESS" if 0 in begins else "FAILED")
    assert outcomes(aws) == [("returned", began) for began in begins]


def test_duplicates_at_the_same_time_take_turns(cloudformation: Start) -> None:
    steps: list[str] = []

    def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 - the context
        name = f"{len(steps)}"
        for _ in range(3):
            steps.append(name)
            time.sleep(1)
        well_behaved(event, context)

    aws = cloudformation(handler)
    aws.lambda_service.deliver_next_after(0, 0)
    create(aws)
    aws.settle()
    assert steps == ["0", "1", "0", "1", "0", "1"]


def test_the_function_hands_over_to_itself(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 - the context
        time.sleep(800)
        if event.get("Hop", 0) < 2:
            hand_over(event, context.invoked_function_arn)
        else:
            respond(event)

    aws = cloudformation(handler)
    assert create(aws) == "SUCCESS"
    assert outcomes(aws) == [("returned", 0), ("returned", 800), ("returned", 1600)]
    assert [invocation.depth for invocation in aws.lambda_service.invocations] == [1, 2, 3]


@pytest.mark.parametrize(("is_recursion_allowed", "hops"), [(False, 16), (True, 20)])
def test_the_recursion_guard_stops_a_chain_unless_allowed(
    cloudformation: Start, *, is_recursion_allowed: bool, hops: int
) -> None:
    def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 - the context
        if event.get("Hop", 0) < 19:
            hand_over(event, context.function_name)
        else:
            respond(event)

    aws = cloudformation(handler, Function(is_recursion_allowed=is_recursion_allowed))
    assert create(aws) == ("SUCCESS" if is_recursion_allowed else "FAILED")
    assert len(aws.lambda_service.invocations) == hops
    assert len(aws.lambda_service.dropped) == (0 if is_recursion_allowed else 1)


@pytest.mark.parametrize(
    ("code", "status", "tries"),
    [
        pytest.param("AccessDeniedException", 403, 1, id="access-denied-at-once"),
        pytest.param("TooManyRequestsException", 429, 3, id="throttled-after-retries"),
        pytest.param("ServiceException", 500, 3, id="a-5xx-after-retries"),
    ],
)
def test_a_hand_over_can_be_refused(cloudformation: Start, code: str, status: int, tries: int) -> None:
    errors: list[ClientError] = []

    def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 - the context
        with pytest.raises(ClientError) as caught:
            hand_over(event, context.invoked_function_arn)
        errors.append(caught.value)
        respond(event)

    aws = cloudformation(handler)
    fault = Fault(Refused(code, "as the test wants it"), times=100)
    aws.lambda_service.interceptors.append(fault)
    assert create(aws) == "SUCCESS"
    assert errors[0].response["Error"]["Code"] == code
    assert errors[0].response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert fault.strikes == tries
    assert len(outcomes(aws)) == 1


@pytest.mark.parametrize(
    ("call", "code"),
    [
        pytest.param({"FunctionName": "other"}, "ResourceNotFoundException", id="another-function"),
        pytest.param({"Payload": b"x" * 1_048_577}, "RequestTooLargeException", id="more-than-a-mebibyte"),
    ],
)
def test_an_impossible_invocation_is_refused(cloudformation: Start, call: dict[str, Any], code: str) -> None:
    cloudformation(silent)
    with pytest.raises(ClientError, match=code):
        boto3.client("lambda").invoke(**{"FunctionName": "table-provisioner", "InvocationType": "Event", **call})


def test_a_cold_start_follows_a_kill_and_concurrency(cloudformation: Start) -> None:
    environments: list[int] = []

    def cold_start() -> Callable[..., None]:
        environments.append(0)
        mine = len(environments) - 1

        def handler(event: dict[str, Any], context: object) -> None:
            environments[mine] += 1
            time.sleep(901 if environments == [3] else 1)
            well_behaved(event, context)

        return handler

    aws = cloudformation(silent, Function(cold_start=cold_start))
    create(aws)
    create(aws)
    assert len({invocation.aws_request_id for invocation in aws.lambda_service.invocations}) == 2
    assert environments == [2]
    create(aws)
    assert environments == [3, 1]
    request = aws.request("Create", {})
    aws.deliver_together(request, request)
    assert environments == [3, 2, 1]


def test_each_invocation_gets_an_event_of_its_own(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], _: object) -> None:
        assert event.pop("RequestType") == "Create"
        raise RuntimeError

    aws = cloudformation(handler)
    create(aws)
    assert {type(invocation.error) for invocation in aws.lambda_service.invocations} == {RuntimeError}


def test_a_kill_from_outside_is_retried(cloudformation: Start) -> None:
    tries: list[float] = []

    def handler(event: dict[str, Any], _: object) -> None:
        tries.append(time.time() - START)
        if len(tries) == 1:
            raise Killed
        respond(event)

    assert create(cloudformation(handler)) == "SUCCESS"
    assert tries == [0, 60]
