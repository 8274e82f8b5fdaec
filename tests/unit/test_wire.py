from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator
from hypothesis import given, settings

from table_provisioner.differences import import_difference
from table_provisioner.goal import Goal
from table_provisioner.plan import creation_tags
from table_provisioner.schema import (
    AttributeType,
    BillingMode,
    InsightsMode,
    OnDemandThroughput,
    PointInTimeRecoverySpecification,
    SSESpecification,
    SSEType,
    StreamSpecification,
    StreamViewType,
    TableClass,
    TimestampPrecision,
    WarmThroughput,
)
from table_provisioner.state import TABLE, Decreases, IndexState, InsightsState, KinesisDestination
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
from table_provisioner.wire import (
    Operation,
    create_table_request,
    import_state,
    import_table_request,
    insights_state,
    kinesis_destinations,
    request,
    table_identity,
    table_state,
)
from tests.unit.declarations import (
    ARN,
    KEY_ARN,
    ON_DEMAND,
    PROVISIONED,
    UNITS,
    Members,
    attribute,
    capacity,
    global_index,
    imported,
    index,
    live,
    local,
    local_index,
    maximum,
    schema,
    state,
    string,
    vector_index,
    vectors,
    warmth,
)
from tests.unit.templates import definitions, key_schema
from tests.unit.test_plan import schemas

if TYPE_CHECKING:
    from table_provisioner.schema import TableSchema
    from table_provisioner.state import TableState

