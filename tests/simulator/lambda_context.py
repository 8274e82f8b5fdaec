"""The context object that Lambda's Python runtime hands to a handler, shaped like the real one."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class LambdaContext:
    """What ``awslambdaric.lambda_context.LambdaContext`` has, under the same names and types."""

    aws_request_id: str
    function_name: str
    function_version: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str
    deadline_ms: int
    """When the function times out, in epoch milliseconds."""
    tenant_id: None = None
    client_context: None = None
    identity: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the timeout, never negative."""
        return max(0, self.deadline_ms - int(time.time() * 1000))

    def w3c(self) -> dict[str, str]:
        """Return the trace context, of which CloudFormation sends none."""
        return {}
