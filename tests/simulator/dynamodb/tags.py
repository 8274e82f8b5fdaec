"""Tags: an effective write locks them until ListTagsOfResource shows it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb import limits
from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.jobs import Running
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

MAXIMUM_TAGS: Final = 50
MAXIMUM_BYTES: Final = 10_240
_MAXIMUM_KEY: Final = 128
_MAXIMUM_VALUE: Final = 256
_LAST_PHASE_OF_CREATING: Final = 1.0
_IDENTICAL_AFTER_DELETION: Final = 1.0
_ALLOWED: Final = re.compile(r"[\w\s+\-=.:/@]*")
_ARN: Final = re.compile(r"arn:aws:dynamodb:[^:]*:[^:]*:(?P<kind>table)/(?P<name>[^/]+)(?P<rest>/.*)?$")


@dataclass
class Tags:
    """The tags of a table or a stream, and what ListTagsOfResource still shows of former ones."""

    current: dict[str, str] = field(default_factory=dict)
    shown_before: dict[str, str] = field(default_factory=dict)
    shown_from: float = -math.inf
    in_flight: dict[str, str] = field(default_factory=dict)
    label: str = ""
    """Of the stream whose they are; empty for those of the table."""

    @property
    def shown(self) -> dict[str, str]:
        """What a reader sees: the previous full set until the write shows (T-102)."""
        return self.current if now() >= self.shown_from else self.shown_before


def check_creation(tags: list[Json]) -> None:
    """Refuse bad tags at creation; the whole call fails and an empty list is fine (T-110, T-043)."""
    _check_tags(tags)
    _check_size({tag["Key"]: tag["Value"] for tag in tags})


def tag(world: World, params: Json) -> Json:
    """TagResource."""
    tags: list[Json] = params["Tags"]
    table, slot = _find(world, params["ResourceArn"])
    if not tags:
        raise refusal("no-tags")
    _check_tags(tags)
    pairs = {tag["Key"]: tag["Value"] for tag in tags}
    _check_writable(world, table, slot, pairs)
    if _is_repetition(table, slot, pairs):
        return {}
    merged = slot.current | pairs
    _check_size(merged)
    if merged != slot.current:
        _write(world, table, slot, merged, pairs)
    return {}


def untag(world: World, params: Json) -> Json:
    """UntagResource; keys that are not there are ignored, unless a write is under way (T-105, T-440)."""
    keys: list[str] = params["TagKeys"]
    table, slot = _find(world, params["ResourceArn"])
    if not keys:
        raise refusal("no-tag-keys")
    for key in keys:
        _check_key(key)
    _check_writable(world, table, slot, None)
    if table.is_running(Running.TAGS):
        raise refusal("tags-are-being-updated", table=table.name)
    remaining = {key: value for key, value in slot.current.items() if key not in keys}
    if remaining != slot.current:
        _write(world, table, slot, remaining, {})
    return {}


def list_tags(world: World, params: Json) -> Json:
    """ListTagsOfResource: in no order to rely on; an invalid page token gives the first page (T-073, T-108, T-368)."""
    table, slot = _find(world, params["ResourceArn"])
    shown = {} if table.status == "CREATING" else slot.shown
    listed = [{"Key": key, "Value": shown[key]} for key in sorted(shown, key=lambda key: key[::-1])]
    token = params.get("NextToken", "")
    begin = int(token) if token.isdecimal() else 0
    end = begin + world.tags_per_page
    return {"Tags": listed[begin:end]} | ({"NextToken": str(end)} if end < len(listed) else {})


def _find(world: World, arn: str) -> tuple[Table, Tags]:
    """The table that an ARN names, as the tag APIs see it, and its tags (T-071, T-136, B-013, T-101, T-104, T-374).

    Those of its stream stand by themselves, as long as the stream is on (T-136, B-013, T-373).
    """
    name = table_of_arn(arn)
    table = world.tables.get(name) if arn.startswith(world.table_arn("")) else None
    if table is None:
        if f":{world.account}:" not in arn:
            raise refusal("access-is-denied")
        raise refusal("resource-not-found", arn=arn)
    is_unborn = table.status == "CREATING" and now() < table.active_at - _LAST_PHASE_OF_CREATING
    if is_unborn or table.seconds_since_deletion > world.seconds("DeleteTable.tag_backend_forgets"):
        raise refusal("resource-not-found", arn=arn)
    _, _, label = arn.partition("/stream/")
    if not label:
        return table, table.tags
    if table.stream.view_type is None or label != table.stream.labels[-1]:
        raise refusal("resource-not-found", arn=arn)
    return table, table.stream.tags.setdefault(label, Tags(label=label))


def table_of_arn(arn: str) -> str:
    """The table's name in the ARN of a table or a stream; anything else is refused (T-071, T-136, B-013)."""
    if not arn.startswith("arn:"):
        raise refusal("not-an-arn", arn=arn)
    match = _ARN.match(arn)
    rest = match["rest"] if match else None
    if match is None or (rest is not None and rest.startswith("/backup/")):
        raise refusal("arn-is-not-dynamodb", arn=arn)
    if rest is not None and not rest.startswith("/stream/"):
        raise refusal("arn-is-no-table")
    return match["name"]


