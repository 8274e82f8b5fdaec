"""Reads ``ResourceProperties`` into a schema and options; reports every fault of a request in one error.

CloudFormation sends every scalar as a string. What type a value has is the schema's to say, never guessed from how
the value looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from table_provisioner.errors import Fault, InvalidRequestError
from table_provisioner.native_form import UNREADABLE_KEY, NativeForm
from table_provisioner.options import OPTIONS, OnDelete, ProvisioningOptions
from table_provisioner.presets import Preset
from table_provisioner.schema import BillingMode, Location, Model, TableSchema, repeated_names
from table_provisioner.validation import LocatedFault, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

NOT_THE_TABLES: Final = frozenset({"ServiceToken", "ServiceTimeout"})
"""What CloudFormation itself reads of a custom resource."""
_SPELLINGS = frozenset({"AttributeDefinitions", "KeySchema", "Preset", "TimeToLiveAttribute"})
_STAND_INS = {"TableName": "unnamed", "PartitionKey": UNREADABLE_KEY}
_TABLE_KEY = frozenset({("PartitionKey",), ("SortKey",)})
_MOST_LEVELS = 32
"""No property nests as deep; repr() and others give up at some depth."""
_MOST_VALUES = 10_000
"""No table needs as many; each may be a fault, which takes several hundred times the memory of the value."""


@dataclass(frozen=True, slots=True)
class ResourceProperties:
    """What a template asks for."""

    schema: TableSchema
    options: ProvisioningOptions


class _PresetChoice(Model):
    preset: Preset


def read_properties(properties: Mapping[str, Any], name_of: Callable[[TableSchema], str]) -> ResourceProperties:
    """Read the properties of a resource.

    Args:
        properties: As they stand in the template or arrive from CloudFormation.
        name_of: Names a table that the properties do not name.

    Raises:
        InvalidRequestError: With every fault, each with its path as the template spells it, and the fix.
    """
    if _has_too_many_values(properties):
        problem, fix = (
            f"have more than {_MOST_VALUES} values.",
            "No table needs as many; remove what is none of its own.",
        )
        raise InvalidRequestError.of([Fault(dotted(()), problem, fix)])
    draft = _Draft(properties)
    if draft.faults or draft.schema is None:
        raise InvalidRequestError.of(Fault(dotted(at.location), at.problem, at.fix) for at in draft.faults)
    schema = draft.schema
    if not draft.is_named:
        schema = schema.model_copy(update={"table_name": name_of(schema)})
    return ResourceProperties(schema, draft.options)


def read_leniently(properties: Mapping[str, Any]) -> TableSchema | None:
    """Read as much of former properties as can be read; ``None`` where not even the key can.

    On a rollback the former properties are the broken ones, so they are never a reason to refuse. The table's name
    is not among what they are good for.
    """
    if _has_too_many_values(properties):
        return None
    draft = _Draft(properties)
    return draft.schema if draft.is_key_readable else None


def read_table_name(properties: Mapping[str, Any]) -> str | None:
    """The name that the properties give the table, read even where the rest is invalid."""
    name = properties.get("TableName") or _preset_name(properties)
    return name if isinstance(name, str) else None


def read_on_delete(properties: Mapping[str, Any]) -> OnDelete:
    """What a Delete shall do; ``Retain`` where that cannot be read, for nothing is lost by it."""
    choice = properties.get("OnDelete", OnDelete.DELETE)
    return OnDelete(choice) if choice in tuple(OnDelete) else OnDelete.RETAIN


def read_options_leniently(properties: Mapping[str, Any]) -> ProvisioningOptions:
    """The options of former properties, as far as they can be read."""
    given = {name: _shallow(properties[name]) for name in OPTIONS & properties.keys()}
    return read(ProvisioningOptions, given).value or ProvisioningOptions()


def dotted(location: Location) -> str:
    """A location as people write it: ``GlobalSecondaryIndexes[1].KeySchema[0].AttributeName``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".") or "Properties"


