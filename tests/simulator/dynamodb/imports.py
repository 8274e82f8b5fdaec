"""ImportTable: a table that stays CREATING while its data arrives. From the API reference; no finding covers it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb import create_table
from tests.simulator.dynamodb.errors import ServiceError
from tests.simulator.dynamodb.jobs import Running
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

TOKEN_SECONDS: Final = 8 * 3_600.0
"""For how long a repeated client token is the same request."""


@dataclass
class Imports:
    """The imports of an account, and what the next one will be like.

    Attributes:
        started: All of them, by ARN, as they are described.
        seconds: How long the next one takes.
        ending: How the next one ends: the members of its description that say so.
        items: What the next one brings, by key.
        listed_after: How many seconds after their start they are listed.
        shown_after: How many seconds after their tables became ACTIVE they are shown as over.
    """

    started: dict[str, Json] = field(default_factory=dict)
    seconds: float = 600.0
    ending: Json = field(default_factory=lambda: {"ImportStatus": "COMPLETED", "ErrorCount": 0})
    items: dict[str, Json] = field(default_factory=dict)
    listed_after: float = 0.0
    shown_after: float = 0.0


def import_table(world: World, params: Json) -> Json:
    """ImportTable: creates the table as CreateTable does, and again only answers where the token is known."""
    token = params.get("ClientToken")
    for known in world.imports.started.values():
        if token and known["ClientToken"] == token and now() - known["StartTime"] < TOKEN_SECONDS:
            if any(known[name] != value for name, value in params.items()):
                raise ServiceError("ImportConflictException", f"Import with client token {token} has other parameters")
            return {"ImportTableDescription": known}
    description = create_table.create(world, params["TableCreationParameters"])["TableDescription"]
    arn = f"{description['TableArn']}/import/{round(now() * 1000):014d}-{uuid.uuid4().hex[:8]}"
    started = params | {
        "ClientToken": token or str(uuid.uuid4()),
        "ImportArn": arn,
        "ImportStatus": "IN_PROGRESS",
        "TableArn": description["TableArn"],
        "TableId": description["TableId"],
        "StartTime": now(),
    }
    world.imports.started[arn] = started
    _run(world, started)
    return {"ImportTableDescription": dict(started)}


def _run(world: World, started: Json) -> None:
    """Read for a while; what was read stays, however it ends."""
    table = world.tables[world.name_of(started["TableArn"])]
    ending, items = dict(world.imports.ending), dict(world.imports.items)

    def finish() -> None:
        table.items |= items
        started.update(ending, EndTime=now())
        create_table.activate(table)

    table.active_at = now() + world.imports.seconds
    table.stop(Running.CREATING)
    table.start(Running.CREATING, world.imports.seconds, finish)


def describe(world: World, params: Json) -> Json:
    """DescribeImport."""
    if params["ImportArn"] not in world.imports.started:
        raise ServiceError("ImportNotFoundException", f"Import {params['ImportArn']} not found")
    known = world.imports.started[params["ImportArn"]]
    if now() < known.get("EndTime", 0.0) + world.imports.shown_after:
        known = {name: value for name, value in known.items() if name != "EndTime"} | {"ImportStatus": "IN_PROGRESS"}
    return {"ImportTableDescription": known}


def list_imports(world: World, params: Json) -> Json:
    """ListImports: one page of them, the oldest first; the reference names no order."""
    listed = [
        known for known in world.imports.started.values() if now() - known["StartTime"] >= world.imports.listed_after
    ]
    found = [known for known in listed if params.get("TableArn") in {None, known["TableArn"]}]
    begin, size = int(params.get("NextToken", "0"), 16), params.get("PageSize", 25)
    names = {"ImportArn", "ImportStatus", "TableArn", "S3BucketSource", "InputFormat", "StartTime", "EndTime"}
    page = [{name: known[name] for name in names & known.keys()} for known in found[begin : begin + size]]
    rest = {"NextToken": f"{begin + size:0112x}"} if begin + size < len(found) else {}
    return {"ImportSummaryList": page} | rest
