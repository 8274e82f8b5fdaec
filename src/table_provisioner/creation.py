"""What a Create and a replacement do."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from table_provisioner.aws_errors import RefusalError, import_error
from table_provisioner.deadline import monotonic_seconds
from table_provisioner.decisions import Decision, Found
from table_provisioner.differences import key_difference
from table_provisioner.errors import InvalidRequestError
from table_provisioner.event import RequestType
from table_provisioner.goal import Goal
from table_provisioner.jobs import Job, expect
from table_provisioner.patience import STALE_SECONDS, NotYetError
from table_provisioner.plan import check_creation, creation_tags
from table_provisioner.results import ProvisionResult, ProvisionStatus
from table_provisioner.state import CREATING, Rest
from table_provisioner.steps import CreateTable, ImportTable

if TYPE_CHECKING:
    from table_provisioner.options import ProvisioningOptions
    from table_provisioner.schema import TableSchema
    from table_provisioner.state import ImportState, TableState

logger = logging.getLogger(__name__)


class Creation(Job):
    """Makes the table be there, as declared."""

    _made_id = ""
    _made_at = 0.0
    _is_taken_back = False

    def run(self, schema: TableSchema, options: ProvisioningOptions) -> ProvisionResult:
        """Create the table, or bring the one that is there to what is declared.

        Returns:
            ``CREATED`` or ``EXISTS``.

        Raises:
            ProvisionerError: It could not be done. ``table`` and ``is_ours`` say how far it came.
        """
        self.is_ours = self._is_handed_over
        self.is_imported = schema.import_source_specification is not None
        context = f"create table '{self.table_name}'"
        table = self._patience.until(lambda: self._find_or_create(schema, options), context)
        if table.table_id == self._made_id:
            goal = self._goal_of_creation(schema, options)
            self._check_import(table, goal)
            self._reconcile(table, goal, self._settings(goal))
            return self.result(ProvisionStatus.CREATED)
        decision = self._judge(table, schema, options)
        goal = self._goal_for(decision, schema, options)
        self._check_import(table, goal)
        self._reconcile(table, goal, self._settings(goal))
        is_made = decision is Decision.CONVERGE and self._mandate is not None and self._mandate.request.is_continued
        result = self.result(ProvisionStatus.CREATED if is_made else ProvisionStatus.EXISTS)
        return replace(result, is_adopted=decision is Decision.ADOPT)

    @property
    def _is_handed_over(self) -> bool:
        """Whether an earlier invocation has made, or found, the table."""
        return self._mandate is not None and self._mandate.request.table_id is not None

    def _find_or_create(self, schema: TableSchema, options: ProvisioningOptions) -> TableState:
        table = self._find()
        if table is None and self._is_fresh():
            raise NotYetError("DynamoDB does not show the table yet")
        self._check_identity(table, self._made_id)
        if table is None:
            self._create(schema, options)
            table = self.table
            if table is None:
                raise NotYetError("the table is being imported")
            expect(table, Rest.READABLE)
        return table

    def _is_fresh(self) -> bool:
        """Whether the table may be missing because it was made only just now (API reference of DescribeTable)."""
        return bool(self._made_id) and monotonic_seconds() - self._made_at < STALE_SECONDS

    def _create(self, schema: TableSchema, options: ProvisioningOptions) -> None:
        """Send ``CreateTable`` or ``ImportTable``; somebody else may have been faster."""
        check_creation(schema)
        was_ours, self.is_ours = self.is_ours, True
        try:
            self._made_id = self._send(self._goal_of_creation(schema, options))
        except RefusalError as refusal:
            self.is_ours = was_ours or self._may_have_made_it(refusal)
            if refusal.code == "ResourceInUseException":
                raise NotYetError(f"somebody else is creating table '{self.table_name}'") from refusal
            raise
        self._made_at = monotonic_seconds()
        self._patience.begin_anew()

    def _send(self, goal: Goal) -> str:
        """Have the table made; return its ``TableId``."""
        if goal.desired.import_source_specification:
            token = self._mandate.import_token if self._mandate else None
            return self._dynamodb.start_import(ImportTable(goal.desired, token))
        self.table = self._dynamodb.create(CreateTable(goal.desired, creation_tags(goal)))
        return self.table.table_id

    def _check_import(self, table: TableState, goal: Goal) -> None:
        """Wait for the import that made the table, where one is declared.

        Raises:
            ProvisionerError: It failed. The table says whose it is, if it is ours, so that it can be deleted.
            ResourceConflictError: It failed, and another request has been at work on the table since.
        """
        source = goal.desired.import_source_specification
        found = self._until(lambda: self._import_at_rest(table), self._context) if source else None
        if found is None or not (found.failure or found.errors):
            return
        if not found.failure:
            logger.warning("%s items or objects were not imported from %s", found.errors, source)
            return
        if self.is_ours:
            self.put_up_fence()
        raise import_error(f"the import of table '{table.table_name}' from {source} failed", found.failure)

    def _import_at_rest(self, table: TableState) -> ImportState | None:
        found = self._dynamodb.import_of(table)
        if found is None and table.table_id == self._made_id:
            raise NotYetError("DynamoDB does not list the import yet")
        if found and found.is_at_work:
            raise NotYetError(f"the import is {found.status}")
        return found

    def _may_have_made_it(self, refusal: RefusalError) -> bool:
        """Whether there may be a table of ours after a refusal; its tags decide what becomes of it."""
        return refusal.code != "ResourceInUseException"

    def _goal_of_creation(self, schema: TableSchema, options: ProvisioningOptions) -> Goal:
        """What is to become of a table that this request makes."""
        return Goal(
            schema,
            options=options,
            ownership_tags=self._ownership_tags(),
            fence_tags=self._fence_tags(),
            is_as_made=True,
        )

    def _ownership_tags(self) -> dict[str, str]:
        return self._mandate.owner.ownership_tags if self._mandate else {}

    def _fence_tags(self) -> dict[str, str]:
        return self._mandate.request.fence_tags if self._mandate else {}

    def _goal_for(self, decision: Decision, schema: TableSchema, options: ProvisioningOptions) -> Goal:
        """What is to become of a table that was there."""
        goal = Goal(schema, options=options, desired_key_arn=self._key_arn(schema), fence_tags=self._fence_tags())
        if self._mandate is None:
            return goal
        if decision is Decision.ADOPT:
            surplus = frozenset(self._mandate.owner.ownership_tags)
            return replace(
                goal,
                ownership_tags=self._mandate.owner.adoption_tags,
                surplus_tags=surplus,
                is_taken_over=not self._is_taken_back,
            )
        return replace(goal, ownership_tags=self._mandate.owner.ownership_tags, is_as_made=True)

    def _judge(self, table: TableState, schema: TableSchema, options: ProvisioningOptions) -> Decision:
        """What may be done with a table that was there."""
        tags = self._marks(table) if self._mandate else {}
        self.is_ours = False
        found = Found(tags, table.created_at, key_difference(table, schema))
        decision = self._decide(RequestType.CREATE, found, options.existing_table)
        self.is_ours = self._mandate is not None and decision is Decision.CONVERGE
        return decision


class _Left(Job):
    """The table that a replacement leaves.

    One that is still being imported is not waited for, which may take hours: its import says whose it is. It takes no
    fence, and needs none, for it takes no other change, either.
    """

    def _look(self) -> TableState | None:
        try:
            return super()._look()
        except NotYetError:
            if self._is_being_imported():
                return self.table
            raise

    def importer(self) -> str:
        """The request of this resource that imported the table, which may never have been tagged; empty if none did."""
        if not self.is_imported or self.table is None or self._mandate is None:
            return ""
        table = self.table
        found = self._until(lambda: self._dynamodb.import_of(table), self._context)
        return self._mandate.importer(found) if found else ""

    def _is_being_imported(self) -> bool:
        if not self.is_imported or self.table is None or self.table.status != CREATING:
            return False
        found = self._dynamodb.import_of(self.table)
        return found is not None and found.is_at_work

    def _tags(self, table: TableState) -> dict[str, str]:
        return {} if table.status == CREATING else super()._tags(table)

    def put_up_fence(self) -> None:
        if self.table is not None and self.table.status != CREATING:
            super().put_up_fence()


class Replacement(Creation):
    """Makes the table that takes the place of another, which stays until CloudFormation cleans up."""

    def check(self, schema: TableSchema) -> None:
        """Refuse what no new table can have before anything is written; for one that is there it may do.

        Raises:
            InvalidRequestError: With everything that no new table can have.
        """
        try:
            check_creation(schema)
        except InvalidRequestError:
            if self._find() is None:
                raise

    def leave(self, former_table_name: str, *, is_imported: bool) -> None:
        """Put the fence up at the table that is left, so that a late request for it finds that it is late.

        Two tables of ours with one fence: then a replacement is taken back, and the table that takes the place is
        the one that was left before. It gets the fence first, by which :meth:`run` knows it as ours; were it second,
        nothing would tell after a kill in between. A younger one is no way back but a copy: AWS Backup can
        restore the tags of a table, too.

        Args:
            former_table_name: The table that is left.
            is_imported: Whether an import may have made it.

        Raises:
            ResourceConflictError: A newer request has been at work on the table that is left.
        """
        if self._mandate is None:
            return
        self.is_ours = self._is_handed_over
        former = _Left(self._dynamodb, former_table_name, self._mandate, self._patience)
        former.is_imported = is_imported
        fence = former.read_fence()
        last = former.importer() if fence is None else fence
        self._is_taken_back = bool(last) and self.read_fence() == last and self._is_older_than(former)
        if self._is_taken_back:
            self.put_up_fence()
        if fence is not None:
            former.put_up_fence()

    def _is_older_than(self, former: Job) -> bool:
        """Whether the table was there before the one that is left; one that was taken over may be of any age."""
        if self.table is None or former.table is None:
            return False
        return former.is_adopted or self.table.created_at < former.table.created_at

    def _may_have_made_it(self, refusal: RefusalError) -> bool:
        """Where nothing can have been made, the old table keeps the id, so that a rollback is an update of it."""
        return refusal.is_unexplained
