from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulator.dynamodb import NotSimulatedError
from tests.simulator.dynamodb.tests.bench import PROTECTED, index_creation

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tests.bench import Bench, Members

VECTOR = {
    "IndexName": "by_meaning",
    "VectorAttribute": {"AttributeName": "embedding"},
    "Projection": {"ProjectionType": "ALL"},
    "Dimensions": 256,
    "DistanceFunction": "COSINE",
}


def creation(**members: str) -> Members:
    return {"VectorIndexUpdates": [{"Create": VECTOR | members}]}


def deletion() -> Members:
    return {"VectorIndexUpdates": [{"Delete": {"IndexName": "by_meaning"}}]}


def test_a_vector_index_is_created_with_its_table(bench: Bench) -> None:
    (shown,) = bench.create(VectorIndexes=[VECTOR])["VectorIndexes"]
    assert shown.items() >= VECTOR.items()
    assert shown["IndexStatus"] == "ACTIVE"


def test_a_vector_index_is_built_and_deleted_like_a_global_one(bench: Bench) -> None:
    bench.create()
    assert bench.update(creation())["TableStatus"] == "UPDATING"
    bench.wait(60)
    assert bench.describe()["VectorIndexes"][0]["Backfilling"] is True
    bench.wait(455)
    assert bench.describe()["VectorIndexes"][0]["IndexStatus"] == "ACTIVE"
    bench.update(deletion())
    bench.seconds_until_rest()
    assert "VectorIndexes" not in bench.describe()


def test_a_vector_index_can_be_deleted_while_it_is_backfilled(bench: Bench) -> None:
    bench.create()
    bench.update(creation())
    bench.wait(60)
    bench.update(deletion())
    assert bench.seconds_until_rest() == pytest.approx(4.6, abs=0.11)


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        pytest.param(creation(), creation(IndexName="other"), "one-online-index", id="one is built at a time"),
        pytest.param(creation(), index_creation("by_city"), "one-online-index", id="beside no global index either"),
        pytest.param(index_creation("by_city"), creation(), "one-online-index", id="whichever begins"),
        pytest.param(creation(), deletion(), "index-is-being-allocated", id="what is allocated cannot be deleted"),
        pytest.param(PROTECTED, deletion(), "index-not-found", id="what is missing cannot be deleted"),
    ],
)
def test_vector_indexes_are_refused(bench: Bench, first: Members, second: Members, name: str) -> None:
    bench.create()
    bench.update(first)
    assert bench.update_refused(second).is_listed_as(name)


def test_a_vector_index_that_exists_is_refused(bench: Bench) -> None:
    bench.create(VectorIndexes=[VECTOR])
    assert bench.update_refused(creation()).is_listed_as("index-exists-already")


def test_what_else_may_stand_beside_vector_indexes_is_not_simulated(bench: Bench) -> None:
    bench.create()
    with pytest.raises(NotSimulatedError):
        bench.update(PROTECTED, creation())
