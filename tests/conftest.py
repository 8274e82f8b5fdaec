"""What all tests share."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from contextlib import ExitStack
from functools import cache, wraps
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar
from unittest import mock

import pytest
from botocore.client import BaseClient
from botocore.loaders import JSONFileLoader, Loader
from botocore.useragent import UserAgentComponent
from coverage import Coverage
from hypothesis import Phase, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

_TALLY = "tally"
_SHARES = 4
_OF_BOTO3_ALONE = ("_resolve_endpoint_ruleset", "_convert_to_request_dict", "_make_request")
"""The parts of a call in which boto3 asks nothing of the product: half the time of most tests."""


# What boto3 reads or writes again for each session and each call, though it is always the same. The ignores are for
# mypy, which takes no other function in the place of a method.
_files = JSONFileLoader()
_files.load_file = cache(_files.load_file)  # type: ignore[method-assign]
Loader.FILE_LOADER_CLASS = staticmethod(lambda: _files)  # type: ignore[assignment]
UserAgentComponent.to_string = cache(UserAgentComponent.to_string)  # type: ignore[method-assign]


def _untraced(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    @wraps(function)
    def call(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result:
        tracer = sys.gettrace()
        sys.settrace(None)
        try:
            return function(*args, **kwargs)
        finally:
            sys.settrace(tracer)

    return call


@pytest.fixture(autouse=True, scope="session")
def _without_coverage_where_boto3_works() -> Iterator[None]:
    """A tracer slows down all Python down to the simulator, which answers boto3, and not only what is measured."""
    with ExitStack() as stack:
        for name in _OF_BOTO3_ALONE if Coverage.current() else ():
            stack.enter_context(mock.patch.object(BaseClient, name, _untraced(getattr(BaseClient, name))))
        yield


@pytest.fixture(autouse=True)
def _without_coverage_where_it_soaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """What goes through many points reaches few lines that others do not, and takes twice as long traced."""
    has_many_points = request.node.get_closest_marker("soak") or _is_generated(request.function)
    measured = Coverage.current() if has_many_points else None
    if measured is None:
        yield
        return
    measured.stop()
    yield
    measured.start()


def _is_generated(function: Callable[..., object]) -> bool:
    return getattr(function, "is_hypothesis_test", False)


class Tally(Protocol):
    """What the fixture gives."""

    def __call__(self, row: str, column: str, *, points: int, converged: int) -> None:
        """Enter how many points were gone through, and how many of them ended as they should."""


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: some tests wait for processes of theirs, or for a deadline of Lambda's."""
    return (os.cpu_count() or 1) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--soak`` goes through every point where the test suite takes a sample."""
    parser.addoption("--soak", action="store_true", help="go through every point instead of a sample")


def pytest_collection_finish() -> None:
    """Thousands of tests live until the end: the collector need not look through them again and again."""
    gc.freeze()


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Tally:
    """Enter points into the tables that a run with ``--soak`` prints at its end; those of one cell are added up."""

    def enter(row: str, column: str, *, points: int, converged: int) -> None:
        record_property(_TALLY, (row, column, points, converged))

    return enter


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what was tallied, by whichever process of the run, as ``docs/design.md`` has it."""
    points: Counter[tuple[str, str]] = Counter()
    converged: Counter[tuple[str, str]] = Counter()
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, value in report.user_properties:
            if name == _TALLY:
                row, column, struck, ended_well = value
                points[row, column] += struck
                converged[row, column] += ended_well
    if not points or not config.getoption("--soak"):
        return
    terminalreporter.section("points that converged")
    terminalreporter.line("\n".join(_tables(points, converged)))
    terminalreporter.line(f"{converged.total():,} of {points.total():,} points converged")


def _tables(points: Counter[tuple[str, str]], converged: Counter[tuple[str, str]]) -> Iterator[str]:
    """A table for the rows of the same columns; where not all points of a cell converged, it says so."""
    rows: dict[str, set[str]] = {}
    for row, column in points:
        rows.setdefault(row, set()).add(column)
    for columns in sorted({tuple(sorted(columns)) for columns in rows.values()}):
        yield f"| request | {' | '.join(columns)} |"
        yield "| --- " * (len(columns) + 1) + "|"
        for row in sorted(row for row, present in rows.items() if present == set(columns)):
            cells = [(converged[row, column], points[row, column]) for column in columns]
            told = [f"{struck:,}" if good == struck else f"**{good:,} of {struck:,}**" for good, struck in cells]
            yield f"| {row} | {' | '.join(told)} |"
        yield ""


def pytest_configure(config: pytest.Config) -> None:
    """Generated examples are the same in each run of the suite; ``--soak`` takes others, and more of them.

    It does not shrink them: what has the life of a table for an example would take longer than a test may.
    """
    settings.register_profile("sample", derandomize=True, database=None, deadline=None)
    phases = [Phase.explicit, Phase.generate]
    settings.register_profile("soak", max_examples=500, database=None, deadline=None, phases=phases)
    settings.load_profile("soak" if config.getoption("soak") else "sample")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat what generates its examples and soaks, so that all cores have a share of it."""
    if _is_generated(metafunc.function) and metafunc.definition.get_closest_marker("soak"):
        metafunc.fixturenames.append("share")
        metafunc.parametrize("share", range(_SHARES if metafunc.config.getoption("soak") else 1))
