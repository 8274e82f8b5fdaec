"""What a table costs: the function waits, where a state machine would wait for free and pay for each look."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.report import Section, table
from benchmarks.simulated import deployed
from tests.functional.tables import compact
from tests.simulator.dynamodb.profiles import PROFILES

_DOLLARS_PER_GB_SECOND = 0.0000166667
_DOLLARS_PER_INVOCATION = 0.0000002
_DOLLARS_PER_TRANSITION = 0.000025
"""List prices of us-east-1: Lambda on x86 and standard workflows of Step Functions, whose retries count as transitions.

Sources: aws.amazon.com/lambda/pricing and aws.amazon.com/step-functions/pricing.
"""
_LOOK_EVERY = 5.0
_LOOK_TAKES = 0.25
"""Seconds: how often the waiter of CDK's provider framework looks by default, and a look through its two functions.

The second is an assumption, on the low side: the framework's function calls the user's, both are billed meanwhile.
"""
_TEMPLATE = Path(__file__).parent.parent / "template.yaml"


def _memory_gb() -> float:
    """Of the function, as it is deployed."""
    (megabytes,) = re.findall(r"MemorySize: (\d+)", _TEMPLATE.read_text())
    return int(megabytes) / 1024


def _billed(indexes: int) -> tuple[float, list[float]]:
    """How long a table with so many indexes added one after the other takes, and each of the invocations."""
    names = [f"attribute{number}" for number in range(indexes)]
    profile = PROFILES["index-8.5"] if indexes else PROFILES["typical"]
    with deployed(profile) as account:
        service = account.cloudformation.lambda_service
        outcome = account.cloudformation.create_stack({"Table": compact()})
        if indexes:
            service.invocations.clear()
            outcome = account.cloudformation.update_stack({"Table": compact(*names)})
        if not all(event.is_success for event in outcome.events):
            raise AssertionError(outcome.events)
        began = [invocation.began for invocation in service.invocations]
        total = outcome.events[-1].duration
        ends = [*began[1:], began[0] + total]
        return total, [end - start for start, end in zip(began, ends, strict=True)]


def measure() -> list[Section]:
    """Compare a short creation and a chain of invocations."""
    memory = _memory_gb()
    rows, ratios = [], []
    for name, indexes in (("a table, 6 s", 0), ("an update with five indexes", 5)):
        seconds, invocations = _billed(indexes)
        gb_seconds = sum(invocations) * memory
        ours = gb_seconds * _DOLLARS_PER_GB_SECOND + len(invocations) * _DOLLARS_PER_INVOCATION
        looks = max(1, round(seconds / _LOOK_EVERY))
        # On-event and each look: the framework's function and the user's, both waiting for the inner one.
        waiter_gb_seconds = 2 * (1 + looks) * _LOOK_TAKES * memory
        waiter = (
            waiter_gb_seconds * _DOLLARS_PER_GB_SECOND
            + 2 * (1 + looks) * _DOLLARS_PER_INVOCATION
            + (looks + 1) * _DOLLARS_PER_TRANSITION
        )
        ratios.append(ours / waiter)
        rows.append(
            [
                name,
                f"{seconds:.0f} s",
                len(invocations),
                f"{gb_seconds:.2f}",
                f"{1e6 * ours:.0f}",
                looks,
                f"{waiter_gb_seconds:.2f}",
                f"{1e6 * waiter:.0f}",
                f"{ours / waiter:.2f}",
            ]
        )
    header = [
        "request",
        "takes",
        "invocations",
        "GB s",
        "millionths of $",
        "looks",
        "waiter's GB s",
        "millionths of $",
        "ratio",
    ]
    section = Section(
        title="Cost",
        goal="known, beside a waiter in Step Functions.",
        outcome=f"{ratios[0]:.2f} of what the waiter costs for a table, {ratios[1]:.2f} for five indexes",
        is_met=None,
        body=table(header, rows)
        + f"\n\nThe function has {1024 * memory:.0f} MB. The waiter is that of CDK's provider framework at its"
        f" default of"
        f" {_LOOK_EVERY:g} s, a look being assumed to take {_LOOK_TAKES:g} s in each of its two functions, as large as"
        " ours.",
    )
    return [section]
