"""`python -m tests.benchmarks KIND …`: measures the bus on a real broker and a real PostgreSQL of its own."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks import (
    deciding,
    explaining,
    joining,
    latency,
    memory,
    painting,
    reaching,
    redriving,
    results,
    saying,
    streaming,
    tailing,
    throughput,
    visiting,
)
from tests.benchmarks.installation import Servers
from tests.benchmarks.usage import Usage


def main() -> None:
    """Run the kinds of benchmark that are asked for, one after the other, and keep their figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[*_KINDS, "report"], help="default: all")
    parser.add_argument("--events", type=int, default=200_000, help="events of throughput and path")
    parser.add_argument("--seconds", type=int, default=60, help="length of latency")
    parser.add_argument("--stream", type=int, default=1_000_000, help="events of memory")
    parser.add_argument("--records", type=int, default=10_000, help="records of redrive")
    parser.add_argument(
        "--cases", type=int, default=50_000, help="cases of console, each with some 20 events"
    )
    parser.add_argument("--rounds", type=int, default=20, help="visits of each page by console and paint")
    parser.add_argument(
        "--only", default="", help="console: pages whose address has one of these (a,b) in it"
    )
    parser.add_argument("--folder", type=Path, help="console and paint: where their database is kept")
    parser.add_argument("--gateways", type=int, default=2, help="processes of gateway")
    parser.add_argument("--receivers", type=int, default=1000, help="receivers of webhooks, one of each unit")
    parser.add_argument("--silent", type=int, default=50, help="receivers that never answer an entry")
    parser.add_argument("--streams", type=int, default=500, help="clients of sse")
    parser.add_argument("--language", default="curl", help="of the program that onboarding prints")
    parser.add_argument("--say-seconds", type=int, default=10, help="length of gateway, alone and in lists")
    asked = parser.parse_args()
    with ExitStack() as running:
        servers: Servers | None = None
        for kind in asked.kinds or [*_KINDS, "report"]:
            if kind in _ON_SERVERS and servers is None:
                servers = running.enter_context(Servers())
            if kind == "report":
                print(results.report())
            else:
                results.record(kind, _KINDS[kind](servers, asked))


def _throughput(servers: Servers, asked: argparse.Namespace) -> dict[str, float]:
    return _figures(throughput.measure(servers, asked.events, start="log"))


def _path(servers: Servers, asked: argparse.Namespace) -> dict[str, float]:
    return _figures(throughput.measure(servers, asked.events, start="ingress"))


def _figures(run: throughput.Throughput) -> dict[str, float]:
    return {
        "events/s": run.rate,
        "seconds": run.seconds,
        "log records": run.log_records,
        "feed records": run.feed_records,
        **_cpu(run.usage, run.events),
        **{f"{name} MiB": size for name, size in run.resident.items()},
    }


def _latency(servers: Servers, asked: argparse.Namespace) -> dict[str, float]:
    run = latency.measure(servers, asked.seconds)
    percents = {
        f"{name} p{percent} ms": latency.percentile(values, percent)
        for name, values in (("delivered", run.delivered), ("mirrored", run.mirrored))
        if len(values) > 1  # a short run may lie between two rounds of opinions
        for percent in (50, 90, 99)
    }
    return percents | {"cores busy": run.usage.machine / run.seconds} | _cpu(run.usage, len(run.delivered))


def _memory(servers: Servers, asked: argparse.Namespace) -> dict[str, float]:
    run = memory.measure(servers, asked.stream)
    return {
        "events": asked.stream,
        "worker MiB": run.worker[-1],
        "worker MiB per 100,000": run.slope(run.worker),
        "relay MiB": run.relay[-1],
        "relay MiB per 100,000": run.slope(run.relay),
    }


def _redrive(servers: Servers, asked: argparse.Namespace) -> dict[str, float]:
    run = redriving.measure(servers, asked.records)
    return {
        "records": run.records,
        "plan s": run.planned,
        "job s": run.carried_out,
        "records/s": run.records / run.carried_out,
        "progress reports": run.reports,
    }


