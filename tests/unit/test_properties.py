from __future__ import annotations

import json
import sys
from itertools import count
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from table_provisioner.errors import InvalidRequestError
from table_provisioner.options import CapacityManagement, ExistingTable, OnDelete, ProvisioningOptions
from table_provisioner.presets import Preset
from table_provisioner.properties import (
    ResourceProperties,
    dotted,
    read_leniently,
    read_on_delete,
    read_options_leniently,
    read_properties,
    read_table_name,
)
from table_provisioner.schema import BillingMode, Location, TableSchema
from tests.unit.declarations import (
    PROVISIONED,
    UNITS,
    Members,
    attribute,
    declared,
    index,
    local,
    schema,
    vectors,
)
from tests.unit.templates import definitions, key_schema, native, native_index

GENERATED: Final = "shop-Orders-ABC"


def searched(**roles: str) -> list[Members]:
    """A search schema in the native form."""
    return [{"AttributeName": name, "SearchSchemaElementType": role} for name, role in roles.items()]


def read(properties: Members) -> ResourceProperties:
    return read_properties(properties, lambda _: GENERATED)


def faults(properties: Members) -> list[str]:
    """Every fault of the properties, one a line."""
    try:
        read(properties)
    except InvalidRequestError as error:
        return [str(fault) for fault in error.faults]
    return []


def paths(properties: Members) -> list[str]:
    return [line.partition(": ")[0] for line in faults(properties)]


NATIVE_INDEXED: Final = native(
    AttributeDefinitions=definitions(id="S", at="N", email="S", size="N"),
    KeySchema=key_schema("id", "at"),
    GlobalSecondaryIndexes=[native_index("by-email", "email", "at")],
    LocalSecondaryIndexes=[native_index("by-size", "id", "size")],
)


UNTEXTUAL: Final[dict[Any, Any]] = {1: "", **declared()}


@pytest.mark.parametrize(
    ("properties", "same"),
    [
        pytest.param(native(), declared(), id="a table with a partition key"),
        pytest.param(
            native(AttributeDefinitions=definitions(at="N", id="B"), KeySchema=key_schema("id", "at")),
            declared(PartitionKey=attribute("id", "B"), SortKey=attribute("at", "N")),
            id="a sort key, defined in any order",
        ),
        pytest.param(
            NATIVE_INDEXED,
            declared(
                SortKey=attribute("at", "N"),
                GlobalSecondaryIndexes=[index(SortKey=attribute("at", "N"))],
                LocalSecondaryIndexes=[
                    {"IndexName": "by-size", "PartitionKey": attribute("id"), "SortKey": attribute("size", "N")}
                ],
            ),
            id="both kinds of indexes",
        ),
        pytest.param(
            native(
                AttributeDefinitions=definitions(id="S", a="S", b="S", c="S", d="S"),
                GlobalSecondaryIndexes=[native_index("wide", "a", "b", "c", "d", hashes=2)],
            ),
            declared(
                GlobalSecondaryIndexes=[
                    {
                        "IndexName": "wide",
                        "PartitionKey": [attribute("a"), attribute("b")],
                        "SortKey": [attribute("c"), attribute("d")],
                    }
                ],
            ),
            id="an index key of several attributes",
        ),
        pytest.param(
            native(AttributeDefinitions=definitions(id="S", email="S"), GlobalSecondaryIndexes=[index()]),
            declared(GlobalSecondaryIndexes=[index()]),
            id="an index in the compact form beside a native table key",
        ),
        pytest.param(
            declared(
                AttributeDefinitions=definitions(email="S"),
                GlobalSecondaryIndexes=[native_index("by-email", "email")],
            ),
            declared(GlobalSecondaryIndexes=[index()]),
            id="a native index beside a compact table key",
        ),
        pytest.param(
            declared(TimeToLiveAttribute="ttl"),
            declared(TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": True}),
            id="the short form of time to live",
        ),
        pytest.param(
            declared(ServiceToken="arn:aws:lambda:…", ServiceTimeout="900"),
            declared(),
            id="ServiceToken and ServiceTimeout are not the table's",
        ),
        pytest.param(
            declared(AttributeDefinitions=definitions(id="S")),
            declared(),
            id="a definition that says what the key says",
        ),
        pytest.param(
            native(
                BillingMode="PROVISIONED",
                ProvisionedThroughput={"ReadCapacityUnits": "5", "WriteCapacityUnits": "6"},
                WarmThroughput={"ReadUnitsPerSecond": "5"},
                StreamSpecification={"StreamViewType": "KEYS_ONLY"},
                SSESpecification={"SSEEnabled": "true", "SSEType": "KMS", "KMSMasterKeyId": "alias/orders"},
                TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": "true"},
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": "true", "RecoveryPeriodInDays": "7"},
                Tags=[{"Key": "team", "Value": "1"}],
                TableClass="STANDARD_INFREQUENT_ACCESS",
                DeletionProtectionEnabled="false",
            ),
            declared(
                BillingMode="PROVISIONED",
                ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
                WarmThroughput={"ReadUnitsPerSecond": 5},
                StreamSpecification={"StreamViewType": "KEYS_ONLY"},
                SSESpecification={"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/orders"},
                TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": True},
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
                Tags=[{"Key": "team", "Value": "1"}],
                TableClass="STANDARD_INFREQUENT_ACCESS",
                DeletionProtectionEnabled=False,
            ),
            id="every setting, all its scalars as strings",
        ),
        pytest.param(
            native(
                AttributeDefinitions=definitions(id="S", kind="S", at="N"),
                VectorIndexes=[
                    vectors(
                        Dimensions="256",
                        Projection={"ProjectionType": "ALL"},
                        SearchSchema=searched(at="INLINE_FILTER", kind="HASH", id="INLINE_FILTER"),
                    )
                ],
            ),
            declared(
                VectorIndexes=[
                    vectors(PartitionKey=attribute("kind"), InlineFilters=[attribute("at", "N"), attribute("id")])
                ]
            ),
            id="a vector index",
        ),
    ],
)
def test_a_template_and_the_schema_mean_the_same(properties: Members, same: Members) -> None:
    assert read(properties).schema == TableSchema.model_validate(same, by_name=False, by_alias=True)


def test_numbers_that_are_names_stay_names() -> None:
    table = read(
        native(
            TableName="123",
            AttributeDefinitions=definitions(**{"42": "N", "true": "S"}),
            KeySchema=key_schema("42", "true"),
            Tags=[{"Key": "1", "Value": "true"}],
            StreamSpecification={"StreamViewType": "KEYS_ONLY", "Tags": [{"Key": "2", "Value": "false"}]},
            TimeToLiveSpecification={"AttributeName": "7", "Enabled": "true"},
        )
    ).schema
    assert table.table_name == "123"
    assert [*table.attribute_definitions] == ["42", "true"]
    assert table.tag_values == {"1": "true"}
    assert table.stream_specification
    assert table.stream_specification.tag_values == {"2": "false"}
    assert table.time_to_live_specification
    assert table.time_to_live_specification.attribute_name == "7"


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        pytest.param({"TableName": "orders"}, "orders", id="the declared name"),
        pytest.param({"TableName": None}, GENERATED, id="a generated name where none is declared"),
    ],
)
def test_the_name_of_the_table(given_name: Members, name: str) -> None:
    assert read(declared(**given_name)).schema.table_name == name


