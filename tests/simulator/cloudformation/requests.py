"""The events that CloudFormation sends to a custom resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Properties: TypeAlias = "Mapping[str, Any]"
Request: TypeAlias = dict[str, Any]

RESOURCE_TYPE: Final = "Custom::DynamoDBTable"
DEFAULT_SERVICE_TIMEOUT: Final = 3600.0
"""Seconds that CloudFormation waits for an answer unless ``ServiceTimeout`` says less."""


def stringified(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a property value as it arrives: every scalar a string.

    Raises:
        ValueError: A null, which CloudFormation refuses in a template.
    """
    if isinstance(value, dict):
        return {key: stringified(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [stringified(each) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        raise ValueError("[/Resources] 'null' values are not allowed in templates")
    return str(value)


def sent_properties(properties: Properties, service_token: str) -> Request:
    """Return properties of a template as they are sent."""
    return {"ServiceToken": service_token, **stringified(dict(properties))}


def custom_resource_request(
    request_type: str, logical_resource_id: str, properties: Properties, *, stack_id: str, request_id: str
) -> Request:
    """Build what a Create carries, from properties as they are sent.

    Update and Delete carry more; ``ResponseURL`` comes with the delivery.
    """
    return {
        "RequestType": request_type,
        "ServiceToken": properties["ServiceToken"],
        "StackId": stack_id,
        "RequestId": request_id,
        "LogicalResourceId": logical_resource_id,
        "ResourceType": RESOURCE_TYPE,
        "ResourceProperties": properties,
    }


def service_timeout(request: Mapping[str, Any]) -> float:
    """Return how long CloudFormation waits for the answer to a request, in seconds."""
    properties = request.get("ResourceProperties")
    declared = str(properties.get("ServiceTimeout")) if isinstance(properties, dict) else ""
    return float(declared) if declared.isdigit() else DEFAULT_SERVICE_TIMEOUT
