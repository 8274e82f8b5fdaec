"""CloudFormation's side: one request in, one answer out, whatever happens in between.

crhelper routes the request; everything of it that is unsafe is replaced. It makes clients on import, configures
logging and writes the ``ResponseURL`` there, sends without a timeout, takes a refused answer for a good one, loses
the head of a long reason, and invents ids, by which CloudFormation would delete the wrong table.
"""

from __future__ import annotations

import logging
import os
import re
from typing import TYPE_CHECKING, Any, Protocol

from crhelper import FAILED, SUCCESS, CfnResource

from table_provisioner.budget import Budget
from table_provisioner.deadline import Deadline, epoch_seconds
from table_provisioner.dynamodb import DynamoDB
from table_provisioner.errors import InternalFailureError, InvalidRequestError, OutOfTimeError, ProvisionerError
from table_provisioner.event import Continuation, Event, RequestType
from table_provisioner.handover import hand_over
from table_provisioner.naming import generated_table_name
from table_provisioner.outcome import Outcome
from table_provisioner.ownership import Owner, Request
from table_provisioner.properties import (
    read_leniently,
    read_on_delete,
    read_options_leniently,
    read_properties,
    read_table_name,
)
from table_provisioner.provisioner import TableProvisioner
from table_provisioner.redaction import without_urls
from table_provisioner.response import Response, deliver
from table_provisioner.results import ProvisionResult, ProvisionStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from table_provisioner.clients import Clients
    from table_provisioner.properties import ResourceProperties
    from table_provisioner.schema import TableSchema

logger = logging.getLogger(__name__)

NOT_CREATED = "/not-created"
"""Ends the id of a resource that has no table yet. No table can have such a name, so no Delete can find one."""
_SEND_MARGIN_SECONDS = 1.0
_ANSWER_SECONDS = 4.0
"""Of the reserve, kept for an answer where a hand-over fails."""
_TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")


class LambdaContext(Protocol):
    """What is needed of the context that Lambda hands in."""

    @property
    def invoked_function_arn(self) -> str:
        """The function, as it was called."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the function."""


def respond(request: Event, context: LambdaContext, clients: Clients) -> Outcome:
    """Carry out a request and answer it on its own ``ResponseURL``, or hand it over where it needs more time.

    With ``AWS_SAM_LOCAL`` set, nothing is sent. To keep the URL out of the log meanwhile is the caller's to do.

    Returns:
        What CloudFormation was told, if the request was not handed over, and what came of the table.

    Raises:
        ResponseNotDeliveredError: The answer was not accepted in time. What was done stays done; the same event,
            delivered again, is answered.
    """
    resource = _TableResource(request, clients)
    resource.answer(context)
    if resource.response and not os.environ.get("AWS_SAM_LOCAL"):
        deliver(resource.response, request.response_url, _before_the_end(context, _SEND_MARGIN_SECONDS))
    return Outcome(
        response=resource.response,
        result=resource.result,
        error=resource.error,
        hop=resource.continuation.hop,
        seconds=epoch_seconds() - resource.continuation.started_at,
    )


