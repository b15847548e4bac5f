"""What to ask next and why, what is due, and a plan to the day of the interview; all of it replayed from the history.

    replay      attempts -> a Standing for each question, by FSRS
    choice      standings, levels and topics -> the next question, with the reason in one line
    calendar    standings -> a day-by-day plan to a date

Source of the memory model: the `fsrs` package (FSRS-6), with its own parameters.
"""

from mockint.schedule.calendar import Calendar, Day, Item, plan_days
from mockint.schedule.choice import Choice, choose_next, level_of
from mockint.schedule.replay import Standing, standings

__all__ = ["Calendar", "Choice", "Day", "Item", "Standing", "choose_next", "level_of", "plan_days", "standings"]
