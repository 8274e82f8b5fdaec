"""What operators rely on in ``template.yaml``."""

from __future__ import annotations

from demo.local_cloud import ROOT
from tests.repository.templates import load, provisioner

FUNCTION = provisioner()["TableProvisionerFunction"]["Properties"]
LONGEST_WAIT_OF_CLOUDFORMATION_SECONDS = 3600


def test_the_function_has_all_the_time_that_lambda_gives() -> None:
    assert FUNCTION["Timeout"] == 900
    assert FUNCTION["RecursiveLoop"] == "Allow"


def test_requests_are_tried_again_as_long_as_somebody_waits_and_then_kept() -> None:
    invocation = FUNCTION["EventInvokeConfig"]
    assert invocation["MaximumRetryAttempts"] == 2
    assert invocation["MaximumEventAgeInSeconds"] == LONGEST_WAIT_OF_CLOUDFORMATION_SECONDS
    bus = {"Fn::GetAtt": "UnansweredRequestsBus.Arn"}
    assert invocation["DestinationConfig"]["OnFailure"] == {"Type": "EventBridge", "Destination": bus}
    rule = provisioner()["UnansweredRequestsRule"]["Properties"]
    assert rule["EventBusName"] == {"Ref": "UnansweredRequestsBus"}
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": "UnansweredRequests.Arn"}


def test_what_is_kept_of_a_request_is_not_its_response_url() -> None:
    """A destination gets the whole event, and with it a credential; only the named fields are passed on."""
    (target,) = provisioner()["UnansweredRequestsRule"]["Properties"]["Targets"]
    kept = {path.rpartition(".")[2] for path in target["InputTransformer"]["InputPathsMap"].values()}
    assert {"StackId", "RequestId", "LogicalResourceId"} <= kept
    assert not kept & {"ResponseURL", "requestPayload", "detail", "$"}
    assert "Input" not in target
    assert "InputPath" not in target


def test_a_request_that_failed_passes_no_bus_that_others_listen_to() -> None:
    """Nothing but the rule that leaves the ResponseURL out sees the event; the default bus is everybody's."""
    resources = provisioner()
    assert resources["UnansweredRequestsBus"]["Type"] == "AWS::Events::EventBus"
    buses = {name for name, each in resources.items() if each["Type"].startswith("AWS::Events::")}
    assert buses == {"UnansweredRequestsBus", "UnansweredRequestsRule"}
    assert "event-bus/default" not in (ROOT / "template.yaml").read_text()


def test_the_record_of_what_was_done_outlives_the_stack() -> None:
    assert provisioner()["LogGroup"]["DeletionPolicy"] == "Retain"
    assert provisioner()["LogGroup"]["UpdateReplacePolicy"] == "Retain"


def test_the_record_goes_where_it_expires_as_the_operator_says() -> None:
    (logs,) = (name for name, each in provisioner().items() if each["Type"] == "AWS::Logs::LogGroup")
    assert FUNCTION["LoggingConfig"]["LogGroup"] == {"Ref": logs}
    retention = provisioner()[logs]["Properties"]["RetentionInDays"]["Ref"]
    assert load(ROOT / "template.yaml")["Parameters"][retention]["Default"] == 90


def test_a_slow_request_can_be_traced() -> None:
    assert FUNCTION["Tracing"] == "Active"


def test_the_service_token_is_the_function_itself_never_a_version() -> None:
    """A resource's ServiceToken cannot be changed later."""
    outputs = load(ROOT / "template.yaml")["Outputs"]
    assert outputs["ServiceToken"]["Value"] == {"Fn::GetAtt": "TableProvisionerFunction.Arn"}
    assert outputs["ServiceToken"]["Export"]["Name"] == {"Fn::Sub": "${AWS::StackName}-ServiceToken"}
    assert "AutoPublishAlias" not in FUNCTION
