"""ImportTable: a table that stays CREATING while its data arrives. From the documentation; no finding covers it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from tests.simulator.dynamodb import create_table
from tests.simulator.dynamodb.errors import ServiceError
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World


def import_table(world: World, params: Json) -> Json:
    """ImportTable: creates the table as CreateTable does; nothing is read from S3."""
    description = create_table.create(world, params["TableCreationParameters"])["TableDescription"]
    arn = f"{description['TableArn']}/import/{round(now() * 1000):014d}-{uuid.uuid4().hex[:8]}"
    world.imports[arn] = params | {
        "ImportArn": arn,
        "TableArn": description["TableArn"],
        "TableId": description["TableId"],
        "StartTime": now(),
    }
    return {"ImportTableDescription": _description(world, arn)}


def describe(world: World, params: Json) -> Json:
    """DescribeImport."""
    if params["ImportArn"] not in world.imports:
        raise ServiceError("ImportNotFoundException", f"Import {params['ImportArn']} not found")
    return {"ImportTableDescription": _description(world, params["ImportArn"])}


def _description(world: World, arn: str) -> Json:
    started = world.imports[arn]
    table = world.tables.get(world.name_of(started["TableArn"]))
    is_running = table is not None and table.status == "CREATING"
    return started | {"ImportStatus": "IN_PROGRESS" if is_running else "COMPLETED"}