def test_options_are_no_part_of_the_schema() -> None:
    given_options = {
        "ExistingTable": "Fail",
        "OnDelete": "Snapshot",
        "WaitForIndexes": "false",
        "AllowIndexRecreation": "true",
        "CapacityManagement": "InitialOnly",
    }
    assert read(declared(**given_options)) == ResourceProperties(
        schema(),
        ProvisioningOptions(
            existing_table=ExistingTable.FAIL,
            on_delete=OnDelete.SNAPSHOT,
            wait_for_indexes=False,
            allow_index_recreation=True,
            capacity_management=CapacityManagement.INITIAL_ONLY,
        ),
    )


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        pytest.param(
            native(AttributeDefinitions=definitions(id="S", other="S")),
            [
                (
                    "AttributeDefinitions[1].AttributeName: 'other' is in no key."
                    " Remove it: only key attributes are defined."
                )
            ],
            id="a definition that no key uses (T-042)",
        ),
        pytest.param(
            native(AttributeDefinitions=definitions(ID="S")),
            [
                "KeySchema[0].AttributeName: 'id' has no type. Add it to AttributeDefinitions.",
                "AttributeDefinitions[0].AttributeName: 'ID' is in no key. Remove it: only key attributes are defined.",
            ],
            id="a definition in another case (T-042)",
        ),
        pytest.param(
            native(AttributeDefinitions=None),
            ["KeySchema[0].AttributeName: 'id' has no type. Add it to AttributeDefinitions."],
            id="no definitions at all (T-042)",
        ),
        pytest.param(
            native(AttributeDefinitions=[*definitions(id="S"), *definitions(id="S")]),
            ["AttributeDefinitions[1].AttributeName: 'id' is defined already. Define each attribute once."],
            id="a definition twice (T-042)",
        ),
        pytest.param(
            native(KeySchema=[{"AttributeName": "id", "KeyType": "RANGE"}]),
            ["KeySchema: has no HASH element. Add the attribute with KeyType HASH."],
            id="a RANGE alone (T-124)",
        ),
        pytest.param(
            native(KeySchema=[]),
            [
                "KeySchema: has no HASH element. Add the attribute with KeyType HASH.",
                "AttributeDefinitions[0].AttributeName: 'id' is in no key. Remove it: only key attributes are defined.",
            ],
            id="an empty key",
        ),
        pytest.param(
            native(AttributeDefinitions=definitions(id="S", at="S"), KeySchema=[*reversed(key_schema("id", "at"))]),
            ["KeySchema[1].KeyType: is HASH after a RANGE. Put the HASH elements first."],
            id="RANGE before HASH (T-124)",
        ),
        pytest.param(
            native(AttributeDefinitions=definitions(id="S", at="S"), KeySchema=key_schema("id", "at", hashes=2)),
            ["KeySchema: has 2 HASH elements. One is allowed here."],
            id="two HASH in the table's key (T-124)",
        ),
        pytest.param(
            native(AttributeDefinitions=definitions(id="S", a="S", b="S"), KeySchema=key_schema("id", "a", "b")),
            ["KeySchema: has 2 RANGE elements. One is allowed here."],
            id="two RANGE in the table's key (T-042)",
        ),
        pytest.param(
            native(KeySchema=key_schema("id", "id")),
            ["KeySchema[1].AttributeName: 'id' is the partition key, too. Use another attribute."],
            id="one attribute twice in the table's key, shown where the template has it (T-442)",
        ),
        pytest.param(
            native(
                AttributeDefinitions=definitions(id="S", email="S"),
                GlobalSecondaryIndexes=[native_index("by-email", "email", "email")],
            ),
            [
                "GlobalSecondaryIndexes[0].KeySchema: 'email' is in the key more than once. Use each attribute once.",
            ],
            id="one attribute twice in an index key (T-123)",
        ),
        pytest.param(
            native(
                AttributeDefinitions=definitions(id="S", size="S"),
                LocalSecondaryIndexes=[native_index("by-size", "id", "size")],
            ),
            [
                (
                    "KeySchema: a sort key is required with LocalSecondaryIndexes. Add one to the table: SortKey, or an"
                    " element with KeyType RANGE in KeySchema."
                )
            ],
            id="a local index without a sort key of the table (T-129)",
        ),
        pytest.param(
            native(
                AttributeDefinitions=definitions(id="S", at="S"),
                KeySchema=key_schema("id", "at"),
                LocalSecondaryIndexes=[native_index("by-size", "id")],
            ),
            ["LocalSecondaryIndexes[0].KeySchema: has no RANGE element. Add the attribute with KeyType RANGE."],
            id="a local index without a sort key (T-129)",
        ),
        pytest.param(
            native(AttributeDefinitions=definitions(id="string")),
            ["AttributeDefinitions[0].AttributeType: 'string' is not allowed. Use 'S', 'N' or 'B'."],
            id="a type that does not exist, reported once",
        ),
        pytest.param(
            native(KeySchema=[{"AttributeName": "id", "KeyType": "PARTITION"}]),
            ["KeySchema[0].KeyType: 'PARTITION' is not allowed. Use 'HASH' or 'RANGE'."],
            id="a key type that does not exist, reported once",
        ),
        pytest.param(
            native(KeySchema=[{"AttributeNam": "id", "KeyType": "HASH"}]),
            [
                "KeySchema[0].AttributeName: is missing. Add it.",
                "KeySchema[0].AttributeNam: is not a property that exists here. Did you mean AttributeName?",
            ],
            id="a misspelled name in a key does not make its definition unused",
        ),
        pytest.param(
            native(PartitionKey=attribute("id"), SortKey=attribute("at")),
            [
                "PartitionKey: is given beside KeySchema. Use one form for the key of the table.",
                "SortKey: is given beside KeySchema. Use one form for the key of the table.",
            ],
            id="both forms for the table's key",
        ),
        pytest.param(
            native(
                AttributeDefinitions=definitions(id="S", email="S"),
                GlobalSecondaryIndexes=[native_index("by-email", "email", SortKey=attribute("at"))],
            ),
            ["GlobalSecondaryIndexes[0].SortKey: is given beside KeySchema. Use one form for the key of the index."],
            id="both forms for an index key",
        ),
        pytest.param(
            declared(AttributeDefinitions=definitions(id="N")),
            [
                (
                    "AttributeDefinitions[0].AttributeType: defines 'id' as N, its key as 'S'."
                    " Remove the definition: the key says it all."
                )
            ],
            id="a definition that contradicts a compact key",
        ),
        pytest.param(
            declared(TimeToLiveAttribute="ttl", TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": "true"}),
            ["TimeToLiveAttribute: is given beside TimeToLiveSpecification. Use one of the two."],
            id="both forms of time to live",
        ),
        pytest.param(
            declared(TimeToLiveAttribute=""),
            ["TimeToLiveAttribute: '' is too short. Use at least 1 character."],
            id="the short form of time to live is at fault where the template has it",
        ),
        pytest.param(
            declared(GlobalSecondaryIndexes=[index(PartitionKey=attribute("email", "X"))]),
            ["GlobalSecondaryIndexes[0].PartitionKey.Type: 'X' is not allowed. Use 'S', 'N' or 'B'."],
            id="a single compact attribute has no position",
        ),
        pytest.param(
            declared(GlobalSecondaryIndexes=[index(PartitionKey=[attribute("email"), attribute("b", "X")])]),
            ["GlobalSecondaryIndexes[0].PartitionKey[1].Type: 'X' is not allowed. Use 'S', 'N' or 'B'."],
            id="one of several compact attributes has a position",
        ),
        pytest.param(
            native(
                AttributeDefinitions=definitions(id="S"),
                GlobalSecondaryIndexes=[native_index("by-id", "id", Projection={"ProjectionType": "INCLUDE"})],
            ),
            [
                (
                    "GlobalSecondaryIndexes[0].Projection.NonKeyAttributes: is required with ProjectionType INCLUDE."
                    " Name the attributes, or use KEYS_ONLY."
                )
            ],
            id="a fault inside an index",
        ),
        pytest.param(
            declared(TableNam="x"),
            ["TableNam: is not a property that exists here. Did you mean TableName?"],
            id="an unknown property, with the nearest name",
        ),
        pytest.param(
            declared(OnDelet="Retain"),
            ["OnDelet: is not a property that exists here. Did you mean OnDelete?"],
            id="an unknown option, with the nearest name",
        ),
        pytest.param(
            declared(KeySchem=[]),
            ["KeySchem: is not a property that exists here. Did you mean KeySchema?"],
            id="a misspelled native property, with the nearest name",
        ),
        pytest.param(
            declared(TimeToLiveAttribut="ttl"),
            ["TimeToLiveAttribut: is not a property that exists here. Did you mean TimeToLiveAttribute?"],
            id="a misspelled short form, with the nearest name",
        ),
        pytest.param(
            declared(PartitionKey=None, GlobalSecondaryIndexes=[index(), index()]),
            [
                "PartitionKey: is missing. Add it.",
                "GlobalSecondaryIndexes[1].IndexName: 'by-email' is taken. Give each index its own name.",
            ],
            id="what else is wrong with a table that has no key",
        ),
        pytest.param(
            declared(ProvisionedThroughput=UNITS | {"ReadCapacity": "5"}),
            ["ProvisionedThroughput.ReadCapacity: is not a property that exists here. Did you mean ReadCapacityUnits?"],
            id="an unknown member, with the nearest name of its own level",
        ),
        pytest.param(
            declared(Replicas=[], ReplicaSpecification={}, Zzz="5"),
            [
                "Replicas: is not a property that exists here. Remove it: global tables are not supported.",
                "ReplicaSpecification: is not a property that exists here. Remove it: global tables are not supported.",
                "Zzz: is not a property that exists here. Remove it: see docs/custom-dynamodb-table.md.",
            ],
            id="what global tables have, and what is like nothing",
        ),
        pytest.param(
            declared(ProvisionedThroughput=UNITS | {"Zzz": "5"}),
            [
                (
                    "ProvisionedThroughput.Zzz: is not a property that exists here."
                    " Remove it; known are ReadCapacityUnits, WriteCapacityUnits."
                )
            ],
            id="an unknown member that is near to nothing, with all names of its level",
        ),
        pytest.param(
            declared(GlobalSecondaryIndexes=[index(Projektion={})]),
            ["GlobalSecondaryIndexes[0].Projektion: is not a property that exists here. Did you mean Projection?"],
            id="an unknown member of an index",
        ),
        pytest.param(
            declared(GlobalSecondaryIndexes=[index(Projection={"ProjectionTyp": "ALL", "ProjectionType": "ALL"})]),
            [
                (
                    "GlobalSecondaryIndexes[0].Projection.ProjectionTyp: is not a property that exists here."
                    " Did you mean ProjectionType?"
                )
            ],
            id="an unknown member deep in an index",
        ),
        pytest.param(
            declared(OnDelete="delete"),
            ["OnDelete: 'delete' is not allowed. Use 'Delete', 'Retain' or 'Snapshot'."],
            id="an option's value in the wrong case",
        ),
        pytest.param(
            declared(WaitForIndexes="yes"),
            ["WaitForIndexes: 'yes' is neither true nor false. Write true or false."],
            id="a yes where true belongs",
        ),
        pytest.param(
            declared(ProvisionedThroughput={"ReadCapacityUnits": "five", "WriteCapacityUnits": "1.5"}),
            [
                "ProvisionedThroughput.ReadCapacityUnits: 'five' is not a whole number. Write a whole number.",
                "ProvisionedThroughput.WriteCapacityUnits: '1.5' is not a whole number. Write a whole number.",
            ],
            id="texts where numbers belong",
        ),
        pytest.param(
            declared(ProvisionedThroughput={"ReadCapacityUnits": "9" * 5000, "WriteCapacityUnits": 1.5}),
            [
                f"ProvisionedThroughput.ReadCapacityUnits: '{'9' * 59}… is not a whole number. Write a whole number.",
                "ProvisionedThroughput.WriteCapacityUnits: 1.5 is not a whole number. Write a whole number.",
            ],
            id="numbers of another kind, cut where they are long",
        ),
        pytest.param(
            declared(ProvisionedThroughput={"ReadCapacityUnits": None, "WriteCapacityUnits": "0"}),
            [
                "ProvisionedThroughput.ReadCapacityUnits: None is not a whole number. Write a whole number.",
                "ProvisionedThroughput.WriteCapacityUnits: 0 is too small. Write 1 or more.",
            ],
            id="nothing and too little where a number belongs",
        ),
        pytest.param(
            declared(
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": "true", "RecoveryPeriodInDays": "36"}
            ),
            ["PointInTimeRecoverySpecification.RecoveryPeriodInDays: 36 is too large. Write 35 or less."],
            id="too much where there is a maximum",
        ),
        pytest.param(
            declared(Tags="team", TableName=["x"], SSESpecification="KMS"),
            [
                "TableName: ['x'] is not a string. Write a string.",
                "SSESpecification: 'KMS' is not a mapping. Write {SSEEnabled: true}.",
                "Tags: 'team' is not a list. Write [{Key: …, Value: …}].",
            ],
            id="shapes that do not fit",
        ),
        pytest.param(
            declared(TableName="a" * 256),
            [f"TableName: '{'a' * 59}… is too long. Use at most 255 characters."],
            id="too long a text, cut",
        ),
        pytest.param(
            declared(TableName="a b"),
            ["TableName: 'a b' has a character that is not allowed. Use what matches ^[a-zA-Z0-9_.-]+$."],
            id="a text with a wrong character",
        ),
        pytest.param(
            declared(OnDemandThroughput={"MaxReadRequestUnits": float("inf")}),
            ["OnDemandThroughput.MaxReadRequestUnits: inf is not valid: Input should be a finite number."],
            id="a fault without a text of ours keeps the validator's",
        ),
        pytest.param(
            declared(
                Tags=[
                    {"Key": "a"},
                    {},
                    {"Key": "b", "Value": "", "X": ""},
                    {"Key": "c", "Value": ""},
                    {"Key": "c", "Value": ""},
                ]
            ),
            [
                "Tags[0].Value: is missing. Add it.",
                "Tags[1].Key: is missing. Add it.",
                "Tags[1].Value: is missing. Add it.",
                "Tags[2].X: is not a property that exists here. Remove it; known are Key, Value.",
                "Tags[4].Key: 'c' stands in the list already. Give each key once.",
            ],
            id="faults of single elements and, at their places, of those that remain",
        ),
        pytest.param(
            declared(
                StreamSpecification={
                    "StreamViewType": "KEYS_ONLY",
                    "Tags": [{"Key": "aws:x", "Value": ""}, {"Key": "b"}, {"Key": "c", "Value": "1"}],
                    "Tagz": [],
                },
                Tags=[{"Key": "c", "Value": "1"}, {"Key": "c", "Value": "2"}],
            ),
            [
                "StreamSpecification.Tags[0].Key: 'aws:x' begins with 'aws:', which is kept for AWS. Rename the tag.",
                "StreamSpecification.Tags[1].Value: is missing. Add it.",
                "StreamSpecification.Tagz: is not a property that exists here. Did you mean Tags?",
                "Tags[1].Key: 'c' stands in the list already. Give each key once.",
            ],
            id="the tags of a stream are told from those of the table",
        ),
        pytest.param(
            declared(StreamSpecification={"StreamViewType": "KEYS_ONLY", "Tags": {"Key": "a", "Value": "1"}}),
            ["StreamSpecification.Tags: is a mapping, not a list. Write [{Key: …, Value: …}]."],
            id="a tag of the stream outside a list",
        ),
        pytest.param(
            native(
                VectorIndexes=[
                    vectors("by-look", of="id", SearchSchema=searched(kind="HASH", other="HASH")),
                    vectors("by-sound", SearchSchema=searched(id="INLINE_FILTER") * 2),
                    vectors("by-sound", SearchSchema=[], PartitionKey=attribute("id"), DistanceFunction="MANHATTAN"),
                    vectors("by-smell", SearchSchema=[{"AttributeName": "id"}], Dimensions="4097"),
                ]
            ),
            [
                "VectorIndexes[0].SearchSchema[0].AttributeName: 'kind' has no type. Add it to AttributeDefinitions.",
                "VectorIndexes[0].SearchSchema[1].AttributeName: 'other' has no type. Add it to AttributeDefinitions.",
                "VectorIndexes[0].SearchSchema: has 2 HASH elements. One is allowed here.",
                (
                    "VectorIndexes[2].PartitionKey: is given beside SearchSchema."
                    " Use one form for the search schema of the index."
                ),
                "VectorIndexes[2].SearchSchema: is empty. Name at least one attribute, or remove it.",
                "VectorIndexes[3].SearchSchema[0].SearchSchemaElementType: is missing. Add it.",
                (
                    "VectorIndexes[1].SearchSchema[1].AttributeName: 'id' is in the search schema already."
                    " Name each attribute once."
                ),
                (
                    "VectorIndexes[2].DistanceFunction: 'MANHATTAN' is not allowed."
                    " Use 'COSINE', 'DOT_PRODUCT' or 'EUCLIDEAN'."
                ),
                "VectorIndexes[3].Dimensions: 4097 is too large. Write 4096 or less.",
                (
                    "VectorIndexes[0].VectorAttribute.AttributeName: 'id' is part of a key or a search schema,"
                    " where no list of numbers can be. Keep the vectors in another attribute."
                ),
                "VectorIndexes[2].IndexName: 'by-sound' is taken. Give each index its own name.",
            ],
            id="vector indexes",
        ),
        pytest.param(
            declared(ImportSourceSpecification={"S3BucketSource": {"S3Bucket": "-"}, "InputFormat": "PARQUET"}),
            [
                "ImportSourceSpecification.InputFormat: 'PARQUET' is not allowed. Use 'CSV', 'DYNAMODB_JSON' or 'ION'.",
                (
                    "ImportSourceSpecification.S3BucketSource.S3Bucket: '-' has a character that is not allowed."
                    r" Use what matches ^[a-z0-9A-Z]+[.\-\w]*[a-z0-9A-Z]+$."
                ),
            ],
            id="an import source",
        ),
        pytest.param(
            {"TableName": "orders"},
            ["PartitionKey: is missing. Add it."],
            id="no key at all",
        ),
        pytest.param(
            {"\ud800": "", **declared()},
            [
                (
                    r"Properties: '\ud800' is not valid: Input should be a valid string,"
                    " unable to parse raw data as a unicode string."
                )
            ],
            id="a name that is no Unicode",
        ),
        pytest.param(
            UNTEXTUAL,
            ["[1]: 1 is not valid: Keys should be strings."],
            id="a name that is no text, as YAML can have it",
        ),
    ],
)
def test_each_fault_has_a_path_a_problem_and_a_fix(members: Members, expected: list[str]) -> None:
    assert faults(members) == expected


