"""Compares resource policies by what they say: DynamoDB stores them in a form of its own.

The ids in the comments are findings of the ``docs/api-quirks`` notes of aws-controllers-k8s/dynamodb-controller.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNSTATED_VERSION = "2008-10-17"
"""What a policy without a version reads back as (T-354)."""
_ACCOUNT = re.compile(r"\d{12}")
_LISTS = frozenset({"Action", "NotAction", "Resource", "NotResource"})


def canonical(document: Mapping[str, Any] | str) -> str:
    """A policy as text that is the same for all spellings of it; empty for no policy.

    White space, order of keys, a single value against a list of one, an account id against the ARN of its root and
    repeated principals make no difference (T-208, T-351, T-352, T-355).
    """
    if not document:
        return ""
    policy = json.loads(document) if isinstance(document, str) else dict(document)
    statements = policy.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return json.dumps(
        {
            **policy,
            "Version": policy.get("Version", _UNSTATED_VERSION),
            "Statement": [_statement(statement) for statement in listed],
        },
        sort_keys=True,
    )


def _statement(statement: Any) -> Any:  # noqa: ANN401 -- whatever a template has there; AWS judges it
    if not isinstance(statement, dict):
        return statement
    return {name: _element(name, value) for name, value in statement.items()}


def _element(name: str, value: Any) -> Any:  # noqa: ANN401 -- as above
    if name == "Effect" and isinstance(value, str):
        return value.capitalize()
    if name in _LISTS:
        return value if isinstance(value, list) else [value]
    if name in {"Principal", "NotPrincipal"} and isinstance(value, dict):
        return {kind: sorted({_principal(one) for one in _listed(named)}) for kind, named in value.items()}
    return value


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 -- as above
    return value if isinstance(value, list) else [value]


def _principal(value: Any) -> str:  # noqa: ANN401 -- as above
    text = str(value)
    return f"arn:aws:iam::{text}:root" if _ACCOUNT.fullmatch(text) else text
