"""The only module that talks to DynamoDB: answers become states, steps become calls. It decides nothing.

A call that is refused raises :class:`~table_provisioner.aws_errors.RefusalError`, which says what the refusal means.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import botocore
from botocore import exceptions as botocore_exceptions
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, SSLError

from table_provisioner.aws_errors import Meaning, RefusalError, classify
from table_provisioner.clients import Clients
from table_provisioner.errors import UNFINISHED, InvalidRequestError, OutOfTimeError
from table_provisioner.schema import PointInTimeRecoverySpecification, TimeToLiveSpecification
from table_provisioner.wire import (
    Operation,
    create_table_request,
    import_state,
    import_table_request,
    insights_state,
    kinesis_destinations,
    request,
    table_state,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from table_provisioner.deadline import Deadline
    from table_provisioner.schema import TableSchema
    from table_provisioner.state import ImportState, InsightsState, KinesisDestination, TableState
    from table_provisioner.steps import CreateTable, ImportTable, Step


logger = logging.getLogger(__name__)

_KNOWS_VECTOR_INDEXES = "1.43.64"
"""The first boto3 that does, as the Agent Toolkit for AWS says in its notes on vector search."""
_KEY_ARN = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/")


class DynamoDB:
    """The tables of one account and region.

    Args:
        clients: Where its clients come from; boto3's default session when absent.
        deadline: After which nothing is called any more; none when absent.
    """

    def __init__(self, clients: Clients | None = None, deadline: Deadline | None = None) -> None:
        """Keep the clients; nothing is called."""
        self._clients = clients or Clients()
        self._deadline = deadline

    def describe(self, table_name: str) -> TableState | None:
        """The table without its tags and settings that have calls of their own; ``None`` where there is none."""
        try:
            answer = self._call(Operation.DESCRIBE_TABLE, TableName=table_name)
        except RefusalError as refusal:
            if refusal.code == "ResourceNotFoundException":
                return None
            raise
        return table_state(answer["Table"])

    def tags(self, arn: str) -> dict[str, str]:
        """All tags of a table or a stream, by key."""
        tags: dict[str, str] = {}
        token: dict[str, str] = {}
        while True:
            answer = self._call(Operation.LIST_TAGS_OF_RESOURCE, ResourceArn=arn, **token)
            tags |= {tag["Key"]: tag["Value"] for tag in answer.get("Tags", ())}
            if not answer.get("NextToken"):
                return tags
            token = {"NextToken": answer["NextToken"]}

    def time_to_live(self, table_name: str) -> TimeToLiveSpecification:
        """By which attribute items expire, if any."""
        answer = self._call(Operation.DESCRIBE_TIME_TO_LIVE, TableName=table_name)["TimeToLiveDescription"]
        attribute = answer.get("AttributeName")
        is_on = attribute is not None and answer.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}
        return TimeToLiveSpecification(enabled=is_on, attribute_name=attribute if is_on else None)

    def point_in_time_recovery(self, table_name: str) -> PointInTimeRecoverySpecification:
        """Whether there are continuous backups, and for how long."""
        answer = self._call(Operation.DESCRIBE_CONTINUOUS_BACKUPS, TableName=table_name)
        found = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        if found.get("PointInTimeRecoveryStatus") != "ENABLED":
            return PointInTimeRecoverySpecification()
        return PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True, recovery_period_in_days=found.get("RecoveryPeriodInDays")
        )

    def insights(self, table_name: str, index_name: str) -> InsightsState:
        """The contributor insights of an index, or of the table for ``TABLE``."""
        index = {"IndexName": index_name} if index_name else {}
        return insights_state(self._call(Operation.DESCRIBE_CONTRIBUTOR_INSIGHTS, TableName=table_name, **index))

    def kinesis(self, table_name: str) -> tuple[KinesisDestination, ...]:
        """The Kinesis streams that get the changes of the items, got them, or should have."""
        answer = self._call(Operation.DESCRIBE_KINESIS_STREAMING_DESTINATION, TableName=table_name)
        return kinesis_destinations(answer)

    def resource_policy(self, arn: str) -> str:
        """The resource policy of a table or a stream; empty where there is none."""
        try:
            return str(self._call(Operation.GET_RESOURCE_POLICY, ResourceArn=arn)["Policy"])
        except RefusalError as refusal:
            if refusal.code == "PolicyNotFoundException":
                return ""
            raise

    def backup(self, table_name: str, backup_name: str) -> tuple[str, str] | None:
        """The ARN and the status of a backup; ``None`` where there is none of that name."""
        token: dict[str, str] = {}
        while True:
            answer = self._call(Operation.LIST_BACKUPS, TableName=table_name, BackupType="USER", **token)
            for summary in answer.get("BackupSummaries", ()):
                if summary["BackupName"] == backup_name:
                    return summary["BackupArn"], summary["BackupStatus"]
            if not answer.get("LastEvaluatedBackupArn"):
                return None
            token = {"ExclusiveStartBackupArn": answer["LastEvaluatedBackupArn"]}

    def key_arn(self, key: str) -> str:
        """The ARN of a KMS key given by id, alias or ARN; one that is the ARN of a key needs no call."""
        if _KEY_ARN.match(key):
            return key
        answer = self._answer("DescribeKey", lambda: self._clients.get("kms").describe_key(KeyId=key))
        return str(answer["KeyMetadata"]["Arn"])

    def apply(self, table: TableState, step: Step) -> None:
        """Make the one call that a step is."""
        operation, arguments = request(table, step)
        self._call(operation, **arguments)
        self._log(table.table_name, step)

    def create(self, step: CreateTable) -> TableState:
        """Create a table; it is returned as it is at first."""
        answer = self._call(Operation.CREATE_TABLE, **create_table_request(step))
        self._log(step.schema.table_name, step)
        return table_state(answer["TableDescription"])

    def start_import(self, step: ImportTable) -> str:
        """Create a table from objects in S3 and return its ``TableId``. It is ``CREATING`` until they are read."""
        answer = self._call(Operation.IMPORT_TABLE, **import_table_request(step))
        self._log(step.schema.table_name, step)
        return str(answer["ImportTableDescription"]["TableId"])

    def import_of(self, table: TableState) -> ImportState | None:
        """The import by which a table was made; ``None`` where there is none, or none of the last 90 days."""
        token: dict[str, str] = {}
        while True:
            answer = self._call(Operation.LIST_IMPORTS, TableArn=table.table_arn, **token)
            for summary in answer.get("ImportSummaryList", ()):
                found = import_state(self._call(Operation.DESCRIBE_IMPORT, ImportArn=summary["ImportArn"]))
                if found.table_id == table.table_id:  # not that of a former table of this name
                    return found
            if not answer.get("NextToken"):
                return None
            token = {"NextToken": answer["NextToken"]}

    def check_support(self, schema: TableSchema) -> None:
        """See that the SDK at hand knows what is declared; nothing is called.

        Raises:
            InvalidRequestError: It is too old.
        """
        if not schema.vector_indexes:
            return
        try:
            model = self._clients.get("dynamodb").meta.service_model
        except BotoCoreError:  # nothing can be called, as the first call says
            return
        if "VectorIndexes" not in model.operation_model("CreateTable").input_shape.members:
            raise InvalidRequestError(
                f"VectorIndexes are declared, and botocore {botocore.__version__} does not know them.",
                f"Bundle boto3 {_KNOWS_VECTOR_INDEXES} or later with the function.",
            )

    def _log(self, table_name: str, step: Step) -> None:
        """One line for each change that AWS accepted."""
        left = {"remaining_seconds": round(self._deadline.remaining_seconds)} if self._deadline else {}
        logger.info("%s", step, extra={"table": table_name, "step": type(step).__name__, **left})

    def _call(self, operation: Operation, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 -- as the SDK has it
        return self._answer(operation, lambda: getattr(self._clients.get("dynamodb"), _method(operation))(**arguments))

    def _answer(self, operation: str, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What AWS answers to a call; a refusal says what it means."""
        if self._deadline and not self._deadline.remaining_seconds:
            raise OutOfTimeError(f"the time was over before {operation}.", UNFINISHED)
        try:
            return call()
        except ClientError as error:
            raise _refusal(operation, error) from error
        except BotoCoreError as error:
            raise _failure(operation, error) from error


def _method(operation: Operation) -> str:
    return operation.name.lower()


def _failure(operation: str, error: BotoCoreError) -> RefusalError:
    """A lost connection, or none at all, passes; what the SDK itself objects to does not, certificates among it."""
    is_connection = isinstance(error, HTTPClientError | botocore_exceptions.ConnectionError) and not isinstance(
        error, SSLError
    )
    meaning = Meaning.RETRY if is_connection else Meaning.TERMINAL
    return RefusalError(
        operation,
        type(error).__name__,
        str(error),
        meaning=meaning,
        is_unexplained=is_connection,
        is_answered=False,
    )


def _refusal(operation: str, error: ClientError) -> RefusalError:
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    metadata = error.response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode", 400)
    meaning = classify(operation, code, message, status)
    is_unexplained = meaning is Meaning.RETRY and status >= 500  # noqa: PLR2004 -- HTTP's own number
    return RefusalError(
        operation,
        code,
        message,
        meaning=meaning,
        is_unexplained=is_unexplained,
        aws_request_id=metadata.get("RequestId"),
    )
