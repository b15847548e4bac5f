"""`mockint llm check`: say what is configured, reach it, and show what the endpoint can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from mockint.cli.options import BaseUrlOpt, JsonOpt, TimeoutOpt
from mockint.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockint.grading import Grader
    from mockint.grading.llm.client import Endpoint
    from mockint.grading.llm.preflight import Preflight
    from mockint.grading.llm.settings import Configuration
    from mockint.question import Question

_FORMATS = {
    "json_schema": "a JSON schema, the strictest",
    "json_object": "a JSON object without a schema; replies are checked here",
    "plain": "plain text only; the JSON is looked for in it",
}


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="The LLM that grades, when one is configured.", no_args_is_help=True)
    group.command()(check)
    group.callback()(lambda: None)  # with a single command typer would leave out its name
    app.add_typer(group, name="llm")


def check(
    name: Annotated[Optional[str], typer.Argument(metavar="[NAME]", help="The LLM to try.")] = None,  # noqa: UP045
    base_url: BaseUrlOpt = None,
    timeout: TimeoutOpt = None,
    as_json: JsonOpt = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the configuration and send nothing.")] = False,
) -> None:
    """Say what is configured, reach it with a handful of small requests, and show what the endpoint can do."""
    from mockint.grading.llm.client import Endpoint
    from mockint.grading.llm.preflight import preflight
    from mockint.grading.llm.settings import cache_file, configure

    configuration = configure({"llm": name, "base_url": base_url, "timeout": timeout})
    settings = configuration.settings
    if not as_json:
        typer.echo("\n".join(_configured(configuration)))
    if not settings.is_configured:
        raise UsageError(_what_is_missing(configuration))
    if dry_run:
        return
    endpoint = Endpoint(settings, cache=cache_file(), say=lambda text: typer.echo(text, err=True), fresh=True)
    found = preflight(endpoint)
    typer.echo(_as_json(configuration, found) if as_json else "\n".join(_found(endpoint, found)))


def _configured(configuration: Configuration) -> list[str]:
    settings, sources = configuration.settings, configuration.sources

    def origin(name: str) -> str:
        return f" (from {sources[name]})" if name in sources else ""

    key = "none"
    if settings.key:
        key = f"set{origin('key')}"
    elif settings.is_local:
        key = "none, and an endpoint on this machine needs none"
    file = str(configuration.file) + ("" if configuration.file.exists() else " (there is none, which is fine)")
    return [
        f"LLM:            {settings.llm or 'none'}{origin('llm')}",
        f"Endpoint:       {settings.endpoint}{origin('base_url')}",
        f"Key:            {key}",
        f"Configuration:  {file}",
        f"Budget:         {settings.budget or 'none'}{origin('budget')}",
    ]


def _what_is_missing(configuration: Configuration) -> str:
    if configuration.settings.llm is None:
        return (
            "no LLM is configured, so grading is offline. To use one, set MOCKINT_LLM to its name, and OPENAI_API_KEY "
            f"or, for a local or another endpoint, OPENAI_BASE_URL; or write them under [llm] in {configuration.file}"
        )
    from mockint.grading.llm import missing_key

    return missing_key(configuration)


def _found(endpoint: Endpoint, found: Preflight) -> list[str]:
    lines = [f"Reached:        yes, first reply in {found.reached_in:.1f} s"]
    if found.llms:
        among = "among them" if endpoint.llm in found.llms else f"{endpoint.llm!r} not among them"
        lines.append(f"LLMs it has:    {len(found.llms)}, {among}: {_first(found.llms)}")
    lines.append(f"Reply format:   {_FORMATS[found.format]}")
    if found.takes_temperature is not None:
        lines.append(f"Temperature:    {'taken' if found.takes_temperature else 'refused; it is left out from now on'}")
    lines.append(f"Token counts:   {'reported' if found.counts_tokens else 'not reported; they are estimated here'}")
    lines.append(f"Streaming:      {'yes' if found.streams else 'no text came'}")
    lines.append(f"Judgement:      {found.right} of {found.cases} easy answers judged right")
    if found.right < found.cases:
        lines.append("                An LLM that misjudges these is too weak to grade with: try a larger one.")
    lines += [f"Trouble:        {failure}" for failure in found.failures]
    lines.append(f"Used:           {endpoint.meter}")
    return lines


def print_requests(judge: Grader, answers: Sequence[tuple[Question, str]]) -> None:
    """The request for each answer; null for an obvious one, which needs none. Raises UsageError without an LLM."""
    import json

    from mockint.grading import as_llm

    llm = as_llm(judge)
    if llm is None:
        raise UsageError(
            "--dry-run shows what is sent to an LLM: give --grader openai:NAME, or see 'mockint llm check'"
        )
    for question, answer in answers:
        typer.echo(json.dumps(llm.request(question, answer), ensure_ascii=False, indent=2))


def say_usage(judge: Grader) -> None:
    """What an LLM used, to stderr."""
    from mockint.grading import as_llm

    if llm := as_llm(judge):
        typer.echo(f"The LLM used: {llm.endpoint.meter}", err=True)


def _first(names: list[str], count: int = 8) -> str:
    return ", ".join(names[:count]) + (", ..." if len(names) > count else "")


def _as_json(configuration: Configuration, found: Preflight) -> str:
    import json
    from dataclasses import asdict

    settings = configuration.settings
    value: dict[str, Any] = {"llm": settings.llm, "endpoint": settings.endpoint, "has_key": settings.key is not None}
    return json.dumps({**value, **asdict(found)}, ensure_ascii=False, indent=2)