def _check_writable(world: World, table: Table, slot: Tags, pairs: dict[str, str] | None) -> None:
    """Refuse a write while the table is created, and most while it is deleted (T-101, T-374)."""
    if table.status == "CREATING" and pairs is not None:
        raise refusal("table-is-being-created", table=table.name)
    if table.status != "DELETING":
        return
    if pairs is not None and slot.current | pairs != slot.current:
        raise refusal("table-is-being-deleted", table=table.name)
    if table.seconds_since_deletion > _IDENTICAL_AFTER_DELETION:
        raise refusal("resource-not-found", arn=world.table_arn(table.name))


def _is_repetition(table: Table, slot: Tags, pairs: dict[str, str]) -> bool:
    """Whether a write under way covers this one: then 200, else the lock refuses (T-172, T-440)."""
    if not table.is_running(Running.TAGS):
        return False
    if table.is_running(Running.TAGS, slot.label) and slot.in_flight and slot.in_flight.items() <= pairs.items():
        return pairs.items() <= slot.current.items()
    raise refusal("tags-are-being-updated", table=table.name)


def _write(world: World, table: Table, slot: Tags, tags: dict[str, str], pairs: dict[str, str]) -> None:
    limits.charge(world)
    table.stop(Running.TAGS, slot.label)
    slot.shown_before, slot.current, slot.in_flight = dict(slot.shown), tags, pairs
    slot.shown_from = now() + world.seconds("TagResource.visible" if pairs else "UntagResource.visible")
    table.start(Running.TAGS, world.seconds("TagResource.lock"), subject=slot.label)


def _check_tags(tags: Iterable[Json]) -> None:
    """Refuse bad keys and values, all or nothing (T-107, T-372)."""
    seen = set()
    for entry in tags:
        key, value = entry["Key"], entry.get("Value")
        _check_key(key)
        if value is None or len(value) > _MAXIMUM_VALUE or not _ALLOWED.fullmatch(value):
            raise refusal("tag-value-is-invalid", value="null" if value is None else value)
        if key in seen:
            raise refusal("tag-key-is-duplicated", key=key)
        seen.add(key)


def _check_key(key: str) -> None:
    if key.lower().startswith("aws:"):
        raise refusal("tag-key-is-reserved", key=key)  # T-105
    if not 1 <= len(key) <= _MAXIMUM_KEY or not _ALLOWED.fullmatch(key):
        raise refusal("tag-key-is-invalid", key=key)


def _check_size(merged: dict[str, str]) -> None:
    """Refuse more than 50 tags or 10240 bytes, counted on the merged set (T-108, T-109)."""
    if len(merged) > MAXIMUM_TAGS:
        raise refusal("too-many-tags")
    size = sum(len(key.encode()) + len(value.encode()) for key, value in merged.items())
    if size > MAXIMUM_BYTES:
        raise refusal("tags-are-too-large", size=size, limit=MAXIMUM_BYTES)
