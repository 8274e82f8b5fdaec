from __future__ import annotations

from typing import Final

import pytest

from table_provisioner.aws_errors import Meaning, RefusalError, classify
from table_provisioner.wire import Operation
from tests.refusals import MEANINGS, end
from tests.refusals import message as message_of
from tests.simulator.dynamodb.errors import CATALOGUE, ErrorText

SERVER_FAULTS: Final = {"InternalFailure", "InternalServerError"}
EVERY_OPERATION: Final = tuple(Operation)


def status(code: str) -> int:
    return 500 if code in SERVER_FAULTS else 400


def operations(row: ErrorText) -> tuple[str, ...]:
    return EVERY_OPERATION if row.operations == ("*",) else row.operations


ANSWERS: Final = [
    pytest.param(row, operation, id=f"{operation} answers {name}: {row.kind}")
    for name, row in CATALOGUE.items()
    for operation in operations(row)
]


@pytest.mark.parametrize(("row", "operation"), ANSWERS)
def test_every_known_answer_means_what_was_observed(row: ErrorText, operation: str) -> None:
    message = message_of(row)
    assert classify(operation, row.code, message, status(row.code)) is MEANINGS[row.kind]


@pytest.mark.parametrize(("row", "operation"), ANSWERS)
def test_white_space_makes_no_difference(row: ErrorText, operation: str) -> None:
    message = message_of(row).replace(" ", " \n ")
    assert classify(operation, row.code, message, status(row.code)) is MEANINGS[row.kind]


CALLED: Final = [
    pytest.param(name, row, operation, id=f"{operation} answers {name}")
    for name, row in CATALOGUE.items()
    for operation in operations(row)
    if operation in EVERY_OPERATION and row.kind in {"TERMINAL", "QUOTA"}
]
"""What ends a request; all else passes, or was so already."""


@pytest.mark.parametrize(("name", "row", "operation"), CALLED)
def test_every_answer_to_a_call_of_ours_ends_with_the_code_of_the_contract(
    name: str, row: ErrorText, operation: str
) -> None:
    message = message_of(row)
    refusal = refused(operation, row.code, message, status(row.code))
    assert refusal.as_error("do it").code == end(name)


RATE_LIMITS: Final = {
    "decreases-are-limited": "Deploy again at that time: DynamoDB takes four decreases in a UTC day, and after",
    "encryption-changes-are-limited": "Deploy again at that time: DynamoDB takes four changes in 24 hours, and after",
    "class-changes-are-limited": "Deploy again 30 days after the last change but one; until then declare the Tab",
    "ttl-cooldown": "DynamoDB takes one change of time to live in about half an hour, and a rollback may",
    "capacity-above-table-maximum": "Declare less, or deploy again when AWS has raised the quota",
    "capacity-above-index-maximum": "Declare less, or deploy again when AWS has raised the quota",
    "capacity-above-account-maximum": "Declare less, or deploy again when AWS has raised the quota",
    "on-demand-above-table-maximum": "Declare less, or deploy again when AWS has raised the quota",
    "on-demand-above-index-maximum": "Declare less, or deploy again when AWS has raised the quota",
}


@pytest.mark.parametrize(("name", "remedy"), RATE_LIMITS.items())
def test_a_refusal_for_a_limit_says_when_it_can_be_tried_again(name: str, remedy: str) -> None:
    row = CATALOGUE[name]
    error = refused("UpdateTable", row.code, message_of(row)).as_error("do it")
    assert error.code == "ServiceLimitExceeded"
    assert error.remedy.startswith(remedy)


def refused(operation: str, code: str, message: str, http_status: int = 400) -> RefusalError:
    meaning = classify(operation, code, message, http_status)
    is_unexplained = meaning is Meaning.RETRY and http_status >= 500
    return RefusalError(
        operation, code, message, meaning=meaning, is_unexplained=is_unexplained, aws_request_id="REQUEST"
    )


@pytest.mark.parametrize(
    ("operation", "code", "message", "http_status", "meaning"),
    [
        pytest.param(
            "UpdateTable", "ValidationException", "Never seen.", 400, Meaning.TERMINAL, id="a new fault of ours"
        ),
        pytest.param("UpdateTable", "ResourceInUseException", "Never seen.", 400, Meaning.WAIT, id="a new obstacle"),
        pytest.param("UpdateTable", "LimitExceededException", "Never seen.", 400, Meaning.QUOTA, id="a new limit"),
        pytest.param(
            "TagResource",
            "ResourceNotFoundException",
            "Requested resource not found: Stream: arn:aws:dynamodb:… not found",
            400,
            Meaning.WAIT,
            id="a stream that is so new that its tags are not known",
        ),
        pytest.param("UpdateTable", "ThrottlingException", "Never seen.", 400, Meaning.RETRY, id="a new throttle"),
        pytest.param("UpdateTable", "InternalServerError", "Never seen.", 500, Meaning.RETRY, id="an outage"),
        pytest.param("UpdateTable", "Gibberish", "", 503, Meaning.RETRY, id="an unknown code of the server's"),
        pytest.param("UpdateTable", "Gibberish", "", 500, Meaning.RETRY, id="500 is the server's"),
        pytest.param("UpdateTable", "Gibberish", "", 499, Meaning.TERMINAL, id="499 is not"),
        pytest.param(
            "DescribeTable", "InternalFailure", "", 500, Meaning.RETRY, id="a 500 of another operation (T-437)"
        ),
        pytest.param(
            "DeleteTable", "InternalServerError", "KMS internal error: x", 500, Meaning.RETRY, id="a KMS text elsewhere"
        ),
        pytest.param(
            "ImportTable", "InternalServerError", "KMS internal error: x", 500, Meaning.TERMINAL, id="of an import"
        ),
        pytest.param(
            "UpdateTimeToLive",
            "LimitExceededException",
            "Subscriber limit exceeded: Table tags are being updated: orders",
            400,
            Meaning.QUOTA,
            id="a text that another operation gives",
        ),
        pytest.param(
            "UpdateTable",
            "LimitExceededException",
            "The provisioned throughput for the table will not change.",
            400,
            Meaning.QUOTA,
            id="a text under another code",
        ),
        pytest.param(
            "UpdateTable",
            "ValidationException",
            "So: The provisioned throughput for the table will not change.",
            400,
            Meaning.TERMINAL,
            id="a text that begins in another way",
        ),
    ],
)
def test_operation_code_and_head_are_matched_together(
    operation: str, code: str, message: str, http_status: int, meaning: Meaning
) -> None:
    assert classify(operation, code, message, http_status) is meaning


