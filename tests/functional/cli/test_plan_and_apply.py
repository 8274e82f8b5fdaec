from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import boto3
import pytest
from click.testing import CliRunner

from table_provisioner.cli.commands import program
from table_provisioner.cli.wording import duration
from tests.functional.cli.conftest import denied
from tests.simulator.faults import ConnectionLost, Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.functional.cli.conftest import CommandLine
    from tests.simulator.clock import Clock
    from tests.simulator.dynamodb import Call, DynamoDB
    from tests.simulator.faults import Phase

PRESET = ("--preset", "Approval")
ORDERS = """\
TableName: orders
PartitionKey: {Name: id, Type: S}
GlobalSecondaryIndexes:
  - IndexName: by-email
    PartitionKey: {Name: email, Type: S}
TimeToLiveAttribute: ttl
"""


def unstyled(text: str) -> str:
    """A text as it is read on a terminal."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text.replace("\r", "\n"))


def unwrapped(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def test_plan_shows_every_step_and_creates_nothing(command_line: CommandLine, aws: DynamoDB) -> None:
    result = command_line.run("plan", *PRESET)

    assert result.exit_code == 2
    assert "sentinel-requests: does not exist and would be created" in result.stdout
    assert "+ GlobalSecondaryIndexes.gsi-requester\n        PartitionKey               requester (S)\n" in result.stdout
    assert "+ create table 'sentinel-requests'     16 s  █████████████████\n" in result.stdout
    assert "2 steps, usually 17 s in all." in result.stdout
    assert not aws.mutations


def test_plan_says_nothing_to_do_after_apply(command_line: CommandLine, aws: DynamoDB) -> None:
    applied = command_line.run("apply", *PRESET, "--yes")
    planned = command_line.run("plan", *PRESET)

    assert applied.exit_code == 0
    assert applied.stdout.splitlines()[-1].startswith("CREATED sentinel-requests arn:aws:dynamodb:")
    assert planned.exit_code == 0
    assert planned.stdout == "sentinel-requests: is ACTIVE and as declared, nothing to do\n"
    assert aws.mutations == ["CreateTable", "UpdateTimeToLive"]


@pytest.mark.usefixtures("aws")
def test_apply_shows_each_step_and_what_it_waits_for(command_line: CommandLine) -> None:
    command_line.run("apply", command_line.file(ORDERS), "--yes")
    more = ORDERS.replace("TimeToLive", "  - {IndexName: by-day, PartitionKey: {Name: day, Type: S}}\nTimeToLive")
    wanted = command_line.file(more)

    lines = command_line.run("apply", wanted, "--yes").stderr.splitlines()

    (begun,) = [line for line in lines if line.endswith(" create index 'by-day', usually 9 min")]
    assert re.match(r" +\d+:\d\d create", begun)
    assert any(line.endswith("waiting: the table is UPDATING and index 'by-day' is CREATING") for line in lines)
    assert any(line.endswith("waiting: index 'by-day' is CREATING, being filled") for line in lines)


@pytest.mark.usefixtures("aws")
def test_apply_keeps_all_steps_on_a_terminal(command_line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")

    shown = command_line.run("apply", command_line.file(ORDERS), "--yes").stderr
    screen = unstyled(shown).splitlines()

    assert any(line.startswith("> create table 'orders'") for line in screen)
    assert "  waiting: the table is CREATING" in {line.rstrip() for line in screen}
    assert [line[:34].rstrip() for line in screen[-2:]] == [
        "+ create table 'orders'",
        "+ turn time to live on with 'ttl'",
    ]
    assert max(map(len, screen)) <= 80


def test_a_step_that_failed_is_marked_on_a_terminal(
    command_line: CommandLine, aws: DynamoDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    command_line.run("apply", command_line.file(ORDERS), "--yes")
    aws.interceptors.append(denied("UpdateTable"))
    wanted = command_line.file(ORDERS + "DeletionProtectionEnabled: true\n")

    screen = unstyled(command_line.run("apply", wanted, "--yes").stderr).splitlines()

    assert any(line.startswith("x turn deletion protection on") for line in screen)


def test_apply_asks_first_and_takes_no_for_an_answer(command_line: CommandLine, aws: DynamoDB) -> None:
    result = command_line.run("apply", *PRESET, typed="n\n")

    assert result.exit_code == 1
    assert "Apply? [y/N]" in result.stdout
    assert not aws.mutations


def test_apply_does_what_was_agreed_to(command_line: CommandLine, aws: DynamoDB) -> None:
    assert command_line.run("apply", *PRESET, typed="y\n").exit_code == 0
    assert "sentinel-requests" in aws.tables


@pytest.mark.usefixtures("aws")
def test_apply_changes_what_differs_and_nothing_else(command_line: CommandLine) -> None:
    command_line.run("apply", command_line.file(ORDERS), "--yes")
    wanted = command_line.file(ORDERS + "DeletionProtectionEnabled: true\n")

    changed = command_line.run("apply", wanted, "--yes")
    again = command_line.run("apply", wanted)

    assert "~ turn deletion protection on" in changed.stdout
    assert changed.stdout.splitlines()[-1].startswith("UPDATED orders ")
    assert again.exit_code == 0, again.output
    assert again.stdout.splitlines()[-1].startswith("UNCHANGED orders ")


@pytest.mark.usefixtures("aws")
def test_a_step_that_destroys_is_marked_and_says_what_is_interrupted(command_line: CommandLine) -> None:
    command_line.run("apply", command_line.file(ORDERS), "--yes")
    wanted = command_line.file(ORDERS.replace("Name: email", "Name: mail") + "AllowIndexRecreation: true\n")

    shown = command_line.run("plan", wanted)

    assert shown.exit_code == 2
    assert "  -/+ GlobalSecondaryIndexes.by-email\n" in shown.stdout
    assert "      ~ PartitionKey               email (S) -> mail (S)\n" in shown.stdout
    assert "    - delete index 'by-email'      5 s  ▏\n" in shown.stdout
    assert "        DESTRUCTIVE\n        interruption: queries on it fail until it is back\n" in shown.stdout
    assert "    + create index 'by-email'    9 min  █████████████████▉\n" in shown.stdout
    assert "2 steps, usually 9 min in all, 1 destructive." in shown.stdout


@pytest.mark.usefixtures("aws")
def test_plan_ends_with_an_error_where_the_table_cannot_become_what_is_declared(command_line: CommandLine) -> None:
    command_line.run("apply", command_line.file(ORDERS), "--yes")
    other_key = command_line.file(ORDERS.replace("Name: id", "Name: number"))

    planned, applied = command_line.run("plan", other_key), command_line.run("apply", other_key, "--yes")

    assert planned.exit_code == applied.exit_code == 1
    assert "NotUpdatable: table 'orders' has the key id (S, HASH), declared is number (S, HASH)" in unwrapped(
        planned.stdout
    )
    assert "Error: Nothing was changed." in applied.stderr


def test_another_key_of_encryption_is_a_change(command_line: CommandLine, aws: DynamoDB) -> None:
    first, second = aws.keys.add(), aws.keys.add()
    declared = ORDERS + "SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !Ref Key}\n"
    command = command_line.file(declared), "--parameter"
    command_line.run("apply", *command, f"Key={first.arn}", "--yes")

    assert command_line.run("plan", *command, f"Key={first.arn}").exit_code == 0
    assert command_line.run("plan", *command, f"Key={second.arn}").exit_code == 2


def test_plan_says_where_kms_does_not_tell_which_key_is_declared(command_line: CommandLine, aws: DynamoDB) -> None:
    aws.keys.add("alias/a")
    template = command_line.file(
        ORDERS + "SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: alias/a}\n"
    )
    command_line.run("apply", template, "--yes")
    note = "KMS does not tell which key is declared: it is known by its spelling only."
    assert note not in unwrapped(command_line.run("plan", template).stdout)

    aws.keys.is_describe_denied = True

    planned = command_line.run("plan", template)
    assert (planned.exit_code, note in unwrapped(planned.stdout)) == (0, True)
    assert command_line.json("plan", template)["tables"][0]["is_key_untold"] is True


@pytest.mark.usefixtures("aws")
def test_plan_in_json_has_a_fixed_form(command_line: CommandLine) -> None:
    (table,) = command_line.json("plan", *PRESET, "--table-name", "requests")["tables"]

    assert table.keys() == {
        *("logical_resource_id", "table_name", "table_status", "would_create", "is_destructive", "usual_seconds"),
        *("service_timeout_seconds", "exceeds_service_timeout"),
        *("changes", "steps", "declared", "is_key_untold", "error", "unknown_because"),
    }
    assert (table["table_name"], table["table_status"], table["would_create"]) == ("requests", "NOT_FOUND", True)
    assert table["steps"][0] == {
        "step": "CreateTable",
        "description": "create table 'requests'",
        "mark": "+",
        "why": "one call makes all of the table that is not listed below",
        "interruption": "",
        "is_destructive": False,
        "usual_seconds": 16,
        "not_before": None,
    }
    assert table["declared"]["PartitionKey"] == {"Name": "id", "Type": "S"}
    assert table["changes"][0] == {"path": ["TableName"], "mark": "+", "before": None, "after": "requests"}
    assert table["error"] is table["unknown_because"] is None


@pytest.mark.usefixtures("aws")
def test_apply_in_json_says_what_came_of_it_on_the_standard_output_alone(command_line: CommandLine) -> None:
    (table,) = command_line.json("apply", *PRESET, "--yes")["tables"]

    assert table["status"] == "CREATED"
    assert table["table_arn"].endswith(":table/sentinel-requests")
    assert table["table_id"]
    assert table["error"] is None


@pytest.mark.parametrize("operation", [None, "DescribeTable", "DescribeTimeToLive"])
def test_plan_shows_the_whole_schema_without_permission(
    command_line: CommandLine, aws: DynamoDB, operation: str | None
) -> None:
    command_line.run("apply", *PRESET, "--yes")
    aws.interceptors.append(denied(operation))

    result = command_line.run("plan", *PRESET)

    assert result.exit_code == 2
    assert "sentinel-requests: is UNKNOWN" in result.stdout
    assert "It could not be compared, so this is all of it, as if it were new." in unwrapped(result.stdout)
    assert "AccessDenied: could not look at table 'sentinel-requests'" in unwrapped(result.stdout)
    assert "+ GlobalSecondaryIndexes.gsi-profile\n" in result.stdout


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("missing", "remedy"),
    [
        (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "Give the process valid AWS credentials and a region."),
        (("AWS_DEFAULT_REGION",), "Give the process a region: AWS_REGION, that of a profile, or --region"),
    ],
)
def test_plan_needs_neither_credentials_nor_a_region(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...], remedy: str
) -> None:
    for name in missing:
        monkeypatch.delenv(name)

    (table,) = command_line.json("plan", *PRESET)["tables"]

    assert table["table_status"] == "UNKNOWN"
    assert remedy in table["unknown_because"]["remedy"]
    assert "DescribeTable failed with No" in table["unknown_because"]["problem"]


def test_what_cannot_be_reached_is_no_matter_of_a_vpc_alone(command_line: CommandLine, aws: DynamoDB) -> None:
    aws.interceptors.append(Fault(ConnectionLost("on connecting", 2), operation="DescribeTable", times=math.inf))

    result = command_line.run("status", "orders")

    assert result.exit_code == 1
    assert "NetworkFailure: " in result.stderr
    assert "See that region, endpoint and network are right; a function in a VPC needs a route" in result.stderr


def test_where_nobody_answers_the_option_that_does_is_named(command_line: CommandLine, aws: DynamoDB) -> None:
    result = command_line.run("apply", *PRESET)

    assert (result.exit_code, aws.tables) == (1, {})
    assert result.stderr.endswith("\nError: Nothing was changed: nobody answered. To go on without, give --yes.\n")
    assert command_line.run("apply", *PRESET, "--yes").exit_code == 0
    deleted = command_line.run("delete", "sentinel-requests")
    assert deleted.stderr.endswith("To go on without, give --table-id.\n")
    assert "sentinel-requests" in aws.tables


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("declared", "total"),
    [
        ("DeletionProtectionEnabled: true", "1 step, at once."),
        ("Tags: [{Key: team, Value: a}]", "1 step, usually 2 s."),
    ],
)
def test_a_single_step_is_no_sum(command_line: CommandLine, declared: str, total: str) -> None:
    table = "TableName: orders\nPartitionKey: {Name: id, Type: S}\n"
    assert command_line.run("apply", command_line.file(table), "--yes").exit_code == 0

    planned = command_line.run("plan", command_line.file(f"{table}{declared}\n"))

    assert planned.stdout.endswith(f"\n{total}\n")


def test_apply_refuses_a_table_that_it_may_not_look_at(command_line: CommandLine, aws: DynamoDB) -> None:
    aws.interceptors.append(denied("DescribeTable"))

    result = command_line.run("apply", *PRESET, "--yes")

    assert result.exit_code == 1
    assert "Error: AccessDenied: could not look at table" in result.stderr
    assert not aws.mutations


def test_a_rate_limit_is_shown_with_its_time_and_leaves_the_table_alone(
    command_line: CommandLine, aws: DynamoDB, clock: Clock
) -> None:
    def declared(reads: int) -> str:
        return command_line.file(f"""
            TableName: orders
            PartitionKey: {{Name: id, Type: S}}
            ProvisionedThroughput: {{ReadCapacityUnits: {reads}, WriteCapacityUnits: 1}}
        """)

    for reads in (9, 8, 7, 6, 5):
        assert command_line.run("apply", declared(reads), "--yes").exit_code == 0
    aws.calls.clear()
    clock.advance(120)

    planned = command_line.run("plan", declared(4))
    applied = command_line.run("apply", declared(4), "--yes", "--timeout", "1800")

    (table,) = command_line.json("plan", declared(4))["tables"]

    assert planned.exit_code == 2, "within the hour it can be waited for"
    when = table["steps"][0]["not_before"]
    assert f"rate limit: DynamoDB takes it from {when} on" in planned.stdout
    assert applied.exit_code == 1
    shown = " ".join(applied.stdout.split())
    assert "orders: is ACTIVE and cannot be changed yet, for a rate limit" in shown
    assert "could not change capacity of the table: DynamoDB takes 4 decreases in a UTC day" in shown
    assert f"Deploy again at {when}." in shown
    assert applied.stderr.splitlines()[-1] == "Error: Nothing was changed."
    assert not aws.mutations


INDEXES = "".join(
    f"  - {{IndexName: by-{name}, PartitionKey: {{Name: {name}, Type: S}}}}\n" for name in ("day", "shop")
)
MORE_INDEXES = ORDERS.replace("TimeToLive", f"{INDEXES}TimeToLive")


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("timeout", "fix"),
    [
        pytest.param("ServiceTimeout: 1079\n", "Declare a longer one, 3600 s at most; or change less", id="too short"),
        pytest.param("ServiceTimeout: !Ref Patience\n", "Declare a longer one", id="by a parameter"),
        pytest.param("ServiceTimeout: 1090\n", "", id="long enough, its margin included"),
        pytest.param("ServiceTimeout: 600\nWaitForIndexes: false\n", "", id="not waiting for the last index"),
        pytest.param("", "", id="none is an hour"),
    ],
)
def test_plan_says_what_usually_takes_longer_than_the_stack_waits(
    command_line: CommandLine, timeout: str, fix: str
) -> None:
    command_line.run("apply", command_line.file(ORDERS), "--yes")
    given = ("--parameter", "Patience=300") if "Patience" in timeout else ()
    command = "plan", command_line.file(MORE_INDEXES + timeout), *given

    planned = command_line.run(*command)
    (document,) = command_line.json(*command)["tables"]

    assert planned.exit_code == 2
    assert ("cannot usually finish within the ServiceTimeout of" in planned.stdout) == bool(fix)
    assert fix in unwrapped(planned.stdout)
    assert document["exceeds_service_timeout"] == bool(fix)
    assert document["usual_seconds"] == 1030


@pytest.mark.usefixtures("aws")
def test_an_hour_that_is_too_short_takes_another_deployment(command_line: CommandLine) -> None:
    command_line.run("apply", command_line.file(ORDERS), "--yes")
    many = "".join(f"  - {{IndexName: by-{i}, PartitionKey: {{Name: a{i}, Type: S}}}}\n" for i in range(7))

    shown = unwrapped(command_line.run("plan", command_line.file(ORDERS.replace("TimeTo", f"{many}TimeTo"))).stdout)

    assert "cannot usually finish within the ServiceTimeout of 3600 s" in shown
    assert "fails with NotStabilized, and is rolled back. Change less in each deployment, or update with" in shown


@pytest.mark.usefixtures("aws")
def test_another_attribute_of_time_to_live_takes_half_an_hour_and_more_than_a_short_timeout(
    command_line: CommandLine, clock: Clock
) -> None:
    command_line.run("apply", command_line.file(ORDERS), "--yes")
    clock.advance(3600)
    renamed = ORDERS.replace("ttl", "ends_at")

    planned = command_line.run("plan", command_line.file(renamed))
    refused = command_line.run("plan", command_line.file(f"{renamed}ServiceTimeout: 900\n"))
    began = clock.now
    applied = command_line.run("apply", command_line.file(renamed), "--yes")

    assert re.search(r"turn time to live on with 'ends_at' +31 min", planned.stdout)
    assert "2 steps, usually 31 min in all." in planned.stdout
    assert refused.exit_code == 1
    assert "and 855 s are left. Nothing was changed. Set ServiceTimeout to 2000" in unwrapped(refused.stdout)
    assert applied.exit_code == 0
    assert clock.now - began == pytest.approx(1861, abs=40), "what it says is what it takes"


def unprotect_when(operation: str, table_name: str) -> Callable[[Call, Phase], None]:
    """Somebody else turns a table's deletion protection off just before the first call of an operation."""
    done: list[Call] = []

    def unprotect(call: Call, phase: Phase) -> None:
        if (call.operation, phase) == (operation, "before") and not done:
            done.append(call)
            boto3.client("dynamodb").update_table(TableName=table_name, DeletionProtectionEnabled=False)

    return unprotect


