"""``table-provisioner invoke`` on a DynamoDB of its own: ``python -m demo.invoke events/create.json``.

The DynamoDB is whatever ``AWS_ENDPOINT_URL`` names, or an empty local one that ends with the call; never AWS by
accident.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext

from demo.local_cloud import local_cloud


def main() -> int:
    """Pass the arguments on, and the exit code back."""
    with nullcontext() if os.environ.get("AWS_ENDPOINT_URL") else local_cloud() as cloud:
        environment = cloud.environment if cloud else {**os.environ}
        command = [sys.executable, "-m", "table_provisioner", "invoke", *sys.argv[1:]]
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
