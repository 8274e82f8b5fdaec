"""The local CloudFormation leaves nothing behind."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import suppress

import pytest

from demo.local_cloud import ROOT

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
    with socket.create_connection(address, timeout=30) as connection:
        owner.kill()
        owner.communicate()
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=30)
