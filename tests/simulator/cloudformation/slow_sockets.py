"""Slow peers in virtual time: the two places where a client waits on its socket, and the one where it ends that.

A server that lets a client wait cannot do so for real. It says how long here, and the client sleeps that
long in virtual time where it would have waited: in ``connect``, or before the first byte of a response. Its
own timeout, set on the socket as ever, cuts the wait short with the error that the real wait would end in.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from unittest import mock
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Address = tuple[str, int]

_REAL_PATIENCE_SECONDS: Final = 30.0


@dataclass
class Reply:
    """How the reply on one connection arrives, as the server decides and the client finds out."""

    delay: float = 0.0
    seconds_per_byte: float = 0.0
    is_decided: threading.Event = field(default_factory=threading.Event)
    is_begun: bool = False
    is_lost: bool = False
    """The client gave up waiting, cut the connection, or died."""

    def arrive(self, connection: socket.socket) -> None:
        """Wait, as the client, for what comes next."""
        try:
            if not self.is_begun:
                self.is_begun = True
                _wait(connection, self.delay)
            _wait(connection, self.seconds_per_byte)
        except BaseException:
            self.is_lost = True
            raise


class SlowSockets:
    """The connections to one server, by the address of the client."""

    def __init__(self, server: Address, is_unreachable: Callable[[], bool]) -> None:
        """Watch the connections to ``server``; ``is_unreachable`` is asked at each attempt to connect."""
        self._server = server
        self._is_unreachable = is_unreachable
        self._replies: dict[Address, Reply] = {}
        self._awaited: WeakKeyDictionary[socket.SocketIO, Reply | None] = WeakKeyDictionary()

    def reply_to(self, client: Address) -> Reply:
        """Return the reply to a client that has connected and sent its request."""
        return self._replies.get(client, Reply())

    @contextmanager
    def patched(self) -> Iterator[None]:
        """Make the waits virtual in this block."""
        connect, readinto, shutdown = socket.socket.connect, socket.SocketIO.readinto, socket.socket.shutdown

        def slow_connect(this: socket.socket, address: Any) -> None:  # noqa: ANN401 - any address family's
            if address == self._server and self._is_unreachable():
                _wait(this, math.inf)
            connect(this, address)
            if address == self._server:
                self._replies[this.getsockname()] = Reply()

        def slow_readinto(this: Any, buffer: bytearray) -> int | None:  # noqa: ANN401 - its socket is not typed
            reply = self._reply_awaited_by(this)
            if reply is None:
                return readinto(this, buffer)
            reply.arrive(this._sock)  # noqa: SLF001 - the only way to the socket and its timeout
            length = 1 if reply.seconds_per_byte else len(buffer)
            return 0 if reply.is_lost else readinto(this, memoryview(buffer)[:length])

        def cut(this: socket.socket, how: int) -> None:
            if this.getsockname() in self._replies:
                self._replies[this.getsockname()].is_lost = True
            shutdown(this, how)

        with (
            mock.patch.object(socket.socket, "connect", slow_connect),
            mock.patch.object(socket.SocketIO, "readinto", slow_readinto),
            mock.patch.object(socket.socket, "shutdown", cut),
        ):
            yield

    def _reply_awaited_by(self, stream: Any) -> Reply | None:  # noqa: ANN401 - its socket is not typed
        """Find the reply that the client of this stream waits for; ``None`` if it is no client of ours."""
        if stream not in self._awaited:
            self._awaited[stream] = self._look_up(stream._sock)  # noqa: SLF001 - the only way to the socket
        reply = self._awaited[stream]
        if reply is not None and not reply.is_decided.wait(_REAL_PATIENCE_SECONDS):
            raise AssertionError("the response server never decided on a reply")
        return reply

    def _look_up(self, connection: socket.socket) -> Reply | None:
        try:
            if connection.getpeername() != self._server:
                return None
            return self.reply_to(connection.getsockname())
        except OSError:
            return None


def _wait(connection: socket.socket, seconds: float) -> None:
    """Sleep as long as the peer takes, or until the socket's own timeout."""
    timeout = connection.gettimeout()
    patience = math.inf if timeout is None else timeout
    if seconds:
        time.sleep(min(seconds, patience))
    if seconds >= patience:
        raise TimeoutError("timed out")
