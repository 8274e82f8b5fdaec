from __future__ import annotations

import re

import pytest

from table_provisioner.ownership import (
    Mandate,
    Owner,
    Request,
    Standing,
    fence_time,
    our_tags,
    standing,
)
from table_provisioner.schema import ImportSourceSpecification
from table_provisioner.state import ImportState
from tests.unit.declarations import STACK_ID
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
    THEM,
    TIMELESS,
    US,
    Tags,
    fence,
    request,
)

MANDATE = Mandate(US, request())
OTHER_TOKEN = Mandate(US, Request("other", EARLY, EARLY)).import_token
SOURCE = ImportSourceSpecification.model_validate({"InputFormat": "ION", "S3BucketSource": {"S3Bucket": "lake"}})
THEIR_TOKEN = Mandate(THEM, request()).import_token


def an_import(token: str, status: str, ended_at: float | None = None) -> ImportState:
    return ImportState(table_id="T", client_token=token, status=status, source=SOURCE, ended_at=ended_at)


@pytest.mark.parametrize(
    ("found", "proven"),
    [
        pytest.param(an_import(MANDATE.import_token, "IN_PROGRESS"), OWNED | OURS, id="of this request, at work"),
        pytest.param(an_import(MANDATE.import_token, "COMPLETED", EARLY), OWNED | OURS, id="of this request, over"),
        pytest.param(an_import(OTHER_TOKEN, "IN_PROGRESS"), OWNED | fence("other"), id="of another one, at work"),
        pytest.param(an_import(OTHER_TOKEN, "CANCELLING"), OWNED | fence("other"), id="of another one, still at work"),
        pytest.param(an_import(OTHER_TOKEN, "FAILED", NOON + 1), OWNED | fence("other"), id="over since this came"),
        pytest.param(an_import(OTHER_TOKEN, "COMPLETED", NOON - 1), {}, id="over before this came"),
        pytest.param(an_import(OTHER_TOKEN, "COMPLETED"), {}, id="over since nobody knows when"),
        pytest.param(an_import(THEIR_TOKEN, "IN_PROGRESS"), {}, id="of another resource"),
        pytest.param(an_import("this", "IN_PROGRESS"), {}, id="of nobody known"),
        pytest.param(an_import("", "IN_PROGRESS"), {}, id="without a token"),
    ],
)
def test_an_import_stands_for_the_tags_that_it_could_not_set(found: ImportState, proven: Tags) -> None:
    assert MANDATE.tags_by_import(found) == proven


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Mandate(Owner(f"{STACK_ID}/2", "Orders"), request()), id="of another stack"),
        pytest.param(Mandate(THEM, request()), id="of another resource"),
        pytest.param(Mandate(US, Request("another", NOON, NOON)), id="of another request"),
    ],
)
def test_no_two_imports_are_called_the_same(other: Mandate) -> None:
    assert other.import_token != MANDATE.import_token


@pytest.mark.parametrize(
    ("request_id", "token"),
    [
        ("19a94c60-730b-5005-a420-4c30419d4a10", "DSB52V6RXV3WH4ZE-19a94c60-730b-5005-a420-4c30419d4a10"),
        ("a$b", "DSB52V6RXV3WH4ZE-2S5ZNUEA4MX6O2IL"),
    ],
)
def test_an_import_is_called_as_ever_so_that_an_upgrade_knows_those_at_work(request_id: str, token: str) -> None:
    shop = Owner("arn:aws:cloudformation:us-east-1:123456789012:stack/shop/1", "Orders")
    assert Mandate(shop, Request(request_id, NOON, NOON)).import_token == token


@pytest.mark.parametrize("request_id", ["x" * 65, "a$b", "ä", ""])
def test_what_is_no_plain_id_makes_a_client_token_all_the_same(request_id: str) -> None:
    assert re.fullmatch("[A-Z2-7]{16}-[A-Z2-7]{16}", Mandate(US, Request(request_id, NOON, NOON)).import_token)


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
