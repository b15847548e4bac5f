"""A broken bank is told whole: every fault with its file, its line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockint.bank import default_bank, load_bank, read_bank
from mockint.errors import BankError, UsageError
from tests.bank.conftest import QUESTION, SAMPLES, Write


def test_a_valid_bank_loads_in_order(root: Path) -> None:
    bank = load_bank(root)

    assert [question.id for question in bank.questions] == ["zero-stages"]
    assert bank.files["zero-stages"].document.line_of(("key_points", 1)) == 18


# old text -> new text, and the line, rule and words of the one problem that must be found
BROKEN = [
    ("kind: explain", "kind: essay", 3, "shape", "'explain'"),
    ("weight: 2", "weigth: 2", 15, "unknown-key", "did you mean 'weight'?"),
    ("level: 3\n", "", 1, "missing-key", "add 'level'"),
    ("level: 3", "level: 9", 4, "shape", "less than or equal to 5"),
    ("  zh: ZeRO 的每个 stage 切分什么？\n", "", 7, "missing-key", "prompt.zh"),
    ("id: stage2", "id: stage1", 18, "duplicate-id", "'stage1'"),
    ("id: by-layer", "id: stage3", 23, "duplicate-id", "'stage3'"),
    ("id: zero-stages", "id: zero", 1, "id-is-file-name", "'zero'"),
    ("topic: distributed", "topic: biology", 2, "unknown-topic", "use distributed"),
    ("probes: [stage1]", "probes: [stage9]", 27, "unknown-criterion", "'stage9'"),
    (
        "  - id: by-layer",
        "  - id: by-layer\n    denies: [stage9]",
        24,
        "unknown-criterion",
        "denies the unknown key point",
    ),
    ("tags: [zero]", "tags: [zero]\ntags: [again]", 7, "yaml", "'tags' stands here twice"),
    ("tags: [zero]", "tags: &t [zero]", 6, "yaml", "anchors and aliases"),
    ("tags: [zero]", "tags: !!python/tuple [zero]", 6, "yaml", "is not allowed"),
    ("tags: [zero]", "tags: [zero", 7, "yaml", "not valid YAML"),
    ("shard?\n", "shard? ![fig](media/none.svg)\n", 8, "media", "is missing"),
    ("shard?\n", "shard? ![fig](../../../etc/passwd)\n", 8, "media", "must be media/NAME.svg"),
    ("shard?\n", "shard? ![fig](https://example.org/x.png)\n", 8, "media", "must be media/NAME.svg"),
]


@pytest.mark.parametrize(("old", "new", "line", "rule", "words"), BROKEN)
def test_a_fault_is_named_with_its_line(
    problems_after: Write, old: str, new: str, line: int, rule: str, words: str
) -> None:
    problems = problems_after(old, new)

    assert [(p.path, p.line, p.rule) for p in problems if p.rule == rule] == [
        ("distributed/zero-stages.yaml", line, rule)
    ], problems
    assert words in next(p.message for p in problems if p.rule == rule)


@pytest.mark.parametrize(
    ("old", "new", "line", "rule", "words"),
    [
        ("{stage1: met, stage2", "{stage1: stated, stage2", 3, "wrong-verdict", "cannot be 'stated'"),
        ("stage3: met, by-layer: absent}", "stage3: met}", 3, "missing-verdict", "by-layer"),
        ("by-layer: absent", "by-layer: absent, other: met", 3, "unknown-criterion", "'other'"),
        ("id: strong", "id: Strong", 1, "shape", "pattern"),
        ("- id: strong", "- {answer: x, id: strong, verdicts: {}}\n- id: strong", 2, "duplicate-id", "'strong'"),
    ],
)
def test_a_fault_in_the_samples_is_told_when_they_are_read(
    root: Path, old: str, new: str, line: int, rule: str, words: str
) -> None:
    assert old in SAMPLES
    (root / "distributed" / "zero-stages.samples.yaml").write_text(SAMPLES.replace(old, new), encoding="utf-8")
    bank = load_bank(root)

    with pytest.raises(BankError) as caught:
        bank.samples(bank.question("zero-stages"))

    found = [problem for problem in caught.value.problems if problem.rule == rule]
    assert [(problem.path, problem.line) for problem in found] == [("distributed/zero-stages.samples.yaml", line)]
    assert words in found[0].message


@pytest.mark.parametrize(
    ("file", "text", "line", "rule", "words"),
    [
        ("distributed/zero-stages.wordings.yaml", "says:\n  stage1: [3]\n", 2, "shape", "says.stage1.0"),
        ("distributed/zero-stages.wordings.yaml", "say: {}\n", 1, "unknown-key", "say"),
        (
            "distributed/zero-stages.wordings.yaml",
            "concepts:\n  optimizer-state: x\n",
            2,
            "duplicate-concept",
            "concepts.yaml",
        ),
        ("concepts.yaml", "Big: x\n", 1, "shape", "Big"),
        ("distributed/concepts.yaml", "optimizer-state: x\n", 1, "duplicate-concept", "rename or merge"),
    ],
)
def test_a_fault_in_the_wordings_is_told_when_they_are_read(
    root: Path, file: str, text: str, line: int, rule: str, words: str
) -> None:
    (root / file).write_text(text, encoding="utf-8")

    with pytest.raises(BankError) as caught:
        load_bank(root).wordings("zero-stages")

    assert [(problem.path, problem.line, problem.rule) for problem in caught.value.problems] == [(file, line, rule)]
    assert words in str(caught.value)


def test_a_pattern_knows_its_line_and_column(root: Path) -> None:
    patterns = load_bank(root).wordings("zero-stages").patterns["says"]

    assert [(one.text, one.line, one.column) for texts in patterns.values() for one in texts] == [
        ("<optimizer-state> .. <shard>", 4, 12),
        ("layer per rank", 5, 13),
    ]


def test_an_edited_wording_leaves_the_content_hash_as_it_was(root: Path) -> None:
    before = load_bank(root)
    heard = before.wordings.key("zero-stages")
    (root / "distributed" / "zero-stages.wordings.yaml").write_text("says: {stage1: states}\n", encoding="utf-8")
    after = load_bank(root)

    assert after.question("zero-stages").content_hash() == before.question("zero-stages").content_hash()
    assert after.wordings.key("zero-stages") != heard


def test_a_file_of_no_question_is_told(root: Path) -> None:
    (root / "distributed" / "zero.samples.yaml").write_text("[]", encoding="utf-8")

    assert [(problem.path, problem.rule) for problem in read_bank(root)[1]] == [
        ("distributed/zero.samples.yaml", "stray-file")
    ]


def test_all_problems_of_all_files_are_told_at_once(root: Path, problems_after: Write) -> None:
    (root / "distributed" / "broken.yaml").write_text("id: [", encoding="utf-8")
    (root / "distributed" / "notes.txt").write_text("stray", encoding="utf-8")

    problems = problems_after("kind: explain\nlevel: 3", "kind: essay\nlevel: 9")

    assert sorted(p.rule for p in problems) == ["shape", "shape", "stray-file", "yaml"]
    with pytest.raises(BankError) as caught:
        load_bank(root)
    assert "the bank has 4 problems" in str(caught.value)
    assert "distributed/zero-stages.yaml:3: error: kind" in str(caught.value)


def test_an_id_is_unique_across_topics(root: Path) -> None:
    (root / "topics.yaml").write_text(
        (root / "topics.yaml").read_text() + "- id: python\n  name: {en: P, zh: P}\n  line: {en: p, zh: p}\n"
    )
    (root / "python").mkdir()
    (root / "python" / "zero-stages.yaml").write_text(QUESTION.replace("topic: distributed", "topic: python"))

    bank, problems = read_bank(root)

    assert [problem.rule for problem in problems] == ["duplicate-id"]
    assert "distributed/zero-stages.yaml" in problems[0].message
    assert len(bank.questions) == 1


def test_a_yaml_alias_bomb_is_refused_at_once(problems_after: Write) -> None:
    bomb = "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\n"

    assert [problem.rule for problem in problems_after(new=bomb)] == ["yaml"]


def test_endless_nesting_is_refused(problems_after: Write) -> None:
    problems = problems_after(new="a: " + "[" * 100_000)

    assert "nested deeper" in problems[0].message


def test_a_huge_file_is_refused(problems_after: Write) -> None:
    assert [problem.rule for problem in problems_after(new="# " + "x" * 600_000)] == ["file-size"]


def test_a_link_out_of_the_bank_is_refused(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text(QUESTION, encoding="utf-8")
    (root / "distributed" / "secret.yaml").symlink_to(outside)

    assert [problem.rule for problem in read_bank(root)[1]] == ["unsafe-path"]


def test_words_that_yaml_1_1_would_turn_into_booleans_stay_words(root: Path, problems_after: Write) -> None:
    assert problems_after("[zero]", "[no, on]") == []
    assert load_bank(root).question("zero-stages").tags == ["no", "on"]


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<script>alert(1)</script>", "not allowed"),
        ("<foreignObject/>", "not allowed"),
        ('<rect onload="x()"/>', "runs code"),
        ('<use href="https://example.org/a.svg#x"/>', "links to"),
        ("<style>@import url(https://example.org/a.css)</style>", "loads something"),
        ('<rect fill="url(https://example.org/#a)"/>', "loads something"),
        ("<rect>", "well-formed"),
    ],
)
def test_a_picture_that_runs_or_loads_anything_is_refused(
    root: Path, problems_after: Write, inside: str, words: str
) -> None:
    (root / "distributed" / "media").mkdir()
    (root / "distributed" / "media" / "fig.svg").write_text(SVG.format(inside))

    problems = problems_after("shard?\n", "shard? ![fig](media/fig.svg)\n")

    assert [problem.rule for problem in problems] == ["media"]
    assert words in problems[0].message


def test_a_harmless_picture_is_fine(root: Path, problems_after: Write) -> None:
    (root / "distributed" / "media").mkdir()
    inside = '<defs><marker id="m"/></defs><path marker-end="url(#m)"/><text>a &lt; b</text>'
    (root / "distributed" / "media" / "fig.svg").write_text(SVG.format(inside))

    assert problems_after("shard?\n", "shard? ![fig](media/fig.svg)\n") == []


def test_a_folder_without_topics_is_not_a_bank(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a folder with a topics"):
        load_bank(tmp_path)


def test_an_unknown_question_names_the_nearest(root: Path) -> None:
    with pytest.raises(UsageError, match="did you mean zero-stages"):
        load_bank(root).question("zero-stage")


def test_the_shipped_bank_has_no_problem() -> None:
    bank, problems = read_bank(default_bank())

    assert problems == []
    assert bank.questions
