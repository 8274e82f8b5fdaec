"""What steps make of the properties that a template declares: from what, to what. Pure.

Values stand as in a template. An index is known by its name and a tag by its key, in place of their positions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from table_provisioner.schema import (
    AWS_MANAGED_KEY,
    ON_DEMAND_WARM_READ_UNITS,
    ON_DEMAND_WARM_WRITE_UNITS,
    BillingMode,
    WarmThroughput,
)
from table_provisioner.state import TABLE
from table_provisioner.steps import (
    ChangeCapacity,
    ChangeEncryption,
    ChangeKinesisPrecision,
    ChangeTableClass,
    CreateIndex,
    CreateTable,
    CreateVectorIndex,
    DeleteIndex,
    DeleteResourcePolicy,
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
    SwitchBillingMode,
    TagStream,
    TagTable,
    UntagStream,
    UntagTable,
    WarmIndex,
    WarmTable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic import BaseModel

    from table_provisioner.schema import TableSchema
    from table_provisioner.state import TableState
    from table_provisioner.steps import Step

Path = tuple[str, ...]
_INDEXES, _VECTORS = "GlobalSecondaryIndexes", "VectorIndexes"
_CAPACITY, _MAXIMA, _WARMTH = "ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput"
_KINESIS, _PRECISION = "KinesisStreamSpecification", "ApproximateCreationDateTimePrecision"
_STREAM, _TAGS = "StreamSpecification", "Tags"
_POLICY = "PolicyDocument"
_INITIAL_WARMTH = WarmThroughput(
    read_units_per_second=ON_DEMAND_WARM_READ_UNITS, write_units_per_second=ON_DEMAND_WARM_WRITE_UNITS
)
"""What every index has that nobody warmed."""
_BY_NAME = {_INDEXES: "IndexName", "LocalSecondaryIndexes": "IndexName", _VECTORS: "IndexName", _TAGS: "Key"}


class Mark(StrEnum):
    """What becomes of a property."""

    ADDED = "+"
    REMOVED = "-"
    CHANGED = "~"
    REBUILT = "-/+"
    """It goes, and comes again."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one property.

    Attributes:
        path: ``("GlobalSecondaryIndexes", "by-email", "Projection")``.
        before: Its value as a template has it; ``None`` where it has none, or where the table was not looked at.
        after: Its value then.
        is_rebuilt: Whether it has none in between.
    """

    path: Path
    before: Any
    after: Any
    is_rebuilt: bool = False

    @property
    def mark(self) -> Mark:
        """What becomes of it, in one sign."""
        if self.before is None:
            return Mark.ADDED
        if self.after is None:
            return Mark.REMOVED
        return Mark.REBUILT if self.is_rebuilt else Mark.CHANGED


def effects(steps: Iterable[Step], actual: TableState | None) -> tuple[Effect, ...]:
    """What steps do in all, one effect a property, in the order of the steps.

    Args:
        steps: The steps.
        actual: The table before them; ``None`` where there is none or nothing is known of it.
    """
    found: dict[Path, Effect] = {}
    for step in steps:
        for effect in _effects(step, actual):
            if former := found.get(effect.path):
                is_rebuilt = former.is_rebuilt or (former.after is None and former.before is not None)
                found[effect.path] = replace(former, after=effect.after, is_rebuilt=is_rebuilt)
            else:
                found[effect.path] = effect
        if isinstance(step, DisableStream) and actual:  # what comes after it comes to another stream
            actual = replace(actual, stream_policy=None, stream_tags=None)
    return tuple(effect for effect in found.values() if not _is_part_of(effect, found))


def mark_of(step: Step, actual: TableState | None) -> Mark:
    """What a step does in one sign; changes where it does several things."""
    marks = {effect.mark for effect in effects([step], actual)}
    return marks.pop() if len(marks) == 1 else Mark.CHANGED


def _is_part_of(effect: Effect, found: Mapping[Path, Effect]) -> bool:
    """Whether the property was said to be so with the whole that it is part of."""
    for length in range(1, len(effect.path)):
        whole = found.get(effect.path[:length])
        value = whole.after if whole else None
        for name in effect.path[length:]:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None and value == effect.after:
            return True
    return False


def _effects(step: Step, actual: TableState | None) -> Iterator[Effect]:
    match step:
        case CreateTable(schema) | ImportTable(schema):
            yield from (Effect(path, None, value) for path, value in declared(schema))
        case TagTable(tags):
            yield from (Effect((_TAGS, key), _tag(actual, key), value) for key, value in tags.items())
        case UntagTable(keys):
            yield from (Effect((_TAGS, key), _tag(actual, key), None) for key in keys)
        case TagStream(tags):
            yield from (Effect((_STREAM, _TAGS, key), _stream_tag(actual, key), value) for key, value in tags.items())
        case UntagStream(keys):
            yield from (Effect((_STREAM, _TAGS, key), _stream_tag(actual, key), None) for key in keys)
        case DeleteIndex() | CreateIndex() | DeleteVectorIndex() | CreateVectorIndex():
            yield _effect_on_indexes(step, actual)
        case SwitchBillingMode() | ChangeCapacity():
            yield from _effects_on_capacity(step, actual)
        case WarmTable() | WarmIndex() | LimitOnDemandThroughput() | LimitIndexOnDemandThroughput():
            yield _effect_on_throughput(step, actual)
        case (
            DisableStream() | EnableStream() | EnableKinesisStream() | DisableKinesisStream() | ChangeKinesisPrecision()
        ):
            yield _effect_on_stream(step, actual)
        case _:
            yield from _effects_on_settings(step, actual)


def _effect_on_indexes(
    step: DeleteIndex | CreateIndex | DeleteVectorIndex | CreateVectorIndex, actual: TableState | None
) -> Effect:
    match step:
        case DeleteIndex(name):
            return Effect((_INDEXES, name), _index(actual, name) or {}, None)
        case CreateIndex(index):
            return Effect((_INDEXES, index.index_name), None, _unnamed(_value(index), "IndexName"))
        case DeleteVectorIndex(name):
            return Effect((_VECTORS, name), _vector_index(actual, name) or {}, None)
        case CreateVectorIndex(vectors):
            return Effect((_VECTORS, vectors.index_name), None, _unnamed(_value(vectors), "IndexName"))


def _effects_on_capacity(step: SwitchBillingMode | ChangeCapacity, actual: TableState | None) -> Iterator[Effect]:
    if isinstance(step, SwitchBillingMode):
        yield Effect(("BillingMode",), actual and str(actual.billing_mode), str(step.billing_mode))
        if step.billing_mode is BillingMode.PAY_PER_REQUEST and actual:
            yield from _given_up_capacity(actual)
        if step.maximum:
            yield Effect((_MAXIMA,), None, _value(step.maximum))
    if step.table:
        yield Effect((_CAPACITY,), _before(actual, "provisioned_throughput"), _value(step.table))
    for name, capacity in step.indexes.items():
        yield Effect((_INDEXES, name, _CAPACITY), _of_index(actual, name, _CAPACITY), _value(capacity))


def _given_up_capacity(actual: TableState) -> Iterator[Effect]:
    if capacity := _value(actual.provisioned_throughput):
        yield Effect((_CAPACITY,), capacity, None)
    for name in actual.index_definitions:
        if capacity := _of_index(actual, name, _CAPACITY):
            yield Effect((_INDEXES, name, _CAPACITY), capacity, None)


def _effect_on_throughput(
    step: WarmTable | WarmIndex | LimitOnDemandThroughput | LimitIndexOnDemandThroughput, actual: TableState | None
) -> Effect:
    match step:
        case WarmTable(throughput):
            return Effect((_WARMTH,), _before(actual, "warm_throughput"), _value(throughput))
        case WarmIndex(name, throughput):
            return Effect((_INDEXES, name, _WARMTH), _of_index(actual, name, _WARMTH), _value(throughput))
        case LimitOnDemandThroughput(maximum):
            return Effect((_MAXIMA,), _before(actual, "on_demand_throughput"), _value(maximum))
        case LimitIndexOnDemandThroughput(name, maximum):
            return Effect((_INDEXES, name, _MAXIMA), _of_index(actual, name, _MAXIMA), _value(maximum))


def _effect_on_stream(
    step: DisableStream | EnableStream | EnableKinesisStream | DisableKinesisStream | ChangeKinesisPrecision,
    actual: TableState | None,
) -> Effect:
    match step:
        case DisableStream():
            return Effect((_STREAM,), _before(actual, "stream") or {}, None)
        case EnableStream(view_type):
            return Effect((_STREAM,), None, {"StreamViewType": str(view_type)})
        case EnableKinesisStream(stream_arn, precision):
            return Effect((_KINESIS,), None, {"StreamArn": stream_arn, _PRECISION: str(precision)})
        case DisableKinesisStream(stream_arn):
            return Effect((_KINESIS,), {"StreamArn": stream_arn}, None)
        case ChangeKinesisPrecision(stream_arn, precision):
            live = [one for one in (actual.kinesis or () if actual else ()) if one.stream_arn == stream_arn]
            before = str(live[0].precision) if live else None
            return Effect((_KINESIS, _PRECISION), before, str(precision))


def _effects_on_settings(step: Step, actual: TableState | None) -> Iterator[Effect]:
    match step:
        case SetDeletionProtection(is_enabled):
            yield Effect(("DeletionProtectionEnabled",), actual and actual.is_deletion_protected, is_enabled)
        case ChangeTableClass(table_class):
            yield Effect(("TableClass",), actual and str(actual.table_class), str(table_class))
        case ChangeEncryption(specification):
            live = _encryption(actual.encryption_key_arn) if actual else None
            key = specification.kms_master_key_id or AWS_MANAGED_KEY
            yield Effect(("SSESpecification",), live, _encryption(key if specification.sse_enabled else None))
        case PutResourcePolicy(policy, is_for_stream):
            document = {_POLICY: json.loads(policy)}
            yield Effect(_policy_path(is_for_stream), _policy(actual, is_for_stream), document)
        case DeleteResourcePolicy(is_for_stream):
            yield Effect(_policy_path(is_for_stream), _policy(actual, is_for_stream) or {}, None)
        case SetContributorInsights(name, mode):
            known = (actual.insights or {}).get(name) if actual else None
            holder = () if name == TABLE else (_INDEXES, name)
            before = _insights(known.mode) if known else None
            yield Effect((*holder, "ContributorInsightsSpecification"), before, _insights(mode))
        case SetPointInTimeRecovery(recovery):
            path = ("PointInTimeRecoverySpecification",)
            yield Effect(path, _before(actual, "point_in_time_recovery"), _value(recovery))
        case EnableTimeToLive(attribute):
            yield Effect(("TimeToLiveSpecification",), None, {"Enabled": True, "AttributeName": attribute})
        case DisableTimeToLive(attribute):
            yield Effect(("TimeToLiveSpecification",), {"Enabled": True, "AttributeName": attribute}, None)


def declared(schema: TableSchema) -> Iterator[tuple[Path, Any]]:
    """Everything that a schema declares, by its path; the billing mode even where it is left to the default."""
    whole = _value(schema.model_copy(update={"billing_mode": schema.initial_billing_mode}))
    for name, value in whole.items():
        if key := _BY_NAME.get(name):
            for entry in value:
                yield (name, entry[key]), entry["Value"] if name == _TAGS else _unnamed(entry, key)
        elif name == _STREAM:
            yield (name,), _unnamed(value, _TAGS)
            yield from (((name, _TAGS, tag["Key"]), tag["Value"]) for tag in value.get(_TAGS, ()))
        else:
            yield (name,), value


def _value(model: BaseModel | None) -> Any:  # noqa: ANN401 -- whatever a template can say
    """A model as a template would have it, without what says nothing."""
    return _pruned(model.model_dump(by_alias=True, exclude_none=True, mode="json")) if model else None


def _before(actual: TableState | None, name: str) -> Any:  # noqa: ANN401 -- whatever a template can say
    return _value(getattr(actual, name)) if actual else None


def _pruned(value: Any) -> Any:  # noqa: ANN401 -- whatever a template can say
    if isinstance(value, dict):
        return {name: part if name == _POLICY else _pruned(part) for name, part in value.items() if part != []}
    return [_pruned(part) for part in value] if isinstance(value, list) else value


def _unnamed(value: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: part for name, part in value.items() if name != key}


def _tag(actual: TableState | None, key: str) -> str | None:
    return (actual.tags or {}).get(key) if actual else None


def _stream_tag(actual: TableState | None, key: str) -> str | None:
    return (actual.stream_tags or {}).get(key) if actual else None


def _index(actual: TableState | None, name: str) -> dict[str, Any] | None:
    index = actual.index_definitions.get(name) if actual else None
    if index and index.warm_throughput == _INITIAL_WARMTH:
        index = index.model_copy(update={"warm_throughput": None})
    return _unnamed(_value(index), "IndexName") if index else None


def _vector_index(actual: TableState | None, name: str) -> dict[str, Any] | None:
    index = actual.vector_index_definitions.get(name) if actual else None
    return _unnamed(_value(index), "IndexName") if index else None


def _of_index(actual: TableState | None, name: str, part: str) -> Any:  # noqa: ANN401 -- whatever a template can say
    return (_index(actual, name) or {}).get(part)


def _encryption(key: str | None) -> dict[str, Any]:
    return {"SSEEnabled": True, "KMSMasterKeyId": key} if key else {"SSEEnabled": False}


def _insights(mode: Any) -> dict[str, Any]:  # noqa: ANN401 -- a mode or none
    return {"Enabled": True, "Mode": str(mode)} if mode else {"Enabled": False}


def _policy_path(is_for_stream: bool) -> Path:  # noqa: FBT001 -- as the step has it
    return (_STREAM, "ResourcePolicy") if is_for_stream else ("ResourcePolicy",)


def _policy(actual: TableState | None, is_for_stream: bool) -> Any:  # noqa: ANN401, FBT001 -- whatever it says; as the step has it
    policy = (actual.stream_policy if is_for_stream else actual.resource_policy) if actual else None
    return {_POLICY: json.loads(policy)} if policy else None
