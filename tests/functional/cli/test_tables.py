from __future__ import annotations

import math
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.functional.cli.conftest import denied
from tests.functional.others import ANOTHER_STACK, adopted, fenced, owned
from tests.simulator.faults import Fault, Refused

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TagTypeDef

    from tests.functional.cli.conftest import CommandLine
    from tests.simulator.clock import Clock
    from tests.simulator.dynamodb import DynamoDB
    from tests.simulator.faults import Call, Phase

PRESET = ("--preset", "Approval", "--table-name", "requests")
OWNED_BY = "arn:aws:cloudformation:us-east-1:123456789012:stack/gone/1"
OWNED = owned(OWNED_BY, "Requests")
TAKEN_OVER = adopted(ANOTHER_STACK, "Requests") | fenced("a-request-of-another-stack", "2026-01-01T00:10:00+00:00")
TAKER = f"resource Requests of stack {ANOTHER_STACK}"
HOLDER = f"resource Requests of stack {OWNED_BY}"


@pytest.fixture
def requests(clock: Clock, aws: DynamoDB, command_line: CommandLine) -> DynamoDB:
    """A table ``requests`` that says that it belongs to a stack, and is the caller's, too."""
    assert command_line.run("apply", *PRESET, "--yes").exit_code == 0
    tags: list[TagTypeDef] = [{"Key": key, "Value": value} for key, value in ({"team": "iam"} | OWNED).items()]
    boto3.client("dynamodb").tag_resource(ResourceArn=aws.world.table_arn("requests"), Tags=tags)
    clock.advance(5)  # tags show late
    return aws


