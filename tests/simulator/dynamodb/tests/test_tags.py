from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulator.dynamodb.tests.bench import ARN, NAME, PLAIN, PROTECTED, STREAM_OFF, STREAM_ON

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tests.bench import Bench, Members

FOREIGN = "arn:aws:dynamodb:us-east-1:999999999999:table/orders"


def pairs(**tags: str) -> list[Members]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag(bench: Bench, **tags: str) -> None:
    bench.call("TagResource", ResourceArn=ARN, Tags=pairs(**tags))


def shown(bench: Bench) -> dict[str, str]:
    answer = bench.call("ListTagsOfResource", ResourceArn=ARN)
    assert "NextToken" not in answer
    return {entry["Key"]: entry["Value"] for entry in answer["Tags"]}


def test_a_write_shows_two_seconds_later(bench: Bench) -> None:
    bench.create(PLAIN, Tags=pairs(a="1"))
    tag(bench, b="2")
    bench.wait(1.8)
    assert shown(bench) == {"a": "1"}
    bench.wait(0.1)
    assert shown(bench) == {"a": "1", "b": "2"}


def test_tags_come_in_pages_where_they_are_asked_to(bench: Bench) -> None:
    bench.create(PLAIN, Tags=pairs(a="1", b="2", c="3"))
    bench.dynamodb.world.tags_per_page = 2
    first = bench.call("ListTagsOfResource", ResourceArn=ARN)
    rest = bench.call("ListTagsOfResource", ResourceArn=ARN, NextToken=first["NextToken"])
    assert (len(first["Tags"]), len(rest["Tags"]), "NextToken" in rest) == (2, 1, False)
    assert {each["Key"] for each in first["Tags"] + rest["Tags"]} == {"a", "b", "c"}
    again = bench.call("ListTagsOfResource", ResourceArn=ARN, NextToken="nonsense")
    assert again["Tags"] == first["Tags"]


def test_an_untagging_shows_two_seconds_later(bench: Bench) -> None:
    bench.create(PLAIN, Tags=pairs(a="1", b="2"))
    bench.call("UntagResource", ResourceArn=ARN, TagKeys=["a", "absent"])
    assert shown(bench) == {"a": "1", "b": "2"}
    bench.wait(2.3)
    assert shown(bench) == {"b": "2"}


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        pytest.param("TagResource", {"Tags": pairs(b="2")}, id="other tags are refused during the lock"),
        pytest.param("TagResource", {"Tags": pairs(a="2")}, id="another value is refused during the lock"),
        pytest.param("UntagResource", {"TagKeys": ["absent"]}, id="even untagging an absent key is (T-440)"),
    ],
)
def test_a_write_locks_the_tags(bench: Bench, operation: str, params: Members) -> None:
    bench.create()
    tag(bench, a="1")
    assert bench.refused(operation, ResourceArn=ARN, **params).is_listed_as("tags-are-being-updated")
    bench.wait(1.8)
    bench.call(operation, ResourceArn=ARN, **params)


def test_the_same_pairs_pass_the_lock(bench: Bench) -> None:
    bench.create()
    tag(bench, a="1")
    tag(bench, a="1")


def test_the_lock_stands_in_the_way_of_nothing_but_deletion(bench: Bench) -> None:
    bench.create()
    tag(bench, a="1")
    bench.update(PROTECTED)
    bench.call("CreateBackup", TableName=NAME, BackupName="first")
    bench.call("UpdateTimeToLive", TableName=NAME, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    assert bench.refused("DeleteTable", TableName=NAME).is_listed_as("delete-while-tags-are-being-updated")


def test_tags_are_merged_case_sensitively_and_may_be_empty(bench: Bench) -> None:
    bench.create(PLAIN, Tags=pairs(a="1"))
    tag(bench, A="2", b="")
    bench.wait(3)
    assert shown(bench) == {"a": "1", "A": "2", "b": ""}


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        pytest.param([], "no-tags", id="no tags at all are refused (T-110)"),
        pytest.param(
            pairs(**{"a!": "1"}), "tag-key-is-invalid", id="a key with an exclamation mark is refused (T-372)"
        ),
        pytest.param(pairs(**{"k" * 129: "1"}), "tag-key-is-invalid", id="a key of 129 letters is refused (T-107)"),
        pytest.param(pairs(a="v" * 257), "tag-value-is-invalid", id="a value of 257 letters is refused (T-107)"),
        pytest.param([{"Key": "a"}], "tag-value-is-invalid", id="a tag without value is refused (T-107)"),
        pytest.param(pairs(**{"AWS:a": "1"}), "tag-key-is-reserved", id="AWS: is reserved in any case (T-105)"),
        pytest.param(
            [*pairs(a="1"), *pairs(a="2")], "tag-key-is-duplicated", id="a key given twice is refused (T-107)"
        ),
        pytest.param(
            pairs(**{f"key{number}": "1" for number in range(50)}),
            "too-many-tags",
            id="the limit of 50 counts the merged set (T-108)",
        ),
        pytest.param(
            pairs(**{f"key{number:02}": "v" * 256 for number in range(40)}),
            "tags-are-too-large",
            id="the limit of 10240 bytes counts the merged set (T-109)",
        ),
    ],
)
def test_tag_resource_refuses(bench: Bench, tags: list[Members], name: str) -> None:
    bench.create(PLAIN, Tags=pairs(present="1"))
    refusal = bench.refused("TagResource", ResourceArn=ARN, Tags=tags)
    assert refusal.is_listed_as(name), refusal


