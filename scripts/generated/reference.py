"""The generated parts of the resource reference, from the same schema that cfn-lint and editors use."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from scripts.generated import schemas
from scripts.markdown import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Schema = dict[str, Any]

_TYPES = {"string": "String", "integer": "Integer", "boolean": "Boolean", "object": "Json"}
_RANGES = (("imum", ""), ("Length", "characters"), ("Items", "items"))
_KEY = ("PartitionKey", "KeySchema", "Preset")


def yaml_syntax() -> str:
    """All properties with their types, as a template in YAML has them."""
    lines = [f"  {name}: {_placeholder(each)}" for name, each in _declared().items()]
    return "\n".join(["```yaml", f"Type: {schemas.TYPE_NAME}", "Properties:", *lines, "```"])


def json_syntax() -> str:
    """All properties with their types, as a template in JSON has them."""
    lines = [f'    "{name}" : {_placeholder(each)}' for name, each in _declared().items()]
    head = ["```", "{", f'  "Type" : "{schemas.TYPE_NAME}",', '  "Properties" : {']
    return "\n".join([*head, ",\n".join(lines), "  }", "}", "```"])


def properties() -> str:
    """The resource's own properties: what they are, and what another value leads to."""
    resource = _resource()
    rows = []
    for name, each in _declared().items():
        required = "yes" if name in resource["required"] else "one of them" if name in _KEY else "no"
        rows.append((f"`{name}`", _type(each), required, _allowed(each), _update(name), _text(each)))
    return table(("property", "type", "required", "allowed", "update requires", "description"), rows)


def property_types() -> str:
    """What is nested in the properties, type by type."""
    return "\n\n".join(_sections())


def attributes() -> str:
    """What ``Fn::GetAtt`` gives."""
    return table(("attribute", "value"), [(f"`{name}`", text) for name, text in schemas.ATTRIBUTES.items()])


@cache
def _resource() -> Schema:
    return schemas.resource()


def _declared() -> Mapping[str, Schema]:
    attributes = {pointer.rpartition("/")[2] for pointer in _resource()["readOnlyProperties"]}
    return {name: each for name, each in _resource()["properties"].items() if name not in attributes}


def _sections() -> Iterator[str]:
    for name, definition in _resource()["definitions"].items():
        if definition["type"] != "object":
            continue
        one_of = {name for choice in definition.get("oneOf", ()) for name in choice["required"]}
        rows = [
            (
                f"`{part}`",
                _type(each),
                "yes" if part in definition.get("required", ()) else "one of them" if part in one_of else "no",
                _allowed(each),
                _text(each),
            )
            for part, each in definition["properties"].items()
        ]
        head = ("property", "type", "required", "allowed", "description")
        yield f"### {name}\n\n{definition['description']}\n\n{table(head, rows)}"


def _definition(each: Schema) -> tuple[str, Schema]:
    """The definition that a property refers to; where it refers to none, the property itself."""
    name = each.get("$ref", "").rpartition("/")[2]
    return name, _resource()["definitions"][name] if name else each


def _type(each: Schema) -> str:
    name, definition = _definition(each)
    match definition["type"]:
        case "array":
            return f"list of {_type(definition['items'])}"
        case ["object", "array"]:
            item = _type(definition["items"])
            return f"{item} or a list of them"
        case "object" if name:
            return f"[{name}](#{name.lower()})"
        case simple:
            return _TYPES[simple]


def _placeholder(each: Schema) -> str:
    name, definition = _definition(each)
    if "enum" in definition:
        return " | ".join(definition["enum"])
    match definition["type"]:
        case "array":
            return f"[ {_placeholder(definition['items'])}, ... ]"
        case "object" if name:
            return name
        case simple:
            return _TYPES[simple]


def _allowed(each: Schema) -> str:
    """Values, range, length or number, with what counts where nothing is said."""
    _, definition = _definition(each)
    found = [" ".join(f"`{value}`" for value in definition.get("enum", ()))]
    found += [_range(definition.get(f"min{of}"), definition.get(f"max{of}"), unit) for of, unit in _RANGES]
    if "pattern" in definition:
        found.append(f"`{definition['pattern']}`")
    default = each.get("default")
    if default is not None and not isinstance(default, dict):
        found.append(f"default `{str(default).lower() if isinstance(default, bool) else default}`")
    return "; ".join(filter(None, found))


def _range(least: int | None, most: int | None, unit: str) -> str:
    if most is not None:
        return f"{least or 0} to {most} {unit}".strip()
    return f"{least} or more {unit}".strip() if least is not None else ""


def _update(name: str) -> str:
    if name == "ServiceToken":
        return "not possible"
    if name == "AttributeDefinitions":
        return "replacement where it is the table's own key"
    return "replacement" if name in schemas.REPLACING else "no interruption"


def _text(each: Schema) -> str:
    """What it is, in a sentence."""
    _, definition = _definition(each)
    text: str = each.get("description") or definition["description"]
    return text
