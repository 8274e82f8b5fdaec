"""Measures everything and writes docs/benchmarks.md with its charts: ``python -m benchmarks``."""

from __future__ import annotations

import os
import platform
import sys
import time
from typing import TYPE_CHECKING

import pygal
from pygal.style import CleanStyle

from benchmarks import calls, cost, processes, scale, wait_overhead
from demo.local_cloud import ROOT

if TYPE_CHECKING:
    from benchmarks.report import Chart, Section

_DOCS = ROOT / "docs"


def main() -> int:
    """Run the benchmarks; exit with 1 where a goal is missed."""
    began = time.monotonic()
    sections: list[Section] = []
    for module in (processes, wait_overhead, calls, scale, cost):
        for section in module.measure():
            print(f"{section.title}: {section.outcome}", flush=True)  # noqa: T201 -- a program's output
            sections.append(section)
            if section.chart:
                _draw(section.chart)
    introduction = (
        "# Benchmarks\n\nWritten by `make bench`, which took"
        f" {time.monotonic() - began:.0f} s with Python {platform.python_version()} on {os.cpu_count()} cores."
        f" Every figure"
        " is a ratio against its baseline in the same run; what stands in brackets is the least and the"
        " greatest. Waits,"
        " calls, scale and cost are measured on the simulator's virtual clock and are the same in every run."
    )
    page = "\n\n".join([introduction, *(section.markdown for section in sections)])
    (_DOCS / "benchmarks.md").write_text(page + "\n")
    return 0 if all(section.is_met is not False for section in sections) else 1


def _draw(chart: Chart) -> None:
    """Write a chart next to the page, without scripts, and the same for the same values."""
    bars = pygal.Bar(
        config=pygal.Config(js=[], show_legend=len(chart.series) > 1, legend_at_bottom=True, no_prefix=True),
        style=CleanStyle,
        title=chart.title,
        y_title=chart.axis,
        logarithmic=chart.is_logarithmic,
        width=900,
        height=480,
    )
    bars.x_labels = chart.labels
    for name, values in chart.series.items():
        bars.add(name, values)
    folder = _DOCS / "benchmarks"
    folder.mkdir(exist_ok=True)
    bars.render_to_file(str(folder / f"{chart.name}.svg"))


if __name__ == "__main__":
    sys.exit(main())
