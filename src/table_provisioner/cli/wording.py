"""Puts values of properties and durations into words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_MINUTE, _HOUR = 60, 3600
_KEY = {"Name", "Type"}
_WHOLE = "PolicyDocument"
"""Shown in one piece: its parts say nothing by themselves."""


def duration(seconds: float) -> str:
    """A usual duration, as people say it."""
    if seconds < 1:
        return "at once"
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:  # noqa: ANN401 -- whatever a template can say
    """The parts of a value, each with its dotted name in it: ``Projection.ProjectionType``, ``ALL``."""
    if isinstance(value, dict) and value.keys() != _KEY and path[-1:] != (_WHOLE,):
        for name, part in value.items():
            yield from leaves(part, (*path, name))
    else:
        yield ".".join(path), text(value)


def text(value: Any) -> str:  # noqa: ANN401 -- whatever a template can say
    """A value on one line: a key as ``email (S)``, anything else as YAML has it."""
    match value:
        case {"Name": name, "Type": kind, **rest} if not rest:
            return f"{name} ({kind})"
        case list() if all(isinstance(part, str) or (isinstance(part, dict) and part.keys() == _KEY) for part in value):
            return ", ".join(map(text, value))
        case str():
            return value
        case _:
            return json.dumps(value)
