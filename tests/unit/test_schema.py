from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from table_provisioner.properties import dotted
from table_provisioner.schema import (
    MAX_TAGS,
    BillingMode,
    GlobalSecondaryIndex,
    KeyAttribute,
    TableSchema,
    TimeToLiveSpecification,
    native_name,
)
from tests.unit.declarations import (
    ON_DEMAND,
    PROVISIONED,
    UNITS,
    Members,
    attribute,
    declared,
    imported,
    index,
    local,
    schema,
    string,
    vectors,
)

SORTED: Members = {"SortKey": attribute("at")}


def faults(members: Members) -> dict[str, str]:
    """What pydantic finds wrong with a declared table, by path."""
    try:
        TableSchema.model_validate(members, by_name=False, by_alias=True)
    except ValidationError as error:
        return {dotted(details["loc"]): details["msg"] for details in error.errors()}
    return {}


def warm(reads: int | None = None, writes: int | None = None) -> Members:
    units = {"ReadUnitsPerSecond": reads, "WriteUnitsPerSecond": writes}
    return {"WarmThroughput": {name: value for name, value in units.items() if value is not None}}


def maxima(reads: int, writes: int = -1) -> Members:
    return {"OnDemandThroughput": {"MaxReadRequestUnits": reads, "MaxWriteRequestUnits": writes}}


def units(reads: object, writes: object = 5) -> Members:
    return {
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": {"ReadCapacityUnits": reads, "WriteCapacityUnits": writes},
    }


def projected(kind: str | None, *names: str) -> Members:
    projection = {"ProjectionType": kind, "NonKeyAttributes": list(names)}
    return indexed(index(Projection={name: value for name, value in projection.items() if value}))


def indexed(*indexes: Members) -> Members:
    return {"GlobalSecondaryIndexes": list(indexes)}


def localized(*indexes: Members, **members: Any) -> Members:  # noqa: ANN401 -- members of any type
    return SORTED | {"LocalSecondaryIndexes": list(indexes)} | members


def tagged(*tags: tuple[str, str]) -> Members:
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags]}


def streaming(members: Members) -> Members:
    return {"StreamSpecification": {"StreamViewType": "KEYS_ONLY", **members}}


def encrypted(*, enabled: object = True, **members: str) -> Members:
    return {"SSESpecification": {"SSEEnabled": enabled, **members}}


def recovering(*, enabled: object = True, days: object = None) -> Members:
    specification = {"PointInTimeRecoveryEnabled": enabled, "RecoveryPeriodInDays": days}
    members = {name: value for name, value in specification.items() if value is not None}
    return {"PointInTimeRecoverySpecification": members}


def expiring(**members: object) -> Members:
    return {"TimeToLiveSpecification": members}


def insights(**members: object) -> Members:
    return {"ContributorInsightsSpecification": members}


def precise(precision: str) -> Members:
    return {"KinesisStreamSpecification": {"StreamArn": STREAM, "ApproximateCreationDateTimePrecision": precision}}


def governed(document: Members) -> Members:
    return {"ResourcePolicy": {"PolicyDocument": document}}


STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"
FIRST = "GlobalSecondaryIndexes[0]"
RULES = [
    pytest.param({"TableName": "abc"}, {"TableName": "ab"}, "TableName", id="a table name has at least 3 characters"),
    pytest.param(
        {"TableName": "x" * 255}, {"TableName": "x" * 256}, "TableName", id="a table name has at most 255 characters"
    ),
    pytest.param({"TableName": "a_B-1.c"}, {"TableName": "a/b"}, "TableName", id="a table name has no slash"),
    pytest.param({"TableName": "orders"}, {"TableName": "orders\n"}, "TableName", id="a table name ends with its line"),
    pytest.param({"TableName": "123"}, {"TableName": 123}, "TableName", id="a table name is no number"),
    pytest.param(
        {"PartitionKey": attribute("x" * 255)},
        {"PartitionKey": attribute("x" * 256)},
        "PartitionKey.Name",
        id="an attribute name has at most 255 bytes",
    ),
    pytest.param(
        {"PartitionKey": attribute("é" * 127)},
        {"PartitionKey": attribute("é" * 128)},
        "PartitionKey.Name",
        id="an attribute name is measured in bytes, not in characters",
    ),
    pytest.param(
        {"PartitionKey": attribute(" ")},
        {"PartitionKey": attribute("")},
        "PartitionKey.Name",
        id="an attribute name is not empty",
    ),
    pytest.param(
        {"PartitionKey": attribute("id", "B")},
        {"PartitionKey": attribute("id", "BOOL")},
        "PartitionKey.Type",
        id="a key attribute is S, N or B",
    ),
    pytest.param(
        {"PartitionKey": attribute("id", "S")},
        {"PartitionKey": attribute("id", "s")},
        "PartitionKey.Type",
        id="types are written in capitals",
    ),
    pytest.param(
        {"SortKey": attribute("ID")},
        {"SortKey": attribute("id")},
        "SortKey.Name",
        id="an attribute is not both halves of the table's key (T-442)",
    ),
    pytest.param(
        indexed(index(PartitionKey=attribute("id"))),
        indexed(index(PartitionKey=attribute("id", "N"))),
        f"{FIRST}.PartitionKey[0].Type",
        id="an attribute has one type in all keys",
    ),
    pytest.param(
        indexed(index(SortKey=attribute("id"))),
        indexed(index(SortKey=attribute("id", "N"))),
        f"{FIRST}.SortKey[0].Type",
        id="an attribute has one type in sort keys, too",
    ),
    pytest.param(
        localized(local(sort="at")),
        localized(local(SortKey=attribute("at", "N"))),
        "LocalSecondaryIndexes[0].SortKey.Type",
        id="an attribute has one type in local indexes, too",
    ),
    pytest.param(
        indexed(index(), index("by-name")),
        indexed(index(), index()),
        "GlobalSecondaryIndexes[1].IndexName",
        id="two global indexes have two names (T-129)",
    ),
    pytest.param(
        localized(local(), **indexed(index("by-Size"))),
        localized(local(), **indexed(index("by-size"))),
        f"{FIRST}.IndexName",
        id="a global and a local index have two names (T-129)",
    ),
    pytest.param(
        indexed(index("abc")), indexed(index("ab")), f"{FIRST}.IndexName", id="an index name has at least 3 characters"
    ),
    pytest.param(
        indexed(*(index(f"index-{i}") for i in range(20))),
        indexed(*(index(f"index-{i}") for i in range(21))),
        "GlobalSecondaryIndexes",
        id="a table has at most 20 global indexes (T-169)",
    ),
    pytest.param(
        localized(*(local(f"index-{i}") for i in range(5))),
        localized(*(local(f"index-{i}") for i in range(6))),
        "LocalSecondaryIndexes",
        id="a table has at most 5 local indexes (T-129)",
    ),
    pytest.param(
        localized(local()),
        localized(local()) | {"SortKey": None},
        "SortKey",
        id="a table with local indexes has a sort key (T-129)",
    ),
    pytest.param(
        localized(local(PartitionKey=attribute("id"))),
        localized(local(PartitionKey=attribute("other"))),
        "LocalSecondaryIndexes[0].PartitionKey",
        id="a local index has the table's partition key (T-129)",
    ),
    pytest.param(
        localized(local()),
        localized({"IndexName": "by-size"}),
        "LocalSecondaryIndexes[0].SortKey",
        id="a local index has a sort key (T-129)",
    ),
    pytest.param(
        localized(local(sort="at")),
        localized(local(sort="id")),
        "LocalSecondaryIndexes[0].SortKey.Name",
        id="a local index is not sorted by the partition key (T-442)",
    ),
    pytest.param(
        indexed(index(PartitionKey=[attribute(name) for name in "abcd"])),
        indexed(index(PartitionKey=[attribute(name) for name in "abcde"])),
        f"{FIRST}.PartitionKey",
        id="an index has at most 4 partition key attributes (T-123)",
    ),
    pytest.param(
        indexed(index(SortKey=[attribute(name) for name in "abcd"])),
        indexed(index(SortKey=[attribute(name) for name in "abcde"])),
        f"{FIRST}.SortKey",
        id="an index has at most 4 sort key attributes (T-123)",
    ),
    pytest.param(
        indexed(index(SortKey=attribute("at"))),
        indexed(index(SortKey=attribute("email"))),
        f"{FIRST}.SortKey",
        id="an attribute is in an index key once (T-123)",
    ),
    pytest.param(
        indexed(index(PartitionKey=[attribute("a")])),
        indexed(index(PartitionKey=[])),
        f"{FIRST}.PartitionKey",
        id="an index has a partition key",
    ),
    pytest.param(
        projected("INCLUDE", "name"),
        projected("INCLUDE"),
        f"{FIRST}.Projection.NonKeyAttributes",
        id="INCLUDE names attributes (T-126)",
    ),
    pytest.param(
        projected("ALL"),
        projected("ALL", "name"),
        f"{FIRST}.Projection.NonKeyAttributes",
        id="ALL names no attributes (T-126)",
    ),
    pytest.param(
        projected("KEYS_ONLY"),
        projected("KEYS_ONLY", "name"),
        f"{FIRST}.Projection.NonKeyAttributes",
        id="KEYS_ONLY names no attributes (T-126)",
    ),
    pytest.param(
        projected("INCLUDE", "id", "email"),
        projected("INCLUDE", "name", "name"),
        f"{FIRST}.Projection.NonKeyAttributes",
        id="a projected attribute is named once, and may be of a key (T-126)",
    ),
    pytest.param(
        projected("INCLUDE", *(f"a{i}" for i in range(20))),
        projected("INCLUDE", *(f"a{i}" for i in range(21))),
        f"{FIRST}.Projection.NonKeyAttributes",
        id="an index projects at most 20 attributes by name (T-126)",
    ),
    pytest.param(
        projected("ALL"),
        projected(None, "name"),
        f"{FIRST}.Projection.ProjectionType",
        id="a projection has a type (T-126)",
    ),
    pytest.param(
        indexed(
            *(
                index(
                    f"index-{i}",
                    Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": [*"abcdefghijklmnopqrst"]},
                )
                for i in range(5)
            )
        ),
        indexed(
            *(
                index(
                    f"index-{i}",
                    Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": [*"abcdefghijklmnopqrst"]},
                )
                for i in range(5)
            ),
            index("index-5", Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]}),
        ),
        "GlobalSecondaryIndexes",
        id="all indexes together project at most 100 attributes by name",
    ),
    pytest.param(
        PROVISIONED,
        {"BillingMode": "PROVISIONED"},
        "ProvisionedThroughput",
        id="PROVISIONED needs capacity (T-024)",
    ),
    pytest.param(
        ON_DEMAND,
        ON_DEMAND | {"ProvisionedThroughput": UNITS},
        "ProvisionedThroughput",
        id="PAY_PER_REQUEST takes no capacity (T-038)",
    ),
    pytest.param(
        PROVISIONED | indexed(index(ProvisionedThroughput=UNITS)),
        PROVISIONED | indexed(index()),
        f"{FIRST}.ProvisionedThroughput",
        id="an index of a PROVISIONED table needs capacity (T-128)",
    ),
    pytest.param(
        {"ProvisionedThroughput": UNITS} | indexed(index(ProvisionedThroughput=UNITS)),
        indexed(index(ProvisionedThroughput=UNITS)),
        "ProvisionedThroughput",
        id="capacity of an index alone asks for capacity of the table",
    ),
    pytest.param(
        ON_DEMAND | indexed(index()),
        ON_DEMAND | indexed(index(ProvisionedThroughput=UNITS)),
        f"{FIRST}.ProvisionedThroughput",
        id="an index of a PAY_PER_REQUEST table takes no capacity (T-128)",
    ),
    pytest.param(units("1"), units("0"), "ProvisionedThroughput.ReadCapacityUnits", id="capacity is 1 or more"),
    pytest.param(units(5, 1), units(5, 1.5), "ProvisionedThroughput.WriteCapacityUnits", id="capacity is whole"),
    pytest.param(
        PROVISIONED,
        {"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 5}},
        "ProvisionedThroughput.WriteCapacityUnits",
        id="capacity is both reads and writes (T-024)",
    ),
    pytest.param(
        ON_DEMAND, {"BillingMode": "ON_DEMAND"}, "BillingMode", id="a billing mode is PAY_PER_REQUEST or PROVISIONED"
    ),
    pytest.param(
        ON_DEMAND | maxima(5),
        PROVISIONED | maxima(5),
        "OnDemandThroughput",
        id="PROVISIONED takes no on-demand maximum (T-038)",
    ),
    pytest.param(
        ON_DEMAND | indexed(index(**maxima(5))),
        PROVISIONED | indexed(index(ProvisionedThroughput=UNITS, **maxima(5))),
        f"{FIRST}.OnDemandThroughput",
        id="an index of a PROVISIONED table takes no on-demand maximum",
    ),
    pytest.param(
        maxima(1), maxima(0), "OnDemandThroughput.MaxReadRequestUnits", id="an on-demand maximum is not 0 (T-039)"
    ),
    pytest.param(
        maxima(-1, -1),
        maxima(-1, -2),
        "OnDemandThroughput.MaxWriteRequestUnits",
        id="no on-demand maximum is -1, and -2 is nothing (T-051)",
    ),
    pytest.param(warm(12_000), warm(), "WarmThroughput", id="warm throughput says something (T-456)"),
    pytest.param(
        ON_DEMAND | warm(12_000),
        ON_DEMAND | warm(11_999),
        "WarmThroughput.ReadUnitsPerSecond",
        id="warm reads of a PAY_PER_REQUEST table begin at 12000 (T-039)",
    ),
    pytest.param(
        ON_DEMAND | warm(None, 4_000),
        ON_DEMAND | warm(None, 3_999),
        "WarmThroughput.WriteUnitsPerSecond",
        id="warm writes of a PAY_PER_REQUEST table begin at 4000 (T-039)",
    ),
    pytest.param(
        ON_DEMAND | indexed(index(**warm(12_000))),
        ON_DEMAND | indexed(index(**warm(11_999))),
        f"{FIRST}.WarmThroughput.ReadUnitsPerSecond",
        id="warm reads of an index begin at 12000 (T-128)",
    ),
    pytest.param(
        units(5, 9) | warm(5),
        units(5, 9) | warm(4),
        "WarmThroughput.ReadUnitsPerSecond",
        id="warm reads are no less than read capacity (T-039)",
    ),
    pytest.param(
        units(5, 9) | warm(None, 9),
        units(5, 9) | warm(None, 8),
        "WarmThroughput.WriteUnitsPerSecond",
        id="warm writes are no less than write capacity (T-039)",
    ),
    pytest.param(
        PROVISIONED | indexed(index(ProvisionedThroughput=UNITS, **warm(5))),
        PROVISIONED | indexed(index(ProvisionedThroughput=UNITS, **warm(4))),
        f"{FIRST}.WarmThroughput.ReadUnitsPerSecond",
        id="warm reads of an index are no less than its capacity",
    ),
    pytest.param(warm(1), warm(0), "WarmThroughput.ReadUnitsPerSecond", id="warm throughput is 1 or more"),
    pytest.param(
        {"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}},
        {"StreamSpecification": {}},
        "StreamSpecification.StreamViewType",
        id="a stream has a view type (T-035)",
    ),
    pytest.param(
        {"StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"}},
        {"StreamSpecification": {"StreamViewType": "EVERYTHING"}},
        "StreamSpecification.StreamViewType",
        id="a stream's view type is one that exists",
    ),
    pytest.param(
        encrypted(SSEType="KMS", KMSMasterKeyId="alias/orders"),
        encrypted(KMSMasterKeyId="alias/orders"),
        "SSESpecification.SSEType",
        id="a KMS key goes with SSEType KMS (T-031)",
    ),
    pytest.param(
        encrypted(enabled=False),
        encrypted(enabled=False, SSEType="KMS"),
        "SSESpecification.SSEType",
        id="encryption that is off has no type (T-036)",
    ),
    pytest.param(
        encrypted(enabled="false"),
        encrypted(enabled="false", KMSMasterKeyId="alias/orders"),
        "SSESpecification.KMSMasterKeyId",
        id="encryption that is off has no key (T-036)",
    ),
    pytest.param(
        encrypted(SSEType="KMS"),
        encrypted(SSEType="AES256"),
        "SSESpecification.SSEType",
        id="AES256 is refused (T-036)",
    ),
    pytest.param(
        encrypted(SSEType="KMS", KMSMasterKeyId="k"),
        encrypted(SSEType="KMS", KMSMasterKeyId=""),
        "SSESpecification.KMSMasterKeyId",
        id="a KMS key is not empty",
    ),
    pytest.param(
        encrypted(enabled="True"), encrypted(enabled="yes"), "SSESpecification.SSEEnabled", id="yes is no boolean"
    ),
    pytest.param(
        {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
        {"TableClass": "STANDARD_IA"},
        "TableClass",
        id="a table class is one that exists (T-442)",
    ),
    pytest.param(
        {"DeletionProtectionEnabled": "true"},
        {"DeletionProtectionEnabled": 1},
        "DeletionProtectionEnabled",
        id="1 is no boolean",
    ),
    pytest.param(
        expiring(Enabled="true", AttributeName="ttl"),
        expiring(Enabled="true"),
        "TimeToLiveSpecification.AttributeName",
        id="time to live that is on names its attribute (T-146)",
    ),
    pytest.param(
        expiring(Enabled="false"),
        expiring(AttributeName="ttl"),
        "TimeToLiveSpecification.Enabled",
        id="time to live says whether it is on (T-146)",
    ),
    pytest.param(
        expiring(Enabled=True, AttributeName="x" * 255),
        expiring(Enabled=True, AttributeName="x" * 256),
        "TimeToLiveSpecification.AttributeName",
        id="the attribute of time to live has at most 255 bytes (T-146)",
    ),
    pytest.param(
        recovering(days=1),
        recovering(days=0),
        "PointInTimeRecoverySpecification.RecoveryPeriodInDays",
        id="backups are kept for at least a day (T-084)",
    ),
    pytest.param(
        recovering(days="35"),
        recovering(days="36"),
        "PointInTimeRecoverySpecification.RecoveryPeriodInDays",
        id="backups are kept for at most 35 days (T-084)",
    ),
    pytest.param(
        recovering(enabled="false"),
        recovering(enabled="false", days=7),
        "PointInTimeRecoverySpecification.RecoveryPeriodInDays",
        id="backups that are off are kept for no time (T-084)",
    ),
    pytest.param(
        tagged(("k" * 128, "")), tagged(("k" * 129, "")), "Tags[0].Key", id="a tag key has at most 128 characters"
    ),
    pytest.param(tagged(("k", "")), tagged(("", "")), "Tags[0].Key", id="a tag key is not empty (T-107)"),
    pytest.param(
        tagged(("k", "v" * 256)), tagged(("k", "v" * 257)), "Tags[0].Value", id="a tag value has at most 256 characters"
    ),
    pytest.param(
        tagged(("größe 1+-=._:/@", "")),
        tagged(("a&b", "")),
        "Tags[0].Key",
        id="a tag key has allowed characters (T-107)",
    ),
    pytest.param(
        tagged(("k", "größe 1+-=._:/@")),
        tagged(("k", "a*b")),
        "Tags[0].Value",
        id="a tag value has allowed characters (T-372)",
    ),
    pytest.param(tagged(("k", "")), {"Tags": [{"Key": "k"}]}, "Tags[0].Value", id="a tag has a value (T-107)"),
    pytest.param(tagged(("my-aws:x", "")), tagged(("Aws:x", "")), "Tags[0].Key", id="a tag is not AWS's (T-105)"),
    pytest.param(
        tagged(("table-provisioner", "")),
        tagged(("Table-Provisioner:x", "")),
        "Tags[0].Key",
        id="a tag is not this resource's",
    ),
    pytest.param(
        tagged(("k", "1"), ("K", "2")), tagged(("k", "1"), ("k", "2")), "Tags[1].Key", id="a tag stands once (T-107)"
    ),
    pytest.param(
        tagged(*((f"k{i}", "") for i in range(46))),
        tagged(*((f"k{i}", "") for i in range(47))),
        "Tags",
        id="users have 46 tags",
    ),
    pytest.param(
        tagged(*((f"k{i:02}", "v" * 205) for i in range(39)), ("k" * 80, "")),
        tagged(*((f"k{i:02}", "v" * 207) for i in range(39)), ("k" * 3, "")),
        "Tags",
        id="tags leave room for ours within 10240 bytes (T-109)",
    ),
    pytest.param(
        streaming(tagged(*((f"k{i}", "") for i in range(50)))),
        streaming(tagged(*((f"k{i}", "") for i in range(51)))),
        "StreamSpecification.Tags",
        id="a stream has 50 tags, for none is ours (T-108)",
    ),
    pytest.param(
        streaming(tagged(*((f"k{i:02}", "v" * 253) for i in range(40)))),
        streaming(tagged(*((f"k{i:02}", "v" * 253) for i in range(40)), ("k", ""))),
        "StreamSpecification.Tags",
        id="the tags of a stream take 10240 bytes (T-109)",
    ),
    pytest.param(
        streaming(tagged(("k", ""), ("K", ""))) | tagged(("k", "")),
        streaming(tagged(("k", ""), ("k", ""))) | tagged(("k", "")),
        "StreamSpecification.Tags[1].Key",
        id="a tag of a stream stands once (T-107)",
    ),
    pytest.param(
        streaming(tagged(("k", ""))),
        streaming(tagged(("table-provisioner:x", ""))),
        "StreamSpecification.Tags[0].Key",
        id="a tag of a stream is not this resource's",
    ),
    pytest.param(
        insights(Enabled=True, Mode="THROTTLED_KEYS"),
        insights(Enabled=False, Mode="THROTTLED_KEYS"),
        "ContributorInsightsSpecification.Mode",
        id="insights that are off have no mode",
    ),
    pytest.param(
        insights(Enabled="false"),
        insights(Mode="THROTTLED_KEYS"),
        "ContributorInsightsSpecification.Enabled",
        id="insights say whether they are on",
    ),
    pytest.param(
        indexed(index(**insights(Enabled=True))),
        indexed(index(**insights(Enabled=True, Mode="ALL"))),
        f"{FIRST}.ContributorInsightsSpecification.Mode",
        id="a mode of insights is one that exists (T-092)",
    ),
    pytest.param(
        {"KinesisStreamSpecification": {"StreamArn": STREAM}},
        {"KinesisStreamSpecification": {"StreamArn": "changes"}},
        "KinesisStreamSpecification.StreamArn",
        id="a Kinesis stream is given by its ARN",
    ),
    pytest.param(
        {"KinesisStreamSpecification": {"StreamArn": STREAM.replace("arn:aws", "arn:aws-us-gov")}},
        {"KinesisStreamSpecification": {"StreamArn": STREAM.replace("kinesis", "dynamodb")}},
        "KinesisStreamSpecification.StreamArn",
        id="a Kinesis stream is no other stream, in any partition",
    ),
    pytest.param(
        precise("MICROSECOND"),
        precise("SECOND"),
        "KinesisStreamSpecification.ApproximateCreationDateTimePrecision",
        id="a precision is one that exists (T-300)",
    ),
    pytest.param(
        governed({"Statement": []}),
        governed({"Version": "2012-10-17"}),
        "ResourcePolicy.PolicyDocument.Statement",
        id="a policy has statements (T-211)",
    ),
    pytest.param(
        governed({"Statement": "x" * 20_464}),
        governed({"Statement": "x" * 20_465}),
        "ResourcePolicy.PolicyDocument",
        id="a policy has at most 20480 bytes (T-211)",
    ),
    pytest.param(
        governed({"Statement": []}),
        {"ResourcePolicy": {"PolicyDocument": "{}"}},
        "ResourcePolicy.PolicyDocument",
        id="a policy is a document, not its text",
    ),
    pytest.param(
        {"StreamSpecification": {"StreamViewType": "KEYS_ONLY", **governed({"Statement": []})}},
        {"StreamSpecification": {"StreamViewType": "KEYS_ONLY", **governed({})}},
        "StreamSpecification.ResourcePolicy.PolicyDocument.Statement",
        id="the policy of a stream obeys the same rules",
    ),
    pytest.param(
        {"VectorIndexes": [vectors(f"by-{i}") for i in range(5)]},
        {"VectorIndexes": [vectors(f"by-{i}") for i in range(6)]},
        "VectorIndexes",
        id="a table has at most five vector indexes",
    ),
    pytest.param(
        {"VectorIndexes": [vectors(Dimensions=4_096)]},
        {"VectorIndexes": [vectors(Dimensions=4_097)]},
        "VectorIndexes[0].Dimensions",
        id="vectors have at most 4096 dimensions",
    ),
    pytest.param(
        {"VectorIndexes": [vectors(Dimensions=1)]},
        {"VectorIndexes": [vectors(Dimensions=0)]},
        "VectorIndexes[0].Dimensions",
        id="vectors have a dimension",
    ),
    pytest.param(
        {"VectorIndexes": [vectors(InlineFilters=[attribute(f"a{i}") for i in range(18)])]},
        {"VectorIndexes": [vectors(InlineFilters=[attribute(f"a{i}") for i in range(19)])]},
        "VectorIndexes[0].InlineFilters",
        id="a vector index has at most 18 filters",
    ),
    pytest.param(
        {"VectorIndexes": [vectors(PartitionKey=attribute("a"), InlineFilters=[attribute("b")])]},
        {"VectorIndexes": [vectors(PartitionKey=attribute("a"), InlineFilters=[attribute("a")])]},
        "VectorIndexes[0].InlineFilters[0].Name",
        id="an attribute has one role in a search schema",
    ),
    pytest.param(
        {"VectorIndexes": [vectors("one"), vectors("two")]},
        {"VectorIndexes": [vectors("one"), vectors("two", Dimensions=3)]},
        "VectorIndexes[1].Dimensions",
        id="the vectors of one attribute have one number of dimensions",
    ),
    pytest.param(
        {"VectorIndexes": [vectors(of="embedding")]},
        {"VectorIndexes": [vectors(of="id")]},
        "VectorIndexes[0].VectorAttribute.AttributeName",
        id="a key is no vector",
    ),
    pytest.param(
        {"VectorIndexes": [vectors(InlineFilters=[attribute("id")])]},
        {"VectorIndexes": [vectors(InlineFilters=[attribute("id", "N")])]},
        "VectorIndexes[0].InlineFilters[0].Type",
        id="a filter has the type that it has elsewhere",
    ),
    pytest.param(
        indexed(index()) | {"VectorIndexes": [vectors("by-look")]},
        indexed(index()) | {"VectorIndexes": [vectors("by-email")]},
        "VectorIndexes[0].IndexName",
        id="indexes of all kinds have names of their own",
    ),
    pytest.param(
        {"VectorIndexes": [vectors()], "BillingMode": "PAY_PER_REQUEST"},
        {"VectorIndexes": [vectors()], **PROVISIONED},
        "VectorIndexes",
        id="vector indexes are for on-demand tables",
    ),
    pytest.param(
        imported(InputFormatOptions={"Csv": {"Delimiter": "\t", "HeaderList": ["id"]}}),
        imported(InputFormatOptions={"Csv": {"Delimiter": "/"}}),
        "ImportSourceSpecification.InputFormatOptions.Csv.Delimiter",
        id="a delimiter is one that exists",
    ),
    pytest.param(
        imported(InputFormatOptions={"Csv": {"HeaderList": ["id"] * 255}}),
        imported(InputFormatOptions={"Csv": {"HeaderList": ["id"] * 256}}),
        "ImportSourceSpecification.InputFormatOptions.Csv.HeaderList",
        id="a header has at most 255 columns",
    ),
    pytest.param(
        imported(InputCompressionType="ZSTD"),
        imported(InputCompressionType="BZIP2"),
        "ImportSourceSpecification.InputCompressionType",
        id="a compression is one that exists",
    ),
    pytest.param(
        imported(S3BucketSource={"S3Bucket": "lake", "S3BucketOwner": "123456789012"}),
        imported(S3BucketSource={"S3Bucket": "lake", "S3BucketOwner": "12345678901"}),
        "ImportSourceSpecification.S3BucketSource.S3BucketOwner",
        id="an owner is an account",
    ),
    pytest.param(
        imported("p" * 1024),
        imported("p" * 1025),
        "ImportSourceSpecification.S3BucketSource.S3KeyPrefix",
        id="a prefix has 1024 characters",
    ),
    pytest.param(
        imported() | {"SortKey": attribute("at")},
        imported() | localized(local()),
        "LocalSecondaryIndexes",
        id="an import builds no local indexes",
    ),
    pytest.param({}, {"Replicas": []}, "Replicas", id="an unknown property is refused"),
    pytest.param({}, {"PartitionKey": None}, "PartitionKey", id="a table has a key"),
    pytest.param(
        {}, {"table_class": "STANDARD"}, "table_class", id="a template spells properties as CloudFormation does"
    ),
]


@pytest.mark.parametrize(("valid", "invalid", "path"), RULES)
def test_the_rule_admits_its_neighbour_and_names_the_place_where_it_is_broken(
    valid: Members, invalid: Members, path: str
) -> None:
    assert faults(declared(**valid)) == {}
    assert [*faults(declared(**invalid))] == [path]


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"Tags": []}, id="an empty list of tags (T-043)"),
        pytest.param(streaming({"Tags": []}), id="an empty list of tags of the stream"),
        pytest.param(indexed(), id="an empty list of indexes"),
        pytest.param({"OnDemandThroughput": {}}, id="empty maxima, which mean none (T-039)"),
        pytest.param(encrypted(enabled=True), id="encryption without a type"),
        pytest.param(indexed(index("orders", partition="id")), id="an index named and keyed like the table (T-129)"),
        pytest.param(expiring(Enabled=True, AttributeName="id"), id="time to live by a key attribute (T-146)"),
        pytest.param(
            expiring(Enabled=False, AttributeName="ttl"), id="time to live that is off and names an attribute"
        ),
        pytest.param({"PointInTimeRecoverySpecification": {}}, id="an empty recovery specification, which is off"),
        pytest.param(recovering(enabled=True), id="recovery without a period"),
        pytest.param(warm(1, 1), id="little warm throughput where the billing mode is not declared"),
        pytest.param(
            indexed(index(PartitionKey=[attribute(n) for n in "abcd"], SortKey=[attribute(n) for n in "efgh"])),
            id="an index with eight key attributes (T-123)",
        ),
    ],
)
def test_what_looks_wrong_and_is_not_is_accepted(members: Members) -> None:
    assert faults(declared(**members)) == {}


