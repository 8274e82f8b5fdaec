"""How many calls of AWS's APIs a request makes, against the fewest with which it can be done."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from benchmarks.report import Section, table
from benchmarks.simulated import deployed
from tests.functional.tables import compact

if TYPE_CHECKING:
    from tests.simulator.account import Account

_READS = ("Describe", "List", "Get")
_FULL = compact(
    "email",
    "city",
    StreamSpecification={"StreamViewType": "NEW_IMAGE"},
    TimeToLiveAttribute="expires_at",
    PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 14},
    SSESpecification={"SSEEnabled": True, "SSEType": "KMS"},
    TableClass="STANDARD_INFREQUENT_ACCESS",
    DeletionProtectionEnabled=True,
    ContributorInsightsSpecification={"Enabled": True},
    KinesisStreamSpecification={"StreamArn": "arn:aws:kinesis:us-east-1:123456789012:stream/changes"},
    ResourcePolicy={
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                    "Action": "dynamodb:GetItem",
                    "Resource": "*",
                }
            ],
        }
    },
    Tags=[{"Key": "team", "Value": "checkout"}],
)
_UNPROTECTED = _FULL | {"DeletionProtectionEnabled": False}
_FENCE = "TagResource"
"""What each change of a table begins with: the request's id and time, by which a later delivery knows that it is late.
"""


class _Scenarios:
    """Requests, one after the other; each returns the calls that it made."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def _stack(self, operation: str, *arguments: Any) -> Counter[str]:  # noqa: ANN401 -- a template or nothing
        self._account.dynamodb.calls.clear()
        outcome = getattr(self._account.cloudformation, f"{operation}_stack")(*arguments)
        if "ROLLBACK" in outcome.status or "FAILED" in outcome.status:
            raise AssertionError(outcome.events)
        return Counter(call.operation for call in self._account.dynamodb.calls if call.service == "dynamodb")

    def create(self, properties: dict[str, Any]) -> Counter[str]:
        return self._stack("create", {"Table": properties})

    def update(self, properties: dict[str, Any]) -> Counter[str]:
        return self._stack("update", {"Table": properties})

    def delete(self) -> Counter[str]:
        return self._stack("delete")


def measure() -> list[Section]:
    """Count."""
    rows, surplus = [], 0
    for name, fewest, calls in _scenarios():
        mutations = {operation: count for operation, count in calls.items() if not operation.startswith(_READS)}
        fence = min(1, mutations.pop(_FENCE, 0)) if "update" in name else 0
        surplus += sum(mutations.values()) - fewest
        reads = sum(calls.values()) - sum(mutations.values()) - fence
        made = ", ".join(f"{operation} {count}" for operation, count in mutations.items()) or "none"
        rows.append([name, fewest, sum(mutations.values()), fence, reads, made])
    section = Section(
        title="Calls",
        goal="changing calls equal the fewest that the API allows; an update that changes nothing makes none.",
        outcome=f"{surplus} more than the fewest, in all scenarios together",
        is_met=surplus == 0,
        body=table(["scenario", "fewest", "made", "fence", "reads, waiting included", "which"], rows)
        + "\n\nThe fence is the one `TagResource` of a changing update that says whose turn it is.",
    )
    return [section]


def _scenarios() -> list[tuple[str, int, Counter[str]]]:
    found = []
    with deployed() as account:
        run = _Scenarios(account)
        found.append(("minimal create", 1, run.create(compact())))
        found.append(("update that changes nothing", 0, run.update(compact() | {"BillingMode": "PAY_PER_REQUEST"})))
        found.append(("three indexes in one update", 3, run.update(compact("email", "city", "zip"))))
        found.append(("delete", 1, run.delete()))
    with deployed() as account:
        run = _Scenarios(account)
        # CreateTable; the rest has calls of its own: time to live, recovery, insights, Kinesis.
        found.append(("full create", 5, run.create(_FULL)))
        found.append(("full update that changes nothing", 0, run.update(_FULL | {"BillingMode": "PAY_PER_REQUEST"})))
        found.append(("full update that takes protection off", 1, run.update(_UNPROTECTED)))
        found.append(("full delete", 1, run.delete()))
    return found
