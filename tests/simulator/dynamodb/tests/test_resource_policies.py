from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.dynamodb.tests.bench import ARN, NAME, PLAIN, PROTECTED

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tests.bench import Bench, Members


def policy(*actions: str, version: str | None = "2012-10-17", **members: Any) -> str:  # noqa: ANN401 - any member
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ["123456789012"]},
        "Action": list(actions or ("dynamodb:GetItem",)),
        "Resource": ARN,
        **members,
    }
    document = {"Version": version, "Statement": [statement]} if version else {"Statement": [statement]}
    return json.dumps(document, indent=2)


DENY_DELETION = policy("dynamodb:DeleteTable", Effect="Deny", Principal="*")


def put(bench: Bench, text: str, **params: Any) -> str:  # noqa: ANN401 - any member
    revision: str = bench.call("PutResourcePolicy", ResourceArn=ARN, Policy=text, **params)["RevisionId"]
    return revision


def read(bench: Bench) -> Members:
    answer: Members = json.loads(bench.call("GetResourcePolicy", ResourceArn=ARN)["Policy"])
    return answer


def test_a_policy_shows_only_after_a_while(bench: Bench) -> None:
    bench.create()
    put(bench, policy())
    assert bench.refused("GetResourcePolicy", ResourceArn=ARN).is_listed_as("policy-not-found")
    bench.wait(1.5)
    assert read(bench)["Statement"][0]["Action"] == "dynamodb:GetItem"


def test_the_old_policy_shows_until_the_new_one_does(bench: Bench) -> None:
    bench.create()
    put(bench, policy())
    bench.wait(20)
    put(bench, policy("dynamodb:Query"))
    assert read(bench)["Statement"][0]["Action"] == "dynamodb:GetItem"
    bench.wait(1.7)
    assert read(bench)["Statement"][0]["Action"] == "dynamodb:Query"


def test_a_deleted_policy_shows_for_a_while(bench: Bench) -> None:
    bench.create()
    put(bench, policy())
    bench.wait(20)
    bench.call("DeleteResourcePolicy", ResourceArn=ARN)
    assert read(bench)
    bench.wait(1.4)
    assert bench.refused("GetResourcePolicy", ResourceArn=ARN).is_listed_as("policy-not-found")


def test_deleting_no_policy_is_200(bench: Bench) -> None:
    bench.create()
    assert "RevisionId" not in bench.call("DeleteResourcePolicy", ResourceArn=ARN)


def test_the_revision_is_the_time_in_milliseconds(bench: Bench) -> None:
    bench.create()
    assert put(bench, policy()) == str(round(bench.clock.now * 1000))


@pytest.mark.parametrize(
    ("after", "name"),
    [
        pytest.param(1, "table-policy-is-pending", id="a second policy is in use while the first is pending (T-206)"),
        pytest.param(2, "table-policy-cooldown", id="then it is throttled up to 15 seconds (T-464)"),
        pytest.param(15, "table-policy-cooldown", id="to the last moment (T-464)"),
    ],
)
def test_policies_are_written_once_in_15_seconds(bench: Bench, after: float, name: str) -> None:
    bench.create()
    put(bench, policy())
    bench.wait(after)
    refusal = bench.refused("PutResourcePolicy", ResourceArn=ARN, Policy=policy("dynamodb:Query"))
    assert refusal.is_listed_as(name), refusal
    bench.wait(15.2 - after)
    put(bench, policy("dynamodb:Query"))


def test_a_policy_that_means_the_same_keeps_its_revision(bench: Bench) -> None:
    bench.create()
    revision = put(bench, policy())
    again = json.dumps(json.loads(policy()) | {"Statement": json.loads(policy())["Statement"][0]})
    assert put(bench, again) == revision
    bench.wait(2)
    bench.call("DeleteTable", TableName=NAME)


def test_a_missing_version_is_another_policy_although_it_reads_back_as_2008(bench: Bench) -> None:
    bench.create()
    first = put(bench, policy(version="2008-10-17"))
    bench.wait(20)
    assert put(bench, policy(version=None)) != first
    bench.wait(3)
    assert read(bench)["Version"] == "2008-10-17"


