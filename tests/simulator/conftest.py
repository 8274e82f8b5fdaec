"""Fixtures for the simulator's own tests."""

from __future__ import annotations

from tests.simulator.account import open_account
from tests.simulator.clock import clock
from tests.simulator.cloudformation import cloudformation

__all__ = ["clock", "cloudformation", "open_account"]
