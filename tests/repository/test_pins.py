"""Dependencies are pinned with hashes, and the pins tell nothing about the machine that renewed them."""

from __future__ import annotations

import re

import pytest

from demo.local_cloud import ROOT

PINS = ["src/requirements.txt", "requirements-dev.txt", "requirements-tools.txt"]


@pytest.mark.parametrize("name", PINS)
def test_every_requirement_has_a_version_and_a_hash(name: str) -> None:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / name).read_text(), flags=re.MULTILINE)
    requirements = text.replace("\\\n", " ").splitlines()
    assert requirements
    for requirement in requirements:
        assert re.fullmatch(r"[a-z0-9-]+==\S+( ; .+?)?(\s+--hash=sha256:[0-9a-f]{64})+", requirement), requirement


@pytest.mark.parametrize("name", PINS)
def test_no_address_and_no_path_stands_in_it(name: str) -> None:
    assert not re.search(r"://|^--|/home/|\.venv", (ROOT / name).read_text(), re.MULTILINE)


def test_tests_run_against_the_versions_that_lambda_gets() -> None:
    """The development environment holds every pin of the package."""

    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9-]+==\S+)", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("src/requirements.txt") <= pins("requirements-dev.txt")
