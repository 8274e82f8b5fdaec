"""The built package and bare boto3 in fresh processes, in turns: how soon they call AWS, what memory they take."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from benchmarks.report import Chart, Section, Spread, table
from demo.local_cloud import REGION, ROOT, local_cloud

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.local_cloud import LocalCloud

_ROUNDS = 15
_COLD_START_GOAL = 1.5

_BEGIN = "import time; began = time.monotonic()\n"
_END = r"""
import json, re
# getrusage would tell the peak of the parent, if that is greater.
peak = int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) / 1024
print("\n" + json.dumps([began, peak]))
"""
_BARE_CALL = """
import boto3
client = boto3.client("dynamodb")
try:
    client.describe_table(TableName="orders")
except client.exceptions.ResourceNotFoundException:
    pass
"""
_BARE_CREATE = """
import boto3
client = boto3.client("dynamodb")
client.create_table(
    TableName="bare", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
)
client.get_waiter("table_exists").wait(TableName="bare")
"""
_HANDLER = """
import json, os
from table_provisioner.handler import lambda_handler

class Context:
    function_name = "table-provisioner"
    memory_limit_in_mb = 256
    aws_request_id = "00000000-0000-4000-8000-000000000000"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:table-provisioner"

    def get_remaining_time_in_millis(self):
        return 900_000

lambda_handler(json.loads(os.environ["EVENT"]), Context())
"""


@dataclass(frozen=True)
class _Program:
    """Something that is run in a process of its own."""

    name: str
    code: str
    folder: Path


class _Refusing(BaseHTTPRequestHandler):
    """Notes when it is called, and has no table."""

    arrivals: list[float]

    def do_POST(self) -> None:
        self.arrivals.append(time.monotonic())
        self.rfile.read(int(self.headers["Content-Length"]))
        # No table at first; the creation that follows is forbidden, and the process ends.
        name = "ResourceNotFoundException" if not self.arrivals[1:] else "AccessDeniedException"
        body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{name}", "message": "no"}).encode()
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def _service() -> Iterator[tuple[str, list[float]]]:
    """A service on the loopback interface, and when it was called."""
    arrivals: list[float] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("_Service", (_Refusing,), {"arrivals": arrivals}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", arrivals
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class _Run:
    """A process that has ended.

    Attributes:
        began: On the monotonic clock, in seconds.
        peak: Of its memory, in MiB.
        answers: ``Status`` of each answer that the handler printed.
        errors: What it wrote to the error stream.
    """

    began: float
    peak: float
    answers: list[str]
    errors: str


def _run(program: _Program, endpoint: str, *options: str) -> _Run:
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_SAM_LOCAL": "true",
        "EVENT": (ROOT / "events" / "create.json").read_text(),
        "PATH": os.environ["PATH"],
        "PYDANTIC_DISABLE_PLUGINS": "true",  # as template.yaml has it
        "PYTHONPATH": str(program.folder),
    }
    command = [sys.executable, "-S", *options, "-c", _BEGIN + program.code + _END]
    done = subprocess.run(  # noqa: S603 -- our own programs
        command, env=environment, capture_output=True, text=True, check=True
    )
    began, peak = json.loads(done.stdout.rstrip().rpartition("\n")[2])
    return _Run(began, peak, re.findall(r'^  "Status": "(\w+)"', done.stdout, re.MULTILINE), done.stderr)


def measure() -> list[Section]:
    """Build the package as ``make demo`` does, and run it."""
    with local_cloud() as cloud:
        package = cloud.build() / "TableProvisionerFunction"
        installed = Path(sysconfig.get_paths()["purelib"])
        return [_cold_start(package, installed), _memory(cloud, package, installed)]


def _cold_start(package: Path, installed: Path) -> Section:
    bare, ours = _Program("bare boto3", _BARE_CALL, installed), _Program("this resource", _HANDLER, package)
    seconds: dict[str, list[float]] = {bare.name: [], ours.name: []}
    with _service() as (endpoint, arrivals):
        for number in range(-1, _ROUNDS):
            for program in (bare, ours):
                arrivals.clear()
                began = _run(program, endpoint).began
                if number >= 0:  # the first round warms the disk's cache
                    seconds[program.name].append(arrivals[0] - began)
        importing = _run(_Program("", "import table_provisioner.handler", package), endpoint, "-X", "importtime").errors
    spreads = {name: Spread(tuple(values)) for name, values in seconds.items()}
    ratio = Spread(tuple(own / other for other, own in zip(seconds[bare.name], seconds[ours.name], strict=True)))
    megabytes = _size(package) / 1e6
    sdk = sum(_size(package / name) for name in ("boto3", "botocore", "s3transfer")) / 1e6
    rows = [[name, spread.text(0, 1000)] for name, spread in spreads.items()]
    return Section(
        title="Cold start",
        goal="from a fresh process to the handler's first AWS request at most 1.5 times `import boto3`, one"
        " client and its"
        " first request.",
        outcome=f"{ratio.text(2)}",
        is_met=ratio.median <= _COLD_START_GOAL,
        body=table(["", "milliseconds until the first request"], rows)
        + f"\n\n{_ROUNDS} pairs of processes in turns, Python {sys.version.split()[0]}, boto3"
        f" {boto3.__version__}; the start"
        " of Python itself is left out on both sides. The baseline is boto3 as pip installs it; the package has"
        " the same"
        f" version, trimmed by `src/trim_botocore.py`. Unzipped, the package has {megabytes:.1f} MB with"
        f" bytecode, of which"
        f" {sdk:.1f} MB are the SDK. It is bundled, because the one in Lambda's runtime changes without a"
        " deployment, may not know the newest properties (`VectorIndexes`), and is untrimmed.\n\n"
        "What importing costs, by `-X importtime`, which itself slows imports down:\n\n"
        + table(["distribution", "milliseconds"], _import_costs(importing)),
        chart=Chart(
            "cold-start",
            "Milliseconds from a fresh process to the first AWS request",
            list(spreads),
            {"median": [1000 * spread.median for spread in spreads.values()]},
            "milliseconds",
        ),
    )


def _import_costs(importtime: str) -> list[list[str]]:
    """The modules' own times, added up by their top-level package; the small ones together."""
    costs: Counter[str] = Counter()
    for own, name in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\w+)", importtime):
        top = name.split(".")[0]
        is_standard = top in sys.stdlib_module_names or top.startswith("_")
        costs["the standard library" if is_standard else top] += int(own)
    return [[name, f"{microseconds / 1000:.0f}"] for name, microseconds in costs.most_common(9)]


