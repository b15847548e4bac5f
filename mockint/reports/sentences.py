"""What every rendering of a report says of its values, in whole phrases of the report's language."""

from __future__ import annotations

from mockint.grading.grade import MUST_CAP
from mockint.history import Outcome
from mockint.phrases import ReportPhrases, SharedPhrases
from mockint.phrases.formats import day, duration, percent, when
from mockint.reports.shapes import Answer, Calibration, Report, Totals, Trend

ABOUT_RIGHT = 0.05  # so far from the score, of 0..1, a mean confidence is neither over nor under it


def title(report: Report, words: ReportPhrases) -> str:
    """The heading of the report."""
    return words.session_title.format(id=report.session.id) if report.session else words.progress_title


def about(report: Report, words: ReportPhrases) -> list[str]:
    """When, how and by whom, each a few words."""
    if session := report.session:
        phrases = [when(session.started_at), words.modes.get(session.mode, session.mode)]
        if session.profile:
            phrases.append(words.profile.format(name=session.profile))
        if session.limit_seconds is not None:
            phrases.append(words.limit.format(time=duration(session.limit_seconds, words)))
        phrases.append(words.grader.format(name=session.grader))
    else:
        phrases = [words.since.format(when=when(report.since))] if report.since else []
    return [*phrases, words.made.format(when=when(report.made_at))]


def figures(totals: Totals, words: ReportPhrases, *, report: Report | None = None) -> list[tuple[str, str, str]]:
    """(name, figure, what it means) of the few numbers that come first."""
    graded = words.graded_of.format(graded=totals.graded, asked=totals.asked)
    if totals.provisional:
        graded += words.aside.format(what=f"{totals.provisional} {words.provisional}")
    passed = words.passed.format(passed=totals.passed, graded=totals.graded, mark=percent(totals.pass_mark))
    counts: dict[Outcome | None, int] = {
        "answered": totals.answered,
        "dont-know": totals.dont_know,
        "skipped": totals.skipped,
        None: totals.open,
    }
    became = [
        words.became.format(count=count, outcome=words.outcomes[outcome]) for outcome, count in counts.items() if count
    ]
    rows = [(words.score, percent(totals.score), passed if totals.graded else words.nothing_graded)]
    rows.append((words.answers, str(totals.asked), words.comma.join([graded, *became])))
    rows.append((words.time, duration(totals.seconds, words), _over(totals, words, report)))
    if totals.hints:
        rows.append((words.hints, str(totals.hints), ""))
    return rows


def _over(totals: Totals, words: ReportPhrases, report: Report | None) -> str:
    over = words.over_time.format(count=totals.over, time=duration(totals.over_seconds, words))
    phrases = [over if totals.over else words.in_time]
    if report and report.session and report.session.over_seconds:
        phrases.append(words.over_limit.format(time=duration(report.session.over_seconds, words)))
    return words.comma.join(phrases)


def standing(answer: Answer, words: ReportPhrases) -> list[str]:
    """What there is to say beside an answer's score, or instead of one."""
    if answer.score is None:
        waits = answer.outcome in ("answered", "dont-know")
        return [words.outcomes[answer.outcome], *([words.not_graded] if waits else [])]
    phrases = [words.provisional] if answer.provisional else []
    if answer.capped_by and answer.score == MUST_CAP:
        phrases.append(words.capped.format(cap=percent(MUST_CAP)))
    if answer.hints:
        phrases.append(f"{words.hints}{words.colon}{answer.hints}")
    if answer.confidence is not None:
        phrases.append(f"{words.your_confidence}{words.colon}{percent(answer.confidence)}")
    return phrases


def compared_time(report: Report, words: ReportPhrases) -> str:
    """How long the two sessions took; empty when there is one."""
    if report.comparison is None:
        return ""
    before, after = (duration(one.seconds, words) for one in (report.comparison.before, report.totals))
    return f"{words.time}{words.colon}{before} → {after}"


def trend_sentence(trend: Trend, words: SharedPhrases) -> str:
    """Empty until there are two points to compare."""
    points = [point for point in trend.points if point.score is not None]
    if len(points) < 2:
        return ""
    return words.trend_says.format(
        first=percent(points[0].score),
        first_when=day(points[0].start),
        last=percent(points[-1].score),
        last_when=day(points[-1].start),
        best=percent(max(point.score or 0.0 for point in points)),
    )


def confidence_sentences(calibration: Calibration, words: ReportPhrases) -> list[str]:
    """Over or under or about right; how well by the Brier score; whether the confidences told anything."""
    confidence, score = percent(calibration.confidence), percent(calibration.score)
    if calibration.bias > ABOUT_RIGHT:
        phrases = [words.over_confident.format(confidence=confidence, score=score)]
    elif calibration.bias < -ABOUT_RIGHT:
        phrases = [words.under_confident.format(confidence=confidence, score=score)]
    else:
        phrases = [words.about_right.format(confidence=confidence, score=score)]
    if calibration.count > 1:
        phrases.append(
            words.confidence_says.format(
                brier=f"{calibration.brier:.2f}",
                count=calibration.count,
                mean=percent(calibration.score),
                baseline=f"{calibration.baseline:.2f}",
            )
        )
    if calibration.count >= 10 and calibration.brier >= calibration.baseline and abs(calibration.bias) <= ABOUT_RIGHT:
        phrases.append(words.no_better)
    return phrases
