"""What the docs say of the code is what the code says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.docs import ROOT, documents, parts, renewed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("document", [*documents()], ids=lambda path: path.name)
def test_generated_parts_are_current(document: Path) -> None:
    text = document.read_text()
    assert renewed(text) == text, "run: make docs"


def test_every_generator_has_its_place_in_a_document() -> None:
    generators = {path.stem for path in (ROOT / "scripts" / "generated").glob("[a-z]*.py")}
    assert {name for document in documents() for name in parts(document.read_text())} == generators