def _memory(cloud: LocalCloud, package: Path, installed: Path) -> Section:
    bare, ours = _Program("bare boto3", _BARE_CREATE, installed), _Program("this resource", _HANDLER, package)
    peaks: dict[str, list[float]] = {bare.name: [], ours.name: []}
    for _ in range(_ROUNDS // 3):
        for program in (bare, ours):
            run = _run(program, cloud.endpoint)
            if program is ours and run.answers != ["SUCCESS"]:
                raise RuntimeError(run.errors)
            peaks[program.name].append(run.peak)
            for name in cloud.dynamodb.list_tables()["TableNames"]:
                cloud.dynamodb.delete_table(TableName=name)
    spreads = {name: Spread(tuple(values)) for name, values in peaks.items()}
    ratio = Spread(tuple(own / other for other, own in zip(peaks[bare.name], peaks[ours.name], strict=True)))
    (size,) = re.findall(r"MemorySize: (\d+)", (ROOT / "template.yaml").read_text())
    share = max(peaks[ours.name]) / int(size)
    return Section(
        title="Memory",
        goal="the function's size is chosen by the peak of a creation, with room to spare.",
        outcome=f"{spreads[ours.name].text(0)} MiB at the peak, {ratio.text(2)} times bare boto3; {share:.0%} of the"
        f" function's {size} MB",
        is_met=share < 0.5,  # noqa: PLR2004 -- room to spare
        body=table(["", "MiB at the peak of a creation"], [[n, s.text(0)] for n, s in spreads.items()])
        + "\n\nRoom to spare is half of the size. Lambda gives processor time in proportion to memory: a smaller"
        " function would hold a creation, and start more slowly.",
    )


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
