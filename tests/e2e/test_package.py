"""The package that Lambda gets."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from demo.local_cloud import LocalCloud

LARGEST_UNZIPPED_BYTES = 50 * 1024 * 1024
IMPORT_IT = """
import sys
sys.path.insert(0, sys.argv[1])
import table_provisioner.handler
modules = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
print(*(name for name, file in modules.items() if "site-packages" in file))
import gc
assert gc.isenabled() and gc.get_freeze_count(), "the imports are not spared by the collector"
"""
DESCRIBE_THE_SDK = """
import sys
sys.path[:0] = filter(None, sys.argv[1:])
import boto3
for service in ("dynamodb", "kms", "lambda"):
    for region in ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1", "not-yet-there-1"):
        client = boto3.client(service, region_name=region, aws_access_key_id="a", aws_secret_access_key="b")
        print(client.meta.endpoint_url)
    for name in client.meta.service_model.operation_names:
        operation = client.meta.service_model.operation_model(name)
        print(name, operation.input_shape and list(operation.input_shape.members), operation.error_shapes)
    print(client.waiter_names)
"""


def test_it_holds_everything_that_the_handler_imports_and_needs_no_region(package: Path) -> None:
    """``-S`` hides every installed package, and the environment is empty."""
    isolated = [sys.executable, "-I", "-S", "-c", IMPORT_IT, str(package)]
    imported = subprocess.run(isolated, env={}, capture_output=True, text=True, check=False)
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.split() == []


def test_it_holds_no_tests_no_caches_of_the_checkout_and_little_else(package: Path) -> None:
    assert not list(package.glob("**/tests"))
    assert sum(file.stat().st_size for file in package.rglob("*") if file.is_file()) < LARGEST_UNZIPPED_BYTES


def test_its_bytecode_is_trusted_without_a_look_at_the_source(package: Path) -> None:
    """Bit 0 of a pyc's flags says that it is hash-based, bit 1 that the hash is to be checked (PEP 552)."""
    compiled = list((package / "table_provisioner").glob("**/*.pyc"))
    assert compiled
    assert {file.read_bytes()[4] for file in compiled} == {0b01}


def test_its_trimmed_sdk_knows_all_partitions_and_all_that_the_services_can_do(package: Path) -> None:
    asked = [sys.executable, "-c", DESCRIBE_THE_SDK]
    trimmed = subprocess.run([*asked, str(package)], capture_output=True, text=True, check=True).stdout
    untrimmed = subprocess.run([*asked, ""], capture_output=True, text=True, check=True).stdout
    assert trimmed == untrimmed
    assert "https://dynamodb.cn-north-1.amazonaws.com.cn" in trimmed


def test_it_is_built_from_this_checkout(cloud: LocalCloud, package: Path) -> None:
    assert cloud.directory in package.parents
    assert (package / "table_provisioner" / "py.typed").is_file()