class _TableResource(CfnResource):
    """crhelper's router, for one request.

    A new one is made for each request, so nothing of one gets into the answer of the next.

    Attributes:
        response: What to answer; ``None`` where another invocation will.
        result: What came of the table; ``None`` where it did not come to that.
        error: Why the request fails; ``None`` where it does not.
        continuation: Where the request stands.
    """

    response: Response | None = None
    result: ProvisionResult | None = None
    error: ProvisionerError | None = None

    def __init__(self, event: Event, clients: Clients) -> None:
        """Set what ``CfnResource.__init__`` sets, but for its three clients and its logging."""
        self._request = event
        self._clients = clients
        self._is_handed_over = False
        self._id = _initial_id(event)
        self.continuation = Continuation(0, epoch_seconds(), None)
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
            self._fail(error)
            self._set_response(self.Status, self.Reason, {})
        else:
            self(self._request.essence, context)

    def _log_setup(self, event: dict[str, Any], context: LambdaContext) -> None:
        """Logging is Powertools' business."""

    def _set_timeout(self) -> None:
        """Every wait ends by the deadline; a timer's answer would be a second one."""

    def _send(self, status: str | None = None, reason: str = "", send_response: object = None) -> None:
        """Keep the answer; it is sent once, by ``respond``."""
        del send_response
        if not self._is_handed_over:
            self._set_response(status or self.Status, reason or self.Reason, self.Data)

    def _set_response(self, status: str, reason: str, data: dict[str, str]) -> None:
        self.response = Response(
            is_success=status == SUCCESS,
            reason=without_urls(reason),
            physical_resource_id=self._id,
            echo=self._request.echo,
            remainder=without_urls(self.error.remainder if self.error else ""),
            data=data,
        )

    def _guarded(self, run: Callable[[TableProvisioner], ProvisionResult]) -> Callable[..., str]:
        """A handler as crhelper calls it: it sets status, reason and data, and returns the id, in every case."""

        def handle(_: dict[str, Any], context: LambdaContext) -> str:
            try:
                self._work(run, context)
            except ProvisionerError as error:
                self._fail(error)
            except Exception as error:  # whatever it is, a stack waits for the answer
                logger.exception("unexpected error")
                self._fail(InternalFailureError.of(error))
            return self._id

        return handle

    def _work(self, run: Callable[[TableProvisioner], ProvisionResult], context: LambdaContext) -> None:
        """Do the work that this invocation has the time for; what is left is handed over.

        Raises:
            ProvisionerError: It cannot be done, or not be handed over.
        """
        event = self._request
        self.continuation = continuation = Continuation.of(event.raw, epoch_seconds())
        budget = Budget.of(event, continuation, context.get_remaining_time_in_millis() / 1000)
        request = Request(
            event.request_id,
            event.signed_at,
            continuation.started_at,
            is_continued=continuation.hop > 0,
            table_id=continuation.table_id,
        )
        owner = Owner(event.stack_id, event.logical_resource_id)
        deadline = Deadline.after(budget.seconds, budget.seconds_in_all)
        self.result = result = run(
            TableProvisioner(DynamoDB(self._clients, deadline), owner=owner, request=request, deadline=deadline)
        )
        if isinstance(result.error, OutOfTimeError) and budget.can_be_continued:
            hand_over(
                continuation.next_event(event.raw, result.table_id if result.is_ours else None),
                context.invoked_function_arn,
                self._clients,
                _before_the_end(context, _ANSWER_SECONDS),
            )
            self._is_handed_over = True
        else:
            self._report(result)

    def _create(self, provisioner: TableProvisioner) -> ProvisionResult:
        declared = self._declared()
        self._id = declared.schema.table_name + NOT_CREATED
        result = provisioner.create(declared.schema, declared.options)
        self._id = result.table_name if result.is_ours or not result.error else self._id
        return result

    def _update(self, provisioner: TableProvisioner) -> ProvisionResult:
        declared = self._declared()
        old = self._request.old_properties
        if declared.schema.table_name == self._request.physical_resource_id:
            # A rollback takes back what the old properties allowed; its own, which are older, may not say so.
            former = read_options_leniently(old)
            allows = declared.options.allow_index_recreation or former.allow_index_recreation
            options = declared.options.model_copy(update={"allow_index_recreation": allows})
            former_seconds = self._request.former_timeout_seconds
            return provisioner.update(declared.schema, self._previous(old), options, former, former_seconds)
        if _TABLE_NAME.fullmatch(self._request.physical_resource_id):
            is_imported = "ImportSourceSpecification" in old
            left = self._request.physical_resource_id
            result = provisioner.replace(left, declared.schema, declared.options, is_imported=is_imported)
        else:  # an id that no table can have, so there is none to be replaced
            result = provisioner.create(declared.schema, declared.options)
        self._id = result.table_name if result.is_ours or not result.error else self._id
        return result

    def _delete(self, provisioner: TableProvisioner) -> ProvisionResult:
        name = self._request.physical_resource_id
        if not _TABLE_NAME.fullmatch(name):
            message = f"Nothing was deleted: no table can have the name '{name}'."
            return ProvisionResult(status=ProvisionStatus.UNCHANGED, table_name=name, message=message)
        properties = self._request.properties
        is_imported = "ImportSourceSpecification" in properties
        return provisioner.delete(name, read_on_delete(properties), is_imported=is_imported)

    def _declared(self) -> ResourceProperties:
        return read_properties(self._request.properties, self._name_of)

    def _previous(self, old: dict[str, Any]) -> TableSchema | None:
        """What was declared before, under the name that it had: where that is another, a replacement is taken back."""
        previous = read_leniently(old)
        if previous is None or read_table_name(old) is not None:
            return previous
        return previous.model_copy(update={"table_name": self._name_of(previous)})

    def _name_of(self, schema: TableSchema) -> str:
        return generated_table_name(self._request.stack_id, self._request.logical_resource_id, schema)

    def _report(self, result: ProvisionResult) -> None:
        if result.error:
            self._fail(result.error)
            return
        self.Reason = result.message
        if self._request.raw["RequestType"] != RequestType.DELETE:
            self.Data = result.attributes

    def _fail(self, error: ProvisionerError) -> None:
        self.Status, self.Reason, self.error = FAILED, str(error), error


def _initial_id(event: Event) -> str:
    """The id to answer with until there is a better one."""
    if event.physical_resource_id:
        return event.physical_resource_id
    name = read_table_name(event.properties)
    if name is None or not _TABLE_NAME.fullmatch(name):
        name = event.logical_resource_id or "unknown"
    return name + NOT_CREATED


def _before_the_end(context: LambdaContext, seconds: float) -> Deadline:
    """The moment so many seconds before Lambda ends the function."""
    return Deadline.after(context.get_remaining_time_in_millis() / 1000 - seconds)
