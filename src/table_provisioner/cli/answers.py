"""What the command line answers to programs, in JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from table_provisioner.budget import seconds_within
from table_provisioner.effects import mark_of
from table_provisioner.limits import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from table_provisioner.cli.declarations import DeclaredTable
    from table_provisioner.effects import Effect
    from table_provisioner.errors import ProvisionerError
    from table_provisioner.results import ProvisionPlan, ProvisionResult
    from table_provisioner.steps import Step

as_json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


def print_json(document: Mapping[str, Any]) -> None:
    """Answer a program."""
    click.echo(json.dumps(document, indent=2))


def exceeds_timeout(plan: ProvisionPlan, table: DeclaredTable) -> bool:
    """Whether the steps usually take longer than CloudFormation waits for the table."""
    return plan.usual_seconds_to_answer(table.options) > seconds_within(table.service_timeout_seconds)


def plan_document(plan: ProvisionPlan, table: DeclaredTable) -> dict[str, Any]:
    """A plan as JSON has it."""
    return {
        "logical_resource_id": table.logical_resource_id,
        "table_name": plan.schema.table_name,
        "table_status": plan.table_status,
        "would_create": plan.would_create,
        "is_destructive": plan.is_destructive,
        "usual_seconds": plan.usual_seconds,
        "service_timeout_seconds": table.service_timeout_seconds,
        "exceeds_service_timeout": exceeds_timeout(plan, table),
        "changes": [_effect_document(effect) for effect in plan.effects],
        "steps": [_step_document(step, plan) for step in plan.steps],
        "declared": plan.schema.model_dump(by_alias=True, exclude_none=True, mode="json"),
        "is_key_untold": plan.is_key_untold,
        "error": _error_document(plan.error),
        "unknown_because": _error_document(plan.unknown_because),
    }


def _effect_document(effect: Effect) -> dict[str, Any]:
    return {"path": list(effect.path), "mark": str(effect.mark), "before": effect.before, "after": effect.after}


def _step_document(step: Step, plan: ProvisionPlan) -> dict[str, Any]:
    return {
        "step": type(step).__name__,
        "description": str(step),
        "mark": str(mark_of(step, plan.actual)),
        "why": step.why,
        "interruption": step.interruption,
        "is_destructive": step.is_destructive,
        "usual_seconds": step.usual_seconds,
        "not_before": in_words(plan.not_before[step]) if step in plan.not_before else None,
    }


def result_document(result: ProvisionResult, logical_resource_id: str) -> dict[str, Any]:
    """What came of a request, as JSON has it."""
    return {
        "logical_resource_id": logical_resource_id,
        "status": result.status.value,
        "table_name": result.table_name,
        "table_arn": result.table_arn,
        "table_id": result.table_id,
        "stream_arn": result.stream_arn,
        "message": result.message,
        "error": _error_document(result.error),
    }


def _error_document(error: ProvisionerError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    return {
        "code": error.code,
        "problem": error.problem,
        "remedy": error.remedy,
        "aws_request_id": error.aws_request_id,
    }
