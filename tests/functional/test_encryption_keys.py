"""Which KMS key a table is encrypted with, where KMS tells, does not tell, or does not answer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from table_provisioner import ProvisionStatus, TableProvisioner, TableSchema
from table_provisioner.dynamodb import DynamoDB
from table_provisioner.handler import clients
from tests.functional.tables import compact, described, dynamodb, tags
from tests.simulator.faults import ConnectionLost, Fault, ProcessKilled, Refused, throttling_storm

if TYPE_CHECKING:
    from tests.functional.tables import Properties
    from tests.simulator.account import Account
    from tests.simulator.dynamodb.kms import Key
    from tests.simulator.faults import Effect

ALIAS, OTHER_ALIAS = "alias/a", "alias/b"


@pytest.fixture(autouse=True)
def key(account: Account) -> Key:
    """The key that the tables have at first."""
    return account.dynamodb.keys.add(ALIAS)


def encrypted(alias: str = ALIAS, **more: object) -> Properties:
    return compact(SSESpecification={"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": alias}, **more)


def key_of_table() -> str:
    return str((described() or {})["SSEDescription"]["KMSMasterKeyArn"])


def changes_of_key(account: Account) -> int:
    """How often DynamoDB was told to encrypt with another key: it takes that four times a day."""
    return sum("SSESpecification" in call.params for call in account.dynamodb.calls_of("UpdateTable"))


def make_table(account: Account, alias: str = ALIAS) -> None:
    dynamodb().create_table(
        TableName="orders",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": alias},
    )
    account.clock.advance(60)


def begin(account: Account, properties: Properties) -> None:
    outcome = account.cloudformation.create_stack({"Table": properties})
    assert outcome.status == "CREATE_COMPLETE", outcome.events[0].reason
    account.clock.advance(60)
    account.dynamodb.calls.clear()


# --- tables that are taken over ---


@pytest.mark.parametrize("is_denied", [False, True])
def test_a_table_is_not_taken_over_under_a_key_that_does_not_exist(account: Account, *, is_denied: bool) -> None:
    make_table(account)
    account.dynamodb.keys.is_describe_denied = is_denied
    outcome = account.cloudformation.create_stack({"Table": encrypted("alias/nope")})
    assert outcome.events[0].reason.startswith("AccessDenied: could not encrypt with alias/nope: ")
    assert "Key 'alias/nope' does not exist" in outcome.events[0].reason
    assert described() is not None
    assert tags() == {}


def test_a_table_that_is_taken_over_gets_the_declared_key_although_nobody_tells_which_it_is(account: Account) -> None:
    make_table(account)
    wanted = account.dynamodb.keys.add(OTHER_ALIAS)
    account.dynamodb.keys.is_describe_denied = True
    begin(account, encrypted(OTHER_ALIAS))
    assert key_of_table() == wanted.arn
    account.cloudformation.update_stack({"Table": encrypted(OTHER_ALIAS, TableClass="STANDARD_INFREQUENT_ACCESS")})
    assert changes_of_key(account) == 0, "an unchanged spelling is unchanged"


@pytest.mark.parametrize("is_taken_over", [False, True], ids=["made", "taken over"])
def test_a_replacement_that_is_taken_back_does_not_change_the_key_of_the_table_that_is_left(
    account: Account, *, is_taken_over: bool
) -> None:
    if is_taken_over:
        make_table(account)
    account.dynamodb.keys.is_describe_denied = True
    begin(account, encrypted())
    outcome = account.cloudformation.update_stack(
        {"Table": encrypted() | {"TableName": "others"}}, another_resource_fails=True
    )
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE", outcome.events[-1].reason
    assert described("others") is None
    assert changes_of_key(account) == 0


# --- tables without a stack ---


@pytest.mark.parametrize("is_update", [False, True])
def test_without_a_stack_a_key_of_which_nobody_tells_is_the_one_that_the_table_has(
    account: Account, *, is_update: bool
) -> None:
    """However often it is applied: DynamoDB takes four changes a day, and a plan comes to an end."""
    make_table(account)
    account.dynamodb.calls.clear()
    account.dynamodb.keys.is_describe_denied = True
    schema, provisioner = TableSchema.model_validate(encrypted()), TableProvisioner(DynamoDB(clients))
    provision = provisioner.update if is_update else provisioner.create
    unchanged = ProvisionStatus.UNCHANGED if is_update else ProvisionStatus.EXISTS
    assert [provision(schema).status for _ in range(5)] == [unchanged] * 5
    assert provisioner.plan(schema).steps == ()
    assert account.dynamodb.mutations == []


def test_what_nobody_tells_is_planned_and_done_where_it_is_spelled_otherwise_than_before(account: Account) -> None:
    make_table(account)
    wanted = account.dynamodb.keys.add(OTHER_ALIAS)
    account.dynamodb.keys.is_describe_denied = True
    previous, schema = (TableSchema.model_validate(encrypted(alias)) for alias in (ALIAS, OTHER_ALIAS))
    provisioner = TableProvisioner(DynamoDB(clients))
    assert [str(step) for step in provisioner.plan(schema, previous).steps] == ["encrypt with alias/b"]
    assert provisioner.update(schema, previous).status is ProvisionStatus.UPDATED
    assert key_of_table() == wanted.arn


def test_a_table_with_the_key_that_dynamodb_owns_gets_the_declared_one_although_nobody_tells_which_it_is(
    account: Account, key: Key
) -> None:
    provisioner = TableProvisioner(DynamoDB(clients))
    assert provisioner.create(TableSchema.model_validate(compact())).error is None
    account.dynamodb.keys.is_describe_denied = True
    assert provisioner.update(TableSchema.model_validate(encrypted())).status is ProvisionStatus.UPDATED
    assert key_of_table() == key.arn


# --- tables of our own ---


def test_a_create_that_comes_again_does_not_use_up_the_changes_of_the_day(account: Account) -> None:
    """Told by an alias, DynamoDB takes the same key for another one, which it allows four times a day (T-082)."""
    account.dynamodb.keys.is_describe_denied = True
    request = account.cloudformation.request("Create", encrypted(TimeToLiveAttribute="ttl"))
    for _ in range(6):
        assert account.cloudformation.deliver(request).is_success
    assert changes_of_key(account) == 0


def test_a_create_that_is_killed_and_goes_on_does_not_change_the_key(account: Account) -> None:
    account.dynamodb.keys.is_describe_denied = True
    account.interceptors.append(Fault(ProcessKilled(account.clock), operation="UpdateTimeToLive"))
    outcome = account.cloudformation.create_stack({"Table": encrypted(TimeToLiveAttribute="ttl")})
    assert outcome.status == "CREATE_COMPLETE", outcome.events[0].reason
    assert changes_of_key(account) == 0


def test_an_alias_that_is_no_more_is_no_difference_while_it_is_spelled_the_same(account: Account) -> None:
    begin(account, encrypted())
    account.dynamodb.keys.remove(ALIAS)
    event = account.cloudformation.update_stack({"Table": encrypted(OnDelete="Retain")}).event("Update")
    assert (event.data.get("Status"), account.dynamodb.mutations) == ("UNCHANGED", [])


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidArnException", "NotFoundException", "ValidationException"])
def test_whatever_kms_has_against_a_key_an_unchanged_spelling_is_unchanged(account: Account, code: str) -> None:
    begin(account, encrypted())
    account.interceptors.append(Fault(Refused(code, "no"), operation="DescribeKey", times=math.inf))
    event = account.cloudformation.update_stack({"Table": encrypted(OnDelete="Retain")}).event("Update")
    assert (event.data.get("Status"), account.dynamodb.mutations) == ("UNCHANGED", [])


def test_another_spelling_is_another_key_where_nobody_tells(account: Account) -> None:
    begin(account, encrypted())
    account.dynamodb.keys.is_describe_denied = True
    wanted = account.dynamodb.keys.add(OTHER_ALIAS)
    event = account.cloudformation.update_stack({"Table": encrypted(OTHER_ALIAS)}).event("Update")
    assert (event.data.get("Status"), key_of_table()) == ("UPDATED", wanted.arn)
    assert changes_of_key(account) == 1


# --- keys that cannot be used any more ---


@pytest.mark.parametrize(("seconds_before", "changes"), [(5_000, 0), (1_500, 2)])
def test_a_table_whose_key_cannot_be_used_any_more_is_not_changed(
    account: Account, key: Key, seconds_before: int, changes: int
) -> None:
    """Also where DynamoDB notices only while indexes are built, after 2500 s."""
    begin(account, encrypted())
    account.dynamodb.disable_key(key)
    account.clock.advance(seconds_before)
    indexes = compact("a", "b", "c")["GlobalSecondaryIndexes"]
    outcome = account.cloudformation.update_stack({"Table": encrypted(GlobalSecondaryIndexes=indexes)})
    assert outcome.events[0].reason == (
        "AccessDenied: DynamoDB cannot use the KMS key of the table. Enable the key and DynamoDB's grants on it; deploy"
        " when it is ACTIVE again."
    )
    assert (described() or {})["TableStatus"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    assert len(account.dynamodb.calls_of("UpdateTable")) == changes


# --- KMS that does not answer ---

PASSING = [
    pytest.param(Refused("ThrottlingException", "Rate exceeded"), id="throttled"),
    pytest.param(Refused("InternalServerError", "Internal server error"), id="an outage"),
    pytest.param(ConnectionLost("on connecting"), id="no connection"),
    pytest.param(ConnectionLost("no way there", 2), id="no way there"),
    pytest.param(ConnectionLost("while waiting", 4), id="no answer"),
]


NO_WAY = [
    pytest.param(ConnectionLost("on connecting"), id="connections are refused"),
    pytest.param(ConnectionLost("no way there", 2), id="nobody is there"),
]


@pytest.mark.parametrize("effect", PASSING)
@pytest.mark.parametrize("times", [1, 3])
def test_an_alias_that_names_another_key_by_now_is_seen_although_kms_fails_at_first(
    account: Account, effect: Effect, times: int
) -> None:
    begin(account, encrypted())
    another = account.dynamodb.keys.add(ALIAS)
    account.interceptors.append(Fault(effect, operation="DescribeKey", times=times))
    event = account.cloudformation.update_stack({"Table": encrypted(OnDelete="Retain")}).event("Update")
    assert (event.data.get("Status"), key_of_table()) == ("UPDATED", another.arn)


@pytest.mark.parametrize("effect", PASSING)
def test_a_table_that_is_taken_over_is_compared_although_kms_fails_at_first(account: Account, effect: Effect) -> None:
    make_table(account)
    account.interceptors.append(Fault(effect, operation="DescribeKey", times=2))
    begin(account, encrypted())
    assert changes_of_key(account) == 0


def test_a_plan_bears_with_kms_for_a_while(account: Account) -> None:
    make_table(account)
    account.interceptors.append(throttling_storm(calls=2, operation="DescribeKey"))
    assert TableProvisioner(DynamoDB(clients)).plan(TableSchema.model_validate(encrypted())).steps == ()


def test_a_plan_does_not_say_that_a_table_cannot_be_changed_where_kms_fails(account: Account) -> None:
    make_table(account)
    account.interceptors.append(throttling_storm(operation="DescribeKey"))
    planned = TableProvisioner(DynamoDB(clients)).plan(TableSchema.model_validate(encrypted()))
    assert (planned.table_status, planned.error) == ("UNKNOWN", None)
    assert planned.unknown_because is not None
    assert "Rate exceeded" in planned.unknown_because.problem


def test_kms_that_never_answers_ends_the_request_before_anything_is_changed(account: Account) -> None:
    begin(account, encrypted())
    account.interceptors.append(Fault(ConnectionLost("while waiting", 4), operation="DescribeKey", times=math.inf))
    event = account.cloudformation.deliver(
        account.cloudformation.request(
            "Update", encrypted(TimeToLiveAttribute="ttl"), encrypted(), PhysicalResourceId="orders"
        )
    )
    assert event.reason.startswith("NetworkFailure: could not find the KMS key of table 'orders': DescribeKey failed")
    assert "an interface endpoint for KMS" in event.reason
    assert account.dynamodb.mutations == []


@pytest.mark.parametrize("effect", NO_WAY)
def test_in_a_network_without_a_way_to_kms_an_unchanged_spelling_is_unchanged_within_seconds(
    account: Account, effect: Effect
) -> None:
    begin(account, encrypted())
    account.interceptors.append(Fault(effect, operation="DescribeKey", times=math.inf))
    began_at = account.clock.now
    event = account.cloudformation.update_stack({"Table": encrypted(OnDelete="Retain")}).event("Update")
    assert (event.data.get("Status"), account.dynamodb.mutations) == ("UNCHANGED", [])
    assert account.clock.now - began_at < 30


@pytest.mark.parametrize("effect", NO_WAY)
def test_in_a_network_without_a_way_to_kms_a_plan_goes_on_by_the_spelling(account: Account, effect: Effect) -> None:
    make_table(account)
    account.interceptors.append(Fault(effect, operation="DescribeKey", times=math.inf))
    planned = TableProvisioner(DynamoDB(clients)).plan(TableSchema.model_validate(encrypted()))
    assert (planned.table_status, planned.steps, planned.unknown_because) == ("ACTIVE", (), None)


def test_who_may_not_ask_is_told_so_in_the_log(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    begin(account, encrypted())
    account.dynamodb.keys.is_describe_denied = True
    with caplog.at_level("INFO", "table_provisioner"):
        account.cloudformation.update_stack({"Table": encrypted(OnDelete="Retain")})
    (record,) = (record for record in caplog.records if "is known by its spelling only" in record.getMessage())
    assert record.levelname == "INFO"
    assert f"KMS key {ALIAS} is known by its spelling only: DescribeKey was refused with AccessDenied" in (
        record.getMessage()
    )


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException"])
def test_credentials_that_are_no_good_are_no_denial(account: Account, code: str) -> None:
    begin(account, encrypted())
    account.interceptors.append(Fault(Refused(code, "no"), operation="DescribeKey"))
    outcome = account.cloudformation.update_stack({"Table": encrypted(TimeToLiveAttribute="ttl")})
    assert outcome.events[0].reason.startswith("AccessDenied: could not find the KMS key of table 'orders'")
