"""One answer for each request, on its own URL, whatever happens to the way there; and nobody learns the URL."""

from __future__ import annotations

import json
import logging
import math
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from table_provisioner.clients import Clients
from table_provisioner.custom_resource import respond
from table_provisioner.event import Event
from table_provisioner.handler import lambda_handler
from table_provisioner.response import ResponseNotDeliveredError
from tests.functional.tables import ORDERS, compact, described
from tests.simulator.cloudformation import CloudFormation, Drip, HangUp, KillSender, Late, Refuse, Unreachable
from tests.simulator.cloudformation.response_server import ResponseServer
from tests.simulator.faults import Fault, Refused, throttling_storm
from tests.simulator.lambda_context import LambdaContext
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from tests.simulator.account import Account, OpenAccount
    from tests.simulator.clock import Clock
    from tests.simulator.cloudformation.response_server import Behaviour

EVENTS = Path(__file__).parents[2] / "events"
URL = "https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/x?X-Amz-Signature=0123456789abcdef"


def context(seconds: float = 900) -> LambdaContext:
    """A context such as Lambda hands in, with so many seconds left."""
    return LambdaContext(
        aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        function_name="table-provisioner",
        function_version="$LATEST",
        invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:table-provisioner",
        memory_limit_in_mb="256",
        log_group_name="/aws/lambda/table-provisioner",
        log_stream_name="2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
        deadline_ms=round((time.time() + seconds) * 1000),
    )


@pytest.mark.parametrize(
    ("behaviour", "times"),
    [
        pytest.param(Refuse(403), 3, id="refused for want of permission three times"),
        pytest.param(Refuse(500), 2, id="failing on S3's side twice"),
        pytest.param(Refuse(307), 1, id="redirected"),
        pytest.param(HangUp(), 2, id="hung up on twice"),
        pytest.param(Late(3), 1, id="confirmed late"),
        pytest.param(Late(4000), 1, id="not confirmed once"),
        pytest.param(Unreachable(), 2, id="without a way to S3 twice"),
    ],
)
def test_an_answer_is_sent_until_it_is_accepted(account: Account, behaviour: Behaviour, times: int) -> None:
    account.cloudformation.responses.misbehave(behaviour, times=times)
    answer = account.cloudformation.deliver(account.cloudformation.request("Create", compact()))
    account.cloudformation.settle()
    assert answer.is_success
    assert account.clock.elapsed < 30
    assert len(account.cloudformation.lambda_service.invocations) == 1


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(Refuse(403), id="always refused"),
        pytest.param(Unreachable(), id="always unreachable"),
        pytest.param(Late(4000), id="never confirmed"),
        pytest.param(Drip(2), id="confirmed a byte every other second"),
    ],
)
def test_an_answer_that_is_not_accepted_ends_the_invocation_in_its_time(account: Account, behaviour: Behaviour) -> None:
    aws = account.cloudformation
    aws.responses.misbehave(behaviour, times=math.inf)
    aws.deliver(aws.request("Create", compact()))
    aws.settle()
    assert "timed out" not in {invocation.outcome for invocation in aws.lambda_service.invocations}
    aws.take_violations()


@pytest.mark.parametrize(
    ("silence", "failure"), [(Unreachable(), "ConnectTimeoutError"), (Late(4000), "ReadTimeoutError")]
)
def test_dynamodb_that_never_answers_leaves_time_for_an_answer(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, silence: Behaviour, failure: str
) -> None:
    def handler(event: dict[str, Any], context: LambdaContext) -> None:
        respond(Event.of(event), context, Clients())

    with ResponseServer(clock).serving() as dynamodb, CloudFormation(clock, handler, Function()).running() as aws:
        dynamodb.misbehave(silence, times=math.inf)
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb.sign({}).url.rpartition("/")[0])
        answer = aws.deliver(aws.request("Create", compact(ServiceTimeout=25)))
    assert answer.reason.startswith(f"NotStabilized: the time was over while AWS answered {failure}")
    assert answer.duration < 25


def test_a_confirmation_that_trickles_in_is_not_waited_for(account: Account) -> None:
    aws = account.cloudformation
    aws.responses.misbehave(Drip(2))
    answer = aws.deliver(aws.request("Create", compact()))
    aws.settle()
    assert answer.is_success
    assert aws.responses.statuses == [200, 200]


