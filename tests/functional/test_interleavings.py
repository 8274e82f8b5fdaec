"""Two requests at once, their calls interleaved in any way: each call takes as long as hypothesis says."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from table_provisioner.handler import lambda_handler
from tests.functional.others import look, owned
from tests.functional.tables import compact, described, index_names
from tests.simulator.account import Account
from tests.simulator.clock import Clock
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.simulator.faults import Call, Phase

PAUSES = st.lists(st.sampled_from([0.0, 0.01, 0.3, 1.1, 2.4]), min_size=1, max_size=30)
"""In seconds, before and after the effect of one call after another; over and over."""
APART = st.floats(0, 12)
DECLARED = compact("email", TimeToLiveAttribute="ttl")


def pausing(clock: Clock, pauses: Iterable[float]) -> Callable[[Call, Phase], None]:
    """An interceptor that lets the other request run in between."""
    remaining = cycle(pauses)
    return lambda _call, _phase: clock.advance(next(remaining))


@pytest.mark.parametrize("request_type", ["Create", "Update", "Delete"])
@given(pauses=PAUSES, apart=APART)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_two_deliveries_of_one_request_end_as_one(request_type: str, pauses: list[float], apart: float) -> None:
    clock = Clock()
    with clock.installed(), Account(clock, lambda_handler, Function(is_recursion_allowed=True)).running() as account:
        aws = account.cloudformation
        one = aws.request(request_type, DECLARED)
        if request_type != "Create":
            assert aws.deliver(aws.request("Create", compact())).is_success
            clock.advance(60)
            one |= {"PhysicalResourceId": "orders", "OldResourceProperties": compact()}
        account.interceptors.append(pausing(clock, pauses))
        events = aws.deliver_together(one, one, apart=apart)
        assert [event.status for event in events] == ["SUCCESS", "SUCCESS"]
        assert len(account.dynamodb.tables) == (request_type != "Delete")
        if request_type != "Delete":
            now = look(account)
            assert (now.whose, now.request_id, now.expiry) == (owned(), one["RequestId"], "ttl")
            assert index_names() == {"by-email"}


@given(pauses=PAUSES, apart=st.floats(1.1, 30))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_delete_during_a_create_ends_with_no_table(pauses: list[float], apart: float) -> None:
    clock = Clock()
    with clock.installed(), Account(clock, lambda_handler, Function(is_recursion_allowed=True)).running() as account:
        aws = account.cloudformation
        create = aws.request("Create", DECLARED)
        delete = aws.request("Delete", DECLARED, PhysicalResourceId="orders")
        account.interceptors.append(pausing(clock, pauses))
        creation = clock.spawn("the creation", lambda: aws.deliver(create))
        clock.wait(lambda: "orders" in account.dynamodb.tables)  # before that, there is nothing to be fenced
        clock.advance(apart)
        deleted = aws.deliver(delete)
        clock.join(creation)
        clock.advance(1800)
        assert (deleted.status, described()) == ("SUCCESS", None)


@given(pauses=PAUSES, apart=st.floats(1.1, 200))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_update_that_is_taken_back_while_it_runs_leaves_nothing_behind(pauses: list[float], apart: float) -> None:
    clock = Clock()
    with clock.installed(), Account(clock, lambda_handler, Function(is_recursion_allowed=True)).running() as account:
        aws = account.cloudformation
        assert aws.deliver(aws.request("Create", compact())).is_success
        clock.advance(60)
        there = aws.request("Update", DECLARED, compact(), PhysicalResourceId="orders")
        back = aws.request("Update", compact(), DECLARED, PhysicalResourceId="orders")
        account.interceptors.append(pausing(clock, pauses))
        _, taken_back = aws.deliver_together(there, back, apart=apart)
        clock.advance(1800)
        assert (taken_back.status, index_names(), look(account).expiry) == ("SUCCESS", set(), None)
