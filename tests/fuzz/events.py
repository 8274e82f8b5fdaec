"""Lets libFuzzer look for an event that the function does not bear: ``make fuzz``.

The recorded requests in ``events`` are where it begins. An input is an event in JSON; it is changed at its values and
names more often than at its characters, of which most changes would end it at the parser. What the function then does
with it is held against the same rules as in ``tests/functional/test_hostile.py``.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from random import Random
from typing import Any, Final

import atheris

sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 -- the function's log; libFuzzer writes to stderr

with atheris.instrument_imports(include=["table_provisioner"]):
    from tests.functional.hostile import BAD_TEXTS, encounter, places

_BAD_VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    -1,
    2**63,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    [],
    {},
    [[]],
    *BAD_TEXTS,
)
_SHARE_OF_TEXTS = 0.1


def bear(data: bytes) -> None:
    """Give one input to the function."""
    event, found = _read(data)
    if not found:  # no JSON, which ends at Lambda's runtime, or no event that could be answered
        return
    with encounter(has_table=event.get("RequestType") in ("Update", "Delete"), level=logging.INFO) as met:
        met.answer_to(event)


def damage(data: bytes, longest: int, seed: int) -> bytes:
    """Change an input, as libFuzzer asks its custom mutators to."""
    random = Random(seed)  # noqa: S311 -- libFuzzer's seed makes a run repeatable
    event, found = _read(data)
    if not found or random.random() < _SHARE_OF_TEXTS:
        return bytes(atheris.Mutate(data, longest))
    container, key = random.choice(found)
    _damage(container, key, random, found)
    return json.dumps(event).encode()[:longest]


def _read(data: bytes) -> tuple[Any, list[tuple[Any, Any]]]:
    """An event and all places in it; none of something else."""
    try:
        event = json.loads(data)
        return event, places(event) if isinstance(event, dict) else []
    except (ValueError, RecursionError):
        return None, []


def _damage(container: Any, key: Any, random: Random, found: list[tuple[Any, Any]]) -> None:  # noqa: ANN401 -- any JSON
    value = container[key]
    match random.randrange(5):
        case 0:
            container[key] = random.choice(_BAD_VALUES)
        case 1:
            del container[key]
        case 2:
            other, place = random.choice(found)
            container[key] = json.loads(json.dumps(other.get(place) if isinstance(other, dict) else other[-1:]))
        case 3 if isinstance(container, list):
            container.append(json.loads(json.dumps(value)))
        case 3:
            container[random.choice(BAD_TEXTS)] = value
        case _ if isinstance(value, str):
            container[key] = atheris.Mutate(value.encode(errors="replace"), len(value) + 20).decode(errors="replace")
        case _:
            container[key] = [value]


if __name__ == "__main__":
    atheris.Setup(sys.argv, bear, custom_mutator=damage)
    atheris.Fuzz()
