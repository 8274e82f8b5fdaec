from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from table_provisioner.errors import InvalidRequestError, NotUpdatableError, ProvisionerError
from table_provisioner.goal import Goal
from table_provisioner.options import CapacityManagement, ProvisioningOptions
from table_provisioner.plan import creation_tags, failure_of, plan, plan_creation
from table_provisioner.schema import (
    AttributeType,
    BillingMode,
    InsightsMode,
    OnDemandThroughput,
    PointInTimeRecoverySpecification,
    SSESpecification,
    StreamSpecification,
    StreamViewType,
    TableClass,
    TableSchema,
    TimestampPrecision,
    TimeToLiveSpecification,
)
from table_provisioner.state import DELETING, TABLE, IndexState, InsightsState, KinesisDestination, TableState
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
from tests.unit.declarations import (
    KEY_ARN,
    ON_DEMAND,
    ORDERS,
    PROVISIONED,
    PROVISIONED_STATE,
    UNITS,
    Members,
    attribute,
    capacity,
    global_index,
    imported,
    index,
    live,
    local_index,
    maximum,
    schema,
    state,
    vector_index,
    vectors,
    warmth,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from table_provisioner.schema import GlobalSecondaryIndex

RECREATE: Final = ProvisioningOptions(allow_index_recreation=True)
INITIAL_ONLY: Final = ProvisioningOptions(capacity_management=CapacityManagement.INITIAL_ONLY)
STREAM: Final = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"
OTHER_STREAM: Final = "arn:aws:kinesis:us-east-1:123456789012:stream/others"
POLICY: Final[Members] = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:GetItem"}]}
OTHER_POLICY: Final[Members] = {"Version": "2012-10-17", "Statement": []}


def goal(previous: Members | None = None, /, **members: Any) -> Goal:  # noqa: ANN401 -- members of any type
    """What is declared, and what was before where that is given."""
    return Goal(schema(**members), None if previous is None else schema(**previous))


def compact(document: Members) -> str:
    return json.dumps(document, separators=(",", ":"))


def indexed(*indexes: Members) -> Members:
    return {"GlobalSecondaryIndexes": list(indexes)}


def maxima(reads: int, writes: int = -1) -> Members:
    return {"OnDemandThroughput": {"MaxReadRequestUnits": reads, "MaxWriteRequestUnits": writes}}


def warm(reads: int, writes: int | None = None) -> Members:
    units = {"ReadUnitsPerSecond": reads} | ({} if writes is None else {"WriteUnitsPerSecond": writes})
    return {"WarmThroughput": units}


def encrypted(key: str | None = None, *, enabled: bool = True) -> Members:
    members = {"SSEType": "KMS"} if enabled else {}
    return {"SSESpecification": {"SSEEnabled": enabled, **members, **({"KMSMasterKeyId": key} if key else {})}}


def sse(key: str | None = None) -> SSESpecification:
    return SSESpecification.model_validate({"sse_enabled": True, "sse_type": "KMS", "kms_master_key_id": key})


def expiring(name: str | None) -> Members:
    members = {"Enabled": True, "AttributeName": name} if name else {"Enabled": False}
    return {"TimeToLiveSpecification": members}


def expires(name: str | None) -> TimeToLiveSpecification:
    return TimeToLiveSpecification(enabled=name is not None, attribute_name=name)


def recovering(days: int | None = None, *, enabled: bool = True) -> Members:
    members = {"PointInTimeRecoveryEnabled": enabled} | ({"RecoveryPeriodInDays": days} if days else {})
    return {"PointInTimeRecoverySpecification": members}


def recovers(days: int | None = None, *, enabled: bool = True) -> PointInTimeRecoverySpecification:
    return PointInTimeRecoverySpecification(point_in_time_recovery_enabled=enabled, recovery_period_in_days=days)


def streaming(view_type: str = "KEYS_ONLY", **members: Any) -> Members:  # noqa: ANN401 -- as above
    return {"StreamSpecification": {"StreamViewType": view_type, **members}}


def streams(view_type: str = "KEYS_ONLY", **members: Any) -> Members:  # noqa: ANN401 -- as above
    stream = StreamSpecification(stream_view_type=StreamViewType(view_type))
    return {"stream": stream, "stream_arn": "arn:aws:dynamodb:…/stream/1", **members}


def tagged(**tags: str) -> Members:
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def governed(document: Members) -> Members:
    return {"ResourcePolicy": {"PolicyDocument": document}}


def kinesis(arn: str = STREAM, **members: str) -> Members:
    return {"KinesisStreamSpecification": {"StreamArn": arn, **members}}


def destination(status: str = "ACTIVE", arn: str = STREAM, precision: str = "MILLISECOND") -> KinesisDestination:
    return KinesisDestination(arn, status, TimestampPrecision(precision))


def insights(*, enabled: bool = True, **members: str) -> Members:
    return {"ContributorInsightsSpecification": {"Enabled": enabled, **members}}


COUNTING: Final = InsightsState("ENABLED", InsightsMode.ACCESSED_AND_THROTTLED_KEYS)
NOT_COUNTING: Final = InsightsState("DISABLED", None)
ALL_KEYS: Final = InsightsMode.ACCESSED_AND_THROTTLED_KEYS

BY_EMAIL: Final = global_index()
BY_NAME: Final = global_index("by-name", partition="name")
BY_EMAIL_AND_AT: Final = global_index(SortKey=attribute("at"))
CAPABLE: Final = global_index(ProvisionedThroughput=UNITS)
S: Final = AttributeType.STRING
LISTED_PT: Final = {"ReadCapacityUnits": 9, "WriteCapacityUnits": 5}

ROWS = [
    # The whole
    pytest.param(state(), goal(), (), id="a table as declared needs nothing"),
    pytest.param(
        state(
            **streams(),
            indexes=(live(),),
            encryption_key_arn=KEY_ARN,
            table_class=TableClass.STANDARD_INFREQUENT_ACCESS,
            is_deletion_protected=True,
            on_demand_throughput=maximum(5),
            time_to_live=expires("ttl"),
            point_in_time_recovery=recovers(),
            kinesis=(destination(),),
            insights={TABLE: COUNTING},
            resource_policy=json.dumps(POLICY),
            tags={"team": "shop"},
            local_indexes=(local_index(),),
        ),
        goal({}),
        (),
        id="what was never declared is never touched",
    ),
    # Tags
    pytest.param(
        state(tags={"a": "1", "other": "x"}), goal(**tagged(a="1")), (), id="tags of others are no difference"
    ),
    pytest.param(
        state(tags={"a": "1"}),
        goal(**tagged(a="2", b="")),
        (TagTable({"a": "2", "b": ""}),),
        id="all tags that differ go into one call",
    ),
    pytest.param(
        state(tags={"a": "1", "b": "2"}),
        goal(tagged(a="1", b="2"), **tagged(a="1")),
        (UntagTable(("b",)),),
        id="a tag that is no longer declared goes",
    ),
    pytest.param(
        state(tags={"a": "1", "z": "2"}),
        goal(tagged(z="2", a="1")),
        (UntagTable(("a", "z")),),
        id="with the last tag declared go all that were",
    ),
    pytest.param(state(tags={}), goal(tagged(a="1")), (), id="a tag that is gone already is no difference"),
    pytest.param(
        state(tags={f"old{i}": "x" * 250 for i in range(25)}),
        goal(tagged(**{f"old{i}": "" for i in range(25)}), **tagged(**{f"new{i}": "y" * 250 for i in range(16)})),
        (
            UntagTable(tuple(sorted(f"old{i}" for i in range(25)))),
            TagTable({f"new{i}": "y" * 250 for i in range(16)}),
        ),
        id="at the limit of 10240 bytes room is made first, too (T-109)",
    ),
    pytest.param(
        state(tags={f"old{i}": "x" * 250 for i in range(24)}),
        goal(tagged(**{f"old{i}": "" for i in range(24)}), **tagged(**{f"new{i}": "y" * 250 for i in range(16)})),
        (
            TagTable({f"new{i}": "y" * 250 for i in range(16)}),
            UntagTable(tuple(sorted(f"old{i}" for i in range(24)))),
        ),
        id="a tag below it there is room",
    ),
    pytest.param(
        state(tags={"a": "1"}),
        goal(tagged(a="1"), **tagged(b="2")),
        (TagTable({"b": "2"}), UntagTable(("a",))),
        id="tags are set before others are removed",
    ),
    pytest.param(
        state(tags={f"k{i}": "" for i in range(50)}),
        goal(tagged(k0=""), **tagged(b="2")),
        (UntagTable(("k0",)), TagTable({"b": "2"})),
        id="at the limit of 50 room is made first (T-108)",
    ),
    pytest.param(
        state(tags={f"k{i}": "" for i in range(49)}),
        goal(tagged(k0=""), **tagged(b="2")),
        (TagTable({"b": "2"}), UntagTable(("k0",))),
        id="one below the limit there is room",
    ),
    pytest.param(
        state(tags=None), goal(**tagged(a="1")), (TagTable({"a": "1"}),), id="tags that were not read are set"
    ),
    pytest.param(
        state(tags={"a": "1", "fence": "old"}),
        Goal(schema(**tagged(a="1")), fence_tags={"fence": "new"}),
        (),
        id="without a change there is no fence",
    ),
    pytest.param(
        state(tags={"fence": "old"}),
        Goal(schema(), fence_tags={"fence": "new"}, is_fence_due=True),
        (TagTable({"fence": "new"}),),
        id="unless it is due",
    ),
    pytest.param(
        state(tags={"fence": "old"}),
        Goal(schema(DeletionProtectionEnabled=True), fence_tags={"fence": "new"}),
        (TagTable({"fence": "new"}), SetDeletionProtection(is_enabled=True)),
        id="the fence comes before any change",
    ),
    pytest.param(
        state(tags={"fence": "new"}),
        Goal(schema(DeletionProtectionEnabled=True), fence_tags={"fence": "new"}),
        (SetDeletionProtection(is_enabled=True),),
        id="a fence that stands is not written again",
    ),
    pytest.param(
        state(tags={"fence": "old"}),
        Goal(schema(**tagged(a="1")), ownership_tags={"owner": "us"}, fence_tags={"fence": "new"}),
        (TagTable({"a": "1", "owner": "us", "fence": "new"}),),
        id="tags, ownership and the fence are one call (T-172)",
    ),
    pytest.param(
        state(tags={"owner": "us", "adopter": "them"}),
        Goal(schema(), surplus_tags=frozenset({"owner", "absent"}), fence_tags={"fence": "new"}),
        (TagTable({"fence": "new"}), UntagTable(("owner",))),
        id="of surplus tags those that stand are removed, under the fence",
    ),
    # Deletion protection
    pytest.param(
        state(), goal(DeletionProtectionEnabled=True), (SetDeletionProtection(is_enabled=True),), id="protection on"
    ),
    pytest.param(
        state(is_deletion_protected=True),
        goal(DeletionProtectionEnabled=False),
        (SetDeletionProtection(is_enabled=False),),
        id="protection off",
    ),
    pytest.param(
        state(is_deletion_protected=True),
        goal({"DeletionProtectionEnabled": True}),
        (SetDeletionProtection(is_enabled=False),),
        id="protection that is no longer declared goes off",
    ),
    pytest.param(
        state(is_deletion_protected=True), goal(DeletionProtectionEnabled=True), (), id="protection that is on stays"
    ),
    # Indexes
    pytest.param(
        state(indexes=(live(BY_NAME), live())),
        goal(**indexed(index(), index("by-name", partition="name"))),
        (),
        id="the order of indexes is no difference",
    ),
    pytest.param(
        state(),
        goal(**indexed(index(SortKey=attribute("at", "N")))),
        (CreateIndex(global_index(SortKey=attribute("at", "N")), {"email": S, "at": AttributeType.NUMBER}),),
        id="a declared index is created, with the types of its key",
    ),
    pytest.param(
        state(indexes=(live(),)), goal(indexed(index())), (DeleteIndex("by-email"),), id="a removed index is deleted"
    ),
    pytest.param(
        state(indexes=(live(),)), goal(), (), id="an index that somebody else made stays (managed index by index)"
    ),
    pytest.param(
        state(indexes=(live(),)),
        goal({}, **indexed(index("by-name", partition="name"))),
        (CreateIndex(BY_NAME, {"name": S}),),
        id="it stays beside declared ones, too",
    ),
    pytest.param(
        state(indexes=(live(status=DELETING),)),
        goal(indexed(index())),
        (),
        id="an index that is being deleted is as good as gone",
    ),
    pytest.param(
        state(indexes=(live(status=DELETING),)),
        goal(**indexed(index())),
        (CreateIndex(BY_EMAIL, {"email": S}),),
        id="an index that is being deleted and is declared comes again",
    ),
    pytest.param(
        state(indexes=(live(status="CREATING"),)),
        goal(**indexed(index())),
        (),
        id="an index that is being built is there",
    ),
    pytest.param(
        state(indexes=(live(),)),
        Goal(schema(**indexed(index(SortKey=attribute("at")))), options=RECREATE),
        (DeleteIndex("by-email"), CreateIndex(BY_EMAIL_AND_AT, {"email": S, "at": S})),
        id="a changed key re-creates the index where that is allowed",
    ),
    pytest.param(
        state(indexes=(live(),)),
        Goal(schema(**indexed(index(Projection={"ProjectionType": "KEYS_ONLY"}))), options=RECREATE),
        (
            DeleteIndex("by-email"),
            CreateIndex(global_index(Projection={"ProjectionType": "KEYS_ONLY"}), {"email": S}),
        ),
        id="so does a changed projection",
    ),
    pytest.param(
        state(indexes=(live(global_index(Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b"]})),)),
        goal(**indexed(index(Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["b", "a"]}))),
        (),
        id="the order of projected attributes is no difference (T-125)",
    ),
    pytest.param(
        state(**PROVISIONED_STATE),
        goal(**PROVISIONED, **indexed(index(ProvisionedThroughput=LISTED_PT))),
        (CreateIndex(global_index(ProvisionedThroughput=LISTED_PT), {"email": S}),),
        id="an index of a PROVISIONED table is created with its capacity",
    ),
    pytest.param(
        state(**PROVISIONED_STATE),
        goal(**indexed(index())),
        (CreateIndex(CAPABLE, {"email": S}),),
        id="where none is declared it gets that of the live table",
    ),
    pytest.param(
        state(),
        goal({}, **indexed(index())),
        (CreateIndex(BY_EMAIL, {"email": S}),),
        id="an index of a PAY_PER_REQUEST table is created without capacity",
    ),
    # Billing and capacity
    pytest.param(state(**PROVISIONED_STATE), goal(**PROVISIONED), (), id="the same capacity is no difference (T-057)"),
    pytest.param(
        state(**PROVISIONED_STATE),
        goal(**ON_DEMAND),
        (SwitchBillingMode(BillingMode.PAY_PER_REQUEST),),
        id="to PAY_PER_REQUEST",
    ),
    pytest.param(
        state(indexes=(live(), live(BY_NAME))),
        goal(**PROVISIONED, **indexed(index(ProvisionedThroughput=LISTED_PT))),
        (
            SwitchBillingMode(
                BillingMode.PROVISIONED, capacity(5, 5), {"by-email": capacity(9, 5), "by-name": capacity(5, 5)}
            ),
        ),
        id="to PROVISIONED takes capacity for every live index, declared or the table's (T-152)",
    ),
    pytest.param(
        state(),
        goal(**PROVISIONED, **indexed(index(ProvisionedThroughput=UNITS))),
        (
            SwitchBillingMode(BillingMode.PROVISIONED, capacity(5, 5)),
            CreateIndex(CAPABLE, {"email": S}),
        ),
        id="a new index comes after the switch, with capacity",
    ),
    pytest.param(
        state(**PROVISIONED_STATE),
        goal(PROVISIONED),
        (SwitchBillingMode(BillingMode.PAY_PER_REQUEST),),
        id="capacity that is no longer declared means PAY_PER_REQUEST",
    ),
    pytest.param(
        state(**PROVISIONED_STATE),
        goal({"ProvisionedThroughput": UNITS}),
        (SwitchBillingMode(BillingMode.PAY_PER_REQUEST),),
        id="so it does where the mode was never spelled out",
    ),
    pytest.param(
        state(**PROVISIONED_STATE),
        goal(PROVISIONED, ProvisionedThroughput=UNITS),
        (),
        id="a mode that capacity still says is not removed",
    ),
    pytest.param(state(**PROVISIONED_STATE), goal(), (), id="a mode that was never declared is left as it is"),
    pytest.param(state(**PROVISIONED_STATE), goal({}), (), id="an update leaves it, too"),
    pytest.param(
        state(**PROVISIONED_STATE, indexes=(live(CAPABLE), live(BY_NAME))),
        goal(
            BillingMode="PROVISIONED",
            ProvisionedThroughput=LISTED_PT,
            **indexed(index(ProvisionedThroughput=LISTED_PT)),
        ),
        (ChangeCapacity(capacity(9, 5), {"by-email": capacity(9, 5)}),),
        id="capacity of table and indexes changes in one call, that of undeclared indexes not at all",
    ),
    pytest.param(
        state(**PROVISIONED_STATE, indexes=(live(CAPABLE),)),
        goal(**PROVISIONED, **indexed(index(ProvisionedThroughput=LISTED_PT))),
        (ChangeCapacity(None, {"by-email": capacity(9, 5)}),),
        id="capacity of an index alone",
    ),
    pytest.param(
        state(**PROVISIONED_STATE),
        goal(ProvisionedThroughput=LISTED_PT),
        (ChangeCapacity(capacity(9, 5), {}),),
        id="capacity of the table alone",
    ),
    pytest.param(
        state(**PROVISIONED_STATE),
        Goal(schema(ProvisionedThroughput=LISTED_PT), schema(), INITIAL_ONLY),
        (),
        id="auto scaling keeps its capacity",
    ),
    pytest.param(
        state(**PROVISIONED_STATE),
        Goal(schema(ProvisionedThroughput=LISTED_PT), None, INITIAL_ONLY),
        (),
        id="also that of a table that is taken over or come back to",
    ),
    pytest.param(
        state(),
        Goal(schema(**PROVISIONED), schema(), INITIAL_ONLY),
        (SwitchBillingMode(BillingMode.PROVISIONED, capacity(5, 5)),),
        id="a change of the mode is always applied",
    ),
    # On-demand maxima
    pytest.param(state(), goal(**maxima(7, 8)), (LimitOnDemandThroughput(maximum(7, 8)),), id="maxima of the table"),
    pytest.param(
        state(on_demand_throughput=maximum(7)), goal(**maxima(7, -1)), (), id="-1 is the same as no maximum (T-182)"
    ),
    pytest.param(state(), goal(OnDemandThroughput={}), (), id="no maximum is the default"),
    pytest.param(
        state(on_demand_throughput=maximum(7, 8)),
        goal(OnDemandThroughput={"MaxReadRequestUnits": 7}),
        (LimitOnDemandThroughput(maximum(7)),),
        id="a member left out means no maximum",
    ),
    pytest.param(
        state(on_demand_throughput=maximum(7)),
        goal(maxima(7)),
        (LimitOnDemandThroughput(OnDemandThroughput()),),
        id="maxima that are no longer declared are cleared",
    ),
    pytest.param(
        state(indexes=(live(),)),
        goal(**indexed(index(**maxima(3)))),
        (LimitIndexOnDemandThroughput("by-email", maximum(3)),),
        id="maxima of an index",
    ),
    pytest.param(
        state(indexes=(live(global_index(**maxima(3))),)),
        goal(indexed(index(**maxima(3))), **indexed(index())),
        (LimitIndexOnDemandThroughput("by-email", OnDemandThroughput()),),
        id="maxima of an index that are no longer declared are cleared",
    ),
    pytest.param(
        state(indexes=(live(),)),
        goal(indexed(index(**maxima(3))), **indexed(index())),
        (),
        id="cleared maxima of an index vanish, which is no difference",
    ),
    pytest.param(
        state(indexes=(live(global_index(**maxima(3))),)),
        goal(indexed(index()), **indexed(index())),
        (),
        id="maxima of an index that were never declared stay",
    ),
    pytest.param(
        state(**PROVISIONED_STATE),
        goal(maxima(3), **PROVISIONED),
        (),
        id="on a PROVISIONED table there are none to clear",
    ),
    pytest.param(
        state(**PROVISIONED_STATE),
        goal(**ON_DEMAND, **maxima(3)),
        (SwitchBillingMode(BillingMode.PAY_PER_REQUEST, maximum=maximum(3)),),
        id="maxima of the table come with the switch (T-433)",
    ),
    pytest.param(
        state(**PROVISIONED_STATE),
        Goal(schema(**ON_DEMAND, **maxima(3)), options=INITIAL_ONLY),
        (SwitchBillingMode(BillingMode.PAY_PER_REQUEST, maximum=maximum(3)),),
        id="whoever manages capacity afterwards",
    ),
    pytest.param(
        state(**PROVISIONED_STATE),
        goal(**ON_DEMAND, OnDemandThroughput={"MaxReadRequestUnits": -1}),
        (SwitchBillingMode(BillingMode.PAY_PER_REQUEST),),
        id="no maxima are none to come with it",
    ),
    pytest.param(
        state(**PROVISIONED_STATE, indexes=(live(CAPABLE),)),
        goal(**ON_DEMAND, **indexed(index(**maxima(3)))),
        (SwitchBillingMode(BillingMode.PAY_PER_REQUEST), LimitIndexOnDemandThroughput("by-email", maximum(3))),
        id="those of an index come after the switch, which would erase them (T-153)",
    ),
    pytest.param(
        state(indexes=(live(),)),
        Goal(schema(**ON_DEMAND, **indexed(index(**maxima(3)))), schema(**PROVISIONED), INITIAL_ONLY),
        (LimitIndexOnDemandThroughput("by-email", maximum(3)),),
        id="and are still due when it is done",
    ),
    pytest.param(
        state(indexes=(live(),)),
        Goal(schema(**ON_DEMAND, **indexed(index(**maxima(3)))), schema(**ON_DEMAND), INITIAL_ONLY),
        (),
        id="but not in the update after it",
    ),
    pytest.param(
        state(), Goal(schema(**maxima(3)), schema(), INITIAL_ONLY), (), id="InitialOnly leaves maxima alone, too"
    ),
    pytest.param(
        state(),
        goal(**indexed(index(**maxima(3)))),
        (CreateIndex(global_index(**maxima(3)), {"email": S}),),
        id="a new index has its maxima from the beginning",
    ),
    # Warm throughput
    pytest.param(
        state(), goal(**warm(13_000)), (WarmTable(warmth(13_000, 4_000)),), id="a floor is raised, the other unit stays"
    ),
    pytest.param(
        state(),
        goal(WarmThroughput={"WriteUnitsPerSecond": 5_000}),
        (WarmTable(warmth(12_000, 5_000)),),
        id="writes alone",
    ),
    pytest.param(
        state(warm_throughput=warmth(20_000, 9_000)),
        goal(**warm(13_000, 5_000)),
        (),
        id="more than the floor is enough",
    ),
    pytest.param(
        state(warm_throughput=warmth(20_000, 4_000)),
        goal(**warm(13_000, 5_000)),
        (WarmTable(warmth(20_000, 5_000)),),
        id="what is above the floor is not lowered",
    ),
    pytest.param(
        state(warm_throughput=warmth(20_000, 9_000)), goal(warm(20_000)), (), id="a floor that is no longer declared"
    ),
    pytest.param(state(), goal(**warm(12_000, 4_000)), (), id="exactly the floor is enough"),
    pytest.param(
        state(warm_throughput=None),
        goal(**warm(13_000)),
        (WarmTable(warmth(13_000, 1)),),
        id="an unknown warmth is raised",
    ),
    pytest.param(
        state(indexes=(live(global_index(**warm(12_000, 4_000))),)),
        goal(**indexed(index(**warm(13_000)))),
        (WarmIndex("by-email", warmth(13_000, 4_000)),),
        id="the floor of an index",
    ),
    pytest.param(
        state(), Goal(schema(**warm(13_000)), schema(), INITIAL_ONLY), (), id="InitialOnly leaves floors alone, too"
    ),
    # Class, encryption
    pytest.param(
        state(),
        goal(TableClass="STANDARD_INFREQUENT_ACCESS"),
        (ChangeTableClass(TableClass.STANDARD_INFREQUENT_ACCESS),),
        id="another class",
    ),
    pytest.param(state(), goal(TableClass="STANDARD"), (), id="STANDARD is what a table without a class has (T-177)"),
    pytest.param(
        state(table_class=TableClass.STANDARD_INFREQUENT_ACCESS),
        goal({"TableClass": "STANDARD_INFREQUENT_ACCESS"}),
        (ChangeTableClass(TableClass.STANDARD),),
        id="a class that is no longer declared becomes STANDARD",
    ),
    pytest.param(
        state(),
        Goal(schema(**encrypted("alias/orders")), desired_key_arn=KEY_ARN),
        (ChangeEncryption(sse("alias/orders")),),
        id="another key",
    ),
    pytest.param(
        state(encryption_key_arn=KEY_ARN),
        Goal(schema(**encrypted("alias/orders")), desired_key_arn=KEY_ARN),
        (),
        id="an alias of the same key is no difference (T-082)",
    ),
    pytest.param(
        state(encryption_key_arn=KEY_ARN),
        Goal(schema(**encrypted("alias/orders")), schema(**encrypted("alias/orders")), desired_key_arn=KEY_ARN + "x"),
        (ChangeEncryption(sse("alias/orders")),),
        id="an alias that points elsewhere now is a difference",
    ),
    pytest.param(
        state(encryption_key_arn=KEY_ARN),
        Goal(schema(**encrypted("alias/orders")), schema(**encrypted("alias/orders"))),
        (),
        id="where keys cannot be described an unchanged spelling is unchanged",
    ),
    pytest.param(
        state(encryption_key_arn=KEY_ARN),
        Goal(schema(**encrypted("alias/b")), schema(**encrypted("alias/a"))),
        (ChangeEncryption(sse("alias/b")),),
        id="and a changed one is changed",
    ),
    pytest.param(
        state(),
        Goal(schema(**encrypted("alias/a")), schema(**encrypted("alias/a"))),
        (ChangeEncryption(sse("alias/a")),),
        id="but the key that DynamoDB owns is never the declared one",
    ),
    pytest.param(
        state(encryption_key_arn=KEY_ARN),
        goal(**encrypted(enabled=False)),
        (ChangeEncryption(SSESpecification(sse_enabled=False)),),
        id="back to the key that DynamoDB owns",
    ),
    pytest.param(state(), goal(**encrypted(enabled=False)), (), id="that key is the default (T-027)"),
    pytest.param(
        state(encryption_key_arn=KEY_ARN),
        goal(encrypted("alias/orders")),
        (ChangeEncryption(SSESpecification(sse_enabled=False)),),
        id="encryption that is no longer declared goes back to it",
    ),
    pytest.param(
        state(is_encrypting=True),
        Goal(schema(**encrypted()), desired_key_arn=KEY_ARN),
        (),
        id="while keys are exchanged there is no difference to see (T-361)",
    ),
    # Streams
    pytest.param(state(), goal(**streaming()), (EnableStream(StreamViewType.KEYS_ONLY),), id="a stream"),
    pytest.param(state(**streams()), goal(**streaming()), (), id="the same stream"),
    pytest.param(
        state(**streams()),
        goal(**streaming("NEW_IMAGE")),
        (DisableStream(), EnableStream(StreamViewType.NEW_IMAGE)),
        id="another view takes another stream",
    ),
    pytest.param(
        state(**streams()), goal(streaming()), (DisableStream(),), id="a stream that is no longer declared goes"
    ),
    pytest.param(state(), goal(streaming()), (), id="a stream that is gone already is no difference"),
    # Resource policies
    pytest.param(
        state(resource_policy=""),
        goal(**governed(POLICY)),
        (PutResourcePolicy(compact(POLICY)),),
        id="a policy",
    ),
    pytest.param(
        state(
            resource_policy=json.dumps(
                {"Statement": [{"Action": ["dynamodb:GetItem"], "Effect": "Allow"}], "Version": "2012-10-17"}
            )
        ),
        goal(**governed(POLICY)),
        (),
        id="another spelling of a policy is no difference",
    ),
    pytest.param(
        state(resource_policy=json.dumps(POLICY)),
        goal(**governed(OTHER_POLICY)),
        (PutResourcePolicy(compact(OTHER_POLICY)),),
        id="another policy",
    ),
    pytest.param(
        state(resource_policy=json.dumps(POLICY)),
        goal(governed(POLICY)),
        (DeleteResourcePolicy(),),
        id="a policy that is no longer declared goes",
    ),
    pytest.param(state(resource_policy=""), goal(governed(POLICY)), (), id="no policy cannot go"),
    pytest.param(state(resource_policy=None), goal(**governed(POLICY)), (), id="a policy that was not read"),
    pytest.param(
        state(**streams(), stream_policy=""),
        goal(**streaming(ResourcePolicy={"PolicyDocument": POLICY})),
        (PutResourcePolicy(compact(POLICY), is_for_stream=True),),
        id="a policy of the stream",
    ),
    pytest.param(
        state(),
        goal(**streaming(ResourcePolicy={"PolicyDocument": POLICY})),
        (
            EnableStream(StreamViewType.KEYS_ONLY),
            PutResourcePolicy(compact(POLICY), is_for_stream=True),
        ),
        id="the policy of a stream comes after the stream",
    ),
    pytest.param(
        state(**streams(), stream_policy=json.dumps(POLICY)),
        goal(streaming(ResourcePolicy={"PolicyDocument": POLICY}), **streaming()),
        (DeleteResourcePolicy(is_for_stream=True),),
        id="a policy of the stream that is no longer declared goes",
    ),
    pytest.param(
        state(**streams(), stream_policy=json.dumps(POLICY)),
        goal(streaming(), **streaming()),
        (),
        id="a policy of the stream that was never declared stays",
    ),
    pytest.param(
        state(**streams(), stream_policy=None),
        goal(**streaming(ResourcePolicy={"PolicyDocument": POLICY})),
        (),
        id="a policy of a stream that was not read",
    ),
    pytest.param(
        state(),
        goal(streaming(ResourcePolicy={"PolicyDocument": POLICY}), **streaming()),
        (EnableStream(StreamViewType.KEYS_ONLY),),
        id="a new stream has no policy to remove",
    ),
    pytest.param(
        state(**streams("NEW_IMAGE", stream_policy=json.dumps(POLICY))),
        goal(**streaming(ResourcePolicy={"PolicyDocument": POLICY})),
        (
            DisableStream(),
            EnableStream(StreamViewType.KEYS_ONLY),
            PutResourcePolicy(compact(POLICY), is_for_stream=True),
        ),
        id="the policy of a stream is put onto the next one",
    ),
    # The tags of the stream
    pytest.param(
        state(**streams(stream_tags={"a": "1", "other": "x"})),
        goal(**streaming(**tagged(a="1"))),
        (),
        id="tags of the stream that others set are no difference",
    ),
    pytest.param(
        state(**streams(stream_tags={"a": "1"}), tags={"a": "2", "b": ""}),
        goal(**streaming(**tagged(a="2", b=""))),
        (TagStream({"a": "2", "b": ""}),),
        id="the tags of the table are not those of the stream",
    ),
    pytest.param(
        state(**streams(stream_tags={"a": "1", "b": "2", "other": "x"})),
        goal(streaming(**tagged(a="1", b="2", gone="")), **streaming(**tagged(a="1"))),
        (UntagStream(("b",)),),
        id="a tag of the stream that is no longer declared goes",
    ),
    pytest.param(
        state(**streams(stream_tags={"a": "1", "b": "2", "other": "x"})),
        goal(streaming(**tagged(b="2", a="1")), **streaming()),
        (UntagStream(("a", "b")),),
        id="with the tags of the stream go all that were declared",
    ),
    pytest.param(
        state(**streams(stream_tags={"a": "1"})),
        goal(streaming(), **streaming()),
        (),
        id="never declared, never touched",
    ),
    pytest.param(
        state(**streams(stream_tags={f"k{i}": "" for i in range(50)})),
        goal(streaming(**tagged(k0="")), **streaming(**tagged(b="2"))),
        (UntagStream(("k0",)), TagStream({"b": "2"})),
        id="a stream has the limit of 50, too (T-108)",
    ),
    pytest.param(
        state(**streams(stream_tags=None)),
        goal(**streaming(**tagged(a="1"))),
        (),
        id="tags of a stream that was not read",
    ),
    pytest.param(
        state(**streams("NEW_IMAGE", stream_tags={"a": "1", "b": "2"})),
        goal(streaming("NEW_IMAGE", **tagged(a="1", b="2")), **streaming(**tagged(a="1"))),
        (DisableStream(), EnableStream(StreamViewType.KEYS_ONLY), TagStream({"a": "1"})),
        id="tags go with their stream; the next one gets those that are declared",
    ),
    pytest.param(
        state(),
        goal(**streaming(ResourcePolicy={"PolicyDocument": POLICY}, **tagged(a="1"))),
        (
            EnableStream(StreamViewType.KEYS_ONLY),
            TagStream({"a": "1"}),
            PutResourcePolicy(compact(POLICY), is_for_stream=True),
        ),
        id="a stream is tagged before anybody is let in",
    ),
    pytest.param(
        state(**streams(stream_tags={"a": "1"})),
        goal(streaming(**tagged(a="1"))),
        (DisableStream(),),
        id="tags go with a stream that is no longer declared",
    ),
    # Kinesis
    pytest.param(
        state(kinesis=()),
        goal(**kinesis()),
        (EnableKinesisStream(STREAM, TimestampPrecision.MILLISECOND),),
        id="a Kinesis stream",
    ),
    pytest.param(state(kinesis=(destination(),)), goal(**kinesis()), (), id="the same Kinesis stream"),
    pytest.param(
        state(kinesis=(destination("ENABLING"),)), goal(**kinesis()), (), id="one that is being enabled counts (T-268)"
    ),
    pytest.param(
        state(kinesis=(destination("DISABLED"), destination("ENABLE_FAILED", OTHER_STREAM))),
        goal(**kinesis()),
        (EnableKinesisStream(STREAM, TimestampPrecision.MILLISECOND),),
        id="those that are disabled or failed do not (T-301)",
    ),
    pytest.param(
        state(kinesis=(destination(arn=OTHER_STREAM),)),
        goal(**kinesis(ApproximateCreationDateTimePrecision="MICROSECOND")),
        (DisableKinesisStream(OTHER_STREAM), EnableKinesisStream(STREAM, TimestampPrecision.MICROSECOND)),
        id="one stream at a time (T-299)",
    ),
    pytest.param(
        state(kinesis=(destination(),)),
        goal(**kinesis(ApproximateCreationDateTimePrecision="MICROSECOND")),
        (ChangeKinesisPrecision(STREAM, TimestampPrecision.MICROSECOND),),
        id="another precision",
    ),
    pytest.param(
        state(kinesis=(destination(precision="MICROSECOND"),)),
        goal(kinesis(ApproximateCreationDateTimePrecision="MICROSECOND"), **kinesis()),
        (ChangeKinesisPrecision(STREAM, TimestampPrecision.MILLISECOND),),
        id="a precision that is no longer declared becomes MILLISECOND",
    ),
    pytest.param(
        state(kinesis=(destination(),)),
        goal(kinesis()),
        (DisableKinesisStream(STREAM),),
        id="a Kinesis stream that is no longer declared goes",
    ),
    pytest.param(state(kinesis=(destination("DISABLED"),)), goal(kinesis()), (), id="a disabled one is gone already"),
    pytest.param(state(kinesis=None), goal(**kinesis()), (), id="a Kinesis stream that was not read"),
    # Contributor insights
    pytest.param(
        state(insights={TABLE: NOT_COUNTING}),
        goal(**insights()),
        (SetContributorInsights(TABLE, ALL_KEYS),),
        id="insights of the table",
    ),
    pytest.param(state(insights={TABLE: COUNTING}), goal(**insights()), (), id="the default mode is no difference"),
    pytest.param(
        state(insights={TABLE: COUNTING}),
        goal(**insights(Mode="THROTTLED_KEYS")),
        (SetContributorInsights(TABLE, InsightsMode.THROTTLED_KEYS),),
        id="another mode",
    ),
    pytest.param(
        state(insights={TABLE: COUNTING}),
        goal(**insights(enabled=False)),
        (SetContributorInsights(TABLE, None),),
        id="insights off",
    ),
    pytest.param(
        state(insights={TABLE: COUNTING}),
        goal(insights()),
        (SetContributorInsights(TABLE, None),),
        id="insights that are no longer declared go off",
    ),
    pytest.param(state(insights={TABLE: NOT_COUNTING}), goal(insights()), (), id="insights that are off stay off"),
    pytest.param(
        state(insights={"by-email": NOT_COUNTING}, indexes=(live(),)),
        goal(**indexed(index(**insights()))),
        (SetContributorInsights("by-email", ALL_KEYS),),
        id="insights of an index",
    ),
    pytest.param(
        state(insights={"by-email": COUNTING}, indexes=(live(),)),
        goal(indexed(index(**insights())), **indexed(index())),
        (SetContributorInsights("by-email", None),),
        id="insights of an index that are no longer declared go off",
    ),
    pytest.param(
        state(insights={}, indexes=(live(),)),
        goal(**indexed(index(**insights()))),
        (SetContributorInsights("by-email", ALL_KEYS),),
        id="insights of an index that cannot be asked yet (T-094)",
    ),
    pytest.param(
        state(insights={}, indexes=(live(),)),
        goal(indexed(index(**insights())), **indexed(index())),
        (),
        id="insights of an index that cannot be asked yet are off",
    ),
    pytest.param(
        state(insights={}),
        goal(**indexed(index(**insights()))),
        (CreateIndex(global_index(**insights()), {"email": S}),),
        id="insights of an index wait until it is there",
    ),
    pytest.param(state(insights=None), goal(**insights()), (), id="insights that were not read"),
    pytest.param(
        state(insights={}),
        goal(**insights()),
        (SetContributorInsights(TABLE, ALL_KEYS),),
        id="insights of the table that cannot be asked yet",
    ),
    pytest.param(
        state(**PROVISIONED_STATE),
        goal(**maxima(-1)),
        (),
        id="no maximum is no fault where the live mode is PROVISIONED",
    ),
    # Point-in-time recovery
    pytest.param(
        state(point_in_time_recovery=recovers(enabled=False)),
        goal(**recovering()),
        (SetPointInTimeRecovery(recovers(35)),),
        id="backups for the default period, said aloud",
    ),
    pytest.param(
        state(point_in_time_recovery=recovers(35)), goal(**recovering()), (), id="35 days are the default (T-084)"
    ),
    pytest.param(
        state(point_in_time_recovery=recovers(35)),
        goal(**recovering(7)),
        (SetPointInTimeRecovery(recovers(7)),),
        id="another period",
    ),
    pytest.param(
        state(point_in_time_recovery=recovers(7)),
        goal(**recovering()),
        (SetPointInTimeRecovery(recovers(35)),),
        id="a period that is no longer declared becomes 35 days",
    ),
    pytest.param(
        state(point_in_time_recovery=recovers(7)),
        goal(recovering(7)),
        (SetPointInTimeRecovery(recovers(enabled=False)),),
        id="backups that are no longer declared go off",
    ),
    pytest.param(
        state(point_in_time_recovery=recovers(enabled=False)), goal(**recovering(enabled=False)), (), id="off is off"
    ),
    pytest.param(state(point_in_time_recovery=None), goal(**recovering()), (), id="backups that were not read"),
    # Time to live
    pytest.param(
        state(time_to_live=expires(None)), goal(**expiring("ttl")), (EnableTimeToLive("ttl"),), id="time to live on"
    ),
    pytest.param(state(time_to_live=expires("ttl")), goal(**expiring("ttl")), (), id="the same time to live"),
    pytest.param(
        state(time_to_live=expires("ttl")), goal(**expiring(None)), (DisableTimeToLive("ttl"),), id="time to live off"
    ),
    pytest.param(
        state(time_to_live=expires("ttl")),
        goal(expiring("ttl")),
        (DisableTimeToLive("ttl"),),
        id="time to live that is no longer declared goes off",
    ),
    pytest.param(
        state(time_to_live=expires("ttl")),
        goal(**expiring("expires_at")),
        (DisableTimeToLive("ttl"), ReenableTimeToLive("expires_at")),
        id="another attribute takes two changes (T-147)",
    ),
    pytest.param(state(time_to_live=expires(None)), goal(expiring("ttl")), (), id="off stays off"),
    pytest.param(state(time_to_live=None), goal(**expiring("ttl")), (), id="time to live that was not read"),
]


@pytest.mark.parametrize(("actual", "wanted", "steps"), ROWS)
def test_plan(actual: TableState, wanted: Goal, steps: tuple[Step, ...]) -> None:
    assert plan(actual, wanted) == steps


def test_steps_stand_in_the_order_of_their_reasons() -> None:
    actual = state(
        tags={},
        resource_policy="",
        indexes=(live(BY_NAME), live(global_index("by-zip"))),
        insights={TABLE: NOT_COUNTING},
        kinesis=(),
        point_in_time_recovery=recovers(enabled=False),
        time_to_live=expires(None),
        **PROVISIONED_STATE,
    )
    wanted = goal(
        indexed(index("by-name", partition="name")),
        TableClass="STANDARD_INFREQUENT_ACCESS",
        DeletionProtectionEnabled=True,
        **tagged(a="1"),
        **governed(POLICY),
        **ON_DEMAND,
        **indexed(index(), index("by-zip", **maxima(5))),
        **maxima(5),
        **warm(13_000),
        **encrypted(),
        **streaming(ResourcePolicy={"PolicyDocument": POLICY}),
        **kinesis(),
        **insights(),
        **recovering(),
        **expiring("ttl"),
    )
    assert [type(step) for step in plan(actual, wanted)] == [
        TagTable,
        PutResourcePolicy,
        SetDeletionProtection,
        DeleteIndex,
        SwitchBillingMode,
        CreateIndex,
        LimitIndexOnDemandThroughput,
        WarmTable,
        ChangeTableClass,
        ChangeEncryption,
        EnableStream,
        PutResourcePolicy,
        EnableKinesisStream,
        SetContributorInsights,
        SetPointInTimeRecovery,
        EnableTimeToLive,
    ]


def test_protection_goes_off_when_all_else_is_done() -> None:
    actual = state(is_deletion_protected=True, time_to_live=expires(None))
    wanted = goal(DeletionProtectionEnabled=False, **expiring("ttl"))
    assert plan(actual, wanted) == (EnableTimeToLive("ttl"), SetDeletionProtection(is_enabled=False))


def test_indexes_are_not_built_anew_unless_that_is_allowed() -> None:
    actual = state(indexes=(live(), live(BY_NAME)))
    wanted = goal(
        **indexed(
            index(SortKey=attribute("at")),
            index(
                "by-name", partition="name", Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["z", "a"]}
            ),
        )
    )
    with pytest.raises(NotUpdatableError) as caught:
        plan(actual, wanted)
    assert str(caught.value) == (
        "NotUpdatable: DynamoDB cannot change what defines an index:"
        " index 'by-email' has the key email (S, HASH), declared is email (S, HASH), at (S, RANGE);"
        " index 'by-name' has the projection ALL, declared is INCLUDE a, z."
        " Declare an index of another name beside it, until nothing queries this one any more; or set"
        " AllowIndexRecreation: true to have it deleted and built anew, while queries on it fail."
    )


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(goal(**maxima(3)), id="of the table"),
        pytest.param(goal(maxima(2), **maxima(3)), id="of the table, other ones than before"),
        pytest.param(goal(**indexed(index(**maxima(3)))), id="of an index"),
        pytest.param(
            goal(indexed(index("by-zip", **maxima(3))), **indexed(index("by-zip", **maxima(3)))),
            id="of an index that somebody deleted",
        ),
        pytest.param(Goal(schema(**indexed(index("by-zip", **maxima(3)))), options=INITIAL_ONLY), id="of a new index"),
    ],
)
def test_maxima_are_refused_where_capacity_is_provisioned_without_being_declared(wanted: Goal) -> None:
    with pytest.raises(InvalidRequestError, match="Declare BillingMode: PAY_PER_REQUEST to have it switched, or"):
        plan(state(**PROVISIONED_STATE, indexes=(live(CAPABLE),)), wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(schema(**maxima(3)), id="of the table"),
        pytest.param(schema(**indexed(index(**maxima(3)))), id="of an index that is there"),
    ],
)
def test_maxima_that_are_only_initial_are_no_fault_where_capacity_is_provisioned(wanted: TableSchema) -> None:
    assert plan(state(**PROVISIONED_STATE, indexes=(live(CAPABLE),)), Goal(wanted, options=INITIAL_ONLY)) == ()


