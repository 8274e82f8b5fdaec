from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import table_provisioner.cli
from table_provisioner.cli.commands import program
from tests.functional.cli.conftest import CommandLine  # noqa: TC001 -- pytest hands it over

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulator.dynamodb import DynamoDB
    from tests.simulator.faults import Call, Phase

EXAMPLES = sorted(Path(__file__).parents[3].joinpath("examples").glob("*.yaml"))
FAULTY = """
    Parameters:
      Stage: {Type: String}
    Resources:
      Orders:
        Type: Custom::DynamoDBTable
        Properties:
          ServiceToken: !ImportValue token
          TableName: orders
          PartitionKey: {Name: id, Type: X}
          BilingMode: PAY_PER_REQUEST
      Sessions:
        Type: Custom::DynamoDBTable
        Properties:
          ServiceToken: !ImportValue token
          Preset: Session
          Tags:
            - {Key: stage, Value: !Ref Stage}
            - {Key: 'aws:x', Value: y}
          SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !GetAtt Key.Arn}
      Key: {Type: 'AWS::KMS::Key'}
    """


def properties(command_line: CommandLine, text: str, *arguments: str) -> dict[str, object]:
    """The table that a file of properties declares, as ``plan`` understands it."""
    (table,) = command_line.json("plan", command_line.file(text, "table.yaml"), *arguments)["tables"]
    declared: dict[str, object] = table["declared"]
    return declared


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_are_valid(command_line: CommandLine, example: Path) -> None:
    result = command_line.run("validate", str(example))

    assert (result.exit_code, result.stdout) == (0, "No faults in 1 table.\n")


def test_validate_reports_every_fault_with_its_place(command_line: CommandLine) -> None:
    path = command_line.file(FAULTY)

    result = command_line.run("validate", path)

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{path}:10:32: Orders: PartitionKey.Type: 'X' is not allowed. Use 'S', 'N' or 'B'.",
        f"{path}:11:7: Orders: BilingMode: is not a property that exists here. Did you mean BillingMode?",
        f"{path}:19:12: Sessions: Tags[1].Key: 'aws:x' begins with 'aws:', which is kept for AWS. Rename the tag.",
    ]
    *unchecked, summary = result.stderr.splitlines()
    assert [line.partition(" is ")[0].partition(" has ")[0] for line in unchecked] == [
        f"{path}:18:24: Sessions: Tags[0].Value: 'Stage'",
        f"{path}:20:58: Sessions: SSESpecification.KMSMasterKeyId: 'Key.Arn'",
    ]
    assert all(line.endswith(" (not checked)") for line in unchecked)
    assert summary == "Error: 3 faults in 2 tables."


def test_validate_in_json_has_a_fixed_form(command_line: CommandLine) -> None:
    path = command_line.file(FAULTY)

    document = command_line.json("validate", path, "--logical-id", "Orders", "--parameter", "Stage=dev")

    assert document["unchecked"] == []
    assert document["faults"][0] == {
        "file": path,
        "line": 10,
        "column": 32,
        "logical_resource_id": "Orders",
        "path": "PartitionKey.Type",
        "problem": "'X' is not allowed.",
        "fix": "Use 'S', 'N' or 'B'.",
    }


