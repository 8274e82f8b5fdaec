"""What the rule tests share: a real boto3 client that neither retries nor checks, and a few tables."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.simulator.dynamodb import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.simulator.clock import Clock
    from tests.simulator.dynamodb import DynamoDB
    from tests.simulator.dynamodb.tables import Table

NAME: Final = "orders"
ARN: Final = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
STREAM: Final = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"

Members = dict[str, Any]

UNITS: Final[Members] = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
MORE_UNITS: Final[Members] = {"ReadCapacityUnits": 6, "WriteCapacityUnits": 6}
FEWER_UNITS: Final[Members] = {"ReadCapacityUnits": 4, "WriteCapacityUnits": 4}
ON_DEMAND: Final[Members] = {"BillingMode": "PAY_PER_REQUEST"}
PROVISIONED: Final[Members] = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": UNITS}
STREAM_ON: Final[Members] = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}}
STREAM_OFF: Final[Members] = {"StreamSpecification": {"StreamEnabled": False}}
SSE_ON: Final[Members] = {"SSESpecification": {"Enabled": True}}
SSE_OFF: Final[Members] = {"SSESpecification": {"Enabled": False}}
INFREQUENT: Final[Members] = {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
PROTECTED: Final[Members] = {"DeletionProtectionEnabled": True}
MAXIMA: Final[Members] = {"OnDemandThroughput": {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 10}}
WARMER: Final[Members] = {"WarmThroughput": {"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 5_000}}


def key(*attributes: str) -> list[Members]:
    """A key schema: one HASH and then RANGE attributes."""
    kinds = ["HASH", *["RANGE"] * (len(attributes) - 1)]
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(attributes, kinds, strict=True)]


def strings(*attributes: str) -> list[Members]:
    """Attribute definitions, all strings."""
    return [{"AttributeName": name, "AttributeType": "S"} for name in attributes]


def index(name: str, *attributes: str, **members: Any) -> Members:  # noqa: ANN401 - members of any type
    """An index of all attributes."""
    return {
        "IndexName": name,
        "KeySchema": key(*attributes or (name.removeprefix("by_"),)),
        "Projection": {"ProjectionType": "ALL"},
        **members,
    }


def index_creation(name: str, **members: Any) -> Members:  # noqa: ANN401 - members of any type
    """The members of an UpdateTable call that creates an index."""
    return {
        "AttributeDefinitions": strings(name.removeprefix("by_")),
        "GlobalSecondaryIndexUpdates": [{"Create": index(name, **members)}],
    }


def index_deletion(name: str) -> Members:
    """The members of an UpdateTable call that deletes an index."""
    return {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]}


def index_update(name: str, **members: Any) -> Members:  # noqa: ANN401 - members of any type
    """The members of an UpdateTable call that updates an index."""
    return {"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": name, **members}}]}


PLAIN: Final[Members] = {
    "TableName": NAME,
    "AttributeDefinitions": strings("id"),
    "KeySchema": key("id"),
    **ON_DEMAND,
}
"""A valid CreateTable request, to change one thing in."""

PROVISIONED_TABLE: Final[Members] = PLAIN | PROVISIONED
INDEXED: Final[Members] = PLAIN | {
    "AttributeDefinitions": strings("id", "email"),
    "GlobalSecondaryIndexes": [index("by_email")],
}
PROVISIONED_INDEXED: Final[Members] = (
    INDEXED | PROVISIONED | {"GlobalSecondaryIndexes": [index("by_email", ProvisionedThroughput=UNITS)]}
)


@dataclass(frozen=True)
class Refusal:
    """An error as a boto3 client meets it."""

    code: str
    message: str
    status: int

    def is_listed_as(self, name: str) -> bool:
        """Whether this is the listed refusal of that name, by code and by what was observed of the text."""
        listed = CATALOGUE[name]
        parts = re.split(r"(<\w+>)", listed.prefix)
        pattern = "".join(".+" if part.startswith("<") and part.endswith(">") else re.escape(part) for part in parts)
        return self.code == listed.code and re.match(pattern, self.message) is not None


class Bench:
    """A client, and the means to make tables and let time pass."""

    def __init__(self, dynamodb: DynamoDB, clock: Clock) -> None:
        """Work on ``dynamodb`` and in the time of ``clock``."""
        self.dynamodb = dynamodb
        self.clock = clock

    @property
    def table(self) -> Table:
        """The simulated table itself."""
        return self.dynamodb.tables[NAME]

    def call(self, operation: str, **params: Any) -> Any:  # noqa: ANN401 - whatever the API takes and gives
        """Make one API call."""
        return getattr(client(), xform_name(operation))(**params)

    def refused(self, operation: str, **params: Any) -> Refusal:  # noqa: ANN401 - whatever the API takes
        """Make one API call that has to be refused."""
        try:
            answer = self.call(operation, **params)
        except ClientError as error:
            details = error.response["Error"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            return Refusal(details["Code"], details.get("Message", ""), status)
        raise AssertionError(f"{operation} was admitted: {answer}")

    def create(self, request: Mapping[str, Any] = PLAIN, /, **members: Any) -> Members:  # noqa: ANN401 - any member
        """Create a table, and wait until it is ACTIVE and all that comes with that is there."""
        self.start(request, **members)
        self.wait(60)
        return self.describe(members.get("TableName", request["TableName"]))

    def start(self, request: Mapping[str, Any] = PLAIN, /, **members: Any) -> Members:  # noqa: ANN401 - any member
        """Begin to create a table."""
        described: Members = self.call("CreateTable", **{**request, **members})["TableDescription"]
        return described

    def update(self, *parts: Mapping[str, Any], **members: Any) -> Members:  # noqa: ANN401 - any member
        """Update the table; what the response describes."""
        described: Members = self.call("UpdateTable", **_update(*parts, **members))["TableDescription"]
        return described

    def update_refused(self, *parts: Mapping[str, Any], **members: Any) -> Refusal:  # noqa: ANN401 - any member
        """Update the table in vain."""
        return self.refused("UpdateTable", **_update(*parts, **members))

    def describe(self, name: str = NAME) -> Members:
        """What DescribeTable says."""
        described: Members = self.call("DescribeTable", TableName=name)["Table"]
        return described

    def wait(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.clock.advance(seconds)

    def seconds_until_rest(self, limit: float = 1200) -> float:
        """Wait until nothing is at work on the table; how long that took, to a tenth of a second."""
        waited = 0.0
        while self.table.jobs and waited < limit:
            self.wait(0.1)
            waited += 0.1
        return round(waited, 1)


def _update(*parts: Mapping[str, Any], **members: Any) -> Members:  # noqa: ANN401 - any member
    merged: Members = {"TableName": NAME}
    for part in (*parts, members):
        merged |= part
    return merged


@functools.cache
def client() -> Any:  # noqa: ANN401 - its methods are looked up by name
    """One client for all tests: it asks whichever simulator is installed."""
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    return session.client("dynamodb", config=config)
