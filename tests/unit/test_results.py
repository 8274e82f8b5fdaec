from __future__ import annotations

import pytest

from table_provisioner.errors import NotFoundError
from table_provisioner.results import ProvisionPlan, ProvisionResult, ProvisionStatus
from table_provisioner.schema import StreamViewType
from table_provisioner.steps import ChangeCapacity, DisableStream, EnableStream, Step
from tests.unit.declarations import schema


def test_a_failed_request_raises_its_error_when_asked() -> None:
    error = NotFoundError("table 'orders' does not exist.")
    result = ProvisionResult(status=ProvisionStatus.FAILED, table_name="orders", error=error)
    with pytest.raises(NotFoundError) as caught:
        result.raise_for_failure()
    assert caught.value is error


def test_a_good_request_raises_nothing() -> None:
    result = ProvisionResult(status=ProvisionStatus.CREATED, table_name="orders")
    result.raise_for_failure()
    assert (result.table_arn, result.table_id, result.stream_arn, result.message) == ("", "", "", "")
    assert not result.is_ours


def test_the_states_of_the_contract_are_among_the_ends() -> None:
    assert [str(status) for status in ProvisionStatus] == [
        "CREATED",
        "EXISTS",
        "UPDATED",
        "UNCHANGED",
        "DELETED",
        "RELEASED",
        "FAILED",
    ]


@pytest.mark.parametrize(
    ("status", "would_create"),
    [
        pytest.param("NOT_FOUND", True, id="no table"),
        pytest.param("UNKNOWN", True, id="nobody may look"),
        pytest.param("ACTIVE", False, id="a table"),
        pytest.param("DELETING", False, id="a table that goes"),
    ],
)
def test_whether_a_plan_creates(status: str, *, would_create: bool) -> None:
    assert ProvisionPlan(schema=schema(), table_status=status).would_create is would_create


@pytest.mark.parametrize(
    ("steps", "seconds", "is_destructive"),
    [
        pytest.param((), 0, False, id="nothing to do"),
        pytest.param((ChangeCapacity(None, {}),), 2, False, id="a harmless step"),
        pytest.param(
            (DisableStream(), EnableStream(StreamViewType.KEYS_ONLY), ChangeCapacity(None, {})),
            12,
            True,
            id="one step that loses something is enough",
        ),
    ],
)
def test_what_a_plan_takes(steps: tuple[Step, ...], seconds: int, *, is_destructive: bool) -> None:
    planned = ProvisionPlan(schema=schema(), table_status="ACTIVE", steps=steps)
    assert planned.usual_seconds == seconds
    assert planned.is_destructive is is_destructive
