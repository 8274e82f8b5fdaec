"""What of a table has a call of its own to be read: tags, time to live, backups, insights, Kinesis, policies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from table_provisioner.state import TABLE
from table_provisioner.steps import (
    ChangeKinesisPrecision,
    DeleteIndex,
    DeleteResourcePolicy,
    DisableKinesisStream,
    DisableTimeToLive,
    EnableKinesisStream,
    EnableTimeToLive,
    PutResourcePolicy,
    SetContributorInsights,
    SetPointInTimeRecovery,
    TagStream,
    TagTable,
    UntagStream,
    UntagTable,
)

if TYPE_CHECKING:
    from table_provisioner.goal import Goal
    from table_provisioner.schema import PointInTimeRecoverySpecification, TimeToLiveSpecification
    from table_provisioner.state import InsightsState, KinesisDestination, TableState
    from table_provisioner.steps import Step


class TableService(Protocol):
    """What a reconciliation needs of DynamoDB. Each call may raise ``RefusalError``."""

    def describe(self, table_name: str) -> TableState | None:
        """The table without tags and settings; ``None`` where there is none."""

    def tags(self, arn: str) -> dict[str, str]:
        """All tags of a table or a stream."""

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
        self._forget_stream()

    def _forget_stream(self, stream_arn: str = "") -> None:
        """Each stream has settings of its own."""
        self._stream_arn = stream_arn
        self._stream_policy: str | None = None
        self._stream_tags: dict[str, str] | None = None

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
            case TagStream() | UntagStream():
                self._stream_tags = None
            case EnableTimeToLive() | DisableTimeToLive():
                self._time_to_live = None
            case SetPointInTimeRecovery():
                self._recovery = None
            case SetContributorInsights(index_name) | DeleteIndex(index_name):
                self._insights.pop(index_name, None)
            case EnableKinesisStream() | DisableKinesisStream() | ChangeKinesisPrecision():
                self._kinesis = None
            case PutResourcePolicy() | DeleteResourcePolicy():
                self._policy = self._stream_policy = None

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
        self._read_stream(table.stream_arn)
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
            stream_tags=self._stream_tags,
        )

    def _read_stream(self, arn: str) -> None:
        """What is managed of the stream, which may be another one than before, or none."""
        if arn != self._stream_arn:
            self._forget_stream(arn)
        if arn and self._stream_policy is None and self._goal.is_managed_of_stream("resource_policy"):
            self._stream_policy = self._service.resource_policy(arn)
        if arn and self._stream_tags is None and self._goal.is_managed_of_stream("tags"):
            self._stream_tags = self._service.tags(arn)

    def _read_tags(self, table: TableState) -> None:
        self.tags = self._service.tags(table.table_arn)
        self._are_tags_new = True