def test_the_status_of_an_ordinary_answer_need_not_be_said() -> None:
    assert classify("UpdateTable", "Gibberish", "") is Meaning.TERMINAL


@pytest.mark.parametrize(
    ("code", "end"),
    [
        pytest.param("ConnectTimeoutError", "NetworkFailure", id="no connection in time"),
        pytest.param("EndpointConnectionError", "NetworkFailure", id="no connection at all"),
        pytest.param("ReadTimeoutError", "NetworkFailure", id="no answer in time"),
        pytest.param("ConnectionClosedError", "NetworkFailure", id="a lost connection"),
        pytest.param("ProxyConnectionError", "NetworkFailure", id="a proxy in the way"),
        pytest.param("SSLError", "NetworkFailure", id="a certificate nobody trusts"),
        pytest.param("NoCredentialsError", "AccessDenied", id="no credentials"),
        pytest.param("ExpiredTokenException", "AccessDenied", id="credentials of yesterday"),
        pytest.param("UnrecognizedClientException", "AccessDenied", id="credentials of nobody"),
        pytest.param("NoRegionError", "InvalidRequest", id="no region"),
        pytest.param("ParamValidationError", "InvalidRequest", id="what the SDK itself refuses"),
        pytest.param("RequestLimitExceeded", "Throttling", id="another word for throttling"),
        pytest.param("Throttling", "Throttling", id="an older word for throttling"),
        pytest.param("TooManyRequestsException", "Throttling", id="Lambda's word for throttling"),
        pytest.param("Gibberish", "InternalFailure", id="what nobody knows"),
    ],
)
def test_what_is_no_answer_of_dynamodb_ends_with_a_code_as_well(code: str, end: str) -> None:
    refusal = RefusalError("UpdateTable", code, "text", meaning=Meaning.TERMINAL)
    assert refusal.as_error("do it").code == end


def test_what_stays_unexplained_is_the_service_s_fault() -> None:
    assert refused("UpdateTable", "Gibberish", "", 503).as_error("do it").code == "ServiceInternalError"


def test_an_error_says_what_was_tried_what_was_answered_and_what_to_do() -> None:
    refusal = refused("DeleteTable", "ValidationException", CATALOGUE["protected-against-deletion"].text)
    assert str(refusal.as_error("delete table 'orders'")) == (
        "ResourceConflict: could not delete table 'orders': DeleteTable answered ValidationException, Resource"
        " cannot be deleted as it is currently protected against deletion."
        " Run: aws dynamodb update-table --table-name NAME --no-deletion-protection-enabled. Then delete its stack"
        " again; or, where that goes on without the table, run: table-provisioner delete NAME"
        " (AWS request id: REQUEST)"
    )


@pytest.mark.parametrize(
    ("message", "text"),
    [
        pytest.param("", "no reason was given.", id="an empty answer"),
        pytest.param(" It is full. ", "It is full.", id="one full stop is enough"),
    ],
)
def test_an_error_reads_as_a_sentence(message: str, text: str) -> None:
    assert refused("UpdateTable", "LimitExceededException", message).as_error("do it").problem == (
        f"could not do it: UpdateTable answered LimitExceededException, {text}"
    )


@pytest.mark.parametrize(
    ("code", "is_throttled"),
    [
        pytest.param("ThrottlingException", True, id="DynamoDB's word"),
        pytest.param("RequestLimitExceeded", True, id="another"),
        pytest.param("LimitExceededException", False, id="a quota is none"),
    ],
)
def test_is_throttled(code: str, *, is_throttled: bool) -> None:
    assert refused("UpdateTable", code, "").is_throttled is is_throttled


@pytest.mark.parametrize(
    ("code", "message", "end"),
    [
        pytest.param("TableNotFoundException", "Table not found: orders", "NotFound", id="a table that is gone"),
        pytest.param("BackupInUseException", "", "ResourceConflict", id="a backup at work"),
        pytest.param("ResourceInUseException", "", "ResourceConflict", id="a table at work"),
        pytest.param("ThrottlingException", "Rate exceeded", "Throttling", id="too many calls"),
        pytest.param(
            "ValidationException",
            "Time to live has been modified multiple times within a fixed interval",
            "ServiceLimitExceeded",
            id="the half hour between two changes of time to live",
        ),
        pytest.param("AccessDeniedException", "KMS key access denied error: x", "AccessDenied", id="an unusable key"),
        pytest.param("ValidationException", "KMS validation error: x", "AccessDenied", id="a key that is none"),
    ],
)
def test_what_lasts_too_long_ends_with_a_code_as_well(code: str, message: str, end: str) -> None:
    assert refused("UpdateTimeToLive", code, message).as_error("do it").code == end
