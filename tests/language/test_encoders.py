"""What every text encoder of the table has to keep. A new line in ENCODERS is tested by this file as it stands.

The encoders of the hub are tiny ones of random weights here: what is tested is the way in, not the weights.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from encoder_samples import REPOSITORIES, TEXTS, build_hub, needs_minilm

from kinelang.errors import KinelangError, MissingExtraError
from kinelang.language.encoders import ENCODERS, TextEncoder, normal_text, open_encoder
from kinelang.language.encoders.cache import CachedEncoder

every_encoder = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=needs_minilm) if name == "minilm" else name for name in (*ENCODERS, "tiny/bert", "tiny/t5")]
)


@pytest.fixture(scope="module", autouse=True)
def _folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_CACHE", str(build_hub(tmp_path_factory.mktemp("hub"))))
        patch.setenv("KINELANG_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def opened() -> dict[str, TextEncoder]:
    return {}


@pytest.fixture
def encoder(name: str, opened: dict[str, TextEncoder]) -> TextEncoder:
    if name not in opened:
        opened[name] = open_encoder(name, cache=False)
    return opened[name]


@every_encoder
def test_states_and_sentences_have_the_shapes_they_should(encoder: TextEncoder) -> None:
    assert isinstance(encoder, TextEncoder)
    states, sentences = encoder.tokens(TEXTS), encoder.sentences(TEXTS)
    assert [s.ndim for s in states] == [2] * len(TEXTS)
    assert all(len(s) and s.shape[1] == encoder.width and s.dtype == np.float32 and np.isfinite(s).all() for s in states)
    assert sentences.shape == (len(TEXTS), encoder.width)
    assert sentences.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(sentences, axis=1), 1, atol=1e-6)
    assert len(states[4]) > len(states[3])


@every_encoder
def test_the_same_again(encoder: TextEncoder, name: str) -> None:
    other = open_encoder(name, cache=False)
    assert other.identity == encoder.identity
    assert np.array_equal(other.sentences(TEXTS), encoder.sentences(TEXTS))
    assert all(map(np.array_equal, other.tokens(TEXTS), encoder.tokens(TEXTS)))


@every_encoder
def test_a_text_gives_what_it_gives_alone(encoder: TextEncoder) -> None:
    """A long neighbour pads a short text: the result must not show it."""
    many = TEXTS * 30
    states, sentences = encoder.tokens(many), encoder.sentences(many)
    for i, text in enumerate(TEXTS):
        np.testing.assert_allclose(states[i], encoder.tokens([text])[0], atol=2e-5)
        np.testing.assert_allclose(states[i + 7 * 29], states[i], atol=2e-5)
        np.testing.assert_allclose(sentences[i], encoder.sentences([text])[0], atol=2e-6)


@every_encoder
def test_order_is_kept(encoder: TextEncoder) -> None:
    np.testing.assert_allclose(encoder.sentences(TEXTS[::-1])[::-1], encoder.sentences(TEXTS), atol=2e-6)


@every_encoder
def test_sides_and_verbs_differ(encoder: TextEncoder) -> None:
    vectors = encoder.sentences(["he raises his left arm.", "he raises his right arm.", "he jumps twice."])
    assert (vectors @ vectors.T)[np.triu_indices(3, 1)].max() < 0.999


@every_encoder
def test_white_space_and_composition_make_no_difference(encoder: TextEncoder) -> None:
    assert np.array_equal(encoder.sentences(["a  person\n walks "]), encoder.sentences(["a person walks"]))
    assert np.array_equal(encoder.sentences(["cafe\u0301"]), encoder.sentences(["caf\u00e9"]))


@every_encoder
def test_no_texts_give_nothing(encoder: TextEncoder) -> None:
    assert encoder.tokens([]) == []
    assert encoder.sentences([]).shape == (0, encoder.width)


@every_encoder
@pytest.mark.parametrize("bad", ["", "  \n", None, 3, "walk\ud800"])
def test_what_is_no_text_is_refused(encoder: TextEncoder, bad: object) -> None:
    for verb in (encoder.tokens, encoder.sentences):
        with pytest.raises(KinelangError, match="^text: found .+; expected"):
            verb(["walk", bad])  # type: ignore[list-item]


@every_encoder
def test_a_single_string_is_refused(encoder: TextEncoder) -> None:
    with pytest.raises(KinelangError, match="put it into a list"):
        encoder.tokens("walk")


@every_encoder
def test_a_very_long_text_is_cut_not_refused(encoder: TextEncoder) -> None:
    (states,) = encoder.tokens(["walk " * 3000])
    assert len(states) <= 3000
    assert np.isfinite(states).all()


@every_encoder
def test_a_hit_gives_exactly_what_the_miss_gave(encoder: TextEncoder) -> None:
    first = CachedEncoder(encoder)
    miss = first.tokens(TEXTS), first.sentences(TEXTS)
    again = CachedEncoder(_Forbidden(encoder))
    hit = again.tokens(TEXTS), again.sentences(TEXTS)
    assert all(map(np.array_equal, miss[0], hit[0]))
    assert np.array_equal(miss[1], hit[1])
    plain = first.encoder.tokens(TEXTS)
    assert np.array_equal(miss[1], first.encoder.sentences(TEXTS))
    for cached, own in zip(miss[0], plain, strict=True):
        np.testing.assert_allclose(cached, own, rtol=2**-11, atol=1e-6)


class _Forbidden:
    def __init__(self, encoder: TextEncoder) -> None:
        self.identity, self.width = encoder.identity, encoder.width

    def tokens(self, texts: list[str]) -> list[np.ndarray]:
        raise AssertionError(f"encoded again: {texts}")

    sentences = tokens


@every_encoder
def test_what_is_worth_it_is_kept_on_disk(name: str, encoder: TextEncoder) -> None:
    cached = open_encoder(name)
    assert isinstance(cached, CachedEncoder) == (name not in ENCODERS or ENCODERS[name].kept)
    assert (cached.identity, cached.width) == (encoder.identity, encoder.width)


@every_encoder
def test_the_identity_names_the_weights(encoder: TextEncoder) -> None:
    name, digest = encoder.identity.split("@")
    assert name
    assert len(digest) == 8
    assert int(digest, 16) >= 0


def test_no_two_encoders_have_one_identity(opened: dict[str, TextEncoder]) -> None:
    identities = [open_encoder(name, cache=False).identity for name in (*REPOSITORIES.values(), "words")]
    assert len(set(identities)) == len(identities)


@pytest.mark.parametrize("entry", ENCODERS.values(), ids=ENCODERS)
def test_the_table_is_well_formed(entry: object) -> None:
    assert ENCODERS[entry.name] is entry  # type: ignore[attr-defined]
    assert entry.description  # type: ignore[attr-defined]
    assert "\n" not in entry.description  # type: ignore[attr-defined]


def test_an_encoder_has_its_other_names() -> None:
    names = ("distilbert", "distilbert-base-uncased", "distilbert/distilbert-base-uncased")
    assert len({open_encoder(name).identity for name in names}) == 1


@pytest.mark.parametrize("name", ["minlm", "word2vec", "", "./nowhere", "/nowhere/at/all"])
def test_an_unknown_name_lists_the_known(name: str) -> None:
    with pytest.raises(KinelangError, match="minilm, distilbert, mpnet, clip, words, a folder"):
        open_encoder(name)


def test_a_model_that_is_not_there_is_not_fetched() -> None:
    with pytest.raises(KinelangError, match="fetch it with: hf download nobody/nothing"):
        open_encoder("nobody/nothing")


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [("minilm", "tokenizers", "search"), ("tiny/bert", "torch", "models"), ("tiny/bert", "transformers", "models")],
)
def test_a_missing_package_names_its_extra(name: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=f"{package}.*kinelang\\[{extra}\\]"):
        open_encoder(name)


def test_texts_are_normalised_as_said() -> None:
    assert normal_text(" A\tperson \u00a0walks\r\nbackwards!\u2003") == "A person walks backwards!"
    assert normal_text("cafe\u0301") == "caf\u00e9"


@needs_minilm
def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys, kinelang, kinelang.language.encoders as e\n"
        "assert not {'tokenizers', 'safetensors'} & set(sys.modules), 'imported before use'\n"
        "e.open_encoder().tokens(['walk']); e.open_encoder('words').tokens(['walk'])\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'huggingface_hub', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    environment = {"KINELANG_CACHE": str(tmp_path), "PATH": "", "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
