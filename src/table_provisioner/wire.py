"""DynamoDB's spelling: answers of ``DescribeTable`` become states, steps become requests. Pure.

The ids in the comments are findings of the ``docs/api-quirks`` notes of aws-controllers-k8s/dynamodb-controller.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from table_provisioner.schema import (
    UNLIMITED,
    AttributeType,
    BillingMode,
    Csv,
    DistanceFunction,
    GlobalSecondaryIndex,
    ImportSourceSpecification,
    InputCompressionType,
    InputFormat,
    InputFormatOptions,
    InsightsMode,
    KeyAttribute,
    LocalSecondaryIndex,
    OnDemandThroughput,
    Projection,
    ProjectionType,
    ProvisionedThroughput,
    S3BucketSource,
    SSEType,
    StreamSpecification,
    StreamViewType,
    TableClass,
    TimestampPrecision,
    VectorAttribute,
    VectorIndex,
    WarmThroughput,
)
from table_provisioner.state import (
    ACTIVE,
    TABLE,
    Decreases,
    ImportState,
    IndexState,
    InsightsState,
    KinesisDestination,
    TableState,
)
from table_provisioner.steps import (
    ChangeCapacity,
    ChangeEncryption,
    ChangeKinesisPrecision,
    ChangeTableClass,
    CreateBackup,
    CreateIndex,
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
    LimitIndexOnDemandThroughput,
    LimitOnDemandThroughput,
    PutResourcePolicy,
    SetContributorInsights,
    SetDeletionProtection,
    SetPointInTimeRecovery,
    SwitchBillingMode,
    TagStream,
    TagTable,
    UntagStream,
    UntagTable,
    WarmIndex,
    WarmTable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from table_provisioner.schema import Model, SSESpecification, TableSchema
    from table_provisioner.steps import CreateTable, ImportTable, Step


_TAKEN_BY_IMPORTS = frozenset(
    {
        "AttributeDefinitions",
        "BillingMode",
        "GlobalSecondaryIndexes",
        "KeySchema",
        "OnDemandThroughput",
        "ProvisionedThroughput",
        "SSESpecification",
        "TableName",
        "VectorIndexes",
    }
)
"""The ``TableCreationParameters`` of ``ImportTable`` in the API reference."""


class Operation(StrEnum):
    """Every call that is made; the function's role allows these and no other."""

    CREATE_BACKUP = "CreateBackup"
    CREATE_TABLE = "CreateTable"
    DELETE_RESOURCE_POLICY = "DeleteResourcePolicy"
    DELETE_TABLE = "DeleteTable"
    DESCRIBE_CONTINUOUS_BACKUPS = "DescribeContinuousBackups"
    DESCRIBE_CONTRIBUTOR_INSIGHTS = "DescribeContributorInsights"
    DESCRIBE_IMPORT = "DescribeImport"
    DESCRIBE_KINESIS_STREAMING_DESTINATION = "DescribeKinesisStreamingDestination"
    DESCRIBE_TABLE = "DescribeTable"
    DESCRIBE_TIME_TO_LIVE = "DescribeTimeToLive"
    DISABLE_KINESIS_STREAMING_DESTINATION = "DisableKinesisStreamingDestination"
    ENABLE_KINESIS_STREAMING_DESTINATION = "EnableKinesisStreamingDestination"
    GET_RESOURCE_POLICY = "GetResourcePolicy"
    IMPORT_TABLE = "ImportTable"
    LIST_BACKUPS = "ListBackups"
    LIST_IMPORTS = "ListImports"
    LIST_TAGS_OF_RESOURCE = "ListTagsOfResource"
    PUT_RESOURCE_POLICY = "PutResourcePolicy"
    TAG_RESOURCE = "TagResource"
    UNTAG_RESOURCE = "UntagResource"
    UPDATE_CONTINUOUS_BACKUPS = "UpdateContinuousBackups"
    UPDATE_CONTRIBUTOR_INSIGHTS = "UpdateContributorInsights"
    UPDATE_KINESIS_STREAMING_DESTINATION = "UpdateKinesisStreamingDestination"
    UPDATE_TABLE = "UpdateTable"
    UPDATE_TIME_TO_LIVE = "UpdateTimeToLive"


