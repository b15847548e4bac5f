"""What the LLM grader is told: which LLM, where, with what limits; and from where each value came.

A flag wins over the environment (`OPENAI_API_KEY`, `OPENAI_BASE_URL`, `MOCKINT_LLM`), the environment over
`config.toml` in the user's config folder (or in `MOCKINT_HOME`):

    [llm]
    name = "qwen3:8b"
    base_url = "http://127.0.0.1:11434/v1"
    price = {input = 0.25, cached = 0.025, output = 2.0}     # dollars for a million tokens

`key_env` names the variable that holds the key of this endpoint. It then stands in for `OPENAI_API_KEY`, so that a key
made for one provider is not handed to another. All else is optional:

    timeout = 90                   # seconds for one reply; in an interview, with every retry
    patience = 300                 # seconds that a batch waits for an endpoint that is busy or down
    concurrency = 8                # requests at a time
    requests_per_minute = 60       # what your account allows: no more is sent than these two say
    tokens_per_minute = 200_000
    reasoning_effort = "low"       # for an LLM that thinks first: none, minimal, low, medium, high, as it knows them
    temperature = 0                # left out unless it is set: some LLMs refuse any
    max_tokens = 4000              # of a reply, never more; unset, it is what the question and the LLM turn out to need
    examples = true                # show it two marked answers to each question: for a weak LLM, see `mockint eval`
    budget = "$0.50"               # for one command: tokens (`50k`, `1.5M`), or money if there is a price
    extra = {enable_thinking = false}        # fields added to every request as they are
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator

from mockint.errors import UsageError
from mockint.llm.budget import Budget, Price
from mockint.question import Frozen, Url

OPENAI = "https://api.openai.com/v1"
SECONDS_TO_WAIT = 90.0
SECONDS_OF_PATIENCE = 300.0

Seconds = Annotated[float, Field(gt=0, le=3600)]


def _without_slash(url: str) -> str:
    return url.rstrip("/")


class Settings(Frozen):
    """llm: the name the endpoint knows. The rest as the module's docstring has it."""

    llm: Annotated[str, Field(min_length=1)] | None = None
    base_url: Annotated[Url, AfterValidator(_without_slash)] = OPENAI
    key: SecretStr | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    reasoning_effort: Annotated[str, Field(min_length=1)] | None = None
    timeout: Seconds = SECONDS_TO_WAIT
    patience: Seconds = SECONDS_OF_PATIENCE
    concurrency: Annotated[int, Field(ge=1, le=256)] = 8
    requests_per_minute: Annotated[int, Field(ge=1)] | None = None
    tokens_per_minute: Annotated[int, Field(ge=1)] | None = None
    max_tokens: Annotated[int, Field(ge=16)] | None = None
    price: Price | None = None
    budget: Budget | None = None
    examples: bool = False
    extra: dict[str, Any] = {}

    @model_validator(mode="after")
    def _money_needs_a_price(self) -> Self:
        if self.budget and self.budget.dollars is not None and self.price is None:
            raise ValueError(
                "a budget in dollars needs a price: put 'price = {input = 1.25, output = 10}', in dollars for a "
                "million tokens, under [llm] in the configuration file, or give the budget in tokens"
            )
        return self

    @property
    def is_local(self) -> bool:
        """The endpoint is on this machine: it needs no key and no proxy."""
        host = (urlsplit(self.base_url).hostname or "").lower()
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def endpoint(self) -> str:
        """The address as it may be shown and stored: without a name and password in it."""
        parts = urlsplit(self.base_url)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown, longest first."""
        password = urlsplit(self.base_url).password
        found = {self.key.get_secret_value() if self.key else "", password or ""}
        return tuple(sorted((secret for secret in found if len(secret) >= 6), key=len, reverse=True))

    def clean(self, text: str) -> str:
        """The text without any secret in it, however it came there."""
        for secret in self.secrets:
            text = text.replace(secret, "[key]")
        return text

    @property
    def is_configured(self) -> bool:
        """An LLM is named, and there is a key or an endpoint of one's own. A key alone does not spend money."""
        return self.llm is not None and (self.key is not None or self.endpoint != OPENAI)


def config_file(environ: Mapping[str, str] = os.environ) -> Path:
    if home := environ.get("MOCKINT_HOME"):
        return Path(home) / "config.toml"
    from platformdirs import user_config_path

    return user_config_path("mockint") / "config.toml"


@dataclass(frozen=True)
class Configuration:
    """Settings, and for each field that was set where it came from, in words for a person."""

    settings: Settings
    sources: Mapping[str, str] = field(default_factory=dict)
    file: Path = field(default_factory=config_file)


def cache_file(environ: Mapping[str, str] = os.environ) -> Path:
    if home := environ.get("MOCKINT_HOME"):
        return Path(home) / "llm-cache.sqlite3"
    from platformdirs import user_cache_path

    return user_cache_path("mockint") / "llm-cache.sqlite3"


def configure(flags: Mapping[str, Any] | None = None, *, environ: Mapping[str, str] = os.environ) -> Configuration:
    """Flags (None means not given) over environment over file. Raises UsageError naming where a bad value stands."""
    file = config_file(environ)
    written = _read(file)
    key_env = written.pop("key_env", None)
    layers: list[tuple[str, str, Any]] = [(str(file), name, value) for name, value in written.items()]
    for variable, name in (("OPENAI_BASE_URL", "base_url"), ("MOCKINT_LLM", "llm"), ("OPENAI_API_KEY", "key")):
        if (value := environ.get(variable, "").strip()) and not (name == "key" and key_env):
            layers.append((variable, name, value))
    if key_env is not None:
        if not isinstance(key_env, str):
            raise UsageError(f"{file}: 'key_env' must be the name of an environment variable")
        if value := environ.get(key_env, "").strip():
            layers.append((key_env, "key", value))
    layers += [("the command line", name, value) for name, value in (flags or {}).items() if value is not None]

    values = {name: value for _, name, value in layers}
    sources = {name: source for source, name, _ in layers}
    try:
        return Configuration(Settings.model_validate(values), sources, file)
    except ValidationError as error:
        raise UsageError(_in_words(error, sources)) from None  # pydantic's own text would show the key


def _read(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {error}") from None
    import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"cannot read {file}: {error}") from None
    table = document.get("llm", {})
    if not isinstance(table, dict):
        raise UsageError(f"{file}: expected a table [llm]")
    return {"llm" if name == "name" else name: value for name, value in table.items()}


def _in_words(error: ValidationError, sources: Mapping[str, str]) -> str:
    lines = []
    for fault in error.errors(include_input=False, include_url=False, include_context=False):
        name = str(fault["loc"][0]) if fault["loc"] else "settings"
        shown = {"llm": "name"}.get(name, ".".join(map(str, fault["loc"])))
        lines.append(f"{sources.get(name, 'settings')}: {shown!r}: {fault['msg']}")
    return "\n".join(lines)
