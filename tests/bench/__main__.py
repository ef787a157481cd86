"""Measures the running gateway and prints ratios: `python -m tests.bench`.

Everything runs on this machine and on loopback: the client, the gateway and the bare route share its cores, one server
at work at a time, rounds alternating. Authorization, consent and audit are on. Then tokens, and the way in: mapping, storing, memory.
"""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.bench import intake, mapping, tokens
from tests.bench.load import Rate, load
from tests.bench.server import CONNECTIONS, WORKERS, Gateway, bare_route, fetch, gateway
from tests.postgres import NoPostgres, cluster

ROUNDS = 3
COUNT = 4000
WARM_UP = 800


class Line(NamedTuple):
    """One operation: its name, its address below the FHIR base, and the least ratio to the bare route."""

    name: str
    path: str
    least: float


class Measured(NamedTuple):
    gateway: list[Rate]
    bare: list[Rate]

    @property
    def ratio(self) -> float:
        """The median over rounds of gateway against the bare route in the same round."""
        return median(ours.per_s / bare.per_s for ours, bare in zip(self.gateway, self.bare, strict=True))


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="handoff-bench-") as folder, gateway(Path(folder)) as running:
        print(_environment())
        for line in _lines(running):
            print(_sentence(line, _measure(running, line, Path(folder))), flush=True)
        for sentence in _tokens(running, Path(folder)):
            print(sentence, flush=True)
    for sentence in _intake():
        print(sentence, flush=True)


def _tokens(running: Gateway, folder: Path) -> Iterator[str]:
    """The authorization server: tokens per second, and what a token costs at every request."""
    base_url = running.base.removesuffix("/fhir")
    for line in tokens.measure(base_url, folder):
        slowness_ms = median(rate.median_s for rate in line.rates) * 1000
        yield f"{line.name:<34}{line.per_s:>8,.0f} tokens/s  p50 {slowness_ms:5.1f} ms (at least {tokens.LEAST_PER_S}: {_verdict(line.per_s >= tokens.LEAST_PER_S)})"
    cost_ms = tokens.check_ms(base_url, folder, running.headers["Authorization"].removeprefix("Bearer "))
    yield f"{'who bears this token':<34}{cost_ms:>8.4f} ms a request (at most {tokens.MOST_CHECK_MS} ms: {_verdict(cost_ms <= tokens.MOST_CHECK_MS)})"


def _intake() -> Iterator[str]:
    """The way in: mapping, storing, memory, start."""
    mapped = mapping.measure()
    told = f"{mapped.whole_us:>8,.0f} us whole  {mapped.bare_us:>8,.0f} us bare"
    yield f"{'mapping (plan of 40 fields)':<34}{told}  ratio {mapped.ratio:.2f} (at most {mapping.MOST}: {_verdict(mapped.ratio <= mapping.MOST)})"
    yield _stored("intake, SQLite", intake.intake(None))
    try:
        with cluster() as url:
            yield _stored("intake, PostgreSQL", intake.intake(url))
    except NoPostgres as reason:
        yield f"{'intake, PostgreSQL':<34}not measured: {reason}"
    peaks = [intake.peak_mb(rows) for rows in intake.ROWS]
    told = "  ".join(f"{peak:>8,.0f} MB at {rows:,} rows" for peak, rows in zip(peaks, intake.ROWS, strict=True))
    yield f"{'intake, peak memory':<34}{told}  ratio {peaks[1] / peaks[0]:.2f} (at most {intake.MOST_GROWTH}: {_verdict(peaks[1] / peaks[0] <= intake.MOST_GROWTH)})"
    took = intake.import_s()
    yield f"{'import of all mappings':<34}{took:>8.2f} s (at most {intake.MOST_IMPORT_S} s: {_verdict(took <= intake.MOST_IMPORT_S)})"


def _stored(name: str, measured: intake.Measured) -> str:
    ours, raw = (measured.resources / median(seconds) for seconds in (measured.ours_s, measured.raw_s))
    told = f"{ours:>8,.0f} resources/s from CSV  raw driver {raw:>8,.0f} resources/s, {measured.transactions} transactions each"
    return f"{name:<34}{told}  ratio {measured.ratio:.2f} (at least {intake.LEAST}: {_verdict(measured.ratio >= intake.LEAST)})"


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def _lines(running: Gateway) -> list[Line]:
    """The client with the most questionnaire scores is the one searched for."""
    surveys = running.search("Observation?category=survey&_count=1000")
    patients = [resource["subject"]["reference"] for resource in surveys]
    busiest = max(sorted(set(patients)), key=patients.count)
    return [
        Line("read", f"Observation/{surveys[0]['id']}", 0.3),
        Line("patient-bounded search (20 rows)", f"Observation?patient={busiest}&category=survey&_count=20&_sort=-date", 0.2),
    ]


def _measure(running: Gateway, line: Line, folder: Path) -> Measured:
    url = f"{running.base}/{line.path}"
    body = fetch(url, running.headers)
    measured = Measured([], [])
    with bare_route(folder, body) as bare:
        load(url, running.headers, body, count=WARM_UP, connections=CONNECTIONS)
        load(bare, {}, body, count=WARM_UP, connections=CONNECTIONS)
        for _ in range(ROUNDS):
            measured.gateway.append(load(url, running.headers, body, count=COUNT, connections=CONNECTIONS))
            measured.bare.append(load(bare, {}, body, count=COUNT, connections=CONNECTIONS))
    return measured


def _sentence(line: Line, measured: Measured) -> str:
    ours, bare = (median(rate.per_s for rate in rates) for rates in measured)
    slowness_ms = median(rate.median_s for rate in measured.gateway) * 1000
    verdict = _verdict(measured.ratio >= line.least)
    return f"{line.name:<34}{ours:>8,.0f} req/s  p50 {slowness_ms:5.1f} ms  bare route {bare:>8,.0f} req/s  ratio {measured.ratio:.2f} (at least {line.least}: {verdict})"


def _environment() -> str:
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, SQLite, granian with {WORKERS} workers each, "
        f"{CONNECTIONS} connections, {ROUNDS} rounds of {COUNT} requests after {WARM_UP}; the client shares the cores"
    )


if __name__ == "__main__":
    main()
