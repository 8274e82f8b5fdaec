"""What the tables of the tests are made of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from table_provisioner.schema import (
    AttributeType,
    BillingMode,
    GlobalSecondaryIndex,
    KeyAttribute,
    LocalSecondaryIndex,
    OnDemandThroughput,
    ProvisionedThroughput,
    TableClass,
    TableSchema,
    VectorIndex,
    WarmThroughput,
)
from table_provisioner.state import ACTIVE, IndexState, TableState

Members = dict[str, Any]

ARN: Final = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
STACK_ID: Final = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/0a1b2c3d-0000-1111-2222-333344445555"
KEY_ARN: Final = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"

UNITS: Final[Members] = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
PROVISIONED: Final[Members] = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": UNITS}
ON_DEMAND: Final[Members] = {"BillingMode": "PAY_PER_REQUEST"}


def attribute(name: str, kind: str = "S") -> Members:
    """A key attribute in the compact form."""
    return {"Name": name, "Type": kind}


def index(name: str = "by-email", *, partition: str = "email", **members: Any) -> Members:  # noqa: ANN401 -- members of any type
    """A global index in the compact form."""
    return {"IndexName": name, "PartitionKey": attribute(partition), **members}


def local(name: str = "by-size", *, sort: str = "size", **members: Any) -> Members:  # noqa: ANN401 -- as above
    """A local index in the compact form."""
    return {"IndexName": name, "SortKey": attribute(sort), **members}


def vectors(name: str = "by-meaning", *, of: str = "embedding", **members: Any) -> Members:  # noqa: ANN401 -- as above
    """A vector index in the compact form."""
    definition = {"VectorAttribute": {"AttributeName": of}, "Dimensions": 256, "DistanceFunction": "COSINE"}
    return {"IndexName": name, **definition, **members}


def imported(prefix: str = "orders/", **members: Any) -> Members:  # noqa: ANN401 -- as above
    """The import source of a table."""
    bucket = {"S3Bucket": "lake", "S3KeyPrefix": prefix}
    return {"ImportSourceSpecification": {"S3BucketSource": bucket, "InputFormat": "CSV", **members}}


def declared(**members: Any) -> Members:  # noqa: ANN401 -- as above
    """A valid table in the compact form, with changes; ``None`` takes a member away."""
    table = {"TableName": "orders", "PartitionKey": attribute("id"), **members}
    return {name: value for name, value in table.items() if value is not None}


def schema(**members: Any) -> TableSchema:  # noqa: ANN401 -- as above
    """The schema of :func:`declared`."""
    return TableSchema.model_validate(declared(**members), by_name=False, by_alias=True)


def string(name: str) -> KeyAttribute:
    """A key attribute of the type S."""
    return KeyAttribute(name=name, type=AttributeType.STRING)


def global_index(name: str = "by-email", **members: Any) -> GlobalSecondaryIndex:  # noqa: ANN401 -- as above
    """The index of :func:`index`."""
    return GlobalSecondaryIndex.model_validate(index(name, **members), by_name=False, by_alias=True)


def local_index(name: str = "by-size", **members: Any) -> LocalSecondaryIndex:  # noqa: ANN401 -- as above
    """The index of :func:`local`."""
    return LocalSecondaryIndex.model_validate(local(name, **members), by_name=False, by_alias=True)


def vector_index(name: str = "by-meaning", **members: Any) -> VectorIndex:  # noqa: ANN401 -- as above
    """The index of :func:`vectors`."""
    return VectorIndex.model_validate(vectors(name, **members), by_name=False, by_alias=True)


def live(
    index: GlobalSecondaryIndex | None = None, status: str = ACTIVE, *, is_warming: bool = False
) -> IndexState[GlobalSecondaryIndex]:
    """An index as it stands at a table."""
    return IndexState(index or global_index(), status, is_warming)


def capacity(reads: int, writes: int) -> ProvisionedThroughput:
    """Provisioned units."""
    return ProvisionedThroughput(read_capacity_units=reads, write_capacity_units=writes)


def maximum(reads: int = -1, writes: int = -1) -> OnDemandThroughput:
    """On-demand maxima."""
    return OnDemandThroughput(max_read_request_units=reads, max_write_request_units=writes)


def warmth(reads: int | None, writes: int | None) -> WarmThroughput:
    """Warm throughput."""
    return WarmThroughput(read_units_per_second=reads, write_units_per_second=writes)


ORDERS: Final = TableState(
    table_name="orders",
    table_arn=ARN,
    table_id="11111111-aaaa-bbbb-cccc-222222222222",
    status=ACTIVE,
    created_at=1_790_000_000.0,
    partition_key=(string("id"),),
    sort_key=(),
    billing_mode=BillingMode.PAY_PER_REQUEST,
    provisioned_throughput=None,
    on_demand_throughput=OnDemandThroughput(),
    warm_throughput=WarmThroughput(read_units_per_second=12_000, write_units_per_second=4_000),
    indexes=(),
    local_indexes=(),
    stream=None,
    stream_arn="",
    encryption_key_arn=None,
    table_class=TableClass.STANDARD,
    is_deletion_protected=False,
    tags={},
)
"""A table as :func:`declared` makes it, at rest."""


def state(**changes: Any) -> TableState:  # noqa: ANN401 -- as above
    """``ORDERS`` with changes."""
    return replace(ORDERS, **changes)


PROVISIONED_STATE: Final[Members] = {
    "billing_mode": BillingMode.PROVISIONED,
    "provisioned_throughput": ProvisionedThroughput(read_capacity_units=5, write_capacity_units=5),
    "warm_throughput": WarmThroughput(read_units_per_second=5, write_units_per_second=5),
}
