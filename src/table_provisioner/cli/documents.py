"""Reads YAML, with CloudFormation's short tags, and JSON into what CloudFormation would send.

Every scalar becomes a string, as in a request; ``!Ref x`` becomes ``{"Ref": "x"}``. Where something stands is kept, so
that a fault can be shown at its line.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from table_provisioner.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from table_provisioner.schema import Location

Value: TypeAlias = "str | list[Value] | dict[str, Value]"

_TRUE = frozenset({"true", "yes", "on"})
_BOOLEAN_TAG, _NULL_TAG = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"
_SHORT_TAGS_AS_THEY_ARE = frozenset({"Ref", "Condition"})


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands; lines and columns count from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        """As compilers write it."""
        return f"{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read.

    Attributes:
        name: Its name.
        value: What it says.
        positions: Where names and list entries stand; empty for JSON.
    """

    name: str
    value: Value
    positions: Mapping[Location, Position] = field(default_factory=dict)

    def place(self, location: Location) -> str:
        """The file with the line of a location or, where that is not in the file, of what it would be part of."""
        for length in range(len(location), 0, -1):
            if position := self.positions.get(location[:length]):
                return f"{self.name}:{position}"
        return self.name


def read_document(name: str, content: bytes) -> Document:
    """Read a file.

    Raises:
        InvalidRequestError: It is neither YAML nor JSON, or says something that no template can say.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequestError(f"{name} is not UTF-8: {error.reason} at byte {error.start}.") from None
    if text.lstrip().startswith("{"):
        try:
            return Document(name, _read_json(name, text))
        except json.JSONDecodeError as error:
            if name.endswith(".json"):
                raise InvalidRequestError(f"{name}:{error.lineno}:{error.colno} is not JSON: {error.msg}.") from None
    return _read_yaml(name, text)


def _read_json(name: str, text: str) -> Value:
    def value_of(raw: Any) -> Value:  # noqa: ANN401 -- whatever JSON can say
        match raw:
            case bool():
                return str(raw).lower()
            case list():
                return [value_of(entry) for entry in raw]
            case dict():
                return {key: value_of(value) for key, value in raw.items()}
            case None:
                raise InvalidRequestError(
                    f"{name} has a null, which CloudFormation refuses.", "Leave the property out."
                )
            case _:
                return str(raw)

    def without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [key for key, _ in pairs]
        for key in names:
            if names.count(key) > 1:
                raise InvalidRequestError(f"{name} gives '{key}' twice in one place.", "Give it once.")
        return dict(pairs)

    return value_of(json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=without_repetition))


def _read_yaml(name: str, text: str) -> Document:
    reader = _YamlReader(name)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            raise InvalidRequestError(f"{name} is empty.")
        return Document(name, reader.value(node, ()), reader.positions)
    except yaml.MarkedYAMLError as error:
        place = f"{name}:{_position(error.problem_mark)}" if error.problem_mark else name
        raise InvalidRequestError(f"{place} is not YAML: {error.problem}.") from None
    except yaml.reader.ReaderError as error:
        raise InvalidRequestError(f"{name} is not YAML: {error.reason}, at character {error.position + 1}.") from None
    except RecursionError:
        raise InvalidRequestError(f"{name} contains itself, by an alias, or is nested too deeply.") from None


class _YamlReader:
    """Turns YAML's nodes into values and notes where they stand."""

    def __init__(self, name: str) -> None:
        self.positions: dict[Location, Position] = {}
        self._name = name

    def value(self, node: yaml.Node, location: Location) -> Value:
        match node:
            case yaml.MappingNode():
                return _tagged(node.tag, self._mapping(node, location))
            case yaml.SequenceNode():
                entries = [self._noted(entry, (*location, i), entry) for i, entry in enumerate(node.value)]
                return _tagged(node.tag, entries)
            case _:
                return _tagged(node.tag, self._scalar(node))

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, Value]:
        mapping: dict[str, Value] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._fault(key_node, "is a name that is not a text.", "Write a property's name.")
            if key_node.value in mapping:
                raise self._fault(key_node, f"gives '{key_node.value}' a second time.", "Give it once.")
            mapping[key_node.value] = self._noted(value_node, (*location, key_node.value), key_node)
        return mapping

    def _noted(self, node: yaml.Node, location: Location, at: yaml.Node) -> Value:
        self.positions[location] = _position(at.start_mark)
        return self.value(node, location)

    def _scalar(self, node: yaml.Node) -> str:
        if node.tag == _NULL_TAG:
            raise self._fault(node, "has no value, which CloudFormation refuses.", "Write one, or leave the name out.")
        if node.tag == _BOOLEAN_TAG:
            return str(node.value.lower() in _TRUE).lower()
        return str(node.value)

    def _fault(self, node: yaml.Node, problem: str, fix: str) -> InvalidRequestError:
        return InvalidRequestError(f"{self._name}:{_position(node.start_mark)} {problem}", fix)


def _position(mark: yaml.Mark) -> Position:
    return Position(mark.line + 1, mark.column + 1)


def _tagged(tag: str, value: Value) -> Value:
    """A value with a short tag in its long form."""
    name = tag.removeprefix("!")
    if name == tag or not name:
        return value
    if name in _SHORT_TAGS_AS_THEY_ARE:
        return {name: value}
    if name == "GetAtt" and isinstance(value, str):
        resource, _, attribute = value.partition(".")
        return {"Fn::GetAtt": [resource, attribute]}
    return {f"Fn::{name}": value}
