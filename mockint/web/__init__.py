"""The interview in a browser: pages on loopback that drive the same interview as the terminal.

app.py       the routes                     guard.py    who may ask for anything
pages.py     what is shown                  grading.py  verdicts, made while a page waits
actions.py   what a form does               site.py     what all pages share
view.py      values -> what a template draws            templates/, static/
server.py    the socket
"""
