"""What the docs say of the code is what the code says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from scripts.docs import FILES, ROOT, documents, files, parts, wanted
from scripts.generated.schemas import describe
from scripts.markdown import UndescribedFieldError
from table_provisioner.schema import Model

if TYPE_CHECKING:
    from pathlib import Path


def anchors(document: Path) -> set[str]:
    """The fragments by which the headings of a document are linked to, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("file", [*files()], ids=lambda path: path.name)
def test_what_is_generated_is_current(file: Path) -> None:
    assert file.read_text() == wanted(file), "run: make docs"


def test_every_generator_has_its_place() -> None:
    generators = {path.stem for path in (ROOT / "scripts" / "generated").glob("[a-z]*.py")}
    named = [*FILES.values(), *(name for document in documents() for name in parts(document.read_text()))]
    assert {name.partition(".")[0] for name in named} == generators


@pytest.mark.parametrize("document", [*documents()], ids=lambda path: path.name)
def test_every_mark_begins_a_part(document: Path) -> None:
    text = document.read_text()
    assert text.count("<!-- generated: ") == text.count("<!-- end of ") == len(parts(text))


@pytest.mark.parametrize("document", [*documents()], ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", document.read_text()):
        name, _, fragment = target.partition("#")
        file = document.parent / name if name else document
        assert file.exists(), target
        assert not fragment or fragment in anchors(file), target


@pytest.mark.parametrize("document", [*documents()], ids=lambda path: path.name)
def test_prose_fits_into_120_columns(document: Path) -> None:
    """Tables, code, long links and what a program writes may be wider."""
    wider = r"^<!-- generated: .*?^<!-- end of |^ *```.*?^ *```$|^Written by `make bench`.*"
    prose = re.sub(wider, "", document.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert [line for line in prose.splitlines() if len(line) > 120 and " " in line and line[0] != "|"] == []


def test_a_field_without_a_docstring_is_named() -> None:
    class Order(Model):
        placed_at: str
        """When it was placed."""
        force_deletion: bool = False

    properties: dict[str, dict[str, str]] = {"PlacedAt": {"type": "string"}, "ForceDeletion": {"type": "boolean"}}
    with pytest.raises(UndescribedFieldError, match=r"^Order\.force_deletion has no docstring"):
        describe(Order, properties)
    assert properties["PlacedAt"]["description"] == "When it was placed."
