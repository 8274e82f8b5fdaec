"""What ``docs/command-line.md`` shows is what the commands print."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from table_provisioner.cli.commands import program
from table_provisioner.handler import logger
from tests.functional.cli.transcripts import DOCUMENT, rerun

if TYPE_CHECKING:
    import pytest


def test_the_document_shows_what_the_commands_print_and_nothing_else_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logger.registered_handler, "stream", sys.stdout)
    text = DOCUMENT.read_text()

    assert rerun(text) == text, "run: make transcripts"
    assert capsys.readouterr() == ("", "")


def test_every_command_has_a_section_and_is_run() -> None:
    text = DOCUMENT.read_text()

    for name in program.commands:
        assert f"\n## {name}\n" in text
        assert re.search(rf"^\$ (echo \S+ \| )?table-provisioner {name}\b", text, re.MULTILINE), name
