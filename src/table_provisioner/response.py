"""The answer to CloudFormation: built to fit, and delivered once.

The body may have 4096 bytes and the id 1 KB, as the documentation of custom resource response objects has it.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
from bisect import bisect_right
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from table_provisioner.deadline import Deadline, DeadlineExceededError, backoff_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from urllib3.util import Url

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 4096
_CONNECT_SECONDS = 3.0
_MOST_ADDRESSES = 8
"""So many S3 gives in its answers to DNS; each is tried with the same patience."""
_EXCHANGE_SECONDS = 5.0
_ELLIPSIS = "…"


class ResponseNotDeliveredError(Exception):
    """The answer could not be delivered in time. Raised to Lambda, so that its own retries may still answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What CloudFormation is told.

    Attributes:
        is_success: Whether the request reached its goal.
        reason: Why not; on success what else is to be said.
        remainder: The end of the reason, which a reader needs even where the rest is cut.
        physical_resource_id: The id by which the resource is known from now on; never empty.
        echo: ``StackId``, ``RequestId`` and ``LogicalResourceId``, as they came.
        data: The attributes that ``Fn::GetAtt`` can give.
    """

    is_success: bool
    reason: str
    physical_resource_id: str
    echo: Mapping[str, str]
    remainder: str = ""
    data: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """The JSON document; a reason too long for it keeps its head, which names the code, and the remainder.

        A remainder that would take more than half the room goes, too.
        """
        full = self._encoded()
        if len(full) <= MAX_BODY_BYTES:
            return full
        room = MAX_BODY_BYTES - len(replace(self, reason="")._encoded())  # noqa: SLF001 -- another one of its kind
        end = f"{_ELLIPSIS} {self.remainder}" if self.remainder else _ELLIPSIS
        end = end if _size(end) <= room / 2 else _ELLIPSIS
        length = bisect_right(range(1, len(self.reason) + 1), room - _size(end), key=lambda n: _size(self.reason[:n]))
        return replace(self, reason=self.reason[:length] + end)._encoded()  # noqa: SLF001 -- as above

    def document(self) -> dict[str, Any]:
        """The fields of the response object."""
        return {
            "Status": "SUCCESS" if self.is_success else "FAILED",
            "Reason": self.reason,
            "PhysicalResourceId": self.physical_resource_id,
            **self.echo,
            "NoEcho": False,
            "Data": dict(self.data),
        }

    def _encoded(self) -> bytes:
        return json.dumps(self.document()).encode()


def _size(text: str) -> int:
    """Bytes that a text takes within a JSON document."""
    return len(json.dumps(text)) - len('""')


def deliver(response: Response, url: str, deadline: Deadline) -> None:
    """Send the answer, again and again until it is accepted or the time is over.

    Raises:
        ResponseNotDeliveredError: It was not accepted in time. The text names what happened, never the URL.
    """
    body = response.body()
    failure = "there was no time"
    pauses = backoff_seconds()
    while deadline.remaining_seconds > 0:
        failure = _put(url, body, deadline.remaining_seconds)
        if not failure:
            logger.info("answered", extra={"status": response.document()["Status"], "reason": response.reason})
            return
        logger.warning("the answer was not accepted: %s", failure)
        try:
            deadline.sleep(next(pauses))
        except DeadlineExceededError:
            break
    raise ResponseNotDeliveredError(f"the answer could not be delivered: {failure}")


def _put(url: str, body: bytes, seconds: float) -> str:
    """One attempt; what went wrong, or nothing. The error's own text would tell the URL.

    The connection's timeout bounds the handshake of TLS as a whole. Only looking up the name may take longer than there
    is time: then Lambda ends the function, and delivers the event again.
    """
    headers = {"Content-Type": ""}  # the URL is signed for an empty one
    try:
        target = parse_url(url)
        with closing(_connection(target, seconds)) as connection:
            connection.connect()
            with _ended_after(min(_EXCHANGE_SECONDS, seconds), connection):
                connection.request("PUT", target.request_uri, body, headers, preload_content=False)
                with connection.getresponse() as answer:
                    status = answer.status  # is all that counts; a body may never end
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        return type(error).__name__
    return "" if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES else f"HTTP status {status}"


def _connection(target: Url, seconds: float) -> HTTPConnection:
    host, timeout = target.host or "", min(_CONNECT_SECONDS, seconds / _MOST_ADDRESSES)
    if target.scheme == "http":
        return HTTPConnection(host, target.port, timeout=timeout)
    return HTTPSConnection(host, target.port, timeout=timeout, ca_certs=os.environ.get("AWS_CA_BUNDLE") or None)


@contextmanager
def _ended_after(seconds: float, connection: HTTPConnection) -> Iterator[None]:
    """Give a connection so many seconds in all; its own timeout begins anew with each byte."""
    connection.timeout = seconds
    timer = threading.Timer(seconds, _shut_down, (connection.sock,))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut_down(connection: socket.socket) -> None:
    """End whatever waits for it. TLS is not told, for the rest would go out in plain text without it."""
    with suppress(OSError):  # it is down already
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
