"""A stateful DynamoDB control plane on virtual time, behind real boto3 clients."""

from __future__ import annotations

from tests.simulator.dynamodb.control_plane import Call, DynamoDB
from tests.simulator.dynamodb.errors import CATALOGUE, NotSimulatedError, ServiceError, refusal
from tests.simulator.dynamodb.profiles import PROFILES, Profile
from tests.simulator.dynamodb.wire import Request, Response, register

__all__ = [
    "CATALOGUE",
    "PROFILES",
    "Call",
    "DynamoDB",
    "NotSimulatedError",
    "Profile",
    "Request",
    "Response",
    "ServiceError",
    "refusal",
    "register",
]
