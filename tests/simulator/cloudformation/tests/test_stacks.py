from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from tests.simulator.cloudformation import CloudFormation, Refuse
from tests.simulator.cloudformation.tests.handlers import fail, refusing, respond, silent, well_behaved

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.clock import Clock

Start: TypeAlias = "Callable[..., CloudFormation]"

ORDERS = {"Table": {"TableName": "orders"}}
CUSTOMERS = {"Table": {"TableName": "customers"}}
CHANGED = {"Table": {"TableName": "orders", "BillingMode": "PROVISIONED"}}


def is_delete(event: dict[str, Any]) -> bool:
    return bool(event["RequestType"] == "Delete")


def test_a_create_request_is_what_cloudformation_sends(cloudformation: Start) -> None:
    seen: list[dict[str, Any]] = []

    def recording(event: dict[str, Any], _: object) -> None:
        seen.append(event)
        respond(event)

    aws = cloudformation(recording)
    aws.create_stack({"Table": {"TableName": 5, "Rates": [1.5, True, {"Deep": False}], "ServiceTimeout": 60}})
    url, stack_id = seen[0].pop("ResponseURL"), seen[0].pop("StackId")
    assert url.startswith("http://127.0.0.1:")
    assert stack_id.startswith("arn:aws:cloudformation:us-east-1:123456789012:stack/shop/")
    assert len(seen[0].pop("RequestId")) == 36
    assert seen == [
        {
            "RequestType": "Create",
            "ServiceToken": aws.service_token,
            "LogicalResourceId": "Table",
            "ResourceType": "Custom::DynamoDBTable",
            "ResourceProperties": {
                "ServiceToken": aws.service_token,
                "TableName": "5",
                "Rates": ["1.5", "true", {"Deep": "false"}],
                "ServiceTimeout": "60",
            },
        }
    ]


def test_a_null_is_refused_as_in_a_template(cloudformation: Start) -> None:
    with pytest.raises(ValueError, match="null"):
        cloudformation(well_behaved).create_stack({"Table": {"TableName": None}})


def test_a_stack_lives_and_dies(cloudformation: Start) -> None:
    aws = cloudformation(well_behaved)
    created = aws.create_stack(ORDERS)
    assert (created.status, created.physical_resource_ids) == ("CREATE_COMPLETE", {"Table": "orders"})
    updated = aws.update_stack(CHANGED)
    assert (updated.status, updated.summary) == ("UPDATE_COMPLETE", ["Update Table SUCCESS orders"])
    deleted = aws.delete_stack()
    assert (deleted.status, deleted.summary) == ("DELETE_COMPLETE", ["Delete Table SUCCESS orders"])
    assert deleted.physical_resource_ids == {}


def test_update_and_delete_carry_the_id_and_the_properties_of_their_time(cloudformation: Start) -> None:
    aws = cloudformation(well_behaved)
    aws.create_stack(ORDERS)
    update = aws.update_stack(CHANGED).event("Update").request
    assert update["PhysicalResourceId"] == "orders"
    assert update["ResourceProperties"]["BillingMode"] == "PROVISIONED"
    assert "BillingMode" not in update["OldResourceProperties"]
    delete = aws.delete_stack().event("Delete").request
    assert delete["ResourceProperties"]["BillingMode"] == "PROVISIONED"
    assert "OldResourceProperties" not in delete


def test_an_unchanged_resource_gets_no_request(cloudformation: Start) -> None:
    aws = cloudformation(well_behaved)
    aws.create_stack({"Table": {"TableName": "orders", "Count": 5}})
    assert aws.update_stack({"Table": {"TableName": "orders", "Count": "5"}}).summary == []


def test_a_replaced_resource_is_deleted_after_the_update(cloudformation: Start) -> None:
    aws = cloudformation(well_behaved)
    aws.create_stack(ORDERS)
    outcome = aws.update_stack(CUSTOMERS)
    assert outcome.status == "UPDATE_COMPLETE"
    assert outcome.summary == ["Update Table SUCCESS customers", "Delete Table SUCCESS orders"]
    assert outcome.event("Delete").request["ResourceProperties"]["TableName"] == "orders"
    assert outcome.physical_resource_ids == {"Table": "customers"}


