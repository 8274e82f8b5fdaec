"""Whose a table is, and which request is at work on it. Pure: tags in, answer out.

A table says itself whose it is, by tags under ``table-provisioner:``. A table that this resource created is *owned*,
one that it took over is *adopted* and never deleted; all others are somebody's or nobody's. Beside them stands the
*fence*: the request at work and when it was signed. Time orders requests; their ids do not.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from table_provisioner.schema import RESERVED_TAG_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from table_provisioner.state import ImportState

STACK_ID = f"{RESERVED_TAG_PREFIX}stack-id"
LOGICAL_RESOURCE_ID = f"{RESERVED_TAG_PREFIX}logical-resource-id"
ADOPTED_BY = f"{RESERVED_TAG_PREFIX}adopted-by"
ADOPTED_AS = f"{RESERVED_TAG_PREFIX}adopted-as"
REQUEST_ID = f"{RESERVED_TAG_PREFIX}request-id"
REQUEST_TIME = f"{RESERVED_TAG_PREFIX}request-time"
_HOLDERS_KEYS = frozenset({STACK_ID, LOGICAL_RESOURCE_ID, ADOPTED_BY, ADOPTED_AS})
OUR_KEYS = _HOLDERS_KEYS | {REQUEST_ID, REQUEST_TIME}
"""Of all tags that requests write."""

_LONGEST_TAG_VALUE = 256
_PLAIN_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
"""As CloudFormation's are; a client token takes almost anything, but how much of it is not documented."""
_DIGEST_LENGTH = 16
"""Base-32 characters: 80 bits."""
_SECONDS_APART = 1.0
"""Times are signed to the second, so before and after mean by one at least."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A resource of a stack."""

    stack_id: str
    logical_resource_id: str

    @property
    def ownership_tags(self) -> dict[str, str]:
        """The tags of a table that this resource creates."""
        return {
            STACK_ID: _tag_value(self.stack_id),
            LOGICAL_RESOURCE_ID: _tag_value(self.logical_resource_id),
        }

    @property
    def adoption_tags(self) -> dict[str, str]:
        """The tags of a table that this resource takes over."""
        return {ADOPTED_BY: _tag_value(self.stack_id), ADOPTED_AS: _tag_value(self.logical_resource_id)}


@dataclass(frozen=True, slots=True)
class Request:
    """One request of CloudFormation, in however many deliveries.

    Attributes:
        request_id: CloudFormation's id; used again when a deployment is tried again.
        signed_at: When it was signed, in epoch seconds; ``None`` where its URL does not tell.
        began_at: When it began, in its first invocation, in epoch seconds; stands in for ``signed_at`` in the fence.
        is_continued: Whether an earlier invocation has begun it and handed it over.
        table_id: The table that the earlier invocation was about; ``None`` where it had found none.
    """

    request_id: str
    signed_at: float | None
    began_at: float
    is_continued: bool = False
    table_id: str | None = None

    @property
    def fence_tags(self) -> dict[str, str]:
        """The tags that say that this request is at work."""
        time = datetime.fromtimestamp(self.time, tz=UTC)
        return {REQUEST_ID: _tag_value(self.request_id), REQUEST_TIME: time.isoformat(timespec="seconds")}

    @property
    def time(self) -> float:
        """When it was signed, in epoch seconds, as far as that is known: it had been when it began."""
        return self.signed_at or self.began_at

    def was_signed_before(self, epoch_seconds: float) -> bool:
        """Whether this request is surely older than a moment."""
        return self.signed_at is not None and self.signed_at + _SECONDS_APART <= epoch_seconds

    def was_signed_after(self, epoch_seconds: float | None) -> bool:
        """Whether this request is surely younger than a moment."""
        if self.signed_at is None or epoch_seconds is None:
            return False
        return self.signed_at - _SECONDS_APART >= epoch_seconds

    def is_fenced(self, tags: Mapping[str, str]) -> bool:
        """Whether the table says that this request is at work on it."""
        return tags.get(REQUEST_ID) == _tag_value(self.request_id)

    def is_late(self, tags: Mapping[str, str], created_at: float) -> bool:
        """Whether a newer request has worked on the table, or made it, since this one was signed."""
        if REQUEST_ID not in tags or self.is_fenced(tags):
            return False
        return self._is_before_the_fence(tags) or self.was_signed_before(created_at)

    def is_superseded(self, tags: Mapping[str, str], former_request_id: str) -> bool:
        """Whether another request has put its fence up, or has let go of the table, since this one looked.

        The former value is only a stale read of what this request has overwritten, and the fence of an older
        request is simply overwritten again.
        """
        present = tags.get(REQUEST_ID, "")
        if self.is_fenced(tags):
            return False
        if present == former_request_id:
            return self._is_before_the_fence(tags)
        return not self.was_signed_after(fence_time(tags))

    def _is_before_the_fence(self, tags: Mapping[str, str]) -> bool:
        """Whether the request of the fence is surely younger, or began later where the URLs do not tell.

        So a later hop knows whether the fence that it meets was there before hop 0, or came since.
        """
        time = fence_time(tags)
        return time is not None and self.time + _SECONDS_APART <= time


