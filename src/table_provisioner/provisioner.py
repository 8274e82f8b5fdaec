"""Creates, changes and deletes tables, so that every request can be repeated at any time.

:class:`TableProvisioner` is what the Lambda function, the command line and Python programs use alike. Each of its
requests looks at the table first and decides by what it finds; none keeps anything in between.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from table_provisioner.aws_errors import RefusalError
from table_provisioner.change import Change
from table_provisioner.creation import Creation, Replacement
from table_provisioner.deadline import Deadline, epoch_seconds
from table_provisioner.decisions import OTHER_KEY
from table_provisioner.deletion import Deletion, Release
from table_provisioner.differences import key_difference
from table_provisioner.dynamodb import DynamoDB
from table_provisioner.errors import InternalFailureError, InvalidRequestError, OutOfTimeError, ProvisionerError
from table_provisioner.event import LONGEST_SERVICE_TIMEOUT_SECONDS
from table_provisioner.goal import Goal
from table_provisioner.jobs import Job, declared_key_arn, import_change
from table_provisioner.limits import exceeded_limit, opens_at
from table_provisioner.options import OnDelete, ProvisioningOptions
from table_provisioner.ownership import Mandate
from table_provisioner.patience import Patience
from table_provisioner.plan import check_creation, plan, plan_creation
from table_provisioner.results import ProvisionPlan, ProvisionResult, ProvisionStatus
from table_provisioner.settings import Settings
from table_provisioner.state import NOT_FOUND, UNKNOWN, Rest

if TYPE_CHECKING:
    from collections.abc import Callable

    from table_provisioner.ownership import Owner, Request
    from table_provisioner.schema import TableSchema
    from table_provisioner.state import TableState

logger = logging.getLogger(__name__)

_SECONDS_TO_LOOK = 15.0
"""How long a plan bears refusals that pass: reading some settings is rationed (T-403)."""
_DEFAULT_OPTIONS = ProvisioningOptions()


class TableProvisioner:
    """Provisions tables, for a resource of a stack or for a program.

    No method that changes tables raises a :class:`ProvisionerError`: it comes back
    in a result with the status ``FAILED``, beside what is known of the table.

    Args:
        dynamodb: The tables; those of boto3's default session when absent.
        owner: The resource for which the tables are made. Without one no tag says whose a table is: every existing
            table may be brought to what is declared, and ``delete`` asks for the ``TableId`` as proof.
        request: The request at work, which goes into the fence; needed with ``owner``.
        deadline: When a request has to end; an hour after it began when absent.
    """

    def __init__(
        self,
        dynamodb: DynamoDB | None = None,
        *,
        owner: Owner | None = None,
        request: Request | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        """Keep the parts; nothing is called."""
        if (owner is None) != (request is None):
            raise ValueError("owner and request belong together")
        self._dynamodb = dynamodb or DynamoDB()
        self._mandate = Mandate(owner, request) if owner and request else None
        self._deadline = deadline

    def create(self, schema: TableSchema, options: ProvisioningOptions = _DEFAULT_OPTIONS) -> ProvisionResult:
        """Make the table be there, as declared.

        Absent, it is created; being created or updated, it is waited for; being deleted, it is waited for and
        created. A table that is there is brought to what is declared, if it is this resource's or may be taken over.

        Returns:
            ``CREATED``, ``EXISTS`` or ``FAILED``. A retry after a failure at any point carries on from there.
        """
        job = Creation(*self._assignment(schema.table_name))

        def create() -> ProvisionResult:
            self._dynamodb.check_support(schema)
            return job.run(schema, options)

        return _answer(job, create)

    def update(
        self,
        schema: TableSchema,
        previous: TableSchema | None = None,
        options: ProvisioningOptions = _DEFAULT_OPTIONS,
        former_options: ProvisioningOptions | None = None,
        former_seconds: float = 0.0,
    ) -> ProvisionResult:
        """Bring an existing table to what is declared.

        Args:
            schema: What is declared.
            previous: What was declared before. What it has and ``schema`` has not goes back to DynamoDB's default,
                and indexes of it are deleted; what neither has is left alone.
            options: How to go about it.
            former_options: How it was gone about before; the same way when absent.
            former_seconds: How much time the update had that this one may take back.

        Returns:
            ``UPDATED``, ``UNCHANGED`` or ``FAILED``. After a failure the changes that were accepted stay, and what they
            began goes on; the same call again does the rest. A table that may not become what is declared, or that is
            another's, is as it was.
        """
        job = Change(*self._assignment(schema.table_name))

        def change() -> ProvisionResult:
            self._dynamodb.check_support(schema)
            return job.run(schema, previous, options, former_options, former_seconds)

        return _answer(job, change)

    def replace(
        self,
        former_table_name: str,
        schema: TableSchema,
        options: ProvisioningOptions = _DEFAULT_OPTIONS,
        *,
        is_imported: bool = False,
    ) -> ProvisionResult:
        """Make the table that takes the place of another one, which is left as it is.

        Args:
            former_table_name: The table that is left.
            schema: What is declared.
            options: How to go about it.
            is_imported: Whether an import may have made the table that is left.

        Returns:
            As :meth:`create`. A table of the new name that this resource made and then left is taken back: so a
            replacement is undone. Whatever happens, the table that is left keeps its items and settings, and no
            more than the fence is written on it. After a failure ``is_ours`` tells whether a new table may be there.
        """
        job = Replacement(*self._assignment(schema.table_name))

        def leave_and_create() -> ProvisionResult:
            self._dynamodb.check_support(schema)
            job.check(schema)
            job.leave(former_table_name, is_imported=is_imported)
            return job.run(schema, options)

        return _answer(job, leave_and_create)

    def delete(
        self,
        table_name: str,
        on_delete: OnDelete = OnDelete.DELETE,
        *,
        table_id: str | None = None,
        is_imported: bool = False,
    ) -> ProvisionResult:
        """Delete a table that is proven to be this resource's, and wait until it is gone.

        Args:
            table_name: The table.
            on_delete: What to do with it.
            table_id: The ``TableId`` of the table that is meant: the proof where there is no owner.
            is_imported: Whether an import may have made it: then the import may be the proof, for it takes no tags.

        Returns:
            ``DELETED``, ``RELEASED``, ``UNCHANGED`` where there was nothing to delete, or ``FAILED``; the message
            says why. After a failure the table is as it was, the fence aside, or is being deleted if the time was over;
            a backup that was taken stays, and counts where the same request comes again.
        """
        job = Deletion(*self._assignment(table_name))
        return _answer(job, lambda: job.run(on_delete, table_id, is_imported=is_imported))

    def release(self, table_name: str, *, table_id: str) -> ProvisionResult:
        """Take off a table the tags that say whose it is, whoever that may be. Everything else stays as it is.

        Args:
            table_name: The table.
            table_id: The ``TableId`` of the table that is meant.

        Returns:
            ``RELEASED``, ``UNCHANGED`` where the table was nobody's, or ``FAILED``. After a failure the tags that were
            found are all there or all gone: they are taken off in one call. Those of a resource that has taken the
            table over meanwhile stay.
        """
        job = Release(*self._assignment(table_name))
        return _answer(job, lambda: job.run(table_id))

    def plan(
        self,
        schema: TableSchema,
        previous: TableSchema | None = None,
        options: ProvisioningOptions = _DEFAULT_OPTIONS,
    ) -> ProvisionPlan:
        """Say what ``create`` or ``update`` would do, and change nothing.

        It works without any permission: then the plan says so and shows how the table is made from nothing. AWS being
        busy or failing is borne for 15 seconds, and then counts as that; so it does for KMS and for imports.

        Args:
            schema: What is declared.
            previous: What was declared before.
            options: How to go about it.

        Returns:
            The plan. No :class:`ProvisionerError` is raised: why the request would be refused is the plan's ``error``,
            why the table is not known its ``unknown_because``.
        """
        goal = Goal(schema, previous, options)
        try:
            self._dynamodb.check_support(schema)
        except InvalidRequestError as error:
            return ProvisionPlan(schema=schema, table_status=UNKNOWN, error=error)
        patience = Patience(Deadline.after(_SECONDS_TO_LOOK))
        try:
            table = self._look(goal, patience)
            if table is None:
                return self._plan_of_creation(goal)
            difference = self._difference(table, schema, previous, patience)
            goal = replace(goal, desired_key_arn=declared_key_arn(self._dynamodb, schema, patience))
        except ProvisionerError as error:
            return ProvisionPlan(schema=schema, table_status=UNKNOWN, steps=plan_creation(goal), unknown_because=error)
        encryption = schema.sse_specification
        is_key_untold = encryption is not None and encryption.sse_enabled and goal.desired_key_arn is None
        found = ProvisionPlan(schema=schema, table_status=table.status, actual=table, is_key_untold=is_key_untold)
        if difference:
            return replace(found, error=OTHER_KEY.of(table.table_name, difference=difference))
        try:
            steps = plan(table, goal)
        except ProvisionerError as error:
            return replace(found, error=error)
        now, deadline = epoch_seconds(), self._deadline or Deadline.after(LONGEST_SERVICE_TIMEOUT_SECONDS)
        return replace(
            found,
            steps=steps,
            not_before={step: opening for step in steps if (opening := opens_at(table, step)) > now},
            error=exceeded_limit(table, steps, now=now, seconds=deadline.remaining_seconds_in_all),
        )

    def _plan_of_creation(self, goal: Goal) -> ProvisionPlan:
        missing = ProvisionPlan(schema=goal.desired, table_status=NOT_FOUND)
        try:
            check_creation(goal.desired)
        except InvalidRequestError as error:
            return replace(missing, error=error)
        return replace(missing, steps=plan_creation(goal))

    def _difference(
        self, table: TableState, schema: TableSchema, previous: TableSchema | None, patience: Patience
    ) -> str:
        """In what the table differs from what is declared that only another table can have; empty if in nothing."""
        return key_difference(table, schema, previous) or patience.until(
            lambda: import_change(self._dynamodb, table, schema, previous),
            f"look at the import of table '{table.table_name}'",
        )

    def _look(self, goal: Goal, patience: Patience) -> TableState | None:
        """The table with its settings, as far as they are managed and can be read now; ``None`` where there is none.

        Raises:
            ProvisionerError: It may not be read, or AWS refused for too long.
        """
        settings = Settings(self._dynamodb, goal, reads_tags=self._mandate is not None)

        def look() -> TableState | None:
            table = self._dynamodb.describe(goal.desired.table_name)
            return settings.added_to(table) if table and table.is_at(Rest.READABLE) else table

        return patience.until(look, f"look at table '{goal.desired.table_name}'")

    def table_status(self, table_name: str) -> str:
        """DynamoDB's status of a table, or ``NOT_FOUND``.

        Raises:
            ProvisionerError: DynamoDB could not be asked.
        """
        try:
            table = self._dynamodb.describe(table_name)
        except RefusalError as refusal:
            raise refusal.as_error(f"look at table '{table_name}'") from refusal
        return table.status if table else NOT_FOUND

    def _assignment(self, table_name: str) -> tuple[DynamoDB, str, Mandate | None, Patience]:
        deadline = self._deadline or Deadline.after(LONGEST_SERVICE_TIMEOUT_SECONDS)
        return self._dynamodb, table_name, self._mandate, Patience(deadline)


def _answer(job: Job, run: Callable[[], ProvisionResult]) -> ProvisionResult:
    """Run a job; an error becomes a result that keeps what is known of the table."""
    try:
        return run()
    except ProvisionerError as error:
        level = logging.INFO if isinstance(error, OutOfTimeError) else logging.WARNING  # another hop may carry on
        logger.log(level, "%s", error, extra={"table": job.table_name, "code": error.code})
        return job.result(ProvisionStatus.FAILED, error=error)
    except Exception as error:  # a table that was made must not be lost sight of
        logger.exception("unexpected error", extra={"table": job.table_name})
        return job.result(ProvisionStatus.FAILED, error=InternalFailureError.of(error))
