from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import pytest
from urllib3.util import parse_url

from table_provisioner.redaction import redacted, without_urls

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE: Final = "q7rXk2%2FbWJ%2Bz0aA%3D"
URL: Final = (
    "https://cloudformation-custom-resource-response.s3.us-east-1.amazonaws.com"
    "/arn%3Aaws%3Acloudformation%3Aus-east-1%3A123456789012%3Astack/shop/0a1b%7COrders%7C9f"
    f"?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=7200&X-Amz-Security-Token=tOkEn%2BtOkEn&X-Amz-Signature={SIGNATURE}"
)
SECRETS: Final = (SIGNATURE, "q7rXk2/bWJ+z0aA=", "tOkEn%2BtOkEn", "tOkEn+tOkEn", "0a1b%7COrders%7C9f")


class Keeper(logging.Handler):
    """Keeps every record as text, with its trace."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Format and keep."""
        self.records.append(record)
        self.lines.append(logging.Formatter("%(message)s").format(record))


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    """What a logger that shows everything wrote."""
    keeper = Keeper()
    logger = logging.getLogger("test.redaction")
    logger.addHandler(keeper)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    yield keeper
    logger.removeHandler(keeper)


LOGGER: Final = logging.getLogger("test.redaction")


def leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret.lower() in text.lower()]


@pytest.mark.parametrize(
    ("message", "args"),
    [
        pytest.param(f"sending to {URL}", (), id="the URL in the text"),
        pytest.param("sending to %s", (URL,), id="the URL among the arguments"),
        pytest.param("event: %r", ({"ResponseURL": URL},), id="the event"),
        pytest.param(
            "body: %s", (f'{{"ResponseURL": "{URL}"}}'.encode(),), id="the body of an Invoke, as botocore has it"
        ),
        pytest.param('%s "PUT %s HTTP/1.1" 200', ("host", parse_url(URL).request_uri), id="urllib3's line"),
        pytest.param("query: %s", (URL.partition("?")[2],), id="the query"),
        pytest.param("path: %s", (parse_url(URL).path,), id="the path"),
        pytest.param("signature %s", (SIGNATURE,), id="the signature alone"),
        pytest.param("signature %s", ("q7rXk2/bWJ+z0aA=",), id="the signature, decoded"),
        pytest.param("token %s", ("tOkEn+tOkEn",), id="the token, decoded"),
        pytest.param("%s %s", (URL,), id="arguments that do not fit the text"),
        pytest.param("%d", (URL,), id="an argument of the wrong kind"),
        pytest.param(URL + " %s", (URL,), id="text and argument"),
    ],
)
def test_no_part_of_the_url_that_would_do_is_in_a_record(message: str, args: tuple[object, ...]) -> None:
    with redacted(URL):
        record = LOGGER.makeRecord("test.redaction", logging.DEBUG, __file__, 1, message, args, None)
    assert leaks(f"{record.msg} {record.args}") == []


def test_the_decoded_url_is_taken_out_as_a_whole(keeper: Keeper) -> None:
    with redacted(URL):
        LOGGER.info("sending to %s now", unquote(URL))
    assert keeper.lines == ["sending to [ResponseURL] now"]


def test_a_record_says_that_something_was_taken_out(keeper: Keeper) -> None:
    with redacted(URL):
        LOGGER.info("sending to %s now", URL)
        LOGGER.info("nothing to hide: %d", 5)
    assert keeper.lines == ["sending to [ResponseURL] now", "nothing to hide: 5"]
    assert keeper.records[1].args == (5,)


def raise_with_url() -> None:
    raise ConnectionError(f"cannot reach {URL}")


def test_a_trace_is_cleaned_as_well(keeper: Keeper) -> None:
    with redacted(URL):
        try:
            raise_with_url()
        except ConnectionError:
            LOGGER.exception("it failed")
    assert leaks(keeper.lines[0]) == []
    assert "ConnectionError: cannot reach [ResponseURL]" in keeper.lines[0]
    assert keeper.lines[0].startswith("it failed\nTraceback")


def test_a_trace_without_a_secret_stays_a_trace(keeper: Keeper) -> None:
    with redacted(URL):
        try:
            raise_nothing_secret()
        except ValueError:
            LOGGER.exception("it failed")
    exc_info = keeper.records[0].exc_info
    assert exc_info
    assert exc_info[0] is ValueError


def raise_nothing_secret() -> None:
    raise ValueError("harmless")


