"""What a report says, whatever it is drawn as."""

from __future__ import annotations

from mockint.phrases.catalogue import Phrase
from mockint.phrases.shared import SharedPhrases


class ReportPhrases(SharedPhrases):
    """In the order of the report."""

    session_title = Phrase("Session {id}", "面试 {id}")
    progress_title = Phrase("Progress", "练习进展")
    made = Phrase("Report of {when}", "报告生成于 {when}")
    since = Phrase("since {when}", "自 {when} 起")
    grader = Phrase("graded by {name}", "评分：{name}")
    profile = Phrase("role: {name}", "岗位：{name}")
    limit = Phrase("time limit {time}", "限时 {time}")
    graded_of = Phrase("{graded} graded of {asked} asked", "问了 {asked} 题，已评分 {graded} 题")
    became = Phrase("{count} {outcome}", "{outcome} {count} 题")
    passed = Phrase("{passed} of {graded} at {mark} or more", "{graded} 题中有 {passed} 题达到 {mark}")
    nothing_graded = Phrase("Nothing is graded yet.", "还没有评分。")
    trend = Phrase("Trend", "得分走势")
    heat = Phrase("Topics and levels", "主题与难度")
    heat_says = Phrase(
        "The share of key points met at the latest attempt of each question; a partly met one counts half.",
        "每道题以最近一次回答为准，表中是答到的要点所占比例；部分答到算一半。",
    )
    level_heading = Phrase("Level {level}", "难度 {level}")
    level_short = Phrase("L{level}", "难度{level}")
    missed = Phrase("Key points to learn", "还要补上的要点")
    missed_says = Phrase(
        "What the latest answers did not say, in the right words. Must-haves come first.",
        "最近的回答里没有说到的内容，以及正确的说法。必答要点排在前面。",
    )
    nothing_missed = Phrase("No key point was missed.", "没有漏掉的要点。")
    times = Phrase("missed in {missed} of the latest {of}", "最近 {of} 次中漏了 {missed} 次")
    said = Phrase("You said", "你说的是")
    beliefs = Phrase("Misconceptions stated", "说出的误区")
    answers = Phrase("Answers", "回答")
    legend = Phrase("Marked words", "标记说明")
    legend_earned = Phrase("earned a key point", "答到要点")
    legend_half = Phrase("earned half of one", "答到一半")
    legend_denied = Phrase("denied one, or stated a misconception", "说反了，或说出了误区")
    question_heading = Phrase("Question {number}", "第 {number} 题")
    provisional = Phrase("provisional", "暂定")
    confidence = Phrase("Confidence against result", "把握与结果")
    confidence_says = Phrase(
        "Brier score {brier} over {count} answers: 0 is perfect, always saying {mean} earns {baseline}.",
        "{count} 次回答的 Brier 分数为 {brier}：0 为最佳；如果每次都说 {mean}，会是 {baseline}。",
    )
    over_confident = Phrase(
        "You were surer than your answers were good: {confidence} on average, against a score of {score}.",
        "你的把握高于实际：平均说 {confidence}，平均得分 {score}。",
    )
    under_confident = Phrase(
        "Your answers were better than you thought: {confidence} on average, against a score of {score}.",
        "你答得比自己以为的好：平均说 {confidence}，平均得分 {score}。",
    )
    about_right = Phrase(
        "On average your confidence was about right: {confidence}, against a score of {score}.",
        "总体上把握与实际差不多：平均说 {confidence}，平均得分 {score}。",
    )
    no_better = Phrase(
        "Which answers were the good ones, your confidence did not tell.", "但哪几次答得好，从你的把握里看不出来。"
    )
    said_between = Phrase("Confidence given", "给出的把握")
    answers_count = Phrase("Answers", "回答数")
    mean_confidence = Phrase("Mean confidence", "平均把握")
    time_spent = Phrase("Spent", "用时")
    time_allowed = Phrase("Allowed", "限时")
    over_by = Phrase("{time} over", "超时 {time}")
    over_time = Phrase("{count} over time, by {time} in all", "{count} 题超时，共超出 {time}")
    in_time = Phrase("none over time", "没有超时")
    over_limit = Phrase("{time} beyond the session's limit", "超出整场限时 {time}")
    weakest_first = Phrase(
        "The key points of each question at its latest attempt; the weakest first.",
        "每道题最近一次回答中各要点的情况，薄弱的排在前面。",
    )
    attempts = Phrase("Attempts", "次数")
    first = Phrase("First", "首次")
    latest = Phrase("Latest", "最近")
    comparison = Phrase("Compared with {id}", "与 {id} 对比")
    compared_with = Phrase("{id} of {when}, then this session.", "先是 {when} 的 {id}，后是本场。")
    before = Phrase("Before", "之前")
    after = Phrase("Now", "本场")
    change = Phrase("Change", "变化")
    same_questions = Phrase("Asked in both", "两场都问到的题")
    no_same = Phrase("No question was asked in both.", "两场没有相同的题目。")
    shortened = Phrase("[… {count} characters left out …]", "[……略去 {count} 字……]")
    more = Phrase("and {count} more: --format html shows all", "另有 {count} 条，--format html 可看全部")
    your_confidence = Phrase("confidence", "把握")
    plot_confidence = Phrase("Confidence given, and the score that came of it", "给出的把握与实际得分")
    plot_confidence_says = Phrase(
        "A dot above the dashed line: better than you thought. The larger the dot, the more answers.",
        "点在虚线之上，说明答得比自己以为的好；点越大，回答越多。",
    )
    pass_mark = Phrase("pass mark {mark}", "及格线 {mark}")
    contents = Phrase("Contents", "目录")
    picture = Phrase("[picture: {alt}]", "[图：{alt}]")
