"""Encryption at rest (``SSESpecification``): changed under ACTIVE, in three stages, four times a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.jobs import Running
from tests.simulator.dynamodb.kms import AWS_MANAGED
from tests.simulator.dynamodb.limits import DAY
from tests.simulator.dynamodb.timeline import iso_milliseconds, now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.change import Change
    from tests.simulator.dynamodb.kms import Key
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

FREE_CHANGES: Final = 4
_STUB: Final[Json] = {"Status": "UPDATING"}
_SECONDS_UNTIL_ARCHIVED: Final = 7 * 86_400


@dataclass
class Encryption:
    """How a table is encrypted; without a key, with the AWS owned one, which is not shown (T-027)."""

    key_arn: str | None = None
    shown: Json | None = None
    specification: Json | None = None
    changes: list[float] = field(default_factory=list)
    inaccessible_since: float | None = None

    @property
    def is_archived(self) -> bool:
        """Whether the key has been unusable for a week, after which a table does not come back (API reference)."""
        return self.inaccessible_since is not None and now() - self.inaccessible_since > _SECONDS_UNTIL_ARCHIVED

    def describe(self) -> Json | None:
        """The ``SSEDescription``."""
        if self.shown is None or self.inaccessible_since is None:
            return self.shown
        return self.shown | {"InaccessibleEncryptionDateTime": self.inaccessible_since}


def is_wanted(specification: Json) -> bool:
    """Whether a specification asks for a KMS key: ``{"SSEType": "KMS"}`` alone does (T-036, T-044)."""
    return bool(specification.get("Enabled", "SSEType" in specification))


def check_shape(specification: Json) -> None:
    """Refuse members that contradict each other (T-031, T-036)."""
    if specification.get("SSEType") == "AES256":
        raise refusal("aes256-is-not-supported")
    if specification.get("Enabled") is False:
        if "SSEType" in specification:
            raise refusal("no-encryption-takes-no-type")
        if "KMSMasterKeyId" in specification:
            raise refusal("no-encryption-takes-no-key")
    if "KMSMasterKeyId" in specification and "SSEType" not in specification:
        raise refusal("key-needs-encryption-type")


def at_creation(world: World, specification: Json | None) -> Encryption:
    """How a new table is encrypted: shown as ENABLED at once (T-033)."""
    if not specification or not is_wanted(specification):
        return Encryption()
    arn = world.keys.usable(specification.get("KMSMasterKeyId", AWS_MANAGED)).arn
    return Encryption(key_arn=arn, shown=_enabled(arn))


def check(world: World, table: Table, change: Change) -> None:
    """Refuse a change over the budget, one that changes nothing, or one to an unusable key (T-081)."""
    specification: Json = change.params["SSESpecification"]
    if is_resent(table, specification):
        return
    if table.encryption.inaccessible_since is not None:
        raise refusal("kms-key-disabled", why=table.encryption.key_arn)  # T-325
    _check_budget(table.encryption)
    if not is_wanted(specification):
        if table.encryption.key_arn is None:
            raise refusal("already-encrypted-by-default")  # T-047, T-437
        return
    key_id = specification.get("KMSMasterKeyId", AWS_MANAGED)
    world.keys.usable(key_id)
    if key_id == table.encryption.key_arn:
        raise refusal("already-encrypted-with-key")  # T-082


def is_resent(table: Table, specification: Json) -> bool:
    """Whether this is the very specification at work: answered 200 (T-065)."""
    return table.is_running(Running.ENCRYPTION) and table.encryption.specification == specification


def _check_budget(encryption: Encryption) -> None:
    """Refuse the fifth change in the 24 hours from the first, but for one every six hours (T-081, T-140)."""
    changes = encryption.changes
    while changes and now() >= changes[0] + DAY:
        changes.clear()
    if len(changes) < FREE_CHANGES or now() >= changes[-1] + DAY / 4:
        return
    raise refusal(
        "encryption-changes-are-limited",
        end=iso_milliseconds(changes[0] + DAY),
        last=iso_milliseconds(changes[-1]),
        next=iso_milliseconds(min(changes[-1] + DAY / 4, changes[0] + DAY)),
    )


def apply(world: World, table: Table, change: Change) -> Json:
    """Start the job; what Describe shows meanwhile goes through three stages (T-361, T-371, T-140)."""
    specification: Json = change.params["SSESpecification"]
    shown = {"TableStatus": "ACTIVE"}  # T-451, T-458, T-462
    if is_resent(table, specification):
        return shown
    encryption = table.encryption
    arn = _wanted_arn(world, specification)
    before, after = _stages(encryption, arn)
    encryption.specification, encryption.key_arn = specification, arn
    encryption.changes.append(now())
    encryption.shown = before
    table.hide(Running.TABLE_CLASS)  # T-287, T-450
    stage_at = now() + world.seconds("UpdateTable.SSESpecification.old_key_echo")
    table.timeline.at(stage_at, lambda: setattr(encryption, "shown", after))

    def finish() -> None:
        encryption.shown = _enabled(arn) if arn else None

    table.start(Running.ENCRYPTION, world.seconds("UpdateTable.SSESpecification"), finish)
    return shown


def disable_key(world: World, key: Key) -> None:
    """Disable a KMS key: its tables become inaccessible after a while (T-331)."""
    key.is_enabled = False
    _set_accessibility(world, key, world.seconds("KMS.inaccessible_detected"), is_accessible=False)


def enable_key(world: World, key: Key) -> None:
    """Enable a KMS key: its tables come back after a while (T-335)."""
    key.is_enabled = True
    _set_accessibility(world, key, world.seconds("KMS.inaccessible_recovered"), is_accessible=True)


def _set_accessibility(world: World, key: Key, seconds: float, *, is_accessible: bool) -> None:
    moment = now() + seconds

    def happen() -> None:
        for table in world.tables.values():
            encryption = table.encryption
            if encryption.key_arn == key.arn and key.is_enabled == is_accessible and not encryption.is_archived:
                encryption.inaccessible_since = None if is_accessible else moment

    world.timeline.at(moment, happen)


def _stages(encryption: Encryption, arn: str | None) -> tuple[Json, Json]:
    """What is shown first, and what later, until the job ends."""
    before = _STUB if encryption.key_arn is None else _enabled(encryption.key_arn) | _STUB
    after = _enabled(arn) | _STUB if arn else _STUB
    return before, after


def _wanted_arn(world: World, specification: Json) -> str | None:
    if not is_wanted(specification):
        return None
    return world.keys.usable(specification.get("KMSMasterKeyId", AWS_MANAGED)).arn


def _enabled(arn: str) -> Json:
    return {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": arn}
