from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from table_provisioner.errors import InvalidRequestError
from table_provisioner.event import CONTINUATION, Continuation, Event
from table_provisioner.ownership import Request
from tests.unit.declarations import STACK_ID, Members

NOON: Final = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
URL: Final = "https://cloudformation.s3.amazonaws.com/arn%3Aaws/stack?X-Amz-Date=20261122T120000Z&X-Amz-Signature=abc"


def event(**members: Any) -> Members:  # noqa: ANN401 -- members of any type
    """An Update as CloudFormation sends it, with changes; ``...`` takes a member away."""
    whole = {
        "RequestType": "Update",
        "RequestId": "11111111-2222-3333-4444-555555555555",
        "StackId": STACK_ID,
        "ResponseURL": URL,
        "ResourceType": "Custom::DynamoDBTable",
        "LogicalResourceId": "Orders",
        "PhysicalResourceId": "orders",
        "ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:provisioner",
        "ResourceProperties": {"TableName": "orders"},
        "OldResourceProperties": {"TableName": "former"},
        **members,
    }
    return {name: value for name, value in whole.items() if value is not ...}


def test_an_event_is_read_as_it_came() -> None:
    read = Event.of(event())
    assert read.response_url == URL
    assert read.request_id == "11111111-2222-3333-4444-555555555555"
    assert (read.stack_id, read.logical_resource_id, read.physical_resource_id) == (STACK_ID, "Orders", "orders")
    assert read.properties == {"TableName": "orders"}
    assert read.old_properties == {"TableName": "former"}
    assert read.echo == {
        "StackId": STACK_ID,
        "RequestId": "11111111-2222-3333-4444-555555555555",
        "LogicalResourceId": "Orders",
    }
    read.check()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param("Create", id="a text"),
        pytest.param({}, id="an empty mapping"),
        pytest.param(event(ResponseURL=...), id="no URL"),
        pytest.param(event(ResponseURL=5), id="a URL that is a number"),
        pytest.param(event(ResponseURL=""), id="an empty URL"),
        pytest.param(event(ResponseURL="ftp://example.com/x"), id="another scheme"),
        pytest.param(event(ResponseURL="file:///etc/passwd"), id="a file"),
        pytest.param(event(ResponseURL="https:///path"), id="no host"),
        pytest.param(event(ResponseURL="https://[::1"), id="half an address"),
    ],
)
def test_whoever_cannot_be_answered_is_refused(raw: object) -> None:
    with pytest.raises(InvalidRequestError, match="no ResponseURL with http or https"):
        Event.of(raw)


@pytest.mark.parametrize("url", ["http://localhost:8080/answer", "https://example.com/?a=b", "HTTPS://EXAMPLE.COM/"])
def test_whoever_can_be_answered_is_not(url: str) -> None:
    assert Event.of(event(ResponseURL=url)).response_url == url