def table_state(table: Mapping[str, Any]) -> TableState:
    """The table of a ``DescribeTable`` answer, without what has calls of its own."""
    types = {item["AttributeName"]: AttributeType(item["AttributeType"]) for item in table["AttributeDefinitions"]}
    billing = table.get("BillingModeSummary", {})
    billing_mode = BillingMode(billing.get("BillingMode", BillingMode.PROVISIONED))
    on_demand_since = billing.get("LastUpdateToPayPerRequestDateTime")
    stream = table.get("StreamSpecification", {})
    encryption = table.get("SSEDescription", {})
    is_streaming = bool(stream.get("StreamEnabled"))
    return TableState(
        table_name=table["TableName"],
        table_arn=table["TableArn"],
        table_id=table_identity(table),
        status=table["TableStatus"],
        created_at=table["CreationDateTime"].timestamp(),
        partition_key=_key(table["KeySchema"], types, "HASH"),
        sort_key=_key(table["KeySchema"], types, "RANGE"),
        billing_mode=billing_mode,
        provisioned_throughput=_capacity(table, billing_mode),
        on_demand_throughput=_maximum(table) or OnDemandThroughput(),
        warm_throughput=_warmth(table),
        indexes=tuple(_index_state(index, types, billing_mode) for index in table.get("GlobalSecondaryIndexes", ())),
        local_indexes=tuple(_local_index(index, types) for index in table.get("LocalSecondaryIndexes", ())),
        vector_indexes=tuple(_vector_index_state(index, types) for index in table.get("VectorIndexes", ())),
        stream=StreamSpecification(stream_view_type=StreamViewType(stream["StreamViewType"])) if is_streaming else None,
        stream_arn=table.get("LatestStreamArn", "") if is_streaming else "",
        encryption_key_arn=encryption.get("KMSMasterKeyArn"),
        table_class=TableClass(table.get("TableClassSummary", {}).get("TableClass", TableClass.STANDARD)),
        is_deletion_protected=bool(table.get("DeletionProtectionEnabled")),
        is_encrypting=encryption.get("Status") in {"UPDATING", "ENABLING", "DISABLING"},
        is_warming=_is_warming(table),
        decreases=_decreases(table),
        on_demand_since=on_demand_since.timestamp() if on_demand_since else None,
    )


def table_identity(table: Mapping[str, Any]) -> str:
    """What tells a table from a later one of its name; engines that know no ``TableId`` know when it was made."""
    return str(table.get("TableId") or table["CreationDateTime"].isoformat())


def _index_state(
    index: Mapping[str, Any], types: Mapping[str, AttributeType], billing_mode: BillingMode
) -> IndexState[GlobalSecondaryIndex]:
    definition = GlobalSecondaryIndex.model_construct(
        index_name=index["IndexName"],
        partition_key=_key(index["KeySchema"], types, "HASH"),
        sort_key=_key(index["KeySchema"], types, "RANGE"),
        projection=_projection(index),
        provisioned_throughput=_capacity(index, billing_mode),
        on_demand_throughput=_maximum(index),
        warm_throughput=_warmth(index),
    )
    status, is_backfilling = index.get("IndexStatus", ACTIVE), bool(index.get("Backfilling"))
    return IndexState(definition, status, _is_warming(index), is_backfilling)


def _vector_index_state(index: Mapping[str, Any], types: Mapping[str, AttributeType]) -> IndexState[VectorIndex]:
    roles: dict[str, list[KeyAttribute]] = {"HASH": [], "INLINE_FILTER": []}
    for element in index.get("SearchSchema", ()):
        name = element["AttributeName"]
        roles[element["SearchSchemaElementType"]].append(KeyAttribute.model_construct(name=name, type=types[name]))
    definition = VectorIndex.model_construct(
        index_name=index["IndexName"],
        vector_attribute=VectorAttribute.model_construct(attribute_name=index["VectorAttribute"]["AttributeName"]),
        partition_key=roles["HASH"][0] if roles["HASH"] else None,
        inline_filters=tuple(roles["INLINE_FILTER"]),
        projection=_projection(index),
        dimensions=index["Dimensions"],
        distance_function=DistanceFunction(index["DistanceFunction"]),
    )
    status = index.get("IndexStatus", ACTIVE)
    return IndexState(definition, status, is_backfilling=bool(index.get("Backfilling")))


def _local_index(index: Mapping[str, Any], types: Mapping[str, AttributeType]) -> LocalSecondaryIndex:
    (sort_key,) = _key(index["KeySchema"], types, "RANGE")
    return LocalSecondaryIndex.model_construct(
        index_name=index["IndexName"], sort_key=sort_key, projection=_projection(index)
    )


