from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

import table_provisioner.handler  # noqa: F401 -- imported by a test, it would log into that test's output for good
from demo.local_cloud import ROOT

if TYPE_CHECKING:
    from click.testing import Result

    from tests.functional.cli.conftest import CommandLine
    from tests.simulator.dynamodb import DynamoDB

EVENTS = ROOT / "events"
HERE = ("--endpoint-url", "https://dynamodb.here.example")
TEMPLATE = """
    Resources:
      Orders:
        Type: Custom::DynamoDBTable
        Properties:
          ServiceToken: !ImportValue table-provisioner-ServiceToken
          TableName: orders
          PartitionKey: {Name: id, Type: S}
    """
WITH_INDEX = """\
          GlobalSecondaryIndexes:
            - IndexName: by-email
              PartitionKey: {Name: email, Type: S}
    """


def answer(result: Result) -> dict[str, Any]:
    """What the handler answered."""
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.mark.usefixtures("aws")
def test_a_recorded_event_is_answered(command_line: CommandLine) -> None:
    result = command_line.run("invoke", str(EVENTS / "create-preset.json"), *HERE)

    assert result.exit_code == 0
    assert answer(result)["Status"] == "SUCCESS"
    assert answer(result)["Data"]["Status"] == "CREATED"
    assert answer(result)["PhysicalResourceId"] in boto3.client("dynamodb").list_tables()["TableNames"]


@pytest.mark.usefixtures("aws")
def test_its_log_goes_to_the_standard_error(command_line: CommandLine) -> None:
    result = command_line.run("invoke", str(EVENTS / "create-preset.json"), *HERE)

    assert any("create table" in line for line in result.stderr.splitlines())
    assert list(answer(result))  # and the answer stands alone


@pytest.mark.usefixtures("aws")
def test_a_refusal_is_the_answer_and_ends_with_1(command_line: CommandLine) -> None:
    result = command_line.run("invoke", str(EVENTS / "create-three-mistakes.json"), *HERE)

    assert result.exit_code == 1
    assert answer(result)["Reason"].startswith("InvalidRequest: 3 faults in the properties:")


def test_the_whole_life_of_a_table_from_its_template(command_line: CommandLine, aws: DynamoDB) -> None:
    before = command_line.file(TEMPLATE, "before.yaml")
    after = command_line.file(TEMPLATE.rstrip(" ") + WITH_INDEX, "after.yaml")

    made = answer(command_line.run("invoke", before, "--request", "Create", *HERE))
    changed = answer(command_line.run("invoke", after, "--request", "Update", "--previous", before, *HERE))
    back = answer(command_line.run("invoke", before, "--request", "Update", "--previous", after, *HERE))
    deleted = answer(command_line.run("invoke", before, "--request", "Delete", *HERE))

    assert [each["PhysicalResourceId"] for each in (made, changed, back, deleted)] == ["orders"] * 4
    assert [each["Data"].get("Status") for each in (made, changed, back)] == ["CREATED", "UPDATED", "UPDATED"]
    assert "orders" not in aws.tables


@pytest.mark.usefixtures("aws")
def test_faults_are_left_for_the_handler_to_find(command_line: CommandLine) -> None:
    sample = str(ROOT / "tests/samples/five-mistakes.yaml")

    result = command_line.run("invoke", sample, "--request", "Create", *HERE)

    assert result.exit_code == 1
    heading, *faults = answer(result)["Reason"].split("\n- ")
    assert heading == "InvalidRequest: 5 faults in the properties:"
    found = [
        f"{each['path']}: {each['problem']} {each['fix']}" for each in command_line.json("validate", sample)["faults"]
    ]
    assert sorted(faults) == sorted(found), "the stack's reason has what validate finds"


@pytest.mark.usefixtures("aws")
def test_a_name_that_the_stack_makes_is_the_same_for_every_request(command_line: CommandLine) -> None:
    template = command_line.file(TEMPLATE.replace("          TableName: orders\n", ""))

    made = answer(command_line.run("invoke", template, "--request", "Create", *HERE))
    deleted = answer(command_line.run("invoke", template, "--request", "Delete", *HERE))

    assert made["PhysicalResourceId"].startswith("local-Orders-")
    assert deleted["PhysicalResourceId"] == made["PhysicalResourceId"]
    assert boto3.client("dynamodb").list_tables()["TableNames"] == []


def test_aws_itself_is_asked_for_first(command_line: CommandLine, aws: DynamoDB) -> None:
    refused = command_line.run("invoke", str(EVENTS / "create-preset.json"), typed="n\n")
    agreed = command_line.run("invoke", str(EVENTS / "create-preset.json"), "--yes")

    assert refused.exit_code == 1
    assert "on AWS, in us-east-1? [y/N]" in refused.stderr
    assert agreed.exit_code == 0
    assert aws.mutations[0] == "CreateTable"


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        pytest.param([], {"AWS_USE_DUALSTACK_ENDPOINT": "true"}, id="dual stack"),
        pytest.param(["--region", "eusc-de-east-1"], {}, id="another partition"),
        pytest.param(["--endpoint-url", "https://vpce-1.dynamodb.us-east-1.vpce.amazonaws.com"], {}, id="from a VPC"),
    ],
)
def test_aws_is_known_by_whatever_address(
    command_line: CommandLine,
    aws: DynamoDB,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    variables: dict[str, str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    result = command_line.run("invoke", str(EVENTS / "create-preset.json"), *arguments, typed="n\n")

    assert (result.exit_code, aws.mutations) == (1, [])
    assert "on AWS, in " in result.stderr


@pytest.mark.usefixtures("aws")
def test_nothing_is_asked_without_a_region(command_line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    result = command_line.run("invoke", str(EVENTS / "create.json"), typed="y\n")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: You must specify a region. Give a region and credentials")


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "Give the FILE of an event, or --request.", id="nothing"),
        pytest.param(["TEMPLATE"], "is no event, which is JSON: ", id="a template without a request"),
        pytest.param(["JSON"], "is no event: it has no RequestType. For a template, give --request.", id="no event"),
        pytest.param(["TEMPLATE", "--request", "Destroy"], "'Destroy' is not one of", id="an unknown request"),
        pytest.param(["TWO", "--request", "Create"], "choose by --logical-id: A, B.", id="two tables"),
        pytest.param(["UNKNOWN", "--request", "Create"], "'Name' has no value here.", id="what only a stack knows"),
    ],
)
def test_a_wrong_use_is_one_clear_message(command_line: CommandLine, arguments: list[str], message: str) -> None:
    table = "{Type: 'Custom::DynamoDBTable', Properties: {Preset: Session}}"
    files = {
        "TEMPLATE": command_line.file(TEMPLATE),
        "JSON": command_line.file('{"Resources": {}}', "t.json"),
        "TWO": command_line.file(f"Resources: {{A: {table}, B: {table}}}", "two.yaml"),
        "UNKNOWN": command_line.file("{TableName: !Ref Name, Preset: Session}", "unknown.yaml"),
    }

    result = command_line.run("invoke", *(files.get(argument, argument) for argument in arguments), *HERE)

    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""
