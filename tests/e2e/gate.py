"""A way to DynamoDB that can be watched and barred."""

from __future__ import annotations

import http.client
import json
import threading
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.e2e.loopback import LoopbackServer, QuietHandler

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOP_BY_HOP = {"connection", "content-length", "date", "server", "transfer-encoding"}


class Gate(LoopbackServer):
    """Passes calls on to an endpoint, and holds back the answer to one operation.

    Attributes:
        invocations: Events by which a function was invoked while the gate was keeping them.
    """

    def __init__(self, endpoint: str) -> None:
        super().__init__(_Handler)
        self.endpoint = urlsplit(endpoint)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.invocations: SimpleQueue[Any] = SimpleQueue()
        self.status_shown = b"ACTIVE"
        """What the answers say in place of ``ACTIVE``."""
        self.is_keeping_invocations = False
        self._called: SimpleQueue[str] = SimpleQueue()
        self._held = ""
        self._reached = threading.Event()
        self._opened = threading.Event()

    def hold(self, operation: str) -> None:
        """Hold back the answers to ``operation`` from now on."""
        self._held = operation

    def wait_until_held(self, seconds: float = 60) -> None:
        """Wait for a call that is done but unanswered."""
        assert self._reached.wait(seconds)

    def open(self) -> None:
        """Let everything through again."""
        self._held = ""
        self._opened.set()

    def wait_for(self, operation: str, seconds: float = 60) -> None:
        """Wait for the next call of an operation."""
        while self._called.get(timeout=seconds) != operation:
            pass

    def pass_on(self, operation: str) -> None:
        """Return when the answer to a call of ``operation`` may go."""
        self._called.put(operation)
        if operation == self._held:
            self._reached.set()
            self._opened.wait()


class _Handler(QuietHandler):
    server: Gate

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        body = self.body()
        if self.server.is_keeping_invocations and self.path.endswith("/invocations"):
            self.server.invocations.put(json.loads(body))
            self.reply(202)
            return
        upstream = http.client.HTTPConnection(self.server.endpoint.netloc)
        upstream.request("POST", self.path, body, dict(self.headers))
        answer = upstream.getresponse()
        content = answer.read().replace(b'"ACTIVE"', b'"%b"' % self.server.status_shown)
        upstream.close()
        self.server.pass_on(self.headers.get("X-Amz-Target", "").rpartition(".")[2])
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP}
        self.reply(answer.status, headers, content)


@contextmanager
def gate(endpoint: str) -> Iterator[Gate]:
    """Stand between a client and ``endpoint`` until the block ends."""
    with Gate(endpoint).serving() as server:
        try:
            yield server
        finally:
            server.open()
