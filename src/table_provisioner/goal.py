"""What a request wants of a table: what is declared, what was, and how to go about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from table_provisioner.options import CapacityManagement, ProvisioningOptions
from table_provisioner.schema import BillingMode
from table_provisioner.state import TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from table_provisioner.schema import (
        GlobalSecondaryIndex,
        InsightsMode,
        StreamSpecification,
        TableSchema,
        VectorIndex,
    )


@dataclass(frozen=True, slots=True)
class Goal:
    """What a request wants of a table.

    A property is managed while it is declared, and once more in the request that no longer declares it: then it goes
    back to DynamoDB's default. Nothing else is touched.

    Attributes:
        desired: The table as declared.
        previous: As it was declared before; ``None`` on creation, or where that cannot be read.
        options: How to go about it.
        desired_key_arn: The ARN of the declared KMS key; ``None`` where it is not known.
        is_as_made: Whether what is declared is what the table was made from: by this request, or, where that takes a
            replacement back, before it.
        is_taken_over: Whether the table was somebody else's: then nothing says with which key it was declared.
        ownership_tags: Our tags that must stand on the table.
        surplus_tags: Our tags that must not.
        fence_tags: Our tags that are written with the first change.
        is_fence_due: Whether the fence is written even where nothing else changes.
        former_seconds: How much time the update had that this request may take back; 0 where it takes none back.
    """

    desired: TableSchema
    previous: TableSchema | None = None
    options: ProvisioningOptions = field(default_factory=ProvisioningOptions)
    desired_key_arn: str | None = None
    is_as_made: bool = False
    is_taken_over: bool = False
    ownership_tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    surplus_tags: frozenset[str] = frozenset()
    fence_tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    is_fence_due: bool = False
    former_seconds: float = 0.0

    def is_removed(self, name: str) -> bool:
        """Whether a property was declared before and is no longer."""
        return (
            self.previous is not None
            and getattr(self.previous, name) is not None
            and getattr(self.desired, name) is None
        )

    def is_managed(self, name: str) -> bool:
        """Whether a property is declared, or no longer declared."""
        return getattr(self.desired, name) is not None or self.is_removed(name)

    @property
    def manages_capacity(self) -> bool:
        """Whether provisioned, on-demand and warm throughput follow the template once the table is there."""
        return self.options.capacity_management is CapacityManagement.ALWAYS

    @property
    def billing_mode(self) -> BillingMode | None:
        """The mode to be in; ``None`` to leave it as it is."""
        declared = self.desired.declared_billing_mode
        if declared is None and self.previous is not None and self.previous.declared_billing_mode is not None:
            return BillingMode.PAY_PER_REQUEST
        return declared

    @property
    def switches_to_on_demand(self) -> bool:
        """Whether billing was declared otherwise before: then on-demand maxima begin with this request."""
        return (
            self.billing_mode is BillingMode.PAY_PER_REQUEST
            and self.previous is not None
            and self.previous.initial_billing_mode is BillingMode.PROVISIONED
        )

    def is_managed_of_stream(self, name: str) -> bool:
        """Whether the stream's policy or its tags are declared, or no longer declared although the stream is."""
        stream, former = self.desired.stream_specification, self.previous_stream
        return stream is not None and bool(getattr(stream, name) or (former and getattr(former, name)))

    @property
    def previous_stream(self) -> StreamSpecification | None:
        """The stream that was declared before."""
        return self.previous.stream_specification if self.previous else None

    @property
    def managed_insights(self) -> dict[str, InsightsMode | None]:
        """The modes to be in, by index name and under ``TABLE``; ``None`` for off."""
        found: dict[str, InsightsMode | None] = {}
        former = self.previous.contributor_insights_specification if self.previous else None
        holders = [(TABLE, self.desired.contributor_insights_specification, former)]
        for index in self.desired.global_secondary_indexes:
            before = self.previous_indexes.get(index.index_name)
            former = before.contributor_insights_specification if before else None
            holders.append((index.index_name, index.contributor_insights_specification, former))
        for name, wanted, former in holders:
            if wanted or former:
                found[name] = wanted.effective_mode if wanted else None
        return found

    @property
    def previous_indexes(self) -> dict[str, GlobalSecondaryIndex]:
        """The global secondary indexes that were declared before, by name."""
        return {index.index_name: index for index in self.previous.global_secondary_indexes} if self.previous else {}

    @property
    def previous_vector_indexes(self) -> dict[str, VectorIndex]:
        """The vector indexes that were declared before, by name."""
        return {index.index_name: index for index in self.previous.vector_indexes} if self.previous else {}
