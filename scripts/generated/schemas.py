"""The resource's schema, from the models that read its properties: for cfn-lint, and for editors.

What a single property may be comes from the models. What pydantic cannot tell, because a rule in the code says it (how
many there may be of something, which spellings exclude each other), is added here from the same constants.
"""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from scripts.markdown import UndescribedFieldError, member_docstrings
from table_provisioner import schema as limits
from table_provisioner.event import LONGEST_SERVICE_TIMEOUT_SECONDS
from table_provisioner.native_form import AttributeDefinition, KeySchemaElement, SearchSchemaElement
from table_provisioner.options import ProvisioningOptions
from table_provisioner.presets import Preset
from table_provisioner.results import ProvisionResult, ProvisionStatus
from table_provisioner.schema import Model, TableSchema, native_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema

Schema = dict[str, Any]

TYPE_NAME = "Custom::DynamoDBTable"
REPLACING = frozenset(
    {
        "TableName",
        "Preset",
        "PartitionKey",
        "SortKey",
        "KeySchema",
        "LocalSecondaryIndexes",
        "ImportSourceSpecification",
    }
)
"""Another value of these is another table."""
ATTRIBUTES = {
    "TableName": "The table's name.",
    "TableArn": "The table's ARN.",
    "Arn": "The table's ARN, under the name that the native resource gives it.",
    "TableId": "What tells the table from a later one of the same name.",
    "StreamArn": "The ARN of the table's stream; empty where it has none.",
    "Status": "What the last request did: CREATED, EXISTS, UPDATED or UNCHANGED.",
}
"""What ``Fn::GetAtt`` gives."""
_DEFINITIONS = "#/definitions/"
_INTRINSIC_FUNCTION = "IntrinsicFunction"


class _Generator(GenerateJsonSchema):
    """Leaves out what only Python means: titles, and ``null`` for what is not declared."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Never: a property's name is its title."""
        del schema
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """What it is when it is declared."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Defaults that a template could write, too."""
        without = self.generate_inner(schema["schema"])
        default = schema.get("default")
        return without if default is None or default == () else super().default_schema(schema)


def _generated() -> tuple[dict[str, Schema], Schema]:
    """The definitions of all types, and the resource's own properties."""
    native: list[type[Model]] = [AttributeDefinition, KeySchemaElement, SearchSchemaElement]
    roots: list[type[Model]] = [TableSchema, ProvisioningOptions, *native]
    _, document = models_json_schema(
        [(model, "validation") for model in roots],
        ref_template=_DEFINITIONS + "{model}",
        schema_generator=_Generator,
    )
    definitions: dict[str, Schema] = document["$defs"]
    for model in _models(Model):
        if definition := definitions.get(model.__name__):
            describe(model, definition["properties"])
    for definition in definitions.values():
        definition.pop("title", None)
        definition["description"] = _plain(definition["description"])
    properties = definitions.pop("TableSchema")["properties"] | definitions.pop("ProvisioningOptions")["properties"]
    return definitions, properties


def describe(model: type[Model], properties: Mapping[str, Schema]) -> None:
    """Put what stands below the fields of a model into its generated properties.

    Raises:
        UndescribedFieldError: Nothing does, and the property has no type with a docstring of its own either.
    """
    texts = member_docstrings(model)
    for name in model.model_fields:
        each = properties[native_name(name)]
        if name in texts:
            each["description"] = _plain(texts[name])
        elif "$ref" not in each:
            raise UndescribedFieldError(model, name)


def _models(root: type[Model]) -> Iterator[type[Model]]:
    for model in root.__subclasses__():
        yield model
        yield from _models(model)


def _plain(docstring: str) -> str:
    """A docstring's first paragraph, without markup and without the sources that only developers look up."""
    paragraph = " ".join(inspect.cleandoc(docstring).partition("\n\n")[0].split())
    return paragraph.replace("``", "").partition(" (T-")[0].rstrip(".") + "."