def test_all_faults_of_a_table_come_in_one_error() -> None:
    members = declared(
        **tagged(("k", ""), ("k", "")),
        **indexed(index(), index(PartitionKey=attribute("email", "N"))),
        **PROVISIONED,
        **warm(1),
        LocalSecondaryIndexes=[local()],
    )
    assert [*faults(members)] == [
        "GlobalSecondaryIndexes[1].PartitionKey[0].Type",
        "GlobalSecondaryIndexes[1].IndexName",
        "SortKey",
        "GlobalSecondaryIndexes[0].ProvisionedThroughput",
        "GlobalSecondaryIndexes[1].ProvisionedThroughput",
        "WarmThroughput.ReadUnitsPerSecond",
        "Tags[1].Key",
    ]


@pytest.mark.parametrize(
    ("invalid", "path", "text"),
    [
        pytest.param(
            {"SortKey": attribute("id")},
            "SortKey.Name",
            "'id' is the partition key, too. Use another attribute.",
            id="a broken rule names what is wrong and what to do",
        ),
        pytest.param(
            indexed(index(PartitionKey=attribute("id", "N"))),
            f"{FIRST}.PartitionKey[0].Type",
            "'id' is N here and S elsewhere. Give the attribute one type.",
            id="a contradiction names both sides",
        ),
        pytest.param(
            tagged(*((f"k{i}", "") for i in range(47))),
            "Tags",
            f"has 47 tags. Declare {MAX_TAGS} at most: DynamoDB allows 50, and four say whose the table is.",
            id="a limit that is ours is explained",
        ),
        pytest.param(
            streaming(tagged(*((f"k{i}", "") for i in range(51)))),
            "StreamSpecification.Tags",
            "has 51 tags. Declare 50 at most.",
            id="one that is DynamoDB's is named",
        ),
        pytest.param(
            tagged(("AWS:x", "")),
            "Tags[0].Key",
            "'AWS:x' begins with 'aws:', which is kept for AWS. Rename the tag.",
            id="a reserved prefix names whose it is",
        ),
        pytest.param(
            PROVISIONED | warm(4),
            "WarmThroughput.ReadUnitsPerSecond",
            "4 is less than the 5 that the billing mode gives. Write 5 or more, or remove it.",
            id="a minimum is told",
        ),
    ],
)
def test_a_fault_is_explained(invalid: Members, path: str, text: str) -> None:
    assert faults(declared(**invalid))[path] == text


