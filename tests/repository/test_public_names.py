"""A program gets all it needs from ``table_provisioner`` itself."""

from __future__ import annotations

import collections.abc
import importlib
import inspect
import pkgutil
import typing
from typing import TYPE_CHECKING, Any

import table_provisioner
from table_provisioner import Clients, DynamoDB, ProvisionerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HANDED_IN = {Clients, DynamoDB}
"""A program makes them and hands them in; to call them is the provisioner's."""


def importable() -> dict[str, Any]:
    """All that annotations name, which is imported for type checkers only where it is used."""
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.iter_modules(table_provisioner.__path__, "table_provisioner.")
        if found.name.rpartition(".")[2] not in {"__main__", "cli"}
    ]
    names = {name: getattr(collections.abc, name) for name in collections.abc.__all__}
    return names | {name: value for module in modules for name, value in vars(module).items() if name[:2] != "__"}


NAMES = importable()


def classes_in(hint: object) -> Iterator[type]:
    """The classes of this project that an annotation is made of."""
    origin = typing.get_origin(hint) or hint
    if isinstance(origin, type) and origin.__module__.startswith("table_provisioner."):
        yield origin
    for argument in typing.get_args(hint):
        yield from classes_in(argument)


def signatures(public: type | Callable[..., object]) -> Iterator[object]:
    """What a program may write or read to use a name: a function, or fields, constructor, methods and properties."""
    yield public
    if not isinstance(public, type):
        return
    for name, member in vars(public).items():
        if name == "__init__" or (name[0] != "_" and public not in HANDED_IN):
            function = member.fget if isinstance(member, property) else inspect.unwrap(member)
            if inspect.isroutine(function):
                yield getattr(function, "__func__", function)


def reached_from(name: str) -> set[str]:
    """The classes that whoever uses a public name meets."""
    hints = [
        hint
        for part in signatures(getattr(table_provisioner, name))
        for field, hint in typing.get_type_hints(part, NAMES).items()
        if field[0] != "_"
    ]
    return {found.__name__ for hint in hints for found in classes_in(hint)}


def test_what_public_names_lead_to_is_public() -> None:
    public = set(table_provisioner.__all__)
    hidden = {name: found - public for name in sorted(public) if (found := reached_from(name)) - public}
    assert hidden == {}
    assert {"DynamoDB", "Owner", "TableSchema", "ProvisionPlan"} <= reached_from("TableProvisioner")
    assert {"ResourcePolicy", "StreamViewType"} <= reached_from("StreamSpecification")


def test_every_error_is_public() -> None:
    """Those that only the command line raises are its own."""

    def kinds(error: type[ProvisionerError]) -> Iterator[str]:
        if not error.__module__.startswith("table_provisioner.cli."):
            yield error.__name__
        for kind in error.__subclasses__():
            yield from kinds(kind)

    assert set(kinds(ProvisionerError)) <= set(table_provisioner.__all__)
