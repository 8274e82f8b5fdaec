"""What ``template.yaml`` and the function offer to operators: parameters, rights, metrics."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from scripts.markdown import member_docstrings, table
from table_provisioner.outcome import Metric

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"
_STATUSES = "Requests that ended so."


class _Loader(yaml.SafeLoader):
    """Takes ``!Sub`` and the like for what they hold."""


def _content(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)  # noqa: S101 -- there is no fourth kind
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("!", _content)


def parameters() -> str:
    """What can be chosen when the function is deployed."""
    rows = [
        (f"`{name}`", f"`{each['Default']}`" if each["Default"] != "" else "none", each["Description"])
        for name, each in _template()["Parameters"].items()
    ]
    return table(("parameter", "default", "meaning"), rows)


def permissions() -> str:
    """What the function's role allows, statement by statement."""
    rows = [
        (each["Sid"], " ".join(f"`{action}`" for action in _listed(each["Action"])), _resources(each))
        for each in _statements()
    ]
    return table(("statement", "actions", "on"), rows)


def metrics() -> str:
    """What the function publishes."""
    texts = member_docstrings(Metric)
    rows = [
        (f"`{metric}`", "seconds" if metric is Metric.SETTLE_SECONDS else "count", texts.get(metric.name, _STATUSES))
        for metric in Metric
    ]
    return table(("metric", "unit", "meaning"), rows)


def _template() -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(TEMPLATE.read_text(), _Loader)  # noqa: S506 -- derived from the safe loader
    return document


def _statements() -> Iterator[dict[str, Any]]:
    resources = _template()["Resources"]
    for policy in resources["TableProvisionerRole"]["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]
    yield from resources["HandOverPolicy"]["Properties"]["PolicyDocument"]["Statement"]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _resources(statement: dict[str, Any]) -> str:
    """Resources without what is the same in all: partition, region and account."""
    names = [each.replace("arn:${AWS::Partition}:", "") for each in _listed(statement["Resource"])]
    short = [each.replace("${AWS::Region}:${AWS::AccountId}:", "").replace("${AWS::AccountId}:", "") for each in names]
    through = statement.get("Condition", {}).get("StringEquals", {})
    conditions = [f"{key}: {' '.join(_listed(value))}" for key, value in through.items()]
    return ", ".join(f"`{each}`" for each in (*short, *conditions))
