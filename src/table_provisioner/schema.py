"""What a table is to be: frozen values that validate themselves.

Fields are spelled as in the API of DynamoDB; each model also takes CloudFormation's own names (``TableName`` for
``table_name``), so that a template's properties and Python arguments are read by the same rules. Keys are the one
difference: instead of ``KeySchema`` and ``AttributeDefinitions``, which say everything twice, a key is its
attributes, and a shared attribute is defined by being the same.

``None`` means *not declared*: nobody asked for it, so nobody touches it.

An invalid value raises :class:`pydantic.ValidationError`, which lists every fault. The ids in the comments are
findings of the ``docs/api-quirks`` notes of aws-controllers-k8s/dynamodb-controller (``T-123`` is DDB-TABLE-123).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator  # noqa: TC003 -- pydantic reads the annotations when it builds the models
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_pascal
from pydantic_core import InitErrorDetails, PydanticCustomError

from table_provisioner.errors import quoted, shortened

MAX_GLOBAL_SECONDARY_INDEXES = 20
MAX_LOCAL_SECONDARY_INDEXES = 5
MAX_VECTOR_INDEXES = 5
"""This and the next two: the quotas page of the DynamoDB developer guide, section on vector indexes."""
MAX_DIMENSIONS = 4_096
MAX_INLINE_FILTERS = 18
MAX_KEY_ATTRIBUTES_OF_A_KIND = 4
MAX_NAME_BYTES = 255
MAX_PROJECTED_ATTRIBUTES_OF_AN_INDEX = 20
MAX_PROJECTED_ATTRIBUTES = 100
"""Over all indexes of a table, as the quotas page of the DynamoDB developer guide has it."""
MAX_TAGS_OF_A_RESOURCE = 50
"""T-108; a table is a resource, and each of its streams is another one (T-373)."""
MAX_TAG_BYTES_OF_A_RESOURCE = 10_240
"""T-109."""
MAX_TAGS = MAX_TAGS_OF_A_RESOURCE - 4
"""Of a table; the others are kept for the tags that say whose it is."""
MAX_TAG_BYTES = MAX_TAG_BYTES_OF_A_RESOURCE - 2_048
"""Of a table; the tags that say whose it is take less than the others."""
MAX_POLICY_BYTES = 20_480
"""T-211."""
RESERVED_TAG_PREFIX = "table-provisioner:"
AWS_MANAGED_KEY = "alias/aws/dynamodb"
UNLIMITED = -1
ON_DEMAND_WARM_READ_UNITS = 12_000
ON_DEMAND_WARM_WRITE_UNITS = 4_000

Location = tuple[str | int, ...]
"""Where in a model: ``("GlobalSecondaryIndexes", 1, "SortKey")``."""


class AttributeType(StrEnum):
    """The types that a key attribute may have."""

    STRING = "S"
    NUMBER = "N"
    BINARY = "B"


class BillingMode(StrEnum):
    """How reads and writes are paid for."""

    PAY_PER_REQUEST = "PAY_PER_REQUEST"
    PROVISIONED = "PROVISIONED"


class ProjectionType(StrEnum):
    """Which attributes an index holds besides the keys."""

    ALL = "ALL"
    INCLUDE = "INCLUDE"
    KEYS_ONLY = "KEYS_ONLY"


class StreamViewType(StrEnum):
    """What a stream record holds."""

    KEYS_ONLY = "KEYS_ONLY"
    NEW_IMAGE = "NEW_IMAGE"
    OLD_IMAGE = "OLD_IMAGE"
    NEW_AND_OLD_IMAGES = "NEW_AND_OLD_IMAGES"


class SSEType(StrEnum):
    """The encryption that can be asked for; AES256 is refused by DynamoDB (T-036)."""

    KMS = "KMS"


class TableClass(StrEnum):
    """The storage class of a table."""

    STANDARD = "STANDARD"
    STANDARD_INFREQUENT_ACCESS = "STANDARD_INFREQUENT_ACCESS"


class InsightsMode(StrEnum):
    """Which keys contributor insights count."""

    ACCESSED_AND_THROTTLED_KEYS = "ACCESSED_AND_THROTTLED_KEYS"
    THROTTLED_KEYS = "THROTTLED_KEYS"


class TimestampPrecision(StrEnum):
    """How exact the time in a Kinesis record is."""

    MILLISECOND = "MILLISECOND"
    MICROSECOND = "MICROSECOND"


class InputFormat(StrEnum):
    """How the objects of an import are written."""

    CSV = "CSV"
    DYNAMODB_JSON = "DYNAMODB_JSON"
    ION = "ION"


class InputCompressionType(StrEnum):
    """How the objects of an import are compressed."""

    GZIP = "GZIP"
    ZSTD = "ZSTD"
    NONE = "NONE"


class DistanceFunction(StrEnum):
    """How near two vectors are."""

    COSINE = "COSINE"
    DOT_PRODUCT = "DOT_PRODUCT"
    EUCLIDEAN = "EUCLIDEAN"


def native_name(field: str) -> str:
    """CloudFormation's name of a field: ``KMSMasterKeyId`` for ``kms_master_key_id``."""
    pascal = to_pascal(field)
    for word in ("Sse", "Kms"):
        pascal = pascal.replace(word, word.upper())
    return pascal


