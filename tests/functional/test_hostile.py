"""Whatever comes in: one answer, or a raise where there is nowhere to answer to; and nothing changed unread."""

from __future__ import annotations

import json
import logging
import sys
import tracemalloc
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from table_provisioner.errors import InvalidRequestError
from table_provisioner.handler import lambda_handler
from table_provisioner.response import ResponseNotDeliveredError
from tests.functional.hostile import BAD_TEXTS, Encounter, context, encounter, event, places
from tests.functional.tables import compact

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.functional.hostile import Event

HUGE = 10**400
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([HUGE, -HUGE, 2**63, 0, -1])
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(BAD_TEXTS)
)
JSON = st.recursive(
    SCALARS, lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=8), parts, max_size=4)
)
DEPTH = 100_000


@st.composite
def damaged_events(draw: st.DrawFn) -> Event:
    """A valid request in which one to three places are damaged."""
    request = deepcopy(event(draw(st.sampled_from(["Create", "Update", "Delete"]))))
    for _ in range(draw(st.integers(1, 3))):
        container, key = draw(st.sampled_from(places(request)))
        damage = draw(st.sampled_from(["replace", "remove", "repeat", "add"]))
        if damage == "replace":
            container[key] = draw(JSON)
        elif damage == "remove":
            del container[key]
        elif isinstance(container, list):
            container.append(deepcopy(container[key]) if damage == "repeat" else draw(JSON))
        else:
            name = draw(st.text(st.characters(), max_size=12) | st.sampled_from(BAD_TEXTS))
            container[name] = deepcopy(container[key]) if damage == "repeat" else draw(JSON)
        if not places(request):
            break
    return request


@given(damaged=damaged_events(), has_table=st.booleans())
@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow],
)
def test_a_damaged_event_gets_one_answer_and_changes_nothing_that_was_not_understood(
    damaged: Event, *, has_table: bool
) -> None:
    with encounter(has_table=has_table) as met:
        met.answer_to(damaged)


