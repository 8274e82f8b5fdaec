"""Fixtures for the rule tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulator.dynamodb.fixtures import aws_environment, dynamodb
from tests.simulator.dynamodb.tests.bench import Bench

if TYPE_CHECKING:
    from tests.simulator.clock import Clock
    from tests.simulator.dynamodb import DynamoDB

__all__ = ["aws_environment", "dynamodb"]


@pytest.fixture
def bench(dynamodb: DynamoDB, clock: Clock) -> Bench:
    """A boto3 client on a simulated DynamoDB with typical durations."""
    return Bench(dynamodb, clock)
