"""Shows plans: what would change, from what to what, and the steps to it with the time that they usually take."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from table_provisioner.cli.messages import counted
from table_provisioner.cli.wording import duration, leaves, text
from table_provisioner.effects import Effect, Mark, mark_of
from table_provisioner.limits import in_words
from table_provisioner.state import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from table_provisioner.results import ProvisionPlan
    from table_provisioner.steps import Step

_STYLES: dict[str, str] = {Mark.ADDED: "green", Mark.REMOVED: "red", Mark.CHANGED: "yellow", Mark.REBUILT: "magenta"}
_MARK_WIDTH = 5
_NOTE_INDENT = _MARK_WIDTH + 3
_WIDEST_NAME = 42
_DURATION_WIDTH = 9
_BAR_WIDTH = 18
_NARROWEST = 20
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def console(*, to_stderr: bool = False) -> Console:
    """A console that shows text as it is: nothing in it is markup."""
    return Console(stderr=to_stderr, highlight=False, markup=False, emoji=False)


def show_plan(screen: Console, plan: ProvisionPlan, logical_resource_id: str, warning: str = "") -> None:
    """Show what would be done with a table: its properties first, then the steps, then what to beware of."""
    resource = f" ({logical_resource_id})" if logical_resource_id else ""
    _print_row(screen, Text.assemble((plan.schema.table_name, "bold"), resource, ": "), _verdict(plan))
    if plan.error:
        _print_row(screen, Text("  "), str(plan.error), "red")
    if plan.unknown_because:
        note = f"It could not be compared, so this is all of it, as if it were new. {plan.unknown_because}"
        _print_row(screen, Text("  "), note, "yellow")
    if plan.is_key_untold:
        note = "KMS does not tell which key is declared: it is known by its spelling only. Give it by its ARN."
        _print_row(screen, Text("  "), note, "yellow")
    if plan.steps:
        screen.print()
        _show_effects(screen, plan.effects)
        screen.print()
        _show_steps(screen, plan)
    if warning:
        screen.print()
        _print_row(screen, Text("  "), warning, "yellow")


def _verdict(plan: ProvisionPlan) -> str:
    if plan.error:
        what = "be changed yet, for a rate limit" if plan.steps else "become what is declared"
        return f"is {plan.table_status} and cannot {what}"
    if plan.table_status == UNKNOWN:
        return "is UNKNOWN"
    if plan.would_create:
        return "does not exist and would be created"
    if plan.steps:
        return f"is {plan.table_status} and would be changed"
    if plan.obstacles:
        return f"is {plan.table_status} and as declared, nothing to do but wait: {' and '.join(plan.obstacles)}"
    return f"is {plan.table_status} and as declared, nothing to do"


@dataclass(frozen=True, slots=True)
class _Row:
    """A property or a part of one: its mark, how deep it stands, and from what to what it goes, if that is said."""

    mark: str
    name: str
    values: tuple[str, ...] = ()
    depth: int = 0
    style: str = ""

    @property
    def width(self) -> int:
        return len(self.name) + 2 * self.depth if self.values else 0


def _rows(effect: Effect) -> Iterator[_Row]:
    """One row for a plain value; else one for each part, those that stay as they are included."""
    name, style = ".".join(effect.path), _STYLES[effect.mark]
    if all(next(leaves(value))[0] == "" for value in (effect.before, effect.after) if value is not None):
        yield _Row(effect.mark, name, _values(effect.before, effect.after), style=style)
        return
    yield _Row(effect.mark, name, style=style)
    is_told = effect.mark in {Mark.ADDED, Mark.REMOVED}
    before, after = dict(leaves(effect.before or {})), dict(leaves(effect.after or {}))
    for part in dict.fromkeys([*before, *after]):
        one, other = before.get(part), after.get(part)
        mark = "" if one == other or is_told else Effect((part,), one, other).mark
        yield _Row(mark, part, _values(one, other), depth=1, style=_STYLES[mark] if mark else "dim")


def _values(before: object, after: object) -> tuple[str, ...]:
    values = [text(value) for value in (before, after) if value is not None]
    return tuple(values[:1] if before == after else values)


def _show_effects(screen: Console, effects: Iterable[Effect]) -> None:
    rows = [row for effect in effects for row in _rows(effect)]
    width = min(_WIDEST_NAME, max(row.width for row in rows))
    for row in rows:
        indent = _MARK_WIDTH + 2 * row.depth
        name = f"{row.name:<{width - 2 * row.depth}}  " if row.values else row.name
        head = Text(f"{row.mark:>{indent}} {name}", row.style)
        _print_row(screen, head, _change(row.values, screen.width - head.cell_len))


def _change(values: tuple[str, ...], width: int) -> str:
    """``before -> after``, on two lines where it does not fit on one; or the one value that there is."""
    line = " -> ".join(values)
    return line if len(line) <= width else "\n-> ".join(values)


def _print_row(screen: Console, head: Text, body: str, style: str = "") -> None:
    """A text beside its head, broken between words only, so that names and ARNs stay whole."""
    width = max(screen.width - head.cell_len, _NARROWEST)
    lines = [
        row for line in body.splitlines() for row in wrap(line, width, break_long_words=False, break_on_hyphens=False)
    ] or [""]
    for i, line in enumerate(lines):
        row = Text.assemble(Text(" " * head.cell_len) if i else head, (line, style))
        row.rstrip()
        screen.print(row, soft_wrap=True)


def _show_steps(screen: Console, plan: ProvisionPlan) -> None:
    room = screen.width - _MARK_WIDTH - _DURATION_WIDTH - _BAR_WIDTH - len("   ")
    width = min(max(room, _NARROWEST), max(len(str(step)) for step in plan.steps))
    began = 0
    for step in plan.steps:
        _show_step(screen, step, mark_of(step, plan.actual), width, _bar(screen, began, step, plan.usual_seconds))
        if step in plan.not_before:
            note = f"rate limit: DynamoDB takes it from {in_words(plan.not_before[step])} on"
            _print_row(screen, Text(" " * _NOTE_INDENT), note, "red")
        began += step.usual_seconds


def _show_step(screen: Console, step: Step, mark: Mark, width: int, bar: str) -> None:
    usual = Text.assemble(f"{duration(step.usual_seconds):>{_DURATION_WIDTH}}  ", (bar, "cyan"))
    head = Text(f"{mark:>{_MARK_WIDTH}} {step!s:<{width}}", _STYLES[mark])
    if len(str(step)) > width:
        screen.print(head, soft_wrap=True)
        head = Text(" " * (_MARK_WIDTH + 1 + width))
    row = Text.assemble(head, usual)
    row.rstrip()
    screen.print(row, soft_wrap=True)
    indent = Text(" " * _NOTE_INDENT)
    if step.why:
        _print_row(screen, indent, step.why, "dim")
    if step.is_destructive:
        _print_row(screen, indent, "DESTRUCTIVE", "bold red")
    if step.interruption:
        _print_row(screen, indent, f"interruption: {step.interruption}", "red")


def _bar(screen: Console, began: int, step: Step, total: int) -> str:
    """When a step usually runs, as its share of the whole: it begins where the one before ends."""
    if not step.usual_seconds:
        return ""
    start, length = (round(8 * _BAR_WIDTH * seconds / total) for seconds in (began, step.usual_seconds))
    whole, rest = divmod(max(length, 1), 8)
    if screen.options.ascii_only:
        return " " * (start // 8) + "#" * max(whole, 1)
    return " " * (start // 8) + _EIGHTHS[-1] * whole + _EIGHTHS[rest].strip()


def show_total(screen: Console, plans: Iterable[ProvisionPlan]) -> None:
    """Show how much there is to do in all."""
    listed = list(plans)
    count = sum(len(plan.steps) for plan in listed)
    if not count:
        return
    seconds = sum(plan.usual_seconds for plan in listed)
    usual = f"usually {duration(seconds)}" if seconds else "at once"
    total = Text(f"{counted(count, 'step')}, {usual}{' in all' if count > 1 and seconds else ''}")
    if destructive := sum(step.is_destructive for plan in listed for step in plan.steps):
        total.append(f", {destructive} destructive", "bold red")
    screen.print()
    screen.print(total.append("."))
