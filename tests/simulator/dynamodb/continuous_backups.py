"""Point-in-time recovery: final with its response, once continuous backups are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

_KNOWN_AFTER: Final = 3.1
"""Seconds after CreateTable from which the backup APIs know the table (T-111)."""
_FORGOTTEN_AFTER: Final = "DeleteTable.pitr_backend_forgets"
_DEFAULT_DAYS: Final = 35
_LATEST_LAG: Final = 300.0


@dataclass
class PointInTimeRecovery:
    """Whether recovery is on, since when, and for how many days back."""

    enabled_at: float | None = None
    days: int = _DEFAULT_DAYS

    def describe(self) -> Json:
        """The ``PointInTimeRecoveryDescription`` (T-083, T-084, T-085)."""
        if self.enabled_at is None:
            return {"PointInTimeRecoveryStatus": "DISABLED"}
        return {
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": self.days,
            "EarliestRestorableDateTime": self.enabled_at,
            "LatestRestorableDateTime": max(self.enabled_at, now() - _LATEST_LAG),
        }


def describe(world: World, params: Json) -> Json:
    """DescribeContinuousBackups."""
    return _described(world, known_table(world, params, _FORGOTTEN_AFTER))


def update(world: World, params: Json) -> Json:
    """UpdateContinuousBackups; a repeated value changes nothing (T-085)."""
    specification: Json = params["PointInTimeRecoverySpecification"]
    if not specification["PointInTimeRecoveryEnabled"] and "RecoveryPeriodInDays" in specification:
        raise refusal("pitr-off-takes-no-period")
    table = known_table(world, params, _FORGOTTEN_AFTER)
    check_available(world, table)
    if not specification["PointInTimeRecoveryEnabled"]:
        table.recovery = PointInTimeRecovery()  # the period is forgotten (T-084)
    else:
        table.recovery.enabled_at = table.recovery.enabled_at or now()
        table.recovery.days = specification.get("RecoveryPeriodInDays", table.recovery.days)
    return _described(world, table)


def known_table(world: World, params: Json, forgotten_after: str) -> Table:
    """The table as the backup APIs see it: unknown early in CREATING and late in DELETING (T-111, T-453, T-455)."""
    table = world.table(params["TableName"], missing="backups-table-not-found")
    is_unborn = table.status == "CREATING" and table.age < _KNOWN_AFTER
    if is_unborn or table.seconds_since_deletion > world.seconds(forgotten_after):
        raise world.not_found(table.name, "backups-table-not-found")
    return table


def check_available(world: World, table: Table) -> None:
    """Refuse until continuous backups are available, some seconds after ACTIVE (T-115, T-116, B-002)."""
    if now() < table.active_at + world.seconds("ContinuousBackups.available_after_active"):
        raise refusal("backups-are-being-enabled", table=table.name)


def _described(world: World, table: Table) -> Json:
    """The answer; ``ContinuousBackupsStatus`` turns ENABLED by itself and stays so (T-111, T-083)."""
    enabled_from = table.active_at + world.seconds("ContinuousBackupsStatus.enabled_after_active")
    return {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED" if now() >= enabled_from else "DISABLED",
            "PointInTimeRecoveryDescription": table.recovery.describe(),
        }
    }
