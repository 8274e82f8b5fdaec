"""Rewrites keys as CloudFormation spells them into keys as the schema has them.

``KeySchema`` names attributes whose types stand in ``AttributeDefinitions``. The schema's own form, which templates
may use as well, says both in one place: ``PartitionKey: {Name: id, Type: S}``. What is wrong with the native form
itself is found here; everything else is left to the schema, whose faults :meth:`NativeForm.original_location` leads
back to what the template says.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from table_provisioner.errors import quoted
from table_provisioner.schema import AttributeName, AttributeType, Location, Model
from table_provisioner.validation import LocatedFault, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_INDEX_LISTS = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
_HALVES = ("PartitionKey", "SortKey")
_ROLES = ("PartitionKey", "InlineFilters")
UNREADABLE_KEY = {"Name": "unreadable", "Type": "S"}
"""Stands in for a key that cannot be read. A schema with it is validated, and never used."""


class KeyType(StrEnum):
    """The wire's words for the halves of a key: ``HASH`` is the partition key, ``RANGE`` the sort key."""

    HASH = "HASH"
    RANGE = "RANGE"


class SearchRole(StrEnum):
    """The wire's words for what an attribute is to searches in a vector index."""

    HASH = "HASH"
    INLINE_FILTER = "INLINE_FILTER"


class KeySchemaElement(Model):
    """One attribute of a key in the native form."""

    attribute_name: AttributeName
    """The attribute, whose type stands in AttributeDefinitions."""
    key_type: KeyType


class SearchSchemaElement(Model):
    """One attribute of a vector index's search schema in the native form."""

    attribute_name: AttributeName
    """The attribute, whose type stands in AttributeDefinitions."""
    search_schema_element_type: SearchRole
    """HASH as PartitionKey, INLINE_FILTER as one of InlineFilters."""


class AttributeDefinition(Model):
    """The type of one key attribute in the native form."""

    attribute_name: AttributeName
    """The attribute, which must be part of a key."""
    attribute_type: AttributeType


class _KeySchema(Model):
    key_schema: tuple[KeySchemaElement, ...]


class _SearchSchema(Model):
    search_schema: tuple[SearchSchemaElement, ...]


class _AttributeDefinitions(Model):
    attribute_definitions: tuple[AttributeDefinition, ...] = ()


