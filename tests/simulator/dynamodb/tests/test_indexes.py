"""The life of a global secondary index (section 1.8 of the reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.dynamodb.tests.bench import (
    INDEXED,
    MAXIMA,
    MORE_UNITS,
    NAME,
    ON_DEMAND,
    PLAIN,
    PROVISIONED,
    PROVISIONED_INDEXED,
    UNITS,
    index,
    index_creation,
    index_deletion,
    index_update,
    key,
    strings,
)

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tests.bench import Bench, Members

WITH_LOCAL_INDEX = PLAIN | {
    "AttributeDefinitions": strings("id", "at", "size"),
    "KeySchema": key("id", "at"),
    "LocalSecondaryIndexes": [index("by_size", "id", "size")],
}


def states(bench: Bench) -> tuple[str, str, bool | None]:
    """Status of the table and of its last index, and whether that is backfilling."""
    described = bench.describe()
    last = described["GlobalSecondaryIndexes"][-1]
    return described["TableStatus"], last["IndexStatus"], last.get("Backfilling")


def test_an_index_is_allocated_under_updating_and_backfilled_under_active(bench: Bench) -> None:
    bench.create()
    shown = bench.update(index_creation("by_city"))
    assert shown["TableStatus"] == "UPDATING"
    assert states(bench) == ("UPDATING", "CREATING", False)
    bench.wait(40)
    assert states(bench) == ("ACTIVE", "CREATING", True)
    bench.wait(474)
    assert states(bench) == ("ACTIVE", "CREATING", True)
    bench.wait(1)
    assert states(bench) == ("ACTIVE", "ACTIVE", None)


def test_a_new_index_is_shown_in_full_at_once(bench: Bench) -> None:
    bench.create()
    (shown,) = bench.update(index_creation("by_city"))["GlobalSecondaryIndexes"]
    assert shown["IndexArn"].endswith(f"table/{NAME}/index/by_city")
    assert (shown["ItemCount"], shown["IndexSizeBytes"]) == (0, 0)
    assert shown["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert "WarmThroughput" not in shown


def test_warm_throughput_of_a_new_index_shows_with_active(bench: Bench) -> None:
    bench.create()
    bench.update(index_creation("by_city"))
    bench.seconds_until_rest()
    (shown,) = bench.describe()["GlobalSecondaryIndexes"]
    assert shown["WarmThroughput"] == {
        "ReadUnitsPerSecond": 12_000,
        "WriteUnitsPerSecond": 4_000,
        "Status": "ACTIVE",
    }


def test_a_deleted_index_takes_its_attribute_along(bench: Bench) -> None:
    bench.create(INDEXED)
    shown = bench.update(index_deletion("by_email"))
    assert shown["GlobalSecondaryIndexes"][0]["IndexStatus"] == "DELETING"
    assert shown["AttributeDefinitions"] == strings("email", "id")
    bench.seconds_until_rest()
    described = bench.describe()
    assert "GlobalSecondaryIndexes" not in described
    assert described["AttributeDefinitions"] == strings("id")


def test_an_index_can_be_deleted_while_it_is_backfilled(bench: Bench) -> None:
    bench.create()
    bench.update(index_creation("by_city"))
    bench.wait(60)
    bench.update(index_deletion("by_city"))
    assert bench.seconds_until_rest() == pytest.approx(4.6, abs=0.11)
    bench.wait(1000)
    assert "GlobalSecondaryIndexes" not in bench.describe()


def test_a_name_can_be_used_again_as_soon_as_its_index_is_gone(bench: Bench) -> None:
    bench.create(INDEXED)
    bench.update(index_deletion("by_email"))
    bench.seconds_until_rest()
    bench.update(index_creation("by_email"))
    bench.seconds_until_rest()
    assert states(bench) == ("ACTIVE", "ACTIVE", None)


def test_several_indexes_can_be_updated_in_one_call(bench: Bench) -> None:
    bench.create(
        PROVISIONED_INDEXED,
        AttributeDefinitions=strings("id", "email", "city"),
        GlobalSecondaryIndexes=[index(name, ProvisionedThroughput=UNITS) for name in ("by_email", "by_city")],
    )
    bench.update(
        GlobalSecondaryIndexUpdates=[
            {"Update": {"IndexName": name, "ProvisionedThroughput": MORE_UNITS}} for name in ("by_email", "by_city")
        ]
    )
    shown = bench.describe()
    assert shown["TableStatus"] == "ACTIVE"
    assert {entry["IndexStatus"] for entry in shown["GlobalSecondaryIndexes"]} == {"UPDATING"}
    assert {entry["ProvisionedThroughput"]["ReadCapacityUnits"] for entry in shown["GlobalSecondaryIndexes"]} == {5}
    bench.wait(2)
    shown = bench.describe()
    assert {entry["ProvisionedThroughput"]["ReadCapacityUnits"] for entry in shown["GlobalSecondaryIndexes"]} == {6}


def test_an_index_counts_its_decreases_and_keeps_its_highest_units_warm(bench: Bench) -> None:
    bench.create(PROVISIONED_INDEXED)
    for units in (9, 8, 7, 6, 5):
        wanted = {"ReadCapacityUnits": units, "WriteCapacityUnits": units}
        bench.update(index_update("by_email", ProvisionedThroughput=wanted))
        bench.wait(3)
    (index_,) = bench.describe()["GlobalSecondaryIndexes"]
    assert {"LastIncreaseDateTime", "LastDecreaseDateTime"} <= set(index_["ProvisionedThroughput"])
    assert index_["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 4
    assert index_["WarmThroughput"]["ReadUnitsPerSecond"] == 9
    wanted = {"ReadCapacityUnits": 4, "WriteCapacityUnits": 4}
    refusal = bench.update_refused(index_update("by_email", ProvisionedThroughput=wanted))
    assert refusal.is_listed_as("decreases-are-limited")


def test_maxima_of_an_index_show_at_once(bench: Bench) -> None:
    bench.create(INDEXED)
    (shown,) = bench.update(index_update("by_email", **MAXIMA))["GlobalSecondaryIndexes"]
    assert (shown["IndexStatus"], shown["OnDemandThroughput"]["MaxReadRequestUnits"]) == ("UPDATING", 10)


@pytest.mark.parametrize(
    ("request_", "members", "name"),
    [
        pytest.param(
            PLAIN,
            index_creation("by_city") | {"AttributeDefinitions": []},
            "index-attribute-is-not-defined",
            id="a new index needs a definition of its attribute (T-162)",
        ),
        pytest.param(
            PROVISIONED_INDEXED,
            index_creation("by_city"),
            "new-index-needs-units",
            id="a new index on a provisioned table needs units (T-152)",
        ),
        pytest.param(
            PLAIN,
            index_creation("by_city", ProvisionedThroughput=UNITS),
            "new-index-takes-no-units",
            id="a new index on an on-demand table takes none (T-442)",
        ),
        pytest.param(
            PLAIN,
            index_creation("by_city", KeySchema=[part for name in "abcde" for part in key(name)]),
            "index-has-too-many-keys",
            id="a new index has at most four HASH attributes (T-123)",
        ),
        pytest.param(
            INDEXED,
            index_update("by_email", ProvisionedThroughput=UNITS),
            "index-update-on-demand-only",
            id="an index of an on-demand table takes no units (T-152)",
        ),
        pytest.param(
            INDEXED,
            PROVISIONED,
            "switch-needs-index-throughput",
            id="a switch to PROVISIONED needs the units of every index (T-152)",
        ),
        pytest.param(
            WITH_LOCAL_INDEX,
            index_creation("by_size"),
            "index-exists-already",
            id="a new index cannot take the name of a local one (T-137)",
        ),
        pytest.param(
            WITH_LOCAL_INDEX,
            index_deletion("by_size"),
            "cannot-delete-local-index",
            id="a local index cannot be deleted (T-137)",
        ),
        pytest.param(
            WITH_LOCAL_INDEX,
            index_update("by_size", **MAXIMA),
            "cannot-update-local-index",
            id="a local index cannot be updated (T-137)",
        ),
        pytest.param(
            PLAIN
            | {
                "AttributeDefinitions": strings("id", "email"),
                "GlobalSecondaryIndexes": [index(f"index_{number}", "email") for number in range(20)],
            },
            index_creation("by_city"),
            "index-limit-on-update",
            id="the 21st index is refused as a limit (T-169)",
        ),
        pytest.param(
            INDEXED,
            index_update("by_email", WarmThroughput={"ReadUnitsPerSecond": 40_001}),
            "warm-above-index-maximum",
            id="warm throughput of an index has a maximum (T-154)",
        ),
    ],
)
def test_update_table_refuses(bench: Bench, request_: Members, members: dict[str, Any], name: str) -> None:
    bench.create(request_)
    refusal = bench.update_refused(members)
    assert refusal.is_listed_as(name), refusal


def test_warm_throughput_of_an_index_never_falls(bench: Bench) -> None:
    bench.create(INDEXED)
    refusal = bench.update_refused(index_update("by_email", WarmThroughput={"ReadUnitsPerSecond": 11_999}))
    assert "ReadUnitsPerSecond for WarmThroughput for index by_email is lower than current" in refusal.message


def test_index_state_comes_before_index_capacity(bench: Bench) -> None:
    bench.create(PROVISIONED_INDEXED)
    bench.update(index_deletion("by_email"))
    refusal = bench.update_refused(index_update("by_email", ProvisionedThroughput=UNITS))
    assert refusal.is_listed_as("index-is-being-deleted")


def test_a_refused_call_applies_nothing(bench: Bench) -> None:
    before = bench.create(PROVISIONED_INDEXED)
    bench.update_refused(ProvisionedThroughput=MORE_UNITS, **index_update("by_email", ProvisionedThroughput=UNITS))
    assert bench.describe() == before
    assert not bench.table.jobs


def test_an_index_created_with_a_switch_to_on_demand_needs_no_units(bench: Bench) -> None:
    bench.create(PROVISIONED_INDEXED)
    bench.update(ON_DEMAND, index_creation("by_city"))
    bench.seconds_until_rest()
    assert states(bench) == ("ACTIVE", "ACTIVE", None)
