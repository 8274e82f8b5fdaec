"""Every row of the table of decisions in docs/design.md, acted out: the doc says what must come of it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import pytest

from demo.local_cloud import ROOT
from table_provisioner.handler import lambda_handler
from tests.functional.others import ANOTHER_STACK, Content, adopted, fenced, look, make_table, owned
from tests.functional.tables import compact, described, dynamodb
from tests.simulator.account import Account
from tests.simulator.clock import Clock
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Tally
    from tests.functional.tables import Properties
    from tests.simulator.cloudformation import ResourceEvent
    from tests.simulator.cloudformation.requests import Request

SAMPLE = 3
"""How many cases of each row the test suite acts out; ``--soak`` takes all."""
CONDITIONS = {
    "Create": ("of another key", "ordinary"),
    "Update": ("of another key", "ordinary"),
    "Delete": ("made since the request", "protected", "ordinary"),
}
WHOSE = {"ours": owned(), "adopted": adopted(), "another's": owned(ANOTHER_STACK), "nobody's": {}}
FENCES = ("this request's", "newer", "older", "none")
OPTIONS = {"Create": ("Adopt", "Fail"), "Update": ("Adopt", "Fail"), "Delete": ("Delete", "Retain", "Snapshot")}
OF_ANOTHER_KEY: Properties = {
    "AttributeDefinitions": [{"AttributeName": "code", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "code", "KeyType": "HASH"}],
}
FORMER = "former"


@dataclass(frozen=True)
class Case:
    """A table, and a request that meets it."""

    request_type: str
    condition: str
    whose: str
    fence: str
    option: str
    is_replacement: bool = False

    @property
    def can_be(self) -> bool:
        """Whether there is such a table: on one that was made since, an older fence means that it was made by it."""
        return (self.condition, self.fence) != ("made since the request", "older")

    def fits(self, row: tuple[str, ...]) -> bool:
        """Whether a row of the table is about this case."""
        request_type, condition, whose, fence, option, _ = row
        fences = fence.replace("older or none", "older, none")
        return request_type == self.request_type and all(
            cell == "any" or value in cell.split(", ")
            for cell, value in (
                (condition, self.condition),
                (whose, self.whose),
                (fences, self.fence),
                (option.replace("`", ""), self.option),
            )
        )


def rows() -> Iterator[tuple[str, ...]]:
    text = (ROOT / "docs" / "design.md").read_text()
    part = text.partition("<!-- generated: decisions (make docs) -->")[2].partition("<!-- end of decisions -->")[0]
    for line in part.strip().splitlines()[2:]:
        yield tuple(cell.strip() for cell in line.strip("|").split("|"))


def cases() -> Iterator[Case]:
    for request_type, conditions in CONDITIONS.items():
        ways = (False, True) if request_type == "Create" else (False,)
        for option, is_replacement in product(OPTIONS[request_type], ways):
            for facts in product(conditions, WHOSE, FENCES):
                case = Case(request_type, *facts, option, is_replacement)
                if case.can_be:
                    yield case


ROWS = tuple(rows())


@contextmanager
def an_account() -> Iterator[Account]:
    with (
        Clock().installed() as clock,
        Account(clock, lambda_handler, Function(is_recursion_allowed=True)).running() as account,
    ):
        yield account


def sent(case: Case, account: Account) -> Request:
    """The request, which has not been signed yet."""
    aws = account.cloudformation
    if case.request_type == "Delete":
        return aws.request("Delete", compact(OnDelete=case.option), PhysicalResourceId="orders")
    declared = compact(TimeToLiveAttribute="ttl", ExistingTable=case.option)
    if case.is_replacement:
        return aws.request("Update", declared, compact(TableName=FORMER), PhysicalResourceId=FORMER)
    if case.request_type == "Update":
        return aws.request("Update", declared, compact(), PhysicalResourceId="orders")
    return aws.request("Create", declared)


def made(case: Case, account: Account, request: Request) -> Content:
    """The table, as the case has it, with an item in it."""
    fence = {
        "this request's": fenced(request["RequestId"]),
        "newer": fenced("a-newer-request", "2099-01-01T00:00:00+00:00"),
        "older": fenced(),
        "none": {},
    }[case.fence]
    more = OF_ANOTHER_KEY if case.condition == "of another key" else {}
    return make_table(
        account,
        {"team": "checkout"} | WHOSE[case.whose] | fence,
        DeletionProtectionEnabled=case.condition == "protected",
        **more,
    )


def acted_out(case: Case, account: Account) -> tuple[ResourceEvent, Content]:
    """The answer to the request, and the table before."""
    request = sent(case, account)
    if case.is_replacement:
        make_table(account, owned() | fenced("the-request-before"), TableName=FORMER)
    if case.condition != "made since the request":
        before = made(case, account, request)
        return account.cloudformation.deliver(request), before
    account.cloudformation.lambda_service.deliver_next_after(600)
    making = account.clock.spawn("somebody", lambda: made(case, account, request), delay=300)
    event = account.cloudformation.deliver(request)
    return event, account.clock.join(making)


def came_of(event: ResourceEvent, before: Content, after: Content | None) -> set[str]:
    """What became of the table, in the words of the doc; a refusal by its code."""
    is_untouched = before == after
    if not event.is_success:
        return {f"`{event.reason.partition(':')[0]}`"} if is_untouched else {"failed halfway"}
    if after is None:
        return {"delete it"}
    seen = {"leave it"} if is_untouched else set()
    if after.tags == {"team": "checkout"} and after.description == before.description:
        seen.add("take our tags off")
    if after.expiry == "ttl" and after.whose == before.whose:
        seen.add("bring it to what is declared")
    if after.expiry == "ttl" and after.whose == adopted():
        seen.add("take it over, and bring it to what is declared")
    return seen


def is_well_kept(case: Case, before: Content, after: Content | None) -> bool:
    """Whether the table and its items are still there, or a backup of them where one was asked for."""
    kept = dynamodb().list_backups(TableName="orders")["BackupSummaries"]
    if after is not None:
        return after.identity == before.identity and len(after.items) == 1 and not kept
    return [backup["TableId"] for backup in kept] == ([before.identity[0]] if case.option == "Snapshot" else [])


@pytest.mark.soak
@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_what_the_doc_says_is_what_happens(row: tuple[str, ...], request: pytest.FixtureRequest, tally: Tally) -> None:
    decided = [case for case in cases() if next(each for each in ROWS if case.fits(each)) == row]
    assert decided
    stride = 1 if request.config.getoption("--soak") else -(-len(decided) // SAMPLE)
    points, astray = 0, []
    for case in decided[::stride]:
        with an_account() as account:
            event, before = acted_out(case, account)
            after = look(account) if described() else None
            if row[-1] not in came_of(event, before, after) or not is_well_kept(case, before, after):
                astray.append((case, came_of(event, before, after), event.reason))
            if case.is_replacement and look(account, FORMER).whose != owned():
                astray.append((case, {"the former table was touched"}, event.reason))
        points += 1
    tally(f"{row[0]}: {row[-1]}", "tables", points=points, converged=points - len(astray))
    assert not astray
