"""The whole life of four tables on a local CloudFormation: made, changed, taken over, refused, deleted and retained.

Everything that is shown is also checked: the demo ends with exit code 1 at the first thing that is not as it should
be.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from rich.console import Console

from demo.local_cloud import (
    PROVISIONER_STACK,
    ROOT,
    LocalCloud,
    LocalCloudError,
    StackFailedError,
    local_cloud,
    stop_on_sigterm,
)
from demo.screen import Screen
from demo.tables import Index, Table, describe, items, make_by_hand, own_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = ROOT / "examples"

APPROVALS = Table(
    key="id (S)",
    indexes={
        "gsi-profile": Index("profile (S), created_at (S)", "ALL"),
        "gsi-requester": Index("requester (S), created_at (S)", "ALL"),
        "gsi-status": Index("status (S), created_at (S)", "ALL"),
    },
    time_to_live="ttl",
    encryption="KMS",
    point_in_time_recovery=True,
)
ORDERS = Table(
    key="order_id (S)",
    indexes={
        "by-customer": Index("customer_id (S), placed_at (N)", "ALL"),
        "by-warehouse": Index("warehouse (S)", "INCLUDE status weight"),
    },
    time_to_live="expires_at",
    stream="NEW_AND_OLD_IMAGES",
    tags={"team": "checkout", "cost-center": "4711"},
)
ORDERS_AFTER_THREE_INDEX_CHANGES = replace(
    ORDERS,
    indexes={
        "by-customer": Index("customer_id (S), placed_at (N)", "ALL"),
        "by-carrier": Index("carrier (S), placed_at (N)", "INCLUDE weight"),
        "by-status": Index("status (S), placed_at (N)", "KEYS_ONLY"),
    },
)
SESSIONS = Table(
    key="user_id (S), started_at (N)",
    indexes={"by-device": Index("device_id (S)", "ALL")},
    time_to_live="ends_at",
)


@dataclass(frozen=True)
class Creation:
    """A chapter in which a stack brings a table."""

    title: str
    text: str
    stack: str
    example: str
    shown_until: str
    expected: Table


FROM_A_PRESET = Creation(
    title="From a preset",
    text="One of three known schemas, with a property of one's own on top.",
    stack="approvals",
    example="approval-preset.yaml",
    shown_until="Outputs:",
    expected=APPROVALS,
)
FROM_A_NATIVE_TEMPLATE = Creation(
    title="From a native template",
    text="An AWS::DynamoDB::Table, word for word. Only Type and ServiceToken are new:",
    stack="orders",
    example="orders.yaml",
    shown_until="AttributeDefinitions:",
    expected=ORDERS,
)
IN_THE_COMPACT_FORM = Creation(
    title="In the compact form",
    text="The same without the repetition.",
    stack="sessions",
    example="compact.yaml",
    shown_until="Outputs:",
    expected=SESSIONS,
)
ARCHIVE = Table(key="invoice_id (S)", time_to_live="expires_at")
INVOICE = {"invoice_id": "2019-0042", "total": "99.50"}
MISTAKES = (("BillingMode: PAY_PER_REQUEST", "BilingMode: PAY_PER_REQUEST"), ("KeyType: RANGE", "KeyType: SORT"))


class NotAsItShouldBeError(Exception):
    """Something was shown that differs from what was asked for."""


class Demo:
    """The story, chapter by chapter."""

    def __init__(self, cloud: LocalCloud, screen: Screen) -> None:
        """Tell it on ``screen`` with what happens in ``cloud``."""
        self._cloud = cloud
        self._screen = screen

    def tell(self) -> None:
        """Run every chapter.

        Raises:
            NotAsItShouldBeError: A table is not what its template says.
            LocalCloudError: The function could not be deployed.
            StackFailedError: A stack did not get where it should.
        """
        self._deploy_the_function()
        self._create(FROM_A_PRESET)
        self._create(FROM_A_NATIVE_TEMPLATE)
        self._create(IN_THE_COMPACT_FORM)
        self._change_three_indexes()
        self._make_mistakes()
        self._adopt_a_table()
        self._refuse_a_takeover()
        self._delete_everything()
        self._look_at_what_was_retained()

    def _deploy_the_function(self) -> None:
        self._screen.chapter(
            "The function behind Custom::DynamoDBTable",
            "Built from this repository's template.yaml and deployed to a CloudFormation of\n"
            "its own on this machine. Nothing is sent to AWS, and nothing is left behind.",
        )
        with self._screen.progress("sam build"):
            built = self._cloud.build()
        with self._screen.progress("sam deploy") as show:
            outputs = self._cloud.deploy_function(built, on_event=show)
        self._screen.values(outputs)

    def _create(self, part: Creation) -> None:
        self._screen.chapter(part.title, part.text)
        template = _template(part.example)
        self._screen.template(_excerpt(template, part.shown_until))
        with self._screen.progress(f"create stack {part.stack}") as show:
            outputs = self._cloud.apply(part.stack, template, on_event=show)
        self._screen.values(outputs)
        self._check(outputs["TableName"], part.expected)

    def _change_three_indexes(self) -> None:
        self._screen.chapter(
            "Three index changes in one update",
            "One index goes, two come. AWS::DynamoDB::Table refuses such an update, because\n"
            "DynamoDB changes one index at a time. Here they are done one after the other.",
        )
        with self._screen.progress("update stack orders") as show:
            outputs = self._cloud.apply("orders", _template("orders-three-index-changes.yaml"), on_event=show)
        self._check(outputs["TableName"], ORDERS_AFTER_THREE_INDEX_CHANGES)

    def _make_mistakes(self) -> None:
        self._screen.chapter(
            "Two mistakes in one template",
            "Both are reported at once, before anything is changed, and the stack rolls back.",
        )
        self._screen.changes(MISTAKES)
        template = _template("orders-three-index-changes.yaml")
        for before, after in MISTAKES:
            template = template.replace(before, after, 1)
        try:
            with self._screen.progress("update stack orders") as show:
                self._cloud.apply("orders", template, on_event=show)
        except StackFailedError as error:
            self._refused(error)
        else:
            raise NotAsItShouldBeError("the template with two mistakes was accepted")
        self._check(self._cloud.outputs("orders")["TableName"], ORDERS_AFTER_THREE_INDEX_CHANGES)

    def _refused(self, error: StackFailedError) -> None:
        reason = "\n".join(error.reasons)
        self._screen.refusal(reason)
        if error.status != "UPDATE_ROLLBACK_COMPLETE":
            raise NotAsItShouldBeError(f"the stack ended {error.status}")
        for part in ("BilingMode", "KeyType"):
            if part not in reason:
                raise NotAsItShouldBeError(f"the reason says nothing about {part}")
        self._screen.success("both mistakes are named, and the stack is back where it was")

    def _adopt_a_table(self) -> None:
        self._screen.chapter(
            "A table that was there before",
            "It was made by hand and holds an invoice. A stack takes it over, and brings\n"
            "it to what is declared: here it learns which items expire.",
        )
        make_by_hand(self._cloud.dynamodb, "archive", INVOICE)
        template = _template("existing-table.yaml")
        self._screen.template(_excerpt(template, "Outputs:"))
        with self._screen.progress("create stack archive") as show:
            outputs = self._cloud.apply("archive", template, on_event=show)
        self._screen.values(outputs)
        self._check("archive", ARCHIVE)
        self._check_invoice()

    def _refuse_a_takeover(self) -> None:
        self._screen.chapter(
            "A table that is somebody else's",
            "Another stack declares the same table. It is refused, and the table stays.",
        )
        try:
            with self._screen.progress("create stack intruder") as show:
                self._cloud.apply("intruder", _template("existing-table.yaml"), on_event=show)
        except StackFailedError as error:
            reason = "\n".join(error.reasons)
            self._screen.refusal(reason)
            if "AlreadyExists: table 'archive' belongs to resource Archive of stack " not in reason:
                raise NotAsItShouldBeError("the reason does not say whose the table is") from error
        else:
            raise NotAsItShouldBeError("a table was taken from its stack")
        with self._screen.progress("delete stack intruder") as show:
            self._cloud.delete("intruder", on_event=show)
        self._check_invoice()

    def _check_invoice(self) -> None:
        if items(self._cloud.dynamodb, "archive") != [INVOICE]:
            raise NotAsItShouldBeError("the invoice is gone")
        self._screen.success("the invoice is still there")

    def _delete_everything(self) -> None:
        self._screen.chapter(
            "Deletion",
            "Each stack takes with it the table that it created. A table that it took\n"
            "over, or that is to be retained, stays. The function goes last.",
        )
        for stack in ("archive", "sessions", "orders", "approvals"):
            with self._screen.progress(f"delete stack {stack}") as show:
                self._cloud.delete(stack, on_event=show)
        if (left := self._cloud.table_names()) != ["archive"]:
            raise NotAsItShouldBeError(f"the tables that are left: {', '.join(left)}")
        self._screen.success("no table is left but the one that was there before")
        with self._screen.progress(f"delete stack {PROVISIONER_STACK}"):
            self._cloud.delete(PROVISIONER_STACK)

    def _look_at_what_was_retained(self) -> None:
        self._check("archive", ARCHIVE)
        self._check_invoice()
        if marks := own_tags(self._cloud.dynamodb, "archive"):
            raise NotAsItShouldBeError(f"the table still says that it is a stack's: {marks}")
        self._screen.success("no tag says any more that it is a stack's: the next one can take it over")

    def _check(self, name: str, expected: Table) -> None:
        found = describe(self._cloud.dynamodb, name)
        self._screen.table(name, found)
        if wrong := list(_differences(found, expected)):
            raise NotAsItShouldBeError(f"table {name} is not what its template says: {'; '.join(wrong)}")
        self._screen.success("the table is what its template says")


def _differences(found: Table, expected: Table) -> Iterator[str]:
    for name, wanted in vars(expected).items():
        actual = getattr(found, name)
        if actual != wanted:
            yield f"{name} is {actual}, not {wanted}"


def _template(example: str) -> str:
    return (EXAMPLES / example).read_text()


def _excerpt(template: str, until: str) -> str:
    """Cut the resource out of a template, up to the line before the one that begins with ``until``."""
    lines = template[template.index("Resources:") :].splitlines()
    return "\n".join(takewhile(lambda line: not line.strip().startswith(until), lines)).rstrip()


def main() -> int:
    """Tell the story; the exit code says whether everything was as it should be."""
    stop_on_sigterm()
    screen = Screen(Console(highlight=False))
    try:
        with local_cloud() as cloud:
            Demo(cloud, screen).tell()
    except (NotAsItShouldBeError, LocalCloudError, StackFailedError) as error:
        screen.failure(str(error))
        return 1
    except KeyboardInterrupt:
        screen.failure("stopped")
        return 130
    screen.success("nothing is left running")
    return 0


if __name__ == "__main__":
    sys.exit(main())
