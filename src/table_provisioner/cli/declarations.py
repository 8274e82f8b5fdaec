"""The tables that a template, a file of properties or a preset declares."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from table_provisioner.cli.documents import Document, FaultyFileError, Finding, Position
from table_provisioner.cli.intrinsics import ANOTHER, Resolver
from table_provisioner.cli.references import PSEUDO_PARAMETERS, References, referred
from table_provisioner.errors import Fault, InvalidRequestError, quoted
from table_provisioner.event import LONGEST_SERVICE_TIMEOUT_SECONDS, service_timeout_seconds
from table_provisioner.naming import generated_table_name
from table_provisioner.properties import dotted, read_properties
from table_provisioner.validation import NO_SUCH_PROPERTY, LocatedFault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from table_provisioner.cli.documents import Value
    from table_provisioner.options import ProvisioningOptions
    from table_provisioner.presets import Preset
    from table_provisioner.schema import Location, TableSchema

RESOURCE_TYPE = "Custom::DynamoDBTable"
NATIVE_TYPE = "AWS::DynamoDB::Table"
_TOKEN, _TIMEOUT, _CONDITION = "ServiceToken", "ServiceTimeout", "Condition"
STACK_ID = "AWS::StackId"
_LOOP = "Fn::ForEach::"
_LISTS = ("CommaDelimitedList", "List<")
_FROM_PARAMETER_STORE = "AWS::SSM::"
_BEFORE_ALL = Position(0, 0)
_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


@dataclass(frozen=True, slots=True)
class DeclaredTable:
    """A table as it is declared, without a fault.

    Attributes:
        logical_resource_id: The resource's name in its template; empty outside of templates.
        schema: What it is to be.
        options: How to go about it.
        is_named: Whether its name is known; one that is not declared only a stack can make up.
        service_timeout_seconds: How long CloudFormation waits for it to be so.
    """

    logical_resource_id: str
    schema: TableSchema
    options: ProvisioningOptions
    is_named: bool
    service_timeout_seconds: int


@dataclass(frozen=True, slots=True)
class Declaration:
    """A table as it is declared.

    Attributes:
        logical_resource_id: The resource's name in its template; empty outside of templates.
        properties: What is declared, without functions.
        unknowns: What only a stack can know; a stand-in is in its place.
        mistakes: What no stack could work out either; likewise.
        faults_of_condition: What is wrong with the condition on which the resource is there.
        kept: Of lists that lost entries to ``AWS::NoValue``, which ones are left, by where the lists stand.
        needs_token: Whether the resource lacks the ``ServiceToken`` that CloudFormation asks of it.
        unmet_condition: The condition that does not hold, so that the resource is not there; empty where it is.
        variation: The parameter that has another value than usual, as ``Stage=prod``; empty where none has.
        stack_id: The stack for which a name is made where none is declared; empty where it is not known.
        document: The file.
        location: Where in the file the properties stand.
    """

    logical_resource_id: str
    properties: Mapping[str, Value]
    unknowns: tuple[LocatedFault, ...] = ()
    mistakes: tuple[LocatedFault, ...] = ()
    faults_of_condition: tuple[Fault, ...] = ()
    kept: Mapping[Location, Sequence[int]] = field(default_factory=dict)
    needs_token: bool = False
    unmet_condition: str = ""
    variation: str = ""
    stack_id: str = ""
    document: Document = field(default_factory=lambda: Document("", {}))
    location: Location = ()

    def named(self, table_name: str) -> Declaration:
        """The same table under another name."""
        unknowns, mistakes = (
            tuple(each for each in all_of_them if each.location != ("TableName",))
            for all_of_them in (self.unknowns, self.mistakes)
        )
        properties = {**self.properties, "TableName": table_name}
        return replace(self, properties=properties, unknowns=unknowns, mistakes=mistakes)

    def read(self) -> DeclaredTable:
        """The table, under a stand-in for a name that only a stack can make up.

        Raises:
            FaultyFileError: With everything that is wrong, or cannot be known.
        """
        if findings := (*self.faults(), *self.unresolved()):
            raise FaultyFileError(in_order(findings))
        generated: list[str] = []

        def name_of(schema: TableSchema) -> str:
            generated.append(self.logical_resource_id)
            if self.stack_id:
                return generated_table_name(self.stack_id, self.logical_resource_id, schema)
            return f"STACK-{self.logical_resource_id or 'TABLE'}-SUFFIX"

        properties = read_properties(self.properties, name_of)
        is_named = not generated or bool(self.stack_id)
        timeout = service_timeout_seconds(self.properties.get(_TIMEOUT)) or LONGEST_SERVICE_TIMEOUT_SECONDS
        return DeclaredTable(self.logical_resource_id, properties.schema, properties.options, is_named, timeout)

    def faults(self) -> tuple[Finding, ...]:
        """All that is wrong with the properties, whatever could not be worked out aside."""
        unknown = [each.location for each in (*self.unknowns, *self.mistakes)]
        faults = [replace(fault, path=self._original(fault.path)) for fault in self._read()]
        return tuple(
            self._finding(fault)
            for fault in faults
            if fault.problem == NO_SUCH_PROPERTY or not _is_within(_location(fault.path), unknown)
        )

    def _read(self) -> Iterator[Fault]:
        """What is wrong with the properties as they were worked out."""
        try:
            read_properties(self.properties, lambda _: "unnamed")
        except InvalidRequestError as error:
            yield from error.faults
        timeout = self.properties.get(_TIMEOUT)
        if timeout is not None and service_timeout_seconds(timeout) is None:
            problem = f"{quoted(timeout)} is no whole number of seconds from 1 to {LONGEST_SERVICE_TIMEOUT_SECONDS}."
            yield Fault(_TIMEOUT, problem, "Write one, or leave it out.")

    def _original(self, path: str) -> str:
        """Where in the file stands what is at a path of the properties: lists may have lost entries."""
        original: Location = ()
        for part in _location(path):
            kept = self.kept.get(original)
            original = (*original, kept[part] if kept and isinstance(part, int) else part)
        return dotted(original) if self.kept else path

    def unchecked(self) -> tuple[Finding, ...]:
        """What only a stack can know: values, and whether the table is there, for one that is may have more."""
        return (*self._findings(self.unknowns), *map(self._finding, self._faults_of_a_new_table()))

    def _faults_of_a_new_table(self) -> Iterator[Fault]:
        try:
            schema = read_properties(self.properties, lambda _: "unnamed").schema
        except InvalidRequestError:
            return
        for location, problem, fix in schema.creation_faults():
            yield Fault(self._original(dotted(location)), problem, fix)

    def left_out(self) -> Finding:
        """That the resource is not there, as its condition does not hold."""
        problem = f"'{self.unmet_condition}' does not hold, so the table is left out."
        place = self.document.position((*self.location[:-1], _CONDITION))
        fault = Fault(_CONDITION, problem, "Give a --parameter on which it does, or choose the table by --logical-id.")
        return Finding(self.document.name, place, fault, self.logical_resource_id)

    def refused(self) -> tuple[Finding, ...]:
        """What CloudFormation refuses before it asks the function."""
        token = LocatedFault((_TOKEN,), "is missing.", "Add the function's ARN, which its stack exports.")
        return (*self._mistaken(), *self._findings([token] if self.needs_token else []))

    def unresolved(self) -> tuple[Finding, ...]:
        """All that could not be worked out."""
        return (*self._mistaken(), *self._findings(self.unknowns))

    def _mistaken(self) -> tuple[Finding, ...]:
        place = self.document.position((*self.location[:-1], _CONDITION))
        of_condition = (
            Finding(self.document.name, place, fault, self.logical_resource_id) for fault in self.faults_of_condition
        )
        return (*of_condition, *self._findings(self.mistakes))

    def _findings(self, faults: Iterable[LocatedFault]) -> tuple[Finding, ...]:
        return tuple(self._finding(Fault(dotted(each.location), each.problem, each.fix)) for each in faults)

    def _finding(self, fault: Fault) -> Finding:
        position = self.document.position((*self.location, *_location(fault.path)))
        if self.variation:
            fault = replace(fault, fix=f"{fault.fix} (with --parameter {self.variation})".lstrip())
        return Finding(self.document.name, position, fault, self.logical_resource_id)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings file by file, from the first line to the last."""
    return sorted(findings, key=lambda finding: (finding.file, finding.position or _BEFORE_ALL))


