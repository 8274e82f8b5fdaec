"""Lambda's side of the runtime API, with the real runtime client as a process on the other side.

The protocol: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from tests.e2e.loopback import LoopbackServer, QuietHandler

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

HANDLER = "table_provisioner.handler.lambda_handler"


@dataclass(frozen=True)
class Invocation:
    """One event on its way to the function."""

    request_id: str
    event: Mapping[str, Any]
    seconds: float
    """From when it is handed out, which is when the function has started."""


@dataclass(frozen=True)
class Outcome:
    """What became of an invocation: ``response`` or ``error``, and the body of either."""

    request_id: str
    kind: str
    body: str
    is_in_time: bool


class RuntimeApi(LoopbackServer):
    """Hands out invocations and takes their outcomes."""

    def __init__(self, function_arn: str) -> None:
        super().__init__(_Handler)
        self.function_arn = function_arn
        self.invocations: SimpleQueue[Invocation] = SimpleQueue()
        self.outcomes: SimpleQueue[Outcome] = SimpleQueue()
        self.deadline = 0.0


class _Handler(QuietHandler):
    server: RuntimeApi

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        invocation = self.server.invocations.get()
        self.server.deadline = time.time() + invocation.seconds
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(1000 * self.server.deadline)),
            "Lambda-Runtime-Invoked-Function-Arn": self.server.function_arn,
            # Without one, the runtime client (4.2.2) ends with a segmentation fault.
            "Lambda-Runtime-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
        }
        self.reply(200, headers, json.dumps(invocation.event).encode())

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        *_, request_id, kind = self.path.split("/")
        outcome = Outcome(request_id, kind, self.body().decode(), is_in_time=time.time() < self.server.deadline)
        self.reply(202)
        self.server.outcomes.put(outcome)


class Function:
    """The function in one execution environment after another."""

    def __init__(self, api: RuntimeApi, package: Path, environment: Mapping[str, str], log: Path) -> None:
        self._api = api
        self._package = package
        self._environment = environment
        self._log = log
        self._process = self._start()

    def invoke(self, request_id: str, event: Mapping[str, Any], *, seconds: float = 900) -> None:
        """Hand over an event; the function has ``seconds`` for it."""
        self._api.invocations.put(Invocation(request_id, event, seconds))

    def outcome(self) -> Outcome:
        """Wait until the function is done with an event, before Lambda would have ended it."""
        outcome = self._api.outcomes.get(timeout=60)
        assert outcome.is_in_time
        return outcome

    def kill(self) -> None:
        """End the execution environment in the middle of an event, as Lambda does at the deadline, and start anew."""
        self.end()
        self._process = self._start()

    def end(self) -> None:
        """End the execution environment."""
        self._process.kill()
        self._process.wait()

    def log(self) -> str:
        """Everything that the function wrote so far, in all execution environments."""
        return self._log.read_text()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", HANDLER],
                cwd=self._package,
                env={
                    **self._environment,
                    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
                    "AWS_LAMBDA_FUNCTION_NAME": "table-provisioner",
                    "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api.server_port}",
                    "LAMBDA_TASK_ROOT": str(self._package),
                    "PYTHONPATH": str(self._package),
                },
                stdout=log,
                stderr=subprocess.STDOUT,
            )


@contextmanager
def running_function(function_arn: str, package: Path, environment: Mapping[str, str], log: Path) -> Iterator[Function]:
    """Run the packaged function until the block ends; it is told ``function_arn`` as its own."""
    with RuntimeApi(function_arn).serving() as api:
        function = Function(api, package, environment, log)
        try:
            yield function
        finally:
            function.end()
