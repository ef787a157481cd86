"""`python -m conformance.smart`: how many duties are proved, do not apply, and were decided, page by page."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable

from conformance.smart import DECISIONS, Duty, asvs_duties, duties


def main() -> int:
    """Print the overview."""
    sys.stdout.write(f"{_overview('SMART App Launch 2.2.0, by page', duties())}\n{_overview('OWASP ASVS 5.0, V10', asvs_duties())}")
    return 0


def _overview(title: str, listed: Iterable[Duty]) -> str:
    counts = Counter((duty.page, duty.decision) for duty in listed)
    pages = sorted({page for page, _ in counts})
    width = max(len(title), *map(len, pages))
    lines = [_line(title.ljust(width), [*DECISIONS, "all"])]
    lines += [_line(page.ljust(width), _counted(counts, [page])) for page in pages]
    lines += [_line("all".ljust(width), _counted(counts, pages))]
    return "".join(lines)


def _counted(counts: Counter[tuple[str, str]], pages: list[str]) -> list[str]:
    found = [sum(counts[page, decision] for page in pages) for decision in DECISIONS]
    return [str(number) for number in (*found, sum(found))]


def _line(first: str, rest: Iterable[str]) -> str:
    return "  ".join([first, *(one.rjust(14) for one in rest)]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
