"""Reads a mapping into a model and keeps every fault, where pydantic stops at the first level that has one.

Rules that look at a whole table run only when all its parts are valid. So a part with a fault is reported, left out,
and the rest is read again, until what is left is valid or cannot be.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from enum import EnumType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from table_provisioner.errors import LONGEST_QUOTE, quoted, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic_core import ErrorDetails

    from table_provisioner.schema import Location, Model

_OF_GLOBAL_TABLES = frozenset(
    {
        "GlobalTableSourceArn",
        "GlobalTableWitnesses",
        "MultiRegionConsistency",
        "ReadOnDemandThroughputSettings",
        "ReadProvisionedThroughputSettings",
        "ReplicaSpecification",
        "Replicas",
        "WriteOnDemandThroughputSettings",
        "WriteProvisionedThroughputSettings",
    }
)
"""Properties of ``AWS::DynamoDB::GlobalTable`` that its table or index has and ``AWS::DynamoDB::Table`` has not."""
NO_SUCH_PROPERTY = "is not a property that exists here."
_M = TypeVar("_M", bound="Model")


@dataclass(frozen=True, slots=True)
class LocatedFault:
    """A fault at a place in a model."""

    location: Location
    problem: str
    fix: str


@dataclass(slots=True)
class Reading(Generic[_M]):
    """What came of reading: the value if anything usable was left, and every fault."""

    value: _M | None
    faults: list[LocatedFault] = field(default_factory=list)


def read(
    model: type[_M],
    raw: Mapping[str, Any],
    *,
    known_names: Iterable[str] = (),
    left_out: Iterable[Location] = (),
    stand_ins: Mapping[str, Any] | None = None,
) -> Reading[_M]:
    """Read ``raw``, spelled with CloudFormation's names, into ``model``.

    Args:
        model: What to read into.
        raw: The properties; lists in it may hold anything.
        known_names: Names that are right at the top level although ``model`` does not have them; an unknown name is
            compared with them, too.
        left_out: Parts that are to be left out because their faults are known already.
        stand_ins: Values for required parts that are missing or at fault, so that the rest can be read.

    Returns:
        With faults, ``value`` is what remains when the parts at fault are left out, or ``None`` where they cannot be.
    """
    pruned = _Pruned(dict(raw), stand_ins or {})
    pruned.leave_out(left_out)
    faults: list[LocatedFault] = []
    while True:
        try:
            return Reading(model.model_validate(pruned.raw, by_name=False, by_alias=True), faults)
        except ValidationError as error:
            fresh = [(pruned.original(details["loc"]), details) for details in error.errors(include_url=False)]
            fresh = [(location, details) for location, details in fresh if not pruned.covers(location)]
            if not fresh:
                return Reading(None, faults)
            faults.extend(_described(model, location, details, known_names) for location, details in fresh)
            pruned.leave_out(location for location, _ in fresh)


class _Pruned:
    """Properties without the parts at fault; it remembers where in the lists the others stood."""

    def __init__(self, raw: dict[str, Any], stand_ins: Mapping[str, Any]) -> None:
        self.raw = raw
        self._stand_ins = stand_ins
        self._left_out: set[Location] = set()
        self._positions = {name: list(range(len(value))) for name, value in raw.items() if _is_list(value)}

    def original(self, location: Location) -> Location:
        match location:
            case (str(name), int(position), *rest) if name in self._positions:
                return (name, self._positions[name][position], *rest)
        return location

    def covers(self, location: Location) -> bool:
        return location[:1] in self._left_out or location[:2] in self._left_out

    def leave_out(self, locations: Iterable[Location]) -> None:
        elements: dict[str, set[int]] = {}
        for location in locations:
            match location:
                case (str(name), int(position), *_) if name in self._positions:
                    elements.setdefault(name, set()).add(position)
                case (str(name), *_):
                    self._leave_out_whole(name)
                case _:  # a name that cannot be one, such as a number: it stays, so it must not count as new again
                    self._left_out.add(location[:1])
        for name, positions in elements.items():
            self._leave_out_elements(name, positions)

    def _leave_out_whole(self, name: str) -> None:
        self.raw.pop(name, None)
        if name in self._stand_ins:
            self.raw[name] = self._stand_ins[name]
        self._left_out.add((name,))

    def _leave_out_elements(self, name: str, positions: set[int]) -> None:
        """All at once, for a list may be long; an element may have several faults and goes only once."""
        if (name,) in self._left_out:
            return
        kept = [
            (at, value) for at, value in zip(self._positions[name], self.raw[name], strict=True) if at not in positions
        ]
        self._positions[name] = [at for at, _ in kept]
        self.raw[name] = [value for _, value in kept]
        self._left_out.update((name, position) for position in positions)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _described(
    model: type[Model], location: Location, details: ErrorDetails, known_names: Iterable[str]
) -> LocatedFault:
    context = details.get("ctx", {})
    if details["type"] == "rule":
        return LocatedFault(location, context["problem"], context["fix"])
    if details["type"] == "extra_forbidden":
        return _unknown_name(model, location, known_names)
    if form := _FORMS.get(details["type"]):
        return LocatedFault(location, *form(details["input"], _model_at(model, location)))
    problem, fix = _TEXTS.get(details["type"], _other)(details["input"], {"msg": details["msg"], **context})
    return LocatedFault(location, problem, fix)


def _unknown_name(model: type[Model], location: Location, known_names: Iterable[str]) -> LocatedFault:
    *parents, name = location
    owner = _model_at(model, parents)
    names = [field.alias or key for key, field in owner.model_fields.items()] if owner else []
    if not parents:
        names.extend(known_names)
    if name in _OF_GLOBAL_TABLES:
        return LocatedFault(location, NO_SUCH_PROPERTY, "Remove it: global tables are not supported.")
    nearest = difflib.get_close_matches(str(name)[:LONGEST_QUOTE], names, n=1, cutoff=0.6)
    known = f"; known are {', '.join(sorted(set(names)))}" if parents else ": see docs/custom-dynamodb-table.md"
    fix = f"Did you mean {nearest[0]}?" if nearest else f"Remove it{known}."
    return LocatedFault(location, NO_SUCH_PROPERTY, fix)


def _model_at(model: type[BaseModel], parents: Iterable[str | int]) -> type[BaseModel] | None:
    """The model to which a location's last name belongs."""
    owner: type[BaseModel] | None = model
    for part in parents:
        if isinstance(part, str) and owner:
            annotations = (info.annotation for key, info in owner.model_fields.items() if part in {key, info.alias})
            owner = next((found for annotation in annotations if (found := _model_in(annotation))), None)
    return owner


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 -- an annotation can be anything
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for argument in get_args(annotation) if (found := _model_in(argument))), None)


