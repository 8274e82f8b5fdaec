"""Brings a table from what it is to what is declared: look, plan, make one change, look again.

Nothing is remembered that the table does not say itself. A refusal, a kill or a hand-over in the middle is therefore
no special case: whoever looks next plans the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from table_provisioner.aws_errors import Meaning, RefusalError
from table_provisioner.deadline import epoch_seconds, monotonic_seconds
from table_provisioner.errors import (
    ANOTHER_NAME,
    RESTORE,
    AccessDeniedError,
    NotFoundError,
    NotStabilizedError,
    ResourceConflictError,
)
from table_provisioner.limits import exceeded_limit, in_words, open_first, opens_at
from table_provisioner.ownership import REQUEST_ID, Standing, our_tags, standing
from table_provisioner.patience import STALE_SECONDS, NotYetError
from table_provisioner.plan import failure_of, plan
from table_provisioner.state import Rest
from table_provisioner.steps import ChangeEncryption, TagTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from table_provisioner.goal import Goal
    from table_provisioner.ownership import Mandate
    from table_provisioner.patience import Patience
    from table_provisioner.settings import Settings, TableService
    from table_provisioner.state import TableState
    from table_provisioner.steps import Step

_MOST_TRIES_OF_A_STEP = 3
_FROM_THE_BACKUP = (
    "Enable the key, restore the backup that DescribeTable names, ArchivalBackupArn, under another name, and declare"
    " that as TableName with ExistingTable: Adopt. Where the rollback failed, too, skip this resource in it."
)
"""An archived table never becomes ``ACTIVE`` again, says the API reference of ArchivalSummary."""
_UNUSABLE = {
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS": (
        "DynamoDB cannot use the KMS key of the table.",
        "Enable the key and DynamoDB's grants on it; deploy when it is ACTIVE again.",
    ),
    "ARCHIVING": ("its KMS key was unusable for a week, and the table is being archived.", _FROM_THE_BACKUP),
    "ARCHIVED": ("its KMS key was unusable for a week, and the table was archived.", _FROM_THE_BACKUP),
}
"""What is wrong with a table of such a status, and what to do."""


class Reconciliation:
    """One run towards one goal.

    Attributes:
        has_changed: Whether this run changed anything but our own tags.
    """

    def __init__(
        self, service: TableService, goal: Goal, patience: Patience, mandate: Mandate | None, settings: Settings
    ) -> None:
        """Prepare a run; nothing is called.

        Args:
            service: The tables.
            goal: What the table is to become.
            patience: How to wait, and when to stop.
            mandate: In whose name; without one there is no fence.
            settings: Of the table, as far as they are known.
        """
        self._service = service
        self._goal = goal
        self._mandate = mandate
        self._patience = patience
        self._settings = settings
        self._former_request_id: str | None = None
        self._last: Step | None = None
        self._last_at = 0.0
        self._tries: dict[Step, int] = {}
        self._refusals: dict[Step, RefusalError] = {}
        self._already_so: set[Step] = set()
        self._has_begun = mandate is not None and mandate.request.is_continued
        self.has_changed = False

    def run(self, table: TableState) -> TableState:
        """Change the table, step by step, until nothing is left to do and it has come to rest.

        Args:
            table: As it was found; another one under its name is left alone.

        Returns:
            The table at the end.

        Raises:
            NotFoundError: The table is gone.
            ResourceConflictError: It is another one now, or a newer request is at work.
            NotUpdatableError: It cannot become what is declared.
            TooSoonError: It cannot in the time that there is; nothing was changed. Or AWS says so later.
            NotStabilizedError: The deadline came first. What was begun goes on; the next run carries on from there.
            ProvisionerError: AWS refused a step for good. Those before it stay done.
        """
        self._patience.begin_anew()
        end = None
        while end is None:
            end = self._patience.until(lambda: self._advance(table), f"look at table '{table.table_name}'")
        return end

    def _advance(self, table: TableState) -> TableState | None:
        """Look and take the next step; the table, where none is left."""
        state = self._observe(table)
        rest, step = self._next(state)
        if obstacles := state.obstacles(rest):
            raise NotYetError(*obstacles)
        if step is None:
            return state
        self._expect_open(state, step)
        self._take(state, step)
        return None

    def _observe(self, table: TableState) -> TableState:
        self._settings.look_again()
        state = self._service.describe(table.table_name)
        if state is None:
            raise NotFoundError(
                f"table '{table.table_name}' was deleted by somebody else.",
                f"{RESTORE}, then deploy again.",
            )
        if state.table_id != table.table_id:
            raise ResourceConflictError(
                f"table '{table.table_name}' was deleted and made anew by somebody else.",
                "Find out by whom; then deploy again.",
            )
        if state.status in _UNUSABLE:
            raise AccessDeniedError(*_UNUSABLE[state.status])
        return self._settings.added_to(state) if state.is_at(Rest.READABLE) else state

    def _next(self, state: TableState) -> tuple[Rest, Step | None]:
        """The next step, and how far the table must have come to rest for it; at the end, how far for the answer."""
        if not state.is_at(Rest.READABLE):
            return Rest.READABLE, None
        self._check_fence(state)
        steps = plan(state, self._goal)
        self._check_limits(state, steps)
        for step in open_first(state, steps, epoch_seconds()):
            if not self._is_settled_by_aws(step):
                return step.waits_for, step
        return Rest.EVERYTHING if self._goal.options.wait_for_indexes else Rest.ALL_BUT_NEW_INDEXES, None

    def _check_limits(self, state: TableState, steps: Sequence[Step]) -> None:
        """Before the first change, for the rest goes as far as it goes once there was one."""
        if not self._has_begun:
            self._has_begun = True
            error = exceeded_limit(
                state,
                steps,
                now=epoch_seconds(),
                seconds=self._patience.deadline.remaining_seconds_in_all,
                former_seconds=self._goal.former_seconds,
            )
            if error:
                raise error

    def _expect_open(self, state: TableState, step: Step) -> None:
        """Wait for the time from which DynamoDB takes a step; where there is not enough, it shall refuse it itself."""
        opening = opens_at(state, step)
        if 0 < opening - epoch_seconds() <= self._patience.deadline.remaining_seconds_in_all:
            raise NotYetError(f"DynamoDB takes no decrease of capacity before {in_words(opening)}")

    def _is_settled_by_aws(self, step: Step) -> bool:
        """AWS said that it is already so, and has had the time to show it: then its word counts."""
        return step in self._already_so and not self._is_fresh(step)

    def _is_fresh(self, step: Step) -> bool:
        return step == self._last and monotonic_seconds() - self._last_at < STALE_SECONDS

    def _take(self, state: TableState, step: Step) -> None:
        if self._is_fresh(step):
            self._settings.forget_what_changes_with(step)
            raise NotYetError(f"DynamoDB does not show yet: {step}")
        if self._tries.get(step) and (failure := failure_of(step, state)):
            raise failure
        if step in self._refusals:
            raise self._refusals[step].as_error(str(step)) from self._refusals[step]
        if self._tries.get(step, 0) >= _MOST_TRIES_OF_A_STEP:
            raise NotStabilizedError(
                f"DynamoDB accepted to {step}, {_MOST_TRIES_OF_A_STEP} times, and does not show it.",
                "Look at the table; deploy again, and report it if it lasts.",
            )
        if self._settings.refresh_tags(state):
            self._apply(state, step)

    def _apply(self, state: TableState, step: Step) -> None:
        self._settings.forget_what_changes_with(step)
        try:
            self._service.apply(state, step)
        except RefusalError as refusal:
            self._accept(refusal, step)
            return
        self._tries[step] = self._tries.get(step, 0) + 1
        self._mark(step)
        self.has_changed |= not (isinstance(step, TagTable) and step.tags == our_tags(step.tags))

        if isinstance(step, ChangeEncryption) and self._goal.desired_key_arn is None:
            self._already_so.add(step)  # there is no telling the key that is shown from the one that is declared

    def _mark(self, step: Step) -> None:
        self._last, self._last_at = step, monotonic_seconds()
        self._patience.begin_anew()

    def _accept(self, refusal: RefusalError, step: Step) -> None:
        """After a refusal the table is looked at and planned anew; the call is never just repeated."""
        if refusal.meaning is Meaning.ALREADY_SO:
            self._already_so.add(step)
            self._mark(step)
        elif refusal.meaning in {Meaning.QUOTA, Meaning.TERMINAL}:
            self._refusals[step] = refusal
            self._settings.forget()
        else:
            self._patience.bear(refusal, str(step))

    def _check_fence(self, state: TableState) -> None:
        if self._mandate is None or state.tags is None:
            return
        request, present = self._mandate.request, state.tags.get(REQUEST_ID, "")
        if standing(state.tags, self._mandate.owner) is Standing.FOREIGN:
            raise ResourceConflictError(
                f"table '{state.table_name}' belongs to another resource since this request began.",
                f"Nothing more was changed. {ANOTHER_NAME}",
            )
        if self._former_request_id is None or request.is_fenced(state.tags):
            self._former_request_id = present
        if request.is_superseded(state.tags, self._former_request_id):
            newer = f"request {present} has been at work on" if present else "our tags were taken off"
            raise ResourceConflictError(
                f"{newer} table '{state.table_name}' since this request began.",
                "Nothing more was changed; see what came after it.",
            )
