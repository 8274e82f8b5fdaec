"""``python -m table_provisioner`` is the command line."""

from __future__ import annotations

from table_provisioner.cli import main

if __name__ == "__main__":
    main()
