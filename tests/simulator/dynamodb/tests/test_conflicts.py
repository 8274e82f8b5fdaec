"""What is refused while something is at work on the table (section 1.2 of the reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.simulator.dynamodb.tests.bench import (
    ARN,
    FEWER_UNITS,
    INDEXED,
    INFREQUENT,
    MAXIMA,
    MORE_UNITS,
    NAME,
    ON_DEMAND,
    PLAIN,
    PROTECTED,
    PROVISIONED,
    PROVISIONED_INDEXED,
    PROVISIONED_TABLE,
    SSE_OFF,
    SSE_ON,
    STREAM_OFF,
    STREAM_ON,
    UNITS,
    WARMER,
    index_creation,
    index_deletion,
    index_update,
    strings,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.dynamodb.tests.bench import Bench, Members

ALLOCATED: Final = 41
POLICY: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},'
    '"Action":"dynamodb:GetItem","Resource":"*"}]}'
)


def updating(request: Members, *parts: Members, wait: float = 1) -> Callable[[Bench], None]:
    """Start an UpdateTable on a fresh table, and look in a while later."""

    def begin(bench: Bench) -> None:
        bench.create(request)
        bench.update(*parts)
        bench.wait(wait)

    return begin


def creating(bench: Bench) -> None:
    bench.start()


def deleting(bench: Bench) -> None:
    bench.create()
    bench.call("DeleteTable", TableName=NAME)


def switching_back_to_provisioned(bench: Bench) -> None:
    bench.create()
    bench.update(PROVISIONED)
    bench.wait(1)


def tagging(bench: Bench) -> None:
    bench.create(PROVISIONED_TABLE)
    bench.call("TagResource", ResourceArn=ARN, Tags=[{"Key": "a", "Value": "1"}])


def writing_a_policy(bench: Bench) -> None:
    bench.create()
    bench.call("PutResourcePolicy", ResourceArn=ARN, Policy=POLICY)


SITUATIONS: Final[dict[str, Callable[[Bench], None]]] = {
    "CREATING": creating,
    "DELETING": deleting,
    "a capacity change": updating(PROVISIONED_TABLE, {"ProvisionedThroughput": MORE_UNITS}),
    "a switch to PROVISIONED": switching_back_to_provisioned,
    "a switch to PAY_PER_REQUEST": updating(PROVISIONED_TABLE, ON_DEMAND),
    "a capacity change of an indexed table": updating(PROVISIONED_INDEXED, {"ProvisionedThroughput": MORE_UNITS}),
    "a switch to PROVISIONED of an indexed table": updating(
        INDEXED, PROVISIONED, index_update("by_email", ProvisionedThroughput=UNITS), wait=7
    ),
    "a switch to PAY_PER_REQUEST of an indexed table": updating(PROVISIONED_INDEXED, ON_DEMAND),
    "a stream change of an indexed table": updating(INDEXED, STREAM_ON),
    "a class change of an indexed table": updating(INDEXED, INFREQUENT),
    "a stream change": updating(PLAIN, STREAM_ON),
    "a stream change of a provisioned table": updating(PROVISIONED_TABLE, STREAM_ON),
    "a class change": updating(PLAIN, INFREQUENT),
    "an encryption change": updating(PLAIN, SSE_ON),
    "a rise of warm throughput": updating(PLAIN, WARMER),
    "the allocation of an index": updating(INDEXED, index_creation("by_city")),
    "the allocation of an index of a provisioned table": updating(
        PROVISIONED_INDEXED, index_creation("by_city", ProvisionedThroughput=UNITS)
    ),
    "the backfill of an index": updating(INDEXED, index_creation("by_city"), wait=ALLOCATED),
    "the backfill of an index of a provisioned table": updating(
        PROVISIONED_INDEXED, index_creation("by_city", ProvisionedThroughput=UNITS), wait=ALLOCATED
    ),
    "the deletion of an index": updating(INDEXED, index_deletion("by_email")),
    "the deletion of an index of a provisioned table": updating(PROVISIONED_INDEXED, index_deletion("by_email")),
    "the update of an index": updating(PROVISIONED_INDEXED, index_update("by_email", ProvisionedThroughput=MORE_UNITS)),
    "a tag write": tagging,
    "a policy write": writing_a_policy,
}

CAPACITY: Final[Members] = {"ProvisionedThroughput": FEWER_UNITS}
CREATION: Final = index_creation("by_town")
PROVISIONED_CREATION: Final = index_creation("by_town", ProvisionedThroughput=UNITS)
DELETION: Final = index_deletion("by_email")
DELETE_TABLE: Final = "DeleteTable"

CELLS: Final[list[tuple[str, Members | str, str | None]]] = [
    ("CREATING", STREAM_ON, "table-is-being-created"),
    ("CREATING", SSE_ON, "table-is-being-created"),
    ("CREATING", PROTECTED, "table-is-being-created"),
    ("CREATING", CREATION, "table-is-being-created"),
    ("DELETING", STREAM_ON, "table-is-being-deleted"),
    ("DELETING", PROTECTED, "table-is-being-deleted"),
    ("DELETING", CREATION, "table-is-being-deleted"),
    ("DELETING", DELETE_TABLE, "table-is-being-deleted"),
    ("a capacity change", CAPACITY, "table-iops-are-being-updated"),
    ("a capacity change", ON_DEMAND, "table-iops-are-being-updated"),
    ("a capacity change", MAXIMA, "provisioned-takes-no-on-demand-maximum"),
    ("a capacity change", STREAM_ON, "stream-while-iops-are-being-updated"),
    ("a capacity change", SSE_ON, None),
    ("a capacity change", PROTECTED, None),
    ("a capacity change", PROVISIONED_CREATION, "index-while-iops-are-being-updated"),
    ("a capacity change of an indexed table", DELETION, "index-while-iops-are-being-updated"),
    ("a capacity change", DELETE_TABLE, "table-is-being-updated"),
    ("a switch to PROVISIONED", PROVISIONED, "table-iops-are-being-updated"),
    ("a switch to PROVISIONED", ON_DEMAND, None),
    ("a switch to PROVISIONED", MAXIMA, "on-demand-while-billing-is-being-updated"),
    ("a switch to PROVISIONED", STREAM_ON, "stream-while-iops-are-being-updated"),
    ("a switch to PROVISIONED", SSE_ON, None),
    ("a switch to PROVISIONED", WARMER, None),
    ("a switch to PROVISIONED", PROTECTED, None),
    ("a switch to PROVISIONED", PROVISIONED_CREATION, "index-while-iops-are-being-updated"),
    ("a switch to PROVISIONED of an indexed table", DELETION, "index-while-iops-are-being-updated"),
    ("a switch to PROVISIONED", DELETE_TABLE, "table-is-being-updated"),
    ("a switch to PAY_PER_REQUEST", PROVISIONED, "table-iops-are-being-updated"),
    ("a switch to PAY_PER_REQUEST", ON_DEMAND, "table-iops-are-being-updated"),
    ("a switch to PAY_PER_REQUEST", MAXIMA, "provisioned-takes-no-on-demand-maximum"),
    ("a switch to PAY_PER_REQUEST", STREAM_ON, "stream-while-iops-are-being-updated"),
    ("a switch to PAY_PER_REQUEST", SSE_ON, None),
    ("a switch to PAY_PER_REQUEST", WARMER, None),
    ("a switch to PAY_PER_REQUEST", PROTECTED, None),
    ("a switch to PAY_PER_REQUEST", CREATION, "index-while-iops-are-being-updated"),
    ("a switch to PAY_PER_REQUEST of an indexed table", DELETION, "index-while-iops-are-being-updated"),
    ("a switch to PAY_PER_REQUEST", INFREQUENT, "table-is-being-updated"),
    ("a switch to PAY_PER_REQUEST", DELETE_TABLE, "table-is-being-updated"),
    ("a stream change of a provisioned table", CAPACITY, "iops-while-stream-is-being-updated"),
    ("a stream change of a provisioned table", ON_DEMAND, "iops-while-stream-is-being-updated"),
    ("a stream change", MAXIMA, "on-demand-while-stream-is-being-updated"),
    ("a stream change", STREAM_ON, "stream-while-stream-is-being-updated"),
    ("a stream change", STREAM_OFF, "stream-while-stream-is-being-updated"),
    ("a stream change", INFREQUENT, "class-while-stream-is-being-updated"),
    ("a stream change", SSE_ON, None),
    ("a stream change", WARMER, None),
    ("a stream change", PROTECTED, None),
    ("a stream change", CREATION, "index-while-stream-is-being-updated"),
    ("a stream change of an indexed table", DELETION, "index-while-stream-is-being-updated"),
    ("a stream change", DELETE_TABLE, "delete-while-stream-is-being-updated"),
    ("a class change", MAXIMA, "on-demand-while-class-is-being-updated"),
    ("a class change", STREAM_ON, "stream-while-class-is-being-updated"),
    ("a class change", INFREQUENT, "class-while-class-is-being-updated"),
    ("a class change", SSE_ON, None),
    ("a class change", WARMER, None),
    ("a class change", PROTECTED, None),
    ("a class change", CREATION, "index-while-class-is-being-updated"),
    ("a class change of an indexed table", DELETION, "index-while-class-is-being-updated"),
    ("a class change", DELETE_TABLE, "table-is-being-updated"),
    ("an encryption change", STREAM_ON, None),
    ("an encryption change", INFREQUENT, None),
    ("an encryption change", SSE_ON, None),
    ("an encryption change", SSE_OFF, "encryption-is-being-updated"),
    ("an encryption change", PROTECTED, None),
    ("an encryption change", CREATION, None),
    ("an encryption change", DELETE_TABLE, "table-is-being-updated"),
    ("a rise of warm throughput", MAXIMA, None),
    ("a rise of warm throughput", SSE_ON, None),
    ("a rise of warm throughput", WARMER, None),
    ("a rise of warm throughput", PROTECTED, None),
    ("a rise of warm throughput", CREATION, None),
    ("a rise of warm throughput", DELETE_TABLE, "table-is-being-updated"),
    ("the allocation of an index of a provisioned table", CAPACITY, "iops-while-index-is-being-created"),
    (
        "the allocation of an index of a provisioned table",
        ON_DEMAND,
        "iops-while-index-is-being-created",
    ),
    ("the allocation of an index", MAXIMA, "on-demand-while-index-is-being-created"),
    ("the allocation of an index", STREAM_ON, "stream-while-index-is-being-created"),
    ("the allocation of an index", SSE_ON, None),
    ("the allocation of an index", WARMER, "system-maintenance"),
    ("the allocation of an index", PROTECTED, None),
    ("the allocation of an index", CREATION, "one-online-index"),
    ("the allocation of an index", index_deletion("by_email"), "one-online-index"),
    ("the allocation of an index", index_deletion("by_city"), "index-is-being-allocated"),
    (
        "the allocation of an index of a provisioned table",
        index_update("by_city", ProvisionedThroughput=MORE_UNITS),
        "index-is-not-backfilling-yet",
    ),
    (
        "the allocation of an index of a provisioned table",
        index_update("by_email", ProvisionedThroughput=MORE_UNITS),
        None,
    ),
    ("the allocation of an index", DELETE_TABLE, "delete-while-indexes-are-being-updated"),
    ("the backfill of an index of a provisioned table", CAPACITY, None),
    ("the backfill of an index", PROTECTED, None),
    ("the backfill of an index", CREATION, "one-online-index"),
    ("the backfill of an index", index_deletion("by_email"), "one-online-index"),
    ("the backfill of an index", index_deletion("by_city"), None),
    ("the backfill of an index", DELETE_TABLE, "delete-while-indexes-are-being-updated"),
    ("the deletion of an index of a provisioned table", CAPACITY, "iops-while-index-is-being-deleted"),
    ("the deletion of an index of a provisioned table", ON_DEMAND, "iops-while-index-is-being-deleted"),
    ("the deletion of an index", ON_DEMAND, None),
    ("the deletion of an index", MAXIMA, "on-demand-while-index-is-being-deleted"),
    ("the deletion of an index", SSE_ON, None),
    ("the deletion of an index", PROTECTED, None),
    ("the deletion of an index", CREATION, "one-online-index"),
    ("the deletion of an index", index_creation("by_email"), "index-is-being-deleted"),
    ("the deletion of an index", index_deletion("by_email"), "index-is-being-deleted"),
    ("the deletion of an index", DELETE_TABLE, "delete-while-indexes-are-being-updated"),
    (
        "the update of an index",
        index_update("by_email", ProvisionedThroughput=FEWER_UNITS),
        "index-is-being-updated",
    ),
    ("the update of an index", DELETE_TABLE, "delete-while-indexes-are-being-updated"),
    ("a tag write", CAPACITY, None),
    ("a tag write", PROTECTED, None),
    ("a tag write", DELETE_TABLE, "delete-while-tags-are-being-updated"),
    ("a policy write", PROTECTED, None),
    ("a policy write", DELETE_TABLE, "delete-while-policy-is-pending"),
]


def _of_member(member: str, value: object) -> str:
    if isinstance(value, str):
        return f"{member}={value}"
    return f"{member} off" if isinstance(value, dict) and False in value.values() else member


def _sentence(situation: str, attempt: Members | str, name: str | None) -> str:
    if isinstance(attempt, str):
        subject = attempt
    elif "GlobalSecondaryIndexUpdates" in attempt:
        kind, action = next(iter(attempt["GlobalSecondaryIndexUpdates"][0].items()))
        subject = f"{kind} of index {action['IndexName']}"
    else:
        subject = " and ".join(_of_member(member, value) for member, value in attempt.items())
    return f"during {situation}, {subject}: {name or 'admitted'}"


@pytest.mark.parametrize(("situation", "attempt", "name"), [pytest.param(*cell, id=_sentence(*cell)) for cell in CELLS])
def test_while_something_is_at_work(bench: Bench, situation: str, attempt: Members | str, name: str | None) -> None:
    SITUATIONS[situation](bench)
    before = bench.describe()
    operation = attempt if isinstance(attempt, str) else "UpdateTable"
    members = {} if isinstance(attempt, str) else attempt
    if name is None:
        bench.call(operation, TableName=NAME, **members)
        return
    refusal = bench.refused(operation, TableName=NAME, **members)
    assert refusal.is_listed_as(name), refusal
    assert bench.describe() == before


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        pytest.param(
            "TagResource", {"ResourceArn": ARN, "Tags": [{"Key": "a", "Value": "1"}]}, id="tags are taken meanwhile"
        ),
        pytest.param(
            "UpdateTimeToLive",
            {"TableName": NAME, "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "ttl"}},
            id="TTL is taken meanwhile",
        ),
        pytest.param(
            "UpdateContinuousBackups",
            {"TableName": NAME, "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
            id="point-in-time recovery is taken meanwhile",
        ),
        pytest.param("PutResourcePolicy", {"ResourceArn": ARN, "Policy": POLICY}, id="a policy is taken meanwhile"),
        pytest.param("CreateBackup", {"TableName": NAME, "BackupName": "first"}, id="a backup is taken meanwhile"),
    ],
)
@pytest.mark.parametrize("situation", ["a stream change", "a class change", "the allocation of an index"])
def test_sub_resources_are_admitted_while_updating(
    bench: Bench, situation: str, operation: str, params: Members
) -> None:
    SITUATIONS[situation](bench)
    assert bench.describe()["TableStatus"] == "UPDATING"
    bench.call(operation, **params)


def test_an_encryption_change_hides_a_class_change_and_the_next_one_is_lost(bench: Bench) -> None:
    bench.create()
    bench.update(INFREQUENT)
    bench.update(SSE_ON)
    assert bench.describe()["TableStatus"] == "ACTIVE"
    for name in ("STANDARD", "STANDARD_INFREQUENT_ACCESS"):
        assert bench.update(TableClass=name)["TableStatus"] == "UPDATING"
    bench.update(MAXIMA)
    bench.wait(30)
    assert bench.describe()["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert len(bench.table.table_class.changes) == 1


def test_a_switch_back_during_a_switch_to_provisioned_is_swallowed(bench: Bench) -> None:
    bench.create()
    bench.update(PROVISIONED)
    shown = bench.update(ON_DEMAND)
    assert shown["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert shown["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    bench.seconds_until_rest()
    described = bench.describe()
    assert described["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 5


def test_six_different_calls_at_one_active_table_all_take_effect(bench: Bench) -> None:
    bench.create()
    bench.call("TagResource", ResourceArn=ARN, Tags=[{"Key": "a", "Value": "1"}])
    bench.call("UpdateTimeToLive", TableName=NAME, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    bench.call(
        "UpdateContinuousBackups",
        TableName=NAME,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    bench.call("PutResourcePolicy", ResourceArn=ARN, Policy=POLICY)
    bench.call("UpdateContributorInsights", TableName=NAME, ContributorInsightsAction="ENABLE")
    bench.update(STREAM_ON)
    assert bench.describe()["TableStatus"] == "UPDATING"
    assert strings("id") == bench.describe()["AttributeDefinitions"]
