"""Checks of a request by itself: its shape, taken from botocore's own model of the service, and its name."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final

import botocore.session

from tests.simulator.dynamodb import encryption, table_class
from tests.simulator.dynamodb.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import ServiceModel, Shape, StructureShape

    from tests.simulator.dynamodb.wire import Json

_LEFT_TO_THEIR_MODULES: Final = {"TagKeyString", "TagValueString", "TableClass"}
"""Shapes with texts of their own (T-107, T-442)."""

_TABLE_NAME_SHAPE: Final = "TableName"
_NAME_OR_ARN_SHAPE: Final = "TableArn"


@functools.cache
def service_model() -> ServiceModel:
    """Botocore's model of DynamoDB."""
    return botocore.session.Session().get_service_model("dynamodb")


def check_shape(operation: str, params: Json) -> None:
    """Refuse nulls, lengths, ranges, patterns and enums, all of them together (T-070, T-038).

    Runs before everything but authorisation; existence comes later (T-070).
    """
    shape = service_model().operation_model(operation).input_shape
    violations = list(_violations(shape, params, "")) if shape else []
    if len(violations) == 1:
        raise refusal("shape", violation=violations[0])
    if violations:
        raise refusal("shapes", count=len(violations), violations="; ".join(violations))


def check_table_members(params: Json) -> None:
    """Refuse members of CreateTable and UpdateTable that are wrong by themselves."""
    table_class.check_shape(params)
    encryption.check_shape(params.get("SSESpecification") or {})


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if shape.name in _LEFT_TO_THEIR_MODULES:
        return
    if shape.type_name == "structure":
        yield from _structure_violations(shape, value, path)  # type: ignore[arg-type]  # told apart by type_name
    elif shape.type_name == "list":
        yield from _limit_violations(shape, value, path, len(value))
        for number, entry in enumerate(value, 1):
            yield from _violations(shape.member, entry, f"{path}.{number}.member")  # type: ignore[attr-defined]  # a list
    elif shape.type_name == "string":
        yield from _string_violations(shape, value, path)
    elif shape.type_name in {"integer", "long"}:
        yield from _limit_violations(shape, value, path, value)


def _structure_violations(shape: StructureShape, value: Json, path: str) -> Iterator[str]:
    if shape.name == "AttributeValue":
        return
    for name in shape.required_members:
        if name not in value and shape.members[name].name not in _LEFT_TO_THEIR_MODULES:
            yield f"Value null at '{_member(path, name)}' failed to satisfy constraint: Member must not be null"
    for name, entry in value.items():
        if name in shape.members:  # the service ignores what it does not know (T-357)
            yield from _violations(shape.members[name], entry, _member(path, name))


def _string_violations(shape: Shape, value: str, path: str) -> Iterator[str]:
    if shape.name == _NAME_OR_ARN_SHAPE and not value.startswith("arn:"):
        shape = service_model().shape_for(_TABLE_NAME_SHAPE)
    yield from _limit_violations(shape, value, path, len(value))
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        yield _violation(value, path, f"Member must satisfy regular expression pattern: {pattern}")
    options = shape.metadata.get("enum")
    if options and value not in options:
        yield _violation(value, path, f"Member must satisfy enum value set: [{', '.join(options)}]")


def _limit_violations(shape: Shape, value: Any, path: str, size: int) -> Iterator[str]:  # noqa: ANN401 - any JSON
    noun = "value" if shape.type_name in {"integer", "long"} else "length"
    lowest, highest = shape.metadata.get("min"), shape.metadata.get("max")
    if lowest is not None and size < lowest:
        yield _violation(value, path, f"Member must have {noun} greater than or equal to {lowest}")
    if highest is not None and size > highest:
        yield _violation(value, path, f"Member must have {noun} less than or equal to {highest}")


def _violation(value: object, path: str, constraint: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: {constraint}"


def _member(path: str, name: str) -> str:
    """A member's path: lower camel case, joined by dots."""
    lowered = name[0].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered
