from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest

from table_provisioner.ownership import (
    Decision,
    Found,
    Owner,
    Request,
    Standing,
    decide_create,
    decide_delete,
    decide_update,
    fence_time,
    our_tags,
    standing,
)
from tests.unit.declarations import STACK_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def found(tags: Mapping[str, str], created_at: float = NOON - 3600) -> Found:
    return Found(tags, created_at)


OURS: Final = fence("this", NOON)
OLDER: Final = fence("other", NOON - 1)
SAME_TIME: Final = fence("other", NOON)
NEWER: Final = fence("other", NOON + 1)
TIMELESS: Final = fence("other")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param(OWNED, Standing.OWNED, id="created by this resource"),
        pytest.param(ADOPTED, Standing.ADOPTED, id="taken over by this resource"),
        pytest.param(OWNED | ADOPTED, Standing.ADOPTED, id="both kinds, as after a kill in between: taken over"),
        pytest.param(THEIRS | ADOPTED, Standing.ADOPTED, id="taken over from another resource, killed in between"),
        pytest.param(THEIRS, Standing.FOREIGN, id="created by another resource"),
        pytest.param(ADOPTED_BY_THEM, Standing.FOREIGN, id="taken over by another resource"),
        pytest.param(OWNED | ADOPTED_BY_THEM, Standing.FOREIGN, id="taken over from this resource"),
        pytest.param(
            Owner("arn:aws:cloudformation:::stack/other/1", "Orders").ownership_tags,
            Standing.FOREIGN,
            id="created by the resource of that name in another stack",
        ),
        pytest.param({"table-provisioner:stack-id": STACK_ID}, Standing.FOREIGN, id="half of the ownership tags"),
        pytest.param({"table-provisioner:logical-resource-id": "Orders"}, Standing.FOREIGN, id="the other half"),
        pytest.param({"table-provisioner:adopted-by": STACK_ID}, Standing.FOREIGN, id="half of the adoption tags"),
        pytest.param({"table-provisioner:adopted-as": "Orders"}, Standing.FOREIGN, id="the other half of those"),
        pytest.param(FREE, Standing.FREE, id="tags of others only"),
        pytest.param({}, Standing.FREE, id="no tags"),
        pytest.param(OURS, Standing.FREE, id="a fence says nothing about whose it is"),
    ],
)
def test_standing(tags: Tags, expected: Standing) -> None:
    assert standing(tags, US) is expected


CREATE = [
    (OWNED | OURS, True, request(), Decision.CONVERGE, "made by this very request"),
    (OWNED | OURS, False, request(), Decision.CONVERGE, "made by this very request, whatever ExistingTable says"),
    (OWNED | OURS, False, request(None), Decision.CONVERGE, "made by this request, whenever that was signed"),
    (OWNED | OLDER, True, request(), Decision.ADOPT, "made by an older request: it outlived its resource"),
    (OWNED | OLDER, False, request(), Decision.REFUSE_EXISTING, "the same with ExistingTable Fail"),
    (OWNED, True, request(), Decision.ADOPT, "ours without a fence"),
    (OWNED, False, request(), Decision.REFUSE_EXISTING, "ours without a fence, with ExistingTable Fail"),
    (OWNED | NEWER, True, request(), Decision.REFUSE_LATE, "a newer request has been at work"),
    (OWNED | SAME_TIME, True, request(), Decision.ADOPT, "less than a second apart is not before"),
    (OWNED | NEWER, True, request(None), Decision.ADOPT, "when this request was signed is not known"),
    (OWNED | TIMELESS, True, request(), Decision.ADOPT, "when the other request was signed is not known"),
    (ADOPTED | OLDER, True, request(), Decision.ADOPT, "taken over before: nobody's by now"),
    (ADOPTED | OLDER, False, request(), Decision.REFUSE_EXISTING, "taken over before, with ExistingTable Fail"),
    (ADOPTED | OURS, True, request(), Decision.ADOPT, "taken over by this very request, cut off"),
    (ADOPTED | OURS, False, request(), Decision.ADOPT, "taken over and left in this very request: the way back"),
    (ADOPTED | NEWER, True, request(), Decision.REFUSE_LATE, "taken over, and a newer request has been at work"),
    (FREE, True, request(), Decision.ADOPT, "nobody's"),
    (FREE, False, request(), Decision.REFUSE_EXISTING, "nobody's, with ExistingTable Fail"),
    (FREE | OURS, False, request(), Decision.REFUSE_EXISTING, "nobody's with a fence of ours, ExistingTable Fail"),
    (THEIRS, True, request(), Decision.REFUSE_FOREIGN, "another resource's"),
    (THEIRS | OURS, True, request(), Decision.REFUSE_FOREIGN, "another resource's with a fence of ours"),
    (THEIRS | NEWER, True, request(), Decision.REFUSE_FOREIGN, "another resource's at work"),
    (ADOPTED_BY_THEM, True, request(), Decision.REFUSE_FOREIGN, "taken over by another resource"),
]


@pytest.mark.parametrize(
    ("tags", "may_adopt", "signed", "decision"), [pytest.param(*row[:4], id=row[4]) for row in CREATE]
)
def test_a_create_that_meets_a_table(tags: Tags, signed: Request, decision: Decision, *, may_adopt: bool) -> None:
    assert decide_create(found(tags), US, signed, may_adopt=may_adopt) is decision


UPDATE = [
    (OWNED | OLDER, False, request(), Decision.CONVERGE, "ours"),
    (OWNED | OURS, False, request(), Decision.CONVERGE, "ours, in another delivery"),
    (OWNED, False, request(), Decision.CONVERGE, "ours without a fence"),
    (ADOPTED | OLDER, False, request(), Decision.CONVERGE, "taken over before"),
    (OWNED | NEWER, True, request(), Decision.REFUSE_LATE, "a newer request has been at work"),
    (OWNED | NEWER, True, request(None), Decision.CONVERGE, "when this request was signed is not known"),
    (ADOPTED | NEWER, True, request(), Decision.REFUSE_LATE, "taken over, and a newer request has been at work"),
    (FREE, True, request(), Decision.CONVERGE, "without our tags: changed, never claimed"),
    (FREE, False, request(), Decision.REFUSE_EXISTING, "without our tags, with ExistingTable Fail"),
    (FREE | NEWER, True, request(), Decision.REFUSE_LATE, "without ownership, but a newer request has been at work"),
    (THEIRS, True, request(), Decision.REFUSE_FOREIGN, "another resource's"),
    (ADOPTED_BY_THEM | NEWER, True, request(), Decision.REFUSE_FOREIGN, "taken over by another resource"),
]


@pytest.mark.parametrize(
    ("tags", "may_adopt", "signed", "decision"), [pytest.param(*row[:4], id=row[4]) for row in UPDATE]
)
def test_an_update_of_a_table(tags: Tags, signed: Request, decision: Decision, *, may_adopt: bool) -> None:
    assert decide_update(found(tags), US, signed, may_adopt=may_adopt) is decision


EARLY, LATER = NOON - 3600, NOON + 1
DELETE = [
    (OWNED | OLDER, EARLY, True, request(), Decision.DELETE, "ours"),
    (OWNED | OLDER, EARLY, False, request(), Decision.RELEASE, "ours, to be retained"),
    (OWNED | OURS, EARLY, True, request(), Decision.DELETE, "ours, in another delivery"),
    (OWNED, EARLY, True, request(), Decision.DELETE, "ours without a fence"),
    (OWNED | OLDER, EARLY, True, request(None), Decision.DELETE, "ours, when it was signed is not known"),
    (OWNED | NEWER, EARLY, True, request(), Decision.REFUSE_LATE, "a newer request has been at work"),
    (OWNED | OLDER, LATER, True, request(), Decision.REFUSE_LATE, "made since by another request"),
    (OWNED, LATER, True, request(), Decision.LEAVE, "made since, by whom is not known"),
    (OWNED | OURS, LATER, True, request(), Decision.LEAVE, "made since, with a fence of ours"),
    (OWNED | OLDER, NOON + 0.5, True, request(), Decision.DELETE, "made in the second of the signing"),
    (ADOPTED | OLDER, EARLY, True, request(), Decision.RELEASE, "taken over: never deleted"),
    (OWNED | ADOPTED | OLDER, EARLY, True, request(), Decision.RELEASE, "taken over, killed in between"),
    (ADOPTED | OLDER, EARLY, False, request(), Decision.RELEASE, "taken over, to be retained"),
    (ADOPTED | NEWER, EARLY, True, request(), Decision.REFUSE_LATE, "taken over, and a newer request has been at work"),
    (FREE, EARLY, True, request(), Decision.LEAVE, "nobody's"),
    (FREE | OURS, EARLY, True, request(), Decision.LEAVE, "nobody's with a fence of ours: released before"),
    (FREE | NEWER, EARLY, True, request(), Decision.LEAVE, "nobody's, whoever is at work"),
    (THEIRS, EARLY, True, request(), Decision.LEAVE, "another resource's"),
    (THEIRS | NEWER, EARLY, True, request(), Decision.LEAVE, "another resource's at work"),
    (OWNED | ADOPTED_BY_THEM, EARLY, True, request(), Decision.LEAVE, "taken over by another resource"),
]


