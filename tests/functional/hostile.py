"""What somebody who means harm, or a bug on the other side, may send; and how the function bears it."""

from __future__ import annotations

import io
import json
import logging
import math
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from table_provisioner.handler import lambda_handler
from table_provisioner.handler import logger as function_logger
from tests.functional.tables import ORDERS, compact
from tests.simulator.account import Account
from tests.simulator.clock import Clock
from tests.simulator.cloudformation.answers import MAXIMUM_BODY
from tests.simulator.lambda_context import LambdaContext
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.functional.tables import Properties
    from tests.simulator.cloudformation.response_server import ResponseUrl

Event = dict[str, Any]

LOGGERS: Final = ("table_provisioner", "crhelper", "botocore", "urllib3")
LONGEST_LOG: Final = 100_000
"""Characters of one log record, far below the 256 KB at which CloudWatch cuts."""
BAD_TEXTS: Final = (
    "",
    " ",
    "\x00",
    "orders\n",
    "../orders",
    "\ud800",
    "🙂" * 300,
    "x" * 5_000,
    "9" * 5_000,
    "-1",
    "1e400",
    "NaN",
    "true",
    "{}",
    "[" * 2_000,
    "%s%s%n",
    "{0.__class__}",
    "arn:aws:dynamodb:us-east-1:123456789012:table/orders",
    "arn:aws:lambda:::",
    "X-Amz-Signature",
)
WANTED: Final[dict[str, list[Properties]]] = {
    "Create": [ORDERS],
    "Update": [compact("email", TimeToLiveAttribute="ttl"), compact()],
    "Delete": [compact()],
}
"""The properties of one valid request of each type, the former ones last."""


def event(request_type: str, **members: Any) -> Event:  # noqa: ANN401 -- any JSON
    """A valid request, but for its ``ResponseURL``, with changes."""
    properties = WANTED[request_type]
    whole: Event = {
        "RequestType": request_type,
        "ServiceToken": Function().arn,
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/1",
        "RequestId": "5b415d10-e774-48b1-aa45-a2e95585eb20",
        "LogicalResourceId": "Table",
        "ResourceType": "Custom::DynamoDBTable",
        "ResourceProperties": {"ServiceToken": Function().arn, **properties[0]},
    }
    if request_type != "Create":
        whole["PhysicalResourceId"] = "orders"
    if request_type == "Update":
        whole["OldResourceProperties"] = {"ServiceToken": Function().arn, **properties[1]}
    return whole | members


def places(value: object) -> list[tuple[Any, Any]]:
    """Every part of a JSON value as its container and its key there."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, part in members for place in [(value, key), *places(part)]]


@dataclass
class Encounter:
    """An account with the function in it, and what both said."""

    account: Account
    records: list[str] = field(default_factory=list)
    """Every log record, as the function writes it."""

    def sign(self) -> ResponseUrl:
        """Make a URL to answer to."""
        return self.account.cloudformation.responses.sign({})

    def answer_to(self, request: Event) -> Event:
        """Send a request on a URL of its own; return the one answer to it, which keeps to all rules.

        Where the request was not understood, nothing was changed.
        """
        signed = self.sign()
        before = self.account.dynamodb.mutations
        assert lambda_handler(request | {"ResponseURL": signed.url}, context()) is None
        (body,) = signed.accepted
        assert len(body) <= MAXIMUM_BODY
        answer: Event = json.loads(body)
        assert answer["Status"] in {"SUCCESS", "FAILED"}
        assert answer["PhysicalResourceId"]
        assert not answer["Reason"].startswith("InternalFailure")
        if answer["Reason"].startswith("InvalidRequest"):
            assert self.account.dynamodb.mutations == before
        self.assert_nothing_leaked(signed.url, answer["Reason"])
        return answer

    def assert_nothing_leaked(self, url: str, *texts: str) -> None:
        """See that what makes a URL a credential is in no log record, nor in any of some other texts."""
        secret = url.rpartition("=")[2]
        assert not [text for text in (*self.records, *texts) if secret in text]
        assert max(map(len, self.records), default=0) < LONGEST_LOG


@contextmanager
def encounter(*, has_table: bool = False, level: int = logging.DEBUG) -> Iterator[Encounter]:
    """Meet the function in an account of its own, with or without the table that the requests are about."""
    clock = Clock(limit=math.inf)
    with clock.installed(), Account(clock, lambda_handler, Function()).running() as account:
        if has_table:
            aws = account.cloudformation
            assert aws.deliver(aws.request("Create", compact())).is_success
            clock.advance(60)
        met = Encounter(account)
        with _recording(met.records, level):
            yield met
        account.cloudformation.take_violations()  # the answers are judged by those who met them


def context(seconds: float = 900) -> LambdaContext:
    """A context such as Lambda hands in, with so many seconds left."""
    return LambdaContext(
        aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        function_name="table-provisioner",
        function_version="$LATEST",
        invoked_function_arn=Function().arn,
        memory_limit_in_mb="256",
        log_group_name="/aws/lambda/table-provisioner",
        log_stream_name="2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
        deadline_ms=round((time.time() + seconds) * 1000),
    )


class _Recorder(logging.StreamHandler[io.StringIO]):
    """Writes records as the function does, each with all its fields."""

    def __init__(self, records: list[str], level: int) -> None:
        super().__init__(io.StringIO())
        self.setFormatter(function_logger.registered_formatter)
        self.setLevel(level)
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what would be written."""
        line = self.format(record)
        assert line.isascii()  # so that every standard output takes it
        self._records.append(line)


@contextmanager
def _recording(records: list[str], level: int) -> Iterator[None]:
    recorder = _Recorder(records, level)
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(recorder)
        logger.setLevel(level)
    try:
        yield
    finally:
        for logger, former in zip(loggers, levels, strict=True):
            logger.removeHandler(recorder)
            logger.setLevel(former)
