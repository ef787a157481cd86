"""The rules of the house, read off the tree itself: sizes, who may import whom, what every file says first."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from statistics import median, quantiles

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parent.parent
PACKAGES = ("gateway", "mappings", "conformance")

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
LONGEST_MEDIAN = 8
LONGEST_NINTH_DECILE = 20

ONLY_IN: dict[str, tuple[str, ...]] = {
    "flask": ("gateway.http", "gateway.web", "gateway.app", "gateway.cli"),
    "werkzeug": ("gateway.http", "gateway.web", "gateway.app", "gateway.cli"),
    "authlib.integrations": ("gateway.http",),
    "granian": ("gateway.app", "gateway.cli"),
    "sqlalchemy": ("gateway.store",),
    "alembic": ("gateway.store",),
    "sqlite3": ("gateway.store",),
    "psycopg": ("gateway.store",),
    "requests": ("gateway.net",),
    "urllib3": ("gateway.net",),
    "urllib.request": ("gateway.net", "conformance"),
    "http.client": ("gateway.net", "conformance"),
    "authlib.jose": (),
}
"""A library (and all below it) and the rooms that may import it; no room for `authlib.jose`, which is retired."""

ALL_IT_KNOWS_OF_OURS: dict[str, tuple[str, ...]] = {
    "mappings": ("gateway.record.types",),
    "conformance": (),
    "gateway.fhir": (),
    "gateway.record.types": (),
    "gateway.record.source": ("gateway.record.types",),
    "gateway.sample": ("gateway.record.types",),
    "gateway.net": ("gateway.fhir", "gateway.record.types"),
    "gateway.store": ("gateway.fhir", "gateway.record.types", "gateway.clock"),
}
"""A room and everything of ours that it may import, besides itself."""


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    too_long = {_name(path): length for path in _files(*PACKAGES, "tests") if not _is_migration(path) and (length := len(path.read_text().splitlines())) > LONGEST_FILE}
    assert not too_long


def test_no_function_is_longer_than_a_screen() -> None:
    too_long = {f"{_name(path)}:{function.lineno} {function.name}": _length(function) for path, function in _functions(*PACKAGES, "tests") if _length(function) > LONGEST_FUNCTION}
    assert not too_long


def test_most_functions_are_short() -> None:
    lengths = [_length(function) for _, function in _functions(*PACKAGES)]
    assert median(lengths) <= LONGEST_MEDIAN
    assert quantiles(lengths, n=10)[-1] <= LONGEST_NINTH_DECILE


def test_every_file_says_first_what_it_is_for() -> None:
    silent = [_name(path) for path in _files(*PACKAGES, "tests") if not ast.get_docstring(_tree(path))]
    assert not silent


def test_each_layer_imports_only_what_stands_below_it() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize(("library", "rooms"), ONLY_IN.items(), ids=ONLY_IN)
def test_a_library_is_imported_in_its_own_rooms_alone(library: str, rooms: tuple[str, ...]) -> None:
    strays = [f"{_name(path)} imports {name}" for path, name in _imports(*PACKAGES) if _within(name, (library,)) and not _within(_module(path), rooms)]
    assert not strays


@pytest.mark.parametrize(("room", "known"), ALL_IT_KNOWS_OF_OURS.items(), ids=ALL_IT_KNOWS_OF_OURS)
def test_a_room_knows_no_other_than_those_it_was_given(room: str, known: tuple[str, ...]) -> None:
    strays = [
        f"{_name(path)} imports {name}" for path, name in _imports(*PACKAGES) if _within(_module(path), (room,)) and _within(name, PACKAGES) and not _within(name, (room, *known))
    ]
    assert not strays


def test_every_make_command_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert {"run", "test"} <= named
    assert named <= targets


def test_every_top_level_folder_is_one_of_the_house() -> None:
    assert {path.name for path in ROOT.iterdir() if path.is_dir() and any(path.rglob("*.py")) and not path.name.startswith(".")} - {"demo", "build", "dist"} == {*PACKAGES, "tests"}


def _files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _module(path: Path) -> str:
    return _name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def _is_migration(path: Path) -> bool:
    """A migration is what the schema was on a day, written out; nobody edits it again."""
    return path.parent.name == "versions"


def _functions(*folders: str) -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in (path for path in _files(*folders) if not _is_migration(path)):
        yield from ((path, node) for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring, which is for its caller."""
    first = function.body[0]
    says = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(function) else 0
    return (function.end_lineno or 0) - function.lineno + 1 - says


def _imports(*folders: str) -> Iterator[tuple[Path, str]]:
    """Every import anywhere in a file, also inside a function; `from a import b` counts as `a.b`."""
    for path in _files(*folders):
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from ((path, f"{node.module}.{alias.name}") for alias in node.names)


def _within(name: str, packages: Sequence[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)
