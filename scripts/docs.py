"""Write what the docs say of the code from the code: ``make docs``.

A generated part of a document stands between two comments, which name the module of :mod:`scripts.generated` that
writes it::

    <!-- generated: decisions (make docs) -->
    …
    <!-- end of decisions -->

A new part takes a module with a function ``markdown()``, and the two comments where it is to appear.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
_PART = re.compile(
    r"(?P<begin><!-- generated: (?P<name>\w+) \(make docs\) -->\n).*?(?P<end><!-- end of (?P=name) -->\n)", re.DOTALL
)


def documents() -> Iterator[Path]:
    """Everything that may have generated parts."""
    yield from (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


def parts(text: str) -> list[str]:
    """The names of the generated parts of a document."""
    return [part["name"] for part in _PART.finditer(text)]


def renewed(text: str) -> str:
    """A document with all its generated parts as the code has them now."""
    return _PART.sub(lambda part: f"{part['begin']}\n{_markdown(part['name'])}\n{part['end']}", text)


def _markdown(name: str) -> str:
    module = importlib.import_module(f"scripts.generated.{name}")
    return f"{module.markdown().strip()}\n"


def main() -> int:
    """Renew every document, and say which ones changed."""
    for document in documents():
        before = document.read_text()
        after = renewed(before)
        if after != before:
            document.write_text(after)
            print(f"{document.relative_to(ROOT)} was renewed")  # noqa: T201 -- what a script says
    return 0


if __name__ == "__main__":
    sys.exit(main())
