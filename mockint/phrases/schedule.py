"""What `mockint due` and `mockint plan` say, and why a question is asked."""

from __future__ import annotations

from mockint.phrases.catalogue import Phrase
from mockint.phrases.shared import SharedPhrases


class SchedulePhrases(SharedPhrases):
    # why a question is asked
    """By the command that says them."""

    new = Phrase("New to you, level {level}.", "新题，难度 {level}。")
    new_in_topic = Phrase(
        "New to you. Level {level}; your answers in this topic earn about level {earned}.",
        "还没问过你。难度 {level}；你在这个主题目前大约是 {earned} 级。",
    )
    due_again = Phrase(
        "Due: you scored {score} {ago}; the chance that you still know it is {recall}.",
        "该复习了：{ago}得分 {score}，现在还记得的概率约 {recall}。",
    )
    weak = Phrase("Weak: you scored {score} {ago}.", "薄弱：{ago}得分 {score}。")
    first_forgotten = Phrase(
        "Nothing is due; of what you know, this is what you would forget first (scored {score} {ago}).",
        "没有到期的题目；这是已掌握题目里最容易先忘的一道（{ago}得分 {score}）。",
    )
    today = Phrase("today", "今天")
    yesterday = Phrase("yesterday", "昨天")
    days_ago = Phrase("{days} days ago", "{days} 天前")
    # what is due
    question_column = Phrase("question", "题目")
    when_column = Phrase("when", "什么时候")
    last_column = Phrase("last", "上次")
    recall_column = Phrase("recall", "还记得")
    times_column = Phrase("times", "次数")
    due_today = Phrase("due", "到期")
    due_since = Phrase("due {days} d", "到期 {days} 天")
    later_today = Phrase("later today", "今天晚些时候")
    due_in = Phrase("in {days} d", "{days} 天后")
    due_line = Phrase(
        "{due} due, {later} later, {new} never asked. 'mockint interview' asks what is due first.",
        "到期 {due} 题，之后 {later} 题，还没问过 {new} 题。'mockint interview' 会先问到期的。",
    )
    # the plan of days
    day_column = Phrase("day", "日期")
    minutes_column = Phrase("min", "分钟")
    questions_column = Phrase("questions (+ new, ~ again)", "题目（+ 新题，~ 复习）")
    weekdays = Phrase("Mon Tue Wed Thu Fri Sat Sun", "一 二 三 四 五 六 日")
    free = Phrase("free", "休息")
    plan_line = Phrase(
        "{days} days: {new} new questions, {again} reviews, {minutes} minutes in all.",
        "{days} 天，新题 {new}，复习 {again} 次，共 {minutes} 分钟。",
    )
    left_out = Phrase(
        " {count} do not fit: {minutes} minutes a day would hold them.",
        " 时间不够，{count} 题没排进去：每天 {minutes} 分钟才够。",
    )
