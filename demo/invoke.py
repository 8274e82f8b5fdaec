"""Answer one recorded request in this process: ``python -m demo.invoke events/create.json``.

This is ``sam local invoke`` for machines without containers. DynamoDB is whatever ``AWS_ENDPOINT_URL`` names, or an
empty local one that ends with the call; never AWS by accident. The answer is printed, not sent.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from demo.local_cloud import local_cloud


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function about its invocation."""

    seconds: float = 900
    function_name: str = "table-provisioner"
    memory_limit_in_mb: int = 256
    aws_request_id: str = "00000000-0000-4000-8000-000000000000"
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:table-provisioner"
    started: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        """Tell how many milliseconds are left until Lambda ends the invocation."""
        return int(1000 * (self.started + self.seconds - time.monotonic()))


def signed_now(event: dict[str, object]) -> dict[str, object]:
    """Date a recorded request to this moment: CloudFormation's requests expire, and late ones are refused."""
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    url = re.sub(r"(X-Amz-Date=)\w+", rf"\g<1>{now}", str(event["ResponseURL"]))
    url = re.sub(r"([?&]Expires=)\d+", rf"\g<1>{int(time.time()) + 7200}", url)
    return {**event, "ResponseURL": url}


def main() -> None:
    """Let the handler print its answer to the request in the file that the command line names."""
    event = signed_now(json.loads(Path(sys.argv[1]).read_text()))
    with nullcontext() if os.environ.get("AWS_ENDPOINT_URL") else local_cloud() as cloud:
        os.environ.update({**(cloud.environment if cloud else {}), "AWS_SAM_LOCAL": "true"})
        # Only now: what is imported may read these settings.
        handler = importlib.import_module("table_provisioner.handler")
        handler.lambda_handler(event, Context())


if __name__ == "__main__":
    main()
