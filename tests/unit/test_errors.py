from __future__ import annotations

import pytest

from table_provisioner import errors
from table_provisioner.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    Fault,
    InternalFailureError,
    InvalidRequestError,
    NotUpdatableError,
    ProvisionerError,
)

CODES = [
    "InvalidRequest",
    "AlreadyExists",
    "NotFound",
    "AccessDenied",
    "Throttling",
    "ServiceLimitExceeded",
    "ServiceInternalError",
    "NetworkFailure",
    "NotStabilized",
    "ResourceConflict",
    "NotUpdatable",
    "InternalFailure",
]
"""Of the CloudFormation registry contract, as far as the provisioner answers with them."""


def test_there_is_one_class_for_each_code_and_it_is_named_after_it() -> None:
    classes = {error.code: error.__name__ for error in ProvisionerError.__subclasses__()}
    assert classes == {code: code.removesuffix("Error") + "Error" for code in CODES}


def test_every_class_is_in_the_module_under_its_name() -> None:
    assert all(getattr(errors, error.__name__) is error for error in ProvisionerError.__subclasses__())


@pytest.mark.parametrize(
    ("error", "text"),
    [
        pytest.param(
            NotUpdatableError("the key differs.", "Give it another name."),
            "NotUpdatable: the key differs. Give it another name.",
            id="code, problem, remedy",
        ),
        pytest.param(AlreadyExistsError("it exists."), "AlreadyExists: it exists.", id="no remedy where there is none"),
        pytest.param(
            AccessDeniedError("no.", "Allow it.", aws_request_id="ABC"),
            "AccessDenied: no. Allow it. (AWS request id: ABC)",
            id="the AWS request id is kept",
        ),
        pytest.param(
            InvalidRequestError.of([Fault("Tags[0].Key", "is missing.", "Add it.")]),
            "InvalidRequest: Tags[0].Key: is missing. Add it.",
            id="a single fault stands on the line",
        ),
        pytest.param(
            InvalidRequestError.of(Fault(path, "is wrong.", "") for path in ("A", "B")),
            "InvalidRequest: 2 faults in the properties:\n- A: is wrong.\n- B: is wrong.",
            id="several faults stand below each other",
        ),
        pytest.param(
            InternalFailureError.of(KeyError("Tags")),
            "InternalFailure: KeyError: 'Tags'. Please report it with the log.",
            id="what nobody thought of asks for a report",
        ),
    ],
)
def test_an_error_is_its_reason(error: ProvisionerError, text: str) -> None:
    assert str(error) == text
    assert error.args == (error.problem,)


def test_the_faults_stay_apart() -> None:
    faults = (Fault("A", "is wrong.", "Mend it."), Fault("B", "is missing.", "Add it."))
    assert InvalidRequestError.of(faults).faults == faults
    assert InvalidRequestError("no.").faults == ()


def test_of_many_faults_a_hundred_are_listed_and_all_are_kept() -> None:
    error = InvalidRequestError.of(Fault(f"Tags[{number}]", "is wrong.", "") for number in range(102))
    assert str(error).startswith("InvalidRequest: 102 faults in the properties:\n- Tags[0]: is wrong.\n")
    assert str(error).endswith("\n- Tags[99]: is wrong.\n- and 2 more.")
    assert len(error.faults) == 102


def test_a_long_path_is_cut() -> None:
    assert str(Fault("x" * 201, "is wrong.", "")) == f"{'x' * 200}…: is wrong."
