"""Changes a file where it stands, so that all else in it stays as it is: comments, order, quotes, tags, white space.

What is parsed says where to cut; what is written is the text itself. So nothing can be lost that was not meant.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from table_provisioner.cli.documents import FaultyFileError, Position, compose, is_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_ANCHOR = re.compile(r"^&\S+\s+")
_ALIAS = re.compile(r"\s*:\s*\*[^\s,\[\]{}]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A name and its value in a mapping."""

    key: yaml.ScalarNode
    value: yaml.Node

    @property
    def name(self) -> str:
        """The name."""
        return str(self.key.value)

    @property
    def position(self) -> Position:
        """Where it stands."""
        return Position.of(self.key.start_mark)

    @property
    def is_alias(self) -> bool:
        """Whether the value is an alias: then its node is that of the anchor, which stands before."""
        return bool(self.value.start_mark.index < self.key.start_mark.index)


def entries(node: yaml.Node | None) -> dict[str, Entry]:
    """The entries of a mapping by name; none of anything else."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    found = [Entry(key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)]
    return {entry.name: entry for entry in found}


def items(node: yaml.Node | None) -> list[yaml.Node]:
    """The entries of a list; none of anything else."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


@dataclass
class Rewriting:
    """Changes to one file, made all at once.

    Attributes:
        name: The file's name.
        text: What it says.
        root: The same, parsed.
        is_json: Whether it is JSON.
    """

    name: str
    text: str
    root: yaml.Node = field(init=False)
    is_json: bool = field(init=False)
    _cuts: list[tuple[int, int, str]] = field(default_factory=list, init=False)
    _removed: dict[int, tuple[yaml.Node, list[yaml.Node]]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Parse it."""
        self.root = compose(self.name, self.text)
        self.is_json = is_json(self.name, self.text)

    def result(self, changed: Collection[str]) -> str:
        """The text with all changes.

        Args:
            changed: The resources that they are about.

        Raises:
            FaultyFileError: They would change something else, too, which shares a part with those by an alias.
        """
        text = self.text
        removals = [cut for mapping, keys in self._removed.values() for cut in self._removals(mapping, keys)]
        for start, end, new in sorted([*self._cuts, *removals], key=lambda cut: cut[:2], reverse=True):
            text = text[:start] + new + text[end:]
        try:
            is_kept = _remainder(compose(self.name, text), changed) == _remainder(self.root, changed)
        except FaultyFileError:  # an alias is left without its anchor
            is_kept = False
        if not is_kept:
            problem = "other parts of the template share some of what is to be changed, by an alias."
            raise FaultyFileError.at(self.name, None, problem, "Write it out where it is shared.")
        return text

    def raw(self, node: yaml.Node) -> str:
        """A value as it is written, without an anchor: it may be written more than once."""
        return _ANCHOR.sub("", self.text[node.start_mark.index : _end(node)])

    def substitute(self, node: yaml.Node, old: str, new: str) -> None:
        """Replace a part of a scalar; its quotes stay."""
        start = node.start_mark.index
        self._cuts.append((start, _end(node), self.raw(node).replace(old, new)))

    def pair(self, name: str, value: str) -> str:
        """A name and a value that is written already."""
        return f"{json.dumps(name)}: {value}" if self.is_json else f"{name}: {value}"

    def scalar(self, value: str) -> str:
        """A text that needs no quotes in YAML."""
        return json.dumps(value) if self.is_json else value

    def mapping(self, **pairs: str) -> str:
        """A mapping on one line; its values are written already."""
        return _braced([self.pair(name, value) for name, value in pairs.items()])

    def list_pair(self, mapping: yaml.Node, name: str, entries: Sequence[str | list[str]]) -> str:
        """A name and a list, as a mapping takes it: a line for each entry, or all on one.

        Args:
            mapping: Where it goes.
            name: The name.
            entries: Each written already, or as its pairs.
        """
        if not _is_block(mapping):
            return self.pair(name, f"[{', '.join(map(_braced, entries))}]")
        column = _column(mapping) + 2
        beginning = f"{self._newline}{' ' * column}- "
        return f"{name}:{beginning}{beginning.join(self._entry(entry, column) for entry in entries)}"

    def put_entries_first(self, sequence: yaml.Node, entries: Sequence[list[str]]) -> bool:
        """Add entries, each as its pairs, to a list before all others; say whether it is one that takes them."""
        start = sequence.start_mark.index
        if not isinstance(sequence, yaml.SequenceNode) or self.text[start] not in "-[":
            return False
        if _is_block(sequence):
            column = int(sequence.start_mark.column)
            separator = self._newline + " " * column
            self._cuts.append(
                (start, start, "".join(f"- {self._entry(entry, column)}{separator}" for entry in entries))
            )
        else:
            written = ", ".join(map(_braced, entries))
            self._cuts.append((start + 1, start + 1, written + (", " if sequence.value else "")))
        return True

    def on_one_line(self, node: yaml.Node) -> str:
        """A value as it is written, a block as what it says."""
        if not _is_block(node):
            return self.raw(node)
        tag = f"{node.tag} " if node.tag.startswith("!") else ""
        if isinstance(node, yaml.SequenceNode):
            return f"{tag}[{', '.join(map(self.on_one_line, node.value))}]"
        return tag + _braced([self.pair(key.value, self.on_one_line(value)) for key, value in node.value])

    def _entry(self, entry: str | list[str], column: int) -> str:
        """An entry of a list whose dashes stand in a column."""
        return entry if isinstance(entry, str) else (self._newline + " " * (column + 2)).join(entry)

    def put_first(self, holder: Entry, pair: str) -> None:
        """Add an entry to a mapping before all others."""
        mapping = holder.value
        if not _is_block(mapping):
            first = mapping.value[0][0].start_mark.index if mapping.value else mapping.start_mark.index + 1
            self._cuts.append((first, first, pair + (self._separator(mapping) if mapping.value else "")))
            return
        start = self._line_end(holder.key.end_mark.index)
        indent = " " * _column(mapping)
        self._cuts.append((start, start, f"{indent}{pair}{self._newline}"))

    def replace_entry(self, mapping: yaml.Node, entry: Entry, pairs: list[str]) -> None:
        """Put entries in the place of one."""
        start, end = entry.key.start_mark.index, self._end_of(entry)
        separator = self._separator(mapping)
        if _is_block(mapping):
            separator = self._newline + " " * entry.key.start_mark.column
        self._cuts.append((start, end, separator.join(pairs)))

    def remove(self, mapping: yaml.Node, removed: Collection[Entry]) -> None:
        """Take entries out of a mapping."""
        _, keys = self._removed.setdefault(id(mapping), (mapping, []))
        keys += [entry.key for entry in removed]

    def _removals(self, mapping: yaml.Node, keys: Collection[yaml.Node]) -> Iterator[tuple[int, int, str]]:
        """All that goes at once: what stands between two entries in braces goes with one of them."""
        pairs = [Entry(key, value) for key, value in mapping.value]
        kept = [i for i, entry in enumerate(pairs) if entry.key not in keys]
        last = kept[-1] if kept else -1
        for i, entry in enumerate(pairs):
            if entry.key not in keys:
                continue
            start = entry.key.start_mark.index
            if _is_block(mapping) and not self.text[self._line_start(start) : start].strip():
                yield self._line_start(start), self._line_end(self._end_of(entry)), ""
            elif i < last:  # up to the next one: it stands in braces, or begins its line with another's dash
                yield start, pairs[i + 1].key.start_mark.index, ""
        if keys and not _is_block(mapping) and last + 1 < len(pairs):
            start = self._end_of(pairs[last]) if kept else pairs[0].key.start_mark.index
            yield start, self._end_of(pairs[-1]), ""

    def _separator(self, mapping: yaml.Node) -> str:
        """What stands between two entries of a mapping in braces, judged by what stands before its first one."""
        if not mapping.value:
            return ", "
        before = self.text[mapping.start_mark.index + 1 : mapping.value[0][0].start_mark.index]
        return "," + (before if "\n" in before and not before.strip() else " ")

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def _end_of(self, entry: Entry) -> int:
        """Where an entry ends."""
        if not entry.is_alias:
            return _end(entry.value)
        alias = _ALIAS.match(self.text, entry.key.end_mark.index)
        if alias is None:
            raise FaultyFileError.at(self.name, entry.position, "is an alias of something else.", "Write it out.")
        return alias.end()

    def _line_start(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _line_end(self, index: int) -> int:
        end = self.text.find("\n", index)
        return len(self.text) if end < 0 else end + 1


def _braced(entry: str | list[str]) -> str:
    """An entry on one line: written already, or its pairs."""
    return entry if isinstance(entry, str) else "{" + ", ".join(entry) + "}"


def _remainder(root: yaml.Node, changed: Collection[str]) -> Any:  # noqa: ANN401 -- whatever a template says
    """What a template says but for some of its resources."""
    sections = [(key.value, _meaning(value)) for key, value in root.value if key.value != "Resources"]
    resources = entries(entries(root)["Resources"].value)
    return sections, [(name, _meaning(entry.value)) for name, entry in resources.items() if name not in changed]


def _meaning(node: yaml.Node) -> Any:  # noqa: ANN401 -- as above
    """What a node says, however it is written."""
    match node:
        case yaml.MappingNode():
            return node.tag, [(_meaning(key), _meaning(value)) for key, value in node.value]
        case yaml.SequenceNode():
            return node.tag, [_meaning(entry) for entry in node.value]
        case _:
            return node.tag, node.value


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _column(mapping: yaml.Node) -> int:
    """Where the entries of a block begin; its own mark is at its anchor, if it has one."""
    return int(mapping.value[0][0].start_mark.column)


def _end(node: yaml.Node) -> int:
    """Where a value ends: a block's own mark is only at what comes next."""
    while _is_block(node) and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def attribute_references(node: yaml.Node) -> Iterator[tuple[str, str, Position]]:
    """Every ``Fn::GetAtt`` in a template, short, long and in ``Fn::Sub``: the resource, the attribute, the place."""
    for each in nodes(node):
        position = Position.of(each.start_mark)
        if isinstance(each, yaml.MappingNode):
            for key, value in each.value:
                if key.value == "Fn::GetAtt":
                    yield from _reference(value, position)
        elif each.tag == "!GetAtt":
            yield from _reference(each, position)
        elif isinstance(each, yaml.ScalarNode) and "${" in each.value:
            for part in each.value.split("${")[1:]:
                resource, dot, attribute = part.partition("}")[0].partition(".")
                if dot:
                    yield resource, attribute, position


def _reference(node: yaml.Node, position: Position) -> Iterator[tuple[str, str, Position]]:
    parts = node.value.split(".", 1) if isinstance(node, yaml.ScalarNode) else [part.value for part in node.value]
    if len(parts) > 1 and all(isinstance(part, str) for part in parts):
        yield parts[0], parts[1], position


def nodes(node: yaml.Node) -> Iterator[yaml.Node]:
    """A node and all that is in it."""
    yield node
    if isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from nodes(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from nodes(value)
