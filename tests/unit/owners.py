"""Two resources, the tags by which they say that a table is theirs, and the fences of requests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from table_provisioner.ownership import Owner, Request
from tests.unit.declarations import STACK_ID

Tags = dict[str, str]

NOON: Final = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
US: Final = Owner(STACK_ID, "Orders")
THEM: Final = Owner(STACK_ID, "Sessions")

OWNED: Final = US.ownership_tags
ADOPTED: Final = US.adoption_tags
THEIRS: Final = THEM.ownership_tags
ADOPTED_BY_THEM: Final = THEM.adoption_tags
FREE: Final[Tags] = {"team": "shop"}


def stamp(epoch_seconds: float) -> str:
    return datetime.fromtimestamp(epoch_seconds, tz=UTC).isoformat(timespec="seconds")


def fence(request_id: str, epoch_seconds: float | None = None) -> Tags:
    """The tags of a request at work; without the time where none is given."""
    time = {} if epoch_seconds is None else {"table-provisioner:request-time": stamp(epoch_seconds)}
    return {"table-provisioner:request-id": request_id} | time


def request(signed_at: float | None = NOON) -> Request:
    return Request("this", signed_at, NOON + 60)


EARLY: Final = NOON - 3600
LATER: Final = NOON + 1

OURS: Final = fence("this", NOON)
OLDER: Final = fence("other", NOON - 1)
SAME_TIME: Final = fence("other", NOON)
NEWER: Final = fence("other", NOON + 1)
TIMELESS: Final = fence("other")