def test_apply_leaves_alone_what_was_shown_to_have_nothing_to_do(
    command_line: CommandLine, aws: DynamoDB, clock: Clock
) -> None:
    table = "{{Type: 'Custom::DynamoDBTable', Properties: {{Preset: Session, TableName: {}, {}}}}}"
    protected = "DeletionProtectionEnabled: true"
    template = f"Resources: {{A: {table.format('first', 'OnDelete: Retain')}, B: {table.format('second', protected)}}}"
    command_line.run("apply", command_line.file(template), "--yes")
    clock.advance(60)
    aws.interceptors.append(unprotect_when("UpdateTable", "second"))

    applied = command_line.run("apply", command_line.file(template.replace("OnDelete: Retain", protected)), "--yes")

    assert applied.exit_code == 0
    assert [line.partition(" arn:")[0] for line in applied.stdout.splitlines()[-2:]] == [
        "UPDATED first",
        "UNCHANGED second",
    ]
    assert not is_protected("second"), "nobody agreed to that change"
    assert is_protected("first")


def is_protected(table_name: str) -> bool:
    """Whether a table refuses to be deleted."""
    return boto3.client("dynamodb").describe_table(TableName=table_name)["Table"]["DeletionProtectionEnabled"]


@pytest.mark.parametrize("answer", [["--yes"], []])
def test_what_changes_while_apply_asks_is_not_what_was_agreed_to(
    command_line: CommandLine, aws: DynamoDB, clock: Clock, answer: list[str]
) -> None:
    command_line.run("apply", command_line.file(ORDERS + "DeletionProtectionEnabled: true\n"), "--yes")
    clock.advance(60)
    aws.interceptors.append(unprotect_when("ListTagsOfResource", "orders"))
    tagged = command_line.file(ORDERS + "DeletionProtectionEnabled: true\nTags: [{Key: team, Value: shop}]\n")

    applied = command_line.run("apply", tagged, *answer, typed="y\n")

    assert applied.exit_code == (0 if answer else 1)
    assert is_protected("orders") == bool(answer)
    if not answer:
        assert applied.stderr.endswith(
            "Error: Nothing was changed: 'orders' changed meanwhile. Run it again to see how.\n"
        )


