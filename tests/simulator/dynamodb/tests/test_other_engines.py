"""One test for the simulator and for moto and ministack: they agree, or the README says why not."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from demo.local_cloud import local_cloud
from tests.simulator.clock import Clock
from tests.simulator.dynamodb import DynamoDB
from tests.simulator.dynamodb.tests.bench import client
from tests.simulator.dynamodb.tests.scenarios import SCENARIOS, Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Story = Callable[[Engine], Any]
    Teller = Callable[[Story], Any]

README: Final = Path(__file__).parents[2] / "README.md"
SAME: Final = "same"
_PLAIN: Final = Config(retries={"total_max_attempts": 1}, parameter_validation=False, proxies={})


@cache
def _client(endpoint: str | None = None) -> Any:  # noqa: ANN401 - its methods go by name
    """A client with the one key that ministack knows, whatever the default session holds."""
    return boto3.Session("test", "test", region_name="us-east-1").client(
        "dynamodb", config=_PLAIN, endpoint_url=endpoint
    )


def differences() -> dict[str, dict[str, str]]:
    """The README's table: what each engine does, by scenario."""
    rows = [line.strip("| ").split(" | ") for line in README.read_text().splitlines() if line.startswith("| ")]
    return {row[0]: {"moto": row[1], "ministack": row[2]} for row in rows if row[0] in SCENARIOS}


def told(engine: Engine, story: Story) -> Any:  # noqa: ANN401 - whatever it yields
    """A story by another engine, which may fail on its own."""
    try:
        return story(engine)
    except Exception as error:  # noqa: BLE001 - any failure is an answer to compare
        return repr(error)


def by_simulator(story: Story) -> Any:  # noqa: ANN401 - whatever it yields
    with Clock().installed() as clock, DynamoDB().installed():
        return story(Engine(client(), partial(clock.advance, 1200)))


def by_moto(story: Story) -> Any:  # noqa: ANN401 - whatever it yields
    with mock_aws():
        return told(Engine(_client(), _no_time), story)


def _by_ministack(endpoint: str, story: Story) -> Any:  # noqa: ANN401 - whatever it yields
    ministack = _client(endpoint)
    for name in ministack.list_tables()["TableNames"]:
        ministack.update_table(TableName=name, DeletionProtectionEnabled=False)
        ministack.delete_table(TableName=name)
    return told(Engine(ministack, _no_time), story)


def _no_time() -> None:
    """Engines without time need none."""


@pytest.fixture(scope="module")
def engines() -> Iterator[dict[str, Teller]]:
    """The other engines, by name."""
    with local_cloud() as cloud:
        yield {"moto": by_moto, "ministack": partial(_by_ministack, cloud.endpoint)}


@pytest.mark.parametrize("engine", ["moto", "ministack"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_engines_agree_or_the_readme_says_why_not(engines: dict[str, Teller], engine: str, scenario: str) -> None:
    story = SCENARIOS[scenario]
    agree = by_simulator(story) == engines[engine](story)
    assert agree == (differences()[scenario][engine] == SAME)


def test_the_readme_lists_every_scenario_once() -> None:
    assert list(differences()) == list(SCENARIOS)