def test_all_faults_of_a_request_come_in_one_error() -> None:
    properties = native(
        TableName="a/b",
        AttributeDefinitions=definitions(id="S", unused="S"),
        KeySchema=key_schema("id", "at"),
        BillingMode="PROVISIONED",
        OnDelete="Never",
        Tagz=[],
        Tags=[{"Key": "aws:x", "Value": ""}],
        GlobalSecondaryIndexes=[native_index("by-email", "email"), native_index("by-id", "id"), {"IndexName": "by-id"}],
        TimeToLiveSpecification={"Enabled": "true"},
    )
    with pytest.raises(InvalidRequestError) as caught:
        read(properties)
    assert [fault.path for fault in caught.value.faults] == [
        "OnDelete",
        "KeySchema[1].AttributeName",
        "GlobalSecondaryIndexes[0].KeySchema[0].AttributeName",
        "AttributeDefinitions[1].AttributeName",
        "TableName",
        "GlobalSecondaryIndexes[2].PartitionKey",
        "TimeToLiveSpecification.AttributeName",
        "Tags[0].Key",
        "Tagz",
        "ProvisionedThroughput",
        "GlobalSecondaryIndexes[0].ProvisionedThroughput",
        "GlobalSecondaryIndexes[1].ProvisionedThroughput",
        "GlobalSecondaryIndexes[2].IndexName",
    ]
    assert str(caught.value).startswith("InvalidRequest: 13 faults in the properties:\n- OnDelete: 'Never'")


