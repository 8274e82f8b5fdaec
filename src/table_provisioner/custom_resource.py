"""CloudFormation's side: one request in, one answer out, whatever happens in between.

crhelper routes the request; everything of it that is unsafe is replaced. It makes clients on import, configures
logging and writes the ``ResponseURL`` there, sends without a timeout, takes a refused answer for a good one, loses
the head of a long reason, and invents ids, by which CloudFormation would delete the wrong table.
"""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from crhelper import FAILED, SUCCESS, CfnResource

from table_provisioner.deadline import Deadline, epoch_seconds
from table_provisioner.errors import InternalFailureError, InvalidRequestError, NotStabilizedError, ProvisionerError
from table_provisioner.event import Event, RequestType
from table_provisioner.naming import generated_table_name
from table_provisioner.ownership import Owner, Request
from table_provisioner.properties import read_leniently, read_on_delete, read_properties, read_table_name
from table_provisioner.provisioner import TableProvisioner
from table_provisioner.redaction import redacted
from table_provisioner.response import Response, deliver
from table_provisioner.results import ProvisionResult, ProvisionStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from table_provisioner.dynamodb import DynamoDB
    from table_provisioner.properties import ResourceProperties
    from table_provisioner.schema import TableSchema

logger = logging.getLogger(__name__)

NOT_CREATED = "/not-created"
"""Ends the id of a resource that has no table yet. No table can have such a name, so no Delete can find one."""
RESERVE_SECONDS = 10.0
"""Kept of the function's time for answering."""
SHORTEST_FUNCTION_SECONDS = 15.0
_SEND_MARGIN_SECONDS = 1.0
_SHARE_OF_TIMEOUT, _SHORTEST_MARGIN_SECONDS, _LONGEST_MARGIN_SECONDS = 0.05, 15.0, 60.0
_LONGEST_LOGICAL_ID = 255
_TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")


class LambdaContext(Protocol):
    """What is needed of the context that Lambda hands in."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the function."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an invocation ended.

    Attributes:
        response: What CloudFormation was told.
        result: What came of the request at the table; ``None`` where it did not get that far.
    """

    response: Response
    result: ProvisionResult | None


def respond(event: object, context: LambdaContext, dynamodb: DynamoDB) -> Outcome:
    """Carry out a request and answer it on its own ``ResponseURL``.

    With ``AWS_SAM_LOCAL`` set, nothing is sent.

    Raises:
        InvalidRequestError: There is nowhere to answer to. Nothing was called.
        ResponseNotDeliveredError: The answer was not accepted in time. What was done stays done; the same event,
            delivered again, is answered.
    """
    request = Event.of(event)
    with redacted(request.response_url):
        resource = _TableResource(request, dynamodb)
        resource.answer(context)
        if not os.environ.get("AWS_SAM_LOCAL"):
            seconds = context.get_remaining_time_in_millis() / 1000 - _SEND_MARGIN_SECONDS
            deliver(resource.response, request.response_url, Deadline.after(seconds))
    return Outcome(resource.response, resource.provisioned)