@pytest.mark.usefixtures("aws")
def test_apply_waits_for_what_an_earlier_one_began(command_line: CommandLine) -> None:
    command_line.run("apply", command_line.file(ORDERS), "--yes")
    wanted = command_line.file(MORE_INDEXES.replace(INDEXES, INDEXES.splitlines(keepends=True)[0]))
    assert command_line.run("apply", wanted, "--yes", "--timeout", "60").exit_code == 1

    planned = command_line.run("plan", wanted)
    applied = command_line.run("apply", wanted, typed="y\n")

    assert (planned.exit_code, unwrapped(planned.stdout)) == (
        0,
        "orders: is ACTIVE and as declared, nothing to do but wait: index 'by-day' is CREATING, being filled",
    )
    assert applied.exit_code == 0
    assert command_line.run("plan", wanted).stdout == "orders: is ACTIVE and as declared, nothing to do\n"


@pytest.mark.parametrize("url", ["x:1", "http://[::1", "http://localhost:8000x"])
def test_apply_names_an_endpoint_that_is_no_url(command_line: CommandLine, url: str) -> None:
    result = command_line.run("apply", *PRESET, "--yes", "--region", "us-east-1", "--endpoint-url", url)

    assert result.exit_code == 1
    assert "Error: InvalidRequest: the endpoint URL that was given is no URL of a service: " in result.stderr