@dataclass(frozen=True, slots=True)
class Mandate:
    """In whose name a job is done.

    Attributes:
        owner: The resource; ``None`` where no resource owns the table.
        request: The request at work; there is one wherever there is an owner.
    """

    owner: Owner
    request: Request

    @property
    def import_token(self) -> str:
        """What this request calls an import by: whose it is, and which request's.

        ``ImportTable`` takes no tags, and an import takes hours; until the table can be tagged, its import says this.
        """
        whose = _digest(self.owner.stack_id, self.owner.logical_resource_id)
        request_id = self.request.request_id
        return f"{whose}-{request_id if _PLAIN_ID.fullmatch(request_id) else _digest(request_id)}"

    def importer(self, found: ImportState) -> str:
        """The id of the request that began an import; empty where it was none of this resource's."""
        whose, _, request_id = found.client_token.partition("-")
        return request_id if whose == self.import_token.partition("-")[0] else ""

    def tags_by_import(self, found: ImportState) -> dict[str, str]:
        """The tags that a table without any would have, could its import have set them; none where it is not ours.

        An import of another request proves nothing to one that came after it was over. By then whoever was at work
        had tagged the table, and whoever took the tags off meant it.
        """
        request_id = self.importer(found)
        if not request_id:
            return {}
        if found.client_token == self.import_token:
            return {**self.owner.ownership_tags, **self.request.fence_tags}
        if not found.is_at_work and (found.ended_at is None or self.request.time > found.ended_at):
            return {}
        return {**self.owner.ownership_tags, REQUEST_ID: request_id}


def _digest(*parts: str) -> str:
    material = json.dumps(parts).encode()
    return base64.b32encode(hashlib.sha256(material).digest()).decode()[:_DIGEST_LENGTH]


def fence_time(tags: Mapping[str, str]) -> float | None:
    """When the request at work was signed, in epoch seconds; ``None`` where the tags do not tell."""
    try:
        return datetime.fromisoformat(tags[REQUEST_TIME]).timestamp()
    except (KeyError, ValueError):
        return None


def has_been_changed(tags: Mapping[str, str], created_at: float) -> bool:
    """Whether a request has been at work on a table since the one that made it, which another may take back."""
    return (fence_time(tags) or 0.0) > created_at


def our_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Those of the tags that are this program's."""
    return {key: value for key, value in tags.items() if key.startswith(RESERVED_TAG_PREFIX)}


class Standing(StrEnum):
    """What a table is to a resource."""

    OWNED = "ours"
    """The resource created it."""
    ADOPTED = "adopted"
    """The resource took it over; so it is as well where a takeover was cut off before the old tags were removed."""
    FOREIGN = "another's"
    """Another resource of a stack created it or took it over."""
    FREE = "nobody's"
    """No tag says whose it is."""


def standing(tags: Mapping[str, str], owner: Owner) -> Standing:
    """What a table with these tags is to a resource."""
    if ADOPTED_BY in tags or ADOPTED_AS in tags:
        return Standing.ADOPTED if owner.adoption_tags.items() <= tags.items() else Standing.FOREIGN
    if STACK_ID in tags or LOGICAL_RESOURCE_ID in tags:
        return Standing.OWNED if owner.ownership_tags.items() <= tags.items() else Standing.FOREIGN
    return Standing.FREE


def has_holder(tags: Mapping[str, str]) -> bool:
    """Whether tags say that a table is somebody's."""
    return not _HOLDERS_KEYS.isdisjoint(tags)


def holder(tags: Mapping[str, str]) -> str:
    """Whose a table with these tags is, in words."""
    stack = tags.get(ADOPTED_BY) or tags.get(STACK_ID) or "unknown"
    resource = tags.get(ADOPTED_AS) or tags.get(LOGICAL_RESOURCE_ID) or "unknown"
    return f"resource {resource} of stack {stack}"


def _tag_value(text: str) -> str:
    """A text as a tag value; the end of an id, which makes it unique, survives the cut."""
    return text[-_LONGEST_TAG_VALUE:]
