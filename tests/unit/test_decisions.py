from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from table_provisioner.decisions import RULES, Decision, Found, all_cases, decide, rule_for
from table_provisioner.errors import (
    AlreadyExistsError,
    NotUpdatableError,
    ProvisionerError,
    ResourceConflictError,
)
from table_provisioner.event import RequestType
from table_provisioner.options import ExistingTable, OnDelete
from table_provisioner.ownership import Mandate, Standing
from tests.unit.owners import (
    ADOPTED,
    ADOPTED_BY_THEM,
    EARLY,
    FREE,
    LATER,
    NEWER,
    NOON,
    OLDER,
    OURS,
    OWNED,
    SAME_TIME,
    THEIRS,
    TIMELESS,
    US,
    Tags,
    request,
)

if TYPE_CHECKING:
    from table_provisioner.decisions import Option
    from table_provisioner.ownership import Request

Outcome = Decision | type[ProvisionerError]

ADOPT: Final = ExistingTable.ADOPT
FAIL: Final = ExistingTable.FAIL


OUR_REQUEST: Final = Mandate(US, request())


def decided(request_type: RequestType, found: Found, option: Option, mandate: Mandate | None = OUR_REQUEST) -> Outcome:
    """The decision, or the kind of error with which it is refused."""
    try:
        return decide(request_type, "orders", found, mandate, option)
    except ProvisionerError as error:
        return type(error)


CREATE = [
    (OWNED | OURS, ADOPT, request(), Decision.CONVERGE, "made by this very request"),
    (OWNED | OURS, FAIL, request(), Decision.CONVERGE, "made by this very request, whatever ExistingTable says"),
    (OWNED | OURS, FAIL, request(None), Decision.CONVERGE, "made by this request, whenever that was signed"),
    (OWNED | OLDER, ADOPT, request(), Decision.ADOPT, "made by an older request: it outlived its resource"),
    (OWNED | OLDER, FAIL, request(), AlreadyExistsError, "the same with ExistingTable Fail"),
    (OWNED, ADOPT, request(), Decision.ADOPT, "ours without a fence"),
    (OWNED, FAIL, request(), AlreadyExistsError, "ours without a fence, with ExistingTable Fail"),
    (OWNED | NEWER, ADOPT, request(), ResourceConflictError, "a newer request has been at work"),
    (OWNED | SAME_TIME, ADOPT, request(), Decision.ADOPT, "less than a second apart is not before"),
    (OWNED | NEWER, ADOPT, request(None), Decision.ADOPT, "when this request was signed is not known"),
    (OWNED | TIMELESS, ADOPT, request(), Decision.ADOPT, "when the other request was signed is not known"),
    (ADOPTED | OLDER, ADOPT, request(), Decision.ADOPT, "taken over before: nobody's by now"),
    (ADOPTED | OLDER, FAIL, request(), AlreadyExistsError, "taken over before, with ExistingTable Fail"),
    (ADOPTED | OURS, ADOPT, request(), Decision.ADOPT, "taken over by this very request, cut off"),
    (ADOPTED | OURS, FAIL, request(), Decision.ADOPT, "taken over and left in this very request: the way back"),
    (ADOPTED | NEWER, ADOPT, request(), ResourceConflictError, "taken over, and a newer request has been at work"),
    (FREE, ADOPT, request(), Decision.ADOPT, "nobody's"),
    (FREE, FAIL, request(), AlreadyExistsError, "nobody's, with ExistingTable Fail"),
    (FREE | OURS, FAIL, request(), AlreadyExistsError, "nobody's with a fence of ours, ExistingTable Fail"),
    (THEIRS, ADOPT, request(), AlreadyExistsError, "another resource's"),
    (THEIRS | OURS, ADOPT, request(), AlreadyExistsError, "another resource's with a fence of ours"),
    (THEIRS | NEWER, ADOPT, request(), AlreadyExistsError, "another resource's at work"),
    (ADOPTED_BY_THEM, ADOPT, request(), AlreadyExistsError, "taken over by another resource"),
]

