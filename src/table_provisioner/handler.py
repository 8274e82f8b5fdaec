"""The Lambda function: logging, metrics and the wiring of the parts. What it does is in ``custom_resource``."""
# ruff: noqa: E402 -- the collector is switched off for the imports

from __future__ import annotations

import gc

gc.disable()  # importing makes no garbage, and looking for it delays the first call (make bench)

import json
import os
from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import MetricUnit

from table_provisioner.clients import Clients
from table_provisioner.custom_resource import respond
from table_provisioner.event import Event
from table_provisioner.outcome import Metric
from table_provisioner.redaction import redacted, without_urls

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from table_provisioner.outcome import Outcome

_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "table-provisioner")
_NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "TableProvisioner")

# In ASCII, for standard output takes no half characters, which JSON may hold.
logger = Logger(service=_SERVICE, json_serializer=partial(json.dumps, default=str, separators=(",", ":")))
metrics = Metrics(namespace=_NAMESPACE, service=_SERVICE)
copy_config_to_registered_loggers(source_logger=logger, include={"table_provisioner"})
clients = Clients()
gc.freeze()  # what was imported stays for ever, and need not be looked through again
gc.set_threshold(20_000)  # nor does what a client is made of, thousands of objects at once
gc.enable()


@metrics.log_metrics
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
    calls, throttles = clients.calls, clients.throttles
    try:
        request = Event.of(event)
        with redacted(request.response_url):
            logger.append_keys(**{name: without_urls(text) for name, text in request.identity.items()}, hop=request.hop)
            outcome = respond(request, context, clients)
        _publish(outcome)
    finally:
        _add(Metric.API_CALLS, clients.calls - calls)
        _add(Metric.THROTTLES, clients.throttles - throttles)
    if outcome.response is None or not os.environ.get("AWS_SAM_LOCAL"):
        return None
    document = outcome.response.document()
    print(json.dumps(document, indent=2))  # noqa: T201 -- there is nobody to send it to
    return document


def _publish(outcome: Outcome) -> None:
    for metric, value in outcome.figures.items():
        _add(metric, value)
    if code := outcome.failure_code:
        with single_metric(
            name=Metric.FAILED,
            unit=MetricUnit.Count,
            value=1,
            namespace=_NAMESPACE,
            default_dimensions={"service": _SERVICE},
        ) as failure:
            failure.add_dimension(name="Code", value=code)


def _add(metric: Metric, value: float) -> None:
    unit = MetricUnit.Seconds if metric is Metric.SETTLE_SECONDS else MetricUnit.Count
    metrics.add_metric(name=metric, unit=unit, value=value)