def test_no_trace_is_no_trouble(keeper: Keeper) -> None:
    with redacted(URL):
        LOGGER.error("nothing was raised", exc_info=(None, None, None))
    assert keeper.lines[0].startswith("nothing was raised")


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(URL.replace("%2F", "%2f").replace("%7C", "%7c"), id="escapes in small letters"),
        pytest.param(URL.replace("%7C", "|").replace("%3A", ":"), id="characters that should have been escaped"),
        pytest.param(URL.replace("Signature=", "Signature=ä"), id="characters beyond ASCII"),
    ],
)
def test_a_url_is_known_in_the_spelling_of_urllib3(keeper: Keeper, url: str) -> None:
    with redacted(url):
        LOGGER.debug('"PUT %s HTTP/1.1" 200', parse_url(url).request_uri)
    assert leaks(keeper.lines[0]) == []


def test_after_the_request_nothing_is_taken_out(keeper: Keeper) -> None:
    with redacted(URL):
        pass
    LOGGER.info(URL)
    assert keeper.lines == [URL]


def test_what_fails_inside_does_not_leave_the_rule_behind(keeper: Keeper) -> None:
    with pytest.raises(ConnectionError), redacted(URL):
        raise_with_url()
    LOGGER.info(URL)
    assert keeper.lines == [URL]


def test_two_requests_at_once_hide_both_urls(keeper: Keeper) -> None:
    other = "https://example.com/other-answer?token=abcdefgh12345678"
    with redacted(URL), redacted(other):
        LOGGER.info("%s and %s", URL, other)
    assert keeper.lines == ["[ResponseURL] and [ResponseURL]"]


def test_records_of_other_threads_are_cleaned_as_well(keeper: Keeper) -> None:
    with redacted(URL):
        thread = threading.Thread(target=LOGGER.info, args=(URL,))
        thread.start()
        thread.join()
    assert keeper.lines == ["[ResponseURL]"]


@pytest.mark.parametrize(
    ("url", "line"),
    [
        pytest.param(None, "short", id="no URL"),
        pytest.param("https://example.com/a?b=c", "c of a is not taken out: ?b=c", id="what is short is no secret"),
        pytest.param("https://[::1", "half an address", id="half an address"),
    ],
)
def test_what_is_no_secret_stays(keeper: Keeper, url: object, line: str) -> None:
    with redacted(url):
        LOGGER.info(line)
    assert keeper.lines == [line]


def test_eight_characters_are_a_secret(keeper: Keeper) -> None:
    with redacted("https://example.com/?token=12345678&part=1234567"):
        LOGGER.info("12345678 1234567-")
    assert keeper.lines == ["[ResponseURL] 1234567-"]


def test_records_pass_by_once_however_many_requests_there_were() -> None:
    with redacted(URL):
        makes_records = logging.Logger.makeRecord
    with redacted(URL):
        assert logging.Logger.makeRecord is makes_records


def test_a_url_that_cannot_be_taken_apart_is_taken_out_whole(keeper: Keeper) -> None:
    with redacted("https://[::1/answer"):
        LOGGER.info("to https://[::1/answer")
    assert keeper.lines == ["to [ResponseURL]"]


def test_levels_names_and_places_of_records_stay(keeper: Keeper) -> None:
    with redacted(URL):
        LOGGER.warning(URL)
    record = keeper.records[0]
    assert (record.levelno, record.name, record.funcName) == (
        logging.WARNING,
        "test.redaction",
        "test_levels_names_and_places_of_records_stay",
    )


def test_the_fields_of_a_record_are_cleaned_as_well(keeper: Keeper) -> None:
    with redacted(URL):
        LOGGER.info("sent", extra={"to": URL, "event": {"ResponseURL": [URL]}, "bytes": 5})
    fields = vars(keeper.records[0])
    assert fields["to"] == "[ResponseURL]"
    assert leaks(str(fields["event"])) == []
    assert fields["bytes"] == 5


def test_a_text_of_another_kind_is_cleaned_on_request() -> None:
    with redacted(URL):
        assert without_urls(f"cannot reach {URL}.") == "cannot reach [ResponseURL]."
    assert without_urls(URL) == URL


def test_what_is_nested_too_deep_to_be_logged_is_not(keeper: Keeper) -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with redacted(URL):
        LOGGER.info("event: %s", deep, extra={"properties": deep})
        LOGGER.info(deep)
    assert keeper.lines == ["nested too deep to be logged"] * 2