@pytest.mark.usefixtures("aws")
def test_plan_lists_every_fault_and_everything_unknown(command_line: CommandLine) -> None:
    result = command_line.run("plan", command_line.file(FAULTY))

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: 5 faults:\n")
    assert "'Key.Arn' has no value here. Give it one: --parameter Key.Arn=VALUE" in result.stderr


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        pytest.param("!Ref Stage", ["Stage=prod-table"], "prod-table", id="a given parameter"),
        pytest.param("!Ref Name", [], "default-name", id="the default of a parameter"),
        pytest.param("{Ref: Name}", [], "default-name", id="the long form"),
        pytest.param("!Sub '${Name}-${AWS::Region}'", [], "default-name-us-east-1", id="Sub"),
        pytest.param("!Sub ['${A}-${Name}', {A: !Ref Name}]", [], "default-name-default-name", id="Sub with names"),
        pytest.param("!Sub 'x${!literal}y'", [], "x${literal}y", id="Sub with a literal"),
        pytest.param("!Sub '${Other.Name}'", ["Other.Name=theirs"], "theirs", id="Sub of an attribute"),
        pytest.param("!GetAtt Other.Name", ["Other.Name=theirs"], "theirs", id="GetAtt of a given value"),
        pytest.param("{Fn::GetAtt: Other.Name}", ["Other.Name=theirs"], "theirs", id="GetAtt as one text"),
        pytest.param("!Join ['-', [a, !Ref Name]]", [], "a-default-name", id="Join"),
        pytest.param("!Join ['-', !Ref Names]", [], "one-two", id="Join of a list parameter"),
        pytest.param("!FindInMap [Names, !Ref AWS::Region, table]", [], "mapped", id="FindInMap"),
        pytest.param("!If [IsDefault, yes-it-is, no-it-is-not]", [], "yes-it-is", id="If"),
        pytest.param("!If [IsOther, yes-it-is, no-it-is-not]", [], "no-it-is-not", id="If with Not, And and Or"),
        pytest.param("'007'", [], "007", id="a number in quotes"),
        pytest.param("123", [], "123", id="a number"),
        pytest.param("2026-01-01", [], "2026-01-01", id="a date"),
    ],
)
def test_a_value_is_what_cloudformation_would_send(
    command_line: CommandLine, name: str, arguments: Sequence[str], expected: str
) -> None:
    template = command_line.file(f"""
        Parameters:
          Stage: {{Type: String}}
          Name: {{Type: String, Default: default-name}}
          Names: {{Type: CommaDelimitedList, Default: 'one, two'}}
        Mappings:
          Names: {{us-east-1: {{table: mapped}}}}
        Conditions:
          IsDefault: !Equals [!Ref Name, default-name]
          IsOther: !And [!Not [!Condition IsDefault], !Or [!Condition IsDefault, !Equals [a, a]]]
        Resources:
          Table:
            Type: Custom::DynamoDBTable
            Properties:
              PartitionKey: {{Name: id, Type: S}}
              Tags: [{{Key: name, Value: {name}}}]
        """)
    given = [part for argument in arguments for part in ("--parameter", argument)]

    document = command_line.json("validate", template, *given)
    planned = command_line.run("plan", template, "--table-name", "orders", *given)

    assert document["unchecked"] == []
    if "{" not in expected:
        assert f"+ Tags.name     {expected}\n" in planned.stdout


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        pytest.param("!ImportValue x", "Fn::ImportValue is worked out by a stack only.", id="ImportValue"),
        pytest.param("!Ref Bucket", "'Bucket' has no value here.", id="Ref to a resource"),
        pytest.param("!Ref Stored", "'Stored' has no value here.", id="a parameter from the parameter store"),
        pytest.param("!Select [0, !GetAZs '']", "Fn::Select is worked out by a stack only.", id="Select"),
        pytest.param("!FindInMap [A, !Ref Name, c]", "Mappings have no A.name.c.", id="FindInMap by a parameter"),
        pytest.param("!Join ['-', !Ref Name]", "Fn::Join has no list of texts.", id="Join of a text"),
        pytest.param("!Sub ['${A}', {A: [1]}]", "['1'] is not a text.", id="Sub of a list"),
    ],
)
def test_what_only_a_stack_can_know_is_said_and_is_no_fault(
    command_line: CommandLine, value: str, problem: str
) -> None:
    template = command_line.file(f"""
        Parameters:
          Stored: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /name}}
          Name: {{Type: String, Default: name}}
        Mappings:
          A: {{eu-west-1: {{c: d}}}}
        Resources:
          Bucket: {{Type: 'AWS::S3::Bucket'}}
          Table:
            Type: Custom::DynamoDBTable
            Properties:
              ServiceToken: !ImportValue token
              Preset: Approval
              SSESpecification: {{SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: {value}}}
        """)

    result = command_line.run("validate", template)

    assert result.exit_code == 0
    assert f"Table: SSESpecification.KMSMasterKeyId: {problem}" in result.stderr


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("value", ["!Ref Kee", "!GetAtt Kee.Arn", "!Sub '${Kee.Arn}'", "!Join ['', [!Ref Kee]]"])
@pytest.mark.parametrize("command", [["validate"], ["plan"], ["invoke", "--request", "Create"]])
def test_a_name_that_the_template_does_not_have_is_a_fault(
    command_line: CommandLine, command: list[str], value: str
) -> None:
    template = command_line.file(f"""
        Parameters:
          Stage: {{Type: String}}
        Resources:
          Orders:
            Type: Custom::DynamoDBTable
            Properties:
              ServiceToken: !ImportValue token
              TableName: orders
              PartitionKey: {{Name: id, Type: S}}
              SSESpecification: {{SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: {value}}}
        """)

    result = command_line.run(*command, template)

    assert result.exit_code == 1
    assert (
        f"{template}:11:58: Orders: SSESpecification.KMSMasterKeyId: 'Kee' is neither a parameter nor a resource of "
        "the template. Declare it, or correct the name." in result.output
    )
    assert result.output.count("Kee") == 1
    given = "Kee.Arn=k" if "Kee.Arn" in value else "Kee=k"
    assert command_line.run("validate", template, "--parameter", given).exit_code == 0


