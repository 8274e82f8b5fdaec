"""The dashboard and the alarms show what the function publishes, all of it, and nothing else."""

from __future__ import annotations

import json
import re
from itertools import combinations
from typing import Any

import pytest

from demo.local_cloud import ROOT
from table_provisioner.handler import lambda_handler
from table_provisioner.outcome import Metric
from tests.repository.templates import STACK, dashboard, load, provisioner

Widget = dict[str, Any]

NAMESPACE = "TableProvisioner"
ENVIRONMENT = provisioner()["TableProvisionerFunction"]["Properties"]["Environment"]["Variables"]


def widgets() -> list[Widget]:
    listed: list[Widget] = json.loads(dashboard())["widgets"]
    return listed


def shown() -> list[list[Any]]:
    """All metrics of all widgets; a cell may be an expression."""
    return [metric for widget in widgets() for metric in widget["properties"].get("metrics", ())]


def named() -> set[str]:
    """The function's own metrics on the dashboard."""
    direct = {metric[1] for metric in shown() if metric[0] == NAMESPACE}
    return direct | set(re.findall(r'MetricName=\\"(\w+)\\"', dashboard()))


def test_the_dashboard_shows_every_metric_and_no_other() -> None:
    assert named() == set(Metric)


def test_dashboard_and_alarms_look_where_the_function_publishes() -> None:
    assert ENVIRONMENT["POWERTOOLS_METRICS_NAMESPACE"] == NAMESPACE
    assert ENVIRONMENT["POWERTOOLS_SERVICE_NAME"] == {"Ref": "AWS::StackName"}
    for metric in shown():
        if metric[0] == NAMESPACE:
            assert metric[2:4] == ["service", STACK]
    assert f'service=\\"{STACK}\\"' in dashboard()
    assert "{TableProvisioner,service,Code}" in dashboard()
    alarm = provisioner()["OperatorFailuresAlarm"]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == (NAMESPACE, Metric.OPERATOR_FAILURES)
    assert alarm["Dimensions"] == [{"Name": "service", "Value": ENVIRONMENT["POWERTOOLS_SERVICE_NAME"]}]


def alarms() -> dict[str, Widget]:
    found = {
        name: each["Properties"] for name, each in provisioner().items() if each["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert found.keys() == {"ErrorsAlarm", "UnansweredRequestsAlarm", "OperatorFailuresAlarm"}
    return found


def test_the_alarm_for_errors_watches_what_the_handler_raises() -> None:
    alarm = alarms()["ErrorsAlarm"]
    (dimension,) = alarm["Dimensions"]
    assert (alarm["Namespace"], alarm["MetricName"], dimension["Name"]) == ("AWS/Lambda", "Errors", "FunctionName")
    watched = provisioner()[dimension["Value"]["Ref"]]
    assert watched["Properties"]["Handler"] == f"{lambda_handler.__module__}.{lambda_handler.__name__}"


def test_the_alarm_for_unanswered_requests_watches_the_queue_where_they_end() -> None:
    (target,) = provisioner()["UnansweredRequestsRule"]["Properties"]["Targets"]
    queue = target["Arn"]["Fn::GetAtt"].removesuffix(".Arn")
    assert provisioner()[queue]["Type"] == "AWS::SQS::Queue"
    alarm = alarms()["UnansweredRequestsAlarm"]
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": f"{queue}.QueueName"}}]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")


@pytest.mark.parametrize("name", alarms())
def test_an_alarm_rings_at_the_first_time_and_is_silent_where_nothing_is_counted(name: str) -> None:
    alarm = alarms()[name]
    # What is counted at each event is summed up; how many messages a queue has, is measured again and again.
    assert alarm["Statistic"] == ("Maximum" if alarm["MetricName"].startswith("ApproximateNumber") else "Sum")
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanOrEqualToThreshold", 1)
    assert (alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (1, "notBreaching")
    topic = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    assert alarm["AlarmActions"] == topic


@pytest.mark.parametrize("name", alarms())
def test_an_alarm_says_where_it_stands_what_to_do(name: str) -> None:
    where = re.search(r"docs/operations\.md#(\w+)$", alarms()[name]["AlarmDescription"])
    assert where
    assert where[1] == name.lower()
    assert f"\n### {name}\n" in (ROOT / "docs" / "operations.md").read_text()


def test_no_widget_covers_another() -> None:
    for one, other in combinations(widgets(), 2):
        beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        above = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
        assert beside or above, (one["properties"]["title"], other["properties"]["title"])


def test_both_are_there_only_if_asked_for() -> None:
    assert load(ROOT / "template.yaml")["Parameters"]["Monitoring"]["Default"] == "false"
    assert provisioner()["Dashboard"]["Condition"] == "IsMonitored"
    assert provisioner()["OperatorFailuresAlarm"]["Condition"] == "IsMonitored"
