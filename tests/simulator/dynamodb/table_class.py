"""Table class: two real changes in thirty days."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.jobs import Running
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.change import Change
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

STANDARD: Final = "STANDARD"
CLASSES: Final = (STANDARD, "STANDARD_INFREQUENT_ACCESS")
FREE_CHANGES: Final = 2


@dataclass
class TableClass:
    """A table's class; None stands for STANDARD that nobody ever asked for (T-026)."""

    name: str | None = None
    changed_at: float | None = None
    changes: list[float] = field(default_factory=list)

    @property
    def effective(self) -> str:
        """The class, whether shown or not."""
        return self.name or STANDARD

    def describe(self) -> Json | None:
        """The ``TableClassSummary``: absent unless sent at creation or really changed (T-177)."""
        if self.name is None:
            return None
        summary: Json = {"TableClass": self.name}
        if self.changed_at is not None:
            summary["LastUpdateDateTime"] = self.changed_at
        return summary


def check_shape(params: Json) -> None:
    """Refuse an unknown class (T-442); the names are case-sensitive (T-040)."""
    if params.get("TableClass", STANDARD) not in CLASSES:
        raise refusal("invalid-table-class")


def check(world: World, table: Table, _: Change) -> None:
    """Refuse the third change in thirty days, and then even one that changes nothing (T-283)."""
    window = world.seconds("Cooldown.TableClass_after_2")
    recent = [moment for moment in table.table_class.changes if now() < moment + window]
    if len(recent) >= FREE_CHANGES:
        raise refusal("class-changes-are-limited")


def apply(world: World, table: Table, change: Change) -> Json:
    """Start the job; the previous class shows until its end (T-284).

    The same class again answers UPDATING and starts nothing (T-177, T-283), and neither
    does any class while a job runs that an SSE write has hidden (T-287).
    """
    wanted = change.params["TableClass"]
    if table.is_running(Running.TABLE_CLASS) or wanted == table.table_class.effective:
        return {"TableStatus": "UPDATING"}
    table.table_class.changes.append(now())
    ends = now() + (seconds := world.seconds("UpdateTable.TableClass"))

    def finish() -> None:
        table.table_class.name, table.table_class.changed_at = wanted, ends

    table.start(Running.TABLE_CLASS, seconds, finish, table_class=wanted)
    return {}
