"""What operators see: a line for each step, and figures that are all true and all used."""

from __future__ import annotations

import io
import json
import logging
import math
import re
from typing import TYPE_CHECKING, Any

import pytest

from demo.local_cloud import ROOT
from table_provisioner.outcome import Metric
from tests.functional.tables import ORDERS, compact, create_by_hand
from tests.repository.templates import dashboard
from tests.simulator.faults import Fault, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulator.account import Account

Line = dict[str, Any]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the function's own loggers write."""
    handlers = logging.getLogger("table_provisioner").handlers
    (handler,) = (each for each in handlers if type(each) is logging.StreamHandler)  # pytest has subclasses there
    stream = io.StringIO()
    former = handler.setStream(stream)
    yield stream
    handler.setStream(former)


def lines(log: io.StringIO) -> list[Line]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def figures(capsys: pytest.CaptureFixture[str]) -> list[Line]:
    """The metrics that were published since the last look, a line for each set of dimensions."""
    printed = (json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"'))
    return [line | {"dimensions": line["_aws"]["CloudWatchMetrics"][0]["Dimensions"]} for line in printed]


def counted(published: list[Line]) -> dict[str, float]:
    """The sums of all metrics that have no other dimension than the service."""
    sums: dict[str, float] = {}
    for line in published:
        if line["dimensions"] == [["service"]]:
            for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
                sums[metric["Name"]] = sums.get(metric["Name"], 0) + sum(line[metric["Name"]])
    return sums


def done(account: Account, request_type: str, properties: Line, **fields: Any) -> Any:  # noqa: ANN401 -- an answer
    answer = account.cloudformation.deliver(account.cloudformation.request(request_type, properties, **fields))
    account.cloudformation.settle()
    return answer


def test_each_step_is_a_line_that_says_whose_and_what_and_how_much_time_is_left(
    account: Account, log: io.StringIO
) -> None:
    request = account.cloudformation.request("Create", ORDERS)
    account.cloudformation.deliver(request)
    account.cloudformation.settle()
    steps = [line for line in lines(log) if "step" in line]
    assert [line["step"] for line in steps] == ["CreateTable", "EnableTimeToLive"]
    for line in steps:
        assert {name: line[name] for name in ("StackId", "LogicalResourceId", "RequestId", "RequestType")} == {
            name: request[name] for name in ("StackId", "LogicalResourceId", "RequestId", "RequestType")
        }
        assert line["table"] == "orders"
        assert line["hop"] == 0
    assert 890 >= steps[0]["remaining_seconds"] > steps[1]["remaining_seconds"]


def test_what_is_awaited_is_a_line_each_time_that_it_changes(account: Account, log: io.StringIO) -> None:
    """At the default level: a backfill of minutes is neither silence nor a line for each look."""
    done(account, "Create", compact())
    former = len(lines(log))
    done(account, "Update", compact("day"), old=compact(), PhysicalResourceId="orders")
    assert [(line["level"], line["awaited"]) for line in lines(log)[former:] if "awaited" in line] == [
        ("INFO", "DynamoDB does not show yet: set tags table-provisioner:request-id, table-provisioner:request-time"),
        ("INFO", "the table is UPDATING and index 'by-day' is CREATING"),
        ("INFO", "index 'by-day' is CREATING, being filled"),
    ]


def test_the_dashboard_asks_the_log_for_fields_that_it_has(account: Account, log: io.StringIO) -> None:
    done(account, "Create", compact())
    (query,) = (
        widget["properties"]["query"] for widget in json.loads(dashboard())["widgets"] if widget["type"] == "log"
    )
    asked = query.split("fields ")[1].split(" | ")[0].split(", ")
    assert "filter ispresent(step)" in query
    (line,) = (line for line in lines(log) if "step" in line)
    assert {*asked} - {"@timestamp"} <= line.keys()


QUERIES = re.findall(
    r"^filter (.+) \| fields (.+) \| sort .+$", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE
)


def test_the_queries_of_the_docs_find_what_they_say(account: Account, log: io.StringIO) -> None:
    done(account, "Create", compact())
    done(account, "Create", compact(TableName="no name"))
    found = {
        "ispresent(step)": [line for line in lines(log) if "step" in line],
        "ispresent(awaited)": [line for line in lines(log) if "awaited" in line],
        'status = "FAILED"': [line for line in lines(log) if line.get("status") == "FAILED"],
    }
    assert [condition for condition, _ in QUERIES] == [*found]
    for condition, fields in QUERIES:
        for line in found[condition]:
            assert {*fields.split(", ")} - {"@timestamp"} <= line.keys(), condition
    (failed,) = found['status = "FAILED"']
    assert failed["reason"].startswith("InvalidRequest: TableName")
    assert len(found["ispresent(step)"]) == len(found["ispresent(awaited)"]) == 1


def test_a_line_says_nothing_of_the_former_request(account: Account, log: io.StringIO) -> None:
    done(account, "Create", compact())
    done(account, "Update", compact(TimeToLiveAttribute="ttl"), old=compact(), PhysicalResourceId="orders")
    former = lines(log)
    assert former[-1]["PhysicalResourceId"] == "orders"
    done(account, "Create", compact(TableName="customers"))
    own = lines(log)[len(former) :]
    assert any("step" in line for line in own)
    assert not any("PhysicalResourceId" in line for line in own)


def test_a_line_says_the_hop(account: Account, log: io.StringIO) -> None:
    done(account, "Create", compact())
    names = ["alpha", "beta", "gamma"]
    done(account, "Update", compact(*names), old=compact(), PhysicalResourceId="orders")
    steps = [line for line in lines(log) if line.get("step") == "CreateIndex"]
    assert [line["hop"] for line in steps] == [0, 0, 1]
    assert {line["RequestType"] for line in steps} == {"Update"}
    assert any(line.get("next_hop") == 1 for line in lines(log))
    assert not any("FAILED" in line or line["level"] not in {"DEBUG", "INFO"} for line in lines(log)), (
        "a hand-over is no failure"
    )


def test_a_create_is_counted_and_measured(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    began = account.clock.elapsed
    done(account, "Create", compact())
    found = counted(figures(capsys))
    assert found["Requests"] == found["Created"] == 1
    assert found["Hops"] == found["Throttles"] == 0
    assert found["SettleSeconds"] == pytest.approx(account.clock.elapsed - began)
    assert found["ApiCalls"] == len(account.dynamodb.calls)
    assert not found.keys() & {"Failed", "Exists", "Adopted"}


def test_a_request_of_several_hops_is_one_request(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    done(account, "Create", compact())
    figures(capsys)
    began = account.clock.elapsed
    names = ["alpha", "beta", "gamma"]
    done(account, "Update", compact(*names), old=compact(), PhysicalResourceId="orders")
    found = counted(figures(capsys))
    assert found["Requests"] == found["Updated"] == found["Hops"] == 1
    assert found["SettleSeconds"] == pytest.approx(account.clock.elapsed - began)


def test_an_adoption_is_counted_once(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    create_by_hand("orders")
    account.clock.advance(60)
    done(account, "Create", compact())
    found = counted(figures(capsys))
    assert found["Exists"] == found["Adopted"] == 1


DENIED = Fault(Refused("AccessDeniedException", "not authorized"), times=math.inf)


@pytest.mark.parametrize(
    ("properties", "fault", "expected"),
    [
        pytest.param({"TableName": "orders"}, None, ("InvalidRequest", 0), id="a mistake"),
        pytest.param(compact(ExistingTable="Fail"), None, ("AlreadyExists", 0), id="a table that is there"),
        pytest.param(compact(), DENIED, ("AccessDenied", 1), id="a role without rights"),
    ],
)
def test_a_failure_is_counted_by_its_code_and_by_whose_it_is(
    account: Account,
    capsys: pytest.CaptureFixture[str],
    properties: Line,
    fault: Fault | None,
    expected: tuple[str, int],
) -> None:
    create_by_hand("orders")
    account.clock.advance(60)
    account.interceptors += [fault] if fault else []
    done(account, "Create", properties)
    published = figures(capsys)
    found = counted(published)
    assert found["Failed"] == 1
    (by_code,) = [line for line in published if sorted(line["dimensions"][0]) == ["Code", "service"]]
    assert by_code["Failed"] == [1.0]
    assert (by_code["Code"], found["OperatorFailures"]) == expected


LIMITS = {
    "capacity": "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day.",
    "key": "Subscriber limit exceeded: Encryption mode changes are limited in the 24h window ending at 2026-10-09.",
    "class": "Subscriber limit exceeded: Updates to TableClass are limited to 2 times in 30 day(s).",
    "tags": "Number of Tags exceed the current limit for the provided ResourceArn",
}
QUOTA = "Subscriber limit exceeded: Requested 50000 ReadCapacityUnits exceeds the per-table limit of 40000"


@pytest.mark.parametrize(
    ("text", "failures"), [*((text, 0) for text in LIMITS.values()), (QUOTA, 1)], ids=[*LIMITS, "quota"]
)
def test_a_limit_of_one_table_is_the_authors_to_mind_and_a_quota_of_the_account_the_operators(
    account: Account, capsys: pytest.CaptureFixture[str], text: str, failures: int
) -> None:
    done(account, "Create", compact())
    figures(capsys)
    account.interceptors.append(Fault(Refused("LimitExceededException", text), operation="UpdateTable", times=math.inf))
    wanted = compact(TableClass="STANDARD_INFREQUENT_ACCESS")
    event = done(account, "Update", wanted, old=compact(), PhysicalResourceId="orders")
    assert event.reason.startswith("ServiceLimitExceeded: ")
    found = counted(figures(capsys))
    assert (found["Failed"], found["OperatorFailures"]) == (1, failures)


def test_a_limit_that_is_known_beforehand_is_the_authors_to_mind(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    before = compact(TimeToLiveAttribute="expires_at", ServiceTimeout=600)
    done(account, "Create", before)
    figures(capsys)
    wanted = compact(TimeToLiveAttribute="ends_at", ServiceTimeout=600)
    event = done(account, "Update", wanted, old=before, PhysicalResourceId="orders")
    assert event.reason.startswith("ServiceLimitExceeded: ")
    found = counted(figures(capsys))
    assert (found["Failed"], found["OperatorFailures"]) == (1, 0)


def test_time_to_live_that_cannot_change_in_time_is_the_authors_to_mind(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    before = compact(TimeToLiveAttribute="expires_at", ServiceTimeout=600)
    done(account, "Create", before)
    figures(capsys)
    event = done(account, "Update", compact(ServiceTimeout=600), old=before, PhysicalResourceId="orders")
    assert event.reason.startswith("NotStabilized: ")
    found = counted(figures(capsys))
    assert (found["Failed"], found["OperatorFailures"]) == (1, 0)


def test_throttles_are_counted(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    refused = Refused("ThrottlingException", "Rate exceeded")
    account.interceptors.append(Fault(refused, operation="DescribeTable", times=3))
    done(account, "Create", compact())
    assert counted(figures(capsys))["Throttles"] == 3


def test_every_metric_is_published_by_some_request(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    create_by_hand("orders")
    account.clock.advance(60)
    old: Line = {"old": compact(), "PhysicalResourceId": "orders"}
    mine = compact() | {"TableName": "mine"}
    done(account, "Create", compact())
    done(account, "Update", compact(), **old)
    done(account, "Update", compact(TimeToLiveAttribute="ttl"), **old)
    done(account, "Delete", compact(), PhysicalResourceId="orders")
    done(account, "Create", mine)
    done(account, "Delete", mine, PhysicalResourceId="mine")
    done(account, "Create", {})
    assert set(counted(figures(capsys))) == set(Metric)
