"""Everything that one account has in one region."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb.errors import ServiceError, invalid, refusal
from tests.simulator.dynamodb.imports import Imports
from tests.simulator.dynamodb.limits import Bucket, Quotas
from tests.simulator.dynamodb.timeline import Timeline

if TYPE_CHECKING:
    from tests.simulator.dynamodb.backups import Backup
    from tests.simulator.dynamodb.kms import Keys
    from tests.simulator.dynamodb.profiles import Profile
    from tests.simulator.dynamodb.tables import Table

_TABLE_ARN: Final = re.compile(r"arn:aws:dynamodb:([^:]*):([^:]*):table/([^/]+)$")


@dataclass
class World:
    """The account, its tables, backups and keys, and how time passes in it.

    Attributes:
        tags_per_page: How many tags ListTagsOfResource gives at once; all that a resource can have (T-108).
        backups_per_page: How many backups ListBackups gives at once where no limit is asked for.
    """

    account: str
    region: str
    profile: Profile
    keys: Keys
    timeline: Timeline = field(default_factory=Timeline)
    quotas: Quotas = field(default_factory=Quotas)
    tables: dict[str, Table] = field(default_factory=dict)
    backups: dict[str, Backup] = field(default_factory=dict)
    imports: Imports = field(default_factory=Imports)
    missing_kinesis_streams: set[str] = field(default_factory=set)
    account_rate: Bucket | None = None
    read_rates: dict[str, Bucket] = field(default_factory=dict)
    tags_per_page: int = 50
    backups_per_page: int = 100

    def seconds(self, operation: str) -> float:
        """How long ``operation`` takes under this profile."""
        return self.profile.seconds(operation)

    @property
    def caller(self) -> str:
        """The principal that every call comes from."""
        return f"arn:aws:sts::{self.account}:assumed-role/provisioner/session"

    def table_arn(self, name: str) -> str:
        """The ARN of a table: a pure function of region, account and name (T-013)."""
        return f"arn:aws:dynamodb:{self.region}:{self.account}:table/{name}"

    def name_of(self, name_or_arn: str) -> str:
        """The bare name; a table ARN is accepted wherever a name is (T-011)."""
        if not name_or_arn.startswith("arn:"):
            return name_or_arn
        match = _TABLE_ARN.match(name_or_arn)
        if match is None:
            raise invalid(f"1 validation error detected: Invalid table ARN '{name_or_arn}'")
        region, account, name = match.groups()
        if region != self.region:
            raise refusal("wrong-region", arn=name_or_arn)
        if account != self.account:
            raise refusal("access-is-denied")
        return name

    def table(self, name_or_arn: str, *, missing: str = "table-not-found") -> Table:
        """The table of that name or ARN, in whatever state.

        Raises:
            ServiceError: The refusal ``missing``, when there is none.
        """
        name = self.name_of(name_or_arn)
        table = self.tables.get(name)
        if table is None:
            raise self.not_found(name, missing)
        return table

    def not_found(self, name: str, missing: str = "table-not-found") -> ServiceError:
        """The answer of an API that does not know a table."""
        return refusal(missing, table=name, arn=self.table_arn(name))
