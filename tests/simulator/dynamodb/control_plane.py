"""The DynamoDB of one account and region, behind boto3."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tests.simulator.dynamodb import (
    backups,
    continuous_backups,
    contributor_insights,
    create_table,
    delete_table,
    encryption,
    imports,
    items,
    kinesis,
    limits,
    reading,
    resource_policies,
    tags,
    time_to_live,
    update_table,
    validation,
    wire,
)
from tests.simulator.dynamodb.errors import NotSimulatedError, ServiceError
from tests.simulator.dynamodb.kms import Keys
from tests.simulator.dynamodb.profiles import Profile, chosen
from tests.simulator.dynamodb.timeline import now
from tests.simulator.dynamodb.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Literal

    from tests.simulator.dynamodb.kms import Key
    from tests.simulator.dynamodb.tables import Table
    from tests.simulator.dynamodb.wire import Json, Request, Response

    Phase = Literal["before", "after"]
    Interceptor = Callable[["Call", Phase], None]
    Operation = Callable[[World, Json], Json]

OPERATIONS: Final[Mapping[str, Operation]] = {
    "CreateTable": create_table.create,
    "DescribeTable": reading.describe_table,
    "ListTables": reading.list_tables,
    "DescribeLimits": reading.describe_limits,
    "UpdateTable": update_table.update,
    "DeleteTable": delete_table.delete,
    "UpdateTimeToLive": time_to_live.update,
    "DescribeTimeToLive": time_to_live.describe,
    "UpdateContinuousBackups": continuous_backups.update,
    "DescribeContinuousBackups": continuous_backups.describe,
    "TagResource": tags.tag,
    "UntagResource": tags.untag,
    "ListTagsOfResource": tags.list_tags,
    "CreateBackup": backups.create,
    "DescribeBackup": backups.describe,
    "ListBackups": backups.list_backups,
    "DeleteBackup": backups.delete,
    "UpdateContributorInsights": contributor_insights.update,
    "DescribeContributorInsights": contributor_insights.describe,
    "ListContributorInsights": contributor_insights.list_insights,
    "EnableKinesisStreamingDestination": kinesis.enable,
    "DisableKinesisStreamingDestination": kinesis.disable,
    "UpdateKinesisStreamingDestination": kinesis.update,
    "DescribeKinesisStreamingDestination": kinesis.describe,
    "PutResourcePolicy": resource_policies.put,
    "GetResourcePolicy": resource_policies.get,
    "DeleteResourcePolicy": resource_policies.delete,
    "ImportTable": imports.import_table,
    "DescribeImport": imports.describe,
    "ListImports": imports.list_imports,
    "PutItem": items.put,
    "GetItem": items.get,
    "DeleteItem": items.delete,
    "Scan": items.scan,
}
"""What is simulated, by the service's names."""


@dataclass(eq=False)
class Call:
    """One request that arrived, for DynamoDB or KMS, and what became of it.

    ``outcome`` is "ok", the code of the refusal, or "lost" where the caller got no answer;
    ``had_effect`` tells whether the service carried it out.
    """

    number: int
    at: float
    operation: str
    params: Json
    service: str = "dynamodb"
    outcome: str = "lost"
    message: str = ""
    had_effect: bool = False

    @property
    def is_mutation(self) -> bool:
        """Whether the operation can change anything."""
        return not self.operation.startswith(("Describe", "List", "Get", "Scan"))


class DynamoDB:
    """A DynamoDB control plane that takes its time and refuses.

    Attributes:
        calls: Every request, in order of arrival.
        interceptors: Called with each :class:`Call` before and after its effect. What they
            raise, the client meets: a :class:`ServiceError` as an error of the service, any
            other exception as a fault of the connection; a ``BaseException`` goes through.
        latency: Called with each :class:`Call` on its arrival, to let virtual time pass.
        keys: The KMS keys of the account.
        world: All state, for tests that prepare what no call can.
    """

    def __init__(
        self,
        profile: str | Profile = "typical",
        *,
        account: str = "123456789012",
        region: str = "us-east-1",
        account_rate: tuple[float, float] | None = (6, 1),
    ) -> None:
        """Start with no tables.

        ``account_rate`` limits the mutations that start work, as a burst and a number per
        second: of ten at once three to five were refused (T-132, T-434). None is no limit.
        """
        self.calls: list[Call] = []
        self.interceptors: list[Interceptor] = []
        self.latency: Callable[[Call], None] | None = None
        self.keys = Keys(account, region)
        self.world = World(
            account=account,
            region=region,
            profile=chosen(profile),
            keys=self.keys,
            account_rate=limits.Bucket(*account_rate) if account_rate else None,
            read_rates=limits.read_rates(),
        )

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables that exist now, by name."""
        self.world.timeline.settle()
        return MappingProxyType(self.world.tables)

    def items(self, table: str) -> list[Json]:
        """The items of a table, in the wire's notation."""
        return list(self.tables[table].items.values())

    def disable_key(self, key: Key) -> None:
        """Disable a KMS key; its tables become inaccessible after a while (T-331)."""
        encryption.disable_key(self.world, key)

    def enable_key(self, key: Key) -> None:
        """Enable a KMS key again; its tables come back after a while (T-335)."""
        encryption.enable_key(self.world, key)

    def calls_of(self, *operations: str) -> list[Call]:
        """The calls of some operations."""
        return [call for call in self.calls if call.operation in operations]

    @property
    def mutations(self) -> list[str]:
        """The operations that changed something or could have, in order."""
        return [call.operation for call in self.calls if call.is_mutation and call.had_effect]

    @contextmanager
    def installed(self) -> Iterator[DynamoDB]:
        """Answer every boto3 client's DynamoDB and KMS requests in this block."""
        with ExitStack() as stack:
            stack.enter_context(wire.register("dynamodb", self.answer))
            stack.enter_context(wire.register("kms", self.answer))
            yield self

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        call = Call(len(self.calls) + 1, now(), request.operation, request.params, request.service)
        self.calls.append(call)
        try:
            result = self._carry_out(call)
        except ServiceError as error:
            call.outcome, call.message = error.code, error.message
            return wire.error(error.code, error.message, error.status)
        call.outcome = "ok"
        return wire.Response(result)

    def _carry_out(self, call: Call) -> Json:
        if self.latency is not None:
            self.latency(call)
        self._intercept(call, "before")
        self.world.timeline.settle()
        result = self._operate(call)
        call.had_effect = True
        self._intercept(call, "after")
        return result

    def _operate(self, call: Call) -> Json:
        if call.service == "kms":
            return self.keys.answer(call.operation, call.params)
        operation = OPERATIONS.get(call.operation)
        if operation is None:
            raise NotSimulatedError(call.operation)
        limits.check_read_rate(self.world, call.operation)
        validation.check_shape(call.operation, call.params)
        return operation(self.world, call.params)

    def _intercept(self, call: Call, phase: Phase) -> None:
        for interceptor in list(self.interceptors):
            interceptor(call, phase)
