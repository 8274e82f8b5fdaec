"""The name of a table that the template does not name."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING

from table_provisioner.schema import MAX_NAME_BYTES

if TYPE_CHECKING:
    from table_provisioner.schema import TableSchema

_SUFFIX_LENGTH = 13
"""Base-32 characters: 65 bits, so that two resources of an account do not meet."""


def generated_table_name(stack_id: str, logical_resource_id: str, schema: TableSchema) -> str:
    """``{stack}-{LogicalResourceId}-{suffix}``, at most 255 characters.

    The suffix is a digest of whatever cannot change without a replacement. So the same request yields the same name
    on every delivery, and a replacement another one, under which the old table can live on until it is cleaned up.
    """
    material = json.dumps([stack_id, logical_resource_id, _identity(schema)], sort_keys=True)
    digest = hashlib.sha256(material.encode()).digest()
    suffix = base64.b32encode(digest).decode()[:_SUFFIX_LENGTH]
    readable = f"{stack_name(stack_id)}-{logical_resource_id}"
    return f"{readable[: MAX_NAME_BYTES - _SUFFIX_LENGTH - 1]}-{suffix}"


def stack_name(stack_id: str) -> str:
    """The name in a stack's ARN: ``arn:aws:cloudformation:{region}:{account}:stack/{name}/{id}``."""
    return stack_id.partition(":stack/")[2].partition("/")[0] or "stack"


def _identity(schema: TableSchema) -> list[object]:
    local_indexes = sorted(
        [
            index.index_name,
            index.sort_key.name,
            index.sort_key.type,
            index.projection.projection_type,
            *sorted(index.projection.non_key_attributes),
        ]
        for index in schema.local_secondary_indexes
    )
    keys = [[attribute.name, attribute.type] for attribute in (schema.partition_key, schema.sort_key) if attribute]
    source = schema.import_source_specification
    sources = [[*source.identity, source.s3_bucket_source.s3_bucket_owner]] if source else []
    return [keys, local_indexes, *sources]
