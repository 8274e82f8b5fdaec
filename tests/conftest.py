"""What all tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--soak`` goes through every point where the test suite takes a sample."""
    parser.addoption("--soak", action="store_true", help="go through every point instead of a sample")
