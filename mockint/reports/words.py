"""The words of a report in both languages, and how numbers and times are said. `{...}` is filled in when shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mockint.grading.grade import MUST_CAP
from mockint.question import Lang, Verdict
from mockint.reports.shapes import Answer, Calibration, Grain, Outcome, Report, Totals

SIGNS: Mapping[Verdict, str] = {
    "met": "✔",
    "partial": "~",
    "missing": "✘",
    "contradicted": "!",
    "stated": "!",
    "absent": " ",
}
DASH = "–"


@dataclass(frozen=True)
class Words:
    session_title: str
    progress_title: str
    nothing: str
    made: str
    since: str
    grader: str
    profile: str
    modes: Mapping[str, str]
    limit: str
    score: str
    graded_of: str
    became: str
    passed: str
    nothing_graded: str
    trend: str
    grains: Mapping[Grain, str]
    trend_says: str
    trend_start: str
    heat: str
    heat_says: str
    topic: str
    level: str
    level_short: str
    all: str
    missed: str
    missed_says: str
    nothing_missed: str
    times: str
    must: str
    said: str
    beliefs: str
    in_fact: str
    answers: str
    legend: str
    legend_earned: str
    legend_half: str
    legend_denied: str
    question: str
    one_question: str
    follow_up: str
    verdicts: Mapping[Verdict, str]
    outcomes: Mapping[Outcome | None, str]
    not_graded: str
    provisional: str
    capped: str
    key_point: str
    verdict: str
    your_words: str
    confidence: str
    confidence_says: str
    over_confident: str
    under_confident: str
    well_judged: str
    no_better: str
    said_between: str
    answers_count: str
    mean_confidence: str
    mean_score: str
    time: str
    time_spent: str
    time_allowed: str
    over_by: str
    over_time: str
    in_time: str
    over_limit: str
    hints: str
    questions: str
    weakest_first: str
    attempts: str
    first: str
    latest: str
    points: str
    comparison: str
    compared_with: str
    before: str
    after: str
    change: str
    same_questions: str
    no_same: str
    only_before: str
    only_after: str
    seconds: str
    whole_minutes: str
    minutes: str
    hours: str
    aside: str
    colon: str
    quote: tuple[str, str]
    comma: str
    shortened: str
    more: str
    dont_know: str
    your_confidence: str
    plot_trend: str
    plot_confidence: str
    plot_confidence_says: str
    pass_mark: str
    contents: str
    picture: str


EN = Words(
    session_title="Session {id}",
    progress_title="Progress",
    nothing="Nothing is kept yet. 'mockint interview' starts a session.",
    made="Report of {when}",
    since="since {when}",
    grader="graded by {name}",
    profile="role: {name}",
    modes={"practice": "practice", "exam": "exam"},
    limit="time limit {time}",
    score="Score",
    graded_of="{graded} graded of {asked} asked",
    became="{count} {outcome}",
    passed="{passed} of {graded} at {mark} or more",
    nothing_graded="Nothing is graded yet.",
    trend="Trend",
    grains={"session": "by session", "day": "by day", "week": "by week", "month": "by month"},
    trend_says="From {first} ({first_when}) to {last} ({last_when}); best {best}.",
    trend_start="from",
    heat="Topics and levels",
    heat_says="The share of key points met at the latest attempt of each question; a partly met one counts half.",
    topic="Topic",
    level="Level {level}",
    level_short="L{level}",
    all="All",
    missed="Key points to learn",
    missed_says="What the latest answers did not say, in the right words. Must-haves come first.",
    nothing_missed="No key point was missed.",
    times="missed in {missed} of the latest {of}",
    must="must-have",
    said="You said",
    beliefs="Misconceptions stated",
    in_fact="In fact",
    answers="Answers",
    legend="Marked words",
    legend_earned="earned a key point",
    legend_half="earned half of one",
    legend_denied="denied one, or stated a misconception",
    question="Question {number}",
    one_question="Question",
    follow_up="Follow-up",
    verdicts={
        "met": "met",
        "partial": "partly",
        "missing": "missing",
        "contradicted": "contradicted",
        "stated": "misconception",
        "absent": "absent",
    },
    outcomes={
        "answered": "answered",
        "dont-know": "didn't know",
        "skipped": "skipped",
        None: "not answered",
    },
    not_graded="not graded",
    provisional="provisional",
    capped="at most {cap} while a must-have is missing",
    key_point="Key point",
    verdict="Verdict",
    your_words="Your words",
    confidence="Confidence against result",
    confidence_says="Brier score {brier} over {count} answers: 0 is perfect, always saying {mean} earns {baseline}.",
    over_confident="You were surer than your answers were good: {confidence} on average, against a score of {score}.",
    under_confident="Your answers were better than you thought: {confidence} on average, against a score of {score}.",
    well_judged="On average you judged yourself about right: {confidence}, against a score of {score}.",
    no_better="Which answers were the good ones, your confidence did not tell.",
    said_between="Confidence given",
    answers_count="Answers",
    mean_confidence="Mean confidence",
    mean_score="Mean score",
    time="Time",
    time_spent="Spent",
    time_allowed="Allowed",
    over_by="{time} over",
    over_time="{count} over time, by {time} in all",
    in_time="none over time",
    over_limit="{time} beyond the session's limit",
    hints="Hints",
    questions="Questions",
    weakest_first="The key points of each question at its latest attempt; the weakest first.",
    attempts="Attempts",
    first="First",
    latest="Latest",
    points="Key points",
    comparison="Compared with {id}",
    compared_with="{id} of {when}, then this session.",
    before="Before",
    after="Now",
    change="Change",
    same_questions="Asked in both",
    no_same="No question was asked in both.",
    only_before="Only before",
    only_after="Only now",
    seconds="{s} s",
    whole_minutes="{m} min",
    minutes="{m} min {s} s",
    hours="{h} h {m} min",
    aside=" ({})",
    colon=": ",
    quote=("“", "”"),
    comma=", ",
    shortened="[… {count} characters left out …]",
    more="and {count} more: --format html shows all",
    dont_know="I don't know.",
    your_confidence="confidence",
    plot_trend="Mean score over time, {grain}",
    plot_confidence="Confidence given, and the score that came of it",
    plot_confidence_says="A dot above the dashed line: better than you thought. The larger the dot, the more answers.",
    pass_mark="pass mark {mark}",
    contents="Contents",
    picture="[picture: {alt}]",
)

ZH = Words(
    session_title="面试 {id}",
    progress_title="练习进展",
    nothing="还没有记录。用 'mockint interview' 开始一次面试。",
    made="报告生成于 {when}",
    since="自 {when} 起",
    grader="评分：{name}",
    profile="岗位：{name}",
    modes={"practice": "练习", "exam": "考试"},
    limit="限时 {time}",
    score="得分",
    graded_of="问了 {asked} 题，已评分 {graded} 题",
    became="{outcome} {count} 题",
    passed="{graded} 题中有 {passed} 题达到 {mark}",
    nothing_graded="还没有评分。",
    trend="得分走势",
    grains={"session": "按场次", "day": "按天", "week": "按周", "month": "按月"},
    trend_says="从 {first}（{first_when}）到 {last}（{last_when}），最高 {best}。",
    trend_start="起始",
    heat="专题与难度",
    heat_says="每道题以最近一次回答为准，表中是答到的要点所占比例；部分答到算一半。",
    topic="专题",
    level="难度 {level}",
    level_short="难度{level}",
    all="合计",
    missed="还要补上的要点",
    missed_says="最近的回答里没有说到的内容，以及正确的说法。必答要点排在前面。",
    nothing_missed="没有漏掉的要点。",
    times="最近 {of} 次中漏了 {missed} 次",
    must="必答",
    said="你说的是",
    beliefs="说出的误区",
    in_fact="实际上",
    answers="回答",
    legend="标记说明",
    legend_earned="答到要点",
    legend_half="答到一半",
    legend_denied="说反了，或说出了误区",
    question="第 {number} 题",
    one_question="题目",
    follow_up="追问",
    verdicts={
        "met": "答到",
        "partial": "部分答到",
        "missing": "没提到",
        "contradicted": "说反了",
        "stated": "误区",
        "absent": "没有",
    },
    outcomes={"answered": "已回答", "dont-know": "不会", "skipped": "已跳过", None: "没有回答"},
    not_graded="未评分",
    provisional="暂定",
    capped="必答要点没有答到，最高 {cap}",
    key_point="要点",
    verdict="判定",
    your_words="你的原话",
    confidence="把握与结果",
    confidence_says="{count} 次回答的 Brier 分数为 {brier}：0 为最佳；如果每次都说 {mean}，会是 {baseline}。",
    over_confident="你的把握高于实际：平均说 {confidence}，平均得分 {score}。",
    under_confident="你答得比自己以为的好：平均说 {confidence}，平均得分 {score}。",
    well_judged="总体上判断得差不多：平均说 {confidence}，平均得分 {score}。",
    no_better="但哪几次答得好，从你的把握里看不出来。",
    said_between="给出的把握",
    answers_count="回答数",
    mean_confidence="平均把握",
    mean_score="平均得分",
    time="用时",
    time_spent="用时",
    time_allowed="限时",
    over_by="超时 {time}",
    over_time="{count} 题超时，共超出 {time}",
    in_time="没有超时",
    over_limit="超出整场限时 {time}",
    hints="提示",
    questions="题目",
    weakest_first="每道题最近一次回答中各要点的情况，薄弱的排在前面。",
    attempts="次数",
    first="首次",
    latest="最近",
    points="要点",
    comparison="与 {id} 对比",
    compared_with="先是 {when} 的 {id}，后是本场。",
    before="之前",
    after="本场",
    change="变化",
    same_questions="两场都问到的题",
    no_same="两场没有相同的题目。",
    only_before="只在之前问过",
    only_after="只在本场问过",
    seconds="{s} 秒",
    whole_minutes="{m} 分钟",
    minutes="{m} 分 {s} 秒",
    hours="{h} 小时 {m} 分",
    aside="（{}）",
    colon="：",
    quote=("“", "”"),
    comma="，",
    shortened="[……略去 {count} 字……]",
    more="另有 {count} 条，--format html 可看全部",
    dont_know="不会。",
    your_confidence="把握",
    plot_trend="平均得分走势，{grain}",
    plot_confidence="给出的把握与实际得分",
    plot_confidence_says="点在虚线之上，说明答得比自己以为的好；点越大，回答越多。",
    pass_mark="及格线 {mark}",
    contents="目录",
    picture="[图：{alt}]",
)


def words_in(lang: Lang) -> Words:
    return EN if lang == "en" else ZH


def percent(share: float | None) -> str:
    return DASH if share is None else f"{share:.0%}"


def change(before: float | None, after: float | None) -> str:
    """In points of a hundred, with its sign."""
    if before is None or after is None:
        return DASH
    return f"{round(100 * after) - round(100 * before):+d}".replace("+0", "±0").replace("-", "−")


def when(stamp: str) -> str:
    """A kept moment in the reader's own time zone, to the minute; a day stays a day."""
    if len(stamp) <= len("2026-01-01"):
        return stamp
    return datetime.fromisoformat(stamp).astimezone().strftime("%Y-%m-%d %H:%M")


