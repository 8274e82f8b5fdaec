"""Billing mode and provisioned capacity of a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb import limits, warm_throughput
from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.jobs import Running
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.change import Change
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

PROVISIONED: Final = "PROVISIONED"
ON_DEMAND: Final = "PAY_PER_REQUEST"
_INDEX_UPDATING_DURING_SWITCH: Final = 6.0


@dataclass
class Capacity:
    """Provisioned units of a table or an index; both zero on demand (T-028, T-133)."""

    read: int = 0
    write: int = 0
    last_increase: float | None = None
    last_decrease: float | None = None
    accepted_decreases: list[float] = field(default_factory=list)
    shown_decreases: list[float] = field(default_factory=list)

    def describe(self) -> Json:
        """The ``ProvisionedThroughputDescription``."""
        shown = {
            "LastIncreaseDateTime": self.last_increase,
            "LastDecreaseDateTime": self.last_decrease,
            "NumberOfDecreasesToday": sum(map(limits.is_today, self.shown_decreases)),
            "ReadCapacityUnits": self.read,
            "WriteCapacityUnits": self.write,
        }
        return {member: value for member, value in shown.items() if value is not None}

    def equals(self, wanted: Json) -> bool:
        """Whether ``wanted`` changes nothing."""
        return (self.read, self.write) == units(wanted)

    def is_decrease(self, wanted: Json) -> bool:
        """Whether ``wanted`` lowers at least one of the two (one up and one down is a decrease: T-157)."""
        read, write = units(wanted)
        return read < self.read or write < self.write

    def accept(self, wanted: Json) -> None:
        """Stamp a change that begins: the times are shown at once, the numbers only at its end (T-060)."""
        if self.is_decrease(wanted):
            self.last_decrease = now()
            self.accepted_decreases.append(now())
        read, write = units(wanted)
        if read > self.read or write > self.write:
            self.last_increase = now()

    def commit(self, wanted: Json) -> None:
        """Show the numbers of a change that ends."""
        self.read, self.write = units(wanted)
        self.shown_decreases = list(self.accepted_decreases)


@dataclass
class Billing:
    """The billing mode, twice.

    The described mode flips with the response, the committed one only at the end of the
    job; checks go by the committed one (T-452, T-369, T-450).
    """

    described: str
    committed: str
    on_demand_since: float | None = None
    was_ever_on_demand: bool = False
    was_ever_switched_to_provisioned: bool = False

    def describe(self) -> Json | None:
        """The ``BillingModeSummary``: absent on a table that was never on demand (T-025, T-055)."""
        if not self.was_ever_on_demand:
            return None
        summary: Json = {"BillingMode": self.described}
        if self.on_demand_since is not None:
            summary["LastUpdateToPayPerRequestDateTime"] = self.on_demand_since
        return summary


def units(throughput: Json) -> tuple[int, int]:
    """Read and write capacity units."""
    return throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]


def is_resent(table: Table, mode: str | None) -> bool:
    """Whether ``BillingMode=PAY_PER_REQUEST`` equals the committed mode: swallowed (T-177, T-452)."""
    return mode == ON_DEMAND and table.billing.committed == ON_DEMAND


def check(world: World, table: Table, change: Change) -> None:
    """Refuse capacity and billing that the quotas or the current value do not allow."""
    wanted: Json | None = change.params.get("ProvisionedThroughput")
    if wanted is None:
        return
    if change.mode is None and table.billing.committed == ON_DEMAND:
        raise refusal("on-demand-takes-no-units")  # T-059
    limits.check_capacity(world, wanted)
    if table.billing.committed == ON_DEMAND:
        _check_index_throughput(table, change)
        return
    if table.capacity.is_decrease(wanted):
        limits.check_decrease(table.capacity)
    if table.capacity.equals(wanted):
        raise refusal("throughput-will-not-change")  # T-057, T-164


def _check_index_throughput(table: Table, change: Change) -> None:
    """A switch to PROVISIONED needs the capacity of every index in the same call (T-152)."""
    given = {update["IndexName"] for update in change.index_updates if "ProvisionedThroughput" in update}
    for name in table.indexes:
        if name not in given:
            raise refusal("switch-needs-index-throughput", index=name)


def apply(world: World, table: Table, change: Change) -> Json:
    """Start the job of an admitted change; what the response shows beside the description."""
    wanted: Json | None = change.params.get("ProvisionedThroughput")
    if is_resent(table, change.mode):
        shown: Json = {"TableStatus": "UPDATING"}  # T-177, T-383
        if table.billing.described != ON_DEMAND:
            shown |= _shown_on_demand(table)
        return shown
    if change.mode == ON_DEMAND:
        _switch_to_on_demand(world, table, change)
    elif wanted is not None and table.billing.committed == ON_DEMAND:
        _switch_to_provisioned(world, table, wanted, change)
    elif wanted is not None:
        _change_capacity(world, table, wanted)
    return {}


def _shown_on_demand(table: Table) -> Json:
    """What the response to a swallowed re-send claims, although the table ends PROVISIONED (T-452)."""
    zero = Capacity(last_decrease=table.capacity.last_decrease)
    return {
        "BillingModeSummary": (table.billing.describe() or {}) | {"BillingMode": ON_DEMAND},
        "ProvisionedThroughput": zero.describe(),
    }


def _change_capacity(world: World, table: Table, wanted: Json) -> None:
    table.capacity.accept(wanted)

    def finish() -> None:
        table.capacity.commit(wanted)
        table.warm.follow(wanted)

    table.start(Running.THROUGHPUT, world.seconds("UpdateTable.ProvisionedThroughput"), finish)


def _switch_to_provisioned(world: World, table: Table, wanted: Json, change: Change) -> None:
    billing = table.billing
    operation = "repeat" if billing.was_ever_switched_to_provisioned else "first"
    seconds = world.seconds(f"UpdateTable.Billing.ppr_to_provisioned_{operation}")
    billing.described = PROVISIONED
    billing.was_ever_switched_to_provisioned = True
    _forget_on_demand_maxima(table)  # T-153
    table.capacity.last_increase = now()
    table.capacity.commit(wanted)
    for update in change.index_updates:
        index = table.indexes[update["IndexName"]]
        index.capacity.last_increase = now()
        index.capacity.commit(update["ProvisionedThroughput"])
        index.show_updating()
        table.start(
            Running.INDEX_UPDATE,
            min(_INDEX_UPDATING_DURING_SWITCH, seconds),
            index.show_updated,
            subject=index.name,
        )

    def finish() -> None:
        billing.committed = PROVISIONED
        table.warm.follow(wanted)
        for update in change.index_updates:
            if update["IndexName"] in table.indexes:
                table.indexes[update["IndexName"]].warm.follow(update["ProvisionedThroughput"])

    table.start(Running.TO_PROVISIONED, seconds, finish)


def _switch_to_on_demand(world: World, table: Table, change: Change) -> None:
    billing = table.billing
    ends = now() + (seconds := _seconds_to_on_demand(world, table, change))
    billing.described = ON_DEMAND
    _forget_on_demand_maxima(table)
    table.capacity.last_decrease = now()  # T-064, T-183
    table.capacity.read = table.capacity.write = 0
    for index in table.indexes.values():
        index.capacity.shown_decreases.append(now())  # T-153
        index.capacity.read = index.capacity.write = 0
    billing.was_ever_on_demand = True

    def finish() -> None:
        billing.committed = ON_DEMAND
        billing.on_demand_since = ends
        for warm in (table.warm, *(index.warm for index in table.indexes.values())):
            warm.at_least(warm_throughput.ON_DEMAND_READ, warm_throughput.ON_DEMAND_WRITE)  # T-061

    table.start(Running.TO_ON_DEMAND, seconds, finish)


def _seconds_to_on_demand(world: World, table: Table, change: Change) -> float:
    if table.billing.was_ever_on_demand:
        return world.seconds("UpdateTable.Billing.provisioned_to_ppr_was_ppr")
    if "OnDemandThroughput" in change.params:
        return world.seconds("UpdateTable.Billing.to_ppr_with_ondemand")
    if "StreamSpecification" in change.params:
        return world.seconds("UpdateTable.Billing.to_ppr_with_stream")
    return world.seconds("UpdateTable.Billing.provisioned_to_ppr_first")


def _forget_on_demand_maxima(table: Table) -> None:
    table.on_demand.clear()
    for index in table.indexes.values():
        index.on_demand.clear()
