from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from table_provisioner.wire import Operation

if TYPE_CHECKING:
    from tests.functional.cli.conftest import CommandLine

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
PLACE = ("--region", "us-east-1", "--account", "123456789012")


def statement(document: dict[str, Any], sid: str) -> dict[str, Any]:
    """The one statement of that name."""
    (found,) = [each for each in document["Statement"] if each["Sid"] == sid]
    return dict(found)


def test_provisioning_a_named_table_is_allowed_at_that_table_alone(command_line: CommandLine) -> None:
    document = command_line.json("policy", "orders", *PLACE)["provisioning"]

    assert statement(document, "Tables")["Resource"] == TABLE
    assert statement(document, "TablesAndIndexes")["Resource"] == [TABLE, f"{TABLE}/index/*"]
    assert statement(document, "EncryptThroughDynamoDB")["Condition"] == {
        "StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}
    }
    assert all(f'"dynamodb:{operation}"' in json.dumps(document) for operation in Operation)


def test_what_belongs_to_the_function_alone_is_not_part_of_it(command_line: CommandLine) -> None:
    sids = {each["Sid"] for each in command_line.json("policy")["provisioning"]["Statement"]}

    assert not sids & {"Logs", "Traces", "FailureDestination", "HandOver"}


def test_without_a_region_a_condition_matches_all_of_them(command_line: CommandLine) -> None:
    document = command_line.json("policy", "orders")["provisioning"]

    assert statement(document, "Tables")["Resource"] == "arn:aws:dynamodb:*:*:table/orders"
    assert statement(document, "EncryptThroughDynamoDB")["Condition"] == {
        "StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"}
    }


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
    ],
)
def test_another_partition_has_other_arns(command_line: CommandLine, region: str, partition: str, suffix: str) -> None:
    document = command_line.json("policy", "orders", "--region", region)["provisioning"]

    assert statement(document, "Tables")["Resource"] == f"arn:{partition}:dynamodb:{region}:*:table/orders"
    assert statement(document, "EncryptThroughDynamoDB")["Condition"] == {
        "StringEquals": {"kms:ViaService": f"dynamodb.{region}.{suffix}"}
    }


@pytest.mark.parametrize(("arguments", "bucket"), [((), "-"), (("--import-bucket", "lake-*"), "lake-*")])
def test_tables_may_be_imported_from_a_bucket_that_is_given(
    command_line: CommandLine, arguments: tuple[str, ...], bucket: str
) -> None:
    document = command_line.json("policy", *arguments)["provisioning"]

    assert statement(document, "ImportSources")["Resource"] == [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]


@pytest.mark.parametrize("place", [(), PLACE])
def test_nothing_is_left_to_be_filled_in(command_line: CommandLine, place: tuple[str, ...]) -> None:
    assert "${" not in command_line.run("policy", *place).stdout


def test_items_are_another_policy(command_line: CommandLine) -> None:
    document = command_line.json("policy", "orders", *PLACE)["items"]

    items = statement(document, "Items")
    assert items["Resource"] == TABLE
    assert {"dynamodb:GetItem", "dynamodb:PutItem"} <= set(items["Action"])
    assert statement(document, "ItemsByIndex") == {
        "Sid": "ItemsByIndex",
        "Effect": "Allow",
        "Action": ["dynamodb:Query", "dynamodb:Scan"],
        "Resource": f"{TABLE}/index/*",
    }


def test_items_can_be_for_reading_only(command_line: CommandLine) -> None:
    printed = command_line.run("policy", "orders", "--for", "items", "--read-only").stdout

    actions = statement(json.loads(printed), "Items")["Action"]
    assert "dynamodb:Query" in actions
    assert not any(word in printed for word in ("Put", "Update", "Delete", "Write"))


@pytest.mark.parametrize("purpose", ["provisioning", "items"])
def test_one_policy_alone_is_what_iam_takes(command_line: CommandLine, purpose: str) -> None:
    alone = json.loads(command_line.run("policy", "orders", "--for", purpose).stdout)

    assert alone == command_line.json("policy", "orders")[purpose]
    assert alone["Version"] == "2012-10-17"


def test_every_action_on_items_is_an_operation_of_dynamodb(command_line: CommandLine) -> None:
    known = set(boto3.Session(region_name="us-east-1").client("dynamodb").meta.service_model.operation_names)

    items = {action.partition(":")[2] for action in statement(command_line.json("policy")["items"], "Items")["Action"]}

    assert items - known == {"ConditionCheckItem"}, "which is a part of TransactWriteItems, with a right of its own"


def test_both_are_printed_under_their_names(command_line: CommandLine) -> None:
    printed = command_line.run("policy", "orders").stdout

    assert [line for line in printed.splitlines() if line.startswith("#")] == ["# provisioning", "# items"]


def test_a_name_that_no_table_can_have_is_refused(command_line: CommandLine) -> None:
    result = command_line.run("policy", "arn:aws:dynamodb:table/orders")

    assert result.exit_code == 1
    assert "is neither a table's name nor a pattern of names." in result.stderr


def test_a_region_that_there_is_not_is_refused(command_line: CommandLine) -> None:
    result = command_line.run("policy", "orders", "--region", "mars-1")

    assert result.exit_code == 1
    assert "Invalid value for '--region': 'mars-1' is no region of AWS" in result.stderr
    assert "credentials" not in result.stderr
