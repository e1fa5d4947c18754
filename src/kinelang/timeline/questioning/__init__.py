"""Questions on a timeline, each with the program that answers it."""

from __future__ import annotations

from kinelang.timeline.questioning.making import Question, questions
from kinelang.timeline.questioning.programs import ATTRIBUTES, answer, answers

__all__ = ["ATTRIBUTES", "Question", "answer", "answers", "questions"]