def test_lambda_delivers_again_what_could_not_be_answered(account: Account) -> None:
    aws = account.cloudformation
    aws.responses.misbehave(Refuse(503), times=50)
    answer = aws.deliver(aws.request("Create", compact()))
    aws.settle()
    assert answer.is_success
    first = aws.lambda_service.invocations[0]
    assert isinstance(first.error, ResponseNotDeliveredError)
    assert str(first.error) == "the answer could not be delivered: HTTP status 503"


def test_a_process_killed_while_it_answers_is_answered_for_by_the_next(account: Account) -> None:
    aws = account.cloudformation
    aws.responses.misbehave(KillSender())
    answer = aws.deliver(aws.request("Create", compact()))
    aws.settle()
    assert (answer.is_success, answer.data["Status"]) == (True, "EXISTS")


def test_answers_are_sent_over_tls_to_who_proves_to_be_cloudformation(
    open_account: OpenAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = tmp_path / "authority.pem"
    account = open_account(lambda_handler, certificate_authority=authority)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority))
    assert account.cloudformation.create_stack({"Table": compact()}).status == "CREATE_COMPLETE"


def test_nobody_is_told_over_tls_who_does_not(open_account: OpenAccount, tmp_path: Path) -> None:
    account = open_account(lambda_handler, certificate_authority=tmp_path / "authority.pem")
    aws = account.cloudformation
    answer = aws.deliver(aws.request("Create", compact(ServiceTimeout=60)))
    assert answer.reason == "CloudFormation did not receive a response from your Custom Resource" or not answer.data
    assert aws.responses.statuses.count(200) == 0


def test_the_url_is_in_no_log_record_at_any_level(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    aws = account.cloudformation
    with caplog.at_level(logging.DEBUG):
        for name in ("botocore", "urllib3", "crhelper", "table_provisioner"):
            caplog.set_level(logging.DEBUG, logger=name)
        aws.responses.misbehave(Refuse(500), times=1)
        aws.deliver(aws.request("Create", compact()))
        aws.deliver(aws.request("Create", {"TableName": "x"}))
        account.interceptors.append(Fault(Refused("AccessDeniedException", "no"), operation="DescribeTable"))
        aws.deliver(aws.request("Update", compact("email"), compact(), PhysicalResourceId="orders"))
    assert "[ResponseURL]" in caplog.text
    assert not aws.is_leaked_in(caplog.text)


def test_the_payload_of_a_hand_over_is_in_no_log_record(
    open_account: OpenAccount, caplog: pytest.LogCaptureFixture
) -> None:
    account = open_account(lambda_handler, profile="index-16.5")
    aws = account.cloudformation
    aws.create_stack({"Table": compact()})
    with caplog.at_level(logging.DEBUG):
        caplog.set_level(logging.DEBUG, logger="botocore")
        aws.update_stack({"Table": compact("email")})
    assert "TableProvisionerContinuation" in caplog.text
    assert not aws.is_leaked_in(caplog.text)


def test_a_reason_with_two_hundred_faults_keeps_its_head(account: Account) -> None:
    aws = account.cloudformation
    tags = [{"Key": f"aws:{'é' * 100}{number}", "Value": "ü" * 300} for number in range(200)]
    answer = aws.deliver(aws.request("Create", compact(Tags=tags)))
    assert answer.reason.startswith("InvalidRequest: 400 faults in the properties:\n- Tags[0].")
    assert answer.reason.endswith("…")


def test_a_long_reason_keeps_what_to_do_and_the_aws_request_id(account: Account) -> None:
    aws = account.cloudformation
    refused = Refused("LimitExceededException", "Subscriber limit exceeded: " + "漢字 🙂, " * 1_000)
    account.dynamodb.interceptors.append(Fault(refused, operation="CreateTable"))
    answer = aws.deliver(aws.request("Create", compact()))
    head = "ServiceLimitExceeded: could not create table 'orders': CreateTable answered LimitExceededException, Subscri"
    assert answer.reason.startswith(head)
    assert re.search(r"🙂, .*… Deploy again when the limit .*\(AWS request id: [0-9a-f-]{36}\)$", answer.reason)


def test_nothing_of_one_answer_is_in_the_next_of_a_warm_function(account: Account) -> None:
    aws = account.cloudformation
    first = aws.deliver(aws.request("Create", compact(StreamSpecification={"StreamViewType": "KEYS_ONLY"})))
    second = aws.deliver(aws.request("Create", {"TableName": "x"}, LogicalResourceId="Other"))
    third = aws.deliver(aws.request("Create", compact(TableName="other"), LogicalResourceId="Third"))
    assert first.data["StreamArn"] != ""
    assert (second.is_success, dict(second.data), second.physical_resource_id) == (False, {}, "Other/not-created")
    assert (third.data["StreamArn"], third.reason) == ("", "")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        pytest.param({"StackId": None}, "StackId", id="no stack"),
        pytest.param({"RequestId": ""}, "RequestId", id="an empty request id"),
        pytest.param({"LogicalResourceId": 7}, "LogicalResourceId", id="a logical id that is no text"),
        pytest.param({"RequestType": "Read"}, "RequestType", id="an unknown type"),
        pytest.param({"RequestType": ["Create"]}, "RequestType", id="a type that is a list"),
        pytest.param({"ResourceProperties": "all"}, "ResourceProperties", id="properties that are no mapping"),
        pytest.param({"RequestType": "Delete"}, "PhysicalResourceId", id="a Delete of nothing"),
        pytest.param({"RequestType": "Update"}, "PhysicalResourceId", id="an Update of nothing"),
        pytest.param(
            {"RequestType": "Update", "PhysicalResourceId": "orders"},
            "OldResourceProperties",
            id="an Update of what nobody declared",
        ),
    ],
)
def test_a_malformed_request_is_answered_on_its_own_url(account: Account, change: dict[str, Any], path: str) -> None:
    aws = account.cloudformation
    answer = aws.deliver(aws.request("Create", compact()) | change)
    aws.take_violations()
    assert answer.reason.startswith("InvalidRequest: ")
    assert f"- {path}: " in answer.reason or f"InvalidRequest: {path}: " in answer.reason
    assert account.dynamodb.calls == []


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({}, id="an empty event"),
        pytest.param([], id="a list"),
        pytest.param(None, id="nothing"),
        pytest.param({"ResponseURL": 7}, id="a url that is no text"),
        pytest.param({"ResponseURL": "ftp://example.com/x"}, id="a url of another scheme"),
        pytest.param({"ResponseURL": "https://[bad/x"}, id="a url that cannot be parsed"),
        pytest.param({"ResponseURL": "https:///x"}, id="a url without a host"),
    ],
)
def test_an_event_that_cannot_be_answered_raises(account: Account, event: Any) -> None:  # noqa: ANN401 -- whatever
    with pytest.raises(Exception, match="InvalidRequest: the event has no ResponseURL"):
        lambda_handler(event, context())
    assert account.dynamodb.calls == []


