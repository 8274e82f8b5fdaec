"""What a policy document means, and how the service writes it back."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.simulator.dynamodb.errors import ServiceError, refusal

if TYPE_CHECKING:
    from tests.simulator.dynamodb.wire import Json

MAXIMUM_BYTES: Final = 20_480
_DEFAULT_VERSION: Final = "2008-10-17"
_ORDER: Final = ("Sid", "Effect", "Principal", "Action", "Resource", "Condition")
_PRINCIPAL: Final = re.compile(r"\*|\d{12}|arn:aws:(iam|sts)::\d{12}:.+")
_ACTION: Final = re.compile(r"\*|dynamodb:[A-Za-z*?]+")


@dataclass(frozen=True)
class Document:
    """A valid policy: as written back, and what tells it from others."""

    text: str
    identity: str
    statements: tuple[Json, ...]

    @property
    def has_deny(self) -> bool:
        """Whether it denies anything."""
        return any(statement["Effect"] == "Deny" for statement in self.statements)

    def denies(self, operation: str, caller: str) -> bool:
        """Whether it explicitly denies an operation to a caller; conditions count as met."""
        return any(_denies(statement, operation, caller) for statement in self.statements)


def parse(text: str, account: str) -> Document:
    """Validate a policy and bring it into the service's form (T-208, T-351, T-353, T-355).

    Without a Version it reads back as 2008-10-17, but is another document (T-354).
    """
    if len(text.encode()) > MAXIMUM_BYTES:
        raise refusal("policy-is-too-large")  # white space counts (T-211)
    document = _decoded(text)
    statements = _listed(document.get("Statement") or [])
    if not statements:
        raise _malformed("Statement is missing or empty")
    normal = tuple(_normal_statement(statement, account) for statement in statements)
    sids = [statement["Sid"] for statement in normal if "Sid" in statement]
    if len(set(sids)) != len(sids):
        raise _malformed("Sid is not unique")
    written = {"Version": document.get("Version", _DEFAULT_VERSION), "Statement": list(normal)}
    identity = json.dumps([document.get("Version"), *sorted(json.dumps(entry, sort_keys=True) for entry in normal)])
    return Document(json.dumps(written, separators=(",", ":")), identity, normal)


def _decoded(text: str) -> Json:
    try:
        document: Json = json.loads(text)
    except ValueError as error:
        raise _malformed("not valid JSON") from error
    if not isinstance(document, dict):
        raise _malformed("not an object")
    return document


def _normal_statement(statement: Json, account: str) -> Json:
    for member in ("Effect", "Principal", "Action", "Resource"):
        if member not in statement and f"Not{member}" not in statement:
            raise _malformed(f"{member} is missing")
    effect = str(statement.get("Effect", "")).capitalize()  # `allow` is accepted (T-355)
    if effect not in {"Allow", "Deny"}:
        raise _malformed("Effect is neither Allow nor Deny")
    normal = dict(statement, Effect=effect)
    if any(not _ACTION.fullmatch(action) for action in _listed(statement.get("Action", []))):
        raise _malformed("Action is not one of dynamodb")
    if "Principal" in normal:
        normal["Principal"] = _normal_principal(normal["Principal"], account)
        _refuse_unbounded(normal)
    for member in ("Action", "Resource"):
        if member in normal:
            normal[member] = _unlisted(normal[member])
    return {member: normal[member] for member in (*_ORDER, *sorted(set(normal) - set(_ORDER))) if member in normal}


def _normal_principal(principal: Any, account: str) -> Any:  # noqa: ANN401 - a string or an object
    if not isinstance(principal, dict) or "AWS" not in principal:
        return principal
    names = []
    for name in _listed(principal["AWS"]):
        if not _PRINCIPAL.fullmatch(name):
            raise refusal("policy-principal-is-invalid")  # T-352
        full = f"arn:aws:iam::{name}:root" if name.isdigit() else name
        if full not in names:
            names.append(full)
    del account
    return dict(principal, AWS=_unlisted(names))


def _refuse_unbounded(statement: Json) -> None:
    """Refuse an Allow to everybody (T-352)."""
    is_everybody = statement["Principal"] in ("*", {"AWS": "*"})
    if statement["Effect"] == "Allow" and is_everybody and "Condition" not in statement:
        raise refusal("policy-is-unbounded")


def _denies(statement: Json, operation: str, caller: str) -> bool:
    if statement["Effect"] != "Deny":
        return False
    return _covers_caller(statement.get("Principal", "*"), caller) and any(
        re.fullmatch(re.escape(action).replace(r"\*", ".*"), f"dynamodb:{operation}")
        for action in _listed(statement.get("Action", []))
    )


def _covers_caller(principal: Any, caller: str) -> bool:  # noqa: ANN401 - a string or an object
    account = caller.split(":")[4]
    covering = {"*", caller, f"arn:aws:iam::{account}:root"}
    names = _listed(principal.get("AWS", [])) if isinstance(principal, dict) else [principal]
    return bool(covering & set(names))


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    return value if isinstance(value, list) else [value]


def _unlisted(value: Any) -> Any:  # noqa: ANN401 - any JSON
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _malformed(why: str) -> ServiceError:
    return refusal("policy-is-invalid", why=why)
