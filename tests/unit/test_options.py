from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from table_provisioner.options import CapacityManagement, ExistingTable, OnDelete, ProvisioningOptions

if TYPE_CHECKING:
    from tests.unit.declarations import Members


def read(members: Members) -> ProvisioningOptions:
    return ProvisioningOptions.model_validate(members, by_name=False, by_alias=True)


def test_the_defaults_are_those_of_the_contract() -> None:
    assert read({}) == ProvisioningOptions(
        existing_table=ExistingTable.ADOPT,
        on_delete=OnDelete.DELETE,
        wait_for_indexes=True,
        allow_index_recreation=False,
        capacity_management=CapacityManagement.ALWAYS,
    )


@pytest.mark.parametrize(
    ("name", "field", "values"),
    [
        pytest.param("ExistingTable", "existing_table", {"Adopt": "Adopt", "Fail": "Fail"}, id="ExistingTable"),
        pytest.param(
            "OnDelete", "on_delete", {"Delete": "Delete", "Retain": "Retain", "Snapshot": "Snapshot"}, id="OnDelete"
        ),
        pytest.param("WaitForIndexes", "wait_for_indexes", {"true": True, "False": False}, id="WaitForIndexes"),
        pytest.param(
            "AllowIndexRecreation", "allow_index_recreation", {"TRUE": True, "false": False}, id="AllowIndexRecreation"
        ),
        pytest.param(
            "CapacityManagement",
            "capacity_management",
            {"Always": "Always", "InitialOnly": "InitialOnly"},
            id="CapacityManagement",
        ),
    ],
)
def test_an_option_has_the_values_of_the_contract_and_no_others(
    name: str, field: str, values: dict[str, str | bool]
) -> None:
    assert {text: getattr(read({name: text}), field) for text in values} == values
    with pytest.raises(ValidationError):
        read({name: "Maybe"})
