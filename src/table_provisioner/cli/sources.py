"""Where the tables of a command are declared: in files, or by a preset."""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields, replace
from typing import IO, TYPE_CHECKING, Any

import click

from table_provisioner.cli.declarations import NATIVE_TYPE, RESOURCE_TYPE, names_in, of_document, of_preset, overlooked
from table_provisioner.cli.documents import FaultyFileError, read_document
from table_provisioner.cli.references import fix_of_name
from table_provisioner.presets import Preset

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from table_provisioner.cli.declarations import Declaration, DeclaredTable
    from table_provisioner.cli.documents import Finding

_PRESETS = tuple(preset.value for preset in Preset)


class _PresetName(click.Choice[str]):
    """The name of a preset in whatever case; shown as templates have it."""

    def __init__(self) -> None:
        super().__init__(_PRESETS, case_sensitive=False)

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:  # noqa: ARG002 -- as click has it
        """The name in the case of templates; any other as it is."""
        given = str(choice)
        return next((name for name in _PRESETS if name.casefold() == given.casefold()), given)


@dataclass(frozen=True, slots=True)
class Source:
    """What the caller says about the tables to work on.

    Attributes:
        files: Where they are declared.
        preset: In place of files.
        table_name: Another name for the one table.
        logical_ids: The resources to choose; all where there are none.
        parameters: Values for what the files refer to.
        takes_native: Whether native tables are tables, too.
        refuses_unknown_parameters: Whether a value for what the files do not refer to is an error.
    """

    files: tuple[IO[bytes], ...]
    preset: str | None
    table_name: str | None
    logical_ids: tuple[str, ...]
    parameters: Mapping[str, str]
    takes_native: bool
    refuses_unknown_parameters: bool = True

    def reading(self, file: IO[bytes]) -> Source:
        """The same, in another file, which need not have all of the parameters."""
        return replace(self, files=(file,), preset=None, refuses_unknown_parameters=False)

    def tables(self, region: str) -> list[DeclaredTable]:
        """The tables, each without a fault.

        Raises:
            FaultyFileError: With everything that is wrong, or cannot be known, in all of them.
        """
        declarations, findings = self.declarations(region)
        tables: list[DeclaredTable] = []
        for declaration in declarations:
            try:
                tables.append(declaration.read())
            except FaultyFileError as error:
                findings += error.findings
        if findings:
            raise FaultyFileError(findings)
        return tables

    def declarations(self, region: str) -> tuple[list[Declaration], list[Finding]]:
        """The tables as they are declared, and what is wrong with files that cannot be read.

        One whose condition does not hold is left out, which the standard error says.
        """
        declarations, findings = self.variations(region)
        declarations = [each for each in declarations if not each.variation]
        for declaration in declarations:
            if declaration.unmet_condition:
                click.echo(str(declaration.left_out()), err=True)
        return [each for each in declarations if not each.unmet_condition], findings

    def variations(self, region: str) -> tuple[list[Declaration], list[Finding]]:
        """Likewise with those left out, and the tables as they are with other values of the parameters."""
        if bool(self.files) is bool(self.preset):
            raise click.UsageError("Give a FILE or a --preset" + (", not both." if self.preset else "."))
        if self.preset:
            return self._named([of_preset(Preset(self.preset))]), []
        declarations: list[Declaration] = []
        findings: list[Finding] = []
        names: set[str] = set()
        for file in self.files:
            try:
                document = read_document(getattr(file, "name", "<stdin>"), file.read())
                names |= names_in(document)
                for finding in overlooked(document):
                    click.echo(str(finding), err=True)
                declarations += of_document(
                    document,
                    self.parameters,
                    region,
                    self.logical_ids,
                    takes_native=self.takes_native,
                )
            except FaultyFileError as error:
                findings += error.findings
        if not findings:
            self._check_parameters(names)
            self._check(declarations)
        return self._named(declarations), findings

    def _check_parameters(self, names: Collection[str]) -> None:
        """See that every value was given to something: with another name, all would be as if it was not given."""
        if unknown := [name for name in self.parameters if name not in names]:
            problem = f"--parameter {unknown[0]}: no file declares it or refers to it."
            raise click.UsageError(f"{problem} {fix_of_name(unknown[0], names)}")

    def _check(self, declarations: Sequence[Declaration]) -> None:
        """See that everything was found that was asked for."""
        names = ", ".join(getattr(file, "name", "<stdin>") for file in self.files)
        kind = f"{RESOURCE_TYPE} or {NATIVE_TYPE}" if self.takes_native else RESOURCE_TYPE
        found = {declaration.logical_resource_id for declaration in declarations}
        if missing := [name for name in self.logical_ids if name not in found]:
            raise click.ClickException(f"There is no {kind} {', '.join(missing)} in {names}.")
        if not declarations:
            hint = "" if self.takes_native else f" With --native, {NATIVE_TYPE} counts, too."
            raise click.ClickException(f"There is no {kind} in {names}.{hint}")

    def _named(self, declarations: list[Declaration]) -> list[Declaration]:
        if self.table_name is None:
            return declarations
        resources = dict.fromkeys((each.document.name, each.logical_resource_id) for each in declarations)
        if len(resources) > 1:
            names = ", ".join(logical_resource_id for _, logical_resource_id in resources)
            raise click.UsageError(f"--table-name is for one table; choose by --logical-id: {names}.")
        return [declaration.named(self.table_name) for declaration in declarations]


def _parameters(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in given]
    if wrong := [name for name, equals, _ in pairs if not (name and equals)]:
        raise click.BadParameter(f"'{wrong[0]}' is not NAME=VALUE.")
    return {name: value for name, _, value in pairs}


def takes_tables(function: Callable[..., None]) -> Callable[..., None]:
    """Hand ``source`` to a command, from the arguments that say which tables."""

    @click.argument("files", metavar="[FILE]...", type=click.File("rb"), nargs=-1)
    @click.option(
        "--preset",
        type=_PresetName(),
        metavar="|".join(_PRESETS),
        help="One of three tables, ready to use, in place of a FILE.",
    )
    @click.option("--table-name", metavar="NAME", help="Another name for the table.")
    @click.option("--logical-id", "logical_ids", multiple=True, metavar="ID", help="A resource of the template.")
    @click.option(
        "--parameter",
        "parameters",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_parameters,
        help="A parameter of the template, or whatever else it refers to: AWS::StackName=orders, Key.Arn=arn:….",
    )
    @click.option("--native", "takes_native", is_flag=True, help=f"Take every {NATIVE_TYPE} for a table, too.")
    @functools.wraps(function)
    def command(**given: Any) -> None:  # noqa: ANN401 -- the command's own
        source = Source(**{field.name: given.pop(field.name) for field in fields(Source) if field.name in given})
        function(source=source, **given)

    return command
