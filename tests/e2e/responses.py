"""Where answers arrive that were really sent."""

from __future__ import annotations

import json
import time
from itertools import count
from queue import SimpleQueue
from typing import Any

from tests.e2e.loopback import LoopbackServer, QuietHandler
from tests.simulator.cloudformation import answers

Event = dict[str, Any]


class ResponseServer(LoopbackServer):
    """Takes answers by ``PUT`` and holds each against the contract."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.bodies: SimpleQueue[tuple[str, bytes]] = SimpleQueue()
        self._serials = count(1)

    def sign(self, event: Event) -> Event:
        """Give a delivery of a request its own ``ResponseURL``, signed at this moment."""
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        target = f"/delivery-{next(self._serials)}?X-Amz-Date={now}&X-Amz-Expires=7200&X-Amz-Signature=not-a-secret"
        return {**event, "ResponseURL": f"http://127.0.0.1:{self.server_port}{target}"}

    def answer_to(self, delivery: Event, seconds: float = 30) -> Event:
        """Wait for the answer to a delivery; it must have come on that delivery's own URL."""
        target, body = self.bodies.get(timeout=seconds)
        assert delivery["ResponseURL"].endswith(target)
        assert list(answers.faults(body, delivery)) == []
        answer: Event = json.loads(body)
        return answer


class _Handler(QuietHandler):
    server: ResponseServer

    def do_PUT(self) -> None:  # noqa: N802 - http.server's name
        body = self.body()
        self.reply(200)
        self.server.bodies.put((self.path, body))
