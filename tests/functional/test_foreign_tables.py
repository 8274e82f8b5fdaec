"""Whatever happens to a stack, it neither changes nor deletes a table of another stack or of nobody."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from table_provisioner.handler import lambda_handler
from tests.functional.lives import HOUR, QUICK
from tests.functional.others import ANOTHER_STACK, OUR_STACK, adopted, fenced, look, make_table, owned
from tests.functional.shown import shown
from tests.functional.tables import described, put_item
from tests.simulator.account import Account
from tests.simulator.clock import Clock
from tests.simulator.dynamodb.tags import Tags
from tests.simulator.faults import Fault, ProcessKilled
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Tally
    from tests.functional.tables import Properties
    from tests.simulator.cloudformation.outcome import Outcome
    from tests.simulator.cloudformation.requests import Request

BESIDE_US: Final = {
    "theirs": owned(ANOTHER_STACK) | fenced(),
    "taken": adopted(ANOTHER_STACK) | fenced(),
    "nobodys": {"team": "checkout"},
    "refused": {},
}
"""The tables of others with their tags; the last one is only ever declared with ``ExistingTable: Fail``."""
OTHER_TAGS: Final[tuple[dict[str, str], ...]] = (
    {},
    {"team": "checkout"},
    owned(ANOTHER_STACK),
    adopted(ANOTHER_STACK, "Orders"),
)
NAMES: Final = ("orders", *BESIDE_US)
WITH_MORE: Final = {
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "email")],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-email",
            "KeySchema": [{"AttributeName": "email", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
}
NAMED: Final = st.sampled_from(NAMES)
DECLARED: Final = st.builds(
    lambda name, more: more | name | ({"ExistingTable": "Fail"} if name.get("TableName") == "refused" else {}),
    st.sampled_from([{}, *({"TableName": name} for name in (*NAMES, "taken", "nobodys", "nobodys"))]),
    st.fixed_dictionaries(
        {
            "ExistingTable": st.sampled_from(["Adopt", "Fail"]),
            "PartitionKey": st.sampled_from([{"Name": name, "Type": "S"} for name in (*["id"] * 5, "code")]),
            "TimeToLiveAttribute": st.sampled_from(["ttl", "expires"]),
        },
        optional={
            "DeletionProtectionEnabled": st.booleans(),
            "GlobalSecondaryIndexes": st.just([{"IndexName": "by-age", "PartitionKey": {"Name": "age", "Type": "S"}}]),
            "OnDelete": st.sampled_from(["Delete", "Snapshot", "Retain"]),
            "Tags": st.just([{"Key": "team", "Value": "billing"}]),
        },
    ),
)
DELAYS: Final = st.sampled_from([(0.0,), (0.0,), (0.0, 0.0), (0.0, 700.0), (300.0,), (0.0, 5000.0)])
KILLED_AT: Final = st.one_of(st.none(), st.integers(1, 15))
IDS: Final = st.sampled_from(
    [
        *[""] * 10,
        *NAMES,
        "orders/not-created",
        "theirs/not-created",
        "shop-Table-0A1B2C3D4E5F",
        "arn:aws:dynamodb:us-east-1:123456789012:table/theirs",
    ]
)


class LifeOfAStack(RuleBasedStateMachine):
    """Stack ``shop`` is created, updated and deleted, beside tables that it did not make."""

    sent = Bundle("sent")

    function = Function(is_recursion_allowed=True)

    def __init__(self) -> None:
        """Begin without the stack, beside the tables of others."""
        super().__init__()
        self._open = ExitStack()
        clock = self._open.enter_context(Clock(limit=400 * HOUR).installed())
        self._account = self._open.enter_context(Account(clock, lambda_handler, self.function, profile=QUICK).running())
        self._aws = self._account.cloudformation
        self._stack_id = OUR_STACK
        self._status = "DELETE_COMPLETE"
        self._anothers: set[str] = set()
        self._precious: dict[str, object] = {}
        self._identities: dict[str, object] = {}
        for name, tags in BESIDE_US.items():
            make_table(self._account, tags, TableName=name, **WITH_MORE)
            self._note(name)

    @rule(
        target=sent,
        properties=DECLARED,
        cancel_after=st.sampled_from([float("inf")] * 3 + [3.0, 100.0]),
        another_resource_fails=st.booleans(),
        delays=DELAYS,
        killed_at=KILLED_AT,
    )
    def deploy(
        self,
        properties: Properties,
        cancel_after: float,
        another_resource_fails: bool,  # noqa: FBT001 -- hypothesis names all arguments
        delays: tuple[float, ...],
        killed_at: int | None,
    ) -> Request:
        """Create the stack, or update it; one that cannot be updated is deleted."""
        template = {"Table": properties}
        how: dict[str, Any] = {"cancel_after": cancel_after, "another_resource_fails": another_resource_fails}
        with self._disturbed(delays, killed_at):
            if self._status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}:
                outcome = self._aws.update_stack(template, **how)
            elif self._status == "DELETE_COMPLETE":
                outcome = self._aws.create_stack(template, **how)
            else:
                outcome = self._aws.delete_stack()
        return self._ended(outcome, properties)

    @rule(delays=DELAYS, killed_at=KILLED_AT)
    def delete(self, delays: tuple[float, ...], killed_at: int | None) -> None:
        """Delete the stack."""
        if self._status != "DELETE_COMPLETE":
            with self._disturbed(delays, killed_at):
                self._status = self._aws.delete_stack().status

    @rule(
        target=sent,
        request_type=st.sampled_from(["Create", "Update", "Delete", "Delete"]),
        physical_resource_id=IDS,
        properties=DECLARED,
        old=DECLARED,
        delays=DELAYS,
        killed_at=KILLED_AT,
    )
    def send(  # noqa: PLR0913, PLR0917 -- hypothesis names all arguments
        self,
        request_type: str,
        physical_resource_id: str,
        properties: Properties,
        old: Properties,
        delays: tuple[float, ...],
        killed_at: int | None,
    ) -> Request:
        """Send one request in the name of the resource; for any id, if one is given."""
        request = self._aws.request(
            request_type, properties, old if request_type == "Update" else None, StackId=self._stack_id
        )
        if request_type != "Create":
            name = properties.get("TableName", "orders")
            request["PhysicalResourceId"] = physical_resource_id or name
        with self._disturbed(delays, killed_at):
            self._aws.deliver(request)
        return request

    @rule(request=sent, delays=DELAYS, killed_at=KILLED_AT)
    def send_again(self, request: Request, delays: tuple[float, ...], killed_at: int | None) -> None:
        """Deliver an earlier request once more."""
        with self._disturbed(delays, killed_at):
            self._aws.deliver(request)

    @rule(name=NAMED, tags=st.sampled_from(OTHER_TAGS), is_made_anew=st.booleans())
    def meddle(self, name: str, tags: dict[str, str], is_made_anew: bool) -> None:  # noqa: FBT001 -- as above
        """Somebody gives a table other tags by hand, or deletes it and makes another one of its name."""
        if name not in self._account.dynamodb.tables:
            return
        if not self._is_at_rest(name):
            self._settle()
        if is_made_anew and name in self._account.dynamodb.tables:
            del self._account.dynamodb.world.tables[name]
            make_table(self._account, tags, TableName=name)
            self._note(name)
        elif table := described(name):
            put_item(name, **{part["AttributeName"]: {"S": "1"} for part in table["KeySchema"]})
            self._account.dynamodb.tables[name].tags = Tags(dict(tags))
            self._note(name)

    @invariant()
    def nothing_of_others_was_touched(self) -> None:
        """What is another's, or was never offered, is as it was; whatever it was once not ours is still there."""
        offered = self._offered() - self._anothers
        for name, identity in self._identities.items():
            assert name in self._account.dynamodb.tables, f"{name} was deleted"
            assert self._identity(name) == identity
            if name not in offered:
                assert self._all_of(name) == self._precious[name]

    def teardown(self) -> None:
        """See what comes late, too."""
        with self._open:
            self._settle()
            self.nothing_of_others_was_touched()

    def _ended(self, outcome: Outcome, properties: Properties) -> Request:
        self._status = outcome.status
        requests = [event.request for event in outcome.events]
        if not requests:
            return self._aws.request("Create", properties, StackId=self._stack_id)
        self._stack_id = requests[0]["StackId"]
        return requests[0]

    @contextmanager
    def _disturbed(self, delays: tuple[float, ...], killed_at: int | None) -> Iterator[None]:
        """Have the next request delivered so, and its process killed at some call."""
        self._aws.lambda_service.deliver_next_after(*delays)
        fault = Fault(ProcessKilled(self._account.clock), at=killed_at or 0, phase="after")
        self._account.interceptors.append(fault)
        yield
        self._account.interceptors.remove(fault)

    def _settle(self) -> None:
        self._aws.settle()
        self._account.clock.advance(60)

    def _is_at_rest(self, name: str) -> bool:
        """Whether nobody is at work on a table; a request may still be to come."""
        indexes = self._account.dynamodb.tables[name].indexes.values()
        is_running = any(one.outcome == "running" for one in self._aws.lambda_service.invocations)
        return not is_running and all(index.status == "ACTIVE" for index in indexes)

    def _note(self, name: str) -> None:
        """From now on a table is not ours: another's, or nobody's."""
        is_anothers = ANOTHER_STACK in look(self._account, name).whose.values()
        (self._anothers.add if is_anothers else self._anothers.discard)(name)
        self._identities[name] = self._identity(name)
        self._precious[name] = self._all_of(name)

    def _identity(self, name: str) -> object:
        found = look(self._account, name)
        return found.identity, found.description["KeySchema"]

    def _all_of(self, name: str) -> object:
        backups = [one for one in self._account.dynamodb.world.backups.values() if one.table_name == name]
        return look(self._account, name), shown(self._account, name), len(backups)

    def _offered(self) -> set[str]:
        """The tables of nobody that a request was allowed to take over, or to go on with."""
        events = [one.event for one in self._aws.lambda_service.invocations if one.event["RequestType"] != "Delete"]
        declared = [(one["ResourceProperties"], one.get("PhysicalResourceId", "")) for one in events]
        return {
            properties.get("TableName") or physical_resource_id
            for properties, physical_resource_id in declared
            if properties.get("ExistingTable") != "Fail"
        }


@pytest.mark.soak
@pytest.mark.parametrize("timeout", [900, 60], ids=["in one invocation", "with hand-overs"])
def test_whatever_happens_to_a_stack_it_touches_no_table_of_others(
    timeout: int, request: pytest.FixtureRequest, tally: Tally
) -> None:
    class Life(LifeOfAStack):
        function = Function(timeout=timeout, is_recursion_allowed=True)

    lives = 400 if request.config.getoption("--soak") else 10
    phases = [Phase.explicit, Phase.generate]  # to shrink lives takes longer than a test may
    run_state_machine_as_test(Life, settings=settings(max_examples=lives, stateful_step_count=8, phases=phases))
    tally("any, beside tables of others", "lives of a stack", points=lives, converged=lives)
