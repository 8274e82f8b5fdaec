"""Which tables name an owner that is no more. Pure: tags and stacks in, verdicts out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from table_provisioner.ownership import ADOPTED_AS, ADOPTED_BY, LOGICAL_RESOURCE_ID, STACK_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

_STACK_ARN = re.compile(r"arn:[^:]+:cloudformation:(?P<place>[^:]+:\d+):stack/[^/]+/.+")
_TABLE_ARN = re.compile(r"arn:[^:]+:dynamodb:(?P<place>[^:]+:\d+):table/(?P<name>.+)")
_GONE = frozenset({"DELETE_COMPLETE", "DELETE_SKIPPED"})
_HALF_WAY = frozenset({"UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED"})
"""From there a stack can still go back to a table that a replacement has left."""


class Verdict(StrEnum):
    """What there is of the resource that a table names."""

    IN_USE = "IN_USE"
    """It has this table, or its stack is at work or stopped half-way, which may yet change what it has."""
    STACK_GONE = "STACK_GONE"
    """Its stack was deleted."""
    RESOURCE_GONE = "RESOURCE_GONE"
    """Its stack is there, and has no such resource, or gave up deleting it."""
    REPLACED = "REPLACED"
    """It is there, and has another table."""
    UNKNOWN = "UNKNOWN"
    """Its stack could not be looked at."""


ORPHANED = frozenset({Verdict.STACK_GONE, Verdict.RESOURCE_GONE, Verdict.REPLACED})


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as its stack lists it."""

    physical_resource_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack: its status, and its resources by logical id."""

    status: str
    resources: Mapping[str, Resource]


@dataclass(frozen=True, slots=True)
class Claim:
    """A table, and the resource that it names as its owner; empty where the tags name none."""

    table_arn: str
    stack_id: str
    logical_resource_id: str
    is_adopted: bool

    @classmethod
    def of(cls, table_arn: str, tags: Mapping[str, str]) -> Claim:
        """What a table says by its tags. Where tags of both kinds stand, it was taken over."""
        if ADOPTED_BY in tags or ADOPTED_AS in tags:
            return cls(table_arn, tags.get(ADOPTED_BY, ""), tags.get(ADOPTED_AS, ""), is_adopted=True)
        return cls(table_arn, tags.get(STACK_ID, ""), tags.get(LOGICAL_RESOURCE_ID, ""), is_adopted=False)

    @property
    def table_name(self) -> str:
        """The table's name."""
        return _part(_TABLE_ARN, self.table_arn, "name")

    @property
    def names_a_stack(self) -> bool:
        """Whether there can be a stack of that id."""
        return bool(_STACK_ARN.fullmatch(self.stack_id))

    @property
    def is_from_elsewhere(self) -> bool:
        """Whether the stack is in another region or account than the table, where this caller cannot look."""
        return self.names_a_stack and _part(_STACK_ARN, self.stack_id, "place") != _part(
            _TABLE_ARN, self.table_arn, "place"
        )


def judge(claim: Claim, stack: Stack | None) -> Verdict:
    """Whether a table is an orphan.

    Args:
        claim: What the table says.
        stack: The stack that it names; ``None`` where there is none of that id, or none any more.
    """
    if stack is None or stack.status in _GONE:
        return Verdict.STACK_GONE
    if stack.status.endswith("_IN_PROGRESS") or stack.status in _HALF_WAY:
        return Verdict.IN_USE
    resource = stack.resources.get(claim.logical_resource_id)
    if resource is None or resource.status in _GONE or _was_given_up(resource, stack):
        return Verdict.RESOURCE_GONE
    return Verdict.IN_USE if resource.physical_resource_id == claim.table_name else Verdict.REPLACED


def remedy(claim: Claim, verdict: Verdict) -> str:
    """What can be done about it; empty where nothing is to be done."""
    release = f"table-provisioner release {claim.table_name}"
    match verdict:
        case Verdict.IN_USE:
            return ""
        case Verdict.UNKNOWN:
            return "Look again with the permission to do so."
        case Verdict.RESOURCE_GONE if claim.logical_resource_id:
            return (
                f"Declare {claim.logical_resource_id} in its stack again, with TableName: {claim.table_name}, which"
                f" takes it over; or delete it once its items are not needed any more: table-provisioner delete"
                f" {claim.table_name}; or, for another stack to take it over, run: {release}"
            )
        case Verdict.REPLACED:
            return f"Delete it once its items are not needed any more; or, for a stack to take it over, run: {release}"
        case _:
            return f"For a stack to take it over (ExistingTable: Adopt), run: {release}"


def _was_given_up(resource: Resource, stack: Stack) -> bool:
    """Whether the stack could not delete it, and went on without it: it is listed until the stack is deleted."""
    return resource.status == "DELETE_FAILED" and stack.status.endswith("_COMPLETE")


def _part(pattern: re.Pattern[str], text: str, name: str) -> str:
    found = pattern.fullmatch(text)
    return found[name] if found else ""