MODEL: Final = botocore.session.get_session().get_service_model("dynamodb")
CREATED: Final = datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)
STREAM: Final = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"
STREAM_ARN: Final = f"{ARN}/stream/2026-11-22T12:00:00.000"
ON_DEMAND_SUMMARY: Final[Members] = {"BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}
WARMING: Final[Members] = {"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 4_000, "Status": "UPDATING"}
ZEROS: Final[Members] = {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}


def described(**members: Any) -> Members:  # noqa: ANN401 -- members of any type
    """The table of a DescribeTable answer, paid per request and at rest, with changes."""
    table = {
        "TableName": "orders",
        "TableArn": ARN,
        "TableId": "11111111-aaaa-bbbb-cccc-222222222222",
        "TableStatus": "ACTIVE",
        "CreationDateTime": CREATED,
        "AttributeDefinitions": definitions(id="S"),
        "KeySchema": key_schema("id"),
        "ProvisionedThroughput": ZEROS,
        "DeletionProtectionEnabled": False,
        "WarmThroughput": {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"},
        "ItemCount": 3,
        "TableSizeBytes": 100,
        **ON_DEMAND_SUMMARY,
        **members,
    }
    return {name: value for name, value in table.items() if value is not None}


def seen(**changes: Any) -> TableState:  # noqa: ANN401 -- changes of any type
    return state(created_at=CREATED.timestamp(), tags=None, **changes)


def index_answer(**members: Any) -> Members:  # noqa: ANN401 -- members of any type
    answer = {
        "IndexName": "by-email",
        "KeySchema": key_schema("email"),
        "Projection": {"ProjectionType": "ALL"},
        "IndexStatus": "ACTIVE",
        "IndexArn": f"{ARN}/index/by-email",
        "IndexSizeBytes": 0,
        "ItemCount": 0,
        "ProvisionedThroughput": ZEROS,
        **members,
    }
    return {name: value for name, value in answer.items() if value is not None}


def with_index(**members: Any) -> Members:  # noqa: ANN401 -- as above
    return described(
        AttributeDefinitions=definitions(email="S", id="S"), GlobalSecondaryIndexes=[index_answer(**members)]
    )


FIVE: Final = {"NumberOfDecreasesToday": 1, "LastDecreaseDateTime": CREATED, **UNITS}
ONCE: Final = Decreases(1, CREATED.timestamp())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(described(), seen(), id="a table that is paid per request shows zeros (T-028)"),
        pytest.param(
            described(BillingModeSummary=None, ProvisionedThroughput=FIVE, WarmThroughput=None),
            seen(
                billing_mode=BillingMode.PROVISIONED,
                provisioned_throughput=capacity(5, 5),
                warm_throughput=None,
                decreases={TABLE: ONCE},
            ),
            id="no mode means PROVISIONED (T-025), and decreases are counted (T-184)",
        ),
        pytest.param(
            described(
                BillingModeSummary={"BillingMode": "PROVISIONED", "LastUpdateToPayPerRequestDateTime": CREATED},
                ProvisionedThroughput=FIVE,
            ),
            seen(
                billing_mode=BillingMode.PROVISIONED,
                provisioned_throughput=capacity(5, 5),
                decreases={TABLE: ONCE},
                on_demand_since=CREATED.timestamp(),
            ),
            id="a mode that was switched back (T-055)",
        ),
        pytest.param(
            described(OnDemandThroughput={"MaxReadRequestUnits": 5}),
            seen(on_demand_throughput=maximum(5)),
            id="a maximum that is not shown is none (T-182)",
        ),
        pytest.param(
            described(OnDemandThroughput={"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1}),
            seen(on_demand_throughput=OnDemandThroughput()),
            id="-1 is shown for a second after clearing (T-154)",
        ),
        pytest.param(described(OnDemandThroughput={}), seen(), id="empty maxima are none"),
        pytest.param(
            described(WarmThroughput=WARMING),
            seen(warm_throughput=warmth(13_000, 4_000), is_warming=True),
            id="a table that is being warmed (T-155)",
        ),
        pytest.param(
            described(WarmThroughput={"Status": "UPDATING"}),
            seen(warm_throughput=WarmThroughput.model_construct(), is_warming=True),
            id="warmth without units",
        ),
        pytest.param(
            described(
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
                LatestStreamArn=STREAM_ARN,
                LatestStreamLabel="2026-11-22T12:00:00.000",
            ),
            seen(stream=StreamSpecification(stream_view_type=StreamViewType.NEW_IMAGE), stream_arn=STREAM_ARN),
            id="a stream",
        ),
        pytest.param(
            described(LatestStreamArn=STREAM_ARN),
            seen(),
            id="the ARN of a stream that is off lingers (T-050)",
        ),
        pytest.param(
            described(StreamSpecification={"StreamEnabled": False}, LatestStreamArn=STREAM_ARN),
            seen(),
            id="a stream that says it is off",
        ),
        pytest.param(
            described(StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}),
            seen(stream=StreamSpecification(stream_view_type=StreamViewType.KEYS_ONLY)),
            id="a stream that has no ARN yet",
        ),
        pytest.param(
            described(SSEDescription={"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": KEY_ARN}),
            seen(encryption_key_arn=KEY_ARN),
            id="a KMS key (T-027)",
        ),
        pytest.param(
            described(SSEDescription={"Status": "UPDATING"}),
            seen(is_encrypting=True),
            id="the stub while keys are exchanged (T-361)",
        ),
        pytest.param(
            described(
                SSEDescription={
                    "Status": "ENABLED",
                    "SSEType": "KMS",
                    "KMSMasterKeyArn": KEY_ARN,
                    "InaccessibleEncryptionDateTime": CREATED,
                }
            ),
            seen(encryption_key_arn=KEY_ARN),
            id="a key that is out of reach since a while (T-331)",
        ),
        pytest.param(
            described(TableClassSummary={"TableClass": "STANDARD_INFREQUENT_ACCESS", "LastUpdateDateTime": CREATED}),
            seen(table_class=TableClass.STANDARD_INFREQUENT_ACCESS),
            id="a class (T-026)",
        ),
        pytest.param(described(DeletionProtectionEnabled=True), seen(is_deletion_protected=True), id="protection"),
        pytest.param(described(DeletionProtectionEnabled=None), seen(), id="no protection"),
        pytest.param(
            described(AttributeDefinitions=definitions(at="N", id="S"), KeySchema=key_schema("id", "at")),
            seen(sort_key=(string("at").model_copy(update={"type": AttributeType.NUMBER}),)),
            id="a sort key, defined in the order of names (T-125)",
        ),
        pytest.param(
            described(
                AttributeDefinitions=definitions(at="S", id="S", size="S"),
                KeySchema=key_schema("id", "at"),
                LocalSecondaryIndexes=[
                    index_answer(
                        IndexName="by-size",
                        KeySchema=key_schema("id", "size"),
                        Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b"]},
                        IndexStatus=None,
                    )
                ],
            ),
            seen(
                sort_key=(string("at"),),
                local_indexes=(local_index(Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b"]}),),
            ),
            id="a local index",
        ),
        pytest.param(with_index(), seen(indexes=(live(),)), id="a global index"),
        pytest.param(
            with_index(IndexStatus="CREATING", Backfilling=True),
            seen(indexes=(replace(live(status="CREATING"), is_backfilling=True),)),
            id="an index that is filled (T-138)",
        ),
        pytest.param(with_index(IndexStatus=None), seen(indexes=(live(),)), id="an index that says no status"),
        pytest.param(
            with_index(
                WarmThroughput=WARMING,
                OnDemandThroughput={"MaxWriteRequestUnits": 9},
            ),
            seen(
                indexes=(
                    IndexState(
                        global_index().model_copy(
                            update={
                                "warm_throughput": warmth(13_000, 4_000),
                                "on_demand_throughput": maximum(-1, 9),
                            }
                        ),
                        is_warming=True,
                    ),
                )
            ),
            id="an index with throughput, being warmed",
        ),
        pytest.param(
            with_index(
                KeySchema=key_schema("id", "email", hashes=2),
                Projection={"ProjectionType": "KEYS_ONLY"},
            ),
            seen(
                indexes=(
                    live(
                        global_index(
                            PartitionKey=[attribute("id"), attribute("email")],
                            Projection={"ProjectionType": "KEYS_ONLY"},
                        )
                    ),
                )
            ),
            id="an index key of several attributes (T-123)",
        ),
        pytest.param(with_index(Projection=None), seen(indexes=(live(),)), id="an index that shows no projection"),
        pytest.param(
            with_index(ProvisionedThroughput=FIVE)
            | {"BillingModeSummary": {"BillingMode": "PROVISIONED"}, "ProvisionedThroughput": FIVE},
            seen(
                billing_mode=BillingMode.PROVISIONED,
                provisioned_throughput=capacity(5, 5),
                indexes=(live(global_index(ProvisionedThroughput=UNITS)),),
                decreases={TABLE: ONCE, "by-email": ONCE},
            ),
            id="the capacity of an index",
        ),
        pytest.param(
            described(
                AttributeDefinitions=definitions(id="S", kind="S"),
                VectorIndexes=[
                    {
                        "IndexName": "by-meaning",
                        "VectorAttribute": {"AttributeName": "embedding"},
                        "SearchSchema": [
                            {"AttributeName": "id", "SearchSchemaElementType": "INLINE_FILTER"},
                            {"AttributeName": "kind", "SearchSchemaElementType": "HASH"},
                        ],
                        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]},
                        "Dimensions": 256,
                        "DistanceFunction": "COSINE",
                        "IndexStatus": "CREATING",
                        "Backfilling": True,
                        "IndexArn": f"{ARN}/index/by-meaning",
                        "IndexSizeBytes": 0,
                        "ItemCount": 0,
                    },
                    {
                        "IndexName": "by-look",
                        "VectorAttribute": {"AttributeName": "embedding"},
                        "Projection": {"ProjectionType": "ALL"},
                        "Dimensions": 256,
                        "DistanceFunction": "COSINE",
                        "IndexStatus": "ACTIVE",
                    },
                ],
            ),
            seen(
                vector_indexes=(
                    IndexState(
                        vector_index(
                            PartitionKey=attribute("kind"),
                            InlineFilters=[attribute("id")],
                            Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]},
                        ),
                        "CREATING",
                        is_backfilling=True,
                    ),
                    IndexState(vector_index("by-look")),
                )
            ),
            id="vector indexes",
        ),
        pytest.param(described(TableStatus="CREATING"), seen(status="CREATING"), id="a table that is being created"),
    ],
)
def test_an_answer_of_describe_table_is_a_state(answer: Members, expected: TableState) -> None:
    assert table_state(answer) == expected


