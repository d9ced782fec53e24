"""The command: which metrics, how often, as a table or as JSON lines."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

from benchmarks import chain, latency, million, offline, origin, paper, storage
from benchmarks.metric import GAS, PER_SECOND, Measured, Metric
from benchmarks.stage import Stage
from tulen.errors import TulenError

RUNS: Final = 5
MOST_RUNS: Final = 50
INTERRUPTED: Final = 128 + signal.SIGINT

METRICS: Final = {
    metric.name: metric
    for metric in (
        Metric("seal_sign_per_s_core", PER_SECOND, offline.seal_sign_per_s_core, at_least=3_000),
        Metric(
            "bundle_verify_per_s_core", PER_SECOND, offline.bundle_verify_per_s_core, at_least=3_000
        ),
        Metric(
            "bundle_verify_origin_per_s_core", PER_SECOND, offline.bundle_verify_origin_per_s_core
        ),
        Metric("rfc8785_only_per_s_core", PER_SECOND, offline.rfc8785_only_per_s_core),
        Metric("origin_20_per_s_core", PER_SECOND, origin.origin_20_per_s_core, at_least=5_000),
        Metric("origin_200_per_s_core", PER_SECOND, origin.origin_200_per_s_core, at_least=800),
        Metric("packs_load_ms", "ms", origin.packs_load_ms, at_most=300),
        Metric("pdf_ms", "ms", paper.pdf_ms, at_most=100),
        Metric("pdf_50_ms", "ms", paper.pdf_50_ms),
        Metric("log_append_per_s", PER_SECOND, storage.log_append_per_s),
        Metric("log_proof_p99_ms", "ms", storage.log_proof_p99_ms),
        Metric("verify_chain_32_per_s", PER_SECOND, chain.verify_chain_32_per_s, at_least=2_500),
        Metric("verify_chain_32_first_per_s", PER_SECOND, chain.verify_chain_32_first_per_s),
        Metric("verify_chain_32_same_per_s", PER_SECOND, chain.verify_chain_32_same_per_s),
        Metric("gas_anchor_2p24", GAS, chain.gas_anchor_2p24, at_most=85_000, once=True),
        Metric("gas_revoke", GAS, chain.gas_revoke, at_most=52_000, once=True),
        Metric(
            "gas_revoke_each_of_50", GAS, chain.gas_revoke_each_of_50, at_most=27_000, once=True
        ),
        Metric("gas_draw", GAS, chain.gas_draw, at_most=120_000, once=True),
        Metric("submit_to_final_s", "s", latency.submit_to_final_s),
        Metric("submit_to_final_per_s", PER_SECOND, latency.submit_to_final_per_s),
        Metric("assess_100k_s", "s", origin.assess_100k_s, once=True, long=True),
        Metric(
            "assess_100k_peak_rss_mib",
            "MiB",
            origin.assess_100k_peak_rss_mib,
            once=True,
            long=True,
        ),
        Metric("million_total_s", "s", million.million_total_s, once=True, long=True),
        Metric("million_peak_rss_mib", "MiB", million.million_peak_rss_mib, once=True, long=True),
        Metric("log_proof_p99_ms_1m", "ms", million.log_proof_p99_ms_1m, at_most=1, long=True),
        Metric("log_proof_cold_p99_ms_1m", "ms", million.log_proof_cold_p99_ms_1m, long=True),
        Metric("checkpoint_ms_1m", "ms", million.checkpoint_ms_1m, at_most=50, long=True),
    )
}


def main() -> int:
    """Measure what is asked for; return the exit code."""
    parser = _parser()
    arguments = parser.parse_args()
    unknown = [name for name in arguments.metrics if name not in METRICS]
    if unknown:
        parser.error(f"no such metric: {', '.join(unknown)}; known are {', '.join(METRICS)}")
    if not 1 <= arguments.runs <= MOST_RUNS:
        parser.error(f"--runs {arguments.runs} is not between 1 and {MOST_RUNS}")
    logging.getLogger("tulen").setLevel(logging.ERROR)
    try:
        names = arguments.metrics or [
            name for name, metric in METRICS.items() if arguments.long or not metric.long
        ]
        asyncio.run(_measure(names, arguments.runs, arguments.json))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    except TulenError as error:
        print(f"cannot go on: {error}", file=sys.stderr)
        return 1
    return 0


async def _measure(names: Sequence[str], runs: int, as_json: bool) -> None:
    """Print each metric as soon as it is measured."""
    if task := asyncio.current_task():  # Ended from outside, everything is stopped in order.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    if not as_json:
        print(f"{'metric':<28}{'median':>12}{'min':>12}{'max':>12}  {'unit':<5} {'runs':>4}  aim")
    async with Stage() as stage:
        for name in dict.fromkeys(names):
            measured = await METRICS[name].measure(stage, runs)
            print(json.dumps(measured.to_document()) if as_json else _row(measured), flush=True)
    load = os.getloadavg()[0]
    print(f"load over the last minute: {load:.1f} on {os.cpu_count()} cores", file=sys.stderr)


def _row(measured: Measured) -> str:
    document = measured.to_document()
    figures = "".join(f"{document[name]:>12,}" for name in ("value", "min", "max"))
    return (
        f"{document['metric']:<28}{figures}  {document['unit']:<5} {document['runs']:>4}  "
        f"{measured.verdict}"
    ).rstrip()


def _parser() -> argparse.ArgumentParser:
    known = "\n".join(
        f"  {name:<28}{metric.what}{' Long.' if metric.long else ''}"
        for name, metric in METRICS.items()
    )
    parser = argparse.ArgumentParser(
        prog="./scripts/bench",
        description="Measure this machine on the parts that the service runs on.",
        epilog=f"metrics:\n{known}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "metrics", nargs="*", metavar="METRIC", help="default: all but the long ones"
    )
    parser.add_argument("--long", action="store_true", help="the long ones too")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"runs of each (default {RUNS})")
    return parser


if __name__ == "__main__":
    sys.exit(main())