REFERRING = """\
Parameters:
  Stage: {{Type: String}}
Mappings:
  Keys: {{prod: {{Arn: k}}}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  Circle: !Not [!Condition Circle]
  Wrong: !Or [!Condition IsPord, !Equals [!Ref Stge, prod]]
  Odd: !Ref Stage
Resources:
  Key: {{Type: 'AWS::KMS::Key'}}
  Orders:
    Type: Custom::DynamoDBTable
    {condition}
    Properties:
      ServiceToken: !ImportValue token
      TableName: orders
      PartitionKey: {{Name: id, Type: S}}
      SSESpecification: {{SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: {value}}}
"""


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        pytest.param("!If [IsPord, a, b]", ["'IsPord' is no condition of the template. Did you mean IsProd?"], id="If"),
        pytest.param("!If [Circle, a, b]", ["condition 'Circle' is defined by itself. Break the circle."], id="circle"),
        pytest.param(
            "!If [Wrong, a, b]",
            [
                "'IsPord' is no condition of the template. Did you mean IsProd?",
                "'Stge' is neither a parameter nor a resource of the template. Did you mean Stage?",
            ],
            id="within a condition",
        ),
        pytest.param(
            "!If [Odd, a, b]",
            ["condition 'Odd' cannot be {'Ref': 'Stage'}. Write Fn::Equals, Fn::And, Fn::Or or Fn::Not."],
            id="a condition that is none",
        ),
        pytest.param(
            "!If [IsProd, !GetAtt Kye.Arn, k]",
            ["'Kye' is neither a parameter nor a resource of the template. Did you mean Key?"],
            id="in the branch that is not taken",
        ),
        pytest.param("!FindInMap [Kyes, prod, Arn]", ["Mappings have no 'Kyes'. Did you mean Keys?"], id="a mapping"),
        pytest.param("!FindInMap [Keys, prd, Arn]", ["Mapping Keys has no 'prd'. Did you mean prod?"], id="its name"),
        pytest.param("!FindInMap [Keys, prod, X]", ["Mapping Keys.prod has no 'X'. Declare it, or"], id="the last one"),
        pytest.param("!FindInMap [Keys, !Ref Stge, Arn]", ["'Stge' is neither a parameter"], id="Ref in FindInMap"),
        pytest.param(
            "!Ref AWS::Regoin", ["'AWS::Regoin' is no pseudo parameter of CloudFormation. Did you mean AWS::Region?"],
            id="a pseudo parameter",
        ),
        pytest.param("!Select [0, [!Ref Stge]]", ["'Stge' is neither a parameter"], id="in a function of stacks"),
        pytest.param("!Join ['-', text]", ["Fn::Join does not take ['-', 'text']. Give it a list of"], id="Join"),
        pytest.param("!If [IsProd, a]", ["Fn::If does not take ['IsProd', 'a']."], id="If without an else"),
        pytest.param("!Sub ['${A}', {A: !Ref X, B: b}]", ["'X' is neither a parameter"], id="a name of Sub's own"),
        pytest.param("!Jion [a]", ["Fn::Jion is no function that gives a value. Did you mean Fn::Join?"], id="x"),
    ],
)  # fmt: skip
def test_what_no_stack_could_work_out_is_a_fault(
    command_line: CommandLine, value: str, problems: Sequence[str]
) -> None:
    result = command_line.run("validate", command_line.file(REFERRING.format(value=value, condition="")))

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert len(lines) == len(problems)
    assert all(
        f":19:58: Orders: SSESpecification.KMSMasterKeyId: {problem}" in line
        for problem, line in zip(problems, lines, strict=True)
    )


def test_a_wrong_name_of_a_property_is_found_whatever_its_value(command_line: CommandLine) -> None:
    template = REFERRING.replace("TableName: orders", "TabelName: !Ref Stage").format(value="k", condition="")

    result = command_line.run("validate", command_line.file(template))

    assert result.exit_code == 1
    assert "TabelName: is not a property that exists here. Did you mean TableName?" in result.stdout


def test_a_transform_may_add_what_is_not_in_the_template(command_line: CommandLine) -> None:
    text = "Transform: AWS::Serverless-2016-10-31\n" + REFERRING.format(
        value="!GetAtt RoleOfTransform.Arn", condition=""
    )

    assert command_line.run("validate", command_line.file(text)).exit_code == 0


@pytest.mark.parametrize(
    ("written", "included"),
    [
        ("Keys: {{prod: {{Arn: k}}}}", "Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: s3://a/b}}}}"),
        ("{{prod: {{Arn: k}}}}", "{{Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: s3://a/b}}}}}}"),
        ("{{Arn: k}}", "{{Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: s3://a/b}}}}}}"),
    ],
)
def test_a_part_that_is_included_may_hold_what_is_not_in_the_template(
    command_line: CommandLine, written: str, included: str
) -> None:
    assert written in REFERRING
    text = REFERRING.replace(written, included, 1).format(value="!FindInMap [Keys, prod, Arn]", condition="")

    result = command_line.run("validate", command_line.file(text))

    assert result.exit_code == 0, result.stdout


