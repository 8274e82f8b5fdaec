"""Vector indexes: created, added, changed, removed and taken back, one at a time and together with the others."""

from __future__ import annotations

import json
import os
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.loaders import Loader

from table_provisioner import ProvisionStatus, TableProvisioner, TableSchema
from table_provisioner.clients import Clients
from table_provisioner.dynamodb import DynamoDB
from table_provisioner.handler import lambda_handler
from tests.functional.tables import compact, described, dynamodb, index_names, put_item
from tests.simulator.faults import Fault, Refused
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.functional.tables import Properties
    from tests.simulator.account import Account, OpenAccount
    from tests.simulator.cloudformation import ResourceEvent

Members = dict[str, Any]
ITEM: Members = {"id": {"S": "1"}}


def vectors(name: str = "by-meaning", **more: Any) -> Members:  # noqa: ANN401 -- any member
    """A vector index word for word as ``AWS::DynamoDB::Table`` takes it; all scalars are strings on the way."""
    return {
        "IndexName": name,
        "VectorAttribute": {"AttributeName": "embedding"},
        "Projection": {"ProjectionType": "ALL"},
        "Dimensions": 256,
        "DistanceFunction": "COSINE",
        **more,
    }


def searched(**roles: str) -> Members:
    return {"SearchSchema": [{"AttributeName": name, "SearchSchemaElementType": role} for name, role in roles.items()]}


def native(*indexes: Members, **more: str) -> Properties:
    """A table ``orders`` in the native form; ``more`` are the types of the attributes in search schemas."""
    definitions = [{"AttributeName": name, "AttributeType": kind} for name, kind in ({"id": "S"} | more).items()]
    return {
        "TableName": "orders",
        "AttributeDefinitions": definitions,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "VectorIndexes": list(indexes),
    }


def shown() -> dict[str, Members]:
    """The vector indexes of the table, by name."""
    return {index["IndexName"]: index for index in (described() or {}).get("VectorIndexes", ())}


def begin(account: Account, properties: Properties) -> None:
    outcome = account.cloudformation.create_stack({"Table": properties})
    assert outcome.status == "CREATE_COMPLETE", outcome.events[0].reason
    put_item(**ITEM)
    account.clock.advance(60)
    account.dynamodb.calls.clear()


def update(account: Account, properties: Properties) -> ResourceEvent:
    outcome = account.cloudformation.update_stack({"Table": properties})
    assert outcome.status == "UPDATE_COMPLETE", outcome.events[0].reason
    assert account.dynamodb.items("orders") == [ITEM]
    return outcome.event("Update")


def index_changes(account: Account) -> list[str]:
    """Which indexes were created and deleted by calls that were accepted, in order."""
    updates = [
        entry
        for call in account.dynamodb.calls_of("UpdateTable")
        if call.had_effect
        for entry in call.params.get("GlobalSecondaryIndexUpdates", []) + call.params.get("VectorIndexUpdates", [])
    ]
    return [f"{action} {what['IndexName']}" for entry in updates for action, what in entry.items()]


def test_a_vector_index_in_the_native_form_is_created_with_its_table(account: Account) -> None:
    index = vectors(
        Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["title"]},
        **searched(kind="HASH", size="INLINE_FILTER"),
    )
    begin(account, native(index, kind="S", size="N"))
    assert shown()["by-meaning"].items() >= index.items()
    assert shown()["by-meaning"]["IndexStatus"] == "ACTIVE"


def test_the_same_declaration_again_in_either_form_changes_nothing(account: Account) -> None:
    begin(account, native(vectors(**searched(kind="HASH", size="INLINE_FILTER")), kind="S", size="N"))
    brief = {name: value for name, value in vectors().items() if name != "Projection"} | {
        "PartitionKey": {"Name": "kind", "Type": "S"},
        "InlineFilters": [{"Name": "size", "Type": "N"}],
    }
    event = update(account, compact(VectorIndexes=[brief], CapacityManagement="InitialOnly"))
    assert event.data["Status"] == "UNCHANGED"
    assert account.dynamodb.mutations == []


