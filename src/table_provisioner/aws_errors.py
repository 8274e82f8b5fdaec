"""What an AWS error means for the request at hand: a data table.

DynamoDB's error codes do not tell a passing state from a permanent fault: ``LimitExceededException`` is both a lock
of two seconds and a quota of thirty days. The operation, the code and the head of the message together do. Tails
vary (names, times, request ids), so only heads are compared, runs of white space taken as one.

Sources: the ``docs/api-quirks`` notes of aws-controllers-k8s/dynamodb-controller; the ids in the rows are theirs
(``T-172`` is DDB-TABLE-172, ``B-002`` DDB-BACKUP-002).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache

from table_provisioner.errors import (
    UNPROTECT,
    AccessDeniedError,
    AlreadyExistsError,
    InternalFailureError,
    InvalidRequestError,
    NetworkFailureError,
    NotFoundError,
    ProvisionerError,
    ResourceConflictError,
    ServiceInternalError,
    ServiceLimitExceededError,
    ThrottlingError,
    TooManyTagsError,
    TooSoonError,
)


class Meaning(Enum):
    """What to do about an error."""

    WAIT = "wait"
    """Some state stands in the way and passes by itself: look at the table until it has."""
    RETRY = "retry"
    """The same request is accepted a little later."""
    ALREADY_SO = "already so"
    """The state that was asked for holds."""
    QUOTA = "quota"
    """A limit for longer than anybody waits."""
    TERMINAL = "terminal"
    """The request has to change first."""


@dataclass(frozen=True, slots=True)
class _Row:
    meaning: Meaning
    code: str
    head: str
    operations: frozenset[str]

    def matches(self, operation: str, code: str, message: str) -> bool:
        return (
            code == self.code
            and (not self.operations or operation in self.operations)
            and _pattern(self.head).match(message) is not None
        )


def _row(meaning: Meaning, code: str, head: str, *operations: str) -> _Row:
    return _Row(meaning, code, head, frozenset(operations))


_DEFAULTS = {
    "AccessDeniedException": Meaning.TERMINAL,
    "InternalFailure": Meaning.RETRY,
    "InternalServerError": Meaning.RETRY,
    "LimitExceededException": Meaning.QUOTA,
    "ProvisionedThroughputExceededException": Meaning.RETRY,
    "RequestLimitExceeded": Meaning.RETRY,
    "ResourceInUseException": Meaning.WAIT,
    "ServiceUnavailable": Meaning.RETRY,
    "Throttling": Meaning.RETRY,
    "ThrottlingException": Meaning.RETRY,
}
THROTTLED = frozenset({"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"})

_IN_USE = "Attempt to change a resource which is still in use: "
_INVALID = "One or more parameter values were invalid: "
_KINESIS = "Table is not in a valid state to enable Kinesis Streaming Destination: "
_POLICY_WRITES = ("PutResourcePolicy", "DeleteResourcePolicy")
_SSE_TARGETS = ("CreateTable", "ImportTable", "UpdateTable", "RestoreTableFromBackup", "RestoreTableToPointInTime")

_EXCEPTIONS = (
    # T-103, T-172: a tag write locks the tags for 1.6 to 3.4 s, and the table against DeleteTable.
    _row(Meaning.RETRY, "ResourceInUseException", f"{_IN_USE}Table tags are being updated: ", "DeleteTable"),
    _row(
        Meaning.RETRY,
        "LimitExceededException",
        "Subscriber limit exceeded: Table tags are being updated: ",
        "TagResource",
        "UntagResource",
    ),
    # T-206, T-347, T-348, T-444: policies settle within seconds.
    _row(
        Meaning.RETRY,
        "ResourceInUseException",
        f"{_IN_USE}Table is pending previous resource-based policy update: ",
        *_POLICY_WRITES,
    ),
    _row(
        Meaning.RETRY,
        "ResourceInUseException",
        f"{_IN_USE}Stream is pending previous resource-based policy update: ",
        *_POLICY_WRITES,
    ),
    _row(
        Meaning.RETRY,
        "ResourceInUseException",
        f"{_IN_USE}Table: * has a pending resource-based policy update.",
        "DeleteTable",
    ),
    # T-205, T-209, T-244: within 3 s of a Put; a revision conflict never passes.
    _row(
        Meaning.TERMINAL,
        "PolicyNotFoundException",
        "Resource-based policy not found for the provided ResourceArn: Requested update for policy with revision id ",
        *_POLICY_WRITES,
    ),
    _row(
        Meaning.WAIT,
        "PolicyNotFoundException",
        "Resource-based policy not found for the provided ResourceArn: arn:",
        "GetResourcePolicy",
    ),
    # T-005, T-010: the name is taken, by whatever.
    _row(Meaning.TERMINAL, "ResourceInUseException", "Table already exists: ", "CreateTable", "ImportTable"),
    _row(
        Meaning.TERMINAL,
        "ResourceInUseException",
        "Global table with name: '*' already exists with replicas in regions: ",
        "UpdateTable",
    ),
    # T-159, T-169, T-443.
    _row(
        Meaning.WAIT,
        "LimitExceededException",
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        "UpdateTable",
    ),
    _row(
        Meaning.WAIT,
        "LimitExceededException",
        "Subscriber limit exceeded: Only 50 restore operations can be done simultaneously",
        "RestoreTableFromBackup",
    ),
    _row(
        Meaning.TERMINAL,
        "LimitExceededException",
        "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of 20",
        "UpdateTable",
    ),
    # T-161: an index delete whose index is gone has reached its goal; plan anew and see.
    _row(
        Meaning.TERMINAL,
        "ResourceNotFoundException",
        "Requested resource not found: Index * for table ",
        "UpdateTable",
    ),
    # T-070, T-101, T-115, T-446, T-447: gone, or not there yet; only DescribeTable knows.
    _row(Meaning.WAIT, "ResourceNotFoundException", "Requested resource not found: Table: "),
    _row(Meaning.WAIT, "ResourceNotFoundException", "Requested resource not found: ResourceArn: "),
    _row(
        Meaning.WAIT,
        "ResourceNotFoundException",
        "Requested resource not found: Stream: ",
        "TagResource",
        "UntagResource",
        "ListTagsOfResource",
    ),  # nobody noted it: go-to-k/cdkd tries them again on a stream that was just turned on
    _row(
        Meaning.WAIT,
        "ResourceNotFoundException",
        "Requested resource not found: Index: * not found for table: ",
        "DescribeContributorInsights",
        "UpdateContributorInsights",
    ),
    _row(Meaning.WAIT, "TableNotFoundException", "Table not found"),
    # T-115, T-116, B-002, B-005, B-010.
    _row(Meaning.RETRY, "ContinuousBackupsUnavailableException", "Backups are being enabled for the table: "),
    _row(Meaning.WAIT, "BackupInUseException", ""),
    _row(Meaning.ALREADY_SO, "BackupNotFoundException", "", "DeleteBackup"),
    # T-115, T-118, T-143, T-146, T-147.
    _row(
        Meaning.RETRY,
        "ValidationException",
        "Time to live has been modified multiple times within a fixed interval",
        "UpdateTimeToLive",
    ),
    _row(
        Meaning.WAIT,
        "ValidationException",
        "Cannot describe time to live while table is in ",
        "DescribeTimeToLive",
    ),
    _row(Meaning.ALREADY_SO, "ValidationException", "TimeToLive is already enabled", "UpdateTimeToLive"),
    _row(Meaning.ALREADY_SO, "ValidationException", "TimeToLive is already disabled", "UpdateTimeToLive"),
    # T-115, T-116.
    _row(
        Meaning.WAIT,
        "ValidationException",
        "Table or Index is not in a valid state to update Key Access Insights: ",
        "UpdateContributorInsights",
    ),
    # T-268, T-299, T-300, T-301.
    _row(
        Meaning.WAIT,
        "ValidationException",
        f"{_KINESIS}EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED",
        "EnableKinesisStreamingDestination",
    ),
    _row(
        Meaning.WAIT,
        "ValidationException",
        f"{_KINESIS}KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.",
        "DisableKinesisStreamingDestination",
    ),
    _row(
        Meaning.WAIT,
        "ValidationException",
        f"{_KINESIS}Kinesis streaming is not in ACTIVE state.",
        "UpdateKinesisStreamingDestination",
    ),
    _row(
        Meaning.ALREADY_SO,
        "ValidationException",
        "Invalid Request: Precision is already set to the desired value of ",
        "UpdateKinesisStreamingDestination",
    ),
    # T-306, T-442: replicas.
    _row(
        Meaning.WAIT,
        "ValidationException",
        "Operation cannot be performed while replica server-side encryption status is in UPDATING state.",
        "UpdateTable",
    ),
    _row(
        Meaning.WAIT,
        "ValidationException",
        "Create/Update/Delete of replica is not allowed while the replica is being added to table with name: ",
        "UpdateTable",
        "UpdateTimeToLive",
    ),
    _row(
        Meaning.WAIT,
        "ValidationException",
        "Replica cannot be deleted because it has acted as a source region for new replica(s)",
        "UpdateTable",
        "DeleteTable",
    ),
    # T-018, T-047, T-050, T-057, T-082, T-164: re-sent values.
    _row(
        Meaning.ALREADY_SO,
        "ValidationException",
        "The provisioned throughput for the table will not change.",
        "UpdateTable",
    ),
    _row(
        Meaning.ALREADY_SO,
        "ValidationException",
        "The provisioned throughput for the index * will not change.",
        "UpdateTable",
    ),
    _row(
        Meaning.ALREADY_SO,
        "ValidationException",
        f"{_INVALID}Table is already encrypted by default",
        "UpdateTable",
    ),
    _row(
        Meaning.ALREADY_SO,
        "ValidationException",
        f"{_INVALID}Table is already encrypted with given KMSMasterKeyId.",
        "UpdateTable",
    ),
    _row(
        Meaning.ALREADY_SO,
        "ValidationException",
        "Table already has an enabled stream: TableName: ",
        "UpdateTable",
    ),
    _row(
        Meaning.ALREADY_SO,
        "ValidationException",
        "Table has no stream to disable: TableName: ",
        "UpdateTable",
    ),
    # T-022, T-437, T-448, T-458, T-461: the small family of HTTP 500 that is no outage.
    _row(Meaning.TERMINAL, "InternalServerError", "KMS internal error: ", *_SSE_TARGETS),
    _row(
        Meaning.WAIT,
        "InternalServerError",
        "Table is under system maintenance, please try again later",
        "UpdateTable",
    ),
    _row(Meaning.TERMINAL, "InternalServerError", "Internal server error", "ListGlobalTables"),
    _row(Meaning.TERMINAL, "InternalFailure", "", "UpdateTable"),
)


@cache
def _pattern(head: str) -> re.Pattern[str]:
    """A head as a pattern, in which ``*`` stands for one character or more."""
    return re.compile(re.escape(head).replace(r"\*", ".+?"), re.DOTALL)


def classify(operation: str, code: str, message: str, http_status: int = 400) -> Meaning:
    """Say what an error answer of AWS asks of the caller.

    Args:
        operation: The API operation that was called, such as ``UpdateTable``.
        code: The error code of the answer, such as ``ResourceInUseException``.
        message: Its message.
        http_status: Its HTTP status; an unknown 5xx is worth another try.
    """
    text = " ".join(message.split())
    for row in _EXCEPTIONS:
        if row.matches(operation, code, text):
            return row.meaning
    return _DEFAULTS.get(code, Meaning.RETRY if http_status >= 500 else Meaning.TERMINAL)  # noqa: PLR2004 -- 500 is HTTP's own number


class RefusalError(Exception):
    """A call that AWS refused, or that did not reach it. The table is as it was, unless the connection was lost.

    Attributes:
        operation: The API operation, such as ``UpdateTable``.
        code: The error code; the name of the SDK's error where AWS did not answer.
        message: What was answered.
        meaning: What to do about it.
        is_unexplained: Whether AWS gave no reason: an HTTP 5xx, or a lost connection. The call may have taken effect.
        is_answered: Whether AWS answered at all.
        aws_request_id: Under which AWS knows the call.
    """

    def __init__(  # noqa: PLR0913 -- the parts of one answer
        self,
        operation: str,
        code: str,
        message: str,
        *,
        meaning: Meaning,
        is_unexplained: bool = False,
        is_answered: bool = True,
        aws_request_id: str | None = None,
    ) -> None:
        """Keep the parts."""
        super().__init__(f"{operation} was refused with {code}: {message}")
        self.operation = operation
        self.code = code
        self.message = message
        self.meaning = meaning
        self.is_unexplained = is_unexplained
        self.is_answered = is_answered
        self.aws_request_id = aws_request_id

    @property
    def is_throttled(self) -> bool:
        """Whether it was for the rate of calls."""
        return self.code in THROTTLED

    def as_error(self, context: str) -> ProvisionerError:
        """The refusal as the end of a request.

        Args:
            context: What was attempted, as a phrase: ``create table 'orders'``.
        """
        error, remedy = self._end()
        reason = self.message.strip() or "no reason was given"
        verb = "answered" if self.is_answered else "failed with"
        problem = f"could not {context}: {self.operation} {verb} {self.code}, {reason.rstrip('.')}."
        return error(problem, remedy, aws_request_id=self.aws_request_id)

    @property
    def answer(self) -> str:
        """What AWS answered, as a clause."""
        return f"AWS answered {self.code} ({self.message})"

    @property
    def end_of_its_own(self) -> tuple[type[ProvisionerError], str] | None:
        """What it is and what to do where it passes, but not in time; ``None`` where it is like any other wait."""
        if self._end_by_text:
            return self._end_by_text
        return (ThrottlingError, _THROTTLED_REMEDY) if self.is_throttled else None

    @property
    def _end_by_text(self) -> tuple[type[ProvisionerError], str] | None:
        text = " ".join(self.message.split())
        return next(((error, remedy) for head, error, remedy in _ENDS_BY_TEXT if _pattern(head).match(text)), None)

    def _end(self) -> tuple[type[ProvisionerError], str]:
        if self._end_by_text:
            return self._end_by_text
        if self.code in _ENDS_BY_CODE:
            return _ENDS_BY_CODE[self.code]
        if self.is_throttled:
            return ThrottlingError, _THROTTLED_REMEDY
        if self.is_unexplained:
            return ServiceInternalError, "Deploy again; see the AWS Health Dashboard if it lasts."
        return InternalFailureError, "Deploy again; if it fails again, report it with this text."


def import_error(problem: str, failure: str) -> ProvisionerError:
    """The end of a request whose import failed: no call was refused, so there is no more than a text to go by.

    Args:
        problem: What failed, as a clause.
        failure: Why, as ``DescribeImport`` tells.
    """
    error = AccessDeniedError if any(denial in failure for denial in _DENIALS) else InvalidRequestError
    return error(f"{problem}: {failure}.", _FAILED_IMPORT_REMEDY)


_DENIALS = ("AccessDenied", "not authorized")
"""In the code or in the message of a failure."""
_FAILED_IMPORT_REMEDY = (
    "See the log group /aws-dynamodb/imports; mend the source or the rights to it, then deploy again."
)
_KMS_REMEDY = (
    "See that the key exists in this region, is enabled and symmetric, and that its policy lets this function's role"
    " use it through DynamoDB (kms:DescribeKey, kms:CreateGrant, kms:Encrypt, kms:Decrypt)."
)
_PERMISSION_REMEDY = (
    "Allow the action to the function's role on this table: see TableNamePattern in template.yaml, the resource policy"
    " of the table, permission boundaries and service control policies."
)
_NETWORK_REMEDY = (
    "See that region, endpoint and network are right; a function in a VPC needs a route there: a gateway endpoint for"
    " DynamoDB, an interface endpoint for KMS, or NAT. Then try again."
)
_QUOTA_REMEDY = "Declare less, or deploy again when AWS has raised the quota: see Service Quotas."
_TAGS_REMEDY = (
    "A table takes 50 tags and 10 KB of them, four of which say whose it is; a stream takes as many. Declare fewer, or"
    " take off others that it has; then deploy again."
)
_IMPORT_REMEDY = "This very request asked for another import in the last eight hours. Deploy again: that is a new one."
_TTL_REMEDY = (
    "DynamoDB takes one change of time to live in about half an hour, and a rollback may make one: 35 minutes after it,"
    " change time to live in a deployment of its own."
)
_THROTTLED_REMEDY = "Deploy again when there is less going on in the account, or fewer tables at once."
_CREDENTIALS_REMEDY = "Give the process valid AWS credentials and a region."
_REGION_REMEDY = "Give the process a region: AWS_REGION, that of a profile, or --region on the command line."

_ENDS_BY_TEXT: tuple[tuple[str, type[ProvisionerError], str], ...] = (
    ("KMS ", AccessDeniedError, _KMS_REMEDY),
    (
        "Resource cannot be deleted as it is currently protected against deletion.",
        ResourceConflictError,
        UNPROTECT.format(table="NAME"),
    ),
    (
        "Time to live has been modified multiple times within a fixed interval",
        TooSoonError,
        _TTL_REMEDY,
    ),
    (
        "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day.",
        TooSoonError,
        "Deploy again at that time: DynamoDB takes four decreases in a UTC day, and after them one in an hour.",
    ),
    (
        "Subscriber limit exceeded: Encryption mode changes are limited in the 24h window ending at ",
        TooSoonError,
        "Deploy again at that time: DynamoDB takes four changes in 24 hours, and after them one in six hours.",
    ),
    (
        "Subscriber limit exceeded: Updates to TableClass are limited to 2 times in 30 day(s).",
        TooSoonError,
        "Deploy again 30 days after the last change but one; until then declare the TableClass that the table has.",
    ),
    ("The requested ReadCapacityUnits", ServiceLimitExceededError, _QUOTA_REMEDY),
    ("The requested WriteCapacityUnits", ServiceLimitExceededError, _QUOTA_REMEDY),
    ("This request would have caused the ", ServiceLimitExceededError, _QUOTA_REMEDY),
    ("Subscriber limit exceeded: Requested ", ServiceLimitExceededError, _QUOTA_REMEDY),
    ("Number of Tags exceed the current limit for the provided ResourceArn", TooManyTagsError, _TAGS_REMEDY),
    ("Tag set size ", TooManyTagsError, _TAGS_REMEDY),
    ("Table already exists: ", AlreadyExistsError, "Choose another TableName."),
)
_ENDS_BY_CODE: dict[str, tuple[type[ProvisionerError], str]] = {
    "AccessDeniedException": (AccessDeniedError, _PERMISSION_REMEDY),
    "AccessDenied": (AccessDeniedError, _PERMISSION_REMEDY),
    "BackupInUseException": (ResourceConflictError, "Wait until the backup is done, and deploy again."),
    "ConnectTimeoutError": (NetworkFailureError, _NETWORK_REMEDY),
    "ConnectionClosedError": (NetworkFailureError, _NETWORK_REMEDY),
    "EndpointConnectionError": (NetworkFailureError, _NETWORK_REMEDY),
    "ExpiredTokenException": (AccessDeniedError, _CREDENTIALS_REMEDY),
    "IdempotentParameterMismatch": (ResourceConflictError, _IMPORT_REMEDY),
    "ImportConflictException": (ResourceConflictError, _IMPORT_REMEDY),
    "IncompleteSignatureException": (AccessDeniedError, _CREDENTIALS_REMEDY),
    "InvalidSignatureException": (AccessDeniedError, _CREDENTIALS_REMEDY),
    "LimitExceededException": (
        ServiceLimitExceededError,
        "Deploy again when the limit allows it, ask for a higher quota, or take the change out of the template.",
    ),
    "MissingAuthenticationTokenException": (AccessDeniedError, _CREDENTIALS_REMEDY),
    "NoCredentialsError": (AccessDeniedError, _CREDENTIALS_REMEDY),
    "NoRegionError": (InvalidRequestError, _REGION_REMEDY),
    "ParamValidationError": (InvalidRequestError, "Correct the value that the message names."),
    "PolicyNotFoundException": (NotFoundError, "Somebody else removed the policy: deploy again."),
    "ProxyConnectionError": (NetworkFailureError, _NETWORK_REMEDY),
    "ReadTimeoutError": (NetworkFailureError, _NETWORK_REMEDY),
    "ResourceInUseException": (ResourceConflictError, "Deploy again when the change at work is done."),
    "ResourceNotFoundException": (
        NotFoundError,
        "See that the name and the region are right, and deploy again.",
    ),
    "SSLError": (NetworkFailureError, "See that AWS_CA_BUNDLE names the certificates of your network."),
    "TableNotFoundException": (
        NotFoundError,
        "See that the name and the region are right, and deploy again.",
    ),
    "UnrecognizedClientException": (AccessDeniedError, _CREDENTIALS_REMEDY),
    "ValidationException": (
        InvalidRequestError,
        "Correct the property that the message names, and deploy again.",
    ),
}
