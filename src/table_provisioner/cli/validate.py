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
    anything, whatever the parameters: those that decide about something are tried with the values that the template
    names, unless --parameter gives one. AWS is not asked. What only a stack can know is named, and not checked. Exits
    with 1 when there are faults.
    """
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
    declared, of_files = source.variations(region)
    declarations = [each for each in declared if not each.unmet_condition]
    of_tables = [
        *(finding for each in declared for finding in each.refused()),
        *(finding for each in declarations for finding in each.faults()),
    ]
    faults = in_order([*of_files, *_each_once(of_tables)])
    tables = {(each.document.name, each.logical_resource_id) for each in declarations}
    of_others = [
        *(each.left_out() for each in declared if (each.document.name, each.logical_resource_id) not in tables),
        *(finding for each in declarations if not each.variation for finding in each.unchecked()),
    ]
    unchecked = in_order(_each_once(of_others))
    if as_json:
        print_json({"faults": _documents(faults), "unchecked": _documents(unchecked)})
    else:
        for finding in faults:
            click.echo(str(finding))
        for finding in unchecked:
            click.echo(f"{finding} (not checked)", err=True)
    where = f"in {counted(tables, 'table')}"
    if len(source.files) > 1:
        where += f" of {len(source.files)} files"
    if faults:
        raise click.ClickException(f"{counted(faults, 'fault')} {where if tables else ''}".rstrip() + ".")
    if not as_json:
        click.echo(f"No faults {where}.")


def _each_once(findings: Iterable[Finding]) -> list[Finding]:
    """Findings without those that other values of parameters only repeat."""
    found: dict[Any, Finding] = {}
    for finding in findings:
        found.setdefault(
            (finding.place, finding.logical_resource_id, finding.fault.path, finding.fault.problem), finding
        )
    return list(found.values())


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
