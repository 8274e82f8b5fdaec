from __future__ import annotations

import json
import math
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import urllib3
from urllib3.exceptions import ConnectTimeoutError, ProtocolError, ReadTimeoutError, SSLError

from tests.simulator.cloudformation.response_server import (
    Behaviour,
    Drip,
    HangUp,
    KillSender,
    Late,
    Refuse,
    ResponseServer,
    Signing,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.simulator.clock import Clock

REQUEST = {
    "RequestType": "Update",
    "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/orders/guid",
    "RequestId": "request-1",
    "LogicalResourceId": "Table",
    "PhysicalResourceId": "orders",
}


@pytest.fixture
def server(clock: Clock) -> Iterator[ResponseServer]:
    with ResponseServer(clock).serving() as serving:
        yield serving


def answer(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - right and wrong values of any type
    echoes = {key: REQUEST[key] for key in ("StackId", "RequestId", "LogicalResourceId", "PhysicalResourceId")}
    fields = {"Status": "SUCCESS", "Reason": "", "Data": {}, **echoes, **changes}
    return {key: value for key, value in fields.items() if value is not ...}


def put(
    url: str,
    fields: dict[str, Any] | bytes,
    *,
    timeout: float | None = 5,
    method: str = "PUT",
    content_type: str = "",
) -> int:
    body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    with urllib3.PoolManager(retries=False, timeout=timeout) as pool:
        return pool.request(method, url, body=body, headers={"Content-Type": content_type}).status


@pytest.mark.parametrize("signing", ["v4", "v2", "unknown"])
def test_a_proper_answer_is_taken_whatever_the_signature(server: ResponseServer, signing: Signing) -> None:
    signed = server.sign(REQUEST, signing)
    assert put(signed.url, answer(Data={"TableName": "orders"})) == 200
    assert signed.answer
    assert signed.answer.is_success
    assert signed.answer.data == {"TableName": "orders"}
    assert server.violations == []


def test_the_url_tells_when_it_was_signed(clock: Clock, server: ResponseServer) -> None:
    clock.advance(90)
    url = server.sign(REQUEST).url
    assert "X-Amz-Date=20260101T000130Z" in url
    assert "X-Amz-Expires=7200" in url
    assert f"Expires={int(clock.now) + 7200}" in server.sign(REQUEST, "v2").url
    assert url.startswith("http://127.0.0.1:")


def test_a_url_expires_after_two_hours(clock: Clock, server: ResponseServer) -> None:
    signed = server.sign(REQUEST)
    clock.advance(7200)
    assert put(signed.url, answer()) == 200
    clock.advance(1)
    assert put(signed.url, answer()) == 403


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        pytest.param(b"so long", "no JSON object", id="a-body-that-is-no-json"),
        pytest.param(b"[]", "no JSON object", id="a-body-that-is-no-object"),
        pytest.param(answer(Data={"x": "y" * 4096}), "more than 4096", id="a-body-that-is-too-long"),
        pytest.param(answer(Status="OK"), "Status is 'OK'", id="an-unknown-status"),
        pytest.param(answer(Status=...), "Status is None", id="no-status"),
        pytest.param(answer(Status="FAILED"), "without a Reason", id="a-failure-with-an-empty-reason"),
        pytest.param(answer(Status="FAILED", Reason=...), "without a Reason", id="a-failure-without-reason"),
        pytest.param(answer(Status="FAILED", Reason="oops"), "registry contract", id="a-reason-without-code"),
        pytest.param(answer(Reason=None), "Reason is no string", id="a-reason-that-is-null"),
        pytest.param(answer(PhysicalResourceId=""), "PhysicalResourceId is missing", id="an-empty-id"),
        pytest.param(answer(PhysicalResourceId=...), "PhysicalResourceId is missing", id="no-id"),
        pytest.param(answer(PhysicalResourceId=True), "PhysicalResourceId is missing", id="an-id-of-true"),
        pytest.param(answer(PhysicalResourceId="é" * 513), "longer than 1024", id="an-id-over-1024-bytes"),
        pytest.param(answer(StackId="other"), "StackId is not echoed", id="another-stack"),
        pytest.param(answer(RequestId=...), "RequestId is not echoed", id="no-request-id"),
        pytest.param(answer(LogicalResourceId="x"), "LogicalResourceId is not echoed", id="another-resource"),
        pytest.param(answer(Data=None), "Data is no object", id="data-that-is-null"),
        pytest.param(answer(Data={"Count": 1}), "Data.Count is no string", id="data-with-a-number"),
        pytest.param(answer(NoEcho="true"), "NoEcho is no boolean", id="a-no-echo-that-is-a-string"),
    ],
)
def test_a_broken_rule_is_named(server: ResponseServer, fields: dict[str, Any] | bytes, fault: str) -> None:
    assert put(server.sign(REQUEST).url, fields) == 200
    assert len(server.violations) == 1
    assert fault in server.violations[0]
    assert server.violations[0].startswith("Update of Table: ")


def test_a_delete_must_echo_its_id(server: ResponseServer) -> None:
    assert put(server.sign(REQUEST | {"RequestType": "Delete"}).url, answer(PhysicalResourceId="x")) == 200
    assert server.violations == ["Delete of Table: a Delete must echo the PhysicalResourceId"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param(answer(Data={"x": "y" * 4096}), "Response object is too long.", id="too-long-is-a-failure"),
        pytest.param(answer(PhysicalResourceId=""), "Invalid PhysicalResourceId", id="no-id-hides-the-reason"),
        pytest.param(answer(RequestId="x"), None, id="a-wrong-echo-is-ignored"),
        pytest.param(b"{}", None, id="an-empty-object-is-ignored"),
    ],
)
def test_what_cloudformation_makes_of_a_bad_answer(
    server: ResponseServer, fields: dict[str, Any] | bytes, reason: str | None
) -> None:
    signed = server.sign(REQUEST)
    put(signed.url, fields)
    assert (signed.answer.reason if signed.answer else None) == reason