def test_a_replacement_is_taken_back_when_the_stack_fails_later(cloudformation: Start) -> None:
    aws = cloudformation(well_behaved)
    aws.create_stack(ORDERS)
    outcome = aws.update_stack(CUSTOMERS, another_resource_fails=True)
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert outcome.summary == [
        "Update Table SUCCESS customers",
        "Update Table SUCCESS orders",
        "Delete Table SUCCESS customers",
    ]
    assert outcome.events[1].request["PhysicalResourceId"] == "customers"
    assert outcome.events[2].request["ResourceProperties"]["TableName"] == "customers"


def test_a_failed_update_is_followed_by_one_with_both_property_sets_swapped(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], context: object) -> None:
        if event["ResourceProperties"].get("BillingMode"):
            fail(event)
        else:
            well_behaved(event, context)

    aws = cloudformation(handler)
    aws.create_stack(ORDERS)
    outcome = aws.update_stack(CHANGED)
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    first, second = (event.request for event in outcome.events)
    assert first["ResourceProperties"] == second["OldResourceProperties"]
    assert first["OldResourceProperties"] == second["ResourceProperties"]
    assert first["RequestId"] != second["RequestId"]
    assert outcome.events[0].reason == "InvalidRequest: as the test wants it."


def test_a_rollback_that_makes_yet_another_resource_leaves_only_that(cloudformation: Start) -> None:
    ids = iter(["a", "b", "c"])

    def handler(event: dict[str, Any], _: object) -> None:
        respond(event, PhysicalResourceId=event["PhysicalResourceId"] if is_delete(event) else next(ids))

    aws = cloudformation(handler)
    aws.create_stack(ORDERS)
    outcome = aws.update_stack(CHANGED, another_resource_fails=True)
    assert outcome.physical_resource_ids == {"Table": "c"}
    assert outcome.summary[2:] == ["Delete Table SUCCESS a", "Delete Table SUCCESS b"]


def test_an_update_that_cannot_be_taken_back_is_left(cloudformation: Start) -> None:
    aws = cloudformation(refusing("Update"))
    aws.create_stack(ORDERS)
    outcome = aws.update_stack(CHANGED)
    assert outcome.status == "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(ValueError, match="can not be updated"):
        aws.update_stack(ORDERS)


def test_a_rollback_that_failed_is_tried_again_where_it_failed(cloudformation: Start) -> None:
    ways_back = iter([False, True])

    def handler(event: dict[str, Any], context: object) -> None:
        is_back = event["RequestType"] == "Update" and "BillingMode" not in event["ResourceProperties"]
        if event["ResourceProperties"].get("BillingMode") or (is_back and not next(ways_back)):
            fail(event)
        else:
            well_behaved(event, context)

    aws = cloudformation(handler)
    aws.create_stack(ORDERS)
    assert aws.update_stack(CHANGED).status == "UPDATE_ROLLBACK_FAILED"
    outcome = aws.continue_update_rollback()
    assert (outcome.status, outcome.summary) == ("UPDATE_ROLLBACK_COMPLETE", ["Update Table SUCCESS orders"])
    (event,) = outcome.events
    assert event.request["OldResourceProperties"]["BillingMode"] == "PROVISIONED"
    with pytest.raises(ValueError, match="can not be rolled back"):
        aws.continue_update_rollback()


def test_what_a_rollback_skips_counts_as_restored(cloudformation: Start) -> None:
    aws = cloudformation(refusing("Update"))
    aws.create_stack(ORDERS)
    aws.update_stack(CHANGED)
    outcome = aws.continue_update_rollback("Table")
    assert (outcome.status, outcome.events) == ("UPDATE_ROLLBACK_COMPLETE", ())
    update = aws.update_stack(CUSTOMERS).events[0].request
    assert update["PhysicalResourceId"] == "orders"
    assert "BillingMode" not in update["OldResourceProperties"]


def test_without_a_rollback_what_failed_is_left_and_tried_again_whatever_is_declared(cloudformation: Start) -> None:
    failures = iter([True, True, False])

    def handler(event: dict[str, Any], context: object) -> None:
        if event["RequestType"] == "Update" and event["LogicalResourceId"] == "Table" and next(failures):
            fail(event)
        else:
            well_behaved(event, context)

    aws = cloudformation(handler)
    aws.create_stack({**ORDERS, "Other": {"TableName": "other"}})
    declared = {**CHANGED, "Other": {"TableName": "other", "BillingMode": "PROVISIONED"}}
    outcome = aws.update_stack(declared, disable_rollback=True)
    assert outcome.status == "UPDATE_FAILED"
    assert sorted(outcome.summary) == ["Update Other SUCCESS other", "Update Table FAILED orders"]
    again = aws.update_stack(declared, disable_rollback=True)
    assert (again.status, again.summary) == ("UPDATE_FAILED", ["Update Table FAILED orders"])
    assert "BillingMode" not in again.events[0].request["OldResourceProperties"]
    back = aws.update_stack({**declared, **ORDERS}, disable_rollback=True)
    assert (back.status, back.summary) == ("UPDATE_COMPLETE", ["Update Table SUCCESS orders"])
    assert aws.update_stack({**declared, **ORDERS}).events == ()


