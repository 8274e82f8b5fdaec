from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from table_provisioner.differences import import_difference, index_difference, key_difference
from tests.unit.declarations import (
    UNITS,
    Members,
    attribute,
    global_index,
    imported,
    local,
    local_index,
    schema,
    state,
    string,
)

if TYPE_CHECKING:
    from table_provisioner.schema import GlobalSecondaryIndex, ImportSourceSpecification
    from table_provisioner.state import TableState

BY_EMAIL: Final = global_index()
BY_EMAIL_AND_AT: Final = global_index(SortKey=attribute("at"))


@pytest.mark.parametrize(
    ("actual", "wanted", "difference"),
    [
        pytest.param(BY_EMAIL, BY_EMAIL, "", id="the same"),
        pytest.param(BY_EMAIL, global_index(ProvisionedThroughput=UNITS), "", id="capacity can change in place"),
        pytest.param(
            BY_EMAIL,
            global_index(PartitionKey=attribute("email", "N")),
            "the key email (S, HASH), declared is email (N, HASH)",
            id="another type",
        ),
        pytest.param(
            BY_EMAIL_AND_AT,
            BY_EMAIL,
            "the key email (S, HASH), at (S, RANGE), declared is email (S, HASH)",
            id="no sort key any more",
        ),
        pytest.param(
            BY_EMAIL,
            global_index(Projection={"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]}),
            "the projection ALL, declared is INCLUDE a",
            id="another projection",
        ),
    ],
)
def test_index_difference(actual: GlobalSecondaryIndex, wanted: GlobalSecondaryIndex, difference: str) -> None:
    assert index_difference(actual, wanted) == difference


SORTED: Final[Members] = {"SortKey": attribute("at")}
SORTED_STATE: Final[Members] = {"sort_key": (string("at"),)}
LOCAL: Final[Members] = SORTED | {"LocalSecondaryIndexes": [local()]}


@pytest.mark.parametrize(
    ("actual", "wanted", "previous", "difference"),
    [
        pytest.param(state(), {}, None, "", id="the same key"),
        pytest.param(state(**SORTED_STATE), SORTED, None, "", id="the same sort key"),
        pytest.param(
            state(),
            {"PartitionKey": attribute("pk")},
            None,
            "the key id (S, HASH), declared is pk (S, HASH)",
            id="a name",
        ),
        pytest.param(
            state(),
            {"PartitionKey": attribute("id", "N")},
            None,
            "the key id (S, HASH), declared is id (N, HASH)",
            id="a type",
        ),
        pytest.param(
            state(), SORTED, None, "the key id (S, HASH), declared is id (S, HASH), at (S, RANGE)", id="a sort key more"
        ),
        pytest.param(
            state(**SORTED_STATE),
            {},
            None,
            "the key id (S, HASH), at (S, RANGE), declared is id (S, HASH)",
            id="one less",
        ),
        pytest.param(
            state(**SORTED_STATE, local_indexes=(local_index(),)), SORTED, None, "", id="local indexes nobody declared"
        ),
        pytest.param(
            state(**SORTED_STATE, local_indexes=(local_index(),)),
            LOCAL | {"LocalSecondaryIndexes": [local(PartitionKey=attribute("id"))]},
            None,
            "",
            id="the same local index, spelled out",
        ),
        pytest.param(
            state(**SORTED_STATE),
            LOCAL,
            None,
            "the local indexes none, declared are by-size on size (S, ALL)",
            id="a declared local index that is not there",
        ),
        pytest.param(
            state(**SORTED_STATE, local_indexes=(local_index(),)),
            SORTED,
            LOCAL,
            "the local indexes by-size on size (S, ALL), declared are none",
            id="a local index that is no longer declared",
        ),
        pytest.param(
            state(**SORTED_STATE, local_indexes=(local_index(),)),
            SORTED,
            SORTED,
            "",
            id="local indexes that were never declared",
        ),
        pytest.param(
            state(**SORTED_STATE, local_indexes=(local_index(Projection={"ProjectionType": "KEYS_ONLY"}),)),
            LOCAL,
            None,
            "the local indexes by-size on size (S, KEYS_ONLY), declared are by-size on size (S, ALL)",
            id="another projection of a local index",
        ),
    ],
)
def test_key_difference(actual: TableState, wanted: Members, previous: Members | None, difference: str) -> None:
    assert key_difference(actual, schema(**wanted), schema(**previous) if previous else None) == difference


def source(prefix: str = "orders/", **members: Any) -> ImportSourceSpecification | None:  # noqa: ANN401 -- any member
    return schema(**imported(prefix, **members)).import_source_specification


def of_bucket(**members: str) -> ImportSourceSpecification | None:
    return source(S3BucketSource={"S3Bucket": "lake", **members})


def of_csv(**members: object) -> ImportSourceSpecification | None:
    return source(InputFormatOptions={"Csv": members})


THEIR_BUCKET = of_bucket(S3KeyPrefix="orders/", S3BucketOwner="1" * 12)


@pytest.mark.parametrize(
    ("actual", "wanted"),
    [
        pytest.param(None, None, id="none at all"),
        pytest.param(source(), source(), id="the same"),
        pytest.param(of_bucket(), of_bucket(S3KeyPrefix=""), id="all objects, spelled out or not"),
        pytest.param(source(), source(InputCompressionType="NONE"), id="no compression, spelled out or not"),
        pytest.param(source(), of_csv(), id="no options, in an empty map or not"),
        pytest.param(of_csv(), of_csv(Delimiter=","), id="commas, spelled out or not"),
        pytest.param(source(), THEIR_BUCKET, id="whose bucket it is, said or not"),
    ],
)
def test_sources_that_mean_the_same(
    actual: ImportSourceSpecification | None, wanted: ImportSourceSpecification | None
) -> None:
    assert import_difference(actual, wanted) == import_difference(wanted, actual) == ""


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        pytest.param(None, "no import", id="none"),
        pytest.param(source("others/"), "s3://lake/others/ (CSV)", id="another prefix"),
        pytest.param(
            source(S3BucketSource={"S3Bucket": "sea", "S3KeyPrefix": "orders/"}),
            "s3://sea/orders/ (CSV)",
            id="another bucket",
        ),
        pytest.param(source(InputFormat="ION"), "s3://lake/orders/ (ION)", id="another format"),
        pytest.param(source(InputCompressionType="ZSTD"), "s3://lake/orders/ (CSV)", id="another compression"),
        pytest.param(of_csv(Delimiter=";"), "s3://lake/orders/ (CSV)", id="another delimiter"),
        pytest.param(of_csv(HeaderList=["id"]), "s3://lake/orders/ (CSV)", id="other columns"),
    ],
)
def test_sources_that_differ(wanted: ImportSourceSpecification | None, text: str) -> None:
    assert import_difference(source(), wanted) == f"the data of s3://lake/orders/ (CSV), declared is {text}"


def test_the_bucket_of_another_account_is_another_source() -> None:
    assert import_difference(THEIR_BUCKET, of_bucket(S3KeyPrefix="orders/", S3BucketOwner="2" * 12))