def test_an_attribute_may_be_written_as_one_text(command_line: CommandLine) -> None:
    text = REFERRING.format(value="{Fn::GetAtt: Key.Arn}", condition="")
    path = command_line.file(text)
    wrong = command_line.file(text.replace("Key.Arn", "Kye.Arn"), "wrong.yaml")

    assert command_line.run("validate", path).exit_code == 0
    assert "'Kye' is neither a parameter nor a resource of the template." in command_line.run("validate", wrong).stdout


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("IsPord", "'IsPord' is no condition of the template. Did you mean IsProd?"),
        ("Circle", "condition 'Circle' is defined by itself."),
        ("[IsProd]", "Condition cannot be {'Condition': ['IsProd']}."),
    ],
)
def test_a_condition_of_the_resource_that_is_not_there_is_a_fault(
    command_line: CommandLine, condition: str, problem: str
) -> None:
    path = command_line.file(REFERRING.format(value="k", condition=f"Condition: {condition}"))

    result = command_line.run("validate", path)

    assert result.exit_code == 1
    assert result.stdout.startswith(f"{path}:14:5: Orders: Condition: {problem}")


def test_a_resource_without_its_token_is_a_fault_in_a_template_alone(command_line: CommandLine) -> None:
    resource = "{Type: 'Custom::DynamoDBTable', Properties: {Preset: Session}}"
    template = command_line.file(f"Resources: {{Sessions: {resource}}}")

    result = command_line.run("validate", template)

    assert result.exit_code == 1
    assert result.stdout == (
        f"{template}:1:55: Sessions: ServiceToken: is missing. Add the function's ARN, which its stack exports.\n"
    )
    native = command_line.file("Resources: {Users: {Type: 'AWS::DynamoDB::Table', Properties: {Preset: Session}}}")
    assert command_line.run("validate", native, "--native").exit_code == 0
    assert command_line.run("validate", command_line.file("Preset: Session")).exit_code == 0


@pytest.mark.usefixtures("aws")
def test_a_property_without_a_value_is_left_out(command_line: CommandLine) -> None:
    text = """
        TableName: orders
        PartitionKey: {Name: id, Type: S}
        TableClass: !Ref AWS::NoValue
        Tags: [!Ref AWS::NoValue]
        """

    declared = properties(command_line, text)

    assert "TableClass" not in declared
    assert declared["Tags"] == []


@pytest.mark.usefixtures("aws")
def test_booleans_and_numbers_are_read_by_the_schema(command_line: CommandLine) -> None:
    text = """
        TableName: 123
        PartitionKey: {Name: id, Type: S}
        DeletionProtectionEnabled: yes
        ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: '6'}
        """

    declared = properties(command_line, text)

    assert declared["TableName"] == "123"
    assert declared["DeletionProtectionEnabled"] is True
    assert declared["ProvisionedThroughput"] == {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}


@pytest.mark.usefixtures("aws")
def test_json_says_the_same(command_line: CommandLine) -> None:
    text = """{
      "TableName": {"Ref": "Name"}, "PartitionKey": {"Name": "id", "Type": "S"},
      "DeletionProtectionEnabled": true, "OnDemandThroughput": {"MaxReadRequestUnits": 5},
      "Tags": [{"Key": "a", "Value": "b"}]
    }"""

    (table,) = command_line.json("plan", command_line.file(text, "t.json"), "--parameter", "Name=o-1")["tables"]

    assert table["declared"]["TableName"] == "o-1"
    assert table["declared"]["DeletionProtectionEnabled"] is True
    assert table["declared"]["OnDemandThroughput"]["MaxReadRequestUnits"] == 5


def test_a_resource_whose_condition_does_not_hold_is_left_out(command_line: CommandLine) -> None:
    template = command_line.file("""
        Conditions:
          Never: !Equals [a, b]
        Resources:
          Orders: {Type: 'Custom::DynamoDBTable', Condition: Never, Properties: {ServiceToken: t, Preset: Nonsense}}
          Sessions: {Type: 'Custom::DynamoDBTable', Properties: {ServiceToken: t, Preset: Session}}
        """)

    assert command_line.run("validate", template).exit_code == 0
    assert command_line.run("validate", template, "--logical-id", "Orders").exit_code == 1


@pytest.mark.parametrize("timeout", ["0", "3601", "soon", "[60]"])
def test_a_timeout_that_cloudformation_refuses_is_a_fault(command_line: CommandLine, timeout: str) -> None:
    path = command_line.file(f"Preset: Session\nServiceTimeout: {timeout}\n")

    result = command_line.run("validate", path)

    assert result.exit_code == 1
    assert re.fullmatch(
        rf"{path}:2:1: ServiceTimeout: .* is no whole number of seconds from 1 to 3600. Write one, or leave it out.\n",
        result.stdout,
    )