def of_preset(preset: Preset) -> Declaration:
    """The table of a preset."""
    return Declaration("", {"Preset": preset.value})


def of_document(
    document: Document,
    given: Mapping[str, str],
    region: str,
    logical_resource_ids: Sequence[str] = (),
    *,
    takes_native: bool = False,
) -> tuple[Declaration, ...]:
    """The tables that a file declares: a template, or the properties of one table.

    Args:
        document: The file.
        given: Values of parameters and of whatever else the template refers to.
        region: The region's name; empty where it is not known.
        logical_resource_ids: Those to choose; all where there are none. One that is chosen is there even where its
            condition does not hold.
        takes_native: Whether an ``AWS::DynamoDB::Table`` is a table, too.

    Returns:
        The tables, and after them the same as they are with other values of parameters, one at a time, that the
        template allows or compares with.

    Raises:
        FaultyFileError: It is neither a template nor the properties of a table, or does not allow a parameter's value.
    """
    file = _File(document, {**_pseudo_parameters(region), **given})
    if isinstance(document.value, dict) and "Resources" not in document.value:
        return () if logical_resource_ids else (file.declaration("", document.value, ()),)
    file.check_parameters()
    types = {RESOURCE_TYPE, NATIVE_TYPE} if takes_native else {RESOURCE_TYPE}
    return tuple(each for one in (file, *file.variations()) for each in one.declarations(types, logical_resource_ids))


