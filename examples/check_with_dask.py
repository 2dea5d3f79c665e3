"""Checks a directory in Parquet, CSV or NDJSON on several machines with Dask; all of them see the folder.

    pip install distributed==2026.8.0
    python examples/check_with_dask.py FOLDER                       # two workers on this machine
    python examples/check_with_dask.py FOLDER tcp://SCHEDULER:8786  # a cluster that has eptura_scim installed

Each partition is one task; summaries are merged on the workers, sixteen at a time. The findings are those of
`eptura-scim check-directory`, however the partitions are shared out.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from distributed import Client, Future, LocalCluster, get_worker

from eptura_scim import documented
from eptura_scim.simulation.directory_check.collisions import candidates
from eptura_scim.simulation.directory_check.partition import Partition
from eptura_scim.simulation.directory_check.result import CheckResult
from eptura_scim.simulation.directory_check.run import conclude, confirm, summarize
from eptura_scim.simulation.directory_check.scan import ScanPlan
from eptura_scim.simulation.directory_check.sources.files import open_export
from eptura_scim.simulation.directory_check.summary import Summary, merge_summaries

TOGETHER = 16


def main(folder: Path, client: Client) -> CheckResult:
    """Check a folder on a cluster."""
    mappings = documented.mappings()
    export = open_export(folder, mappings)
    plan = ScanPlan(mappings, datetime.now(UTC), gaps=export.gaps)
    summaries = client.map(_summarized, [(plan, partition) for partition in export.partitions], pure=False)
    whole, workers = _merged(client, summaries, plan).result()
    possible = candidates(whole, plan)
    tasks = [
        (plan, partition, possible[partition.number]) for partition in export.partitions if partition.number in possible
    ]
    found = conclude(plan, whole, client.gather(client.map(confirm, tasks, pure=False)))
    for worker, partitions in sorted(workers.items()):
        print(f"{worker} read {partitions} partitions")
    return found


def _summarized(task: tuple[ScanPlan, Partition]) -> tuple[Summary, Counter[str]]:
    return summarize(task), Counter([get_worker().address])


def _merged(client: Client, summaries: list[Future], plan: ScanPlan) -> Future:
    while len(summaries) > 1:
        groups = [summaries[at : at + TOGETHER] for at in range(0, len(summaries), TOGETHER)]
        summaries = [client.submit(_together, group, plan.examples, pure=False) for group in groups]
    return summaries[0]


def _together(
    pairs: list[tuple[Summary, Counter[str]]], examples: int
) -> tuple[Summary, Counter[str]]:  # fmt: skip
    return merge_summaries((summary for summary, _ in pairs), examples), sum((seen for _, seen in pairs), Counter())


if __name__ == "__main__":
    address = sys.argv[2] if len(sys.argv) > 2 else None
    with Client(address or LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)) as opened:
        result = main(Path(sys.argv[1]), opened)
    for kind, totals in result.totals.items():
        print(f"{kind}: {totals.seen:,} seen, {totals.in_scope:,} in scope, {totals.failing:,} would fail")
    for one in result.findings:
        print(f"{one.severity:<8} {one.count:>9,} {one.code} {one.attribute}")
