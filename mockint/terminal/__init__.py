"""What a person sees and types in a terminal. rich draws, prompt_toolkit takes the answer; nothing here decides.

words     the interface's words in English and Chinese
draw      questions, verdicts, summaries, history
report    a report, with bars and sparklines
entry     where answers come from: the keyboard, a pipe, a file
session   asks, takes, shows, until the interview is over
"""
