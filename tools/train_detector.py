"""Train the network of `kinelang.timeline.detect` and write its weights into the package. Needs torch.

Learns from synthetic timelines with exact labels of every frame and, weakly, from the captioned CMU training segments: a verb that the
captions mention must be found somewhere in the segment, a distinctive verb that none mentions nowhere.

    python tools/train_detector.py --clips 4000 --epochs 20 [--cache FOLDER] [--seed 0]
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Set
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from detector_corpus import ROWS, Clip, Labels, labels_of, load_clips, performed, save_clips, shaken, varied
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from kinelang.corpora import open_corpus
from kinelang.errors import TimelineError
from kinelang.evaluate.recordings import true_verbs
from kinelang.language.lexicon import alike
from kinelang.timeline import Stage, Timeline, random_timeline
from kinelang.timeline.actions import ACTIONS
from kinelang.timeline.detecting import rules
from kinelang.timeline.detecting.assembly import without_overlaps
from kinelang.timeline.detecting.body import FPS, Body
from kinelang.timeline.detecting.network import CLIP, EPSILON, STRIDE, WEIGHTS, inputs, load_network
from kinelang.timeline.detecting.signals import SIGNALS, signals_of
from kinelang.timeline.detecting.vocabulary import TRACKS, Vocabulary, tracks_of
from kinelang.timeline.detecting.weights import read_safetensors, write_safetensors

CROP = 192
DILATIONS = (1, 2, 4, 8, 16)
LEFT_OUT = (
    "walk step turn raise_arm lower_arm extend_arm move_arm bend_arm move_leg bend lean look look_around gesture swing_arms crouch "
    "squat stand_up sway twist stretch reach touch pose straighten imitate exercise carry raise_leg legs_apart feet_together move_head"
)
"""Verbs that captions often leave out: their absence tells less."""


class Net(nn.Module):
    """Torch twin of `kinelang.timeline.detecting.network.Network`."""

    def __init__(self, n_out: int, width: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(len(SIGNALS), width, 5, padding=2, stride=STRIDE)
        self.blocks = nn.ModuleList(nn.Conv1d(width, width, 3, padding=d, dilation=d) for d in DILATIONS)
        self.norms = nn.ModuleList(nn.LayerNorm(width, eps=EPSILON) for _ in DILATIONS)
        self.last = nn.Linear(width, n_out)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, N) -> (B, ceil(T / 2), outputs)."""
        h = torch.relu(self.first(x.transpose(1, 2)))
        for conv, norm in zip(self.blocks, self.norms, strict=True):
            h = h + torch.relu(norm(conv(h).transpose(1, 2))).transpose(1, 2)
        return self.last(self.drop(h.transpose(1, 2)))

    def arrays(self) -> dict[str, np.ndarray]:
        """Weights as `Network` has them, float16."""
        out = {"first.weight": self.first.weight.permute(2, 1, 0).flatten(0, 1), "first.bias": self.first.bias}
        for i, (conv, norm) in enumerate(zip(self.blocks, self.norms, strict=True)):
            out[f"block{i}.weight"] = conv.weight.permute(2, 1, 0).flatten(0, 1)
            out[f"block{i}.bias"], out[f"block{i}.gain"], out[f"block{i}.offset"] = conv.bias, norm.weight, norm.bias
        out["last.weight"], out["last.bias"] = self.last.weight.T, self.last.bias
        return {name: w.detach().numpy().astype(np.float16) for name, w in out.items()}

    def load_arrays(self, arrays: dict[str, np.ndarray]) -> None:
        """Take over what `arrays` gave."""
        a = {name: torch.from_numpy(array.astype(np.float32)) for name, array in arrays.items()}
        width = self.first.out_channels
        with torch.no_grad():
            self.first.weight.copy_(a["first.weight"].unflatten(0, (5, -1)).permute(2, 1, 0))
            self.first.bias.copy_(a["first.bias"])
            for i, (conv, norm) in enumerate(zip(self.blocks, self.norms, strict=True)):
                conv.weight.copy_(a[f"block{i}.weight"].unflatten(0, (3, width)).permute(2, 1, 0))
                for own, name in ((conv.bias, "bias"), (norm.weight, "gain"), (norm.bias, "offset")):
                    own.copy_(a[f"block{i}.{name}"])
            self.last.weight.copy_(a["last.weight"].T)
            self.last.bias.copy_(a["last.bias"])


