"""What an Update does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from table_provisioner.differences import key_difference
from table_provisioner.errors import (
    NotFoundError,
    ProvisionerError,
    ResourceConflictError,
)
from table_provisioner.goal import Goal
from table_provisioner.jobs import Job, declared_key_arn, holder, late, other_key
from table_provisioner.options import ExistingTable
from table_provisioner.ownership import (
    Decision,
    Found,
    Standing,
    decide_update,
    standing,
)
from table_provisioner.plan import plan
from table_provisioner.results import ProvisionResult, ProvisionStatus
from table_provisioner.state import Rest, TableState

if TYPE_CHECKING:
    from collections.abc import Mapping

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
                "Restore it from a backup under its name, or declare it under another TableName to have a new one.",
            )
        goal = Goal(schema, previous, options, declared_key_arn(self._dynamodb, schema))
        settings = self._settings(goal)
        known = self._until(lambda: settings.added_to(table), self._context)
        if self._mandate is not None:
            goal = self._mandated(goal, known, self._mandate, former_options or options)
        if difference := key_difference(table, schema, previous):
            raise other_key(table, difference)
        run = self._reconcile(table, goal, settings)
        has_changed = run.has_changed or (self._mandate is not None and self._mandate.request.is_continued)
        return self.result(ProvisionStatus.UPDATED if has_changed else ProvisionStatus.UNCHANGED)

    def _mandated(self, goal: Goal, known: TableState, mandate: Mandate, former_options: ProvisioningOptions) -> Goal:
        """The goal with our tags: they stay as they are, the fence aside."""
        is_adopted = self._decide(known, known.tags or {}, mandate, goal.options) is Standing.ADOPTED
        self.is_ours = True
        return replace(
            goal,
            ownership_tags=mandate.owner.adoption_tags if is_adopted else {},
            surplus_tags=frozenset(mandate.owner.ownership_tags) if is_adopted else frozenset(),
            fence_tags=mandate.request.fence_tags,
            is_fence_due=self._is_fence_due(known, goal, mandate, former_options),
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
            raise late(table)
        return standing(tags, mandate.owner)

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
        key_arn = goal.desired_key_arn if is_key_the_same else declared_key_arn(self._dynamodb, goal.previous)
        try:
            return bool(plan(known, Goal(goal.previous, goal.desired, former_options, key_arn)))
        except ProvisionerError:  # it would have been refused, and may come all the same
            return True
