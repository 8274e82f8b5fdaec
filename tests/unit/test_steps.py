from __future__ import annotations

from typing import Final

import pytest

from table_provisioner.schema import (
    AttributeType,
    BillingMode,
    InsightsMode,
    PointInTimeRecoverySpecification,
    SSESpecification,
    SSEType,
    StreamViewType,
    TableClass,
    TimestampPrecision,
)
from table_provisioner.state import TABLE, Rest
from table_provisioner.steps import (
    ChangeCapacity,
    ChangeEncryption,
    ChangeKinesisPrecision,
    ChangeTableClass,
    CreateBackup,
    CreateIndex,
    CreateTable,
    CreateVectorIndex,
    DeleteIndex,
    DeleteResourcePolicy,
    DeleteTable,
    DeleteVectorIndex,
    DisableKinesisStream,
    DisableStream,
    DisableTimeToLive,
    EnableKinesisStream,
    EnableStream,
    EnableTimeToLive,
    ImportTable,
    LimitIndexOnDemandThroughput,
    LimitOnDemandThroughput,
    PutResourcePolicy,
    ReenableTimeToLive,
    SetContributorInsights,
    SetDeletionProtection,
    SetPointInTimeRecovery,
    Step,
    SwitchBillingMode,
    TagStream,
    TagTable,
    UntagStream,
    UntagTable,
    WarmIndex,
    WarmTable,
)
from tests.unit.declarations import (
    capacity,
    global_index,
    imported,
    maximum,
    schema,
    vector_index,
    warmth,
)

STREAM: Final = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"
KMS: Final = SSESpecification(sse_enabled=True, sse_type=SSEType.KMS)

STEPS = [
    (CreateTable(schema(), {}), "create table 'orders'", Rest.EVERYTHING),
    (ImportTable(schema(**imported())), "import table 'orders' from s3://lake/orders/", Rest.EVERYTHING),
    (TagTable({"b": "2", "a": "1"}), "set tags a, b", Rest.READABLE),
    (UntagTable(("a", "b")), "remove tags a, b", Rest.READABLE),
    (TagStream({"b": "2", "a": "1"}), "set tags a, b of the stream", Rest.ACTIVE),
    (UntagStream(("a", "b")), "remove tags a, b of the stream", Rest.ACTIVE),
    (SetDeletionProtection(is_enabled=True), "turn deletion protection on", Rest.ACTIVE),
    (SetDeletionProtection(is_enabled=False), "turn deletion protection off", Rest.ACTIVE),
    (DeleteIndex("by-email"), "delete index 'by-email'", Rest.TABLE),
    (CreateIndex(global_index(), {"email": AttributeType.STRING}), "create index 'by-email'", Rest.EVERYTHING),
    (DeleteVectorIndex("by-meaning"), "delete vector index 'by-meaning'", Rest.TABLE),
    (CreateVectorIndex(vector_index()), "create vector index 'by-meaning'", Rest.EVERYTHING),
    (SwitchBillingMode(BillingMode.PROVISIONED), "switch billing to PROVISIONED", Rest.EVERYTHING),
    (
        SwitchBillingMode(BillingMode.PAY_PER_REQUEST, maximum=maximum(3)),
        "switch billing to PAY_PER_REQUEST with maxima of 3 reads and -1 writes a second",
        Rest.EVERYTHING,
    ),
    (ChangeCapacity(capacity(1, 1), {}), "change capacity of the table", Rest.EVERYTHING),
    (
        ChangeCapacity(capacity(1, 1), {"b": capacity(1, 1), "a": capacity(1, 1)}),
        "change capacity of the table, index 'a', index 'b'",
        Rest.EVERYTHING,
    ),
    (ChangeCapacity(None, {"a": capacity(1, 1)}), "change capacity of index 'a'", Rest.EVERYTHING),
    (
        LimitOnDemandThroughput(maximum(5)),
        "set on-demand maxima of the table to 5 reads and -1 writes a second",
        Rest.EVERYTHING,
    ),
    (
        LimitIndexOnDemandThroughput("a", maximum(-1, 7)),
        "set on-demand maxima of index 'a' to -1 reads and 7 writes a second",
        Rest.EVERYTHING,
    ),
    (WarmTable(warmth(13, 5)), "warm the table to 13 reads and 5 writes a second", Rest.EVERYTHING),
    (WarmIndex("a", warmth(13, 5)), "warm index 'a' to 13 reads and 5 writes a second", Rest.EVERYTHING),
    (ChangeTableClass(TableClass.STANDARD), "change table class to STANDARD", Rest.EVERYTHING),
    (ChangeEncryption(KMS), "encrypt with the AWS managed key", Rest.EVERYTHING),
    (
        ChangeEncryption(KMS.model_copy(update={"kms_master_key_id": "alias/orders"})),
        "encrypt with alias/orders",
        Rest.EVERYTHING,
    ),
    (
        ChangeEncryption(SSESpecification(sse_enabled=False)),
        "encrypt with the key that DynamoDB owns",
        Rest.EVERYTHING,
    ),
    (DisableStream(), "turn the stream off", Rest.EVERYTHING),
    (EnableStream(StreamViewType.NEW_IMAGE), "turn a stream on with NEW_IMAGE", Rest.EVERYTHING),
    (
        SetPointInTimeRecovery(PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True)),
        "turn point-in-time recovery on",
        Rest.ACTIVE,
    ),
    (SetPointInTimeRecovery(PointInTimeRecoverySpecification()), "turn point-in-time recovery off", Rest.ACTIVE),
    (
        SetContributorInsights(TABLE, InsightsMode.THROTTLED_KEYS),
        "turn contributor insights of the table on with THROTTLED_KEYS",
        Rest.EVERYTHING,
    ),
    (SetContributorInsights("a", None), "turn contributor insights of index 'a' off", Rest.EVERYTHING),
    (
        EnableKinesisStream(STREAM, TimestampPrecision.MILLISECOND),
        f"send changes to Kinesis stream {STREAM}",
        Rest.EVERYTHING,
    ),
    (DisableKinesisStream(STREAM), f"send no more changes to Kinesis stream {STREAM}", Rest.EVERYTHING),
    (
        ChangeKinesisPrecision(STREAM, TimestampPrecision.MICROSECOND),
        f"change the precision of Kinesis stream {STREAM} to MICROSECOND",
        Rest.EVERYTHING,
    ),
    (PutResourcePolicy("{}"), "set the resource policy of the table", Rest.READABLE),
    (PutResourcePolicy("{}", is_for_stream=True), "set the resource policy of the stream", Rest.READABLE),
    (DeleteResourcePolicy(), "remove the resource policy of the table", Rest.READABLE),
    (DeleteResourcePolicy(is_for_stream=True), "remove the resource policy of the stream", Rest.READABLE),
    (EnableTimeToLive("ttl"), "turn time to live on with 'ttl'", Rest.ACTIVE),
    (ReenableTimeToLive("ttl"), "turn time to live on with 'ttl'", Rest.ACTIVE),
    (DisableTimeToLive("ttl"), "turn time to live off with 'ttl'", Rest.ACTIVE),
    (CreateBackup("orders-1"), "take the backup 'orders-1'", Rest.ACTIVE),
    (DeleteTable(), "delete the table", Rest.EVERYTHING),
]


