"""The claims' page: what it says of a claim that holds, is open, or cannot be had."""

import re

import pytest

from protocol.page import write_page

HOLDS = {
    "claim": "dropout",
    "words": "without dropout",
    "section": "4.2",
    "sentence": "Without dropout it overfits.",
    "measure": "test_error",
    "paper": 1.5,
    "log": {"run": "148", "top1": 42.034, "top5": 19.362},
    "others": "Others say so.",
    "shows_not": "Why.",
    "here": 2.5,
    "low": 1.25,
    "high": 3.75,
    "bootstrap": [1.0, 4.0],
    "p": 1e-9,
    "p_sign": 0.031,
    "verdict": "holds",
    "seeds": 6,
    "arm": "no-dropout",
    "rate": 0.01,
    "base_rate": 0.003,
    "at_base_rate": {"here": 2.0, "low": 1.0, "high": 3.0, "seeds": 5},
    "other_arms": [
        {"arm": "half", "here": 0.5, "low": -0.5, "high": 1.5, "seeds": 4},
        {"arm": "third", "seeds": 1},
    ],
}
NOT_SEEN = HOLDS | {"low": -0.5, "high": 5.5, "verdict": "not seen", "p": 0.25}
RATIO = HOLDS | {"claim": "time", "words": "longer", "measure": "epochs_to"}
NOTHING = dict.fromkeys(("here", "low", "high", "p", "verdict", "bootstrap", "log"))
OPEN = (
    HOLDS
    | NOTHING
    | {"seeds": 2, "why": "not finished, 2 of 6 seeds", "other_arms": []}
)
CANNOT = OPEN | {"seeds": 0, "cannot": "No pictures."}


@pytest.fixture
def page(tmp_path):
    """Return the text of the page of some lines."""

    def written(*lines):
        write_page(lines, tmp_path / "claims.rst", [])
        return (tmp_path / "claims.rst").read_text()

    return written


def row(text):
    """Return the cells of the table's first claim."""
    return [cell.lstrip("*- ") for cell in text.split("   * - ")[2].splitlines()[:8]]


def test_a_claim_that_holds(page):
    text = page(HOLDS)
    assert row(text)[1:] == [
        "4.2", "+1.50", "+2.50", "+1.25 to +3.75", "6", "< 1e-06", "holds",
    ]  # fmt: skip
    for words in (
        "Section 4.2: *“Without dropout it overfits.”*",
        "The paper: +1.50 points.",
        "The 2012 run 148: top-1 and top-5 error 42.034 and 19.362 %, beside 40.664",
        "Here: +2.50 points (+1.25 to +3.75, 6 seeds), p < 1e-06 after Holm's",
        "over seeds and pictures +1.00 to +4.00; by signs alone p 0.031. **Holds.**",
        "Its rate was 0.01, the base's 0.003; at the base's rate +2.00 points (+1.00",
        "Besides, half: +0.50 points (-0.50 to +1.50, 4 seeds).",
        "Besides, third: 1 of its seeds measured.",
        "Others: Others say so.",
        "What it does not show: Why.",
        "figures/claims.py --only dropout",
    ):
        assert words in text


def test_what_is_not_seen_comes_with_how_much_would_have_been(page):
    text = page(NOT_SEEN)
    assert row(text)[-1] == "not seen"
    assert "**Not seen: the interval reaches 3.00 points to either side.**" in text


def test_a_ratio_is_no_number_of_points(page):
    text = page(RATIO)
    assert row(text)[2:5] == ["1.50 times", "2.50 times", "1.25 to 3.75"]
    assert "2.50 times as long (1.25 to 3.75, 6 seeds)" in text


def test_a_bound_is_called_one(page):
    text = page(RATIO | {"bound": "a run missed it"})
    assert "2.50 times as long (1.25 to 3.75, 6 seeds; a run missed it)" in text


def test_what_is_not_measured_says_why(page):
    text = page(OPEN, CANNOT)
    assert row(text)[2:] == ["+1.50", "", "", "2", "", "not finished"]
    assert "Here: not finished, 2 of 6 seeds." in text
    assert "cannot be measured here" in text
    assert "Here: No pictures." in text
    assert text.count("figures/claims.py --only") == 1


def test_an_arm_of_one_seed_has_a_number(page):
    few = {"arm": "classes-200", "here": 27.25, "seeds": 1}
    text = page(HOLDS | {"other_arms": [few, {"arm": "other", "seeds": 0}]})
    assert "Besides, classes-200: +27.25 points, one seed." in text
    assert "Besides, other: 0 of its seeds measured." in text


def test_the_page_of_another_protocol_names_its_files_and_what_was_drawn(tmp_path):
    lines, path = (
        [HOLDS | {"section": "Goyal et al. 2017, 2.1"}],
        tmp_path / "large.rst",
    )
    write_page(lines, path, [tmp_path / "large.png", tmp_path / "large.svg"])
    text = path.read_text()
    assert "figures/large.png" in text and "large_curves" not in text
    write_page(lines, path, [tmp_path / "large_curves.png"])
    text = path.read_text()
    assert "figures/large_curves.png" in text and "figures/large.png" not in text
    assert "Goyal et al. 2017, 2.1: *“Without dropout" in text
    again = "--only dropout --records runs/again --resume``"
    assert f"claims.py --protocol figures/large.toml {again}" in text


def test_the_overview_leads_to_each_claims_section(page):
    text = page(HOLDS, RATIO)
    links = re.findall(r"^   \* - `.* <(.*)_>`__$", text, flags=re.MULTILINE)
    sections = re.findall(r"^\.\. _(.*):\n\n(.*)\n(-+)$", text, flags=re.MULTILINE)
    assert (
        links == [label for label, _, _ in sections] == ["claim-dropout", "claim-time"]
    )
    assert [(title, len(line)) for _, title, line in sections] == [
        ("Without dropout", 15),
        ("Longer", 6),
    ]
