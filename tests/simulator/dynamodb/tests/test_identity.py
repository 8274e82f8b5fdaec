"""Names, ARNs, ids and listings (section 7 of the reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulator.dynamodb.tests.bench import ARN, NAME

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tests.bench import Bench


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        pytest.param("DescribeTable", {}, id="DescribeTable"),
        pytest.param("UpdateTable", {"DeletionProtectionEnabled": False}, id="UpdateTable"),
        pytest.param("DeleteTable", {}, id="DeleteTable"),
        pytest.param("DescribeTimeToLive", {}, id="DescribeTimeToLive"),
        pytest.param("DescribeContinuousBackups", {}, id="DescribeContinuousBackups"),
        pytest.param("DescribeContributorInsights", {}, id="DescribeContributorInsights"),
        pytest.param("DescribeKinesisStreamingDestination", {}, id="DescribeKinesisStreamingDestination"),
        pytest.param("CreateBackup", {"BackupName": "first"}, id="CreateBackup"),
        pytest.param("ListBackups", {}, id="ListBackups"),
        pytest.param("Scan", {}, id="Scan"),
    ],
)
def test_a_table_arn_is_accepted_as_name(bench: Bench, operation: str, params: dict[str, object]) -> None:
    bench.create()
    bench.call(operation, TableName=ARN, **params)


def test_responses_carry_the_bare_name(bench: Bench) -> None:
    bench.create()
    assert bench.describe(ARN)["TableName"] == NAME


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param(ARN.replace("1234", "9999"), "AccessDeniedException", id="another account is denied (T-011)"),
        pytest.param(f"{ARN}/index/by_email", "ValidationException", id="an index ARN is invalid (T-072)"),
        pytest.param(f"{ARN}/stream/2020", "ValidationException", id="a stream ARN is invalid (T-072)"),
        pytest.param("Orders", "ResourceNotFoundException", id="names are case-sensitive (T-041)"),
        pytest.param("no", "ValidationException", id="two letters are no name (T-448)"),
        pytest.param("n" * 256, "ValidationException", id="256 letters are no name (T-448)"),
    ],
)
def test_a_name_that_names_nothing(bench: Bench, name: str, code: str) -> None:
    bench.create()
    assert bench.refused("DescribeTable", TableName=name).code == code


def test_a_table_of_another_region_is_refused_as_such(bench: Bench) -> None:
    arn = ARN.replace("us-east-1", "eu-west-1")
    assert bench.refused("DescribeTable", TableName=arn).is_listed_as("wrong-region")


def test_a_table_id_is_no_name(bench: Bench) -> None:
    table_id = bench.create()["TableId"]
    assert bench.refused("DescribeTable", TableName=table_id).is_listed_as("table-not-found")


def test_several_violations_come_together(bench: Bench) -> None:
    refusal = bench.refused("CreateBackup", TableName="o/o", BackupName="b")
    assert refusal.is_listed_as("shapes")
    assert refusal.message.startswith("2 validation errors detected: Value ")
    assert "; Value 'b' at 'backupName'" in refusal.message


def test_tables_are_listed_in_byte_order_page_by_page_even_dying_ones(bench: Bench) -> None:
    names = ["Zebra", "apple", "mango"]
    for name in reversed(names):
        bench.create(TableName=name)
    bench.call("DeleteTable", TableName="apple")
    page = bench.call("ListTables", Limit=2)
    assert (page["TableNames"], page["LastEvaluatedTableName"]) == (names[:2], "apple")
    rest = bench.call("ListTables", ExclusiveStartTableName="apple")
    assert rest["TableNames"] == names[2:]
    assert "LastEvaluatedTableName" not in rest
    assert bench.call("ListTables", ExclusiveStartTableName="banana")["TableNames"] == names[2:]


def test_items_survive_changes_and_go_with_the_table(bench: Bench) -> None:
    bench.create()
    for number in "12":
        bench.call("PutItem", TableName=NAME, Item={"id": {"S": number}, "n": {"N": number}})
    bench.update(TableClass="STANDARD_INFREQUENT_ACCESS")
    bench.wait(10)
    bench.call("DeleteItem", TableName=NAME, Key={"id": {"S": "1"}})
    assert bench.call("GetItem", TableName=NAME, Key={"id": {"S": "2"}})["Item"]["n"] == {"N": "2"}
    assert bench.call("Scan", TableName=NAME, Select="COUNT")["Count"] == 1
    assert bench.dynamodb.items(NAME) == [{"id": {"S": "2"}, "n": {"N": "2"}}]
    bench.call("DeleteTable", TableName=NAME)
    bench.wait(10)
    bench.create()
    assert bench.call("Scan", TableName=NAME)["Items"] == []


def test_a_table_serves_items_only_between_creating_and_deleting(bench: Bench) -> None:
    bench.start()
    item = {"id": {"S": "1"}}
    assert bench.refused("PutItem", TableName=NAME, Item=item).code == "ResourceNotFoundException"
    bench.wait(6)
    bench.call("PutItem", TableName=NAME, Item=item)
    bench.call("DeleteTable", TableName=NAME)
    assert bench.refused("GetItem", TableName=NAME, Key=item).code == "ResourceNotFoundException"


def test_an_item_needs_the_key(bench: Bench) -> None:
    bench.create()
    refusal = bench.refused("PutItem", TableName=NAME, Item={"id": {"N": "1"}})
    assert (refusal.code, refusal.status) == ("ValidationException", 400)


def test_an_imported_table_is_created_like_any_other(bench: Bench) -> None:
    started = bench.call(
        "ImportTable",
        S3BucketSource={"S3Bucket": "bucket"},
        InputFormat="CSV",
        TableCreationParameters={
            "TableName": NAME,
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )["ImportTableDescription"]
    assert started["ImportStatus"] == "IN_PROGRESS"
    bench.wait(599)
    assert bench.describe()["TableStatus"] == "CREATING"
    bench.wait(2)
    described = bench.call("DescribeImport", ImportArn=started["ImportArn"])["ImportTableDescription"]
    assert described["ImportStatus"] == "COMPLETED"
    assert bench.describe()["TableStatus"] == "ACTIVE"
