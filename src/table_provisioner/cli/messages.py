"""Ends every error in one message, never in a traceback."""

from __future__ import annotations

import errno
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click
from botocore.exceptions import BotoCoreError

from table_provisioner.cli.documents import FaultyFileError
from table_provisioner.errors import ProvisionerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sized

_SETTINGS = "Give a region and credentials as for the AWS CLI: see --help."


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
    except FaultyFileError as error:
        heading = [f"{counted(error.findings, 'fault')}:"] if len(error.findings) > 1 else []
        raise click.ClickException("\n  ".join([*heading, *map(str, error.findings)])) from error
    except ProvisionerError as error:
        raise click.ClickException(str(error)) from error
    except BotoCoreError as error:
        raise click.ClickException(f"{str(error).rstrip('.')}. {_SETTINGS}") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            raise
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        raise click.ClickException(
            f"InternalFailure: {type(error).__name__}: {error} ({where}). Please report it."
        ) from error


def counted(things: Sized | int, what: str) -> str:
    """How many there are: ``1 fault``, ``2 faults``."""
    number = things if isinstance(things, int) else len(things)
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