def _key(
    key_schema: Iterable[Mapping[str, str]], types: Mapping[str, AttributeType], key_type: str
) -> tuple[KeyAttribute, ...]:
    return tuple(
        KeyAttribute.model_construct(name=element["AttributeName"], type=types[element["AttributeName"]])
        for element in key_schema
        if element["KeyType"] == key_type
    )


def _projection(index: Mapping[str, Any]) -> Projection:
    projection = index.get("Projection", {})
    return Projection.model_construct(
        projection_type=ProjectionType(projection.get("ProjectionType", ProjectionType.ALL)),
        non_key_attributes=tuple(projection.get("NonKeyAttributes", ())),
    )


def _capacity(holder: Mapping[str, Any], billing_mode: BillingMode) -> ProvisionedThroughput | None:
    """Capacity is shown as 0 and 0 where nothing is provisioned (T-028)."""
    capacity = holder.get("ProvisionedThroughput")
    if billing_mode is not BillingMode.PROVISIONED or not capacity:
        return None
    return ProvisionedThroughput.model_construct(
        read_capacity_units=capacity["ReadCapacityUnits"], write_capacity_units=capacity["WriteCapacityUnits"]
    )


def _decreases(table: Mapping[str, Any]) -> dict[str, Decreases]:
    holders = {TABLE: table, **{index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", ())}}
    shown = {name: holder.get("ProvisionedThroughput") or {} for name, holder in holders.items()}
    return {
        name: Decreases(capacity.get("NumberOfDecreasesToday", 0), capacity["LastDecreaseDateTime"].timestamp())
        for name, capacity in shown.items()
        if "LastDecreaseDateTime" in capacity
    }


def _maximum(holder: Mapping[str, Any]) -> OnDemandThroughput | None:
    maximum = holder.get("OnDemandThroughput")
    if not maximum:
        return None
    return OnDemandThroughput.model_construct(
        max_read_request_units=maximum.get("MaxReadRequestUnits", UNLIMITED),
        max_write_request_units=maximum.get("MaxWriteRequestUnits", UNLIMITED),
    )


def _warmth(holder: Mapping[str, Any]) -> WarmThroughput | None:
    warmth = holder.get("WarmThroughput")
    if not warmth:
        return None
    return WarmThroughput.model_construct(
        read_units_per_second=warmth.get("ReadUnitsPerSecond"),
        write_units_per_second=warmth.get("WriteUnitsPerSecond"),
    )


def _is_warming(holder: Mapping[str, Any]) -> bool:
    return bool(holder.get("WarmThroughput", {}).get("Status") == "UPDATING")


def insights_state(answer: Mapping[str, Any]) -> InsightsState:
    """The contributor insights of a ``DescribeContributorInsights`` answer."""
    status = answer.get("ContributorInsightsStatus", "DISABLED")
    is_on = status in {"ENABLED", "ENABLING"}
    mode = InsightsMode(answer.get("ContributorInsightsMode", InsightsMode.ACCESSED_AND_THROTTLED_KEYS))
    failure = answer.get("FailureException", {}) if status == "FAILED" else {}
    text = " ".join(filter(None, (failure.get("ExceptionName"), failure.get("ExceptionDescription"))))
    return InsightsState(status, mode if is_on else None, text or ("no reason was given" if status == "FAILED" else ""))


def kinesis_destinations(answer: Mapping[str, Any]) -> tuple[KinesisDestination, ...]:
    """The destinations of a ``DescribeKinesisStreamingDestination`` answer."""
    return tuple(
        KinesisDestination(
            stream_arn=one["StreamArn"],
            status=one["DestinationStatus"],
            precision=TimestampPrecision(
                one.get("ApproximateCreationDateTimePrecision", TimestampPrecision.MILLISECOND)
            ),
            failure=(one.get("DestinationStatusDescription") or "no reason was given")
            if one["DestinationStatus"] == "ENABLE_FAILED"
            else "",
        )
        for one in answer.get("KinesisDataStreamDestinations", ())
    )


def request(table: TableState, step: Step) -> tuple[Operation, dict[str, Any]]:  # noqa: C901, PLR0911, PLR0912 -- a table, one row a step
    """The one call that a step is: the operation and its arguments."""
    match step:
        case TagTable(tags):
            return Operation.TAG_RESOURCE, {"ResourceArn": table.table_arn, "Tags": _tags(tags)}
        case UntagTable(keys):
            return Operation.UNTAG_RESOURCE, {"ResourceArn": table.table_arn, "TagKeys": list(keys)}
        case TagStream(tags):
            return Operation.TAG_RESOURCE, {"ResourceArn": table.stream_arn, "Tags": _tags(tags)}
        case UntagStream(keys):
            return Operation.UNTAG_RESOURCE, {"ResourceArn": table.stream_arn, "TagKeys": list(keys)}
        case EnableTimeToLive(attribute):
            return Operation.UPDATE_TIME_TO_LIVE, _time_to_live(table.table_name, attribute, is_enabled=True)
        case DisableTimeToLive(attribute):
            return Operation.UPDATE_TIME_TO_LIVE, _time_to_live(table.table_name, attribute, is_enabled=False)
        case SetPointInTimeRecovery(specification):
            return Operation.UPDATE_CONTINUOUS_BACKUPS, {
                "TableName": table.table_name,
                "PointInTimeRecoverySpecification": _native(specification),
            }
        case SetContributorInsights(index_name, mode):
            return Operation.UPDATE_CONTRIBUTOR_INSIGHTS, _present(
                TableName=table.table_name,
                IndexName=index_name or None,
                ContributorInsightsAction="ENABLE" if mode else "DISABLE",
                ContributorInsightsMode=mode,
            )
        case EnableKinesisStream(stream_arn, precision):
            return Operation.ENABLE_KINESIS_STREAMING_DESTINATION, {
                "TableName": table.table_name,
                "StreamArn": stream_arn,
                "EnableKinesisStreamingConfiguration": {"ApproximateCreationDateTimePrecision": precision},
            }
        case DisableKinesisStream(stream_arn):
            return Operation.DISABLE_KINESIS_STREAMING_DESTINATION, {
                "TableName": table.table_name,
                "StreamArn": stream_arn,
            }
        case ChangeKinesisPrecision(stream_arn, precision):
            return Operation.UPDATE_KINESIS_STREAMING_DESTINATION, {
                "TableName": table.table_name,
                "StreamArn": stream_arn,
                "UpdateKinesisStreamingConfiguration": {"ApproximateCreationDateTimePrecision": precision},
            }
        case PutResourcePolicy(policy, is_for_stream):
            arn = table.stream_arn if is_for_stream else table.table_arn
            return Operation.PUT_RESOURCE_POLICY, {"ResourceArn": arn, "Policy": policy}
        case DeleteResourcePolicy(is_for_stream):
            return Operation.DELETE_RESOURCE_POLICY, {
                "ResourceArn": table.stream_arn if is_for_stream else table.table_arn
            }
        case CreateBackup(backup_name):
            return Operation.CREATE_BACKUP, {"TableName": table.table_name, "BackupName": backup_name}
        case DeleteTable():
            return Operation.DELETE_TABLE, {"TableName": table.table_name}
        case _:
            return Operation.UPDATE_TABLE, {"TableName": table.table_name, **_update(table, step)}


def create_table_request(step: CreateTable) -> dict[str, Any]:
    """The arguments of ``CreateTable``; what is not declared is not sent."""
    return _new_table(step.schema) | _present(Tags=_tags(step.tags))


def _new_table(schema: TableSchema) -> dict[str, Any]:
    is_provisioned = schema.initial_billing_mode is BillingMode.PROVISIONED
    stream, encryption = schema.stream_specification, schema.sse_specification
    return _present(
        TableName=schema.table_name,
        AttributeDefinitions=_definitions(schema.attribute_definitions),
        KeySchema=_key_schema((schema.partition_key,), (schema.sort_key,) if schema.sort_key else ()),
        BillingMode=schema.initial_billing_mode,
        ProvisionedThroughput=_native(schema.provisioned_throughput) if is_provisioned else None,
        OnDemandThroughput=_initial_maximum(schema.on_demand_throughput),
        WarmThroughput=_native(schema.warm_throughput),
        GlobalSecondaryIndexes=[_new_index(index) for index in schema.global_secondary_indexes],
        LocalSecondaryIndexes=[_new_local_index(index, schema) for index in schema.local_secondary_indexes],
        VectorIndexes=[_new_vector_index(index) for index in schema.vector_indexes],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": stream.stream_view_type} if stream else None,
        SSESpecification=_encryption(encryption) if encryption and encryption.sse_enabled else None,
        TableClass=schema.table_class,
        DeletionProtectionEnabled=schema.deletion_protection_enabled,
        ResourcePolicy=schema.resource_policy.text if schema.resource_policy else None,
    )


def import_table_request(step: ImportTable) -> dict[str, Any]:
    """The arguments of ``ImportTable``: what is declared, as far as it takes it."""
    table = {name: value for name, value in _new_table(step.schema).items() if name in _TAKEN_BY_IMPORTS}
    source = _native(step.schema.import_source_specification) or {}
    return _present(**source, TableCreationParameters=table, ClientToken=step.client_token)


def import_state(answer: Mapping[str, Any]) -> ImportState:
    """The import of a ``DescribeImport`` answer."""
    found = answer["ImportTableDescription"]
    status, ended = found["ImportStatus"], found.get("EndTime")
    reason = ": ".join(filter(None, (found.get("FailureCode"), found.get("FailureMessage"))))
    return ImportState(
        table_id=found.get("TableId", ""),
        client_token=found.get("ClientToken", ""),
        status=status,
        source=_import_source(found),
        ended_at=ended.timestamp() if ended else None,
        failure=(reason or f"it is {status}, and no reason was given") if status in {"FAILED", "CANCELLED"} else "",
        errors=found.get("ErrorCount", 0),
    )


def _import_source(found: Mapping[str, Any]) -> ImportSourceSpecification:
    bucket, csv = found["S3BucketSource"], found.get("InputFormatOptions", {}).get("Csv", {})
    return ImportSourceSpecification.model_construct(
        input_format=InputFormat(found["InputFormat"]),
        s3_bucket_source=S3BucketSource.model_construct(
            s3_bucket=bucket["S3Bucket"],
            s3_key_prefix=bucket.get("S3KeyPrefix"),
            s3_bucket_owner=bucket.get("S3BucketOwner"),
        ),
        input_compression_type=InputCompressionType(found.get("InputCompressionType", InputCompressionType.NONE)),
        input_format_options=InputFormatOptions.model_construct(
            csv=Csv.model_construct(delimiter=csv.get("Delimiter"), header_list=tuple(csv.get("HeaderList", ())))
        ),
    )


def _update(state: TableState, step: Step) -> dict[str, Any]:  # noqa: C901, PLR0911, PLR0912 -- a table, one row a step
    """What one concern is in an ``UpdateTable``; it takes one at a time (T-433)."""
    match step:
        case SetDeletionProtection(is_enabled):
            return {"DeletionProtectionEnabled": is_enabled}
        case DeleteIndex(name):
            return _index_updates({"Delete": {"IndexName": name}})
        case CreateIndex(index, types):
            definitions = _definitions({**_live_types(state), **types})
            return {"AttributeDefinitions": definitions} | _index_updates({"Create": _new_index(index)})
        case DeleteVectorIndex(name):
            return {"VectorIndexUpdates": [{"Delete": {"IndexName": name}}]}
        case CreateVectorIndex(vector_index):
            types = {attribute.name: attribute.type for attribute in vector_index.search_attributes}
            definitions = _definitions({**_live_types(state), **types})
            return {
                "AttributeDefinitions": definitions,
                "VectorIndexUpdates": [{"Create": _new_vector_index(vector_index)}],
            }
        case SwitchBillingMode(mode, table, indexes, maximum):
            limited = _present(OnDemandThroughput=_initial_maximum(maximum))
            return {"BillingMode": mode} | _capacity_updates(table, indexes) | limited
        case ChangeCapacity(table, indexes):
            return _capacity_updates(table, indexes)
        case LimitOnDemandThroughput(maximum):
            return {"OnDemandThroughput": _native(maximum)}
        case LimitIndexOnDemandThroughput(name, maximum):
            return _index_updates({"Update": {"IndexName": name, "OnDemandThroughput": _native(maximum)}})
        case WarmTable(throughput):
            return {"WarmThroughput": _native(throughput)}
        case WarmIndex(name, throughput):
            return _index_updates({"Update": {"IndexName": name, "WarmThroughput": _native(throughput)}})
        case ChangeTableClass(table_class):
            return {"TableClass": table_class}
        case ChangeEncryption(specification):
            return {"SSESpecification": _encryption(specification)}
        case DisableStream():
            return {"StreamSpecification": {"StreamEnabled": False}}
        case EnableStream(view_type):
            return {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": view_type}}
        case _:
            raise TypeError(type(step).__name__)


def _capacity_updates(
    table: ProvisionedThroughput | None, indexes: Mapping[str, ProvisionedThroughput]
) -> dict[str, Any]:
    updates = [
        {"Update": {"IndexName": name, "ProvisionedThroughput": _native(capacity)}}
        for name, capacity in indexes.items()
    ]
    return _present(ProvisionedThroughput=_native(table), GlobalSecondaryIndexUpdates=updates)


def _index_updates(*updates: dict[str, Any]) -> dict[str, Any]:
    return {"GlobalSecondaryIndexUpdates": list(updates)}


def _new_index(index: GlobalSecondaryIndex) -> dict[str, Any]:
    return _present(
        IndexName=index.index_name,
        KeySchema=_key_schema(index.partition_key, index.sort_key),
        Projection=_new_projection(index.projection),
        ProvisionedThroughput=_native(index.provisioned_throughput),
        OnDemandThroughput=_initial_maximum(index.on_demand_throughput),
        WarmThroughput=_native(index.warm_throughput),
    )


def _new_vector_index(index: VectorIndex) -> dict[str, Any]:
    roles = [("HASH", index.partition_key)] if index.partition_key else []
    roles += [("INLINE_FILTER", attribute) for attribute in index.inline_filters]
    return _present(
        IndexName=index.index_name,
        VectorAttribute={"AttributeName": index.vector_attribute.attribute_name},
        SearchSchema=[{"AttributeName": key.name, "SearchSchemaElementType": role} for role, key in roles],
        Projection=_new_projection(index.projection),
        Dimensions=index.dimensions,
        DistanceFunction=index.distance_function,
    )


def _new_local_index(index: LocalSecondaryIndex, schema: TableSchema) -> dict[str, Any]:
    return {
        "IndexName": index.index_name,
        "KeySchema": _key_schema((schema.partition_key,), (index.sort_key,)),
        "Projection": _new_projection(index.projection),
    }


def _new_projection(projection: Projection) -> dict[str, Any]:
    return _present(ProjectionType=projection.projection_type, NonKeyAttributes=list(projection.non_key_attributes))


def _initial_maximum(maximum: OnDemandThroughput | None) -> dict[str, int]:
    """Where there is none before, none is said by saying nothing: at creation -1 is refused (T-039)."""
    return {name: units for name, units in (_native(maximum) or {}).items() if units != UNLIMITED}


def _encryption(specification: SSESpecification) -> dict[str, Any]:
    if not specification.sse_enabled:
        return {"Enabled": False}
    return _present(Enabled=True, SSEType=SSEType.KMS, KMSMasterKeyId=specification.kms_master_key_id)


def _time_to_live(table_name: str, attribute: str, *, is_enabled: bool) -> dict[str, Any]:
    specification = {"Enabled": is_enabled, "AttributeName": attribute}
    return {"TableName": table_name, "TimeToLiveSpecification": specification}


def _definitions(types: Mapping[str, AttributeType]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


def _live_types(table: TableState) -> dict[str, AttributeType]:
    """The types of all key attributes; DynamoDB needs only new ones (T-358), but moto forgets what is not repeated."""
    keys = [table.partition_key, table.sort_key]
    keys += [(index.sort_key,) for index in table.local_indexes]
    keys += [index.definition.key_attributes for index in table.indexes]
    keys += [index.definition.search_attributes for index in table.vector_indexes]
    return {attribute.name: attribute.type for key in keys for attribute in key}


def _key_schema(partition_key: Iterable[KeyAttribute], sort_key: Iterable[KeyAttribute]) -> list[dict[str, str]]:
    return [
        {"AttributeName": attribute.name, "KeyType": key_type}
        for key_type, attributes in (("HASH", partition_key), ("RANGE", sort_key))
        for attribute in attributes
    ]


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _native(model: Model | None) -> dict[str, Any] | None:
    return None if model is None else model.model_dump(by_alias=True, exclude_none=True, mode="json")


def _present(**arguments: Any) -> dict[str, Any]:  # noqa: ANN401 -- as the SDK has it
    """The arguments that say something: DynamoDB refuses empty lists and structures (T-043, T-437)."""
    return {name: value for name, value in arguments.items() if value is not None and value not in ([], {})}
