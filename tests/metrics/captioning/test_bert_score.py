"""BERTScore with a tiny model of random weights: parity with bert-score, properties, refusals."""

import sys
from pathlib import Path

import numpy as np
import pytest

from kinelang.errors import KinelangError
from kinelang.metrics.captioning import BertModel, score

pytest.importorskip("transformers", reason="transformers is not installed")
sys.path.insert(0, str(Path(__file__).parents[2] / "language"))

CANDIDATES = ["a person walks forward", "he raises his left arm.", "jumps", "sits"]
REFERENCES = [
    ["a person walks forward", "someone turns to the left"],
    ["he raises his right arm", "jumps twice"],
    ["a person sits and jumps"],
    ["unheard words"],
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from encoder_samples import build_model

    return build_model("bert", tmp_path_factory.mktemp("models") / "tiny-bert")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("idf", [True, False])
@pytest.mark.parametrize("layer", [1, 2])
def test_it_is_that_of_bert_score(folder, idf, layer):
    theirs = pytest.importorskip("bert_score", reason="bert-score, the outside party, is not installed")
    _, _, f1 = theirs.score(CANDIDATES, REFERENCES, model_type=str(folder), num_layers=layer, idf=idf, nthreads=0, device="cpu")
    assert BertModel(folder, layer, idf).score(CANDIDATES, REFERENCES) == pytest.approx(f1.numpy(), abs=1e-5)


def test_the_same_again_is_one_and_nothing_is_zero(folder):
    found = BertModel(folder).score([*CANDIDATES[:2], ""], [[CANDIDATES[0]], ["jumps", CANDIDATES[1]], ["jumps"]])
    assert found == pytest.approx([1, 1, 0])


def test_another_reference_never_lowers_it_and_order_is_nothing(folder):
    model = BertModel(folder, idf=False)
    one, more = model.score(CANDIDATES, [r[:1] for r in REFERENCES]), model.score(CANDIDATES, REFERENCES)
    assert (more >= one - 1e-6).all()
    assert model.score(CANDIDATES[::-1], REFERENCES[::-1]) == pytest.approx(more[::-1], abs=1e-6)


def test_the_result_says_what_was_used(folder):
    made = score(CANDIDATES, REFERENCES, bert=BertModel(folder, baseline=0.5))["BERTScore"]
    assert made.about == "tiny-bert, last layer, idf, rescaled by 0.5"
    plain = score(CANDIDATES, REFERENCES, ["BERTScore"], bert=BertModel(folder))["BERTScore"]
    assert made.per_clip == pytest.approx((plain.per_clip - 0.5) / 0.5)
    assert made.value == pytest.approx(np.mean(made.per_clip))
    assert BertModel("some/roberta-large").about().startswith("roberta-large, layer 17, idf")


def test_refusals(folder, tmp_path, monkeypatch):
    with pytest.raises(KinelangError, match="layer 3; expected a layer from 1 to 2"):
        BertModel(folder, layer=3).score(CANDIDATES, REFERENCES)
    with pytest.raises(KinelangError, match="no model that transformers can open"):
        BertModel(tmp_path).score(CANDIDATES, REFERENCES)
