"""What a Create, an Update, a replacement and a Delete do, one class each.

A job looks at the table, decides by what it finds (the decisions stand in :mod:`table_provisioner.ownership`), and has
the table reconciled. It keeps nothing that the table does not say itself, so it can be cut off anywhere and begun
again.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from table_provisioner.aws_errors import Meaning, RefusalError
from table_provisioner.errors import (
    AlreadyExistsError,
    NotFoundError,
    NotUpdatableError,
    ResourceConflictError,
)
from table_provisioner.options import ExistingTable, OnDelete
from table_provisioner.ownership import (
    ADOPTED_AS,
    ADOPTED_BY,
    LOGICAL_RESOURCE_ID,
    REQUEST_ID,
    STACK_ID,
    Decision,
    Found,
    Standing,
    decide_create,
    decide_delete,
    decide_update,
    our_tags,
    standing,
)
from table_provisioner.patience import Patience
from table_provisioner.plan import Goal, creation_tags, key_difference, plan
from table_provisioner.reconcile import Reconciliation, Settings
from table_provisioner.results import ProvisionResult, ProvisionStatus
from table_provisioner.state import DELETING, Rest, TableState
from table_provisioner.steps import CreateBackup, CreateTable, DeleteTable, TagTable, UntagTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from table_provisioner.deadline import Deadline
    from table_provisioner.dynamodb import DynamoDB
    from table_provisioner.errors import ProvisionerError
    from table_provisioner.options import ProvisioningOptions
    from table_provisioner.ownership import Owner, Request
    from table_provisioner.schema import TableSchema
    from table_provisioner.steps import Step

logger = logging.getLogger(__name__)

_AWS_MANAGED_KEY = "alias/aws/dynamodb"
_LONGEST_BACKUP_NAME = 255
_AVAILABLE = "AVAILABLE"
_T = TypeVar("_T")
_OURS = frozenset({Standing.OWNED, Standing.ADOPTED})


@dataclass(frozen=True, slots=True)
class Mandate:
    """In whose name a job is done.

    Attributes:
        owner: The resource; ``None`` where no resource owns the table.
        request: The request at work; there is one wherever there is an owner.
    """

    owner: Owner
    request: Request


class Job:
    """One request at one table.

    Attributes:
        table: As it was last seen; ``None`` before, and where there is none.
        is_ours: Whether the table is, or may be, this resource's.
    """

    def __init__(self, dynamodb: DynamoDB, table_name: str, mandate: Mandate | None, deadline: Deadline) -> None:
        """Prepare a job; nothing is called."""
        self.table_name = table_name
        self.table: TableState | None = None
        self.is_ours = False
        self._dynamodb = dynamodb
        self._mandate = mandate
        self._deadline = deadline
        self._patience = Patience(deadline)

    def result(
        self, status: ProvisionStatus, message: str = "", error: ProvisionerError | None = None
    ) -> ProvisionResult:
        """How the job ended, with what is known of the table."""
        table = self.table
        return ProvisionResult(
            status=status,
            table_name=self.table_name,
            table_arn=table.table_arn if table else "",
            table_id=table.table_id if table else "",
            stream_arn=table.stream_arn if table else "",
            message=message,
            error=error,
            is_ours=self.is_ours,
        )

    def _patiently(self, call: Callable[[], _T], context: str) -> _T:
        """Make a call, again and again while AWS refuses it for a reason that passes."""
        while True:
            try:
                return call()
            except RefusalError as refusal:
                self._check_presence(refusal)
                self._patience.bear(refusal, context)

    def _find(self) -> TableState | None:
        """The table as soon as its tags can be read, which tell whose it is; ``None`` where there is none."""
        while True:
            self.table = self._patiently(lambda: self._dynamodb.describe(self.table_name), self._context)
            if self.table is None or self.table.is_at(Rest.READABLE):
                return self.table
            self._patience.pause(" and ".join(self.table.obstacles(Rest.READABLE)))

    @property
    def _context(self) -> str:
        return f"look at table '{self.table_name}'"

    def _tags(self, table: TableState) -> dict[str, str]:
        return self._patiently(lambda: self._dynamodb.tags(table.table_arn), self._context)

    def _check_identity(self, table: TableState | None, made_id: str = "") -> None:
        """A request goes on with the table that it made or was handed over with, or not at all."""
        begun_with = made_id or (self._mandate.request.table_id if self._mandate else None)
        if begun_with and (table is None or table.table_id != begun_with):
            raise ResourceConflictError(
                f"table '{self.table_name}' was deleted by somebody else while this request was at work on it.",
                "Find out by whom; then deploy again.",
            )

    def _check_presence(self, refusal: RefusalError) -> None:
        """Tags say *not found* seconds before the table does; only the table counts (T-104)."""
        if refusal.code == "ResourceNotFoundException" and self._find() is None:
            raise NotFoundError(f"table '{self.table_name}' was deleted by somebody else.", "Deploy again.")

    def read_fence(self) -> str | None:
        """The id of the request that last worked on the table; ``None`` where it is not this resource's.

        Raises:
            ResourceConflictError: That request is newer than this one.
        """
        table = self._find()
        if table is None or self._mandate is None:
            return None
        tags = self._tags(table)
        if not self._is_ours(tags):
            return None
        if self._mandate.request.is_late(tags, table.created_at):
            raise _late(table)
        return tags.get(REQUEST_ID, "")

    def put_up_fence(self) -> None:
        """Say on the table that this request is at work, and wait until the table says so."""
        table = self._find()
        if table is not None and self._mandate is not None:
            request = self._mandate.request
            self._retag(table, TagTable(request.fence_tags), request.is_fenced)

    def _retag(self, table: TableState, step: Step, is_done: Callable[[Mapping[str, str]], bool]) -> None:
        """Change tags and wait until they show it: reads lag by up to 3 s (T-102)."""
        is_accepted = False
        while not is_done(self._tags(table)):
            try:
                if not is_accepted:
                    self._dynamodb.apply(table, step)
                    is_accepted = True
                    self._patience.begin_anew()
                self._patience.pause("the tags are being changed")
            except RefusalError as refusal:
                self._patience.bear(refusal, f"{step} of table '{table.table_name}'")

    def _release(self, table: TableState) -> ProvisionResult:
        ours = tuple(sorted(our_tags(self._tags(table))))
        self._retag(table, UntagTable(ours), lambda tags: not our_tags(tags))
        return self.result(
            ProvisionStatus.RELEASED, f"Table '{self.table_name}' was kept with its items; no stack owns it any more."
        )

    def _reconcile(self, table: TableState, goal: Goal, settings: Settings) -> Reconciliation:
        """Bring the table to the goal; what came of it is known afterwards, good or bad."""
        request = self._mandate.request if self._mandate else None
        run = Reconciliation(self._dynamodb, goal, self._deadline, request, settings)
        try:
            self.table = run.run(table)
        finally:
            self.is_ours |= self._is_ours(settings.tags)
        return run

    def _is_ours(self, tags: Mapping[str, str] | None) -> bool:
        return self._mandate is not None and standing(tags or {}, self._mandate.owner) in _OURS

    def _settings(self, goal: Goal) -> Settings:
        return Settings(self._dynamodb, goal, reads_tags=self._mandate is not None)


class Creation(Job):
    """Makes the table be there, as declared."""

    def run(self, schema: TableSchema, options: ProvisioningOptions) -> ProvisionResult:
        """Create the table, or bring the one that is there to what is declared.

        Returns:
            ``CREATED`` or ``EXISTS``.

        Raises:
            ProvisionerError: It could not be done. ``table`` and ``is_ours`` say how far it came.
        """
        made_id = ""
        while (table := self._find()) is None:
            self._check_identity(table, made_id)
            made_id = self._create(schema, options)
        self._check_identity(table, made_id)
        if table.table_id == made_id:
            goal = Goal(schema, options=options, ownership_tags=self._ownership_tags())
            self._reconcile(table, goal, self._settings(goal))
            return self.result(ProvisionStatus.CREATED)
        self.is_ours = False
        goal = self._goal_for(table, schema, options)
        self._reconcile(table, goal, self._settings(goal))
        return self.result(ProvisionStatus.EXISTS)

    def _create(self, schema: TableSchema, options: ProvisioningOptions) -> str:
        """Send ``CreateTable``; return the ``TableId``, or nothing where somebody else was faster."""
        self.is_ours = True
        goal = Goal(schema, options=options, ownership_tags=self._ownership_tags(), fence_tags=self._fence_tags())
        step = CreateTable(schema, creation_tags(goal))
        try:
            made_id = self._dynamodb.create(step)
        except RefusalError as refusal:
            if refusal.code != "ResourceInUseException":
                self._patience.bear(refusal, str(step))
                return ""
            self.is_ours = False
            self._patience.pause(f"somebody else is creating table '{self.table_name}'")
            return ""
        logger.info("%s", step, extra={"table": self.table_name, "step": type(step).__name__})
        self._patience.begin_anew()
        return made_id

    def _ownership_tags(self) -> dict[str, str]:
        return self._mandate.owner.ownership_tags if self._mandate else {}

    def _fence_tags(self) -> dict[str, str]:
        return self._mandate.request.fence_tags if self._mandate else {}

    def _goal_for(self, table: TableState, schema: TableSchema, options: ProvisioningOptions) -> Goal:
        """What is to become of a table that was there."""
        decision = self._decide(table, self._mandate, options) if self._mandate else Decision.CONVERGE
        if difference := key_difference(table, schema):
            raise AlreadyExistsError(
                f"table '{table.table_name}' exists with {difference}.", "Choose another TableName, or declare its key."
            )
        key_arn = declared_key_arn(self._dynamodb, schema)
        goal = Goal(schema, options=options, desired_key_arn=key_arn, fence_tags=self._fence_tags())
        if self._mandate is None:
            return goal
        if decision is Decision.ADOPT:
            surplus = frozenset(self._mandate.owner.ownership_tags)
            return replace(goal, ownership_tags=self._mandate.owner.adoption_tags, surplus_tags=surplus)
        return replace(goal, ownership_tags=self._mandate.owner.ownership_tags)

    def _decide(self, table: TableState, mandate: Mandate, options: ProvisioningOptions) -> Decision:
        may_adopt = options.existing_table is ExistingTable.ADOPT
        found = Found(self._tags(table), table.created_at)
        decision = decide_create(found, mandate.owner, mandate.request, may_adopt=may_adopt)
        if decision is Decision.REFUSE_FOREIGN:
            raise AlreadyExistsError(
                f"table '{table.table_name}' belongs to {holder(found.tags)}.",
                "Choose another TableName; or, where that resource is no more, run: table-provisioner release"
                f" {table.table_name}",
            )
        if decision is Decision.REFUSE_EXISTING:
            raise AlreadyExistsError(
                f"table '{table.table_name}' exists, and ExistingTable is Fail.",
                "Choose another TableName, or set ExistingTable: Adopt to take the table over.",
            )
        if decision is Decision.REFUSE_LATE:
            raise _late(table)
        return decision


class Replacement(Creation):
    """Makes the table that takes the place of another, which stays until CloudFormation cleans up."""

    def leave(self, former_table_name: str) -> None:
        """Put the fence up at the table that is left, so that a late request for it finds that it is late.

        Two tables of ours with one fence: then a replacement is taken back, and the table that takes the place is
        the one that was left before. It gets the fence first, by which :meth:`run` knows it as ours; were it second,
        nothing would tell after a kill in between.

        Raises:
            ResourceConflictError: A newer request has been at work on the table that is left.
        """
        if self._mandate is None:
            return
        former = Job(self._dynamodb, former_table_name, self._mandate, self._deadline)
        fence = former.read_fence()
        if fence is None:
            return
        if fence and self.read_fence() == fence:
            self.put_up_fence()
        former.put_up_fence()


class Change(Job):
    """Brings an existing table to what is declared."""

    def run(self, schema: TableSchema, previous: TableSchema | None, options: ProvisioningOptions) -> ProvisionResult:
        """Change what is to be changed.

        Returns:
            ``UPDATED`` or ``UNCHANGED``.

        Raises:
            ProvisionerError: It could not be done; what was done before stays done.
        """
        table = self._find()
        self._check_identity(table)
        if table is None:
            raise NotFoundError(
                f"table '{self.table_name}' does not exist any more.",
                "Restore it from a backup under its name, or declare it under another TableName to have a new one.",
            )
        goal = Goal(schema, previous, options, declared_key_arn(self._dynamodb, schema))
        settings = self._settings(goal)
        known = self._patiently(lambda: settings.added_to(table), self._context)
        if self._mandate is not None:
            goal = self._mandated(goal, known, self._mandate)
        if difference := key_difference(table, schema, previous):
            raise other_key(table, difference)
        run = self._reconcile(table, goal, settings)
        has_changed = run.has_changed or (self._mandate is not None and self._mandate.request.is_continued)
        return self.result(ProvisionStatus.UPDATED if has_changed else ProvisionStatus.UNCHANGED)

    def _mandated(self, goal: Goal, known: TableState, mandate: Mandate) -> Goal:
        """The goal with our tags: they stay as they are, the fence aside."""
        is_adopted = self._decide(known, known.tags or {}, mandate, goal.options) is Standing.ADOPTED
        return replace(
            goal,
            ownership_tags=mandate.owner.adoption_tags if is_adopted else {},
            surplus_tags=frozenset(mandate.owner.ownership_tags) if is_adopted else frozenset(),
            fence_tags=mandate.request.fence_tags,
            is_fence_due=self._is_fence_due(known, goal, mandate),
        )

    def _decide(
        self, table: TableState, tags: Mapping[str, str], mandate: Mandate, options: ProvisioningOptions
    ) -> Standing:
        may_adopt = options.existing_table is ExistingTable.ADOPT
        found = Found(tags, table.created_at)
        decision = decide_update(found, mandate.owner, mandate.request, may_adopt=may_adopt)
        if decision is Decision.REFUSE_FOREIGN:
            raise ResourceConflictError(
                f"table '{table.table_name}' belongs to {holder(tags)} by now.",
                "Declare this resource under another TableName.",
            )
        if decision is Decision.REFUSE_EXISTING:
            raise ResourceConflictError(
                f"table '{table.table_name}' has lost the tags that say whose it is, and ExistingTable is Fail.",
                "See whether it is still the same table; then set ExistingTable: Adopt.",
            )
        if decision is Decision.REFUSE_LATE:
            raise _late(table)
        return standing(tags, mandate.owner)

    def _is_fence_due(self, known: TableState, goal: Goal, mandate: Mandate) -> bool:
        """Whether an earlier request may still be at work, or come: then it must find that it is late.

        Where this one takes another back, that other has, or would have, something to do here, or has another table
        in mind.
        """
        if mandate.request.is_fenced(known.tags or {}):
            return False
        if goal.previous is None or not known.is_at(Rest.EVERYTHING) or goal.previous.table_name != self.table_name:
            return True
        is_key_the_same = goal.previous.sse_specification == goal.desired.sse_specification
        key_arn = goal.desired_key_arn if is_key_the_same else declared_key_arn(self._dynamodb, goal.previous)
        try:
            return bool(plan(known, Goal(goal.previous, goal.desired, goal.options, key_arn)))
        except NotUpdatableError:
            return True


class Deletion(Job):
    """Deletes a table that is proven to be this resource's, and waits until it is gone."""

    def run(self, on_delete: OnDelete, table_id: str | None) -> ProvisionResult:
        """Delete the table, or let go of it.

        Args:
            on_delete: What to do with a table that this resource created.
            table_id: The table that is meant, where there is no mandate to prove it by.

        Returns:
            ``DELETED``, ``RELEASED`` or ``UNCHANGED``; the message says why.

        Raises:
            ProvisionerError: The table is still there. A retry carries on from there.
        """
        try:
            return self._run(on_delete, table_id)
        except NotFoundError:
            return self.result(ProvisionStatus.UNCHANGED, f"Table '{self.table_name}' was gone already.")

    def _run(self, on_delete: OnDelete, table_id: str | None) -> ProvisionResult:
        table = self._find()
        if table is None:
            return self.result(ProvisionStatus.UNCHANGED, f"There is no table '{self.table_name}'.")
        self._check_identity(table)
        decision = self._decide(table, on_delete, table_id)
        if decision is Decision.LEAVE:
            message = f"Nothing was deleted: table '{self.table_name}' is not this resource's."
            return self.result(ProvisionStatus.UNCHANGED, message)
        if decision is Decision.RELEASE:
            return self._release(table)
        _check_protection(table)
        backup_arn = self._back_up(table) if on_delete is OnDelete.SNAPSHOT else ""
        self._delete(table, on_delete, table_id)
        kept = f" Its backup is {backup_arn}." if backup_arn else ""
        return self.result(ProvisionStatus.DELETED, f"Table '{self.table_name}' was deleted.{kept}")

    def _decide(self, table: TableState, on_delete: OnDelete, table_id: str | None) -> Decision:
        if self._mandate is None:
            return Decision.DELETE if table_id == table.table_id else Decision.LEAVE
        found = Found(self._tags(table), table.created_at)
        wants_deletion = on_delete is not OnDelete.RETAIN
        decision = decide_delete(found, self._mandate.owner, self._mandate.request, wants_deletion=wants_deletion)
        if decision is Decision.REFUSE_LATE:
            raise _late(table)
        return decision

    def _back_up(self, table: TableState) -> str:
        """Take a backup and wait until it is available; the one of an earlier delivery of this request counts."""
        name = self._backup_name(table)
        while True:
            try:
                backup = self._dynamodb.backup(table.table_name, name)
                if backup is None:
                    self._dynamodb.apply(table, CreateBackup(name))
                elif backup[1] == _AVAILABLE:
                    return backup[0]
                self._patience.pause(f"backup '{name}' is being taken")
            except RefusalError as refusal:
                self._patience.bear(refusal, f"take backup '{name}' of table '{table.table_name}'")

    def _backup_name(self, table: TableState) -> str:
        seed = f"{self._mandate.request.request_id if self._mandate else ''} {table.table_id}"
        digest = hashlib.sha256(seed.encode()).hexdigest()[:12]
        return f"{table.table_name[: _LONGEST_BACKUP_NAME - len(digest) - 1]}-{digest}"

    def _delete(self, table: TableState, on_delete: OnDelete, table_id: str | None) -> None:
        """Send ``DeleteTable`` until it is accepted, each time with the proof that the table is ours; wait."""
        is_accepted = False
        while True:
            try:
                state = self._dynamodb.describe(table.table_name)
                if state is None or state.table_id != table.table_id:
                    return
                if not is_accepted and state.status != DELETING:
                    if self._decide(state, on_delete, table_id) is not Decision.DELETE:
                        raise ResourceConflictError(
                            f"table '{table.table_name}' changed hands meanwhile.", "Nothing was deleted."
                        )
                    self._dynamodb.apply(state, DeleteTable())
                    is_accepted = True
                    self._patience.begin_anew()
                self._patience.pause("the table is being deleted")
            except RefusalError as refusal:
                if refusal.operation == "DeleteTable" and refusal.meaning is Meaning.WAIT and self._mandate:
                    self.put_up_fence()
                self._patience.bear(refusal, f"delete table '{table.table_name}'")


