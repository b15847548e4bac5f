"""`mockint llm check`: say what is configured, reach it, and show what the endpoint can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from mockint.cli.options import BaseUrlOpt, JsonOpt, TimeoutOpt
from mockint.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockint.grading import Grader
    from mockint.grading.llm.trial import Trial
    from mockint.llm.endpoint import Endpoint
    from mockint.llm.preflight import Reached
    from mockint.llm.settings import Configuration
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
    from mockint.grading.llm.trial import trial
    from mockint.llm.endpoint import Endpoint
    from mockint.llm.preflight import reach
    from mockint.llm.settings import cache_file, configure

    configuration = configure({"llm": name, "base_url": base_url, "timeout": timeout})
    settings = configuration.settings
    if not as_json:
        typer.echo("\n".join(_configured(configuration)))
    if not settings.is_configured:
        raise UsageError(_what_is_missing(configuration))
    if dry_run:
        return
    endpoint = Endpoint(settings, cache=cache_file(), say=lambda text: typer.echo(text, err=True), fresh=True)
    reached, tried = reach(endpoint), trial(endpoint)
    typer.echo(_as_json(endpoint, reached, tried) if as_json else "\n".join(_found(endpoint, reached, tried)))


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
    from mockint.llm import missing_key

    return missing_key(configuration)


def _found(endpoint: Endpoint, reached: Reached, tried: Trial) -> list[str]:
    lines = [f"Reached:        yes, first reply in {reached.seconds:.1f} s"]
    if reached.llms:
        among = "among them" if endpoint.llm in reached.llms else f"{endpoint.llm!r} not among them"
        lines.append(f"LLMs it has:    {len(reached.llms)}, {among}: {_first(reached.llms)}")
    lines.append(f"Reply format:   {_FORMATS[endpoint.traits.rung]}")
    if endpoint.settings.temperature is not None:
        taken = "taken" if endpoint.traits.temperature else "refused; it is left out from now on"
        lines.append(f"Temperature:    {taken}")
    counted = not endpoint.meter.used.estimated
    lines.append(f"Token counts:   {'reported' if counted else 'not reported; they are estimated here'}")
    lines.append(f"Streaming:      {'yes' if reached.streams else 'no text came'}")
    lines.append(f"Grading:        {tried.right} of {tried.answers} easy answers marked right")
    if tried.right < tried.answers:
        lines.append("                An LLM that gets these wrong is too weak to grade with: try a larger one.")
    lines += [f"Trouble:        {failure}" for failure in [*reached.failures, *tried.failures]]
    lines.append(f"Used:           {endpoint.meter}")
    return lines


def print_requests(grader: Grader, answers: Sequence[tuple[Question, str]]) -> None:
    """The request for each answer; null for an obvious one, which needs none. Raises UsageError without an LLM."""
    import json

    from mockint.grading import llm_backed

    llm = llm_backed(grader)
    if llm is None:
        raise UsageError(
            "--dry-run shows what is sent to an LLM: give --grader openai:NAME, or see 'mockint llm check'"
        )
    for question, answer in answers:
        typer.echo(json.dumps(llm.request(question, answer), ensure_ascii=False, indent=2))


def say_usage(grader: Grader) -> None:
    """What an LLM used, to stderr."""
    from mockint.grading import llm_backed

    if llm := llm_backed(grader):
        typer.echo(f"The LLM used: {llm.endpoint.meter}", err=True)


def _first(names: list[str], count: int = 8) -> str:
    return ", ".join(names[:count]) + (", ..." if len(names) > count else "")


def _as_json(endpoint: Endpoint, reached: Reached, tried: Trial) -> str:
    import json

    settings, traits = endpoint.settings, endpoint.traits
    value: dict[str, Any] = {
        "llm": settings.llm,
        "endpoint": settings.endpoint,
        "has_key": settings.key is not None,
        "llms": reached.llms,
        "reached_in": reached.seconds,
        "format": traits.rung,
        "takes_temperature": traits.temperature if settings.temperature is not None else None,
        "counts_tokens": not endpoint.meter.used.estimated,
        "streams": reached.streams,
        "right": tried.right,
        "cases": tried.answers,
        "failures": [*reached.failures, *tried.failures],
    }
    return json.dumps(value, ensure_ascii=False, indent=2)
