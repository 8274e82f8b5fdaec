"""Fixtures for the tests of CloudFormation's side."""

from __future__ import annotations

from tests.simulator.cloudformation import cloudformation

__all__ = ["cloudformation"]
