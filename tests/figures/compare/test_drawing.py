"""What comparisons write into their pictures."""

from matplotlib.figure import Figure

from compare.drawing import say_change


def said(one, other):
    axes = Figure().subplots()
    say_change(axes, (0, 0), one, other)
    return axes.texts[0].get_text()


def test_a_change_is_said_with_its_sign_and_interval():
    # 1.1 +- 4.303 * 0.1732 / sqrt(3), as in the test of section 3.4's script
    words = said([0.20, 0.30, 0.40], [0.21, 0.31, 0.413])
    assert words.replace("\N{MINUS SIGN}", "-") == "-1.1 points\n(-1.5 to -0.7)"
    assert said([0.3], [0.2]) == "+10.0 points"