def test_apply_ends_with_the_error_of_a_table_that_failed(command_line: CommandLine, aws: DynamoDB) -> None:
    aws.interceptors.append(denied("CreateTable"))

    result = command_line.run("apply", *PRESET, "--yes")

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("Error: AccessDenied: could not create table 'sentinel-requests'")


def test_apply_says_what_an_interruption_means(command_line: CommandLine, aws: DynamoDB) -> None:
    def interrupt(call: Call, phase: str) -> None:
        if (call.operation, phase) == ("CreateTable", "after"):
            raise KeyboardInterrupt

    aws.interceptors.append(interrupt)

    result = command_line.run("apply", *PRESET, "--yes")

    assert result.exit_code == 1
    assert "Error: Interrupted. What was begun goes on; run it again, and the rest is done." in result.stderr


@pytest.mark.usefixtures("aws")
def test_apply_gives_up_in_time(command_line: CommandLine) -> None:
    result = command_line.run("apply", *PRESET, "--yes", "--timeout", "3")

    assert result.exit_code == 1
    assert "Error: NotStabilized: the time was over while the table is CREATING." in result.stderr


@pytest.mark.usefixtures("aws")
def test_a_table_that_a_stack_would_name_is_shown_whole_and_not_applied(command_line: CommandLine) -> None:
    template = command_line.file("""
        Resources:
          Orders:
            Type: Custom::DynamoDBTable
            Properties:
              ServiceToken: !ImportValue token
              PartitionKey: {Name: id, Type: S}
        """)

    planned = command_line.run("plan", template)
    applied = command_line.run("apply", template, "--yes")
    known = command_line.json("plan", template, "--parameter", "AWS::StackId=arn:aws:cloudformation:r:1:stack/shop/1")

    assert planned.exit_code == 2
    assert "STACK-Orders-SUFFIX (Orders): is UNKNOWN" in planned.stdout
    assert applied.exit_code == 1
    assert applied.stdout == ""
    assert "Orders: TableName is not declared, so the stack makes one up. Give the stack" in applied.stderr
    assert known["tables"][0]["table_name"].startswith("shop-Orders-")
    assert known["tables"][0]["table_status"] == "NOT_FOUND"


