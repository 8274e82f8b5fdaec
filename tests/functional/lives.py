"""Whole lives of one table, each in an account of its own, and what the table is in the end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from table_provisioner.handler import lambda_handler
from tests.functional.any_table import KEYS
from tests.functional.shown import is_warm_enough, shown
from tests.simulator.account import Account
from tests.simulator.clock import Clock
from tests.simulator.dynamodb.profiles import PROFILES
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.functional.tables import Properties
    from tests.simulator.cloudformation import ResourceEvent

QUICK: Final = PROFILES["fast"].with_seconds(
    Cooldown__TimeToLive=120,
    UpdateTable__GSI__create__total=60,
    UpdateTable__WarmThroughput__first_increase=30,
    UpdateTable__WarmThroughput__gsi=30,
)
"""What takes long is over soon, to poll less; everything else takes as long as was measured."""
HOUR: Final = 3600.0
MOST_DEPLOYMENTS: Final = 4
"""A time to live that is renamed and renamed back while others change takes two."""


@contextmanager
def open_account() -> Iterator[Account]:
    """An account with the function and the KMS keys of :mod:`tests.functional.any_table`."""
    clock = Clock()
    function = Function(is_recursion_allowed=True)
    with clock.installed(), Account(clock, lambda_handler, function, profile=QUICK).running() as opened:
        for name in KEYS:
            opened.dynamodb.keys.add(name)
        yield opened


def begin(account: Account, properties: Properties) -> None:
    """Create the table, and come back when nothing of that matters any more."""
    aws = account.cloudformation
    answer = aws.deliver(aws.request("Create", properties))
    assert answer.is_success, answer.reason
    account.clock.advance(HOUR)


def request(account: Account, desired: Properties, previous: Properties) -> dict[str, Any]:
    """The Update from one version of the properties to another."""
    return account.cloudformation.request("Update", desired, previous, PhysicalResourceId="orders")


def deploy(
    account: Account, desired: Properties, previous: Properties, most_deployments: int = MOST_DEPLOYMENTS
) -> ResourceEvent:
    """Update until it succeeds: where time does not suffice the next deployment finishes the rest."""
    answer = account.cloudformation.deliver(request(account, desired, previous))
    account.cloudformation.settle()
    if answer.reason.startswith("NotStabilized") and most_deployments > 1:
        account.clock.advance(HOUR)
        return deploy(account, desired, previous, most_deployments - 1)
    assert answer.is_success, answer.reason
    return answer


def made(properties: Properties) -> dict[str, Any]:
    """What a table shows that was created so."""
    with open_account() as other:
        begin(other, properties)
        return shown(other)


def see(account: Account, declared: Properties) -> dict[str, Any]:
    """What the table is; nothing was ever refused for how it was asked."""
    assert is_warm_enough(account, declared)
    updates = account.dynamodb.calls_of("UpdateTable")
    assert [call.message for call in updates if call.outcome == "ValidationException"] == []
    return shown(account)
