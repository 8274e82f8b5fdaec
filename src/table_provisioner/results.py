"""What came of a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from table_provisioner.effects import Effect, effects
from table_provisioner.state import NOT_FOUND, UNKNOWN, Rest
from table_provisioner.steps import CreateIndex, CreateVectorIndex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from table_provisioner.errors import ProvisionerError
    from table_provisioner.options import ProvisioningOptions
    from table_provisioner.schema import TableSchema
    from table_provisioner.state import TableState
    from table_provisioner.steps import Step


class ProvisionStatus(StrEnum):
    """How a request ended."""

    CREATED = "CREATED"
    """This request made the table, as declared."""
    EXISTS = "EXISTS"
    """The table was there, and is as declared now."""
    UPDATED = "UPDATED"
    """This request changed the table."""
    UNCHANGED = "UNCHANGED"
    """There was nothing to do."""
    DELETED = "DELETED"
    """The table is gone."""
    RELEASED = "RELEASED"
    """The table stays, and is nobody's again."""
    FAILED = "FAILED"
    """See the error. What was done before it stays done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionResult:
    """How a request ended, and at which table.

    Attributes:
        status: How it ended.
        table_name: The table's name.
        table_arn: Its ARN; given on failure, too, as soon as the table exists. Empty before.
        table_id: What tells it from a later table of the same name.
        stream_arn: Of its stream; empty where it has none.
        message: What else is to be said, such as why nothing was deleted.
        error: Why it failed.
        is_ours: Whether the table is, or may be, this resource's: created, about to be created, or taken over.
        is_adopted: Whether this request took the table over.
    """

    status: ProvisionStatus
    table_name: str
    table_arn: str = ""
    table_id: str = ""
    stream_arn: str = ""
    message: str = ""
    error: ProvisionerError | None = None
    is_ours: bool = False
    is_adopted: bool = False

    @property
    def attributes(self) -> dict[str, str]:
        """What ``Fn::GetAtt`` gives after a Create or an Update."""
        return {
            "TableName": self.table_name,
            "TableArn": self.table_arn,
            "Arn": self.table_arn,
            "TableId": self.table_id,
            "StreamArn": self.stream_arn,
            "Status": self.status.value,
        }

    def raise_for_failure(self) -> None:
        """Raise the error of a failed request; do nothing after a good one.

        Raises:
            ProvisionerError: The request failed.
        """
        if self.error is not None:
            raise self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionPlan:
    """What a request would do.

    Attributes:
        schema: What is declared.
        table_status: DynamoDB's word for it, ``NOT_FOUND``, or ``UNKNOWN`` where it may not be read or
            compared.
        actual: The table as it was found; ``None`` where there is none, or it may not be read.
        steps: The changes, in order. Where the status is unknown, those that would make the table from nothing.
        not_before: From when DynamoDB takes those steps that have to wait for a rate limit, in epoch seconds.
        is_key_untold: Whether KMS does not tell which key is declared: then it is known by its spelling only, and taken
            for the KMS key that the table has unless it was spelled otherwise before.
        error: Why the request would be refused; with steps, for now: it says when it can be sent again.
        unknown_because: Why the status is unknown: the table, its import or the declared KMS key could not be read.
    """

    schema: TableSchema
    table_status: str
    actual: TableState | None = None
    steps: tuple[Step, ...] = ()
    not_before: Mapping[Step, float] = field(default_factory=dict, hash=False)
    is_key_untold: bool = False
    error: ProvisionerError | None = None
    unknown_because: ProvisionerError | None = None

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What becomes of each property that the steps change: from what, to what."""
        return effects(self.steps, self.actual)

    @property
    def would_create(self) -> bool:
        """Whether the table would be created; so it is assumed where its status is unknown."""
        return self.table_status in {NOT_FOUND, UNKNOWN}

    @property
    def obstacles(self) -> tuple[str, ...]:
        """What is at work on the table already, in words; what is declared may not even be read until that is over."""
        return self.actual.obstacles(Rest.EVERYTHING) if self.actual else ()

    @property
    def usual_seconds(self) -> int:
        """How long the steps usually take one after the other, with hardly an item in the table."""
        return sum(step.usual_seconds for step in self.steps)

    def usual_seconds_to_answer(self, options: ProvisioningOptions) -> int:
        """How long a request usually takes until it is answered, which may not wait for the last index."""
        builds = [step.usual_seconds for step in self.steps if isinstance(step, CreateIndex | CreateVectorIndex)]
        return self.usual_seconds - (builds[-1] if builds and not options.wait_for_indexes else 0)

    @property
    def is_destructive(self) -> bool:
        """Whether a step loses something."""
        return any(step.is_destructive for step in self.steps)
