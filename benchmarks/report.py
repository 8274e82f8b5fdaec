"""How a measurement is told: in a sentence, a table and perhaps a chart."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Spread:
    """Several measurements of one thing."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """Half of them are not above it."""
        return statistics.median(self.values)

    def text(self, digits: int, factor: float = 1.0) -> str:
        """The median, and in brackets the least and the greatest."""
        low, high = min(self.values) * factor, max(self.values) * factor
        return f"{self.median * factor:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


@dataclass(frozen=True)
class Chart:
    """Bars, or lines over numbers.

    Attributes:
        name: Of the file, without its ending.
        labels: Of the groups of bars, or the points on the axis of lines.
        series: The values by what they belong to; ``None`` where there is none.
    """

    name: str
    title: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[float | None]]
    axis: str
    is_logarithmic: bool = False


@dataclass(frozen=True)
class Section:
    """One claim and what became of it.

    Attributes:
        goal: What was to be reached.
        outcome: What was measured, in a sentence.
        is_met: Whether that is what was to be reached; ``None`` where a figure is told and nothing was to be reached.
        body: Tables and explanations, in Markdown.
    """

    title: str
    goal: str
    outcome: str
    is_met: bool | None
    body: str
    chart: Chart | None = None

    @property
    def markdown(self) -> str:
        """The section of the page."""
        verdict = {None: "", True: " — met", False: " — **not met**"}[self.is_met]
        parts = [f"## {self.title}", f"Goal: {self.goal}\n\nMeasured: {self.outcome}{verdict}."]
        if self.chart:
            parts.append(f"![{self.chart.title}](benchmarks/{self.chart.name}.svg)")
        return "\n\n".join([*parts, self.body.strip()])


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)
