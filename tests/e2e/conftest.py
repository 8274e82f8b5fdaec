"""One local CloudFormation for all end-to-end tests, with the function deployed from this repository's template."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from demo.local_cloud import LocalCloud, local_cloud
from tests.e2e.responses import ResponseServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SERIALS = count(1)


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    with local_cloud() as running:
        yield running


@pytest.fixture(scope="session")
def package(cloud: LocalCloud) -> Path:
    """The built package, as Lambda would unpack it."""
    return cloud.build() / "TableProvisionerFunction"


@pytest.fixture(scope="session")
def service_token(cloud: LocalCloud, package: Path) -> str:
    return cloud.deploy_function(package.parent, parameters={"Monitoring": "true"})["ServiceToken"]


@pytest.fixture
def stack(cloud: LocalCloud, service_token: str) -> Iterator[str]:
    """A name for a consumer stack, which is gone after the test whatever became of it."""
    assert service_token
    name = f"consumer-{next(_SERIALS)}"
    yield name
    cloud.delete(name)


@pytest.fixture
def responses() -> Iterator[ResponseServer]:
    with ResponseServer().serving() as server:
        yield server
