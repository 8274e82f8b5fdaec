"""HTTP servers of the tests: on the loopback interface, on a free port, silent, gone with their block."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator


class LoopbackServer(ThreadingHTTPServer):
    """Answers each connection in a thread of its own."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)

    @contextmanager
    def serving(self) -> Iterator[Self]:
        """Serve until the block ends."""
        thread = threading.Thread(target=self.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join()
            self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as inherited
        """Tell of every fault but a lost connection: processes that are killed leave theirs behind."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class QuietHandler(BaseHTTPRequestHandler):
    """Keeps connections open, and the output of the tests clean."""

    protocol_version = "HTTP/1.1"

    def body(self) -> bytes:
        """Read what was sent."""
        return self.rfile.read(int(self.headers["Content-Length"]))

    def reply(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        """Answer the request."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
