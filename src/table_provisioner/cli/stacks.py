"""Looks for tables that name a stack, and for the stacks. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from table_provisioner.errors import AccessDeniedError, ProvisionerError, ServiceInternalError
from table_provisioner.orphans import Claim, Resource, Stack
from table_provisioner.ownership import ADOPTED_AS, ADOPTED_BY, LOGICAL_RESOURCE_ID, STACK_ID

if TYPE_CHECKING:
    from table_provisioner.clients import Clients


def claims(clients: Clients) -> list[Claim]:
    """Every table of the region with a tag that says whose it is, by name.

    GetResources tells a hundred tables with their tags in one call; ListTagsOfResource tells one, ten times a second
    (API references). It tells tables that have just been tagged, or deleted, with some delay.

    Raises:
        ProvisionerError: They could not be looked for.
    """
    tags_by_arn: dict[str, dict[str, str]] = {}
    pages = clients.get("resourcegroupstaggingapi").get_paginator("get_resources")
    try:
        for key in (STACK_ID, LOGICAL_RESOURCE_ID, ADOPTED_BY, ADOPTED_AS):
            for page in pages.paginate(ResourceTypeFilters=["dynamodb:table"], TagFilters=[{"Key": key}]):
                for found in page["ResourceTagMappingList"]:
                    tags_by_arn[found["ResourceARN"]] = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    except ClientError as error:
        raise _refused("look for tables with our tags", "tag:GetResources", error) from error
    return [Claim.of(arn, tags) for arn, tags in sorted(tags_by_arn.items())]


def stack(clients: Clients, stack_id: str) -> Stack | None:
    """A stack with its resources; ``None`` where there is none, or it was deleted more than 90 days ago.

    Raises:
        ProvisionerError: It could not be looked at.
    """
    cloudformation = clients.get("cloudformation")
    try:
        (found,) = cloudformation.describe_stacks(StackName=stack_id)["Stacks"]
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_id)
        resources = {
            each["LogicalResourceId"]: Resource(each.get("PhysicalResourceId", ""), each["ResourceStatus"])
            for page in pages
            for each in page["StackResourceSummaries"]
        }
    except ClientError as error:
        if "does not exist" in error.response["Error"].get("Message", ""):
            return None
        rights = "cloudformation:DescribeStacks and cloudformation:ListStackResources"
        raise _refused(f"look at stack {stack_id}", rights, error) from error
    return Stack(found["StackStatus"], resources)


def _refused(attempt: str, rights: str, error: ClientError) -> ProvisionerError:
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    problem = f"could not {attempt}: {error.operation_name} answered {code}, {message.rstrip('.')}."
    if code.startswith("AccessDenied"):
        return AccessDeniedError(problem, f"Allow {rights} to the caller.")
    return ServiceInternalError(problem, "Try again later.")