UPDATE = [
    (OWNED | OLDER, FAIL, request(), Decision.CONVERGE, "ours"),
    (OWNED | OURS, FAIL, request(), Decision.CONVERGE, "ours, in another delivery"),
    (OWNED, FAIL, request(), Decision.CONVERGE, "ours without a fence"),
    (ADOPTED | OLDER, FAIL, request(), Decision.CONVERGE, "taken over before"),
    (OWNED | NEWER, ADOPT, request(), ResourceConflictError, "a newer request has been at work"),
    (OWNED | NEWER, ADOPT, request(None), Decision.CONVERGE, "when this request was signed is not known"),
    (ADOPTED | NEWER, ADOPT, request(), ResourceConflictError, "taken over, and a newer request has been at work"),
    (FREE, ADOPT, request(), Decision.CONVERGE, "without our tags: changed, never claimed"),
    (FREE, FAIL, request(), ResourceConflictError, "without our tags, with ExistingTable Fail"),
    (FREE | NEWER, ADOPT, request(), ResourceConflictError, "without ownership, but a newer request has been at work"),
    (THEIRS, ADOPT, request(), ResourceConflictError, "another resource's"),
    (ADOPTED_BY_THEM | NEWER, ADOPT, request(), ResourceConflictError, "taken over by another resource"),
]

DELETE = [
    (OWNED | OLDER, EARLY, OnDelete.DELETE, request(), Decision.DELETE, "ours"),
    (OWNED | OLDER, EARLY, OnDelete.RETAIN, request(), Decision.RELEASE, "ours, to be retained"),
    (OWNED | OURS, EARLY, OnDelete.DELETE, request(), Decision.DELETE, "ours, in another delivery"),
    (OWNED, EARLY, OnDelete.DELETE, request(), Decision.DELETE, "ours without a fence"),
    (OWNED | OLDER, EARLY, OnDelete.DELETE, request(None), Decision.DELETE, "ours, when it was signed is not known"),
    (OWNED | NEWER, EARLY, OnDelete.DELETE, request(), ResourceConflictError, "a newer request has been at work"),
    (OWNED | OLDER, LATER, OnDelete.DELETE, request(), ResourceConflictError, "made since by another request"),
    (OWNED, LATER, OnDelete.DELETE, request(), Decision.LEAVE, "made since, by whom is not known"),
    (OWNED | OURS, LATER, OnDelete.DELETE, request(), Decision.LEAVE, "made since, with a fence of ours"),
    (OWNED | OLDER, NOON + 0.5, OnDelete.DELETE, request(), Decision.DELETE, "made in the second of the signing"),
    (ADOPTED | OLDER, EARLY, OnDelete.DELETE, request(), Decision.RELEASE, "taken over: never deleted"),
    (OWNED | ADOPTED | OLDER, EARLY, OnDelete.DELETE, request(), Decision.RELEASE, "taken over, killed in between"),
    (ADOPTED | OLDER, EARLY, OnDelete.RETAIN, request(), Decision.RELEASE, "taken over, to be retained"),
    (
        ADOPTED | NEWER,
        EARLY,
        OnDelete.DELETE,
        request(),
        ResourceConflictError,
        "taken over, and a newer request has been at work",
    ),
    (FREE, EARLY, OnDelete.DELETE, request(), Decision.LEAVE, "nobody's"),
    (FREE | OURS, EARLY, OnDelete.DELETE, request(), Decision.LEAVE, "nobody's with a fence of ours: released before"),
    (FREE | NEWER, EARLY, OnDelete.DELETE, request(), Decision.LEAVE, "nobody's, whoever is at work"),
    (THEIRS, EARLY, OnDelete.DELETE, request(), Decision.LEAVE, "another resource's"),
    (THEIRS | NEWER, EARLY, OnDelete.DELETE, request(), Decision.LEAVE, "another resource's at work"),
    (OWNED | ADOPTED_BY_THEM, EARLY, OnDelete.DELETE, request(), Decision.LEAVE, "taken over by another resource"),
]


@pytest.mark.parametrize(
    ("tags", "option", "signed", "expected"), [pytest.param(*row[:4], id=row[4]) for row in CREATE]
)
def test_a_create_that_meets_a_table(tags: Tags, option: ExistingTable, signed: Request, expected: Outcome) -> None:
    assert decided(RequestType.CREATE, Found(tags, EARLY), option, Mandate(US, signed)) is expected


@pytest.mark.parametrize(
    ("tags", "option", "signed", "expected"), [pytest.param(*row[:4], id=row[4]) for row in UPDATE]
)
def test_an_update_of_a_table(tags: Tags, option: ExistingTable, signed: Request, expected: Outcome) -> None:
    assert decided(RequestType.UPDATE, Found(tags, EARLY), option, Mandate(US, signed)) is expected


