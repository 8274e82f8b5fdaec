"""The Lambda function: logging, metrics and the wiring of the parts. What it does is in ``custom_resource``."""
# ruff: noqa: E402 -- the collector is switched off for the imports

from __future__ import annotations

import gc

gc.disable()  # importing makes no garbage; looking for it takes a tenth of a cold start (benchmarks/cold_start.py)

import json
import logging
import os
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import MetricUnit

from table_provisioner.clients import Clients
from table_provisioner.custom_resource import respond
from table_provisioner.deadline import monotonic_seconds

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from table_provisioner.response import Response

_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "table-provisioner")
_NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "TableProvisioner")
_IDENTIFYING = ("RequestType", "RequestId", "StackId", "LogicalResourceId", "PhysicalResourceId")

logging.getLogger("table_provisioner")  # Powertools configures loggers that exist
logger = Logger(service=_SERVICE)
metrics = Metrics(namespace=_NAMESPACE, service=_SERVICE)
copy_config_to_registered_loggers(source_logger=logger, include={"table_provisioner"})
clients = Clients()
gc.freeze()  # what was imported stays for ever, and need not be looked through again
gc.enable()


@metrics.log_metrics(capture_cold_start_metric=True)
@logger.inject_lambda_context(log_event=False, clear_state=True)  # the event holds a credential
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any] | None:
    """Answer one request of CloudFormation for a ``Custom::DynamoDBTable``.

    Args:
        event: The request, as CloudFormation sends it.
        context: Lambda's; its remaining time bounds all waiting.

    Returns:
        ``None``; the answer goes to the ``ResponseURL``. With ``AWS_SAM_LOCAL`` set it is printed and returned instead.

    Raises:
        InvalidRequestError: The event has no usable ``ResponseURL``. Nothing was called.
        ResponseNotDeliveredError: The answer was not accepted in time. What was done stays done, and the same event,
            delivered again, is answered.
    """
    began = monotonic_seconds()
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    if isinstance(event, dict):
        logger.append_keys(**{name: event[name] for name in _IDENTIFYING if name in event})
    response = respond(event, context, clients)
    _measure(response, monotonic_seconds() - began)
    if response is None or not os.environ.get("AWS_SAM_LOCAL"):
        return None
    document = response.document()
    print(json.dumps(document, indent=2))  # noqa: T201 -- there is nobody to send it to
    return document


def _measure(response: Response | None, seconds: float) -> None:
    metrics.add_metric(name="Duration", unit=MetricUnit.Seconds, value=seconds)
    if response is None:
        metrics.add_metric(name="HandedOver", unit=MetricUnit.Count, value=1)
        return
    name = "Succeeded" if response.is_success else "Failed"
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=1)
    if not response.is_success:
        metrics.add_metadata(key="reason_code", value=response.reason.partition(":")[0])
