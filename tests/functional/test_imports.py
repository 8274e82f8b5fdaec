"""Tables made from objects in S3: an import takes no tags, takes long, and may fail."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from table_provisioner import ProvisionStatus, TableProvisioner, TableSchema
from table_provisioner.dynamodb import DynamoDB
from tests.functional.others import ANOTHER_STACK, adopted, fenced, make_table, owned
from tests.functional.tables import compact, described, dynamodb, tags, time_to_live
from tests.simulator.faults import ConnectionLost, Fault, ProcessKilled, Refused, throttling_storm

if TYPE_CHECKING:
    from tests.functional.tables import Properties
    from tests.simulator.account import Account
    from tests.simulator.cloudformation import Outcome
    from tests.simulator.cloudformation.response_server import Signing
    from tests.simulator.faults import Call, Phase

ITEM: dict[str, Any] = {"id": {"S": "imported"}}
FAILED = {"ImportStatus": "FAILED", "FailureCode": "ItemValidationError", "FailureMessage": "Too many bad items"}
OWNERSHIP = {f"table-provisioner:{name}" for name in ("stack-id", "logical-resource-id", "request-id", "request-time")}


def imported(prefix: str = "orders/", **more: Any) -> Properties:  # noqa: ANN401 -- any property
    """A table ``orders`` as ``AWS::DynamoDB::Table`` takes it, made from objects in S3."""
    source = {
        "S3BucketSource": {"S3Bucket": "lake", "S3KeyPrefix": prefix},
        "InputFormat": "CSV",
        "InputFormatOptions": {"Csv": {"Delimiter": ";", "HeaderList": ["id", "city"]}},
        "InputCompressionType": "GZIP",
    }
    return compact(ImportSourceSpecification=source, **more)


def unnamed(properties: Properties) -> Properties:
    return {name: value for name, value in properties.items() if name != "TableName"}


@pytest.fixture(autouse=True)
def one_item(account: Account) -> None:
    """What every import brings."""
    account.dynamodb.world.imports.items = {"imported": ITEM}


def create(account: Account, properties: Properties, **more: Any) -> Outcome:  # noqa: ANN401 -- of ``create_stack``
    return account.cloudformation.create_stack({"Table": properties}, **more)


def begin(account: Account, properties: Properties) -> Outcome:
    outcome = create(account, properties)
    assert outcome.status == "CREATE_COMPLETE", outcome.events[0].reason
    account.clock.advance(60)
    account.dynamodb.calls.clear()
    return outcome


def test_a_table_is_imported_and_then_brought_to_what_an_import_does_not_take(account: Account) -> None:
    outcome = begin(
        account,
        imported(
            Tags=[{"Key": "team", "Value": "checkout"}],
            TimeToLiveAttribute="expires_at",
            StreamSpecification={"StreamViewType": "NEW_IMAGE"},
            TableClass="STANDARD_INFREQUENT_ACCESS",
            DeletionProtectionEnabled="true",
        ),
    )
    table = described() or {}
    assert outcome.event("Create").data["Status"] == "CREATED"
    assert outcome.event("Create").data["StreamArn"] == table["LatestStreamArn"]
    assert account.dynamodb.items("orders") == [ITEM]
    assert tags().keys() == OWNERSHIP | {"team"}
    assert time_to_live() == "expires_at"
    assert table["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert table["DeletionProtectionEnabled"] is True


def test_an_import_takes_no_floor_and_one_below_what_its_table_has_asks_for_nothing(account: Account) -> None:
    floor = {"ReadUnitsPerSecond": 5_000, "WriteUnitsPerSecond": 2_000}
    assert create(account, imported(WarmThroughput=floor)).status == "CREATE_COMPLETE"
    assert account.dynamodb.mutations == ["ImportTable", "TagResource"]


def test_a_floor_of_an_index_that_an_import_would_refuse_is_refused_before(account: Account) -> None:
    index = {"IndexName": "by-city", "PartitionKey": {"Name": "city", "Type": "S"}}
    floor = {"WarmThroughput": {"ReadUnitsPerSecond": 5_000}}
    reason = create(account, imported(GlobalSecondaryIndexes=[index | floor])).events[0].reason
    assert "GlobalSecondaryIndexes[0].WarmThroughput.ReadUnitsPerSecond: 5000 is less" in reason
    assert account.dynamodb.mutations == []


def test_what_imports_are_asked_for_is_what_the_template_says(account: Account) -> None:
    assert create(account, imported()).status == "CREATE_COMPLETE"
    (call,) = account.dynamodb.calls_of("ImportTable")
    declared = imported()["ImportSourceSpecification"]
    assert {name: call.params[name] for name in declared} == declared
    arn = (described() or {})["TableArn"]
    assert {call.params["TableArn"] for call in account.dynamodb.calls_of("ListImports")} == {arn}
    assert account.dynamodb.mutations == ["ImportTable", "TagResource"]


def test_an_import_that_outlasts_the_function_is_waited_for_by_the_next_invocations(account: Account) -> None:
    account.dynamodb.world.imports.seconds = 2_400
    outcome = begin(account, imported())
    invocations = account.cloudformation.lambda_service.invocations
    assert len(invocations) == 3
    assert outcome.event("Create").data["Status"] == "CREATED"
    assert tags().keys() == OWNERSHIP
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    assert described() is None


def test_the_same_template_again_changes_nothing_and_asks_for_no_import(account: Account) -> None:
    begin(account, imported())
    outcome = account.cloudformation.update_stack({"Table": imported(OnDelete="Delete")})
    assert outcome.event("Update").data["Status"] == "UNCHANGED"
    assert {call.operation for call in account.dynamodb.calls} == {"DescribeTable", "ListTagsOfResource"}


@pytest.mark.soak
@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_process_that_dies_at_any_call_of_an_import_makes_one_table_of_ours(
    account: Account, phase: Phase, request: pytest.FixtureRequest
) -> None:
    """Lambda delivers the event again: the table, which no tag says whose it is, is known by its import."""
    account.dynamodb.world.imports.seconds = 10
    whole = create(account, imported())
    assert whole.status == "CREATE_COMPLETE", whole.events[0].reason
    operations = [call.operation for call in account.dynamodb.calls]
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    is_whole = request.config.getoption("--soak")
    sample = {operations.index(operation) + 1: operation for operation in operations}
    for number in range(1, len(operations) + 1) if is_whole else sample:
        fault = Fault(ProcessKilled(account.clock), at=number, phase=phase)
        account.interceptors.append(fault)
        outcome = create(account, imported(ExistingTable="Fail"))
        account.interceptors.remove(fault)
        assert outcome.status == "CREATE_COMPLETE", f"{number}: {outcome.events[0].reason}"
        assert tags().keys() == OWNERSHIP
        assert account.dynamodb.items("orders") == [ITEM]
        assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
        assert described() is None
        account.cloudformation.settle()


WARM = {"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 5_000}


@pytest.mark.parametrize("number", [1, 2, 3])
def test_warm_throughput_that_an_import_cannot_take_is_what_the_table_begins_with(
    account: Account, number: int
) -> None:
    """Also where later changes are left alone, and whoever is killed."""
    account.interceptors.append(Fault(ProcessKilled(account.clock), at=number, operation="UpdateTable"))
    properties = imported(
        CapacityManagement="InitialOnly", WarmThroughput=WARM, TableClass="STANDARD_INFREQUENT_ACCESS"
    )
    begin(account, properties)
    assert (described() or {})["WarmThroughput"] == {**WARM, "Status": "ACTIVE"}
    more = {"WarmThroughput": {**WARM, "ReadUnitsPerSecond": 14_000}}
    account.cloudformation.update_stack({"Table": properties | more})
    assert (described() or {})["WarmThroughput"] == {**WARM, "Status": "ACTIVE"}


@pytest.mark.parametrize("signing", ["v4", "v2", "unknown"])
def test_an_import_is_known_again_when_it_is_over(account: Account, signing: Signing) -> None:
    """Killed before the table was tagged, and delivered again on a URL that may not tell when it was signed."""
    account.cloudformation.signing = signing
    account.interceptors.append(Fault(ProcessKilled(account.clock), operation="TagResource"))
    outcome = create(account, imported(ExistingTable="Fail"))
    assert outcome.status == "CREATE_COMPLETE", outcome.events[0].reason
    assert tags().keys() == OWNERSHIP


def test_an_import_whose_answer_was_lost_is_not_begun_again(account: Account) -> None:
    account.interceptors.append(Fault(ConnectionLost(), operation="ImportTable", phase="after"))
    outcome = create(account, imported(ExistingTable="Fail"))
    assert outcome.status == "CREATE_COMPLETE", outcome.events[0].reason
    assert len(account.dynamodb.calls_of("ImportTable")) == 1
    assert tags().keys() == OWNERSHIP


def test_a_failed_import_is_told_with_its_reason_and_rolled_back(account: Account) -> None:
    account.dynamodb.world.imports.ending = FAILED
    outcome = create(account, imported())
    assert outcome.summary == ["Create Table FAILED orders", "Delete Table SUCCESS orders"]
    assert outcome.events[0].reason == (
        "InvalidRequest: the import of table 'orders' from s3://lake/orders/ failed: ItemValidationError: Too many bad"
        " items. See the log group /aws-dynamodb/imports; mend the source or the rights to it, then deploy again."
    )
    assert described() is None


def test_an_import_that_failed_before_it_was_listed_is_no_success(account: Account) -> None:
    account.dynamodb.world.imports.seconds = 1
    account.dynamodb.world.imports.listed_after = 60
    account.dynamodb.world.imports.ending = FAILED
    outcome = create(account, imported())
    assert outcome.summary == ["Create Table FAILED orders", "Delete Table SUCCESS orders"]
    assert outcome.events[0].reason.startswith("InvalidRequest: the import of table 'orders'")
    assert described() is None


def test_an_import_that_fails_after_its_table_became_active_is_no_success(account: Account) -> None:
    account.dynamodb.world.imports.shown_after = 120
    account.dynamodb.world.imports.ending = FAILED
    outcome = create(account, imported())
    assert outcome.summary == ["Create Table FAILED orders", "Delete Table SUCCESS orders"]
    assert outcome.events[0].reason.startswith("InvalidRequest: the import of table 'orders'")
    assert described() is None


@pytest.mark.parametrize("time", ["2020-01-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00"])
@pytest.mark.parametrize("moment", ["DescribeImport", "TagResource"])
def test_whoever_takes_over_a_table_whose_import_failed_keeps_it(account: Account, moment: str, time: str) -> None:
    """It has no tags at that moment: theirs come before ours are written, or in their place, read once as none."""
    account.dynamodb.world.imports.ending = FAILED
    theirs = adopted(ANOTHER_STACK) | fenced("theirs", time)

    def take_over(call: Call, phase: Phase) -> None:
        table = account.dynamodb.tables.get("orders")
        if (call.operation, phase) == (moment, "after") and table is not None and table.status == "ACTIVE":
            account.interceptors.remove(take_over)
            table.tags.current, table.tags.shown_before = dict(theirs), {}

    account.interceptors.append(take_over)
    outcome = create(account, imported())
    assert outcome.events[0].reason.startswith("ResourceConflict: ")
    assert outcome.summary[1].startswith("Delete Table SUCCESS")
    assert tags() == theirs


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param({"FailureCode": "S3AccessDenied"}, id="by its code"),
        pytest.param(
            {"FailureMessage": "User: function is not authorized to perform: logs:CreateLogStream"}, id="by its message"
        ),
    ],
)
def test_an_import_that_lacks_a_right_is_denied_access(account: Account, ending: dict[str, Any]) -> None:
    account.dynamodb.world.imports.ending = {"ImportStatus": "FAILED", **ending}
    assert create(account, imported()).events[0].reason.startswith("AccessDenied: the import of table 'orders'")


def test_a_failed_import_is_a_failure_on_every_delivery(account: Account) -> None:
    account.dynamodb.world.imports.ending = FAILED
    request = account.cloudformation.request("Create", imported())
    first = account.cloudformation.deliver(request)
    second = account.cloudformation.deliver(request)
    assert (first.is_success, second.is_success) == (False, False)
    assert first.reason == second.reason


def test_a_create_that_gives_up_before_the_import_is_over_leaves_nothing_behind(account: Account) -> None:
    """The rollback finds the table still being imported, without tags, and waits for it."""
    account.dynamodb.world.imports.seconds = 4_200
    outcome = create(account, imported())
    assert outcome.summary == ["Create Table FAILED orders", "Delete Table SUCCESS orders"]
    assert outcome.events[0].reason.startswith("NotStabilized: ")
    assert described() is None


def test_a_rollback_that_cannot_delete_the_table_leaves_it_to_be_deleted_later(account: Account) -> None:
    """Its Delete proves by the import that the table is ours, and tags it so for whoever comes after the import."""
    account.dynamodb.world.imports.seconds = 4_200
    busy = Refused("ResourceInUseException", "Attempt to change a resource which is still in use: Table: orders")
    account.interceptors.append(Fault(busy, operation="DeleteTable"))
    account.interceptors.append(Fault(Refused("AccessDeniedException", "no"), operation="DeleteTable"))
    assert create(account, imported()).status == "ROLLBACK_FAILED"
    assert tags().keys() == OWNERSHIP
    account.clock.advance(600)
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    assert described() is None


def test_imports_are_looked_for_only_where_nothing_else_says_whose_a_table_is(account: Account) -> None:
    begin(account, imported())
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    assert account.dynamodb.calls_of("ListImports") == []
    make_table(account)
    begin(account, compact())
    dynamodb().untag_resource(ResourceArn=(described() or {})["TableArn"], TagKeys=sorted(tags()))
    account.clock.advance(60)
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    assert account.dynamodb.calls_of("ListImports") == []


def import_by_hand(account: Account, token: str) -> None:
    source = imported()["ImportSourceSpecification"]
    dynamodb().import_table(
        ClientToken=token,
        TableCreationParameters={
            "TableName": "orders",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
        **source,
    )
    account.clock.advance(700)


def test_a_table_that_somebody_else_imported_is_not_ours(account: Account) -> None:
    import_by_hand(account, "theirs")
    outcome = create(account, imported(ExistingTable="Fail"))
    assert outcome.summary == [
        "Create Table FAILED orders/not-created",
        "Delete Table SUCCESS orders/not-created",
    ]
    assert outcome.events[0].reason.startswith("AlreadyExists: table 'orders' exists, and ExistingTable is Fail.")
    assert account.dynamodb.items("orders") == [ITEM]


def test_a_table_that_somebody_else_imported_is_taken_over_and_never_deleted(account: Account) -> None:
    import_by_hand(account, "theirs")
    outcome = begin(account, imported())
    assert outcome.event("Create").data["Status"] == "EXISTS"
    assert account.dynamodb.calls_of("ImportTable") == []
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    assert account.dynamodb.items("orders") == [ITEM]


def test_a_table_whose_import_failed_is_not_taken_over(account: Account) -> None:
    account.dynamodb.world.imports.ending = FAILED
    import_by_hand(account, "theirs")
    outcome = create(account, imported())
    assert outcome.summary[0] == "Create Table FAILED orders/not-created"
    assert described() is not None
    assert tags() == {}


def test_a_table_of_another_stack_is_not_ours_whatever_is_imported(account: Account) -> None:
    make_table(account, owned("arn:aws:cloudformation:us-east-1:123456789012:stack/warehouse/1"))
    outcome = create(account, imported())
    assert outcome.events[0].reason.startswith("AlreadyExists: table 'orders' belongs to resource Table of stack")
    assert account.dynamodb.calls_of("ImportTable") == []


def test_a_table_that_was_let_go_of_is_not_claimed_by_its_import(account: Account) -> None:
    """Its import says whose it was; who took the tags off afterwards meant it."""
    begin(account, imported())
    dynamodb().untag_resource(ResourceArn=(described() or {})["TableArn"], TagKeys=sorted(OWNERSHIP))
    account.clock.advance(60)
    outcome = account.cloudformation.delete_stack()
    assert outcome.summary == ["Delete Table SUCCESS orders"]
    assert outcome.events[-1].reason.startswith("Nothing was deleted: table 'orders' is not this resource's.")
    assert account.dynamodb.items("orders") == [ITEM]


CHANGES = [
    pytest.param(imported(), imported("elsewhere/"), id="another-source"),
    pytest.param(imported(), compact(), id="no-source-any-more"),
    pytest.param(compact(), imported(), id="a-source-by-now"),
]


@pytest.mark.parametrize(("first", "then"), CHANGES)
def test_another_source_under_an_explicit_name_is_refused_and_taken_back(
    account: Account, first: Properties, then: Properties
) -> None:
    begin(account, first)
    before = described()
    outcome = account.cloudformation.update_stack({"Table": then | {"DeletionProtectionEnabled": "true"}})
    assert outcome.summary == ["Update Table FAILED orders", "Update Table SUCCESS orders"]
    reason = outcome.events[0].reason
    assert reason.startswith("NotUpdatable: table 'orders' has the data of ")
    assert "Then give it another TableName, or none" in reason
    assert described() == before


@pytest.mark.parametrize(("first", "then"), CHANGES)
def test_another_source_under_a_generated_name_is_another_table(
    account: Account, first: Properties, then: Properties
) -> None:
    former = begin(account, unnamed(first)).physical_resource_ids["Table"]
    outcome = account.cloudformation.update_stack({"Table": unnamed(then)})
    assert outcome.status == "UPDATE_COMPLETE", outcome.events[0].reason
    name = outcome.physical_resource_ids["Table"]
    assert name != former
    assert described(former) is None
    assert len(account.dynamodb.items(name)) == ("ImportSourceSpecification" in then)


def test_a_replacement_whose_import_fails_is_taken_back(account: Account) -> None:
    former = begin(account, unnamed(imported())).physical_resource_ids["Table"]
    account.dynamodb.world.imports.ending = FAILED
    outcome = account.cloudformation.update_stack({"Table": unnamed(imported("elsewhere/"))})
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE", outcome.events[-1].reason
    assert account.dynamodb.items(former) == [ITEM]
    assert list(account.dynamodb.tables) == [former]


def test_a_replacement_whose_import_outlasts_the_request_is_taken_back(account: Account) -> None:
    former = begin(account, unnamed(imported())).physical_resource_ids["Table"]
    account.dynamodb.world.imports.seconds = 4_200
    outcome = account.cloudformation.update_stack({"Table": unnamed(imported("elsewhere/"))})
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE", outcome.events[-1].reason
    assert list(account.dynamodb.tables) == [former]


def test_a_replacement_is_taken_back_while_its_import_goes_on_for_longer_than_a_rollback_may(account: Account) -> None:
    """DynamoDB takes no change of a table that is being imported, so the way back does not wait for it."""
    former = begin(account, unnamed(imported(ExistingTable="Fail"))).physical_resource_ids["Table"]
    account.dynamodb.world.imports.seconds = 4 * 3_600
    outcome = account.cloudformation.update_stack({"Table": unnamed(imported("elsewhere/", ExistingTable="Fail"))})
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE", outcome.events[-1].reason
    assert outcome.physical_resource_ids["Table"] == former
    assert outcome.events[1].duration < 60
    assert outcome.events[-1].reason.startswith("NotStabilized: ")
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    assert described(former) is None


def test_a_replacement_is_taken_back_before_its_import_is_listed(account: Account) -> None:
    former = begin(account, unnamed(imported(ExistingTable="Fail"))).physical_resource_ids["Table"]
    account.dynamodb.world.imports.listed_after = 30
    denied = Fault(Refused("AccessDeniedException", "not authorized"), operation="DescribeTable")

    def deny_the_next_look(call: Call, phase: Phase) -> None:
        if account.dynamodb.calls_of("ImportTable"):
            denied(call, phase)

    account.interceptors.append(deny_the_next_look)
    outcome = account.cloudformation.update_stack({"Table": unnamed(imported("elsewhere/", ExistingTable="Fail"))})
    assert outcome.events[0].reason.startswith("AccessDenied: ")
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE", outcome.events[1].reason
    assert list(account.dynamodb.tables) == [former]


@pytest.mark.parametrize("existing", ["Adopt", "Fail"])
def test_a_replacement_whose_imported_table_was_never_tagged_is_taken_back(account: Account, existing: str) -> None:
    """The table that was left is ours still, and no table that outlived its resource."""
    former = begin(account, unnamed(imported(ExistingTable=existing))).physical_resource_ids["Table"]
    account.interceptors.append(Fault(Refused("AccessDeniedException", "a tag policy"), operation="TagResource", at=2))
    outcome = account.cloudformation.update_stack({"Table": unnamed(imported("elsewhere/", ExistingTable=existing))})
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE", outcome.events[1].reason
    assert tags(former).keys() == OWNERSHIP


def test_a_table_whose_import_outlasts_the_rollback_too_is_nobody_s(account: Account) -> None:
    """No tag says whose it is. Whoever is asked to delete it after its import cannot tell it from one let go of."""
    account.dynamodb.world.imports.seconds = 4 * 3_600
    outcome = create(account, imported())
    assert outcome.status == "ROLLBACK_FAILED"
    assert outcome.events[1].reason.startswith("NotStabilized: ")
    account.clock.advance(4 * 3_600)
    assert (described() or {})["TableStatus"] == "ACTIVE"  # since now
    account.clock.advance(60)
    outcome = account.cloudformation.delete_stack()
    assert outcome.events[-1].reason.startswith("Nothing was deleted: table 'orders' is not this resource's.")
    assert account.dynamodb.items("orders") == [ITEM]


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        pytest.param(
            Refused("ImportConflictException", "There was a conflict."),
            "ResourceConflict: could not create table 'orders': ImportTable answered ImportConflictException, There was"
            " a conflict. This very request asked for another import in the last eight hours. Deploy again",
            id="a conflict",
        ),
        pytest.param(
            Refused("IdempotentParameterMismatch", "Other parameters."), "ResourceConflict: ", id="a mismatch"
        ),
        pytest.param(
            Refused("LimitExceededException", "Subscriber limit exceeded: imports"), "ServiceLimitExceeded: ", id="50"
        ),
        pytest.param(Refused("ValidationException", "The bucket does not exist"), "InvalidRequest: ", id="no bucket"),
        pytest.param(Refused("AccessDeniedException", "s3:ListBucket"), "AccessDenied: ", id="no right"),
    ],
)
def test_a_refused_import_is_told_at_once_and_leaves_nothing(account: Account, refused: Refused, reason: str) -> None:
    account.interceptors.append(Fault(refused, operation="ImportTable"))
    outcome = create(account, imported())
    assert outcome.status == "ROLLBACK_COMPLETE", outcome.events[-1].reason
    assert outcome.events[0].reason.startswith(reason)
    assert outcome.events[0].duration < 1
    assert account.dynamodb.tables == {}


@pytest.mark.parametrize(
    "then",
    [
        pytest.param(imported("elsewhere/"), id="another source"),
        pytest.param(compact(), id="none"),
    ],
)
def test_the_source_of_a_table_that_was_taken_over_means_nothing(account: Account, then: Properties) -> None:
    make_table(account)
    begin(account, imported())
    outcome = account.cloudformation.update_stack({"Table": then})
    assert outcome.status == "UPDATE_COMPLETE", outcome.events[0].reason


def test_a_source_of_the_past_is_not_held_against_anybody(account: Account) -> None:
    """After 90 days DynamoDB lists the import no more."""
    begin(account, imported())
    account.dynamodb.world.imports.started.clear()
    account.dynamodb.tables["orders"].created_at -= 91 * 86_400
    outcome = account.cloudformation.update_stack({"Table": imported("elsewhere/")})
    assert outcome.event("Update").data["Status"] == "UNCHANGED"


def test_a_source_of_the_past_that_was_left_out_comes_back_with_the_rollback(account: Account) -> None:
    """Which is why one that is new to the template of so old a table is not refused: nothing tells the two apart."""
    begin(account, imported())
    account.clock.limit = 100 * 86_400
    account.clock.advance(91 * 86_400)
    account.dynamodb.world.imports.started.clear()
    outcome = account.cloudformation.update_stack({"Table": compact()}, another_resource_fails=True)
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE", outcome.events[-1].reason
    assert [event.data["Status"] for event in outcome.events] == ["UNCHANGED", "UNCHANGED"]


def test_a_table_that_was_restored_since_its_import_can_be_updated_and_taken_back(account: Account) -> None:
    begin(account, imported())
    account.dynamodb.world.imports.started.clear()
    outcome = account.cloudformation.update_stack({"Table": imported("elsewhere/")}, another_resource_fails=True)
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"


def test_former_tables_of_the_name_and_their_imports_mean_nothing(account: Account) -> None:
    account.dynamodb.world.imports.ending = FAILED
    create(account, imported())
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    for number in range(26):  # more than a page of imports
        import_by_hand(account, f"theirs-{number}")
        dynamodb().delete_table(TableName="orders")
        account.clock.advance(60)
    make_table(account)
    assert create(account, imported()).event("Create").data["Status"] == "EXISTS"
    assert account.cloudformation.delete_stack().status == "DELETE_COMPLETE"
    dynamodb().delete_table(TableName="orders")
    account.clock.advance(60)
    account.dynamodb.world.imports.ending = {"ImportStatus": "COMPLETED"}
    outcome = create(account, imported(ExistingTable="Fail"))
    assert outcome.event("Create").data["Status"] == "CREATED"
    assert outcome.event("Create").duration < 660


def test_items_that_could_not_be_imported_are_logged(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    account.dynamodb.world.imports.ending = {"ImportStatus": "COMPLETED", "ErrorCount": 3}
    assert create(account, imported()).status == "CREATE_COMPLETE"
    assert "3 items or objects were not imported from s3://lake/orders/" in caplog.messages


def test_a_program_imports_a_table_without_an_owner(account: Account) -> None:
    schema = TableSchema.model_validate(imported())
    assert TableProvisioner(DynamoDB()).plan(schema).steps[0].usual_seconds > 0
    result = TableProvisioner(DynamoDB()).create(schema)
    assert result.status is ProvisionStatus.CREATED
    assert tags() == {}
    other = TableSchema.model_validate(imported("elsewhere/"))
    refused = TableProvisioner(DynamoDB()).plan(other, schema)
    assert str(refused.error).startswith("NotUpdatable: table 'orders' has the data of s3://lake/orders/ (CSV)")
    assert account.dynamodb.items("orders") == [ITEM]


@pytest.mark.parametrize(
    ("throttled_calls", "error", "unknown_because"), [(2, "NotUpdatable", None), (math.inf, None, "NotStabilized")]
)
def test_a_plan_bears_with_a_busy_dynamodb_when_it_looks_at_an_import(
    account: Account, throttled_calls: float, error: str | None, unknown_because: str | None
) -> None:
    provisioner = TableProvisioner(DynamoDB())
    former, other = (TableSchema.model_validate(imported(prefix)) for prefix in ("orders/", "elsewhere/"))
    assert provisioner.create(former).error is None
    account.interceptors.append(throttling_storm(calls=throttled_calls, operation="ListImports"))
    planned = provisioner.plan(other, former)
    codes = [each and each.code for each in (planned.error, planned.unknown_because)]
    assert codes == [error, unknown_because]


@pytest.mark.parametrize(
    ("properties", "path"),
    [
        pytest.param(
            imported(
                SortKey={"Name": "at", "Type": "N"},
                LocalSecondaryIndexes=[{"IndexName": "by-size", "SortKey": {"Name": "size", "Type": "N"}}],
            ),
            "LocalSecondaryIndexes: cannot be built by an import.",
            id="local indexes",
        ),
    ],
)
def test_what_cannot_be_imported_is_refused_before_any_call(
    account: Account, properties: Properties, path: str
) -> None:
    assert path in create(account, properties).events[0].reason
    assert account.dynamodb.calls == []
