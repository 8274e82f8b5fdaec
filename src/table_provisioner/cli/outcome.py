"""How a request of the command line ends."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from table_provisioner.cli.answers import print_json, result_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from table_provisioner.results import ProvisionResult


@contextmanager
def interruptible() -> Iterator[None]:
    """Say what it means when the user interrupts the block."""
    try:
        yield
    except KeyboardInterrupt:
        raise click.ClickException("Interrupted. What was begun goes on; run it again, and the rest is done.") from None


@contextmanager
def asking(option: str) -> Iterator[None]:
    """Where the block asks and nobody can answer, name the option that does."""
    try:
        yield
    except click.Abort as abort:
        if not isinstance(abort.__context__, EOFError):
            raise
        click.echo(err=True)
        raise click.ClickException(f"Nothing was changed: nobody answered. To go on without, give {option}.") from None


def report(results: Sequence[tuple[str, ProvisionResult]], *, as_json: bool) -> None:
    """Say how requests ended; exit with 1 if one failed."""
    if as_json:
        print_json({"tables": [result_document(result, name) for name, result in results]})
    else:
        for _, result in results:
            if not result.error:
                click.echo(f"{result.status} {result.table_name} {result.message or result.table_arn}".rstrip())
    if failures := [str(result.error) for _, result in results if result.error]:
        raise click.ClickException("\n".join(failures))
