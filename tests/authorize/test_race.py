"""Many at once: one launch, one request, give one code."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import settings
from werkzeug.test import TestResponse

from tests.authorize.clinic import Clinic, Walk, offered
from tests.store.engines import ENGINES, new_database, opened

PARALLEL = 16
ROUNDS = 200 if settings.default is not None and settings.default.max_examples > 100 else 5


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    folder = tmp_path_factory.mktemp("race")
    with opened(folder, new_database(request, folder)) as world:
        yield Clinic(world)


def at_once(walk: Walk, pages: list[TestResponse]) -> list[TestResponse]:
    """Say yes to all these pages at the same moment, from one browser with many tabs."""
    tabs = [walk.tab() for _ in pages]
    with ThreadPoolExecutor(len(pages)) as pool:
        return list(pool.map(lambda pair: pair[0].allow(pair[1]), zip(tabs, pages, strict=True)))


def codes(answers: list[TestResponse]) -> int:
    assert {answer.status_code for answer in answers} <= {303, 400}
    return sum("code=" in answer.headers.get("Location", "") for answer in answers)


def test_one_launch_gives_one_code(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    for _ in range(ROUNDS):
        launch = walk.launch(clinic.ada)
        answers = at_once(walk, [walk.ask(scope="launch patient/*.rs", launch=launch) for _ in range(PARALLEL)])
        assert codes(answers) == 1
        assert sum("error=invalid_request" in answer.location for answer in answers) == PARALLEL - 1
        clinic.world.clock.forward(seconds=4)  # one address may begin so many requests in ten minutes, and no more


def test_one_request_gives_one_code(clinic: Clinic) -> None:
    walk = clinic.browser(clinic.mara)
    for _ in range(ROUNDS):
        consent = walk.pick(walk.ask(), clinic.ada)
        assert offered(consent)
        assert codes(at_once(walk, [consent] * PARALLEL)) == 1