def resource() -> Schema:
    """The resource type: definitions, properties and attributes, as CloudFormation's registry describes types.

    The registry itself would not take it: types of one's own have three parts there, and ``Custom::`` has two.
    """
    definitions, properties = _generated()
    definitions["KeyAttributes"] = definitions["KeyAttribute"] | {
        "type": ["object", "array"],
        "description": "One attribute of a key, or a list of them.",
        "items": _ref("KeyAttribute"),
        "minItems": 1,
        "maxItems": limits.MAX_KEY_ATTRIBUTES_OF_A_KIND,
    }
    _admit_the_native_key(definitions["GlobalSecondaryIndex"], "PartitionKey", limits.MAX_KEY_ATTRIBUTES_OF_A_KIND)
    _admit_the_native_key(definitions["LocalSecondaryIndex"], "SortKey")
    _admit_the_native_search_schema(definitions["VectorIndex"])
    halves = definitions["GlobalSecondaryIndex"]["properties"]
    for half in ("PartitionKey", "SortKey"):
        halves[half] = _ref("KeyAttributes") | {"description": halves[half]["description"]}
    properties = _spelled_otherwise(definitions) | properties
    _count(definitions, properties)
    attributes = ProvisionResult(status=ProvisionStatus.UNCHANGED, table_name="").attributes.keys() - properties.keys()
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "typeName": TYPE_NAME,
        "description": "A DynamoDB table, provisioned by the function that ServiceToken names.",
        "definitions": dict(sorted(definitions.items())),
        "properties": properties
        | {name: {"type": "string", "description": ATTRIBUTES[name]} for name in sorted(attributes)},
        "required": ["ServiceToken"],
        "oneOf": [{"required": [name]} for name in ("PartitionKey", "KeySchema", "Preset")],
        "dependencies": {"KeySchema": ["AttributeDefinitions"], "SortKey": ["PartitionKey"]},
        "not": {"required": ["TimeToLiveAttribute", "TimeToLiveSpecification"]},
        "additionalProperties": False,
        "readOnlyProperties": [f"/properties/{name}" for name in sorted(attributes)],
        "createOnlyProperties": [f"/properties/{name}" for name in properties if name in REPLACING],
        "primaryIdentifier": ["/properties/TableName"],
        "tagging": {"taggable": True, "tagOnCreate": True, "tagUpdatable": True, "tagProperty": "/properties/Tags"},
    }


def _ref(name: str) -> Schema:
    return {"$ref": _DEFINITIONS + name}


def _key_schema(most_of_a_kind: int) -> Schema:
    return {
        "type": "array",
        "description": "The native form of PartitionKey and SortKey.",
        "items": _ref("KeySchemaElement"),
        "minItems": 1,
        "maxItems": 2 * most_of_a_kind,
    }


def _admit_the_native_key(index: Schema, required: str, most_of_a_kind: int = 1) -> None:
    """An index takes its key in either form, never in both."""
    index["properties"]["KeySchema"] = _key_schema(most_of_a_kind)
    index["required"].remove(required)
    index["oneOf"] = [{"required": [required]}, {"required": ["KeySchema"]}]
    index["dependencies"] = {half: [required] for half in ("PartitionKey", "SortKey") if half != required}


def _admit_the_native_search_schema(index: Schema) -> None:
    """A vector index takes its search schema in either form, never in both."""
    index["properties"]["SearchSchema"] = {
        "type": "array",
        "description": "The native form of PartitionKey and InlineFilters.",
        "items": _ref("SearchSchemaElement"),
        "minItems": 1,
        "maxItems": limits.MAX_INLINE_FILTERS + 1,
    }
    both = [{"required": ["SearchSchema", name]} for name in ("PartitionKey", "InlineFilters")]
    index["not"] = {"anyOf": both}


def _spelled_otherwise(definitions: Mapping[str, Schema]) -> dict[str, Schema]:
    """Properties that are read before the models: CloudFormation's own, and other spellings of what they hold."""
    attribute_name = definitions["KeyAttribute"]["properties"]["Name"]
    return {
        "ServiceToken": {"type": "string", "description": "The ARN of the function, which its stack exports."},
        "ServiceTimeout": {
            "type": "integer",
            "minimum": 1,
            "maximum": LONGEST_SERVICE_TIMEOUT_SECONDS,
            "default": LONGEST_SERVICE_TIMEOUT_SECONDS,
            "description": "How many seconds CloudFormation waits for the table.",
        },
        "Preset": {"type": "string", "enum": [*Preset], "description": "One of three tables, ready to use."},
        "KeySchema": _key_schema(1),
        "AttributeDefinitions": {
            "type": "array",
            "items": _ref("AttributeDefinition"),
            "description": "The types of the attributes that a KeySchema names.",
        },
        "TimeToLiveAttribute": attribute_name | {"description": "Short for an enabled TimeToLiveSpecification."},
    }


