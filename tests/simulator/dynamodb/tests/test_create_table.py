from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.dynamodb.tests.bench import (
    ARN,
    INDEXED,
    MAXIMA,
    NAME,
    ON_DEMAND,
    PLAIN,
    PROVISIONED_INDEXED,
    PROVISIONED_TABLE,
    STREAM,
    UNITS,
    index,
    key,
    strings,
)

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tests.bench import Bench

HASH_AND_RANGE = {"AttributeDefinitions": strings("id", "at"), "KeySchema": key("id", "at")}
LOCAL = HASH_AND_RANGE | {
    "AttributeDefinitions": strings("id", "at", "size"),
    "LocalSecondaryIndexes": [index("by_size", "id", "size")],
}


def projected(**projection: Any) -> dict[str, Any]:  # noqa: ANN401 - members of any type
    return {"GlobalSecondaryIndexes": [index("by_email", Projection=projection)]}


def many_indexes(count: int, member: str = "GlobalSecondaryIndexes") -> dict[str, Any]:
    """More indexes of one kind than are allowed."""
    keys = ("id", "at") if member == "LocalSecondaryIndexes" else ("at",)
    return HASH_AND_RANGE | {member: [index(f"index_{number}", *keys) for number in range(count)]}


REFUSED = [
    pytest.param(
        {"AttributeDefinitions": strings("id", "other")},
        "attributes-do-not-match-key-schema",
        id="a surplus attribute definition is refused (T-042)",
    ),
    pytest.param(
        INDEXED | {"AttributeDefinitions": strings("id", "email", "other")},
        "attributes-are-not-used",
        id="a surplus attribute definition beside indexes is refused in other words (T-127)",
    ),
    pytest.param(
        INDEXED | {"AttributeDefinitions": strings("id", "Email")},
        "attributes-are-not-used",
        id="attribute names are case-sensitive, and unused definitions come first (T-042, T-127)",
    ),
    pytest.param(
        INDEXED | {"AttributeDefinitions": strings("id")},
        "attributes-are-not-defined",
        id="an index key without a definition is refused (T-042)",
    ),
    pytest.param(
        {"AttributeDefinitions": strings("id", "id")},
        "attribute-is-duplicated",
        id="an attribute defined twice is refused (T-042)",
    ),
    pytest.param({"AttributeDefinitions": []}, "no-attributes-at-all", id="no definition at all is refused (T-042)"),
    pytest.param(
        {"KeySchema": [{"AttributeName": "id", "KeyType": "RANGE"}]},
        "first-key-is-not-hash",
        id="a key that begins with RANGE is refused (T-124)",
    ),
    pytest.param(
        HASH_AND_RANGE | {"KeySchema": [*key("id"), *key("at")]},
        "second-key-is-not-range",
        id="two HASH attributes in a table key are refused (T-124)",
    ),
    pytest.param(
        {"KeySchema": key("id", "id")},
        "hash-and-range-are-the-same",
        id="one attribute as HASH and RANGE is refused (T-442)",
    ),
    pytest.param(
        {"KeySchema": key("id", "at", "size")},
        "too-many-keys",
        id="three attributes in a table key are refused as a shape (T-042, T-123)",
    ),
    pytest.param(
        {"GlobalSecondaryIndexes": []}, "index-list-is-empty", id="an empty list of global indexes is refused (T-043)"
    ),
    pytest.param(
        {"LocalSecondaryIndexes": []},
        "local-index-list-is-empty",
        id="an empty list of local indexes is refused (T-043)",
    ),
    pytest.param(many_indexes(21), "too-many-indexes", id="21 global indexes are refused (T-169)"),
    pytest.param(
        many_indexes(6, "LocalSecondaryIndexes"), "too-many-local-indexes", id="six local indexes are refused (T-129)"
    ),
    pytest.param(
        INDEXED | {"GlobalSecondaryIndexes": [index("by_email"), index("by_email")]},
        "duplicate-index-name",
        id="two indexes of one name are refused (T-129)",
    ),
    pytest.param(
        LOCAL | {"GlobalSecondaryIndexes": [index("by_size", "size")]},
        "duplicate-index-name",
        id="a global and a local index of one name are refused (T-129)",
    ),
    pytest.param(
        {
            "AttributeDefinitions": strings("id", "size"),
            "LocalSecondaryIndexes": [index("by_size", "id", "size")],
        },
        "local-index-needs-a-range-key",
        id="a local index on a table without sort key is refused (T-129)",
    ),
    pytest.param(
        LOCAL | {"LocalSecondaryIndexes": [index("by_size", "at", "size")]},
        "local-index-has-another-hash-key",
        id="a local index with another partition key is refused (T-129)",
    ),
    pytest.param(
        HASH_AND_RANGE | {"LocalSecondaryIndexes": [index("by_id", "id")]},
        "local-index-has-no-range-key",
        id="a local index without sort key is refused (T-129)",
    ),
    pytest.param(
        INDEXED | projected(ProjectionType="INCLUDE"),
        "include-needs-attributes",
        id="INCLUDE without attributes is refused (T-126)",
    ),
    pytest.param(
        INDEXED | projected(ProjectionType="KEYS_ONLY", NonKeyAttributes=["a"]),
        "projection-takes-no-attributes",
        id="KEYS_ONLY with attributes is refused (T-126)",
    ),
    pytest.param(
        INDEXED | projected(ProjectionType="INCLUDE", NonKeyAttributes=["a", "a"]),
        "projected-attribute-is-duplicated",
        id="an attribute projected twice is refused (T-126)",
    ),
    pytest.param(INDEXED | projected(), "projection-type-is-unknown", id="an empty projection is refused (T-457)"),
    pytest.param(
        INDEXED | {"GlobalSecondaryIndexes": [index("by_email", "email", "email")]},
        "index-key-is-repeated",
        id="an index key that repeats an attribute is refused (T-123)",
    ),
    pytest.param(
        INDEXED | {"GlobalSecondaryIndexes": [index("by_email", KeySchema=[*key("email", "id"), *key("id")])]},
        "hash-must-precede-range",
        id="HASH after RANGE in an index key is refused (T-123)",
    ),
    pytest.param(
        {"BillingMode": "PROVISIONED"}, "provisioned-needs-units", id="PROVISIONED without units is refused (T-024)"
    ),
    pytest.param(
        {"ProvisionedThroughput": UNITS},
        "on-demand-takes-no-units",
        id="PAY_PER_REQUEST with units is refused (T-038)",
    ),
    pytest.param(
        PROVISIONED_TABLE
        | {"AttributeDefinitions": strings("id", "email"), "GlobalSecondaryIndexes": [index("by_email")]},
        "index-needs-throughput",
        id="an index without units on a provisioned table is refused (T-128)",
    ),
    pytest.param(
        PROVISIONED_INDEXED | ON_DEMAND | {"ProvisionedThroughput": None},
        "index-takes-no-throughput",
        id="an index with units on an on-demand table is refused (T-128)",
    ),
    pytest.param(
        PROVISIONED_TABLE | MAXIMA,
        "provisioned-takes-no-on-demand-maximum",
        id="on-demand maxima on a provisioned table are refused (T-038)",
    ),
    pytest.param(
        {"OnDemandThroughput": {"MaxReadRequestUnits": -1}},
        "on-demand-read-out-of-range",
        id="-1 as on-demand maximum is refused at creation (T-039)",
    ),
    pytest.param(
        {"OnDemandThroughput": {"MaxWriteRequestUnits": 0}},
        "on-demand-write-out-of-range",
        id="0 as on-demand maximum is refused (T-051)",
    ),
    pytest.param(
        INDEXED | {"GlobalSecondaryIndexes": [index("by_email", OnDemandThroughput={"MaxReadRequestUnits": 0})]},
        "on-demand-index-out-of-range",
        id="0 as on-demand maximum of an index is refused (T-128)",
    ),
    pytest.param(
        {"WarmThroughput": {"ReadUnitsPerSecond": 11_999}},
        "warm-is-lower-than-initial",
        id="warm throughput below the initial of on-demand is refused (T-039)",
    ),
    pytest.param(
        PROVISIONED_TABLE | {"WarmThroughput": {"ReadUnitsPerSecond": 4}},
        "warm-is-lower-than-provisioned",
        id="warm throughput below the provisioned units is refused (T-039)",
    ),
    pytest.param(
        {"StreamSpecification": {"StreamEnabled": True}},
        "new-stream-needs-view-type",
        id="a stream without a view type is refused at creation (T-035)",
    ),
    pytest.param(
        {"StreamSpecification": {"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"}},
        "no-new-stream-takes-no-view-type",
        id="a view type without a stream is refused at creation (T-035)",
    ),
    pytest.param(
        {"SSESpecification": {"Enabled": True, "KMSMasterKeyId": "alias/aws/dynamodb"}},
        "key-needs-encryption-type",
        id="a KMS key without SSEType is refused (T-031)",
    ),
    pytest.param(
        {"SSESpecification": {"Enabled": False, "SSEType": "KMS"}},
        "no-encryption-takes-no-type",
        id="SSEType with Enabled=false is refused (T-036)",
    ),
    pytest.param(
        {"SSESpecification": {"Enabled": False, "KMSMasterKeyId": "k"}},
        "no-encryption-takes-no-key",
        id="a KMS key with Enabled=false is refused (T-036)",
    ),
    pytest.param(
        {"SSESpecification": {"SSEType": "AES256"}}, "aes256-is-not-supported", id="AES256 is refused (T-036)"
    ),
    pytest.param(
        {"SSESpecification": {"SSEType": "KMS", "KMSMasterKeyId": "alias/unknown"}},
        "kms-validation",
        id="an unknown KMS key fails the whole creation (T-020)",
    ),
    pytest.param(
        {"TableClass": "standard"}, "invalid-table-class", id="table classes are case-sensitive (T-040, T-442)"
    ),
    pytest.param(
        PROVISIONED_TABLE | {"ProvisionedThroughput": {"ReadCapacityUnits": 40_001, "WriteCapacityUnits": 1}},
        "capacity-above-table-maximum",
        id="more than 40000 read units are refused (T-170)",
    ),
    pytest.param({"Tags": [{"Key": "aws:x", "Value": "1"}]}, "tag-key-is-reserved", id="aws: tags are refused (T-105)"),
    pytest.param({"TableName": "no"}, "table-name-is-too-short", id="a name of two letters is refused (T-041)"),
    pytest.param({"TableName": "o/o/o"}, "shape", id="a name with a slash is refused (T-041)"),
    pytest.param({"BillingMode": "pay_per_request"}, "shape", id="enums are case-sensitive (T-040)"),
]