@pytest.mark.parametrize(
    ("members", "only"),
    [
        pytest.param(
            native(KeySchema="id", LocalSecondaryIndexes=[native_index("by-size", "id", "id")]),
            ["KeySchema"],
            id="a key that cannot be read is not compared with local indexes",
        ),
        pytest.param(
            declared(PartitionKey="id", GlobalSecondaryIndexes=[index(partition="id")]),
            ["PartitionKey"],
            id="nor is a compact one with global indexes",
        ),
        pytest.param(
            declared(SortKey=attribute("at", "X"), LocalSecondaryIndexes=[local()]),
            ["SortKey.Type"],
            id="a sort key at fault is not missing",
        ),
        pytest.param(
            declared(ProvisionedThroughput="much", BillingMode="PROVISIONED"),
            ["ProvisionedThroughput"],
            id="capacity at fault is not missing",
        ),
        pytest.param(
            native(AttributeDefinitions="id: S"),
            ["AttributeDefinitions"],
            id="definitions that cannot be read lack nothing",
        ),
        pytest.param(
            native(
                AttributeDefinitions=definitions(id="S", email="S"),
                GlobalSecondaryIndexes=[native_index("x", "email")],
            ),
            ["GlobalSecondaryIndexes[0].IndexName"],
            id="an index at fault still uses its attributes",
        ),
        pytest.param(
            declared(GlobalSecondaryIndexes=[index("x"), index("by-email")]),
            ["GlobalSecondaryIndexes[0].IndexName"],
            id="the others keep their places",
        ),
        pytest.param(
            declared(Preset="Nothing", PartitionKey=None, GlobalSecondaryIndexes=[index()]),
            ["Preset"],
            id="a preset that does not exist",
        ),
    ],
)
def test_one_mistake_is_one_report(members: Members, only: list[str]) -> None:
    assert paths(members) == only