@pytest.mark.parametrize(
    ("step", "phrase", "rest"), [pytest.param(*row, id=f"{type(row[0]).__name__}: {row[1]}") for row in STEPS]
)
def test_a_step_says_what_it_is_and_what_it_waits_for(step: Step, phrase: str, rest: Rest) -> None:
    assert str(step) == phrase
    assert step.waits_for is rest


def test_every_step_stands_in_the_table() -> None:
    assert {type(row[0]).__name__ for row in STEPS} == names_below(Step)


def names_below(step: type[Step]) -> set[str]:
    below = step.__subclasses__()
    return {each.__name__ for each in below}.union(*map(names_below, below))


def test_what_loses_something_says_so() -> None:
    destructive = {type(row[0]) for row in STEPS if row[0].is_destructive}
    assert destructive == {DeleteIndex, DeleteTable, DeleteVectorIndex, DisableStream}


def test_equal_steps_are_one_in_a_set_whatever_mappings_they_hold() -> None:
    steps = {TagTable({"a": "1"}), TagTable({"a": "1"}), ChangeCapacity(None, {}), ChangeCapacity(None, {})}
    assert len(steps) == 2


def test_a_step_as_such_is_none() -> None:
    with pytest.raises(NotImplementedError):
        str(Step())


def test_a_step_usually_takes_as_long_as_it_was_measured() -> None:
    assert {type(row[0]).__name__: row[0].usual_seconds for row in STEPS} == {
        "CreateTable": 16,
        "ImportTable": 600,
        "DeleteVectorIndex": 5,
        "CreateVectorIndex": 515,
        "TagTable": 2,
        "UntagTable": 2,
        "TagStream": 2,
        "UntagStream": 2,
        "SetDeletionProtection": 0,
        "DeleteIndex": 5,
        "CreateIndex": 515,
        "SwitchBillingMode": 130,
        "ChangeCapacity": 2,
        "LimitOnDemandThroughput": 0,
        "LimitIndexOnDemandThroughput": 2,
        "WarmTable": 440,
        "WarmIndex": 388,
        "ChangeTableClass": 4,
        "ChangeEncryption": 22,
        "DisableStream": 5,
        "EnableStream": 5,
        "SetPointInTimeRecovery": 0,
        "SetContributorInsights": 1,
        "EnableKinesisStream": 6,
        "DisableKinesisStream": 2,
        "ChangeKinesisPrecision": 138,
        "PutResourcePolicy": 2,
        "DeleteResourcePolicy": 2,
        "EnableTimeToLive": 1,
        "ReenableTimeToLive": 1_860,
        "DisableTimeToLive": 1,
        "CreateBackup": 0,
        "DeleteTable": 5,
    }


def test_every_step_of_a_plan_says_why_it_is_there() -> None:
    silent = {type(row[0]).__name__ for row in STEPS if not row[0].why}
    assert silent == {"CreateBackup", "DeleteTable"}, "they are no steps of a plan"