def _other(value: object, context: Mapping[str, Any]) -> tuple[str, str]:
    return f"{quoted(value)} is not valid: {context['msg']}.", ""


def _no_number(value: object, _: Mapping[str, Any]) -> tuple[str, str]:
    return f"{quoted(value)} is not a whole number.", "Write a whole number."


def _no_mapping(value: object, expected: type[BaseModel] | None) -> tuple[str, str]:
    return f"{_instead(value)} a mapping.", f"Write {_example(expected)}."


def _no_list(value: object, expected: type[BaseModel] | None) -> tuple[str, str]:
    return f"{_instead(value)} a list.", f"Write [{_example(expected)}]."


def _instead(value: object) -> str:
    """What something is instead: its kind, where its parts would say nothing."""
    if _is_list(value):
        return "is a list, not"
    return "is a mapping, not" if isinstance(value, dict) else f"{quoted(value)} is not"


def _example(model: type[BaseModel] | None) -> str:
    """The form of a model in a template: what it cannot do without, or else all of it."""
    if not model:
        return "…"
    required = {key: info for key, info in model.model_fields.items() if info.is_required()}
    parts = (
        f"{info.alias or key}: {_value(info.annotation)}" for key, info in (required or model.model_fields).items()
    )
    return f"{{{', '.join(parts)}}}"


def _value(annotation: object) -> str:
    """One that a field can have, where that says more than an ellipsis."""
    if annotation is bool:
        return "true"
    if annotation is int:
        return "1"
    return str(next(iter(annotation))) if isinstance(annotation, EnumType) else "…"


def _too_short(value: object, context: Mapping[str, Any]) -> tuple[str, str]:
    least = context["min_length"]
    return f"{quoted(value)} is too short.", f"Use at least {least} character{'s' if least > 1 else ''}."


_TEXTS: dict[str, Callable[[object, Mapping[str, Any]], tuple[str, str]]] = {
    "missing": lambda *_: ("is missing.", "Add it."),
    "enum": lambda value, context: (f"{quoted(value)} is not allowed.", f"Use {context['expected']}."),
    "string_type": lambda value, _: (f"{quoted(value)} is not a string.", "Write a string."),
    "string_too_short": _too_short,
    "string_too_long": lambda value, context: (
        f"{quoted(value)} is too long.",
        f"Use at most {context['max_length']} characters.",
    ),
    "string_pattern_mismatch": lambda value, context: (
        f"{quoted(value)} has a character that is not allowed.",
        f"Use what matches {context['pattern']}.",
    ),
    "greater_than_equal": lambda value, context: (
        f"{shortened(str(value))} is too small.",
        f"Write {context['ge']} or more.",
    ),
    "less_than_equal": lambda value, context: (
        f"{shortened(str(value))} is too large.",
        f"Write {context['le']} or less.",
    ),
    "int_parsing": _no_number,
    "int_parsing_size": _no_number,
    "int_from_float": _no_number,
    "int_type": _no_number,
}
_FORMS: dict[str, Callable[[object, type[BaseModel] | None], tuple[str, str]]] = {
    "model_type": _no_mapping,
    "tuple_type": _no_list,
}
