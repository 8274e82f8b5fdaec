"""As many indexes as a table may have, at the speed that was measured: more than CloudFormation waits for.

Twenty builds of eight and a half minutes take three hours. Each deployment is a chain of invocations that ends in time,
and the next one carries on: nothing is begun twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from table_provisioner.handler import lambda_handler
from tests.functional.lives import begin, deploy
from tests.functional.native_properties import index
from tests.functional.shown import shown
from tests.functional.tables import compact
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from tests.functional.tables import Properties
    from tests.simulator.account import Account, OpenAccount

TWENTY: Final = 20
DEPLOYMENTS: Final = 4
"""Three hours are over in the fourth: each has its hour less the margin for answering."""
HOPS: Final = 12
"""Invocations of a quarter of an hour."""


@pytest.fixture
def account(open_account: OpenAccount) -> Account:
    """An account at typical speed."""
    return open_account(lambda_handler, Function(is_recursion_allowed=True), profile="typical")


def twenty(prefix: str) -> Properties:
    """A table with twenty indexes, each on an attribute of its own."""
    return compact(GlobalSecondaryIndexes=[index(f"{prefix}-{number}") for number in range(TWENTY)])


def names(prefix: str) -> set[str]:
    return {f"by-{prefix}-{number}" for number in range(TWENTY)}


def index_changes(account: Account) -> list[str]:
    """What ``UpdateTable`` was told to do with indexes, in order: ``Create`` and ``Delete``."""
    updates = [call.params for call in account.dynamodb.calls_of("UpdateTable") if call.had_effect]
    return [kind for update in updates for entry in update.get("GlobalSecondaryIndexUpdates", ()) for kind in entry]


def test_twenty_indexes_are_created_replaced_by_others_in_one_update_and_deleted(account: Account) -> None:
    begin(account, twenty("old"))
    assert shown(account)["indexes"].keys() == names("old")
    hops = account.cloudformation.lambda_service.invocations
    hops.clear()
    deploy(account, twenty("new"), twenty("old"), DEPLOYMENTS)
    assert (len(hops), {hop.outcome for hop in hops}) == (HOPS, {"returned"})
    live = shown(account)["indexes"]
    assert (live.keys(), {one["status"] for one in live.values()}) == (names("new"), {"ACTIVE"})
    assert index_changes(account) == ["Delete"] * TWENTY + ["Create"] * TWENTY
    refused = [call.message for call in account.dynamodb.calls_of("UpdateTable") if call.outcome != "ok"]
    assert refused == []
    deploy(account, compact(), twenty("new"))
    assert shown(account)["indexes"] == {}
    assert index_changes(account)[2 * TWENTY :] == ["Delete"] * TWENTY
