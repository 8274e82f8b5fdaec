"""Run a program, and end it with all that it started as soon as whoever asked for it is gone.

``python supervisor.py PROGRAM [ARGUMENT …]`` is started with a pipe as its standard input and runs the program
at the head of a process group of its own. When the other end of the pipe closes, on purpose or because its owner
was killed, the whole group is killed. A clean-up in the owner alone would not survive its own ``SIGKILL``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def main() -> None:
    """Supervise; leave with the program's exit code should it end by itself."""
    program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=lambda: os._exit(program.wait()), daemon=True).start()
    sys.stdin.buffer.read()
    os.killpg(program.pid, signal.SIGKILL)
    program.wait()


if __name__ == "__main__":
    main()
