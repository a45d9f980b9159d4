"""Captions, colours and frames."""

from matplotlib.figure import Figure

from minialexnet.pictures.style import caption, look, open_frame


def test_a_caption_says_when_and_where_and_fits():
    machine = {"cores": 2, "processor": "AMD EPYC"}
    runs = [
        {"date": f"2026-11-{day}T07:38:34Z", "commit": commit, "machine": machine}
        for day, commit in (
            (24, "8080debe8447"),
            (22, None),
            (23, "8080debe8447"),
            (23, "9651f2abcdef-dirty"),
        )
    ]
    figure = Figure(figsize=(7.2, 3), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel("epochs")
    caption(figure, "Training pictures of CIFAR-10, seeds 0 to 4; " * 6, runs)
    words = figure.get_supxlabel().replace("\n", " ")
    assert words.endswith(
        "Recorded 2026-11-22 to 2026-11-24 on 2 cores of AMD EPYC, "
        "commit 8080deb, unknown, 9651f2a-dirty."
    )
    figure.draw_without_rendering()
    (label,) = (text for text in figure.texts if text.get_text().startswith("Train"))
    box = label.get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width
    assert box.y1 <= axes.xaxis.label.get_window_extent().y0
    caption(figure, "One seed.")
    assert "One seed. Computed 20" in figure.get_supxlabel()


def test_no_two_of_56_lines_look_alike():
    looks = [tuple(look(number).values()) for number in range(56)]
    assert len(set(looks)) == 56


def test_an_open_frame_is_closed_below_and_to_the_left():
    panels = Figure().subplots(1, 2)
    open_frame(*panels)
    for axes in panels:
        shown = {name for name, spine in axes.spines.items() if spine.get_visible()}
        assert shown == {"left", "bottom"}