@pytest.mark.parametrize(("members", "name"), REFUSED)
def test_create_table_refuses(bench: Bench, members: dict[str, Any], name: str) -> None:
    request = {member: value for member, value in (PLAIN | members).items() if value is not None}
    refusal = bench.refused("CreateTable", **request)
    assert refusal.is_listed_as(name), refusal
    assert refusal.status == 400
    assert not bench.dynamodb.tables


ADMITTED = [
    pytest.param({"Tags": []}, id="an empty list of tags is fine (T-043)"),
    pytest.param(
        {"OnDemandThroughput": {}, "WarmThroughput": {}}, id="empty maxima and warm throughput count as absent"
    ),
    pytest.param({"OnDemandThroughput": {"MaxReadRequestUnits": 5}}, id="one on-demand maximum alone is fine (T-039)"),
    pytest.param({"SSESpecification": {}}, id="an empty SSESpecification means none (T-036)"),
    pytest.param(
        INDEXED | {"GlobalSecondaryIndexes": [index(NAME, "email")]},
        id="an index may be called like its table (T-129)",
    ),
    pytest.param(
        INDEXED
        | {
            "AttributeDefinitions": strings("id", "a", "b", "c"),
            "GlobalSecondaryIndexes": [index("wide", KeySchema=[*key("a"), *key("b", "c", "id")])],
        },
        id="an index key may have several HASH and RANGE attributes (T-123)",
    ),
]


