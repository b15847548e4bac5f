"""What several faces say, once: the names of things, and how times and asides are written."""

from __future__ import annotations

from mockint.phrases.catalogue import Phrase, PhrasePer, Phrases
from mockint.question import Verdict


class SharedPhrases(Phrases):
    # a question
    """What the other areas start from."""

    question_of = Phrase("Question {number} of {total}", "第 {number} 题，共 {total} 题")
    question = Phrase("Question", "题目")
    follow_up = Phrase("Follow-up", "追问")
    topic = Phrase("Topic", "主题")
    level = Phrase("level {level}", "难度 {level}")
    minutes = Phrase("{minutes} min", "{minutes} 分钟")
    prints = Phrase("It prints", "输出")
    clarification = Phrase("About the question", "关于题目")
    debrief = Phrase("Debrief", "面试点评")
    llm_use = Phrase("LLM", "LLM 用量")
    tokens = Phrase("{tokens} tokens", "{tokens} 个 token")
    no_more_clarification = Phrase(
        "Saying more would give the answer away: take the question as you understand it, and say what you assume.",
        "再多说就等于给出答案了：请按你的理解作答，并说明你的假设。",
    )
    # an answer
    your_answer = Phrase("Your answer", "你的回答")
    outcomes = PhrasePer[str | None](
        {
            "answered": Phrase("answered", "已回答"),
            "dont-know": Phrase("didn't know", "不会"),
            "skipped": Phrase("skipped", "已跳过"),
            None: Phrase("not answered", "没有回答"),
        }
    )
    skipped = Phrase("Skipped.", "已跳过。")
    hints = Phrase("Hints", "提示")
    time = Phrase("Time", "用时")
    # a grade
    verdicts = PhrasePer[Verdict](
        {
            "met": Phrase("met", "答到"),
            "partial": Phrase("partly", "部分答到"),
            "missing": Phrase("missing", "没提到"),
            "contradicted": Phrase("contradicted", "说反了"),
            "stated": Phrase("misconception", "误区"),
            "absent": Phrase("absent", "没有"),
        }
    )
    score = Phrase("Score", "得分")
    mean_score = Phrase("Mean score", "平均得分")
    score_before = Phrase("{before} before the follow-up", "追问之前 {before}")
    capped = Phrase("at most {cap} while a must-have is missing", "必答要点没有答到，最高 {cap}")
    not_graded = Phrase("not graded", "未评分")
    key_points = Phrase("Key points", "要点")
    must = Phrase("must-have", "必答")
    in_fact = Phrase("In fact", "实际上")
    not_heard = Phrase(
        "Points not heard yet: {count}. They are shown after the follow-up.",
        "还有 {count} 点没有听到，追问之后再公布。",
    )
    good_answer = Phrase("What a good answer says", "好的回答会说到什么")
    reference_answer = Phrase("Reference answer", "参考答案")
    read_more = Phrase("Read more", "延伸阅读")
    # a session
    modes = PhrasePer[str](
        {
            "practice": Phrase("practice", "练习"),
            "exam": Phrase("exam", "考试"),
        }
    )
    summary = Phrase("Summary", "小结")
    questions = Phrase("Questions", "题目")
    all = Phrase("All", "合计")
    nothing_kept = Phrase(
        "No session is kept yet. 'mockint interview' starts one.", "还没有记录。用 'mockint interview' 开始一次面试。"
    )
    grains = PhrasePer[str](
        {
            "session": Phrase("by session", "按场次"),
            "day": Phrase("by day", "按天"),
            "week": Phrase("by week", "按周"),
            "month": Phrase("by month", "按月"),
        }
    )
    trend_says = Phrase(
        "From {first} ({first_when}) to {last} ({last_when}); best {best}.",
        "从 {first}（{first_when}）到 {last}（{last_when}），最高 {best}。",
    )
    mean_over_time = Phrase("Mean score over time, {grain}", "平均得分走势，{grain}")
    # how phrases and times are joined and written
    colon = Phrase(": ", "：")
    comma = Phrase(", ", "，")
    aside = Phrase(" ({what})", "（{what}）")
    seconds = Phrase("{seconds} s", "{seconds} 秒")
    minutes_and_seconds = Phrase("{minutes} min {seconds} s", "{minutes} 分 {seconds} 秒")
    hours_and_minutes = Phrase("{hours} h {minutes} min", "{hours} 小时 {minutes} 分")
