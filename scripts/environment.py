"""Make a virtual environment that holds exactly what a requirements file pins.

Run by ``make setup`` with whatever Python is at hand, so the standard library must do::

    python3 scripts/environment.py .venv requirements-dev.txt --editable

``--wheels-for`` stores the wheels of a further requirements file beside it, in ``wheels``, so that a package
can be built from them later without a network. Calling it again costs nothing while the files and the
interpreter are the same, and several calls at once wait for each other.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

STAMP = "installed.sha256"


def digest(*requirements: Path, editable: bool) -> str:
    """Name one state of the environment: interpreter, pins, and this project's metadata if it is in it."""
    state = hashlib.sha256(sys.version.encode())
    for file in requirements:
        state.update(file.read_bytes())
    if editable:
        metadata = tomllib.loads(Path("pyproject.toml").read_text())["project"]
        state.update(json.dumps(metadata, sort_keys=True).encode())
    return state.hexdigest()


def install(directory: Path, requirements: Path, *, editable: bool, wheels_for: Path | None) -> None:
    """Fill a fresh environment; everything downloaded is checked against the pinned hashes.

    The requirements are a complete lock, so there is nothing to resolve: ``--no-deps``.

    Raises:
        subprocess.CalledProcessError: ``venv`` or ``pip`` failed; the environment is left without its stamp.
    """
    subprocess.run([sys.executable, "-m", "venv", "--clear", directory], check=True)
    pip = (directory / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "-qq")
    pinned = ("--no-deps", "--require-hashes", "--requirement")
    subprocess.run([*pip, "install", *pinned, requirements], check=True)
    if editable:
        subprocess.run([*pip, "install", "--no-deps", "--no-build-isolation", "--editable", "."], check=True)
    if wheels_for:
        wheels = ("--only-binary=:all:", "--dest", directory / "wheels")
        subprocess.run([*pip, "download", *wheels, *pinned, wheels_for], check=True)


def main() -> None:
    """Bring the environment up to date unless its stamp says that it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("directory", type=Path, help="the environment")
    parser.add_argument("requirements", type=Path, help="pins with hashes")
    parser.add_argument("--editable", action="store_true", help="install this project into it, too")
    parser.add_argument("--wheels-for", type=Path, help="store the wheels of these pins, too")
    arguments = parser.parse_args()

    stamp = arguments.directory / STAMP
    pins = filter(None, (arguments.requirements, arguments.wheels_for))
    wanted = digest(*pins, editable=arguments.editable)
    with Path(f"{arguments.directory}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        sys.stderr.write(f"installing {arguments.requirements} into {arguments.directory} …\n")
        install(
            arguments.directory,
            arguments.requirements,
            editable=arguments.editable,
            wheels_for=arguments.wheels_for,
        )
        stamp.write_text(wanted)


if __name__ == "__main__":
    # An inherited PYTHONPATH or PIP_TARGET would let packages of another environment shine through.
    for name in ("PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_USER"):
        os.environ.pop(name, None)
    main()
