"""A Report as Markdown that reads well as it is, and on a page that renders it.

What a candidate typed is data: every sign that Markdown or HTML would obey is escaped. Marked words stand in `<b>`,
`<i>` and `<s>`, because `**` does not work beside Chinese characters; where HTML is not allowed, the signs remain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from mockint.markdown.rewrite import escaped, fenced, rewritten, rewritten_line
from mockint.phrases import ReportPhrases
from mockint.phrases.formats import DASH, SIGNS, change, duration, percent, quoted, spark
from mockint.question import Verdict
from mockint.reports.latest import levels_in
from mockint.reports.marking import MOST_CHARACTERS, LeftOut, labels, pieces
from mockint.reports.progress import weakest_first
from mockint.reports.sentences import (
    about,
    compared_time,
    confidence_sentences,
    figures,
    standing,
    title,
    trend_sentence,
)
from mockint.reports.shapes import Answer, AnswerPart, Calibration, Report, SessionComparison

_TAGS: Mapping[Verdict, str] = {"met": "b", "partial": "i", "contradicted": "s", "stated": "s"}


def markdown(report: Report) -> str:
    """The whole file, with a newline at its end."""
    words = ReportPhrases(report.lang)
    blocks = [f"# {escaped(title(report, words))}", escaped(" | ".join(about(report, words)))]
    blocks += _body(report, words) if report.totals.asked else [words.nothing_kept]
    return "\n\n".join(blocks) + "\n"


def _body(report: Report, words: ReportPhrases) -> Iterator[str]:
    rows = [[f"**{name}**", figure, meaning] for name, figure, meaning in figures(report.totals, words, report=report)]
    yield _table(["", "", ""], rows, right={1})
    if len(report.trend.points) > 1:
        grain = words.grains[report.trend.grain]
        yield f"## {words.trend}{words.aside.format(what=grain)}"
        yield "`" + "".join(spark(point.score) for point in report.trend.points) + "`"
        yield trend_sentence(report.trend, words)
    if report.heat:
        yield from _heat(report, words)
    if report.questions:
        yield from _questions(report, words)
    if report.totals.graded:
        yield from _missed(report, words)
    if report.beliefs:
        yield f"## {words.beliefs}"
        yield "\n".join(_beliefs(report, words))
    if report.calibration:
        yield from _confidence(report.calibration, words)
    if report.answers:
        yield from _times(report.answers, words)
    if report.comparison:
        yield from _comparison(report.comparison, report, words)
    if report.answers:
        yield f"## {words.answers}"
        yield _legend(words)
        for answer in report.answers:
            yield from _answer(answer, words)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: set[int]) -> str:
    rules = ["---:" if place in right else "---" for place in range(len(head))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rules, *rows))


def _heat(report: Report, words: ReportPhrases) -> Iterator[str]:
    levels = levels_in(report.heat)
    head = [words.topic, *(words.level_heading.format(level=level) for level in levels), words.all]
    rows = [
        [escaped(row.name), *(_heat_cell(row.cells[level - 1].share) for level in levels), _heat_cell(row.share)]
        for row in report.heat
    ]
    yield f"## {words.heat}"
    yield words.heat_says
    yield _table(head, rows, right=set(range(1, len(head))))


def _heat_cell(share: float | None) -> str:
    return "" if share is None else f"{spark(share)} {percent(share)}"


def _questions(report: Report, words: ReportPhrases) -> Iterator[str]:
    head = [words.question, words.key_points, words.attempts, words.first, words.latest]
    rows = [
        [
            f"`{row.question}`",
            "".join(SIGNS[point.verdict] if point.verdict != "partial" else "\\~" for point in row.points),
            str(row.attempts),
            percent(row.first),
            percent(row.last),
        ]
        for row in weakest_first(report.questions)
    ]
    yield f"## {words.questions}"
    yield words.weakest_first
    yield _table(head, rows, right={2, 3, 4})


def _missed(report: Report, words: ReportPhrases) -> Iterator[str]:
    yield f"## {words.missed}"
    if not report.missed:
        yield words.nothing_missed
        return
    yield words.missed_says
    lines = []
    for point in report.missed:
        must = words.aside.format(what=words.must) if point.must else ""
        where = [f"`{point.question}`"]
        if point.looked_at > 1:
            where.append(words.times.format(missed=point.missed, of=point.looked_at))
        said = [words.verdicts[point.verdict], *_quotes(point.said, words)]
        lines.append(f"- **{rewritten_line(point.text)}**{must}  ")
        lines.append(f"  {SIGNS[point.verdict].replace('~', chr(92) + '~')} {words.comma.join([*said, *where])}")
    yield "\n".join(lines)


def _quotes(said: Sequence[str], words: ReportPhrases) -> list[str]:
    if not said:
        return []
    return [words.said + words.colon + quoted(escaped(" ".join(quote.split())) for quote in said)]


def _beliefs(report: Report, words: ReportPhrases) -> Iterator[str]:
    for belief in report.beliefs:
        yield f"- <s>{rewritten_line(belief.text)}</s>  "
        if belief.correction:
            yield f"  **{words.in_fact}**{words.colon}{rewritten_line(belief.correction)}  "
        yield f"  {words.comma.join([*_quotes(belief.said, words), f'`{belief.question}`'])}"


def _confidence(calibration: Calibration, words: ReportPhrases) -> Iterator[str]:
    yield f"## {words.confidence}"
    yield " ".join(confidence_sentences(calibration, words))
    head = [words.said_between, words.answers_count, words.mean_confidence, words.mean_score]
    rows = [
        [f"{percent(one.low)}{DASH}{percent(one.high)}", str(one.count), percent(one.confidence), percent(one.score)]
        for one in calibration.bins
    ]
    yield _table(head, rows, right={1, 2, 3})


def _times(answers: Sequence[Answer], words: ReportPhrases) -> Iterator[str]:
    rows = [
        [
            str(answer.place + 1),
            f"`{answer.question}`",
            duration(answer.seconds, words),
            duration(60 * answer.minutes, words),
            words.over_by.format(time=duration(answer.over_seconds, words)) if answer.over_seconds else "",
        ]
        for answer in answers
        if answer.seconds is not None
    ]
    if rows:
        yield f"## {words.time}"
        yield _table(["", words.question, words.time_spent, words.time_allowed, ""], rows, right={0, 2, 3, 4})


def _comparison(comparison: SessionComparison, report: Report, words: ReportPhrases) -> Iterator[str]:
    yield f"## {escaped(words.comparison.format(id=comparison.session.id))}"
    rows = [[escaped(row.name), *_steps(row.before, row.after)] for row in comparison.topics]
    rows.append([f"**{words.all}**", *_steps(comparison.before.score, report.totals.score)])
    yield _table([words.topic, words.before, words.after, words.change], rows, right={1, 2, 3})
    yield compared_time(report, words)
    if not comparison.questions:
        yield words.no_same
        return
    yield f"### {words.same_questions}"
    lines = []
    for question in comparison.questions:
        before, after, moved = _steps(question.before, question.after)
        lines.append(f"- `{question.question}`{words.colon}{before} → {after} ({moved})")
        for point in question.changed:
            was, now = ((words.verdicts[one] if one else words.not_graded) for one in (point.before, point.after))
            lines.append(f"  - {was} → {now}{words.colon}{rewritten_line(point.text)}")
    yield "\n".join(lines)


def _steps(before: float | None, after: float | None) -> tuple[str, str, str]:
    return percent(before), percent(after), change(before, after)


def _legend(words: ReportPhrases) -> str:
    kinds = ((words.legend_earned, "met"), (words.legend_half, "partial"), (words.legend_denied, "contradicted"))
    shown = [_marked(said, verdict) + f"<sup>{_sign(verdict)}</sup>" for said, verdict in kinds]  # type: ignore[arg-type]
    return words.legend + words.colon + words.comma.join(shown)


def _sign(verdict: Verdict) -> str:
    return SIGNS[verdict].replace("~", "\\~")


def _marked(text: str, verdict: Verdict | None) -> str:
    tag = _TAGS.get(verdict) if verdict else None
    return f"<{tag}>{text}</{tag}>" if tag and text else text


def _answer(answer: Answer, words: ReportPhrases) -> Iterator[str]:
    numbers = labels(answer)
    number = words.question_heading.format(number=answer.place + 1)
    yield f"### {number}{words.colon}`{answer.question}` {_standing(answer, words)}"
    for part in answer.parts:
        head = f"**{words.follow_up}**\n\n" if part.part else ""
        yield head + rewritten(part.prompt)
        if answer.code and not part.part:
            yield fenced(answer.code, "python")
        yield _marked_answer(part, numbers, words)
    if answer.score is None:
        return
    yield "\n".join(
        f"{numbers[point.criterion]}. {_verdict(point.verdict, words)}{rewritten_line(point.text)}"
        f"{words.aside.format(what=words.must) if point.must else ''}"
        for point in answer.points
        if point.verdict
    )
    if answer.beliefs:
        yield "\n".join(
            f"- {numbers[belief.criterion]} {_verdict('stated', words)}{rewritten_line(belief.text)}"
            for belief in answer.beliefs
        )


def _verdict(verdict: Verdict, words: ReportPhrases) -> str:
    return f"{_sign(verdict)} {words.verdicts[verdict]}{words.colon}"


def _standing(answer: Answer, words: ReportPhrases) -> str:
    notes = words.comma.join(standing(answer, words))
    if answer.score is None:
        return f"{DASH} {notes}"
    return f"{DASH} {percent(answer.score)}" + (words.aside.format(what=notes) if notes else "")


def _marked_answer(part: AnswerPart, numbers: Mapping[str, str], words: ReportPhrases) -> str:
    if part.outcome != "answered" or not part.answer.strip():
        return f"> *{words.outcomes[part.outcome]}*"
    lines = [""]
    for piece in pieces(part, most=MOST_CHARACTERS):
        if isinstance(piece, LeftOut):
            lines[-1] += f" *{escaped(words.shortened.format(count=f'{piece.characters:,}'))}* "
            continue
        first, *others = re.split(r"\r\n|[\r\n\u2028\u2029]", piece.text)
        lines[-1] += _marked(escaped(first, starts=not lines[-1]), piece.verdict)
        lines += [_marked(escaped(line, starts=True), piece.verdict) for line in others]
        if piece.ended:
            signs = " ".join(f"{_sign(span.verdict)}{numbers.get(span.criterion, '')}" for span in piece.ended)
            lines[-1] += f"<sup>{signs}</sup>"
    return "\n".join(f"> {line}  " if line.strip() else ">" for line in lines).rstrip()