def _gateway(servers: Servers, asked: argparse.Namespace) -> dict[str, float]:
    figures: dict[str, float] = {"processes": asked.gateways}
    with saying.Gateways(servers, asked.gateways) as gateways:
        for name, listed in (("alone", 1), ("in lists of 100", 100)):
            saying.measure(gateways, 2, listed=listed)  # until connections and plans are warm
            run = saying.measure(gateways, asked.say_seconds, listed=listed)
            figures |= {
                f"{name} events/s": run.rate,
                f"{name} p50 ms": latency.percentile(list(run.milliseconds), 50),
                f"{name} p99 ms": latency.percentile(list(run.milliseconds), 99),
                **{f"{name} {part}": used for part, used in _cpu(run.usage, run.events).items()},
            }
    return figures


def _decide(_: Servers, __: argparse.Namespace) -> dict[str, float]:
    return deciding.measure(20_000)


def _explain(_: Servers, __: argparse.Namespace) -> dict[str, float]:
    return explaining.measure(200)


def _tail(servers: Servers, asked: argparse.Namespace) -> dict[str, float]:
    run = tailing.measure(servers, asked.seconds)
    percents = {f"behind p{percent} ms": latency.percentile(run.behind, percent) for percent in (50, 90, 99)}
    return percents | {"behind at most ms": max(run.behind), "events": len(run.behind)}


def _webhooks(servers: Servers, asked: argparse.Namespace) -> dict[str, float]:
    run = reaching.measure(servers, asked.seconds, receivers=asked.receivers, silent=asked.silent)
    return {
        **_percents("said", run.said),
        **_percents("readable", run.readable),
        "deliveries": len(run.said),
        "connections": run.connections,
        "repeated": run.repeated,
        "courier MiB": run.courier_mib,
        "cores busy": run.usage.machine / run.seconds,
        **{
            f"{name} CPU µs per delivery": 1e6 * used / len(run.said)
            for name, used in run.usage.seconds.items()
        },
    }


def _sse(servers: Servers, asked: argparse.Namespace) -> dict[str, float]:
    run = streaming.measure(servers, asked.seconds, clients=asked.streams)
    return {
        **_percents("said", run.said),
        **_percents("readable", run.readable),
        "lines": len(run.said),
        "resumed": run.resumed,
        "given up": run.given_up,
        "gateway MiB before": run.before_mib,
        "gateway MiB after": run.after_mib,
        "cores busy": run.usage.machine / run.seconds,
        **{f"{name} CPU µs per line": 1e6 * used / len(run.said) for name, used in run.usage.seconds.items()},
    }


def _onboarding(_: Servers, asked: argparse.Namespace) -> dict[str, float]:
    return joining.measure(asked.language)


def _percents(name: str, values: Sequence[float]) -> dict[str, float]:
    told = {f"{name} p{percent} ms": latency.percentile(values, percent) for percent in (50, 90, 99)}
    return told | {f"{name} at most ms": max(values)}


def _console(_: Servers, asked: argparse.Namespace) -> dict[str, float]:
    return visiting.measure(asked.folder, cases=asked.cases, rounds=asked.rounds, only=asked.only)


def _paint(_: Servers, asked: argparse.Namespace) -> dict[str, float]:
    return painting.measure(asked.folder, cases=asked.cases, rounds=asked.rounds)


def _cpu(usage: Usage, events: int) -> dict[str, float]:
    """CPU microseconds per input event, by part."""
    per_event = {f"{name} CPU µs": 1e6 * used / events for name, used in usage.seconds.items()}
    return per_event | {"machine CPU µs": 1e6 * usage.machine / events}


_Kind = Callable[..., dict[str, float]]
_KINDS: Mapping[str, _Kind] = {
    "decide": _decide,
    "explain": _explain,
    "throughput": _throughput,
    "path": _path,
    "latency": _latency,
    "memory": _memory,
    "redrive": _redrive,
    "tail": _tail,
    "webhooks": _webhooks,
    "sse": _sse,
    "onboarding": _onboarding,
    "console": _console,
    "paint": _paint,
    "gateway": _gateway,
}
_ON_SERVERS = frozenset(_KINDS) - {"decide", "explain", "console", "paint", "onboarding"}

if __name__ == "__main__":
    main()