COLD = """\
TableName: orders
PartitionKey: {Name: id, Type: S}
WarmThroughput: {ReadUnitsPerSecond: 11999, WriteUnitsPerSecond: 4000}
"""


def test_a_floor_that_a_new_table_exceeds_is_named_and_refused_before_any_call(
    command_line: CommandLine, aws: DynamoDB
) -> None:
    path = command_line.file(COLD)
    problem = (
        "WarmThroughput.ReadUnitsPerSecond: 11999 is less than the 12000 that the billing mode gives on demand, as a "
        "new table is by default. Write 12000 or more, or remove it."
    )

    validated = command_line.run("validate", path)
    (planned,) = command_line.json("plan", path)["tables"]
    applied = command_line.run("apply", path, "--yes")

    assert (validated.exit_code, validated.stderr) == (0, f"{path}:3:18: {problem} (not checked)\n")
    assert (planned["steps"], planned["error"]["code"]) == ([], "InvalidRequest")
    assert (applied.exit_code, aws.mutations) == (1, [])
    assert command_line.run("validate", command_line.file(COLD.replace("11999", "12000"))).stderr == ""


def test_a_table_that_is_provisioned_takes_a_lower_floor(command_line: CommandLine, aws: DynamoDB) -> None:
    provisioned = "ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 1}\n"
    command_line.run("apply", command_line.file(COLD.partition("Warm")[0] + provisioned), "--yes")

    assert command_line.run("apply", command_line.file(COLD), "--yes").exit_code == 0
    assert aws.mutations == ["CreateTable", "UpdateTable"]


def test_a_fault_behind_an_entry_without_a_value_is_found_at_its_own_place(command_line: CommandLine) -> None:
    path = command_line.file("""\
        Conditions: {Never: !Equals [a, b]}
        Resources:
          Sessions:
            Type: Custom::DynamoDBTable
            Properties:
              ServiceToken: token
              Preset: Session
              Tags:
                - !If [Never, {Key: a, Value: b}, !Ref AWS::NoValue]
                - {Key: team, Value: shop}
                - !Ref AWS::NoValue
                - {Key: 'aws:x', Value: y}
        """)

    result = command_line.run("validate", path)

    assert result.stdout == (
        f"{path}:12:12: Sessions: Tags[3].Key: 'aws:x' begins with 'aws:', which is kept for AWS. Rename the tag.\n"
    )


