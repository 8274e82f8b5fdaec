"""A short run of the fuzzer, the same each time; ``make fuzz`` is the long one."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from demo.local_cloud import ROOT

if TYPE_CHECKING:
    from pathlib import Path

RUNS = 50


def test_the_fuzzer_finds_nothing_in_a_short_run(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris is made for Linux on x86-64 and Python before 3.14")
    fuzzer = [sys.executable, "-m", "tests.fuzz.events"]
    options = [f"-runs={RUNS}", "-seed=1", f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run([*fuzzer, tmp_path, ROOT / "events", *options], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:].decode()
    assert f"Done {RUNS} runs" in done.stderr.decode()
