"""The command line, ``table-provisioner``; its commands stand in :mod:`table_provisioner.cli.commands`.

It is an extra, because the Lambda function needs none of what it is made of.
"""

from __future__ import annotations

import sys

_ITS_LIBRARIES = {"click", "rich", "yaml"}


def main() -> None:
    """Run the command line; where its libraries are not installed, say how to get them."""
    try:
        from table_provisioner.cli.commands import program  # noqa: PLC0415 -- only here their absence can be told
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in _ITS_LIBRARIES:
            raise
        sys.exit("The command line needs click, rich and PyYAML: pip install 'table-provisioner[cli]'")
    program()
