"""What a request does with a table that it finds: the rules, as data. Pure: what was found in, decision out.

The first of :data:`RULES` that fits decides. docs/design.md shows them as a table, written from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from itertools import product
from typing import TYPE_CHECKING, Final, TypeAlias

from table_provisioner.errors import (
    ANOTHER_NAME,
    UNPROTECT,
    AlreadyExistsError,
    NotUpdatableError,
    ProvisionerError,
    ResourceConflictError,
)
from table_provisioner.event import RequestType
from table_provisioner.options import ExistingTable, OnDelete
from table_provisioner.ownership import Standing, holder, standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from table_provisioner.ownership import Mandate, Request

Option: TypeAlias = ExistingTable | OnDelete


class Condition(StrEnum):
    """What a table is, beside whose; where two of these are true, the later one does not count."""

    OF_ANOTHER_KEY = "of another key"
    """Than declared; counts for Create and Update."""
    MADE_SINCE = "made since the request"
    """A second or more after it was signed; counts for Delete."""
    PROTECTED = "protected"
    """Against deletion; counts for Delete."""
    ORDINARY = "ordinary"


class AtWork(StrEnum):
    """Whose the fence on a table is."""

    THIS = "this request's"
    NEWER = "newer"
    """Or of one whose table is newer than this request."""
    OTHER = "older or none"
    """Or of nobody knows when."""


class Decision(Enum):
    """What a request does with a table."""

    CONVERGE = "bring it to what is declared"
    """Nothing about whose it is changes."""
    ADOPT = "take it over, and bring it to what is declared"
    DELETE = "delete it"
    RELEASE = "take our tags off"
    """It is nobody's again."""
    LEAVE = "leave it"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request does nothing, and fails.

    Attributes:
        error: The kind of error, which has its code.
        problem: What is wrong; may name the ``{table}``, its ``{holder}`` and the ``{difference}`` of its key.
        remedy: What to do.
    """

    error: type[ProvisionerError]
    problem: str
    remedy: str

    def of(self, table_name: str, *, holder: str = "", difference: str = "") -> ProvisionerError:
        """The error at a table."""
        facts = {"table": table_name, "holder": holder, "difference": difference}
        return self.error(self.problem.format_map(facts), self.remedy.format_map(facts))


LATE: Final = Refusal(
    ResourceConflictError,
    "a newer request has been at work on table '{table}'.",
    "Nothing was changed by this one, which came late.",
)
TAKEN: Final = Refusal(
    AlreadyExistsError,
    "table '{table}' belongs to {holder}.",
    "Choose another TableName; or, where that resource is no more, run: table-provisioner release {table}",
)
EXISTS: Final = Refusal(
    AlreadyExistsError,
    "table '{table}' exists, and ExistingTable is Fail.",
    "Choose another TableName, or set ExistingTable: Adopt to take the table over.",
)
EXISTS_WITH_ANOTHER_KEY: Final = Refusal(
    AlreadyExistsError, "table '{table}' exists with {difference}.", "Choose another TableName, or declare its key."
)
LOST: Final = Refusal(
    ResourceConflictError,
    "table '{table}' belongs to {holder} by now.",
    ANOTHER_NAME,
)
UNTAGGED: Final = Refusal(
    ResourceConflictError,
    "table '{table}' has lost the tags that say whose it is, and ExistingTable is Fail.",
    "See whether it is still the same table; then give it back its tags under table-provisioner:, or set"
    " ExistingTable: Adopt.",
)
OTHER_KEY: Final = Refusal(
    NotUpdatableError,
    "table '{table}' has {difference}, which only a new table can have.",
    "To keep its items where a stack has it, first deploy OnDelete: Retain or Snapshot, and nothing else. Then give it"
    " another TableName, or none: an empty table takes its place, and the cleanup deletes this one unless it is"
    " retained or was taken over.",
)
PROTECTED: Final = Refusal(
    ResourceConflictError,
    "table '{table}' is protected against deletion.",
    UNPROTECT,
)


@dataclass(frozen=True, slots=True)
class Case:
    """All that decides."""

    request_type: RequestType
    condition: Condition
    standing: Standing
    at_work: AtWork
    option: Option


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What follows in which cases; no value given means any."""

    request_type: RequestType
    conditions: tuple[Condition, ...] = ()
    standings: tuple[Standing, ...] = ()
    at_work: tuple[AtWork, ...] = ()
    options: tuple[Option, ...] = ()
    then: Decision | Refusal

    def fits(self, case: Case) -> bool:
        """Whether this rule is about a case."""
        return self.request_type is case.request_type and all(
            not values or value in values
            for values, value in (
                (self.conditions, case.condition),
                (self.standings, case.standing),
                (self.at_work, case.at_work),
                (self.options, case.option),
            )
        )


_CREATE, _UPDATE, _DELETE = RequestType.CREATE, RequestType.UPDATE, RequestType.DELETE