@pytest.mark.parametrize(
    ("preset", "name"),
    [
        pytest.param("Approval", "sentinel-requests", id="Approval"),
        pytest.param("BreakGlass", "sentinel-breakglass", id="BreakGlass"),
        pytest.param("Session", "sentinel-sessions", id="Session"),
    ],
)
def test_a_preset_is_its_table(preset: str, name: str) -> None:
    assert read({"Preset": preset}).schema == Preset(preset).schema()
    assert read({"Preset": preset}).schema.table_name == name
    assert read({"Preset": preset, "TableName": "mine"}).schema.table_name == "mine"


def test_properties_are_added_on_top_of_a_preset() -> None:
    table = read(
        {
            "Preset": "Approval",
            "GlobalSecondaryIndexes": [index()],
            "TimeToLiveAttribute": "expires_at",
            "Tags": [{"Key": "team", "Value": "access"}],
            "DeletionProtectionEnabled": "true",
            "OnDelete": "Retain",
        }
    )
    names = [each.index_name for each in table.schema.global_secondary_indexes]
    assert names == ["by-email", "gsi-requester", "gsi-status", "gsi-profile"]
    assert table.schema.time_to_live_specification
    assert table.schema.time_to_live_specification.attribute_name == "expires_at"
    assert table.schema.tag_values == {"team": "access"}
    assert table.schema.deletion_protection_enabled is True
    assert table.schema.sse_specification == Preset.APPROVAL.schema().sse_specification
    assert table.options.on_delete is OnDelete.RETAIN


