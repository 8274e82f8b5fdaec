"""Which request does what with which table, from the rules that decide it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from table_provisioner.decisions import RULES, AtWork, Case, Condition, Refusal, Rule, all_cases, rule_for
from table_provisioner.ownership import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from enum import StrEnum

_HEAD = ("request", "the table is", "it is", "its fence is", "option", "then")
_NOTHING = "-"
_ANY = "any"


def markdown() -> str:
    """A table with a row for each rule, in their order."""
    cases = tuple(all_cases())
    rows = [_HEAD, ("---",) * len(_HEAD), *(_row(rule, cases) for rule in RULES)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(rule: Rule, cases: Iterable[Case]) -> tuple[str, ...]:
    asked = [case for case in cases if case.request_type is rule.request_type]
    decided = [case for case in asked if rule_for(case) is rule]
    options = {case.option for case in asked}
    is_missing = rule.conditions == (Condition.MISSING,)
    there = {case.condition for case in asked} - {Condition.MISSING}
    return (
        str(rule.request_type),
        str(Condition.MISSING) if is_missing else _values((case.condition for case in decided), there),
        _NOTHING if is_missing else _values((case.standing for case in decided), Standing),
        _NOTHING if is_missing else _values((case.at_work for case in decided), AtWork),
        _values((case.option for case in decided), options, quote="`"),
        f"`{rule.then.error.code}`" if isinstance(rule.then, Refusal) else rule.then.value,
    )


def _values(found: Iterable[StrEnum], all_values: Iterable[StrEnum], quote: str = "") -> str:
    """Those that occur, or that all do."""
    occurring = set(found)
    if occurring == set(all_values):
        return _ANY
    return ", ".join(f"{quote}{value}{quote}" for value in _in_order(occurring))


def _in_order(values: set[StrEnum]) -> list[StrEnum]:
    return [each for each in type(next(iter(values))) if each in values]