def repeated_names(named: Iterable[tuple[Location, str]]) -> Iterator[tuple[Location, str, str]]:
    """What is wrong with the names of indexes: each that another has that comes before, at its place."""
    seen: set[str] = set()
    for location, name in named:
        if name in seen:
            yield (*location, "IndexName"), f"{quoted(name)} is taken.", "Give each index its own name."
        seen.add(name)


def broken_rule(problem: str, fix: str) -> PydanticCustomError:
    """What is wrong and what to write instead, in the form in which pydantic carries it."""
    return PydanticCustomError("rule", "{problem} {fix}", {"problem": problem, "fix": fix})


def fault(location: Location, problem: str, fix: str) -> InitErrorDetails:
    """One broken rule at its place, in the form in which pydantic collects them."""
    return InitErrorDetails(type=broken_rule(problem, fix), loc=location, input=None)


class Model(BaseModel):
    """A frozen value that knows CloudFormation's names and reports all its faults together."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=native_name,
        validate_by_name=True,
        validate_by_alias=True,
        defer_build=True,  # one validator is built, that of the whole, and not one of each part besides
    )

    def faults(self) -> Iterator[InitErrorDetails]:
        """The rules that concern several fields at once, as far as they are broken."""
        return iter(())

    @model_validator(mode="after")
    def _obeys_its_rules(self) -> Self:
        if broken := list(self.faults()):
            raise ValidationError.from_exception_data(type(self).__name__, broken)
        return self


def _boolean(value: object) -> object:
    """CloudFormation sends ``"true"``; a ``"yes"`` is more likely a mistake than a truth."""
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if isinstance(value, bool):
        return value
    raise broken_rule(f"{quoted(value)} is neither true nor false.", "Write true or false.")


def _byte_length(value: str) -> str:
    if len(value.encode()) > MAX_NAME_BYTES:
        raise broken_rule(f"{quoted(value)} is longer than 255 bytes.", "Shorten it.")
    return value


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, dict | KeyAttribute) else value


Boolean = Annotated[bool, BeforeValidator(_boolean)]
Name = Annotated[str, StringConstraints(min_length=3, max_length=MAX_NAME_BYTES, pattern=r"^[a-zA-Z0-9_.-]+$")]
"""A table's or an index's name; upper and lower case differ (T-041)."""
AttributeName = Annotated[str, StringConstraints(min_length=1), AfterValidator(_byte_length)]
Units = Annotated[int, Field(ge=1)]


def _limit(value: int) -> int:
    if value != UNLIMITED and value < 1:
        raise broken_rule(
            f"{shortened(str(value))} is no number of request units.", "Write 1 or more, or -1 for no maximum."
        )
    return value


MaximumUnits = Annotated[int, AfterValidator(_limit)]


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


class KeyAttribute(Model):
    """An attribute that is part of a key."""

    name: AttributeName
    """The attribute's name, at most 255 bytes in UTF-8."""
    type: AttributeType


Key = Annotated[tuple[KeyAttribute, ...], BeforeValidator(_as_tuple)]
"""The attributes of one half of an index key; a single one need not be written as a tuple."""


class Projection(Model):
    """The attributes that an index holds besides the keys."""

    projection_type: ProjectionType
    non_key_attributes: tuple[AttributeName, ...] = ()
    """The attributes besides the keys, with ``INCLUDE`` only; 20 at most, and 100 over all indexes of a table."""

    def faults(self) -> Iterator[InitErrorDetails]:
        """T-126."""
        where = ("NonKeyAttributes",)
        if self.projection_type is ProjectionType.INCLUDE:
            if not self.non_key_attributes:
                yield fault(
                    where,
                    "is required with ProjectionType INCLUDE.",
                    "Name the attributes, or use KEYS_ONLY.",
                )
        elif self.non_key_attributes:
            yield fault(
                where,
                f"is not allowed with ProjectionType {self.projection_type}.",
                "Remove it, or use ProjectionType INCLUDE.",
            )
        if len(self.non_key_attributes) > MAX_PROJECTED_ATTRIBUTES_OF_AN_INDEX:
            yield fault(
                where,
                f"has {len(self.non_key_attributes)} attributes.",
                f"Name {MAX_PROJECTED_ATTRIBUTES_OF_AN_INDEX} at most, or use ProjectionType ALL.",
            )
        for name in _repeated(self.non_key_attributes):
            yield fault(where, f"names '{name}' more than once.", "Name it once.")


