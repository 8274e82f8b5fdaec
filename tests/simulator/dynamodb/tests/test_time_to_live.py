from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulator.dynamodb.tests.bench import NAME

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tests.bench import Bench, Members

COOLDOWN = 1871.7


def change(bench: Bench, attribute: str = "ttl", *, enabled: bool = True) -> Members:
    specification = {"Enabled": enabled, "AttributeName": attribute}
    answer: Members = bench.call("UpdateTimeToLive", TableName=NAME, TimeToLiveSpecification=specification)
    return answer


def described(bench: Bench) -> Members:
    bench.wait(3)
    answer: Members = bench.call("DescribeTimeToLive", TableName=NAME)["TimeToLiveDescription"]
    return answer


def test_ttl_that_was_never_set_and_ttl_that_is_disabled_look_alike(bench: Bench) -> None:
    bench.create()
    assert described(bench) == {"TimeToLiveStatus": "DISABLED"}
    change(bench)
    bench.wait(COOLDOWN)
    change(bench, enabled=False)
    assert described(bench) == {"TimeToLiveStatus": "DISABLED"}


def test_a_change_answers_with_the_request_and_shows_a_second_later(bench: Bench) -> None:
    bench.create()
    answer = change(bench)
    assert answer["TimeToLiveSpecification"] == {"Enabled": True, "AttributeName": "ttl"}
    shown = bench.call("DescribeTimeToLive", TableName=NAME)["TimeToLiveDescription"]
    assert shown == {"TimeToLiveStatus": "DISABLED"}
    bench.wait(1)
    shown = bench.call("DescribeTimeToLive", TableName=NAME)["TimeToLiveDescription"]
    assert shown == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}


@pytest.mark.parametrize("after", [1, 600, 1871])
def test_a_second_change_is_refused_for_half_an_hour(bench: Bench, after: float) -> None:
    bench.create()
    change(bench)
    bench.wait(after)
    refusal = bench.refused(
        "UpdateTimeToLive", TableName=NAME, TimeToLiveSpecification={"Enabled": False, "AttributeName": "ttl"}
    )
    assert refusal.is_listed_as("ttl-cooldown")


def test_refusals_do_not_prolong_the_cooldown(bench: Bench) -> None:
    bench.create()
    change(bench)
    for _ in range(3):
        bench.wait(600)
        bench.refused(
            "UpdateTimeToLive", TableName=NAME, TimeToLiveSpecification={"Enabled": False, "AttributeName": "ttl"}
        )
    bench.wait(72)
    change(bench, enabled=False)


def test_content_is_checked_before_the_cooldown(bench: Bench) -> None:
    bench.create()
    change(bench)
    refusal = bench.refused(
        "UpdateTimeToLive", TableName=NAME, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
    )
    assert refusal.is_listed_as("ttl-is-enabled-already")


def test_a_rename_takes_two_changes_half_an_hour_apart(bench: Bench) -> None:
    bench.create()
    change(bench, "old")
    bench.wait(COOLDOWN)
    change(bench, "old", enabled=False)
    bench.wait(COOLDOWN)
    change(bench, "new")
    assert described(bench)["AttributeName"] == "new"


def test_ttl_on_the_partition_key_is_accepted(bench: Bench) -> None:
    bench.create()
    change(bench, "id")
    assert described(bench)["AttributeName"] == "id"


@pytest.mark.parametrize(
    "specification",
    [
        pytest.param({"Enabled": True}, id="an attribute name is mandatory"),
        pytest.param({"AttributeName": "ttl"}, id="Enabled is mandatory"),
    ],
)
def test_both_members_are_mandatory(bench: Bench, specification: Members) -> None:
    bench.create()
    refusal = bench.refused("UpdateTimeToLive", TableName=NAME, TimeToLiveSpecification=specification)
    assert refusal.is_listed_as("ttl-member-is-null")


def test_describing_too_often_is_throttled(bench: Bench) -> None:
    bench.create()
    for _ in range(4):
        bench.call("DescribeTimeToLive", TableName=NAME)
    assert bench.refused("DescribeTimeToLive", TableName=NAME).is_listed_as("rate-exceeded")
    bench.wait(2)
    bench.call("DescribeTimeToLive", TableName=NAME)


def test_the_cooldown_dies_with_the_table(bench: Bench) -> None:
    bench.create()
    change(bench)
    bench.wait(3)
    bench.call("DeleteTable", TableName=NAME)
    bench.wait(10)
    bench.create()
    change(bench, "other")
