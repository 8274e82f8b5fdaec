"""Consumer stacks on a local CloudFormation: tables appear, change and go, under the rights of the real role."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from demo.local_cloud import ROOT, StackFailedError
from demo.tables import Index, Table, describe, own_tags

if TYPE_CHECKING:
    from pathlib import Path

    from demo.local_cloud import LocalCloud

ORDERS = Table(
    key="order_id (S)",
    indexes={
        "by-customer": Index("customer_id (S), placed_at (N)", "ALL"),
        "by-warehouse": Index("warehouse (S)", "INCLUDE status weight"),
    },
    time_to_live="expires_at",
    stream="NEW_AND_OLD_IMAGES",
    tags={"team": "checkout", "cost-center": "4711"},
)
THREE_INDEX_CHANGES = {
    "by-customer": Index("customer_id (S), placed_at (N)", "ALL"),
    "by-carrier": Index("carrier (S), placed_at (N)", "INCLUDE weight"),
    "by-status": Index("status (S), placed_at (N)", "KEYS_ONLY"),
}
A_RESOURCE_THAT_FAILS_ONCE_ORDERS_ARE_DONE = """
  Broken:
    Type: Custom::DynamoDBTable
    DependsOn: Orders
    Properties:
      ServiceToken:
        Fn::ImportValue: !Sub ${ProvisionerStack}-ServiceToken
      PartitionKey: {Name: id, Type: TEXT}

