"""What the docs show of other tools makes the table that they say.

The snippets are read here, and made into templates by the tools themselves where those are installed: see
``make snippets``.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from demo.local_cloud import ROOT
from table_provisioner.properties import read_properties

if TYPE_CHECKING:
    from pathlib import Path

Mapping = dict[str, Any]

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
TERRAFORM = shutil.which("terraform")
TOKEN = {"Fn::ImportValue": "table-provisioner-ServiceToken"}
CDK_PROGRAM = """\
import json
import sys
from aws_cdk import App, CfnOutput, CustomResource, Fn, Stack

app = App()
stack = Stack(app, "orders")
{snippet}
json.dump(app.synth().get_stack_by_name("orders").template, sys.stdout)
"""


def snippet(heading: str) -> str:
    """The code below a heading."""
    found = re.search(rf"^### {heading}\n\n```\w+\n(.*?)^```", OPERATIONS, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def encoded(terraform: str) -> str:
    """The object that becomes the stack's template."""
    (body,) = re.findall(r"template_body = jsonencode\((.*?^  })\)", terraform, re.MULTILINE | re.DOTALL)
    return str(body)


def check_properties(properties: Mapping) -> None:
    read = read_properties(properties, lambda _: "generated")
    assert read.schema.partition_key.name == "order_id"
    assert read.options.on_delete == "Snapshot"


def check(template: Mapping, attribute: str) -> None:
    (table,) = (each for each in template["Resources"].values() if each["Type"] == "Custom::DynamoDBTable")
    assert table["Properties"]["ServiceToken"] == TOKEN
    check_properties(table["Properties"])
    (output,) = template["Outputs"].values()
    assert output["Value"]["Fn::GetAtt"][1] == attribute


def test_the_terraform_snippet_holds_a_template() -> None:
    hcl2 = pytest.importorskip("hcl2")
    code = snippet("From Terraform")
    assert hcl2.loads(code).keys() == {"resource", "output"}
    bare = hcl2.SerializationOptions(strip_string_quotes=True)
    check(hcl2.loads(f"template = {encoded(code)}\n", serialization_options=bare)["template"], "TableArn")


def test_the_cdk_snippet_declares_a_table() -> None:
    """As far as that can be told without jsii, which takes Node.js: names of properties, their values, the token."""
    calls = {
        ast.unparse(each.func): each for each in ast.walk(ast.parse(snippet("From CDK"))) if isinstance(each, ast.Call)
    }
    resource = {each.arg: each.value for each in calls["CustomResource"].keywords}
    assert resource.keys() == {"resource_type", "service_token", "properties"}
    assert ast.literal_eval(resource["resource_type"]) == "Custom::DynamoDBTable"
    assert ast.unparse(resource["service_token"]) == f"Fn.import_value({TOKEN['Fn::ImportValue']!r})"
    check_properties(ast.literal_eval(resource["properties"]))
    assert ast.unparse(calls["table.get_att_string"]) == "table.get_att_string('TableArn')"


@pytest.mark.skipif(not TERRAFORM, reason="terraform is not installed")
def test_terraform_makes_a_template_of_its_snippet(tmp_path: Path) -> None:
    code = snippet("From Terraform")
    assert TERRAFORM
    subprocess.run([TERRAFORM, "fmt", "-check", "-"], input=code, text=True, check=True, capture_output=True)
    expression = f"jsonencode({encoded(code)})"
    expression = " ".join(re.sub(r"([}\]\"])\n(\s*)(?=\w)", r"\1,\n\2", expression).split())
    console = [TERRAFORM, f"-chdir={tmp_path}", "console"]
    shown = subprocess.run(console, input=expression, text=True, check=True, capture_output=True).stdout
    check(json.loads(json.loads(shown)), "TableArn")


@pytest.mark.skipif(not importlib.util.find_spec("aws_cdk"), reason="aws-cdk-lib is not installed: make snippets")
def test_cdk_synthesises_a_template_of_its_snippet(tmp_path: Path) -> None:
    program = tmp_path / "app.py"
    program.write_text(CDK_PROGRAM.format(snippet=snippet("From CDK")))
    made = subprocess.run([sys.executable, program], cwd=tmp_path, text=True, check=True, capture_output=True)
    check(json.loads(made.stdout), "TableArn")
