"""Refused, failed or left without an answer at every AWS call: what passes changes nothing, what lasts ends at once.

Every text of the list is answered at every call of an operation that gives it; what ``CreateTable`` answers,
``ImportTable`` is taken to answer, too. One is left out: that DescribeTable knows no table of the name is no fault but
a statement, which is believed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from table_provisioner.aws_errors import Meaning
from tests.functional.others import adopted, owned
from tests.functional.scenarios import SCENARIOS, Stage, ending_of, staged, undisturbed
from tests.functional.tables import described, dynamodb
from tests.refusals import MEANINGS, end, message
from tests.simulator.dynamodb.errors import CATALOGUE
from tests.simulator.faults import ConnectionLost, Fault, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.conftest import Tally
    from tests.functional.scenarios import Ending
    from tests.simulator.cloudformation import ResourceEvent
    from tests.simulator.faults import Effect, Phase

SAMPLE = 4
"""How many points of each scenario and disturbance the test suite goes through; ``--soak`` goes through all."""
PARTS = 4
"""Into how many tests the longest part of a soak is divided, for several processes to share."""
CREATIONS = {"CreateTable", "ImportTable"}
STATEMENT = ("DescribeTable", "table-not-found")
SERVER_FAULT = Refused("InternalServerError", "Internal server error")
ANYWHERE: dict[str, tuple[Phase, tuple[Effect, ...]]] = {
    "throttled": ("before", (Refused("ThrottlingException", "Rate exceeded"),)),
    "5xx": ("before", (SERVER_FAULT, Refused("ServiceUnavailable", "Try again"))),
    "no connection": ("before", (ConnectionLost("on connecting", 2), ConnectionLost("while waiting", 4))),
    "lost answers": ("after", (SERVER_FAULT, ConnectionLost("on closing"))),
}
"""What may happen at any call, whether before or after it took effect."""
WHAT_TO_DO = {
    "AccessDenied": ("Allow", "See that the key"),
    "InternalFailure": ("Deploy again",),
    "InvalidRequest": ("Correct",),
    "NotFound": ("deploy again",),
    "ResourceConflict": ("Deploy again", "Run: aws dynamodb update-table"),
    "ServiceLimitExceeded": (
        "Deploy again at that time",
        "Deploy again 30 days after",
        "ask for a higher quota",
        "when AWS has raised the quota",
        "take off others that it has; then deploy again.",
    ),
}
"""What the answer advises, by its code."""


@dataclass(frozen=True)
class Point:
    """One disturbance at one call of a scenario."""

    number: int
    """Which of the calls of its operation."""
    operation: str
    effect: Effect
    phase: Phase = "before"
    text: str = ""
    """The name of the text, of those that are listed."""

    def fault(self) -> Fault:
        """Strike once after the effect; before it, what passes is met twice in a row.

        Invoke is struck once: a second hop for each answer that is lost would be one too many.
        """
        is_met_again = self.phase == "before" and self.operation != "Invoke"
        is_met_again &= not (self.text and is_lasting(self.text, self.operation))
        return Fault(self.effect, at=self.number, operation=self.operation, phase=self.phase, times=1 + is_met_again)

    def __str__(self) -> str:
        """As the report of a failure shows it."""
        return f"{self.text or self.effect} {self.phase} call {self.number} of {self.operation}"


def is_lasting(text: str, operation: str) -> bool:
    """Whether a listed refusal ends the request; of a table that exists already it depends on whose it is."""
    ends = MEANINGS[CATALOGUE[text].kind] in {Meaning.QUOTA, Meaning.TERMINAL}
    return ends and (text != "table-already-exists" or operation not in CREATIONS)


@cache
def rehearsed(name: str) -> tuple[Ending, tuple[tuple[int, str], ...]]:
    """How a scenario ends undisturbed, and its calls: the how manieth of which operation."""
    ending, operations = undisturbed(SCENARIOS[name])
    calls = [(operations[: place + 1].count(operation), operation) for place, operation in enumerate(operations)]
    return ending, tuple(calls)


def listed(name: str) -> Iterator[Point]:
    """Every listed text at every call of a scenario that it may answer."""
    for number, operation in rehearsed(name)[1]:
        for text, row in CATALOGUE.items():
            is_given = operation in row.operations or (operation in CREATIONS and CREATIONS & set(row.operations))
            if is_given and (operation, text) != STATEMENT:
                is_so = MEANINGS[row.kind] is Meaning.ALREADY_SO  # then somebody, maybe we ourselves, made it so
                yield Point(number, operation, Refused(row.code, message(row)), "after" if is_so else "before", text)


def sampled(points: list[Point], request: pytest.FixtureRequest, number: int = SAMPLE) -> list[Point]:
    """All points in a soak, else so many."""
    return points if request.config.getoption("--soak") else points[len(points) // 7 :: -(-len(points) // number)]


@pytest.mark.soak
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_refusal_that_passes_changes_nothing(name: str, request: pytest.FixtureRequest, tally: Tally) -> None:
    points = [point for point in listed(name) if not is_lasting(point.text, point.operation)]
    assert_convergence(name, "texts that pass", sampled(points, request), tally)


@pytest.mark.soak
@pytest.mark.parametrize("disturbance", ANYWHERE)
@pytest.mark.parametrize("name", SCENARIOS)
def test_what_may_happen_at_any_call_changes_nothing(
    name: str, disturbance: str, request: pytest.FixtureRequest, tally: Tally
) -> None:
    phase, effects = ANYWHERE[disturbance]
    calls = rehearsed(name)[1]
    points = [Point(number, operation, effect, phase) for number, operation in calls for effect in effects]
    assert_convergence(name, disturbance, sampled(points, request), tally)


def assert_convergence(name: str, disturbance: str, points: list[Point], tally: Tally) -> None:
    """Each point ends as the undisturbed run does, with the same answer."""
    ending, _ = rehearsed(name)
    struck, astray = 0, []
    for point in points:
        with staged(SCENARIOS[name]) as stage:
            fault = point.fault()
            answer = stage.deliver(stage.request(), fault)
            found = ending_of(answer)
            if point.phase == "after" and point.operation in CREATIONS:
                found = replace(found, status=ending.status)  # who tries again finds the table: either status will do
            struck += bool(fault.strikes)
            if fault.strikes and found != ending:
                astray.append(f"{point}: {answer.reason or found}")
    tally(name, disturbance, points=struck, converged=struck - len(astray))
    assert astray == []


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_refusal_that_lasts_ends_the_request_and_the_next_finishes_the_rest(
    name: str, part: int, request: pytest.FixtureRequest, tally: Tally
) -> None:
    ending, _ = rehearsed(name)
    lasting = [point for point in listed(name) if is_lasting(point.text, point.operation)]
    points = sampled(lasting[part::PARTS], request, SAMPLE // PARTS)
    struck, astray = 0, []
    for point in points:
        with staged(SCENARIOS[name]) as stage:
            fault = point.fault()
            first = stage.request()
            answer = stage.deliver(first, fault)
            struck += fault.strikes
            if fault.strikes and (fault_found := wrong_end(stage, point, answer) or wrong_rest(stage, answer, ending)):
                astray.append(f"{point}: {fault_found}")
    tally(name, "texts that last", points=struck, converged=struck - len(astray))
    assert astray == []


def wrong_end(stage: Stage, point: Point, answer: ResourceEvent) -> str:
    """What is wrong with the answer to a request that met a lasting refusal; nothing where it is as it should be."""
    code = end(point.text)
    if answer.is_success or not answer.reason.startswith(f"{code}: "):
        return f"answered {answer.reason or 'SUCCESS'} instead of {code}"
    if not any(advice in answer.reason for advice in WHAT_TO_DO[code]):
        return f"advised nothing in {answer.reason}"
    calls = stage.account.dynamodb.calls
    refused = max(call.number for call in calls if call.message == message(CATALOGUE[point.text]))
    later = [call.operation for call in calls if call.number > refused and call.is_mutation]
    return f"went on with {later}" if later else ""


def wrong_rest(stage: Stage, answer: ResourceEvent, ending: Ending) -> str:
    """What is wrong with the end of the next identical request, after CloudFormation has cleaned up.

    An import takes no tags. Where they are refused once it is over, nothing proves whose its table is: no Delete
    deletes it, and the next request takes it over.
    """
    surplus_id, is_untagged = answer.physical_resource_id, stage.account.dynamodb.mutations == ["ImportTable"]
    if surplus_id != stage.request().get("PhysicalResourceId"):
        if "/" not in surplus_id and (table := described(surplus_id)):
            take_protection_off(stage, table)
        cleaned = stage.deliver(stage.request() | {"PhysicalResourceId": surplus_id, "RequestType": "Delete"})
        if not cleaned.is_success:
            return f"could not be cleaned up: {cleaned.reason}"
        if is_untagged and described(surplus_id):
            ending = taken_over(ending)
    again = stage.deliver(stage.request())
    found = replace(ending_of(again), status=ending.status)
    found = replace(found, backups=min(found.backups, ending.backups))  # each request takes a backup of its own
    return "" if found == ending else f"the next request ended otherwise: {again.reason or found}"


def taken_over(ending: Ending) -> Ending:
    """The same ending, but with a table that was there before."""
    tables = ending.tables
    for tag, its in zip(owned(), adopted(), strict=True):
        tables = tables.replace(tag, its)
    return replace(ending, tables=tables)


def take_protection_off(stage: Stage, table: Mapping[str, Any]) -> None:
    """What a user has to do before a protected table can be deleted."""
    if table["DeletionProtectionEnabled"]:
        dynamodb().update_table(TableName=table["TableName"], DeletionProtectionEnabled=False)
        stage.account.clock.advance(60)
