"""Puts schemas, steps and durations into words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from table_provisioner.schema import ProjectionType
from table_provisioner.steps import (
    ChangeCapacity,
    ChangeEncryption,
    ChangeKinesisPrecision,
    ChangeTableClass,
    CreateIndex,
    CreateTable,
    DeleteIndex,
    DeleteResourcePolicy,
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
    Step,
    SwitchBillingMode,
    TagTable,
    UntagTable,
    WarmIndex,
    WarmTable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from table_provisioner.schema import (
        GlobalSecondaryIndex,
        KeyAttribute,
        LocalSecondaryIndex,
        OnDemandThroughput,
        ProvisionedThroughput,
        SSESpecification,
        TableSchema,
        WarmThroughput,
    )

_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Note:
    """What there is to know of a step.

    Attributes:
        sign: Whether something comes (``+``), goes (``-``) or changes (``~``).
        why: Why it is in the plan, or what it means.
        interruption: What stops working meanwhile, or for good; empty where nothing does.
    """

    sign: str = "~"
    why: str = ""
    interruption: str = ""


_DIFFERS = "what is declared differs from what is there"
_NOTES: dict[type[Step], Note] = {
    CreateTable: Note("+", "one call makes all of the table that is not listed below"),
    TagTable: Note("+", "declared, and not on the table"),
    UntagTable: Note("-", "no longer wanted"),
    SetDeletionProtection: Note("~", _DIFFERS),
    DeleteIndex: Note("-", "its key or projection cannot be changed in place", "queries on it fail until it is back"),
    CreateIndex: Note("+", "declared, and not there; it is filled from the items: the more, the longer it takes"),
    SwitchBillingMode: Note("~", _DIFFERS),
    ChangeCapacity: Note("~", _DIFFERS),
    LimitOnDemandThroughput: Note("~", _DIFFERS),
    LimitIndexOnDemandThroughput: Note("~", _DIFFERS),
    WarmTable: Note("~", "more is declared than there is; it cannot be lowered again"),
    WarmIndex: Note("~", "more is declared than there is; it cannot be lowered again"),
    ChangeTableClass: Note("~", f"{_DIFFERS}; DynamoDB allows it twice in 30 days"),
    ChangeEncryption: Note("~", f"{_DIFFERS}; DynamoDB allows it four times a day"),
    DisableStream: Note(
        "-", "another view is declared", "its ARN never comes back: consumers have to move to the new one"
    ),
    EnableStream: Note("+", "declared, and not there"),
    PutResourcePolicy: Note("~", _DIFFERS),
    DeleteResourcePolicy: Note("-", "no longer declared", "whoever has access by it alone loses it"),
    EnableKinesisStream: Note("+", "declared, and not there"),
    DisableKinesisStream: Note("-", "another stream is declared, or none", "it gets no more changes"),
    ChangeKinesisPrecision: Note("~", _DIFFERS),
    SetContributorInsights: Note("~", _DIFFERS),
    SetPointInTimeRecovery: Note("~", _DIFFERS),
    DisableTimeToLive: Note("-", _DIFFERS, "items do not expire until it is on again"),
    EnableTimeToLive: Note("+", "declared, and not so; DynamoDB takes one such change in about half an hour"),
}


def note_of(step: Step) -> Note:
    """What there is to know of a step."""
    return _NOTES.get(type(step), Note())


def duration(seconds: float) -> str:
    """A usual duration, as people say it."""
    if seconds < 1:
        return "at once"
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"


def described(schema: TableSchema) -> Iterator[tuple[str, str]]:
    """A table as it is declared: what, and how. What is not declared is left out."""
    yield "key", _key((schema.partition_key,), (schema.sort_key,) if schema.sort_key else ())
    for index in schema.global_secondary_indexes:
        yield f"index {index.index_name}", _index(index)
    for local in schema.local_secondary_indexes:
        yield f"local index {local.index_name}", f"{_key((), (local.sort_key,))}; {_projection(local)}"
    yield "billing", str(schema.initial_billing_mode)
    if schema.provisioned_throughput:
        yield "capacity", _capacity(schema.provisioned_throughput)
    if schema.on_demand_throughput:
        yield "on-demand maxima", _maxima(schema.on_demand_throughput)
    if schema.warm_throughput:
        yield "warm throughput", _warmth(schema.warm_throughput)
    if stream := schema.stream_specification:
        policy = " with a policy" if stream.resource_policy else ""
        yield "stream", f"{stream.stream_view_type}{policy}"
    if kinesis := schema.kinesis_stream_specification:
        yield "Kinesis stream", f"{kinesis.stream_arn}, times in {kinesis.precision}"
    if schema.sse_specification:
        yield "encryption", _encryption(schema.sse_specification)
    yield from _described_settings(schema)


def _described_settings(schema: TableSchema) -> Iterator[tuple[str, str]]:
    expiry, recovery = schema.time_to_live_specification, schema.point_in_time_recovery_specification
    if expiry:
        yield "time to live", f"'{expiry.attribute_name}'" if expiry.enabled else "off"
    if recovery:
        days = recovery.recovery_period_in_days
        kept = f", kept for {days} days" if days else ""
        yield "point-in-time recovery", f"on{kept}" if recovery.point_in_time_recovery_enabled else "off"
    if insights := schema.contributor_insights_specification:
        yield "contributor insights", str(insights.effective_mode or "off")
    if schema.resource_policy:
        yield "resource policy", json.dumps(schema.resource_policy.policy_document)
    if schema.table_class:
        yield "table class", str(schema.table_class)
    if schema.deletion_protection_enabled is not None:
        yield "deletion protection", "on" if schema.deletion_protection_enabled else "off"
    if schema.tags:
        yield "tags", ", ".join(f"{tag.key}={tag.value}" for tag in schema.tags)


def _index(index: GlobalSecondaryIndex) -> str:
    parts = [_key(index.partition_key, index.sort_key), _projection(index)]
    if index.provisioned_throughput:
        parts.append(_capacity(index.provisioned_throughput))
    if index.on_demand_throughput:
        parts.append(f"at most {_maxima(index.on_demand_throughput)}")
    if index.warm_throughput:
        parts.append(f"warm for {_warmth(index.warm_throughput)}")
    if insights := index.contributor_insights_specification:
        parts.append(f"contributor insights {insights.effective_mode or 'off'}")
    return "; ".join(parts)


def _key(partition_key: Iterable[KeyAttribute], sort_key: Iterable[KeyAttribute]) -> str:
    partition = [f"{attribute.name} ({attribute.type})" for attribute in partition_key]
    sort = [f"{attribute.name} ({attribute.type})" for attribute in sort_key]
    if not sort:
        return ", ".join(partition)
    return ", ".join([*partition, f"sorted by {', '.join(sort)}"])


def _projection(index: GlobalSecondaryIndex | LocalSecondaryIndex) -> str:
    match index.projection.projection_type:
        case ProjectionType.ALL:
            return "all attributes"
        case ProjectionType.KEYS_ONLY:
            return "keys only"
        case _:
            return f"keys and {', '.join(index.projection.non_key_attributes)}"


def _capacity(capacity: ProvisionedThroughput) -> str:
    return f"{capacity.read_capacity_units} reads and {capacity.write_capacity_units} writes a second"


def _maxima(maximum: OnDemandThroughput) -> str:
    reads, writes = maximum.max_read_request_units, maximum.max_write_request_units
    return f"{_units(reads, 'reads')} and {_units(writes, 'writes')} a second"


def _units(units: int, what: str) -> str:
    return f"any number of {what}" if units < 0 else f"{units} {what}"


def _warmth(throughput: WarmThroughput) -> str:
    units = (throughput.read_units_per_second, "reads"), (throughput.write_units_per_second, "writes")
    return " and ".join(f"{number} {what}" for number, what in units if number) + " a second"


def _encryption(specification: SSESpecification) -> str:
    if not specification.sse_enabled:
        return "the key that DynamoDB owns"
    return f"KMS, {specification.kms_master_key_id or 'the AWS managed key'}"
