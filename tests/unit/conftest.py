from __future__ import annotations

import time

import pytest

from tests.unit.clock import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time as the product sees it: it looks the functions up at each call."""
    clock = Clock()
    for name in ("monotonic", "sleep", "time"):
        monkeypatch.setattr(time, name, getattr(clock, name))
    return clock
