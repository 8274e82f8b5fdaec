"""Shows the progress of a request at work."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from table_provisioner.cli.wording import duration
from table_provisioner.deadline import monotonic_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    from table_provisioner.steps import Step

_LIBRARY = logging.getLogger("table_provisioner")


@contextmanager
def watched(screen: Console, steps: Iterable[Step] = ()) -> Iterator[None]:
    """Show each step of the requests in this block when it begins, and what is waited for.

    Args:
        screen: Where to show it.
        steps: Those that are expected, for how long they usually take.
    """
    watcher = _Watcher(screen, {str(step): step.usual_seconds for step in steps})
    level = _LIBRARY.level
    _LIBRARY.addHandler(watcher)
    _LIBRARY.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        _LIBRARY.setLevel(level)
        _LIBRARY.removeHandler(watcher)
        watcher.close()


class _Watcher(logging.Handler):
    """Follows the library by what it logs: steps, and what is waited for.

    On a terminal the wait is one line that lives; elsewhere each new thing to wait for is a line.
    """

    def __init__(self, screen: Console, usual_seconds: dict[str, int]) -> None:
        super().__init__()
        self._screen = screen
        self._usual_seconds = usual_seconds
        self._began = monotonic_seconds()
        self._awaited = ""
        self._live: Progress | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if hasattr(record, "step"):
            self._show_step(record.getMessage())
        elif awaited := getattr(record, "awaited", ""):
            self._show_wait(awaited)

    def close(self) -> None:
        self._end_wait()
        super().close()

    def _show_step(self, step: str) -> None:
        self._end_wait()
        usual = self._usual_seconds.get(step, 0)
        self._print(f"{step}, usually {duration(usual)}" if usual else step)

    def _show_wait(self, awaited: str) -> None:
        if awaited == self._awaited:
            return
        self._end_wait()
        self._awaited = awaited
        if not self._screen.is_terminal:
            self._print(f"  waiting: {awaited}")
            return
        columns = SpinnerColumn(), TextColumn("waiting: {task.description}", markup=False), TimeElapsedColumn()
        self._live = Progress(*columns, console=self._screen, transient=True)
        self._live.add_task(awaited, total=None)
        self._live.start()

    def _end_wait(self) -> None:
        self._awaited = ""
        if self._live:
            self._live.stop()
            self._live = None

    def _print(self, line: str) -> None:
        minutes, seconds = divmod(int(monotonic_seconds() - self._began), 60)
        self._screen.print(Text.assemble((f"{minutes:>3}:{seconds:02} ", "dim"), line))