@pytest.mark.parametrize(
    ("change", "status", "fault"),
    [
        pytest.param({"method": "POST"}, 405, "POST instead of PUT", id="another-method"),
        pytest.param({"suffix": "&x=y"}, 403, "never signed", id="a-changed-url"),
        pytest.param({"content_type": "application/json"}, 403, "Content-Type", id="a-content-type"),
    ],
)
def test_s3_refuses(server: ResponseServer, change: dict[str, Any], status: int, fault: str) -> None:
    signed = server.sign(REQUEST)
    url = signed.url + change.pop("suffix", "")
    assert put(url, answer(), **change) == status
    assert signed.answer is None
    assert fault in server.violations[0]


def test_a_body_without_a_length_is_refused(server: ResponseServer) -> None:
    with urllib3.PoolManager(retries=False) as pool:
        assert pool.request("PUT", server.sign(REQUEST).url, body=b"{}", chunked=True).status == 411
    assert server.violations == ["no Content-Length"]


def test_answering_twice_breaks_a_rule_and_the_first_counts(server: ResponseServer) -> None:
    signed = server.sign(REQUEST)
    put(signed.url, answer())
    assert server.violations == []
    put(signed.url, answer(Status="FAILED", Reason="InternalFailure: too late"))
    assert server.violations == ["Update of Table: answered again"]
    assert signed.answer
    assert signed.answer.is_success


def test_each_delivery_may_answer_once(server: ResponseServer) -> None:
    signed = server.sign(REQUEST)
    signed.deliveries = 2
    put(signed.url, answer())
    put(signed.url, answer())
    assert server.violations == []


@pytest.mark.parametrize(
    ("behaviour", "stored", "error", "seconds"),
    [
        pytest.param(Late(600), 1, ReadTimeoutError, 5, id="late-beyond-the-timeout"),
        pytest.param(Late(math.inf), 1, ReadTimeoutError, 5, id="never"),
        pytest.param(HangUp(), 0, ProtocolError, 0, id="hanging-up-before"),
        pytest.param(HangUp(after_effect=True), 1, ProtocolError, 0, id="hanging-up-after"),
        pytest.param(Unreachable(), 0, ConnectTimeoutError, 5, id="unreachable"),
    ],
)
def test_a_bad_line_is_felt_once_and_a_retry_breaks_no_rule(
    server: ResponseServer, behaviour: Behaviour, stored: int, error: type[Exception], seconds: float
) -> None:
    signed = server.sign(REQUEST)
    server.misbehave(behaviour)
    with pytest.raises(error):
        put(signed.url, answer())
    assert (len(signed.accepted), server.clock.elapsed) == (stored, seconds)
    assert put(signed.url, answer()) == 200
    assert (len(signed.accepted), server.violations) == (stored + 1, [])


@pytest.mark.parametrize("timeout", [None, 60])
def test_a_late_confirmation_takes_virtual_time(clock: Clock, server: ResponseServer, timeout: float | None) -> None:
    server.misbehave(Late(30))
    assert put(server.sign(REQUEST).url, answer(), timeout=timeout) == 200
    assert clock.elapsed == 30


def test_a_dripping_confirmation_beats_the_read_timeout_but_takes_long(clock: Clock, server: ResponseServer) -> None:
    server.misbehave(Drip(4))
    assert put(server.sign(REQUEST).url, answer(), timeout=5) == 200
    assert clock.elapsed > 200


def test_refusals_are_counted(server: ResponseServer) -> None:
    signed = server.sign(REQUEST)
    server.misbehave(Refuse(500), times=2)
    server.misbehave(Refuse())
    assert [put(signed.url, answer()) for _ in range(4)] == server.statuses == [500, 500, 403, 200]
    assert len(signed.accepted) == 1


@pytest.mark.parametrize(("after_effect", "stored"), [(False, 0), (True, 1)])
def test_the_sender_can_be_killed_while_it_answers(
    clock: Clock, server: ResponseServer, *, after_effect: bool, stored: int
) -> None:
    signed = server.sign(REQUEST)
    server.misbehave(KillSender(after_effect=after_effect))

    def stubborn() -> None:
        for _ in range(3):
            with pytest.raises(ProtocolError):
                put(signed.url, answer())

    sender = clock.spawn("sender", stubborn)
    clock.join(sender)
    assert sender.is_killed
    assert len(signed.accepted) == stored


def test_others_run_while_one_waits_for_its_confirmation(clock: Clock, server: ResponseServer) -> None:
    server.misbehave(Late(4))
    seen: list[float] = []
    clock.spawn("other", lambda: seen.append(clock.elapsed), delay=2)
    put(server.sign(REQUEST).url, answer())
    assert seen == [2]


def test_tls_is_trusted_only_through_the_throw_away_authority(clock: Clock, tmp_path: Path) -> None:
    certificate = tmp_path / "authority.pem"
    server = ResponseServer(clock)
    with server.serving(certificate):
        server.misbehave(Late(2))
        signed = server.sign(REQUEST)
        with (
            urllib3.PoolManager(retries=False, timeout=5) as pool,
            pytest.raises(SSLError),
        ):
            pool.request("PUT", signed.url, body=b"{}")
        context = ssl.create_default_context(cafile=certificate)
        with urllib3.PoolManager(retries=False, timeout=5, ssl_context=context) as pool:
            assert pool.request("PUT", signed.url, body=json.dumps(answer()).encode()).status == 200
    assert signed.url.startswith("https://")
    assert (len(signed.accepted), clock.elapsed) == (1, 2)