@pytest.mark.parametrize(
    ("members", "declared_mode", "initial_mode"),
    [
        pytest.param({}, None, BillingMode.PAY_PER_REQUEST, id="nothing said: on demand at creation, nothing later"),
        pytest.param(
            {"ProvisionedThroughput": UNITS},
            BillingMode.PROVISIONED,
            BillingMode.PROVISIONED,
            id="capacity of the table asks for PROVISIONED",
        ),
        pytest.param(PROVISIONED, BillingMode.PROVISIONED, BillingMode.PROVISIONED, id="what is declared counts"),
        pytest.param(ON_DEMAND, BillingMode.PAY_PER_REQUEST, BillingMode.PAY_PER_REQUEST, id="PAY_PER_REQUEST, too"),
    ],
)
def test_the_billing_mode_follows_the_declaration(
    members: Members, declared_mode: BillingMode | None, initial_mode: BillingMode
) -> None:
    assert schema(**members).declared_billing_mode == declared_mode
    assert schema(**members).initial_billing_mode == initial_mode


def test_each_key_attribute_is_defined_once_in_order_of_use() -> None:
    table = schema(**localized(local()), **indexed(index(SortKey=attribute("at")), index("by-id", partition="id")))
    assert [*table.attribute_definitions] == ["id", "at", "size", "email"]
    assert [str(kind) for kind in table.attribute_definitions.values()] == ["S", "S", "S", "S"]


