"""How a table is provisioned, beside what it is: the properties that ``AWS::DynamoDB::Table`` does not have."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from table_provisioner.schema import Boolean, Model


class ExistingTable(StrEnum):
    """What to do with a table of that name that no stack resource owns: adopt it, or fail with ``AlreadyExists``."""

    ADOPT = "Adopt"
    FAIL = "Fail"


class OnDelete(StrEnum):
    """What a Delete does with a table that this resource created; ``Snapshot`` backs it up first, and says where."""

    DELETE = "Delete"
    RETAIN = "Retain"
    SNAPSHOT = "Snapshot"


class CapacityManagement(StrEnum):
    """Whether provisioned, on-demand and warm throughput follow the template once the table is there."""

    ALWAYS = "Always"
    INITIAL_ONLY = "InitialOnly"


class ProvisioningOptions(Model):
    """The choices of a template author that concern the way, not the goal."""

    existing_table: ExistingTable = ExistingTable.ADOPT
    on_delete: OnDelete = OnDelete.DELETE
    wait_for_indexes: Boolean = True
    """Whether the answer waits for the last index to be built; everything else is always waited for."""
    allow_index_recreation: Boolean = False
    """Whether an index whose key or projection changed may be deleted and built anew."""
    capacity_management: CapacityManagement = CapacityManagement.ALWAYS


OPTIONS: Final = frozenset(info.alias or name for name, info in ProvisioningOptions.model_fields.items())
"""Their names in a template."""
