"""What the generators have in common: tables, and docstrings of members."""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class UndescribedFieldError(Exception):
    """Nothing stands below a field of a model, nor in the docstring of its type."""

    def __init__(self, model: type, field: str) -> None:
        """Say which."""
        super().__init__(f"{model.__name__}.{field} has no docstring. Say below it, in {model.__module__}, what it is.")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; what would end a cell is escaped."""
    titles = tuple(head)
    lines = [titles, ("---",) * len(titles), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def member_docstrings(owner: type) -> dict[str, str]:
    """What stands below the fields of a model or the members of an enumeration, by their names in Python."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101 -- it is the source of a class
    found: dict[str, str] = {}
    for member, text in pairwise(definition.body):
        match member, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str() as words)),
            ):
                found[name] = words
    return found
