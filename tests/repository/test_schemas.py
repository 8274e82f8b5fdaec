"""The schemas for cfn-lint and for editors find what the function refuses, and pass what it accepts."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator

from demo.local_cloud import ROOT, TOOLS
from scripts.generated.schemas import REPLACING
from table_provisioner.errors import InvalidRequestError
from table_provisioner.naming import generated_table_name
from table_provisioner.properties import read_properties
from tests.repository.templates import example, load, read
from tests.unit.declarations import STACK_ID

if TYPE_CHECKING:
    from pathlib import Path

Mapping = dict[str, Any]

REGISTRY = ROOT / "schemas" / "registry" / "custom-dynamodbtable.json"
TEMPLATE = ROOT / "schemas" / "template.json"
SAMPLE = ROOT / "tests" / "samples" / "five-mistakes.yaml"
CODE = re.compile(r"^```(?:yaml|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = sorted(file.stem for file in (ROOT / "examples").glob("*.yaml"))
IN_THE_SAMPLE = [
    ("PartitionKey.Type", "'STRING' is not one of ['S', 'N', 'B']"),
    ("", "'BilingMode' was unexpected"),
    (
        "GlobalSecondaryIndexes[0].Projection.ProjectionType",
        "'EVERYTHING' is not one of ['ALL', 'INCLUDE', 'KEYS_ONLY']",
    ),
    ("PointInTimeRecoverySpecification.RecoveryPeriodInDays", "90 is greater than the maximum of 35"),
    ("OnDelete", "'Keep' is not one of ['Delete', 'Retain', 'Snapshot']"),
]
LINES_OF_THE_SAMPLE = ["10:38", "11:7", "15:24", "18:9", "19:7"]
BASE: Mapping = {
    "ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:table-provisioner",
    "TableName": "orders",
    "PartitionKey": {"Name": "id", "Type": "S"},
    "SortKey": {"Name": "at", "Type": "N"},
}
INDEX: Mapping = {"IndexName": "by-email", "PartitionKey": {"Name": "email", "Type": "S"}}
LOCAL: Mapping = {"IndexName": "by-size", "SortKey": {"Name": "size", "Type": "N"}}
WRONG: dict[str, Mapping] = {
    "a name with a space": {"TableName": "no spaces"},
    "a name too short": {"TableName": "ab"},
    "a key without a type": {"PartitionKey": {"Name": "id"}},
    "a key in both forms": {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]},
    "time to live in both forms": {
        "TimeToLiveAttribute": "ttl",
        "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "ttl"},
    },
    "an index without a key": {"GlobalSecondaryIndexes": [{"IndexName": "by-nothing"}]},
    "five attributes in one half of a key": {
        "GlobalSecondaryIndexes": [INDEX | {"PartitionKey": [{"Name": f"a{i}", "Type": "S"} for i in range(5)]}]
    },
    "21 global indexes": {"GlobalSecondaryIndexes": [INDEX | {"IndexName": f"by-{i}"} for i in range(21)]},
    "six local indexes": {"LocalSecondaryIndexes": [LOCAL | {"IndexName": f"by-{i}"} for i in range(6)]},
    "no capacity": {"ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 1}},
    "less than no maximum": {"OnDemandThroughput": {"MaxReadRequestUnits": -2}},
    "another cipher": {"SSESpecification": {"SSEEnabled": True, "SSEType": "AES256"}},
    "a stream by its name": {"KinesisStreamSpecification": {"StreamArn": "changes"}},
    "47 tags": {"Tags": [{"Key": f"k{i}", "Value": ""} for i in range(47)]},
    "tags as a mapping": {"Tags": {"team": "checkout"}},
    "a word for a boolean": {"WaitForIndexes": "yes"},
    "an attribute of the answer": {"Arn": "arn:aws:dynamodb:us-east-1:123456789012:table/orders"},
}
RIGHT: list[Mapping] = [
    {},
    {"GlobalSecondaryIndexes": [INDEX | {"PartitionKey": [INDEX["PartitionKey"], {"Name": "city", "Type": "S"}]}]},
    {"OnDemandThroughput": {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 5}},
    {"ResourcePolicy": {"PolicyDocument": {"Version": "2012-10-17", "Statement": []}}},
    {"Tags": [{"Key": "größe", "Value": ""}]},
    {"WaitForIndexes": False, "OnDelete": "Snapshot"},
]
OTHER: Mapping = {
    "TableName": "others",
    "PartitionKey": {"Name": "uuid", "Type": "S"},
    "SortKey": {"Name": "at", "Type": "S"},
    "LocalSecondaryIndexes": [LOCAL],
    "GlobalSecondaryIndexes": [INDEX],
    "BillingMode": "PROVISIONED",
    "TableClass": "STANDARD_INFREQUENT_ACCESS",
    "Tags": [{"Key": "team", "Value": "checkout"}],
    "OnDelete": "Retain",
}


@cache
def template_validator() -> Draft7Validator:
    return Draft7Validator(json.loads(TEMPLATE.read_text()))


def template(properties: Mapping) -> Mapping:
    return {"Resources": {"Orders": {"Type": "Custom::DynamoDBTable", "Properties": properties}}}


def dotted(path: list[str | int]) -> str:
    return re.sub(r"\.(\[)", r"\1", ".".join(f"[{part}]" if isinstance(part, int) else part for part in path))


def name_of(properties: Mapping) -> str:
    """The name of a table, given or generated."""
    declared = read_properties(properties, lambda schema: generated_table_name(STACK_ID, "Orders", schema))
    return declared.schema.table_name


def cfn_lint(*files: Path) -> dict[str, list[tuple[str, str]]]:
    """Run cfn-lint and return where its own rule found what in which file, as ``line:column``."""
    command: list[str | Path] = [TOOLS / "bin" / "cfn-lint", "--format", "parseable", "--", *files]
    lines = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT).stdout.splitlines()
    found: dict[str, list[tuple[str, str]]] = {}
    for line in lines:
        name, row, column, *_ = line.split(":")
        found.setdefault(name, []).append((f"{row}:{column}", line.partition(":E9001:")[2]))
    return found


@pytest.mark.parametrize("file", [REGISTRY, TEMPLATE], ids=lambda file: file.stem)
def test_it_is_a_json_schema(file: Path) -> None:
    Draft7Validator.check_schema(json.loads(file.read_text()))


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_pass(name: str) -> None:
    assert not list(template_validator().iter_errors(load(ROOT / "examples" / f"{name}.yaml")))


def templates_in(document: str) -> list[Mapping]:
    """Every whole template that a document shows."""
    shown = CODE.findall((ROOT / document).read_text())
    return [read(text) for text in shown if re.search(r'^(Resources:| *"Resources")', text, re.MULTILINE)]


@pytest.mark.parametrize(("document", "least"), [("README.md", 1), ("docs/custom-dynamodb-table.md", 4)])
def test_templates_in_the_docs_pass(document: str, least: int) -> None:
    shown = templates_in(document)
    assert len(shown) >= least
    for each in shown:
        assert not list(template_validator().iter_errors(each))
        for resource in each["Resources"].values():
            assert name_of(resource["Properties"])


@pytest.mark.parametrize("more", RIGHT, ids=lambda more: ",".join(more) or "compact")
def test_what_the_function_accepts_passes(more: Mapping) -> None:
    assert name_of(BASE | more) == "orders"
    assert not list(template_validator().iter_errors(template(BASE | more)))


@pytest.mark.parametrize("more", WRONG.values(), ids=WRONG)
def test_what_the_function_refuses_is_found(more: Mapping) -> None:
    with pytest.raises(InvalidRequestError):
        name_of(BASE | more)
    assert list(template_validator().iter_errors(template(BASE | more)))


def test_an_intrinsic_function_may_stand_anywhere() -> None:
    properties = BASE | {
        "ServiceToken": {"Fn::ImportValue": "table-provisioner-ServiceToken"},
        "BillingMode": {"Ref": "BillingMode"},
        "PartitionKey": {"Name": {"Ref": "Key"}, "Type": "S"},
        "GlobalSecondaryIndexes": [{"Fn::If": ["IsLarge", INDEX, {"Ref": "AWS::NoValue"}]}],
        "Tags": {"Fn::If": ["IsLarge", [], {"Ref": "AWS::NoValue"}]},
        "DeletionProtectionEnabled": {"Fn::FindInMap": ["Stage", "prod", "Protection"]},
    }
    assert not list(template_validator().iter_errors(template(properties)))


def test_other_resources_are_left_alone() -> None:
    document = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}, "Other": {"Type": "Custom::Other"}}}
    assert not list(template_validator().iter_errors(document))


def test_five_mistakes_are_five_findings_in_an_editor() -> None:
    prefix = ["Resources", "Orders", "Properties"]
    found = {
        (dotted(list(error.absolute_path)[len(prefix) :]), error.message)
        for error in template_validator().iter_errors(load(SAMPLE))
    }
    assert len(found) == len(IN_THE_SAMPLE)
    for path, words in IN_THE_SAMPLE:
        assert any(at == path and words in message for at, message in found), path


def test_cfn_lint_finds_each_mistake_where_it_stands(tmp_path: Path) -> None:
    """One run, because it takes longer than all tests above."""
    exclusive: Mapping = {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "TimeToLiveAttribute": "ttl",
        "TimeToLiveSpecification": {"Enabled": False},
        "Arn": "arn:aws:dynamodb:us-east-1:123456789012:table/orders",
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template(BASE | exclusive), indent=1))
    found = cfn_lint(SAMPLE, file)
    assert [at for at, _ in found[str(SAMPLE)]] == LINES_OF_THE_SAMPLE
    document = (ROOT / "docs" / "custom-dynamodb-table.md").read_text()
    for (at, message), (_, words) in zip(found[str(SAMPLE)], IN_THE_SAMPLE, strict=True):
        assert words in message
        assert f"E9001 {message}\ntests/samples/five-mistakes.yaml:{at}\n" in document
    assert {message for _, message in found[str(file)]} == {
        "Only one of ['PartitionKey', 'KeySchema', 'Preset'] is a required property",
        "'TimeToLiveSpecification' should not be included with 'TimeToLiveAttribute'",
        "Additional properties are not allowed ('Arn' was unexpected)",
    }


@pytest.mark.parametrize("name", OTHER)
def test_the_schema_tells_what_another_value_replaces(name: str) -> None:
    """A replacement is what has another name; without one of one's own, a name follows from what cannot change."""
    unnamed = {each: value for each, value in BASE.items() if each != "TableName"}
    before = BASE if name == "TableName" else unnamed
    after = before | {name: OTHER[name]}
    if name == "BillingMode":
        after["ProvisionedThroughput"] = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    assert (name_of(before) != name_of(after)) == (name in REPLACING)


def test_another_preset_replaces() -> None:
    names = {name_of({"Preset": preset}) for preset in ("Approval", "BreakGlass", "Session")}
    assert len(names) == 3
    assert "Preset" in REPLACING


def test_an_example_is_told_from_one_with_a_mistake() -> None:
    """Else the tests above might pass because nothing is checked."""
    assert list(template_validator().iter_errors(template(example("compact") | {"TableNam": "orders"})))