class Release(Job):
    """Takes our tags off a table, whosever they say that it is: for a table whose resource is no more."""

    def run(self, table_id: str) -> ProvisionResult:
        """Make the table nobody's.

        Args:
            table_id: The table that is meant.

        Returns:
            ``RELEASED``, or ``UNCHANGED`` where none of our tags is on it.

        Raises:
            NotFoundError: There is no such table.
            ResourceConflictError: There is another one of its name.
            ProvisionerError: The tags are still there.
        """
        table = self._find()
        if table is None:
            raise NotFoundError(f"there is no table '{self.table_name}'.", "See that its name and region are right.")
        if table.table_id != table_id:
            raise ResourceConflictError(
                f"table '{self.table_name}' is not the one that is meant: its TableId is {table.table_id}.",
                "Nothing was changed; look at it again.",
            )
        if not our_tags(self._tags(table)):
            return self.result(ProvisionStatus.UNCHANGED, f"Table '{self.table_name}' was nobody's already.")
        return self._release(table)


def declared_key_arn(dynamodb: DynamoDB, schema: TableSchema) -> str | None:
    """The ARN of the declared KMS key; ``None`` where none is declared or it cannot be told."""
    encryption = schema.sse_specification
    if encryption is None or not encryption.sse_enabled:
        return None
    return dynamodb.key_arn(encryption.kms_master_key_id or _AWS_MANAGED_KEY)


def other_key(table: TableState, difference: str) -> NotUpdatableError:
    """The key of a table cannot be changed, and a table of the same name cannot take its place."""
    return NotUpdatableError(
        f"table '{table.table_name}' has {difference}, which only a new table can have.",
        "Give it another TableName, or leave TableName out, so that it is replaced; its items stay where they are.",
    )


def holder(tags: Mapping[str, str]) -> str:
    """Whose a table with these tags is, in words."""
    stack = tags.get(ADOPTED_BY) or tags.get(STACK_ID) or "unknown"
    resource = tags.get(ADOPTED_AS) or tags.get(LOGICAL_RESOURCE_ID) or "unknown"
    return f"resource {resource} of stack {stack}"


def _check_protection(table: TableState) -> None:
    if table.is_deletion_protected:
        raise ResourceConflictError(
            f"table '{table.table_name}' is protected against deletion.",
            "Set DeletionProtectionEnabled: false in an update of its own, then delete.",
        )


def _late(table: TableState) -> ResourceConflictError:
    return ResourceConflictError(
        f"a newer request has been at work on table '{table.table_name}'.",
        "Nothing was changed by this one, which came late.",
    )
