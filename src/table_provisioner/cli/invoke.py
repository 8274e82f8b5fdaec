"""``invoke``: have the function's handler answer one request in this process."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TextIO, cast

import click
from botocore.exceptions import NoRegionError

from table_provisioner.cli.account import Aws, takes_account, yes_option
from table_provisioner.cli.answers import print_json
from table_provisioner.cli.documents import FaultyFileError
from table_provisioner.cli.outcome import asking
from table_provisioner.cli.requests import AnswerServer, Context, request_of
from table_provisioner.cli.sources import Source, takes_tables
from table_provisioner.event import RequestType

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator
    from types import ModuleType
    from typing import IO

    from table_provisioner.cli.declarations import Declaration


@click.command()
@takes_tables
@click.option(
    "--request",
    "request_type",
    type=click.Choice([str(kind) for kind in RequestType]),
    help="Make this request from FILE; without it, FILE is an event.",
)
@click.option(
    "--previous", type=click.File("rb"), metavar="FILE", help="For Update: the table as it was declared before."
)
@click.option("--physical-id", metavar="ID", help="By what the resource is known; its table's name without it.")
@takes_account
@yes_option
def invoke(source: Source, aws: Aws, *, is_sure: bool, **of_request: Any) -> None:  # noqa: ANN401 -- the options of the request
    """Let the handler answer one request here, and print its answer.

    The request is a recorded event, or made from a table of a template with --request. The handler works on AWS, after
    asking, or on what --endpoint-url names. Its log goes to the standard error. Exits with 1 when it answers FAILED.
    """
    request = _made(source, aws.region, **of_request) if of_request["request_type"] else _recorded(source)
    if not aws.region:
        raise NoRegionError
    if not is_sure and _is_on_aws(aws):
        what = f"{request.get('RequestType')} of {request.get('LogicalResourceId')}"
        with asking("--yes"):
            click.confirm(f"{what} on AWS, in {aws.region}?", abort=True, err=True)
    with AnswerServer().serving() as server, _handler(aws) as handler:
        handler.lambda_handler(server.addressed(request), Context())
        answer = server.answer()
    if answer is None:
        raise click.ClickException("The handler gave no answer.")
    print_json(answer)
    if answer["Status"] != "SUCCESS":
        raise click.exceptions.Exit(1)


def _is_on_aws(aws: Aws) -> bool:
    """Whether real tables are at stake: AWS has more domains than one, and VPC endpoints are given by their URL."""
    is_elsewhere = aws.clients.is_redirected("dynamodb")
    return not is_elsewhere or ".amazonaws." in aws.clients.get("dynamodb").meta.endpoint_url


def _recorded(source: Source) -> dict[str, Any]:
    if len(source.files) != 1:
        raise click.UsageError("Give the FILE of an event, or --request.")
    (file,) = source.files
    name = getattr(file, "name", "<stdin>")
    try:
        event = json.loads(file.read())
    except ValueError as error:
        raise click.ClickException(
            f"{name} is no event, which is JSON: {error}. For a template, give --request."
        ) from None
    if not isinstance(event, dict) or "RequestType" not in event:
        raise click.ClickException(f"{name} is no event: it has no RequestType. For a template, give --request.")
    return event


def _made(
    source: Source, region: str, *, request_type: str, physical_id: str | None, previous: IO[bytes] | None
) -> dict[str, Any]:
    declaration = _the_one(replace(source, refuses_unknown_parameters=not previous), region)
    former = _the_one(source.reading(previous), region) if previous else None
    return request_of(declaration, RequestType(request_type), region, physical_id, former)


def _the_one(source: Source, region: str) -> Declaration:
    declarations, findings = source.declarations(region)
    findings += [finding for declaration in declarations for finding in declaration.unresolved()]
    if findings:
        raise FaultyFileError(findings)
    if not declarations:
        raise click.ClickException("No table is left to make a request for.")
    if len(declarations) > 1:
        names = ", ".join(declaration.logical_resource_id for declaration in declarations)
        raise click.UsageError(f"A request is for one table; choose by --logical-id: {names}.")
    return declarations[0]


@contextmanager
def _handler(aws: Aws) -> Iterator[ModuleType]:
    """The handler, at work in the caller's account; what it prints is its log."""
    from table_provisioner import handler  # noqa: PLC0415 -- it takes the logging over when it is imported

    log = cast("logging.StreamHandler[TextIO]", handler.logger.registered_handler)
    clients = handler.clients
    stream = log.setStream(sys.stderr)
    handler.clients = aws.clients
    try:
        with redirect_stdout(sys.stderr):
            yield handler
    finally:
        log.setStream(stream or sys.stdout)
        handler.clients = clients
