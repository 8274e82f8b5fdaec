"""Small functions to put under test, in the place of the real one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import urllib3
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Mapping


def respond(event: Mapping[str, Any], **changes: Any) -> int:  # noqa: ANN401 - fields of the answer
    """Answer a request with SUCCESS, or as ``changes`` say, and return the HTTP status."""
    answer = {
        "Status": "SUCCESS",
        "Reason": "",
        "PhysicalResourceId": event.get("PhysicalResourceId") or table_name(event),
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
        **changes,
    }
    with urllib3.PoolManager(retries=False, timeout=5) as pool:
        url, body = event["ResponseURL"], json.dumps(answer).encode()
        return pool.request("PUT", url, body=body, headers={"Content-Type": ""}).status


def fail(event: Mapping[str, Any], **changes: Any) -> None:  # noqa: ANN401 - fields of the answer
    """Answer a request with FAILED."""
    respond(event, Status="FAILED", Reason="InvalidRequest: as the test wants it.", **changes)


def table_name(event: Mapping[str, Any]) -> str:
    """Return the name that the properties ask for."""
    return str(event["ResourceProperties"].get("TableName", "orders"))


def well_behaved(event: Mapping[str, Any], _: object) -> None:
    """Answer SUCCESS with the table's name; another name is a replacement."""
    is_delete = event["RequestType"] == "Delete"
    respond(event, PhysicalResourceId=event["PhysicalResourceId"] if is_delete else table_name(event))


def silent(_event: Mapping[str, Any], _context: object) -> None:
    """Never answer."""


def refusing(*request_types: str) -> Any:  # noqa: ANN401 - a handler
    """Make a handler that fails the given types of requests and is well-behaved else."""

    def handler(event: Mapping[str, Any], context: object) -> None:
        if event["RequestType"] in request_types:
            fail(event)
        else:
            well_behaved(event, context)

    return handler


def hand_over(event: Mapping[str, Any], function_arn: str) -> None:
    """Invoke the function again, asynchronously, with the same event and a hop more."""
    client = boto3.client("lambda", config=Config(retries={"total_max_attempts": 3, "mode": "standard"}))
    payload = json.dumps({**event, "Hop": event.get("Hop", 0) + 1})
    client.invoke(FunctionName=function_arn, InvocationType="Event", Payload=payload)
