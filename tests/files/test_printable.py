"""What a terminal would obey never reaches it."""

import pytest

from minialexnet.files.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, weiße 猫", "plain, weiße 猫"),
        ("\x1b]0;title\x07", "?]0;title?"),
        ("\x9b2J", "?2J"),  # the same in one character
        ("a\r\nb\tc", "a  b c"),
        ("abc\u202egnp.exe", "abc?gnp.exe"),  # turns the direction of writing
        ("\ud800", "?"),
        ("\x7f\x00", "??"),
    ],
)
def test_control_characters_become_question_marks(text, shown):
    assert printable(text) == shown


def test_a_long_text_keeps_its_ends():
    shown = printable("a" * 10**6 + "b" * 10**6, 40)
    assert shown == "a" * 19 + "..." + "b" * 18
    assert printable("abc", 3) == "abc"


def test_what_the_terminal_cannot_show_becomes_a_question_mark():
    assert printable("weiße 猫", encoding="cp1252") == "weiße ?"
    assert printable("weiße 猫", encoding="ascii") == "wei?e ?"