RULES: Final = (
    Rule(request_type=_CREATE, standings=(Standing.FOREIGN,), then=TAKEN),
    Rule(request_type=_CREATE, at_work=(AtWork.NEWER,), then=LATE),
    Rule(request_type=_CREATE, conditions=(Condition.OF_ANOTHER_KEY,), then=EXISTS_WITH_ANOTHER_KEY),
    # Made by this very request, in an earlier delivery. Made by another one, it has outlived its resource: it is
    # nobody's, its data as precious as anybody's.
    Rule(request_type=_CREATE, standings=(Standing.OWNED,), at_work=(AtWork.THIS,), then=Decision.CONVERGE),
    # Taken over by this very request, or taken back on the way back of a replacement.
    Rule(request_type=_CREATE, standings=(Standing.ADOPTED,), at_work=(AtWork.THIS,), then=Decision.ADOPT),
    Rule(request_type=_CREATE, options=(ExistingTable.ADOPT,), then=Decision.ADOPT),
    Rule(request_type=_CREATE, options=(ExistingTable.FAIL,), then=EXISTS),
    Rule(request_type=_UPDATE, standings=(Standing.FOREIGN,), then=LOST),
    Rule(request_type=_UPDATE, at_work=(AtWork.NEWER,), then=LATE),
    # One that has lost our tags is changed if that is wanted, never claimed.
    Rule(request_type=_UPDATE, standings=(Standing.FREE,), options=(ExistingTable.FAIL,), then=UNTAGGED),
    Rule(request_type=_UPDATE, conditions=(Condition.OF_ANOTHER_KEY,), then=OTHER_KEY),
    Rule(request_type=_UPDATE, then=Decision.CONVERGE),
    # Only proof of ownership deletes.
    Rule(request_type=_DELETE, standings=(Standing.FOREIGN, Standing.FREE), then=Decision.LEAVE),
    Rule(request_type=_DELETE, at_work=(AtWork.NEWER,), then=LATE),
    Rule(request_type=_DELETE, conditions=(Condition.MADE_SINCE,), then=Decision.LEAVE),
    Rule(request_type=_DELETE, standings=(Standing.ADOPTED,), then=Decision.RELEASE),
    Rule(request_type=_DELETE, options=(OnDelete.RETAIN,), then=Decision.RELEASE),
    Rule(request_type=_DELETE, conditions=(Condition.PROTECTED,), then=PROTECTED),
    Rule(request_type=_DELETE, then=Decision.DELETE),
)


def rule_for(case: Case) -> Rule:
    """The rule that decides a case."""
    return next(rule for rule in RULES if rule.fits(case))


def all_cases() -> Iterator[Case]:
    """Every case that there can be."""
    for request_type in RequestType:
        is_delete = request_type is RequestType.DELETE
        own = (Condition.MADE_SINCE, Condition.PROTECTED) if is_delete else (Condition.OF_ANOTHER_KEY,)
        options: tuple[Option, ...] = tuple(OnDelete) if is_delete else tuple(ExistingTable)
        for facts in product((*own, Condition.ORDINARY), Standing, AtWork, options):
            yield Case(request_type, *facts)


@dataclass(frozen=True, slots=True)
class Found:
    """A table as far as it matters to what may be done with it.

    Attributes:
        tags: All its tags.
        created_at: Epoch seconds.
        key_difference: In what it differs from what is declared that only another table can have; empty where it
            does not.
        is_protected: Whether it is protected against deletion.
    """

    tags: Mapping[str, str]
    created_at: float
    key_difference: str = ""
    is_protected: bool = False


def decide(
    request_type: RequestType, table_name: str, found: Found, mandate: Mandate | None, option: Option
) -> Decision:
    """What a request does with a table that is there.

    Args:
        request_type: What is asked for.
        table_name: The table's name.
        found: The table.
        mandate: In whose name; where in nobody's, the caller's word stands for the tags.
        option: ``ExistingTable``, or ``OnDelete`` for a Delete.

    Raises:
        ProvisionerError: Nothing, and why.
    """
    case = Case(request_type, _condition(request_type, found, mandate), *_whose(found, mandate), option)
    then = rule_for(case).then
    if isinstance(then, Refusal):
        raise then.of(table_name, holder=holder(found.tags), difference=found.key_difference)
    return then


def _whose(found: Found, mandate: Mandate | None) -> tuple[Standing, AtWork]:
    if mandate is None:
        return Standing.OWNED, AtWork.THIS
    return standing(found.tags, mandate.owner), _at_work(found, mandate.request)


def _at_work(found: Found, request: Request) -> AtWork:
    if request.is_fenced(found.tags):
        return AtWork.THIS
    return AtWork.NEWER if request.is_late(found.tags, found.created_at) else AtWork.OTHER


def _condition(request_type: RequestType, found: Found, mandate: Mandate | None) -> Condition:
    if request_type is not RequestType.DELETE:
        return Condition.OF_ANOTHER_KEY if found.key_difference else Condition.ORDINARY
    if mandate is not None and mandate.request.was_signed_before(found.created_at):
        return Condition.MADE_SINCE
    return Condition.PROTECTED if found.is_protected else Condition.ORDINARY
