"""Deletion protection: changed at once, then not again for fifteen seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.timeline import iso_milliseconds, now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.change import Change
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World


@dataclass
class DeletionProtection:
    """Whether a table is protected, and since when."""

    is_on: bool = False
    changed_at: float = -math.inf


def check(world: World, table: Table, _: Change) -> None:
    """Refuse any write within fifteen seconds of an effective one (T-003, T-438, T-464).

    A repeated value inside the window was seen refused (T-047, T-054) and accepted
    (T-018); the simulator refuses it.
    """
    after = table.deletion_protection.changed_at + world.seconds("Cooldown.DeletionProtection")
    if now() < after:
        raise refusal("deletion-protection-cooldown", table=table.name, after=iso_milliseconds(after))


def apply(_: World, table: Table, change: Change) -> Json:
    """Set it at once (T-017); the same value again starts no new window (T-383)."""
    wanted = change.params["DeletionProtectionEnabled"]
    if wanted != table.deletion_protection.is_on:
        table.deletion_protection.is_on = wanted
        table.deletion_protection.changed_at = now()
    return {}