class _TableResource(CfnResource):
    """crhelper's router, for one request.

    A new one is made for each request, so nothing of one gets into the answer of the next.

    Attributes:
        response: What to answer, once there is an answer.
        provisioned: What came of the request at the table; ``None`` where it did not get that far.
    """

    response: Response
    provisioned: ProvisionResult | None = None

    def __init__(self, event: Event, dynamodb: DynamoDB) -> None:
        """Set what ``CfnResource.__init__`` sets, but for its three clients and its logging."""
        self._request = event
        self._dynamodb = dynamodb
        self._id = _initial_id(event)
        self._poll_create_func = self._poll_update_func = self._poll_delete_func = None
        self._timer = self._init_failed = self._sam_local = None
        self._sleep_on_delete = 0
        self.NoEcho = False
        self.create(self._guarded(self._create))
        self.update(self._guarded(self._update))
        self.delete(self._guarded(self._delete))

    def answer(self, context: LambdaContext) -> None:
        """Carry the request out and set ``response``; a request that cannot be read is answered, too."""
        try:
            self._request.check()
        except InvalidRequestError as error:
            self._set_response(FAILED, str(error), {})
        else:
            self(self._request.essence, context)

    def _log_setup(self, event: dict[str, Any], context: LambdaContext) -> None:
        """Logging is Powertools' business."""

    def _set_timeout(self) -> None:
        """Every wait ends by the deadline; a timer's answer would be a second one."""

    def _send(self, status: str | None = None, reason: str = "", send_response: object = None) -> None:
        """Keep the answer; it is sent once, by ``respond``."""
        del send_response
        self._set_response(status or self.Status, reason or self.Reason, self.Data)

    def _set_response(self, status: str, reason: str, data: dict[str, str]) -> None:
        self.response = Response(
            is_success=status == SUCCESS,
            reason=reason,
            physical_resource_id=self._id,
            echo=self._request.echo,
            data=data,
        )

    def _guarded(self, run: Callable[[TableProvisioner], ProvisionResult]) -> Callable[..., str]:
        """A handler as crhelper calls it: it sets status, reason and data, and returns the id, in every case."""

        def handle(_: dict[str, Any], context: LambdaContext) -> str:
            try:
                self._report(run(self._provisioner(context)))
            except ProvisionerError as error:
                self._fail(error)
            except Exception as error:  # whatever it is, a stack waits for the answer
                logger.exception("unexpected error")
                self._fail(InternalFailureError(f"{type(error).__name__}: {error}.", "Please report it with the log."))
            return self._id

        return handle

    def _provisioner(self, context: LambdaContext) -> TableProvisioner:
        event = self._request
        request = Request(event.request_id, event.signed_at, epoch_seconds())
        return TableProvisioner(
            self._dynamodb,
            owner=Owner(event.stack_id, event.logical_resource_id),
            request=request,
            deadline=Deadline.after(_seconds_to_work(event, context, request)),
        )

    def _create(self, provisioner: TableProvisioner) -> ProvisionResult:
        declared = self._declared()
        self._id = declared.schema.table_name + NOT_CREATED
        result = provisioner.create(declared.schema, declared.options)
        self._id = result.table_name if result.is_ours or not result.error else self._id
        return result

    def _update(self, provisioner: TableProvisioner) -> ProvisionResult:
        declared = self._declared()
        if declared.schema.table_name == self._request.physical_resource_id:
            previous = read_leniently(self._request.old_properties)
            return provisioner.update(declared.schema, previous, declared.options)
        result = provisioner.replace(self._request.physical_resource_id, declared.schema, declared.options)
        self._id = result.table_name if result.is_ours or not result.error else self._id
        return result

    def _delete(self, provisioner: TableProvisioner) -> ProvisionResult:
        name = self._request.physical_resource_id
        if not _TABLE_NAME.fullmatch(name):
            message = f"Nothing was deleted: no table can have the name '{name}'."
            return ProvisionResult(status=ProvisionStatus.UNCHANGED, table_name=name, message=message)
        return provisioner.delete(name, read_on_delete(self._request.properties))

    def _declared(self) -> ResourceProperties:
        event = self._request

        def name_of(schema: TableSchema) -> str:
            return generated_table_name(event.stack_id, event.logical_resource_id, schema)

        return read_properties(event.properties, name_of)

    def _report(self, result: ProvisionResult) -> None:
        self.provisioned = result
        if result.error:
            self._fail(result.error)
            return
        self.Reason = result.message
        if self._request.raw["RequestType"] != RequestType.DELETE:
            self.Data = {
                "TableName": result.table_name,
                "TableArn": result.table_arn,
                "Arn": result.table_arn,
                "TableId": result.table_id,
                "StreamArn": result.stream_arn,
                "Status": result.status.value,
            }

    def _fail(self, error: ProvisionerError) -> None:
        self.Status, self.Reason = FAILED, str(error)


def _initial_id(event: Event) -> str:
    """The id to answer with until there is a better one."""
    if event.physical_resource_id:
        return event.physical_resource_id
    name = read_table_name(event.properties)
    if name is None or not _TABLE_NAME.fullmatch(name):
        name = event.logical_resource_id[:_LONGEST_LOGICAL_ID] or "unknown"
    return name + NOT_CREATED


def _seconds_to_work(event: Event, context: LambdaContext, request: Request) -> float:
    """Seconds until the answer has to be given: before Lambda ends the function, and before CloudFormation gives up.

    Raises:
        InvalidRequestError: The function has too little time for any request.
        NotStabilizedError: CloudFormation has given up already.
    """
    left = context.get_remaining_time_in_millis() / 1000
    if left < SHORTEST_FUNCTION_SECONDS:
        raise InvalidRequestError(
            f"the function has {left:.0f} s, of which {RESERVE_SECONDS:.0f} s are kept for answering.",
            "Give it a Timeout of 900 s.",
        )
    timeout = event.service_timeout_seconds
    margin = min(max(_SHARE_OF_TIMEOUT * timeout, _SHORTEST_MARGIN_SECONDS), _LONGEST_MARGIN_SECONDS)
    age = max(0.0, request.began_at - (request.signed_at or request.began_at))
    if age >= timeout:
        raise NotStabilizedError(
            f"the request is {age:.0f} s old, and CloudFormation waits for {timeout} s.",
            "Nothing was changed; deploy again.",
        )
    return min(left - RESERVE_SECONDS, timeout - margin - age)