def test_an_engine_without_table_ids_tells_tables_by_their_creation() -> None:
    assert table_identity(described()) == "11111111-aaaa-bbbb-cccc-222222222222"
    assert table_identity(described(TableId=None)) == "2026-11-22T12:00:00.500000+00:00"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param({"ContributorInsightsStatus": "DISABLED"}, InsightsState("DISABLED", None), id="never on (T-089)"),
        pytest.param({}, InsightsState("DISABLED", None), id="nothing said"),
        pytest.param(
            {"ContributorInsightsStatus": "ENABLED", "ContributorInsightsRuleList": ["x"]},
            InsightsState("ENABLED", InsightsMode.ACCESSED_AND_THROTTLED_KEYS),
            id="on, in the default mode (T-340)",
        ),
        pytest.param(
            {"ContributorInsightsStatus": "ENABLING", "ContributorInsightsMode": "THROTTLED_KEYS"},
            InsightsState("ENABLING", InsightsMode.THROTTLED_KEYS),
            id="soon on, in another mode",
        ),
        pytest.param(
            {"ContributorInsightsStatus": "DISABLING", "ContributorInsightsMode": "THROTTLED_KEYS"},
            InsightsState("DISABLING", None),
            id="soon off",
        ),
        pytest.param(
            {
                "ContributorInsightsStatus": "FAILED",
                "FailureException": {"ExceptionName": "LimitExceeded", "ExceptionDescription": "Too many."},
            },
            InsightsState("FAILED", None, "LimitExceeded Too many."),
            id="failed, with the reason",
        ),
        pytest.param(
            {"ContributorInsightsStatus": "FAILED", "FailureException": {"ExceptionName": "LimitExceeded"}},
            InsightsState("FAILED", None, "LimitExceeded"),
            id="failed, with half a reason",
        ),
        pytest.param(
            {"ContributorInsightsStatus": "FAILED"},
            InsightsState("FAILED", None, "no reason was given"),
            id="failed, without a reason",
        ),
        pytest.param(
            {"ContributorInsightsStatus": "ENABLED", "FailureException": {"ExceptionName": "Old"}},
            InsightsState("ENABLED", InsightsMode.ACCESSED_AND_THROTTLED_KEYS),
            id="a failure that is over",
        ),
    ],
)
def test_an_answer_about_insights_is_a_state(answer: Members, expected: InsightsState) -> None:
    assert insights_state(answer) == expected


