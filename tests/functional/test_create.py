"""Creates: whatever was there before, the declared table is there afterwards, or one answer says why not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from table_provisioner import AttributeType, KeyAttribute, ProvisionStatus, TableProvisioner, TableSchema
from table_provisioner.dynamodb import DynamoDB
from table_provisioner.handler import clients
from tests.functional.tables import (
    ORDERS,
    compact,
    create_by_hand,
    described,
    dynamodb,
    index_names,
    recovery_days,
    tags,
    time_to_live,
)
from tests.simulator.faults import Fault, ProcessKilled, Refused, throttling_storm

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.functional.tables import Properties
    from tests.simulator.account import Account
    from tests.simulator.clock import Clock
    from tests.simulator.faults import Call, Phase

DATA_KEYS = {"TableName", "TableArn", "Arn", "TableId", "StreamArn", "Status"}
ALIAS = "alias/orders"
FULL: Properties = {
    **ORDERS,
    "BillingMode": "PROVISIONED",
    "ProvisionedThroughput": {"ReadCapacityUnits": 7, "WriteCapacityUnits": 3},
    "GlobalSecondaryIndexes": [
        {
            **ORDERS["GlobalSecondaryIndexes"][0],
            "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 1},
        }
    ],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "by-time",
            "KeySchema": [
                {"AttributeName": "id", "KeyType": "HASH"},
                {"AttributeName": "email", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]},
        }
    ],
    "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
    "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": ALIAS},
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 14},
    "TableClass": "STANDARD_INFREQUENT_ACCESS",
    "DeletionProtectionEnabled": True,
}
"""A table with everything that can be declared beside on-demand billing."""


def key(name: str, kind: str = "HASH") -> dict[str, str]:
    return {"AttributeName": name, "KeyType": kind}


def create(account: Account, properties: Properties) -> Any:  # noqa: ANN401 -- the event, or its failure is shown
    """Create a stack of one table; return the event of its Create, which must have succeeded."""
    outcome = account.cloudformation.create_stack({"Table": properties})
    assert outcome.status == "CREATE_COMPLETE", outcome.events[0].reason
    return outcome.event("Create")


PRESETS = {
    "Approval": (
        "sentinel-requests",
        {"gsi-requester": "requester", "gsi-status": "status", "gsi-profile": "profile"},
    ),
    "BreakGlass": (
        "sentinel-breakglass",
        {"gsi-invoker": "invoker", "gsi-status": "status", "gsi-profile": "profile"},
    ),
    "Session": (
        "sentinel-sessions",
        {
            "gsi-user": "user",
            "gsi-status": "status",
            "gsi-profile": "profile",
            "gsi-server-instance": "server_instance_id",
        },
    ),
}


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_makes_the_table_of_the_documentation(account: Account, preset: str) -> None:
    name, indexes = PRESETS[preset]
    event = create(account, {"Preset": preset})
    table = described(name)
    assert table is not None
    assert event.physical_resource_id == event.data["TableName"] == name
    assert table["KeySchema"] == [key("id")]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    managed = account.dynamodb.keys.find("alias/aws/dynamodb")
    assert managed is not None
    assert table["SSEDescription"] == {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": managed.arn}
    assert time_to_live(name) == "ttl"
    sort_keys = dict.fromkeys(indexes, "created_at") | ({"gsi-server-instance": "status"} if len(indexes) == 4 else {})
    assert {index["IndexName"]: index["KeySchema"] for index in table["GlobalSecondaryIndexes"]} == {
        index: [key(attribute), key(sort_keys[index], "RANGE")] for index, attribute in indexes.items()
    }
    assert [index["Projection"] for index in table["GlobalSecondaryIndexes"]] == [{"ProjectionType": "ALL"}] * len(
        indexes
    )
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    assert types == dict.fromkeys({"id", *indexes.values(), *sort_keys.values()}, "S")


def test_a_preset_takes_other_properties_on_top(account: Account) -> None:
    create(
        account,
        {
            "Preset": "Session",
            "TableName": "sessions-of-the-shop",
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "TimeToLiveAttribute": "ends_at",
            "GlobalSecondaryIndexes": [{"IndexName": "by-city", "PartitionKey": {"Name": "city", "Type": "S"}}],
        },
    )
    name = "sessions-of-the-shop"
    assert index_names(name) == {"by-city", *PRESETS["Session"][1]}
    assert recovery_days(name) == 35
    assert time_to_live(name) == "ends_at"


def test_the_native_form_makes_the_table_that_the_native_resource_makes(account: Account) -> None:
    managed = account.dynamodb.keys.add(ALIAS)
    create(account, FULL)
    table = described()
    assert table is not None
    assert table["KeySchema"] == [key("id"), key("created_at", "RANGE")]
    assert {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]} == {
        "id": "S",
        "created_at": "N",
        "email": "S",
    }
    assert capacity(table) == (7, 3)
    (index,) = table["GlobalSecondaryIndexes"]
    assert (index["IndexName"], index["KeySchema"], index["Projection"]) == (
        "by-email",
        [key("email")],
        {"ProjectionType": "ALL"},
    )
    assert capacity(index) == (2, 1)
    (local,) = table["LocalSecondaryIndexes"]
    assert (local["IndexName"], local["KeySchema"]) == ("by-time", [key("id"), key("email", "RANGE")])
    assert local["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]}
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert table["SSEDescription"]["KMSMasterKeyArn"] == managed.arn
    assert table["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert table["DeletionProtectionEnabled"] is True
    assert time_to_live() == "expires_at"
    assert recovery_days() == 14
    assert tags()["team"] == "checkout"


def capacity(holder: dict[str, Any]) -> tuple[int, int]:
    throughput = holder["ProvisionedThroughput"]
    return throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]


def test_on_demand_maxima_and_warm_throughput_are_set_at_creation(account: Account) -> None:
    index = {
        "IndexName": "by-email",
        "PartitionKey": {"Name": "email", "Type": "S"},
        "OnDemandThroughput": {"MaxReadRequestUnits": 5},
        "WarmThroughput": {"ReadUnitsPerSecond": 13000},
    }
    maxima = {"MaxReadRequestUnits": 90, "MaxWriteRequestUnits": -1}
    warm = {"ReadUnitsPerSecond": 15000, "WriteUnitsPerSecond": 5000}
    create(
        account,
        compact(GlobalSecondaryIndexes=[index], OnDemandThroughput=maxima, WarmThroughput=warm),
    )
    table = described()
    assert table is not None
    assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 90}
    assert table["WarmThroughput"] == {**warm, "Status": "ACTIVE"}
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["OnDemandThroughput"] == {"MaxReadRequestUnits": 5}
    assert index["WarmThroughput"] == {"ReadUnitsPerSecond": 13000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}


def test_the_compact_form_says_the_same_in_fewer_words(account: Account) -> None:
    create(
        account,
        {
            "TableName": "compact",
            "PartitionKey": {"Name": "id", "Type": "S"},
            "SortKey": {"Name": "created_at", "Type": "N"},
            "GlobalSecondaryIndexes": [{"IndexName": "by-email", "PartitionKey": {"Name": "email", "Type": "S"}}],
            "TimeToLiveAttribute": "expires_at",
        },
    )
    account.cloudformation.create_stack({"Table": ORDERS}, stack_name="native")
    shown = [without_identity(described(name)) for name in ("compact", "orders")]
    assert shown[0] == shown[1]
    assert time_to_live("compact") == time_to_live("orders") == "expires_at"


def without_identity(table: dict[str, Any] | None) -> dict[str, Any]:
    """A description without what no two tables share."""
    own = {"TableName", "TableArn", "TableId", "CreationDateTime", "BillingModeSummary", "GlobalSecondaryIndexes"}
    indexes = [
        {name: value for name, value in index.items() if name != "IndexArn"}
        for index in (table or {})["GlobalSecondaryIndexes"]
    ]
    return {name: value for name, value in (table or {}).items() if name not in own} | {"Indexes": indexes}


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        pytest.param("123", "456", id="numbers-stay-names"),
        pytest.param("true", "false", id="truths-stay-names"),
        pytest.param("1e5", "null", id="other-literals-stay-names"),
    ],
)
def test_what_a_value_looks_like_does_not_make_it_one(account: Account, name: str, attribute: str) -> None:
    name = name.ljust(3, "0")
    tag = {"Key": "0x1F", "Value": "007"}
    create(account, {"TableName": name, "PartitionKey": {"Name": attribute, "Type": "N"}, "Tags": [tag]})
    assert (described(name) or {})["AttributeDefinitions"] == [{"AttributeName": attribute, "AttributeType": "N"}]
    assert tags(name)["0x1F"] == "007"


def test_the_data_are_strings_that_describe_the_table(account: Account) -> None:
    event = create(account, {**ORDERS, "StreamSpecification": {"StreamViewType": "KEYS_ONLY"}})
    table = described()
    assert table is not None
    assert event.data == {
        "TableName": "orders",
        "TableArn": table["TableArn"],
        "Arn": table["TableArn"],
        "TableId": table["TableId"],
        "StreamArn": table["LatestStreamArn"],
        "Status": "CREATED",
    }


def test_a_table_without_a_stream_has_an_empty_stream_arn(account: Account) -> None:
    event = create(account, ORDERS)
    assert set(event.data) == DATA_KEYS
    assert event.data["StreamArn"] == ""


# --- generated names ---


def name_of(account: Account, properties: Properties, **fields: Any) -> str:  # noqa: ANN401 -- fields of the event
    """The name that a Create generates."""
    aws = account.cloudformation
    event = aws.deliver(aws.request("Create", properties, **fields))
    assert event.is_success, event.reason
    return event.physical_resource_id


def unnamed(**more: Any) -> Properties:  # noqa: ANN401 -- any property
    return {name: value for name, value in compact(**more).items() if name != "TableName"}


def test_a_generated_name_is_that_of_stack_and_resource_with_a_suffix(account: Account) -> None:
    outcome = account.cloudformation.create_stack({"Orders": unnamed()}, stack_name="warehouse")
    name = outcome.physical_resource_ids["Orders"]
    assert name.startswith("warehouse-Orders-")
    assert len(name) > len("warehouse-Orders-")
    assert described(name) is not None


def test_a_generated_name_is_cut_where_it_would_be_too_long(account: Account) -> None:
    stack_id = f"arn:aws:cloudformation:us-east-1:123456789012:stack/{'s' * 128}/1"
    first = name_of(account, unnamed(), StackId=stack_id, LogicalResourceId="L" * 255)
    second = name_of(account, unnamed(), StackId=stack_id, LogicalResourceId="L" * 254)
    assert len(first) == len(second) == 255
    assert first != second


def test_the_same_request_has_the_same_name_each_time(account: Account) -> None:
    assert name_of(account, unnamed()) == name_of(account, unnamed(Tags=[{"Key": "a", "Value": "b"}]))
    assert len(account.dynamodb.tables) == 1


@pytest.mark.parametrize(
    ("properties", "fields"),
    [
        pytest.param(unnamed(PartitionKey={"Name": "no", "Type": "S"}), {}, id="another-key-attribute"),
        pytest.param(unnamed(PartitionKey={"Name": "id", "Type": "N"}), {}, id="another-key-type"),
        pytest.param(unnamed(SortKey={"Name": "at", "Type": "S"}), {}, id="a-sort-key"),
        pytest.param(
            unnamed(
                SortKey={"Name": "at", "Type": "S"},
                LocalSecondaryIndexes=[{"IndexName": "by-size", "SortKey": {"Name": "size", "Type": "N"}}],
            ),
            {},
            id="a-local-index",
        ),
        pytest.param(unnamed(), {"LogicalResourceId": "Other"}, id="another-resource"),
        pytest.param(
            unnamed(),
            {"StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/2"},
            id="another-stack-of-the-same-name",
        ),
    ],
)
def test_another_table_has_another_name(account: Account, properties: Properties, fields: dict[str, str]) -> None:
    first = name_of(account, unnamed())
    second = name_of(account, properties, **fields)
    assert first != second
    assert set(account.dynamodb.tables) == {first, second}


# --- what stands under the name ---


def test_an_existing_table_is_brought_to_all_that_is_declared(account: Account, clock: Clock) -> None:
    managed = account.dynamodb.keys.add(ALIAS)
    create_by_hand("orders", "created_at")
    clock.advance(60)
    before = described()
    assert before is not None
    dynamodb().put_item(TableName="orders", Item={"id": {"S": "1"}, "created_at": {"N": "2"}})
    declared = {name: value for name, value in FULL.items() if name != "LocalSecondaryIndexes"}
    event = create(account, declared)
    table = described()
    assert table is not None
    assert event.data["Status"] == "EXISTS"
    assert table["TableId"] == before["TableId"]
    assert len(account.dynamodb.items("orders")) == 1
    assert (capacity(table), capacity(table["GlobalSecondaryIndexes"][0])) == ((7, 3), (2, 1))
    assert event.data["StreamArn"] == table["LatestStreamArn"] != ""
    assert table["SSEDescription"]["KMSMasterKeyArn"] == managed.arn
    assert table["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert table["DeletionProtectionEnabled"] is True
    assert (time_to_live(), recovery_days(), tags()["team"]) == ("expires_at", 14, "checkout")


def test_an_existing_table_keeps_what_is_not_declared(account: Account, clock: Clock) -> None:
    create_by_hand("orders", tags={"cost-center": "7"}, stream="NEW_IMAGE", index="by-city")
    clock.advance(60)
    dynamodb().update_table(TableName="orders", DeletionProtectionEnabled=True)
    create(account, compact(TimeToLiveAttribute="expires_at"))
    table = described()
    assert table is not None
    assert table["DeletionProtectionEnabled"] is True
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    assert index_names() == {"by-city"}
    assert tags()["cost-center"] == "7"


def test_an_existing_table_as_declared_gets_no_change_but_its_tags(account: Account, clock: Clock) -> None:
    create_by_hand("orders")
    clock.advance(60)
    account.dynamodb.calls.clear()
    event = create(account, compact())
    assert event.data["Status"] == "EXISTS"
    assert account.dynamodb.mutations == ["TagResource"]


def test_a_table_that_somebody_else_is_creating_is_waited_for(account: Account) -> None:
    create_by_hand("orders")
    event = create(account, ORDERS | {"KeySchema": [key("id")], "AttributeDefinitions": DEFINITIONS})
    assert event.data["Status"] == "EXISTS"
    assert account.dynamodb.calls_of("CreateTable")[1:] == []
    assert index_names() == {"by-email"}


DEFINITIONS = [each for each in ORDERS["AttributeDefinitions"] if each["AttributeName"] != "created_at"]


def test_a_table_that_somebody_else_is_updating_is_waited_for(account: Account, clock: Clock) -> None:
    create_by_hand("orders")
    clock.advance(60)
    dynamodb().update_table(
        TableName="orders",
        AttributeDefinitions=[{"AttributeName": "city", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {"Create": {"IndexName": "by-city", "KeySchema": [key("city")], "Projection": {"ProjectionType": "ALL"}}}
        ],
    )
    event = create(account, compact("city"))
    assert event.data["Status"] == "EXISTS"
    assert 515 <= event.duration < 1.1 * 515
    assert [index["IndexStatus"] for index in (described() or {})["GlobalSecondaryIndexes"]] == ["ACTIVE"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        pytest.param(0, "still in use: Table is being created: orders", id="a-moment-before"),
        pytest.param(60, "Table already exists: orders", id="a-minute-before"),
    ],
)
def test_somebody_who_creates_the_table_between_our_look_and_our_call_is_waited_for(
    account: Account, clock: Clock, seconds: float, text: str
) -> None:
    def be_faster(call: Call, phase: Phase) -> None:
        if call.operation == "CreateTable" and phase == "before":
            account.interceptors.remove(be_faster)
            create_by_hand("orders")
            clock.advance(seconds)

    account.interceptors.append(be_faster)
    event = create(account, compact(TimeToLiveAttribute="expires_at"))
    ours, theirs = account.dynamodb.calls_of("CreateTable")
    assert (theirs.outcome, ours.outcome) == ("ok", "ResourceInUseException")
    assert ours.message.endswith(text)
    assert event.data["Status"] == "EXISTS"
    assert time_to_live() == "expires_at"


@pytest.mark.parametrize("looks", [1, 3])
def test_a_table_that_does_not_show_at_once_is_neither_lost_nor_made_twice(account: Account, looks: int) -> None:
    unseen = Refused.listed("table-not-found", table="orders")
    account.interceptors.append(Fault(unseen, operation="DescribeTable", at=2, times=looks))
    event = create(account, ORDERS)
    assert event.data["Status"] == "CREATED"
    assert len(account.dynamodb.calls_of("CreateTable")) == 1


def test_a_table_that_is_deleted_as_soon_as_it_is_made_is_missed(account: Account) -> None:
    unseen = Refused.listed("table-not-found", table="orders")
    account.interceptors.append(Fault(unseen, operation="DescribeTable", at=2, times=math.inf, seconds=30))
    event = account.cloudformation.create_stack({"Table": ORDERS}).events[0]
    assert "was deleted by somebody else" in event.reason
    assert len(account.dynamodb.calls_of("CreateTable")) == 1


def test_a_table_that_is_being_deleted_is_waited_for_and_made_anew(account: Account, clock: Clock) -> None:
    create_by_hand("orders")
    clock.advance(60)
    former = (described() or {})["TableId"]
    dynamodb().delete_table(TableName="orders")
    event = create(account, ORDERS)
    assert event.data["Status"] == "CREATED"
    assert event.data["TableId"] != former
    assert time_to_live() == "expires_at"


def test_a_table_with_another_key_is_left_alone(account: Account, clock: Clock) -> None:
    create_by_hand("orders", "created_at")
    clock.advance(60)
    account.dynamodb.calls.clear()
    outcome = account.cloudformation.create_stack({"Table": compact()})
    assert outcome.summary == ["Create Table FAILED orders/not-created", "Delete Table SUCCESS orders/not-created"]
    reason = outcome.events[0].reason
    assert reason.startswith("AlreadyExists: table 'orders' exists with the key id (S, HASH), created_at (N, RANGE)")
    assert "declared is id (S, HASH)" in reason
    assert account.dynamodb.mutations == []


# --- what fails after CreateTable ---

TIME_TO_LIVE_REFUSED = Refused("ValidationException", "The time to live attribute is no good")


def test_a_failure_after_creation_names_the_table_so_that_the_rollback_deletes_it(account: Account) -> None:
    account.interceptors.append(Fault(TIME_TO_LIVE_REFUSED, operation="UpdateTimeToLive", times=math.inf))
    outcome = account.cloudformation.create_stack({"Table": ORDERS})
    assert outcome.summary == ["Create Table FAILED orders", "Delete Table SUCCESS orders"]
    assert outcome.status == "ROLLBACK_COMPLETE"
    assert outcome.events[0].reason.startswith("InvalidRequest: could not turn time to live on with 'expires_at'")
    assert described() is None


def test_a_fault_of_the_program_after_creation_names_the_table_too(account: Account) -> None:
    def break_down(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == ("ListTagsOfResource", "after"):
            account.interceptors.remove(break_down)
            raise LookupError("a bug below")

    account.interceptors.append(break_down)
    outcome = account.cloudformation.create_stack({"Table": ORDERS})
    assert outcome.summary == ["Create Table FAILED orders", "Delete Table SUCCESS orders"]
    assert outcome.events[0].reason == "InternalFailure: LookupError: a bug below. Please report it with the log."
    assert described() is None


def provisioner() -> TableProvisioner:
    """A provisioner with the clients of the function, which it need not make first."""
    return TableProvisioner(DynamoDB(clients))


def test_a_failure_after_creation_is_a_result_with_the_arn(account: Account) -> None:
    account.interceptors.append(Fault(TIME_TO_LIVE_REFUSED, operation="UpdateTimeToLive", times=math.inf))
    result = provisioner().create(EXPIRING)
    table = described()
    assert table is not None
    assert (result.status, result.table_arn) == (ProvisionStatus.FAILED, table["TableArn"])
    assert result.error is not None
    assert result.error.code == "InvalidRequest"


ID = KeyAttribute(name="id", type=AttributeType.STRING)
EXPIRING = TableSchema.model_validate(
    {"table_name": "orders", "partition_key": ID, "time_to_live_specification": {"Enabled": True, "AttributeName": "x"}}
)


def test_a_process_killed_after_createtable_sets_the_time_to_live_when_delivered_again(
    account: Account, clock: Clock
) -> None:
    killed = Fault(ProcessKilled(clock), operation="CreateTable", phase="after")
    account.interceptors.append(killed)
    event = create(account, ORDERS)
    assert killed.strikes == 1
    assert [invocation.outcome for invocation in account.cloudformation.lambda_service.invocations] == [
        "killed",
        "returned",
    ]
    assert len(account.dynamodb.calls_of("CreateTable")) == 1
    assert event.physical_resource_id == "orders"
    assert time_to_live() == "expires_at"


# --- what is refused before anything is called ---


def broken(**properties: Any) -> Properties:  # noqa: ANN401 -- any property, however wrong
    return {**ORDERS, **properties}


INDEX = ORDERS["GlobalSecondaryIndexes"][0]
INVALID = [
    pytest.param(broken(TabelName="x"), "TabelName: is not a property that exists here. Did you mean TableName?",
                 id="an-unknown-property"),
    pytest.param(broken(TableName="a b"), "TableName: 'a b' has a character", id="a-name-with-a-space"),
    pytest.param(broken(TableName="ab"), "TableName: 'ab' is too short", id="a-name-of-two-letters"),
    pytest.param(broken(BillingMode="FREE"), "BillingMode: 'FREE' is not allowed", id="an-unknown-billing-mode"),
    pytest.param(broken(DeletionProtectionEnabled="maybe"), "'maybe' is neither true nor false",
                 id="a-boolean-that-is-none"),
    pytest.param(broken(KeySchema=[key("id"), key("at", "RANGE")]), "'at' has no type", id="a-key-without-a-type"),
    pytest.param(broken(KeySchema=[key("id", "RANGE")]), "KeySchema: has no HASH element", id="a-key-without-hash"),
    pytest.param({name: ORDERS[name] for name in ("TableName", "Tags")}, "PartitionKey: is missing", id="no-key"),
    pytest.param(broken(PartitionKey={"Name": "id", "Type": "S"}), "PartitionKey: is given beside KeySchema",
                 id="both-forms-of-the-key"),
    pytest.param(broken(TimeToLiveAttribute="x"), "TimeToLiveAttribute: is given beside TimeToLiveSpecification",
                 id="both-forms-of-time-to-live"),
    pytest.param(broken(GlobalSecondaryIndexes=[INDEX, INDEX]), "GlobalSecondaryIndexes[1].IndexName: 'by-email' is",
                 id="two-indexes-of-one-name"),
    pytest.param(compact(*(f"a{n}" for n in range(21))), "GlobalSecondaryIndexes: has 21 indexes",
                 id="twenty-one-indexes"),
    pytest.param(broken(BillingMode="PROVISIONED"), "ProvisionedThroughput: is required with BillingMode PROVISIONED",
                 id="provisioned-without-capacity"),
    pytest.param(
        broken(BillingMode="PAY_PER_REQUEST", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}),
        "ProvisionedThroughput: is not allowed with BillingMode PAY_PER_REQUEST",
        id="capacity-with-on-demand-billing",
    ),
    pytest.param(broken(ProvisionedThroughput={"ReadCapacityUnits": "many", "WriteCapacityUnits": 1}),
                 "ProvisionedThroughput.ReadCapacityUnits: 'many' is not a whole number", id="no-number"),
    pytest.param(broken(Tags=[{"Key": "table-provisioner:stack-id", "Value": "x"}]), "is kept for this resource",
                 id="a-tag-of-ours"),
    pytest.param(broken(Tags=[{"Key": f"k{n}", "Value": ""} for n in range(47)]), "Tags: has 47 tags",
                 id="forty-seven-tags"),
    pytest.param(broken(StreamSpecification={"StreamViewType": "ALL"}), "StreamViewType: 'ALL' is not allowed",
                 id="an-unknown-view"),
    pytest.param(broken(SSESpecification={"SSEEnabled": True, "KMSMasterKeyId": "k"}), "SSEType: is required",
                 id="a-key-without-its-type"),
    pytest.param(broken(PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True,
                                                          "RecoveryPeriodInDays": 36}),
                 "RecoveryPeriodInDays: 36 is too large", id="thirty-six-days"),
    pytest.param(broken(ExistingTable="Steal"), "ExistingTable: 'Steal' is not allowed", id="an-unknown-option"),
    pytest.param({"Preset": "Everything"}, "Preset: 'Everything' is not allowed", id="an-unknown-preset"),
    pytest.param({"Preset": "Session", "KeySchema": [key("id")]}, "KeySchema: is given beside Preset Session",
                 id="a-preset-and-a-key"),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "fault"), INVALID)
def test_an_invalid_property_is_refused_before_anything_is_called(
    account: Account, properties: Properties, fault: str
) -> None:
    outcome = account.cloudformation.create_stack({"Table": properties})
    created, deleted = outcome.events
    assert (created.status, deleted.status, outcome.status) == ("FAILED", "SUCCESS", "ROLLBACK_COMPLETE")
    assert created.reason.startswith("InvalidRequest: ")
    assert fault in created.reason
    assert created.physical_resource_id.endswith("/not-created")
    assert account.dynamodb.calls == []


def test_a_floor_that_a_new_table_exceeds_is_refused_before_anything_is_changed(account: Account) -> None:
    properties = compact("email", WarmThroughput={"ReadUnitsPerSecond": 11_999})
    properties["GlobalSecondaryIndexes"][0]["WarmThroughput"] = {"WriteUnitsPerSecond": 3_999}
    event = account.cloudformation.deliver(account.cloudformation.request("Create", properties))
    assert event.reason.startswith(
        "InvalidRequest: 2 faults in the properties:\n- WarmThroughput.ReadUnitsPerSecond: 11999"
    )
    assert "GlobalSecondaryIndexes[0].WarmThroughput.WriteUnitsPerSecond: 3999 is less than the 4000" in event.reason
    assert event.physical_resource_id == "orders/not-created"
    assert account.dynamodb.mutations == []


def test_all_faults_of_a_request_are_reported_together(account: Account) -> None:
    properties = broken(
        TabelClass="STANDARD",
        BillingMode="FREE",
        OnDelete="Burn",
        Tags=[{"Key": "aws:x", "Value": "y"}],
        GlobalSecondaryIndexes=[{**INDEX, "Projection": {"ProjectionType": "SOME"}}],
        TimeToLiveSpecification={"Enabled": "perhaps"},
    )
    outcome = account.cloudformation.create_stack({"Table": properties})
    reason = outcome.events[0].reason
    paths = [
        "TabelClass: ",
        "BillingMode: ",
        "OnDelete: ",
        "Tags[0].Key: ",
        "GlobalSecondaryIndexes[0].Projection.ProjectionType: ",
        "TimeToLiveSpecification.Enabled: ",
    ]
    assert [path for path in paths if f"\n- {path}" not in reason] == []
    assert reason.startswith("InvalidRequest: 6 faults in the properties:")
    assert account.dynamodb.calls == []


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        pytest.param(broken(BillingMode="FREE"), "orders", id="the-declared-name"),
        pytest.param({"Preset": "Session", "BillingMode": "FREE"}, "sentinel-sessions", id="the-name-of-the-preset"),
        pytest.param(broken(TableName="a b"), "Table", id="the-logical-id-where-the-name-is-invalid"),
        pytest.param(unnamed(BillingMode="FREE"), "Table", id="the-logical-id-where-none-is-declared"),
    ],
)
def test_the_id_of_an_invalid_request_is_no_table_s(account: Account, properties: Properties, name: str) -> None:
    """Not even a table of the name that this very resource owns is touched by the rollback."""
    aws = account.cloudformation
    if name == "orders":
        assert aws.deliver(aws.request("Create", ORDERS)).is_success
    failed = aws.deliver(aws.request("Create", properties))
    assert (failed.status, failed.physical_resource_id) == ("FAILED", f"{name}/not-created")
    account.dynamodb.calls.clear()
    deleted = aws.deliver(aws.request("Delete", properties, PhysicalResourceId=failed.physical_resource_id))
    assert (deleted.status, account.dynamodb.calls) == ("SUCCESS", [])
    assert "Nothing was deleted" in deleted.reason
    assert (described() is not None) is (name == "orders")


# --- what AWS refuses ---


def disabled_key(account: Account) -> None:
    account.dynamodb.keys.add(ALIAS).is_enabled = False


def denied_key(account: Account) -> None:
    account.dynamodb.keys.add(ALIAS).is_denied = True


def asymmetric_key(account: Account) -> None:
    account.dynamodb.keys.add(ALIAS).is_symmetric = False


def no_key(_: Account) -> None:
    pass


def deny(operation: str) -> Callable[[Account], None]:
    def prepare(account: Account) -> None:
        text = f"User: arn:aws:sts::123456789012:assumed-role/x is not authorized to perform: dynamodb:{operation}"
        account.interceptors.append(Fault(Refused("AccessDeniedException", text), operation=operation, times=math.inf))

    return prepare


ENCRYPTED = compact(SSESpecification={"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": ALIAS})
KEY_REMEDY = "See that the key exists in this region, is enabled and symmetric"
REFUSALS = [
    pytest.param(ENCRYPTED, disabled_key, "AccessDenied", KEY_REMEDY, id="a-disabled-key"),
    pytest.param(ENCRYPTED, denied_key, "AccessDenied", KEY_REMEDY, id="a-key-that-may-not-be-used"),
    pytest.param(ENCRYPTED, asymmetric_key, "AccessDenied", KEY_REMEDY, id="an-asymmetric-key"),
    pytest.param(ENCRYPTED, no_key, "AccessDenied", KEY_REMEDY, id="a-key-that-does-not-exist"),
    pytest.param(compact(), deny("CreateTable"), "AccessDenied", "Allow the action to the function's role",
                 id="a-role-that-may-not-create"),
    pytest.param(compact(ProvisionedThroughput={"ReadCapacityUnits": 40001, "WriteCapacityUnits": 1}), no_key,
                 "ServiceLimitExceeded", "see Service Quotas", id="more-capacity-than-the-quota"),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "prepare", "code", "remedy"), REFUSALS)
def test_what_aws_refuses_is_told_with_its_reason_and_the_remedy(
    account: Account, properties: Properties, prepare: Callable[[Account], None], code: str, remedy: str
) -> None:
    prepare(account)
    outcome = account.cloudformation.create_stack({"Table": properties})
    reason = outcome.events[0].reason
    assert reason.startswith(f"{code}: could not create table 'orders': CreateTable answered ")
    assert remedy in reason
    assert "(AWS request id: " in reason
    assert outcome.status == "ROLLBACK_COMPLETE"
    assert account.dynamodb.mutations == []


def test_a_refusal_of_the_first_look_leaves_an_id_that_is_no_table_s(account: Account, clock: Clock) -> None:
    create_by_hand("orders")
    clock.advance(60)
    deny("DescribeTable")(account)
    outcome = account.cloudformation.create_stack({"Table": ORDERS})
    assert outcome.summary == ["Create Table FAILED orders/not-created", "Delete Table SUCCESS orders/not-created"]
    assert outcome.events[0].reason.startswith("AccessDenied: could not look at table 'orders': DescribeTable answered")


# --- the Python API ---


def test_the_api_creates_and_finds_tables_of_nobody(account: Account) -> None:
    created = TableProvisioner().create(EXPIRING)
    table = described()
    assert table is not None
    assert (created.status, created.table_name, created.table_arn, created.table_id, created.error) == (
        ProvisionStatus.CREATED,
        "orders",
        table["TableArn"],
        table["TableId"],
        None,
    )
    assert time_to_live() == "x"
    assert tags() == {}
    again = provisioner().create(EXPIRING)
    assert (again.status, again.table_id) == (ProvisionStatus.EXISTS, table["TableId"])
    assert account.dynamodb.mutations == ["CreateTable", "UpdateTimeToLive"]


def test_the_api_plans_what_it_then_does(account: Account) -> None:
    plan = provisioner().plan(EXPIRING)
    assert account.dynamodb.mutations == []
    assert (plan.table_status, plan.would_create, plan.error) == ("NOT_FOUND", True, None)
    assert [str(step) for step in plan.steps] == ["create table 'orders'", "turn time to live on with 'x'"]
    provisioner().create(EXPIRING)
    later = provisioner().plan(EXPIRING)
    assert (later.table_status, later.would_create, later.steps) == ("ACTIVE", False, ())


def test_a_plan_needs_no_permission(account: Account) -> None:
    refused = Refused("AccessDeniedException", "User: x is not authorized to perform: dynamodb:DescribeTable")
    account.interceptors.append(Fault(refused, times=math.inf))
    plan = provisioner().plan(EXPIRING)
    assert (plan.table_status, plan.would_create) == ("UNKNOWN", True)
    assert [str(step) for step in plan.steps] == ["create table 'orders'", "turn time to live on with 'x'"]
    assert plan.unknown_because is not None
    assert plan.unknown_because.code == "AccessDenied"
    assert account.dynamodb.mutations == []


@pytest.mark.parametrize(("throttled_seconds", "table_status"), [(8, "NOT_FOUND"), (math.inf, "UNKNOWN")])
def test_a_plan_bears_throttling_for_a_quarter_of_a_minute(
    account: Account, clock: Clock, throttled_seconds: float, table_status: str
) -> None:
    account.interceptors.append(throttling_storm(seconds=throttled_seconds))
    plan = provisioner().plan(EXPIRING)
    assert (plan.table_status, plan.would_create) == (table_status, True)
    assert clock.elapsed <= 15


def test_the_status_of_a_table_is_dynamodb_s_word_or_not_found(account: Account, clock: Clock) -> None:
    assert provisioner().table_status("orders") == "NOT_FOUND"
    create_by_hand("orders")
    assert provisioner().table_status("orders") == "CREATING"
    clock.advance(60)
    assert provisioner().table_status("orders") == "ACTIVE"
    assert account.dynamodb.mutations == ["CreateTable"]


def test_the_api_deletes_only_the_table_that_is_meant(account: Account) -> None:
    created = provisioner().create(EXPIRING)
    other = provisioner().delete("orders", table_id="another")
    assert (other.status, described() is not None) == (ProvisionStatus.UNCHANGED, True)
    meant = provisioner().delete("orders", table_id=created.table_id)
    assert (meant.status, described()) == (ProvisionStatus.DELETED, None)
    assert account.dynamodb.mutations.count("DeleteTable") == 1