ALL_ATTRIBUTES = Projection(projection_type=ProjectionType.ALL)


class ProvisionedThroughput(Model):
    """Capacity that is paid for whether it is used or not, in units a second."""

    read_capacity_units: Units
    """Strongly consistent reads of up to 4 KB a second."""
    write_capacity_units: Units
    """Writes of up to 1 KB a second."""


class OnDemandThroughput(Model):
    """The most that on-demand billing may serve, in request units a second; -1 for no maximum."""

    max_read_request_units: MaximumUnits = UNLIMITED
    """The most reads a second."""
    max_write_request_units: MaximumUnits = UNLIMITED
    """The most writes a second."""


class WarmThroughput(Model):
    """What the table must be able to serve at once, in units a second: a floor."""

    read_units_per_second: Units | None = None
    """Reads a second."""
    write_units_per_second: Units | None = None
    """Writes a second."""

    def faults(self) -> Iterator[InitErrorDetails]:
        """T-456."""
        if self.read_units_per_second is None and self.write_units_per_second is None:
            yield fault((), "is empty.", "Give ReadUnitsPerSecond, WriteUnitsPerSecond or both, or remove it.")


class ContributorInsightsSpecification(Model):
    """CloudWatch counts the most accessed and throttled keys, or does not."""

    enabled: Boolean
    """Whether keys are counted."""
    mode: InsightsMode | None = None
    """``ACCESSED_AND_THROTTLED_KEYS`` when absent (T-092)."""

    def faults(self) -> Iterator[InitErrorDetails]:
        """A mode says how to count."""
        if self.mode and not self.enabled:
            yield fault(("Mode",), "is not allowed where Enabled is false.", "Remove it, or set Enabled to true.")

    @property
    def effective_mode(self) -> InsightsMode | None:
        """The mode in which keys are counted; ``None`` where they are not."""
        return (self.mode or InsightsMode.ACCESSED_AND_THROTTLED_KEYS) if self.enabled else None


class ResourcePolicy(Model):
    """Who else may use the table or the stream."""

    policy_document: dict[str, Any]
    """A policy in IAM's language, of at most 20 KB."""

    def __hash__(self) -> int:
        """The hash of the document's text, which a mapping does not have."""
        return hash(json.dumps(self.policy_document, sort_keys=True))

    @property
    def text(self) -> str:
        """The document as it is sent: without white space, which DynamoDB would count (T-211)."""
        return json.dumps(self.policy_document, separators=(",", ":"))

    def faults(self) -> Iterator[InitErrorDetails]:
        """T-211."""
        size = len(self.text)
        if size > MAX_POLICY_BYTES:
            problem = f"takes {size} bytes."
            yield fault(("PolicyDocument",), problem, f"DynamoDB allows {MAX_POLICY_BYTES}: shorten it.")
        if "Statement" not in self.policy_document:
            yield fault(("PolicyDocument", "Statement"), "is missing.", "Add at least one statement.")


class KinesisStreamSpecification(Model):
    """A Kinesis data stream gets every change of an item."""

    stream_arn: Annotated[str, StringConstraints(pattern=r"^arn:[a-z-]+:kinesis:")]
    """The ARN of the data stream."""
    approximate_creation_date_time_precision: TimestampPrecision | None = None

    @property
    def precision(self) -> TimestampPrecision:
        """The declared precision, or DynamoDB's default (T-300)."""
        return self.approximate_creation_date_time_precision or TimestampPrecision.MILLISECOND


