"""Each property alone: created with, added, changed, removed, taken back by a rollback, left alone, set right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from table_provisioner import TableSchema
from table_provisioner.handler import lambda_handler
from table_provisioner.properties import read_properties
from tests.functional.lives import HOUR, QUICK
from tests.functional.native_properties import ALIAS, PROPERTIES, Property
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.functional.tables import Properties
    from tests.simulator.account import Account, OpenAccount
    from tests.simulator.cloudformation import ResourceEvent

WAYS = {"added": (2, 0), "changed": (0, 1), "removed": (1, 2)}
"""From which to which of the three versions of a property."""


@pytest.fixture
def account(open_account: OpenAccount) -> Account:
    """An account in which updates are over sooner."""
    account = open_account(lambda_handler, Function(is_recursion_allowed=True), profile=QUICK)
    account.dynamodb.keys.add(ALIAS)
    return account


def begin(account: Account, properties: Properties) -> None:
    """Create a stack of one table, and come back an hour later."""
    outcome = account.cloudformation.create_stack({"Table": properties})
    assert outcome.status == "CREATE_COMPLETE", outcome.events[0].reason
    account.clock.advance(HOUR)
    account.dynamodb.calls.clear()


def update(account: Account, properties: Properties) -> ResourceEvent:
    """Update the stack, which must succeed."""
    outcome = account.cloudformation.update_stack({"Table": properties})
    assert outcome.status == "UPDATE_COMPLETE", outcome.events[0].reason
    return outcome.event("Update")


each_property = pytest.mark.parametrize("declared", PROPERTIES.values(), ids=PROPERTIES)


@pytest.mark.parametrize("way", WAYS)
@each_property
def test_a_property_is_changed_and_taken_back_at_once(account: Account, declared: Property, way: str) -> None:
    """The way back is what CloudFormation sends as a rollback: the same properties, swapped."""
    before, after = (declared.shows[version] for version in WAYS[way])
    first, second = (declared.versions[version] for version in WAYS[way])
    begin(account, first)
    table_id = account.dynamodb.tables["orders"].table_id
    assert declared.look(account) == before
    after = declared.since(before, after)
    for properties, wanted in ((second, after), (first, declared.since(after, before))):
        former = declared.look(account)
        event = update(account, properties)
        assert declared.look(account) == wanted
        assert event.data["Status"] == ("UNCHANGED" if former == wanted else "UPDATED")
    assert account.dynamodb.tables["orders"].table_id == table_id


@each_property
def test_a_property_that_stays_as_declared_is_not_written_again(account: Account, declared: Property) -> None:
    first, _, _ = declared.versions
    begin(account, first)
    event = update(account, first | {"OnDelete": "Retain"})
    assert (account.dynamodb.mutations, event.data["Status"]) == ([], "UNCHANGED")


BY_HAND = {name: declared for name, declared in PROPERTIES.items() if declared.by_hand}
CAN_DRIFT = BY_HAND.keys() - {
    "GlobalSecondaryIndexes",  # an index is its definition
    "KinesisStreamSpecification",  # one stream at a time
    "StreamSpecification",  # as is a stream
    "TimeToLiveAttribute",  # takes two changes, as TimeToLiveSpecification shows in one
    "WarmThroughput",  # only rises
    "GlobalSecondaryIndexes.WarmThroughput",  # as above
    "KinesisStreamSpecification.ApproximateCreationDateTimePrecision",  # takes another call once there is a stream
}


@pytest.mark.parametrize("name", sorted(BY_HAND.keys() - {"GlobalSecondaryIndexes.ProvisionedThroughput"}))
def test_a_property_that_was_never_declared_is_left_alone(account: Account, name: str) -> None:
    """The capacity of an index is declared wherever capacity is."""
    declared = PROPERTIES[name]
    _, _, rest = declared.versions
    begin(account, rest)
    declared.make_by_hand()
    account.clock.advance(HOUR)
    assert declared.look(account) == declared.shows[0]
    other = {"TimeToLiveAttribute": "x"} if name == "DeletionProtectionEnabled" else {"DeletionProtectionEnabled": True}
    update(account, rest | other)
    assert declared.look(account) == declared.shows[0]


@pytest.mark.parametrize("name", sorted(CAN_DRIFT))
def test_a_property_that_somebody_else_changed_is_set_right_by_the_next_update(account: Account, name: str) -> None:
    declared = PROPERTIES[name]
    _, then, _ = declared.versions
    begin(account, then)
    declared.make_by_hand()
    account.clock.advance(HOUR)
    assert declared.look(account) != declared.shows[1]
    update(account, then | {"OnDelete": "Retain"})
    assert declared.look(account) == declared.shows[1]


# --- the table of properties is complete ---

REPLACES = {"TableName", "PartitionKey", "SortKey", "LocalSecondaryIndexes", "ImportSourceSpecification"}
"""What only another table can have; ``test_replacement.py`` is about it."""


def test_every_field_of_a_table_changes_in_some_row() -> None:
    changed = {path for declared in PROPERTIES.values() for path in changed_paths(declared)}
    wanted = {path for path in paths(TableSchema) if path.partition(".")[0] not in REPLACES}
    missing = wanted - changed
    assert not missing, (
        f"nothing shows that a change of {', '.join(sorted(missing))} does anything: add rows to PROPERTIES in "
        "tests/functional/native_properties.py, and what docs/design.md names under 'Adding a property'"
    )


def changed_paths(declared: Property) -> set[str]:
    """Where the three versions differ, once they are read."""
    versions = [read_properties(version, lambda _: "unnamed").schema for version in declared.versions]
    first, then, rest = (set(values(version)) for version in versions)
    return {path for path, _ in (first ^ then) | (first ^ rest)}


def values(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 -- any part of a model
    """The leaves of a model that are set, with their paths."""
    if isinstance(value, BaseModel):
        for name in value.model_fields_set:
            alias = type(value).model_fields[name].alias or name
            yield from values(getattr(value, name), f"{path}.{alias}".removeprefix("."))
    elif isinstance(value, tuple):
        for each in value:
            yield from values(each, path)
    else:
        yield path, str(value)


def paths(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """The leaves that a model may have."""
    for name, info in model.model_fields.items():
        here = f"{path}.{info.alias or name}".removeprefix(".")
        inner = [part for part in parts(info.annotation) if isinstance(part, type) and issubclass(part, BaseModel)]
        if not inner:
            yield here
        for part in inner:
            yield from paths(part, here)


def parts(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 -- any annotation
    """An annotation and all that it is made of."""
    yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from parts(part)
