"""The local CloudFormation serves whoever is told of it, and leaves nothing behind."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from demo.local_cloud import ROOT, LocalCloud

START_AND_WAIT = """
import sys
from demo.local_cloud import local_cloud
with local_cloud() as cloud:
    print(cloud.endpoint, flush=True)
    sys.stdin.read()
"""


def test_it_ends_even_when_its_owner_is_killed() -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert owner.stdout
    address = ("127.0.0.1", int(owner.stdout.readline().decode().rpartition(":")[2]))
    with socket.create_connection(address, timeout=30):
        owner.kill()
        owner.communicate()
    expect_end(address)


def test_one_that_stays_serves_the_command_line_stacks_and_events_until_it_is_stopped() -> None:
    """What it prints is all that another shell needs."""
    with subprocess.Popen([sys.executable, "-m", "demo.local"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as local:
        assert local.stdout
        try:
            assert shlex.split(local.stdout.readline())[0] == "unset"
            exports = dict(word.split("=", 1) for word in shlex.split(local.stdout.readline())[1:])
            files = Path(exports["AWS_CONFIG_FILE"]).parent
            cloud = LocalCloud(exports["AWS_ENDPOINT_URL"], files, {**os.environ, **exports})

            run(cloud, "table_provisioner", "apply", "examples/approval-preset.yaml", "--yes")
            cloud.apply("sessions", (ROOT / "examples" / "compact.yaml").read_text())
            made = cloud.table_names()
            assert len(made) == 2
            assert "sentinel-requests" in made

            run(cloud, "demo.invoke", *(f"events/{name}.json" for name in ("create", "update-add-indexes")))
            assert len(cloud.table_names()) == 3
            run(cloud, "demo.invoke", *(f"events/{name}.json" for name in ("update-rollback", "delete")))
            assert cloud.table_names() == made
        finally:
            local.send_signal(signal.SIGINT)
    assert local.returncode == 0
    assert not files.exists()
    host, _, port = cloud.endpoint.removeprefix("http://").partition(":")
    assert host == "127.0.0.1"
    expect_end((host, int(port)))


def run(cloud: LocalCloud, module: str, *arguments: str) -> None:
    """Run a program as from a shell that was told of the cloud."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=cloud.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def expect_end(address: tuple[str, int]) -> None:
    """See that nobody listens any more."""
    with pytest.raises(ConnectionRefusedError):
        call_until_refused(address)


def call_until_refused(address: tuple[str, int]) -> None:
    """A server that is about to end still lets callers in, and drops them when it does."""
    while True:
        with socket.create_connection(address, timeout=30) as connection, suppress(ConnectionResetError):
            assert connection.recv(1) == b""
