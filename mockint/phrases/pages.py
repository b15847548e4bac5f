"""What the pages in the browser say."""

from __future__ import annotations

from typing import Literal

from mockint.phrases.catalogue import Phrase, PhrasePer
from mockint.phrases.shared import SharedPhrases

Refusal = Literal["token", "host", "origin", "form", "read_only", "size", "value"]
"""Why a request is not carried out."""


class PagePhrases(SharedPhrases):
    # around every page
    """By the page that says them."""

    skip_to_content = Phrase("Skip to the content", "跳到正文")
    navigation = Phrase("Pages", "页面")
    practise = Phrase("Practise", "练习")
    progress = Phrase("Progress", "进步")
    history = Phrase("History", "记录")
    bank = Phrase("Bank", "题库")
    settings = Phrase("Settings", "设置")
    read_only = Phrase("Read-only: nothing is changed.", "只读：不会改动任何内容。")
    graded_by = Phrase("Graded by {grader}.", "评分：{grader}。")
    stays_here = Phrase(" Everything stays on this computer.", "所有内容都留在这台电脑上。")
    back_home = Phrase("To the start page", "回到首页")
    # home
    home_title = Phrase("Mock interview", "模拟面试")
    home_line = Phrase(
        "Answer as you would aloud; see which points an interviewer would have heard.",
        "像面试时开口说那样回答，看看面试官会听到哪些要点。",
    )
    first_title = Phrase("How it works", "怎么用")
    first_1 = Phrase("Choose a topic below, or leave everything as it is, and begin.", "在下面选择主题，或者直接开始。")
    first_2 = Phrase(
        "Type your answer in your own words. It is saved while you type, and a timer runs beside it.",
        "用自己的话写下回答。输入时会自动保存，旁边有计时。",
    )
    first_3 = Phrase(
        "Hand it in: every key point gets a verdict, with your own words marked, then a follow-up question.",
        "提交后逐个要点给出判定，并标出你的原话，然后是追问。",
    )
    clarify = Phrase("What does the question mean?", "题目是什么意思？")
    clarify_what = Phrase("What is unclear (may be left empty)", "哪里不清楚（可以不填）")
    clarify_ask = Phrase("Ask", "提问")
    debrief_comes = Phrase("The debrief is being written.", "正在写面试点评。")
    resume_title = Phrase("Left open", "未完成的面试")
    resume = Phrase("Resume", "继续")
    resume_named = Phrase("Resume the session of {when}", "继续 {when} 的面试")
    answered_of = Phrase("{answered} of {total} answered", "已答 {answered}/{total} 题")
    begin_title = Phrase("A new session", "新的面试")
    topics = Phrase("Topics", "主题")
    topics_hint = Phrase("None chosen means all.", "不选就是全部。")
    level_from = Phrase("From level", "最低难度")
    level_to = Phrase("To level", "最高难度")
    role = Phrase("Or a role", "或者按岗位")
    no_role = Phrase("No role: the topics above", "不按岗位：用上面的主题")
    count = Phrase("Questions", "题数")
    mode = Phrase("Mode", "方式")
    practice_line = Phrase("a verdict after each answer, and follow-ups", "每答完一题就评分，并有追问")
    exam_line = Phrase("a time limit, all verdicts at the end", "限时，全部答完再评分")
    choice = Phrase("What to ask", "出题方式")
    choice_due = Phrase("What helps most now", "现在最该练的")
    choice_due_line = Phrase("due and weak questions first, then new ones", "先复习到期的和薄弱的，再出新题")
    choice_mixed = Phrase("A mix", "随机组合")
    choice_mixed_line = Phrase("spread over the topics, easier ones first", "各主题均匀，先易后难")
    due_now = Phrase(
        "Due now: {due}. Weak: {weak}. Not asked yet: {new}.", "到期 {due} 题，薄弱 {weak} 题，没问过 {new} 题。"
    )
    lang_of_questions = Phrase("Language of the questions", "题目语言")
    follow_ups = Phrase("Follow-ups a question", "每题追问")
    begin = Phrase("Begin", "开始")
    none_fits = Phrase(
        "No question is of this topic and level: choose more topics or a wider range of levels.",
        "没有符合这些主题和难度的题目：多选几个主题，或放宽难度范围。",
    )
    # question
    to_question = Phrase("The question was", "原题")
    why_this = Phrase("Why this question:", "为什么问这题：")
    how_to_hand_in = Phrase("Ctrl+Enter hands in.", "Ctrl+Enter 提交。")
    of_minutes = Phrase("of {minutes} min", "/ {minutes} 分钟")
    over_time = Phrase("over by", "超时")
    session_time = Phrase("Left in this exam", "考试剩余")
    exam_over = Phrase(
        "The time is over. What you write now is kept and marked as over time.",
        "时间到了。现在写的仍会保留，并标为超时。",
    )
    saved_at = Phrase("Saved", "已保存")
    saving = Phrase("Saving…", "正在保存…")
    not_saved = Phrase(
        "Not saved: mockint does not answer. Your words stay in this tab; it tries again.",
        "没有保存：mockint 没有响应。你写的内容留在这个标签页里，会继续重试。",
    )
    not_handed_in = Phrase(
        "Not handed in: mockint does not answer. Your words are still here; try again.",
        "没有提交：mockint 没有响应。你写的内容还在这里，请再试一次。",
    )
    answered_elsewhere = Phrase(
        "This was answered in another window. That answer counts; what you type here is kept as a draft.",
        "这题已在另一个窗口提交，以那份为准；你在这里写的会留作草稿。",
    )
    read_it = Phrase("See where the session is", "查看面试进度")
    other_drafts = Phrase("Also typed for this question, in another window", "另一个窗口里为这题写下的内容")
    use_draft = Phrase("Put it in the answer", "放进回答里")
    confidence = Phrase("How good is this answer?", "你觉得答得怎么样？")
    confidence_hint = Phrase("Optional; say it before you see the verdict.", "可不填；在看到评分之前说。")
    confidences = PhrasePer[str](
        {
            "0.1": Phrase("A guess", "瞎猜"),
            "0.3": Phrase("Weak", "偏弱"),
            "0.5": Phrase("Half", "一半"),
            "0.7": Phrase("Good", "不错"),
            "0.9": Phrase("Complete", "完整"),
        }
    )
    hand_in = Phrase("Hand in", "提交")
    dont_know = Phrase("I don't know", "不会")
    skip = Phrase("Skip, ungraded", "跳过，不评分")
    hint = Phrase("A hint (costs {cost} of the score)", "要提示（扣除得分的 {cost}）")
    no_more_hints = Phrase("There are no more hints.", "没有更多提示了。")
    # verdict
    grading = Phrase("Reading your answer…", "正在阅读你的回答……")
    grading_exam = Phrase("Grading your answers…", "正在评分……")
    graded_of = Phrase("{graded} of {total} graded", "已评 {graded}/{total} 题")
    verdict = Phrase("Verdict", "评分")
    hints_taken = Phrase("hints taken: {count}", "用了 {count} 次提示")
    you_expected = Phrase("you expected {confidence}", "你估计 {confidence}")
    took = Phrase("took {clock}", "用时 {clock}")
    took_over = Phrase("over by {clock}", "超时 {clock}")
    weight = Phrase("weight {weight}", "权重 {weight}")
    misconceptions = Phrase("Misconceptions", "误区")
    what_you_said = Phrase("What you said, with the words that counted", "你的回答，计分的词已标出")
    marks_legend = Phrase(
        "The small numbers name the key points that the words count for.", "小数字是这些词对应的要点编号。"
    )
    all_heard = Phrase("Every point was heard.", "所有要点都说到了。")
    no_point_yet = Phrase("No point was heard yet.", "还没有听到任何要点。")
    not_graded_line = Phrase("Your answer is kept, and not graded yet.", "你的回答已经保留，还没有评分。")
    grade_again = Phrase("Grade it now", "现在评分")
    provisional = Phrase(
        "The LLM could not grade this; the grade is provisional. 'mockint regrade' asks again.",
        "LLM 没能评分，当前评分是暂定的。可用 mockint regrade 重新评分。",
    )
    reason = Phrase("Reason", "原因")
    broken_off = Phrase("The connection broke; the page loads again by itself.", "连接断开，页面会自动重新加载。")
    reload = Phrase("Load this page again", "重新加载本页")
    said_dont_know = Phrase("You said: I don't know.", "你说：不会。")
    waiting = Phrase("Not answered yet.", "还没有回答。")
    to_follow_up = Phrase("Answer the follow-up", "回答追问")
    next_question = Phrase("Next question", "下一题")
    to_summary = Phrase("To the summary", "查看小结")
    continue_key = Phrase("Ctrl+Enter goes on.", "Ctrl+Enter 继续。")
    the_question = Phrase("The question", "题目")
    # summary
    session_of = Phrase("Session of {when}", "{when} 的面试")
    session_open = Phrase("This session is not finished.", "这次面试还没有完成。")
    exam_open = Phrase("The verdicts of an exam come when it is finished.", "考试结束后才公布评分。")
    by_topic = Phrase("By topic", "按主题")
    spent = Phrase("Time spent", "总用时")
    report = Phrase("The report of this session", "本次面试的报告")
    another = Phrase("Another session", "再来一次")
    mode_and_grader = Phrase("{mode}, graded by {grader}", "{mode}，评分：{grader}")
    # progress
    progress_line = Phrase("What your answers so far say.", "到目前为止的回答说明了什么。")
    nothing_yet = Phrase(
        "Nothing was graded yet. Answer a first question, and this page fills.",
        "还没有评过分。回答第一题之后，这里就有内容了。",
    )
    trend_described = Phrase("Oldest first: {scores}.", "从早到晚：{scores}。")
    answers_count = Phrase("Answers graded", "已评分的回答")
    sessions_count = Phrase("Sessions", "面试次数")
    topics_progress = Phrase("Topics", "各主题")
    topics_progress_line = Phrase("The mean of the last answer to each question.", "每题最近一次回答的平均分。")
    asked_of = Phrase("{asked} of {total} asked", "问过 {asked}/{total} 题")
    weak_points = Phrase("Weak key points", "薄弱要点")
    weak_points_line = Phrase("What your last answers left out or had wrong.", "最近的回答里没提到或说错的。")
    no_weak_points = Phrase(
        "None: the last answer to every question had all its points.", "没有：每题最近一次回答都说到了全部要点。"
    )
    practise_this = Phrase("Practise this question", "练这道题")
    # history
    history_line = Phrase("Every session, newest first.", "所有面试，最近的在前。")
    no_session_yet = Phrase("No session is kept yet.", "还没有记录。")
    open = Phrase("open", "未完成")
    older = Phrase("Older sessions", "更早的")
    everything_report = Phrase("A report of everything", "全部记录的报告")
    # bank
    bank_line = Phrase(
        "{count} questions. What a good answer says stays folded until you open it.",
        "共 {count} 题。好的回答要说到什么，点开才显示。",
    )
    follow_up_prompts = Phrase("Follow-ups", "追问")
    to_bank = Phrase("All questions", "全部题目")
    # settings
    settings_line = Phrase("Kept in this browser.", "保存在这个浏览器里。")
    language = Phrase("Language", "语言")
    theme = Phrase("Colours", "颜色")
    themes = PhrasePer[str](
        {
            "auto": Phrase("As the system", "跟随系统"),
            "light": Phrase("Light", "浅色"),
            "dark": Phrase("Dark", "深色"),
        }
    )
    save = Phrase("Save", "保存")
    settings_saved = Phrase("Saved.", "已保存。")
    keys_title = Phrase("Keys", "快捷键")
    keys_line = Phrase(
        "Tab and Shift+Tab move, Enter and Space press, Ctrl+Enter hands in an answer and goes on from a verdict.",
        "Tab 和 Shift+Tab 移动，Enter 和空格按下，Ctrl+Enter 提交回答，也用于从评分页继续。",
    )
    # notices
    not_found = Phrase("There is nothing here", "这里什么都没有")
    not_found_line = Phrase("The address leads nowhere.", "这个地址没有对应的内容。")
    refused = Phrase("Not allowed", "不允许")
    refusals = PhrasePer[Refusal](
        {
            "token": Phrase(
                "Open the address that 'mockint serve' printed: it holds the key to these pages.",
                "请打开 'mockint serve' 显示的地址，其中带有访问这些页面的钥匙。",
            ),
            "host": Phrase(
                "This page was asked for under a name that is not mockint's.", "请求所用的主机名不是 mockint 的。"
            ),
            "origin": Phrase("The request came from another page.", "请求来自别的页面。"),
            "form": Phrase(
                "The form is of an earlier start of mockint. Go back and load the page again; "
                "your words are kept in the tab.",
                "这个表单来自 mockint 之前的一次启动。请返回并重新加载页面再试；你写的内容还在那个标签页里。",
            ),
            "read_only": Phrase(
                "mockint serves read-only: nothing can be changed.", "mockint 以只读方式运行，不能改动。"
            ),
            "size": Phrase("That is too large.", "内容太大了。"),
            "value": Phrase("The form holds something unusable.", "表单里有无法使用的内容。"),
        }
    )
    trouble = Phrase("That did not work", "没有成功")
    bug = Phrase(
        "A fault in mockint. What you handed in is kept; the terminal says more.",
        "mockint 出错了。已提交的内容都在，终端里有详细信息。",
    )
    conflict = Phrase("Answered already", "已经回答过了")
    conflict_line = Phrase(
        "This was answered in another window, and that answer counts. Your words are kept as a draft; these are they:",
        "这题已在另一个窗口提交，以那份为准。你在这里写的已留作草稿，内容如下：",
    )
    unsaved = Phrase(
        "It could not be saved. Your words, so that they are not lost:", "没能保存。你写的内容如下，以免丢失："
    )
