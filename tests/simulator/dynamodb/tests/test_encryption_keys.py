"""KMS keys that cannot be used, or no longer (section 1.7 of the reference), and kms:DescribeKey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.simulator.dynamodb.tests.bench import ARN, MAXIMA, NAME, PLAIN, PROTECTED, SSE_OFF, STREAM_ON

if TYPE_CHECKING:
    from tests.simulator.dynamodb.kms import Key
    from tests.simulator.dynamodb.tests.bench import Bench, Members

HOUR = 3600.0


def encrypted_with(key_id: str) -> Members:
    return {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key_id}}


def inaccessible(bench: Bench) -> Key:
    """A table whose key was disabled long ago."""
    key = bench.dynamodb.keys.add("alias/mine")
    bench.create(PLAIN | encrypted_with("alias/mine"))
    bench.dynamodb.disable_key(key)
    bench.wait(HOUR)
    return key


@pytest.mark.parametrize(
    ("change", "name"),
    [
        pytest.param({"is_enabled": False}, "kms-key-disabled", id="a disabled key is refused (T-020)"),
        pytest.param({"is_denied": True}, "kms-access-denied", id="a denied key is refused (T-461)"),
        pytest.param({"is_symmetric": False}, "kms-internal-error", id="an asymmetric key is HTTP 500 (T-022)"),
    ],
)
@pytest.mark.parametrize("operation", ["CreateTable", "UpdateTable"])
def test_an_unusable_key(bench: Bench, operation: str, change: dict[str, bool], name: str) -> None:
    key = bench.dynamodb.keys.add("alias/mine")
    vars(key).update(change)
    if operation == "CreateTable":
        refusal = bench.refused("CreateTable", **PLAIN | encrypted_with("alias/mine"))
        assert not bench.dynamodb.tables
    else:
        bench.create()
        refusal = bench.update_refused(encrypted_with(key.arn))
    assert refusal.is_listed_as(name), refusal


@pytest.mark.parametrize("spelling", ["alias", "alias ARN", "key id", "key ARN"])
def test_a_key_is_known_by_four_names_and_shown_by_its_arn(bench: Bench, spelling: str) -> None:
    key = bench.dynamodb.keys.add("alias/mine")
    key_id = {
        "alias": "alias/mine",
        "alias ARN": "arn:aws:kms:us-east-1:123456789012:alias/mine",
        "key id": key.key_id,
        "key ARN": key.arn,
    }[spelling]
    assert bench.start(PLAIN | encrypted_with(key_id))["SSEDescription"]["KMSMasterKeyArn"] == key.arn


def test_pointing_an_alias_elsewhere_changes_no_table(bench: Bench) -> None:
    keys = bench.dynamodb.keys
    first = keys.add("alias/mine")
    bench.create(PLAIN | encrypted_with("alias/mine"))
    keys.point("alias/mine", keys.add())
    bench.wait(HOUR)
    assert bench.describe()["SSEDescription"]["KMSMasterKeyArn"] == first.arn


def test_a_table_whose_key_is_disabled_for_a_week_is_archived_and_does_not_come_back(bench: Bench) -> None:
    bench.clock.limit = 10 * 24 * HOUR
    key = inaccessible(bench)
    bench.wait(8 * 24 * HOUR)
    assert bench.describe()["TableStatus"] == "ARCHIVED"
    bench.dynamodb.enable_key(key)
    bench.wait(HOUR)
    assert bench.describe()["TableStatus"] == "ARCHIVED"


def test_a_disabled_key_makes_its_table_inaccessible_and_an_enabled_one_brings_it_back(bench: Bench) -> None:
    key = inaccessible(bench)
    shown = bench.describe()
    assert shown["TableStatus"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    assert shown["SSEDescription"]["Status"] == "ENABLED"
    assert "InaccessibleEncryptionDateTime" in shown["SSEDescription"]
    bench.dynamodb.enable_key(key)
    bench.wait(HOUR)
    shown = bench.describe()
    assert shown["TableStatus"] == "ACTIVE"
    assert "InaccessibleEncryptionDateTime" not in shown["SSEDescription"]


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        pytest.param("UpdateTable", SSE_OFF, id="encryption"),
        pytest.param("CreateBackup", {"BackupName": "first"}, id="a backup"),
        pytest.param("UpdateContributorInsights", {"ContributorInsightsAction": "ENABLE"}, id="insights"),
        pytest.param(
            "UpdateTimeToLive",
            {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "ttl"}},
            id="time to live",
        ),
        pytest.param("PutItem", {"Item": {"id": {"S": "1"}}}, id="an item"),
    ],
)
def test_an_inaccessible_table_refuses(bench: Bench, operation: str, params: dict[str, Any]) -> None:
    inaccessible(bench)
    assert bench.refused(operation, TableName=NAME, **params).is_listed_as("kms-key-disabled")


@pytest.mark.parametrize(
    "members",
    [
        pytest.param(PROTECTED, id="deletion protection"),
        pytest.param(MAXIMA, id="on-demand maxima"),
        pytest.param(STREAM_ON, id="a stream"),
    ],
)
def test_an_inaccessible_table_still_takes(bench: Bench, members: Members) -> None:
    inaccessible(bench)
    bench.update(members)
    bench.call("TagResource", ResourceArn=ARN, Tags=[{"Key": "a", "Value": "1"}])
    bench.seconds_until_rest()
    assert bench.describe()["TableStatus"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"


def test_an_inaccessible_table_can_be_deleted(bench: Bench) -> None:
    inaccessible(bench)
    bench.call("DeleteTable", TableName=NAME)


def test_describe_key_resolves_an_alias(bench: Bench) -> None:
    key = bench.dynamodb.keys.add("alias/mine")
    metadata = boto3.client("kms").describe_key(KeyId="alias/mine")["KeyMetadata"]
    assert (metadata["Arn"], metadata["KeyState"], metadata["Enabled"]) == (key.arn, "Enabled", True)
    assert [call.service for call in bench.dynamodb.calls_of("DescribeKey")] == ["kms"]


@pytest.mark.parametrize(
    ("is_denied", "code"),
    [
        pytest.param(True, "AccessDeniedException", id="describing a key may be denied"),
        pytest.param(False, "NotFoundException", id="an unknown alias is not found"),
    ],
)
def test_describe_key_refuses(bench: Bench, *, is_denied: bool, code: str) -> None:
    bench.dynamodb.keys.is_describe_denied = is_denied
    with pytest.raises(ClientError) as caught:
        boto3.client("kms").describe_key(KeyId="alias/unknown")
    assert caught.value.response["Error"]["Code"] == code
