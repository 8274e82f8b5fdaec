"""``table-provisioner invoke`` on a DynamoDB of its own: ``python -m demo.invoke events/create.json …``.

The events are answered in the order in which they are given, each on what the one before left. The DynamoDB is whatever
``AWS_ENDPOINT_URL`` names, or an empty local one that ends with the last; never AWS by accident.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext

from demo.local_cloud import local_cloud


def main() -> int:
    """Answer them all; 1 where one was answered with ``FAILED``."""
    with nullcontext() if os.environ.get("AWS_ENDPOINT_URL") else local_cloud() as cloud:
        environment = cloud.environment if cloud else {**os.environ}
        command = [sys.executable, "-m", "table_provisioner", "invoke"]
        return max(subprocess.run([*command, event], env=environment, check=False).returncode for event in sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
