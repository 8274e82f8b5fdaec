"""The commands of docs/operations.md that move a table in and out, as they stand there.

ministack takes the whole way, the import included.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from demo.local_cloud import ROOT
from demo.tables import items, own_tags

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from demo.local_cloud import LocalCloud

MOVING = ROOT / "examples" / "moving"
ORDER = {"order_id": "4711", "total": "99.50"}
AWS = """\
#!{python}
# The AWS CLI as far as it is needed here: the same words, made into calls of boto3.
import json, sys
import boto3

service, operation, *arguments = sys.argv[1:]
client = boto3.client(service)
waiter = operation == "wait" and client.get_waiter(arguments.pop(0).replace("-", "_"))
def value(text):
    if text.startswith("file://"):
        return open(text.removeprefix("file://")).read()
    return json.loads(text) if text[0] in "[{{" else text
names = [name.removeprefix("--").title().replace("-", "") for name in arguments[::2]]
given = dict(zip(names, map(value, arguments[1::2]), strict=True))
if operation == "deploy":
    with open(given.pop("TemplateFile")) as template:
        client.update_stack(TemplateBody=template.read(), **given)
    client.get_waiter("stack_update_complete").wait(**given, WaiterConfig={{"Delay": 1, "MaxAttempts": 60}})
elif waiter:
    waiter.wait(**given, WaiterConfig={{"Delay": 1, "MaxAttempts": 60}})
else:
    getattr(client, operation.replace("-", "_"))(**given)
"""


def commands(way: str) -> str:
    """What the doc has one type, for a way in or out."""
    text = (ROOT / "docs" / "operations.md").read_text()
    return "".join(dedent(found) for found in re.findall(rf" *```sh {way}\n(.*?) *```\n", text, re.DOTALL))


@pytest.fixture
def type_in(cloud: LocalCloud, tmp_path: Path) -> Callable[[str], None]:
    """Types commands into a shell in the root of the repository."""
    aws = tmp_path / "aws"
    aws.write_text(AWS.format(python=sys.executable))
    aws.chmod(0o755)
    path = os.pathsep.join((str(tmp_path), os.environ["PATH"]))

    def run(text: str) -> None:
        environment = {**cloud.environment, "PATH": path}
        done = subprocess.run(
            ["/bin/sh", "-e"], input=text, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def types(cloud: LocalCloud) -> dict[str, str]:
    """The resources of the stack that still have something, with their types."""
    listed = cloud.cloudformation.list_stack_resources(StackName="shop")["StackResourceSummaries"]
    return {
        each["LogicalResourceId"]: each["ResourceType"]
        for each in listed
        if each["ResourceStatus"] not in {"DELETE_COMPLETE", "DELETE_SKIPPED"}
    }


@pytest.mark.usefixtures("service_token")
def test_a_table_moves_in_and_out_with_its_items(cloud: LocalCloud, type_in: Callable[[str], None]) -> None:
    cloud.apply("shop", (MOVING / "native.yaml").read_text())
    cloud.dynamodb.put_item(TableName="orders", Item={name: {"S": value} for name, value in ORDER.items()})
    table_id = cloud.dynamodb.describe_table(TableName="orders")["Table"]["TableId"]
    try:
        type_in(commands("moving-in"))
        assert types(cloud)["OrdersTable"] == "Custom::DynamoDBTable"
        assert "Orders" not in types(cloud)
        assert "table-provisioner:adopted-by" in own_tags(cloud.dynamodb, "orders")
        assert items(cloud.dynamodb, "orders") == [ORDER]

        type_in(commands("moving-out"))
        assert types(cloud)["Orders"] == "AWS::DynamoDB::Table"
        assert "OrdersTable" not in types(cloud)
        assert own_tags(cloud.dynamodb, "orders") == []
        assert items(cloud.dynamodb, "orders") == [ORDER]
        assert cloud.dynamodb.describe_table(TableName="orders")["Table"]["TableId"] == table_id
    finally:
        cloud.delete("shop")
    assert cloud.table_names() == ["orders"]
    cloud.dynamodb.delete_table(TableName="orders")
