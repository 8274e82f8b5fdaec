"""Carries a request on in another invocation when Lambda's fifteen minutes end before the table has settled.

The function invokes itself with the same event and a note of three facts. Nothing else is carried: whoever takes over
looks at the table, as a retry would.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, ReadTimeoutError

from table_provisioner.deadline import Deadline, DeadlineExceededError, backoff_seconds
from table_provisioner.errors import UNFINISHED, AccessDeniedError, NotStabilizedError
from table_provisioner.event import CONTINUATION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from table_provisioner.clients import Clients

logger = logging.getLogger(__name__)

_MOST_LOST_ANSWERS = 2
_DENIED = frozenset({"AccessDeniedException", "AccessDenied"})


def hand_over(event: Mapping[str, Any], function_arn: str, clients: Clients, deadline: Deadline) -> None:
    """Invoke the function itself, asynchronously.

    When the answer to the invocation is lost, two hops may run; they do the same, and end in the same state. More of
    them would multiply, so an answer may be lost twice.

    Args:
        event: What the next hop gets.
        function_arn: The function.
        clients: Where the Lambda client comes from.
        deadline: When to give up.

    Raises:
        AccessDeniedError: The function may not invoke itself.
        NotStabilizedError: Lambda did not take the event in time.
    """
    payload = json.dumps(event).encode()
    failure, lost_answers = "there was no time", 0
    for pause in backoff_seconds():
        try:
            clients.get("lambda").invoke(FunctionName=function_arn, InvocationType="Event", Payload=payload)
        except ClientError as error:
            failure = error.response["Error"].get("Code", "")
            if failure in _DENIED:
                raise AccessDeniedError(
                    "the table takes longer than this invocation lasts, and the function may not invoke itself.",
                    "Allow its role lambda:InvokeFunction on it, as template.yaml does.",
                ) from error
        except BotoCoreError as error:
            failure = type(error).__name__
            lost_answers += isinstance(error, ConnectionClosedError | ReadTimeoutError)
            if lost_answers == _MOST_LOST_ANSWERS:
                break
        else:
            logger.info("handed over", extra={"next_hop": event[CONTINUATION]["Hop"]})
            return
        try:
            deadline.sleep(pause)
        except DeadlineExceededError:
            break
    raise NotStabilizedError(
        f"the table takes longer than this invocation lasts, and Lambda did not take it over: {failure}.",
        UNFINISHED,
    )
