from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.functional.cli.services import DENIED, Services
from tests.functional.others import ANOTHER_STACK, OUR_STACK, adopted, fenced, owned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.functional.cli.conftest import CommandLine


@pytest.fixture
def services(aws_environment: None) -> Iterator[Services]:
    """An account of which a test says what is in it."""
    assert aws_environment is None
    with Services().installed() as answering:
        yield answering


def ours(status: str, *resource: str) -> dict[str, tuple[str, list[tuple[str, ...]]]]:
    """Our stack, with a resource: its logical id, physical id and status."""
    return {OUR_STACK: (status, [resource] if resource else [])}


def verdicts(command_line: CommandLine) -> dict[str, str]:
    """What is told of each table."""
    return {each["table_name"]: each["verdict"] for each in command_line.json("orphans")["tables"]}


def test_no_table_no_orphan(command_line: CommandLine, services: Services) -> None:
    result = command_line.run("orphans")
    assert (result.exit_code, result.stdout) == (0, "No table names a resource that is no more.\n")
    assert command_line.json("orphans") == {"tables": []}
    assert set(services.asked) == {"GetResources"}


@pytest.mark.parametrize(
    "tags", [owned(), adopted(), owned(ANOTHER_STACK) | adopted()], ids=["made", "adopted", "both"]
)
@pytest.mark.parametrize(
    ("stacks", "verdict"),
    [
        pytest.param({}, "STACK_GONE", id="the stack was deleted long ago"),
        pytest.param(ours("DELETE_COMPLETE", "Table", "orders", "DELETE_SKIPPED"), "STACK_GONE", id="of late"),
        pytest.param(ours("UPDATE_COMPLETE", "Other", "orders", "CREATE_COMPLETE"), "RESOURCE_GONE", id="gone"),
        pytest.param(ours("DELETE_FAILED", "Table", "orders", "DELETE_COMPLETE"), "RESOURCE_GONE", id="failed"),
        pytest.param(ours("UPDATE_COMPLETE", "Table", "orders", "DELETE_FAILED"), "RESOURCE_GONE", id="given up"),
        pytest.param(ours("ROLLBACK_FAILED", "Table", "orders", "DELETE_FAILED"), None, id="may be tried again"),
        pytest.param(ours("UPDATE_COMPLETE", "Table", "latter", "UPDATE_COMPLETE"), "REPLACED", id="replaced"),
        pytest.param(
            ours("CREATE_FAILED", "Table", "orders/not-created", "CREATE_FAILED"), "REPLACED", id="never had it"
        ),
        pytest.param(ours("UPDATE_COMPLETE", "Table", "orders", "UPDATE_COMPLETE"), None, id="in use"),
        pytest.param(ours("DELETE_FAILED", "Table", "orders", "DELETE_FAILED"), None, id="protected"),
        pytest.param(ours("UPDATE_IN_PROGRESS", "Table", "former", "UPDATE_IN_PROGRESS"), None, id="at work"),
        pytest.param(ours("UPDATE_FAILED", "Table", "latter", "UPDATE_COMPLETE"), None, id="may be rolled back"),
        pytest.param(
            ours("UPDATE_ROLLBACK_FAILED", "Table", "latter", "UPDATE_FAILED"), None, id="rollback may be continued"
        ),
        pytest.param(ours("CREATE_IN_PROGRESS"), None, id="only just begun"),
    ],
)
def test_a_table_is_judged_by_the_resource_that_it_names(
    command_line: CommandLine, services: Services, tags: dict[str, str], stacks: dict[str, Any], verdict: str | None
) -> None:
    services.tables = {"orders": tags | fenced()}
    services.stacks = stacks
    assert verdicts(command_line) == ({"orders": verdict} if verdict else {})
    assert command_line.run("orphans").exit_code == (2 if verdict else 0)


