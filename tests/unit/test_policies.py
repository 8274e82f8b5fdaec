from __future__ import annotations

import json
from typing import Any

import pytest

from table_provisioner.policies import canonical

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
STATEMENT = {
    "Sid": "Read",
    "Effect": "Allow",
    "Principal": {"AWS": ["arn:aws:iam::123456789012:root"]},
    "Action": ["dynamodb:GetItem"],
    "Resource": [TABLE],
}


def policy(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- elements of any type
    statement = {name: value for name, value in {**STATEMENT, **changes}.items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(policy(), json.dumps(policy(), indent=4), id="white space (T-208)"),
        pytest.param(policy(), dict(reversed(policy().items())), id="the order of keys (T-351)"),
        pytest.param(policy(), policy(Action="dynamodb:GetItem"), id="a single action (T-208)"),
        pytest.param(policy(), policy(Resource=TABLE), id="a single resource"),
        pytest.param(
            policy(NotAction="a:b", NotResource="*"),
            policy(NotAction=["a:b"], NotResource=["*"]),
            id="what is excepted",
        ),
        pytest.param(policy(), policy(Principal={"AWS": "123456789012"}), id="an account by its id (T-352)"),
        pytest.param(
            policy(),
            policy(Principal={"AWS": ["123456789012", "arn:aws:iam::123456789012:root"]}),
            id="a principal twice (T-352)",
        ),
        pytest.param(
            policy(Principal={"AWS": ["b", "a"], "Service": "c"}),
            policy(Principal={"Service": ["c"], "AWS": ["a", "b"]}),
            id="the order of principals",
        ),
        pytest.param(
            policy(Principal=None, NotPrincipal={"AWS": "123456789012"}),
            policy(Principal=None, NotPrincipal={"AWS": ["arn:aws:iam::123456789012:root"]}),
            id="principals that are excepted",
        ),
        pytest.param(policy(), policy(Effect="allow"), id="the case of the effect (T-355)"),
        pytest.param(policy(), policy() | {"Statement": policy()["Statement"][0]}, id="a single statement (T-351)"),
        pytest.param(policy(), json.dumps(policy()).replace("Read", "\\u0052ead"), id="escapes (T-353)"),
        pytest.param(
            {"Statement": [STATEMENT]}, policy() | {"Version": "2008-10-17"}, id="the version that is meant (T-354)"
        ),
        pytest.param({}, "", id="no policy"),
    ],
)
def test_the_spelling_of_a_policy_makes_no_difference(one: Any, other: Any) -> None:  # noqa: ANN401 -- documents or texts
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(policy(Action=["dynamodb:GetItem", "dynamodb:Query"]), id="another action"),
        pytest.param(policy(Effect="Deny"), id="another effect"),
        pytest.param(policy(Effect=None), id="no effect"),
        pytest.param(policy(Effect=["Allow"]), id="an effect that is none"),
        pytest.param(policy(Principal="*"), id="everybody"),
        pytest.param(policy(Principal={"AWS": "210987654321"}), id="another account"),
        pytest.param(policy(Principal={"AWS": "arn:aws:iam::123456789012:user/root"}), id="somebody else there"),
        pytest.param(policy(Principal={"Service": "123456789012"}), id="another kind of principal"),
        pytest.param(policy(Sid="Write"), id="another name"),
        pytest.param(policy(Condition={"Bool": {"aws:SecureTransport": "true"}}), id="a condition"),
        pytest.param(policy() | {"Version": "2008-10-17"}, id="another version"),
        pytest.param(policy() | {"Id": "x"}, id="an id"),
        pytest.param(policy() | {"Statement": []}, id="no statement"),
        pytest.param(policy() | {"Statement": ["x"]}, id="a statement that is none"),
        pytest.param({"Version": "2012-10-17"}, id="no statements at all"),
        pytest.param({}, id="no policy"),
    ],
)
def test_what_a_policy_says_makes_a_difference(other: dict[str, Any]) -> None:
    assert canonical(policy()) != canonical(other)
    assert canonical(other) == canonical(other and json.dumps(other))


def test_values_of_a_condition_are_compared_as_they_stand() -> None:
    one, other = ({"StringEquals": {"aws:PrincipalAccount": value}} for value in (["b", "a"], ["a", "b"]))
    assert canonical(policy(Condition=one)) != canonical(policy(Condition=other))
    accounts = ("123456789012", ["123456789012"])
    assert len({canonical(policy(Condition={"StringEquals": each})) for each in accounts}) == 2
