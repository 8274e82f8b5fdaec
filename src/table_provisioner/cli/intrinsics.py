"""Works out CloudFormation's functions, as far as that can be done without a stack.

``Ref``, ``GetAtt`` and ``Sub`` look names up that the template or the caller gives a value; ``Join``, ``FindInMap`` and
``If`` are worked out. What only a stack can know is reported, and a stand-in takes its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from table_provisioner.cli.references import PLACEHOLDER, is_function
from table_provisioner.validation import LocatedFault

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from table_provisioner.cli.documents import Value
    from table_provisioner.cli.references import References
    from table_provisioner.schema import Location

ANOTHER = "another value"
"""Stands for whatever a parameter is not compared with: conditions can tell, and nothing else is known of it."""
_STAND_IN = "unknown"
_NO_VALUE = "AWS::NoValue"


class UnknownValueError(Exception):
    """A value that is not known here.

    Args:
        problem: What is not known.
        fix: How to say it.
    """

    def __init__(self, problem: str, fix: str) -> None:
        """Keep both."""
        super().__init__(problem)
        self.problem = problem
        self.fix = fix


class Resolver:
    """Puts values in the place of functions.

    Attributes:
        unknowns: What could not be worked out, where it stands.
        mistakes: What no stack could work out either.
        kept: Which entries are left of a list that lost some, by where the list stands.
    """

    def __init__(
        self,
        names: Mapping[str, Value],
        conditions: Mapping[str, Value],
        mappings: Mapping[str, Value],
        references: References | None,
    ) -> None:
        """Keep what functions can refer to.

        Args:
            names: Values of parameters, of ``AWS::…`` and, as ``Key.Arn``, of attributes.
            conditions: The template's.
            mappings: The template's.
            references: What functions must not go beyond; ``None`` where that cannot be told.
        """
        self.unknowns: list[LocatedFault] = []
        self.mistakes: list[LocatedFault] = []
        self.kept: dict[Location, list[int]] = {}
        self._references = references
        self._names = names
        self._conditions = conditions
        self._mappings = mappings

    def resolved(self, value: Value, location: Location = ()) -> Value | None:
        """A value without functions; ``None`` for one that is to be left out."""
        match value:
            case list():
                entries = [self.resolved(entry, (*location, i)) for i, entry in enumerate(value)]
                kept = [i for i, entry in enumerate(entries) if entry is not None]
                if len(kept) < len(entries):
                    self.kept[location] = kept
                return [entry for entry in entries if entry is not None]
            case dict() if not is_function(value):
                members = {name: self.resolved(member, (*location, name)) for name, member in value.items()}
                return {name: member for name, member in members.items() if member is not None}
            case dict():
                return self._resolved_function(value, location)
            case _:
                return value

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template holds; so it is assumed where only a stack can know."""
        try:
            return self._holds({"Condition": condition})
        except (UnknownValueError, RecursionError):
            return True

    def _resolved_function(self, value: Value, location: Location) -> Value | None:
        mistakes = self._references.mistakes(value) if self._references else []
        self.mistakes += (LocatedFault(location, problem, fix) for problem, fix in mistakes)
        try:
            return self._worked_out(value)
        except UnknownValueError as unknown:
            problem, fix = unknown.problem, unknown.fix
        except RecursionError:
            problem, fix = "is defined by itself.", "Break the circle."
        if not mistakes:
            self.unknowns.append(LocatedFault(location, problem, fix))
        return _STAND_IN

    def _worked_out(self, value: Value) -> Value | None:
        match value:
            case list():
                entries = [self._worked_out(entry) for entry in value]
                return [entry for entry in entries if entry is not None]
            case dict() if is_function(value):
                ((function, argument),) = value.items()
                return self._call(function, argument)
            case dict():
                members = {name: self._worked_out(member) for name, member in value.items()}
                return {name: member for name, member in members.items() if member is not None}
            case _:
                return value

    def _call(self, function: str, argument: Value) -> Value | None:  # noqa: PLR0911 -- a table, one row a function
        match function, argument:
            case "Ref", str(name):
                return None if name == _NO_VALUE else self._named(name)
            case "Fn::GetAtt", str(name):
                return self._named(name)
            case "Fn::GetAtt", [str(resource), str(attribute)]:
                return self._named(f"{resource}.{attribute}")
            case "Fn::Sub", str(text):
                return self._substituted(text, {})
            case "Fn::Sub", [str(text), dict(names)]:
                return self._substituted(text, names)
            case "Fn::Join", [str(separator), entries]:
                return separator.join(self._texts(entries))
            case "Fn::If", [str(condition), then, otherwise]:
                return self._worked_out(then if self._holds({"Condition": condition}) else otherwise)
            case "Fn::FindInMap", [name, first, second]:
                return self._found(self._text(name), self._text(first), self._text(second))
            case _:
                raise UnknownValueError(f"{function} is worked out by a stack only.", "Write the value instead.")

    def _named(self, name: str) -> Value:
        if self._names.get(name, ANOTHER) != ANOTHER:
            return self._names[name]
        raise UnknownValueError(f"'{name}' has no value here.", f"Give it one: --parameter {name}=VALUE")

    def _substituted(self, text: str, names: Mapping[str, Value]) -> str:
        def replaced(match: re.Match[str]) -> str:
            is_literal, name = match.groups()
            if is_literal:
                return f"${{{name}}}"
            return self._text(names[name] if name in names else self._named(name))

        return PLACEHOLDER.sub(replaced, text)

    def _found(self, name: str, first: str, second: str) -> Value:
        level = self._mappings.get(name)
        inner = level.get(first) if isinstance(level, dict) else None
        if isinstance(inner, dict) and second in inner:
            return inner[second]
        raise UnknownValueError(f"Mappings have no {name}.{first}.{second}.", "Add it, or correct Fn::FindInMap.")

    def _texts(self, value: Value) -> list[str]:
        listed = self._worked_out(value)
        if isinstance(listed, list) and all(isinstance(entry, str) for entry in listed):
            return [str(entry) for entry in listed]
        raise UnknownValueError("Fn::Join has no list of texts.", "Correct it.")

    def _text(self, value: Value) -> str:
        text = self._worked_out(value)
        if isinstance(text, str):
            return text
        raise UnknownValueError(f"{text!r} is not a text.", "Correct it.")

    def _compared(self, value: Value) -> Value | None:
        match value:
            case {"Ref": str(name)} if self._names.get(name) == ANOTHER:
                return ANOTHER
        return self._worked_out(value)

    def _holds(self, condition: Value) -> bool:
        match condition:
            case {"Condition": str(name)} if name in self._conditions:
                return self._holds(self._conditions[name])
            case {"Fn::Equals": [one, other]}:
                return self._compared(one) == self._compared(other)
            case {"Fn::Not": [one]}:
                return not self._holds(one)
            case {"Fn::And": [*several]}:
                return all(self._holds(one) for one in several)
            case {"Fn::Or": [*several]}:
                return any(self._holds(one) for one in several)
        raise UnknownValueError(f"the condition {condition!r} cannot be worked out.", "Correct the template.")