def test_every_page_is_read_and_each_stack_asked_about_once(command_line: CommandLine, services: Services) -> None:
    names = [f"table-{number}" for number in range(5)]
    services.tables = {name: owned(logical_resource_id=name) for name in names}
    services.tables["adopted"] = adopted(logical_resource_id="adopted")
    resources = [(name, name, "CREATE_COMPLETE") for name in (*names, "adopted")]
    services.stacks = {OUR_STACK: ("CREATE_COMPLETE", resources)}
    assert verdicts(command_line) == {}
    assert services.asked.count(f"DescribeStacks {OUR_STACK}") == 1
    services.stacks = {OUR_STACK: ("CREATE_COMPLETE", resources[:-2])}
    assert verdicts(command_line) == {"table-4": "RESOURCE_GONE", "adopted": "RESOURCE_GONE"}


@pytest.mark.parametrize(
    "tags",
    [
        {"table-provisioner:logical-resource-id": "Table"},
        {"table-provisioner:stack-id": "shop"},
        {"table-provisioner:adopted-as": "Table"},
        {"table-provisioner:adopted-by": ""},
    ],
)
def test_tags_that_name_no_stack_are_an_orphan_s(
    command_line: CommandLine, services: Services, tags: dict[str, str]
) -> None:
    services.tables = {"orders": tags}
    assert verdicts(command_line) == {"orders": "STACK_GONE"}
    assert set(services.asked) == {"GetResources"}


@pytest.mark.parametrize(
    "stack_id", [OUR_STACK.replace("us-east-1", "eu-west-1"), OUR_STACK.replace("123456789012", "210987654321")]
)
def test_a_stack_of_another_region_or_account_is_not_said_to_be_gone(
    command_line: CommandLine, services: Services, stack_id: str
) -> None:
    services.tables = {"orders": owned(stack_id)}
    result = command_line.run("orphans")
    assert (result.exit_code, services.asked.count(f"DescribeStacks {stack_id}")) == (1, 0)
    assert "orders: Its stack is in another region or account; look from there." in result.stdout


@pytest.mark.parametrize("denied", ["DescribeStacks", "ListStackResources", OUR_STACK])
def test_without_permission_a_table_is_unknown_and_the_right_is_named(
    command_line: CommandLine, services: Services, denied: str
) -> None:
    services.tables = {"orders": owned(), "parcels": owned(ANOTHER_STACK)}
    services.stacks = {OUR_STACK: ("CREATE_COMPLETE", [("Table", "orders", "CREATE_COMPLETE")])}
    services.denied = {denied}
    result = command_line.run("orphans")
    assert result.exit_code == 1
    assert "Allow cloudformation:DescribeStacks and cloudformation:ListStackResources to the caller." in result.stdout
    assert verdicts(command_line)["orders"] == "UNKNOWN"


def test_without_permission_to_look_for_tables_there_is_one_clear_message(
    command_line: CommandLine, services: Services
) -> None:
    services.denied = {"GetResources"}
    result = command_line.run("orphans")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: AccessDenied: could not look for tables with our tags: GetResources answered AccessDeniedException,"
        f" {DENIED}. Allow tag:GetResources to the caller.\n"
    )


def test_each_orphan_is_shown_with_its_owner_and_the_remedy(command_line: CommandLine, services: Services) -> None:
    services.tables = {
        "orders": owned(),
        "parcels": adopted(ANOTHER_STACK, "Parcels"),
        "items": owned(ANOTHER_STACK, "Items"),
    }
    services.stacks = {ANOTHER_STACK: ("UPDATE_COMPLETE", [("Items", "items-2", "UPDATE_COMPLETE")])}
    text = command_line.run("orphans").stdout
    assert (
        "\norders: For a stack to take it over (ExistingTable: Adopt), run: table-provisioner release orders\n" in text
    )
    assert (
        "\nparcels: Declare Parcels in its stack again, with TableName: parcels, which takes it over; or delete" in text
    )
    assert "\nitems: Delete it once its items are not needed any more; or, for a stack to take it over, run: " in text
    (orders,) = (each for each in command_line.json("orphans")["tables"] if each["table_name"] == "orders")
    assert orders == {
        "table_name": "orders",
        "table_arn": "arn:aws:dynamodb:us-east-1:123456789012:table/orders",
        "verdict": "STACK_GONE",
        "stack_id": OUR_STACK,
        "logical_resource_id": "Table",
        "is_adopted": False,
        "remedy": "For a stack to take it over (ExistingTable: Adopt), run: table-provisioner release orders",
    }
