"""``convert``: rewrite native tables in a template to this resource, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO

import click

from table_provisioner.cli.conversion import Conversion
from table_provisioner.cli.declarations import NATIVE_TYPE, RESOURCE_TYPE, in_order
from table_provisioner.cli.documents import text_of
from table_provisioner.cli.rewriting import Rewriting

_ADOPTION = """\
A live table moves in two deployments, and its items stay where they are:
  1. {native} with DeletionPolicy: Retain and UpdateReplacePolicy: Retain.
  2. The converted template, with another logical id for {names}: CloudFormation
     lets none change its type. ExistingTable: Adopt, its default, takes it over.\
"""
_RELEASE = """\
A live table moves in two deployments and an import, and its items stay where they are:
  1. {custom} with OnDelete: Retain. An adopted table is retained without it.
  2. A template without {names}: the table stays, and is nobody's.
  3. The converted template with DeletionPolicy: Retain, in a change set of the
     type IMPORT for {names}. Deployed over the live table, it fails.\
"""
_NAMELESS = "{names}: TableName is not declared. Before that, declare the name that the live table has."


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--to-native", is_flag=True, help=f"From {RESOURCE_TYPE} to {NATIVE_TYPE}.")
@click.option("--logical-id", "logical_ids", multiple=True, metavar="ID", help="A resource; all of them without it.")
@click.option(
    "--service-token",
    metavar="ARN|EXPORT",
    default="table-provisioner-ServiceToken",
    show_default=True,
    help="The function's ARN, or the name under which a stack exports it.",
)
@click.option("--write", "writes", is_flag=True, help="Write the FILE, in place of the standard output.")
def convert(
    file: IO[bytes],
    *,
    to_native: bool,
    logical_ids: tuple[str, ...],
    service_token: str,
    writes: bool,
) -> None:
    """Rewrite native tables in a template to this resource, or back.

    Only what has to change is changed: comments, order, quotes and tags stay. Ref, Fn::GetAtt Arn and StreamArn,
    DeletionPolicy and every native property mean the same on both sides. Natively presets are written out; what cannot
    be said is listed.
    """
    name = getattr(file, "name", "<stdin>")
    content = file.read()
    rewriting = Rewriting(name, text_of(name, content))
    conversion = Conversion(rewriting)
    if to_native:
        conversion.to_native(logical_ids)
    else:
        conversion.to_custom(logical_ids, _written(service_token, is_json=rewriting.is_json))
    kind = RESOURCE_TYPE if to_native else NATIVE_TYPE
    if missing := [each for each in logical_ids if each not in conversion.converted]:
        raise click.ClickException(f"There is no {kind} {', '.join(missing)} in {name}.")
    if not conversion.converted:
        raise click.ClickException(f"There is no {kind} in {name}.")
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    result = mark + rewriting.result(conversion.converted).encode()
    if writes and name != "<stdin>":
        Path(name).write_bytes(result)
    else:
        click.echo(result, nl=False)
    _explain(conversion, to_native=to_native)


def _written(service_token: str, *, is_json: bool) -> str:
    is_arn = service_token.startswith("arn:")
    if is_json:
        return json.dumps(service_token if is_arn else {"Fn::ImportValue": service_token})
    return service_token if is_arn else f"!ImportValue {service_token}"


def _explain(conversion: Conversion, *, to_native: bool) -> None:
    for finding in in_order(conversion.lost):
        click.echo(str(finding), err=True)
    way = _RELEASE if to_native else _ADOPTION
    names = ", ".join(conversion.converted)
    click.echo(way.format(native=NATIVE_TYPE, custom=RESOURCE_TYPE, names=names), err=True)
    if conversion.nameless:
        click.echo(_NAMELESS.format(names=", ".join(conversion.nameless)), err=True)