def test_a_failed_create_is_deleted_with_the_id_of_its_answer(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], context: object) -> None:
        if event["RequestType"] == "Create":
            fail(event, PhysicalResourceId="orders/not-created")
        else:
            well_behaved(event, context)

    outcome = cloudformation(handler).create_stack(ORDERS)
    assert outcome.status == "ROLLBACK_COMPLETE"
    assert outcome.summary == [
        "Create Table FAILED orders/not-created",
        "Delete Table SUCCESS orders/not-created",
    ]


def test_a_create_is_taken_back_when_the_stack_fails_later(cloudformation: Start) -> None:
    outcome = cloudformation(well_behaved).create_stack(ORDERS, another_resource_fails=True)
    assert outcome.status == "ROLLBACK_COMPLETE"
    assert outcome.summary == ["Create Table SUCCESS orders", "Delete Table SUCCESS orders"]


def test_a_create_without_answer_fails_after_an_hour_and_is_deleted_with_a_made_up_id(
    clock: Clock, cloudformation: Start
) -> None:
    def handler(event: dict[str, Any], context: object) -> None:
        if is_delete(event):
            well_behaved(event, context)

    outcome = cloudformation(handler).create_stack(ORDERS)
    create, delete = outcome.events
    assert (outcome.status, create.status, create.duration) == ("ROLLBACK_COMPLETE", "FAILED", 3600)
    assert create.reason.startswith("CloudFormation did not receive a response")
    assert delete.request["PhysicalResourceId"].startswith("shop-Table-")
    assert clock.elapsed == 3601


def test_service_timeout_shortens_the_patience(clock: Clock, cloudformation: Start) -> None:
    aws = cloudformation(silent)
    outcome = aws.create_stack({"Table": {"ServiceTimeout": 30}})
    assert outcome.status == "ROLLBACK_FAILED"
    assert clock.elapsed == 61


def test_a_cancelled_create_is_deleted_while_it_still_runs(clock: Clock, cloudformation: Start) -> None:
    ends: list[tuple[str, float]] = []

    def handler(event: dict[str, Any], context: object) -> None:
        if event["RequestType"] == "Create":
            time.sleep(100)
        well_behaved(event, context)
        ends.append((event["RequestType"], clock.elapsed))

    aws = cloudformation(handler)
    outcome = aws.create_stack(ORDERS, cancel_after=20)
    aws.settle()
    create, delete = outcome.events
    assert (create.status, create.duration) == ("CANCELLED", 20)
    assert delete.request["PhysicalResourceId"].startswith("shop-Table-")
    assert ends == [("Delete", 21), ("Create", 100)]


def test_a_cancelled_update_is_taken_back_while_it_still_runs(clock: Clock, cloudformation: Start) -> None:
    def handler(event: dict[str, Any], context: object) -> None:
        if event["ResourceProperties"].get("BillingMode"):
            time.sleep(100)
        well_behaved(event, context)

    aws = cloudformation(handler)
    aws.create_stack(ORDERS)
    outcome = aws.update_stack(CHANGED, cancel_after=20)
    aws.settle()
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert outcome.summary == ["Update Table CANCELLED orders", "Update Table SUCCESS orders"]
    assert clock.elapsed == 100


def test_a_failure_cancels_what_is_still_in_progress(clock: Clock, cloudformation: Start) -> None:
    def handler(event: dict[str, Any], context: object) -> None:
        if event["RequestType"] == "Create" and event["LogicalResourceId"] == "Slow":
            time.sleep(500)
        if event["RequestType"] == "Create" and event["LogicalResourceId"] == "Bad":
            time.sleep(5)
            fail(event)
        else:
            well_behaved(event, context)

    outcome = cloudformation(handler).create_stack({"Slow": {}, "Bad": {}})
    assert outcome.status == "ROLLBACK_COMPLETE"
    assert [event.status for event in outcome.events] == ["FAILED", "CANCELLED", "SUCCESS", "SUCCESS"]
    assert clock.elapsed == 6