@pytest.mark.usefixtures("aws")
def test_every_table_of_a_template_is_applied(command_line: CommandLine) -> None:
    template = command_line.file("""
        Parameters:
          Stage: {Type: String, Default: dev}
        Resources:
          Orders:
            Type: Custom::DynamoDBTable
            Properties: {TableName: !Sub "orders-${Stage}", PartitionKey: {Name: id, Type: S}}
          Sessions:
            Type: Custom::DynamoDBTable
            Properties: {Preset: Session}
          Native:
            Type: AWS::DynamoDB::Table
        """)

    assert command_line.run("apply", template, "--yes", "--parameter", "Stage=prod").exit_code == 0
    names = boto3.client("dynamodb").list_tables()["TableNames"]
    assert names == ["orders-prod", "sentinel-sessions"]
    assert command_line.run("plan", template, "--logical-id", "Sessions").exit_code == 0
    assert command_line.run("plan", template).exit_code == 2


@pytest.mark.usefixtures("aws")
def test_a_new_table_is_shown_with_everything_that_is_declared(command_line: CommandLine) -> None:
    whole = command_line.file("""
        TableName: orders
        PartitionKey: {Name: id, Type: S}
        SortKey: {Name: at, Type: N}
        LocalSecondaryIndexes:
          - IndexName: by-status
            SortKey: {Name: status, Type: S}
            Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [a, b]}
        OnDemandThroughput: {MaxReadRequestUnits: 7}
        StreamSpecification: {StreamViewType: NEW_IMAGE, ResourcePolicy: {PolicyDocument: {Statement: []}}}
        TimeToLiveSpecification: {Enabled: false}
        DeletionProtectionEnabled: false
        Tags: [{Key: team, Value: checkout}]
        """)

    shown = command_line.run("plan", whole).stdout.split("\n\n")[1]

    assert shown.splitlines() == [
        "    + TableName                        orders",
        "    + PartitionKey                     id (S)",
        "    + SortKey                          at (N)",
        "    + LocalSecondaryIndexes.by-status",
        "        SortKey                        status (S)",
        "        Projection.ProjectionType      INCLUDE",
        "        Projection.NonKeyAttributes    a, b",
        "    + BillingMode                      PAY_PER_REQUEST",
        "    + OnDemandThroughput",
        "        MaxReadRequestUnits            7",
        "        MaxWriteRequestUnits           -1",
        "    + StreamSpecification",
        "        StreamViewType                 NEW_IMAGE",
        '        ResourcePolicy.PolicyDocument  {"Statement": []}',
        "    + TimeToLiveSpecification",
        "        Enabled                        false",
        "    + DeletionProtectionEnabled        false",
        "    + Tags.team                        checkout",
    ]


@pytest.mark.usefixtures("aws")
def test_no_line_is_wider_than_the_terminal_unless_a_word_is(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    key = f"arn:aws:kms:us-east-1:123456789012:key/{'1' * 36}"
    command_line.run("apply", command_line.file(ORDERS), "--yes")
    policy = "{PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: 'dynamodb:*', Resource: '*'}]}}"
    wanted = (
        f"SSESpecification: {{SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: '{key}'}}\nResourcePolicy: {policy}\n"
    )

    lines = command_line.run("plan", command_line.file(ORDERS + wanted)).stdout.splitlines()

    assert [line.strip() for line in lines if len(line) > 60 and key not in line] == []
    assert any(line.endswith(key) for line in lines)


@pytest.mark.usefixtures("aws")
def test_bars_are_plain_where_the_terminal_knows_no_blocks() -> None:
    shown = CliRunner(charset="ascii").invoke(program, ["plan", *PRESET]).stdout

    assert "+ create table 'sentinel-requests'     16 s  #################\n" in shown


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "at once"), (1, "1 s"), (119, "119 s"), (515, "9 min"), (7200, "2.0 h")]
)
def test_a_duration_is_said_as_people_say_it(seconds: int, text: str) -> None:
    assert duration(seconds) == text
