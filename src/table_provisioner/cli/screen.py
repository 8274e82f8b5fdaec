"""What the command line shows: plans, as text and as JSON, and the progress of a request at work."""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from table_provisioner.cli.wording import described, duration, note_of
from table_provisioner.deadline import monotonic_seconds
from table_provisioner.state import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from table_provisioner.errors import ProvisionerError
    from table_provisioner.results import ProvisionPlan, ProvisionResult
    from table_provisioner.steps import Step

as_json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
_STYLES = {"+": "green", "-": "red", "~": "yellow"}
_WIDEST_STEP = 48
_LIBRARY = logging.getLogger("table_provisioner")


def console(*, to_stderr: bool = False) -> Console:
    """A console that shows text as it is: nothing in it is markup, and no line is broken."""
    return Console(stderr=to_stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def print_json(document: Mapping[str, Any]) -> None:
    """Answer a program."""
    click.echo(json.dumps(document, indent=2))


def show_plan(screen: Console, plan: ProvisionPlan, logical_resource_id: str) -> None:
    """Show what would be done with a table, step by step."""
    resource = f" ({logical_resource_id})" if logical_resource_id else ""
    screen.print(Text.assemble((plan.schema.table_name, "bold"), resource, f": {_verdict(plan)}"))
    if plan.error:
        screen.print(Text(f"  {plan.error}", "red"))
    if plan.ignorance:
        screen.print(
            Text(f"  It was not looked at, so this is all of it, as if it were new. {plan.ignorance}", "yellow")
        )
    if plan.would_create:
        facts = list(described(plan.schema))
        width = max(len(what) for what, _ in facts)
        for what, how in facts:
            screen.print(Text.assemble((f"    {what:<{width}}  ", "dim"), how))
    width = min(_WIDEST_STEP, max((len(str(step)) for step in plan.steps), default=0))
    for step in plan.steps:
        _show_step(screen, step, width)


def _verdict(plan: ProvisionPlan) -> str:
    if plan.error:
        return f"is {plan.table_status} and cannot become what is declared"
    if plan.table_status == UNKNOWN:
        return "is UNKNOWN"
    if plan.would_create:
        return "does not exist and would be created"
    if not plan.steps:
        return f"is {plan.table_status} and as declared, nothing to do"
    return f"is {plan.table_status} and would be changed"


def _show_step(screen: Console, step: Step, width: int) -> None:
    note = note_of(step)
    line = Text.assemble((f"  {note.sign} {step!s:<{width}}", _STYLES[note.sign]), f"  {duration(step.usual_seconds)}")
    if step.is_destructive:
        line.append("  DESTRUCTIVE", "bold red")
    screen.print(line)
    if note.why:
        screen.print(Text(f"      {note.why}", "dim"))
    if note.interruption:
        screen.print(Text(f"      interruption: {note.interruption}", "red"))


def show_total(screen: Console, plans: Iterable[ProvisionPlan]) -> None:
    """Show how much there is to do in all."""
    listed = list(plans)
    count = sum(len(plan.steps) for plan in listed)
    if not count:
        return
    seconds = sum(plan.usual_seconds for plan in listed)
    changes = "1 change" if count == 1 else f"{count} changes"
    text = Text(f"{changes}, usually {duration(seconds)} in all")
    destructive = sum(step.is_destructive for plan in listed for step in plan.steps)
    if destructive:
        text.append(f", {destructive} destructive", "bold red")
    screen.print(text.append("."))


def plan_document(plan: ProvisionPlan, logical_resource_id: str) -> dict[str, Any]:
    """A plan as JSON has it."""
    return {
        "logical_resource_id": logical_resource_id,
        "table_name": plan.schema.table_name,
        "table_status": plan.table_status,
        "would_create": plan.would_create,
        "is_destructive": plan.is_destructive,
        "usual_seconds": plan.usual_seconds,
        "steps": [_step_document(step) for step in plan.steps],
        "declared": plan.schema.model_dump(by_alias=True, exclude_none=True, mode="json"),
        "error": _error_document(plan.error),
        "ignorance": _error_document(plan.ignorance),
    }


def _step_document(step: Step) -> dict[str, Any]:
    note = note_of(step)
    return {
        "step": type(step).__name__,
        "description": str(step),
        "why": note.why,
        "interruption": note.interruption,
        "is_destructive": step.is_destructive,
        "usual_seconds": step.usual_seconds,
    }


def result_document(result: ProvisionResult, logical_resource_id: str) -> dict[str, Any]:
    """What came of a request, as JSON has it."""
    return {
        "logical_resource_id": logical_resource_id,
        "status": result.status.value,
        "table_name": result.table_name,
        "table_arn": result.table_arn,
        "table_id": result.table_id,
        "stream_arn": result.stream_arn,
        "message": result.message,
        "error": _error_document(result.error),
    }


def _error_document(error: ProvisionerError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    return {
        "code": error.code,
        "problem": error.problem,
        "remedy": error.remedy,
        "aws_request_id": error.aws_request_id,
    }


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
