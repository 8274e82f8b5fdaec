"""What becomes of a stack whose user does what the reason of a failure says, word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.functional.tables import compact, create_by_hand, described, dynamodb, tags

if TYPE_CHECKING:
    from tests.functional.tables import Properties
    from tests.simulator.account import Account
    from tests.simulator.clock import Clock
    from tests.simulator.cloudformation import Outcome

ITEM: dict[str, Any] = {"id": {"S": "1"}, "at": {"N": "2"}}
SORTED = {"SortKey": {"Name": "at", "Type": "N"}}
ROLLED_BACK = "UPDATE_ROLLBACK_COMPLETE"


def create(account: Account, properties: Properties) -> None:
    """Create a stack of one table, put an item into it, and let a minute pass."""
    outcome = account.cloudformation.create_stack({"Table": properties})
    assert outcome.status == "CREATE_COMPLETE", outcome.events[0].reason
    dynamodb().put_item(TableName="orders", Item=ITEM)
    account.clock.advance(60)


def update(account: Account, properties: Properties, status: str = "UPDATE_COMPLETE") -> Outcome:
    outcome = account.cloudformation.update_stack({"Table": properties})
    assert outcome.status == status, outcome.events[0].reason
    return outcome


def unnamed(properties: Properties) -> Properties:
    """With a generated name."""
    return {name: value for name, value in properties.items() if name != "TableName"}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(compact(**SORTED, TableName="orders-2"), id="another name"),
        pytest.param(unnamed(compact(**SORTED)), id="no name"),
    ],
)
@pytest.mark.parametrize("on_delete", ["Retain", "Snapshot"])
def test_another_key_loses_no_item(account: Account, on_delete: str, changed: Properties) -> None:
    create(account, compact())
    reason = update(account, compact(**SORTED), ROLLED_BACK).events[0].reason
    assert "To keep its items, first deploy OnDelete: Retain or Snapshot, and nothing else. Then" in reason
    update(account, compact(OnDelete=on_delete))
    outcome = update(account, {**changed, "OnDelete": on_delete})
    assert account.dynamodb.items(outcome.physical_resource_ids["Table"]) == []
    if on_delete == "Retain":
        assert (account.dynamodb.items("orders"), tags("orders")) == ([ITEM], {})
    else:
        (backup,) = dynamodb().list_backups(TableName="orders")["BackupSummaries"]
        assert (backup["BackupStatus"], backup["BackupArn"] in outcome.events[1].reason) == ("AVAILABLE", True)


def test_another_key_of_a_table_that_was_taken_over_loses_no_item(account: Account, clock: Clock) -> None:
    create_by_hand("orders")
    clock.advance(60)
    create(account, compact())
    reason = update(account, compact(**SORTED), ROLLED_BACK).events[0].reason
    assert "deletes this one unless it is retained or was taken over" in reason
    update(account, compact(**SORTED, TableName="orders-2"))
    assert account.dynamodb.items("orders") == [ITEM]


def test_a_table_with_too_many_tags_of_its_own_is_taken_over_once_there_is_room(account: Account, clock: Clock) -> None:
    create_by_hand("orders", tags={f"tag-{number}": "" for number in range(48)})
    clock.advance(60)
    outcome = account.cloudformation.create_stack({"Table": compact()})
    reason = outcome.events[0].reason
    assert (outcome.status, reason.partition(":")[0]) == ("ROLLBACK_COMPLETE", "ServiceLimitExceeded")
    assert "50 tags and 10 KB of them, four of which say whose it is" in reason
    assert "take off others that it has; then deploy again." in reason
    assert len(tags("orders")) == 48
    arn = (described() or {})["TableArn"]
    dynamodb().untag_resource(ResourceArn=arn, TagKeys=["tag-0", "tag-1"])
    clock.advance(60)
    aws = account.cloudformation
    assert aws.create_stack({"Table": compact()}, stack_name="shop-2").status == "CREATE_COMPLETE"
    assert len(tags("orders")) == 50
