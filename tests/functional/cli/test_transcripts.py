"""What ``docs/command-line.md`` shows is what the commands print."""

from __future__ import annotations

import re

from table_provisioner.cli.commands import program
from tests.functional.cli.transcripts import DOCUMENT, rerun


def test_the_document_shows_what_the_commands_print() -> None:
    text = DOCUMENT.read_text()

    assert rerun(text) == text, "run: make transcripts"


def test_every_command_has_a_section_and_is_run() -> None:
    text = DOCUMENT.read_text()

    for name in program.commands:
        assert f"\n## {name}\n" in text
        assert re.search(rf"^\$ (echo \S+ \| )?table-provisioner {name}\b", text, re.MULTILINE), name
