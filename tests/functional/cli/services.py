"""The services besides DynamoDB that the command line asks: tagging and CloudFormation."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from tests.simulator.dynamodb.wire import Response, register

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.simulator.dynamodb.wire import Request

PAGE = 2
"""How much the services tell at once, so that there are pages."""
LISTED = ("LogicalResourceId", "PhysicalResourceId", "ResourceStatus")
DENIED = "User: arn:aws:iam::123456789012:user/eve is not authorized to perform this"


@dataclass
class Services:
    """The tagging service and CloudFormation, as far as is asked of them."""

    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    """The tags of each table by its name."""
    stacks: Mapping[str, tuple[str, Sequence[tuple[str, ...]]]] = field(default_factory=dict)
    """The status of each stack by its id, and its resources: logical id, physical id, status."""
    denied: set[str] = field(default_factory=set)
    """Operations, and stacks that may not be looked at."""
    asked: list[str] = field(default_factory=list)
    region: str = "us-east-1"

    @contextmanager
    def installed(self) -> Iterator[Services]:
        """Answer boto3's clients until the block ends."""
        with register("resource-groups-tagging-api", self.tagging), register("cloudformation", self.cloudformation):
            yield self

    def tagging(self, request: Request) -> Response:
        """Answer GetResources; an empty token means the end."""
        self.asked.append(request.operation)
        if request.operation in self.denied:
            return Response({"__type": "AccessDeniedException", "Message": DENIED}, 400)
        wanted = [each["Key"] for each in request.params["TagFilters"]]
        assert request.params["ResourceTypeFilters"] == ["dynamodb:table"]
        found = [name for name, tags in sorted(self.tables.items()) if set(wanted) <= set(tags)]
        start = int(request.params.get("PaginationToken") or 0)
        listed = [self._mapping(name) for name in found[start : start + PAGE]]
        more = str(start + PAGE) if start + PAGE < len(found) else ""
        return Response({"ResourceTagMappingList": listed, "PaginationToken": more})

    def _mapping(self, name: str) -> dict[str, Any]:
        arn = f"arn:aws:dynamodb:{self.region}:123456789012:table/{name}"
        tags = [{"Key": key, "Value": value} for key, value in self.tables[name].items()]
        return {"ResourceARN": arn, "Tags": tags}

    def cloudformation(self, request: Request) -> Response:
        """Answer DescribeStacks and ListStackResources in the query protocol."""
        asked = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
        stack_id = asked["StackName"]
        self.asked.append(f"{request.operation} {stack_id}")
        if self.denied & {request.operation, stack_id}:
            return _xml_error("AccessDenied", DENIED, 403)
        if stack_id not in self.stacks:
            return _xml_error("ValidationError", f"Stack with id {stack_id} does not exist", 400)
        status, resources = self.stacks[stack_id]
        if request.operation == "DescribeStacks":
            facts = {"StackId": stack_id, "StackName": "shop", "StackStatus": status}
            return _xml(request.operation, f"<Stacks><member>{_elements(facts)}</member></Stacks>")
        start = int(asked.get("NextToken", 0))
        members = "".join(
            f"<member>{_elements(dict(zip(LISTED, resource, strict=True)))}</member>"
            for resource in resources[start : start + PAGE]
        )
        more = f"<NextToken>{start + PAGE}</NextToken>" if start + PAGE < len(resources) else ""
        return _xml(request.operation, f"<StackResourceSummaries>{members}</StackResourceSummaries>{more}")


def _elements(facts: dict[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in facts.items())


def _xml(operation: str, result: str) -> Response:
    text = f"<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
    return Response(text.encode(), headers={"content-type": "text/xml"})


def _xml_error(code: str, message: str, status: int) -> Response:
    facts = _elements({"Type": "Sender", "Code": code, "Message": message})
    text = f"<ErrorResponse><Error>{facts}</Error><RequestId>1</RequestId></ErrorResponse>"
    return Response(text.encode(), status, {"content-type": "text/xml"})
