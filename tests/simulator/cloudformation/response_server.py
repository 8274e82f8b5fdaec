"""The other end of a ``ResponseURL``: a strict S3 that can be told to behave badly.

A real HTTP server on the loopback interface, so that real clients with their timeouts, retries and TLS
settings are put to the test. What it does slowly, it does in virtual time.
"""

from __future__ import annotations

import hashlib
import itertools
import ssl
import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from urllib.parse import quote

import trustme

from tests.simulator.cloudformation import answers
from tests.simulator.cloudformation.slow_sockets import Reply, SlowSockets

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.simulator.clock import Clock

URL_LIFETIME: Final = 7200
"""Seconds for which CloudFormation signs a ``ResponseURL``."""

Signing: TypeAlias = Literal["v4", "v2", "unknown"]
"""How a URL tells its time: ``X-Amz-Date`` and ``X-Amz-Expires``, ``Expires`` alone, or not at all."""


@dataclass(frozen=True)
class Refuse:
    """Answer with an error status and store nothing."""

    status: int = 403


@dataclass(frozen=True)
class Late:
    """Store the answer at once and confirm it only after ``seconds``."""

    seconds: float


@dataclass(frozen=True)
class Drip:
    """Store the answer, and confirm it byte by byte with ``seconds`` between two."""

    seconds: float


@dataclass(frozen=True)
class HangUp:
    """Close the connection without a word, before or after the answer is stored."""

    after_effect: bool = False


@dataclass(frozen=True)
class Unreachable:
    """Let an attempt to connect hang, as in a VPC without a way to S3."""


@dataclass(frozen=True)
class KillSender:
    """Kill the process that sends, before or after its answer is stored."""

    after_effect: bool = False


Behaviour: TypeAlias = Refuse | Late | Drip | HangUp | Unreachable | KillSender


@dataclass
class ResponseUrl:
    """One presigned URL, and the answers that arrived on it."""

    url: str
    request: Mapping[str, Any]
    expires_at: float
    deliveries: int = 1
    accepted: list[bytes] = field(default_factory=list)
    confirmations: list[Reply] = field(default_factory=list)

    @property
    def answer(self) -> answers.Answer | None:
        """What CloudFormation understood, from the first answer that it could read."""
        understood = (answers.read(body, self.request) for body in self.accepted)
        return next(filter(None, understood), None)

    @property
    def is_heard(self) -> bool:
        """Whether an answer arrived that CloudFormation could read."""
        return bool(self.accepted) and self.answer is not None

    @property
    def is_answered(self) -> bool:
        """Whether every delivery has sent an answer and knows that it arrived."""
        return self._confirmed >= self.deliveries

    @property
    def is_answered_again(self) -> bool:
        """Whether more answers were sent than there were deliveries, knowing that the first had arrived."""
        return self._confirmed > self.deliveries

    @property
    def _confirmed(self) -> int:
        return sum(not reply.is_lost for reply in self.confirmations)


