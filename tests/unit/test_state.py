from __future__ import annotations

import pytest

from table_provisioner.schema import InsightsMode, TimestampPrecision
from table_provisioner.state import (
    DELETING,
    TABLE,
    IndexState,
    InsightsState,
    KinesisDestination,
    Rest,
    TableState,
)
from tests.unit.declarations import (
    global_index,
    live,
    state,
    vector_index,
)

STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"


def destination(status: str) -> KinesisDestination:
    return KinesisDestination(STREAM, status, TimestampPrecision.MILLISECOND)


@pytest.mark.parametrize(
    ("table", "reached", "obstacle"),
    [
        pytest.param(state(), Rest.EVERYTHING, "", id="a table at rest"),
        pytest.param(state(status="CREATING"), None, "the table is CREATING", id="a table that is being created"),
        pytest.param(state(status="DELETING"), None, "the table is DELETING", id="a table that is being deleted"),
        pytest.param(
            state(status="UPDATING"), Rest.READABLE, "the table is UPDATING", id="a table at work can be read"
        ),
        pytest.param(
            state(status="INACCESSIBLE_ENCRYPTION_CREDENTIALS"),
            Rest.READABLE,
            "the table is INACCESSIBLE_ENCRYPTION_CREDENTIALS",
            id="a table without its key can be read",
        ),
        pytest.param(
            state(is_encrypting=True), Rest.ACTIVE, "its encryption is being changed", id="ACTIVE is not idle (T-069)"
        ),
        pytest.param(state(is_warming=True), Rest.ACTIVE, "it is being warmed", id="nor is it while warming (T-155)"),
        pytest.param(
            state(vector_indexes=(IndexState(vector_index(), "CREATING", is_backfilling=True),)),
            Rest.ALL_BUT_NEW_INDEXES,
            "index 'by-meaning' is CREATING, being filled",
            id="a vector index that is being built",
        ),
        pytest.param(
            state(vector_indexes=(IndexState(vector_index(), is_backfilling=True),)),
            Rest.ALL_BUT_NEW_INDEXES,
            "index 'by-meaning' is being filled",
            id="a vector index that cannot be searched yet",
        ),
        pytest.param(
            state(indexes=(live(status="CREATING"),)),
            Rest.ALL_BUT_NEW_INDEXES,
            "index 'by-email' is CREATING",
            id="an index that is being built (T-148)",
        ),
        pytest.param(
            state(indexes=(live(status=DELETING),)),
            Rest.TABLE,
            "index 'by-email' is DELETING",
            id="an index that is being deleted",
        ),
        pytest.param(
            state(vector_indexes=(IndexState(vector_index(), DELETING, is_backfilling=True),)),
            Rest.TABLE,
            "index 'by-meaning' is DELETING, being filled",
            id="an index that is deleted before it was filled",
        ),
        pytest.param(
            state(indexes=(live(is_warming=True),)),
            Rest.TABLE,
            "index 'by-email' is being warmed",
            id="an index that is being warmed",
        ),
        pytest.param(
            state(insights={TABLE: InsightsState("ENABLING", InsightsMode.THROTTLED_KEYS)}),
            Rest.TABLE,
            "contributor insights of the table are ENABLING",
            id="insights that are being switched",
        ),
        pytest.param(
            state(insights={"by-email": InsightsState("DISABLING", None)}),
            Rest.TABLE,
            "contributor insights of by-email are DISABLING",
            id="insights of an index that are being switched",
        ),
        pytest.param(
            state(insights={TABLE: InsightsState("FAILED", None, "why")}),
            Rest.EVERYTHING,
            "",
            id="insights that failed",
        ),
        pytest.param(
            state(kinesis=(destination("ACTIVE"), destination("UPDATING"))),
            Rest.TABLE,
            f"Kinesis stream {STREAM} is UPDATING",
            id="a Kinesis stream that is being changed",
        ),
        pytest.param(
            state(kinesis=(destination("DISABLED"), destination("ENABLE_FAILED"))),
            Rest.EVERYTHING,
            "",
            id="Kinesis streams that came to rest",
        ),
    ],
)
def test_how_far_a_table_has_come_to_rest(table: TableState, reached: Rest | None, obstacle: str) -> None:
    assert [rest for rest in Rest if table.is_at(rest)] == [rest for rest in Rest if rest <= (reached or 0)]
    assert " and ".join(table.obstacles(Rest.EVERYTHING)) == obstacle


def test_all_obstacles_are_told() -> None:
    table = state(status="UPDATING", is_encrypting=True, is_warming=True, indexes=(live(status="UPDATING"),))
    assert table.obstacles(Rest.EVERYTHING) == (
        "the table is UPDATING",
        "its encryption is being changed",
        "it is being warmed",
        "index 'by-email' is UPDATING",
    )
    assert table.obstacles(Rest.TABLE) == table.obstacles(Rest.EVERYTHING)[:3]
    assert table.obstacles(Rest.ACTIVE) == ("the table is UPDATING",)


def test_indexes_that_go_are_not_among_those_that_are_there() -> None:
    going, coming = live(global_index("going"), DELETING), live(global_index("coming"), "CREATING")
    assert [*state(indexes=(going, coming)).index_definitions] == ["coming"]
    vectors = IndexState(vector_index("going"), DELETING), IndexState(vector_index("coming"), "CREATING")
    assert [*state(vector_indexes=vectors).vector_index_definitions] == ["coming"]


def test_an_index_is_in_use_once_it_is_active() -> None:
    table = state(indexes=(live(global_index("coming"), "CREATING"), live()))
    assert [name for name in ("coming", "by-email", "other") if table.is_index_active(name)] == ["by-email"]


@pytest.mark.parametrize(
    ("status", "is_live", "is_moving"),
    [
        pytest.param("ENABLING", True, True, id="soon"),
        pytest.param("ACTIVE", True, False, id="now"),
        pytest.param("UPDATING", True, True, id="now, while its precision changes"),
        pytest.param("DISABLING", False, True, id="no more, soon"),
        pytest.param("DISABLED", False, False, id="no more"),
        pytest.param("ENABLE_FAILED", False, False, id="never"),
    ],
)
def test_whether_a_kinesis_stream_gets_changes(status: str, *, is_live: bool, is_moving: bool) -> None:
    assert destination(status).is_live is is_live
    assert destination(status).is_moving is is_moving
