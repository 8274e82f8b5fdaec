"""What a Delete does, and how a table is let go of."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from table_provisioner.aws_errors import Meaning, RefusalError
from table_provisioner.decisions import LATE, Decision, Found
from table_provisioner.errors import NotFoundError, ResourceConflictError
from table_provisioner.event import RequestType
from table_provisioner.jobs import Job
from table_provisioner.options import OnDelete
from table_provisioner.ownership import OUR_KEYS, Standing, has_holder, holder, our_tags, standing
from table_provisioner.patience import NotYetError
from table_provisioner.results import ProvisionResult, ProvisionStatus
from table_provisioner.state import DELETING, TableState
from table_provisioner.steps import CreateBackup, DeleteTable

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_BACKUP_NAME = 255
_AVAILABLE = "AVAILABLE"


class Deletion(Job):
    """Deletes a table that is proven to be this resource's, and waits until it is gone."""

    def run(self, on_delete: OnDelete, table_id: str | None, *, is_imported: bool = False) -> ProvisionResult:
        """Delete the table, or let go of it.

        Args:
            on_delete: What to do with a table that this resource created.
            table_id: The table that is meant, where there is no mandate to prove it by.
            is_imported: Whether it may be one that was never tagged, because it was made by an import.

        Returns:
            ``DELETED``, ``RELEASED`` or ``UNCHANGED``; the message says why.

        Raises:
            ProvisionerError: The table is still there. A retry carries on from there.
        """
        self.is_imported = is_imported
        try:
            return self._run(on_delete, table_id)
        except NotFoundError:
            return self.result(ProvisionStatus.UNCHANGED, f"Table '{self.table_name}' was gone already.")

    def _run(self, on_delete: OnDelete, table_id: str | None) -> ProvisionResult:
        table = self._find()
        if table is None:
            return self.result(ProvisionStatus.UNCHANGED, f"There is no table '{self.table_name}'.")
        self._check_identity(table)
        decision = self._judge(table, on_delete, table_id)
        self.is_ours = decision is not Decision.LEAVE
        if not self.is_ours:
            message = f"Nothing was deleted: table '{self.table_name}' is not this resource's."
            return self.result(ProvisionStatus.UNCHANGED, message)
        if decision is Decision.RELEASE:
            return self._release(table, OUR_KEYS, lambda tags: self._has_changed_hands(table, tags))
        backup_arn = self._back_up(table) if on_delete is OnDelete.SNAPSHOT else ""
        self._delete(table, on_delete, table_id)
        kept = f" Its backup is {backup_arn}." if backup_arn else ""
        return self.result(ProvisionStatus.DELETED, f"Table '{self.table_name}' was deleted.{kept}")

    def _judge(self, table: TableState, on_delete: OnDelete, table_id: str | None) -> Decision:
        """What may be done with the table."""
        if self._mandate is None and table_id != table.table_id:
            return Decision.LEAVE
        tags = self._marks(table) if self._mandate else {}
        found = Found(tags, table.created_at, is_protected=table.is_deletion_protected)
        return self._decide(RequestType.DELETE, found, on_delete)

    def _has_changed_hands(self, table: TableState, tags: Mapping[str, str]) -> bool:
        """Whether another took the table over, as soon happens to nobody's; raises where a newer request did."""
        if self._mandate is None:
            return False
        if standing(tags, self._mandate.owner) is Standing.FOREIGN:
            return True
        if self._mandate.request.is_late(tags, table.created_at):
            raise LATE.of(self.table_name)
        return False

    def _back_up(self, table: TableState) -> str:
        """Take a backup and wait until it is available; the one of an earlier delivery of this request counts."""
        name = self._backup_name(table)
        awaited = f"backup '{name}' is being taken"

        def look() -> str:
            arn, status = self._dynamodb.backup(table.table_name, name) or ("", _AVAILABLE)
            if status != _AVAILABLE:
                raise NotYetError(awaited)
            return arn

        def send() -> None:
            try:
                self._dynamodb.apply(table, CreateBackup(name))
            except RefusalError as refusal:
                self._check_presence(refusal)
                raise

        return self._carry_out(
            send,
            look,
            awaited=awaited,
            context=f"take backup '{name}' of table '{table.table_name}'",
        )

    def _backup_name(self, table: TableState) -> str:
        seed = f"{self._mandate.request.request_id if self._mandate else ''} {table.table_id}"
        digest = hashlib.sha256(seed.encode()).hexdigest()[:12]
        return f"{table.table_name[: _LONGEST_BACKUP_NAME - len(digest) - 1]}-{digest}"

    def _delete(self, table: TableState, on_delete: OnDelete, table_id: str | None) -> None:
        """Send ``DeleteTable`` until it is accepted, each time with the proof that the table is ours; wait."""
        awaited = "the table is being deleted"

        def is_gone() -> bool:
            state = self._dynamodb.describe(table.table_name)
            if state is None or state.table_id != table.table_id:
                return True
            if state.status == DELETING:
                raise NotYetError(awaited)
            return False

        def send() -> None:
            if self._judge(table, on_delete, table_id) is not Decision.DELETE:
                raise ResourceConflictError(
                    f"table '{table.table_name}' changed hands meanwhile.", "Nothing was deleted."
                )
            try:
                self._dynamodb.apply(table, DeleteTable())
            except RefusalError as refusal:
                if refusal.meaning is Meaning.WAIT:
                    self.put_up_fence()
                raise

        self._carry_out(send, is_gone, awaited, f"delete table '{table.table_name}'")


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
        tags = our_tags(self._tags(table))
        if not tags:
            return self.result(ProvisionStatus.UNCHANGED, f"Table '{self.table_name}' was nobody's already.")
        former = holder(tags)
        return self._release(table, frozenset(tags), lambda tags: has_holder(tags) and holder(tags) != former)