def test_vector_indexes_are_added_one_after_the_other_and_waited_for(account: Account) -> None:
    begin(account, native())
    event = update(account, native(vectors(), vectors("by-look", **searched(kind="HASH")), kind="S"))
    assert event.data["Status"] == "UPDATED"
    assert {name: index["IndexStatus"] for name, index in shown().items()} == {
        "by-meaning": "ACTIVE",
        "by-look": "ACTIVE",
    }
    assert event.duration > 2 * 515
    assert index_changes(account) == ["Create by-meaning", "Create by-look"]


def test_the_last_backfill_is_not_waited_for_where_that_is_not_wanted(account: Account) -> None:
    begin(account, native())
    event = update(account, native(vectors()) | {"WaitForIndexes": "false"})
    assert shown()["by-meaning"]["IndexStatus"] == "CREATING"
    assert event.duration < 120


def test_deletions_of_all_kinds_come_before_creations_of_all_kinds(account: Account) -> None:
    begin(account, compact("email", VectorIndexes=[vectors("by-look")]))
    update(account, compact("city", VectorIndexes=[vectors("by-sound")]))
    assert index_changes(account) == ["Delete by-email", "Delete by-look", "Create by-city", "Create by-sound"]
    assert (index_names(), set(shown())) == ({"by-city"}, {"by-sound"})


def test_a_name_goes_from_one_kind_of_index_to_the_other(account: Account) -> None:
    begin(account, compact("look", VectorIndexes=[]))
    update(account, compact(VectorIndexes=[vectors("by-look")]))
    assert (index_names(), set(shown())) == (set(), {"by-look"})


def test_a_changed_vector_index_is_refused_with_the_remedy(account: Account) -> None:
    begin(account, native(vectors()))
    before = described()
    outcome = account.cloudformation.update_stack({"Table": native(vectors(Dimensions=3))})
    assert outcome.summary == ["Update Table FAILED orders", "Update Table SUCCESS orders"]
    assert outcome.events[0].reason == (
        "NotUpdatable: DynamoDB cannot change what defines an index: index 'by-meaning' has the dimensions 256,"
        " declared is 3. Declare an index of another name beside it, until nothing queries this one any more; or set"
        " AllowIndexRecreation: true to have it deleted and built anew, while queries on it fail."
    )
    assert described() == before


def test_a_changed_vector_index_is_built_anew_where_that_is_allowed(account: Account) -> None:
    begin(account, native(vectors()))
    update(account, native(vectors(Dimensions=3)) | {"AllowIndexRecreation": "true"})
    assert shown()["by-meaning"]["Dimensions"] == 3
    assert index_changes(account) == ["Delete by-meaning", "Create by-meaning"]


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param(native(), id="an empty list"),
        pytest.param(compact(), id="no list at all"),
    ],
)
def test_vector_indexes_that_are_no_longer_declared_are_deleted(account: Account, properties: Properties) -> None:
    begin(account, native(vectors(**searched(kind="HASH")), kind="S"))
    update(account, properties)
    assert shown() == {}


def test_a_failed_update_is_taken_back_out_of_the_middle_of_a_backfill(account: Account) -> None:
    begin(account, native(vectors("by-look")))
    terminal = Refused("ValidationException", "no such thing")
    account.interceptors.append(Fault(terminal, operation="UpdateTimeToLive", times=3))
    added = native(vectors("by-sound")) | {"TimeToLiveAttribute": "ttl", "WaitForIndexes": "false"}
    outcome = account.cloudformation.update_stack({"Table": added})
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE", outcome.events[-1].reason
    assert set(shown()) == {"by-look"}
    assert account.dynamodb.items("orders") == [ITEM]


def test_vector_indexes_of_a_table_that_was_taken_over_are_left_alone_unless_declared(account: Account) -> None:
    dynamodb().create_table(
        TableName="orders",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        VectorIndexes=[vectors("by-look"), vectors("by-sound")],
    )
    account.clock.advance(60)
    begin(account, compact(VectorIndexes=[vectors("by-sound")]))
    update(account, compact())
    assert set(shown()) == {"by-look"}


