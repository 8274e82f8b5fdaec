"""A CloudFormation of one's own on this machine, with this repository's function deployed to it.

Behind it is ministack: real stacks, the SAM transform, custom resources, Lambda functions as Python
processes, and IAM policies that are enforced. It needs no containers. The package is built by ``sam build``
and deployed by ``sam deploy``, as it would be to AWS: both work against ministack and take a few seconds, so
there is no reason for a second way to deploy that could differ from the first.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef, StackTypeDef
    from mypy_boto3_dynamodb import DynamoDBClient

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".venv-tools"
PROVISIONER_STACK = "table-provisioner"
REGION = "us-east-1"

_START_SECONDS = 30
_STACK_SECONDS = 180
_POLL_SECONDS = 0.1


class LocalCloudError(Exception):
    """The local cloud, or a program that works on it, did not do its part."""


class StackFailedError(Exception):
    """A stack operation ended where it should not have.

    Attributes:
        status: The stack's last status.
        reasons: What CloudFormation gave as reasons, in the order of the events.
    """

    def __init__(self, stack: str, status: str, reasons: tuple[str, ...]) -> None:
        """Keep the parts for those who expect the failure."""
        super().__init__(f"stack {stack} ended {status}: {' '.join(reasons)}")
        self.status = status
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One line of a stack's history."""

    logical_id: str
    resource_type: str
    status: str
    reason: str

    @classmethod
    def from_wire(cls, event: StackEventTypeDef) -> StackEvent:
        """Take what is shown from what CloudFormation tells."""
        return cls(
            logical_id=event.get("LogicalResourceId", ""),
            resource_type=event.get("ResourceType", ""),
            status=event.get("ResourceStatus", ""),
            reason=event.get("ResourceStatusReason", ""),
        )


def ignore(_event: StackEvent) -> None:
    """Look away."""


@dataclass(frozen=True)
class LocalCloud:
    """A running ministack.

    Attributes:
        endpoint: Where every service answers, on the loopback interface.
        directory: Where it keeps all its files; gone when it ends.
    """

    endpoint: str
    directory: Path
    environment: Mapping[str, str] = field(repr=False)

    @cached_property
    def session(self) -> boto3.Session:
        """Credentials that ministack takes for the account's root."""
        return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106 (ministack's documented test credentials)

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """A client for stacks."""
        return self.session.client("cloudformation", endpoint_url=self.endpoint, config=_DIRECT)

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """A client for tables."""
        return self.session.client("dynamodb", endpoint_url=self.endpoint, config=_DIRECT)

    def build(self) -> Path:
        """Package the function with all its dependencies for the Python that ministack runs it with.

        Returns:
            The directory of the built template.

        Raises:
            LocalCloudError: ``sam build`` failed; the message ends with what it printed.
        """
        built = self.directory / "build"
        output = self.directory / "sam-build.log"
        command: list[str | Path] = [TOOLS / "bin" / "sam", "build", "--build-dir", built, "--no-cached"]
        settings = {
            "PIP_FIND_LINKS": str(TOOLS / "wheels"),
            "PIP_NO_INDEX": "1",
            "PYTHON": str(TOOLS / "bin" / "python"),
            "TARGET": "local",
        }
        with supervised(command, {**self.environment, **settings}, output) as build:
            build.wait()
        if build.returncode:
            raise LocalCloudError(f"sam build failed:\n{output.read_text()}")
        return built

    def deploy_function(
        self,
        built: Path,
        *,
        stack: str = PROVISIONER_STACK,
        parameters: Mapping[str, str] | None = None,
        on_event: Callable[[StackEvent], None] = ignore,
    ) -> dict[str, str]:
        """Deploy a built template with the settings of ``samconfig.toml``.

        Returns:
            The outputs of the stack.

        Raises:
            LocalCloudError: ``sam deploy`` failed; the message ends with what it printed.
        """
        command: list[str | Path] = [TOOLS / "bin" / "sam", "deploy", "--config-file", ROOT / "samconfig.toml"]
        command += ["--template-file", built / "template.yaml", "--stack-name", stack]
        if parameters:
            command += ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]
        output = self.directory / "sam-deploy.log"
        with supervised(command, {**self.environment, "SAM_CLI_POLL_DELAY": "0.2"}, output) as deployment:
            self._follow(stack, lambda: deployment.poll() is not None, set(), on_event)
        if deployment.returncode:
            raise LocalCloudError(f"sam deploy failed:\n{output.read_text()}")
        outputs = self.outputs(stack)
        self._allow_calls_by_resource_arn(outputs["RoleArn"])
        return outputs

    def apply(
        self,
        stack: str,
        template: str,
        *,
        parameters: Mapping[str, str] | None = None,
        on_event: Callable[[StackEvent], None] = ignore,
    ) -> dict[str, str]:
        """Create the stack, or update it if it is there, and wait until CloudFormation is done.

        Returns:
            The outputs of the stack.

        Raises:
            StackFailedError: The operation failed or was rolled back.
        """
        exists = self._describe(stack) is not None
        seen = self._event_ids(stack) if exists else set[str]()
        operation = self.cloudformation.update_stack if exists else self.cloudformation.create_stack
        operation(
            StackName=stack,
            TemplateBody=template,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in (parameters or {}).items()],
        )
        self._finish(stack, seen, on_event, {"UPDATE_COMPLETE" if exists else "CREATE_COMPLETE"})
        return self.outputs(stack)

    def delete(self, stack: str, *, on_event: Callable[[StackEvent], None] = ignore) -> None:
        """Delete the stack and wait until it is gone.

        Raises:
            StackFailedError: Something of it could not be deleted.
        """
        found = self._describe(stack)
        if found is None:
            return
        seen = self._event_ids(stack)
        self.cloudformation.delete_stack(StackName=stack)
        self._finish(found["StackId"], seen, on_event, {"", "DELETE_COMPLETE"})

    def outputs(self, stack: str) -> dict[str, str]:
        """Tell the outputs of a stack by name."""
        found = self._describe(stack)
        if found is None:
            return {}
        return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}

    def table_names(self) -> list[str]:
        """List the tables that exist."""
        return self.dynamodb.list_tables()["TableNames"]

    def _allow_calls_by_resource_arn(self, role_arn: str) -> None:
        """Make up for a fault of ministack (1.5.33): it sees no table in calls that name it by ``ResourceArn``.

        So it refuses them to a policy that is narrowed to tables, which AWS does not.
        """
        names = ["ListTagsOfResource", "TagResource", "UntagResource"]
        names += ["DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy"]
        actions = [f"dynamodb:{name}" for name in names]
        document = {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"},
        }
        self.session.client("iam", endpoint_url=self.endpoint, config=_DIRECT).put_role_policy(
            RoleName=role_arn.rpartition("/")[2],
            PolicyName="calls-by-resource-arn",
            PolicyDocument=json.dumps(document),
        )

    def _describe(self, stack: str) -> StackTypeDef | None:
        try:
            return self.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def _status(self, stack: str) -> str:
        found = self._describe(stack)
        return found["StackStatus"] if found else ""

    def _events(self, stack: str) -> list[StackEventTypeDef]:
        try:
            return self.cloudformation.describe_stack_events(StackName=stack)["StackEvents"][::-1]
        except ClientError as error:
            if "does not exist" in str(error):
                return []
            raise

    def _event_ids(self, stack: str) -> set[str]:
        return {event["EventId"] for event in self._events(stack)}

    def _finish(self, stack: str, seen: set[str], on_event: Callable[[StackEvent], None], wanted: set[str]) -> None:
        events = self._follow(stack, lambda: not self._status(stack).endswith("_IN_PROGRESS"), seen, on_event)
        status = self._status(stack)
        if status not in wanted:
            raise StackFailedError(stack, status, tuple(e.reason for e in events if e.status.endswith("_FAILED")))

    def _follow(
        self,
        stack: str,
        is_finished: Callable[[], bool],
        seen: set[str],
        on_event: Callable[[StackEvent], None],
    ) -> list[StackEvent]:
        """Pass on each event that is not in ``seen``, oldest first, until the last."""
        told: list[StackEvent] = []
        end = time.monotonic() + _STACK_SECONDS
        while True:
            finished = is_finished()
            for event in self._events(stack):
                if event["EventId"] not in seen:
                    seen.add(event["EventId"])
                    told.append(StackEvent.from_wire(event))
                    on_event(told[-1])
            if finished:
                return told
            if time.monotonic() > end:
                raise LocalCloudError(f"stack {stack} is still {self._status(stack)} after {_STACK_SECONDS} s")
            time.sleep(_POLL_SECONDS)


