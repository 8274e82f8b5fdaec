"""Contributor Insights of tables and indexes, paid for in CloudWatch rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb.errors import refusal
from tests.simulator.dynamodb.timeline import now

if TYPE_CHECKING:
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json
    from tests.simulator.dynamodb.world import World

DEFAULT_MODE: Final = "ACCESSED_AND_THROTTLED_KEYS"
_KNOWN: Final = "ResourcePolicy.create_time_policy_readable"
_NEW_INDEX_KNOWN_AFTER: Final = 20.0
_UPDATABLE_AFTER_DELETION: Final = 1.43


@dataclass
class Insights:
    """The insights of one table or index."""

    status: str = "DISABLED"
    mode: str | None = None
    updated_at: float | None = None
    rules: list[str] = field(default_factory=list)
    failure: str | None = None

    def describe(self) -> Json:
        """The description: bare until the first cycle, without rules when FAILED (T-089, T-340)."""
        shown: Json = {
            "ContributorInsightsStatus": self.status,
            "ContributorInsightsMode": self.mode,
            "LastUpdateDateTime": self.updated_at,
            "ContributorInsightsRuleList": self.rules or None,
        }
        if self.failure is not None:
            shown["FailureException"] = {
                "ExceptionName": "LimitExceededException",
                "ExceptionDescription": self.failure,
            }
        return {member: value for member, value in shown.items() if value is not None}


def update(world: World, params: Json) -> Json:
    """UpdateContributorInsights: no cooldown, repeated values are 200 (T-091, T-341)."""
    table = _known(world, params)
    _check_state(table, params.get("IndexName", ""))
    name = params.get("IndexName", "")
    insights = table.insights.setdefault(name, Insights())
    if params["ContributorInsightsAction"] == "ENABLE":
        _enable(world, table, name, insights, params.get("ContributorInsightsMode", DEFAULT_MODE))
    else:
        _disable(world, table, insights)
    shown: Json = {"TableName": table.name, "ContributorInsightsStatus": insights.status}
    if insights.mode is not None:
        shown["ContributorInsightsMode"] = insights.mode
    return shown | ({"IndexName": name} if name else {})


def describe(world: World, params: Json) -> Json:
    """DescribeContributorInsights."""
    table = _known(world, params)
    name = params.get("IndexName", "")
    if name:
        _check_index_known(table, name)
    shown = {"TableName": table.name} | ({"IndexName": name} if name else {})
    return shown | table.insights.get(name, Insights()).describe()


def list_insights(world: World, params: Json) -> Json:
    """ListContributorInsights: DISABLED ones are hidden, so that a page may be empty (T-095, T-344)."""
    tables = [world.table(params["TableName"])] if "TableName" in params else list(world.tables.values())
    every = [(table, name, insights) for table in tables for name, insights in table.insights.items()]
    first = int(params.get("NextToken") or 0)
    last = first + params.get("MaxResults", len(every) + 1)
    page: Json = {
        "ContributorInsightsSummaries": [
            {
                "TableName": table.name,
                "ContributorInsightsStatus": insights.status,
                "ContributorInsightsMode": insights.mode,
            }
            | ({"IndexName": name} if name else {})
            for table, name, insights in every[first:last]
            if insights.status != "DISABLED"
        ]
    }
    return page | ({"NextToken": str(last)} if last < len(every) else {})


def _known(world: World, params: Json) -> Table:
    table = world.table(params["TableName"])
    if table.status == "CREATING" and table.age < world.seconds(_KNOWN):
        raise world.not_found(table.name)  # T-115
    return table


def _check_state(table: Table, index: str) -> None:
    """Refuse a table or index that is not there yet; UPDATING is no obstacle (T-115, T-116, T-460)."""
    is_leaving = table.seconds_since_deletion > _UPDATABLE_AFTER_DELETION
    if table.status == "CREATING" or is_leaving:
        raise refusal("insights-need-active-table")
    if table.encryption.inaccessible_since is not None:
        raise refusal("kms-key-disabled", why=table.encryption.key_arn)  # T-333
    if index:
        _check_index_known(table, index)
        if table.indexes[index].status == "CREATING":
            raise refusal("insights-need-active-index")


def _check_index_known(table: Table, name: str) -> None:
    """Refuse local and unknown indexes, and new ones for a while (T-094, T-116)."""
    index = table.indexes.get(name)
    is_too_new = index is not None and index.status == "CREATING" and now() < index.created_at + _NEW_INDEX_KNOWN_AFTER
    if index is None or is_too_new:
        raise refusal("insights-index-not-found", index=name, table=table.name)


def _enable(world: World, table: Table, name: str, insights: Insights, mode: str) -> None:
    """Enable, or change the mode, which is an enabling too (T-090, T-094)."""
    if (insights.status, insights.mode) in {("ENABLED", mode), ("ENABLING", mode)}:
        return
    insights.rules, insights.failure = [], None
    wanted = _rule_names(table, name)
    used = sum(len(other.rules) for owner in world.tables.values() for other in owner.insights.values())
    fits = used + len(wanted) <= world.quotas.insights_rules
    insights.status, insights.mode, insights.updated_at = "ENABLING", mode, now()
    insights.rules = wanted if fits else []

    def finish() -> None:
        if insights.status == "ENABLING":
            insights.status = "ENABLED" if fits else "FAILED"
            insights.failure = None if fits else "Contributor Insights rule limit exceeded"  # T-337, T-338

    kind = "enable" if fits else "enable_to_failed"
    table.timeline.at(now() + world.seconds(f"ContributorInsights.{kind}"), finish)


def _disable(world: World, table: Table, insights: Insights) -> None:
    if insights.status in {"DISABLED", "DISABLING"}:
        return
    insights.status, insights.updated_at, insights.failure, insights.rules = "DISABLING", now(), None, []

    def finish() -> None:
        if insights.status == "DISABLING":
            insights.status = "DISABLED"

    table.timeline.at(now() + world.seconds("ContributorInsights.disable"), finish)


def _rule_names(table: Table, index: str) -> list[str]:
    """Two CloudWatch rules for a hash-only key, four with a sort key (T-337)."""
    schema = table.indexes[index].key_schema if index else table.key_schema
    kinds = ["PKC", "PKT"] + (["SKC", "SKT"] if any(part["KeyType"] == "RANGE" for part in schema) else [])
    return [f"DynamoDBContributorInsights-{kind}-{table.name}-{index}".rstrip("-") for kind in kinds]
