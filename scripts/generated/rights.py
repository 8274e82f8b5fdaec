"""What provisioning is allowed by ``template.yaml``, for the command line to print."""

from __future__ import annotations

import json
from typing import Any

from scripts.docs import ROOT
from table_provisioner.cli.documents import read_document

_OF_THE_FUNCTION = "operation"
"""The policy for what only the function itself does: logs, traces, its destination."""


def provisioning() -> str:
    """The statements of the role, but for those of the function itself; what ``Fn::Sub`` fills in stays open."""
    template: Any = read_document("template.yaml", (ROOT / "template.yaml").read_bytes()).value
    policies = template["Resources"]["TableProvisionerRole"]["Properties"]["Policies"]
    statements = [
        _open(statement)
        for policy in policies
        if policy["PolicyName"] != _OF_THE_FUNCTION
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    return json.dumps(statements, indent=2) + "\n"


def _open(value: Any) -> Any:  # noqa: ANN401 -- whatever a policy says
    match value:
        case {"Fn::Sub": text}:
            return text
        case dict():
            return {name: _open(part) for name, part in value.items()}
        case list():
            return [_open(part) for part in value]
    return value
