"""CloudFormation's side of a custom resource: its requests, its patience, and its strict ears.

A test in a few lines::

    def test_a_table_is_created(cloudformation):
        aws = cloudformation(lambda_handler)
        outcome = aws.create_stack({"Table": {"TableName": "orders", "Preset": "Session"}})
        assert outcome.status == "CREATE_COMPLETE"
        assert outcome.event("Create").data["TableName"] == "orders"
"""

from __future__ import annotations

from tests.simulator.cloudformation.outcome import Outcome, ResourceEvent
from tests.simulator.cloudformation.response_server import (
    Drip,
    HangUp,
    KillSender,
    Late,
    Refuse,
    Unreachable,
)
from tests.simulator.cloudformation.service import CloudFormation, cloudformation

__all__ = [
    "CloudFormation",
    "Drip",
    "HangUp",
    "KillSender",
    "Late",
    "Outcome",
    "Refuse",
    "ResourceEvent",
    "Unreachable",
    "cloudformation",
]
