"""What the demo shows, and how."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table as Grid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from demo.local_cloud import StackEvent
    from demo.tables import Table

_COLOURS = {"COMPLETE": "green", "FAILED": "red", "PROGRESS": "dim"}


class Screen:
    """Chapters, progress, stack events and tables on a terminal, or as plain lines elsewhere."""

    def __init__(self, console: Console) -> None:
        """Write to ``console``."""
        self._console = console

    def chapter(self, title: str, text: str) -> None:
        """Begin a part of the story."""
        self._console.print()
        self._console.rule(f"[bold]{escape(title)}", align="left", style="blue")
        self._console.print(escape(text))
        self._console.print()

    @contextmanager
    def progress(self, what: str) -> Iterator[Callable[[StackEvent], None]]:
        """Show that something is under way, the events that it brings, and how long it took."""
        begin = time.monotonic()
        with self._console.status(escape(what), spinner="dots"):
            yield self._event
        self._console.print(f"  [blue]{escape(what)}[/]: {time.monotonic() - begin:.1f} s")

    def _event(self, event: StackEvent) -> None:
        colour = _COLOURS.get(event.status.rsplit("_", 1)[-1], "default")
        self._console.print(
            f"  [{colour}]{event.status:<36}[/] {escape(event.logical_id)} [dim]{escape(event.resource_type)}[/]",
            soft_wrap=True,
        )

    def values(self, values: dict[str, str]) -> None:
        """Show names and their values, such as the outputs of a stack."""
        width = max(map(len, values), default=0)
        for name, value in values.items():
            self._console.print(f"  [bold]{escape(name):<{width}}[/]  {escape(value)}", soft_wrap=True)

    def template(self, text: str) -> None:
        """Show a part of a template."""
        self._console.print(Padding(Syntax(text, "yaml", background_color="default"), (0, 2)))
        self._console.print()

    def table(self, name: str, table: Table) -> None:
        """Show a table as DynamoDB describes it."""
        grid = Grid(title=f"[bold]{escape(name)}[/]", title_justify="left", show_header=False, min_width=80)
        grid.add_column(style="bold")
        grid.add_column()
        grid.add_row("key", table.key)
        for index_name, index in sorted(table.indexes.items()):
            grid.add_row(f"index {index_name}", f"{index.key}   [dim]{index.projection}[/]")
        grid.add_row("billing", table.billing_mode)
        grid.add_row("expiry (TTL)", table.time_to_live or "[dim]off")
        grid.add_row("stream", table.stream or "[dim]off")
        grid.add_row("encryption", table.encryption or "[dim]key owned by DynamoDB")
        grid.add_row("point-in-time recovery", "on" if table.point_in_time_recovery else "[dim]off")
        grid.add_row("tags", ", ".join(f"{key}={value}" for key, value in table.tags.items()) or "[dim]none")
        self._console.print(grid)

    def changes(self, edits: tuple[tuple[str, str], ...]) -> None:
        """Show what is replaced in a template, and by what."""
        for before, after in edits:
            self._console.print(f"  [red]- {escape(before)}[/]\n  [green]+ {escape(after)}[/]")
        self._console.print()

    def refusal(self, reason: str) -> None:
        """Show the message with which a change was refused."""
        self._console.print(Panel(escape(reason), title="the reason that the stack shows", border_style="red"))

    def success(self, text: str) -> None:
        """Say that something is as it should be."""
        self._console.print(f"  [bold green]✓[/] {escape(text)}")

    def failure(self, text: str) -> None:
        """Say that something is not as it should be."""
        self._console.print(f"[bold red]✗[/] {escape(text)}", soft_wrap=True)