def test_an_answer_about_kinesis_lists_every_destination() -> None:
    answer = {
        "TableName": "orders",
        "KinesisDataStreamDestinations": [
            {"StreamArn": STREAM, "DestinationStatus": "ACTIVE"},
            {
                "StreamArn": STREAM,
                "DestinationStatus": "UPDATING",
                "ApproximateCreationDateTimePrecision": "MICROSECOND",
                "DestinationStatusDescription": "soon",
            },
            {"StreamArn": STREAM, "DestinationStatus": "ENABLE_FAILED", "DestinationStatusDescription": "gone"},
            {"StreamArn": STREAM, "DestinationStatus": "ENABLE_FAILED"},
        ],
    }
    milliseconds = TimestampPrecision.MILLISECOND
    assert kinesis_destinations(answer) == (
        KinesisDestination(STREAM, "ACTIVE", milliseconds),
        KinesisDestination(STREAM, "UPDATING", TimestampPrecision.MICROSECOND),
        KinesisDestination(STREAM, "ENABLE_FAILED", milliseconds, "gone"),
        KinesisDestination(STREAM, "ENABLE_FAILED", milliseconds, "no reason was given"),
    )
    assert kinesis_destinations({}) == ()


def check(operation: str, arguments: Members) -> None:
    """Hold the arguments against the SDK's own model: names, types, what is required, and no empty parts."""
    shape = MODEL.operation_model(operation).input_shape
    assert shape
    report = ParamValidator().validate(arguments, shape)
    assert not report.has_errors(), report.generate_report()
    assert [*empty_parts(arguments)] == []


def empty_parts(value: Any, path: str = "") -> list[str]:  # noqa: ANN401 -- JSON of any shape
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    here = [path] if value is None or value in ([], {}) else []
    return here + [found for name, part in parts for found in empty_parts(part, f"{path}/{name}")]


NAMED: Final[Members] = {"TableName": "orders"}
PERIOD: Final = PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True, recovery_period_in_days=7)
ALIAS: Final = SSESpecification(sse_enabled=True, sse_type=SSEType.KMS, kms_master_key_id="alias/orders")
MICROSECONDS: Final[Members] = {"ApproximateCreationDateTimePrecision": "MICROSECOND"}


def updated(*updates: Members) -> Members:
    return NAMED | {"GlobalSecondaryIndexUpdates": list(updates)}