Outputs:"""


def example(name: str) -> str:
    return (ROOT / "examples" / f"{name}.yaml").read_text()


def tags(cloud: LocalCloud, arn: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in cloud.dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]}


def test_a_stack_creates_the_table_of_its_template_and_deletes_it(cloud: LocalCloud, stack: str) -> None:
    outputs = cloud.apply(stack, example("orders"))
    table = cloud.dynamodb.describe_table(TableName=outputs["TableName"])["Table"]
    assert describe(cloud.dynamodb, outputs["TableName"]) == ORDERS
    assert (outputs["TableArn"], outputs["StreamArn"]) == (table["TableArn"], table["LatestStreamArn"])

    cloud.delete(stack)
    assert cloud.table_names() == []


def test_the_approval_preset_takes_properties_on_top(cloud: LocalCloud, stack: str) -> None:
    outputs = cloud.apply(stack, example("approval-preset"))
    assert outputs["TableName"] == "sentinel-requests"
    assert describe(cloud.dynamodb, "sentinel-requests") == Table(
        key="id (S)",
        indexes={
            "gsi-profile": Index("profile (S), created_at (S)", "ALL"),
            "gsi-requester": Index("requester (S), created_at (S)", "ALL"),
            "gsi-status": Index("status (S), created_at (S)", "ALL"),
        },
        time_to_live="ttl",
        encryption="KMS",
        point_in_time_recovery=True,
    )


def test_one_update_changes_three_indexes_and_keeps_the_items(cloud: LocalCloud, stack: str) -> None:
    name = cloud.apply(stack, example("orders"))["TableName"]
    cloud.dynamodb.put_item(TableName=name, Item={"order_id": {"S": "1"}})

    assert cloud.apply(stack, example("orders-three-index-changes"))["TableName"] == name
    assert describe(cloud.dynamodb, name) == replace(ORDERS, indexes=THREE_INDEX_CHANGES)
    assert cloud.dynamodb.get_item(TableName=name, Key={"order_id": {"S": "1"}})["Item"]


def test_the_tags_of_a_stream_change_and_are_put_onto_the_next_one(cloud: LocalCloud, stack: str) -> None:
    first = example("orders").replace(
        "StreamViewType: NEW_AND_OLD_IMAGES",
        "StreamViewType: NEW_IMAGE\n        Tags: [{Key: reader, Value: billing}]",
    )
    former = cloud.apply(stack, first)["StreamArn"]
    assert tags(cloud, former) == {"reader": "billing"}

    arn = cloud.apply(stack, first.replace("Value: billing", 'Value: "1"'))["StreamArn"]
    assert (arn, tags(cloud, arn)) == (former, {"reader": "1"})

    arn = cloud.apply(stack, first.replace("NEW_IMAGE", "KEYS_ONLY"))["StreamArn"]
    assert (arn != former, tags(cloud, arn)) == (True, {"reader": "billing"})


def test_other_keys_bring_another_table_and_take_the_old_one(cloud: LocalCloud, stack: str) -> None:
    old = cloud.apply(stack, example("compact"))["TableName"]
    new = cloud.apply(stack, example("compact").replace("Name: user_id", "Name: account_id"))["TableName"]
    assert cloud.table_names() == [new]
    assert new != old
    assert describe(cloud.dynamodb, new).key == "account_id (S), started_at (N)"


def test_a_failure_elsewhere_in_the_stack_takes_the_update_back(cloud: LocalCloud, stack: str) -> None:
    name = cloud.apply(stack, example("orders"))["TableName"]
    update = example("orders-three-index-changes").replace("\nOutputs:", A_RESOURCE_THAT_FAILS_ONCE_ORDERS_ARE_DONE)
    with pytest.raises(StackFailedError) as failure:
        cloud.apply(stack, update)
    assert failure.value.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "PartitionKey.Type" in failure.value.reasons[0]
    assert describe(cloud.dynamodb, name) == ORDERS


def test_every_mistake_of_an_update_is_told_and_nothing_is_changed(cloud: LocalCloud, stack: str) -> None:
    name = cloud.apply(stack, example("orders"))["TableName"]
    mistaken = (
        example("orders-three-index-changes")
        .replace("BillingMode:", "BilingMode:")
        .replace("KeyType: HASH", "KeyType: HSAH", 1)
    )
    with pytest.raises(StackFailedError) as failure:
        cloud.apply(stack, mistaken)
    assert failure.value.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "BilingMode" in failure.value.reasons[0]
    assert "KeySchema[0].KeyType" in failure.value.reasons[0]
    assert describe(cloud.dynamodb, name) == ORDERS


def test_five_mistakes_of_a_create_are_five_findings_of_its_failure_and_leave_nothing(
    cloud: LocalCloud, stack: str
) -> None:
    with pytest.raises(StackFailedError) as failure:
        cloud.apply(stack, (ROOT / "tests" / "samples" / "five-mistakes.yaml").read_text())
    head, *findings = failure.value.reasons[0].splitlines()
    assert head == "InvalidRequest: 5 faults in the properties:"
    assert sorted(finding.removeprefix("- ").partition(":")[0] for finding in findings) == [
        "BilingMode",
        "GlobalSecondaryIndexes[0].Projection.ProjectionType",
        "OnDelete",
        "PartitionKey.Type",
        "PointInTimeRecoverySpecification.RecoveryPeriodInDays",
    ]
    assert cloud.table_names() == []


def test_a_table_that_the_stack_took_over_outlives_it(cloud: LocalCloud, stack: str) -> None:
    cloud.dynamodb.create_table(
        TableName="sentinel-requests",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    cloud.apply(stack, example("approval-preset"))
    cloud.delete(stack)
    assert cloud.table_names() == ["sentinel-requests"]
    cloud.dynamodb.delete_table(TableName="sentinel-requests")


def test_a_table_whose_stack_is_gone_is_found_and_released(cloud: LocalCloud, stack: str) -> None:
    cloud.apply(stack, example("approval-preset"))
    gone = "arn:aws:cloudformation:us-east-1:000000000000:stack/gone/1"
    tags = {"table-provisioner:stack-id": gone, "table-provisioner:logical-resource-id": "Orders", "team": "checkout"}
    cloud.dynamodb.create_table(
        TableName="left-behind",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    found = command(cloud, "orphans", "--json")
    (orphan,) = json.loads(found.stdout)["tables"]
    assert (found.returncode, orphan["table_name"], orphan["verdict"]) == (2, "left-behind", "STACK_GONE")

    assert command(cloud, "release", "left-behind", "--yes").returncode == 0
    assert command(cloud, "orphans").stdout == "No table names a resource that is no more.\n"
    left = describe(cloud.dynamodb, "left-behind")
    assert (left.tags, own_tags(cloud.dynamodb, "left-behind")) == ({"team": "checkout"}, [])
    cloud.dynamodb.delete_table(TableName="left-behind")


def command(cloud: LocalCloud, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in the local cloud."""
    program = [sys.executable, "-m", "table_provisioner", *words]
    return subprocess.run(program, env=cloud.environment, capture_output=True, text=True, check=False)


def test_the_role_reaches_no_table_outside_its_pattern(cloud: LocalCloud, package: Path, stack: str) -> None:
    narrow = "narrow-provisioner"
    cloud.deploy_function(package.parent, stack=narrow, parameters={"TableNamePattern": "sentinel-*"})
    try:
        with pytest.raises(StackFailedError) as failure:
            cloud.apply(stack, example("compact"), parameters={"ProvisionerStack": narrow})
        assert failure.value.reasons[0].startswith("AccessDenied: ")
    finally:
        cloud.delete(stack)
        cloud.delete(narrow)
