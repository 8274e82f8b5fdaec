"""AWS clients, made when they are needed, on one shared session: a second session costs as much as a client."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import InvalidRetryModeError

from table_provisioner.aws_errors import THROTTLED
from table_provisioner.errors import InvalidRequestError, quoted

_CONNECT_SECONDS = 2
_READ_SECONDS = 4
"""DynamoDB's slowest answers, quota refusals, take 2.9 s (T-171)."""
_PERSISTENT_ATTEMPTS = 10


_NUMBER_OF_TRIES = re.compile(r"0*[1-9][0-9]*")


class Clients:
    """The clients of one session.

    Args:
        session: Where credentials, region and endpoints come from; boto3's default when absent.
        endpoint_url: Where all services are, in place of what the session says.
        attempts: How often each call is tried, unless ``AWS_MAX_ATTEMPTS`` says so.

    Attributes:
        calls: How many calls were made, without the SDK's own retries.
        throttles: How many of them were refused for the rate of calls.
    """

    def __init__(
        self, session: boto3.Session | None = None, endpoint_url: str | None = None, *, attempts: int = 1
    ) -> None:
        """Keep the session; nothing is made yet, so neither region nor credentials are needed."""
        self._session = session
        self._endpoint_url = endpoint_url
        self._attempts = attempts
        self._clients: dict[str, Any] = {}
        self.calls = self.throttles = 0

    def persistent(self) -> Clients:
        """Clients that try again by themselves, for who has no deadline to meet."""
        return Clients(self._session, self._endpoint_url, attempts=_PERSISTENT_ATTEMPTS)

    def get(self, service: str) -> Any:  # noqa: ANN401 -- boto3 makes its clients at run time
        """The client of a service.

        Raises:
            botocore.exceptions.NoRegionError: There is no region to be found.
            InvalidRequestError: The endpoint is no URL, or another setting has a bad value.
        """
        if service not in self._clients:
            session = self._session = self._session or boto3.Session()
            self._check_endpoint(service)
            try:
                client = session.client(  # type: ignore[call-overload]  # the name is known only at run time
                    service, endpoint_url=self._endpoint_url, config=_config(self._attempts)
                )
            except InvalidRetryModeError as error:
                setting = (
                    "AWS_RETRY_MODE" if os.environ.get("AWS_RETRY_MODE") else "retry_mode in the AWS configuration"
                )
                raise InvalidRequestError(
                    f"{setting} has a bad value: {error}.", "Set it to one of these, or leave it out."
                ) from error
            except ValueError as error:  # botocore has no type of its own for it
                raise InvalidRequestError(
                    f"the AWS configuration has a bad value: {error}.", "Mend it, or leave it out."
                ) from error
            _check_url(client.meta.endpoint_url, "endpoint_url in the AWS configuration")
            client.meta.events.register("before-call", self._count_call)
            client.meta.events.register("after-call", self._count_throttle)
            self._clients[service] = client
        return self._clients[service]

    def is_redirected(self, service: str) -> bool:
        """Whether a service is not looked for where AWS has it."""
        return self._endpoint_url is not None or any(os.environ.get(name) for name in _endpoint_variables(service))

    def _count_call(self, **_: object) -> None:
        self.calls += 1

    def _count_throttle(self, parsed: dict[str, Any], **_: object) -> None:
        self.throttles += parsed.get("Error", {}).get("Code") in THROTTLED

    def _check_endpoint(self, service: str) -> None:
        """See that what says where a service is does so, in the order in which the SDK looks."""
        settings = {name: os.environ.get(name) for name in _endpoint_variables(service)}
        for setting, url in {"the endpoint URL that was given": self._endpoint_url, **settings}.items():
            if url:
                _check_url(url, setting)
                return


def _check_url(url: str, setting: str) -> None:
    """See that a URL names a host, and a port if any: the SDK would do so at the first call.

    Raises:
        InvalidRequestError: It does not.
    """
    try:
        parts = urlsplit(url)
        problem = "" if parts.hostname and parts.port != 0 else f"{quoted(url)} names no host and port"
    except ValueError as error:
        problem = str(error)
    if problem:
        raise InvalidRequestError(
            f"{setting} is no URL of a service: {problem}.",
            "Write it as https://host:port, or leave it out to reach AWS.",
        )


def _endpoint_variables(service: str) -> tuple[str, str]:
    return f"AWS_ENDPOINT_URL_{service.upper()}", "AWS_ENDPOINT_URL"


def _config(attempts: int) -> Config:
    """Timeouts and tries that fit into the seconds kept for answering; who sets ``AWS_MAX_ATTEMPTS`` gets those tries.

    The SDK's own ten tries and 60 s would outlast the function. Trying again is left to whoever looks first.
    """
    retries: Any = {"mode": "standard", "total_max_attempts": attempts}
    if declared := os.environ.get("AWS_MAX_ATTEMPTS"):
        if not _NUMBER_OF_TRIES.fullmatch(declared):
            raise InvalidRequestError(
                f"AWS_MAX_ATTEMPTS is {quoted(declared)}, which is no number of tries.",
                "Set it to a whole number from 1 on, or leave it out.",
            )
        retries = None  # the SDK reads it, and the mode, by itself
    return Config(connect_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS, retries=retries)