@pytest.mark.parametrize(
    ("tags", "created_at", "option", "signed", "expected"), [pytest.param(*row[:5], id=row[5]) for row in DELETE]
)
def test_a_delete_of_a_table(
    tags: Tags, created_at: float, option: OnDelete, signed: Request, expected: Outcome
) -> None:
    assert decided(RequestType.DELETE, Found(tags, created_at), option, Mandate(US, signed)) is expected


@pytest.mark.parametrize(
    ("tags", "option", "expected"),
    [
        pytest.param(OWNED | OLDER, OnDelete.DELETE, ResourceConflictError, id="ours"),
        pytest.param(OWNED | OLDER, OnDelete.SNAPSHOT, ResourceConflictError, id="ours, to be backed up"),
        pytest.param(OWNED | OLDER, OnDelete.RETAIN, Decision.RELEASE, id="ours, to be retained"),
        pytest.param(ADOPTED | OLDER, OnDelete.DELETE, Decision.RELEASE, id="taken over"),
        pytest.param(THEIRS, OnDelete.DELETE, Decision.LEAVE, id="another resource's"),
        pytest.param(FREE, OnDelete.DELETE, Decision.LEAVE, id="nobody's"),
    ],
)
def test_a_delete_of_a_protected_table(tags: Tags, option: OnDelete, expected: Outcome) -> None:
    assert decided(RequestType.DELETE, Found(tags, EARLY, is_protected=True), option) is expected


@pytest.mark.parametrize(
    ("request_type", "tags", "option", "expected"),
    [
        pytest.param(RequestType.CREATE, FREE, ADOPT, AlreadyExistsError, id="a Create, nobody's"),
        pytest.param(RequestType.CREATE, OWNED | NEWER, ADOPT, ResourceConflictError, id="a Create, late"),
        pytest.param(RequestType.UPDATE, OWNED, ADOPT, NotUpdatableError, id="an Update, ours"),
        pytest.param(RequestType.UPDATE, OWNED | NEWER, ADOPT, ResourceConflictError, id="an Update, late"),
        pytest.param(RequestType.UPDATE, THEIRS, ADOPT, ResourceConflictError, id="an Update, another resource's"),
        pytest.param(RequestType.DELETE, OWNED, OnDelete.DELETE, Decision.DELETE, id="a Delete"),
    ],
)
def test_a_table_of_another_key(request_type: RequestType, tags: Tags, option: Option, expected: Outcome) -> None:
    assert decided(request_type, Found(tags, EARLY, "the key no (S, HASH)"), option) is expected


@pytest.mark.parametrize(
    ("request_type", "option", "expected"),
    [
        (RequestType.CREATE, FAIL, Decision.CONVERGE),
        (RequestType.UPDATE, FAIL, Decision.CONVERGE),
        (RequestType.DELETE, OnDelete.DELETE, Decision.DELETE),
        (RequestType.DELETE, OnDelete.RETAIN, Decision.RELEASE),
    ],
)
def test_where_nobody_owns_tables_the_word_of_the_caller_counts(
    request_type: RequestType, option: Option, expected: Outcome
) -> None:
    assert decided(request_type, Found(THEIRS, LATER), option, None) is expected


def test_a_refusal_names_the_table_its_holder_and_the_difference() -> None:
    with pytest.raises(AlreadyExistsError) as taken:
        decide(RequestType.CREATE, "{orders}", Found(THEIRS, EARLY), Mandate(US, request()), ADOPT)
    assert "'{orders}' belongs to resource Sessions of stack arn:" in str(taken.value)
    assert "table-provisioner release {orders}" in str(taken.value)
    with pytest.raises(NotUpdatableError) as other:
        decide(RequestType.UPDATE, "orders", Found({}, EARLY, "the key a, declared is {b}"), None, ADOPT)
    assert "has the key a, declared is {b}, which only a new table can have" in str(other.value)


def test_every_case_has_a_rule_and_every_rule_a_case() -> None:
    assert {rule_for(case) for case in all_cases()} == set(RULES)


def test_nothing_but_what_a_resource_made_is_deleted() -> None:
    deleted = {
        (rule.request_type, case.standing) for case in all_cases() if (rule := rule_for(case)).then is Decision.DELETE
    }
    assert deleted == {(RequestType.DELETE, Standing.OWNED)}
