from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager, suppress
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from table_provisioner.deadline import Deadline
from table_provisioner.response import MAX_BODY_BYTES, Response, ResponseNotDeliveredError, deliver
from tests.unit.declarations import ARN, STACK_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

ECHO: Final = {"StackId": STACK_ID, "RequestId": "11111111-2222-3333-4444-555555555555", "LogicalResourceId": "Orders"}
DATA: Final = {"TableName": "orders", "TableArn": ARN, "Status": "CREATED"}


def response(reason: str = "", **changes: Any) -> Response:  # noqa: ANN401 -- fields of any type
    parts: dict[str, Any] = {
        "is_success": False,
        "reason": reason,
        "physical_resource_id": "orders",
        "echo": ECHO,
        **changes,
    }
    return Response(**parts)


def test_a_success_is_what_cloudformation_asks_for() -> None:
    assert json.loads(response(is_success=True, data=DATA).body()) == {
        "Status": "SUCCESS",
        "Reason": "",
        "PhysicalResourceId": "orders",
        "NoEcho": False,
        "Data": DATA,
        **ECHO,
    }


def test_a_failure_has_its_reason_and_no_data() -> None:
    document = json.loads(response("NotFound: it is gone.").body())
    assert (document["Status"], document["Reason"], document["Data"]) == ("FAILED", "NotFound: it is gone.", {})
    assert document == response("NotFound: it is gone.").document()


HEAD: Final = "InvalidRequest: 99 faults in the properties:"


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param("x" * 10_000, id="plain letters"),
        pytest.param("é" * 10_000, id="letters of two bytes"),
        pytest.param("漢" * 10_000, id="letters of three bytes"),
        pytest.param("🙂" * 10_000, id="letters beyond the first plane"),
        pytest.param("\n- \"quoted\" \\ 'text'" * 1_000, id="what JSON escapes"),
        pytest.param("\x00\x1f" * 5_000, id="control characters"),
        pytest.param("\ud800" * 5_000, id="half characters"),
        pytest.param("a🙂" * 5_000, id="a mixture"),
    ],
)
def test_a_long_reason_is_cut_to_fit_and_keeps_its_head(rest: str) -> None:
    body = response(HEAD + rest).body()
    assert MAX_BODY_BYTES - 16 <= len(body) <= MAX_BODY_BYTES
    reason = json.loads(body)["Reason"]
    assert reason.startswith(HEAD)
    assert (HEAD + rest).startswith(reason.removesuffix("…"))
    assert reason.endswith("…")


REMAINDER: Final = "Ask for a higher quota — 漢字 🙂. (AWS request id: ABCDEF)"


@pytest.mark.parametrize(
    "problem",
    [
        pytest.param("x" * 10_000, id="plain letters"),
        pytest.param("漢🙂é" * 3_000, id="letters of two to four bytes"),
        pytest.param("\n\x00\ud800" * 3_000, id="what JSON escapes"),
    ],
)
def test_a_long_reason_keeps_what_to_do_and_the_aws_request_id(problem: str) -> None:
    body = response(f"{HEAD}{problem} {REMAINDER}", remainder=REMAINDER).body()
    assert MAX_BODY_BYTES - 16 <= len(body) <= MAX_BODY_BYTES
    reason = json.loads(body)["Reason"]
    assert reason.endswith(f"… {REMAINDER}")
    assert (HEAD + problem).startswith(reason.removesuffix(f"… {REMAINDER}"))


def test_a_remainder_without_room_for_the_head_is_cut_as_well() -> None:
    remainder = "é" * 400
    reason = json.loads(response(f"{HEAD} {'x' * 4_000} {remainder}", remainder=remainder).body())["Reason"]
    assert reason.startswith(HEAD + " xxx")
    assert reason.endswith("x…")


def test_a_reason_that_just_fits_is_not_cut() -> None:
    room = MAX_BODY_BYTES - len(response().body())
    assert json.loads(response("x" * room).body())["Reason"] == "x" * room
    assert len(response("x" * room).body()) == MAX_BODY_BYTES
    cut = json.loads(response("x" * (room + 1)).body())["Reason"]
    assert cut.startswith("xxx")
    assert cut.endswith("x…")


def test_what_is_not_the_reason_is_never_cut() -> None:
    long = "o" * 255
    body = response("x" * 9_000, physical_resource_id=long, data=DATA, echo=ECHO | {"LogicalResourceId": long}).body()
    document = json.loads(body)
    assert len(body) <= MAX_BODY_BYTES
    assert (document["PhysicalResourceId"], document["LogicalResourceId"], document["Data"]) == (long, long, DATA)


def test_where_nothing_fits_the_reason_goes_first() -> None:
    document = json.loads(response("x" * 100, data={"Huge": "y" * 5_000}).body())
    assert document["Reason"] == "…"


@given(st.text(max_size=3_000), st.integers(min_value=0, max_value=5))
def test_any_reason_fits_and_is_a_head_of_itself(reason: str, times: int) -> None:
    body = response(reason * times).body()
    assert len(body) <= MAX_BODY_BYTES
    answered = json.loads(body)["Reason"]
    assert answered == reason * times or (reason * times).startswith(answered.removesuffix("…"))


class TricklingServer:
    """Answers each TLS handshake a byte at a time, until the other side hangs up."""

    _MOST_BYTES: Final = 2_000

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sent: list[int] = []
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}/answer?X-Amz-Signature=0123456789abcdef"

    def is_hung_up_on(self) -> bool:
        """Whether nobody has listened to the end."""
        return 0 < max(self._sent, default=0) < self._MOST_BYTES

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve in this block."""
        thread = threading.Thread(target=self._serve)
        thread.start()
        try:
            yield
        finally:
            self._listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):  # the end
            while True:
                connection, _ = self._listener.accept()
                with connection, suppress(OSError):
                    self._trickle(connection)

    def _trickle(self, connection: socket.socket) -> None:
        """Send a record of 16 KB that never ends."""
        connection.settimeout(0.01)
        self._sent.append(0)
        for byte in chain((22, 3, 3, 64, 0), repeat(0, self._MOST_BYTES)):
            with suppress(TimeoutError):
                if not connection.recv(4096):
                    return
            connection.send(bytes([byte]))
            self._sent[-1] += 1


def test_a_handshake_that_never_ends_is_ended() -> None:
    server = TricklingServer()
    with server.serving(), pytest.raises(ResponseNotDeliveredError, match=r"TimeoutError$"):
        deliver(response(), server.url, Deadline.after(0.5))
    assert server.is_hung_up_on()