class Crops(Dataset):
    """Crops of varied clips, each time a little off in another way."""

    def __init__(self, variants: list[Variant], seed: int) -> None:
        self.variants, self.seed, self.epoch = variants, seed, 0

    def __len__(self) -> int:
        return len(self.variants)

    def __getitem__(self, index: int) -> dict:
        rng = np.random.default_rng([self.seed, self.epoch, index])
        values, labels = self.variants[index]
        n = len(values)
        start = int(rng.integers(0, max(n - CROP, 0) + 1))
        end = min(start + CROP, n)
        x = inputs(shaken(values[start:end].astype(np.float32), rng))
        pad = CROP - (end - start)
        x = np.pad(x, [(0, 0), (0, pad), (0, 0)], mode="edge")

        def cropped(a: np.ndarray) -> np.ndarray:
            return np.pad(a[:, start:end], [(0, 0), (0, pad)], constant_values=-1)[:, ::STRIDE]

        stages = [(r, (a - start) // STRIDE, (b - start + 1) // STRIDE, *rest) for r, a, b, *rest in labels.stages]
        return {"x": x, "verb": cropped(labels.verb), "side": cropped(labels.side), "way": cropped(labels.way), "stages": stages}


Variant = tuple[np.ndarray, Labels]
"""Signals (T, N) float16 and their labels."""


def variants_of(job: tuple[list[Clip], Vocabulary, int]) -> list[Variant]:
    """Each clip once, varied."""
    clips, vocabulary, seed = job
    rng = np.random.default_rng(seed)
    out = []
    for clip in clips:
        values, timeline = varied(clip, rng)
        out.append((values.clip(-6e4, 6e4).astype(np.float16), labels_of(timeline, len(values), vocabulary)))
    return out


def all_variants(clips: list[Clip], times: int, vocabulary: Vocabulary, seed: int) -> list[Variant]:
    """Each clip so many times, by two processes."""
    jobs = [(clips[i : i + 250], vocabulary, seed * 1000 + k * 500 + i) for k in range(times) for i in range(0, len(clips), 250)]
    with get_context("spawn").Pool(2) as pool:
        return [variant for part in pool.map(variants_of, jobs) for variant in part]


def class_weights(variants: list[Variant], vocabulary: Vocabulary) -> dict[str, Tensor]:
    """Weight of each class by row: rare verbs more, doing nothing less, the mean over classes 1."""
    out = {}
    for r, name in enumerate(ROWS):
        classes = vocabulary.classes["arm" if name.endswith("arm") else name]
        counts = np.bincount(np.concatenate([labels.verb[r] for _, labels in variants]), minlength=len(classes)) + 500.0
        weight = (np.median(counts[1:]) / counts) ** 0.4
        weight[0] = min(weight[0], 0.35)
        out[name] = torch.from_numpy(np.clip(weight, 0.15, 3.0)).float()
    return out


def collated(items: list[dict]) -> dict:
    """One batch; stages with the number of their clip in front."""
    out = {k: torch.from_numpy(np.stack([i[k] for i in items])) for k in ("x", "verb", "side", "way")}
    out["stages"] = [(n, *s) for n, item in enumerate(items) for s in item["stages"]]
    return out


def rows_of(z: Tensor, vocabulary: Vocabulary) -> dict[str, dict[str, Tensor]]:
    """Network outputs (B, 2, T, outputs) of both views as those of the five rows."""
    from kinelang.timeline.detecting.vocabulary import SIDE_MIRROR, WAY_MIRROR

    out: dict[str, dict[str, Tensor]] = {name: {} for name in ROWS}
    for (track, field), columns in vocabulary.columns.items():
        a, b = z[:, 0, :, columns], z[:, 1, :, columns]
        if field == "way":
            b = b[..., WAY_MIRROR.tolist()]
        if track == "arm":
            out["left_arm"][field], out["right_arm"][field] = a, z[:, 1, :, columns]
            if field == "way":
                out["right_arm"][field] = b
            continue
        if field == "side":
            b = b[..., SIDE_MIRROR.tolist()]
        out[track][field] = 0.5 * (a + b)
    return out


def loss_of(z: Tensor, batch: dict, vocabulary: Vocabulary, weights: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
    """Loss of a synthetic batch, and its parts."""
    rows = rows_of(z, vocabulary)
    length = z.shape[2]
    parts: dict[str, Tensor] = {}
    for r, name in enumerate(ROWS):
        fields = rows[name]
        verb = batch["verb"][:, r]
        logits = fields["verb"].flatten(0, 1)
        wrong = F.cross_entropy(logits, verb.flatten(), weights[name], ignore_index=-1, label_smoothing=0.02)
        parts[f"verb {name}"] = wrong * (2.0 if name == "head" else 1.0)  # few clips move the head: it would learn last
        for field in ("side", "way"):
            told = batch[field][:, r]
            if (told >= 0).any():
                parts[f"{field} {name}"] = 0.3 * F.cross_entropy(fields[field].flatten(0, 1), told.flatten(), ignore_index=-1)
    sums = {name: F.pad(torch.cumsum(F.softplus(rows[name]["events"][..., 0]), 1), (1, 0)) for name in ROWS}
    begins, ends = (torch.zeros_like(batch["verb"], dtype=torch.float32) for _ in range(2))
    counted, sizes = [], []
    for n, r, a, b, count, amount, speed in batch["stages"]:
        name = ROWS[r]
        if 0 <= a < length:
            begins[n, r, max(a - 1, 0) : a + 2] = 1
        if 0 < b <= length:
            ends[n, r, max(b - 2, 0) : b + 1] = 1
        if a < 0 or b > length or b <= a:
            continue
        if count:
            counted.append(F.smooth_l1_loss(sums[name][n, b] - sums[name][n, a], torch.tensor(float(count)), beta=0.3))
        for value, field in ((amount, "amount"), (speed, "speed")):
            if np.isfinite(value):
                sizes.append(F.smooth_l1_loss(rows[name][field][n, a:b, 0].mean(), torch.tensor(value, dtype=torch.float32), beta=0.2))
    real = (batch["verb"] >= 0).float()
    for field, target in (("begins", begins), ("ends", ends)):
        z_all = torch.stack([rows[name][field][..., 0] for name in ROWS], dim=1)
        parts[field] = (F.binary_cross_entropy_with_logits(z_all, target, reduction="none") * real).sum() / real.sum()
    if counted:
        parts["count"] = 0.3 * torch.stack(counted).mean()
    if sizes:
        parts["size"] = 0.2 * torch.stack(sizes).mean()
    total = torch.stack(list(parts.values())).sum()
    return total, {k: float(v.detach()) for k, v in parts.items()}


def weak_loss(z: Tensor, wanted: dict[str, float], unwanted: dict[str, float], known: Tensor, vocabulary: Vocabulary) -> Tensor:
    """Multiple-instance loss of one segment: z (2, T, outputs); verbs with weights, to be found and not to be found; and the loss of
    the rows' classes (5, T) where they are certain."""
    rows = rows_of(z[None], vocabulary)
    prob = {name: rows[name]["verb"][0].softmax(-1) for name in ROWS}

    def seen(verb: str) -> Tensor:
        told = []
        for track in tracks_of(verb):
            i = vocabulary.classes[track].index(verb)
            if track == "arm":
                told.append(torch.maximum(prob["left_arm"][:, i], prob["right_arm"][:, i]))
            else:
                told.append(prob[track][:, i])
        return torch.stack(told).mean(0)

    def bag(verb: str, share: float) -> Tensor:
        p = seen(verb)
        return p.topk(max(4, int(share * len(p))))[0].mean().clamp(1e-4, 1 - 1e-4)

    losses = [-w * torch.log(bag(v, 0.6 if v == "dance" else 0.15)) for v, w in wanted.items()]
    losses += [-w * torch.log(1 - bag(v, 0.08)) for v, w in unwanted.items()]
    for r, name in enumerate(ROWS):
        if (known[r] >= 0).any():
            certain = F.cross_entropy(rows[name]["verb"][0], known[r], ignore_index=-1, label_smoothing=0.02)
            losses.append(certain * (0.3 if name == "head" else 1.0))
    return torch.stack(losses).sum() if losses else z.sum() * 0


PAIRS = (("sit", "stand_up"), ("raise_arm", "lower_arm"), ("pick_up", "put_down"), ("kneel", "stand_up"), ("lie", "stand_up"))
"""Verbs of which the second needs the first."""


def drawn(seed: int) -> Timeline:
    """Half of the time a timeline as people caption motion; else one of few verbs, so that rare ones come as often as others."""
    if seed % 2:
        return random_timeline(seed)
    rng = np.random.default_rng(seed)
    for _ in range(20):
        verbs = set(rng.choice(list(ACTIONS), 6, replace=False).tolist())
        for pair in PAIRS:
            if (verbs & set(pair) or rng.random() < 0.1) and set(pair) <= set(ACTIONS):
                verbs |= set(pair)
        try:
            return random_timeline(rng, verbs=sorted(verbs), duration=(3.0, 12.0), overlap=0.4)
        except TimelineError:
            continue
    return random_timeline(seed)


def synthetic(count: int, seed: int, cache: Path) -> list[Clip]:
    """Performed random timelines, remembered in the cache folder."""
    path = cache / f"synthetic_{seed}_{count}.npz"
    if path.exists():
        return load_clips(path)
    clips: list[Clip] = []
    number = seed * 1_000_000
    while len(clips) < count:
        number += 1
        try:
            clips.append(performed(drawn(number), number))
        except TimelineError:  # two stages whose unnamed sides turn out to be the same
            continue
        if len(clips) % 500 == 0:
            print(f"performed {len(clips)} of {count}", flush=True)
    save_clips(path, clips)
    return clips


HEAD_VERBS = frozenset(["look", "look_around", "nod", "shake_head", "tilt_head", "move_head"])
FREE_ARMS = frozenset(["walk", "run", "jog", "step", "turn", "climb", "jump", "hop", "squat", "sit", "stand_up", "kneel"])
"""Verbs in which the arms do nothing of their own. Of segments of which the captions mention no other verb, arms are labelled so."""


def certain(body: Body, agreed: Set[str], mentioned: Set[str]) -> Timeline:
    """What the rules see the legs do, as far as a caption mentions it; or dancing throughout, where captions tell of nothing else."""
    length = body.n_frames / FPS
    if "dance" in agreed and not mentioned & {"walk", "run", "stand"}:
        return Timeline((Stage(0.0, length, "dance"),), FPS, length)
    found = [c for c in without_overlaps(rules.legs(signals_of(body)), body.n_frames) if c.verb in mentioned]
    return Timeline(tuple(Stage(c.start / FPS, c.end / FPS, c.verb) for c in found), FPS, length)


def known_rows(timeline: Timeline, n_frames: int, mentioned: set[str], vocabulary: Vocabulary) -> np.ndarray:
    """Classes by row of a captioned segment where they are certain, -1 elsewhere, (5, T).

    Heads do nothing and arms hang or swing where no caption mentions otherwise: people look about all the time, and nobody tells.
    """
    verb = labels_of(timeline, n_frames, vocabulary).verb
    known = np.where(verb > 0, verb, -1)
    if not mentioned & HEAD_VERBS:
        known[2] = 0
    if mentioned and mentioned <= FREE_ARMS:
        known[3:] = 0
    return known


def weak_segments(cache: Path, vocabulary: Vocabulary) -> list[tuple[Clip, dict[str, float], dict[str, float]]]:
    """Captioned CMU training segments: clip, wanted and unwanted verbs with weights."""
    records = list(open_corpus("cmu").records("train"))
    said = [true_verbs(record.texts) for record in records]
    path = cache / "cmu_train.npz"
    if path.exists():
        clips = load_clips(path)
    else:
        clips = []
        for record, verbs in zip(records, said, strict=True):
            body = Body.of(record.motion())
            clips.append(Clip(body.joints.astype(np.float32), body.gaze, certain(body, *verbs)))
        save_clips(path, clips)
    known = {v for classes in vocabulary.classes.values() for v in classes if v}
    out = []
    for clip, (agreed, mentioned) in zip(clips, said, strict=True):
        wanted = {v: 1.0 if v in agreed else 0.3 for v in mentioned & known}
        told = {v for v in known if any(alike(v, m) for m in mentioned)}
        out.append((clip, wanted, {v: 0.04 if v in LEFT_OUT.split() else 0.1 for v in sorted(known - told)}))
    return out


def weak_batches(
    bags: list, vocabulary: Vocabulary, rng: np.random.Generator
) -> Iterator[tuple[Tensor, dict[str, float], dict[str, float], Tensor]]:
    """Endless varied segments, with the classes of the rows where they are certain (-1 elsewhere).

    A third of the segments dance: each is drawn less often the more of them share its rarest verb.
    """
    counts = Counter(verb for _, wanted, _ in bags for verb in wanted)
    share = np.array([min((counts[v] for v in wanted), default=1) ** -0.6 for _, wanted, _ in bags for _ in range(6)])
    prepared = []
    for clip, wanted, unwanted in bags:
        for _ in range(6):
            values, timeline = varied(clip, rng)
            known = torch.from_numpy(known_rows(timeline, len(values), set(wanted), vocabulary)[:, ::STRIDE])
            prepared.append((values.astype(np.float32), wanted, unwanted, known))
    while True:
        values, *rest = prepared[rng.choice(len(prepared), p=share / share.sum())]
        yield torch.from_numpy(inputs(shaken(values, rng))), *rest


def save(net: Net, vocabulary: Vocabulary, path: Path, note: dict[str, str]) -> None:
    """Write the weights, and check that NumPy gives what torch gives."""
    meta = {
        "signals": ", ".join(s.name for s in SIGNALS),
        "classes": json.dumps({t: list(vocabulary.classes[t]) for t in TRACKS}),
        "dilations": " ".join(map(str, DILATIONS)),
        "stride": str(STRIDE),
        **note,
    }
    write_safetensors(path, net.arrays(), meta)
    x = np.random.default_rng(0).normal(0, 1, (2, 100, len(SIGNALS))).clip(-CLIP, CLIP).astype(np.float32)
    net.eval()
    with torch.no_grad():
        gap = np.abs(net(torch.from_numpy(x)).numpy() - load_network(path)(x)).max()
    print(f"wrote {path}: {path.stat().st_size / 1000:.0f} kB; NumPy against torch at most {gap:.3f} apart")


def main() -> None:
    """Train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=3000)
    parser.add_argument("--variants", type=int, default=3, help="how often each clip is varied before training")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="stop learning after so long (the rate falls with time)")
    parser.add_argument("--cache", type=Path, default=Path(".cache"), help="folder for performed clips")
    parser.add_argument("--weak", type=float, default=0.15, help="weight of the CMU segments")
    parser.add_argument("--start", type=Path, help="weights of an earlier run to go on from, with its verbs")
    home = Path(__file__).resolve().parents[1] / "src/kinelang/timeline/detecting" / WEIGHTS
    parser.add_argument("--out", type=Path, default=home)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    options.cache.mkdir(parents=True, exist_ok=True)

    clips = synthetic(options.clips, options.seed, options.cache)
    vocabulary = Vocabulary.of(ACTIONS) if options.start is None else load_network(options.start).vocabulary
    data = Crops(all_variants(clips, options.variants, vocabulary, options.seed), options.seed)
    weights = class_weights(data.variants, vocabulary)
    print(f"{len(data)} variants", flush=True)
    bags = weak_segments(options.cache, vocabulary) if options.weak else []
    weak = weak_batches(bags, vocabulary, np.random.default_rng(options.seed)) if bags else None
    net = Net(vocabulary.n_out, options.width)
    if options.start:
        net.load_arrays(read_safetensors(options.start)[0])
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters, {vocabulary.n_out} outputs", flush=True)
    optimiser = torch.optim.AdamW(net.parameters(), lr=options.rate, weight_decay=0.01)
    began, steps_in_all, step = time.time(), options.epochs * (len(data) // options.batch), 0
    for epoch in range(options.epochs):
        data.epoch = epoch
        net.train()
        means: dict[str, list[float]] = {}
        loader = DataLoader(data, options.batch, shuffle=True, collate_fn=collated, num_workers=1, drop_last=True)
        for batch in loader:
            gone = max(step / steps_in_all, (time.time() - began) / 60 / options.minutes)
            if gone >= 1:
                break
            rate = options.rate * min(1, (step + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * gone)))
            for group in optimiser.param_groups:
                group["lr"] = rate
            x = batch["x"]
            with torch.autocast("cpu", torch.bfloat16):
                z = net(x.flatten(0, 1)).unflatten(0, x.shape[:2])
            z = z.float()
            loss, parts = loss_of(z, batch, vocabulary, weights)
            if weak is not None:
                for _ in range(2):
                    values, wanted, unwanted, known = next(weak)
                    with torch.autocast("cpu", torch.bfloat16):
                        seen = net(values)
                    weak_part = options.weak * weak_loss(seen.float(), wanted, unwanted, known, vocabulary)
                    loss = loss + weak_part
                    parts["weak"] = float(weak_part.detach())
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            step += 1
            for k, v in parts.items():
                means.setdefault(k, []).append(v)
        told = ", ".join(f"{k} {np.mean(v):.3f}" for k, v in means.items())
        print(f"epoch {epoch} {time.time() - began:.0f} s: {told}", flush=True)
        save(net, vocabulary, options.cache / "detector.safetensors", {"trained": "unfinished"})
        if not means or gone >= 1:
            break
    save(net, vocabulary, options.out, {"trained": f"{len(clips)} synthetic clips, {step} steps, seed {options.seed}"})


if __name__ == "__main__":
    main()
