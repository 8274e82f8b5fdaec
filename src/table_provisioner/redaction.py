"""Keeps the ``ResponseURL`` out of every log record, at every level, whoever writes it.

The presigned URL is a credential: whoever has it can answer in our place. botocore logs request bodies at ``DEBUG`` and
crhelper the event, so it is taken out where loggers make their records. The hook for that, the record factory, does not
see what is given as ``extra``.
"""

from __future__ import annotations

import logging
import traceback
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from urllib3.util import parse_url

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLACEHOLDER = "[ResponseURL]"
_SHORTEST_SECRET = 8
"""Characters; a shorter query value is no secret, and replacing it would garble the rest."""
_OF_ANY_RECORD = vars(logging.makeLogRecord({})).keys()

_active: list[tuple[str, ...]] = []
"""What is to be taken out now, one entry for each request at work."""


@contextmanager
def redacted(url: object) -> Iterator[None]:
    """Take a URL, and the parts of it that would do, out of all log records made inside the block."""
    secrets = _secrets(url) if isinstance(url, str) else ()
    _active.append(secrets)
    _install()
    try:
        yield
    finally:
        _active.remove(secrets)


def without_urls(text: str) -> str:
    """A text without what is to be taken out now."""
    for secrets in _active:
        for secret in secrets:
            text = text.replace(secret, _PLACEHOLDER)
    return text


def _install() -> None:
    """Make all log records pass by here. Never undone: whoever took over from us meanwhile would be lost."""
    original = logging.Logger.makeRecord
    if getattr(original, "is_redacting", False):
        return

    @wraps(original)
    def make_record(*args: Any, **kwargs: Any) -> logging.LogRecord:  # noqa: ANN401 -- passed on as they are
        record = original(*args, **kwargs)
        try:
            if _active:
                _clean(record)
        except RecursionError:  # whoever writes the record would raise that as well
            record.msg, record.args = "nested too deep to be logged", ()
            for name in vars(record).keys() - _OF_ANY_RECORD:
                delattr(record, name)
        return record

    make_record.is_redacting = True  # type: ignore[attr-defined]  # marks it as ours
    logging.Logger.makeRecord = make_record  # type: ignore[method-assign]  # as above


def _secrets(url: str) -> tuple[str, ...]:
    """What must not be seen, longest first, so that no rest of a longer one is left."""
    try:
        found = {url} | _parts(url) | _parts(parse_url(url).url)  # urllib3 logs its own spelling of it
    except ValueError:
        return (url,)
    return tuple(sorted((text for text in found if len(text) >= _SHORTEST_SECRET), key=len, reverse=True))


def _parts(url: str) -> set[str]:
    parts = urlsplit(url)
    values = [value for _, value in parse_qsl(parts.query)]
    raw_values = [pair.partition("=")[2] for pair in parts.query.split("&")]
    return {url, unquote(url), f"{parts.path}?{parts.query}", parts.path, parts.query, *values, *raw_values}


def _clean(record: logging.LogRecord) -> None:
    message = _text(record)
    cleaned = without_urls(message)
    if cleaned != message:
        record.msg, record.args = cleaned, ()
    if record.exc_info and record.exc_info[0]:
        trace = "".join(traceback.format_exception(*record.exc_info))
        cleaned_trace = without_urls(trace)
        if cleaned_trace != trace:
            record.msg, record.args, record.exc_info = f"{cleaned}\n{cleaned_trace}", (), None
    for name in vars(record).keys() - _OF_ANY_RECORD:
        value = str(vars(record)[name])
        cleaned = without_urls(value)
        if cleaned != value:
            setattr(record, name, cleaned)


def _text(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # its arguments do not fit; logging will report that itself
        return f"{record.msg} {record.args}"
