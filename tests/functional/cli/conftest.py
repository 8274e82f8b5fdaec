"""The command line, run in this process on a simulated DynamoDB."""

from __future__ import annotations

import json
import math
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from table_provisioner.cli.commands import program
from tests.simulator.dynamodb.fixtures import aws_environment, dynamodb
from tests.simulator.faults import Fault, Refused

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from tests.simulator.dynamodb import DynamoDB

__all__ = ["aws_environment", "dynamodb"]


@dataclass(frozen=True)
class CommandLine:
    """Runs commands in a directory of its own."""

    directory: Path

    def run(self, *arguments: str, typed: str = "") -> Result:
        """Run a command and return how it ended; a traceback fails the test."""
        result = CliRunner().invoke(program, arguments, input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "InternalFailure" not in result.output
        return result

    def json(self, *arguments: str) -> Any:  # noqa: ANN401 -- whatever the command says
        """Run a command and return the document that it prints."""
        return json.loads(self.run(*arguments, "--json").stdout)

    def file(self, text: str, name: str = "template.yaml") -> str:
        """Write a file and return its path."""
        path = self.directory / name
        path.write_text(textwrap.dedent(text))
        return str(path)


@pytest.fixture
def command_line(tmp_path: Path) -> CommandLine:
    """The command line, without an AWS to talk to."""
    return CommandLine(tmp_path)


@pytest.fixture
def aws(dynamodb: DynamoDB) -> DynamoDB:
    """The simulated DynamoDB that the commands meet."""
    return dynamodb


def denied(operation: str | None = None) -> Fault:
    """No permission for an operation, or for any."""
    text = "User: arn:aws:iam::123456789012:user/eve is not authorized to perform this on resource"
    return Fault(Refused("AccessDeniedException", text), operation=operation, times=math.inf)
