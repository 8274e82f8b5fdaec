"""Killed before and after every AWS call, and delivered again as Lambda does: the end is always the same."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from table_provisioner.handler import lambda_handler
from tests.functional.tables import ORDERS, described, tags
from tests.simulator.account import Account
from tests.simulator.clock import Clock
from tests.simulator.faults import ConnectionLost, Fault, ProcessKilled, Refused
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.functional.tables import Properties
    from tests.simulator.cloudformation import CloudFormation, ResourceEvent
    from tests.simulator.faults import Effect, Phase

FULL: Properties = {
    **ORDERS,
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
    "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
}
CHANGED: Properties = {
    **FULL,
    "AttributeDefinitions": [
        *FULL["AttributeDefinitions"][:2],
        {"AttributeName": "city", "AttributeType": "S"},
        {"AttributeName": "zip", "AttributeType": "S"},
    ],
    "DeletionProtectionEnabled": True,
    "GlobalSecondaryIndexes": [
        {
            "IndexName": f"by-{name}",
            "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
        for name in ("city", "zip")
    ],
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False},
    "SSESpecification": {"SSEEnabled": False},
    "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
    "Tags": [{"Key": "team", "Value": "billing"}],
}
ELSEWHERE: Properties = {**ORDERS, "TableName": "orders-2"}
OTHER = "arn:aws:cloudformation:us-east-1:123456789012:stack/warehouse/1"


@dataclass(frozen=True)
class Scenario:
    """One request at a table that is there already, or not."""

    before: Properties | None
    request: Callable[[CloudFormation], dict[str, Any]]
    stride: int = 1
    """How many calls the test suite passes over between two strikes; ``--soak`` passes over none."""


SCENARIOS = {
    "create-a-table-with-everything": Scenario(None, lambda aws: aws.request("Create", FULL)),
    "adopt-a-table": Scenario(
        ORDERS, lambda aws: aws.request("Create", FULL, LogicalResourceId="Other", StackId=OTHER), stride=3
    ),
    "change-three-indexes-and-five-settings": Scenario(
        FULL, lambda aws: aws.request("Update", CHANGED, FULL, PhysicalResourceId="orders"), stride=13
    ),
    "replace-a-table": Scenario(
        ORDERS, lambda aws: aws.request("Update", ELSEWHERE, ORDERS, PhysicalResourceId="orders"), stride=3
    ),
    "delete-a-table": Scenario(FULL, lambda aws: aws.request("Delete", FULL, PhysicalResourceId="orders")),
    "delete-a-table-with-a-backup": Scenario(
        FULL,
        lambda aws: aws.request("Delete", {**FULL, "OnDelete": "Snapshot"}, PhysicalResourceId="orders"),
    ),
    "let-go-of-a-table": Scenario(
        FULL,
        lambda aws: aws.request("Delete", {**FULL, "OnDelete": "Retain"}, PhysicalResourceId="orders"),
    ),
}


@dataclass(frozen=True)
class Ending:
    """How a scenario ended: the answer, and all that is left behind."""

    is_success: bool
    physical_resource_id: str
    tables: str


def play(scenario: Scenario, faults: Callable[[Clock], Fault] | None = None) -> tuple[Ending, int, ResourceEvent]:
    """Run a scenario in an account of its own; return its ending, how often the fault struck, and the answer."""
    clock = Clock()
    with clock.installed(), _account(clock) as account:
        aws = account.cloudformation
        if scenario.before:
            assert aws.deliver(aws.request("Create", scenario.before)).is_success
        if scenario is SCENARIOS["adopt-a-table"]:
            _forget_the_owner()
        clock.advance(60)
        fault = faults(clock) if faults else None
        if fault:
            account.interceptors.append(fault)
        answer = aws.deliver(scenario.request(aws))
        aws.settle()
        account.interceptors[1:] = []
        clock.advance(10)
        _excuse_a_hop_too_many(account, fault)
        ending = Ending(answer.is_success, answer.physical_resource_id, _left_behind())
        return ending, fault.strikes if fault else 0, answer


@contextmanager
def _account(clock: Clock) -> Iterator[Account]:
    with Account(clock, lambda_handler, Function(is_recursion_allowed=True), profile="fast").running() as account:
        yield account


def _excuse_a_hop_too_many(account: Account, fault: Fault | None) -> None:
    """Where the answer of Invoke is lost, two hops may run, and both answer: the one alternative is that none does."""
    if fault and isinstance(fault.effect, ConnectionLost) and "Invoke" in fault.struck:
        broken = account.cloudformation.take_violations()
        assert [rule for rule in broken if not rule.endswith("answered again")] == []


def _forget_the_owner() -> None:
    arn = (described() or {})["TableArn"]
    boto3.client("dynamodb").untag_resource(ResourceArn=arn, TagKeys=list(tags()))


def _left_behind() -> str:
    client = boto3.client("dynamodb")
    found = [_table(name) for name in client.list_tables()["TableNames"]]
    backups = [backup["TableName"] for backup in client.list_backups(BackupType="USER")["BackupSummaries"]]
    return json.dumps([found, backups], sort_keys=True, default=str)


def _table(name: str) -> list[object]:
    client = boto3.client("dynamodb")
    recovery = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    return [
        _without_chance(described(name)),
        client.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
        recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        {key: value for key, value in tags(name).items() if not key.endswith("request-time")},
    ]


def _without_chance(value: Any) -> Any:  # noqa: ANN401 -- any part of an answer
    """An answer without what differs from run to run: ids, times and generated ARNs."""
    random = {"TableId", "KMSMasterKeyArn", "LatestStreamArn", "LatestStreamLabel"}
    if isinstance(value, dict):
        return {
            key: _without_chance(part)
            for key, part in value.items()
            if key not in random and not key.endswith("DateTime")
        }
    return [_without_chance(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_process_that_dies_at_any_call_ends_as_one_that_does_not(
    name: str, phase: Phase, request: pytest.FixtureRequest
) -> None:
    stride = 1 if request.config.getoption("--soak") else SCENARIOS[name].stride
    strike_everywhere(name, phase, ProcessKilled, stride)


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_connection_that_is_lost_at_any_call_ends_as_one_that_is_not(
    name: str, phase: Phase, request: pytest.FixtureRequest
) -> None:
    stride = 1 if request.config.getoption("--soak") else SCENARIOS[name].stride * 3
    strike_everywhere(name, phase, lambda _: ConnectionLost(), stride)


def strike_everywhere(name: str, phase: Phase, effect: Callable[[Clock], Effect], stride: int) -> None:
    """Let the effect strike the calls of a scenario in turn, and compare the ending each time."""
    scenario = SCENARIOS[name]
    undisturbed, _, answer = play(scenario)
    assert undisturbed.is_success, answer.reason
    points = 0
    for number in range(1, 1000, stride):
        ending, strikes, answer = play(
            scenario,
            lambda clock, at=number: Fault(effect(clock), at=at, phase=phase),  # type: ignore[misc]  # the default binds the number
        )
        if not strikes:
            break
        assert ending == undisturbed, f"{name}: struck {phase} call {number}: {answer.reason}"
        points += 1
    assert points >= 2
    print(f"{name:40} {phase:6} {points:4} points, all converged")  # noqa: T201 -- the printed table is the result


def test_a_create_whose_answer_was_lost_and_whose_tags_cannot_be_read_is_still_ours(account: Account) -> None:
    """Else the rollback would leave the table behind."""
    account.interceptors.append(Fault(ConnectionLost(), operation="CreateTable", phase="after"))
    denied = Refused("AccessDeniedException", "not authorized")
    account.interceptors.append(Fault(denied, operation="ListTagsOfResource", times=9))
    outcome = account.cloudformation.create_stack({"Table": ORDERS})
    assert outcome.event("Create").physical_resource_id == "orders"
