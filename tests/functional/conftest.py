"""The function under test, deployed as ``template.yaml`` deploys it, in an account of its own for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from table_provisioner.handler import lambda_handler
from tests.simulator.account import open_account
from tests.simulator.clock import clock
from tests.simulator.lambda_service import Function

if TYPE_CHECKING:
    from tests.simulator.account import Account, OpenAccount

__all__ = ["account", "clock", "open_account"]


@pytest.fixture
def account(open_account: OpenAccount) -> Account:
    """An account with the function, at typical speed."""
    return open_account(lambda_handler, Function(is_recursion_allowed=True))