@pytest.mark.parametrize(
    ("tags", "created_at", "wants_deletion", "signed", "decision"),
    [pytest.param(*row[:5], id=row[5]) for row in DELETE],
)
def test_a_delete_of_a_table(
    tags: Tags, created_at: float, signed: Request, decision: Decision, *, wants_deletion: bool
) -> None:
    assert decide_delete(found(tags, created_at), US, signed, wants_deletion=wants_deletion) is decision


@pytest.mark.parametrize(
    ("tags", "created_at", "signed", "is_late"),
    [
        pytest.param(NEWER, EARLY, request(), True, id="signed a second before the request at work"),
        pytest.param(SAME_TIME, EARLY, request(), False, id="signed in the same second"),
        pytest.param(OLDER, EARLY, request(), False, id="signed after the request at work"),
        pytest.param(fence("this", NOON + 60), EARLY, request(), False, id="its own fence, with the time of its work"),
        pytest.param(OLDER, LATER, request(), True, id="signed before another request made the table"),
        pytest.param(TIMELESS, LATER, request(), True, id="so it is where that request says no time"),
        pytest.param({}, LATER, request(), False, id="made by no request at all"),
        pytest.param(NEWER, LATER, request(None), False, id="signed nobody knows when"),
    ],
)
def test_a_late_request(tags: Tags, created_at: float, signed: Request, *, is_late: bool) -> None:
    assert signed.is_late(tags, created_at) is is_late


@pytest.mark.parametrize(
    ("tags", "former", "signed", "is_superseded"),
    [
        pytest.param(OURS, "other", request(), False, id="its own fence"),
        pytest.param(fence("this"), "other", request(), False, id="its own fence without a time"),
        pytest.param(OLDER, "other", request(), False, id="the former value: a stale read"),
        pytest.param(SAME_TIME, "other", request(), False, id="the former value of the same second"),
        pytest.param(NEWER, "other", request(), True, id="the former value, and newer than this request"),
        pytest.param(NEWER, "first", request(), True, id="a third value"),
        pytest.param(SAME_TIME, "first", request(), True, id="a third value of the same second"),
        pytest.param(OLDER, "first", request(), False, id="a third value that was signed earlier: written over again"),
        pytest.param(TIMELESS, "first", request(), True, id="a third value that says no time"),
        pytest.param(OLDER, "first", request(None), True, id="a third value where this request's time is not known"),
        pytest.param({}, "", request(), False, id="no fence yet"),
        pytest.param({}, "other", request(), True, id="a fence that is gone: the table was let go"),
    ],
)
def test_a_superseded_request(tags: Tags, former: str, signed: Request, *, is_superseded: bool) -> None:
    assert signed.is_superseded(tags, former) is is_superseded


def test_the_fence_says_who_is_at_work_and_when_that_was_signed() -> None:
    assert request(NOON + 0.9).fence_tags == {
        "table-provisioner:request-id": "this",
        "table-provisioner:request-time": "2026-11-22T12:00:00+00:00",
    }
    assert fence_time(request().fence_tags) == NOON


def test_where_nobody_knows_when_a_request_was_signed_its_beginning_stands_in() -> None:
    assert fence_time(request(None).fence_tags) == NOON + 60


@pytest.mark.parametrize("text", ["", "noon", "2026-13-01T00:00:00+00:00"])
def test_a_fence_without_a_readable_time_has_none(text: str) -> None:
    assert fence_time({"table-provisioner:request-time": text}) is None


def test_the_time_of_no_fence_is_none() -> None:
    assert fence_time({}) is None


def test_a_long_id_fits_into_a_tag_and_is_known_again_by_its_end() -> None:
    long = Owner("arn:" + "x" * 300 + "/end", "L" * 300)
    assert {len(value) for value in (long.ownership_tags | long.adoption_tags).values()} == {256}
    assert long.ownership_tags["table-provisioner:stack-id"].endswith("/end")
    assert standing(long.ownership_tags, long) is Standing.OWNED
    named = Request("r" * 300, NOON, NOON)
    assert named.is_fenced(named.fence_tags)
    assert not request().is_fenced(named.fence_tags)


def test_our_tags_are_told_from_the_users() -> None:
    assert our_tags(OWNED | FREE | {"table-provisioner": "no"}) == OWNED


def test_the_tags_are_those_of_the_contract() -> None:
    assert OWNED == {"table-provisioner:stack-id": STACK_ID, "table-provisioner:logical-resource-id": "Orders"}
    assert ADOPTED == {"table-provisioner:adopted-by": STACK_ID, "table-provisioner:adopted-as": "Orders"}