def test_an_unexpected_error_is_answered_too(account: Account) -> None:
    class Broken:
        def __call__(self, _: object) -> None:
            raise KeyError("a bug below")

    account.interceptors.append(Fault(Broken(), operation="DescribeTable"))
    answer = account.cloudformation.deliver(account.cloudformation.request("Create", compact()))
    assert not answer.is_success
    assert answer.reason.split(":")[0] in {"InternalFailure", "NetworkFailure"}


def test_sam_local_invoke_prints_the_answer_and_sends_nothing(
    account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")
    event = json.loads((EVENTS / "create.json").read_text())
    event["ResponseURL"] = "http://127.0.0.1:9/nobody-listens?X-Amz-Date=20200101T000000Z&X-Amz-Expires=7200"
    document = lambda_handler(event, context())
    assert document is not None
    assert document["Status"] == "SUCCESS"
    assert json.dumps(document, indent=2) in capsys.readouterr().out
    assert described(document["PhysicalResourceId"]) is not None
    assert account.cloudformation.responses.statuses == []


@pytest.mark.parametrize(
    ("variable", "url", "problem"),
    [
        ("AWS_ENDPOINT_URL", "localhost:8000", "'localhost:8000' names no host and port"),
        ("AWS_ENDPOINT_URL_DYNAMODB", "localhost:8000", "'localhost:8000' names no host and port"),
        ("AWS_ENDPOINT_URL", "http://[::1", "Invalid IPv6 URL"),
        ("AWS_ENDPOINT_URL", "http://localhost:8000x", "Port could not be cast to integer value as '8000x'"),
        ("AWS_ENDPOINT_URL", "http://localhost:80000", "Port out of range 0-65535"),
    ],
)
def test_an_endpoint_that_is_no_url_is_answered_with_the_name_of_its_setting(
    account: Account, monkeypatch: pytest.MonkeyPatch, variable: str, url: str, problem: str
) -> None:
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")
    monkeypatch.setenv(variable, url)
    request = account.cloudformation.request("Create", compact()) | {"ResponseURL": URL}
    response = respond(Event.of(request), context(), Clients()).response
    assert response is not None
    assert response.reason == (
        f"InvalidRequest: {variable} is no URL of a service: {problem}."
        " Write it as https://host:port, or leave it out to reach AWS."
    )


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("endpoint_url = localhost:8000", "the AWS configuration has a bad value: Invalid endpoint: localhost:8000."),
        ("endpoint_url = http://localhost:8000x", "endpoint_url in the AWS configuration is no URL of a service: Port"),
    ],
)
def test_a_bad_value_in_the_aws_configuration_is_answered(
    account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: str, problem: str
) -> None:
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")
    configuration = tmp_path / "config"
    configuration.write_text(f"[default]\n{setting}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(configuration))
    request = account.cloudformation.request("Create", compact()) | {"ResponseURL": URL}
    response = respond(Event.of(request), context(), Clients()).response
    assert response is not None
    assert response.reason.startswith(f"InvalidRequest: {problem}")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        *(
            pytest.param(
                {"AWS_MAX_ATTEMPTS": value}, f"AWS_MAX_ATTEMPTS is '{value}', which is no number of tries. ", id=value
            )
            for value in ("many", "0", "-1", "2.5")
        ),
        pytest.param(
            {"AWS_MAX_ATTEMPTS": "3", "AWS_RETRY_MODE": "stubborn"},
            'AWS_RETRY_MODE has a bad value: Invalid value provided to "mode": "stubborn"',
            id="mode",
        ),
    ],
)
def test_a_setting_for_tries_that_makes_no_sense_is_answered_with_its_name(
    account: Account, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], problem: str
) -> None:
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    request = account.cloudformation.request("Create", compact()) | {"ResponseURL": URL}
    response = respond(Event.of(request), context(), Clients()).response
    assert response is not None
    assert response.reason.startswith(f"InvalidRequest: {problem}")


