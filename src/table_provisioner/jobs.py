"""What all requests have in common: one table, one mandate, one patience.

A job looks at the table, decides by what it finds (the rules stand in :mod:`table_provisioner.decisions`), and has the
table reconciled. It keeps nothing that the table does not say itself, so it can be cut off anywhere and begun
again.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, TypeVar

from table_provisioner.aws_errors import RefusalError
from table_provisioner.deadline import epoch_seconds, monotonic_seconds
from table_provisioner.decisions import LATE, decide
from table_provisioner.differences import import_difference
from table_provisioner.errors import NotFoundError, ResourceConflictError
from table_provisioner.ownership import REQUEST_ID, Standing, has_holder, holder, our_tags, standing
from table_provisioner.patience import STALE_SECONDS, NotYetError
from table_provisioner.reconcile import Reconciliation
from table_provisioner.results import ProvisionResult, ProvisionStatus
from table_provisioner.schema import AWS_MANAGED_KEY
from table_provisioner.settings import Settings
from table_provisioner.state import Rest, TableState
from table_provisioner.steps import TagTable, UntagTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from table_provisioner.decisions import Decision, Found, Option
    from table_provisioner.dynamodb import DynamoDB
    from table_provisioner.errors import ProvisionerError
    from table_provisioner.event import RequestType
    from table_provisioner.goal import Goal
    from table_provisioner.ownership import Mandate
    from table_provisioner.patience import Patience
    from table_provisioner.schema import TableSchema
    from table_provisioner.steps import Step


logger = logging.getLogger(__name__)

_SECONDS_OF_IMPORTS = 90 * 86_400
"""For how long imports are listed, says the API reference of ListImports."""
_T = TypeVar("_T")
_NOT_FOUND = frozenset({"ResourceNotFoundException", "TableNotFoundException"})
_UNTOLD = frozenset(
    {"AccessDenied", "AccessDeniedException", "InvalidArnException", "NotFoundException", "ValidationException"}
)
"""The codes by which KMS refuses who may not ask, or asks for what is no key (API reference of DescribeKey)."""
_UNCONNECTED = frozenset({"ConnectTimeoutError", "EndpointConnectionError"})
"""The SDK's errors where nobody answers, as in a VPC without an endpoint for KMS."""
_TRIES_TO_CONNECT = 4
"""How often KMS is called so: each try takes up to 2 s, and the pauses between them up to 7 s in all."""
_OURS = frozenset({Standing.OWNED, Standing.ADOPTED})


