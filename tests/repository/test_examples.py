"""What a consumer copies is right."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from demo.local_cloud import ROOT, TOOLS
from table_provisioner.properties import read_properties
from tests.repository.templates import example

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = sorted(file.stem for file in (ROOT / "examples").glob("*.yaml"))
WHAT_IS_NEW = """Custom::DynamoDBTable
    Properties:
      ServiceToken:
        Fn::ImportValue: !Sub ${ProvisionerStack}-ServiceToken
"""
WHAT_STOOD_THERE = """AWS::DynamoDB::Table
    Properties:
"""


def cfn_lint(file: Path) -> str:
    """Run cfn-lint and return what it finds, but for the parameter that the ServiceToken leaves unused."""
    command: list[str | Path] = [TOOLS / "bin" / "cfn-lint", "--ignore-checks", "W2001", "--", file]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_function_accepts_it(name: str) -> None:
    assert read_properties(example(name), lambda _: "named-elsewhere").schema.table_name


@pytest.mark.parametrize("name", ["orders", "orders-three-index-changes"])
def test_it_is_a_native_template_but_for_type_and_service_token(name: str, tmp_path: Path) -> None:
    """cfn-lint holds the rest against the schema of ``AWS::DynamoDB::Table``."""
    text = (ROOT / "examples" / f"{name}.yaml").read_text()
    assert text.count(WHAT_IS_NEW) == 1
    native = tmp_path / "native.yaml"
    native.write_text(text.replace(WHAT_IS_NEW, WHAT_STOOD_THERE))
    assert cfn_lint(native) == ""
