"""What a check found: as words, as JSON, and as Gradescope's results.json."""

import textwrap
from dataclasses import dataclass
from typing import Any

from .blanks import Blank, blanks
from .exercise import Exercise
from .part_result import PartResult

WIDTH = 88


@dataclass(frozen=True)
class Result:
    """What came of checking one exercise; ``str()`` lays it out.

    Attributes
    ----------
    exercise : Exercise
    file : str
        The name of the student's file, or "" for layers that were given.
    parts : tuple of PartResult
        One for each part of the exercise, in order.
    trouble : str
        What stopped the check, or "".
    blanks : tuple of Blank
        The lines that are still to be filled in.
    printed : str
        The first lines that the student's code has printed.
    """

    exercise: Exercise
    file: str
    parts: tuple[PartResult, ...]
    trouble: str = ""
    blanks: tuple[Blank, ...] = ()
    printed: str = ""

    @property
    def points(self) -> int:
        """How many parts are right."""
        return sum(part.passed for part in self.parts)

    @property
    def passed(self) -> bool:
        """Whether all is right."""
        return self.points == len(self.exercise.parts)

    def as_dict(self) -> dict[str, Any]:
        """Return what ``check --json`` prints."""
        return {
            "exercise": self.exercise.number,
            "title": self.exercise.title,
            "file": self.file,
            "points": self.points,
            "of": len(self.exercise.parts),
            "trouble": self.trouble,
            "printed": self.printed,
            "to_fill_in": [blank.line for blank in self.blanks],
            "parts": [part.as_dict() for part in self.parts],
        }

    def gradescope(self) -> dict[str, Any]:
        """Return what Gradescope reads from results.json: a test and a score a part."""
        name = f"Exercise {self.exercise.number}"
        return {
            "output": str(self),
            "tests": [
                {
                    "name": f"{name}: {part.part}",
                    "score": int(part.passed),
                    "max_score": 1,
                    "status": "passed" if part.passed else "failed",
                    "output": "right" if part.passed else self._about(part),
                }
                for part in self.parts
            ],
        }

    def __str__(self) -> str:
        """Return a line a part, and of the first wrong one where and why."""
        about = self.exercise
        lines = [f"Exercise {about.number}, {about.title}: {self.points} of "
                 f"{len(about.parts)} parts are right"]  # fmt: skip
        wrong = [part for part in self.parts if not part.passed]
        if len(self.blanks) == len(blanks(about.stub)) and not self.trouble:
            return "\n\n".join([lines[0], self._nothing_yet()])
        lines += [
            f"  {'right' if part.passed else 'WRONG'}  {part.part}"
            for part in self.parts
        ]
        if self.passed:
            lines.append(f"All of it is right. {about.lesson} goes on from here.")
        if self.trouble:
            lines += ["", wrapped(f"The check was stopped: {self.trouble}")]
        elif wrong:
            lines += ["", self._about(wrong[0])]
        if self.printed and not self.passed:
            lines += ["", "Your code printed:", textwrap.indent(self.printed, "  ")]
        return "\n".join(lines)

    __repr__ = __str__  # so that a notebook shows it

    def _about(self, part: PartResult) -> str:
        """Return where a part is wrong, with which call, and what to think about."""
        paragraphs = [f"{part.part}: {part.what or 'not tried'}"]
        waiting = [blank for blank in self.blanks if blank.inside in part.called]
        if waiting:  # and the numbers say nothing yet about the student's own lines
            line, text, inside = waiting[0]
            paragraphs.append(
                f"Line {line}, in {inside}, is still to be filled in: {text}"
            )
        elif part.hint:
            paragraphs.append(f"Hint: {part.hint}")
        if part.section and part.what:
            paragraphs.append(f'Read "{part.section}" in {self.exercise.lesson}.')
        lines = [wrapped(one) for one in paragraphs]
        if part.settings:
            settings = textwrap.indent(part.settings, "  ")
            lines.insert(1, f"This was with\n{settings}")
        return "\n".join(lines)

    def _nothing_yet(self) -> str:
        first, many = self.blanks[0], len(self.blanks)
        return wrapped(
            f"Nothing is filled in yet, and that is a fair start. {many} places wait "
            f"for you; each is written ... in the file. Begin with line {first.line}, "
            f"in {first.inside}, and check again as soon as you like: every part that "
            "is right counts at once."
        )


def wrapped(text: str) -> str:
    """Return a paragraph in lines that fit a terminal."""
    return textwrap.fill(
        text, WIDTH, break_long_words=False, break_on_hyphens=False,
        subsequent_indent="  ",
    )  # fmt: skip
