"""Patches by a language model, over real HTTP: good answers, nonsense, refusals, failures, and nobody there."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import time

import pytest

from editing.chat_server import Chat, serving
from kinelang.editing import Editor, propose_by_model
from kinelang.editing.language_model import prompt
from kinelang.editing.patch import Patch, Remove, schema
from kinelang.errors import MissingExtraError, ModelError, TimelineError
from kinelang.language.llm import ChatModel, json_in
from kinelang.timeline import from_text

pytest.importorskip("openai")
SCORE = from_text("0-3 walk direction=forward\n3-4.5 kick side=left\n")
GOOD = '{"operations": [{"op": "remove", "stage": 2}]}'
BAD = '{"operations": [{"op": "remove", "stage": 7}]}'


def test_an_answer_that_keeps_to_the_schema_is_the_patch():
    with serving(Chat(GOOD)) as chat:
        assert propose_by_model("remove the kick", SCORE, ChatModel(chat.url, "m")) == Patch((Remove(2),))
    (asked,) = chat.asked
    assert asked["model"] == "m"
    assert asked["response_format"]["json_schema"]["schema"] == schema()
    assert "2. 3.00-4.50 kick side=left" in asked["messages"][1]["content"]
    assert "remove the kick" in asked["messages"][1]["content"]


@pytest.mark.parametrize("first", [BAD, "I would remove the kick.", '{"operations": [{"op": "delete", "stage": 2}]}', "[]"])
def test_a_bad_answer_is_sent_back_once_with_the_reason(first):
    with serving(Chat(first, GOOD)) as chat:
        assert propose_by_model("remove the kick", SCORE, ChatModel(chat.url, "m")) == Patch((Remove(2),))
    assert len(chat.asked) == 2
    assert "cannot be used" in chat.asked[1]["messages"][-1]["content"]


def test_a_second_bad_answer_is_an_error_of_one_line():
    with serving(Chat(BAD)) as chat, pytest.raises(ModelError, match="two answers that are no patch.*found 7") as caught:
        propose_by_model("remove the kick", SCORE, ChatModel(chat.url, "m"))
    assert len(chat.asked) == 2
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("refuses", [("json_schema",), ("json_schema", "json_object")])
def test_a_server_that_knows_no_schema_is_asked_in_another_way(refuses):
    with serving(Chat(f"Here it is:\n```json\n{GOOD}\n```", refuses=refuses)) as chat:
        model = ChatModel(chat.url, "m")
        assert propose_by_model("remove the kick", SCORE, model) == Patch((Remove(2),))
        asked = len(chat.keys)
        model.ask(prompt("again", SCORE), schema())
        assert len(chat.keys) == asked + 1, "what was refused once is not tried again"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (500, "status 500"),
        (401, "KINELANG_LLM_KEY"),
        (b"not json at all", "language model m"),
        (b'{"choices": []}', "language model m"),
        ("", "empty"),
        (b"{}", "language model m"),
    ],
)
def test_a_server_that_fails_is_an_error_of_one_line(answer, said):
    with serving(Chat(answer)) as chat, pytest.raises(ModelError, match=said) as caught:
        propose_by_model("remove the kick", SCORE, ChatModel(chat.url, "m", timeout_s=5))
    assert "\n" not in str(caught.value)


def test_a_server_that_takes_too_long():
    with serving(Chat(1.5)) as chat, pytest.raises(ModelError, match=r"no answer within 0.2 s"):
        propose_by_model("remove the kick", SCORE, ChatModel(chat.url, "m", timeout_s=0.2))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "nowhere", "http://"])
def test_nobody_there(url):
    with pytest.raises(ModelError, match="language model m at"):
        propose_by_model("remove the kick", SCORE, ChatModel(url, "m", timeout_s=2))


def test_the_key_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with serving(Chat(GOOD)) as chat:
        propose_by_model("x", SCORE, ChatModel(chat.url, "m"))
        monkeypatch.setenv("OPENAI_API_KEY", "second")
        propose_by_model("x", SCORE, ChatModel(chat.url, "m"))
        monkeypatch.setenv("KINELANG_LLM_KEY", "first")
        propose_by_model("x", SCORE, ChatModel(chat.url, "m"))
    assert chat.keys == ["Bearer none", "Bearer second", "Bearer first"]


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(MissingExtraError, match=r"kinelang\[llm\]"):
        ChatModel("http://localhost/v1", "m").ask([], {})


def test_an_editor_asks_the_model():
    with serving(Chat(GOOD)) as chat:
        editor = Editor(model=ChatModel(chat.url, "m"))
        editor.open(SCORE)
        assert editor.propose("lass den Tritt weg").diff[0] == "The kick (3 to 4.5 s) is removed."


def test_no_words_are_no_instruction():
    with pytest.raises(TimelineError, match="no words"):
        propose_by_model("  ", SCORE, ChatModel("http://localhost/v1", "m"))


@pytest.mark.parametrize("text", [GOOD, f"Sure! {GOOD} Done.", f"```\n{GOOD}\n```"])
def test_json_is_found_in_an_answer(text):
    assert json_in(text) == json.loads(GOOD)


def test_an_answer_that_comes_byte_by_byte_is_not_waited_for():
    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(100):
                connection.sendall(b" ")
                time.sleep(0.1)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=drip, args=(listening,), daemon=True).start()
        model = ChatModel(f"http://127.0.0.1:{listening.getsockname()[1]}/v1", "m", timeout_s=0.3)
        begun = time.monotonic()
        with pytest.raises(ModelError, match=r"no answer within 0.3 s"):
            propose_by_model("remove the kick", SCORE, model)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("url", ["http://[::1", "http://localhost:port/v1", "nowhere", ""])
def test_an_address_that_is_none_is_an_error_of_one_line(url):
    with pytest.raises(ModelError) as caught:
        propose_by_model("remove the kick", SCORE, ChatModel(url, "m", timeout_s=2))
    assert "\n" not in str(caught.value)
