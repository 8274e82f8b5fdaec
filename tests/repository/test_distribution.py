"""What is published says of itself what is so, and works where it is installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import venv
from typing import TYPE_CHECKING, Any

from demo.local_cloud import ROOT
from tests.repository.templates import load

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = load(ROOT / "template.yaml")
APPLICATION = TEMPLATE["Metadata"]["AWS::ServerlessRepo::Application"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def run(*command: str | Path, **options: Any) -> str:  # noqa: ANN401 -- those of subprocess
    """Run a program that must not fail, and return what it prints."""
    printed: str = subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout
    return printed


def test_the_application_is_of_the_version_of_the_project() -> None:
    assert APPLICATION["SemanticVersion"] == PROJECT["version"]
    assert APPLICATION["Name"] == PROJECT["name"]
    assert APPLICATION["SpdxLicenseId"] == PROJECT["license"]


def test_the_application_brings_its_license_and_its_readme() -> None:
    assert (ROOT / APPLICATION["LicenseUrl"]).read_text().lstrip().startswith("Apache License")
    assert (ROOT / APPLICATION["ReadmeUrl"]).read_text().startswith("# Custom::DynamoDBTable")


def test_every_parameter_has_its_place_where_one_is_asked_for_them() -> None:
    groups = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(TEMPLATE["Parameters"])


def test_a_wheel_installs_with_its_command(tmp_path: Path) -> None:
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path, cwd=ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.startswith(f"table_provisioner-{PROJECT['version']}-py3")
    venv.create(tmp_path / "venv", symlinks=True)
    programs = tmp_path / "venv" / "bin"
    uv = (sys.executable, "-m", "uv", "pip", "install", "--offline", "--no-deps", "--python", programs / "python")
    run(*uv, wheel)
    # The dependencies are those of this environment, but the package itself is the one that was installed.
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path.endswith("site-packages"))}
    assert "plan" in run(programs / "table-provisioner", "--help", cwd=tmp_path, env=environment)
    where = "import table_provisioner; print(table_provisioner.__file__)"
    assert str(tmp_path) in run(programs / "python", "-c", where, cwd=tmp_path, env=environment)


def test_the_program_of_the_readme_is_told_of_a_failure_once(tmp_path: Path) -> None:
    """By what it gets, not by a log that it did not ask for as well."""
    (program,) = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    settings = {"AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none", "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=tmp_path, env=settings
    )
    assert re.fullmatch(r"FAILED  \w+: .* NoRegionError, .+\n", done.stdout)
    assert done.stderr == ""
