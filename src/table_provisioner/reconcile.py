"""Brings a table from what it is to what is declared: look, plan, make one change, look again.

Nothing is remembered that the table does not say itself. A refusal, a kill or a hand-over in the middle is therefore
no special case: whoever looks next plans the rest.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from table_provisioner.aws_errors import Meaning, RefusalError
from table_provisioner.deadline import Deadline, monotonic_seconds
from table_provisioner.errors import (
    AccessDeniedError,
    NotFoundError,
    NotStabilizedError,
    ResourceConflictError,
)
from table_provisioner.ownership import REQUEST_ID, our_tags
from table_provisioner.patience import Patience
from table_provisioner.plan import failure_of, plan
from table_provisioner.state import TABLE, Rest
from table_provisioner.steps import (
    ChangeKinesisPrecision,
    DeleteResourcePolicy,
    DisableKinesisStream,
    DisableStream,
    DisableTimeToLive,
    EnableKinesisStream,
    EnableStream,
    EnableTimeToLive,
    PutResourcePolicy,
    SetContributorInsights,
    SetPointInTimeRecovery,
    TagTable,
    UntagTable,
)

if TYPE_CHECKING:
    from table_provisioner.ownership import Request
    from table_provisioner.plan import Goal
    from table_provisioner.schema import PointInTimeRecoverySpecification, TimeToLiveSpecification
    from table_provisioner.state import InsightsState, KinesisDestination, TableState
    from table_provisioner.steps import Step

logger = logging.getLogger(__name__)

_STALE_SECONDS = 10.0
"""How long a change that was accepted may stay invisible; the longest that was seen is 3 s (T-102, T-346)."""
_MOST_TRIES_OF_A_STEP = 3
_UNUSABLE = {
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS": "DynamoDB cannot use the KMS key of the table.",
    "ARCHIVING": "the table is being archived, because its KMS key was unusable for a week.",
    "ARCHIVED": "the table was archived, because its KMS key was unusable for a week.",
}


class TableService(Protocol):
    """What a reconciliation needs of DynamoDB. Each call may raise ``RefusalError``."""

    def describe(self, table_name: str) -> TableState | None:
        """The table without tags and settings; ``None`` where there is none."""

    def tags(self, table_arn: str) -> dict[str, str]:
        """All its tags."""

    def time_to_live(self, table_name: str) -> TimeToLiveSpecification:
        """By which attribute items expire."""

    def point_in_time_recovery(self, table_name: str) -> PointInTimeRecoverySpecification:
        """Whether there are continuous backups."""

    def insights(self, table_name: str, index_name: str) -> InsightsState:
        """The contributor insights of an index, or of the table."""

    def kinesis(self, table_name: str) -> tuple[KinesisDestination, ...]:
        """The Kinesis streams that get its changes."""

    def resource_policy(self, arn: str) -> str:
        """The policy of a table or a stream."""

    def apply(self, table: TableState, step: Step) -> None:
        """Make one change."""


class Settings:
    """Tags and settings of one table, each of which has a call of its own: read when managed, kept until changed."""

    def __init__(self, service: TableService, goal: Goal, *, reads_tags: bool) -> None:
        """Nothing is read yet."""
        self._service = service
        self._goal = goal
        self._reads_tags = reads_tags or goal.is_managed("tags")
        self._are_tags_new = False
        self.forget()

    def forget(self) -> None:
        """Something may have changed: read all that is managed anew."""
        self.tags: dict[str, str] | None = None
        self._time_to_live: TimeToLiveSpecification | None = None
        self._recovery: PointInTimeRecoverySpecification | None = None
        self._insights: dict[str, InsightsState] = {}
        self._kinesis: tuple[KinesisDestination, ...] | None = None
        self._policy: str | None = None
        self._stream_policy: str | None = None

    def look_again(self) -> None:
        """Time has passed: what was moving has moved on, and tags may have been changed by others."""
        self._are_tags_new = False
        self._insights = {name: known for name, known in self._insights.items() if not known.is_moving}
        if self._kinesis and any(destination.is_moving for destination in self._kinesis):
            self._kinesis = None

    def forget_what_changes_with(self, step: Step) -> None:
        """A step was tried: read anew what it is about. Reading is rationed for some (T-403)."""
        match step:
            case TagTable() | UntagTable():
                self.tags = None
            case EnableTimeToLive() | DisableTimeToLive():
                self._time_to_live = None
            case SetPointInTimeRecovery():
                self._recovery = None
            case SetContributorInsights(index_name):
                self._insights.pop(index_name, None)
            case EnableKinesisStream() | DisableKinesisStream() | ChangeKinesisPrecision():
                self._kinesis = None
            case PutResourcePolicy() | DeleteResourcePolicy():
                self._policy = self._stream_policy = None
            case EnableStream() | DisableStream():
                self._stream_policy = None

    def refresh_tags(self, table: TableState) -> bool:
        """Read the tags anew, unless they were in this look; say whether they are what they were."""
        if not self._reads_tags or self._are_tags_new:
            return True
        former = self.tags
        self._read_tags(table)
        return former == self.tags

    def added_to(self, table: TableState) -> TableState:
        """The table with its tags and settings as far as they are managed."""
        service, name, manages = self._service, table.table_name, self._goal.is_managed
        if self.tags is None and self._reads_tags:
            self._read_tags(table)
        if self._time_to_live is None and manages("time_to_live_specification"):
            self._time_to_live = service.time_to_live(name)
        if self._recovery is None and manages("point_in_time_recovery_specification"):
            self._recovery = service.point_in_time_recovery(name)
        if self._kinesis is None and manages("kinesis_stream_specification"):
            self._kinesis = service.kinesis(name)
        if self._policy is None and manages("resource_policy"):
            self._policy = service.resource_policy(table.table_arn)
        if self._stream_policy is None and self._goal.manages_stream_policy and table.stream_arn:
            self._stream_policy = service.resource_policy(table.stream_arn)
        for holder in self._goal.managed_insights.keys() - self._insights.keys():
            if holder == TABLE or table.is_index_active(holder):
                self._insights[holder] = service.insights(name, holder)
        return replace(
            table,
            tags=self.tags,
            time_to_live=self._time_to_live,
            point_in_time_recovery=self._recovery,
            insights=dict(self._insights),
            kinesis=self._kinesis,
            resource_policy=self._policy,
            stream_policy=self._stream_policy,
        )

    def _read_tags(self, table: TableState) -> None:
        self.tags = self._service.tags(table.table_arn)
        self._are_tags_new = True


class Reconciliation:
    """One run towards one goal.

    Attributes:
        has_changed: Whether this run changed anything but our own tags.
    """

    def __init__(
        self, service: TableService, goal: Goal, deadline: Deadline, request: Request | None, settings: Settings
    ) -> None:
        """Prepare a run; nothing is called.

        Args:
            service: The tables.
            goal: What the table is to become.
            deadline: When to stop.
            request: In whose name; without one there is no fence.
            settings: Of the table, as far as they are known.
        """
        self._service = service
        self._goal = goal
        self._request = request
        self._patience = Patience(deadline)
        self._settings = settings
        self._former_request_id: str | None = None
        self._last: Step | None = None
        self._last_at = 0.0
        self._tries: dict[Step, int] = {}
        self._refusals: dict[Step, RefusalError] = {}
        self._already_so: set[Step] = set()
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
            NotStabilizedError: The deadline came first. What was begun goes on; the next run carries on from there.
            ProvisionerError: AWS refused a step for good. Those before it stay done.
        """
        while True:
            try:
                state = self._observe(table)
                rest, step = self._next(state)
                if obstacles := state.obstacles(rest):
                    self._patience.pause(" and ".join(obstacles))
                elif step is None:
                    return state
                else:
                    self._take(state, step)
            except RefusalError as refusal:
                self._patience.bear(refusal, f"look at table '{table.table_name}'")

    def _observe(self, table: TableState) -> TableState:
        self._settings.look_again()
        state = self._service.describe(table.table_name)
        self._patience.recover()
        if state is None:
            raise NotFoundError(
                f"table '{table.table_name}' was deleted by somebody else.",
                "Restore it from a backup under its name, then deploy again.",
            )
        if state.table_id != table.table_id:
            raise ResourceConflictError(
                f"table '{table.table_name}' was deleted and made anew by somebody else.",
                "Find out by whom; then deploy again.",
            )
        if problem := _UNUSABLE.get(state.status):
            raise AccessDeniedError(
                problem, "Enable the key and DynamoDB's grants on it; deploy when it is ACTIVE again."
            )
        return self._settings.added_to(state) if state.is_at(Rest.READABLE) else state

    def _next(self, state: TableState) -> tuple[Rest, Step | None]:
        """The next step, and how far the table must have come to rest for it; at the end, how far for the answer."""
        if not state.is_at(Rest.READABLE):
            return Rest.READABLE, None
        self._check_fence(state)
        for step in plan(state, self._goal):
            if not self._is_settled_by_aws(step):
                return step.waits_for, step
        return Rest.EVERYTHING if self._goal.options.wait_for_indexes else Rest.TABLE, None

    def _is_settled_by_aws(self, step: Step) -> bool:
        """AWS said that it is already so, and has had the time to show it: then its word counts."""
        return step in self._already_so and not self._is_fresh(step)

    def _is_fresh(self, step: Step) -> bool:
        return step == self._last and monotonic_seconds() - self._last_at < _STALE_SECONDS

    def _take(self, state: TableState, step: Step) -> None:
        if self._is_fresh(step):
            self._settings.forget_what_changes_with(step)
            self._patience.pause(f"DynamoDB does not show yet: {step}")
        elif self._tries.get(step) and (failure := failure_of(step, state)):
            raise failure
        elif step in self._refusals:
            raise self._refusals[step].as_error(str(step)) from self._refusals[step]
        elif self._tries.get(step, 0) >= _MOST_TRIES_OF_A_STEP:
            raise NotStabilizedError(
                f"DynamoDB accepted to {step}, {_MOST_TRIES_OF_A_STEP} times, and does not show it.",
                "Look at the table; deploy again, and report it if it lasts.",
            )
        elif self._settings.refresh_tags(state):
            self._apply(state, step)

    def _apply(self, state: TableState, step: Step) -> None:
        self._settings.forget_what_changes_with(step)
        try:
            self._service.apply(state, step)
        except RefusalError as refusal:
            self._accept(refusal, step)
            return
        logger.info("%s", step, extra={"table": state.table_name, "step": type(step).__name__})
        self._tries[step] = self._tries.get(step, 0) + 1
        self._mark(step)
        self.has_changed |= not (isinstance(step, TagTable) and step.tags == our_tags(step.tags))

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
        if self._request is None or state.tags is None:
            return
        present = state.tags.get(REQUEST_ID, "")
        if self._former_request_id is None or self._request.is_fenced(state.tags):
            self._former_request_id = present
        if self._request.is_superseded(state.tags, self._former_request_id):
            newer = f"request {present} has been at work on" if present else "our tags were taken off"
            raise ResourceConflictError(
                f"{newer} table '{state.table_name}' since this request began.",
                "Nothing more was changed; see what came after it.",
            )
