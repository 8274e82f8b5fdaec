"""The list of refusals: begun as observed, and raised, or known not to be."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import pytest

from tests.simulator.dynamodb import CATALOGUE, PROFILES, refusal

SOURCES: Final = Path(__file__).parents[1]

NOT_RAISED: Final = {
    "global tables are not simulated": {
        "global-table-not-found",
        "internal-server-error",
        "no-replica-action",
        "one-replica-action",
        "one-type-of-replica-action",
        "replica-already-exists",
        "replica-encryption-is-updating",
        "replica-exists-as-table",
        "replica-index-needs-scaling",
        "replica-is-a-source",
        "replica-is-being-added",
        "replica-limit",
        "replica-needs-scaling",
        "replica-stream-cannot-be-disabled",
        "replicas-and-other-fields",
        "replicated-table-is-in-use",
        "table-is-being-used",
    },
    "restores are not simulated": {"backup-in-use", "fifty-restores", "restore-target-is-being-used"},
    "nobody knows what brings them about": {"deletion-protection-needs-active", "still-in-use"},
    "they are raised as shapes": {"table-name-is-too-short", "ttl-member-is-null"},
}


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_listed_text_begins_as_it_was_observed(name: str) -> None:
    listed = CATALOGUE[name]
    observed, _, _ = listed.prefix.partition("<")
    said, _, _ = listed.text.partition("{")
    assert said.startswith(observed) or observed.startswith(said)
    assert listed.code
    assert listed.operations
    assert re.search(r"[TB]-\d{3}", listed.findings)
    assert listed.kind in {"WAIT", "RETRY", "NOOP-SUCCESS", "QUOTA", "TERMINAL"}


def test_every_listed_refusal_is_raised_or_known_not_to_be() -> None:
    source = "".join(path.read_text() for path in SOURCES.glob("*.py"))
    raised = {name for name in CATALOGUE if f'"{name}"' in source}
    assert set(CATALOGUE) - raised == set().union(*NOT_RAISED.values())


def test_a_refusal_is_made_by_name() -> None:
    made = refusal("table-is-being-created", table="orders")
    assert made.code == "ResourceInUseException"
    assert made.message.endswith("still in use: Table is being created: orders")
    assert made.status == 400
    assert refusal("internal-failure").status == 500


def test_every_duration_names_its_source_and_grows_from_fast_to_slow() -> None:
    timings = json.loads((SOURCES / "data" / "timings.json").read_text())
    for operation, row in timings.items():
        assert row["fast"] <= row["typical"] <= row["slow"], operation
        assert re.match(r"[TB]-\d{3}", row["findings"]), operation
    assert {profile.column for profile in PROFILES.values()} == {"fast", "typical", "slow"}
