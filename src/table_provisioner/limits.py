"""How often DynamoDB lets a table be changed, as far as the table itself tells. Pure.

Decreases of capacity are counted in what ``DescribeTable`` answers, and another attribute for time to live takes two
changes, half an hour apart. When encryption, table class and time to live were last changed is shown nowhere, or not
often enough to count by (T-081, T-143, T-283): there DynamoDB's own refusal has to say it.

The ids in the comments are findings of the ``docs/api-quirks`` notes of aws-controllers-k8s/dynamodb-controller.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from table_provisioner.errors import TooSoonError
from table_provisioner.state import ACTIVE, TABLE
from table_provisioner.steps import ChangeCapacity, DisableTimeToLive, EnableTimeToLive

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from table_provisioner.schema import ProvisionedThroughput
    from table_provisioner.state import TableState
    from table_provisioner.steps import Step

_HOUR, _DAY = 3_600, 86_400
_FREE_DECREASES = 4
"""In a UTC day, of the table and of each index by itself; after them one in an hour (T-157, T-184, T-326)."""
_BETWEEN_TTL_CHANGES_SECONDS = 1_811
"""After this long a second change was still refused; 60 s later it was accepted (T-143)."""
_ENOUGH_FOR_TWO_TTL_CHANGES_SECONDS = 2_000


def opens_at(actual: TableState, step: Step) -> float:
    """Epoch seconds from which DynamoDB takes a step; long ago where nothing is known to stand in the way."""
    if not isinstance(step, ChangeCapacity):
        return -math.inf
    return max((_next_decrease_at(actual, name) for name in _decreased(actual, step)), default=-math.inf)


def open_first(actual: TableState, steps: Sequence[Step], now: float) -> list[Step]:
    """The steps in their order, but those that have to wait for their time last, so that nothing waits behind them."""
    return sorted(steps, key=lambda step: max(now, opens_at(actual, step)))


def exceeded_limit(
    actual: TableState, steps: Sequence[Step], *, now: float, seconds: float, former_seconds: float = 0.0
) -> TooSoonError | None:
    """Why the steps cannot all be done in time, and when they can; ``None`` where nothing says so.

    How long the steps usually take does not count: they go as far as they go, and the next request finishes.

    Args:
        actual: The table.
        steps: What is to be done.
        now: Epoch seconds. AWS refuses every call of a clock that is more than a few minutes off.
        seconds: How much time there is.
        former_seconds: How much time there was for the update that these steps may take back. What that one had the
            time for goes back as far as it goes: a refusal would be the same at each try, and the stack stuck.
    """
    found = list(_closed(actual, steps, now + seconds))
    if former_seconds < _BETWEEN_TTL_CHANGES_SECONDS:
        found += _renamed(steps, seconds)
    if not found:
        return None
    return TooSoonError(
        " ".join(problem for problem, _ in found), " ".join(["Nothing was changed.", *(remedy for _, remedy in found)])
    )


def in_words(moment: float) -> str:
    """A moment as people read it, to the next full second: ``2026-10-09 01:21:34 UTC``."""
    return f"{datetime.fromtimestamp(math.ceil(moment), UTC):%Y-%m-%d %H:%M:%S} UTC"


def _closed(actual: TableState, steps: Sequence[Step], end: float) -> Iterator[tuple[str, str]]:
    for step in steps:
        opening = opens_at(actual, step)
        if opening > end:
            rule = f"DynamoDB takes {_FREE_DECREASES} decreases in a UTC day, and after them one in an hour."
            yield f"could not {step}: {rule}", f"Deploy again at {in_words(opening)}."


def _renamed(steps: Sequence[Step], seconds: float) -> Iterator[tuple[str, str]]:
    former = next((step for step in steps if isinstance(step, DisableTimeToLive)), None)
    wanted = next((step for step in steps if isinstance(step, EnableTimeToLive)), None)
    if former and wanted and seconds < _BETWEEN_TTL_CHANGES_SECONDS:
        rule = f"DynamoDB takes one such change in about half an hour, and {seconds:.0f} s are left."
        enough = f"Set ServiceTimeout to {_ENOUGH_FOR_TWO_TTL_CHANGES_SECONDS} or more"
        apart = "declare no time to live in one deployment, and the other attribute half an hour later"
        yield f"could not {former} and {wanted}: {rule}", f"{enough}; or {apart}."


def _decreased(actual: TableState, step: ChangeCapacity) -> Iterator[str]:
    """What of the table, by index name, gets less than it has; less of one and more of another is less (T-157)."""
    if step.table and _is_less(step.table, actual.provisioned_throughput):
        yield TABLE
    for name, capacity in step.indexes.items():
        if _is_less(capacity, actual.index_definitions[name].provisioned_throughput):
            yield name


def _is_less(wanted: ProvisionedThroughput, actual: ProvisionedThroughput | None) -> bool:
    return actual is not None and (
        wanted.read_capacity_units < actual.read_capacity_units
        or wanted.write_capacity_units < actual.write_capacity_units
    )


def _next_decrease_at(actual: TableState, name: str) -> float:
    """An hour after the last decrease, or midnight if that comes first (T-185, T-326)."""
    decreases = actual.decreases.get(name)
    is_at_rest = actual.status == ACTIVE and (name == TABLE or actual.is_index_active(name))
    # While a change is at work, its time is shown already and its number not yet (T-060, T-184).
    if decreases is None or not is_at_rest or decreases.today < _FREE_DECREASES:
        return -math.inf
    # A switch to on-demand sets the time, too, and is counted in indexes (T-064, T-153).
    if actual.on_demand_since is not None and _day(actual.on_demand_since) == _day(decreases.last_at):
        return -math.inf
    return min(decreases.last_at + _HOUR, (_day(decreases.last_at) + 1) * _DAY)


def _day(moment: float) -> int:
    """The UTC day in which a moment lies."""
    return int(moment // _DAY)