def nested(depth: int) -> list[Any]:
    """A list in a list in a list; made from inside, for no parser would do it."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


DEEP: dict[str, Callable[[Any], Event]] = {
    "the type": lambda deep: event("Create", RequestType=deep),
    "the stack": lambda deep: event("Create", StackId=deep),
    "the request": lambda deep: event("Create", RequestId=deep),
    "the id": lambda deep: event("Delete", PhysicalResourceId=deep),
    "the properties": lambda deep: event("Create", ResourceProperties=deep),
    "a property": lambda deep: event("Create", ResourceProperties=compact(Tags=deep)),
    "an unknown property": lambda deep: event("Create", ResourceProperties=compact(Unknown=deep)),
    "the name": lambda deep: event("Create", ResourceProperties=compact(TableName=deep)),
    "an option": lambda deep: event("Delete", ResourceProperties=compact(OnDelete=deep)),
    "the timeout": lambda deep: event("Create", ResourceProperties=compact(ServiceTimeout=deep)),
    "the token": lambda deep: event("Create", ResourceProperties=compact(ServiceToken=deep)),
    "the former properties": lambda deep: event("Update", OldResourceProperties=deep),
    "a former property": lambda deep: event("Update", OldResourceProperties=compact(Tags=deep)),
    "a former option": lambda deep: event("Update", OldResourceProperties=compact(AllowIndexRecreation=deep)),
    "a note": lambda deep: event("Create", TableProvisionerContinuation=deep),
    "a part of a note": lambda deep: event(
        "Create", TableProvisionerContinuation={"Hop": deep, "StartedAt": 0, "TableId": None}
    ),
    "an unknown field": lambda deep: event("Create", Unknown=deep),
}


@pytest.mark.parametrize("place", DEEP)
@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
def test_what_is_nested_without_end_is_answered(place: str, level: int) -> None:
    with encounter(has_table=place.startswith(("a former", "the former", "the id", "an option")), level=level) as met:
        met.answer_to(DEEP[place](nested(DEPTH)))


# Megabytes


def keyed(**properties: Any) -> Event:  # noqa: ANN401 -- any JSON
    return event("Create", ResourceProperties=compact(**properties))


def indexes(count: int, **more: Any) -> list[Any]:  # noqa: ANN401 -- any JSON
    key = {"Name": "email", "Type": "S"}
    return [{"IndexName": "by-email", "PartitionKey": key, **more} for _ in range(count)]


LARGE: dict[str, Callable[[int], Event]] = {
    "unknown properties": lambda size: keyed(**{f"u{number}": "" for number in range(size // 12)}),
    "an unknown name": lambda size: keyed(**{"u" * size: ""}),
    "a name": lambda size: keyed(TableName="x" * size),
    "digits": lambda size: keyed(ProvisionedThroughput={"ReadCapacityUnits": "9" * size, "WriteCapacityUnits": HUGE}),
    "a policy": lambda size: keyed(ResourcePolicy={"PolicyDocument": "[" * size}),
    "a mapping for a list": lambda size: keyed(Tags={f"u{number}": "" for number in range(size // 12)}),
    "tags that are numbers": lambda size: keyed(Tags=[1] * (size // 3)),
    "tags of one key": lambda size: keyed(Tags=[{"Key": "k", "Value": "v"}] * (size // 26)),
    "tags that are nothing": lambda size: keyed(Tags=[None] * (size // 6)),
    "indexes of one name": lambda size: keyed(GlobalSecondaryIndexes=indexes(size // 80)),
    "unknown names in indexes": lambda size: keyed(GlobalSecondaryIndexes=indexes(size // 90, Unknown="")),
    "projected attributes": lambda size: keyed(
        GlobalSecondaryIndexes=indexes(
            1, Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"] * (size // 5)}
        )
    ),
    "definitions": lambda size: event(
        "Create",
        ResourceProperties={
            "AttributeDefinitions": [{"AttributeName": f"a{n}", "AttributeType": "S"} for n in range(size // 52)],
            "KeySchema": [{"AttributeName": f"a{n}", "KeyType": ("RANGE", "HASH")[n % 2]} for n in range(size // 52)],
        },
    ),
    "an id": lambda size: event("Delete", PhysicalResourceId="x" * size),
    "a stack": lambda size: event("Create", StackId="🙂" * (size // 4)),
    "a request": lambda size: event("Create", RequestId="\x00" * size),
    "a logical id": lambda size: event("Create", LogicalResourceId="x" * size),
    "a type": lambda size: event("Create", RequestType="Create" * (size // 6)),
    "a note": lambda size: event("Create", TableProvisionerContinuation="x" * size),
    "an unknown field": lambda size: event("Delete", Unknown="x" * size),
    "former properties": lambda size: event("Update", OldResourceProperties={"Tags": [1] * (size // 3)}),
}
MEGABYTE = 1_000_000


@pytest.mark.parametrize("what", LARGE)
def test_a_megabyte_takes_few_times_its_own_memory_and_is_answered_shortly(what: str) -> None:
    with encounter(level=logging.INFO) as met:
        large = LARGE[what](MEGABYTE)
        met.answer_to(event("Delete", PhysicalResourceId="warm"))
        tracemalloc.start()
        try:
            met.answer_to(large)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 16 * MEGABYTE


@pytest.mark.parametrize("what", LARGE)
def test_twice_as_much_takes_twice_the_work(what: str) -> None:
    """By the calls that Python makes, at a size at which everything is looked at."""
    with encounter(level=logging.WARNING) as met:
        met.answer_to(LARGE[what](20_000))
        once, twice = (calls_for(met, LARGE[what](size)) for size in (40_000, 80_000))
    assert twice < 2.2 * once


def calls_for(met: Encounter, request: Event) -> int:
    """How many functions are called until a request is answered."""
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    signed = met.sign()
    sys.setprofile(count)
    try:
        lambda_handler(request | {"ResponseURL": signed.url}, context())
    finally:
        sys.setprofile(None)
    assert len(signed.accepted) == 1
    return calls


# Continuations that nobody wrote


@pytest.mark.parametrize(
    "note",
    [
        pytest.param({}, id="empty"),
        pytest.param([], id="a list"),
        pytest.param(None, id="nothing"),
        pytest.param({"Hop": 1, "StartedAt": 1e400, "TableId": None}, id="begun at no time"),
        pytest.param({"Hop": 1, "StartedAt": float("nan"), "TableId": None}, id="begun at a time that is no number"),
        pytest.param({"Hop": 1, "StartedAt": -1, "TableId": None}, id="begun before all time"),
        pytest.param({"Hop": 1, "StartedAt": HUGE, "TableId": None}, id="begun after all time"),
        pytest.param({"Hop": -1, "StartedAt": 0, "TableId": None}, id="a hop backwards"),
        pytest.param({"Hop": float("nan"), "StartedAt": 0, "TableId": None}, id="a hop that is no number"),
        pytest.param({"Hop": 1, "StartedAt": 0, "TableId": {}}, id="a table that is a mapping"),
        pytest.param({"Hop": 1, "StartedAt": 0}, id="no table"),
    ],
)
@pytest.mark.parametrize("request_type", ["Create", "Update", "Delete"])
def test_a_damaged_note_of_a_hand_over_is_refused(note: object, request_type: str) -> None:
    with encounter(has_table=True) as met:
        before = len(met.account.dynamodb.calls)
        answer = met.answer_to(event(request_type, TableProvisionerContinuation=note))
        assert answer["Reason"].startswith("InvalidRequest: TableProvisionerContinuation: is malformed.")
        assert len(met.account.dynamodb.calls) == before


@pytest.mark.parametrize("request_type", ["Create", "Update", "Delete"])
@pytest.mark.parametrize("hop", [1, 15, 10**9])
def test_a_forged_note_of_a_hand_over_touches_no_table_but_the_one_it_names(request_type: str, hop: int) -> None:
    with encounter(has_table=True) as met:
        before = met.account.dynamodb.mutations
        note = {"Hop": hop, "StartedAt": met.account.clock.now, "TableId": "a-table-of-another-time"}
        met.answer_to(event(request_type, TableProvisionerContinuation=note))
        assert met.account.dynamodb.mutations == before


# URLs

PORT_TAKEN_BY_NOBODY = 9


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://", id="no host"),
        pytest.param("https://?X-Amz-Signature=0123456789abcdef", id="a query alone"),
        pytest.param("https://user@/x", id="a user without a host"),
        pytest.param("//127.0.0.1/x", id="no scheme"),
        pytest.param("127.0.0.1/x", id="a host alone"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param("ftp://127.0.0.1/x", id="another scheme"),
        pytest.param("javascript:alert(1)", id="a script"),
        pytest.param("http://[::1/x", id="half an address"),
        pytest.param("http://[::g]/x", id="an address that is none"),
        pytest.param("http://127.0.0.1:99999/x", id="a port that is none"),
        pytest.param("http://127.0.0.1:http/x", id="a port that is no number"),
        pytest.param("http://127.0.0.1:0/x", id="port 0"),
        pytest.param("http://127.0.0.1\n/x", id="a line end in the host"),
        pytest.param("http://127.0.0.1/x\r\nX-Header: y", id="a header behind"),
        pytest.param("http://127.0.0.1/\x00", id="a null"),
        pytest.param("http://%31%32%37/x", id="an escaped host"),
        pytest.param("http://a b/x", id="a space in the host"),
        pytest.param("http://é.example/x", id="a host beyond ASCII"),
        pytest.param("http://\ud800/x", id="half a character for a host"),
        pytest.param(" http://127.0.0.1/x\t", id="white space around"),
        pytest.param(["http://127.0.0.1/x"], id="a list"),
        pytest.param(nested(DEPTH), id="a deep list"),
        pytest.param(HUGE, id="a number"),
    ],
)
def test_a_url_that_cannot_be_used_raises_before_anything_is_called(url: object) -> None:
    with encounter() as met:
        with pytest.raises(InvalidRequestError, match="the event has no ResponseURL"):
            lambda_handler(event("Create", ResponseURL=url), context())
        assert met.account.dynamodb.calls == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("http://", "HTTP://", id="great letters"),
        pytest.param("http://", "http://user:password@", id="a user and a password"),
        pytest.param("?", "?x=%zz&", id="a broken escape"),
        pytest.param("?", "?x=\ud800&", id="half a character"),
        pytest.param("?", "?X-Amz-Date=tomorrow&", id="signed at no time"),
        pytest.param("?", "?" + "x=1&" * 10_000, id="very long"),
        pytest.param("?", "?q=%22%5C'\"\\é|&", id="what JSON and Python escape"),
    ],
)
def test_an_odd_url_is_tried_and_kept_secret(before: str, after: str) -> None:
    with encounter() as met:
        signed = met.sign()
        delivery = event("Create", ResponseURL=signed.url.replace(before, after, 1))
        error = None
        try:
            lambda_handler(delivery, context())
        except ResponseNotDeliveredError as caught:
            error = caught
        assert set(met.account.cloudformation.responses.statuses) == ({403} if error else {200})
        met.assert_nothing_leaked(signed.url, str(error))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "user:password@127.0.0.1", "a..b", "x" * 64])
def test_a_url_behind_which_is_nobody_ends_in_a_raise_that_does_not_tell_it(host: str) -> None:
    secret = "0123456789abcdef" * 4
    with encounter() as met:
        url = f"http://{host}:{PORT_TAKEN_BY_NOBODY}/answer?X-Amz-Signature={secret}"
        with pytest.raises(ResponseNotDeliveredError) as caught:
            lambda_handler(event("Delete", PhysicalResourceId="nothing", ResponseURL=url), context())
        met.assert_nothing_leaked(url, str(caught.value))


# The URL elsewhere


@pytest.mark.parametrize(
    "place",
    [
        "RequestType",
        "RequestId",
        "StackId",
        "LogicalResourceId",
        "PhysicalResourceId",
        "ResourceType",
        "ServiceToken",
        "ResourceProperties",
        "OldResourceProperties",
        "TableProvisionerContinuation",
        "Unknown",
    ],
)
def test_a_url_in_another_field_is_no_less_secret(place: str) -> None:
    with encounter(has_table=True) as met:
        request = event("Update")
        signed = met.sign()
        for value in (signed.url, {signed.url: signed.url}, [signed.url]):
            lambda_handler(request | {place: value, "ResponseURL": signed.url}, context())
            met.assert_nothing_leaked(signed.url)
            signed.accepted.clear()


@pytest.mark.parametrize("name", ["TableName", "Preset", "OnDelete", "Unknown", "Tags", "SSESpecification"])
def test_a_url_in_a_property_is_not_in_the_reason(name: str) -> None:
    with encounter() as met:
        request = event("Create")
        signed = met.sign()
        secret = signed.url.rpartition("=")[2]
        for value in ({signed.url: ""}, secret, [secret], {secret: secret}):
            request["ResourceProperties"] = compact(**{name: value, secret: "", signed.url: ""})
            lambda_handler(request | {"ResponseURL": signed.url}, context())
            met.assert_nothing_leaked(signed.url, *(json.loads(body)["Reason"] for body in signed.accepted))
            signed.accepted.clear()
