"""What DynamoDB lets change only so often: known beforehand where the table tells, and said with its time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.functional.tables import compact, described, dynamodb, index_names, time_to_live

if TYPE_CHECKING:
    from datetime import datetime

    from tests.functional.tables import Properties
    from tests.simulator.account import Account
    from tests.simulator.clock import Clock
    from tests.simulator.cloudformation import ResourceEvent

HOUR, HALF_AN_HOUR, DAY = 3_600, 1_872, 86_400


def provisioned(reads: int, *indexes: str, index_reads: int = 5, **more: Any) -> Properties:  # noqa: ANN401 -- any property
    """The table with so many reads, its indexes with as many as they have."""
    declared = compact(*indexes, ProvisionedThroughput=units(reads), **more)
    for index in declared.get("GlobalSecondaryIndexes", ()):
        index["ProvisionedThroughput"] = units(index_reads)
    return declared


def units(reads: int) -> dict[str, int]:
    return {"ReadCapacityUnits": reads, "WriteCapacityUnits": 5}


class Stack:
    """The stack of one table, whose updates are sent one by one, without their rollbacks."""

    def __init__(self, account: Account, properties: Properties) -> None:
        """Create it."""
        self._account = account
        self._properties = properties
        outcome = account.cloudformation.create_stack({"Table": properties})
        assert outcome.status == "CREATE_COMPLETE", outcome.events[0].reason
        tags = dynamodb().list_tags_of_resource(ResourceArn=table()["TableArn"])["Tags"]
        (self._stack_id,) = [tag["Value"] for tag in tags if tag["Key"] == "table-provisioner:stack-id"]

    def send(self, properties: Properties) -> ResourceEvent:
        """Send an update from what was declared last; what it calls is all that the account records."""
        aws = self._account.cloudformation
        self._account.dynamodb.calls.clear()
        fields = {"PhysicalResourceId": "orders", "StackId": self._stack_id}
        return aws.deliver(aws.request("Update", properties, self._properties, **fields))

    def update(self, properties: Properties) -> ResourceEvent:
        """Send an update that succeeds."""
        event = self.send(properties)
        assert event.is_success, event.reason
        self._properties = properties
        return event


def table() -> dict[str, Any]:
    shown = described()
    assert shown is not None
    return shown


def reads() -> int:
    return int(table()["ProvisionedThroughput"]["ReadCapacityUnits"])


def next_decrease(holder: dict[str, Any]) -> datetime:
    last: datetime = holder["ProvisionedThroughput"]["LastDecreaseDateTime"]
    return last + timedelta(hours=1)


def spoken(moment: datetime) -> str:
    """To the next full second."""
    return f"{moment.replace(microsecond=0) + timedelta(seconds=bool(moment.microsecond)):%Y-%m-%d %H:%M:%S} UTC"


def lowered(account: Account, *indexes: str) -> Stack:
    """A table whose four decreases of the day are used up."""
    stack = Stack(account, provisioned(10, *indexes))
    for fewer in (9, 8, 7, 6):
        stack.update(provisioned(fewer, *indexes))
    return stack


def test_the_fifth_decrease_of_a_day_is_refused_before_anything_is_changed_and_made_when_it_said(
    account: Account, clock: Clock
) -> None:
    stack = lowered(account)
    wanted = provisioned(5, "zip", Tags=[{"Key": "team", "Value": "checkout"}])
    event = stack.send(wanted)
    assert event.reason.startswith(
        "ServiceLimitExceeded: could not change capacity of the table: DynamoDB takes 4 decr"
    )
    assert event.reason.endswith(f"Nothing was changed. Deploy again at {spoken(next_decrease(table()))}.")
    assert account.dynamodb.mutations == []
    clock.advance(HOUR)
    stack.update(wanted)
    assert (reads(), index_names()) == (5, {"by-zip"})


def test_a_stack_whose_update_is_refused_for_a_limit_is_rolled_back(account: Account) -> None:
    account.cloudformation.create_stack({"Table": provisioned(10)})
    for fewer in (9, 8, 7, 6):
        account.cloudformation.update_stack({"Table": provisioned(fewer)})
    outcome = account.cloudformation.update_stack({"Table": provisioned(5)})
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert reads() == 6


def test_a_decrease_that_can_be_made_in_time_is_waited_for_and_holds_nothing_up(account: Account, clock: Clock) -> None:
    stack = lowered(account)
    clock.advance(600)
    opening = next_decrease(table())
    event = stack.update(provisioned(5, "zip", "city"))
    assert HOUR - 700 < event.duration < HOUR
    assert (reads(), index_names()) == (5, {"by-zip", "by-city"})
    assert account.dynamodb.mutations == ["TagResource", "UpdateTable", "UpdateTable", "UpdateTable"]
    assert timedelta() <= table()["ProvisionedThroughput"]["LastDecreaseDateTime"] - opening < timedelta(seconds=31)


def test_a_decrease_whose_time_has_come_waits_for_nothing(account: Account, clock: Clock) -> None:
    stack = lowered(account)
    clock.advance(HOUR)
    stack.update(provisioned(6, TimeToLiveAttribute="expires_at"))
    event = stack.send(provisioned(5, ServiceTimeout=600))  # DynamoDB takes no change of time to live yet
    assert event.reason.startswith("NotStabilized: ")
    assert (reads(), time_to_live()) == (5, "expires_at")


def test_a_rollback_that_lowers_capacity_waits_for_its_time(account: Account, clock: Clock) -> None:
    account.cloudformation.create_stack({"Table": provisioned(10)})
    for fewer in (9, 8, 7, 6):
        account.cloudformation.update_stack({"Table": provisioned(fewer)})
    clock.advance(600)
    stream = "arn:aws:kinesis:us-east-1:123456789012:stream/none"
    account.dynamodb.world.missing_kinesis_streams.add(stream)
    wrong = provisioned(20, KinesisStreamSpecification={"StreamArn": stream})
    outcome = account.cloudformation.update_stack({"Table": wrong})
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert reads() == 6


def test_an_index_has_its_own_count(account: Account) -> None:
    stack = Stack(account, provisioned(10, "zip", index_reads=10))
    for fewer in (9, 8, 7, 6):
        stack.update(provisioned(10, "zip", index_reads=fewer))
    event = stack.send(provisioned(9, "zip", index_reads=5))
    assert event.reason.startswith("ServiceLimitExceeded: could not change capacity of the table, index 'by-zip': Dyn")
    (index,) = table()["GlobalSecondaryIndexes"]
    assert event.reason.endswith(f"Deploy again at {spoken(next_decrease(index))}.")
    assert account.dynamodb.mutations == []
    stack.update(provisioned(9, "zip", index_reads=6))
    assert reads() == 9


def test_a_new_day_is_a_new_count(account: Account, clock: Clock) -> None:
    stack = Stack(account, provisioned(10))
    clock.limit = 3 * DAY
    clock.advance(-clock.now % DAY + DAY - 600)  # ten minutes to midnight
    for fewer in (9, 8, 7, 6):
        stack.update(provisioned(fewer))
    assert stack.update(provisioned(5)).duration < 700


def test_a_table_that_is_taken_over_is_not_touched_where_a_limit_is_in_the_way(account: Account) -> None:
    stack = lowered(account)
    del stack
    arn = table()["TableArn"]
    own = [tag["Key"] for tag in dynamodb().list_tags_of_resource(ResourceArn=arn)["Tags"]]
    dynamodb().untag_resource(ResourceArn=arn, TagKeys=own)
    account.clock.advance(10)
    account.dynamodb.calls.clear()
    aws = account.cloudformation
    event = aws.deliver(aws.request("Create", provisioned(1)))
    assert event.reason.startswith("ServiceLimitExceeded: ")
    assert event.physical_resource_id == "orders/not-created"
    assert account.dynamodb.mutations == []


def test_another_attribute_for_time_to_live_is_refused_before_anything_is_changed_where_there_is_no_half_an_hour(
    account: Account, clock: Clock
) -> None:
    stack = Stack(account, compact(TimeToLiveAttribute="expires_at"))
    clock.advance(HALF_AN_HOUR)
    event = stack.send(compact("zip", TimeToLiveAttribute="ends_at", ServiceTimeout=1800))
    assert event.reason.startswith("ServiceLimitExceeded: could not turn time to live off with 'expires_at' and turn ")
    assert "Nothing was changed. Set ServiceTimeout to 2000 or more; or" in event.reason
    assert account.dynamodb.mutations == []
    assert time_to_live() == "expires_at"
    stack.update(compact(TimeToLiveAttribute="ends_at", ServiceTimeout=2000))
    assert time_to_live() == "ends_at"


def test_another_attribute_for_time_to_live_goes_back_however_little_time_there_was_before(
    account: Account, clock: Clock
) -> None:
    """The way back has the former, short ``ServiceTimeout``: refused once, it would be refused for ever."""
    stack = Stack(account, compact(TimeToLiveAttribute="expires_at", ServiceTimeout=600))
    clock.advance(HALF_AN_HOUR)
    stack.update(compact(TimeToLiveAttribute="ends_at", ServiceTimeout=2000))
    before = compact(TimeToLiveAttribute="expires_at", ServiceTimeout=600)
    assert stack.send(before).reason.startswith("NotStabilized: ")  # DynamoDB takes no change yet
    clock.advance(HALF_AN_HOUR)
    assert stack.send(before).reason.startswith("NotStabilized: ")
    assert time_to_live() is None
    clock.advance(HALF_AN_HOUR)
    stack.update(before)
    assert time_to_live() == "expires_at"


@pytest.mark.parametrize("former", [600, 3600])
def test_another_attribute_for_time_to_live_is_refused_where_no_update_came_before_that_had_the_time(
    account: Account, clock: Clock, former: int
) -> None:
    stack = Stack(account, compact(TimeToLiveAttribute="expires_at", ServiceTimeout=former))
    clock.advance(HALF_AN_HOUR)
    if former < HALF_AN_HOUR:
        stack.update(compact(TimeToLiveAttribute="expires_at", ServiceTimeout=former, DeletionProtectionEnabled=True))
    event = stack.send(compact(TimeToLiveAttribute="ends_at", ServiceTimeout=600))
    assert event.reason.startswith("ServiceLimitExceeded: could not turn time to live off with 'expires_at' and turn ")
    assert account.dynamodb.mutations == []


def test_another_attribute_for_time_to_live_takes_two_deployments_with_any_timeout(
    account: Account, clock: Clock
) -> None:
    stack = Stack(account, compact(TimeToLiveAttribute="expires_at"))
    clock.advance(HALF_AN_HOUR)
    stack.update(compact(ServiceTimeout=60))
    clock.advance(HALF_AN_HOUR)
    stack.update(compact(TimeToLiveAttribute="ends_at", ServiceTimeout=60))
    assert time_to_live() == "ends_at"


def test_changes_of_time_to_live_in_a_row_each_wait_their_half_hour(account: Account) -> None:
    stack = Stack(account, compact(TimeToLiveAttribute="expires_at"))
    for properties in (compact(), compact(TimeToLiveAttribute="expires_at")):
        assert HALF_AN_HOUR - 60 < stack.update(properties).duration < HALF_AN_HOUR + 40
    assert time_to_live() == "expires_at"


def test_a_change_of_time_to_live_that_is_out_of_time_says_so_and_is_finished_by_the_next_deployment(
    account: Account, clock: Clock
) -> None:
    stack = Stack(account, compact(TimeToLiveAttribute="expires_at"))
    event = stack.send(compact(ServiceTimeout=600))
    assert event.reason.startswith("NotStabilized: the time was over while AWS answered ValidationException (Time to l")
    clock.advance(HALF_AN_HOUR)
    stack.update(compact(ServiceTimeout=600))
    assert time_to_live() is None


def test_what_there_was_time_for_at_first_goes_as_far_as_it_goes(account: Account, clock: Clock) -> None:
    """Once something was changed it would be no use to refuse the rest, and no truth that nothing was changed."""
    stack = Stack(account, compact(TimeToLiveAttribute="ttl"))
    clock.advance(HALF_AN_HOUR)
    wanted = compact("city", "zip", TimeToLiveAttribute="expires_at", ServiceTimeout=2_000)
    event = stack.send(wanted)
    assert event.reason.startswith("NotStabilized: ")
    assert "Nothing was changed" not in event.reason
    assert (index_names(), time_to_live()) == ({"by-city", "by-zip"}, None)
    clock.advance(HALF_AN_HOUR)
    stack.update(wanted)
    assert time_to_live() == "expires_at"


def test_indexes_that_take_longer_than_there_is_time_go_as_far_as_they_go(account: Account) -> None:
    stack = Stack(account, compact())
    indexes = ("a", "b", "c", "d", "e")
    event = stack.send(compact(*indexes, ServiceTimeout=1200))
    assert event.reason.startswith("NotStabilized: ")
    assert {"by-a", "by-b"} <= index_names() < {f"by-{name}" for name in indexes}
    stack.update(compact(*indexes))
    assert index_names() == {f"by-{name}" for name in indexes}


def encrypted(*, is_on: bool) -> Properties:
    return compact(SSESpecification={"SSEEnabled": is_on} | ({"SSEType": "KMS"} if is_on else {}))


def test_the_fifth_change_of_the_encryption_is_refused_by_dynamodb_and_made_when_it_said(
    account: Account, clock: Clock
) -> None:
    stack = Stack(account, compact())
    for is_on in (True, False, True, False):
        stack.update(encrypted(is_on=is_on))
    event = stack.send(encrypted(is_on=True))
    assert event.reason.startswith("ServiceLimitExceeded: could not encrypt with the AWS managed key: UpdateTable ans")
    assert "Next changes can be made at " in event.reason
    assert "Deploy again at that time: DynamoDB takes four changes in 24 hours, and after them one in" in event.reason
    clock.advance(6 * HOUR)
    stack.update(encrypted(is_on=True))
    assert table()["SSEDescription"]["Status"] == "ENABLED"


@pytest.mark.parametrize("first", ["STANDARD", "STANDARD_INFREQUENT_ACCESS"])
def test_the_third_change_of_the_class_is_refused_by_dynamodb_and_made_when_it_said(
    account: Account, clock: Clock, first: str
) -> None:
    clock.limit = 40 * DAY
    other = "STANDARD_INFREQUENT_ACCESS" if first == "STANDARD" else "STANDARD"
    stack = Stack(account, compact(TableClass=first))
    stack.update(compact(TableClass=other))
    clock.advance(10 * DAY)
    stack.update(compact(TableClass=first))
    event = stack.send(compact(TableClass=other))
    assert event.reason.startswith(f"ServiceLimitExceeded: could not change table class to {other}: UpdateTable ans")
    assert "Deploy again 30 days after the last change but one" in event.reason
    clock.advance(20 * DAY)
    stack.update(compact(TableClass=other))
    assert table()["TableClassSummary"]["TableClass"] == other
