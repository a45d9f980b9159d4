"""What is seen of the claims' runs where there is no terminal."""

from protocol import scheduler
from protocol.planned import plan
from tests.support.claims import claim


def test_without_a_terminal_the_runs_to_go_are_told_on_lines(monkeypatch, capsys):
    monkeypatch.setattr(scheduler, "SLOW_TERMINAL", 0)  # so that every count is a line
    run = plan([claim(arms=[], seeds=1)], lambda *_: None)[0]
    clock = scheduler.Clock(1, None)
    clock.plan([run], [])
    clock.pictures(run, 1000, 0.5)
    clock.bar.close()
    said = capsys.readouterr().err
    assert "\r" not in said
    lines = said.splitlines()
    assert all("%" in line and "<" in line for line in lines)
    assert lines[-1].startswith("1 runs to go: ")
