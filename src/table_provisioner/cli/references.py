"""Finds what CloudFormation's functions refer to and a template does not have, whatever their values may be.

CloudFormation refuses a template for these before it asks the function.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from table_provisioner.errors import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from table_provisioner.cli.documents import Value

PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")
PSEUDO_PARAMETERS = frozenset(
    {
        "AWS::AccountId",
        "AWS::NoValue",
        "AWS::NotificationARNs",
        "AWS::Partition",
        "AWS::Region",
        "AWS::StackId",
        "AWS::StackName",
        "AWS::URLSuffix",
    }
)
_FORMS = {
    "Ref": "a name",
    "Fn::GetAtt": "a resource and one of its attributes",
    "Fn::Sub": "a text, or a list of a text and a mapping",
    "Fn::Join": "a list of a separator and a list",
    "Fn::If": "a list of a condition and two values",
    "Fn::FindInMap": "a list of a mapping, a name in it and a name in that",
}
_TRANSFORM = "Fn::Transform"
_OTHERS = frozenset(
    {
        "Fn::Base64",
        "Fn::Cidr",
        "Fn::GetAZs",
        "Fn::GetStackOutput",
        "Fn::ImportValue",
        "Fn::Select",
        "Fn::Split",
        _TRANSFORM,
    }
)

Mistake = tuple[str, str]
"""What is wrong, and what to do."""


def is_function(value: Mapping[str, Value]) -> bool:
    """Whether a mapping is a function: ``{"Ref": "Key"}``."""
    return len(value) == 1 and all(name == "Ref" or name.startswith("Fn::") for name in value)


def fix_of_name(name: str, known: Iterable[str]) -> str:
    """What to do about a name that is not among those that are known."""
    nearest = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {nearest[0]}?" if nearest else "Declare it, or correct the name."


def referred(value: Value) -> Iterator[str]:
    """Whatever the functions anywhere in a value refer to: ``Stage``, ``Key.Arn``."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(resource), str(attribute)]}:
            yield f"{resource}.{attribute}"
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), _]}:
            yield from (name for is_literal, name in PLACEHOLDER.findall(text) if not is_literal)
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from referred(part)


@dataclass(frozen=True, slots=True)
class References:
    """What the functions of a template can refer to.

    Attributes:
        names: Its parameters and resources, and what the caller gave a value.
        conditions: Its conditions.
        mappings: Its mappings.
    """

    names: Collection[str]
    conditions: Mapping[str, Value]
    mappings: Mapping[str, Value]

    def mistakes(self, value: Value) -> list[Mistake]:
        """Whatever a value refers to that is not there, and whatever in it is no function; each once."""
        return list(dict.fromkeys(self._in(value)))

    def mistakes_of_condition(self, name: Value) -> list[Mistake]:
        """Likewise of a condition that a resource names."""
        return list(dict.fromkeys(self._in_condition({"Condition": name}, ())))

    def _in(self, value: Value) -> Iterator[Mistake]:
        match value:
            case list():
                yield from self._in_all(value)
            case dict() if is_function(value):
                ((function, argument),) = value.items()
                yield from self._in_call(function, argument)
            case dict():
                yield from self._in_all(value.values())

    def _in_all(self, values: Iterable[Value]) -> Iterator[Mistake]:
        for each in values:
            yield from self._in(each)

    def _in_call(self, function: str, argument: Value) -> Iterator[Mistake]:
        match function, argument:
            case "Ref", str(name):
                yield from self._named(name)
            case "Fn::GetAtt", str(name) if "." in name:
                yield from self._named(name)
            case "Fn::GetAtt", [str(resource), str(attribute)]:
                yield from self._named(f"{resource}.{attribute}")
            case "Fn::GetAtt", [str(resource), dict(attribute)]:
                yield from self._named(resource)
                yield from self._in(attribute)
            case "Fn::Sub", str(text):
                yield from self._in_text(text, ())
            case "Fn::Sub", [str(text), dict(names)]:
                yield from self._in_text(text, names)
                yield from self._in_all(names.values())
            case "Fn::Join", [str(), list() | dict() as entries]:
                yield from self._in(entries)
            case "Fn::If", [str(condition), then, otherwise]:
                yield from self._in_condition({"Condition": condition}, ())
                yield from self._in_all([then, otherwise])
            case "Fn::FindInMap", [name, first, second]:
                yield from self._in_mapping([name, first, second])
            case _:
                yield from self._not_like_any(function, argument)

    def _not_like_any(self, function: str, argument: Value) -> Iterator[Mistake]:
        if function in _OTHERS:
            yield from self._in(argument)
        elif function in _FORMS:
            yield f"{function} does not take {quoted(argument)}.", f"Give it {_FORMS[function]}."
        else:
            nearest = difflib.get_close_matches(function, [*_FORMS, *_OTHERS], n=1)
            fix = f"Did you mean {nearest[0]}?" if nearest else "Write one, or the value."
            yield f"{function} is no function that gives a value.", fix

    def _named(self, name: str) -> Iterator[Mistake]:
        base = name.partition(".")[0]
        if name in self.names or base in self.names:
            return
        if not name.startswith("AWS::"):
            problem = f"'{base}' is neither a parameter nor a resource of the template."
            yield problem, fix_of_name(base, self.names)
        elif name not in PSEUDO_PARAMETERS:
            yield f"'{name}' is no pseudo parameter of CloudFormation.", fix_of_name(name, PSEUDO_PARAMETERS)

    def _in_text(self, text: str, own: Collection[str]) -> Iterator[Mistake]:
        for is_literal, name in PLACEHOLDER.findall(text):
            if not is_literal and name not in own:
                yield from self._named(name)

    def _in_mapping(self, path: list[Value]) -> Iterator[Mistake]:
        """What is written out has to be there; the rest depends on values, or comes from elsewhere."""
        yield from self._in_all(path)
        level: Value = dict(self.mappings)
        for i, part in enumerate(path):
            if not isinstance(part, str) or not isinstance(level, dict) or _TRANSFORM in level:
                return
            if part not in level:
                where = f"Mapping {'.'.join(map(str, path[:i]))} has" if i else "Mappings have"
                yield f"{where} no '{part}'.", fix_of_name(part, level)
                return
            level = level[part]

    def _in_condition(self, condition: Value, above: tuple[str, ...]) -> Iterator[Mistake]:
        match condition:
            case {"Condition": str(name)} if name in above:
                yield f"condition '{name}' is defined by itself.", "Break the circle."
            case {"Condition": str(name)} if name in self.conditions:
                yield from self._in_condition(self.conditions[name], (*above, name))
            case {"Condition": str(name)}:
                yield f"'{name}' is no condition of the template.", fix_of_name(name, self.conditions)
            case {"Fn::Equals": [one, other]}:
                yield from self._in_all([one, other])
            case {"Fn::Not": [_] as parts} | {"Fn::And": list(parts)} | {"Fn::Or": list(parts)}:
                for part in parts:
                    yield from self._in_condition(part, above)
            case _:
                where = f"condition '{above[-1]}'" if above else "Condition"
                yield f"{where} cannot be {quoted(condition)}.", "Write Fn::Equals, Fn::And, Fn::Or or Fn::Not."
