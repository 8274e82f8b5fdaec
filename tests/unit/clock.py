"""A clock that only moves when it is told to."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Clock:
    """Stands in for ``time`` where it is looked up."""

    now: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        """Seconds since nobody knows when."""
        return self.now

    def time(self) -> float:
        """Seconds since 1970."""
        return 1_790_000_000.0 + self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds
