"""A CloudFormation on this machine that stays until Ctrl-C, with the function deployed to it: ``make local``.

The standard output is what another shell needs to work on it, and nothing else; it holds no more than the
environment in which the demo's own programs run.
"""

from __future__ import annotations

import shlex
import signal
import sys

from demo.local_cloud import LocalCloudError, local_cloud, stop_on_sigterm

_IS_READY = """
The function is deployed. Paste the two lines above into another terminal, where then all goes to this machine:

  .venv/bin/table-provisioner apply examples/approval-preset.yaml
  aws cloudformation deploy --stack-name sessions --template-file examples/compact.yaml
  make invoke EVENT="events/create.json events/update-add-indexes.json"

Ctrl-C ends it, and all that it holds."""


def main() -> int:
    """Start it, say how to reach it, and wait to be stopped."""
    stop_on_sigterm()
    try:
        _say("A CloudFormation on this machine starts, and gets the function: some 15 seconds ...")
        with local_cloud() as cloud:
            cloud.deploy_function(cloud.build())
            ours = {name: value for name, value in cloud.environment.items() if name.startswith("AWS_")}
            settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in ours.items())
            print(f"unset AWS_PROFILE AWS_SESSION_TOKEN\nexport {settings}", flush=True)  # noqa: T201 -- to be pasted
            _say(_IS_READY)
            signal.pause()
    except LocalCloudError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        _say("\nNothing is left running.")
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 -- what a program says on a terminal


if __name__ == "__main__":
    sys.exit(main())
