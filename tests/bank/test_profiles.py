"""Roles to practise for: those that ship, and one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockint.bank import default_bank, load_bank
from mockint.errors import BankError, UsageError

OWN = """\
id: my-role
name: {en: My role, zh: 我的岗位}
line: {en: Mine., zh: 我的。}
topics: {distributed: 2, python: 1}
levels: [1, 3]
minutes: 20
"""


def test_three_roles_ship_and_each_has_a_session_to_ask() -> None:
    bank = load_bank(default_bank())

    assert len(bank.profiles) >= 3
    for profile in bank.profiles:
        low, high = profile.levels
        fitting = [q for q in bank.questions if q.topic in profile.topics and low <= q.level <= high]
        assert sum(question.minutes for question in fitting) >= profile.minutes, profile.id


@pytest.mark.parametrize("name", ["llm-inference-engineer", "LLM inference engineer", "大模型推理工程师"])
def test_a_role_is_found_by_its_id_or_either_name(name: str) -> None:
    assert load_bank(default_bank()).profile(name).id == "llm-inference-engineer"


def test_a_role_of_ones_own_is_a_file(tmp_path: Path) -> None:
    own = tmp_path / "my-role.yaml"
    own.write_text(OWN, encoding="utf-8")

    profile = load_bank(default_bank()).profile(str(own))

    assert (profile.topics, profile.levels, profile.minutes) == ({"distributed": 2, "python": 1}, (1, 3), 20)


@pytest.mark.parametrize(
    ("line", "instead", "message"),
    [
        ("levels: [1, 3]", "levels: [3, 1]", "write the lower one first"),
        ("topics: {distributed: 2, python: 1}", "topics: {cooking: 2}", "my-role.yaml:4.*unknown topic 'cooking'"),
        ("minutes: 20", "minute: 20", "my-role.yaml:6.*unknown key"),
    ],
)
def test_a_faulty_role_is_refused_with_file_and_line(tmp_path: Path, line: str, instead: str, message: str) -> None:
    own = tmp_path / "my-role.yaml"
    own.write_text(OWN.replace(line, instead), encoding="utf-8")

    with pytest.raises(BankError, match=message):
        load_bank(default_bank()).profile(str(own))


def test_an_unknown_role_is_told_which_there_are(tmp_path: Path) -> None:
    bank = load_bank(default_bank())
    with pytest.raises(UsageError, match="use one of distributed-training-engineer"):
        bank.profile("astronaut")
    with pytest.raises(UsageError, match="no profile at"):
        bank.profile(str(tmp_path / "none.yaml"))
