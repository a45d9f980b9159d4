"""The folder for slides: every figure in both forms, and a caption for each."""

from pathlib import Path

import slides

ROOT = Path(__file__).resolve().parents[2]


def test_every_figure_is_there_in_both_forms_with_its_caption(tmp_path, capsys):
    assert slides.main(["--out", str(tmp_path / "out")]) == 0
    drawn = {path.stem for path in (ROOT / "figures").glob("*.png")}
    copied = {path.name for path in (tmp_path / "out").iterdir()}
    pictures = {f"{name}.{ending}" for name in drawn for ending in ("png", "svg")}
    assert copied == pictures | {"captions.md"}
    for name in pictures:
        once, again = ROOT / "figures" / name, tmp_path / "out" / name
        assert once.read_bytes() == again.read_bytes()
    parts = (tmp_path / "out" / "captions.md").read_text().split("\n## ")
    assert "CC BY 4.0" in parts[0]
    assert {part.partition("\n")[0] for part in parts[1:]} == drawn
    for part in parts[1:]:
        _, caption, seen = part.strip().split("\n\n")
        assert len(caption.split()) > 4 and "`" not in caption
        assert seen.startswith("What is to be seen: ") and len(seen.split()) > 15
    assert "captions.md" in capsys.readouterr().out


def test_a_folder_that_cannot_be_is_answered_in_a_line(capsys):
    assert slides.main(["--out", "/dev/null/slides"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