class GlobalSecondaryIndex(Model):
    """An index with a key of its own, of up to four partition and four sort attributes."""

    index_name: Name
    """The index's name, unique in the table."""
    partition_key: Key
    """What the items are spread by; one attribute, or a list of up to four."""
    sort_key: Key = ()
    """What the items are ordered by; one attribute, or a list of up to four."""
    projection: Projection = ALL_ATTRIBUTES
    provisioned_throughput: ProvisionedThroughput | None = None
    on_demand_throughput: OnDemandThroughput | None = None
    warm_throughput: WarmThroughput | None = None
    contributor_insights_specification: ContributorInsightsSpecification | None = None

    @property
    def key_attributes(self) -> tuple[KeyAttribute, ...]:
        """The attributes of the key, partition key first."""
        return self.partition_key + self.sort_key

    def faults(self) -> Iterator[InitErrorDetails]:
        """T-123."""
        if not self.partition_key:
            yield fault(("PartitionKey",), "is empty.", "Name at least one attribute.")
        for half, attributes in (("PartitionKey", self.partition_key), ("SortKey", self.sort_key)):
            if len(attributes) > MAX_KEY_ATTRIBUTES_OF_A_KIND:
                yield fault((half,), f"has {len(attributes)} attributes.", "Use four at most.")
        for name in _repeated(attribute.name for attribute in self.key_attributes):
            yield fault(("SortKey",), f"'{name}' is in the key more than once.", "Use each attribute once.")


class LocalSecondaryIndex(Model):
    """An index with the table's partition key and another sort key; it lives as long as its table."""

    index_name: Name
    """The index's name, unique in the table."""
    partition_key: KeyAttribute | None = None
    """The table's; need not be said."""
    sort_key: KeyAttribute
    """What the items are ordered by."""
    projection: Projection = ALL_ATTRIBUTES


class VectorAttribute(Model):
    """The attribute that holds an item's vector: a list of numbers."""

    attribute_name: AttributeName
    """The attribute."""


class VectorIndex(Model):
    """An index that finds the items whose vectors are nearest to a given one.

    Its search schema is spelled as keys are: ``partition_key`` is the ``HASH`` element, which every search has to
    name, ``inline_filters`` are the ``INLINE_FILTER`` elements. Nothing of it can be changed in place.
    """

    index_name: Name
    """Unlike the names of the table's other indexes, of all kinds."""
    vector_attribute: VectorAttribute
    partition_key: KeyAttribute | None = None
    """Every search names one value of it, and looks at its vectors only."""
    inline_filters: tuple[KeyAttribute, ...] = ()
    """Searches may ask for one value of each."""
    projection: Projection = ALL_ATTRIBUTES
    dimensions: Annotated[int, Field(ge=1, le=MAX_DIMENSIONS)]
    """How many numbers a vector has."""
    distance_function: DistanceFunction
    """By what nearness is told."""

    @property
    def search_attributes(self) -> tuple[KeyAttribute, ...]:
        """The attributes of the search schema, partition key first."""
        return (*((self.partition_key,) if self.partition_key else ()), *self.inline_filters)

    def faults(self) -> Iterator[InitErrorDetails]:
        """The quotas page of the developer guide; each attribute has one role."""
        if len(self.inline_filters) > MAX_INLINE_FILTERS:
            problem = f"has {len(self.inline_filters)} filters."
            yield fault(("InlineFilters",), problem, f"DynamoDB allows {MAX_INLINE_FILTERS}.")
        seen = {self.partition_key.name} if self.partition_key else set()
        for i, attribute in enumerate(self.inline_filters):
            if attribute.name in seen:
                problem = f"'{attribute.name}' is in the search schema already."
                yield fault(("InlineFilters", i, "Name"), problem, "Name each attribute once.")
            seen.add(attribute.name)


class Csv(Model):
    """How CSV objects of an import are written."""

    delimiter: Annotated[str, StringConstraints(pattern=r"^[,;:|\t ]$")] | None = None
    """A comma when absent."""
    header_list: (
        Annotated[
            tuple[Annotated[str, StringConstraints(min_length=1, pattern=r"^[\x20-\x21\x23-\x2B\x2D-\x7E]*$")], ...],
            Field(min_length=1, max_length=255),
        ]
        | None
    ) = None
    """The names of the columns; they stand in the first line of each object when absent."""


class InputFormatOptions(Model):
    """More of how the objects of an import are written."""

    csv: Csv | None = None
    """Only for the format CSV."""


class S3BucketSource(Model):
    """Where the objects of an import are."""

    s3_bucket: Annotated[str, StringConstraints(max_length=255, pattern=r"^[a-z0-9A-Z]+[.\-\w]*[a-z0-9A-Z]+$")]
    """The bucket."""
    s3_key_prefix: Annotated[str, StringConstraints(max_length=1024)] | None = None
    """How the keys of the objects begin; all objects when absent."""
    s3_bucket_owner: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")] | None = None
    """The account whose bucket it is; the function's own when absent."""


