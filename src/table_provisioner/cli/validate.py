"""``validate``: report every fault of declared tables, without AWS."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from table_provisioner.cli.answers import as_json_option, print_json
from table_provisioner.cli.declarations import in_order
from table_provisioner.cli.messages import counted
from table_provisioner.cli.sources import Source, takes_tables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from table_provisioner.cli.documents import Finding


@click.command()
@takes_tables
@as_json_option
def validate(source: Source, *, as_json: bool) -> None:
    """Report every fault of the declared tables.

    Each with its file, line and column, as compilers do. It finds what a deployment would find before it changes
    anything; AWS is not asked. What only a stack can know is named, and not checked. Exits with 1 when there are
    faults.
    """
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
    declarations, of_files = source.declarations(region)
    of_tables = (finding for each in declarations for finding in (*each.faults(), *each.refused()))
    faults = in_order([*of_files, *of_tables])
    unchecked = in_order(finding for declaration in declarations for finding in declaration.unchecked())
    if as_json:
        print_json({"faults": _documents(faults), "unchecked": _documents(unchecked)})
    else:
        for finding in faults:
            click.echo(str(finding))
        for finding in unchecked:
            click.echo(f"{finding} (not checked)", err=True)
    where = f"in {counted(declarations, 'table')}"
    if len(source.files) > 1:
        where += f" of {len(source.files)} files"
    if faults:
        raise click.ClickException(f"{counted(faults, 'fault')} {where if declarations else ''}".rstrip() + ".")
    if not as_json:
        click.echo(f"No faults {where}.")


def _documents(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "file": finding.file,
            "line": finding.position.line if finding.position else None,
            "column": finding.position.column if finding.position else None,
            "logical_resource_id": finding.logical_resource_id,
            "path": finding.fault.path,
            "problem": finding.fault.problem,
            "fix": finding.fault.fix,
        }
        for finding in findings
    ]