NATIVE_VECTORS: Final[Members] = {
    "IndexName": "by-meaning",
    "VectorAttribute": {"AttributeName": "embedding"},
    "Projection": {"ProjectionType": "ALL"},
    "Dimensions": 256,
    "DistanceFunction": "COSINE",
}
REQUESTS = [
    (
        TagTable({"a": "1", "b": ""}),
        "TagResource",
        {
            "ResourceArn": ARN,
            "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}],
        },
    ),
    (UntagTable(("a", "b")), "UntagResource", {"ResourceArn": ARN, "TagKeys": ["a", "b"]}),
    (TagStream({"a": "1"}), "TagResource", {"ResourceArn": STREAM_ARN, "Tags": [{"Key": "a", "Value": "1"}]}),
    (UntagStream(("a", "b")), "UntagResource", {"ResourceArn": STREAM_ARN, "TagKeys": ["a", "b"]}),
    (
        EnableTimeToLive("ttl"),
        "UpdateTimeToLive",
        NAMED | {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "ttl"}},
    ),
    (
        DisableTimeToLive("ttl"),
        "UpdateTimeToLive",
        NAMED | {"TimeToLiveSpecification": {"Enabled": False, "AttributeName": "ttl"}},
    ),
    (
        SetPointInTimeRecovery(PERIOD),
        "UpdateContinuousBackups",
        NAMED
        | {
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
        },
    ),
    (
        SetPointInTimeRecovery(PointInTimeRecoverySpecification()),
        "UpdateContinuousBackups",
        NAMED
        | {
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False},
        },
    ),
    (
        SetContributorInsights(TABLE, InsightsMode.THROTTLED_KEYS),
        "UpdateContributorInsights",
        NAMED
        | {
            "ContributorInsightsAction": "ENABLE",
            "ContributorInsightsMode": "THROTTLED_KEYS",
        },
    ),
    (
        SetContributorInsights("by-email", None),
        "UpdateContributorInsights",
        NAMED
        | {
            "IndexName": "by-email",
            "ContributorInsightsAction": "DISABLE",
        },
    ),
    (
        EnableKinesisStream(STREAM, TimestampPrecision.MICROSECOND),
        "EnableKinesisStreamingDestination",
        NAMED
        | {
            "StreamArn": STREAM,
            "EnableKinesisStreamingConfiguration": MICROSECONDS,
        },
    ),
    (DisableKinesisStream(STREAM), "DisableKinesisStreamingDestination", NAMED | {"StreamArn": STREAM}),
    (
        ChangeKinesisPrecision(STREAM, TimestampPrecision.MICROSECOND),
        "UpdateKinesisStreamingDestination",
        NAMED
        | {
            "StreamArn": STREAM,
            "UpdateKinesisStreamingConfiguration": MICROSECONDS,
        },
    ),
    (PutResourcePolicy("{}"), "PutResourcePolicy", {"ResourceArn": ARN, "Policy": "{}"}),
    (PutResourcePolicy("{}", is_for_stream=True), "PutResourcePolicy", {"ResourceArn": STREAM_ARN, "Policy": "{}"}),
    (DeleteResourcePolicy(), "DeleteResourcePolicy", {"ResourceArn": ARN}),
    (DeleteResourcePolicy(is_for_stream=True), "DeleteResourcePolicy", {"ResourceArn": STREAM_ARN}),
    (CreateBackup("orders-1"), "CreateBackup", NAMED | {"BackupName": "orders-1"}),
    (DeleteTable(), "DeleteTable", NAMED),
    (SetDeletionProtection(is_enabled=True), "UpdateTable", NAMED | {"DeletionProtectionEnabled": True}),
    (SetDeletionProtection(is_enabled=False), "UpdateTable", NAMED | {"DeletionProtectionEnabled": False}),
    (DeleteIndex("by-email"), "UpdateTable", updated({"Delete": {"IndexName": "by-email"}})),
    (
        CreateIndex(
            global_index(
                SortKey=attribute("at", "N"),
                Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]},
                OnDemandThroughput={"MaxReadRequestUnits": 7},
                WarmThroughput={"ReadUnitsPerSecond": 13_000},
            ),
            {"email": AttributeType.STRING, "at": AttributeType.NUMBER},
        ),
        "UpdateTable",
        updated(
            {
                "Create": {
                    "IndexName": "by-email",
                    "KeySchema": key_schema("email", "at"),
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]},
                    "OnDemandThroughput": {"MaxReadRequestUnits": 7},
                    "WarmThroughput": {"ReadUnitsPerSecond": 13_000},
                }
            }
        )
        | {"AttributeDefinitions": definitions(id="S", size="S", name="S", look="S", email="S", at="N")},
    ),
    (
        CreateIndex(
            global_index("by-phone", partition="phone", ProvisionedThroughput=UNITS, OnDemandThroughput={}),
            {"phone": AttributeType.STRING},
        ),
        "UpdateTable",
        updated(
            {
                "Create": {
                    "IndexName": "by-phone",
                    "KeySchema": key_schema("phone"),
                    "Projection": {"ProjectionType": "ALL"},
                    "ProvisionedThroughput": UNITS,
                }
            }
        )
        | {"AttributeDefinitions": definitions(id="S", size="S", name="S", look="S", phone="S")},
    ),
    (
        DeleteVectorIndex("by-meaning"),
        "UpdateTable",
        NAMED | {"VectorIndexUpdates": [{"Delete": {"IndexName": "by-meaning"}}]},
    ),
    (
        CreateVectorIndex(vector_index(PartitionKey=attribute("kind"), InlineFilters=[attribute("id")])),
        "UpdateTable",
        NAMED
        | {
            "AttributeDefinitions": definitions(id="S", size="S", name="S", look="S", kind="S"),
            "VectorIndexUpdates": [
                {
                    "Create": NATIVE_VECTORS
                    | {
                        "SearchSchema": [
                            {"AttributeName": "kind", "SearchSchemaElementType": "HASH"},
                            {"AttributeName": "id", "SearchSchemaElementType": "INLINE_FILTER"},
                        ]
                    }
                }
            ],
        },
    ),
    (SwitchBillingMode(BillingMode.PAY_PER_REQUEST), "UpdateTable", NAMED | ON_DEMAND),
    (
        SwitchBillingMode(BillingMode.PAY_PER_REQUEST, maximum=OnDemandThroughput(max_read_request_units=3)),
        "UpdateTable",
        NAMED | ON_DEMAND | {"OnDemandThroughput": {"MaxReadRequestUnits": 3}},
    ),
    (
        SwitchBillingMode(BillingMode.PROVISIONED, capacity(5, 5), {"by-email": capacity(5, 5)}),
        "UpdateTable",
        PROVISIONED | updated({"Update": {"IndexName": "by-email", "ProvisionedThroughput": UNITS}}),
    ),
    (ChangeCapacity(capacity(5, 5), {}), "UpdateTable", NAMED | {"ProvisionedThroughput": UNITS}),
    (
        ChangeCapacity(None, {"by-email": capacity(5, 5)}),
        "UpdateTable",
        updated({"Update": {"IndexName": "by-email", "ProvisionedThroughput": UNITS}}),
    ),
    (
        LimitOnDemandThroughput(OnDemandThroughput()),
        "UpdateTable",
        NAMED | {"OnDemandThroughput": {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1}},
    ),
    (
        LimitIndexOnDemandThroughput("by-email", maximum(7)),
        "UpdateTable",
        updated(
            {
                "Update": {
                    "IndexName": "by-email",
                    "OnDemandThroughput": {"MaxReadRequestUnits": 7, "MaxWriteRequestUnits": -1},
                }
            }
        ),
    ),
    (
        WarmTable(warmth(13_000, None)),
        "UpdateTable",
        NAMED | {"WarmThroughput": {"ReadUnitsPerSecond": 13_000}},
    ),
    (
        WarmIndex("by-email", warmth(13_000, 4_000)),
        "UpdateTable",
        updated(
            {
                "Update": {
                    "IndexName": "by-email",
                    "WarmThroughput": {"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 4_000},
                }
            }
        ),
    ),
    (ChangeTableClass(TableClass.STANDARD), "UpdateTable", NAMED | {"TableClass": "STANDARD"}),
    (
        ChangeEncryption(ALIAS),
        "UpdateTable",
        NAMED | {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/orders"}},
    ),
    (
        ChangeEncryption(SSESpecification(sse_enabled=True)),
        "UpdateTable",
        NAMED | {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}},
    ),
    (
        ChangeEncryption(SSESpecification(sse_enabled=False)),
        "UpdateTable",
        NAMED | {"SSESpecification": {"Enabled": False}},
    ),
    (DisableStream(), "UpdateTable", NAMED | {"StreamSpecification": {"StreamEnabled": False}}),
    (
        EnableStream(StreamViewType.KEYS_ONLY),
        "UpdateTable",
        NAMED | {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}},
    ),
]
LIVE: Final = state(
    stream_arn=STREAM_ARN,
    local_indexes=(local_index(),),
    indexes=(live(global_index("by-name", partition="name")),),
    vector_indexes=(IndexState(vector_index("by-look", InlineFilters=[attribute("look")])),),
)