@pytest.mark.parametrize(
    ("members", "paths"),
    [
        pytest.param({"RequestType": "Read"}, ["RequestType"], id="another type"),
        pytest.param({"RequestType": ["Create"]}, ["RequestType"], id="a type that is a list"),
        pytest.param({"RequestType": ...}, ["RequestType"], id="no type"),
        pytest.param({"StackId": ...}, ["StackId"], id="no stack"),
        pytest.param({"RequestId": ""}, ["RequestId"], id="an empty request id"),
        pytest.param({"LogicalResourceId": 5}, ["LogicalResourceId"], id="a logical id that is a number"),
        pytest.param({"StackId": "s" * 513}, ["StackId"], id="a stack that is too long"),
        pytest.param({"StackId": "s" * 512, "PhysicalResourceId": "p" * 1024}, [], id="as long as may be"),
        pytest.param({"PhysicalResourceId": "p" * 1025}, ["PhysicalResourceId"], id="a physical id that is too long"),
        pytest.param({"RequestId": "é" * 86}, ["RequestId"], id="a request id that is too long as JSON"),
        pytest.param({"LogicalResourceId": "Or\ud800ders"}, ["LogicalResourceId"], id="half a character"),
        pytest.param({"PhysicalResourceId": ...}, ["PhysicalResourceId"], id="an Update without a physical id"),
        pytest.param(
            {"PhysicalResourceId": {}, "RequestType": "Delete"}, ["PhysicalResourceId"], id="a Delete without one"
        ),
        pytest.param({"PhysicalResourceId": ..., "RequestType": "Create"}, [], id="a Create needs none"),
        pytest.param({"ResourceProperties": ...}, ["ResourceProperties"], id="no properties"),
        pytest.param({"ResourceProperties": [1]}, ["ResourceProperties"], id="properties that are a list"),
        pytest.param({CONTINUATION: {"Hop": 0}}, [CONTINUATION], id="a malformed note of a hand-over"),
        pytest.param({"OldResourceProperties": ...}, ["OldResourceProperties"], id="no old properties"),
        pytest.param({"OldResourceProperties": [1]}, [], id="malformed ones are read leniently"),
        pytest.param({"OldResourceProperties": ..., "RequestType": "Create"}, [], id="a Create has none"),
        pytest.param({"OldResourceProperties": ..., "RequestType": "Delete"}, [], id="nor has a Delete"),
        pytest.param(
            {"StackId": None, "RequestId": None, "RequestType": None, "ResourceProperties": None},
            ["StackId", "RequestId", "RequestType", "ResourceProperties"],
            id="all at once",
        ),
    ],
)
def test_every_missing_or_malformed_field_is_named(members: Members, paths: list[str]) -> None:
    read = Event.of(event(**members))
    try:
        read.check()
    except InvalidRequestError as error:
        found = [fault.path for fault in error.faults]
    else:
        found = []
    assert found == paths


def test_what_cannot_be_read_is_empty() -> None:
    read = Event.of({"ResponseURL": URL, "StackId": 5, "ResourceProperties": "x", "OldResourceProperties": None})
    assert (read.stack_id, read.request_id, read.logical_resource_id, read.physical_resource_id) == ("", "", "", "")
    assert (read.properties, read.old_properties) == ({}, {})
    assert set(read.echo.values()) == {""}


def test_what_cloudformation_does_not_send_is_not_passed_on() -> None:
    sent = event()
    assert Event.of(sent | {"CrHelperPoll": True, "CrHelperData": {}, "Extra": 1}).essence == sent


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [
        pytest.param("900", 900, id="a text"),
        pytest.param(900, 900, id="a number"),
        pytest.param("1", 1, id="the least"),
        pytest.param("3600", 3600, id="the most"),
        pytest.param("0", 3600, id="less than the least"),
        pytest.param("3601", 3600, id="more than the most"),
        pytest.param("soon", 3600, id="no number"),
        pytest.param(None, 3600, id="nothing"),
        pytest.param([], 3600, id="a list"),
        pytest.param(float("inf"), 3600, id="for ever"),
        pytest.param(float("nan"), 3600, id="not a number"),
        pytest.param("9" * 5_000, 3600, id="a huge number"),
    ],
)
def test_the_service_timeout(timeout: object, seconds: int) -> None:
    assert Event.of(event(ResourceProperties={"ServiceTimeout": timeout})).timeout_seconds == seconds
    assert Event.of(event(ResourceProperties={})).timeout_seconds == 3600


