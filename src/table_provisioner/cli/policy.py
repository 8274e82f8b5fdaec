"""``policy``: print the IAM policies that tables ask for."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import boto3
import click
from botocore.exceptions import UnknownRegionError

from table_provisioner.cli.answers import as_json_option, print_json

_PROVISIONING, _ITEMS = "provisioning", "items"
_READING = ("BatchGetItem", "ConditionCheckItem", "GetItem", "Query", "Scan")
_WRITING = ("BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem")
_OF_INDEXES = ("Query", "Scan")
_DOMAINS = {
    "aws-cn": "amazonaws.com.cn",
    "aws-eusc": "amazonaws.eu",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
}
"""Of the partitions with another one than ``amazonaws.com``, says botocore's list of them."""


def _checked_name(_: click.Context, __: click.Parameter, name: str | None) -> str | None:
    if name is not None and not all(character.isalnum() or character in "_.-*?" for character in name):
        raise click.BadParameter(f"'{name}' is neither a table's name nor a pattern of names.")
    return name


@click.command()
@click.argument("table_name", metavar="[NAME]", required=False, callback=_checked_name)
@click.option(
    "--for", "purpose", type=click.Choice((_PROVISIONING, _ITEMS)), help="Print this policy alone, as IAM takes it."
)
@click.option("--read-only", is_flag=True, help="Items may be read, and not be written.")
@click.option("--region", metavar="REGION", default="*", show_default=True, help="Allow it in this region only.")
@click.option("--account", metavar="ID", default="*", show_default=True, help="Allow it in this account only.")
@click.option(
    "--import-bucket",
    metavar="NAME",
    default="-",
    help="Allow imports from this bucket, or all that match; from none without it.",
)
@as_json_option
def policy(table_name: str | None, purpose: str | None, region: str, account: str, **how: Any) -> None:  # noqa: ANN401 -- the rest of the options
    """Print IAM policies, for provisioning tables and for their items.

    NAME restricts both to a table, or to all whose names match it with * and ?. What provisioning may do is what the
    role in template.yaml may do.
    """
    partition = _partition_of(region)
    values = {
        "${AWS::Partition}": partition,
        "${AWS::URLSuffix}": _DOMAINS.get(partition, "amazonaws.com"),
        "${AWS::Region}": region,
        "${AWS::AccountId}": account,
        "${TableNamePattern}": table_name or "*",
        "${ImportBucketPattern}": how["import_bucket"],
    }
    policies = {
        _PROVISIONING: _document(_provisioning(), values),
        _ITEMS: _document(_items(is_read_only=how["read_only"]), values),
    }
    if purpose:
        print_json(policies[purpose])
    elif how["as_json"]:
        print_json(policies)
    else:
        for name, document in policies.items():
            click.secho(f"# {name}", bold=True)
            print_json(document)


def _partition_of(region: str) -> str:
    if region == "*":
        return "aws"
    try:
        return boto3.Session().get_partition_for_region(region)
    except UnknownRegionError as error:
        problem = f"'{region}' is no region of AWS, as far as the SDK knows."
        raise click.BadParameter(problem, param_hint="'--region'") from error


def _provisioning() -> list[dict[str, Any]]:
    statements: list[dict[str, Any]] = json.loads((files(__package__) / "provisioning-rights.json").read_text())
    return statements


def _items(*, is_read_only: bool) -> list[dict[str, Any]]:
    table = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${TableNamePattern}"
    actions = sorted(_READING if is_read_only else (*_READING, *_WRITING))
    return [
        {
            "Sid": "Items",
            "Effect": "Allow",
            "Action": [f"dynamodb:{action}" for action in actions],
            "Resource": table,
        },
        {
            "Sid": "ItemsByIndex",
            "Effect": "Allow",
            "Action": [f"dynamodb:{action}" for action in _OF_INDEXES],
            "Resource": f"{table}/index/*",
        },
    ]


def _document(statements: list[dict[str, Any]], values: dict[str, str]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [_filled_in(statement, values) for statement in statements]}


def _filled_in(part: Any, values: dict[str, str]) -> Any:  # noqa: ANN401 -- whatever a policy says
    match part:
        case str():
            for name, value in values.items():
                part = part.replace(name, value)
            return part
        case list():
            return [_filled_in(entry, values) for entry in part]
        case {"StringEquals": condition, **rest} if not rest and "*" in json.dumps(_filled_in(condition, values)):
            return {"StringLike": _filled_in(condition, values)}
        case _:
            return {name: _filled_in(value, values) for name, value in part.items()}
