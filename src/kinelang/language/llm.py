"""A thin client of a chat model behind any server that speaks OpenAI's protocol (llama.cpp, vLLM, Ollama, OpenAI, ...)."""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kinelang.errors import MissingExtraError, ModelError

KEYS = ("KINELANG_LLM_KEY", "OPENAI_API_KEY")
"""Environment variables that may hold the key, the first that does; servers at home need none."""
_REFUSALS = (400, 404, 415, 422, 501)
"""Statuses by which servers say that they do not know a `response_format`."""

SPARE_S = 0.5
"""Beyond the time to wait, for the client to say itself that there was no answer."""


@dataclass
class ChatModel:
    """A model on a server.

    Attributes:
        base_url: such as "http://localhost:8080/v1".
        model: its name on the server.
        timeout_s: seconds to wait for an answer.
        formats: ways of asking for JSON that the server has not refused yet.
    """

    base_url: str
    model: str
    timeout_s: float = 60.0
    formats: list[str] = field(default_factory=lambda: ["json_schema", "json_object", "plain"])

    def ask(self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any], name: str = "answer") -> Any:
        """Ask for an answer in JSON.

        The schema is sent as `response_format`; where a server refuses this, JSON of any form is asked for, then plain text, from which
        the first JSON object is taken. Whether the answer keeps to the schema is for the caller to check.

        Args:
            messages: {"role": "system" or "user" or "assistant", "content": text}, in order.
            schema: JSON Schema of the answer.
            name: what the schema is called.

        Returns:
            The parsed JSON.

        Raises:
            ModelError: no answer in time, a status of failure, or an answer without JSON.
            MissingExtraError: the package `openai` is not installed.
        """
        return json_in(self.text(messages, schema, name), self._where)

    def text(self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any], name: str = "answer") -> str:
        """As `ask`, the answer as it came. Raises ModelError, MissingExtraError."""
        try:
            import openai
        except ImportError:
            raise MissingExtraError.for_extra("openai", "llm") from None
        key = next((os.environ[name] for name in KEYS if os.environ.get(name)), "none")
        try:
            client = openai.OpenAI(base_url=self.base_url, api_key=key, timeout=self.timeout_s, max_retries=0)
        except Exception as error:  # of the address; those of the HTTP client share no class with others
            raise ModelError.of(self._where, _brief(error), "the address of a server", "such as http://localhost:8080/v1") from None
        answer = None
        while answer is None:
            answer = self._in_time(lambda: self._tried(client, messages, schema, name))
        return answer

    def _in_time(self, ask: Callable[[], str | None]) -> str | None:
        """What `ask` returns. The client's own limit is of every single byte, which a server may send one by one without end."""
        done: list[str | BaseException | None] = []

        def work() -> None:
            try:
                done.append(ask())
            except BaseException as error:
                done.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(self.timeout_s + SPARE_S)
        if not done:
            raise self._late()
        if isinstance(done[0], BaseException):
            raise done[0]
        return done[0]

    def _late(self) -> ModelError:
        return self._failed(f"no answer within {self.timeout_s:g} s", "one", "wait longer, or ask a smaller model")

    def _tried(self, client: Any, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any], name: str) -> str | None:
        """The answer; None where the server refused this way of asking, and there is another. Raises ModelError."""
        import openai

        try:
            return self._content(client, messages, schema, name)
        except openai.APIStatusError as error:
            if error.status_code in _REFUSALS and len(self.formats) > 1:
                self.formats.pop(0)
                return None
            raise self._failed(f"status {error.status_code}: {_brief(error)}", "an answer", _remedy(error.status_code)) from None
        except openai.APITimeoutError:
            raise self._late() from None
        except openai.APIConnectionError as error:
            raise self._failed(f"no server ({_brief(error.__cause__ or error)})", "one", "start it, or give its address") from None
        except (openai.OpenAIError, ValueError) as error:
            raise self._failed(f"an answer that is none ({_brief(error)})", "one of the chat protocol") from None

    def _content(self, client: Any, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any], name: str) -> str:
        answer = client.chat.completions.create(
            model=self.model, messages=[dict(m) for m in messages], temperature=0, **_format(self.formats[0], schema, name)
        )
        try:
            content = answer.choices[0].message.content
        except (AttributeError, IndexError, TypeError):
            raise self._failed("an answer without a message", "choices[0].message.content", "is this a chat server?") from None
        if not isinstance(content, str) or not content.strip():
            raise self._failed("an empty answer", "JSON", "try another model")
        return content

    @property
    def _where(self) -> str:
        return f"language model {self.model} at {self.base_url}"

    def _failed(self, found: str, expected: str, remedy: str = "") -> ModelError:
        return ModelError.of(self._where, found, expected, remedy)


def json_in(text: str, where: str = "answer") -> Any:
    """The JSON of an answer: all of it, or in a fence, or the first object in it. Raises ModelError."""
    fenced = re.search(r"```(?:json)?\s*(.*?)```", text, re.DOTALL)
    decoder = json.JSONDecoder()
    for said in (text, fenced[1] if fenced else "", text[text.find("{") :] if "{" in text else ""):
        with contextlib.suppress(json.JSONDecodeError, RecursionError):
            return decoder.raw_decode(said.strip())[0]
    raise ModelError.of(where, f"no JSON in '{_cut(text)}'", "a JSON object", "try another model")


def _format(kind: str, schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    if kind == "json_schema":
        return {"response_format": {"type": kind, "json_schema": {"name": name, "schema": dict(schema), "strict": False}}}
    return {"response_format": {"type": kind}} if kind == "json_object" else {}


def _remedy(status: int) -> str:
    if status in (401, 403):
        return f"set {KEYS[0]} to a key that this server knows"
    return "look for the name of the model there" if status == 404 else "look at the server's log" if status >= 500 else ""


def _brief(error: object) -> str:
    return _cut(str(error) or type(error).__name__)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 160 else f"{text[:157]}..."
