"""Any valid table: hypothesis strategies for the properties of two versions of one resource.

What only a replacement can change - the key and the local indexes - is drawn once for both. The tables fit into an
ordinary account: units stay below its quotas, and a policy lets nobody be locked out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.functional.tables import Properties

KEYS: Final = ("alias/one", "alias/two")
"""KMS keys that the account needs to have."""
_TYPES: Final = dict(zip((f"attribute-{number}" for number in range(1, 11)), "SNBSNBSNBS", strict=True))
"""Key attributes, each of one type in all versions."""
_INDEX_NAMES: Final = ("first", "second", "third")
_UNITS: Final = st.integers(1, 50)
_PAIRS: Final = st.tuples(_UNITS, _UNITS)
_MAXIMA: Final = st.sampled_from([-1, 1, 50, 4000])


def _members(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Properties]:
    """Any of these members, or none."""
    return st.fixed_dictionaries({}, optional=optional)


def _some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[Properties]:
    """Any of these members, at least one."""
    names = st.sets(st.sampled_from(sorted(members)), min_size=1)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: members[name] for name in sorted(chosen)}))


def _one_of(*values: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 -- any property
    return st.sampled_from(values)


def _attributes(names: list[str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": _TYPES[name]} for name in names]


_PROJECTIONS: Final = st.one_of(
    _one_of({"ProjectionType": "ALL"}, {"ProjectionType": "KEYS_ONLY"}),
    st.lists(_one_of("total", "note", "size"), min_size=1, unique=True).map(
        lambda names: {"ProjectionType": "INCLUDE", "NonKeyAttributes": names}
    ),
)
_INSIGHTS: Final = _one_of(
    {"Enabled": False},
    {"Enabled": True},
    {"Enabled": True, "Mode": "THROTTLED_KEYS"},
    {"Enabled": True, "Mode": "ACCESSED_AND_THROTTLED_KEYS"},
)
_ON_DEMAND: Final = _some(MaxReadRequestUnits=_MAXIMA, MaxWriteRequestUnits=_MAXIMA)


def _policies(resource: str) -> st.SearchStrategy[Properties]:
    """Policies that allow something, in some of the spellings that mean the same."""
    statements = st.fixed_dictionaries(
        {
            "Effect": st.just("Allow"),
            "Principal": _one_of({"AWS": "111122223333"}, {"AWS": ["111122223333", "444455556666"]}),
            "Action": _one_of("dynamodb:DescribeTable", ["dynamodb:DescribeTable", "dynamodb:GetItem"]),
            "Resource": st.just(resource),
        }
    )
    documents = st.fixed_dictionaries(
        {"Statement": statements.map(lambda statement: [statement])}, optional={"Version": st.just("2012-10-17")}
    )
    return st.fixed_dictionaries({"PolicyDocument": documents})


_TAGS: Final = st.dictionaries(_one_of("team", "stage", "cost"), _one_of("", "a", "b")).map(
    lambda tags: [{"Key": key, "Value": value} for key, value in tags.items()]
)
_SETTINGS: Final = _members(
    StreamSpecification=st.fixed_dictionaries(
        {"StreamViewType": _one_of("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")},
        optional={"ResourcePolicy": _policies("*"), "Tags": _TAGS},
    ),
    SSESpecification=_one_of(
        {"SSEEnabled": False},
        {"SSEEnabled": True},
        *({"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key} for key in KEYS),
    ),
    TimeToLiveSpecification=_one_of(
        {"Enabled": True, "AttributeName": "expires_at"},
        {"Enabled": True, "AttributeName": "ends_at"},
        {"Enabled": False, "AttributeName": "ends_at"},
        {"Enabled": False},
    ),
    PointInTimeRecoverySpecification=_one_of(
        {"PointInTimeRecoveryEnabled": False},
        {"PointInTimeRecoveryEnabled": True},
        {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
        {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35},
    ),
    TableClass=_one_of("STANDARD", "STANDARD_INFREQUENT_ACCESS"),
    DeletionProtectionEnabled=st.booleans(),
    ContributorInsightsSpecification=_INSIGHTS,
    KinesisStreamSpecification=st.fixed_dictionaries(
        {"StreamArn": _one_of(*(f"arn:aws:kinesis:us-east-1:123456789012:stream/{name}" for name in ("a", "b")))},
        optional={"ApproximateCreationDateTimePrecision": _one_of("MILLISECOND", "MICROSECOND")},
    ),
    ResourcePolicy=_policies("*"),
    Tags=_TAGS,
)


def _floors(least_reads: int, least_writes: int) -> st.SearchStrategy[Properties]:
    """Warm throughput that a billing mode allows."""
    return _some(
        ReadUnitsPerSecond=_one_of(least_reads, least_reads + 100, least_reads + 200),
        WriteUnitsPerSecond=_one_of(least_writes, least_writes + 100, least_writes + 200),
    )


@st.composite
def _throughputs(draw: st.DrawFn, *, is_provisioned: bool) -> Properties:
    """What a table or an index says of its capacity."""
    if not is_provisioned:
        return draw(_members(OnDemandThroughput=_ON_DEMAND, WarmThroughput=_floors(12_000, 4_000)))
    reads, writes = draw(_PAIRS)
    capacity = {"ReadCapacityUnits": reads, "WriteCapacityUnits": writes}
    return {"ProvisionedThroughput": capacity} | draw(_members(WarmThroughput=_floors(reads, writes)))


@st.composite
def _indexes(draw: st.DrawFn, *, is_provisioned: bool) -> list[Properties]:
    """Global indexes on up to four and four attributes."""
    indexes = []
    for name in draw(st.lists(_one_of(*_INDEX_NAMES), unique=True)):
        names = draw(st.permutations(list(_TYPES)))
        split, most = draw(st.integers(1, 4)), draw(st.integers(0, 4))
        index = {"IndexName": name, "PartitionKey": _attributes(names[:split])}
        index |= {"SortKey": _attributes(names[split : split + most])} if most else {}
        index |= draw(_members(Projection=_PROJECTIONS, ContributorInsightsSpecification=_INSIGHTS))
        indexes.append(index | draw(_throughputs(is_provisioned=is_provisioned)))
    return indexes


@st.composite
def _vector_indexes(draw: st.DrawFn) -> list[Properties]:
    """Vector indexes, with and without a partition key and filters; an attribute has one number of dimensions."""
    indexes = []
    dimensions = {name: draw(_one_of(64, 256)) for name in ("embedding", "meaning")}
    for name in draw(st.lists(_one_of("nearest", "closest"), unique=True)):
        attributes = _attributes(draw(st.permutations(list(_TYPES))))
        attribute = draw(_one_of(*dimensions))
        index = {
            "IndexName": name,
            "VectorAttribute": {"AttributeName": attribute},
            "Dimensions": dimensions[attribute],
            "DistanceFunction": draw(_one_of("COSINE", "EUCLIDEAN")),
        }
        index |= draw(_members(Projection=_PROJECTIONS, PartitionKey=st.just(attributes[0])))
        indexes.append(index | draw(_members(InlineFilters=st.just(attributes[1:3]))))
    return indexes


@st.composite
def _versions(draw: st.DrawFn, frame: Properties) -> Properties:
    """One version of a table whose key is drawn already."""
    is_provisioned = draw(st.booleans())
    mode = "PROVISIONED" if is_provisioned else "PAY_PER_REQUEST"
    said = {"BillingMode": mode} if draw(st.booleans()) else {}
    indexes = draw(_indexes(is_provisioned=is_provisioned))
    listed = {"GlobalSecondaryIndexes": indexes} if indexes else {}
    if not is_provisioned and (vector_indexes := draw(_vector_indexes())):
        listed |= {"VectorIndexes": vector_indexes}
    return frame | said | draw(_throughputs(is_provisioned=is_provisioned)) | listed | draw(_SETTINGS)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Properties, Properties]:
    """Two versions of a table, each of which may become the other in one update."""
    frame: Properties = {
        "TableName": "orders",
        "PartitionKey": {"Name": "id", "Type": "S"},
        "AllowIndexRecreation": True,
    }
    names = draw(st.lists(_one_of("local-1", "local-2"), unique=True))
    has_sort_key = bool(names) or draw(st.booleans())
    if has_sort_key:
        frame |= {"SortKey": {"Name": "created_at", "Type": "N"}}
    if names:
        sort_keys = _attributes(draw(st.permutations(list(_TYPES))))
        frame |= {
            "LocalSecondaryIndexes": [
                {"IndexName": name, "SortKey": sort_key, "Projection": draw(_PROJECTIONS)}
                for name, sort_key in zip(names, sort_keys, strict=False)
            ]
        }
    return draw(_versions(frame)), draw(_versions(frame))
