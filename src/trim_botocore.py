"""Leaves of botocore's data what the function reads: ``python trim_botocore.py SITE_PACKAGES dynamodb kms …``.

botocore parses its list of endpoints and the service's model for each client, so what is left out of them shortens
every cold start: endpoints and models of services that are not called, the models' documentation, which only botocore's
own documentation shows, and gzip's packing. ``make bench`` compares the start with that of the untrimmed SDK.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any


def main(site_packages: Path, services: set[str]) -> None:
    """Trim the copy of botocore in a folder, in place."""
    data = site_packages / "botocore" / "data"
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in services:
            shutil.rmtree(folder)
    for examples in data.glob("*/*/examples-*.json"):
        examples.unlink()
    for packed in data.glob("*/*/service-2.json.gz"):
        _write(packed.with_suffix(""), _undocumented(json.loads(gzip.decompress(packed.read_bytes()))))
        packed.unlink()
    endpoints = json.loads((data / "endpoints.json").read_text())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: of for name, of in partition["services"].items() if name in services}
    _write(data / "endpoints.json", endpoints)


def _undocumented(model: Any) -> Any:  # noqa: ANN401 -- JSON
    """A model without its documentation; a member that is called so is an object, not a text."""
    if isinstance(model, dict):
        texts = {name for name, value in model.items() if name == "documentation" and isinstance(value, str)}
        return {name: _undocumented(value) for name, value in model.items() if name not in texts}
    if isinstance(model, list):
        return [_undocumented(value) for value in model]
    return model


def _write(path: Path, document: Any) -> None:  # noqa: ANN401 -- JSON
    path.write_text(json.dumps(document, separators=(",", ":")))


if __name__ == "__main__":
    main(Path(sys.argv[1]), set(sys.argv[2:]))