def names_in(document: Document) -> frozenset[str]:
    """What a value can be given to: the parameters of a file, and whatever else it refers to."""
    declared = document.value.get("Parameters") if isinstance(document.value, dict) else None
    return frozenset({*PSEUDO_PARAMETERS, *(declared if isinstance(declared, dict) else ()), *referred(document.value)})


def overlooked(document: Document) -> Iterator[Finding]:
    """What may be tables, and is not looked at: resources of nearly the same type or with the same token, and loops."""
    resources = document.value.get("Resources") if isinstance(document.value, dict) else None
    listed = resources.items() if isinstance(resources, dict) else ()
    tokens = [_token(resource) for _, resource in listed if _type(resource) == RESOURCE_TYPE]
    for name, resource in listed:
        place: Location
        if name.startswith(_LOOP) and RESOURCE_TYPE in str(resource):
            place, fault = (), Fault("", "is not looked into.", "Check its tables outside of it.")
        elif _is_custom(kind := _type(resource)) and (_is_nearly(kind) or _token(resource) in tokens):
            problem = f"{quoted(kind)} is another type, so it is not looked at."
            place, fault = ("Type",), Fault("Type", problem, f"Did you mean {RESOURCE_TYPE}?")
        else:
            continue
        yield Finding(document.name, document.position(("Resources", name, *place)), fault, name)


def _type(resource: Value) -> str:
    return str(resource.get("Type", "")) if isinstance(resource, dict) else ""


def _token(resource: Value) -> Value | None:
    properties = resource.get("Properties") if isinstance(resource, dict) else None
    return properties.get(_TOKEN) if isinstance(properties, dict) else None


def _is_custom(kind: str) -> bool:
    return kind.startswith("Custom::") and kind != RESOURCE_TYPE


def _is_nearly(kind: str) -> bool:
    return bool(difflib.get_close_matches(kind.casefold(), [RESOURCE_TYPE.casefold()], cutoff=0.92))


