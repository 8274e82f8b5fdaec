from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo.local_cloud import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.functional.cli.conftest import CommandLine

BLOCK = """\
# the shop
Resources:
  Orders:   # every order
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    UpdateReplacePolicy: 'Retain'
    Properties:
      # the key
      AttributeDefinitions:
      - AttributeName: "id"
        AttributeType: S
      KeySchema: [ {AttributeName: id,   KeyType: HASH} ]
      BillingMode: PAY_PER_REQUEST
      TableName: !Sub ${AWS::StackName}-orders

      Tags:
        - {Key: a, Value: "b"}   # why
  Topic: {Type: AWS::SNS::Topic}
Outputs:
  Arn: {Value: !GetAtt Orders.Arn}
"""
FLOW = (
    "Resources: {Orders: {Type: 'AWS::DynamoDB::Table', Properties: {KeySchema: [{AttributeName: id, KeyType: HASH}],"
    " AttributeDefinitions: [{AttributeName: id, AttributeType: S}], BillingMode: PAY_PER_REQUEST}}}"
)
JSON = """{
  "Resources": {
    "Orders": {"Type": "AWS::DynamoDB::Table",
      "Properties": {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST"
      }
    }
  }
}
"""
NATIVE = {
    "block": BLOCK,
    "windows": BLOCK.replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + BLOCK,
    "no last newline": BLOCK.rstrip(),
    "flow": FLOW,
    "json": JSON,
    "json with tabs": JSON.replace("  ", "\t"),
    "json on one line": json.dumps(json.loads(JSON)),
    "json without white space": json.dumps(json.loads(JSON), separators=(",", ":")),
    "json that is windows": JSON.replace("\n", "\r\n"),
}
TABLE = """\
Resources:
  Orders:
    Type: Custom::DynamoDBTable
    Properties:
      ServiceToken: !ImportValue table-provisioner-ServiceToken
"""


