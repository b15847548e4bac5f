"""The interface's words in both languages. One field a phrase; `{...}` is filled in where it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mockint.question import Lang, Verdict


@dataclass(frozen=True)
class Words:
    begin: str
    question: str
    follow_up: str
    level: str
    minutes: str
    picture: str
    program: str
    how_to_type: str
    how_to_pipe: str
    commands: str
    nothing_typed: str
    toolbar: str
    toolbar_short: str
    your_answer: str
    skipped: str
    dont_know: str
    verdicts: Mapping[Verdict, str]
    quote: tuple[str, str]
    aside: str
    must: str
    not_heard: str
    in_fact: str
    score: str
    score_before: str
    capped: str
    failed: str
    provisional: str
    grading: str
    no_clarification: str
    clarification: str
    hint: str
    no_hint: str
    debrief: str
    used: str
    summary: str
    all_topics: str
    not_graded: str
    reference_answer: str
    key_points: str
    references: str
    prints: str
    offer_references: str
    no: tuple[str, ...]
    kept: str
    resumable: str
    stopped: str
    stopped_empty: str
    stopped_open: str
    unsaved: str
    answered_elsewhere: str
    draft_unsaved: str
    how_sure: str
    how_sure_again: str
    over_time: str
    time_left: str
    took_longer: str
    session_over: str
    exam_begins: str
    verdicts_later: str
    verdicts_now: str
    goes_on: str
    draft_found: str
    nothing_kept: str
    answered_of: str
    waiting: str


EN = Words(
    begin="Questions: {count}. Minutes: about {minutes}. Answer as you would aloud.",
    question="Question {number} of {total}",
    follow_up="Follow-up",
    level="level {level}",
    minutes="{minutes} min",
    picture="[picture: {alt} - {path}]",
    program="The program:",
    how_to_type="Enter starts a new line. Ctrl-D (or Esc, then Enter) hands the answer in. /help shows the commands.",
    how_to_pipe="A line with a single '.' ends an answer.",
    commands=(
        "Alone on the first line, then Enter:\n"
        "  /skip   leave this question out, ungraded\n"
        "  /idk    I don't know: see what a good answer says\n"
        "  /hint   a hint, for a part of the score\n"
        "  /clarify ...   ask what the question means (with an LLM)\n"
        "  /edit   write in $EDITOR (Ctrl-X Ctrl-E does the same)\n"
        "  /quit   stop here; everything answered is kept\n"
        "Ctrl-D or Esc Enter hands in. Ctrl-C stops at once; what you handed in is kept."
    ),
    nothing_typed="Nothing typed yet. /idk: I don't know   /skip   /quit",
    toolbar="{clock}   Ctrl-D hand in   Enter new line   /skip /idk /edit /quit /help",
    toolbar_short="{clock}  Ctrl-D hand in  /idk  /skip  /help",
    your_answer="Your answer",
    skipped="Skipped.",
    dont_know="I don't know.",
    verdicts={
        "met": "met",
        "partial": "partly",
        "missing": "missing",
        "contradicted": "contradicted",
        "stated": "misconception",
        "absent": "absent",
    },
    quote=("“", "”"),
    aside=" ({})",
    must="must-have",
    not_heard="Points not heard yet: {count}. They are shown after the follow-up.",
    in_fact="In fact: ",
    score="Score",
    score_before="{before} before the follow-up",
    capped="at most {cap} while a must-have is missing",
    failed="Not graded: {reason}. Your answer is kept.",
    provisional="The LLM could not grade this: {reason}. The grade is provisional; 'mockint regrade' asks again.",
    grading="The LLM is reading your answer...",
    no_clarification="Take the question as you understand it, and say what you assume.",
    clarification="About the question",
    hint="Hint (costs {cost} of the score)",
    no_hint="There are no more hints for this question.",
    debrief="Debrief",
    used="The LLM used: {used}",
    summary="Summary",
    all_topics="All",
    not_graded="not graded",
    reference_answer="Reference answer",
    key_points="What a good answer says",
    references="Read more",
    prints="It prints:",
    offer_references="Show the reference answers? [Y/n] ",
    no=("n", "no", "q"),
    kept="Kept. To see it again: mockint history {id}",
    resumable="Questions left: {open} of {total}.",
    stopped="Stopped. Answers kept: {count}. To see them: mockint history {id}",
    stopped_empty="Stopped. Nothing was answered.",
    stopped_open="To go on where you stopped, with what you have typed: mockint resume {id}",
    answered_elsewhere="This was answered already in another window. That answer counts; yours is kept as a draft.",
    draft_unsaved="The draft could not be saved. Hand in, or copy it.",
    how_sure="How good was that answer? 0-100, Enter to leave it out: ",
    how_sure_again="A whole number from 0 to 100, or just Enter.",
    over_time="over time",
    time_left="session {left}",
    took_longer="You took {spent}; {minutes} min were meant. Over by {over}.",
    session_over="The time of the session was over; it took {over} longer. All that you said counts.",
    exam_begins="Exam: {minutes} minutes for everything. The verdicts come at the end.",
    verdicts_later="Kept.",
    verdicts_now="The verdicts",
    goes_on="Session {id} goes on: {answered} of {total} answered.",
    draft_found="What you had typed is in the editor.",
    unsaved="The answer could not be saved. Here it is, so that it is not lost:",
    nothing_kept="No session is kept yet. 'mockint interview' starts one.",
    answered_of="{answered}/{total} answered",
    waiting="not answered",
)

ZH = Words(
    begin="共 {count} 题，约 {minutes} 分钟。像面试时开口说那样回答即可。",
    question="第 {number} 题，共 {total} 题",
    follow_up="追问",
    level="难度 {level}",
    minutes="{minutes} 分钟",
    picture="[图：{alt} - {path}]",
    program="程序：",
    how_to_type="Enter 换行，Ctrl-D（或先按 Esc 再按 Enter）提交。输入 /help 查看命令。",
    how_to_pipe="单独一行 '.' 结束回答。",
    commands=(
        "在第一行单独输入，然后按 Enter：\n"
        "  /skip   跳过这一题，不评分\n"
        "  /idk    不会：看看好的回答要说到什么\n"
        "  /hint   要一个提示，会扣分\n"
        "  /clarify ...   问清题意（需要 LLM）\n"
        "  /edit   用 $EDITOR 编辑（Ctrl-X Ctrl-E 也可以）\n"
        "  /quit   到此为止；已经回答的都会保留\n"
        "Ctrl-D 或 Esc Enter 提交。Ctrl-C 立即停止；已提交的都会保留。"
    ),
    nothing_typed="还没有输入内容。/idk 不会   /skip 跳过   /quit 退出",
    toolbar="{clock}   Ctrl-D 提交   Enter 换行   /skip 跳过  /idk 不会  /help",
    toolbar_short="{clock}  Ctrl-D 提交  /idk 不会  /skip 跳过  /help",
    your_answer="你的回答",
    skipped="已跳过。",
    dont_know="不会。",
    verdicts={
        "met": "答到",
        "partial": "部分答到",
        "missing": "没提到",
        "contradicted": "说反了",
        "stated": "误区",
        "absent": "没有",
    },
    quote=("“", "”"),
    aside="（{}）",
    must="必答",
    not_heard="还有 {count} 点没有听到，追问之后再公布。",
    in_fact="实际上：",
    score="得分",
    score_before="追问之前 {before}",
    capped="必答要点没有答到，最高 {cap}",
    failed="没有评分：{reason}。你的回答已经保留。",
    provisional="LLM 没能评分：{reason}。当前评分是暂定的，稍后可用 mockint regrade 重新评分。",
    grading="LLM 正在阅读你的回答……",
    no_clarification="请按你的理解作答，并说明你的假设。",
    clarification="关于题目",
    hint="提示（扣除得分的 {cost}）",
    no_hint="这道题没有更多提示了。",
    debrief="面试点评",
    used="LLM 用量：{used}",
    summary="小结",
    all_topics="合计",
    not_graded="未评分",
    reference_answer="参考答案",
    key_points="好的回答会说到",
    references="延伸阅读",
    prints="输出：",
    offer_references="现在看参考答案吗？[Y/n] ",
    no=("n", "no", "q", "不", "否"),
    kept="已保存，随时可看：mockint history {id}",
    resumable="还剩 {open} 题没有回答，共 {total} 题。",
    stopped="已停止。已回答的 {count} 题都保存了，随时可看：mockint history {id}",
    stopped_empty="已停止，没有回答任何题目。",
    stopped_open="接着刚才的进度继续（已输入的内容也在）：mockint resume {id}",
    answered_elsewhere="这道题已经在另一个窗口里回答过了，以那份为准；你刚写的已存为草稿。",
    draft_unsaved="草稿没能保存，请尽快提交或复制出来。",
    how_sure="你觉得这个回答能得多少分？0-100，直接按 Enter 跳过：",
    how_sure_again="请输入 0 到 100 的整数，或直接按 Enter。",
    over_time="已超时",
    time_left="总剩余 {left}",
    took_longer="用时 {spent}，建议 {minutes} 分钟，超时 {over}。",
    session_over="本场时间已到，超出 {over}。说过的都算数。",
    exam_begins="模拟考试：全部题目共 {minutes} 分钟，最后统一公布评分。",
    verdicts_later="已保存。",
    verdicts_now="评分",
    goes_on="继续 {id}：已回答 {answered} 题，共 {total} 题。",
    draft_found="之前输入的内容已放回编辑框。",
    unsaved="回答没能保存。原文如下，以免丢失：",
    nothing_kept="还没有记录。用 'mockint interview' 开始一次面试。",
    answered_of="答了 {answered}/{total} 题",
    waiting="没有回答",
)


def words_in(lang: Lang) -> Words:
    return EN if lang == "en" else ZH
