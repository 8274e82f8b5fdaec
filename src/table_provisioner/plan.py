"""Compares what is with what is declared, and says what to change, in which order. Pure.

The order of the steps stands in one place, :func:`plan`, with its reasons. After each step the table is looked at
and planned again, so a plan needs no memory and a stale one does no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from table_provisioner.differences import index_difference, vector_index_difference
from table_provisioner.errors import Fault, InvalidRequestError, NotUpdatableError, ServiceLimitExceededError
from table_provisioner.policies import canonical
from table_provisioner.properties import dotted
from table_provisioner.schema import (
    MAX_TAG_BYTES_OF_A_RESOURCE,
    MAX_TAGS_OF_A_RESOURCE,
    BillingMode,
    OnDemandThroughput,
    PointInTimeRecoverySpecification,
    SSESpecification,
    TableClass,
    TimeToLiveSpecification,
    WarmThroughput,
    tag_bytes,
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

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from table_provisioner.errors import ProvisionerError
    from table_provisioner.goal import Goal
    from table_provisioner.schema import (
        GlobalSecondaryIndex,
        ProvisionedThroughput,
        ResourcePolicy,
        TableSchema,
    )
    from table_provisioner.state import TableState

_DEFAULT_RECOVERY_DAYS = 35
"""T-084."""


def plan(actual: TableState, goal: Goal) -> tuple[Step, ...]:
    """Plan the changes that turn ``actual`` into what ``goal`` asks for.

    Returns:
        One call to AWS per step, in the order to make them; empty when there is nothing to do.

    Raises:
        NotUpdatableError: An index is defined otherwise than declared, and may not be built anew.
        InvalidRequestError: On-demand maxima are declared, and capacity is provisioned without being declared.
    """
    _check_maxima(actual, goal)
    changes = (
        *_resource_policy(actual, goal),  # admitted in any state
        *_protection(actual, goal, is_wanted=True),  # protects whatever follows
        *_index_deletions(actual, goal),  # free the slot, the quota and the capacity that later steps need
        *_billing(actual, goal),  # takes the capacity of every live index, so after deletions and before creations
        *_index_creations(actual, goal),  # one at a time: the table allows one online index operation
        *_vector_index_creations(actual, goal),  # after billing as well: they need PAY_PER_REQUEST
        *_on_demand_maxima(actual, goal),  # after billing, which erases them (T-153)
        *_warm_throughput(actual, goal),
        *_table_class(actual, goal),
        *_encryption(actual, goal),
        *_stream(actual, goal),
        *_stream_tags(actual, goal),  # each stream has its own
        *_stream_policy(actual, goal),  # as are these
        *_kinesis(actual, goal),
        *_insights(actual, goal),  # of indexes, too, so after their creation
        *_point_in_time_recovery(actual, goal),
        *_time_to_live(actual, goal),  # one change in half an hour: nothing waits behind it
        *_protection(actual, goal, is_wanted=False),  # only when all else is done
    )
    return (*_tags(actual, goal, has_changes=bool(changes)), *changes)


def check_creation(desired: TableSchema) -> None:
    """See that a table can be made as declared; for one that is there, more may do.

    Raises:
        InvalidRequestError: With everything that no new table can have.
    """
    faults = [Fault(dotted(location), problem, fix) for location, problem, fix in desired.creation_faults()]
    if faults:
        raise InvalidRequestError.of(faults)


def plan_creation(goal: Goal) -> tuple[Step, ...]:
    """Plan a table that does not exist yet: what its creation or import takes in one call, then the rest."""
    desired = goal.desired
    steps: list[Step] = [CreateTable(desired, creation_tags(goal))]
    if desired.import_source_specification:
        steps = [ImportTable(desired), *_left_by_import(goal)]
    recovery, expiry = desired.point_in_time_recovery_specification, desired.time_to_live_specification
    stream, kinesis = desired.stream_specification, desired.kinesis_stream_specification
    if stream and stream.tags:
        steps.append(TagStream(stream.tag_values))
    if stream and stream.resource_policy:
        steps.append(PutResourcePolicy(stream.resource_policy.text, is_for_stream=True))
    if kinesis:
        steps.append(EnableKinesisStream(kinesis.stream_arn, kinesis.precision))
    steps += [SetContributorInsights(name, mode) for name, mode in goal.managed_insights.items() if mode]
    if recovery and recovery.point_in_time_recovery_enabled:
        steps.append(SetPointInTimeRecovery(_with_period(recovery)))
    if expiry and expiry.enabled and expiry.attribute_name:
        steps.append(EnableTimeToLive(expiry.attribute_name))
    return tuple(steps)


def _left_by_import(goal: Goal) -> Iterator[Step]:
    """What ``CreateTable`` takes, and ``ImportTable`` does not."""
    desired = goal.desired
    if tags := creation_tags(goal):
        yield TagTable(tags)
    if desired.resource_policy:
        yield PutResourcePolicy(desired.resource_policy.text)
    if desired.deletion_protection_enabled:
        yield SetDeletionProtection(is_enabled=True)
    if desired.warm_throughput:
        yield WarmTable(desired.warm_throughput)
    if desired.table_class and desired.table_class is not TableClass.STANDARD:
        yield ChangeTableClass(desired.table_class)
    if desired.stream_specification:
        yield EnableStream(desired.stream_specification.stream_view_type)


def creation_tags(goal: Goal) -> dict[str, str]:
    """The tags with which a table is created, so that it says from the first moment whose it is."""
    return {**goal.desired.tag_values, **goal.ownership_tags, **goal.fence_tags}


def _tags(actual: TableState, goal: Goal, *, has_changes: bool) -> Iterator[Step]:
    """Ownership and the fence come first, in one call with the declared tags: each call locks the tags (T-172)."""
    present = actual.tags or {}
    wanted = {**goal.desired.tag_values, **goal.ownership_tags}
    missing = {key: value for key, value in wanted.items() if present.get(key) != value}
    removed = (goal.previous.tag_values.keys() if goal.previous else set()) - wanted.keys()
    surplus = tuple(sorted((removed | goal.surplus_tags) & present.keys()))
    if missing or surplus or has_changes or goal.is_fence_due:
        missing |= {key: value for key, value in goal.fence_tags.items() if present.get(key) != value}
    yield from _tagging(present, TagTable(missing), UntagTable(surplus))


def _tagging(
    present: Mapping[str, str], setting: TagTable | TagStream, removing: UntagTable | UntagStream
) -> Iterator[Step]:
    """What there is to set and to remove. Limits are checked on the merged set (T-108, T-109): at them, room first."""
    merged = {**present, **setting.tags}
    is_full = len(merged) > MAX_TAGS_OF_A_RESOURCE or tag_bytes(merged.items()) > MAX_TAG_BYTES_OF_A_RESOURCE
    if removing.keys and is_full:
        yield removing
    if setting.tags:
        yield setting
    if removing.keys and not is_full:
        yield removing


def _protection(actual: TableState, goal: Goal, *, is_wanted: bool) -> Iterator[Step]:
    wanted = goal.desired.deletion_protection_enabled
    if goal.is_removed("deletion_protection_enabled"):
        wanted = False
    if wanted is is_wanted and actual.is_deletion_protected is not is_wanted:
        yield SetDeletionProtection(is_wanted)


def _index_deletions(actual: TableState, goal: Goal) -> Iterator[Step]:
    """Of both kinds of indexes; those that cannot be changed are reported together."""
    desired = {index.index_name: index for index in goal.desired.global_secondary_indexes}
    vectors = {index.index_name: index for index in goal.desired.vector_indexes}
    changed: dict[str, tuple[Step, str]] = {}
    for name, index in actual.index_definitions.items():
        if name in desired:
            changed[name] = DeleteIndex(name), index_difference(index, desired[name])
        elif name in goal.previous_indexes:
            yield DeleteIndex(name)
    for name, vector_index in actual.vector_index_definitions.items():
        if name in vectors:
            changed[name] = DeleteVectorIndex(name), vector_index_difference(vector_index, vectors[name])
        elif name in goal.previous_vector_indexes:
            yield DeleteVectorIndex(name)
    changed = {name: (step, difference) for name, (step, difference) in changed.items() if difference}
    if changed and not goal.options.allow_index_recreation:
        differences = "; ".join(f"index '{name}' has {difference}" for name, (_, difference) in changed.items())
        raise NotUpdatableError(
            f"DynamoDB cannot change what defines an index: {differences}.",
            "Declare an index of another name beside it, until nothing queries this one any more; or set"
            " AllowIndexRecreation: true to have it deleted and built anew, while queries on it fail.",
        )
    yield from (step for step, _ in changed.values())


def _index_creations(actual: TableState, goal: Goal) -> Iterator[Step]:
    live = actual.index_definitions
    types = goal.desired.attribute_definitions
    is_provisioned = (goal.billing_mode or actual.billing_mode) is BillingMode.PROVISIONED
    for index in goal.desired.global_secondary_indexes:
        is_there = index.index_name in live and not index_difference(live[index.index_name], index)
        if not is_there:
            capacity = (
                index.provisioned_throughput or goal.desired.provisioned_throughput or actual.provisioned_throughput
            )
            built = index.model_copy(update={"provisioned_throughput": capacity if is_provisioned else None})
            yield CreateIndex(built, {attribute.name: types[attribute.name] for attribute in index.key_attributes})


def _vector_index_creations(actual: TableState, goal: Goal) -> Iterator[Step]:
    live = actual.vector_index_definitions
    for index in goal.desired.vector_indexes:
        if index.index_name not in live or vector_index_difference(live[index.index_name], index):
            yield CreateVectorIndex(index)


def _billing(actual: TableState, goal: Goal) -> Iterator[Step]:
    mode = goal.billing_mode
    if mode is not None and mode is not actual.billing_mode:
        yield _switch(mode, actual, goal)
    elif actual.billing_mode is BillingMode.PROVISIONED and goal.manages_capacity:
        yield from _capacity(actual, goal)


def _switch(mode: BillingMode, actual: TableState, goal: Goal) -> SwitchBillingMode:
    """With what the mode takes in the same call: capacity, or the maxima of the table, which it never is without."""
    capacity = goal.desired.provisioned_throughput
    if mode is BillingMode.PAY_PER_REQUEST or capacity is None:  # the schema has no PROVISIONED without capacity
        maximum = _maxima(goal.desired)
        return SwitchBillingMode(mode, maximum=maximum if maximum != OnDemandThroughput() else None)
    declared = _declared_capacity(goal)
    return SwitchBillingMode(mode, capacity, {name: declared.get(name, capacity) for name in actual.index_definitions})


def _capacity(actual: TableState, goal: Goal) -> Iterator[Step]:
    wanted = goal.desired.provisioned_throughput
    table = wanted if wanted and wanted != actual.provisioned_throughput else None
    live = actual.index_definitions
    indexes = {
        name: capacity
        for name, capacity in _declared_capacity(goal).items()
        if name in live and live[name].provisioned_throughput != capacity
    }
    if table or indexes:
        yield ChangeCapacity(table, indexes)


def _declared_capacity(goal: Goal) -> dict[str, ProvisionedThroughput]:
    return {
        index.index_name: index.provisioned_throughput
        for index in goal.desired.global_secondary_indexes
        if index.provisioned_throughput
    }


def _check_maxima(actual: TableState, goal: Goal) -> None:
    """A mode that is not declared is left as it is, and provisioned capacity takes no maxima (T-059, T-128).

    Those that are there as they were declared before wait for the mode to come back: were they refused, an update could
    not be taken back either.
    """
    if (goal.billing_mode or actual.billing_mode) is not BillingMode.PROVISIONED:
        return
    live, former = actual.index_definitions, goal.previous_indexes
    changes = [(_maxima(goal.desired), _maxima(goal.previous))] if goal.manages_capacity else []
    changes += [
        (_maxima(index), _maxima(former.get(index.index_name) if index.index_name in live else None))
        for index in goal.desired.global_secondary_indexes
        if goal.manages_capacity or index.index_name not in live
    ]
    if any(wanted not in {before, OnDemandThroughput()} for wanted, before in changes):
        raise InvalidRequestError(
            f"OnDemandThroughput is declared, but table '{actual.table_name}' has provisioned capacity, which takes"
            " none.",
            "Declare BillingMode: PAY_PER_REQUEST to have it switched, or remove OnDemandThroughput.",
        )


def _maxima(holder: TableSchema | GlobalSecondaryIndex | None) -> OnDemandThroughput:
    return (holder and holder.on_demand_throughput) or OnDemandThroughput()


def _on_demand_maxima(actual: TableState, goal: Goal) -> Iterator[Step]:
    """Those of the table come with the switch to on-demand, those of indexes after it."""
    mode = goal.billing_mode or actual.billing_mode
    if mode is BillingMode.PROVISIONED or not (goal.manages_capacity or goal.switches_to_on_demand):
        return
    wanted = goal.desired.on_demand_throughput
    if goal.is_removed("on_demand_throughput"):
        wanted = OnDemandThroughput()
    if wanted and wanted != actual.on_demand_throughput and mode is actual.billing_mode:
        yield LimitOnDemandThroughput(wanted)
    for live, desired, previous in _common_indexes(actual, goal):
        maximum = desired.on_demand_throughput
        if maximum is None and previous and previous.on_demand_throughput:
            maximum = OnDemandThroughput()
        if maximum and maximum != (live.on_demand_throughput or OnDemandThroughput()):
            yield LimitIndexOnDemandThroughput(desired.index_name, maximum)


def _warm_throughput(actual: TableState, goal: Goal) -> Iterator[Step]:
    """What a table begins with is set, too, where its import could not take it."""
    is_imported = goal.is_as_made and goal.desired.import_source_specification is not None
    if not (goal.manages_capacity or is_imported):
        return
    if raised := _raised(actual.warm_throughput, goal.desired.warm_throughput):
        yield WarmTable(raised)
    for live, desired, _ in _common_indexes(actual, goal):
        if raised := _raised(live.warm_throughput, desired.warm_throughput):
            yield WarmIndex(desired.index_name, raised)


def _raised(actual: WarmThroughput | None, floor: WarmThroughput | None) -> WarmThroughput | None:
    """The floor where the actual throughput does not reach it: it is only ever raised, each unit by itself."""
    if floor is None:
        return None
    actual = actual or WarmThroughput(read_units_per_second=1, write_units_per_second=1)
    reads = _above(floor.read_units_per_second, actual.read_units_per_second)
    writes = _above(floor.write_units_per_second, actual.write_units_per_second)
    if reads is None and writes is None:
        return None
    return WarmThroughput(
        read_units_per_second=reads or actual.read_units_per_second,
        write_units_per_second=writes or actual.write_units_per_second,
    )


def _above(floor: int | None, actual: int | None) -> int | None:
    return floor if floor is not None and floor > (actual or 0) else None


def _table_class(actual: TableState, goal: Goal) -> Iterator[Step]:
    wanted = goal.desired.table_class
    if goal.is_removed("table_class"):
        wanted = TableClass.STANDARD
    if wanted and wanted is not actual.table_class:
        yield ChangeTableClass(wanted)


def _encryption(actual: TableState, goal: Goal) -> Iterator[Step]:
    """Keys are compared by ARN. Where the ARN of the declared one is not known, an unchanged spelling is unchanged.

    So is one of which nobody knows how it was spelled before, unless the table is taken over: each change is one of
    the four of the day (T-082).
    """
    wanted = goal.desired.sse_specification
    if goal.is_removed("sse_specification"):
        wanted = SSESpecification(sse_enabled=False)
    if wanted is None or actual.is_encrypting:
        return
    if not wanted.sse_enabled:
        is_so = actual.encryption_key_arn is None
    elif goal.desired_key_arn is not None:
        is_so = actual.encryption_key_arn == goal.desired_key_arn
    else:
        is_spelled_otherwise = goal.previous is not None and goal.previous.sse_specification != wanted
        is_so = actual.encryption_key_arn is not None and not (goal.is_taken_over or is_spelled_otherwise)
    if not is_so:
        yield ChangeEncryption(wanted)


def _stream(actual: TableState, goal: Goal) -> Iterator[Step]:
    wanted = goal.desired.stream_specification
    if wanted is None and not goal.is_removed("stream_specification"):
        return
    view_type = wanted.stream_view_type if wanted else None
    live = actual.stream.stream_view_type if actual.stream else None
    if live and live is not view_type:
        yield DisableStream()
    if view_type and live is not view_type:
        yield EnableStream(view_type)


def _resource_policy(actual: TableState, goal: Goal) -> Iterator[Step]:
    if actual.resource_policy is not None and goal.is_managed("resource_policy"):
        yield from _policy(actual.resource_policy, goal.desired.resource_policy, is_for_stream=False)


def _stream_tags(actual: TableState, goal: Goal) -> Iterator[Step]:
    """Managed as long as the stream is; one that is turned on anew begins without any."""
    stream, former = goal.desired.stream_specification, goal.previous_stream
    present = {} if any(_stream(actual, goal)) else actual.stream_tags
    if stream is None or present is None or not goal.is_managed_of_stream("tags"):
        return
    missing = {key: value for key, value in stream.tag_values.items() if present.get(key) != value}
    removed = (former.tag_values.keys() if former else set()) - stream.tag_values.keys()
    yield from _tagging(present, TagStream(missing), UntagStream(tuple(sorted(removed & present.keys()))))


def _stream_policy(actual: TableState, goal: Goal) -> Iterator[Step]:
    """Managed as long as the stream is; one that is turned on anew begins without one."""
    stream = goal.desired.stream_specification
    present = "" if any(_stream(actual, goal)) else actual.stream_policy
    if stream is not None and present is not None and goal.is_managed_of_stream("resource_policy"):
        yield from _policy(present, stream.resource_policy, is_for_stream=True)


def _policy(actual: str, wanted: ResourcePolicy | None, *, is_for_stream: bool) -> Iterator[Step]:
    if wanted is None:
        if actual:
            yield DeleteResourcePolicy(is_for_stream)
    elif canonical(wanted.policy_document) != canonical(actual):
        yield PutResourcePolicy(wanted.text, is_for_stream)


def _kinesis(actual: TableState, goal: Goal) -> Iterator[Step]:
    """One stream at a time (T-299): the former one goes first."""
    wanted = goal.desired.kinesis_stream_specification
    if actual.kinesis is None or not goal.is_managed("kinesis_stream_specification"):
        return
    live = next((destination for destination in actual.kinesis if destination.is_live), None)
    if live and (wanted is None or live.stream_arn != wanted.stream_arn):
        yield DisableKinesisStream(live.stream_arn)
    if wanted and (live is None or live.stream_arn != wanted.stream_arn):
        yield EnableKinesisStream(wanted.stream_arn, wanted.precision)
    elif wanted and live and live.precision is not wanted.precision:
        yield ChangeKinesisPrecision(wanted.stream_arn, wanted.precision)


def _insights(actual: TableState, goal: Goal) -> Iterator[Step]:
    """An index that cannot be asked yet gets its step all the same, which waits for it."""
    for name, mode in goal.managed_insights.items():
        known = (actual.insights or {}).get(name)
        is_there = name == TABLE or name in actual.index_definitions
        if known is None and (mode is None or not is_there or actual.insights is None):
            continue
        if known is None or known.mode is not mode:
            yield SetContributorInsights(name, mode)


def _point_in_time_recovery(actual: TableState, goal: Goal) -> Iterator[Step]:
    wanted = goal.desired.point_in_time_recovery_specification
    if goal.is_removed("point_in_time_recovery_specification"):
        wanted = PointInTimeRecoverySpecification()
    if wanted and actual.point_in_time_recovery and _recovery(wanted) != _recovery(actual.point_in_time_recovery):
        yield SetPointInTimeRecovery(_with_period(wanted))


def _with_period(specification: PointInTimeRecoverySpecification) -> PointInTimeRecoverySpecification:
    """The period said aloud: what is not said may stay as it is."""
    days = _recovery(specification)
    return specification.model_copy(update={"recovery_period_in_days": days}) if days else specification


def _recovery(specification: PointInTimeRecoverySpecification) -> int:
    """Days of backups; none where they are off."""
    if not specification.point_in_time_recovery_enabled:
        return 0
    return specification.recovery_period_in_days or _DEFAULT_RECOVERY_DAYS


def _time_to_live(actual: TableState, goal: Goal) -> Iterator[Step]:
    """Another attribute takes two changes: off, and on again once DynamoDB lets one (T-147)."""
    wanted = goal.desired.time_to_live_specification
    if goal.is_removed("time_to_live_specification"):
        wanted = TimeToLiveSpecification(enabled=False)
    if wanted is None or actual.time_to_live is None:
        return
    attribute = wanted.attribute_name if wanted.enabled else None
    live = actual.time_to_live.attribute_name if actual.time_to_live.enabled else None
    if live == attribute:
        return
    if live is not None:
        yield DisableTimeToLive(live)
    if attribute is not None:
        yield ReenableTimeToLive(attribute) if live is not None else EnableTimeToLive(attribute)


def failure_of(step: Step, actual: TableState) -> ProvisionerError | None:
    """Why a step that AWS accepted came to nothing; ``None`` where nothing says so."""
    match step:
        case SetContributorInsights(index_name):
            known = (actual.insights or {}).get(index_name)
            if known and known.failure:
                return ServiceLimitExceededError(
                    f"could not {step}: {known.failure}.",
                    "CloudWatch allows 100 such rules in a region: turn some off.",
                )
        case EnableKinesisStream(stream_arn):
            for destination in actual.kinesis or ():
                if destination.stream_arn == stream_arn and destination.failure:
                    return InvalidRequestError(
                        f"could not {step}: {destination.failure}.",
                        "See that the stream exists in this region and account, and is ACTIVE.",
                    )
    return None


def _common_indexes(
    actual: TableState, goal: Goal
) -> Iterator[tuple[GlobalSecondaryIndex, GlobalSecondaryIndex, GlobalSecondaryIndex | None]]:
    """Indexes that are there and stay: as they are, as declared, as declared before."""
    live = actual.index_definitions
    for desired in goal.desired.global_secondary_indexes:
        name = desired.index_name
        if name in live and not index_difference(live[name], desired):
            yield live[name], desired, goal.previous_indexes.get(name)
