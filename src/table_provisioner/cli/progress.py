"""Shows the progress of requests at work: each step, what is waited for, how long that takes and usually takes."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.console import Group
from rich.live import Live
from rich.text import Text

from table_provisioner.cli.wording import duration
from table_provisioner.deadline import monotonic_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    from table_provisioner.steps import Step

_LIBRARY = logging.getLogger("table_provisioner")
_BAR_WIDTH = 16
_TIMES_WIDTH = 22
_NARROWEST = 20
_REFRESHES_A_SECOND = 4


@contextmanager
def watched(screen: Console, steps: Iterable[Step] = ()) -> Iterator[None]:
    """Show each step of the requests in this block when it begins, and what is waited for.

    Args:
        screen: Where to show it.
        steps: Those that are expected, for how long they usually take.
    """
    expected = [_Stage(str(step), step.usual_seconds) for step in steps]
    watcher = _LiveWatcher(screen, expected) if screen.is_terminal else _PlainWatcher(screen, expected)
    level = _LIBRARY.level
    _LIBRARY.addHandler(watcher)
    _LIBRARY.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        _LIBRARY.setLevel(level)
        _LIBRARY.removeHandler(watcher)
        watcher.close()


@dataclass
class _Stage:
    """A step on its way.

    Attributes:
        began: When; ``None`` before.
        ended: When; ``None`` before.
        has_failed: Whether that was the end of the request.
    """

    step: str
    usual_seconds: int = 0
    began: float | None = None
    ended: float | None = None
    has_failed: bool = False

    @property
    def is_at_work(self) -> bool:
        return self.began is not None and self.ended is None

    @property
    def seconds(self) -> float:
        return 0.0 if self.began is None else (self.ended or monotonic_seconds()) - self.began

    @property
    def mark(self) -> tuple[str, str]:
        if self.has_failed:
            return "x", "bold red"
        if self.ended is not None:
            return "+", "green"
        return (">", "bold yellow") if self.began is not None else (" ", "dim")


class _Watcher(logging.Handler):
    """Follows the library by what it logs: steps, what is waited for, and failures."""

    def __init__(self, screen: Console, expected: list[_Stage]) -> None:
        super().__init__()
        self._screen = screen
        self._stages = expected
        self._awaited = ""

    def emit(self, record: logging.LogRecord) -> None:
        if hasattr(record, "step"):
            self._end()
            self._begin(record.getMessage())
        elif hasattr(record, "code"):
            self._fail(record.getMessage())
        elif (awaited := getattr(record, "awaited", "")) and awaited != self._awaited:
            self._awaited = awaited
            self._show_wait()

    def close(self) -> None:
        self._end()
        super().close()

    def _begin(self, step: str) -> _Stage:
        """The same step may be expected of several tables; one that is planned on the way is added."""
        self._awaited = ""
        stage = next((each for each in self._stages if each.step == step and each.began is None), None)
        if stage is None:
            stage = _Stage(step)
            self._stages.append(stage)
        stage.began = monotonic_seconds()
        return stage

    def _fail(self, error: str) -> None:
        """The step that the error names was refused; where it names none, the one at work did not settle."""
        refused = next((stage for stage in self._stages if stage.ended is None and stage.step in error), None)
        if refused is None:
            self._stages = [replace(stage, has_failed=stage.is_at_work or stage.has_failed) for stage in self._stages]
        else:
            refused.has_failed = True
        self._end()

    def _end(self) -> None:
        self._awaited = ""
        for stage in self._stages:
            if stage.is_at_work:
                stage.ended = monotonic_seconds()

    def _show_wait(self) -> None:
        raise NotImplementedError


class _PlainWatcher(_Watcher):
    """Writes a line for each step, and one for each new thing to wait for, with the time since the beginning."""

    def __init__(self, screen: Console, expected: list[_Stage]) -> None:
        super().__init__(screen, expected)
        self._began = monotonic_seconds()

    def _begin(self, step: str) -> _Stage:
        stage = super()._begin(step)
        usual = f", usually {duration(stage.usual_seconds)}" if stage.usual_seconds else ""
        self._print(f"{step}{usual}")
        return stage

    def _show_wait(self) -> None:
        self._print(f"  waiting: {self._awaited}")

    def _print(self, line: str) -> None:
        elapsed = _clock(monotonic_seconds() - self._began)
        self._screen.print(Text.assemble((f"{elapsed:>7} ", "dim"), line), soft_wrap=True)


class _LiveWatcher(_Watcher):
    """Keeps all steps on the screen: those that are done, the one at work against its usual time, those to come."""

    def __init__(self, screen: Console, expected: list[_Stage]) -> None:
        super().__init__(screen, expected)
        self._live = Live(console=screen, get_renderable=self._render, refresh_per_second=_REFRESHES_A_SECOND)
        self._live.start()

    def close(self) -> None:
        super().close()
        self._live.stop()

    def _show_wait(self) -> None:
        self._live.refresh()

    def _render(self) -> Group:
        width = max(self._screen.width - _BAR_WIDTH - _TIMES_WIDTH, _NARROWEST)
        lines = []
        for stage in list(self._stages):
            mark, style = stage.mark
            times = "" if stage.began is None else _clock(stage.seconds)
            usual = f" of {duration(stage.usual_seconds)}" if stage.usual_seconds else ""
            step = Text(stage.step)
            step.truncate(width, overflow="ellipsis", pad=True)
            line = Text.assemble(
                (mark, style), " ", step, " ", (self._bar(stage), "cyan"), f"{times:>7}", (usual, "dim")
            )
            lines.append(line)
            if stage.is_at_work and self._awaited:
                lines.append(Text(f"  waiting: {self._awaited}", "dim", no_wrap=True, overflow="ellipsis"))
        return Group(*lines)

    def _bar(self, stage: _Stage) -> str:
        """How much of the usual time has gone by; full where it took longer, or is over."""
        share = 1.0 if stage.ended else min(stage.seconds / max(stage.usual_seconds, 1), 1.0)
        full, empty = ("#", ".") if self._screen.options.ascii_only else ("█", "░")
        done = int(share * _BAR_WIDTH)
        return full * done + empty * (_BAR_WIDTH - done)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
