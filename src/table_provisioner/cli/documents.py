"""Reads YAML, with CloudFormation's short tags, and JSON into what CloudFormation would send.

Every scalar becomes a string, as in a request; ``!Ref x`` becomes ``{"Ref": "x"}``. Where something stands is kept, so
that a fault can be shown at its line. JSON is checked as JSON, then read as the YAML that it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import yaml

from table_provisioner.errors import Fault, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from table_provisioner.schema import Location

Value: TypeAlias = "str | list[Value] | dict[str, Value]"

_TRUE = frozenset({"true", "yes", "on"})
_BOOLEAN_TAG, _NULL_TAG = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"
_SHORT_TAGS_AS_THEY_ARE = frozenset({"Ref", "Condition"})


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Where something stands; lines and columns count from 1."""

    line: int
    column: int

    @classmethod
    def of(cls, mark: yaml.Mark) -> Position:
        """Count from 1 where YAML counts from 0."""
        return cls(mark.line + 1, mark.column + 1)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, or could not be checked, and where it stands.

    Attributes:
        file: The file's name.
        position: Where in it; ``None`` where it is in no particular place.
        fault: What is wrong; without a path where that is the file itself.
        logical_resource_id: The resource; empty outside of templates.
    """

    file: str
    position: Position | None
    fault: Fault
    logical_resource_id: str = ""

    @property
    def place(self) -> str:
        """File, line and column, as compilers write them."""
        return f"{self.file}:{self.position.line}:{self.position.column}" if self.position else self.file

    def __str__(self) -> str:
        """As one line."""
        what = f"{self.fault.problem} {self.fault.fix}".strip()
        return ": ".join(filter(None, (self.place, self.logical_resource_id, self.fault.path, what)))


class FaultyFileError(InvalidRequestError):
    """Files with faults, each with its place."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        """Keep the findings."""
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))
        self.faults = tuple(finding.fault for finding in self.findings)

    @classmethod
    def at(cls, file: str, position: Position | None, problem: str, fix: str = "") -> FaultyFileError:
        """One fault of a file itself."""
        return cls([Finding(file, position, Fault("", problem, fix))])


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read.

    Attributes:
        name: Its name.
        value: What it says.
        positions: Where names and list entries stand.
    """

    name: str
    value: Value
    positions: Mapping[Location, Position] = field(default_factory=dict)

    def position(self, location: Location) -> Position | None:
        """Where a location stands or, where that is not in the file, what it would be part of."""
        for length in range(len(location), 0, -1):
            if position := self.positions.get(location[:length]):
                return position
        return None


def read_document(name: str, content: bytes) -> Document:
    """Read a file.

    Raises:
        FaultyFileError: It is neither YAML nor JSON, or says something that no template can say.
    """
    reader = _Reader(name)
    return Document(name, reader.value(compose(name, text_of(name, content)), ()), reader.positions)


def text_of(name: str, content: bytes) -> str:
    """The text of a file.

    Raises:
        FaultyFileError: It is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FaultyFileError.at(name, None, f"is not UTF-8: {error.reason} at byte {error.start}.") from None


def compose(name: str, text: str) -> yaml.Node:
    """The nodes of a file, each of which knows where it stands.

    Raises:
        FaultyFileError: It is neither YAML nor JSON.
    """
    if is_json(name, text):
        text = text.replace("\t", " ")  # which JSON has between its tokens only, and YAML has not at all
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        position = Position.of(error.problem_mark) if error.problem_mark else None
        raise FaultyFileError.at(name, position, f"not YAML: {error.problem}.") from None
    except yaml.reader.ReaderError as error:
        problem = f"not YAML: {error.reason}, at character {error.position + 1}."
        raise FaultyFileError.at(name, None, problem) from None
    except RecursionError:
        raise FaultyFileError.at(name, None, "is nested too deeply.") from None
    if node is None:
        raise FaultyFileError.at(name, None, "is empty.")
    return node


def is_json(name: str, text: str) -> bool:
    """Whether a text is JSON.

    Raises:
        FaultyFileError: The file's name says so, and it is not.
    """
    if not text.lstrip().startswith("{"):
        return False
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        if not name.endswith(".json"):
            return False
        raise FaultyFileError.at(name, Position(error.lineno, error.colno), f"not JSON: {error.msg}.") from None
    except RecursionError:
        raise FaultyFileError.at(name, None, "is nested too deeply.") from None
    return True


class _Reader:
    """Turns nodes into values and notes where they stand."""

    def __init__(self, name: str) -> None:
        self.positions: dict[Location, Position] = {}
        self._name = name
        self._open: set[int] = set()

    def value(self, node: yaml.Node, location: Location) -> Value:
        if id(node) in self._open:
            raise self._fault(node, "contains itself, by an alias.", "Write it out.")
        self._open.add(id(node))
        try:
            return _tagged(node.tag, self._plain(node, location))
        except RecursionError:
            raise self._fault(node, "is nested too deeply.", "Write a template.") from None
        finally:
            self._open.discard(id(node))

    def _plain(self, node: yaml.Node, location: Location) -> Value:
        match node:
            case yaml.MappingNode():
                return self._mapping(node, location)
            case yaml.SequenceNode():
                return [self._noted(entry, (*location, i), entry) for i, entry in enumerate(node.value)]
            case _:
                return self._scalar(node)

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
        self.positions[location] = Position.of(at.start_mark)
        return self.value(node, location)

    def _scalar(self, node: yaml.Node) -> str:
        if node.tag == _NULL_TAG:
            raise self._fault(node, "has no value, which CloudFormation refuses.", "Write one, or leave the name out.")
        if node.tag == _BOOLEAN_TAG:
            return str(node.value.lower() in _TRUE).lower()
        # JSON writes what lies beyond 16 bits as two halves.
        return str(node.value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _fault(self, node: yaml.Node, problem: str, fix: str) -> FaultyFileError:
        return FaultyFileError.at(self._name, Position.of(node.start_mark), problem, fix)


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
