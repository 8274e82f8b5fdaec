"""Requests as CloudFormation sends them, made for this process, and the place where their answers arrive."""

from __future__ import annotations

import json
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from table_provisioner.cli.declarations import RESOURCE_TYPE
from table_provisioner.deadline import epoch_seconds, monotonic_seconds
from table_provisioner.errors import ProvisionerError
from table_provisioner.event import RequestType
from table_provisioner.naming import generated_table_name
from table_provisioner.properties import read_properties, read_table_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from table_provisioner.cli.declarations import Declaration

_LONGEST_REQUEST_SECONDS = 2 * 3600
"""Longer than any ``ServiceTimeout``, so that nothing is handed over to an invocation that is not there."""
_ACCOUNT = "123456789012"
_SECONDS_TO_ARRIVE = 10


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function about its invocation."""

    function_name: str = "table-provisioner"
    memory_limit_in_mb: int = 256
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    invoked_function_arn: str = f"arn:aws:lambda:us-east-1:{_ACCOUNT}:function:table-provisioner"
    began: float = field(default_factory=monotonic_seconds)

    def get_remaining_time_in_millis(self) -> int:
        """Tell how many milliseconds are left until Lambda ends the invocation."""
        return int(1000 * (self.began + _LONGEST_REQUEST_SECONDS - monotonic_seconds()))


def request_of(
    declaration: Declaration,
    request_type: RequestType,
    region: str,
    physical_resource_id: str | None,
    previous: Declaration | None,
) -> dict[str, Any]:
    """The request that CloudFormation would send for a declared table, faults and all.

    Args:
        declaration: The table.
        request_type: What is wanted.
        region: Of the stack; ``us-east-1`` where it is not known.
        physical_resource_id: By what the resource is known; its table's name when absent. A Create has none.
        previous: The table as it was declared before; as now when absent.
    """
    region = region or "us-east-1"
    token = f"arn:aws:lambda:{region}:{_ACCOUNT}:function:table-provisioner"
    stack_id = declaration.stack_id or f"arn:aws:cloudformation:{region}:{_ACCOUNT}:stack/local/{uuid.UUID(int=0)}"
    request: dict[str, Any] = {
        "RequestType": str(request_type),
        "ServiceToken": token,
        "StackId": stack_id,
        "RequestId": str(uuid.uuid4()),
        "LogicalResourceId": declaration.logical_resource_id or "Table",
        "ResourceType": RESOURCE_TYPE,
        "ResourceProperties": {"ServiceToken": token, **declaration.properties},
    }
    former = previous or declaration
    if request_type is not RequestType.CREATE:
        request["PhysicalResourceId"] = physical_resource_id or _table_name(former, request)
    if request_type is RequestType.UPDATE:
        request["OldResourceProperties"] = {"ServiceToken": token, **former.properties}
    return request


def _table_name(declaration: Declaration, request: dict[str, Any]) -> str:
    def name_of(schema: Any) -> str:  # noqa: ANN401 -- as read_properties has it
        return generated_table_name(request["StackId"], request["LogicalResourceId"], schema)

    try:
        return read_properties(declaration.properties, name_of).schema.table_name
    except ProvisionerError:
        return read_table_name(declaration.properties) or f"{request['LogicalResourceId']}/not-created"


class AnswerServer(HTTPServer):
    """Takes the answer to a request, on this machine alone."""

    def __init__(self) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self._bodies: SimpleQueue[bytes] = SimpleQueue()

    @contextmanager
    def serving(self) -> Iterator[AnswerServer]:
        """Take answers during the block."""
        thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join()
            self.server_close()

    def addressed(self, request: dict[str, Any]) -> dict[str, Any]:
        """A request to be answered here, signed at this moment: late ones are refused."""
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(epoch_seconds()))
        url = f"http://127.0.0.1:{self.server_port}/answer?X-Amz-Date={now}&X-Amz-Expires=7200"
        return {**request, "ResponseURL": url}

    def put(self, body: bytes) -> None:
        """Take an answer."""
        self._bodies.put(body)

    def answer(self) -> dict[str, Any] | None:
        """The answer; ``None`` where none came."""
        try:
            answer: dict[str, Any] = json.loads(self._bodies.get(timeout=_SECONDS_TO_ARRIVE))
        except Empty:
            return None
        return answer


class _Handler(BaseHTTPRequestHandler):
    server: AnswerServer

    def do_PUT(self) -> None:
        self.server.put(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 -- as http.server has it
        """Say nothing: the answer is printed."""
