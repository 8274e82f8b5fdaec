"""Which request does what with which table, from the rules that decide it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.markdown import table
from table_provisioner.decisions import RULES, Case, Refusal, Rule, all_cases, rule_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from enum import StrEnum

_HEAD = ("request", "the table is", "it is", "its fence is", "option", "then")


def markdown() -> str:
    """A table with a row for each rule, in their order."""
    cases = tuple(all_cases())
    return table(_HEAD, (_row(rule, cases) for rule in RULES))


def _row(rule: Rule, cases: Iterable[Case]) -> tuple[str, ...]:
    asked = [case for case in cases if case.request_type is rule.request_type]
    decided = [case for case in asked if rule_for(case) is rule]
    return (
        str(rule.request_type),
        _values(asked, decided, lambda case: case.condition),
        _values(asked, decided, lambda case: case.standing),
        _values(asked, decided, lambda case: case.at_work),
        _values(asked, decided, lambda case: case.option, quote="`"),
        f"`{rule.then.error.code}`" if isinstance(rule.then, Refusal) else rule.then.value,
    )


def _values(asked: Iterable[Case], decided: Iterable[Case], fact: Callable[[Case], StrEnum], quote: str = "") -> str:
    """Those of a fact that occur, or that all do."""
    occurring = {fact(case) for case in decided}
    everything = list(dict.fromkeys(map(fact, asked)))
    if occurring == set(everything):
        return "any"
    return ", ".join(f"{quote}{value}{quote}" for value in everything if value in occurring)