def converted(command_line: CommandLine, content: str, *arguments: str, name: str = "t.yaml") -> str:
    """What ``convert`` writes."""
    path = command_line.directory / name
    path.write_bytes(content.encode())
    result = command_line.run("convert", str(path), *arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout_bytes.decode()


def properties(command_line: CommandLine, content: str) -> dict[str, Any]:
    """The table that a template declares, of either type."""
    path = command_line.file(content, "declared.yaml")
    (table,) = command_line.json("plan", path, "--native", "--table-name", "orders")["tables"]
    declared: dict[str, Any] = table["declared"]
    for index in declared["LocalSecondaryIndexes"]:
        index.pop("PartitionKey", None)  # the table's, said or not
    declared["GlobalSecondaryIndexes"].sort(key=lambda index: index["IndexName"])  # in whichever order
    return declared


@pytest.mark.parametrize("content", NATIVE.values(), ids=NATIVE.keys())
def test_there_and_back_not_a_byte_differs(command_line: CommandLine, content: str) -> None:
    custom = converted(command_line, content)
    back = converted(command_line, custom, "--to-native")

    assert "Custom::DynamoDBTable" in custom
    assert "AWS::DynamoDB::Table" not in custom
    assert back == content


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("content", NATIVE.values(), ids=NATIVE.keys())
def test_the_table_stays_the_same(command_line: CommandLine, content: str) -> None:
    custom = converted(command_line, content)

    assert properties(command_line, custom) == properties(command_line, content)


def test_only_what_has_to_change_is_changed(command_line: CommandLine) -> None:
    custom = converted(command_line, BLOCK).splitlines()
    native = BLOCK.splitlines()

    assert [line for line in custom if line not in native] == [
        "    Type: Custom::DynamoDBTable",
        "      ServiceToken: !ImportValue table-provisioner-ServiceToken",
    ]
    assert [line for line in native if line not in custom] == ["    Type: AWS::DynamoDB::Table"]


def test_lines_end_as_the_others_do(command_line: CommandLine) -> None:
    custom = converted(command_line, BLOCK.replace("\n", "\r\n"))

    assert custom.count("\n") == custom.count("\r\n") == BLOCK.count("\n") + 1


_BLANKS = st.sampled_from(["", "\n", "   # note: {a, b}\n", "\n\n"])


@st.composite
def templates(draw: st.DrawFn) -> str:
    """Native templates in many a hand."""
    step = " " * draw(st.integers(1, 6))
    quote = draw(st.sampled_from(["", "'", '"']))
    dash = draw(st.sampled_from(["", step]))
    lines = [
        f"Resources:{draw(st.sampled_from(['', '  # all']))}\n",
        f"{step}Orders:\n",
        *draw(
            st.permutations([f"{step * 2}Type: {quote}AWS::DynamoDB::Table{quote}\n", f"{step * 2}DependsOn: Key\n"])
        ),
        f"{step * 2}Properties:{draw(st.sampled_from(['', ' ', '   # these']))}\n",
    ]
    lines += draw(
        st.permutations(
            [
                f"{step * 3}TableName: {quote}orders{quote}\n",
                f"{step * 3}BillingMode: PAY_PER_REQUEST{draw(st.sampled_from(['', ' # cheap']))}\n",
                f"{step * 3}KeySchema:\n{step * 3}{dash}- AttributeName: id\n{step * 3}{dash}  KeyType: HASH\n",
                f"{step * 3}AttributeDefinitions: [{{AttributeName: id,AttributeType: S}}]\n",
                f"{step * 3}Tags: [\n{step * 4}{{Key: a, Value: !Sub '${{AWS::StackName}}'}},\n{step * 3}]\n",
            ]
        )
    )
    return "".join(line + draw(_BLANKS) for line in lines)


@given(content=templates())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_there_and_back_for_templates_in_many_a_hand(command_line: CommandLine, content: str) -> None:
    custom = converted(command_line, content)

    assert command_line.run("validate", command_line.file(custom)).exit_code == 0
    assert converted(command_line, custom, "--to-native") == content


COMPACT = {
    "a key alone": "      PartitionKey: {Name: id, Type: S}\n",
    "a whole key in lines": """\
      SortKey:
        Name: at   # a time
        Type: N
      PartitionKey:
        Name: 'id'
        Type: S
      TimeToLiveAttribute: ttl
""",
    "indexes": """\
      TimeToLiveAttribute: ttl
      PartitionKey: {Name: id, Type: S}
      GlobalSecondaryIndexes:
        - PartitionKey: {Name: email, Type: S}
          SortKey: {Name: id, Type: S}
          IndexName: by-email
        - IndexName: by-day
          PartitionKey: [{Name: day, Type: S}, {Name: shop, Type: S}]
          Projection: {ProjectionType: KEYS_ONLY}
        - {IndexName: by-shop, PartitionKey: {Name: shop, Type: S}}
""",
    "local indexes": """\
      PartitionKey: {Name: id, Type: S}
      SortKey: {Name: at, Type: N}
      LocalSecondaryIndexes:
        - IndexName: by-size
          SortKey: {Name: size, Type: N}
""",
    "a native table with a compact index": """\
      AttributeDefinitions:
        - AttributeName: id
          AttributeType: S
      KeySchema:
        - AttributeName: id
          KeyType: HASH
      GlobalSecondaryIndexes:
        - IndexName: by-email
          PartitionKey: {Name: email, Type: S}
""",
    "vector indexes": """\
      PartitionKey: {Name: id, Type: S}
      VectorIndexes:
        - IndexName: by-meaning
          VectorAttribute: {AttributeName: meaning}
          InlineFilters: [{Name: city, Type: S}, {Name: size, Type: N}]
          PartitionKey: {Name: shop, Type: S}
          Dimensions: 256
          DistanceFunction: COSINE
        - IndexName: "by-look"   # of the picture
          VectorAttribute: {AttributeName: look}
          Dimensions: 256
          DistanceFunction: COSINE
""",
    "capacity": """\
      PartitionKey: {Name: id, Type: S}
      ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 1}
""",
}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("compact", COMPACT.values(), ids=COMPACT.keys())
def test_the_compact_form_becomes_the_native_one(command_line: CommandLine, compact: str) -> None:
    native = converted(command_line, TABLE + compact, "--to-native")

    declared = properties(command_line, native)
    before = properties(command_line, TABLE + compact)
    assert declared | {"BillingMode": None} == before | {"BillingMode": None}
    assert not any(
        f" {word}" in native
        for word in ("PartitionKey", "SortKey", "InlineFilters", "TimeToLiveAttribute", "ServiceToken")
    )
    assert native.count("Projection: ") == native.count("IndexName: ")
    assert "BillingMode: PAY_PER_REQUEST" in native or "ProvisionedThroughput" in native


PRESETS = {
    "alone": "      Preset: Session   # ours\n",
    "with tags and a name": "      TableName: mine\n      Preset: Approval\n      Tags: [{Key: a, Value: b}]\n",
    "with an index in lines": """\
      Preset: BreakGlass
      GlobalSecondaryIndexes:
      - IndexName: by-day   # the day
        PartitionKey: {Name: day, Type: S}
      WaitForIndexes: false
""",
    "with an index in braces": """\
      GlobalSecondaryIndexes: [{IndexName: by-day, PartitionKey: {Name: status, Type: S}}]
      Preset: BreakGlass
""",
    "with no index of its own": "      Preset: BreakGlass\n      GlobalSecondaryIndexes: []\n",
    "with a native index": """\
      AttributeDefinitions: [{AttributeName: day, AttributeType: N}]
      Preset: Approval
      GlobalSecondaryIndexes:
        - IndexName: by-day
          KeySchema: [{AttributeName: day, KeyType: HASH}]
          Projection: {ProjectionType: KEYS_ONLY}
""",
    "with capacity in lines": """\
      Preset: Session
      BillingMode: PROVISIONED
      ProvisionedThroughput:
        ReadCapacityUnits: 5
        WriteCapacityUnits: !Ref Writes
""",
    "with another time to live": "      TimeToLiveAttribute: until\n      Preset: Session\n",
    "without time to live": "      TimeToLiveSpecification: {Enabled: false}\n      Preset: Session\n",
    "with another encryption": "      SSESpecification: {SSEEnabled: false}\n      Preset: Session\n",
}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS.keys())
def test_a_preset_is_written_out(command_line: CommandLine, preset: str) -> None:
    template = "Parameters: {Writes: {Type: Number, Default: 3}}\n" + TABLE + preset
    path = command_line.file(template)

    result = command_line.run("convert", path, "--to-native")

    assert properties(command_line, result.stdout) == properties(command_line, template)
    assert re.search(r"Orders: native tables have no Preset; \w+ was written out\.\n", result.stderr)
    assert not any(f" {word}" in result.stdout for word in ("Preset", "PartitionKey", "TimeToLiveAttribute"))
    assert all(comment in result.stdout for comment in re.findall(r"   # .*", preset))


