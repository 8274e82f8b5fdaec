"""Resource policies: read late, enforced later, written once in fifteen seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb import policy_documents, tags
from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.jobs import Running
from tests.simulator.dynamodb.timeline import iso_milliseconds, now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.policy_documents import Document
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

_READABLE: Final = "ResourcePolicy.create_time_policy_readable"
_PENDING: Final = {"table": "table-policy-is-pending", "stream": "stream-policy-is-pending"}
_COOLDOWN: Final = {"table": "table-policy-cooldown", "stream": "stream-policy-cooldown"}
_IDENTICAL_AFTER_DELETION: Final = 1.63
_GET_AFTER_DELETION: Final = 5.2


@dataclass
class PolicySlot:
    """The policy of one ARN: a table's or a stream's (T-213)."""

    document: Document | None = None
    revision: str = ""
    changed_at: float = -math.inf
    pending_until: float = -math.inf
    shown_before: tuple[Document | None, str] = (None, "")
    enforced: list[tuple[float, Document | None]] = field(default_factory=list)

    @property
    def shown(self) -> tuple[Document | None, str]:
        """What GetResourcePolicy reads: it flips once and never back (T-346)."""
        return (self.document, self.revision) if now() >= self.pending_until else self.shown_before

    def change(self, document: Document | None, visible: float, enforced: float) -> None:
        """Write or delete the policy; the revision is the time in epoch milliseconds."""
        self.shown_before = self.shown
        self.document, self.revision = document, str(round(now() * 1000))
        self.changed_at, self.pending_until = now(), now() + visible
        self.enforced.append((now() + enforced, document))

    def denies(self, operation: str, caller: str) -> bool:
        """Whether what is enforced by now denies an operation to the caller (T-324)."""
        effective = [document for moment, document in self.enforced if moment <= now()]
        document = effective[-1] if effective else None
        return document is not None and document.denies(operation, caller)

    def had_a_deny(self) -> bool:
        """Whether any policy here ever denied something: the first is enforced soon, later changes late."""
        return any(document is not None and document.has_deny for _, document in self.enforced)


def check_document(world: World, text: str) -> Document:
    """Parse a policy, or refuse it (T-211, T-352, T-356)."""
    return policy_documents.parse(text, world.account)


def at_creation(world: World, table: Table, text: str) -> None:
    """Attach a policy that comes with CreateTable: readable before ACTIVE (T-233)."""
    slot = table.policies.setdefault(table.arn, PolicySlot())
    slot.change(check_document(world, text), world.seconds(_READABLE), _enforcement(world, slot))


def authorise(world: World, table: Table, operation: str) -> None:
    """Refuse what the table's policy denies, before anything else is looked at (T-431)."""
    slot = table.policies.get(table.arn)
    if slot is not None and slot.denies(operation, world.caller):
        raise refusal("not-authorized", user=world.caller, operation=operation, resource=table.arn)


def put(world: World, params: Json) -> Json:
    """PutResourcePolicy; a policy that means the same is 200 with the same revision (T-207, T-348)."""
    table, slot = _find(world, params["ResourceArn"])
    document = check_document(world, params["Policy"])
    authorise(world, table, "PutResourcePolicy")
    if document.denies("PutResourcePolicy", world.caller) and not params.get("ConfirmRemoveSelfResourceAccess"):
        raise refusal("policy-locks-caller-out")  # T-210
    is_same = slot.document is not None and slot.document.identity == document.identity
    _check_state(table, is_same=is_same)
    _check_revision(table, slot, params)
    if is_same:
        return {"RevisionId": slot.revision}
    _check_cooldown(world, table, slot, params["ResourceArn"])
    visible = "fresh" if slot.document is None else "replace"
    slot.change(document, world.seconds(f"PutResourcePolicy.visible_{visible}"), _enforcement(world, slot))
    table.start(Running.POLICY, world.seconds("ResourcePolicy.delete_table_blocked_after_put"))
    return {"RevisionId": slot.revision}


def get(world: World, params: Json) -> Json:
    """GetResourcePolicy."""
    table, slot = _find(world, params["ResourceArn"])
    if table.seconds_since_deletion > _GET_AFTER_DELETION:
        raise world.not_found(table.name)
    document, revision = slot.shown
    if document is None:
        raise refusal("policy-not-found", arn=params["ResourceArn"])
    return {"Policy": document.text, "RevisionId": revision}


def delete(world: World, params: Json) -> Json:
    """DeleteResourcePolicy: without a policy 200 and nothing happens (T-205)."""
    table, slot = _find(world, params["ResourceArn"])
    authorise(world, table, "DeleteResourcePolicy")
    _check_state(table, is_same=False)
    _check_revision(table, slot, params)
    if slot.document is None:
        return {"RevisionId": slot.revision} if slot.revision else {}
    _check_cooldown(world, table, slot, params["ResourceArn"])
    slot.change(None, world.seconds("DeleteResourcePolicy.visible"), _enforcement(world, slot))
    table.start(Running.POLICY, world.seconds("ResourcePolicy.delete_table_blocked_after_delete"))
    return {"RevisionId": slot.revision}


def _find(world: World, arn: str) -> tuple[Table, PolicySlot]:
    table = world.table(tags.table_of_arn(arn))
    if table.status == "CREATING" and table.age < world.seconds(_READABLE):
        raise world.not_found(table.name)  # T-233
    _, _, label = arn.partition("/stream/")
    if label and label not in table.stream.labels:
        raise refusal("stream-not-found", stream=arn)
    return table, table.policies.setdefault(arn, PolicySlot())


def _check_state(table: Table, *, is_same: bool) -> None:
    """Refuse writes to a table that comes or goes; an identical one gets through for a while (T-374, T-236)."""
    if table.status == "CREATING":
        raise refusal("table-is-being-created", table=table.name)
    if table.status == "DELETING" and not (is_same and table.seconds_since_deletion < _IDENTICAL_AFTER_DELETION):
        raise refusal("table-is-being-deleted", table=table.name)


def _check_revision(table: Table, slot: PolicySlot, params: Json) -> None:
    """Refuse a stale revision, before the cooldown; new ones count before Get shows them (T-209, T-206)."""
    expected = params.get("ExpectedRevisionId")
    if expected is None:
        return
    if slot.document is None:
        if expected != "NO_POLICY":
            why = f"table {table.name} has no associated resource-based policy."
            raise refusal("policy-revision-conflict", revision=expected, why=why)
    elif expected != slot.revision:
        why = f"the policy associated to table {table.name} has revision id {slot.revision}."
        raise refusal("policy-revision-conflict", revision=expected, why=why)


def _check_cooldown(world: World, table: Table, slot: PolicySlot, arn: str) -> None:
    """Refuse a second write: as in use while the first is pending, then as too early (T-206, T-347, T-464)."""
    kind = "stream" if "/stream/" in arn else "table"
    if now() < slot.pending_until:
        raise refusal(_PENDING[kind], table=table.name, stream=arn)
    after = slot.changed_at + world.seconds("Cooldown.ResourcePolicy")
    if now() < after:
        raise refusal(_COOLDOWN[kind], table=table.name, stream=arn, after=iso_milliseconds(after))


def _enforcement(world: World, slot: PolicySlot) -> float:
    kind = "later_change" if slot.had_a_deny() else "first_deny"
    return world.seconds(f"ResourcePolicy.enforced_{kind}")
