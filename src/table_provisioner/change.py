"""What an Update does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from table_provisioner.decisions import Found
from table_provisioner.differences import key_difference
from table_provisioner.errors import ANOTHER_NAME, RESTORE, NotFoundError, ProvisionerError
from table_provisioner.event import RequestType
from table_provisioner.goal import Goal
from table_provisioner.jobs import Job, import_change
from table_provisioner.ownership import Standing, has_been_changed, standing
from table_provisioner.plan import plan
from table_provisioner.results import ProvisionResult, ProvisionStatus
from table_provisioner.state import Rest, TableState

if TYPE_CHECKING:
    from table_provisioner.options import ProvisioningOptions
    from table_provisioner.ownership import Mandate
    from table_provisioner.schema import TableSchema


class Change(Job):
    """Brings an existing table to what is declared."""

    def run(
        self,
        schema: TableSchema,
        previous: TableSchema | None,
        options: ProvisioningOptions,
        former_options: ProvisioningOptions | None,
        former_seconds: float,
    ) -> ProvisionResult:
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
                f"{RESTORE}, then deploy again or continue-update-rollback. Or do without it. {ANOTHER_NAME}",
            )
        goal = Goal(schema, previous, options, self._key_arn(schema))
        settings = self._settings(goal)
        known = self._until(lambda: settings.added_to(table), self._context)
        difference = key_difference(known, schema, previous) or self._import_change(known, schema, previous)
        found = Found(known.tags or {}, known.created_at, difference)
        self._decide(RequestType.UPDATE, found, options.existing_table)
        if self._mandate is not None:
            goal = self._mandated(goal, known, self._mandate, former_options or options, former_seconds)
        run = self._reconcile(table, goal, settings)
        has_changed = run.has_changed or (self._mandate is not None and self._mandate.request.is_continued)
        return self.result(ProvisionStatus.UPDATED if has_changed else ProvisionStatus.UNCHANGED)

    def _import_change(self, known: TableState, schema: TableSchema, previous: TableSchema | None) -> str:
        """In what the declared import source differs; a table that this resource did not make has none to compare."""
        if self._mandate is not None and standing(known.tags or {}, self._mandate.owner) is not Standing.OWNED:
            return ""
        return self._until(lambda: import_change(self._dynamodb, known, schema, previous), self._context)

    def _mandated(
        self,
        goal: Goal,
        known: TableState,
        mandate: Mandate,
        former_options: ProvisioningOptions,
        former_seconds: float,
    ) -> Goal:
        """The goal with our tags: they stay as they are, the fence aside."""
        is_adopted = standing(known.tags or {}, mandate.owner) is Standing.ADOPTED
        self.is_ours = True
        return replace(
            goal,
            ownership_tags=mandate.owner.adoption_tags if is_adopted else {},
            surplus_tags=frozenset(mandate.owner.ownership_tags) if is_adopted else frozenset(),
            fence_tags=mandate.request.fence_tags,
            is_fence_due=self._is_fence_due(known, goal, mandate, former_options),
            former_seconds=former_seconds if has_been_changed(known.tags or {}, known.created_at) else 0.0,
        )

    def _is_fence_due(
        self, known: TableState, goal: Goal, mandate: Mandate, former_options: ProvisioningOptions
    ) -> bool:
        """Whether an earlier request may still be at work, or come: then it must find that it is late.

        Where this one takes another back, that other has, or would have, something to do here, or has another table
        in mind.
        """
        if mandate.request.is_fenced(known.tags or {}):
            return False
        if goal.previous is None or not known.is_at(Rest.EVERYTHING) or goal.previous.table_name != self.table_name:
            return True
        is_key_the_same = goal.previous.sse_specification == goal.desired.sse_specification
        key_arn = goal.desired_key_arn if is_key_the_same else self._key_arn(goal.previous)
        try:
            return bool(plan(known, Goal(goal.previous, goal.desired, former_options, key_arn)))
        except ProvisionerError:  # it would have been refused, and may come all the same
            return True
