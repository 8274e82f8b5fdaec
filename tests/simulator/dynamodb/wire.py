"""The wire between boto3 and the simulators: real requests in, real responses out.

One ``before-send`` handler is part of every botocore session made after this module was
imported. It asks whoever is registered for the service of the request, and is inert when
nobody is: the request then goes its usual way.

Such a request is not signed where the environment holds credentials: nobody would check it,
and it is a quarter of the work of a call. Without them it fails as it does everywhere.
"""

from __future__ import annotations

import io
import json
import os
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.handlers import BUILTIN_HANDLERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.awsrequest import AWSPreparedRequest

Json: TypeAlias = dict[str, Any]
"""A JSON object, as the wire protocol knows it."""


@dataclass(frozen=True)
class Request:
    """What a boto3 client is about to send."""

    service: str
    operation: str
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def params(self) -> Json:
        """The members of a request in a JSON protocol."""
        members: Json = json.loads(self.body or b"{}")
        return members


@dataclass(frozen=True)
class Response:
    """What the client gets; a JSON object is encoded on the way."""

    body: Json | bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Answer: TypeAlias = "Callable[[Request], Response]"
"""What answers the requests to one service; what it raises, the client's connection raises."""

_answers: Final[dict[str, Answer]] = {}


@contextmanager
def register(service: str, answer: Answer) -> Iterator[None]:
    """Let ``answer`` speak for ``service`` (botocore's id: "dynamodb", "kms", "lambda") in this block."""
    before = _answers.get(service)
    _answers[service] = answer
    try:
        yield
    finally:
        del _answers[service]
        if before is not None:
            _answers[service] = before


def error(code: str, message: str, status: int = 400) -> Response:
    """An error of a JSON protocol.

    An empty message is left out, as AWS does with an ``InternalFailure`` (T-437).
    """
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}"}
    if message:
        body["message"] = message
    return Response(body, status)


class _Stream(io.BytesIO):
    """A body that botocore can read like urllib3's."""

    def stream(self, **_: object) -> Iterator[bytes]:
        """Yield the whole body."""
        yield self.read()


def _before_send(request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse | None:
    service, operation = event_name.split(".")[1:]
    answer = _answers.get(service)
    if answer is None:
        return None
    response = answer(_received(request, service, operation))
    body = response.body if isinstance(response.body, bytes) else json.dumps(response.body).encode()
    headers = {"x-amzn-requestid": str(uuid.uuid4()), "content-type": "application/x-amz-json-1.0"}
    return AWSResponse(request.url, response.status, headers | response.headers, _Stream(body))  # type: ignore[arg-type]  # duck-typed


def _choose_signer(event_name: str, **_: object) -> object:
    is_answered_here = event_name.split(".")[1] in _answers
    return UNSIGNED if is_answered_here and "AWS_ACCESS_KEY_ID" in os.environ else None


def _received(request: AWSPreparedRequest, service: str, operation: str) -> Request:
    body = request.body or b""
    if not isinstance(body, bytes | bytearray | str):
        body = body.read()
    return Request(
        service=service,
        operation=operation,
        url=str(request.url),
        headers={key: _text(value) for key, value in request.headers.items()},
        body=body.encode() if isinstance(body, str) else bytes(body),
    )


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


BUILTIN_HANDLERS.append(("before-send", _before_send))
BUILTIN_HANDLERS.append(("choose-signer", _choose_signer))