class NativeForm:
    """One request's properties, on their way into the schema's form.

    Attributes:
        properties: The properties in the schema's form.
        faults: What is wrong with the native form, at its place in the template.
        is_key_readable: Whether ``properties`` has the table's own key, not one that stands in for it.
    """

    def __init__(self, properties: Mapping[str, Any]) -> None:
        """Rewrite ``properties``; they are not changed."""
        self.faults: list[LocatedFault] = []
        self.is_key_readable = True
        self._are_names_complete = True
        self._original: dict[Location, Location] = {}
        self._used: set[str] = set()
        self._definitions = self._read_definitions(properties)
        self.properties = self._rewritten(properties)
        self._report_unused_definitions()

    def original_location(self, location: Location) -> Location:
        """Where the template says what the schema has at ``location``."""
        for length in range(len(location), 0, -1):
            if (original := self._original.get(location[:length])) is not None:
                return original + location[length:]
        return location

    def _stand_in(self, holder: str | int) -> dict[str, Any]:
        """A key for a holder whose own cannot be read, so that the faults of the rest are found."""
        if holder == "LocalSecondaryIndexes":
            return {"SortKey": UNREADABLE_KEY}
        if holder == "KeySchema":
            self.is_key_readable = False
        return {"PartitionKey": UNREADABLE_KEY}

    def _fault(self, location: Location, problem: str, fix: str) -> None:
        self.faults.append(LocatedFault(location, problem, fix))

    def _read_definitions(self, properties: Mapping[str, Any]) -> dict[str, tuple[int, AttributeType]]:
        given = {"AttributeDefinitions": properties.get("AttributeDefinitions", ())}
        reading = read(_AttributeDefinitions, given)
        self.faults.extend(reading.faults)
        definitions: dict[str, tuple[int, AttributeType]] = {}
        for i, definition in enumerate(reading.value.attribute_definitions if reading.value else ()):
            if definition.attribute_name in definitions:
                self._fault(
                    ("AttributeDefinitions", i, "AttributeName"),
                    f"'{definition.attribute_name}' is defined already.",
                    "Define each attribute once.",
                )
            definitions.setdefault(definition.attribute_name, (i, definition.attribute_type))
        self._are_definitions_complete = not reading.faults
        return definitions

    def _rewritten(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        rewritten = {name: value for name, value in properties.items() if name != "AttributeDefinitions"}
        rewritten = self._holder(rewritten, (), "the table", allows_several=False)
        for name in _INDEX_LISTS:
            if isinstance(indexes := rewritten.get(name), list | tuple):
                several = name == "GlobalSecondaryIndexes"
                rewritten[name] = [
                    self._index(index, (name, i), allows_several=several) for i, index in enumerate(indexes)
                ]
        if isinstance(indexes := rewritten.get("VectorIndexes"), list | tuple):
            rewritten["VectorIndexes"] = [
                self._vector_index(index, ("VectorIndexes", i)) for i, index in enumerate(indexes)
            ]
        if "TimeToLiveAttribute" in rewritten:
            rewritten |= self._time_to_live(rewritten)
        return rewritten

    def _index(self, index: object, location: Location, *, allows_several: bool) -> object:
        if not isinstance(index, dict):
            return index
        rewritten = self._holder(index, location, "the index", allows_several=allows_several)
        if location[0] == "LocalSecondaryIndexes" and not self.is_key_readable:
            rewritten.pop("PartitionKey", None)
        return rewritten

    def _vector_index(self, index: object, location: Location) -> object:
        """A vector index with its search schema in the schema's form."""
        if not isinstance(index, dict):
            return index
        if "SearchSchema" not in index:
            self._note_compact_key(index, location, _ROLES)
            return dict(index)
        for role in _ROLES:
            if role in index:
                self._fault(
                    (*location, role),
                    "is given beside SearchSchema.",
                    "Use one form for the search schema of the index.",
                )
        rest = {name: value for name, value in index.items() if name not in {"SearchSchema", *_ROLES}}
        return rest | self._search_schema(index["SearchSchema"], (*location, "SearchSchema"))

    def _search_schema(self, search_schema: object, location: Location) -> dict[str, Any]:
        reading = read(_SearchSchema, {"SearchSchema": search_schema})
        self._note_names(search_schema)
        self.faults.extend(
            LocatedFault((*location[:-1], *found.location), found.problem, found.fix) for found in reading.faults
        )
        if reading.faults or reading.value is None:
            return {}
        found: dict[str, list[dict[str, str]]] = {role: [] for role in _ROLES}
        for i, element in enumerate(reading.value.search_schema):
            original = (*location, i)
            role = "PartitionKey" if element.search_schema_element_type is SearchRole.HASH else "InlineFilters"
            place = (*location[:-1], role) if role == "PartitionKey" else (*location[:-1], role, len(found[role]))
            self._remember(place, original, element.attribute_name)
            found[role].append(self._attribute(element.attribute_name, original))
        partition_key, filters = found["PartitionKey"], found["InlineFilters"]
        if not reading.value.search_schema:
            self._fault(location, "is empty.", "Name at least one attribute, or remove it.")
        if len(partition_key) > 1:
            self._fault(location, f"has {len(partition_key)} HASH elements.", "One is allowed here.")
        self._original[*location[:-1], "InlineFilters"] = location
        return {"InlineFilters": filters} | ({"PartitionKey": partition_key[0]} if partition_key else {})

    def _time_to_live(self, properties: dict[str, Any]) -> dict[str, Any]:
        attribute = properties.pop("TimeToLiveAttribute")
        if "TimeToLiveSpecification" in properties:
            self._fault(("TimeToLiveAttribute",), "is given beside TimeToLiveSpecification.", "Use one of the two.")
        self._original["TimeToLiveSpecification", "AttributeName"] = ("TimeToLiveAttribute",)
        return {"TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": True}}

    def _holder(
        self, holder: Mapping[str, Any], location: Location, what: str, *, allows_several: bool
    ) -> dict[str, Any]:
        """A table or an index with its key in the schema's form."""
        if "KeySchema" not in holder:
            self._note_compact_key(holder, location)
            return dict(holder)
        rest = {name: value for name, value in holder.items() if name not in {"KeySchema", *_HALVES}}
        for half in _HALVES:
            if half in holder:
                self._fault((*location, half), "is given beside KeySchema.", f"Use one form for the key of {what}.")
        return rest | self._key(holder["KeySchema"], (*location, "KeySchema"), allows_several=allows_several)

    def _note_compact_key(
        self, holder: Mapping[str, Any], location: Location, parts: tuple[str, ...] = _HALVES
    ) -> None:
        """Remember the attributes of a compact key, and that a single one needs no position."""
        for half in parts:
            attributes = holder.get(half)
            if isinstance(attributes, dict):
                self._original[*location, half, 0] = (*location, half)
                attributes = [attributes]
            for attribute in attributes if isinstance(attributes, list) else ():
                if isinstance(attribute, dict):
                    self._note_compact_attribute(attribute)

    def _note_compact_attribute(self, attribute: Mapping[str, Any]) -> None:
        name = attribute.get("Name")
        if not isinstance(name, str) or name not in self._definitions:
            return
        self._used.add(name)
        position, defined = self._definitions[name]
        if attribute.get("Type") != defined:
            self._fault(
                ("AttributeDefinitions", position, "AttributeType"),
                f"defines '{name}' as {defined}, its key as {quoted(attribute.get('Type'))}.",
                "Remove the definition: the key says it all.",
            )

    def _key(self, key_schema: object, location: Location, *, allows_several: bool) -> dict[str, Any]:
        reading = read(_KeySchema, {"KeySchema": key_schema})
        self._note_names(key_schema)
        self.faults.extend(
            LocatedFault((*location[:-1], *found.location), found.problem, found.fix) for found in reading.faults
        )
        elements = reading.value.key_schema if reading.value and not reading.faults else ()
        halves = dict(self._halves(elements, location))
        if not allows_several:
            self._report_surplus(halves, location)
        required = dict(zip(_HALVES, KeyType, strict=True))
        if location[0] != "LocalSecondaryIndexes":
            del required["SortKey"]
        missing = [word for half, word in required.items() if not halves[half]]
        for word in () if reading.faults else missing:
            self._fault(location, f"has no {word} element.", f"Add the attribute with KeyType {word}.")
        for half in _HALVES:
            self._original.setdefault((*location[:-1], half), location)
        if reading.faults or missing:
            return self._stand_in(location[0])
        return {
            half: attributes if allows_several else attributes[0] for half, attributes in halves.items() if attributes
        }

    def _note_names(self, key_schema: object) -> None:
        """Names in a key count as used even where the key has faults: one mistake, one report."""
        for element in key_schema if isinstance(key_schema, list) else ():
            if isinstance(element, dict) and isinstance(name := element.get("AttributeName"), str):
                self._used.add(name)
            else:
                self._are_names_complete = False

    def _halves(
        self, elements: tuple[KeySchemaElement, ...], location: Location
    ) -> Iterator[tuple[str, list[dict[str, str]]]]:
        seen_range = False
        found: dict[str, list[dict[str, str]]] = {half: [] for half in _HALVES}
        for i, element in enumerate(elements):
            is_range = element.key_type is KeyType.RANGE
            if seen_range and not is_range:
                self._fault((*location, i, "KeyType"), "is HASH after a RANGE.", "Put the HASH elements first.")
            seen_range |= is_range
            half = "SortKey" if is_range else "PartitionKey"
            place: Location = (*location[:-1], half)
            if location[0] == "GlobalSecondaryIndexes":
                place = (*place, len(found[half]))
            self._remember(place, (*location, i), element.attribute_name)
            found[half].append(self._attribute(element.attribute_name, (*location, i)))
        yield from found.items()

    def _remember(self, place: Location, original: Location, name: str) -> None:
        """Remember where the template says what the schema has at ``place``: the attribute of this name."""
        self._original[place] = original
        self._original[*place, "Name"] = (*original, "AttributeName")
        if definition := self._definitions.get(name):
            self._original[*place, "Type"] = ("AttributeDefinitions", definition[0], "AttributeType")

    def _attribute(self, name: str, location: Location) -> dict[str, str]:
        if name not in self._definitions and self._are_definitions_complete:
            self._fault((*location, "AttributeName"), f"'{name}' has no type.", "Add it to AttributeDefinitions.")
        _, attribute_type = self._definitions.get(name, (0, AttributeType.STRING))
        return {"Name": name, "Type": attribute_type}

    def _report_surplus(self, halves: Mapping[str, list[dict[str, str]]], location: Location) -> None:
        for half, word in zip(_HALVES, KeyType, strict=True):
            if len(halves[half]) > 1:
                self._fault(location, f"has {len(halves[half])} {word} elements.", "One is allowed here.")

    def _report_unused_definitions(self) -> None:
        if not (self._are_definitions_complete and self._are_names_complete):
            return
        for name, (position, _) in self._definitions.items():
            if name not in self._used:
                self._fault(
                    ("AttributeDefinitions", position, "AttributeName"),
                    f"'{name}' is in no key.",
                    "Remove it: only key attributes are defined.",
                )
