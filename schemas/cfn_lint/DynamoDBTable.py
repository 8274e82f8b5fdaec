"""Teaches cfn-lint the properties of ``Custom::DynamoDBTable``: ``cfn-lint --append-rules schemas/cfn_lint``.

``--registry-schemas`` alone does it up to cfn-lint 1.40.4; those tried since (1.45.0, 1.49.3, 1.53.3
and 1.58.0) load such schemas and hold no properties against them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cfnlint.rules.jsonschema.CfnLintJsonSchema import CfnLintJsonSchema

_SCHEMA = Path(__file__).parent.parent / "registry" / "custom-dynamodbtable.json"


class DynamoDBTable(CfnLintJsonSchema):
    """Holds the properties of each table against the schema that ``make docs`` writes."""

    id = "E9001"
    shortdesc = "Properties of Custom::DynamoDBTable are invalid"
    description = "Checks names, types, values and counts of the properties of Custom::DynamoDBTable"
    tags = ("resources", "dynamodb")

    def __init__(self) -> None:
        """Read the schema."""
        super().__init__(keywords=["Resources/Custom::DynamoDBTable/Properties"], all_matches=True)
        self._use_schema_arg = False
        self._schema = _schema()


def _schema() -> dict[str, Any]:
    """What cfn-lint says best: its own keywords in place of those that would repeat the whole resource."""
    schema: dict[str, Any] = json.loads(_SCHEMA.read_text())
    for pointer in schema["readOnlyProperties"]:
        del schema["properties"][pointer.rpartition("/")[2]]
    for definition in (schema, *schema["definitions"].values()):
        if choices := definition.pop("oneOf", None):
            definition["requiredXor"] = [name for choice in choices for name in choice["required"]]
        if together := definition.pop("not", None):
            excluded = definition["dependentExcluded"] = {}
            for pair in together.get("anyOf", [together]):
                first, second = pair["required"]
                excluded.setdefault(first, []).append(second)
    del schema["required"]  # the ServiceToken, which E3003 sees to
    return schema
