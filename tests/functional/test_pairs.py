"""Every pair of changes in one update, and back in the update that CloudFormation sends as its rollback.

``UpdateTable`` takes one concern a call and refuses most pairs of them, which is why the native resource refuses such
updates. A concern here is what one kind of step is about; each is changed one way or the other, so that together with
the way back every pair of steps comes in every combination of directions.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.functional.lives import begin, deploy, made, open_account, see
from tests.functional.native_properties import PROPERTIES, index, units
from tests.functional.tables import compact

if TYPE_CHECKING:
    from tests.conftest import Tally
    from tests.functional.tables import Properties

Change = tuple[dict[str, Any], dict[str, Any]]


def of(name: str) -> Change:
    """The change of one property from first to then."""
    return PROPERTIES[name].first, PROPERTIES[name].then


def of_stream(name: str) -> Change:
    """The change of one member of the stream from first to then, whatever its view."""
    first, then = (
        {"StreamSpecification": {name: version["StreamSpecification"][name]}}
        for version in of(f"StreamSpecification.{name}")
    )
    return first, then


def on_index(**more: Any) -> dict[str, Any]:  # noqa: ANN401 -- any property of an index
    """What is declared of the index that all tables here have."""
    return {"GlobalSecondaryIndexes": [index("city", **more)]}


def provisioned(reads: int, writes: int) -> dict[str, Any]:
    """Capacity of the table and its index."""
    capacity = {"ProvisionedThroughput": units(reads, writes)}
    return {"BillingMode": "PROVISIONED", **capacity, **on_index(**capacity)}


IN_UPDATE_TABLE: Final[dict[str, Change]] = {
    "protection": of("DeletionProtectionEnabled"),
    "indexes": ({"GlobalSecondaryIndexes": [index("zip")]}, {"GlobalSecondaryIndexes": [index("phone")]}),
    "billing": ({"BillingMode": "PAY_PER_REQUEST"}, provisioned(5, 5)),
    "capacity": (provisioned(5, 5), provisioned(9, 2)),
    "maxima": of("OnDemandThroughput"),
    "maxima of an index": (on_index(OnDemandThroughput={"MaxReadRequestUnits": 9}), on_index()),
    "warmth": ({}, {"WarmThroughput": {"ReadUnitsPerSecond": 14_000}}),
    "warmth of an index": (on_index(), on_index(WarmThroughput={"ReadUnitsPerSecond": 14_000})),
    "class": of("TableClass"),
    "encryption": of("SSESpecification"),
    "stream": of("StreamSpecification"),
}
"""What ``UpdateTable`` takes: each of the steps that are one, from and to."""
IN_OTHER_CALLS: Final[dict[str, Change]] = {
    "tags": of("Tags"),
    "policy": of("ResourcePolicy"),
    "policy of the stream": of_stream("ResourcePolicy"),
    "tags of the stream": of_stream("Tags"),
    "kinesis": of("KinesisStreamSpecification"),
    "precision": of("KinesisStreamSpecification.ApproximateCreationDateTimePrecision"),
    "insights": of("ContributorInsightsSpecification"),
    "insights of an index": of("GlobalSecondaryIndexes.ContributorInsightsSpecification"),
    "recovery": of("PointInTimeRecoverySpecification"),
    "time to live": of("TimeToLiveAttribute"),
}
"""What has calls of its own."""
CHANGES: Final = IN_UPDATE_TABLE | IN_OTHER_CALLS
NO_PAIRS: Final = {
    frozenset({"billing", "capacity"}),  # capacity is there to change only where it is there before
    frozenset({"kinesis", "precision"}),  # the precision goes with its stream, whose own change is beside it
    *(frozenset(pair) for pair in product(["billing", "capacity"], ["maxima", "maxima of an index"])),  # contradict
}
ALL_PAIRS: Final = [pair for pair in combinations(CHANGES, 2) if frozenset(pair) not in NO_PAIRS]
PAIRS_OF_UPDATE_TABLE: Final = [pair for pair in ALL_PAIRS if set(pair) <= IN_UPDATE_TABLE.keys()]
STRIDE: Final = 12
"""How many of all pairs the test suite passes over; ``--soak`` passes over none."""


def table(*parts: Properties) -> Properties:
    """A table of which all these parts are declared."""
    indexes: dict[str, Properties] = {"by-city": index("city")}
    for each in (one for part in parts for one in part.get("GlobalSecondaryIndexes", ())):
        indexes[each["IndexName"]] = indexes.get(each["IndexName"], {}) | each
    declared = compact()
    for part in parts:
        declared |= part
    if stream := {name: value for part in parts for name, value in part.get("StreamSpecification", {}).items()}:
        declared["StreamSpecification"] = {"StreamViewType": "NEW_IMAGE"} | stream
    if capacity := declared.get("ProvisionedThroughput"):
        indexes = {name: {"ProvisionedThroughput": capacity} | each for name, each in indexes.items()}
    return declared | {"GlobalSecondaryIndexes": list(indexes.values())}


def go_there_and_back(first: Properties, second: Properties) -> None:
    """Update a table and take it back at once."""
    after = made(second)
    with open_account() as account:
        begin(account, first)
        before = see(account, first)
        deploy(account, second, first)
        assert see(account, second) == after
        deploy(account, first, second)
        assert see(account, first) == before


@pytest.mark.parametrize("pair", PAIRS_OF_UPDATE_TABLE, ids=" and ".join)
def test_two_concerns_of_update_table_change_in_one_update_and_back(pair: tuple[str, str]) -> None:
    one, other = (CHANGES[name] for name in pair)
    go_there_and_back(table(one[0], other[0]), table(one[1], other[1]))


@pytest.mark.soak
@pytest.mark.parametrize("is_crossed", [False, True], ids=["the same way", "crossed"])
@pytest.mark.parametrize("name", CHANGES)
def test_any_two_changes_are_made_in_one_update_and_taken_back(
    name: str,
    is_crossed: bool,  # noqa: FBT001 -- a parameter of the test
    request: pytest.FixtureRequest,
    tally: Tally,
) -> None:
    pairs = [pair for pair in ALL_PAIRS if pair[0] == name]
    if not request.config.getoption("--soak"):
        pairs = [pair for pair in pairs if ALL_PAIRS.index(pair) % STRIDE == is_crossed]
    for pair in pairs:
        one, (from_other, to_other) = (CHANGES[each] for each in pair)
        if is_crossed:
            from_other, to_other = to_other, from_other
        go_there_and_back(table(one[0], from_other), table(one[1], to_other))
    tally("Update of two things, and back", "pairs", points=len(pairs), converged=len(pairs))