@pytest.mark.usefixtures("aws")
def test_a_preset_in_json_is_written_out_in_json(command_line: CommandLine) -> None:
    index = {"IndexName": "by-day", "PartitionKey": {"Name": "day", "Type": "S"}}
    given = {"ServiceToken": "arn:x", "Preset": "Approval", "GlobalSecondaryIndexes": [index]}
    template = json.dumps({"Resources": {"Orders": {"Type": "Custom::DynamoDBTable", "Properties": given}}}, indent=1)

    native = converted(command_line, template, "--to-native", name="t.json")

    table = json.loads(native)["Resources"]["Orders"]["Properties"]
    assert [each["IndexName"] for each in table["GlobalSecondaryIndexes"]] == [
        "gsi-requester",
        "gsi-status",
        "gsi-profile",
        "by-day",
    ]
    assert table["TimeToLiveSpecification"] == {"Enabled": True, "AttributeName": "ttl"}
    assert properties(command_line, native) == properties(command_line, template)


@pytest.mark.parametrize(
    "indexes",
    [
        "[!If [Big, {IndexName: by-day, PartitionKey: {Name: day, Type: S}}, !Ref AWS::NoValue]]",
        "!If [Big, [{IndexName: by-day, PartitionKey: {Name: day, Type: S}}], []]",
        "{Fn::If: [Big, [{IndexName: by-day, PartitionKey: {Name: day, Type: S}}], []]}",
    ],
)
def test_a_compact_key_that_a_function_chooses_is_refused(command_line: CommandLine, indexes: str) -> None:
    path = command_line.file(
        f"{TABLE}      PartitionKey: {{Name: id, Type: S}}\n      GlobalSecondaryIndexes: {indexes}\n"
    )

    result = command_line.run("convert", path, "--to-native")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "Orders: PartitionKey stands within a function in GlobalSecondaryIndexes. Write KeySchema" in result.stderr


