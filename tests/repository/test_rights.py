"""The function may do what its code does, and nothing else."""

from __future__ import annotations

import ast
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from demo.local_cloud import ROOT
from table_provisioner.wire import Operation
from tests.repository.templates import provisioner

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = ROOT / "src" / "table_provisioner"
IAM_NAMES = {"lambda:Invoke": "lambda:InvokeFunction"}
NEEDED_BY_SERVICES = {
    "EncryptThroughDynamoDB",
    "FailureDestination",
    "ImportLogs",
    "ImportSources",
    "KinesisStreamNames",
    "KinesisStreams",
    "Logs",
    "ServiceLinkedRoles",
    "Traces",
}
"""Statements for what AWS does in the function's name, which is no call of the code."""
WITHOUT_RESOURCES = {"KinesisStreamNames", "Lists", "Traces"}
"""Statements for actions that know no resources, so that only ``*`` allows them."""


def nodes() -> Iterator[ast.AST]:
    for file in sorted(SOURCE.glob("*.py")):
        yield from ast.walk(ast.parse(file.read_text()))


def called_by_name() -> Iterator[str]:
    """Find ``clients.get("kms").describe_key(…)`` and tell ``kms:DescribeKey``."""
    for node in nodes():
        match node:
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str() as service)]),
                    attr=method,
                )
            ):
                client = boto3.Session(region_name="us-east-1").client(service)  # type: ignore[call-overload]  # a name from the source
                action = f"{service}:{client.meta.method_to_api_mapping[method]}"
                yield IAM_NAMES.get(action, action)


def called_by_operation() -> Iterator[str]:
    """Find ``Operation.CREATE_TABLE`` and tell ``dynamodb:CreateTable``."""
    for node in nodes():
        match node:
            case ast.Attribute(value=ast.Name(id="Operation"), attr=name):
                yield f"dynamodb:{Operation[name]}"


def statements() -> Iterator[dict[str, Any]]:
    resources = provisioner()
    documents = [policy["PolicyDocument"] for policy in resources["TableProvisionerRole"]["Properties"]["Policies"]]
    documents.append(resources["HandOverPolicy"]["Properties"]["PolicyDocument"])
    for document in documents:
        yield from document["Statement"]


def actions(statement: dict[str, Any]) -> list[str]:
    listed = statement["Action"]
    return [listed] if isinstance(listed, str) else listed


def test_the_policy_allows_every_action_that_the_code_calls_and_no_other() -> None:
    allowed = [
        action
        for statement in statements()
        if statement["Sid"] not in NEEDED_BY_SERVICES
        for action in actions(statement)
    ]
    called = {*called_by_operation(), *called_by_name()}
    assert sorted(allowed) == sorted(called)


def test_every_operation_of_the_code_is_called_somewhere() -> None:
    assert set(called_by_operation()) == {f"dynamodb:{operation}" for operation in Operation}


def test_dynamodb_is_only_called_by_operation() -> None:
    """Else the comparison above would miss calls."""
    assert not {action for action in called_by_name() if action.startswith("dynamodb:")}


def test_rights_are_narrowed_wherever_actions_know_resources() -> None:
    unnarrowed = {statement["Sid"] for statement in statements() if statement["Resource"] == "*"}
    assert unnarrowed == WITHOUT_RESOURCES


def test_the_right_to_use_keys_is_dynamodb_s_only() -> None:
    (statement,) = [each for each in statements() if each["Sid"] == "EncryptThroughDynamoDB"]
    assert statement["Condition"]["StringEquals"] == {
        "kms:ViaService": {"Fn::Sub": "dynamodb.${AWS::Region}.${AWS::URLSuffix}"}
    }


@pytest.mark.parametrize("qualifier", ["", ":$LATEST", ":7", ":live"])
def test_the_function_may_invoke_itself_by_whatever_name_it_was_invoked(qualifier: str) -> None:
    """A hand-over goes to the ARN of the context, with the version or the alias that a ServiceToken may name."""
    arn = "arn:aws:lambda:us-east-1:123456789012:function:tables"
    (statement,) = [each for each in statements() if "lambda:InvokeFunction" in actions(each)]
    function = "TableProvisionerFunction.Arn"
    allowed = [
        arn if each.get("Fn::GetAtt") == function else each["Fn::Sub"].replace(f"${{{function}}}", arn)
        for each in statement["Resource"]
    ]
    assert any(fnmatchcase(arn + qualifier, pattern) for pattern in allowed)
    assert not any(fnmatchcase(arn + "-of-others", pattern) for pattern in allowed)


def test_what_is_called_on_streams_as_well_is_allowed_on_both() -> None:
    """Policies and tags are a table's or a stream's, and called by the ARN of either."""
    model = boto3.Session(region_name="us-east-1").client("dynamodb").meta.service_model
    inputs = {each: model.operation_model(each).input_shape for each in Operation}
    by_arn = {operation for operation, shape in inputs.items() if shape and "ResourceArn" in shape.members}
    (statement,) = [each for each in statements() if each["Sid"] == "TablesAndStreams"]
    assert {*actions(statement)} == {f"dynamodb:{operation}" for operation in by_arn}
    table, stream = (each["Fn::Sub"].partition(":table/")[2] for each in statement["Resource"])
    assert (table, stream) == ("${TableNamePattern}", "${TableNamePattern}/stream/*")
