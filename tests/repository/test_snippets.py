"""What the docs show of other tools makes the table that they say."""

from __future__ import annotations

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


def check(template: Mapping, attribute: str) -> None:
    (table,) = (each for each in template["Resources"].values() if each["Type"] == "Custom::DynamoDBTable")
    assert table["Properties"]["ServiceToken"] == {"Fn::ImportValue": "table-provisioner-ServiceToken"}
    read = read_properties(table["Properties"], lambda _: "generated")
    assert read.schema.partition_key.name == "order_id"
    assert read.options.on_delete == "Snapshot"
    (output,) = template["Outputs"].values()
    assert output["Value"]["Fn::GetAtt"][1] == attribute


@pytest.mark.skipif(not TERRAFORM, reason="terraform is not installed")
def test_the_terraform_snippet_is_formatted_and_holds_a_template(tmp_path: Path) -> None:
    code = snippet("From Terraform")
    assert TERRAFORM
    subprocess.run([TERRAFORM, "fmt", "-check", "-"], input=code, text=True, check=True, capture_output=True)
    (body,) = re.findall(r"template_body = (jsonencode\(.*?^  }\))", code, re.MULTILINE | re.DOTALL)
    expression = " ".join(re.sub(r"([}\]\"])\n(\s*)(?=\w)", r"\1,\n\2", body).split())
    console = [TERRAFORM, f"-chdir={tmp_path}", "console"]
    shown = subprocess.run(console, input=expression, text=True, check=True, capture_output=True).stdout
    check(json.loads(json.loads(shown)), "TableArn")


@pytest.mark.skipif(not importlib.util.find_spec("aws_cdk"), reason="aws-cdk-lib is not installed")
def test_the_cdk_snippet_synthesises_a_template(tmp_path: Path) -> None:
    program = tmp_path / "app.py"
    program.write_text(CDK_PROGRAM.format(snippet=snippet("From CDK")))
    made = subprocess.run([sys.executable, program], cwd=tmp_path, text=True, check=True, capture_output=True)
    check(json.loads(made.stdout), "TableArn")
