"""Rewrites tables in a template between ``AWS::DynamoDB::Table`` and ``Custom::DynamoDBTable``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from table_provisioner.cli.declarations import NATIVE_TYPE, RESOURCE_TYPE
from table_provisioner.cli.documents import FaultyFileError, Finding, Position
from table_provisioner.cli.rewriting import Entry, Rewriting, attribute_references, entries, items, nodes
from table_provisioner.errors import Fault
from table_provisioner.options import OPTIONS
from table_provisioner.presets import Preset
from table_provisioner.properties import NOT_THE_TABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from table_provisioner.schema import GlobalSecondaryIndex

_NATIVE_ATTRIBUTES = {"Arn", "StreamArn"}


@dataclass(frozen=True, slots=True)
class _Schema:
    """A list of attributes with what each is, as the native form has it, and the compact form's names for that."""

    name: str
    kind: str
    parts: dict[str, str]


_KEY = _Schema("KeySchema", "KeyType", {"PartitionKey": "HASH", "SortKey": "RANGE"})
_SEARCH = _Schema("SearchSchema", "SearchSchemaElementType", {"PartitionKey": "HASH", "InlineFilters": "INLINE_FILTER"})
_TABLE_KEY = ("PartitionKey", "SortKey", _KEY.name)
_OF_PRESETS = {
    "TableName": {"TableName"},
    "SSESpecification": {"SSESpecification"},
    "TimeToLiveSpecification": {"TimeToLiveSpecification", "TimeToLiveAttribute"},
}
"""What presets declare besides keys and indexes, unless it is declared in one of these spellings."""
_RETAINING = {
    "Retain": "Write DeletionPolicy: Retain and UpdateReplacePolicy: Retain instead.",
    "Snapshot": "A native table cannot be snapshotted on deletion: write DeletionPolicy: Retain and"
    " UpdateReplacePolicy: Retain.",
}
"""What is nearest to each ``OnDelete`` that keeps items; ``Delete`` is what native tables do anyway."""
_STRING = "tag:yaml.org,2002:str"
_LOCAL = "LocalSecondaryIndexes"
_INDEX_LISTS = {"GlobalSecondaryIndexes": _KEY, _LOCAL: _KEY, "VectorIndexes": _SEARCH}


@dataclass
class Conversion:
    """One file on its way from one type to the other.

    Attributes:
        rewriting: The file.
        converted: The resources that were converted.
        nameless: Those of them that do not name their table.
        lost: What the other type cannot say.
    """

    rewriting: Rewriting
    converted: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)
    lost: list[Finding] = field(default_factory=list)

    def to_custom(self, logical_resource_ids: Sequence[str], service_token: str) -> None:
        """Make every native table a ``Custom::DynamoDBTable``.

        Args:
            logical_resource_ids: Those to convert; all where there are none.
            service_token: Written as the file's language has it.
        """
        for name, resource, properties in self._tables(NATIVE_TYPE, logical_resource_ids):
            self.rewriting.substitute(resource["Type"].value, NATIVE_TYPE, RESOURCE_TYPE)
            self.rewriting.put_first(properties, self.rewriting.pair("ServiceToken", service_token))
            self._note(name, properties)

    def to_native(self, logical_resource_ids: Sequence[str]) -> None:
        """Make every ``Custom::DynamoDBTable`` a native table; what that cannot say is lost, and listed."""
        for name, resource, properties in self._tables(RESOURCE_TYPE, logical_resource_ids):
            self.rewriting.substitute(resource["Type"].value, RESOURCE_TYPE, NATIVE_TYPE)
            _NativeProperties(self, name, properties).write()
            self._note(name, properties)
        for name, attribute, position in attribute_references(self.rewriting.root):
            if name in self.converted and attribute not in _NATIVE_ATTRIBUTES:
                problem = f"Fn::GetAtt {attribute} is no attribute of {NATIVE_TYPE}."
                self.lose(name, position, problem, "Use Arn, StreamArn, or Ref for the table's name.")

    def lose(self, name: str, position: Position, problem: str, fix: str) -> None:
        """Note something that the other type cannot say."""
        self.lost.append(Finding(self.rewriting.name, position, Fault("", problem, fix), name))

    def fault(self, name: str, position: Position, problem: str, fix: str) -> FaultyFileError:
        """Something that cannot be converted at all."""
        return FaultyFileError([Finding(self.rewriting.name, position, Fault("", problem, fix), name)])

    def _note(self, name: str, properties: Entry) -> None:
        self.converted.append(name)
        if not {"TableName", "Preset"} & entries(properties.value).keys():
            self.nameless.append(name)

    def _tables(self, kind: str, wanted: Sequence[str]) -> Iterator[tuple[str, dict[str, Entry], Entry]]:
        resources = entries(self.rewriting.root).get("Resources")
        for name, entry in entries(resources.value if resources else None).items():
            resource = entries(entry.value)
            if "Type" not in resource or resource["Type"].value.value != kind or (wanted and name not in wanted):
                continue
            properties = resource.get("Properties")
            if properties is None or not isinstance(properties.value, yaml.MappingNode):
                raise self.fault(name, entry.position, "has no Properties.", "Write them; a table needs a key.")
            if properties.is_alias:
                problem = "Properties are an alias of others."
                raise self.fault(name, properties.position, problem, "Write them out: they would be changed twice.")
            yield name, resource, properties


