"""On-demand and system backups; they outlive their table."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb.continuous_backups import check_available, known_table
from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.limits import DAY
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

SYSTEM: Final = "SYSTEM"
USER: Final = "USER"
_SYSTEM_DAYS: Final = 35
_FORGOTTEN_AFTER: Final = "DeleteTable.tag_backend_forgets"


@dataclass
class Backup:
    """One backup, with what its table was and held."""

    arn: str
    name: str
    kind: str
    table_name: str
    table: Json
    items: dict[str, Json]
    available_at: float
    created_at: float = field(default_factory=now)
    visible_from: float = -math.inf

    def details(self) -> Json:
        """The ``BackupDetails``."""
        details: Json = {
            "BackupArn": self.arn,
            "BackupName": self.name,
            "BackupType": self.kind,
            "BackupStatus": "AVAILABLE" if now() >= self.available_at else "CREATING",
            "BackupCreationDateTime": self.created_at,
            "BackupSizeBytes": self.table["TableSizeBytes"],
        }
        if self.kind == SYSTEM:
            details["BackupExpiryDateTime"] = self.created_at + _SYSTEM_DAYS * DAY
        return details

    def summary(self) -> Json:
        """The ``BackupSummary``."""
        source = {name: self.table[name] for name in ("TableName", "TableId", "TableArn")}
        return source | self.details()

    def source(self) -> Json:
        """The ``SourceTableDetails``: the table id tells incarnations apart, the ARN does not (B-007, B-016)."""
        source = {
            name: self.table[name]
            for name in ("TableName", "TableId", "TableArn", "TableSizeBytes", "KeySchema", "ItemCount")
        }
        throughput = self.table["ProvisionedThroughput"]
        return source | {
            "TableCreationDateTime": self.table["CreationDateTime"],
            "ProvisionedThroughput": {unit: throughput[unit] for unit in ("ReadCapacityUnits", "WriteCapacityUnits")},
            "BillingMode": self.table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        }


def create(world: World, params: Json) -> Json:
    """CreateBackup: AVAILABLE at once, names need not be unique (B-003, B-011)."""
    table = known_table(world, params, _FORGOTTEN_AFTER)
    check_available(world, table)
    if table.encryption.inaccessible_since is not None:
        raise refusal("kms-key-disabled", why=table.encryption.key_arn)  # T-333
    backup = _take(world, table, params["BackupName"], USER)
    backup.available_at = now() + world.seconds("CreateBackup.available")
    return {"BackupDetails": backup.details()}


def take_system_backup(world: World, table: Table) -> None:
    """Keep what a deleted table held, if recovery is on by then (T-167, T-088, T-453)."""
    if table.recovery.enabled_at is None:
        return
    backup = _take(world, table, f"{table.name}$DeletedTableBackup", SYSTEM)
    backup.created_at = table.deleted_at
    backup.visible_from = table.deleted_at + world.seconds("DeleteTable.system_backup_visible")


def _take(world: World, table: Table, name: str, kind: str) -> Backup:
    arn = f"{table.arn}/backup/{round(now() * 1000):014d}-{uuid.uuid4().hex[:8]}"
    world.backups[arn] = Backup(
        arn=arn,
        name=name,
        kind=kind,
        table_name=table.name,
        table=table.describe(),
        items=dict(table.items),
        available_at=now(),
    )
    return world.backups[arn]


def describe(world: World, params: Json) -> Json:
    """DescribeBackup."""
    return {"BackupDescription": _description(_find(world, params["BackupArn"]))}


def delete(world: World, params: Json) -> Json:
    """DeleteBackup: gone at once; a system backup stays until it expires (B-005, T-167)."""
    backup = _find(world, params["BackupArn"])
    if backup.kind == SYSTEM:
        raise refusal("system-backup", arn=backup.arn)
    del world.backups[backup.arn]
    described = _description(backup)
    described["BackupDetails"]["BackupStatus"] = "DELETED"
    return {"BackupDescription": described}


def list_backups(world: World, params: Json) -> Json:
    """ListBackups: system backups only on request; a table that is missing is no error (B-014, T-098)."""
    kind = params.get("BackupType", USER)
    name = world.name_of(params["TableName"]) if "TableName" in params else None
    found = [
        backup
        for backup in world.backups.values()
        if kind in {"ALL", backup.kind} and name in {None, backup.table_name} and now() >= backup.visible_from
    ]
    return _page(found, params, world.backups_per_page)


def _page(found: list[Backup], params: Json, size: int) -> Json:
    arns = [backup.arn for backup in found]
    start = params.get("ExclusiveStartBackupArn")
    first = arns.index(start) + 1 if start in arns else 0
    page = found[first : first + params.get("Limit", size)]
    shown: Json = {"BackupSummaries": [backup.summary() for backup in page]}
    if page and page[-1] is not found[-1]:
        shown["LastEvaluatedBackupArn"] = page[-1].arn
    return shown


def _find(world: World, arn: str) -> Backup:
    backup = world.backups.get(arn)
    if backup is None or now() < backup.visible_from:
        raise refusal("backup-not-found")
    return backup


def _description(backup: Backup) -> Json:
    return {"BackupDetails": backup.details(), "SourceTableDetails": backup.source(), "SourceTableFeatureDetails": {}}