def test_the_resources_of_a_stack_are_made_at_the_same_time(clock: Clock, cloudformation: Start) -> None:
    def handler(event: dict[str, Any], context: object) -> None:
        time.sleep(60)
        well_behaved(event, context)

    tables = {f"Table{number}": {"TableName": f"table-{number}"} for number in range(20)}
    assert cloudformation(handler).create_stack(tables).status == "CREATE_COMPLETE"
    assert clock.elapsed == 60


def test_added_resources_are_created_and_removed_ones_deleted(cloudformation: Start) -> None:
    aws = cloudformation(well_behaved)
    aws.create_stack({"Old": {"TableName": "a"}})
    outcome = aws.update_stack({"New": {"TableName": "b"}})
    assert outcome.summary == ["Create New SUCCESS b", "Delete Old SUCCESS a"]
    taken_back = aws.update_stack({"Newer": {"TableName": "c"}}, another_resource_fails=True)
    assert taken_back.summary == ["Create Newer SUCCESS c", "Delete Newer SUCCESS c"]
    assert taken_back.physical_resource_ids == {"New": "b"}


def test_a_failed_cleanup_is_given_up(cloudformation: Start) -> None:
    aws = cloudformation(refusing("Delete"))
    aws.create_stack(ORDERS)
    outcome = aws.update_stack(CUSTOMERS)
    assert outcome.status == "UPDATE_COMPLETE"
    assert outcome.summary[1] == "Delete Table FAILED orders"
    assert outcome.physical_resource_ids == {"Table": "customers"}
    assert aws.update_stack(ORDERS).status == "UPDATE_COMPLETE"


def test_a_failed_delete_cancels_no_other(clock: Clock, cloudformation: Start) -> None:
    def handler(event: dict[str, Any], context: object) -> None:
        if is_delete(event) and event["LogicalResourceId"] == "Slow":
            time.sleep(50)
        if is_delete(event) and event["LogicalResourceId"] == "Bad":
            fail(event)
        else:
            well_behaved(event, context)

    aws = cloudformation(handler)
    aws.create_stack({"Slow": {"TableName": "a"}, "Bad": {"TableName": "b"}})
    outcome = aws.delete_stack()
    assert outcome.status == "DELETE_FAILED"
    assert outcome.physical_resource_ids == {"Bad": "b"}
    assert clock.elapsed == 50


def test_cloudformation_waits_on_after_an_answer_that_it_cannot_read(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], context: object) -> None:
        respond(event, RequestId="another")
        time.sleep(30)
        well_behaved(event, context)

    aws = cloudformation(handler)
    create = aws.create_stack(ORDERS).event("Create")
    assert (create.status, create.duration) == ("SUCCESS", 30)
    assert aws.take_violations() == ["Create of Table: RequestId is not echoed", "Create of Table: answered again"]


def test_a_failed_delete_can_be_tried_again(cloudformation: Start) -> None:
    is_protected = [True]

    def handler(event: dict[str, Any], context: object) -> None:
        (refusing("Delete") if is_protected[0] else well_behaved)(event, context)

    aws = cloudformation(handler)
    aws.create_stack(ORDERS)
    assert aws.delete_stack().status == "DELETE_FAILED"
    is_protected[0] = False
    assert aws.delete_stack().summary == ["Delete Table SUCCESS orders"]


def test_a_stack_of_a_name_exists_once_at_a_time(cloudformation: Start) -> None:
    aws = cloudformation(well_behaved)
    first = aws.create_stack(ORDERS)
    with pytest.raises(ValueError, match="already exists"):
        aws.create_stack(ORDERS)
    aws.create_stack(CUSTOMERS, stack_name="other")
    aws.delete_stack()
    second = aws.create_stack(ORDERS)
    assert first.event("Create").request["StackId"] != second.event("Create").request["StackId"]


def test_the_answer_to_a_delete_changes_no_id_and_needs_no_data(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], _: object) -> None:
        if is_delete(event):
            respond(event, PhysicalResourceId="other")
        else:
            respond(event, Data={"Arn": "arn"})

    aws = cloudformation(handler)
    aws.create_stack(ORDERS)
    assert aws.delete_stack().summary == ["Delete Table SUCCESS orders"]
    assert aws.take_violations() == ["Delete of Table: a Delete must echo the PhysicalResourceId"]


