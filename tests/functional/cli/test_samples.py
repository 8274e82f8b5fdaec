"""The template with five mistakes, as the command line reports them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.functional.cli.conftest import CommandLine

SAMPLE = Path(__file__).parents[2] / "samples" / "five-mistakes.yaml"
FINDINGS = """\
10:38: Orders: PartitionKey.Type: 'STRING' is not allowed. Use 'S', 'N' or 'B'.
11:7: Orders: BilingMode: is not a property that exists here. Did you mean BillingMode?
15:24: Orders: GlobalSecondaryIndexes[0].Projection.ProjectionType: 'EVERYTHING' is not allowed. Use 'ALL', 'INCLUDE' \
or 'KEYS_ONLY'.
18:9: Orders: PointInTimeRecoverySpecification.RecoveryPeriodInDays: 90 is too large. Write 35 or less.
19:7: Orders: OnDelete: 'Keep' is not allowed. Use 'Delete', 'Retain' or 'Snapshot'.
"""


def test_five_mistakes_are_five_findings_in_the_order_of_the_file(command_line: CommandLine) -> None:
    result = command_line.run("validate", str(SAMPLE))

    assert result.exit_code == 1
    assert result.stdout.replace(f"{SAMPLE}:", "") == FINDINGS
