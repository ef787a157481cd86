"""HL7's validator over the golden resources, once for each US Core package of the reference data: `make conformance`.

Needs Java 17, Maven (its registry the first time, to bring what validator/pom.xml names) and HANDOFF_REFERENCE_DATA. Exit status 0 only where something was
checked and nothing is wrong. What needs a definition that is not at hand (LOINC, SNOMED CT, VSAC, ...) is listed as not checked: no error, and no pass.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from rich.console import Console

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "conformance" / "validator"
GOLDEN = ROOT / "tests" / "golden"
CACHE = ROOT / ".cache" / "validator"

Line = dict[str, Any]
"""What Validator.java prints: a resource with its `profiles`, or a finding with its `severity`, `location`, `message` and `messageId`."""


class Missing(Exception):
    """Something this needs is not here; the text says what, and how to get it."""


@dataclass
class Report:
    """What one package says of all resources."""

    package: str
    resources: int = 0
    profiles: Counter[str] = field(default_factory=Counter)
    errors: list[Line] = field(default_factory=list)
    warnings: list[Line] = field(default_factory=list)
    not_checked: Counter[str] = field(default_factory=Counter)

    def add(self, line: Line) -> None:
        if "profiles" in line:
            self.resources += 1
            self.profiles.update([name.rpartition("/")[2] for name in line["profiles"]] or [f"{line['resourceType']} of R4"])
        elif line["severity"] == "not-checked":
            self.not_checked[line["message"]] += 1
        elif line["severity"] != "information":
            (self.warnings if line["severity"] == "warning" else self.errors).append(line)


def packages() -> list[Path]:
    """The US Core packages of the reference data; Missing where there are none."""
    found = sorted(Path(os.environ.get("HANDOFF_REFERENCE_DATA", "")).glob("us-core/us_core_*.tgz")) if os.environ.get("HANDOFF_REFERENCE_DATA") else []
    if not found:
        raise Missing("The US Core packages are missing: set HANDOFF_REFERENCE_DATA to the folder of reference data that holds us-core/us_core_*.tgz.")
    return found


def program() -> list[str]:
    """The command that runs the validator; brings its libraries and compiles it the first time. Missing where Java or Maven is."""
    java, javac, maven = (_command(name) for name in ("java", "javac", "mvn"))
    pom = SOURCE / "pom.xml"
    sources = sorted(SOURCE.glob("*.java"))
    libraries = _made(
        "lib", [pom], lambda folder: [maven, "--batch-mode", "--quiet", "-Dstyle.color=never", "--file", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    )
    classes = _made("classes", [pom, *sources], lambda folder: [javac, "--release", "17", "-nowarn", "-cp", f"{libraries}/*", "-d", str(folder), *map(str, sources)])
    # the quick compiler alone: half the time of the whole one for a few hundred resources
    return [java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{classes}:{libraries}/*", "Validator"]


def _command(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise Missing(f"{name} is missing: the validator runs on Java 17 and is brought by Maven. As root: apt-get install openjdk-17-jdk-headless maven")
    return path


def _made(name: str, of: Iterable[Path], command: Callable[[Path], list[str]]) -> Path:
    """The folder that a command makes of some files, made again only where one of them changed."""
    folder = CACHE / f"{name}-{sha256(b''.join(path.read_bytes() for path in of)).hexdigest()[:16]}"
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(dir=CACHE))
        try:
            subprocess.run(command(half), check=True, stdout=sys.stderr)
        except subprocess.CalledProcessError as error:
            shutil.rmtree(half)
            raise Missing(f"{Path(error.cmd[0]).name} failed (above is what it said); the first run needs Maven's registry, later ones need no network.") from error
        half.rename(folder)
    return folder


def findings(resources: Path, archives: list[Path]) -> Iterator[Line]:
    """Every line of a run over a folder of JSON files, one JSON file or an NDJSON file."""
    command = [*program(), str(resources), *map(str, archives)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as running:
        for line in running.stdout or ():
            yield json.loads(line)
    if running.returncode:
        raise Missing(f"The validator stopped with status {running.returncode}; above is what it said.")


def reports(lines: Iterable[Line]) -> list[Report]:
    found: dict[str, Report] = {}
    for line in lines:
        found.setdefault(line["package"], Report(line["package"])).add(line)
    return list(found.values())


def sentences(report: Report) -> Iterator[str]:
    """A report to read: what was checked, what is wrong and where, what could not be checked."""
    yield f"{report.package}: {report.resources} resources, {len(report.errors)} errors, {len(report.warnings)} warnings"
    yield "  checked against R4 and: " + ", ".join(f"{name} ({count})" for name, count in sorted(report.profiles.items()))
    for line in report.errors:
        yield f"  {line['severity']}: {line['file']} resource {line['index']}, {line['location'] or line['resourceType']}: {line['message']} [{line['messageId']}]"
    yield f"  not checked, {sum(report.not_checked.values())} places, for want of:"
    yield from (f"    {count:6} {what}" for what, count in report.not_checked.most_common())


def checked(resources: Path, console: Console) -> list[Report]:
    """The reports of every package, with a count on a terminal while it runs; Missing where there is nothing to check."""
    if not any(resources.rglob("*.json")) and not resources.is_file():
        raise Missing(f"There is nothing to check: {resources} holds no JSON file.")
    archives = packages()
    with console.status("Making the validator ready") as status:

        def counted(lines: Iterable[Line]) -> Iterator[Line]:
            done = 0
            for line in lines:
                done += "profiles" in line
                status.update(f"{line['package']}: {done} resources checked in all")
                yield line

        return reports(counted(findings(resources, archives)))


def main(arguments: list[str]) -> int:
    console = Console(soft_wrap=True, highlight=False, markup=False)
    try:
        found = checked(Path(arguments[0]) if arguments else GOLDEN, console)
    except Missing as missing:
        Console(stderr=True, soft_wrap=True, markup=False).print(str(missing))
        return 1
    for report in found:
        for sentence in sentences(report):
            console.print(sentence)
    return int(not found or any(report.errors for report in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