def test_untagging_needs_a_key(bench: Bench) -> None:
    bench.create()
    assert bench.refused("UntagResource", ResourceArn=ARN, TagKeys=[]).is_listed_as("no-tag-keys")


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        pytest.param(NAME, "not-an-arn", id="a bare name is no ARN (T-071)"),
        pytest.param(f"{ARN}/index/by_email", "arn-is-no-table", id="an index has no tags (T-136)"),
        pytest.param(f"{ARN}/backup/1-2", "arn-is-not-dynamodb", id="a backup has no tags (B-013)"),
        pytest.param(ARN + "-2", "resource-not-found", id="an unknown table is not found"),
        pytest.param(FOREIGN, "access-is-denied", id="another account's table is denied (T-071)"),
    ],
)
def test_list_tags_refuses(bench: Bench, arn: str, name: str) -> None:
    bench.create()
    assert bench.refused("ListTagsOfResource", ResourceArn=arn).is_listed_as(name)


def streaming(bench: Bench) -> str:
    """Create a table with a stream, and tell the ARN of the stream."""
    bench.create(PLAIN, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}, Tags=pairs(a="1"))
    return str(bench.describe()["LatestStreamArn"])


def of_stream(bench: Bench, arn: str) -> dict[str, str]:
    answer = bench.call("ListTagsOfResource", ResourceArn=arn)
    return {entry["Key"]: entry["Value"] for entry in answer["Tags"]}


def test_a_stream_has_tags_of_its_own(bench: Bench) -> None:
    arn = streaming(bench)
    bench.call("TagResource", ResourceArn=arn, Tags=pairs(b="2"))
    assert of_stream(bench, arn) == {}
    bench.wait(2)
    assert (of_stream(bench, arn), shown(bench)) == ({"b": "2"}, {"a": "1"})
    bench.call("UntagResource", ResourceArn=arn, TagKeys=["a", "b"])
    bench.wait(3)
    assert (of_stream(bench, arn), shown(bench)) == ({}, {"a": "1"})


def test_tags_of_the_stream_are_locked_with_those_of_the_table(bench: Bench) -> None:
    arn = streaming(bench)
    bench.call("TagResource", ResourceArn=arn, Tags=pairs(b="2"))
    bench.call("TagResource", ResourceArn=arn, Tags=pairs(b="2"))
    assert bench.refused("TagResource", ResourceArn=ARN, Tags=pairs(b="2")).is_listed_as("tags-are-being-updated")
    assert bench.refused("UntagResource", ResourceArn=ARN, TagKeys=["a"]).is_listed_as("tags-are-being-updated")
    assert bench.refused("DeleteTable", TableName=NAME).is_listed_as("delete-while-tags-are-being-updated")


def test_a_new_stream_has_none_of_the_tags_of_the_former_one(bench: Bench) -> None:
    former = streaming(bench)
    bench.call("TagResource", ResourceArn=former, Tags=pairs(b="2"))
    bench.wait(3)
    bench.update(STREAM_OFF)
    bench.wait(10)
    assert bench.refused("ListTagsOfResource", ResourceArn=former).is_listed_as("resource-not-found")
    bench.update(STREAM_ON)
    assert of_stream(bench, bench.describe()["LatestStreamArn"]) == {}
    assert bench.refused("TagResource", ResourceArn=former, Tags=pairs(b="2")).is_listed_as("resource-not-found")