@pytest.mark.parametrize(
    ("step", "operation", "arguments"),
    [pytest.param(*row, id=f"to {row[0]} is one {row[1]}") for row in REQUESTS],
)
def test_a_step_is_one_request(step: Step, operation: str, arguments: Members) -> None:
    assert request(LIVE, step) == (operation, arguments)
    check(operation, arguments)


def test_every_step_but_the_creation_of_a_table_stands_in_the_table() -> None:
    names = {type(row[0]).__name__ for row in REQUESTS}
    assert names == {step.__name__ for step in Step.__subclasses__()} - {"CreateTable", "ImportTable"}


def test_a_step_that_nobody_knows_is_a_fault_of_this_program() -> None:
    with pytest.raises(TypeError, match="CreateTable"):
        request(LIVE, CreateTable(schema(), {}))


def test_a_plain_table_is_little() -> None:
    assert create_table_request(CreateTable(schema(), {})) == NAMED | ON_DEMAND | {
        "AttributeDefinitions": definitions(id="S"),
        "KeySchema": key_schema("id"),
    }


def test_an_import_takes_less_than_a_creation() -> None:
    table = schema(
        **imported(
            InputCompressionType="GZIP",
            InputFormatOptions={"Csv": {"Delimiter": ";", "HeaderList": ["id", "city"]}},
            S3BucketSource={"S3Bucket": "lake", "S3KeyPrefix": "a/", "S3BucketOwner": "123456789012"},
        ),
        GlobalSecondaryIndexes=[index()],
        VectorIndexes=[vectors()],
        OnDemandThroughput={"MaxWriteRequestUnits": 9},
        WarmThroughput={"WriteUnitsPerSecond": 5_000},
        StreamSpecification={"StreamViewType": "KEYS_ONLY"},
        SSESpecification={"SSEEnabled": True, "SSEType": "KMS"},
        TableClass="STANDARD_INFREQUENT_ACCESS",
        DeletionProtectionEnabled=True,
        ResourcePolicy={"PolicyDocument": {"Statement": []}},
        Tags=[{"Key": "a", "Value": "1"}],
    )
    arguments = import_table_request(ImportTable(table, "ours"))
    assert arguments == {
        "ClientToken": "ours",
        "S3BucketSource": {"S3Bucket": "lake", "S3KeyPrefix": "a/", "S3BucketOwner": "123456789012"},
        "InputFormat": "CSV",
        "InputFormatOptions": {"Csv": {"Delimiter": ";", "HeaderList": ["id", "city"]}},
        "InputCompressionType": "GZIP",
        "TableCreationParameters": {
            "TableName": "orders",
            "AttributeDefinitions": definitions(id="S", email="S"),
            "KeySchema": key_schema("id"),
            "BillingMode": "PAY_PER_REQUEST",
            "OnDemandThroughput": {"MaxWriteRequestUnits": 9},
            "SSESpecification": {"Enabled": True, "SSEType": "KMS"},
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by-email",
                    "KeySchema": key_schema("email"),
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            "VectorIndexes": [NATIVE_VECTORS],
        },
    }
    check("ImportTable", arguments)


