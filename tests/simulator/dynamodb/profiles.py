"""How long things take: the measured durations, and how a test chooses among them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

INDEX_BUILD: Final = "UpdateTable.GSI.create.total"
INDEX_ALLOCATION: Final = "UpdateTable.GSI.create.allocation"

TIMINGS: Final[dict[str, dict[str, float | str]]] = json.loads(
    (Path(__file__).parent / "data" / "timings.json").read_text()
)
"""Seconds by operation: the shortest, the typical and the longest that were measured."""


@dataclass(frozen=True)
class Profile:
    """One consistent choice of durations."""

    name: str
    column: str
    overrides: dict[str, float] = field(default_factory=dict)

    def seconds(self, operation: str) -> float:
        """How long ``operation`` takes; a name of ``data/timings.json``."""
        if operation in self.overrides:
            return self.overrides[operation]
        return float(TIMINGS[operation][self.column])

    def with_seconds(self, **overrides: float) -> Profile:
        """This profile with other durations; dots in the names written as ``__``."""
        named = {name.replace("__", "."): seconds for name, seconds in overrides.items()}
        return replace(self, overrides=self.overrides | named)


PROFILES: Final = {
    profile.name: profile
    for profile in (
        Profile("typical", "typical"),
        Profile("fast", "fast"),
        Profile("slow", "slow"),
        # Index builds cluster around two durations, whatever the billing mode (T-148, T-458).
        Profile("index-8.5", "typical", {INDEX_BUILD: 8.5 * 60}),
        Profile("index-16.5", "typical", {INDEX_BUILD: 16.5 * 60}),
    )
}


def chosen(choice: str | Profile) -> Profile:
    """The profile of that name, or the given one."""
    return choice if isinstance(choice, Profile) else PROFILES[choice]