def test_the_billing_mode_changes_where_vector_indexes_allow_it(account: Account) -> None:
    """They need on-demand billing, so they go before the switch to capacity, and come after the way back."""
    units = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}
    begin(account, native(vectors()))
    update(account, compact(**units))
    assert shown() == {}
    update(account, native(vectors()) | {"BillingMode": "PAY_PER_REQUEST"})
    assert set(shown()) == {"by-meaning"}


def test_vector_indexes_beside_capacity_are_refused_before_any_call(account: Account) -> None:
    units = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}
    outcome = account.cloudformation.create_stack({"Table": native(vectors()) | units})
    assert outcome.events[0].reason.startswith(
        "InvalidRequest: VectorIndexes: are not possible with BillingMode PROVISIONED. "
    )
    assert account.dynamodb.mutations == []


def test_an_update_that_another_index_operation_delays_waits_its_turn(open_account: OpenAccount) -> None:
    account = open_account(lambda_handler, Function(is_recursion_allowed=True), profile="fast")
    begin(account, native())
    dynamodb().update_table(
        TableName="orders",
        AttributeDefinitions=[{"AttributeName": "city", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "by-city",
                    "KeySchema": [{"AttributeName": "city", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    )
    update(account, native(vectors()))
    assert (index_names(), set(shown())) == ({"by-city"}, {"by-meaning"})


@pytest.fixture
def old_sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DynamoDB:
    """DynamoDB through a botocore whose model of it is older than vector indexes."""
    model = deepcopy(Loader().load_service_model("dynamodb", "service-2"))  # the tests share what is read
    for shape in model["shapes"].values():
        for name in ("VectorIndexes", "VectorIndexUpdates"):
            shape.get("members", {}).pop(name, None)
    place = tmp_path / "dynamodb" / "2012-08-10"
    place.mkdir(parents=True)
    (place / "service-2.json").write_text(json.dumps(model))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    return DynamoDB(Clients(boto3.Session()))


SCHEMA = TableSchema.model_validate(compact(VectorIndexes=[vectors()]))


@pytest.mark.parametrize(
    "request_of",
    [
        pytest.param(lambda provisioner: provisioner.create(SCHEMA), id="create"),
        pytest.param(lambda provisioner: provisioner.update(SCHEMA), id="update"),
        pytest.param(lambda provisioner: provisioner.replace("former", SCHEMA), id="replace"),
        pytest.param(lambda provisioner: provisioner.plan(SCHEMA), id="plan"),
    ],
)
def test_an_sdk_that_is_too_old_is_told_before_any_call(
    account: Account, old_sdk: DynamoDB, request_of: Callable[[TableProvisioner], Any]
) -> None:
    result = request_of(TableProvisioner(old_sdk))
    assert str(result.error).startswith("InvalidRequest: VectorIndexes are declared, and botocore ")
    assert str(result.error).endswith("Bundle boto3 1.43.64 or later with the function.")
    assert account.dynamodb.calls == []


@pytest.mark.parametrize("indexes", [[], [vectors()]])
def test_without_a_region_a_plan_knows_no_better_and_a_request_is_refused(
    account: Account, monkeypatch: pytest.MonkeyPatch, indexes: list[dict[str, Any]]
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    provisioner = TableProvisioner(DynamoDB(Clients(boto3.Session())))
    schema = TableSchema.model_validate(compact(VectorIndexes=indexes))
    planned, made = provisioner.plan(schema), provisioner.create(schema)
    assert [str(step) for step in planned.steps] == ["create table 'orders'"]
    assert (planned.error, planned.unknown_because and planned.unknown_because.code) == (None, "InvalidRequest")
    assert str(made.error).startswith(
        "InvalidRequest: could not look at table 'orders': DescribeTable failed with NoRegion"
    )
    assert account.dynamodb.calls == []


def test_an_old_sdk_does_for_a_table_without_vector_indexes(account: Account, old_sdk: DynamoDB) -> None:
    schema = TableSchema.model_validate(compact())
    assert TableProvisioner(old_sdk).create(schema).status is ProvisionStatus.CREATED
    assert account.dynamodb.mutations == ["CreateTable"]
