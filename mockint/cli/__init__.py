"""The command line: assembles the command groups and owns `main`, the one place that turns an error into an exit code.

A command is: parse, one call, print. Results go to stdout, the rest to stderr. A module is imported when one of its
commands is used, and imports only typer at its top; what a command needs is imported inside it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
import typer.main
from typer.core import TyperGroup

from mockint.errors import DONE, INTERRUPTED, USAGE, MockintError

# The commands in the order of help: the module that registers each, and the line that help shows.
COMMANDS: dict[str, tuple[str, str]] = {
    "interview": ("interview", "A mock interview: asked, answered, graded point by point."),
    "resume": ("interview", "Go on with an interview that was stopped or cut off."),
    "due": ("schedule", "What is due, and how well you know the rest."),
    "plan": ("schedule", "What to practise on each day until the interview."),
    "history": ("history", "What was asked, answered and graded so far."),
    "report": ("report", "What a session, or all practice so far, came to."),
    "regrade": ("regrade", "Grade kept answers again, and say what changed."),
    "export": ("history", "Write your whole history as JSON lines."),
    "import-history": ("history", "Add an exported history to this one."),
    "forget": ("history", "Delete sessions with every word in them."),
    "serve": ("serve", "The interview in a browser, on this computer alone."),
    "list": ("bank", "List the questions, by topic and level."),
    "show": ("bank", "Show one question and what a good answer says."),
    "check": ("bank", "Look for problems in the bank, with file and line."),
    "listen": ("listen", "Show which pattern hears what in an answer."),
    "test": ("grading", "Grade every sample of the bank, and compare."),
    "build": ("decks", "Compile the bank into Anki decks, one a language."),
    "diff": ("decks", "What a learner will see on importing the next decks."),
    "preview": ("decks", "Show every card, light and night, phone and desktop."),
    "anki": ("anki", "Talk to a running Anki through its AnkiConnect add-on."),
    "grade": ("grading", "Grade answers from a file."),
    "eval": ("evaluation", "Measure a grader against people's marks."),
    "llm": ("llm", "The LLM that grades, when one is configured."),
}


class _OnDemand(TyperGroup):
    """Imports a command's module when the command is used, so that help and every other command start without it."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """An unknown name has every module imported, so that typer can suggest the nearest command."""
        for name in [cmd_name] if cmd_name in COMMANDS else COMMANDS:
            if name not in self.commands:
                part = typer.Typer(rich_markup_mode=None)
                import_module(f"mockint.cli.{COMMANDS[name][0]}").register(part)
                self.commands.update(typer.main.get_group(part).commands)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


app = typer.Typer(
    name="mockint",
    cls=_OnDemand,
    help="One interview question bank: Anki decks you keep for years, and a mock interview that grades what you say.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def _mockint(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"mockint {version_of('mockint')}")
        raise typer.Exit


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. A MockintError is told in a sentence; a bug keeps its traceback."""
    try:
        result = app(args=list(argv) if argv is not None else None, standalone_mode=False)
    except MockintError as error:
        print(f"mockint: {error}", file=sys.stderr)
        return error.exit_code
    except typer.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except Exception as error:
        if (show := getattr(error, "show", None)) is None:
            raise
        show()  # a usage error of the vendored click; it has no public name to catch it by
        return int(getattr(error, "exit_code", USAGE))
    return result if isinstance(result, int) else DONE


def entrypoint() -> None:
    sys.exit(main())
