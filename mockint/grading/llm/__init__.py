"""Grading by an LLM: it gives verdicts, code verifies.

sheet.py     what is asked, and how a reply is read      evidence.py  is the quote really in the answer
grader.py    the votes and the marks                     obvious.py   what needs no LLM
trial.py     three easy answers to try an LLM with       prompts/     what it is told
"""