def test_an_import_without_options_is_little() -> None:
    arguments = import_table_request(ImportTable(schema(**imported())))
    assert arguments.keys() == {"S3BucketSource", "InputFormat", "TableCreationParameters"}
    check("ImportTable", arguments)


IMPORT: Final[Members] = {
    "ImportArn": f"{ARN}/import/1",
    "ImportStatus": "IN_PROGRESS",
    "TableArn": ARN,
    "TableId": "one",
    "ClientToken": "ours",
    "S3BucketSource": {"S3Bucket": "lake", "S3KeyPrefix": "orders/"},
    "InputFormat": "CSV",
}


@pytest.mark.parametrize(
    ("answer", "changes"),
    [
        pytest.param({}, {}, id="at work"),
        pytest.param(
            {"ImportStatus": "COMPLETED", "EndTime": datetime(2026, 1, 1, tzinfo=UTC), "ErrorCount": 3},
            {"status": "COMPLETED", "ended_at": 1767225600.0, "errors": 3},
            id="done",
        ),
        pytest.param(
            {"ImportStatus": "FAILED", "FailureCode": "NoSuchBucket", "FailureMessage": "There is none"},
            {"status": "FAILED", "failure": "NoSuchBucket: There is none"},
            id="failed",
        ),
        pytest.param(
            {"ImportStatus": "CANCELLED"},
            {"status": "CANCELLED", "failure": "it is CANCELLED, and no reason was given"},
            id="cancelled",
        ),
    ],
)
def test_an_answer_about_an_import_is_a_state(answer: Members, changes: Members) -> None:
    expected = {"status": "IN_PROGRESS", "ended_at": None, "failure": "", "errors": 0} | changes
    found = import_state({"ImportTableDescription": IMPORT | answer})
    assert (found.table_id, found.client_token) == ("one", "ours")
    assert {name: getattr(found, name) for name in expected} == expected


