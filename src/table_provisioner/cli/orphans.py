"""``orphans``: show the tables whose resource is no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from rich.table import Table as Grid

from table_provisioner.cli.account import Aws, takes_account
from table_provisioner.cli.answers import as_json_option, print_json
from table_provisioner.cli.screen import console
from table_provisioner.cli.stacks import claims, stack
from table_provisioner.errors import ProvisionerError
from table_provisioner.orphans import ORPHANED, Claim, Verdict, judge, remedy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from table_provisioner.clients import Clients
    from table_provisioner.orphans import Stack

_NONE, _ERROR, _SOME = 0, 1, 2
_ELSEWHERE = "Its stack is in another region or account; look from there."


@dataclass(frozen=True, slots=True)
class _Finding:
    """A table, what there is of its resource, and what can be done."""

    claim: Claim
    verdict: Verdict
    remedy: str


@click.command()
@takes_account
@as_json_option
@click.pass_context
def orphans(context: click.Context, aws: Aws, *, as_json: bool) -> None:
    """Show tables whose stack or resource is no more.

    Their tags say whose they are. Nothing is changed. Exits with 0 when there is none, 2 when there are some, 1 when a
    stack could not be looked at: then its tables are UNKNOWN.
    """
    found = [each for each in _findings(aws.clients.persistent()) if each.verdict is not Verdict.IN_USE]
    if as_json:
        print_json({"tables": [_document(each) for each in found]})
    elif found:
        _show(found)
    else:
        click.echo("No table names a resource that is no more.")
    context.exit(_exit_code(found))


def _exit_code(found: Sequence[_Finding]) -> int:
    if any(each.verdict is Verdict.UNKNOWN for each in found):
        return _ERROR
    return _SOME if any(each.verdict in ORPHANED for each in found) else _NONE


def _findings(clients: Clients) -> Iterator[_Finding]:
    """Every table that names a resource; each stack is looked at once."""
    known: dict[str, Stack | ProvisionerError | None] = {}
    for claim in claims(clients):
        if claim.is_from_elsewhere:
            yield _Finding(claim, Verdict.UNKNOWN, _ELSEWHERE)
            continue
        if claim.stack_id not in known:
            known[claim.stack_id] = _look(clients, claim)
        seen = known[claim.stack_id]
        if isinstance(seen, ProvisionerError):
            yield _Finding(claim, Verdict.UNKNOWN, str(seen))
        else:
            verdict = judge(claim, seen)
            yield _Finding(claim, verdict, remedy(claim, verdict))


def _look(clients: Clients, claim: Claim) -> Stack | ProvisionerError | None:
    try:
        return stack(clients, claim.stack_id) if claim.names_a_stack else None
    except ProvisionerError as error:
        return error


def _document(finding: _Finding) -> dict[str, str | bool]:
    return {
        "table_name": finding.claim.table_name,
        "table_arn": finding.claim.table_arn,
        "verdict": finding.verdict,
        "stack_id": finding.claim.stack_id,
        "logical_resource_id": finding.claim.logical_resource_id,
        "is_adopted": finding.claim.is_adopted,
        "remedy": finding.remedy,
    }


def _show(found: Sequence[_Finding]) -> None:
    """A table of them, and below it what to do about each."""
    grid = Grid(box=None, pad_edge=False)
    for heading in ("table", "verdict", "resource", "stack"):
        grid.add_column(heading, overflow="fold")
    for each in found:
        grid.add_row(each.claim.table_name, each.verdict, each.claim.logical_resource_id, each.claim.stack_id)
    console().print(grid)
    for each in found:
        click.echo(f"\n{each.claim.table_name}: {each.remedy}")