class Job:
    """One request at one table.

    Attributes:
        table: As it was last seen; ``None`` before, and where there is none.
        is_ours: Whether the table is, or may be, this resource's.
        is_adopted: Whether it was found to be one that this resource took over.
        is_imported: Whether an import may have made it, which takes no tags.
    """

    def __init__(self, dynamodb: DynamoDB, table_name: str, mandate: Mandate | None, patience: Patience) -> None:
        """Prepare a job; nothing is called."""
        self.table_name = table_name
        self.table: TableState | None = None
        self.is_ours = False
        self.is_adopted = False
        self.is_imported = False
        self._dynamodb = dynamodb
        self._mandate = mandate
        self._patience = patience

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

    def _until(self, look: Callable[[], _T], context: str) -> _T:
        """Look until what is awaited is there, or the table is not there any more."""

        def look_at_the_table() -> _T:
            try:
                return look()
            except RefusalError as refusal:
                self._check_presence(refusal)
                raise

        return self._patience.until(look_at_the_table, context)

    def _carry_out(self, send: Callable[[], None], look: Callable[[], _T | None], awaited: str, context: str) -> _T:
        """Send a change until AWS accepts it, each time after a look, and wait until it shows.

        Args:
            send: Sends it. Not called again once it has returned.
            look: What there is once the change shows; before, something false, or :class:`NotYetError` where the change
                has begun without having been sent here.
            awaited: What it waits for, as a clause.
            context: What is attempted, as a phrase.
        """
        is_accepted = False

        def look_and_send() -> _T:
            nonlocal is_accepted
            if found := look():
                return found
            if not is_accepted:
                send()
                is_accepted = True
                self._patience.begin_anew()
            raise NotYetError(awaited)

        return self._patience.until(look_and_send, context)

    def _find(self) -> TableState | None:
        """The table as soon as its tags can be read, which tell whose it is; ``None`` where there is none."""
        return self._until(self._look, self._context)

    def _look(self) -> TableState | None:
        self.table = self._dynamodb.describe(self.table_name)
        if self.table is not None:
            expect(self.table, Rest.READABLE)
        return self.table

    @property
    def _context(self) -> str:
        return f"look at table '{self.table_name}'"

    def _tags(self, table: TableState) -> dict[str, str]:
        return self._until(lambda: self._dynamodb.tags(table.table_arn), self._context)

    def _marks(self, table: TableState) -> dict[str, str]:
        """The tags; where none says whose the table is, with those that the import stands for that made it."""
        tags = self._tags(table)
        if self._mandate is None or not self.is_imported or standing(tags, self._mandate.owner) is not Standing.FREE:
            return tags
        found = self._until(lambda: self._dynamodb.import_of(table), self._context)
        return {**self._mandate.tags_by_import(found), **tags} if found else tags

    def _key_arn(self, schema: TableSchema) -> str | None:
        return declared_key_arn(self._dynamodb, schema, self._patience)

    def _decide(self, request_type: RequestType, found: Found, option: Option) -> Decision:
        """What the rules say; raises where they refuse."""
        return decide(request_type, self.table_name, found, self._mandate, option)

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
        if refusal.code in _NOT_FOUND and self._find() is None:
            raise NotFoundError(f"table '{self.table_name}' was deleted by somebody else.", "Deploy again.")

    def read_fence(self) -> str | None:
        """The id of the request that last worked on the table; ``None`` where it is not this resource's.

        Raises:
            ResourceConflictError: That request is newer than this one.
        """
        table = self._find()
        if table is None or self._mandate is None:
            return None
        tags = self._marks(table)
        if not self._is_ours(tags):
            return None
        self.is_adopted = standing(tags, self._mandate.owner) is Standing.ADOPTED
        if self._mandate.request.is_late(tags, table.created_at):
            raise LATE.of(self.table_name)
        return tags.get(REQUEST_ID, "")

    def put_up_fence(self) -> None:
        """Say on the table that this request is at work, and wait until the table says so.

        Raises:
            ResourceConflictError: Another request has said so meanwhile.
        """
        table = self._find()
        if table is None or self._mandate is None:
            return
        owner, request = self._mandate.owner, self._mandate.request
        proven = our_tags(self._marks(table)) if self.is_imported else {}
        former: str | None = None

        def is_up(tags: Mapping[str, str]) -> bool:
            nonlocal former
            former = tags.get(REQUEST_ID, "") if former is None else former
            if standing(tags, owner) is Standing.FOREIGN or request.is_superseded(tags, former):
                raise ResourceConflictError(
                    f"another request has been at work on table '{self.table_name}' since this one began.",
                    "Nothing more was changed; see what came after it.",
                )
            return request.is_fenced(tags)

        self._retag(table, TagTable({**proven, **request.fence_tags}), is_up)

    def _retag(self, table: TableState, step: Step, is_done: Callable[[Mapping[str, str]], bool]) -> Mapping[str, str]:
        """Change tags and wait until they show it; return them. What others undo, or keep from coming, is done again.

        Reads lag by up to 3 s (T-102): so a change is sent again only after as long as one may stay invisible. What
        is read by then was written since, and what somebody else has written is not mistaken for what was there before.

        Args:
            table: The table.
            step: The change.
            is_done: Whether the tags show it, or nothing is left to do. Raises where it is no longer to be made.
        """
        sent_at = -math.inf

        def look_and_send() -> Mapping[str, str]:
            nonlocal sent_at
            tags = self._tags(table)
            if is_done(tags):
                return tags
            if monotonic_seconds() - sent_at >= STALE_SECONDS:
                self._dynamodb.apply(table, step)
                sent_at = monotonic_seconds()
                self._patience.begin_anew()
            raise NotYetError("the tags are being changed")

        return self._patience.until(look_and_send, f"change the tags of table '{table.table_name}'")

    def _release(
        self, table: TableState, keys: frozenset[str], has_changed_hands: Callable[[Mapping[str, str]], bool]
    ) -> ProvisionResult:
        """Take tags of ours off a table; those of whoever has it by now stay.

        Args:
            table: The table.
            keys: The tags.
            has_changed_hands: Whether tags say that it is another's by now. Raises where the table is to be kept.
        """
        step = UntagTable(tuple(sorted(keys)))
        tags = self._retag(table, step, lambda tags: keys.isdisjoint(tags) or has_changed_hands(tags))
        whose = f"it belongs to {holder(tags)} by now" if has_holder(tags) else "no stack owns it any more"
        return self.result(ProvisionStatus.RELEASED, f"Table '{self.table_name}' was kept with its items; {whose}.")

    def _reconcile(self, table: TableState, goal: Goal, settings: Settings) -> Reconciliation:
        """Bring the table to the goal. It is ours once our marks stand on it, not those of an earlier life."""
        run = Reconciliation(self._dynamodb, goal, self._patience, self._mandate, settings)
        try:
            self.table = run.run(table)
        finally:
            marks = goal.ownership_tags
            self.is_ours |= bool(marks) and marks.items() <= (settings.tags or {}).items()
        return run

    def _is_ours(self, tags: Mapping[str, str] | None) -> bool:
        return self._mandate is not None and standing(tags or {}, self._mandate.owner) in _OURS

    def _settings(self, goal: Goal) -> Settings:
        return Settings(self._dynamodb, goal, reads_tags=self._mandate is not None)


