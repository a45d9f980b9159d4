"""``minialexnet describe --out`` draws the network."""

import pytest

from minialexnet.cli import main


def test_describe_prints_the_table_and_draws(tmp_path, capsys):
    out = tmp_path / "new" / "figure_2"
    assert main(["describe", "--profile", "2012", "--out", str(out)]) == 0
    text = capsys.readouterr().out
    assert "60,965,224" in text
    assert "lrn, pool, relu" in text
    assert out.with_name("figure_2.png").exists()
    assert out.with_name("figure_2.svg").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--width", "0"], "expected width > 0, got 0.0"),
        (["--profile", "torchvision", "--input-size", "12"], "pool1"),
        (["--out", "/dev/null/figure"], "/dev/null"),
    ],
)
def test_misuse_of_describe_is_answered_in_a_line(arguments, words, capsys):
    assert main(["describe", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