def test_the_indexes_of_a_preset_get_the_capacity_of_its_table() -> None:
    table = read({"Preset": "Approval"} | PROVISIONED).schema
    assert table.initial_billing_mode is BillingMode.PROVISIONED
    assert {each.provisioned_throughput for each in table.global_secondary_indexes} == {table.provisioned_throughput}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        pytest.param(
            {"Preset": "Session", "PartitionKey": attribute("id")},
            ["PartitionKey: is given beside Preset Session, which has its own key. Remove one of the two."],
            id="a key beside a preset",
        ),
        pytest.param(
            {"Preset": "Session", "SortKey": attribute("at"), "KeySchema": key_schema("id")},
            [
                "SortKey: is given beside Preset Session, which has its own key. Remove one of the two.",
                "KeySchema: is given beside Preset Session, which has its own key. Remove one of the two.",
            ],
            id="a key in any form beside a preset",
        ),
        pytest.param(
            {"Preset": "session"},
            ["Preset: 'session' is not allowed. Use 'Approval', 'BreakGlass' or 'Session'."],
            id="a preset that does not exist",
        ),
        pytest.param(
            {"Preset": "Session", "GlobalSecondaryIndexes": [index("gsi-user")]},
            ["GlobalSecondaryIndexes[1].IndexName: 'gsi-user' is taken. Give each index its own name."],
            id="an index with the name of one of the preset",
        ),
        pytest.param(
            {"Preset": "Session", "GlobalSecondaryIndexes": "none"},
            ["GlobalSecondaryIndexes: 'none' is not a list. Write [{IndexName: …, PartitionKey: …}]."],
            id="indexes that are no list on top of a preset",
        ),
        pytest.param(
            {"Preset": "Session", "ProvisionedThroughput": UNITS},
            [
                (
                    "ProvisionedThroughput: is not allowed with BillingMode PAY_PER_REQUEST."
                    " Remove it, or use PROVISIONED."
                )
            ],
            id="capacity on top of a preset that is paid per request",
        ),
    ],
)
def test_what_does_not_go_with_a_preset(members: Members, expected: list[str]) -> None:
    assert faults(members) == expected


