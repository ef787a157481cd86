"""Every attack of the corpus is refused as it should be; without its defence, that same attack gets through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.attack.attack import Attack
from tests.attack.corpus import ATTACKS
from tests.attack.stage import Stage

pytestmark = pytest.mark.filterwarnings("ignore:Key size should be")  # joserfc warns of the weak keys that are tried here
each_attack = pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("stage"))
    yield stage
    stage.close()


@pytest.fixture
def stage(built: Stage) -> Stage:
    built.fresh()
    return built


@each_attack
def test_the_attack_is_refused(attack: Attack, stage: Stage) -> None:
    assert attack.run(stage) == attack.refused


@each_attack
def test_without_its_defence_the_attack_gets_through(attack: Attack, stage: Stage) -> None:
    with attack.fault(stage):
        answer = attack.run(stage)
    if attack.past is None:
        assert answer.is_granted, answer
    else:
        assert answer == attack.past


def test_there_are_two_hundred_attacks_each_with_a_name_and_a_source_of_its_own() -> None:
    print(f"{len(ATTACKS)} attacks")  # noqa: T201 (the number is what is asked for)
    assert len(ATTACKS) >= 200
    assert [name for name, times in Counter(attack.name for attack in ATTACKS).items() if times > 1] == []
    assert all(attack.source and attack.fault.name and attack.fault.takes and attack.refused != attack.past for attack in ATTACKS)
    assert not any(attack.refused.is_granted for attack in ATTACKS)
