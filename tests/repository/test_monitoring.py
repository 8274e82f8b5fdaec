"""The dashboard and the alarms show what the function publishes, all of it, and nothing else."""

from __future__ import annotations

import json
import re
from itertools import combinations
from typing import Any

from demo.local_cloud import ROOT
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


def test_no_widget_covers_another() -> None:
    for one, other in combinations(widgets(), 2):
        beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        above = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
        assert beside or above, (one["properties"]["title"], other["properties"]["title"])


def test_both_are_there_only_if_asked_for() -> None:
    assert load(ROOT / "template.yaml")["Parameters"]["Monitoring"]["Default"] == "false"
    assert provisioner()["Dashboard"]["Condition"] == "IsMonitored"
    assert provisioner()["OperatorFailuresAlarm"]["Condition"] == "IsMonitored"
