"""The recorded requests are what CloudFormation sends for the examples."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from demo.local_cloud import ROOT
from table_provisioner.naming import generated_table_name
from table_provisioner.properties import read_properties
from tests.repository.templates import example

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVENTS = sorted((ROOT / "events").glob("*.json"))
REQUIRED = {
    "RequestType",
    "ServiceToken",
    "ResponseURL",
    "StackId",
    "RequestId",
    "LogicalResourceId",
    "ResourceType",
    "ResourceProperties",
}
ADDED = {"Create": set(), "Update": {"PhysicalResourceId", "OldResourceProperties"}, "Delete": {"PhysicalResourceId"}}


def recorded(file: Path) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(file.read_text())
    return event


def scalars(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for item in value.values():
            yield from scalars(item)
    elif isinstance(value, list):
        for item in value:
            yield from scalars(item)
    else:
        yield value


def as_strings(value: object) -> object:
    if isinstance(value, dict):
        return {key: as_strings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_strings(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def without_token(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name != "ServiceToken"}


@pytest.mark.parametrize("file", EVENTS, ids=lambda file: file.stem)
def test_it_has_the_fields_of_its_type_and_only_strings(file: Path) -> None:
    event = recorded(file)
    assert set(event) == REQUIRED | ADDED[event["RequestType"]]
    assert all(isinstance(scalar, str) for scalar in scalars(event))
    assert event["ResourceProperties"]["ServiceToken"] == event["ServiceToken"]


@pytest.mark.parametrize("file", EVENTS, ids=lambda file: file.stem)
def test_its_url_is_presigned_and_worth_nothing(file: Path) -> None:
    url = recorded(file)["ResponseURL"]
    assert "AKIAIOSFODNN7EXAMPLE" in url, "the access key id of AWS's own documentation"
    assert "X-Amz-Date=" in url or "Expires=" in url


@pytest.mark.parametrize(
    ("event", "template"),
    [
        ("create", "orders"),
        ("create-preset", "approval-preset"),
        ("create-compact", "compact"),
        ("update-add-indexes", "orders-three-index-changes"),
        ("delete", "orders"),
    ],
)
def test_it_carries_the_properties_of_its_example(event: str, template: str) -> None:
    properties = recorded(ROOT / "events" / f"{event}.json")["ResourceProperties"]
    assert without_token(properties) == as_strings(without_token(example(template)))


@pytest.mark.parametrize("name", ["update-add-indexes", "update-rollback", "update-replace-keys", "delete"])
def test_it_names_the_table_that_create_makes(name: str) -> None:
    create = recorded(ROOT / "events" / "create.json")
    made = read_properties(
        create["ResourceProperties"],
        lambda schema: generated_table_name(create["StackId"], create["LogicalResourceId"], schema),
    )
    event = recorded(ROOT / "events" / f"{name}.json")
    assert event["PhysicalResourceId"] == made.schema.table_name