class ResponseServer:
    """Where the answers of custom resources arrive; strict, and well-behaved unless told otherwise."""

    def __init__(self, clock: Clock) -> None:
        """Make a server whose URLs expire on ``clock``."""
        self.clock = clock
        self.statuses: list[int] = []
        """What each try was told; 0 for a connection that was cut."""
        self._violations: list[str] = []
        self._base = ""
        self._urls: dict[str, ResponseUrl] = {}
        self._serials = itertools.count(1)
        self._behaviours: deque[tuple[Behaviour, float]] = deque()

    @property
    def violations(self) -> list[str]:
        """Every rule that was broken so far, in words."""
        again = [_about(signed, "answered again") for signed in self._urls.values() if signed.is_answered_again]
        return self._violations + again

    def misbehave(self, behaviour: Behaviour, *, times: float = 1) -> None:
        """Queue a behaviour for the next ``times`` tries, ``math.inf`` for all."""
        self._behaviours.append((behaviour, times))

    def sign(self, request: Mapping[str, Any], signing: Signing = "v4") -> ResponseUrl:
        """Make a presigned URL for one request, valid for two hours from now."""
        names = [str(request.get(name)) for name in ("StackId", "LogicalResourceId", "RequestId")]
        target = f"/{quote('|'.join(names), safe='')}?{self._query(signing)}"
        signed = ResponseUrl(self._base + target, request, self.clock.now + URL_LIFETIME)
        self._urls[target] = signed
        return signed

    @contextmanager
    def serving(self, certificate_authority: Path | None = None) -> Iterator[ResponseServer]:
        """Serve until the block ends; over TLS if given a file for the certificate of its authority."""
        context = _throw_away_tls(certificate_authority) if certificate_authority else None
        with _Server(self, context) as server:
            address = ("127.0.0.1", server.server_address[1])
            self._base = f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
            server.sockets = SlowSockets(address, self._is_unreachable)
            thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="response server")
            thread.start()
            try:
                with server.sockets.patched():
                    yield self
            finally:
                server.shutdown()
                thread.join()

    def receive(self, method: str, target: str, headers: Mapping[str, str], body: bytes, reply: Reply) -> int:
        """Take one answer, and return the HTTP status for it; 0 means to hang up."""
        behaviour = self._behave()
        status = self._judge(method, target, headers, behaviour)
        if status == HTTPStatus.OK:
            self._store(self._urls[target], body)
        match behaviour:
            case Late(seconds):
                reply.delay = seconds
            case Drip(seconds):
                reply.seconds_per_byte = seconds
            case HangUp():
                status = 0
            case KillSender():
                self.clock.running.kill()
                status = 0
        if status == HTTPStatus.OK:
            self._urls[target].confirmations.append(reply)
        self.statuses.append(status)
        return status

    def _query(self, signing: Signing) -> str:
        signature = hashlib.sha256(f"signature {next(self._serials)}".encode()).hexdigest()
        if signing == "unknown":
            return f"token={signature}"
        if signing == "v2":
            expires = int(self.clock.now) + URL_LIFETIME
            return f"AWSAccessKeyId=AKIAEXAMPLE&Expires={expires}&Signature={signature}"
        date = datetime.fromtimestamp(self.clock.now, UTC)
        credential = quote(f"AKIAEXAMPLE/{date:%Y%m%d}/us-east-1/s3/aws4_request", safe="")
        return (
            f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={date:%Y%m%dT%H%M%SZ}&X-Amz-SignedHeaders=host"
            f"&X-Amz-Expires={URL_LIFETIME}&X-Amz-Credential={credential}&X-Amz-Signature={signature}"
        )

    def _is_unreachable(self) -> bool:
        is_unreachable = bool(self._behaviours) and isinstance(self._behaviours[0][0], Unreachable)
        if is_unreachable:
            self._behave()
        return is_unreachable

    def _behave(self) -> Behaviour | None:
        if not self._behaviours:
            return None
        behaviour, times = self._behaviours.popleft()
        if times > 1:
            self._behaviours.appendleft((behaviour, times - 1))
        return behaviour

    def _judge(self, method: str, target: str, headers: Mapping[str, str], behaviour: Behaviour | None) -> int:
        """Decide on the HTTP status as S3 does, from everything but the body."""
        if self.clock.running.is_killed or behaviour in {HangUp(), KillSender()}:
            return 0
        if isinstance(behaviour, Refuse):
            return behaviour.status
        refusal = next(self._refusals(method, target, headers), None)
        if refusal:
            status, fault = refusal
            self._violations.append(fault)
            return status
        return HTTPStatus.FORBIDDEN if self.clock.now > self._urls[target].expires_at else HTTPStatus.OK

    def _refusals(self, method: str, target: str, headers: Mapping[str, str]) -> Iterator[tuple[int, str]]:
        if method != "PUT":
            yield 405, f"answered with {method} instead of PUT"
        if target not in self._urls:
            yield 403, "answered on a URL that was never signed"
        if headers.get("Content-Type"):
            yield 403, "Content-Type is not empty, so S3 finds another signature"
        if "Content-Length" not in headers:
            yield 411, "no Content-Length"

    def _store(self, signed: ResponseUrl, body: bytes) -> None:
        signed.accepted.append(body)
        self._violations += [_about(signed, fault) for fault in answers.faults(body, signed.request)]


def _about(signed: ResponseUrl, text: str) -> str:
    return f"{signed.request.get('RequestType')} of {signed.request.get('LogicalResourceId')}: {text}"


class _Server(ThreadingTCPServer):
    daemon_threads = True
    sockets: SlowSockets

    def __init__(self, responses: ResponseServer, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.responses = responses
        self.tls = tls

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as inherited
        """Shake hands in the thread of the connection; a client that refuses us just goes away."""
        connection: socket.socket = request
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            super().finish_request(connection, client_address)
        except OSError:  # the client went away first, as one does after its timeout
            return
        finally:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        reply = self.server.sockets.reply_to(self.client_address)
        try:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.title(): value for name, value in self.headers.items()}
            status = self.server.responses.receive(self.command, self.path, headers, body, reply)
        finally:
            reply.is_decided.set()
        self.close_connection = True
        if status:
            self._send(status)

    do_PUT = do_POST = do_GET = do_HEAD = do_DELETE = do_PATCH = _serve  # noqa: N815 - http.server's names

    def _send(self, status: int) -> None:
        body = b"" if status == HTTPStatus.OK else b"<Error><Code>AccessDenied</Code></Error>"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the request line is a credential."""


def _throw_away_tls(certificate: Path) -> ssl.SSLContext:
    """Make a server's TLS settings, and leave the certificate of its authority in a file."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context