class _NativeProperties:
    """The properties of one table on their way into what the native resource takes."""

    def __init__(self, conversion: Conversion, name: str, properties: Entry) -> None:
        self._conversion = conversion
        self._rewriting = conversion.rewriting
        self._name = name
        self._properties = properties
        self._mapping = properties.value
        self._entries = entries(properties.value)
        self._definitions: dict[tuple[str, str], str] = {}

    def write(self) -> None:
        self._drop()
        if preset := self._entries.get("Preset"):
            self._write_out(preset)
        self._write_schema(_KEY, self._mapping, self._entries, is_table=True)
        for list_name, schema in _INDEX_LISTS.items():
            indexes = self._entries.get(list_name)
            if not indexes:
                continue
            self._refuse_chosen_keys(schema, indexes)
            for index in items(indexes.value):
                if index.start_mark.index < indexes.key.start_mark.index:
                    problem, fix = "is an alias of others.", "Write it out: it would be changed twice."
                    raise self._conversion.fault(
                        self._name, indexes.position, f"an index in {list_name} {problem}", fix
                    )
                self._write_schema(schema, index, entries(index), is_local=list_name == _LOCAL)
        self._write_billing_mode()
        self._write_definitions()
        if expiry := self._entries.get("TimeToLiveAttribute"):
            value = self._rewriting.mapping(AttributeName=self._rewriting.raw(expiry.value), Enabled="true")
            self._rewriting.replace_entry(
                self._mapping, expiry, [self._rewriting.pair("TimeToLiveSpecification", value)]
            )

    def _write_out(self, choice: Entry) -> None:
        """Put what a preset stands for in its place; what is declared beside it stays, and goes before it."""
        name = choice.value.value
        if choice.value.tag != _STRING or name not in tuple(Preset):
            problem, fix = "Preset is none of those that there are.", "Correct it first: see validate."
            raise self._conversion.fault(self._name, choice.position, problem, fix)
        if beside := next((self._entries[half] for half in _TABLE_KEY if half in self._entries), None):
            problem, fix = f"{beside.name} is given beside Preset, which has its own key.", "Remove one of the two."
            raise self._conversion.fault(self._name, beside.position, problem, fix)
        schema = Preset(name).schema()
        self._refuse_twins({index.index_name for index in schema.global_secondary_indexes})
        for attribute, kind in schema.attribute_definitions.items():
            self._definitions[_STRING, attribute] = self._written({"AttributeName": attribute, "AttributeType": kind})
        declared = schema.model_dump(by_alias=True, exclude_unset=True, mode="json")
        key = [self._element(_KEY, self._written(schema.partition_key.name), "HASH")]
        pairs = [self._rewriting.list_pair(self._mapping, "KeySchema", key)]
        pairs += [
            self._rewriting.pair(each, self._written(declared[each]))
            for each, spellings in _OF_PRESETS.items()
            if not spellings & self._entries.keys()
        ]
        indexes = [self._index_of_preset(index) for index in schema.global_secondary_indexes]
        if present := self._entries.get("GlobalSecondaryIndexes"):
            self._put_before(present, indexes)
        else:
            pairs.append(self._rewriting.list_pair(self._mapping, "GlobalSecondaryIndexes", indexes))
        self._rewriting.replace_entry(self._mapping, choice, pairs)
        self._conversion.lose(self._name, choice.position, f"native tables have no Preset; {name} was written out.", "")

    def _refuse_twins(self, names: Collection[str]) -> None:
        """Two indexes of one name would be faulty; which of them is meant is its author's to say."""
        for list_name in _INDEX_LISTS:
            present = self._entries.get(list_name)
            for index in items(present.value if present else None):
                index_name = entries(index).get("IndexName")
                if index_name and index_name.value.value in names:
                    problem = f"Preset has an index {index_name.value.value} of its own."
                    raise self._conversion.fault(
                        self._name, index_name.position, problem, "Give this one another name."
                    )

    def _put_before(self, present: Entry, indexes: list[list[str]]) -> None:
        if present.is_alias or not self._rewriting.put_entries_first(present.value, indexes):
            problem = "GlobalSecondaryIndexes beside a Preset are no plain list, to which its indexes can be added."
            raise self._conversion.fault(self._name, present.position, problem, "Write them out as a list.")

    def _index_of_preset(self, index: GlobalSecondaryIndex) -> list[str]:
        """The members of an index, with the table's capacity where it has one: there is no other place to say it."""
        halves = (("HASH", index.partition_key), ("RANGE", index.sort_key))
        elements = [
            self._element(_KEY, self._written(attribute.name), kind) for kind, half in halves for attribute in half
        ]
        pairs = [
            self._rewriting.pair("IndexName", self._written(index.index_name)),
            self._rewriting.pair("KeySchema", f"[{', '.join(elements)}]"),
            self._rewriting.pair("Projection", self._written({"ProjectionType": "ALL"})),
        ]
        mode, capacity = self._entries.get("BillingMode"), self._entries.get("ProvisionedThroughput")
        if capacity and not (mode and mode.value.value == "PAY_PER_REQUEST"):
            pairs.append(self._rewriting.pair(capacity.name, self._rewriting.on_one_line(capacity.value)))
        return pairs

    def _written(self, value: Any) -> str:  # noqa: ANN401 -- whatever a preset declares
        match value:
            case dict():
                return self._rewriting.mapping(**{name: self._written(part) for name, part in value.items()})
            case bool():
                return str(value).lower()
            case _:
                return self._rewriting.scalar(value)

    def _refuse_chosen_keys(self, schema: _Schema, indexes: Entry) -> None:
        """Where a function chooses a key, the same choice defines its attributes, which is its author's to write."""
        listed = items(indexes.value)
        for node in nodes(indexes.value):
            members = {} if any(node is index for index in listed) else entries(node)
            if chosen := next((members[half] for half in schema.parts if half in members), None):
                problem = f"{chosen.name} stands within a function in {indexes.name}."
                fix = f"Write {schema.name} in its place, and what it needs of AttributeDefinitions."
                raise self._conversion.fault(self._name, chosen.position, problem, fix)

    def _drop(self) -> None:
        names = (*sorted(NOT_THE_TABLES), *sorted(OPTIONS))
        dropped = [self._entries[name] for name in names if name in self._entries]
        self._rewriting.remove(self._mapping, dropped)
        for entry in dropped:
            if entry.name != "ServiceToken":
                fix = _RETAINING.get(str(entry.value.value), "") if entry.name == "OnDelete" else ""
                problem = f"native tables have no {entry.name}; it was {self._rewriting.raw(entry.value)}."
                self._conversion.lose(self._name, entry.position, problem, fix)

    def _write_schema(
        self,
        schema: _Schema,
        mapping: yaml.Node,
        members: dict[str, Entry],
        *,
        is_table: bool = False,
        is_local: bool = False,
    ) -> None:
        parts = [members[part] for part in schema.parts if part in members]
        if schema.name in members or not (parts or "IndexName" in members):
            return
        elements = [
            self._element(schema, name, schema.parts[part.name]) for part in parts for name in self._attributes(part)
        ]
        if is_local and "PartitionKey" not in members:
            elements[:0] = [self._element(schema, name, "HASH") for name in self._table_partition_key()]
        pairs = [self._rewriting.list_pair(mapping, schema.name, elements)] if elements else []
        if not is_table and "Projection" not in members:
            all_attributes = self._rewriting.mapping(ProjectionType=self._rewriting.scalar("ALL"))
            pairs.append(self._rewriting.pair("Projection", all_attributes))
        if not parts:  # which a vector index needs none of
            name = members["IndexName"]
            parts, pairs = [name], [self._rewriting.pair(name.name, self._rewriting.raw(name.value)), *pairs]
        self._rewriting.replace_entry(mapping, parts[0], pairs)
        self._rewriting.remove(mapping, parts[1:])

    def _attributes(self, part: Entry) -> list[str]:
        """The names of a part of a key or of a search schema, as they are written; their types are kept."""
        names = []
        for attribute in items(part.value) or [part.value]:
            members = entries(attribute)
            if not {"Name", "Type"} <= members.keys():
                problem = f"{part.name} is not {{Name, Type}}."
                raise self._conversion.fault(self._name, part.position, problem, "Correct it first: see validate.")
            name = self._rewriting.raw(members["Name"].value)
            definition = self._rewriting.mapping(
                AttributeName=name, AttributeType=self._rewriting.raw(members["Type"].value)
            )
            self._definitions.setdefault(_identity(members["Name"].value), definition)
            names.append(name)
        return names

    def _table_partition_key(self) -> list[str]:
        if half := self._entries.get("PartitionKey"):
            return self._attributes(half)
        schema = self._entries.get("KeySchema")
        elements = [entries(element) for element in items(schema.value if schema else None)]
        return [
            self._rewriting.raw(element["AttributeName"].value)
            for element in elements
            if {"AttributeName", "KeyType"} <= element.keys() and element["KeyType"].value.value == "HASH"
        ]

    def _element(self, schema: _Schema, name: str, kind: str) -> str:
        return self._rewriting.mapping(AttributeName=name, **{schema.kind: self._rewriting.scalar(kind)})

    def _write_definitions(self) -> None:
        present = self._entries.get("AttributeDefinitions")
        listed = items(present.value if present else None)
        known = {_identity(name.value) for each in listed if (name := entries(each).get("AttributeName"))}
        added = [definition for identity, definition in self._definitions.items() if identity not in known]
        if not added:
            return
        definitions = [*map(self._rewriting.raw, listed), *added]
        pair = self._rewriting.list_pair(self._mapping, "AttributeDefinitions", definitions)
        if present:
            self._rewriting.replace_entry(self._mapping, present, [pair])
        else:
            self._rewriting.put_first(self._properties, pair)

    def _write_billing_mode(self) -> None:
        """Natively ``PROVISIONED`` is the default, which asks for capacity."""
        if "BillingMode" in self._entries or "ProvisionedThroughput" in self._entries:
            return
        self._rewriting.put_first(
            self._properties, self._rewriting.pair("BillingMode", self._rewriting.scalar("PAY_PER_REQUEST"))
        )


def _identity(node: yaml.Node) -> tuple[str, str]:
    """What makes two names the same, however they are quoted."""
    return node.tag, str(node.value)