def day(stamp: str) -> str:
    return when(stamp)[:10]


def duration(seconds: float | None, words: Words) -> str:
    if seconds is None:
        return DASH
    whole = round(seconds)
    if whole < 60:
        return words.seconds.format(s=whole)
    if whole < 3600 and whole % 60 == 0:
        return words.whole_minutes.format(m=whole // 60)
    if whole < 3600:
        return words.minutes.format(m=whole // 60, s=whole % 60)
    return words.hours.format(h=whole // 3600, m=whole % 3600 // 60)


def title(report: Report, words: Words) -> str:
    return words.session_title.format(id=report.session.id) if report.session else words.progress_title


def about(report: Report, words: Words) -> list[str]:
    """When, how and by whom, each a few words."""
    if session := report.session:
        said = [when(session.started_at), words.modes.get(session.mode, session.mode)]
        if session.profile:
            said.append(words.profile.format(name=session.profile))
        if session.limit_seconds is not None:
            said.append(words.limit.format(time=duration(session.limit_seconds, words)))
        said.append(words.grader.format(name=session.grader))
    else:
        said = [words.since.format(when=when(report.since))] if report.since else []
    return [*said, words.made.format(when=when(report.made_at))]


def figures(totals: Totals, words: Words, *, report: Report | None = None) -> list[tuple[str, str, str]]:
    """(name, figure, what it means) of the few numbers that come first."""
    graded = words.graded_of.format(graded=totals.graded, asked=totals.asked)
    if totals.provisional:
        graded += words.aside.format(f"{totals.provisional} {words.provisional}")
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


def _over(totals: Totals, words: Words, report: Report | None) -> str:
    over = words.over_time.format(count=totals.over, time=duration(totals.over_seconds, words))
    said = [over if totals.over else words.in_time]
    if report and report.session and report.session.over_seconds:
        said.append(words.over_limit.format(time=duration(report.session.over_seconds, words)))
    return words.comma.join(said)


def standing(answer: Answer, words: Words) -> list[str]:
    """What there is to say beside an answer's score, or instead of one."""
    if answer.score is None:
        waits = answer.outcome in ("answered", "dont-know")
        return [words.outcomes[answer.outcome], *([words.not_graded] if waits else [])]
    said = [words.provisional] if answer.provisional else []
    if answer.capped_by and answer.score == MUST_CAP:
        said.append(words.capped.format(cap=percent(MUST_CAP)))
    if answer.hints:
        said.append(f"{words.hints}{words.colon}{answer.hints}")
    if answer.confidence is not None:
        said.append(f"{words.your_confidence}{words.colon}{percent(answer.confidence)}")
    return said


def compared_time(report: Report, words: Words) -> str:
    """How long the two sessions took; empty when there is one."""
    if report.comparison is None:
        return ""
    before, after = (duration(one.seconds, words) for one in (report.comparison.before, report.totals))
    return f"{words.time}{words.colon}{before} → {after}"


def trend_sentence(report: Report, words: Words) -> str:
    """Empty until there are two points to compare."""
    points = [point for point in report.trend.points if point.score is not None]
    if len(points) < 2:
        return ""
    return words.trend_says.format(
        first=percent(points[0].score),
        first_when=day(points[0].start),
        last=percent(points[-1].score),
        last_when=day(points[-1].start),
        best=percent(max(point.score or 0.0 for point in points)),
    )


def confidence_sentences(calibration: Calibration, words: Words) -> list[str]:
    match calibration.bias:
        case bias if bias > 0.05:
            verdict = words.over_confident
        case bias if bias < -0.05:
            verdict = words.under_confident
        case _:
            verdict = words.well_judged
    said = [verdict.format(confidence=percent(calibration.confidence), score=percent(calibration.score))]
    if calibration.count > 1:
        said.append(
            words.confidence_says.format(
                brier=f"{calibration.brier:.2f}",
                count=calibration.count,
                mean=percent(calibration.score),
                baseline=f"{calibration.baseline:.2f}",
            )
        )
    if calibration.count >= 10 and calibration.brier >= calibration.baseline and abs(calibration.bias) <= 0.05:
        said.append(words.no_better)
    return said