@pytest.mark.parametrize(
    ("former", "read_as"),
    [
        pytest.param(declared(), schema(), id="what is valid is read as it is"),
        pytest.param(declared(TableName="a/b"), schema(TableName="unnamed"), id="a broken name does not matter"),
        pytest.param(declared(TableName=None), schema(TableName="unnamed"), id="nor does none"),
        pytest.param(declared(Tagz=[], OnDelete="x"), schema(), id="unknown properties and options are left out"),
        pytest.param(
            declared(Tags=[{"Key": "a", "Value": "1"}, {"Key": "aws:b", "Value": ""}]),
            schema(Tags=[{"Key": "a", "Value": "1"}]),
            id="a broken tag is left out, the others count",
        ),
        pytest.param(
            declared(
                StreamSpecification={"StreamViewType": "KEYS_ONLY", "Tags": [{"Key": "aws:b", "Value": ""}]},
                TableClass="STANDARD",
            ),
            schema(TableClass="STANDARD"),
            id="a stream is left out with a broken tag: its update was refused, so it was never made",
        ),
        pytest.param(
            declared(GlobalSecondaryIndexes=[index("x"), index("by-name")]),
            schema(GlobalSecondaryIndexes=[index("by-name")]),
            id="a broken index is left out, the others count",
        ),
        pytest.param(
            declared(GlobalSecondaryIndexes=[index("x", Y=1), index("by-name", X=1), index()]),
            schema(GlobalSecondaryIndexes=[index()]),
            id="so it is where an index has several faults",
        ),
        pytest.param(
            declared(BillingMode="FREE", TableClass="STANDARD"),
            schema(TableClass="STANDARD"),
            id="a broken setting is left out, the others count",
        ),
        pytest.param(native(KeySchema="id", TableClass="STANDARD"), None, id="without a key nothing is read"),
        pytest.param(native(KeySchema=[]), None, id="an empty key is none"),
        pytest.param(declared(PartitionKey="id"), None, id="a compact key may be broken as well"),
        pytest.param(declared(SortKey={}), None, id="and so may its sort key"),
        pytest.param({}, None, id="nothing is nothing"),
        pytest.param({"Preset": "Session"}, Preset.SESSION.schema(), id="a preset is read"),
        pytest.param({"\ud800": "", **declared()}, None, id="a name that is no Unicode spoils the whole"),
    ],
)
def test_former_properties_are_read_as_far_as_they_can_be(former: Members, read_as: TableSchema | None) -> None:
    assert read_leniently(former) == read_as


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        pytest.param({"TableName": "orders", "Tags": 5}, "orders", id="the declared name, whatever else there is"),
        pytest.param({"Preset": "Session"}, "sentinel-sessions", id="the name of the preset"),
        pytest.param({"Preset": "Session", "TableName": "mine"}, "mine", id="the declared name before the preset's"),
        pytest.param({"Preset": "Nothing"}, None, id="no name of a preset that does not exist"),
        pytest.param({"Preset": {}, "TableName": ""}, None, id="no name of a preset that cannot be one"),
        pytest.param({"TableName": ["orders"]}, None, id="no name that is no text"),
        pytest.param({}, None, id="no name where there is none"),
    ],
)
def test_read_table_name(properties: Members, name: str | None) -> None:
    assert read_table_name(properties) == name


@pytest.mark.parametrize(
    ("properties", "choice"),
    [
        pytest.param({}, OnDelete.DELETE, id="deletes by default"),
        pytest.param({"OnDelete": "Delete"}, OnDelete.DELETE, id="deletes where that is declared"),
        pytest.param({"OnDelete": "Retain"}, OnDelete.RETAIN, id="retains where that is declared"),
        pytest.param({"OnDelete": "Snapshot"}, OnDelete.SNAPSHOT, id="takes a backup where that is declared"),
        pytest.param({"OnDelete": "delete"}, OnDelete.RETAIN, id="retains what it cannot read"),
        pytest.param({"OnDelete": ["Delete"]}, OnDelete.RETAIN, id="retains whatever is no text"),
        pytest.param({"OnDelete": {"Fn::If": []}}, OnDelete.RETAIN, id="retains whatever is a mapping"),
        pytest.param({"OnDelete": None}, OnDelete.RETAIN, id="retains where there is nothing to read"),
    ],
)
def test_read_on_delete(properties: Members, choice: OnDelete) -> None:
    assert read_on_delete(properties) is choice


@pytest.mark.parametrize(
    ("properties", "options"),
    [
        pytest.param({"Tags": 5}, ProvisioningOptions(), id="the defaults"),
        pytest.param(
            {"AllowIndexRecreation": "true", "OnDelete": "x", "CapacityManagement": {}},
            ProvisioningOptions(allow_index_recreation=True),
            id="what can be read counts, the rest is left out",
        ),
        pytest.param({"OnDelete": [[]] * 3}, ProvisioningOptions(), id="whatever the shape"),
    ],
)
def test_read_options_leniently(properties: Members, options: ProvisioningOptions) -> None:
    assert read_options_leniently(properties) == options


@pytest.mark.parametrize(
    ("location", "text"),
    [
        pytest.param(("Tags", 1, "Key"), "Tags[1].Key", id="positions stand in brackets"),
        pytest.param(("TableName",), "TableName", id="a name stands alone"),
        pytest.param((), "Properties", id="the whole has a name, too"),
    ],
)
def test_dotted(location: Location, text: str) -> None:
    assert dotted(location) == text


def nested(levels: int, *, is_list: bool) -> Any:  # noqa: ANN401 -- JSON of any shape
    value: Any = "x"
    for _ in range(levels):
        value = [value] if is_list else {"Name": value}
    return value


EVERY_NAME: Final = (
    *(info.alias or name for name, info in TableSchema.model_fields.items()),
    *(info.alias or name for name, info in ProvisioningOptions.model_fields.items()),
    "AttributeDefinitions",
    "KeySchema",
    "Preset",
    "TimeToLiveAttribute",
    "Unknown",
)
MOST_CALLS: Final = 20_000_000
"""Of Python functions; less than the square of the length of any of these."""


