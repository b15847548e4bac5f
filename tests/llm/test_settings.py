"""Where settings come from, and what a budget allows."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mockint.errors import UsageError
from mockint.grading import grader_named
from mockint.llm.budget import Budget, BudgetSpentError, Meter, Price, Usage
from mockint.llm.settings import OPENAI, Settings, configure
from mockint.wordings import no_wordings

FILE = """
[llm]
name = "from-file"
base_url = "http://127.0.0.1:1/v1/"
timeout = 5
price = {input = 1, output = 10}
budget = "$0.50"
"""


def test_flags_win_over_the_environment_and_the_environment_over_the_file(home: Path) -> None:
    (home / "config.toml").write_text(FILE)
    environ = {"MOCKINT_HOME": str(home), "MOCKINT_LLM": "from-env", "OPENAI_API_KEY": "sk-from-env"}
    found = configure({"timeout": 7.0, "base_url": None}, environ=environ)
    assert found.settings.llm == "from-env"
    assert found.settings.timeout == 7
    assert found.settings.base_url == "http://127.0.0.1:1/v1"
    assert found.settings.budget == Budget(dollars=0.5)
    assert found.sources["llm"] == "MOCKINT_LLM"
    assert found.sources["timeout"] == "the command line"
    assert found.sources["base_url"] == str(home / "config.toml")


def test_a_key_named_in_the_file_is_used_and_no_other_one_is_handed_over(home: Path) -> None:
    (home / "config.toml").write_text(FILE + 'key_env = "OTHER_KEY"\n')
    environ = {"MOCKINT_HOME": str(home), "OPENAI_API_KEY": "sk-openai", "OTHER_KEY": "sk-other"}
    key = configure(environ=environ).settings.key
    assert key is not None
    assert key.get_secret_value() == "sk-other"
    del environ["OTHER_KEY"]
    assert configure(environ=environ).settings.key is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[llm\n", "cannot read"),
        ("llm = 3\n", "expected a table"),
        ("[llm]\ntemperture = 0.5\n", "'temperture'"),
        ('[llm]\ntemperature = "warm"\n', "'temperature'"),
        ('[llm]\nbase_url = "ftp://x"\n', "http://"),
        ('[llm]\nbudget = "a lot"\n', r"50k or 1\.5M"),
        ('[llm]\nbudget = "$1"\n', "needs a price"),
        ("[llm]\nkey_env = 3\n", "key_env"),
    ],
)
def test_a_wrong_configuration_is_named_with_its_file(home: Path, text: str, said: str) -> None:
    (home / "config.toml").write_text(text)
    with pytest.raises(UsageError, match=said) as raised:
        configure(environ={"MOCKINT_HOME": str(home)})
    assert "config.toml" in str(raised.value) or "price" in said


def test_auto_is_offline_until_an_llm_is_configured(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-somebody-has-one-anyway")
    assert grader_named("auto", wordings=no_wordings).name.startswith("offline/")
    monkeypatch.setenv("MOCKINT_LLM", "some-llm")
    assert grader_named("auto", wordings=no_wordings).name == "openai:some-llm/2"
    assert grader_named("openai:other/llm", wordings=no_wordings).name == "openai:other/llm/2"
    assert grader_named("offline", wordings=no_wordings).name.startswith("offline/")


def test_openai_itself_needs_a_key_and_an_endpoint_of_one_s_own_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="set OPENAI_API_KEY"):
        grader_named("openai:some-llm", wordings=no_wordings)
    flags = {"base_url": "http://localhost:11434/v1"}
    assert grader_named("openai:some-llm", wordings=no_wordings, flags=flags).name == "openai:some-llm/2"


@pytest.mark.parametrize("name", ["gpt", "openai:", "OFFLINE", ""])
def test_a_grader_nobody_has_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="use auto, offline, openai:NAME or mixed:NAME"):
        grader_named(name, wordings=no_wordings)


def test_openai_without_a_name_needs_a_configured_llm() -> None:
    with pytest.raises(UsageError, match="mockint llm check"):
        grader_named("openai", wordings=no_wordings)


@pytest.mark.parametrize(
    ("written", "budget"),
    [
        ("20000", Budget(tokens=20000)),
        ("50k", Budget(tokens=50_000)),
        ("1.5M", Budget(tokens=1_500_000)),
        ("$0.50", Budget(dollars=0.5)),
        ("$.05", Budget(dollars=0.05)),
        (300, Budget(tokens=300)),
    ],
)
def test_a_budget_is_tokens_or_money(written: object, budget: Budget) -> None:
    assert Budget.model_validate(written) == budget


@pytest.mark.parametrize("written", ["", "0", "-5", "$", "$0", "5 euros", True, 1.5, {"tokens": 1, "dollars": 1}, {}])
def test_anything_else_is_no_budget(written: object) -> None:
    with pytest.raises(ValueError, match=r"budget|Budget"):
        Budget.model_validate(written)


def test_a_request_that_could_break_the_budget_is_not_sent() -> None:
    async def requests() -> None:
        meter = Meter(Budget(tokens=1000), None)
        reserved = await meter.reserve(prompt=400, completion=500)
        meter.settle(reserved, Usage(requests=1, prompt=400, completion=50))
        with pytest.raises(BudgetSpentError, match="budget of 1000 tokens"):
            await meter.reserve(prompt=300, completion=251)
        await meter.reserve(prompt=300, completion=250)

    asyncio.run(requests())


def test_a_request_waits_for_those_under_way_before_it_is_refused() -> None:
    async def requests() -> list[str]:
        meter = Meter(Budget(tokens=1000), None)
        first = await meter.reserve(prompt=400, completion=500)
        fits, never_fits = (asyncio.create_task(meter.reserve(prompt=300, completion=n)) for n in (250, 251))
        await asyncio.sleep(0)
        events = [f"waiting: {not fits.done()}, {not never_fits.done()}"]
        meter.settle(first, Usage(requests=1, prompt=400, completion=50))
        second = await fits
        await asyncio.sleep(0)
        events.append(f"waiting for the second: {not never_fits.done()}")
        meter.settle(second, Usage(requests=1, prompt=300, completion=250))
        with pytest.raises(BudgetSpentError):
            await never_fits
        return events

    assert asyncio.run(requests()) == ["waiting: True, True", "waiting for the second: True"]


def test_money_is_counted_with_cached_tokens_at_their_own_price() -> None:
    price = Price(input=2, cached=0.5, output=10)
    assert price.of(Usage(prompt=1_000_000, cached=600_000, completion=100_000)) == pytest.approx(0.8 + 0.3 + 1.0)
    meter = Meter(Budget(dollars=0.01), price)
    meter.add(Usage(requests=2, prompt=1000, completion=700))
    assert meter.cost == pytest.approx(0.009)
    assert "$0.0090" in str(meter)
    with pytest.raises(BudgetSpentError):
        asyncio.run(meter.reserve(prompt=0, completion=101))


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:8080/v1", True),
        ("http://127.0.0.1:11434/v1", True),
        ("http://[::1]:8080/v1", True),
        ("http://127.evil.example/v1", False),
        (OPENAI, False),
        ("https://localhost.example/v1", False),
    ],
)
def test_only_this_machine_is_local(url: str, local: bool) -> None:
    assert Settings(base_url=url).is_local is local
