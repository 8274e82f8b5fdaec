"""Quotas, budgets and rate limits.

Every budget belongs to one table and goes with it (T-377).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.timeline import long_date, now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.throughput import Capacity
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

DAY: Final = 86_400.0
FREE_DECREASES: Final = 4
DECREASE_INTERVAL: Final = 3_600.0


@dataclass
class Quotas:
    """What one account may have; the numbers of an ordinary account (T-170, T-131)."""

    table_capacity: int = 40_000
    account_capacity: int = 80_000
    indexes_per_table: int = 20
    local_indexes_per_table: int = 5
    insights_rules: int = 100


@dataclass
class Bucket:
    """A token bucket on virtual time."""

    burst: float
    per_second: float
    tokens: float = -1.0
    filled_at: float = 0.0

    def take(self) -> bool:
        """Take a token if there is one."""
        moment = now()
        if self.tokens < 0:
            self.tokens = self.burst
        else:
            self.tokens = min(self.burst, self.tokens + (moment - self.filled_at) * self.per_second)
        self.filled_at = moment
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


def is_today(moment: float) -> bool:
    """Whether a moment lies in the current UTC day, at whose end the decreases are reset (T-185)."""
    return moment // DAY == now() // DAY


def maximum_name(member: str) -> str:
    """The quota that a member is measured against."""
    return "TableMaxReadCapacityUnits" if "Read" in member else "TableMaxWriteCapacityUnits"


def check_decrease(capacity: Capacity) -> None:
    """Refuse the fifth decrease of a UTC day within an hour of the last (T-184, T-185, T-326)."""
    today = [moment for moment in capacity.accepted_decreases if is_today(moment)]
    if len(today) < FREE_DECREASES or now() >= today[-1] + DECREASE_INTERVAL:
        return
    midnight = (now() // DAY + 1) * DAY
    raise refusal(
        "decreases-are-limited",
        count=len(today),
        last=long_date(today[-1]),
        next=long_date(min(today[-1] + DECREASE_INTERVAL, midnight)),
    )


def check_capacity(world: World, throughput: Json, index: str = "") -> None:
    """Refuse units above the maximum of a table or, separately, of an index (T-170, T-393)."""
    for unit in ("ReadCapacityUnits", "WriteCapacityUnits"):
        if throughput[unit] > world.quotas.table_capacity:
            raise refusal(
                "capacity-above-index-maximum" if index else "capacity-above-table-maximum",
                unit=unit,
                index=index,
                value=throughput[unit],
                region=world.region,
                limit=world.quotas.table_capacity,
            )


def check_account_capacity(world: World, read: int, write: int) -> None:
    """Refuse a new table whose units would pass the account's maximum (T-170, T-131)."""
    used_read = used_write = 0
    for table in world.tables.values():
        for capacity in (table.capacity, *(index.capacity for index in table.indexes.values())):
            used_read += capacity.read
            used_write += capacity.write
    for unit, total in (("ReadCapacityUnits", used_read + read), ("WriteCapacityUnits", used_write + write)):
        if total > world.quotas.account_capacity:
            raise refusal(
                "capacity-above-account-maximum", unit=unit, region=world.region, limit=world.quotas.account_capacity
            )


def read_rates() -> dict[str, Bucket]:
    """The token buckets of the reads that have one; the service keeps them per connection (T-360, T-403, T-131)."""
    return {
        "DescribeTimeToLive": Bucket(burst=4, per_second=0.5),
        "DescribeContinuousBackups": Bucket(burst=12, per_second=2),
        "UpdateContinuousBackups": Bucket(burst=11, per_second=2),
        "DescribeLimits": Bucket(burst=5, per_second=2),
    }


def check_read_rate(world: World, operation: str) -> None:
    """Refuse a read that comes too fast."""
    bucket = world.read_rates.get(operation)
    if bucket is not None and not bucket.take():
        raise refusal("rate-exceeded")


def charge(world: World) -> None:
    """Charge the account's limiter for a mutation that is about to start work (T-132, T-434).

    Reads, repeated values, deletion protection, TTL and tags that are so already are not
    charged (T-383, T-441).
    """
    if world.account_rate is not None and not world.account_rate.take():
        raise refusal("account-rate-exceeded")
