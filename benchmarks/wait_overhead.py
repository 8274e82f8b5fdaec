"""How long after DynamoDB is done the answer comes, and how often it was asked until then."""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.report import Chart, Section, table
from benchmarks.simulated import deployed
from tests.functional.tables import compact
from tests.simulator.dynamodb.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVICES = (2.5, 6.0, 20.0, 98.0, 510.0, 990.0)
"""Seconds: a table, one with capacity, one with indexes, a billing change, the two usual durations of an index."""
_SHARES = tuple(0.9 + 0.02 * number for number in range(11))
"""Each service is measured at these shares of its duration, so that no schedule profits from a round number."""
_MEAN_GOAL = 1.05


@dataclass(frozen=True)
class Wait:
    """One wait: for how long, answered how much later, after how many looks."""

    seconds: float
    late: float
    reads: int

    @property
    def ratio(self) -> float:
        """Time until the answer ÷ time until settled."""
        return 1 + self.late / self.seconds

    @property
    def is_within_the_bound(self) -> bool:
        """Whether it is late by no more than a second, or a tenth."""
        return self.late <= max(1.0, 0.1 * self.seconds) + 1e-6


def _ours(seconds: float) -> Wait:
    """Create a table that takes so long; the hand-over to another invocation is part of it."""
    with deployed(PROFILES["typical"].with_seconds(CreateTable__no_index=seconds)) as account:
        outcome = account.cloudformation.create_stack({"Table": compact()})
        (creation,) = account.dynamodb.calls_of("CreateTable")
        reads = [call for call in account.dynamodb.calls_of("DescribeTable") if call.at > creation.at]
        (event,) = outcome.events
        return Wait(seconds, event.duration - seconds, len(reads))


def _fixed(interval: float, first: float | None = None) -> Callable[[], Iterator[float]]:
    return lambda: itertools.count(interval if first is None else first, interval)


def _doubling() -> Iterator[float]:
    at, interval = 0.0, 1.0
    while True:
        at += interval
        yield at
        interval = min(2 * interval, 30.0)


def _scheduled(looks: Callable[[], Iterator[float]], seconds: float) -> Wait:
    """A wait by somebody else's schedule, given the times of its looks."""
    for number, at in enumerate(looks(), start=1):
        if at >= seconds:
            return Wait(seconds, at - seconds, number)
    raise AssertionError


OTHERS = {
    "every second, the shortest": _fixed(1),
    "CDK provider, 5 s": _fixed(5),
    "Amplify, 15 s": _fixed(15),
    "botocore waiter, 20 s": _fixed(20, first=0),
    "Sentinel, 1 s doubling to 30 s": _doubling,
    "crhelper poller, 60 s": _fixed(60),
}


def _equal_fixed(ours: list[Wait]) -> tuple[float, int]:
    """The longest fixed interval that is no later on average, and how often it looks."""
    mean = statistics.mean(wait.ratio for wait in ours)
    for hundredths in range(2000, 9, -1):
        waits = [_scheduled(_fixed(hundredths / 100), wait.seconds) for wait in ours]
        if statistics.mean(wait.ratio for wait in waits) <= mean:
            return hundredths / 100, sum(wait.reads for wait in waits)
    raise AssertionError


def measure() -> list[Section]:
    """Compare the schedules."""
    durations = [share * service for service in SERVICES for share in _SHARES]
    waits = {"this resource": [_ours(seconds) for seconds in durations]}
    waits |= {name: [_scheduled(looks, seconds) for seconds in durations] for name, looks in OTHERS.items()}
    ours = waits["this resource"]
    mean = statistics.mean(wait.ratio for wait in ours)
    interval, reads = _equal_fixed(ours)
    own_reads = sum(wait.reads for wait in ours)
    is_met = mean <= _MEAN_GOAL and all(wait.is_within_the_bound for wait in ours) and own_reads < reads
    rows = [
        [
            name,
            *(f"{ratio:.2f}" for ratio in _by_service(of)),
            f"{statistics.mean(wait.ratio for wait in of):.3f}",
            f"{max(wait.late for wait in of):.1f} s",
            f"{sum(wait.reads for wait in of) / len(of):.1f}",
        ]
        for name, of in waits.items()
    ]
    section = Section(
        title="Wait overhead",
        goal="time until the answer ÷ time until settled at most 1.05 on average, and late by at most 1 s or 10"
        " %; fewer"
        " reads than any fixed schedule of equal lag.",
        outcome=f"{mean:.3f} on average, at worst late by"
        f" {max(wait.late / max(1.0, 0.1 * wait.seconds) for wait in ours):.2f}"
        f" of what is allowed; {own_reads} reads, where a fixed interval of equal lag ({interval:.2f} s) takes {reads}",
        is_met=is_met,
        body=table(["schedule", *(f"{seconds:g} s" for seconds in SERVICES), "mean", "latest", "reads a wait"], rows)
        + f"\n\nMedians of {len(_SHARES)} waits each, between 0.9 and 1.1 of the duration named. The others are their"
        " schedules alone, without invocations; botocore's waiter gives up after 480 s, which is left out of account.",
        chart=Chart(
            "wait-overhead",
            "Time until the answer ÷ time until settled",
            [f"{seconds:g} s" for seconds in SERVICES],
            {name: _by_service(of) for name, of in waits.items()},
            "ratio",
            is_logarithmic=True,
        ),
    )
    return [section]


def _by_service(waits: list[Wait]) -> list[float]:
    size = len(_SHARES)
    return [
        statistics.median(wait.ratio for wait in waits[start : start + size]) for start in range(0, len(waits), size)
    ]
