from __future__ import annotations

from typing import Any, Final

import pytest

from table_provisioner.effects import Effect, Mark, effects, mark_of
from table_provisioner.schema import (
    BillingMode,
    InsightsMode,
    PointInTimeRecoverySpecification,
    SSESpecification,
    StreamSpecification,
    StreamViewType,
    TableClass,
    TimestampPrecision,
)
from table_provisioner.state import (
    TABLE,
    IndexState,
    InsightsState,
    KinesisDestination,
)
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
    KEY_ARN,
    PROVISIONED_STATE,
    attribute,
    capacity,
    global_index,
    imported,
    index,
    live,
    maximum,
    schema,
    state,
    vector_index,
    vectors,
    warmth,
)

GSI: Final = "GlobalSecondaryIndexes"
BY_EMAIL: Final = (GSI, "by-email")
KINESIS: Final = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"
PROJECTION: Final = {"ProjectionType": "ALL"}
MILLISECOND, MICROSECOND = TimestampPrecision.MILLISECOND, TimestampPrecision.MICROSECOND
PRECISION: Final = "ApproximateCreationDateTimePrecision"
KEYS: Final = InsightsMode.THROTTLED_KEYS


def units(reads: int, writes: int) -> dict[str, int]:
    return {"ReadCapacityUnits": reads, "WriteCapacityUnits": writes}


def with_index(**members: Any) -> Any:  # noqa: ANN401 -- members of any type
    return live(global_index(**members))


