"""The packaged function under the real Lambda runtime client, with real deadlines and real deaths."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from demo.local_cloud import ROOT
from demo.tables import Index, Table, describe
from tests.e2e.gate import gate
from tests.e2e.lambda_runtime import Function, running_function

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from demo.local_cloud import LocalCloud
    from tests.e2e.gate import Gate
    from tests.e2e.responses import Event, ResponseServer

ORDERS = Table(
    key="order_id (S)",
    indexes={
        "by-customer": Index("customer_id (S), placed_at (N)", "ALL"),
        "by-warehouse": Index("warehouse (S)", "INCLUDE status weight"),
    },
    time_to_live="expires_at",
    stream="NEW_AND_OLD_IMAGES",
    tags={"team": "checkout", "cost-center": "4711"},
)


@pytest.fixture
def way(cloud: LocalCloud) -> Iterator[Gate]:
    with gate(cloud.endpoint) as opened:
        yield opened


@pytest.fixture
def function(cloud: LocalCloud, service_token: str, package: Path, way: Gate, tmp_path: Path) -> Iterator[Function]:
    environment = {**cloud.environment, "AWS_ENDPOINT_URL": way.url, "POWERTOOLS_LOG_LEVEL": "DEBUG"}
    with running_function(service_token, package, environment, tmp_path / "function.log") as running:
        yield running


@pytest.fixture
def create(cloud: LocalCloud) -> Iterator[Event]:
    """A Create request; its table is gone after the test."""
    yield recorded("create")
    for name in cloud.table_names():
        cloud.dynamodb.delete_table(TableName=name)


def recorded(name: str) -> Event:
    event: Event = json.loads((ROOT / "events" / f"{name}.json").read_text())
    return event


def test_the_function_creates_from_cold_and_deletes_while_warm(
    cloud: LocalCloud, function: Function, responses: ResponseServer, create: Event
) -> None:
    delivery = responses.sign(create)
    function.invoke("cold", delivery)
    answer = responses.answer_to(delivery)
    assert (answer["Status"], answer["Data"]["Status"]) == ("SUCCESS", "CREATED")
    assert function.outcome().kind == "response"
    table_name = answer["PhysicalResourceId"]
    assert describe(cloud.dynamodb, table_name) == ORDERS

    delivery = responses.sign({**recorded("delete"), "PhysicalResourceId": table_name})
    function.invoke("warm", delivery)
    assert responses.answer_to(delivery)["Status"] == "SUCCESS"
    assert function.outcome().request_id == "warm"
    assert cloud.table_names() == []


def test_a_function_killed_after_create_table_converges_when_the_event_comes_again(
    cloud: LocalCloud, way: Gate, function: Function, responses: ResponseServer, create: Event
) -> None:
    way.hold("CreateTable")
    function.invoke("same", responses.sign(create))
    way.wait_until_held()
    function.kill()
    way.open()

    assert_the_next_environment_ends_it(cloud, function, responses, create)


def test_a_function_killed_while_its_table_is_made_converges_when_the_event_comes_again(
    cloud: LocalCloud, way: Gate, function: Function, responses: ResponseServer, create: Event
) -> None:
    way.status_shown = b"CREATING"
    function.invoke("same", responses.sign(create))
    for operation in ("CreateTable", "DescribeTable"):
        way.wait_for(operation)
    function.kill()
    way.status_shown = b"ACTIVE"
    assert_the_next_environment_ends_it(cloud, function, responses, create)


def assert_the_next_environment_ends_it(
    cloud: LocalCloud, function: Function, responses: ResponseServer, create: Event
) -> None:
    """Deliver the event again under the same ids; there is one table and one answer then."""
    again = responses.sign(create)
    function.invoke("same", again)
    answer = responses.answer_to(again)
    assert function.outcome().kind == "response"
    assert answer["Status"] == "SUCCESS"
    assert cloud.table_names() == [answer["PhysicalResourceId"]]
    assert describe(cloud.dynamodb, answer["PhysicalResourceId"]) == ORDERS
    assert responses.bodies.empty()


def test_too_short_a_deadline_is_refused_before_anything_is_called(
    cloud: LocalCloud, function: Function, responses: ResponseServer, create: Event
) -> None:
    delivery = responses.sign(create)
    function.invoke("short", delivery, seconds=14)
    answer = responses.answer_to(delivery)
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("InvalidRequest: ")
    assert cloud.table_names() == []


def test_what_does_not_fit_into_one_invocation_is_handed_over_to_the_next(
    cloud: LocalCloud, way: Gate, function: Function, responses: ResponseServer, create: Event
) -> None:
    """DynamoDB says nothing to this environment, so it invokes the deployed function, which answers."""
    way.hold("DescribeTable")
    delivery = responses.sign(create)
    function.invoke("hop-0", delivery, seconds=16)
    assert function.outcome().kind == "response"
    answer = responses.answer_to(delivery)
    assert answer["Status"] == "SUCCESS"
    assert describe(cloud.dynamodb, answer["PhysicalResourceId"]) == ORDERS


def test_a_function_whose_time_ends_carries_on_in_its_next_invocation(
    cloud: LocalCloud, way: Gate, function: Function, responses: ResponseServer, create: Event
) -> None:
    way.status_shown, way.is_keeping_invocations = b"CREATING", True
    delivery = responses.sign(create)
    function.invoke("hop-0", delivery, seconds=16)
    assert function.outcome().kind == "response"
    assert responses.bodies.empty()
    continuation = way.invocations.get(timeout=0)
    note = continuation.pop("TableProvisionerContinuation")
    assert (continuation, note["Hop"]) == (delivery, 1)

    way.status_shown = b"ACTIVE"
    function.invoke("hop-1", continuation | {"TableProvisionerContinuation": note}, seconds=16)
    answer = responses.answer_to(delivery)
    assert function.outcome().request_id == "hop-1"
    assert (answer["Status"], answer["Data"]["TableId"]) == ("SUCCESS", note["TableId"])
    assert cloud.table_names() == [answer["PhysicalResourceId"]]
    assert (way.invocations.empty(), responses.bodies.empty()) == (True, True)


def test_the_response_url_is_in_no_log_line_even_at_debug(
    function: Function, responses: ResponseServer, create: Event
) -> None:
    delivery = responses.sign(create)
    function.invoke("logged", delivery)
    responses.answer_to(delivery)
    function.outcome()
    assert "X-Amz-Signature" not in function.log()
    assert "not-a-secret" not in function.log()
    assert function.log()