def test_data_with_other_keys_than_before_breaks_a_rule(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], _: object) -> None:
        respond(event, Data={f"{event['RequestType']}Arn": "arn"})

    aws = cloudformation(handler)
    aws.create_stack(ORDERS)
    aws.update_stack(CHANGED)
    assert aws.take_violations() == ["Update: Data has other keys than before: ['UpdateArn']"]


def test_answering_twice_breaks_a_rule(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], _: object) -> None:
        respond(event)
        respond(event)

    aws = cloudformation(handler)
    assert aws.create_stack(ORDERS).status == "CREATE_COMPLETE"
    aws.settle()
    assert aws.take_violations() == ["Create of Table: answered again"]


def test_an_exception_that_carries_the_url_breaks_a_rule(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], _: object) -> None:
        respond(event)
        raise RuntimeError(f"cannot answer on {event['ResponseURL']}")

    aws = cloudformation(handler)
    aws.create_stack(ORDERS)
    aws.settle()
    assert set(aws.take_violations()) == {
        "RuntimeError carries the ResponseURL",
        "raised RuntimeError although its answer had arrived",
    }


def test_an_exception_for_want_of_an_answer_breaks_no_rule(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], _: object) -> None:
        if respond(event) != 200:
            raise ConnectionError("no answer arrived")

    aws = cloudformation(handler)
    aws.responses.misbehave(Refuse())
    assert aws.create_stack(ORDERS).event("Create").duration == 60


def test_a_leaked_url_can_be_looked_for(cloudformation: Start) -> None:
    urls: list[str] = []

    def handler(event: dict[str, Any], context: object) -> None:
        urls.append(event["ResponseURL"])
        well_behaved(event, context)

    aws = cloudformation(handler)
    aws.create_stack(ORDERS)
    assert aws.is_leaked_in(f"PUT {urls[0]} HTTP/1.1")
    assert not aws.is_leaked_in(urls[0].partition("?")[0])


def test_a_failed_replacement_is_taken_back_from_the_id_of_its_answer(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], context: object) -> None:
        if event["ResourceProperties"]["TableName"] == "customers" and event["RequestType"] == "Update":
            fail(event, PhysicalResourceId="customers")
        else:
            well_behaved(event, context)

    aws = cloudformation(handler)
    aws.create_stack(ORDERS)
    outcome = aws.update_stack(CUSTOMERS)
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert outcome.summary == [
        "Update Table FAILED customers",
        "Update Table SUCCESS orders",
        "Delete Table SUCCESS customers",
    ]
    assert outcome.events[1].request["PhysicalResourceId"] == "customers"


def test_a_moment_passes_before_what_follows(clock: Clock, cloudformation: Start) -> None:
    aws = cloudformation(refusing("Create"))
    assert aws.create_stack(ORDERS).status == "ROLLBACK_COMPLETE"
    assert clock.elapsed == 1


def test_a_broken_rule_fails_the_test_by_itself(clock: Clock) -> None:
    def handler(event: dict[str, Any], _: object) -> None:
        respond(event, Data={"Count": 1})

    with (
        pytest.raises(AssertionError, match=r"Data\.Count is no string"),
        CloudFormation(clock, handler).running() as aws,
    ):
        aws.create_stack(ORDERS)


def test_single_requests_are_delivered_each_on_its_own_url(clock: Clock, cloudformation: Start) -> None:
    urls: list[str] = []

    def handler(event: dict[str, Any], context: object) -> None:
        urls.append(event["ResponseURL"])
        time.sleep(10)
        well_behaved(event, context)

    aws = cloudformation(handler)
    request = aws.request("Update", {"TableName": "b"}, {"TableName": "a"}, PhysicalResourceId="a")
    assert request["OldResourceProperties"]["TableName"] == "a"
    assert aws.deliver(request).physical_resource_id == "b"
    both = aws.deliver_together(request, request, apart=4)
    assert [event.status for event in both] == ["SUCCESS", "SUCCESS"]
    assert (len(set(urls)), clock.elapsed) == (3, 24)


def test_a_malformed_request_is_sent_as_it_is(cloudformation: Start) -> None:
    def handler(event: dict[str, Any], _: object) -> None:
        fail(event, RequestId="", PhysicalResourceId="Table/not-created")

    aws = cloudformation(handler)
    request = aws.request("Create", {}, RequestId=None)
    assert aws.deliver(request).reason.startswith("InvalidRequest")
