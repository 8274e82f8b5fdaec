"""Many tables at once, against the account's limiter of about one mutation a second."""

from __future__ import annotations

from collections import Counter

from benchmarks.report import Chart, Section, table
from benchmarks.simulated import deployed
from tests.functional.tables import compact

SIZES = (20, 100, 200, 500)
"""CloudFormation takes at most 500 resources in a stack."""
_BURST = 6
_SETTLES = 6.0
"""Seconds that a table takes, which come on top of the last creation."""
_GOAL = 1.1
_LATENCY = 0.02


def _create(size: int) -> tuple[float, Counter[str], Counter[str]]:
    """The makespan in seconds, the calls by operation, and how many of them were throttled."""
    with deployed(latency=_LATENCY) as account:
        template = {f"Table{number}": compact(TableName=f"orders-{number}") for number in range(size)}
        outcome = account.cloudformation.create_stack(template)
        if outcome.status != "CREATE_COMPLETE" or len(account.dynamodb.tables) != size:
            raise AssertionError(outcome.status)
        calls = Counter(call.operation for call in account.dynamodb.calls)
        throttled = Counter(call.operation for call in account.dynamodb.calls if call.outcome == "ThrottlingException")
        return max(event.duration for event in outcome.events), calls, throttled


def measure() -> list[Section]:
    """Create stacks of several sizes."""
    rows, ratios, makespans, floors = [], [], [], []
    for size in SIZES:
        makespan, calls, throttled = _create(size)
        floor = max(0, size - _BURST) + _SETTLES
        makespans.append(makespan)
        floors.append(floor)
        ratios.append(makespan / floor)
        rows.append(
            [
                size,
                f"{floor:.0f} s",
                f"{makespan:.0f} s",
                f"{makespan / floor:.3f}",
                f"{calls['CreateTable'] / size:.1f}",
                f"{(sum(calls.values()) - calls['CreateTable']) / size:.1f}",
                sum(throttled.values()),
            ]
        )
    header = ["tables", "floor", "makespan", "ratio", "CreateTable a table", "other calls a table", "throttled"]
    section = Section(
        title="Scale",
        goal="500 tables of one stack all converge; makespan ÷ the limiter's floor at most 1.1.",
        outcome=f"{makespans[-1]:.0f} s for {SIZES[-1]} tables, {ratios[-1]:.3f} of the floor",
        is_met=ratios[-1] <= _GOAL,
        body=table(header, rows)
        + f"\n\nThe floor is one creation a second after a burst of {_BURST}, and {_SETTLES:g} s for the last table to"
        f" settle; each call takes {1000 * _LATENCY:g} ms.\n\n"
        "On paper, 2,000 tables are four such stacks. Deployed together they share the limiter: 2,000 s of creations,"
        " within the hour that CloudFormation waits, if no other caller uses the limiter. Lambda needs as many"
        " concurrent"
        " executions as there are requests in flight: 2,000, where an account has 1,000 until it asks for more;"
        " asynchronous invocations wait in Lambda's queue for their turn, and their age counts against"
        " `ServiceTimeout`."
        " DynamoDB's quota of 2,500 tables an account and region stands as well.",
        chart=Chart(
            "makespan",
            "Makespan of a stack, in seconds",
            [str(size) for size in SIZES],
            {"makespan": makespans, "floor of the limiter": floors},
            "seconds",
        ),
    )
    return [section]
