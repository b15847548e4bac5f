"""The command line: assembles the command groups and owns `main`, the one place that turns an error into an exit code.

A command is: parse, one call, print. Results go to stdout, the rest to stderr. Every module here imports only typer at
its top; what a command needs is imported inside it, so that `mockint --help` stays fast.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from mockint.errors import DONE, INTERRUPTED, USAGE, MockintError

app = typer.Typer(
    name="mockint",
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


def _assemble() -> None:
    from mockint.cli import anki, bank, decks, evaluation, grading, interview, llm, regrade

    interview.register(app)
    bank.register(app)
    anki.register(app)
    decks.register(app)
    evaluation.register(app)
    grading.register(app)
    llm.register(app)
    regrade.register(app)


_assemble()


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