class _File:
    """A template, or a file of properties, with what its functions can refer to."""

    def __init__(self, document: Document, given: Mapping[str, str], variation: str = "") -> None:
        self._document = document
        self._given = given
        self._variation = variation
        self._stack_id = given.get(STACK_ID, "")
        self._names = {**given, **_parameters(self._section("Parameters"), given)}

    def check_parameters(self) -> None:
        """See that every parameter has a value that the template allows; CloudFormation refuses any other.

        Raises:
            FaultyFileError: With each that has not.
        """
        findings = [
            Finding(self._document.name, self._document.position(("Parameters", name)), Fault(name, problem, fix))
            for name, parameter in self._section("Parameters").items()
            if isinstance(parameter, dict) and name in self._names
            for problem, fix in _faults_of_value(parameter, self._names[name])
        ]
        if findings:
            raise FaultyFileError(findings)

    def variations(self) -> Iterator[_File]:
        """The same file with another value of one parameter, for each that decides about something."""
        compared = set(_compared(dict(self._section("Conditions"))))
        for name, parameter in self._section("Parameters").items():
            if name in self._given or not isinstance(parameter, dict):
                continue
            literals, allowed = {text for other, text in compared if other == name}, parameter.get("AllowedValues")
            values = {str(value) for value in allowed} if isinstance(allowed, list) else literals
            for value in sorted(values - {parameter.get("Default")}):
                if not list(_faults_of_value(parameter, value)):
                    yield _File(self._document, {**self._given, name: value}, f"{name}={value}")
            if literals and values == literals:
                yield _File(self._document, {**self._given, name: ANOTHER}, f"{name}=…")

    def declarations(self, types: Collection[str], wanted: Sequence[str]) -> Iterator[Declaration]:
        """The tables of a template."""
        for name, resource in self._section("Resources").items():
            if not isinstance(resource, dict) or resource.get("Type") not in types or (wanted and name not in wanted):
                continue
            condition, properties = resource.get(_CONDITION), resource.get("Properties")
            is_there = bool(wanted) or not isinstance(condition, str) or self._resolver().holds(condition)
            yield self.declaration(
                name,
                properties if isinstance(properties, dict) else {},
                ("Resources", name, "Properties"),
                "" if is_there else str(condition),
            )

    def declaration(
        self, name: str, properties: Mapping[str, Value], location: Location, unmet_condition: str = ""
    ) -> Declaration:
        """A table with its functions worked out."""
        resolver = self._resolver()
        resolved = {key: resolver.resolved(value, (key,)) for key, value in properties.items() if key != _TOKEN}
        return Declaration(
            name,
            {key: value for key, value in resolved.items() if value is not None},
            tuple(resolver.unknowns),
            (*resolver.mistakes, *self._mistakes_of_token(properties)),
            self._faults_of_condition(name),
            resolver.kept,
            self._lacks_token(name, properties),
            unmet_condition,
            self._variation,
            self._stack_id,
            self._document,
            location,
        )

    def _mistakes_of_token(self, properties: Mapping[str, Value]) -> list[LocatedFault]:
        references = self._references()
        found = references.mistakes(properties.get(_TOKEN, "")) if references else []
        return [LocatedFault((_TOKEN,), problem, fix) for problem, fix in found]

    def _resolver(self) -> Resolver:
        return Resolver(self._names, self._section("Conditions"), self._section("Mappings"), self._references())

    def _references(self) -> References | None:
        """What functions can refer to; a transform may add anything, and properties by themselves have no template."""
        sections = self._document.value
        if not isinstance(sections, dict) or "Resources" not in sections or _is_transformed(sections):
            return None
        names = {*self._section("Parameters"), *self._section("Resources"), *self._names}
        return References(names, self._section("Conditions"), self._section("Mappings"))

    def _faults_of_condition(self, name: str) -> tuple[Fault, ...]:
        references, resource = self._references(), self._section("Resources").get(name)
        if references is None or not isinstance(resource, dict) or _CONDITION not in resource:
            return ()
        mistakes = references.mistakes_of_condition(resource[_CONDITION])
        return tuple(Fault(_CONDITION, problem, fix) for problem, fix in mistakes)

    def _lacks_token(self, name: str, properties: Mapping[str, Value]) -> bool:
        resource = self._section("Resources").get(name)
        is_ours = isinstance(resource, dict) and resource.get("Type") == RESOURCE_TYPE
        return is_ours and not properties.keys() & {_TOKEN, "Fn::Transform"}

    def _section(self, name: str) -> Mapping[str, Value]:
        if not isinstance(self._document.value, dict):
            raise self._fault((), "is neither a template nor the properties of a table.")
        section = self._document.value.get(name, {})
        if not isinstance(section, dict):
            raise self._fault((name,), f"{name} is not a mapping.")
        return section

    def _fault(self, location: Location, problem: str) -> FaultyFileError:
        fault = Fault("", problem, "Write names and values.")
        return FaultyFileError([Finding(self._document.name, self._document.position(location), fault)])


def _pseudo_parameters(region: str) -> dict[str, str]:
    known = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
    return known | {"AWS::Region": region} if region else known


def _parameters(declared: Mapping[str, Value], given: Mapping[str, Value]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for name, parameter in declared.items():
        if not isinstance(parameter, dict):
            continue
        kind = str(parameter.get("Type"))
        default = None if kind.startswith(_FROM_PARAMETER_STORE) else parameter.get("Default")
        value = given.get(name, default)
        if isinstance(value, str):
            values[name] = [entry.strip() for entry in value.split(",")] if kind.startswith(_LISTS) else value
    return values


def _compared(value: Value) -> Iterator[tuple[str, str]]:
    """Each parameter that conditions compare with a text, and the text."""
    match value:
        case {"Fn::Equals": [{"Ref": str(name)}, str(text)] | [str(text), {"Ref": str(name)}]}:
            yield name, text
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from _compared(part)


def _is_transformed(sections: Mapping[str, Value]) -> bool:
    """Whether CloudFormation adds to a template, or to a section of it, before it reads it."""
    included = (isinstance(section, dict) and "Fn::Transform" in section for section in sections.values())
    return "Transform" in sections or any(included)


def _faults_of_value(parameter: Mapping[str, Value], value: Value) -> Iterator[tuple[str, str]]:
    """What a parameter does not allow; each entry of a list is held against it."""
    allowed, pattern = parameter.get("AllowedValues"), parameter.get("AllowedPattern")
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(allowed, list) and entry not in allowed:
            yield f"{quoted(entry)} is not allowed.", f"Use {' or '.join(map(quoted, allowed))}."
        if isinstance(pattern, str) and not _matches(pattern, str(entry)):
            yield f"{quoted(entry)} is not allowed.", f"Use what matches {pattern}."


def _matches(pattern: str, text: str) -> bool:
    """Whether all of a text matches; so it is assumed where only CloudFormation understands the pattern."""
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return True


def _location(path: str) -> Location:
    """A path as faults have it, in its parts."""
    return tuple(int(index) if index else name for index, name in _PART.findall(path))


def _is_within(location: Location, parts: Sequence[Location]) -> bool:
    return any(location[: len(part)] == part for part in parts)
