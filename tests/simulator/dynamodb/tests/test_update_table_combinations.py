"""Which members one UpdateTable call may carry together (section 2 of the reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.dynamodb.tests.bench import (
    INDEXED,
    INFREQUENT,
    MAXIMA,
    MORE_UNITS,
    ON_DEMAND,
    PROTECTED,
    PROVISIONED,
    PROVISIONED_INDEXED,
    SSE_ON,
    STREAM_ON,
    UNITS,
    WARMER,
    index,
    index_creation,
    index_deletion,
    index_update,
    strings,
)

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tests.bench import Bench, Members

CAPACITY: Members = {"ProvisionedThroughput": MORE_UNITS}
CREATION = index_creation("by_city")
DELETION = index_deletion("by_email")
UPDATE = index_update("by_email", ProvisionedThroughput=MORE_UNITS)


def entries(*parts: Members) -> Members:
    """One list of the index entries of several requests."""
    joined = [entry for part in parts for entry in part["GlobalSecondaryIndexUpdates"]]
    return {"AttributeDefinitions": strings("city", "town"), "GlobalSecondaryIndexUpdates": joined}


REFUSED = [
    (SSE_ON, CAPACITY, "encryption-must-be-alone"),
    (SSE_ON, PROVISIONED, "encryption-must-be-alone"),
    (SSE_ON, ON_DEMAND, "encryption-must-be-alone"),
    (SSE_ON, MAXIMA, "encryption-must-be-alone"),
    (SSE_ON, STREAM_ON, "encryption-must-be-alone"),
    (SSE_ON, INFREQUENT, "encryption-must-be-alone"),
    (SSE_ON, PROTECTED, "encryption-must-be-alone"),
    (SSE_ON, WARMER, "encryption-must-be-alone"),
    (SSE_ON, CREATION, "encryption-must-be-alone"),
    (SSE_ON, DELETION, "encryption-must-be-alone"),
    (SSE_ON, UPDATE, "encryption-must-be-alone"),
    (INFREQUENT, CAPACITY, "class-must-be-alone"),
    (INFREQUENT, ON_DEMAND, "class-must-be-alone"),
    (INFREQUENT, MAXIMA, "class-must-be-alone"),
    (INFREQUENT, STREAM_ON, "class-must-be-alone"),
    (INFREQUENT, PROTECTED, "class-must-be-alone"),
    (INFREQUENT, WARMER, "class-must-be-alone"),
    (INFREQUENT, CREATION, "class-must-be-alone"),
    (INFREQUENT, UPDATE, "class-must-be-alone"),
    (PROTECTED, CAPACITY, "deletion-protection-must-be-alone"),
    (PROTECTED, ON_DEMAND, "deletion-protection-must-be-alone"),
    (PROTECTED, MAXIMA, "deletion-protection-must-be-alone"),
    (PROTECTED, STREAM_ON, "deletion-protection-must-be-alone"),
    (PROTECTED, WARMER, "deletion-protection-must-be-alone"),
    (PROTECTED, CREATION, "deletion-protection-must-be-alone"),
    (PROTECTED, DELETION, "deletion-protection-must-be-alone"),
    (WARMER, CAPACITY, "warm-must-be-alone"),
    (WARMER, ON_DEMAND, "warm-must-be-alone"),
    (WARMER, STREAM_ON, "warm-must-be-alone"),
    (WARMER, MAXIMA, "on-demand-only-with-billing"),
    (WARMER, CREATION, "index-creation-with-warm"),
    (ON_DEMAND, CAPACITY, "on-demand-takes-no-throughput"),
    (MAXIMA, STREAM_ON, "on-demand-only-with-billing"),
    (MAXIMA, PROVISIONED, "provisioned-takes-no-on-demand-maximum"),
    (STREAM_ON, CAPACITY, "stream-with-iops"),
    (STREAM_ON, PROVISIONED, "stream-with-iops"),
    (CREATION, CAPACITY, "index-with-iops"),
    (DELETION, CAPACITY, "index-with-iops"),
    (DELETION, PROVISIONED, "index-with-iops"),
    (CREATION, STREAM_ON, "index-with-stream"),
    (DELETION, STREAM_ON, "index-with-stream"),
]


def named(members: Members) -> str:
    """What a request is about."""
    about = [name for name in members if name != "AttributeDefinitions"]
    if about == ["GlobalSecondaryIndexUpdates"]:
        about = [f"index {next(iter(members['GlobalSecondaryIndexUpdates'][0]))}"]
    if "BillingMode" in members:
        about = [members["BillingMode"]]
    return about[0]


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        pytest.param(first, second, name, id=f"{named(first)} with {named(second)}: {name}")
        for first, second, name in REFUSED
    ],
)
def test_update_table_refuses_the_combination(bench: Bench, first: Members, second: Members, name: str) -> None:
    bench.create(PROVISIONED_INDEXED)
    before = bench.describe()
    refusal = bench.update_refused(first, second)
    assert refusal.is_listed_as(name), refusal
    assert bench.describe() == before


def test_replicas_go_with_nothing_else(bench: Bench) -> None:
    bench.create()
    refusal = bench.update_refused(PROTECTED, ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}])
    assert refusal.is_listed_as("replica-must-be-alone")


@pytest.mark.parametrize(
    ("request_", "parts"),
    [
        pytest.param(
            PROVISIONED_INDEXED,
            [CAPACITY, UPDATE],
            id="capacity of table and index go in one call",
        ),
        pytest.param(
            INDEXED,
            [PROVISIONED, index_update("by_email", ProvisionedThroughput=UNITS)],
            id="a switch to PROVISIONED carries the capacity of every index (T-152)",
        ),
        pytest.param(
            PROVISIONED_INDEXED, [ON_DEMAND, MAXIMA], id="a switch to PAY_PER_REQUEST may carry maxima (T-056, T-433)"
        ),
        pytest.param(
            PROVISIONED_INDEXED, [ON_DEMAND, STREAM_ON], id="a switch to PAY_PER_REQUEST may carry a stream (T-433)"
        ),
        pytest.param(
            PROVISIONED_INDEXED, [ON_DEMAND, CREATION], id="a switch to PAY_PER_REQUEST may carry a new index (T-174)"
        ),
        pytest.param(INDEXED, [ON_DEMAND, STREAM_ON], id="a repeated PAY_PER_REQUEST may carry a stream (T-382)"),
        pytest.param(
            PROVISIONED_INDEXED,
            [entries(index_creation("by_city", ProvisionedThroughput=UNITS), UPDATE)],
            id="an index is created while another is updated",
        ),
        pytest.param(
            INDEXED, [{"WarmThroughput": {}}, STREAM_ON], id="an empty WarmThroughput beside others is ignored (T-456)"
        ),
        pytest.param(
            INDEXED, [{"OnDemandThroughput": {}}, PROTECTED], id="empty maxima beside others are ignored (T-456)"
        ),
    ],
)
def test_update_table_admits_the_combination(bench: Bench, request_: Members, parts: list[Members]) -> None:
    bench.create(request_)
    bench.update(*parts)


@pytest.mark.parametrize(
    ("members", "name"),
    [
        pytest.param({}, "nothing-to-update", id="a call without members is refused (T-015)"),
        pytest.param(
            {"AttributeDefinitions": strings("id")},
            "nothing-to-update",
            id="attribute definitions alone are no change (T-162, T-358)",
        ),
        pytest.param(
            {"GlobalSecondaryIndexUpdates": []},
            "nothing-to-update",
            id="an empty list of index updates alone counts as absent (T-359)",
        ),
        pytest.param(
            PROTECTED | {"GlobalSecondaryIndexUpdates": []},
            "index-updates-are-empty",
            id="an empty list of index updates beside others is refused (T-359)",
        ),
        pytest.param(
            {"GlobalSecondaryIndexUpdates": [{}]},
            "no-action-in-index-update",
            id="an empty index update is refused (T-160)",
        ),
        pytest.param(
            {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "one"}, "Update": {"IndexName": "two"}}]},
            "one-action-per-index-update",
            id="two actions in one index update are refused (T-160)",
        ),
        pytest.param(
            entries(UPDATE, UPDATE), "one-update-per-index", id="two updates of one index are refused (T-160)"
        ),
        pytest.param(
            entries(CREATION, index_creation("by_town")),
            "one-online-index",
            id="two index creations in one call are refused (T-159)",
        ),
        pytest.param(
            entries(CREATION, DELETION),
            "one-online-index",
            id="a creation and a deletion in one call are refused (T-159)",
        ),
        pytest.param(
            {"BillingMode": "PROVISIONED"},
            "provisioned-needs-throughput",
            id="PROVISIONED without capacity is refused, even on a PROVISIONED table (T-057)",
        ),
        pytest.param(
            {"StreamSpecification": {"StreamEnabled": True}},
            "stream-needs-view-type",
            id="a stream without a view type is refused (T-018)",
        ),
        pytest.param(
            {"StreamSpecification": {"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"}},
            "disabled-stream-takes-no-view-type",
            id="a view type without a stream is refused (T-050)",
        ),
        pytest.param(
            {"WarmThroughput": {}}, "internal-failure", id="an empty WarmThroughput alone is HTTP 500 (T-437)"
        ),
        pytest.param({"OnDemandThroughput": {}}, "internal-failure", id="empty maxima alone are HTTP 500 (T-437)"),
        pytest.param(
            {"TableClass": "INFREQUENT"}, "invalid-table-class", id="an unknown table class is refused (T-442)"
        ),
    ],
)
def test_update_table_refuses_the_request(bench: Bench, members: dict[str, Any], name: str) -> None:
    bench.create(PROVISIONED_INDEXED)
    refusal = bench.update_refused(members)
    assert refusal.is_listed_as(name), refusal
    assert refusal.status == (500 if name == "internal-failure" else 400)


@pytest.mark.parametrize(
    ("members", "name"),
    [
        pytest.param({}, "nothing-to-update", id="without members it is a validation error (T-014)"),
        pytest.param(
            {"WarmThroughput": {}}, "table-not-found", id="with an empty WarmThroughput it is not found (T-448)"
        ),
        pytest.param(SSE_ON | PROTECTED, "encryption-must-be-alone", id="a bad combination comes first (T-224)"),
        pytest.param(PROTECTED, "table-not-found", id="a good request finds no table (T-070)"),
    ],
)
def test_update_table_of_a_missing_table(bench: Bench, members: dict[str, Any], name: str) -> None:
    assert bench.update_refused(members).is_listed_as(name)


def test_a_contradictory_definition_of_a_known_attribute_is_ignored(bench: Bench) -> None:
    bench.create()
    definitions = [*strings("city"), {"AttributeName": "id", "AttributeType": "N"}]
    bench.update(index_creation("by_city") | {"AttributeDefinitions": definitions})
    assert bench.describe()["AttributeDefinitions"] == strings("city", "id")


def test_only_the_new_attribute_needs_a_definition(bench: Bench) -> None:
    bench.create()
    bench.update(
        AttributeDefinitions=strings("city"),
        GlobalSecondaryIndexUpdates=[{"Create": index("by_city", "city", "id")}],
    )
    assert bench.describe()["AttributeDefinitions"] == strings("city", "id")
