from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from table_provisioner.naming import generated_table_name, stack_name
from tests.unit.declarations import (
    STACK_ID,
    attribute,
    imported,
    index,
    local,
    schema,
)

if TYPE_CHECKING:
    from table_provisioner.schema import TableSchema

SORTED = schema(SortKey=attribute("at"), LocalSecondaryIndexes=[local()])


def name_of(table: TableSchema, stack_id: str = STACK_ID, logical_resource_id: str = "Orders") -> str:
    return generated_table_name(stack_id, logical_resource_id, table)


def test_a_name_says_whose_the_table_is() -> None:
    assert re.fullmatch(r"shop-Orders-[A-Z2-7]{13}", name_of(schema()))


def test_the_same_request_yields_the_same_name_on_every_delivery() -> None:
    assert name_of(schema()) == "shop-Orders-KSE6XCQMD5JPM"
    assert name_of(SORTED) == "shop-Orders-PFQOE6XXOIAE4"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(schema(), schema(PartitionKey=attribute("pk")), id="another partition key"),
        pytest.param(schema(), schema(PartitionKey=attribute("id", "N")), id="another type of the partition key"),
        pytest.param(schema(), schema(SortKey=attribute("at")), id="a sort key"),
        pytest.param(
            schema(SortKey=attribute("at")), schema(SortKey=attribute("at", "N")), id="another type of the sort key"
        ),
        pytest.param(
            schema(PartitionKey=attribute("a"), SortKey=attribute("b")),
            schema(PartitionKey=attribute("b"), SortKey=attribute("a")),
            id="the halves of the key exchanged",
        ),
        pytest.param(SORTED, schema(SortKey=attribute("at")), id="no local index"),
        pytest.param(
            SORTED,
            schema(SortKey=attribute("at"), LocalSecondaryIndexes=[local("by-width")]),
            id="another name of a local index",
        ),
        pytest.param(
            SORTED,
            schema(SortKey=attribute("at"), LocalSecondaryIndexes=[local(sort="width")]),
            id="another sort key of a local index",
        ),
        pytest.param(
            SORTED,
            schema(SortKey=attribute("at"), LocalSecondaryIndexes=[local(SortKey=attribute("size", "N"))]),
            id="another type in a local index",
        ),
        pytest.param(
            SORTED,
            schema(SortKey=attribute("at"), LocalSecondaryIndexes=[local(Projection={"ProjectionType": "KEYS_ONLY"})]),
            id="another projection of a local index",
        ),
        pytest.param(schema(), schema(**imported()), id="an import source"),
        pytest.param(schema(**imported()), schema(**imported("elsewhere/")), id="another import source"),
        pytest.param(schema(**imported()), schema(**imported(InputFormat="ION")), id="another format of the source"),
        pytest.param(
            schema(**imported()),
            schema(**imported(InputFormatOptions={"Csv": {"HeaderList": ["id"]}})),
            id="other columns of the source",
        ),
        pytest.param(
            schema(**imported()),
            schema(
                **imported(S3BucketSource={"S3Bucket": "lake", "S3KeyPrefix": "orders/", "S3BucketOwner": "1" * 12})
            ),
            id="another owner of the source",
        ),
    ],
)
def test_a_replacement_yields_another_name(one: TableSchema, other: TableSchema) -> None:
    assert name_of(one) != name_of(other)


INCLUDE_AB = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b"]}
INCLUDE_BA = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["b", "a"]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(schema(), schema(GlobalSecondaryIndexes=[index()]), id="global indexes"),
        pytest.param(schema(), schema(BillingMode="PAY_PER_REQUEST", Tags=[{"Key": "a", "Value": ""}]), id="settings"),
        pytest.param(
            SORTED,
            schema(SortKey=attribute("at"), LocalSecondaryIndexes=[local(PartitionKey=attribute("id"))]),
            id="the partition key of a local index, spelled out or not",
        ),
        pytest.param(
            schema(SortKey=attribute("at"), LocalSecondaryIndexes=[local(), local("by-width")]),
            schema(SortKey=attribute("at"), LocalSecondaryIndexes=[local("by-width"), local()]),
            id="the order of local indexes",
        ),
        pytest.param(
            schema(SortKey=attribute("at"), LocalSecondaryIndexes=[local(Projection=INCLUDE_AB)]),
            schema(SortKey=attribute("at"), LocalSecondaryIndexes=[local(Projection=INCLUDE_BA)]),
            id="the order of projected attributes",
        ),
        pytest.param(
            schema(**imported()),
            schema(**imported(InputCompressionType="NONE", InputFormatOptions={"Csv": {"Delimiter": ","}})),
            id="defaults of an import source, spelled out or not",
        ),
    ],
)
def test_what_can_be_changed_in_place_keeps_the_name(one: TableSchema, other: TableSchema) -> None:
    assert name_of(one) == name_of(other)


def test_another_resource_has_another_name_even_where_it_reads_alike() -> None:
    renewed = STACK_ID.replace("333344445555", "999999999999")
    names = {name_of(schema()), name_of(schema(), renewed), name_of(schema(), STACK_ID, "Orders2")}
    assert len(names) == 3


def test_a_long_name_keeps_its_suffix_within_255_characters() -> None:
    long = name_of(schema(), STACK_ID.replace("shop", "s" * 128), "O" * 255)
    assert len(long) == 255
    assert re.search(r"O-[A-Z2-7]{13}$", long)
    assert long != name_of(schema(), STACK_ID.replace("shop", "s" * 128), "O" * 254)


@pytest.mark.parametrize(
    ("stack_id", "name"),
    [
        pytest.param(STACK_ID, "shop", id="the name in the ARN"),
        pytest.param("arn:aws-cn:cloudformation:cn-north-1:1:stack/a-b/c", "a-b", id="in other partitions, too"),
        pytest.param("shop", "stack", id="a word for it where the id is no ARN"),
        pytest.param("", "stack", id="and where there is none"),
    ],
)
def test_stack_name(stack_id: str, name: str) -> None:
    assert stack_name(stack_id) == name