class _Draft:
    """One reading of the properties: what could be read, and every fault at its place in the template."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        given = {name: _shallow(value) for name, value in properties.items() if name not in NOT_THE_TABLES}
        self.faults: list[LocatedFault] = []
        options = read(ProvisioningOptions, {name: given.pop(name) for name in OPTIONS & given.keys()})
        self.faults += options.faults
        self.options = options.value or ProvisioningOptions()
        form = NativeForm(self._on_preset(given))
        self.faults += form.faults
        self.is_named = "TableName" in form.properties
        reading = read(
            TableSchema,
            {"TableName": _STAND_INS["TableName"]} | form.properties,
            known_names=OPTIONS | _SPELLINGS,
            left_out=() if form.is_key_readable else [("SortKey",)],
            stand_ins=_STAND_INS,
        )
        self.schema = reading.value
        self.is_key_readable = (
            form.is_key_readable
            and all(at.location != ("Preset",) for at in self.faults)
            and not any(at.location[:1] in _TABLE_KEY for at in reading.faults)
        )
        self.faults += (LocatedFault(form.original_location(at.location), at.problem, at.fix) for at in reading.faults)
        known = {at.location for at in self.faults}
        repeated = (LocatedFault(*each) for each in repeated_names(_names_of_indexes(form.properties)))
        self.faults += (at for at in repeated if at.location not in known)

    def _on_preset(self, given: dict[str, Any]) -> dict[str, Any]:
        """The properties on top of those of the preset that they name."""
        if "Preset" not in given:
            return given
        choice = read(_PresetChoice, {"Preset": given.pop("Preset")})
        self.faults += choice.faults
        if not choice.value:
            return given | {"PartitionKey": UNREADABLE_KEY}
        preset = choice.value.preset.schema().model_dump(by_alias=True, exclude_unset=True, mode="json")
        for name in ("PartitionKey", "SortKey", "KeySchema"):
            if name in given:
                del given[name]
                problem = f"is given beside Preset {choice.value.preset}, which has its own key."
                self.faults.append(LocatedFault((name,), problem, "Remove one of the two."))
        if "TimeToLiveAttribute" in given:
            del preset["TimeToLiveSpecification"]
        return preset | given | {"GlobalSecondaryIndexes": self._indexes(preset, given)}

    def _indexes(self, preset: Mapping[str, Any], given: Mapping[str, Any]) -> object:
        """The declared indexes before those of the preset, so that the declared ones keep their places."""
        declared = given.get("GlobalSecondaryIndexes", [])
        if not isinstance(declared, list):
            return declared
        capacity = _capacity_of_preset_indexes(given)
        return declared + [index | capacity for index in preset["GlobalSecondaryIndexes"]]


def _names_of_indexes(properties: Mapping[str, Any]) -> Iterator[tuple[Location, str]]:
    """All indexes with a name, those with faults included."""
    for listed in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes", "VectorIndexes"):
        indexes = properties.get(listed)
        for i, index in enumerate(indexes if isinstance(indexes, list) else ()):
            if isinstance(index, dict) and isinstance(name := index.get("IndexName"), str):
                yield (listed, i), name


def _capacity_of_preset_indexes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Where the table gets capacity, the preset's indexes need some, and there is no other place to say how much."""
    if given.get("BillingMode") != BillingMode.PROVISIONED or "ProvisionedThroughput" not in given:
        return {}
    return {"ProvisionedThroughput": given["ProvisionedThroughput"]}


def _preset_name(properties: Mapping[str, Any]) -> str | None:
    choice = properties.get("Preset")
    return Preset(choice).schema().table_name if choice in tuple(Preset) else None


def _has_too_many_values(properties: Mapping[str, Any]) -> bool:
    level: list[Any] = [properties]
    count = 0
    for _ in range(_MOST_LEVELS):
        level = [part for value in level for part in _parts(value)]
        count += len(level)
        if count > _MOST_VALUES:  # and none of them is looked into
            return True
    return False


def _parts(value: object) -> Iterable[Any]:
    match value:
        case dict():
            return value.values()
        case list():
            return value
    return ()


def _shallow(value: Any, levels: int = _MOST_LEVELS) -> Any:  # noqa: ANN401 -- a property can be anything
    """A property without what is nested too deep in it to be right."""
    match value:
        case dict() | list() if levels == 0:
            return "…"
        case dict():
            return {name: _shallow(part, levels - 1) for name, part in value.items()}
        case list():
            return [_shallow(part, levels - 1) for part in value]
    return value
