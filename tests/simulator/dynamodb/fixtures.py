"""Fixtures for whoever tests on the simulated DynamoDB; import them into a ``conftest.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulator.dynamodb.control_plane import DynamoDB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulator.clock import Clock

REGION = "us-east-1"


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials and a region that mean nothing, and none of the machine's own settings."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def dynamodb(clock: Clock, aws_environment: None) -> Iterator[DynamoDB]:  # noqa: ARG001 - needed, not used
    """A DynamoDB with typical durations, installed for one test on its virtual clock."""
    with DynamoDB().installed() as installed:
        yield installed
