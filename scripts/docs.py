"""Write what follows from the code: ``make docs``.

A generated part of a document stands between two comments, which name what writes it in :mod:`scripts.generated`: a
module with a function ``markdown()``, or another function of a module::

    <!-- generated: decisions (make docs) -->
    …
    <!-- end of decisions -->

    <!-- generated: reference.properties (make docs) -->
    …
    <!-- end of reference.properties -->

A new part takes the function, and the two comments where it is to appear. Files that are generated as a whole stand
in :data:`FILES`.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.markdown import UndescribedFieldError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
FILES = {
    "schemas/registry/custom-dynamodbtable.json": "schemas.registry_schema",
    "schemas/template.json": "schemas.template_schema",
    "src/table_provisioner/cli/provisioning-rights.json": "rights.provisioning",
}
"""What writes a file as a whole."""
_PART = re.compile(
    r"(?P<begin><!-- generated: (?P<name>[\w.]+) \(make docs\) -->\n).*?(?P<end><!-- end of (?P=name) -->\n)", re.DOTALL
)


def documents() -> Iterator[Path]:
    """Everything that may have generated parts."""
    yield from (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


def parts(text: str) -> list[str]:
    """The names of the generated parts of a document."""
    return [part["name"] for part in _PART.finditer(text)]


def renewed(text: str) -> str:
    """A document with all its generated parts as the code has them now."""
    return _PART.sub(lambda part: f"{part['begin']}\n{written(part['name']).strip()}\n\n{part['end']}", text)


def written(name: str) -> str:
    """What a function of :mod:`scripts.generated` writes."""
    module, _, function = name.partition(".")
    text: str = getattr(importlib.import_module(f"scripts.generated.{module}"), function or "markdown")()
    return text


def files() -> Iterator[Path]:
    """Everything that is generated, or may have generated parts."""
    yield from (ROOT / path for path in FILES)
    yield from documents()


def wanted(file: Path) -> str:
    """What such a file should say."""
    name = FILES.get(file.relative_to(ROOT).as_posix())
    return written(name) if name else renewed(file.read_text())


def main() -> int:
    """Renew everything, and say what changed; where something cannot be written, nothing is."""
    try:
        texts = {file: wanted(file) for file in files()}
    except UndescribedFieldError as error:
        print(error, file=sys.stderr)  # noqa: T201 -- what a script says
        return 1
    for file, text in texts.items():
        if text != (file.read_text() if file.exists() else ""):
            file.write_text(text)
            print(f"{file.relative_to(ROOT)} was renewed")  # noqa: T201 -- what a script says
    return 0


if __name__ == "__main__":
    sys.exit(main())
