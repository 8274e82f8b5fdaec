"""DeleteTable: what blocks it, and how a table goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulator.dynamodb import backups, conflicts, limits, resource_policies
from tests.simulator.dynamodb.conflicts import Attempt
from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.jobs import Running
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World


def delete(world: World, params: Json) -> Json:
    """DeleteTable: admitted as soon as deletion protection is off and nothing runs (T-016, T-438)."""
    table = world.table(params["TableName"])
    resource_policies.authorise(world, table, "DeleteTable")  # beats deletion protection (T-431)
    conflicts.check(table, [Attempt.DELETE_TABLE])
    if table.deletion_protection.is_on:
        raise refusal("protected-against-deletion")
    limits.charge(world)
    _start(world, table)
    return {"TableDescription": table.describe()}


def _start(world: World, table: Table) -> None:
    table.deleted_at = now()

    def finish() -> None:
        table.is_gone = True
        del world.tables[table.name]
        backups.take_system_backup(world, table)

    table.start(Running.DELETING, world.seconds("DeleteTable.until_not_found"), finish)