def test_a_policy_is_written_back_in_canonical_form(bench: Bench) -> None:
    bench.create()
    put(bench, policy(Effect="allow", Sid="one", Principal={"AWS": ["123456789012", "123456789012"]}))
    bench.wait(3)
    text = bench.call("GetResourcePolicy", ResourceArn=ARN)["Policy"]
    assert text == (
        '{"Version":"2012-10-17","Statement":[{"Sid":"one","Effect":"Allow",'
        '"Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"dynamodb:GetItem",'
        f'"Resource":"{ARN}"}}]}}'
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("{", "policy-is-invalid", id="a policy is JSON (T-211)"),
        pytest.param(
            '{"Version":"2012-10-17","Statement":[]}', "policy-is-invalid", id="a policy has statements (T-356)"
        ),
        pytest.param(policy(Effect="Maybe"), "policy-is-invalid", id="an effect is Allow or Deny"),
        pytest.param(policy("s3:GetObject"), "policy-is-invalid", id="actions belong to DynamoDB (T-356)"),
        pytest.param(policy(Sid="x" * 20_480), "policy-is-too-large", id="a policy has at most 20480 bytes (T-211)"),
        pytest.param(
            policy(Principal={"AWS": "nobody"}), "policy-principal-is-invalid", id="a principal has to exist (T-352)"
        ),
        pytest.param(policy(Principal="*"), "policy-is-unbounded", id="everybody is too many (T-352)"),
        pytest.param(
            policy("dynamodb:PutResourcePolicy", Effect="Deny", Principal="*"),
            "policy-locks-caller-out",
            id="a policy that locks the caller out needs a confirmation (T-210)",
        ),
    ],
)
def test_put_resource_policy_refuses(bench: Bench, text: str, name: str) -> None:
    bench.create()
    refusal = bench.refused("PutResourcePolicy", ResourceArn=ARN, Policy=text)
    assert refusal.is_listed_as(name), refusal


def test_a_stale_revision_is_refused_before_the_cooldown(bench: Bench) -> None:
    bench.create()
    put(bench, policy())
    refusal = bench.refused(
        "PutResourcePolicy", ResourceArn=ARN, Policy=policy("dynamodb:Query"), ExpectedRevisionId="1"
    )
    assert refusal.is_listed_as("policy-revision-conflict")


def test_a_denied_deletion_is_denied_two_seconds_later_even_with_protection(bench: Bench) -> None:
    bench.create(PLAIN | PROTECTED)
    put(bench, DENY_DELETION)
    bench.wait(1.5)
    assert bench.refused("DeleteTable", TableName=NAME).is_listed_as("protected-against-deletion")
    bench.wait(0.6)
    assert bench.refused("DeleteTable", TableName=NAME).is_listed_as("not-authorized")


def test_a_removed_denial_lingers_for_minutes(bench: Bench) -> None:
    bench.create()
    put(bench, DENY_DELETION)
    bench.wait(20)
    bench.call("DeleteResourcePolicy", ResourceArn=ARN)
    bench.wait(230)
    assert bench.refused("DeleteTable", TableName=NAME).is_listed_as("not-authorized")
    bench.wait(10)
    bench.call("DeleteTable", TableName=NAME)


def test_a_policy_of_the_creation_is_readable_before_active(bench: Bench) -> None:
    bench.start(ResourcePolicy=policy())
    bench.wait(2.1)
    assert read(bench)["Version"] == "2012-10-17"
    assert bench.describe()["TableStatus"] == "CREATING"


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        pytest.param(NAME, "not-an-arn", id="a bare name is no ARN (T-212)"),
        pytest.param(f"{ARN}/stream/2020", "stream-not-found", id="an unknown stream is not found (T-446)"),
        pytest.param(ARN + "-2", "table-not-found", id="an unknown table is not found"),
    ],
)
def test_get_resource_policy_refuses(bench: Bench, arn: str, name: str) -> None:
    bench.create()
    assert bench.refused("GetResourcePolicy", ResourceArn=arn).is_listed_as(name)


def test_a_stream_has_a_policy_of_its_own(bench: Bench) -> None:
    bench.create(PLAIN, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    put(bench, policy())
    stream = bench.describe()["LatestStreamArn"]
    bench.call("PutResourcePolicy", ResourceArn=stream, Policy=policy("dynamodb:GetRecords"))
    refusal = bench.refused("PutResourcePolicy", ResourceArn=stream, Policy=policy("dynamodb:DescribeStream"))
    assert refusal.is_listed_as("stream-policy-is-pending")
    bench.wait(3)
    refusal = bench.refused("PutResourcePolicy", ResourceArn=stream, Policy=policy("dynamodb:DescribeStream"))
    assert refusal.is_listed_as("stream-policy-cooldown")