def test_vector_indexes_are_deleted_and_created_with_the_others() -> None:
    actual = state(
        indexes=(live(),),
        vector_indexes=(IndexState(vector_index("by-look")), IndexState(vector_index("by-sound"))),
    )
    former = schema(**indexed(index()), VectorIndexes=[vectors("by-look")])
    wanted = schema(**indexed(index("by-name", partition="name")), VectorIndexes=[vectors()])
    assert plan(actual, Goal(wanted, former)) == (
        DeleteIndex("by-email"),
        DeleteVectorIndex("by-look"),
        CreateIndex(BY_NAME, {"name": AttributeType.STRING}),
        CreateVectorIndex(vector_index()),
    )


CHANGED_VECTORS: Final = [
    pytest.param({"of": "other"}, "the vector attribute embedding, declared is other", id="attribute"),
    pytest.param({"Dimensions": 3}, "the dimensions 256, declared is 3", id="dimensions"),
    pytest.param(
        {"DistanceFunction": "EUCLIDEAN"}, "the distance function COSINE, declared is EUCLIDEAN", id="function"
    ),
    pytest.param(
        {"PartitionKey": attribute("kind")}, "the search schema none, declared is kind (S, HASH)", id="partition key"
    ),
    pytest.param(
        {"InlineFilters": [attribute("b", "N"), attribute("a")]},
        "the search schema none, declared is a (S), b (N)",
        id="filters",
    ),
    pytest.param(
        {"Projection": {"ProjectionType": "KEYS_ONLY"}}, "the projection ALL, declared is KEYS_ONLY", id="projection"
    ),
]


