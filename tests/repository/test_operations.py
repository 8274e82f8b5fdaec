"""The operator's manual knows every code, and no other."""

from __future__ import annotations

import re

from demo.local_cloud import ROOT
from table_provisioner.errors import ProvisionerError


def codes(error: type[ProvisionerError]) -> set[str]:
    return {error.code}.union(*(codes(child) for child in error.__subclasses__()))


def test_every_error_code_has_its_cause_and_its_cure() -> None:
    section = (ROOT / "docs" / "operations.md").read_text().split("\n## Error codes\n")[1].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", section, re.MULTILINE)
    assert sorted(code for code, _, _ in rows) == sorted(codes(ProvisionerError))