def expect(table: TableState, rest: Rest) -> None:
    """Wait, inside :meth:`Patience.until`, for the table to come to rest that far."""
    if obstacles := table.obstacles(rest):
        raise NotYetError(*obstacles)


def import_change(dynamodb: DynamoDB, table: TableState, desired: TableSchema, previous: TableSchema | None) -> str:
    """In what the import source that is declared by now differs from what a table was made of; empty if in nothing.

    What is compared is the table, as for its key: so an update that was refused is taken back without another refusal.
    DynamoDB knows imports for 90 days. Afterwards nobody can tell, and nothing would come of it; nor can
    anybody of a table that was restored from a backup of the one that was imported.
    """
    wanted = desired.import_source_specification
    if previous is None or not import_difference(previous.import_source_specification, wanted):
        return ""
    found = dynamodb.import_of(table)
    was_imported = previous.import_source_specification is not None
    if found is None and (was_imported or epoch_seconds() - table.created_at > _SECONDS_OF_IMPORTS):
        return ""
    return import_difference(found.source if found else None, wanted)


def declared_key_arn(dynamodb: DynamoDB, schema: TableSchema, patience: Patience) -> str | None:
    """The ARN of the declared KMS key; ``None`` where none is declared or KMS does not tell.

    Whoever may not describe a key can still have it used, and of what is no key DynamoDB says so once it is to be
    used. So it is where there is no way to KMS, which the first tries cannot tell from a fault that passes.

    Raises:
        ProvisionerError: KMS fails, and has done so for as long as there is patience.
    """
    encryption = schema.sse_specification
    if encryption is None or not encryption.sse_enabled:
        return None
    key = encryption.kms_master_key_id or AWS_MANAGED_KEY
    tries_left = _TRIES_TO_CONNECT

    def look() -> str | None:
        nonlocal tries_left
        try:
            return dynamodb.key_arn(key)
        except RefusalError as refusal:
            tries_left -= refusal.code in _UNCONNECTED
            if tries_left and refusal.code not in _UNTOLD:
                raise
            logger.info("KMS key %s is known by its spelling only: %s", key, refusal)
            return None

    return patience.until(look, f"find the KMS key of table '{schema.table_name}'")