@pytest.mark.parametrize(("changes", "difference"), CHANGED_VECTORS)
def test_a_vector_index_is_built_anew_where_that_is_allowed(changes: Members, difference: str) -> None:
    actual = state(vector_indexes=(IndexState(vector_index()),))
    wanted = schema(VectorIndexes=[vectors(**changes)])
    with pytest.raises(NotUpdatableError, match=re.escape(f"index 'by-meaning' has {difference}.")):
        plan(actual, Goal(wanted))
    steps = plan(actual, Goal(wanted, options=RECREATE))
    assert steps == (DeleteVectorIndex("by-meaning"), CreateVectorIndex(wanted.vector_indexes[0]))


def test_the_order_of_filters_and_projected_attributes_means_nothing() -> None:
    def of(*names: str) -> Members:
        some = {"Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(names)}}
        return some | {"InlineFilters": [attribute(name) for name in names]}

    actual = state(vector_indexes=(IndexState(vector_index(**of("a", "b"))),))
    assert plan(actual, Goal(schema(VectorIndexes=[vectors(**of("b", "a"))]))) == ()


def test_changed_indexes_of_both_kinds_are_reported_together() -> None:
    actual = state(indexes=(live(),), vector_indexes=(IndexState(vector_index()),))
    wanted = schema(**indexed(index(SortKey=attribute("at"))), VectorIndexes=[vectors(Dimensions=3)])
    with pytest.raises(NotUpdatableError) as caught:
        plan(actual, Goal(wanted))
    assert "index 'by-email' has the key email" in str(caught.value)
    assert "index 'by-meaning' has the dimensions 256" in str(caught.value)


def test_what_an_import_does_not_take_follows_in_steps() -> None:
    wanted = schema(
        **imported(),
        **governed(POLICY),
        **streaming(),
        **warm(13_000),
        **expiring("ttl"),
        TableClass="STANDARD_INFREQUENT_ACCESS",
        DeletionProtectionEnabled=True,
    )
    steps = plan_creation(Goal(wanted, ownership_tags={"owner": "us"}))
    assert steps == (
        ImportTable(wanted),
        TagTable({"owner": "us"}),
        PutResourcePolicy(wanted.resource_policy.text if wanted.resource_policy else ""),
        SetDeletionProtection(is_enabled=True),
        WarmTable(warmth(13_000, None)),
        ChangeTableClass(TableClass.STANDARD_INFREQUENT_ACCESS),
        EnableStream(StreamViewType.KEYS_ONLY),
        EnableTimeToLive("ttl"),
    )


def test_a_plain_import_is_one_call() -> None:
    wanted = schema(**imported(), TableClass="STANDARD", DeletionProtectionEnabled=False)
    assert plan_creation(Goal(wanted)) == (ImportTable(wanted),)


@pytest.mark.parametrize("declared", [maxima(3), indexed(index(**maxima(3)))], ids=["table", "index"])
def test_maxima_as_before_wait_for_the_table_to_be_on_demand_again(declared: dict[str, Any]) -> None:
    assert plan(state(**PROVISIONED_STATE, indexes=(live(CAPABLE),)), goal(declared, **declared)) == ()


def test_maxima_and_warmth_wait_for_an_index_that_is_built_anew() -> None:
    wanted = schema(**indexed(index(SortKey=attribute("at"), **maxima(3), **warm(13_000))))
    steps = plan(state(indexes=(live(),)), Goal(wanted, options=RECREATE))
    assert [type(step) for step in steps] == [DeleteIndex, CreateIndex]


@pytest.mark.parametrize(
    ("wanted", "steps"),
    [
        pytest.param({}, (), id="a plain table is one call"),
        pytest.param(
            recovering(enabled=False) | expiring(None) | insights(enabled=False), (), id="what is off needs no call"
        ),
        pytest.param(recovering(7), (SetPointInTimeRecovery(recovers(7)),), id="backups"),
        pytest.param(expiring("ttl"), (EnableTimeToLive("ttl"),), id="time to live"),
        pytest.param(
            kinesis() | streaming() | governed(POLICY),
            (EnableKinesisStream(STREAM, TimestampPrecision.MILLISECOND),),
            id="a Kinesis stream; the stream and the policy are CreateTable's",
        ),
        pytest.param(
            streaming(ResourcePolicy={"PolicyDocument": POLICY}),
            (PutResourcePolicy(compact(POLICY), is_for_stream=True),),
            id="the policy of the stream",
        ),
        pytest.param(streaming(**tagged(a="1")), (TagStream({"a": "1"}),), id="the tags of the stream"),
        pytest.param(streaming(Tags=[]), (), id="no tags of the stream"),
        pytest.param(
            insights(Mode="THROTTLED_KEYS") | indexed(index(**insights())),
            (
                SetContributorInsights(TABLE, InsightsMode.THROTTLED_KEYS),
                SetContributorInsights("by-email", ALL_KEYS),
            ),
            id="insights of the table and of an index",
        ),
        pytest.param(
            recovering(7) | expiring("ttl") | kinesis() | insights(),
            (
                EnableKinesisStream(STREAM, TimestampPrecision.MILLISECOND),
                SetContributorInsights(TABLE, ALL_KEYS),
                SetPointInTimeRecovery(recovers(7)),
                EnableTimeToLive("ttl"),
            ),
            id="all of them, time to live last",
        ),
    ],
)
def test_plan_creation(wanted: Members, steps: tuple[Step, ...]) -> None:
    tags = {"owner": "us", "fence": "new"}
    creating = Goal(schema(**wanted), ownership_tags={"owner": "us"}, fence_tags={"fence": "new"})
    assert plan_creation(creating) == (CreateTable(creating.desired, tags), *steps)


def test_a_table_is_created_with_its_owner_on_it() -> None:
    wanted = Goal(schema(**tagged(a="1")), ownership_tags={"owner": "us"}, fence_tags={"fence": "new"})
    assert creation_tags(wanted) == {"a": "1", "owner": "us", "fence": "new"}


@pytest.mark.parametrize(
    ("step", "actual", "text"),
    [
        pytest.param(
            SetContributorInsights(TABLE, ALL_KEYS),
            state(insights={TABLE: InsightsState("FAILED", None, "LimitExceeded Too many rules")}),
            "ServiceLimitExceeded: could not turn contributor insights of the table on with"
            " ACCESSED_AND_THROTTLED_KEYS: LimitExceeded Too many rules."
            " CloudWatch allows 100 such rules in a region: turn some off.",
            id="insights that failed",
        ),
        pytest.param(
            SetContributorInsights(TABLE, ALL_KEYS),
            state(insights={TABLE: COUNTING}),
            "",
            id="insights that did not fail",
        ),
        pytest.param(SetContributorInsights("by-email", ALL_KEYS), state(insights=None), "", id="insights not known"),
        pytest.param(
            EnableKinesisStream(STREAM, TimestampPrecision.MILLISECOND),
            state(
                kinesis=(
                    destination(arn=OTHER_STREAM),
                    replace(destination("ENABLE_FAILED"), failure="no such stream"),
                )
            ),
            f"InvalidRequest: could not send changes to Kinesis stream {STREAM}: no such stream."
            " See that the stream exists in this region and account, and is ACTIVE.",
            id="a Kinesis stream that failed",
        ),
        pytest.param(
            EnableKinesisStream(STREAM, TimestampPrecision.MILLISECOND),
            state(kinesis=(replace(destination("ENABLE_FAILED", OTHER_STREAM), failure="no such stream"),)),
            "",
            id="another Kinesis stream that failed",
        ),
        pytest.param(
            EnableKinesisStream(STREAM, TimestampPrecision.MILLISECOND), state(), "", id="Kinesis streams not known"
        ),
        pytest.param(EnableTimeToLive("ttl"), state(), "", id="a step that does not fail afterwards"),
    ],
)
def test_failure_of(step: Step, actual: TableState, text: str) -> None:
    error = failure_of(step, actual)
    assert (str(error) if isinstance(error, ProvisionerError) else "") == text


@dataclass
class Model:
    """A table that takes every step at once, as a pure stand-in for DynamoDB."""

    table: TableState
    seen: list[Step] = field(default_factory=list)

    def take(self, step: Step, key_arn: str | None) -> None:
        """Be as the step wants it."""
        self.seen.append(step)
        self.table = replace(self.table, **self._changes(step, key_arn))

    def _changes(self, step: Step, key_arn: str | None) -> Members:  # noqa: C901, PLR0911, PLR0912 -- a table of steps
        table = self.table
        match step:
            case TagTable(tags):
                return {"tags": {**(table.tags or {}), **tags}}
            case UntagTable(keys):
                return {"tags": {key: value for key, value in (table.tags or {}).items() if key not in keys}}
            case SetDeletionProtection(is_enabled):
                return {"is_deletion_protected": is_enabled}
            case DeleteIndex(name):
                gone = {key: value for key, value in (table.insights or {}).items() if key != name}
                return {"indexes": self._without(name), "insights": gone}
            case CreateIndex(built):
                asked = {**(table.insights or {}), built.index_name: NOT_COUNTING}
                return {"indexes": (*table.indexes, IndexState(built)), "insights": asked}
            case DeleteVectorIndex(name):
                kept = [each for each in table.vector_indexes if each.definition.index_name != name]
                return {"vector_indexes": tuple(kept)}
            case CreateVectorIndex(vectors):
                return {"vector_indexes": (*table.vector_indexes, IndexState(vectors))}
            case SwitchBillingMode(mode, units, indexes, limits):
                return {
                    "billing_mode": mode,
                    "provisioned_throughput": units,
                    "on_demand_throughput": limits or OnDemandThroughput(),
                    "indexes": self._switched(indexes),
                }
            case ChangeCapacity(units, indexes):
                changed = {name: {"provisioned_throughput": value} for name, value in indexes.items()}
                return {"provisioned_throughput": units or table.provisioned_throughput, "indexes": self._with(changed)}
            case LimitOnDemandThroughput(most):
                return {"on_demand_throughput": most}
            case LimitIndexOnDemandThroughput(name, most):
                return {"indexes": self._with({name: {"on_demand_throughput": most}})}
            case WarmTable(least):
                return {"warm_throughput": least}
            case WarmIndex(name, least):
                return {"indexes": self._with({name: {"warm_throughput": least}})}
            case ChangeTableClass(table_class):
                return {"table_class": table_class}
            case ChangeEncryption(specification):
                return {"encryption_key_arn": key_arn if specification.sse_enabled else None}
            case DisableStream():
                return {"stream": None, "stream_arn": "", "stream_policy": None, "stream_tags": None}
            case EnableStream(view_type):
                return streams(view_type, stream_policy="", stream_tags={})
            case TagStream(tags):
                return {"stream_tags": {**(table.stream_tags or {}), **tags}}
            case UntagStream(keys):
                kept_tags = {key: value for key, value in (table.stream_tags or {}).items() if key not in keys}
                return {"stream_tags": kept_tags}
            case PutResourcePolicy(policy, is_for_stream):
                return {"stream_policy" if is_for_stream else "resource_policy": policy}
            case DeleteResourcePolicy(is_for_stream):
                return {"stream_policy" if is_for_stream else "resource_policy": ""}
            case EnableKinesisStream(arn, precision):
                return {"kinesis": (destination(arn=arn, precision=precision),)}
            case ChangeKinesisPrecision(arn, precision):
                return {"kinesis": (destination(arn=arn, precision=precision),)}
            case DisableKinesisStream(arn):
                return {"kinesis": (destination("DISABLED", arn),)}
            case SetContributorInsights(name, mode):
                counted = InsightsState("ENABLED" if mode else "DISABLED", mode)
                return {"insights": {**(table.insights or {}), name: counted}}
            case SetPointInTimeRecovery(specification):
                return {"point_in_time_recovery": specification}
            case EnableTimeToLive(name):
                return {"time_to_live": expires(name)}
            case DisableTimeToLive():
                return {"time_to_live": expires(None)}
            case _:
                raise TypeError(type(step).__name__)

    def _without(self, name: str) -> tuple[IndexState[GlobalSecondaryIndex], ...]:
        return tuple(each for each in self.table.indexes if each.definition.index_name != name)

    def _with(self, changes: Mapping[str, Members]) -> tuple[IndexState[GlobalSecondaryIndex], ...]:
        return tuple(
            replace(each, definition=each.definition.model_copy(update=changes.get(each.definition.index_name, {})))
            for each in self.table.indexes
        )

    def _switched(self, units: Mapping[str, Any]) -> tuple[IndexState[GlobalSecondaryIndex], ...]:
        names = [each.definition.index_name for each in self.table.indexes]
        changed = {name: {"provisioned_throughput": units.get(name), "on_demand_throughput": None} for name in names}
        return self._with(changed)


def optional(strategy: st.SearchStrategy[Members]) -> st.SearchStrategy[Members]:
    return st.just({}) | strategy


def one_of(*rows: Members) -> st.SearchStrategy[Members]:
    return st.sampled_from([{}, *rows])


INDEX_KEYS: Final = (
    index("by-one"),
    index("by-one", SortKey=attribute("at")),
    index("by-two", partition="two"),
    index("by-two", partition="two", Projection={"ProjectionType": "KEYS_ONLY"}),
    index("by-three", PartitionKey=[attribute("a"), attribute("b")]),
)


VECTOR_INDEXES: Final = (
    vectors("by-look", of="picture"),
    vectors("by-look", of="picture", PartitionKey=attribute("kind")),
    vectors("by-sound", of="sound", InlineFilters=[attribute("kind")]),
)


def _name(declared: Members) -> str:
    return str(declared["IndexName"])


@st.composite
def schemas(draw: st.DrawFn) -> TableSchema:
    """Any schema of one key; capacity, maxima and floors as its mode allows."""
    is_provisioned = draw(st.booleans())
    found = () if is_provisioned else draw(st.lists(st.sampled_from(VECTOR_INDEXES), max_size=2, unique_by=_name))
    units = st.sampled_from([UNITS, LISTED_PT])
    throughput: st.SearchStrategy[Members] = (
        st.builds(lambda pair: {"ProvisionedThroughput": pair}, units)
        if is_provisioned
        else one_of(maxima(5), maxima(-1, 9))
    )
    floor = one_of(warm(13_000), warm(20_000, 5_000))
    chosen = draw(st.lists(st.sampled_from(INDEX_KEYS), max_size=3, unique_by=_name))
    some_insights = one_of(insights(), insights(enabled=False), insights(Mode="THROTTLED_KEYS"))
    indexes = [each | draw(throughput) | draw(floor) | draw(some_insights) for each in chosen]
    mode = {"BillingMode": "PROVISIONED"} if is_provisioned else draw(one_of(ON_DEMAND))
    parts = (
        throughput,
        floor,
        some_insights,
        one_of(
            streaming(),
            streaming("NEW_IMAGE"),
            streaming(ResourcePolicy={"PolicyDocument": POLICY}),
            streaming(**tagged(a="1")),
            streaming("NEW_IMAGE", ResourcePolicy={"PolicyDocument": POLICY}, **tagged(a="2", b="")),
        ),
        one_of(encrypted(), encrypted("alias/a"), encrypted("alias/b"), encrypted(enabled=False)),
        one_of(expiring("ttl"), expiring("other"), expiring(None)),
        one_of(recovering(), recovering(7), recovering(enabled=False)),
        one_of(kinesis(), kinesis(OTHER_STREAM), kinesis(ApproximateCreationDateTimePrecision="MICROSECOND")),
        one_of(governed(POLICY), governed(OTHER_POLICY)),
        one_of(tagged(a="1"), tagged(a="2", b="")),
        one_of({"TableClass": "STANDARD"}, {"TableClass": "STANDARD_INFREQUENT_ACCESS"}),
        one_of({"DeletionProtectionEnabled": True}, {"DeletionProtectionEnabled": False}),
    )
    members: Members = indexed(*indexes) | mode | {"VectorIndexes": list(found)}
    for part in parts:
        members |= draw(part)
    return schema(**members)


def key_arn(declared: TableSchema) -> str | None:
    encryption = declared.sse_specification
    return f"{KEY_ARN}/{encryption.kms_master_key_id}" if encryption and encryption.sse_enabled else None


BARE: Final = replace(
    ORDERS,
    insights={TABLE: NOT_COUNTING},
    kinesis=(),
    resource_policy="",
    point_in_time_recovery=recovers(enabled=False),
    time_to_live=expires(None),
)
MOST_STEPS: Final = 60


def settle(model: Model, wanted: Goal) -> None:
    """Take the first step of each plan until there is none, as reconciliation does."""
    for _ in range(MOST_STEPS):
        steps = plan(model.table, wanted)
        if not steps:
            return
        model.take(steps[0], wanted.desired_key_arn)
    raise AssertionError(f"no end after {model.seen}")


@settings(max_examples=150, deadline=None)
@given(schemas(), schemas())
def test_planning_step_by_step_comes_to_an_end_from_any_table_to_any_other(
    first: TableSchema, second: TableSchema
) -> None:
    model = Model(BARE)
    settle(model, Goal(first, options=RECREATE, desired_key_arn=key_arn(first)))
    settle(model, Goal(second, first, RECREATE, desired_key_arn=key_arn(second)))
    declared = {each.index_name for each in second.global_secondary_indexes}
    assert set(model.table.index_definitions) == declared
    assert set(model.table.vector_index_definitions) == {each.index_name for each in second.vector_indexes}
    assert model.table.billing_mode is second.initial_billing_mode or second.declared_billing_mode is None
    assert plan(model.table, Goal(second, second, RECREATE, desired_key_arn=key_arn(second))) == ()


@settings(max_examples=100, deadline=None)
@given(schemas(), schemas())
def test_a_whole_plan_taken_at_once_leaves_only_what_a_recreated_index_needs(
    first: TableSchema, second: TableSchema
) -> None:
    model = Model(BARE)
    settle(model, Goal(first, options=RECREATE, desired_key_arn=key_arn(first)))
    wanted = Goal(second, first, RECREATE, desired_key_arn=key_arn(second))
    for step in plan(model.table, wanted):
        model.take(step, wanted.desired_key_arn)
    rest = {type(step) for step in plan(model.table, wanted)}
    assert rest <= {SetContributorInsights, LimitIndexOnDemandThroughput, WarmIndex, LimitOnDemandThroughput}


@settings(max_examples=100, deadline=None)
@given(schemas())
def test_nothing_declared_any_more_leaves_a_table_of_defaults(former: TableSchema) -> None:
    model = Model(BARE)
    settle(model, Goal(former, options=RECREATE, desired_key_arn=key_arn(former)))
    settle(model, Goal(schema(), former))
    assert replace(model.table, warm_throughput=BARE.warm_throughput, insights={}, kinesis=()) == replace(
        BARE, insights={}, stream_policy=model.table.stream_policy
    )


@settings(max_examples=100, deadline=None)
@given(schemas())
def test_a_table_is_not_touched_for_what_is_not_declared(former: TableSchema) -> None:
    model = Model(BARE)
    settle(model, Goal(former, options=RECREATE, desired_key_arn=key_arn(former)))
    assert plan(model.table, Goal(schema(), schema())) == ()
    assert plan(model.table, Goal(schema())) == ()
