"""Templates as data: CloudFormation's short forms become what they are short for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from demo.local_cloud import ROOT

if TYPE_CHECKING:
    from pathlib import Path

Mapping = dict[str, Any]

STACK = "tables"
"""Under which name the function is deployed where a name is needed."""


class _Loader(yaml.SafeLoader):
    """A safe loader that knows ``!Ref``, ``!Sub`` and the like."""


def _long_form(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> Mapping:
    key = name if name in {"Ref", "Condition"} else f"Fn::{name}"
    if isinstance(node, yaml.ScalarNode):
        return {key: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {key: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {key: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _long_form)


def read(text: str) -> Mapping:
    """Read the text of a template."""
    template: Mapping = yaml.load(text, _Loader)  # noqa: S506 - derived from the safe loader
    return template


def load(path: Path) -> Mapping:
    """Read a template."""
    return read(path.read_text())


def example(name: str) -> Mapping:
    """Read the properties of the one table of an example."""
    (resource,) = load(ROOT / "examples" / f"{name}.yaml")["Resources"].values()
    properties: Mapping = resource["Properties"]
    return properties


def provisioner() -> Mapping:
    """Read the resources of the function's own template."""
    resources: Mapping = load(ROOT / "template.yaml")["Resources"]
    return resources


def dashboard() -> str:
    """Render the body of the dashboard as CloudFormation does."""
    values = {"AWS::Region": "us-east-1", "AWS::StackName": STACK}
    body = provisioner()["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    known = re.sub(r"\$\{([^!}]+)\}", lambda name: values.get(name[1], name[1].partition(".")[0]), body)
    return known.replace("${!", "${")