# A proxy that the environment names could not reach the loopback interface.
_DIRECT = Config(proxies={}, retries={"total_max_attempts": 1}, read_timeout=60)


@contextmanager
def local_cloud() -> Iterator[LocalCloud]:
    """Start a ministack on a free port, with all its files in a directory of its own.

    Raises:
        LocalCloudError: It did not come up; the message ends with its log.
    """
    with tempfile.TemporaryDirectory(prefix="table-provisioner-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        port = _free_port()
        cloud = LocalCloud(
            endpoint=f"http://127.0.0.1:{port}",
            directory=directory,
            environment=_environment(directory, port),
        )
        log = directory / "ministack.log"
        with supervised([TOOLS / "bin" / "ministack"], _server_environment(cloud, port), log) as server:
            _wait_until_ready(cloud, server, log)
            yield cloud


def stop_on_sigterm() -> None:
    """Unwind at SIGTERM as for Ctrl-C, so that everything that was started ends, and its files go."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@contextmanager
def supervised(
    command: Sequence[str | Path], environment: Mapping[str, str], output: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of which nothing is left after the block, nor after this process: see :mod:`demo.supervisor`."""
    with output.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, ROOT / "demo" / "supervisor.py", *command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.stdin:
            process.stdin.close()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(directory: Path, port: int) -> dict[str, str]:
    """Nothing of the caller's AWS settings, and no file outside the cloud's own directory."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_", "PYTHON"))}
    nowhere = str(directory / "none")
    return {
        **inherited,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_CONFIG_FILE": nowhere,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
        "NO_PROXY": "127.0.0.1",
        "SAM_CLI_TELEMETRY": "0",
        "TMPDIR": str(directory),
        "__SAM_CLI_APP_DIR": str(directory),
        "no_proxy": "127.0.0.1",
    }


def _server_environment(cloud: LocalCloud, port: int) -> dict[str, str]:
    """Loopback only, policies enforced, and no IoT broker: that one would listen on all interfaces."""
    return {
        **cloud.environment,
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_HOST": "127.0.0.1",
        "S3_DATA_DIR": str(cloud.directory / "s3"),
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(cloud.directory / "state"),
    }


def _wait_until_ready(cloud: LocalCloud, server: subprocess.Popen[bytes], log: Path) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            direct.open(f"{cloud.endpoint}/_ministack/ready", timeout=1).close()
        except OSError:
            time.sleep(_POLL_SECONDS)
        else:
            return
    raise LocalCloudError(f"ministack did not come up within {_START_SECONDS} s:\n{log.read_text()}")