class ImportSourceSpecification(Model):
    """The table is made from objects in S3. Limits are those of ``ImportTable`` in the API reference."""

    input_format: InputFormat
    """How the objects are written."""
    s3_bucket_source: S3BucketSource
    """Where they are."""
    input_compression_type: InputCompressionType | None = None
    """How they are compressed; NONE when absent."""
    input_format_options: InputFormatOptions | None = None
    """More of how they are written."""

    @property
    def identity(self) -> tuple[str | tuple[str, ...], ...]:
        """What makes it another source, but for whose bucket it is; what is not declared stands as its default."""
        csv = (self.input_format_options and self.input_format_options.csv) or Csv()
        return (
            self.s3_bucket_source.s3_bucket,
            self.s3_bucket_source.s3_key_prefix or "",
            self.input_format,
            self.input_compression_type or InputCompressionType.NONE,
            csv.delimiter or ",",
            csv.header_list or (),
        )

    def __str__(self) -> str:
        """Where it is: ``s3://bucket/prefix``."""
        return f"s3://{self.s3_bucket_source.s3_bucket}/{self.s3_bucket_source.s3_key_prefix or ''}"


_TAG_CHARACTERS = r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$"
"""T-107, T-372."""


def _free_key(key: str) -> str:
    """T-105; the other prefix is ours."""
    for prefix, whose in (("aws:", "AWS"), (RESERVED_TAG_PREFIX, "this resource")):
        if key.lower().startswith(prefix):
            raise broken_rule(f"'{key}' begins with '{prefix}', which is kept for {whose}.", "Rename the tag.")
    return key


class Tag(Model):
    """A label on the table or on its stream."""

    key: Annotated[
        str, StringConstraints(min_length=1, max_length=128, pattern=_TAG_CHARACTERS), AfterValidator(_free_key)
    ]
    """Not beginning with ``aws:`` or ``table-provisioner:``."""
    value: Annotated[str, StringConstraints(max_length=256, pattern=_TAG_CHARACTERS)]
    """May be empty."""


def _tag_values(tags: tuple[Tag, ...] | None) -> dict[str, str]:
    return {tag.key: tag.value for tag in tags or ()}


def tag_bytes(tags: Iterable[tuple[str, str]]) -> int:
    """How many bytes keys and values take together, which DynamoDB limits (T-109)."""
    return sum(len(key.encode()) + len(value.encode()) for key, value in tags)


def _tag_faults(tags: tuple[Tag, ...], *, most: int, most_bytes: int, reason: str = "") -> Iterator[InitErrorDetails]:
    """T-107, T-108, T-109."""
    if len(tags) > most:
        yield fault(("Tags",), f"has {len(tags)} tags.", f"Declare {most} at most{reason}.")
    size = tag_bytes((tag.key, tag.value) for tag in tags)
    if size > most_bytes:
        yield fault(("Tags",), f"takes {size} bytes.", f"Keep keys and values within {most_bytes} bytes together.")
    seen: set[str] = set()
    for i, tag in enumerate(tags):
        if tag.key in seen:
            yield fault(("Tags", i, "Key"), f"'{tag.key}' stands in the list already.", "Give each key once.")
        seen.add(tag.key)


class StreamSpecification(Model):
    """The table has a stream."""

    stream_view_type: StreamViewType
    resource_policy: ResourcePolicy | None = None
    tags: tuple[Tag, ...] | None = None
    """Labels on the stream; it has none of the table's."""

    @property
    def tag_values(self) -> dict[str, str]:
        """The declared tags by key."""
        return _tag_values(self.tags)

    def faults(self) -> Iterator[InitErrorDetails]:
        """A stream takes as many tags as a table, and needs none of ours (T-373)."""
        yield from _tag_faults(self.tags or (), most=MAX_TAGS_OF_A_RESOURCE, most_bytes=MAX_TAG_BYTES_OF_A_RESOURCE)


class SSESpecification(Model):
    """Encryption at rest: with a KMS key, or with the key that DynamoDB owns."""

    sse_enabled: Boolean
    """Whether a KMS key is used; if not, the key that DynamoDB owns."""
    sse_type: SSEType | None = None
    kms_master_key_id: Annotated[str, StringConstraints(min_length=1)] | None = None
    """A key id, ARN or alias; the AWS managed key ``alias/aws/dynamodb`` when absent."""

    def faults(self) -> Iterator[InitErrorDetails]:
        """T-031, T-036."""
        if self.sse_enabled:
            if self.kms_master_key_id and not self.sse_type:
                yield fault(("SSEType",), "is required with KMSMasterKeyId.", "Add SSEType: KMS.")
            return
        for name, value in (("SSEType", self.sse_type), ("KMSMasterKeyId", self.kms_master_key_id)):
            if value:
                yield fault(
                    (name,),
                    "is not allowed where SSEEnabled is false.",
                    "Remove it, or set SSEEnabled to true.",
                )