def _count(definitions: Mapping[str, Schema], properties: Mapping[str, Schema]) -> None:
    """How many there may be of something, which the models say in a sentence of their own."""
    properties["GlobalSecondaryIndexes"]["maxItems"] = limits.MAX_GLOBAL_SECONDARY_INDEXES
    properties["LocalSecondaryIndexes"]["maxItems"] = limits.MAX_LOCAL_SECONDARY_INDEXES
    properties["VectorIndexes"]["maxItems"] = limits.MAX_VECTOR_INDEXES
    definitions["VectorIndex"]["properties"]["InlineFilters"]["maxItems"] = limits.MAX_INLINE_FILTERS
    properties["Tags"]["maxItems"] = limits.MAX_TAGS
    definitions["StreamSpecification"]["properties"]["Tags"]["maxItems"] = limits.MAX_TAGS_OF_A_RESOURCE
    projected = definitions["Projection"]["properties"]["NonKeyAttributes"]
    projected |= {"maxItems": limits.MAX_PROJECTED_ATTRIBUTES_OF_AN_INDEX, "uniqueItems": True}
    for units in definitions["OnDemandThroughput"]["properties"].values():
        units["minimum"] = limits.UNLIMITED
    for part in definitions["Tag"]["properties"].values():
        del part["pattern"]  # \p{L} means nothing to Python's regular expressions, which some tools use


def template() -> Schema:
    """A whole template: every table in it is checked, an intrinsic function is right everywhere, the rest is free."""
    own = resource()
    attributes = {pointer.rpartition("/")[2] for pointer in own["readOnlyProperties"]}
    declared = {name: each for name, each in own["properties"].items() if name not in attributes}
    checks = ("required", "oneOf", "dependencies", "not", "additionalProperties")
    properties = {"type": "object", "properties": declared} | {name: own[name] for name in checks}
    definitions = own["definitions"] | {"Properties": properties}
    for definition in definitions.values():
        _admit_intrinsic_functions(definition)
    intrinsic_function = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "propertyNames": {"pattern": "^(Ref|Fn::[A-Za-z]+)$"},
    }
    is_table = {"required": ["Type"], "properties": {"Type": {"const": TYPE_NAME}}}
    table = {"required": ["Properties"], "properties": {"Properties": _ref("Properties")}}
    return {
        "$schema": own["$schema"],
        "title": f"A CloudFormation template with {TYPE_NAME}",
        "type": "object",
        "required": ["Resources"],
        "properties": {
            "Resources": {"type": "object", "additionalProperties": {"if": is_table, "then": table}},
        },
        "definitions": definitions | {_INTRINSIC_FUNCTION: intrinsic_function},
    }


def _admit_intrinsic_functions(definition: Schema) -> None:
    for name, each in definition.get("properties", {}).items():
        definition["properties"][name] = _or_intrinsic_function(each)
    for each in (definition, *definition.get("properties", {}).values()):
        inner = each.get("else", each)
        if "items" in inner:
            inner["items"] = _or_intrinsic_function(inner["items"])


def _or_intrinsic_function(schema: Schema) -> Schema:
    """By *if*, not by *any of*: so a mistake is told as what it is, not as being none of several things."""
    described = {"description": schema["description"]} if "description" in schema else {}
    return described | {"if": _ref(_INTRINSIC_FUNCTION), "else": schema}


def registry_schema() -> str:
    """The text of :func:`resource`."""
    return _text(resource())


def template_schema() -> str:
    """The text of :func:`template`."""
    return _text(template())


def _text(document: object) -> str:
    return json.dumps(document, indent=2) + "\n"
