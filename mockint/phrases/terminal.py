"""What the terminal says in an interview and of the history."""

from __future__ import annotations

from mockint.phrases.catalogue import Phrase
from mockint.phrases.shared import SharedPhrases


class TerminalPhrases(SharedPhrases):
    """In the order in which an interview says them."""

    begin = Phrase(
        "Questions: {count}. Minutes: about {minutes}. Answer as you would aloud.",
        "共 {count} 题，约 {minutes} 分钟。像面试时开口说那样回答即可。",
    )
    picture = Phrase("[picture: {alt} - {path}]", "[图：{alt} - {path}]")
    how_to_type = Phrase(
        "Enter starts a new line. Ctrl-D (or Esc, then Enter) hands the answer in. /help shows the commands.",
        "Enter 换行，Ctrl-D（或先按 Esc 再按 Enter）提交。输入 /help 查看命令。",
    )
    how_to_pipe = Phrase("A line with a single '.' ends an answer.", "单独一行 '.' 结束回答。")
    commands = Phrase(
        (
            "Alone on the first line, then Enter:\n"
            "  /skip   leave this question out, ungraded\n"
            "  /idk    I don't know: see what a good answer says\n"
            "  /hint   a hint, for a part of the score\n"
            "  /clarify ...   ask what the question means (with an LLM)\n"
            "  /edit   write in $EDITOR (Ctrl-X Ctrl-E does the same)\n"
            "  /quit   stop here; everything answered is kept\n"
            "Ctrl-D or Esc Enter hands in. Ctrl-C stops at once; what you handed in is kept."
        ),
        (
            "在第一行单独输入，然后按 Enter：\n"
            "  /skip   跳过这一题，不评分\n"
            "  /idk    不会：看看好的回答要说到什么\n"
            "  /hint   要一个提示，会扣分\n"
            "  /clarify ...   问清题意（需要 LLM）\n"
            "  /edit   用 $EDITOR 编辑（Ctrl-X Ctrl-E 也可以）\n"
            "  /quit   到此为止；已经回答的都会保留\n"
            "Ctrl-D 或 Esc Enter 提交。Ctrl-C 立即停止；已提交的都会保留。"
        ),
    )
    nothing_typed = Phrase(
        "Nothing typed yet. /idk: I don't know   /skip   /quit", "还没有输入内容。/idk 不会   /skip 跳过   /quit 退出"
    )
    toolbar = Phrase(
        "{clock}   Ctrl-D hand in   Enter new line   /skip /idk /edit /quit /help",
        "{clock}   Ctrl-D 提交   Enter 换行   /skip 跳过  /idk 不会  /help",
    )
    toolbar_short = Phrase(
        "{clock}  Ctrl-D hand in  /idk  /skip  /help", "{clock}  Ctrl-D 提交  /idk 不会  /skip 跳过  /help"
    )
    dont_know = Phrase("I don't know.", "不会。")
    failed = Phrase("Not graded: {reason}. Your answer is kept.", "没有评分：{reason}。你的回答已经保留。")
    provisional = Phrase(
        "The LLM could not grade this: {reason}. The grade is provisional; 'mockint regrade' asks again.",
        "LLM 没能评分：{reason}。当前评分是暂定的，稍后可用 mockint regrade 重新评分。",
    )
    grading = Phrase("The LLM is reading your answer...", "LLM 正在阅读你的回答……")
    no_clarification = Phrase(
        "Take the question as you understand it, and say what you assume.", "请按你的理解作答，并说明你的假设。"
    )
    hint = Phrase("Hint (costs {cost} of the score)", "提示（扣除得分的 {cost}）")
    no_hint = Phrase("There are no more hints for this question.", "这道题没有更多提示了。")
    used = Phrase("The LLM used: {used}", "LLM 用量：{used}")
    offer_references = Phrase("Show the reference answers? [Y/n] ", "现在看参考答案吗？[Y/n] ")
    saved = Phrase("Kept. To see it again: mockint history {id}", "已保存，随时可看：mockint history {id}")
    resumable = Phrase("Questions left: {open} of {total}.", "还剩 {open} 题没有回答，共 {total} 题。")
    stopped = Phrase(
        "Stopped. Answers kept: {count}. To see them: mockint history {id}",
        "已停止。已回答的 {count} 题都保存了，随时可看：mockint history {id}",
    )
    stopped_empty = Phrase("Stopped. Nothing was answered.", "已停止，没有回答任何题目。")
    stopped_open = Phrase(
        "To go on where you stopped, with what you have typed: mockint resume {id}",
        "接着刚才的进度继续（已输入的内容也在）：mockint resume {id}",
    )
    unsaved = Phrase(
        "The answer could not be saved. Here it is, so that it is not lost:", "回答没能保存。原文如下，以免丢失："
    )
    answered_elsewhere = Phrase(
        "This was answered already in another window. That answer counts; yours is kept as a draft.",
        "这道题已经在另一个窗口里回答过了，以那份为准；你刚写的已存为草稿。",
    )
    draft_unsaved = Phrase("The draft could not be saved. Hand in, or copy it.", "草稿没能保存，请尽快提交或复制出来。")
    how_sure = Phrase(
        "How good was that answer? 0-100, Enter to leave it out: ",
        "你觉得这个回答能得多少分？0-100，直接按 Enter 跳过：",
    )
    how_sure_again = Phrase("A whole number from 0 to 100, or just Enter.", "请输入 0 到 100 的整数，或直接按 Enter。")
    over_time = Phrase("over time", "已超时")
    time_left = Phrase("session {left}", "总剩余 {left}")
    took_longer = Phrase(
        "You took {spent}; {minutes} min were meant. Over by {over}.",
        "用时 {spent}，建议 {minutes} 分钟，超时 {over}。",
    )
    session_over = Phrase(
        "The time of the session was over; it took {over} longer. All that you said counts.",
        "本场时间已到，超出 {over}。说过的都算数。",
    )
    exam_begins = Phrase(
        "Exam: {minutes} minutes for everything. The verdicts come at the end.",
        "模拟考试：全部题目共 {minutes} 分钟，最后统一公布评分。",
    )
    verdicts_later = Phrase("Kept.", "已保存。")
    verdicts_now = Phrase("The verdicts", "评分")
    goes_on = Phrase(
        "Session {id} goes on: {answered} of {total} answered.", "继续 {id}：已回答 {answered} 题，共 {total} 题。"
    )
    draft_found = Phrase("What you had typed is in the editor.", "之前输入的内容已放回编辑框。")
    answered_of = Phrase("{answered}/{total} answered", "答了 {answered}/{total} 题")