@pytest.mark.parametrize("members", ADMITTED)
def test_create_table_admits(bench: Bench, members: dict[str, Any]) -> None:
    assert bench.create(PLAIN | members)["TableStatus"] == "ACTIVE"


def test_a_plain_table_is_creating_for_six_seconds(bench: Bench) -> None:
    assert bench.start()["TableStatus"] == "CREATING"
    bench.wait(5.9)
    assert bench.describe()["TableStatus"] == "CREATING"
    bench.wait(0.1)
    assert bench.describe()["TableStatus"] == "ACTIVE"


def test_a_table_with_indexes_takes_longer_and_all_become_active_together(bench: Bench) -> None:
    described = bench.start(INDEXED)
    assert described["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    bench.wait(16.2)
    assert bench.describe()["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    bench.wait(0.2)
    described = bench.describe()
    assert (described["TableStatus"], described["GlobalSecondaryIndexes"][0]["IndexStatus"]) == ("ACTIVE", "ACTIVE")
    assert "Backfilling" not in described["GlobalSecondaryIndexes"][0]


def test_warm_throughput_and_the_billing_timestamp_appear_with_active(bench: Bench) -> None:
    described = bench.start()
    assert "WarmThroughput" not in described
    assert described["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}
    bench.wait(6)
    described = bench.describe()
    assert described["WarmThroughput"] == {
        "ReadUnitsPerSecond": 12_000,
        "WriteUnitsPerSecond": 4_000,
        "Status": "ACTIVE",
    }
    assert "LastUpdateToPayPerRequestDateTime" in described["BillingModeSummary"]


def test_an_explicit_warm_throughput_shows_updating_until_active(bench: Bench) -> None:
    described = bench.start(WarmThroughput={"ReadUnitsPerSecond": 20_000, "WriteUnitsPerSecond": 4_000})
    assert described["WarmThroughput"]["Status"] == "UPDATING"
    bench.wait(6)
    assert bench.describe()["WarmThroughput"]["Status"] == "ACTIVE"


def test_what_is_not_asked_for_is_not_described(bench: Bench) -> None:
    described = bench.create(PROVISIONED_TABLE)
    absent = {"BillingModeSummary", "SSEDescription", "TableClassSummary", "StreamSpecification", "OnDemandThroughput"}
    assert not absent & set(described)
    assert described["DeletionProtectionEnabled"] is False


def test_definitions_and_projected_attributes_are_sorted(bench: Bench) -> None:
    by_email = index("by_email", Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["b", "a"]})
    described = bench.create(
        INDEXED | {"AttributeDefinitions": strings("id", "email"), "GlobalSecondaryIndexes": [by_email]}
    )
    assert [entry["AttributeName"] for entry in described["AttributeDefinitions"]] == ["email", "id"]
    assert described["GlobalSecondaryIndexes"][0]["Projection"]["NonKeyAttributes"] == ["a", "b"]


def test_encryption_is_enabled_from_the_start(bench: Bench) -> None:
    described = bench.start(SSESpecification={"SSEType": "KMS"})
    key_arn = bench.dynamodb.keys.usable("alias/aws/dynamodb").arn
    assert described["SSEDescription"] == {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key_arn}


@pytest.mark.parametrize(
    ("after", "name"),
    [
        pytest.param(0, "table-is-being-created", id="a repeated CreateTable while CREATING says so (T-005)"),
        pytest.param(60, "table-already-exists", id="a repeated CreateTable afterwards says it exists (T-010)"),
    ],
)
def test_there_is_no_client_token(bench: Bench, after: float, name: str) -> None:
    bench.start()
    bench.wait(after)
    assert bench.refused("CreateTable", **PLAIN).is_listed_as(name)


def test_an_invalid_key_schema_on_a_taken_name_is_a_validation_error(bench: Bench) -> None:
    bench.create()
    refusal = bench.refused("CreateTable", **PLAIN | {"AttributeDefinitions": strings("id", "other")})
    assert refusal.code == "ValidationException"


@pytest.mark.parametrize(
    ("operation", "params", "phases"),
    [
        pytest.param(
            "TagResource",
            {"ResourceArn": ARN, "Tags": [{"Key": "a", "Value": "1"}]},
            [(0, "resource-not-found"), (5.5, "table-is-being-created"), (6, None)],
            id="TagResource knows a new table late, and takes tags from ACTIVE on (T-101)",
        ),
        pytest.param(
            "ListTagsOfResource",
            {"ResourceArn": ARN},
            [(0, "resource-not-found"), (5.5, None)],
            id="ListTagsOfResource knows a new table a second before ACTIVE (T-101)",
        ),
        pytest.param(
            "UpdateTimeToLive",
            {"TableName": NAME, "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "ttl"}},
            [(0, "table-not-found"), (3, "table-is-being-created-ttl"), (6, None)],
            id="UpdateTimeToLive is first not found, then in use, then fine (T-115)",
        ),
        pytest.param(
            "DescribeTimeToLive",
            {"TableName": NAME},
            [(0, "ttl-while-creating"), (6, None)],
            id="DescribeTimeToLive is invalid while CREATING (T-115)",
        ),
        pytest.param(
            "DescribeContinuousBackups",
            {"TableName": NAME},
            [(0, "backups-table-not-found"), (3.2, None)],
            id="DescribeContinuousBackups finds no table for three seconds (T-111)",
        ),
        pytest.param(
            "UpdateContinuousBackups",
            {"TableName": NAME, "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
            [
                (0, "backups-table-not-found"),
                (4, "backups-are-being-enabled"),
                (8, "backups-are-being-enabled"),
                (9, None),
            ],
            id="point-in-time recovery becomes available seconds after ACTIVE (T-115, T-116)",
        ),
        pytest.param(
            "CreateBackup",
            {"TableName": NAME, "BackupName": "first"},
            [(0, "backups-table-not-found"), (4, "backups-are-being-enabled"), (9, None)],
            id="backups become available seconds after ACTIVE (B-002)",
        ),
        pytest.param(
            "UpdateContributorInsights",
            {"TableName": NAME, "ContributorInsightsAction": "ENABLE"},
            [(0, "table-not-found"), (3, "insights-need-active-table"), (6, None)],
            id="insights need an ACTIVE table (T-115)",
        ),
        pytest.param(
            "EnableKinesisStreamingDestination",
            {"TableName": NAME, "StreamArn": STREAM},
            [(0, "table-not-found"), (6, None)],
            id="a Kinesis destination needs a table that is known (T-234)",
        ),
        pytest.param(
            "GetResourcePolicy",
            {"ResourceArn": ARN},
            [(0, "table-not-found"), (2.5, "policy-not-found")],
            id="policies are known two seconds after CreateTable (T-233)",
        ),
        pytest.param(
            "UpdateTable",
            {"TableName": NAME, "DeletionProtectionEnabled": True},
            [(0, "table-is-being-created"), (6, None)],
            id="UpdateTable is refused while CREATING (T-001)",
        ),
        pytest.param(
            "DeleteTable",
            {"TableName": NAME},
            [(0, "table-is-being-created"), (6, None)],
            id="DeleteTable is refused while CREATING (T-001)",
        ),
    ],
)
def test_while_creating(
    bench: Bench, operation: str, params: dict[str, Any], phases: list[tuple[float, str | None]]
) -> None:
    bench.start()
    elapsed = 0.0
    for moment, name in phases:
        bench.wait(moment - elapsed)
        elapsed = moment
        if name is None:
            bench.call(operation, **params)
        else:
            refusal = bench.refused(operation, **params)
            assert refusal.is_listed_as(name), (moment, refusal)


def test_tags_of_the_creation_appear_together_with_active(bench: Bench) -> None:
    bench.start(Tags=[{"Key": "a", "Value": "1"}])
    bench.wait(5.9)
    assert bench.call("ListTagsOfResource", ResourceArn=ARN)["Tags"] == []
    bench.wait(0.1)
    assert bench.call("ListTagsOfResource", ResourceArn=ARN)["Tags"] == [{"Key": "a", "Value": "1"}]


def test_continuous_backups_turn_enabled_by_themselves_after_active(bench: Bench) -> None:
    bench.start()
    bench.wait(6)
    assert _continuous_backups(bench) == "DISABLED"
    bench.wait(3.2)
    assert _continuous_backups(bench) == "ENABLED"


def _continuous_backups(bench: Bench) -> str:
    described = bench.call("DescribeContinuousBackups", TableName=NAME)["ContinuousBackupsDescription"]
    status: str = described["ContinuousBackupsStatus"]
    return status