VECTORS: Final = {
    "VectorAttribute": {"AttributeName": "embedding"},
    "Projection": PROJECTION,
    "Dimensions": 256,
    "DistanceFunction": "COSINE",
}
CASES: Final = [
    (
        CreateTable(schema(GlobalSecondaryIndexes=[index()], Tags=[{"Key": "team", "Value": "shop"}]), {}),
        {},
        [
            (("TableName",), None, "orders"),
            (("PartitionKey",), None, attribute("id")),
            (BY_EMAIL, None, {"PartitionKey": [attribute("email")], "Projection": PROJECTION}),
            (("BillingMode",), None, "PAY_PER_REQUEST"),
            (("Tags", "team"), None, "shop"),
        ],
    ),
    (
        TagTable({"team": "shop", "new": "x"}),
        {"tags": {"team": "iam"}},
        [(("Tags", "team"), "iam", "shop"), (("Tags", "new"), None, "x")],
    ),
    (UntagTable(("team",)), {"tags": {"team": "iam"}}, [(("Tags", "team"), "iam", None)]),
    (
        TagStream({"team": "shop", "new": "x"}),
        {"tags": {"new": "y"}, "stream_tags": {"team": "iam"}},
        [(("StreamSpecification", "Tags", "team"), "iam", "shop"), (("StreamSpecification", "Tags", "new"), None, "x")],
    ),
    (
        UntagStream(("team",)),
        {"stream_tags": {"team": "iam"}},
        [(("StreamSpecification", "Tags", "team"), "iam", None)],
    ),
    (
        SetDeletionProtection(is_enabled=True),
        {"is_deletion_protected": False},
        [(("DeletionProtectionEnabled",), False, True)],
    ),
    (
        DeleteIndex("by-email"),
        {"indexes": (with_index(WarmThroughput={"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000}),)},
        [(BY_EMAIL, {"PartitionKey": [attribute("email")], "Projection": PROJECTION}, None)],
    ),
    (
        CreateIndex(global_index(ProvisionedThroughput=units(1, 2)), {}),
        {},
        [
            (
                BY_EMAIL,
                None,
                {
                    "PartitionKey": [attribute("email")],
                    "Projection": PROJECTION,
                    "ProvisionedThroughput": units(1, 2),
                },
            )
        ],
    ),
    (
        DeleteVectorIndex("by-meaning"),
        {"vector_indexes": (IndexState(vector_index()),)},
        [(("VectorIndexes", "by-meaning"), VECTORS, None)],
    ),
    (
        CreateVectorIndex(vector_index(InlineFilters=[attribute("kind")])),
        {},
        [(("VectorIndexes", "by-meaning"), None, VECTORS | {"InlineFilters": [attribute("kind")]})],
    ),
    (
        ImportTable(schema(**imported(), VectorIndexes=[vectors()])),
        {},
        [
            (("TableName",), None, "orders"),
            (("PartitionKey",), None, attribute("id")),
            (("VectorIndexes", "by-meaning"), None, VECTORS),
            (("BillingMode",), None, "PAY_PER_REQUEST"),
            (("ImportSourceSpecification",), None, imported()["ImportSourceSpecification"]),
        ],
    ),
    (
        SwitchBillingMode(BillingMode.PROVISIONED, capacity(1, 2), {"by-email": capacity(3, 4)}),
        {"indexes": (with_index(),)},
        [
            (("BillingMode",), "PAY_PER_REQUEST", "PROVISIONED"),
            (("ProvisionedThroughput",), None, units(1, 2)),
            ((*BY_EMAIL, "ProvisionedThroughput"), None, units(3, 4)),
        ],
    ),
    (
        SwitchBillingMode(BillingMode.PAY_PER_REQUEST),
        {**PROVISIONED_STATE, "indexes": (with_index(ProvisionedThroughput=units(3, 4)),)},
        [
            (("BillingMode",), "PROVISIONED", "PAY_PER_REQUEST"),
            (("ProvisionedThroughput",), units(5, 5), None),
            ((*BY_EMAIL, "ProvisionedThroughput"), units(3, 4), None),
        ],
    ),
    (
        SwitchBillingMode(BillingMode.PAY_PER_REQUEST, maximum=maximum(3, 4)),
        PROVISIONED_STATE,
        [
            (("BillingMode",), "PROVISIONED", "PAY_PER_REQUEST"),
            (("ProvisionedThroughput",), units(5, 5), None),
            (("OnDemandThroughput",), None, {"MaxReadRequestUnits": 3, "MaxWriteRequestUnits": 4}),
        ],
    ),
    (
        ChangeCapacity(capacity(6, 7), {"by-email": capacity(8, 9)}),
        {**PROVISIONED_STATE, "indexes": (with_index(ProvisionedThroughput=units(3, 4)),)},
        [
            (("ProvisionedThroughput",), units(5, 5), units(6, 7)),
            ((*BY_EMAIL, "ProvisionedThroughput"), units(3, 4), units(8, 9)),
        ],
    ),
    (
        LimitOnDemandThroughput(maximum(5)),
        {},
        [
            (
                ("OnDemandThroughput",),
                {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1},
                {"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": -1},
            )
        ],
    ),
    (
        LimitIndexOnDemandThroughput("by-email", maximum(writes=5)),
        {"indexes": (with_index(),)},
        [((*BY_EMAIL, "OnDemandThroughput"), None, {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 5})],
    ),
    (
        WarmTable(warmth(20_000, 5_000)),
        {},
        [
            (
                ("WarmThroughput",),
                {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000},
                {"ReadUnitsPerSecond": 20_000, "WriteUnitsPerSecond": 5_000},
            )
        ],
    ),
    (
        WarmIndex("by-email", warmth(20_000, None)),
        {"indexes": (with_index(WarmThroughput={"ReadUnitsPerSecond": 15_000, "WriteUnitsPerSecond": 4_000}),)},
        [
            (
                (*BY_EMAIL, "WarmThroughput"),
                {"ReadUnitsPerSecond": 15_000, "WriteUnitsPerSecond": 4_000},
                {"ReadUnitsPerSecond": 20_000},
            )
        ],
    ),
    (
        ChangeTableClass(TableClass.STANDARD_INFREQUENT_ACCESS),
        {},
        [(("TableClass",), "STANDARD", "STANDARD_INFREQUENT_ACCESS")],
    ),
    (
        ChangeEncryption(SSESpecification(sse_enabled=True)),
        {"encryption_key_arn": KEY_ARN},
        [
            (
                ("SSESpecification",),
                {"SSEEnabled": True, "KMSMasterKeyId": KEY_ARN},
                {"SSEEnabled": True, "KMSMasterKeyId": "alias/aws/dynamodb"},
            )
        ],
    ),
    (
        ChangeEncryption(SSESpecification(sse_enabled=False)),
        {"encryption_key_arn": KEY_ARN},
        [(("SSESpecification",), {"SSEEnabled": True, "KMSMasterKeyId": KEY_ARN}, {"SSEEnabled": False})],
    ),
    (
        DisableStream(),
        {"stream": StreamSpecification(stream_view_type=StreamViewType.KEYS_ONLY)},
        [(("StreamSpecification",), {"StreamViewType": "KEYS_ONLY"}, None)],
    ),
    (EnableStream(StreamViewType.NEW_IMAGE), {}, [(("StreamSpecification",), None, {"StreamViewType": "NEW_IMAGE"})]),
    (
        SetPointInTimeRecovery(
            PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True, recovery_period_in_days=7)
        ),
        {"point_in_time_recovery": PointInTimeRecoverySpecification()},
        [
            (
                ("PointInTimeRecoverySpecification",),
                {"PointInTimeRecoveryEnabled": False},
                {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
            )
        ],
    ),
    (
        SetContributorInsights(TABLE, KEYS),
        {"insights": {TABLE: InsightsState("DISABLED", None)}},
        [(("ContributorInsightsSpecification",), {"Enabled": False}, {"Enabled": True, "Mode": "THROTTLED_KEYS"})],
    ),
    (
        SetContributorInsights("by-email", None),
        {"insights": {"by-email": InsightsState("ENABLED", KEYS)}},
        [
            (
                (*BY_EMAIL, "ContributorInsightsSpecification"),
                {"Enabled": True, "Mode": "THROTTLED_KEYS"},
                {"Enabled": False},
            )
        ],
    ),
    (
        EnableKinesisStream(KINESIS, MICROSECOND),
        {"kinesis": ()},
        [(("KinesisStreamSpecification",), None, {"StreamArn": KINESIS, PRECISION: "MICROSECOND"})],
    ),
    (
        DisableKinesisStream(KINESIS),
        {"kinesis": (KinesisDestination(KINESIS, "ACTIVE", MILLISECOND),)},
        [(("KinesisStreamSpecification",), {"StreamArn": KINESIS}, None)],
    ),
    (
        ChangeKinesisPrecision(KINESIS, MICROSECOND),
        {"kinesis": (KinesisDestination(KINESIS, "ACTIVE", MILLISECOND),)},
        [(("KinesisStreamSpecification", PRECISION), "MILLISECOND", "MICROSECOND")],
    ),
    (
        PutResourcePolicy('{"Statement": [1]}'),
        {"resource_policy": '{"Statement": []}'},
        [(("ResourcePolicy",), {"PolicyDocument": {"Statement": []}}, {"PolicyDocument": {"Statement": [1]}})],
    ),
    (
        DeleteResourcePolicy(is_for_stream=True),
        {"resource_policy": "{}", "stream_policy": '{"Statement": []}'},
        [(("StreamSpecification", "ResourcePolicy"), {"PolicyDocument": {"Statement": []}}, None)],
    ),
    (
        EnableTimeToLive("ttl"),
        {},
        [(("TimeToLiveSpecification",), None, {"Enabled": True, "AttributeName": "ttl"})],
    ),
    (
        DisableTimeToLive("ttl"),
        {},
        [(("TimeToLiveSpecification",), {"Enabled": True, "AttributeName": "ttl"}, None)],
    ),
    (CreateBackup("before"), {}, []),
    (DeleteTable(), {}, []),
]


@pytest.mark.parametrize(("step", "actual", "expected"), CASES, ids=[str(case[0]) for case in CASES])
def test_a_step_says_from_what_to_what(step: Step, actual: dict[str, Any], expected: list[tuple[Any, ...]]) -> None:
    assert effects([step], state(**actual)) == tuple(Effect(*effect) for effect in expected)


def test_every_step_is_among_them() -> None:
    assert {type(case[0]).__name__ for case in CASES} == {step.__name__ for step in Step.__subclasses__()}


@pytest.mark.parametrize("step", [case[0] for case in CASES], ids=str)
def test_what_is_not_known_before_is_none(step: Step) -> None:
    """A removed property is the exception: that it was there is known."""
    assert all(effect.before is None or effect.after is None for effect in effects([step], None))


def test_a_property_that_goes_and_comes_again_is_one_effect() -> None:
    actual = state(indexes=(with_index(),), stream=StreamSpecification(stream_view_type=StreamViewType.KEYS_ONLY))
    steps = [DeleteIndex("by-email"), CreateIndex(global_index(partition="mail"), {}), DisableTimeToLive("a")]

    rebuilt, removed = effects(steps, actual)

    assert (rebuilt.mark, rebuilt.before["PartitionKey"], rebuilt.after["PartitionKey"]) == (
        Mark.REBUILT,
        [attribute("email")],
        [attribute("mail")],
    )
    assert removed.mark is Mark.REMOVED


def test_what_a_stream_had_is_not_what_the_next_one_has() -> None:
    stream = StreamSpecification(stream_view_type=StreamViewType.KEYS_ONLY)
    actual = state(stream=stream, stream_policy='{"Statement": []}', stream_tags={"team": "iam"})
    policy = PutResourcePolicy('{"Statement": []}', is_for_stream=True)
    steps = [DisableStream(), EnableStream(StreamViewType.NEW_IMAGE), TagStream({"team": "iam"}), policy]

    assert [(str(effect.mark), effect.path[-1], effect.before) for effect in effects(steps, actual)] == [
        ("-/+", "StreamSpecification", {"StreamViewType": "KEYS_ONLY"}),
        ("+", "team", None),
        ("+", "ResourcePolicy", None),
    ]


def test_the_tags_of_a_new_stream_are_told_by_key_and_once() -> None:
    tags = [{"Key": "team", "Value": "iam"}]
    declared = schema(StreamSpecification={"StreamViewType": "KEYS_ONLY", "Tags": tags})

    found = effects([CreateTable(declared, {}), TagStream({"team": "iam"})], None)

    assert [(effect.path, effect.after) for effect in found if effect.path[0] == "StreamSpecification"] == [
        (("StreamSpecification",), {"StreamViewType": "KEYS_ONLY"}),
        (("StreamSpecification", "Tags", "team"), "iam"),
    ]


def test_what_is_said_with_the_whole_is_not_said_again() -> None:
    insights = {"Enabled": "true", "Mode": "THROTTLED_KEYS"}
    declared = schema(GlobalSecondaryIndexes=[index(ContributorInsightsSpecification=insights)])

    found = effects([CreateTable(declared, {}), SetContributorInsights("by-email", KEYS)], None)

    assert [effect.path for effect in found] == [("TableName",), ("PartitionKey",), BY_EMAIL, ("BillingMode",)]


@pytest.mark.parametrize(
    ("step", "mark"),
    [
        (TagTable({"new": "x"}), "+"),
        (TagTable({"new": "x", "team": "shop"}), "~"),
        (TagTable({"team": "shop"}), "~"),
        (UntagTable(("team",)), "-"),
        (CreateBackup("before"), "~"),
    ],
    ids=str,
)
def test_a_step_has_one_mark(step: Step, mark: str) -> None:
    assert mark_of(step, state(tags={"team": "iam"})) == mark