def test_the_source_of_an_import_is_told_as_it_was_declared() -> None:
    declared = schema(
        **imported(InputFormatOptions={"Csv": {"Delimiter": ";", "HeaderList": ["id"]}})
    ).import_source_specification
    sent = import_table_request(
        ImportTable(schema(**imported(InputFormatOptions={"Csv": {"Delimiter": ";", "HeaderList": ["id"]}})))
    )
    found = import_state({"ImportTableDescription": IMPORT | sent})
    assert import_difference(found.source, declared) == ""


def test_everything_that_create_table_takes_is_in_one_request() -> None:
    table = schema(
        SortKey=attribute("at", "N"),
        GlobalSecondaryIndexes=[index(OnDemandThroughput={"MaxReadRequestUnits": 7, "MaxWriteRequestUnits": -1})],
        LocalSecondaryIndexes=[local(Projection={"ProjectionType": "KEYS_ONLY"})],
        OnDemandThroughput={"MaxWriteRequestUnits": 9},
        WarmThroughput={"WriteUnitsPerSecond": 5_000},
        StreamSpecification={"StreamViewType": "KEYS_ONLY"},
        SSESpecification={"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/orders"},
        TableClass="STANDARD_INFREQUENT_ACCESS",
        DeletionProtectionEnabled=True,
        ResourcePolicy={"PolicyDocument": {"Statement": []}},
        Tags=[{"Key": "a", "Value": "1"}],
    )
    arguments = create_table_request(CreateTable(table, creation_tags(Goal(table, ownership_tags={"owner": "us"}))))
    assert arguments == {
        "TableName": "orders",
        "AttributeDefinitions": definitions(id="S", at="N", size="S", email="S"),
        "KeySchema": key_schema("id", "at"),
        "BillingMode": "PAY_PER_REQUEST",
        "OnDemandThroughput": {"MaxWriteRequestUnits": 9},
        "WarmThroughput": {"WriteUnitsPerSecond": 5_000},
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-email",
                "KeySchema": key_schema("email"),
                "Projection": {"ProjectionType": "ALL"},
                "OnDemandThroughput": {"MaxReadRequestUnits": 7},
            }
        ],
        "LocalSecondaryIndexes": [
            {
                "IndexName": "by-size",
                "KeySchema": key_schema("id", "size"),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        "SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/orders"},
        "TableClass": "STANDARD_INFREQUENT_ACCESS",
        "DeletionProtectionEnabled": True,
        "ResourcePolicy": '{"Statement":[]}',
        "Tags": [{"Key": "a", "Value": "1"}, {"Key": "owner", "Value": "us"}],
    }
    check("CreateTable", arguments)


@pytest.mark.parametrize(
    ("declared", "part"),
    [
        pytest.param(
            {"ProvisionedThroughput": UNITS, "GlobalSecondaryIndexes": [index(ProvisionedThroughput=UNITS)]},
            PROVISIONED,
            id="capacity is PROVISIONED",
        ),
        pytest.param({"OnDemandThroughput": {}}, ON_DEMAND, id="no maximum is said by saying nothing (T-039)"),
        pytest.param({"SSESpecification": {"SSEEnabled": False}}, ON_DEMAND, id="no encryption, too (T-031)"),
        pytest.param({"DeletionProtectionEnabled": False}, {"DeletionProtectionEnabled": False}, id="no protection"),
    ],
)
def test_what_is_sent_and_what_is_not(declared: Members, part: Members) -> None:
    arguments = create_table_request(CreateTable(schema(**declared), {}))
    assert part.items() <= arguments.items()
    assert not {"OnDemandThroughput", "SSESpecification", "Tags"} & arguments.keys()


@settings(max_examples=60, deadline=None)
@given(schemas())
def test_every_schema_makes_a_request_that_the_sdk_lets_through(table: TableSchema) -> None:
    check("CreateTable", create_table_request(CreateTable(table, {"owner": "us"})))


@pytest.mark.parametrize("operation", [*Operation])
def test_every_operation_is_one_of_the_service_s(operation: Operation) -> None:
    assert operation in MODEL.operation_names
    assert xform_name(operation) == operation.name.lower()