class TimeToLiveSpecification(Model):
    """The attribute whose time, in epoch seconds, expires an item."""

    enabled: Boolean
    """Whether items expire."""
    attribute_name: AttributeName | None = None
    """The attribute; required where ``Enabled`` is true."""

    def faults(self) -> Iterator[InitErrorDetails]:
        """T-146."""
        if self.enabled and self.attribute_name is None:
            yield fault(("AttributeName",), "is required where Enabled is true.", "Name the attribute.")


class PointInTimeRecoverySpecification(Model):
    """Continuous backups, kept for 1 to 35 days."""

    point_in_time_recovery_enabled: Boolean = False
    """Whether the table can be restored as it was at any second."""
    recovery_period_in_days: Annotated[int, Field(ge=1, le=35)] | None = None
    """How far back; 35 days when absent."""

    def faults(self) -> Iterator[InitErrorDetails]:
        """T-084."""
        if self.recovery_period_in_days is not None and not self.point_in_time_recovery_enabled:
            yield fault(
                ("RecoveryPeriodInDays",),
                "is not allowed where point-in-time recovery is off.",
                "Remove it, or set PointInTimeRecoveryEnabled to true.",
            )


class TableSchema(Model):
    """A table as it is declared.

    ``None`` or absent is *not declared*: at creation DynamoDB's default holds, afterwards the property is left as it
    is. The default billing mode is ``PAY_PER_REQUEST``, unless capacity is declared.
    """

    table_name: Name
    """The table's name. Another name is another table."""
    partition_key: KeyAttribute
    """What the items are spread by."""
    sort_key: KeyAttribute | None = None
    """What the items of one partition key are ordered by."""
    global_secondary_indexes: tuple[GlobalSecondaryIndex, ...] = ()
    """Indexes with keys of their own; any number may come and go in one update."""
    local_secondary_indexes: tuple[LocalSecondaryIndex, ...] = ()
    """Indexes with the table's partition key, which live as long as the table."""
    vector_indexes: tuple[VectorIndex, ...] = ()
    """Indexes that find the nearest vectors; they may come and go as the global ones."""
    billing_mode: BillingMode | None = None
    provisioned_throughput: ProvisionedThroughput | None = None
    on_demand_throughput: OnDemandThroughput | None = None
    warm_throughput: WarmThroughput | None = None
    stream_specification: StreamSpecification | None = None
    sse_specification: SSESpecification | None = None
    time_to_live_specification: TimeToLiveSpecification | None = None
    point_in_time_recovery_specification: PointInTimeRecoverySpecification | None = None
    table_class: TableClass | None = None
    deletion_protection_enabled: Boolean | None = None
    """Whether the table refuses to be deleted."""
    contributor_insights_specification: ContributorInsightsSpecification | None = None
    kinesis_stream_specification: KinesisStreamSpecification | None = None
    resource_policy: ResourcePolicy | None = None
    tags: tuple[Tag, ...] | None = None
    """Labels on the table; those that say whose it is are added."""
    import_source_specification: ImportSourceSpecification | None = None
    """Objects in S3 from which the table is made; another source is another table."""

    @property
    def declared_billing_mode(self) -> BillingMode | None:
        """The mode that is asked for; capacity asks for ``PROVISIONED`` without saying so."""
        if self.billing_mode is None and self._declares_capacity():
            return BillingMode.PROVISIONED
        return self.billing_mode

    @property
    def initial_billing_mode(self) -> BillingMode:
        """The mode in which the table is created."""
        return self.declared_billing_mode or BillingMode.PAY_PER_REQUEST

    @property
    def attribute_definitions(self) -> dict[str, AttributeType]:
        """Every attribute that is part of a key or of a search schema, once, in order of first use."""
        return {attribute.name: attribute.type for _, attribute in self._located_key_attributes()}

    @property
    def tag_values(self) -> dict[str, str]:
        """The declared tags by key."""
        return _tag_values(self.tags)

    def faults(self) -> Iterator[InitErrorDetails]:
        """The rules that concern the table as a whole."""
        yield from self._key_faults()
        yield from self._index_faults()
        yield from self._local_index_faults()
        yield from self._vector_index_faults()
        yield from self._capacity_faults()
        yield from (fault(*each) for each in self._cold_throughputs(self.declared_billing_mode))
        yield from _tag_faults(
            self.tags or (),
            most=MAX_TAGS,
            most_bytes=MAX_TAG_BYTES,
            reason=f": DynamoDB allows {MAX_TAGS_OF_A_RESOURCE}, and four say whose the table is",
        )

    def creation_faults(self) -> Iterator[tuple[Location, str, str]]:
        """What a table that is there may have, and a new one may not: where, what is wrong and what to do.

        A billing mode that is not declared is left as it is, and a new table is on demand. An import takes floors of
        indexes only; the table's is looked at afterwards, when one below what it has asks for nothing.
        """
        if self.declared_billing_mode is None:
            for location, problem, fix in self._cold_throughputs(self.initial_billing_mode):
                if self.import_source_specification is None or location[0] == "GlobalSecondaryIndexes":
                    yield location, problem, fix

    def _declares_capacity(self) -> bool:
        return any(holder.provisioned_throughput for _, holder in self._located_throughputs())

    def _located_key_attributes(self) -> Iterator[tuple[Location, KeyAttribute]]:
        yield ("PartitionKey",), self.partition_key
        if self.sort_key:
            yield ("SortKey",), self.sort_key
        for i, local in enumerate(self.local_secondary_indexes):
            yield ("LocalSecondaryIndexes", i, "SortKey"), local.sort_key
        for i, index in enumerate(self.global_secondary_indexes):
            for half, attributes in (("PartitionKey", index.partition_key), ("SortKey", index.sort_key)):
                for j, attribute in enumerate(attributes):
                    yield ("GlobalSecondaryIndexes", i, half, j), attribute
        for i, vectors in enumerate(self.vector_indexes):
            if vectors.partition_key:
                yield ("VectorIndexes", i, "PartitionKey"), vectors.partition_key
            for j, attribute in enumerate(vectors.inline_filters):
                yield ("VectorIndexes", i, "InlineFilters", j), attribute

    def _key_faults(self) -> Iterator[InitErrorDetails]:
        """T-042, T-442."""
        if self.sort_key and self.sort_key.name == self.partition_key.name:
            yield fault(
                ("SortKey", "Name"),
                f"'{self.sort_key.name}' is the partition key, too.",
                "Use another attribute.",
            )
        types: dict[str, AttributeType] = {}
        for location, attribute in self._located_key_attributes():
            known = types.setdefault(attribute.name, attribute.type)
            if known is not attribute.type:
                yield fault(
                    (*location, "Type"),
                    f"'{attribute.name}' is {attribute.type} here and {known} elsewhere.",
                    "Give the attribute one type.",
                )

    def _index_faults(self) -> Iterator[InitErrorDetails]:
        """T-129, T-169."""
        for name, indexes, most in (
            ("GlobalSecondaryIndexes", self.global_secondary_indexes, MAX_GLOBAL_SECONDARY_INDEXES),
            ("LocalSecondaryIndexes", self.local_secondary_indexes, MAX_LOCAL_SECONDARY_INDEXES),
            ("VectorIndexes", self.vector_indexes, MAX_VECTOR_INDEXES),
        ):
            if len(indexes) > most:
                yield fault((name,), f"has {len(indexes)} indexes.", f"Declare {most} at most.")
        for location, problem, fix in repeated_names((at, index.index_name) for at, index in self._located_indexes()):
            yield fault(location, problem, fix)
        projections = [index.projection for index in self.global_secondary_indexes]
        projections += [index.projection for index in self.local_secondary_indexes]
        projected = sum(len(projection.non_key_attributes) for projection in projections)
        if projected > MAX_PROJECTED_ATTRIBUTES:
            yield fault(
                ("GlobalSecondaryIndexes",),
                f"and LocalSecondaryIndexes project {projected} attributes by name.",
                f"DynamoDB allows {MAX_PROJECTED_ATTRIBUTES} over all indexes; use ProjectionType ALL.",
            )

    def _located_indexes(self) -> Iterator[tuple[Location, GlobalSecondaryIndex | LocalSecondaryIndex | VectorIndex]]:
        for i, local in enumerate(self.local_secondary_indexes):
            yield ("LocalSecondaryIndexes", i), local
        for i, index in enumerate(self.global_secondary_indexes):
            yield ("GlobalSecondaryIndexes", i), index
        for i, vectors in enumerate(self.vector_indexes):
            yield ("VectorIndexes", i), vectors

    def _local_index_faults(self) -> Iterator[InitErrorDetails]:
        """T-129."""
        if self.local_secondary_indexes and not self.sort_key:
            yield fault(
                ("SortKey",),
                "a sort key is required with LocalSecondaryIndexes.",
                "Add one to the table: SortKey, or an element with KeyType RANGE in KeySchema.",
            )
        if self.local_secondary_indexes and self.import_source_specification:
            yield fault(
                ("LocalSecondaryIndexes",),
                "cannot be built by an import.",
                "Remove them, or ImportSourceSpecification.",
            )
        for i, index in enumerate(self.local_secondary_indexes):
            if index.partition_key not in {None, self.partition_key}:
                yield fault(
                    ("LocalSecondaryIndexes", i, "PartitionKey"),
                    "differs from the table's partition key.",
                    f"Use '{self.partition_key.name}', or a global secondary index.",
                )
            if index.sort_key.name == self.partition_key.name:
                yield fault(
                    ("LocalSecondaryIndexes", i, "SortKey", "Name"),
                    f"'{index.sort_key.name}' is the partition key, too.",
                    "Use another attribute.",
                )

    def _vector_index_faults(self) -> Iterator[InitErrorDetails]:
        """The developer guide's page on requirements of vector indexes, and that on creating them."""
        if self.vector_indexes and self.declared_billing_mode is BillingMode.PROVISIONED:
            problem = "are not possible with BillingMode PROVISIONED."
            yield fault(("VectorIndexes",), problem, "Remove them, or use PAY_PER_REQUEST.")
        types, dimensions = self.attribute_definitions, dict[str, int]()
        for i, index in enumerate(self.vector_indexes):
            name = index.vector_attribute.attribute_name
            if name in types:
                yield fault(
                    ("VectorIndexes", i, "VectorAttribute", "AttributeName"),
                    f"'{name}' is part of a key or a search schema, where no list of numbers can be.",
                    "Keep the vectors in another attribute.",
                )
            known = dimensions.setdefault(name, index.dimensions)
            if known != index.dimensions:
                yield fault(
                    ("VectorIndexes", i, "Dimensions"),
                    f"'{name}' has {index.dimensions} dimensions here and {known} elsewhere.",
                    "Give all indexes on an attribute the same number.",
                )

    def _located_throughputs(self) -> Iterator[tuple[Location, TableSchema | GlobalSecondaryIndex]]:
        yield (), self
        for i, index in enumerate(self.global_secondary_indexes):
            yield ("GlobalSecondaryIndexes", i), index

    def _capacity_faults(self) -> Iterator[InitErrorDetails]:
        """T-024, T-038, T-059, T-128."""
        mode = self.declared_billing_mode
        for location, holder in self._located_throughputs():
            capacity, maximum = (*location, "ProvisionedThroughput"), (*location, "OnDemandThroughput")
            if mode is BillingMode.PROVISIONED:
                if not holder.provisioned_throughput:
                    fix = "Add ReadCapacityUnits and WriteCapacityUnits."
                    yield fault(capacity, "is required with BillingMode PROVISIONED.", fix)
                if holder.on_demand_throughput:
                    fix = "Remove it, or use PAY_PER_REQUEST."
                    yield fault(maximum, "is not allowed with BillingMode PROVISIONED.", fix)
            elif holder.provisioned_throughput:
                fix = "Remove it, or use PROVISIONED."
                yield fault(capacity, "is not allowed with BillingMode PAY_PER_REQUEST.", fix)

    def _cold_throughputs(self, mode: BillingMode | None) -> Iterator[tuple[Location, str, str]]:
        """Floors below what the mode gives anyway (T-039, T-128)."""
        for location, holder in self._located_throughputs():
            if not holder.warm_throughput:
                continue
            least_reads, least_writes = _least_warm_throughput(holder, mode)
            for name, units, least in (
                ("ReadUnitsPerSecond", holder.warm_throughput.read_units_per_second, least_reads),
                ("WriteUnitsPerSecond", holder.warm_throughput.write_units_per_second, least_writes),
            ):
                if units is not None and units < least:
                    what = "" if self.declared_billing_mode else " on demand, as a new table is by default"
                    yield (
                        (*location, "WarmThroughput", name),
                        f"{units} is less than the {least} that the billing mode gives{what}.",
                        f"Write {least} or more, or remove it.",
                    )


def _least_warm_throughput(holder: TableSchema | GlobalSecondaryIndex, mode: BillingMode | None) -> tuple[int, int]:
    if capacity := holder.provisioned_throughput:
        return capacity.read_capacity_units, capacity.write_capacity_units
    if mode is BillingMode.PAY_PER_REQUEST:
        return ON_DEMAND_WARM_READ_UNITS, ON_DEMAND_WARM_WRITE_UNITS
    return 1, 1
