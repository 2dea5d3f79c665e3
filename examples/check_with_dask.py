"""Checks a directory in Parquet, CSV or NDJSON on several machines with Dask; all of them see the folder.

    pip install distributed==2026.8.0
    python examples/check_with_dask.py FOLDER                       # two workers on this machine
    python examples/check_with_dask.py FOLDER tcp://SCHEDULER:8786  # a cluster that has eptura_scim installed

Each part is one task; summaries are merged on the workers, sixteen at a time. The findings are those of `eptura-scim
check-directory`, however the parts are shared out.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from distributed import Client, Future, LocalCluster, get_worker

from eptura_scim import documented
from eptura_scim.simulation.directory_check.collisions import suspects
from eptura_scim.simulation.directory_check.partition import Part
from eptura_scim.simulation.directory_check.result import Verdict
from eptura_scim.simulation.directory_check.run import conclude, look_again, summarize
from eptura_scim.simulation.directory_check.scan import Plan
from eptura_scim.simulation.directory_check.sources.files import open_export
from eptura_scim.simulation.directory_check.summary import Summary, merged

TOGETHER = 16


def main(folder: Path, client: Client) -> Verdict:
    """Check a folder on a cluster."""
    mappings = documented.mappings()
    export = open_export(folder, mappings)
    plan = Plan(mappings, datetime.now(UTC), absent=export.absent)
    summaries = client.map(_summarized, [(plan, part) for part in export.parts], pure=False)
    whole, workers = _merged(client, summaries, plan).result()
    suspected = suspects(whole, plan)
    again = [(plan, part, suspected[part.number]) for part in export.parts if part.number in suspected]
    found = conclude(plan, whole, client.gather(client.map(look_again, again, pure=False)))
    for worker, parts in sorted(workers.items()):
        print(f"{worker} looked at {parts} parts")
    return found


def _summarized(task: tuple[Plan, Part]) -> tuple[Summary, Counter[str]]:
    return summarize(task), Counter([get_worker().address])


def _merged(client: Client, summaries: list[Future], plan: Plan) -> Future:
    while len(summaries) > 1:
        groups = [summaries[at : at + TOGETHER] for at in range(0, len(summaries), TOGETHER)]
        summaries = [client.submit(_together, group, plan.examples, pure=False) for group in groups]
    return summaries[0]


def _together(
    pairs: list[tuple[Summary, Counter[str]]], examples: int
) -> tuple[Summary, Counter[str]]:  # fmt: skip
    return merged((summary for summary, _ in pairs), examples), sum((seen for _, seen in pairs), Counter())


if __name__ == "__main__":
    address = sys.argv[2] if len(sys.argv) > 2 else None
    with Client(address or LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)) as opened:
        result = main(Path(sys.argv[1]), opened)
    for kind, totals in result.totals.items():
        print(f"{kind}: {totals.seen:,} seen, {totals.in_scope:,} in scope, {totals.failing:,} would fail")
    for one in result.findings:
        print(f"{one.severity:<8} {one.count:>9,} {one.code} {one.attribute}")
