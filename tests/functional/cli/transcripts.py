"""Runs what ``docs/command-line.md`` shows: ``make transcripts`` writes what came of it into the document.

In a block of the kind ``console`` each line that begins with ``$`` is run, in order, in a directory of its own, on one
simulated DynamoDB; what follows it is its output. A block that begins with ``# name.yaml`` is a file in that directory.
"""

from __future__ import annotations

import io
import os
import random
import re
import shlex
import shutil
import sys
import tempfile
from contextlib import chdir, contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast
from unittest.mock import patch

import boto3
from click.testing import CliRunner

from table_provisioner.handler import logger
from tests.functional.cli.services import Services
from tests.simulator.clock import Clock
from tests.simulator.dynamodb import DynamoDB

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs" / "command-line.md"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "COLUMNS": "80",
}
_BLOCK = re.compile(r"(?P<begin>```(?:console|yaml)\n)(?P<body>.*?)(?P<end>```\n)", re.DOTALL)
_FILE = re.compile(r"# (?P<name>[\w.-]+\.yaml)\n(?P<content>.*)", re.DOTALL)
_COMMAND = re.compile(r"(?:echo (?P<typed>\S+) \| )?table-provisioner (?P<arguments>.*?)(?P<is_silent> 2>/dev/null)?")
_TABLE_ID = re.compile(r'(?<="TableId": ")[0-9a-f-]{36}')
"""Each table has another."""


class Shell:
    """As much of a shell as the document uses."""

    def __init__(self, services: Services) -> None:
        """Take the program that the package installs."""
        self._services = services
        (entry,) = entry_points(group="console_scripts", name="table-provisioner")
        self._main = entry.load()
        self._code = 0

    def run(self, line: str) -> str:
        """What a terminal shows after a line."""
        if line == "echo $?":
            return f"{self._code}\n"
        self._services.tables = _tags()
        command = _COMMAND.fullmatch(line)
        if command is None:
            raise ValueError(f"not a command of the document: {line}")
        random.seed(0)  # whatever was imported on the way may have drawn from it
        arguments = ["table-provisioner", *shlex.split(command["arguments"])]
        with patch.object(sys, "argv", arguments), CliRunner().isolation(input=command["typed"] or "") as streams:
            try:
                self._main()
            except SystemExit as end:
                self._code = end.code if isinstance(end.code, int) else 1
            stdout, _, both = streams
            shown: bytes = (stdout if command["is_silent"] else both).getvalue()
        return _TABLE_ID.sub("…", shown.decode())


def rerun(text: str) -> str:
    """A document with the output that its commands have now."""

    def renewed(block: re.Match[str], shell: Shell) -> str:
        if file := _FILE.fullmatch(block["body"]):
            Path(file["name"]).write_text(file["content"])
        if "console" not in block["begin"]:
            return block[0]
        lines = [line.removeprefix("$ ") for line in block["body"].splitlines() if line.startswith("$ ")]
        body = "".join(f"$ {line}\n{_ended(shell.run(line))}" for line in lines)
        return f"{block['begin']}{body}{block['end']}"

    with _surroundings() as services:
        shell = Shell(services)
        return _BLOCK.sub(lambda block: renewed(block, shell), text)


@contextmanager
def _silent_handler() -> Iterator[None]:
    """Keep what the function logs off the screen: imported beside the commands, it logs what they do, too."""
    log = cast("logging.StreamHandler[TextIO]", logger.registered_handler)
    stream = log.setStream(io.StringIO())
    try:
        yield
    finally:
        log.setStream(stream or sys.stdout)


@contextmanager
def _surroundings() -> Iterator[Services]:
    """A directory with the repository's examples, and an AWS without a table or a stack."""
    with tempfile.TemporaryDirectory() as directory:
        for name in ("examples", "events", "tests/samples"):
            shutil.copytree(ROOT / name, Path(directory, name))
        with chdir(directory), patch.dict(os.environ, ENVIRONMENT), Clock().installed(), DynamoDB().installed():
            services = Services()
            for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "FORCE_COLOR"):
                os.environ.pop(name, None)
            with services.installed(), _silent_handler():
                yield services


def _tags() -> dict[str, dict[str, str]]:
    """The tags of every table, as the tagging service has them, too."""
    client = boto3.client("dynamodb")
    arns = {name: client.describe_table(TableName=name)["Table"] for name in client.list_tables()["TableNames"]}
    listed = {name: client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"] for name, table in arns.items()}
    return {name: {tag["Key"]: tag["Value"] for tag in tags} for name, tags in listed.items()}


def _ended(output: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in output.splitlines())


if __name__ == "__main__":
    DOCUMENT.write_text(rerun(DOCUMENT.read_text()))