def test_tags_are_known_by_key() -> None:
    assert schema(**tagged(("a", "1"), ("b", ""))).tag_values == {"a": "1", "b": ""}
    assert schema().tag_values == {}
    stream = schema(**streaming(tagged(("a", "1"), ("b", "")))).stream_specification
    assert stream is not None
    assert stream.tag_values == {"a": "1", "b": ""}


def test_strings_become_what_the_schema_says_and_nothing_else() -> None:
    table = schema(
        TableName="123",
        PartitionKey=attribute("42", "N"),
        DeletionProtectionEnabled="TRUE",
        **units("5", "6"),
    )
    assert table.table_name == "123"
    assert table.partition_key.name == "42"
    assert table.deletion_protection_enabled is True
    assert table.provisioned_throughput
    assert table.provisioned_throughput.read_capacity_units == 5


def test_a_program_may_name_one_attribute_instead_of_a_list() -> None:
    single = GlobalSecondaryIndex.model_validate({"index_name": "by-id", "partition_key": string("id")})
    assert single.partition_key == (string("id"),)
    assert single.key_attributes == (string("id"),)


def test_a_schema_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        KeyAttribute(name="id", type="S").name = "other"  # type: ignore[misc, arg-type]  # it is what must not work


def test_faults_of_python_arguments_are_found_as_well() -> None:
    with pytest.raises(ValidationError, match="AttributeName"):
        TimeToLiveSpecification(enabled=True)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        pytest.param("table_name", "TableName", id="words are put together"),
        pytest.param("sse_specification", "SSESpecification", id="SSE stays in capitals"),
        pytest.param("kms_master_key_id", "KMSMasterKeyId", id="KMS stays in capitals"),
        pytest.param("sse_type", "SSEType", id="SSE stays in capitals in front of Type"),
    ],
)
def test_native_name(field: str, name: str) -> None:
    assert native_name(field) == name


def test_equal_policies_have_one_hash() -> None:
    one = schema(**governed({"Version": "2012-10-17", "Statement": []}))
    other = schema(**governed({"Statement": [], "Version": "2012-10-17"}))
    assert one == other
    assert hash(one.resource_policy) == hash(other.resource_policy)


def test_what_is_not_said_of_insights_and_kinesis_has_a_default() -> None:
    table = schema(**insights(Enabled=True), KinesisStreamSpecification={"StreamArn": STREAM})
    assert table.contributor_insights_specification
    assert table.contributor_insights_specification.effective_mode == "ACCESSED_AND_THROTTLED_KEYS"
    assert table.kinesis_stream_specification
    assert table.kinesis_stream_specification.precision == "MILLISECOND"
    off = schema(**insights(Enabled=False)).contributor_insights_specification
    assert off
    assert off.effective_mode is None