def tags_of_requests(aws: DynamoDB) -> dict[str, str]:
    """The tags of the table."""
    tags = boto3.client("dynamodb").list_tags_of_resource(ResourceArn=aws.world.table_arn("requests"))["Tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}


@pytest.mark.usefixtures("requests")
def test_status_is_one_word(command_line: CommandLine) -> None:
    assert command_line.run("status", "requests").stdout == "ACTIVE\n"
    assert command_line.run("status", "missing").stdout == "NOT_FOUND\n"


@pytest.mark.usefixtures("requests")
def test_status_of_several_tables_names_them(command_line: CommandLine) -> None:
    assert command_line.run("status", "requests", "missing").stdout == "requests ACTIVE\nmissing NOT_FOUND\n"
    assert command_line.json("status", "requests", "missing") == {"requests": "ACTIVE", "missing": "NOT_FOUND"}


def test_status_is_unknown_without_permission(command_line: CommandLine, requests: DynamoDB) -> None:
    requests.interceptors.append(denied())

    result = command_line.run("status", "requests")

    assert (result.exit_code, result.stdout) == (0, "UNKNOWN\n")
    assert "AccessDenied" in result.stderr


def test_status_is_unknown_and_an_error_where_dynamodb_cannot_be_asked(
    command_line: CommandLine, requests: DynamoDB
) -> None:
    answers = Refused("InternalServerError", "The request processing has failed because of an unknown error")
    requests.interceptors.append(Fault(answers, operation="DescribeTable", times=1))

    result = command_line.run("status", "requests", "missing")

    assert (result.exit_code, result.stdout) == (1, "requests UNKNOWN\nmissing NOT_FOUND\n")
    assert result.stderr.startswith("ServiceInternalError: could not look at table 'requests'")


def test_delete_refuses_when_another_name_is_typed(command_line: CommandLine, requests: DynamoDB) -> None:
    result = command_line.run("delete", "requests", typed="request\n")

    assert result.exit_code == 1
    assert f"Table 'requests' belongs to {HOLDER}, which will miss it." in result.stderr
    assert "Error: Nothing was deleted: that is not its name." in result.stderr
    assert "DeleteTable" not in requests.mutations


def test_delete_refuses_when_nothing_is_typed(command_line: CommandLine, requests: DynamoDB) -> None:
    assert command_line.run("delete", "requests").exit_code == 1
    assert "DeleteTable" not in requests.mutations


@pytest.mark.usefixtures("requests")
def test_apply_says_which_stack_does_not_learn_of_it(command_line: CommandLine) -> None:
    declared = "{Preset: Approval, TableName: requests, DeletionProtectionEnabled: true}"

    result = command_line.run("apply", command_line.file(declared), "--yes")

    assert f"Table 'requests' belongs to {HOLDER}, which does not learn of these changes." in result.stderr
    assert result.exit_code == 0


def test_delete_deletes_once_the_name_is_typed(command_line: CommandLine, requests: DynamoDB) -> None:
    result = command_line.run("delete", "requests", typed="requests\n")

    assert (result.exit_code, result.stdout) == (0, "DELETED requests Table 'requests' was deleted.\n")
    assert "requests" not in requests.tables


def test_delete_takes_a_backup_where_that_is_wanted(command_line: CommandLine, requests: DynamoDB) -> None:
    result = command_line.run("delete", "requests", "--snapshot", typed="requests\n")

    assert "Its backup is arn:aws:dynamodb:" in result.stdout
    assert requests.mutations[-2:] == ["CreateBackup", "DeleteTable"]


def test_delete_takes_the_table_id_for_a_proof(command_line: CommandLine, requests: DynamoDB) -> None:
    table_id = boto3.client("dynamodb").describe_table(TableName="requests")["Table"]["TableId"]

    wrong = command_line.run("delete", "requests", "--table-id", "0-0")
    right = command_line.run("delete", "requests", "--table-id", table_id)

    assert wrong.exit_code == 1
    assert f"Error: Nothing was deleted: the TableId of 'requests' is {table_id}." in wrong.stderr
    assert right.exit_code == 0
    assert requests.mutations.count("DeleteTable") == 1


def test_delete_goes_on_where_the_tags_may_not_be_read(command_line: CommandLine, requests: DynamoDB) -> None:
    requests.interceptors.append(denied("ListTagsOfResource"))

    result = command_line.run("delete", "requests", typed="requests\n")

    assert "Whether a stack owns it is not known: AccessDenied" in result.stderr
    assert result.exit_code == 0


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("command", ["delete", "release"])
def test_a_missing_table_is_one_clear_message(command_line: CommandLine, command: str) -> None:
    result = command_line.run(command, "requests")

    assert result.exit_code == 1
    assert result.stderr == ("Error: NotFound: there is no table 'requests'. See that its name and region are right.\n")


@pytest.mark.parametrize("command", ["delete", "release"])
def test_without_permission_there_is_one_clear_message(command_line: CommandLine, aws: DynamoDB, command: str) -> None:
    aws.interceptors.append(denied())

    result = command_line.run(command, "requests")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: AccessDenied: could not look at table 'requests'")


def test_release_takes_off_our_tags_alone_and_says_what_they_were(
    command_line: CommandLine, requests: DynamoDB
) -> None:
    result = command_line.run("release", "requests", typed="y\n")

    assert result.exit_code == 0
    assert f"Table 'requests' belongs to {HOLDER}:" in result.stdout
    assert all(f"  {key} = {value}\n" in result.stdout for key, value in OWNED.items())
    assert "RELEASED requests" in result.stdout
    assert tags_of_requests(requests) == {"team": "iam"}


@pytest.mark.parametrize("stale_reads", [1, 2])
@pytest.mark.parametrize(
    "former",
    [
        pytest.param(OWNED | fenced(), id="of the stack that created it"),
        pytest.param(adopted(OWNED_BY, "Requests") | fenced(), id="of a stack that took it over"),
    ],
)
def test_release_leaves_the_tags_of_a_stack_that_takes_the_table_over_meanwhile(
    command_line: CommandLine, requests: DynamoDB, former: dict[str, str], stale_reads: int
) -> None:
    """It has another's tags on it as soon as ours are gone, and shows the former ones for a while."""
    tags = requests.tables["requests"].tags
    tags.current = {"team": "iam"} | former
    by_now = {"team": "iam"} | TAKEN_OVER
    shown = [dict(tags.current)] * stale_reads

    def take_over(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == ("UntagResource", "after"):
            tags.current = dict(by_now)
        if (call.operation, phase) == ("ListTagsOfResource", "before") and tags.current == by_now:
            tags.shown_before = shown.pop() if shown else by_now
            tags.shown_from = math.inf

    requests.interceptors.append(take_over)
    result = command_line.run("release", "requests", "--yes")

    assert result.exit_code == 0
    assert tags.current == by_now
    assert len(requests.calls_of("UntagResource")) == 1
    assert f"it belongs to {TAKER} by now" in " ".join(result.stdout.split())


def test_release_is_done_again_where_what_it_took_off_is_written_back(
    command_line: CommandLine, requests: DynamoDB, clock: Clock
) -> None:
    tags = requests.tables["requests"].tags
    former = dict(tags.current)

    def write_back(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == ("UntagResource", "after"):
            requests.interceptors.remove(write_back)
            tags.current = dict(former)

    requests.interceptors.append(write_back)
    began = clock.now
    assert command_line.run("release", "requests", "--yes").exit_code == 0
    assert tags_of_requests(requests) == {"team": "iam"}
    assert clock.now - began < 60


def test_release_asks_first_and_takes_no_for_an_answer(command_line: CommandLine, requests: DynamoDB) -> None:
    result = command_line.run("release", "requests", typed="n\n")

    assert result.exit_code == 1
    assert tags_of_requests(requests) == {"team": "iam"} | OWNED


@pytest.mark.usefixtures("requests")
def test_release_of_a_table_that_is_nobodys_has_nothing_to_do(command_line: CommandLine) -> None:
    command_line.run("release", "requests", "--yes")

    result = command_line.run("release", "requests", "--yes")

    assert (result.exit_code, result.stdout) == (0, "Table 'requests' is nobody's already.\n")


def test_release_says_what_it_may_not_read(command_line: CommandLine, requests: DynamoDB) -> None:
    requests.interceptors.append(denied("ListTagsOfResource"))

    result = command_line.run("release", "requests", "--yes")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: AccessDenied: could not read the tags of table 'requests'")
