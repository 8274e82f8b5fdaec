"""The deployed function on the simulator: durations are those of the virtual clock, and the same in every run."""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack, contextmanager, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING
from unittest import mock

from table_provisioner.handler import lambda_handler
from tests.simulator.account import Account
from tests.simulator.clock import Clock
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulator.dynamodb import Profile

_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextmanager
def deployed(profile: str | Profile = "typical", *, latency: float = 0.0) -> Iterator[Account]:
    """An account with the function in it.

    Args:
        profile: How long DynamoDB takes.
        latency: What each call takes, in virtual seconds.
    """
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, _ENVIRONMENT))
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            os.environ.pop(name, None)
        stack.enter_context(redirect_stdout(StringIO()))
        logging.disable()
        stack.callback(logging.disable, logging.NOTSET)
        clock = stack.enter_context(Clock().installed())
        account = Account(clock, lambda_handler, Function(is_recursion_allowed=True), profile=profile, latency=latency)
        yield stack.enter_context(account.running())