def test_json_in_the_compact_form_becomes_native_json(command_line: CommandLine) -> None:
    key, index = {"Name": "id", "Type": "S"}, {"Name": "email", "Type": "S"}
    given = {
        "ServiceToken": "arn:x",
        "PartitionKey": key,
        "GlobalSecondaryIndexes": [{"IndexName": "by-email", "PartitionKey": index}],
        "OnDelete": "Retain",
        "WaitForIndexes": False,
    }
    template = {"Resources": {"Orders": {"Type": "Custom::DynamoDBTable", "Properties": given}}}

    written = converted(command_line, json.dumps(template, indent=1), "--to-native", name="t.json")

    assert json.loads(written)["Resources"]["Orders"] == {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "AttributeDefinitions": [
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "email", "AttributeType": "S"},
            ],
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by-email",
                    "KeySchema": [{"AttributeName": "email", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        },
    }


@given(
    names=st.permutations(["PartitionKey", "SortKey", "TimeToLiveAttribute", "OnDelete", "ServiceToken", "TableName"]),
    indent=st.sampled_from([None, 1, 4]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_goes_from_between_braces_takes_one_comma_with_it(
    command_line: CommandLine, names: list[str], indent: int | None
) -> None:
    given = {
        "PartitionKey": {"Name": "id", "Type": "S"},
        "SortKey": {"Name": "at", "Type": "N"},
        "TimeToLiveAttribute": "ttl",
        "OnDelete": "Retain",
        "ServiceToken": "arn:x",
        "TableName": "orders",
    }
    table = {"Type": "Custom::DynamoDBTable", "Properties": {name: given[name] for name in names}}

    written = converted(
        command_line, json.dumps({"Resources": {"Orders": table}}, indent=indent), "--to-native", name="t.json"
    )

    assert json.loads(written)["Resources"]["Orders"]["Properties"] == {
        "AttributeDefinitions": [
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": "N"},
        ],
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
        "TableName": "orders",
    }


@pytest.mark.parametrize(
    ("on_delete", "remedy"),
    [
        ("Delete", "it was Delete."),
        ("Retain", "it was Retain. Write DeletionPolicy: Retain and UpdateReplacePolicy: Retain instead."),
        ("Snapshot", "it was Snapshot. A native table cannot be snapshotted on deletion: write DeletionPolicy: Retain"),
    ],
)
def test_items_that_are_kept_are_kept_by_what_a_native_table_can_do(
    command_line: CommandLine, on_delete: str, remedy: str
) -> None:
    path = command_line.file(f"{TABLE}      PartitionKey: {{Name: id, Type: S}}\n      OnDelete: {on_delete}\n")

    (line,) = (line for line in command_line.run("convert", path, "--to-native").stderr.splitlines() if path in line)

    assert line.startswith(f"{path}:7:7: Orders: native tables have no OnDelete; {remedy}")


@pytest.mark.parametrize(
    ("properties", "is_nameless"),
    [
        ("PartitionKey: {Name: id, Type: S}", True),
        ("PartitionKey: {Name: id, Type: S}\n      TableName: orders", False),
        ("Preset: Session", False),
    ],
)
def test_the_way_of_a_live_table_out_is_told(command_line: CommandLine, properties: str, *, is_nameless: bool) -> None:
    result = command_line.run("convert", command_line.file(f"{TABLE}      {properties}\n"), "--to-native")

    assert "  1. Custom::DynamoDBTable with OnDelete: Retain." in result.stderr
    assert "  2. A template without Orders: the table stays" in result.stderr
    assert "     type IMPORT for Orders. Deployed over the live table, it fails.\n" in result.stderr
    assert ("Orders: TableName is not declared. Before that, declare the name" in result.stderr) is is_nameless


def test_what_native_tables_lack_is_listed_with_its_place(command_line: CommandLine) -> None:
    path = command_line.file(f"""\
{TABLE}      PartitionKey: {{Name: id, Type: S}}
      OnDelete: Retain
      AllowIndexRecreation: true
      ServiceTimeout: 600
Outputs:
  Id: {{Value: !GetAtt Orders.TableId}}
  Name: {{Value: !Sub 'x-${{Orders.TableName}}-${{AWS::Region}}'}}
  Arn: {{Value: !GetAtt Orders.Arn}}
  Status:
    Value:
      Fn::GetAtt: [Orders, Status]
""")

    listed, way, _ = command_line.run("convert", path, "--to-native").stderr.partition("A live table moves")
    lines = listed.splitlines()
    assert way

    assert [line.removeprefix(f"{path}:").partition(". ")[0].rstrip(".") for line in lines] == [
        "7:7: Orders: native tables have no OnDelete; it was Retain",
        "8:7: Orders: native tables have no AllowIndexRecreation; it was true",
        "9:7: Orders: native tables have no ServiceTimeout; it was 600",
        "11:15: Orders: Fn::GetAtt TableId is no attribute of AWS::DynamoDB::Table",
        "12:17: Orders: Fn::GetAtt TableName is no attribute of AWS::DynamoDB::Table",
        "16:7: Orders: Fn::GetAtt Status is no attribute of AWS::DynamoDB::Table",
    ]


def test_only_the_resources_asked_for_are_converted(command_line: CommandLine) -> None:
    two = BLOCK + "\n".join(line for line in BLOCK.replace("Orders", "Users").splitlines()[2:16]).replace("#", "#")
    template = two.replace("Outputs:\n  Arn: {Value: !GetAtt Orders.Arn}\n", "")

    custom = converted(command_line, template, "--logical-id", "Users")

    assert custom.count("Custom::DynamoDBTable") == custom.count("AWS::DynamoDB::Table") == 1
    assert custom.index("AWS::DynamoDB::Table") < custom.index("Custom::DynamoDBTable")


SHARED = """\
Resources:
  Orders:
    Type: Custom::DynamoDBTable
    Properties: &orders
      ServiceToken: &token !ImportValue table-provisioner-ServiceToken
      PartitionKey: &key {Name: id, Type: S}
      TimeToLiveAttribute: &ttl until
  Users:
    Type: Custom::DynamoDBTable
    Properties:
      ServiceToken: *token
      PartitionKey: *key   # the same
      TimeToLiveAttribute: *ttl
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: until}}
"""


def test_what_tables_share_by_aliases_is_converted_in_each(command_line: CommandLine) -> None:
    table = """\
      AttributeDefinitions:
        - {AttributeName: id, AttributeType: S}
      BillingMode: PAY_PER_REQUEST
      KeySchema:
        - {AttributeName: id, KeyType: HASH}
      TimeToLiveSpecification: {AttributeName: until, Enabled: true}
"""

    assert (
        converted(command_line, SHARED, "--to-native").replace("   # the same", "")
        == f"""\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties: &orders
{table}\
  Users:
    Type: AWS::DynamoDB::Table
    Properties:
{table}\
  Topic: {{Type: AWS::SNS::Topic, Properties: {{DisplayName: until}}}}
"""
    )


@pytest.mark.parametrize(
    ("template", "arguments"),
    [
        pytest.param(SHARED, ["--to-native", "--logical-id", "Orders"], id="of a table that stays"),
        pytest.param(SHARED.replace("DisplayName: until", "DisplayName: *ttl"), ["--to-native"], id="of another kind"),
        pytest.param(
            SHARED + "  Other: {Type: My::Own::Thing, Properties: *orders}\n", ["--to-native"], id="as a whole"
        ),
    ],
)
def test_what_others_share_with_a_table_is_not_changed_under_them(
    command_line: CommandLine, template: str, arguments: list[str]
) -> None:
    path = command_line.file(template)

    result = command_line.run("convert", path, *arguments, "--write")

    assert result.exit_code == 1
    assert "other parts of the template share some of what is to be changed" in result.stderr
    assert Path(path).read_text() == template


@pytest.mark.parametrize("alias", ["*indexes", "[*index]"])
def test_an_index_that_tables_share_is_not_changed_twice(command_line: CommandLine, alias: str) -> None:
    index = "&index {IndexName: by-day, PartitionKey: {Name: day, Type: S}}"
    key = "PartitionKey: {Name: id, Type: S}"
    path = command_line.file(f"""\
        Resources:
          A: {{Type: 'Custom::DynamoDBTable', Properties: {{{key}, GlobalSecondaryIndexes: &indexes [{index}]}}}}
          B: {{Type: 'Custom::DynamoDBTable', Properties: {{{key}, GlobalSecondaryIndexes: {alias}}}}}
        """)

    result = command_line.run("convert", path, "--to-native")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "B: an index in GlobalSecondaryIndexes is an alias of others." in result.stderr


def test_properties_with_an_anchor_are_converted(command_line: CommandLine) -> None:
    template = BLOCK.replace("Properties:\n", "Properties: &orders\n")

    assert converted(command_line, converted(command_line, template), "--to-native") == template
    assert "\n      ServiceToken: " in converted(command_line, template)


def test_write_changes_the_file_and_prints_nothing(command_line: CommandLine) -> None:
    path = command_line.file(BLOCK)

    result = command_line.run("convert", path, "--write")

    assert (result.exit_code, result.stdout) == (0, "")
    assert Path(path).read_text() == converted(command_line, BLOCK)


@pytest.mark.parametrize(
    ("token", "written"),
    [
        (
            "arn:aws:lambda:us-east-1:123456789012:function:p",
            "ServiceToken: arn:aws:lambda:us-east-1:123456789012:function:p",
        ),
        ("p-ServiceToken", "ServiceToken: !ImportValue p-ServiceToken"),
    ],
)
def test_the_function_is_given_by_arn_or_by_export(command_line: CommandLine, token: str, written: str) -> None:
    assert f"      {written}\n" in converted(command_line, BLOCK, "--service-token", token)


def test_it_says_in_which_order_a_live_table_moves(command_line: CommandLine) -> None:
    named = command_line.run("convert", command_line.file(BLOCK)).stderr
    nameless = command_line.run("convert", command_line.file(FLOW, "flow.yaml")).stderr

    steps = ["DeletionPolicy: Retain", "The converted template", "another logical id for Orders"]
    assert [named.index(step) for step in steps] == sorted(named.index(step) for step in steps)
    assert "TableName is not declared" not in named
    assert "Orders: TableName is not declared." in nameless


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        pytest.param("Resources: {}", [], "There is no AWS::DynamoDB::Table in", id="nothing to convert"),
        pytest.param(BLOCK, ["--to-native"], "There is no Custom::DynamoDBTable in", id="nothing to convert back"),
        pytest.param(BLOCK, ["--logical-id", "Users"], "There is no AWS::DynamoDB::Table Users in", id="unknown"),
        pytest.param(
            "Resources: {Orders: {Type: 'AWS::DynamoDB::Table'}}", [], "1:13: Orders: has no Properties.", id="empty"
        ),
        pytest.param(
            "A: &a {TableName: x}\nResources: {Orders: {Type: 'AWS::DynamoDB::Table', Properties: *a}}",
            [],
            "Orders: Properties are an alias of others.",
            id="an alias",
        ),
        pytest.param(
            TABLE + "      Preset: !Ref Which\n",
            ["--to-native"],
            "6:7: Orders: Preset is none of those",
            id="any preset",
        ),
        pytest.param(
            TABLE + "      Preset: Sessions\n", ["--to-native"], "6:7: Orders: Preset is none of those", id="no preset"
        ),
        pytest.param(
            TABLE + "      Preset: Session\n      PartitionKey: {Name: id, Type: S}\n",
            ["--to-native"],
            "7:7: Orders: PartitionKey is given beside Preset",
            id="a preset and a key",
        ),
        pytest.param(
            TABLE + "      Preset: Session\n      GlobalSecondaryIndexes: !If [A, [], []]\n",
            ["--to-native"],
            "7:7: Orders: GlobalSecondaryIndexes beside a Preset are no plain list",
            id="a preset and a choice of indexes",
        ),
        pytest.param(
            TABLE + "      Preset: Session\n      GlobalSecondaryIndexes: [{IndexName: gsi-status}]\n",
            ["--to-native"],
            "7:33: Orders: Preset has an index gsi-status of its own. Give this one another name.",
            id="a preset and an index of the same name",
        ),
        pytest.param(
            TABLE + "      PartitionKey: id\n", ["--to-native"], "PartitionKey is not {Name, Type}.", id="key"
        ),
        pytest.param("a: [", [], "t.yaml:1:5: not YAML:", id="no YAML"),
    ],
)
def test_what_cannot_be_converted_is_one_clear_message(
    command_line: CommandLine, content: str, arguments: Sequence[str], message: str
) -> None:
    path = command_line.directory / "t.yaml"
    path.write_text(content)

    result = command_line.run("convert", str(path), *arguments, "--write")

    assert result.exit_code == 1
    assert message in result.stderr
    assert path.read_text() == content


@pytest.mark.parametrize("example", ["orders", "orders-three-index-changes", "compact"])
def test_the_examples_can_be_taken_back(command_line: CommandLine, example: str) -> None:
    native = converted(command_line, (ROOT / "examples" / f"{example}.yaml").read_text(), "--to-native")
    path = command_line.file(native, "native.yaml")

    assert command_line.run("validate", path, "--native").exit_code == 0