@pytest.mark.parametrize(
    ("query", "signed_at"),
    [
        pytest.param("X-Amz-Date=20261122T120000Z&X-Amz-Expires=7200", NOON, id="signature version 4"),
        pytest.param(f"Expires={int(NOON) + 7200}&Signature=x", NOON, id="signature version 2, two hours before"),
        pytest.param(f"X-Amz-Date=20261122T120000Z&Expires={int(NOON)}", NOON, id="both"),
        pytest.param("", None, id="no query"),
        pytest.param("X-Amz-Date=yesterday", None, id="a date that is none"),
        pytest.param("X-Amz-Date=20261122T120000", None, id="a date without a zone"),
        pytest.param("X-Amz-Date=", None, id="an empty date"),
        pytest.param("Expires=soon", None, id="a time that is none"),
        pytest.param("Expires=inf", None, id="for ever"),
        pytest.param("Expires=nan", None, id="not a number"),
        pytest.param(f"Expires={'9' * 400}", None, id="later than any time"),
        pytest.param("Expires=-5", None, id="before all time"),
        pytest.param("Expires=7199", None, id="signed before 1970"),
        pytest.param("Expires=7200", 0.0, id="signed with 1970"),
        pytest.param("Expires=253402300799", 253402293599.0, id="the last second"),
        pytest.param("Expires=253402300800", None, id="after the last second"),
        pytest.param("X-Amz-Date=00010101T000000Z", -62135596800.0, id="the first second"),
    ],
)
def test_a_url_says_when_it_was_signed(query: str, signed_at: float | None) -> None:
    read = Event.of(event(ResponseURL=f"https://example.com/answer?{query}"))
    assert read.signed_at == signed_at
    assert Request("r", read.signed_at, NOON).fence_tags


@given(st.text(st.characters(exclude_categories=["Cc"]), max_size=40))
def test_whatever_the_query_says_it_is_a_time_or_none(query: str) -> None:
    for name in ("X-Amz-Date=", "Expires=", ""):
        read = Event.of(event(ResponseURL=f"https://example.com/answer?{name}{query}"))
        assert Request("r", read.signed_at, NOON).fence_tags


def test_the_note_of_a_hand_over_is_the_one_of_the_contract() -> None:
    note = {"Hop": 1, "StartedAt": NOON, "TableId": None}
    assert Continuation.of(event() | {"TableProvisionerContinuation": note}, 0) == Continuation(1, NOON, None)


def test_a_request_begins_as_hop_0() -> None:
    assert Continuation.of(event(), NOON) == Continuation(0, NOON, None)


def test_a_handed_over_request_says_where_it_stands() -> None:
    first = Continuation(0, NOON, None)
    second = first.next_event(event(), "id")
    assert second == event() | {CONTINUATION: {"Hop": 1, "StartedAt": NOON, "TableId": "id"}}
    third = Continuation.of(second, NOON + 900).next_event(second, None)
    assert third[CONTINUATION] == {"Hop": 2, "StartedAt": NOON, "TableId": "id"}
    assert Continuation.of(third, NOON + 1800) == Continuation(2, NOON, "id")


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(None, id="nothing"),
        pytest.param({}, id="an empty note"),
        pytest.param({"Hop": 1, "StartedAt": 5}, id="no table"),
        pytest.param({"Hop": 0, "StartedAt": 5, "TableId": None}, id="hop 0"),
        pytest.param({"Hop": "x", "StartedAt": 5, "TableId": None}, id="a hop that is no number"),
        pytest.param({"Hop": float("inf"), "StartedAt": 5, "TableId": None}, id="a hop without end"),
        pytest.param({"Hop": 1, "StartedAt": "noon", "TableId": None}, id="a time that is none"),
        pytest.param({"Hop": 1, "StartedAt": None, "TableId": None}, id="no time"),
        pytest.param({"Hop": 1, "StartedAt": float("nan"), "TableId": None}, id="a time that is not a number"),
        pytest.param({"Hop": 1, "StartedAt": -1, "TableId": None}, id="before all time"),
        pytest.param({"Hop": 1, "StartedAt": 253402300800, "TableId": None}, id="after all time"),
        pytest.param({"Hop": 1, "StartedAt": 5, "TableId": 7}, id="a table that is a number"),
    ],
)
def test_a_note_that_no_hand_over_writes_is_refused(note: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- its text is not for people
        Continuation.of(event() | {CONTINUATION: note}, NOON)