@pytest.mark.parametrize("name", EVERY_NAME)
@pytest.mark.parametrize("is_list", [True, False], ids=["of lists", "of mappings"])
def test_a_nest_deeper_than_python_recurses_is_an_invalid_request(name: str, *, is_list: bool) -> None:
    with pytest.raises(InvalidRequestError):
        read(declared(**{name: nested(50_000, is_list=is_list)}))
    assert read_options_leniently({name: nested(50_000, is_list=is_list)}) == ProvisioningOptions()
    former = read_leniently(declared(**{name: nested(50_000, is_list=is_list)}))
    assert former is None or former.partition_key == schema().partition_key


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param(declared(Tags=[0] * 10_000), id="tags that are none"),
        pytest.param(declared(Tags=[{}] * 10_000), id="tags with several faults each"),
        pytest.param(declared(Tags=[{"Key": "k", "Value": ""}] * 10_000), id="one tag again and again"),
        pytest.param(declared(GlobalSecondaryIndexes=[{}] * 10_000), id="indexes with several faults each"),
        pytest.param(declared(GlobalSecondaryIndexes=[index()] * 10_000), id="one index again and again"),
        pytest.param(native(KeySchema=[{}] * 10_000), id="key elements with several faults each"),
        pytest.param(native(KeySchema=key_schema(*map(str, range(10_000)))), id="a long key"),
        pytest.param(native(AttributeDefinitions=[{}] * 10_000), id="definitions with several faults each"),
        pytest.param(
            native(AttributeDefinitions=definitions(**{str(i): "S" for i in range(10_000)})), id="many definitions"
        ),
        pytest.param({f"TableName{i}": "" for i in range(5_000)}, id="many unknown names"),
        pytest.param(declared(x={"y" * 100_000: 1}, **{"z" * 100_000: 1}), id="long names"),
        pytest.param(
            declared(
                GlobalSecondaryIndexes=[
                    index(Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"] * 100_000})
                ]
            ),
            id="a long projection",
        ),
    ],
)
def test_a_huge_request_is_refused_with_work_in_proportion(properties: Members) -> None:
    calls = count()
    sys.setprofile(lambda *_: next(calls) and None)
    try:
        with pytest.raises(InvalidRequestError):
            read(properties)
    finally:
        sys.setprofile(None)
    assert next(calls) < MOST_CALLS


WORDS = (
    *EVERY_NAME,
    "Name",
    "Type",
    "S",
    "N",
    "id",
    "true",
    "5",
    "-1",
    "INCLUDE",
    "PROVISIONED",
    "HASH",
    "RANGE",
    "",
    "\ud800",
)
MEMBERS = (
    "Name",
    "Type",
    "IndexName",
    "AttributeName",
    "AttributeType",
    "KeyType",
    "KeySchema",
    "PartitionKey",
    "SortKey",
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=5)
SHAPES = st.recursive(
    SCALARS,
    lambda parts: (
        st.lists(parts, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS + MEMBERS) | st.text(max_size=3), parts, max_size=4)
    ),
    max_leaves=12,
)


LONG = "x" * 300
QUOTED = f"'{'x' * 59}…"


@pytest.mark.parametrize(
    ("given", "path"),
    [
        pytest.param({"DeletionProtectionEnabled": LONG}, "DeletionProtectionEnabled", id="a boolean"),
        pytest.param({"BillingMode": LONG}, "BillingMode", id="one of several words"),
        pytest.param({"TableName": LONG}, "TableName", id="a name that is too long"),
        pytest.param({"PartitionKey": {"Name": LONG, "Type": "S"}}, "PartitionKey.Name", id="an attribute's name"),
        pytest.param({"Tags": LONG}, "Tags", id="a list"),
        pytest.param({"StreamSpecification": LONG}, "StreamSpecification", id="a mapping"),
        pytest.param(
            {"OnDemandThroughput": {"MaxReadRequestUnits": LONG}},
            "OnDemandThroughput.MaxReadRequestUnits",
            id="a number",
        ),
        pytest.param({"OnDelete": LONG}, "OnDelete", id="an option"),
        pytest.param({"Preset": LONG}, "Preset", id="a preset"),
    ],
)
def test_a_message_quotes_the_value_as_far_as_it_has_room(given: Members, path: str) -> None:
    (found,) = [fault for fault in faults(declared(**given)) if fault.startswith(f"{path}: ")]
    assert QUOTED in found
    assert len(found) < 200


def test_a_number_of_many_digits_is_cut_as_well() -> None:
    (found,) = faults(declared(OnDemandThroughput={"MaxReadRequestUnits": "-" + "9" * 300}))
    assert f"-{'9' * 59}… is no number of request units." in found


def refused(properties: Members) -> InvalidRequestError | None:
    """Why the properties are refused; anything but an invalid request is this test's failure."""
    try:
        read(properties)
    except InvalidRequestError as error:
        return error
    return None


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(EVERY_NAME) | st.text(max_size=3), SHAPES, max_size=6), st.booleans())
def test_whatever_the_shape_it_is_read_or_an_invalid_request(properties: Members, has_key: bool) -> None:  # noqa: FBT001 -- hypothesis hands it in
    properties = (declared() if has_key else {}) | properties
    if error := refused(properties):
        assert len({(fault.path, fault.problem) for fault in error.faults}) == len(error.faults) > 0
    read_leniently(properties)
    read_table_name(properties)
    read_on_delete(properties)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_valid_template_with_one_broken_part_is_read_or_refused(data: st.DataObject) -> None:
    properties = json.loads(json.dumps(NATIVE_INDEXED | {"Tags": [{"Key": "k", "Value": "v"}]}))
    holder, key = data.draw(st.sampled_from([*places(properties)]))
    holder[key] = data.draw(SHAPES)
    if error := refused(properties):
        assert error.faults
    read_leniently(properties)


def places(value: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 -- JSON of any shape
    """Every place in a document, as the container and the key or position in it."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in ((value, key), *places(value[key]))]