@pytest.mark.parametrize(("attempts", "by_the_sdk"), [(None, 0), ("1", 0), ("2", 2), ("5", 3)])
def test_the_sdk_tries_as_often_as_it_is_told_to_and_once_where_it_is_not(
    account: Account, monkeypatch: pytest.MonkeyPatch, attempts: str | None, by_the_sdk: int
) -> None:
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")
    if attempts:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", attempts)
    account.interceptors.append(throttling_storm(calls=3, operation="DescribeTable"))
    clients, request = Clients(), account.cloudformation.request("Create", compact()) | {"ResponseURL": URL}
    response = respond(Event.of(request), context(), clients).response
    assert response is not None
    assert response.is_success
    assert len(account.dynamodb.calls) - clients.calls == by_the_sdk


def test_a_warm_function_has_one_session_and_one_client_of_each_service(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Making a second session takes as long as making a client."""
    made: list[str] = []

    class Counted(boto3.Session):
        def __init__(self) -> None:
            made.append("session")
            super().__init__()

        def client(self, service_name: str, **options: Any) -> Any:  # type: ignore[override]  # noqa: ANN401 -- as the SDK has it
            made.append(service_name)
            return super().client(service_name, **options)  # type: ignore[call-overload]  # any service

    monkeypatch.setattr(boto3, "Session", Counted)
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")
    encrypted = compact(SSESpecification={"SSEEnabled": True, "SSEType": "KMS"})
    request = account.cloudformation.request("Create", encrypted) | {"ResponseURL": URL}
    clients = Clients()
    for _ in range(2):
        response = respond(Event.of(request), context(), clients).response
        assert response is not None
        assert response.is_success, response.reason
    assert made == ["session", "dynamodb", "kms"]


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.json")), ids=lambda path: path.stem)
def test_every_recorded_event_is_answered(account: Account, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")
    account.cloudformation.deliver(account.cloudformation.request("Create", ORDERS))
    document = lambda_handler(json.loads(path.read_text()), context())
    assert document is not None
    assert document["Status"] in {"SUCCESS", "FAILED"}
    assert document["PhysicalResourceId"]