def test_several_tables_are_counted(command_line: CommandLine) -> None:
    template = command_line.file("""
        Resources:
          A: {Type: 'Custom::DynamoDBTable', Properties: {ServiceToken: t, Preset: Session}}
          B: {Type: 'Custom::DynamoDBTable', Properties: {ServiceToken: t, Preset: Approval}}
        """)

    assert command_line.run("validate", template).stdout == "No faults in 2 tables.\n"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("t.yaml", b"a: [", "t.yaml:1:5: not YAML: expected the node content", id="broken YAML"),
        pytest.param("t.yaml", b"a: \x07", "t.yaml: not YAML: special characters are not", id="a control character"),
        pytest.param("t.yaml", b"", "t.yaml: is empty.", id="an empty file"),
        pytest.param("t.yaml", b"\xff", "t.yaml: is not UTF-8: invalid start byte at byte 0.", id="not UTF-8"),
        pytest.param("t.yaml", b"- a", "t.yaml: is neither a template nor the properties", id="a list"),
        pytest.param("t.yaml", b"a: b\na: c", "t.yaml:2:1: gives 'a' a second time. Give it once.", id="a name twice"),
        pytest.param("t.yaml", b"a: b\nc:", "t.yaml:2:3: has no value", id="no value"),
        pytest.param("t.yaml", b"? [a]\n: b", "t.yaml:1:3: is a name that is not a text.", id="a list for a name"),
        pytest.param("t.yaml", b"&a [*a]", "t.yaml:1:1: contains itself", id="an alias of what it is in"),
        pytest.param("t.yaml", b"Resources: x", "t.yaml:1:1: Resources is not a mapping.", id="Resources as a text"),
        pytest.param("t.json", b'{"a": 1 1}', "t.json:1:9: not JSON", id="broken JSON"),
        pytest.param("t.json", b'{"a": null}', "t.json:1:7: has no value", id="a null"),
        pytest.param("t.json", b'{"a": 1, "a": 2}', "t.json:1:10: gives 'a' a second time.", id="a JSON name twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_message(
    command_line: CommandLine, name: str, content: bytes, message: str
) -> None:
    path = command_line.directory / name
    path.write_bytes(content)

    result = command_line.run("validate", str(path))

    assert result.exit_code == 1
    assert message in result.stdout
    assert len(result.stdout.splitlines()) == 1
    assert result.stderr == "Error: 1 fault.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "Give a FILE or a --preset.", id="neither a file nor a preset"),
        pytest.param(["FILE", "--preset", "Session"], "Give a FILE or a --preset, not both.", id="both"),
        pytest.param(["/missing.yaml"], "No such file or directory", id="a missing file"),
        pytest.param(
            ["--preset", "Other"], "'Other' is not one of 'Approval', 'BreakGlass', 'Session'.", id="an unknown preset"
        ),
        pytest.param(["FILE", "--parameter", "x"], "'x' is not NAME=VALUE.", id="a parameter without a value"),
        pytest.param(["FILE", "--logical-id", "C"], "There is no Custom::DynamoDBTable C in", id="an unknown resource"),
        pytest.param(["EMPTY"], "With --native, AWS::DynamoDB::Table counts, too.", id="no table"),
        pytest.param(["FILE", "--table-name", "orders"], "choose by --logical-id: A, B.", id="one name for two tables"),
        pytest.param(
            ["TABLE", "--logical-id", "A"],
            "There is no Custom::DynamoDBTable A in",
            id="a resource of a file of properties",
        ),
    ],
)
def test_a_wrong_use_is_one_clear_message_and_exits_with_1(
    command_line: CommandLine, arguments: Sequence[str], message: str
) -> None:
    files = {
        "FILE": command_line.file("""
            Resources:
              A: {Type: 'Custom::DynamoDBTable', Properties: {Preset: Session}}
              B: {Type: 'Custom::DynamoDBTable', Properties: {Preset: Approval}}
            """),
        "EMPTY": command_line.file("Resources: {}", "empty.yaml"),
        "TABLE": command_line.file("Preset: Session", "table.yaml"),
    }

    result = command_line.run("validate", *(files.get(argument, argument) for argument in arguments))

    assert result.exit_code == 1
    assert message in result.stderr


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("name", ["BreakGlass", "breakglass", "BREAKGLASS"])
def test_a_preset_may_be_given_in_any_case(command_line: CommandLine, name: str) -> None:
    (table,) = command_line.json("plan", "--preset", name)["tables"]

    assert table["table_name"] == "sentinel-breakglass"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("table-provisioner plan --preset ", "plain,Approval\nplain,BreakGlass\nplain,Session\n"),
        ("table-provisioner plan --preset break", "plain,BreakGlass\n"),
        ("table-provisioner pl", "plain,plan\n"),
        ("table-provisioner validate tem", "file,tem\n"),
    ],
)
def test_a_shell_completes_commands_presets_and_files(words: str, expected: str) -> None:
    index = words.count(" ")
    environment = {"_TABLE_PROVISIONER_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(index)}

    result = CliRunner().invoke(program, prog_name="table-provisioner", env=environment)

    assert result.stdout == expected


def test_an_unknown_profile_is_one_clear_message(command_line: CommandLine) -> None:
    result = command_line.run("status", "orders", "--profile", "nobody-has-this")

    assert result.exit_code == 1
    assert result.stderr == (
        "Error: The config profile (nobody-has-this) could not be found. "
        "Give a region and credentials as for the AWS CLI: see --help.\n"
    )


@pytest.mark.usefixtures("aws")
def test_a_bad_setting_of_the_sdk_is_told_with_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_METADATA_SERVICE_TIMEOUT", "long")

    result = CliRunner().invoke(program, ["status", "orders"])

    assert result.exit_code == 1
    assert result.stderr.startswith("InvalidRequest: the AWS configuration has a bad value: ")
    assert "'long'" in result.stderr


def test_an_unexpected_error_is_one_message_that_says_where(aws: DynamoDB) -> None:
    def fail(call: Call, _: Phase) -> None:
        raise ZeroDivisionError(call.operation)

    aws.interceptors.append(fail)

    result = CliRunner().invoke(program, ["status", "orders"])

    assert result.exit_code == 1
    assert re.fullmatch(
        r"Error: InternalFailure: ZeroDivisionError: DescribeTable \(\w+\.py:\d+\)\. Please report it\.\n",
        result.stderr,
    )


def test_an_unknown_command_exits_with_1(command_line: CommandLine) -> None:
    assert command_line.run("explode").exit_code == 1
    assert command_line.run("--explode").exit_code == 1


def test_the_standard_input_is_a_file_too(command_line: CommandLine) -> None:
    assert command_line.run("validate", "-", typed="Preset: Session").exit_code == 0


def test_the_module_answers_as_the_program_does() -> None:
    command = [sys.executable, "-m", "table_provisioner", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 -- this program

    assert "plan      Show what apply would do, and change nothing." in shown


@pytest.mark.parametrize("library", ["click", "rich", "yaml"])
def test_without_its_libraries_it_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    for name in [name for name in sys.modules if name.startswith(("table_provisioner.cli.", f"{library}."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(SystemExit, match=r"pip install 'table-provisioner\[cli\]'"):
        table_provisioner.cli.main()


STAGED = """
    Parameters:
      Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
      Owner: {Type: String, Default: shop, AllowedPattern: '[a-z]+'}
      Regions: {Type: CommaDelimitedList, Default: 'eu, us', AllowedValues: [eu, us]}
    Resources:
      Orders:
        Type: Custom::DynamoDBTable
        Properties:
          ServiceToken: token
          TableName: !Sub '${Stage}-${Owner}'
          PartitionKey: {Name: id, Type: S}
          SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !GetAtt Key.Arn}
      Key: {Type: 'AWS::KMS::Key'}
    """


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param("Stagee=prod", "--parameter Stagee: no file declares it or refers to it. Did you mean Stage?"),
        pytest.param("Key.Arm=k", "--parameter Key.Arm: no file declares it or refers to it. Did you mean Key.Arn?"),
        pytest.param("Stage=bogus", ":3:3: Stage: 'bogus' is not allowed. Use 'dev' or 'prod'."),
        pytest.param("Owner=Shop", ":4:3: Owner: 'Shop' is not allowed. Use what matches [a-z]+."),
        pytest.param("Regions=eu,mars", ":5:3: Regions: 'mars' is not allowed. Use 'eu' or 'us'."),
    ],
    ids=["a misspelt parameter", "a misspelt attribute", "no allowed value", "not like the pattern", "in a list"],
)
@pytest.mark.parametrize("command", [["validate"], ["apply", "--yes"]], ids=["validate", "apply"])
def test_a_parameter_that_the_template_does_not_take_is_refused(
    command_line: CommandLine, command: Sequence[str], given: str, message: str
) -> None:
    result = command_line.run(
        *command, command_line.file(STAGED), "--parameter", "Key.Arn=alias/k", "--parameter", given
    )

    assert result.exit_code == 1
    assert message in result.output


def test_a_parameter_may_be_of_one_file_alone(command_line: CommandLine) -> None:
    others = command_line.file("Preset: Session", "table.yaml")

    result = command_line.run("validate", others, command_line.file(STAGED), "--parameter", "Stage=prod")

    assert result.stdout == "No faults in 2 tables of 2 files.\n"


CONDITIONAL = """
    Parameters:
      Stage: {Type: String, Default: dev}
      Class: {Type: String, Default: usual}
      Size: {Type: String, Default: small, AllowedValues: [small, large]}
    Conditions:
      IsProd: !Equals [!Ref Stage, prod]
      IsUsual: !Equals [usual, !Ref Class]
    Mappings:
      Modes: {small: {mode: PAY_PER_REQUEST}, large: {mode: PROVISIONEDD}}
    Resources:
      Orders:
        Type: Custom::DynamoDBTable
        Condition: IsProd
        Properties: {ServiceToken: token, TableName: orders, PartitionKey: {Name: id, Type: X}}
    """
WITH_ANOTHER = """\
  Sessions:
        Type: Custom::DynamoDBTable
        Properties:
          ServiceToken: token
          TableName: sessions
          PartitionKey: {Name: id, Type: S}
          BillingMode: !FindInMap [Modes, !Ref Size, mode]
          TableClass: !If [IsUsual, STANDARD, STANDARDD]
    """


def test_validate_tries_the_other_values_of_parameters(command_line: CommandLine) -> None:
    path = command_line.file(CONDITIONAL + WITH_ANOTHER)

    given = (part for each in ("Stage=dev", "Size=small", "Class=usual") for part in ("--parameter", each))

    result = command_line.run("validate", path)
    fixed = command_line.run("validate", path, *given)

    faults = [line.removeprefix(path) for line in result.stdout.splitlines()]
    assert [(line.partition(" is not allowed")[0], line.partition(" (")[2]) for line in faults] == [
        (":15:83: Orders: PartitionKey.Type: 'X'", "with --parameter Stage=prod)"),
        (":22:7: Sessions: BillingMode: 'PROVISIONEDD'", "with --parameter Size=large)"),
        (":23:7: Sessions: TableClass: 'STANDARDD'", "with --parameter Class=…)"),
    ]
    assert result.stderr == "Error: 3 faults in 2 tables.\n"
    assert fixed.stdout == "No faults in 1 table.\n"
    assert f"{path}:14:5: Orders: Condition: 'IsProd' does not hold, so the table is left out." in fixed.stderr


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"]], ids=["plan", "apply"])
def test_a_table_that_is_left_out_is_named_and_no_error(command_line: CommandLine, command: Sequence[str]) -> None:
    result = command_line.run(*command, command_line.file(CONDITIONAL))

    assert (result.exit_code, result.stdout) == (0, "")
    assert "Orders: Condition: 'IsProd' does not hold, so the table is left out." in result.stderr


@pytest.mark.parametrize("token", ["!GetAtt Nope.Arn", "!Ref Nope", "!Sub '${Nope}'"])
def test_a_token_that_the_template_does_not_have_is_a_fault(command_line: CommandLine, token: str) -> None:
    path = command_line.file(f"""
        Resources:
          Orders: {{Type: 'Custom::DynamoDBTable', Properties: {{ServiceToken: {token}, Preset: Session}}}}
        """)

    result = command_line.run("validate", path)

    assert result.exit_code == 1
    assert "Orders: ServiceToken: 'Nope' is neither a parameter nor a resource of the template." in result.stdout


def test_a_wrong_shape_is_answered_with_the_right_one(command_line: CommandLine) -> None:
    path = command_line.file(
        """
        PartitionKey: order_id
        Tags: {team: checkout}
        StreamSpecification: [NEW_IMAGE]
        """,
        "table.yaml",
    )

    result = command_line.run("validate", path)

    assert result.stdout.splitlines() == [
        f"{path}:2:1: PartitionKey: 'order_id' is not a mapping. Write {{Name: …, Type: S}}.",
        f"{path}:3:1: Tags: is a mapping, not a list. Write [{{Key: …, Value: …}}].",
        f"{path}:4:1: StreamSpecification: is a list, not a mapping. Write {{StreamViewType: KEYS_ONLY}}.",
    ]


def test_a_name_of_an_index_that_another_has_is_found_whatever_else_is_wrong_with_the_two(
    command_line: CommandLine,
) -> None:
    path = command_line.file(
        """
        TableName: orders
        PartitionKey: {Name: id, Type: S}
        GlobalSecondaryIndexes:
          - {IndexName: by-day, PartitionKey: {Name: day, Type: X}}
          - {IndexName: by-day, PartitionKey: {Name: day, Type: S}}
        """,
        "table.yaml",
    )

    result = command_line.run("validate", path)

    assert [line.partition(" ")[2] for line in result.stdout.splitlines()] == [
        "GlobalSecondaryIndexes[0].PartitionKey.Type: 'X' is not allowed. Use 'S', 'N' or 'B'.",
        "GlobalSecondaryIndexes[1].IndexName: 'by-day' is taken. Give each index its own name.",
    ]


def test_what_may_be_a_table_and_is_not_looked_at_is_named(command_line: CommandLine) -> None:
    path = command_line.file("""
        Resources:
          Good: {Type: 'Custom::DynamoDBTable', Properties: {ServiceToken: !ImportValue token, Preset: Session}}
          Misspelt: {Type: 'Custom::DynamoDbTable', Properties: {ServiceToken: other}}
          Ours: {Type: 'Custom::Table', Properties: {ServiceToken: !ImportValue token}}
          Theirs: {Type: 'Custom::Table', Properties: {ServiceToken: theirs}}
          Fn::ForEach::Tables:
            - Name
            - [A, B]
            - '${Name}': {Type: 'Custom::DynamoDBTable', Properties: {ServiceToken: !ImportValue token}}
        """)

    result = command_line.run("validate", path)

    assert result.stdout == "No faults in 1 table.\n"
    another = "is another type, so it is not looked at. Did you mean Custom::DynamoDBTable?"
    assert result.stderr.splitlines() == [
        f"{path}:4:14: Misspelt: Type: 'Custom::DynamoDbTable' {another}",
        f"{path}:5:10: Ours: Type: 'Custom::Table' {another}",
        f"{path}:7:3: Fn::ForEach::Tables: is not looked into. Check its tables outside of it.",
    ]


def test_a_value_that_no_template_names_is_not_made_up(command_line: CommandLine) -> None:
    path = command_line.file("""
        Parameters:
          Stream: {Type: String, Default: ''}
          Reads: {Type: Number, Default: 0}
        Conditions:
          HasStream: !Not [!Equals [!Ref Stream, '']]
          HasReads: !Not [!Equals [0, !Ref Reads]]
        Resources:
          Orders:
            Type: Custom::DynamoDBTable
            Properties:
              ServiceToken: token
              TableName: orders
              PartitionKey: {Name: id, Type: S}
              KinesisStreamSpecification: !If [HasStream, {StreamArn: !Ref Stream}, !Ref AWS::NoValue]
              OnDemandThroughput: !If [HasReads, {MaxReadRequestUnits: !Ref Reads}, !Ref AWS::NoValue]
        """)

    result = command_line.run("validate", path)

    assert (result.stdout, result.stderr) == ("No faults in 1 table.\n", "")
