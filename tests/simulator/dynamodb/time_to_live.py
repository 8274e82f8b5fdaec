"""Time to live: one effective change in about half an hour."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

_KNOWN_AFTER = 2.6
"""Seconds after CreateTable from which UpdateTimeToLive knows the table (T-115)."""


@dataclass
class TimeToLive:
    """The TTL attribute, and when it was changed last."""

    attribute: str | None = None
    changed_at: float = -math.inf
    shown: str | None = None
    shown_before: str | None = None
    shown_from: float = -math.inf

    def describe(self) -> Json:
        """The description: the change before the last, until the last one shows (T-145)."""
        attribute = self.attribute if now() >= self.shown_from else self.shown_before
        if attribute is None:
            return {"TimeToLiveStatus": "DISABLED"}  # never set and disabled look alike (T-144)
        return {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}


def update(world: World, params: Json) -> Json:
    """UpdateTimeToLive."""
    table = world.table(params["TableName"])
    _check_state(world, table)
    specification: Json = params["TimeToLiveSpecification"]
    _check_content(table.time_to_live, specification)
    _check_cooldown(world, table.time_to_live)
    _change(world, table.time_to_live, specification)
    return {"TimeToLiveSpecification": specification}


def describe(world: World, params: Json) -> Json:
    """DescribeTimeToLive."""
    table = world.table(params["TableName"])
    if table.status in {"CREATING", "DELETING"}:
        raise refusal("ttl-while-creating" if table.status == "CREATING" else "ttl-while-deleting")  # T-115, T-118
    return {"TimeToLiveDescription": table.time_to_live.describe()}


def _check_state(world: World, table: Table) -> None:
    if table.status == "CREATING":
        if table.age < _KNOWN_AFTER:
            raise world.not_found(table.name)
        raise refusal("table-is-being-created-ttl", table=table.name)
    if table.encryption.inaccessible_since is not None:
        raise refusal("kms-key-disabled", why=table.encryption.key_arn)  # T-333


def _check_content(current: TimeToLive, specification: Json) -> None:
    """Refuse what is so already, before looking at the cooldown (T-143, T-147)."""
    attribute = specification["AttributeName"]
    if current.attribute not in {None, attribute}:
        raise refusal("ttl-has-another-attribute", attribute=current.attribute)
    if specification["Enabled"] and current.attribute is not None:
        raise refusal("ttl-is-enabled-already")
    if not specification["Enabled"] and current.attribute is None:
        raise refusal("ttl-is-disabled-already")


def _check_cooldown(world: World, current: TimeToLive) -> None:
    """Refuse a change too soon after the last effective one; refusals do not count (T-143)."""
    if now() < current.changed_at + world.seconds("Cooldown.TimeToLive"):
        raise refusal("ttl-cooldown")


def _change(world: World, current: TimeToLive, specification: Json) -> None:
    current.shown_before = current.attribute
    current.shown_from = now() + world.seconds("UpdateTimeToLive.settle")
    current.attribute = specification["AttributeName"] if specification["Enabled"] else None
    current.changed_at = now()
