"""DynamoDB tables as a CloudFormation custom resource, and as a library.

``TableSchema`` says what a table is to be, ``TableProvisioner`` makes it so.
"""

from __future__ import annotations

from table_provisioner.errors import InvalidRequestError, ProvisionerError
from table_provisioner.options import CapacityManagement, ExistingTable, OnDelete, ProvisioningOptions
from table_provisioner.ownership import Owner, Request
from table_provisioner.presets import Preset, approval_table, break_glass_table, session_table
from table_provisioner.provisioner import TableProvisioner
from table_provisioner.results import ProvisionPlan, ProvisionResult, ProvisionStatus
from table_provisioner.schema import (
    AttributeType,
    BillingMode,
    GlobalSecondaryIndex,
    KeyAttribute,
    LocalSecondaryIndex,
    OnDemandThroughput,
    PointInTimeRecoverySpecification,
    Projection,
    ProjectionType,
    ProvisionedThroughput,
    SSESpecification,
    SSEType,
    StreamSpecification,
    StreamViewType,
    TableClass,
    TableSchema,
    Tag,
    TimeToLiveSpecification,
    WarmThroughput,
)

__all__ = [
    "AttributeType",
    "BillingMode",
    "CapacityManagement",
    "ExistingTable",
    "GlobalSecondaryIndex",
    "InvalidRequestError",
    "KeyAttribute",
    "LocalSecondaryIndex",
    "OnDelete",
    "OnDemandThroughput",
    "Owner",
    "PointInTimeRecoverySpecification",
    "Preset",
    "Projection",
    "ProjectionType",
    "ProvisionPlan",
    "ProvisionResult",
    "ProvisionStatus",
    "ProvisionedThroughput",
    "ProvisionerError",
    "ProvisioningOptions",
    "Request",
    "SSESpecification",
    "SSEType",
    "StreamSpecification",
    "StreamViewType",
    "TableClass",
    "TableProvisioner",
    "TableSchema",
    "Tag",
    "TimeToLiveSpecification",
    "WarmThroughput",
    "approval_table",
    "break_glass_table",
    "session_table",
]
