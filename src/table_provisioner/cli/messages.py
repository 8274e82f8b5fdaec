"""Ends every error in one message, never in a traceback."""

from __future__ import annotations

import errno
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click
from botocore.exceptions import BotoCoreError

from table_provisioner.cli.declarations import FaultyDeclarationError
from table_provisioner.errors import ProvisionerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from table_provisioner.cli.declarations import Finding


class Program(click.Group):
    """A group whose errors are one message each, and end with 1: 2 says that there are changes."""

    def make_context(self, *args: Any, **more: Any) -> click.Context:  # noqa: ANN401 -- as click has it
        """Read the arguments."""
        with _in_one_message():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 -- as click has it
        """Run the command."""
        with _in_one_message():
            return super().invoke(ctx)


class _MisuseError(click.ClickException):
    """A wrong use of the command line, shown as click shows it."""

    def __init__(self, error: click.UsageError) -> None:
        super().__init__(error.message)
        self._error = error

    def show(self, file: IO[Any] | None = None) -> None:
        """Show it, with how the command is used."""
        self._error.show(file)


@contextmanager
def _in_one_message() -> Iterator[None]:
    try:
        yield
    except click.UsageError as error:
        raise _MisuseError(error) from error
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except FaultyDeclarationError as error:
        raise click.ClickException("\n  ".join([f"{counted(error.findings)}:", *map(str, error.findings)])) from error
    except ProvisionerError as error:
        raise click.ClickException(str(error)) from error
    except BotoCoreError as error:
        raise click.ClickException(f"{error} See the settings of the AWS SDK.") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            raise
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        raise click.ClickException(
            f"InternalFailure: {type(error).__name__}: {error} ({where}). Please report it."
        ) from error


def counted(findings: Sequence[Finding]) -> str:
    """How many faults there are."""
    return "1 fault" if len(findings) == 1 else f"{len(findings)} faults"
