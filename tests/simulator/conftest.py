"""Fixtures for the simulator's own tests."""

from __future__ import annotations

from tests.simulator.clock import clock

__all__ = ["clock"]
