"""The evaluator's networks, in torch: convolutions that make movements of frames, and recurrent encoders of movements and of words.

Padding and the order of a batch change no result. (The release pads every clip to 196 frames, and its second convolution sees, at the
end of a shorter one, what the biases of the first make of the padding; here it sees zeros, as at the end of one of 196 frames.)

Source: Guo et al., CVPR 2022; github.com/EricGuo5513/text-to-motion.
"""

from __future__ import annotations

from dataclasses import dataclass

from kinelang.models.evaluator.config import STRIDE, Network
from kinelang.models.with_torch import Tensor, nn, torch


@dataclass
class Batch:
    """B pairs of motion and text, padded.

    Attributes:
        frames: (B, T, D) normalised features.
        frame_lengths: (B,) frames of each, 4 or more.
        words: (B, L, width) word vectors.
        parts: (B, L, 15) one-hot classes of the words.
        word_lengths: (B,) words of each.
    """

    frames: Tensor
    frame_lengths: Tensor
    words: Tensor
    parts: Tensor
    word_lengths: Tensor


class EvaluatorNetwork(nn.Module):
    """Both encoders; captions and motions that belong together are to be near in Euclidean distance."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.movement_encoder = MovementEncoder(network)
        self.motion_encoder = RecurrentEncoder(network.movement, network.motion_hidden, network)
        self.part_embedding = nn.Linear(network.parts, network.word_width)
        self.text_encoder = RecurrentEncoder(network.word_width, network.text_hidden, network)
        _initialise(self.part_embedding)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Texts and motions, (B, joint) each."""
        texts = self.encode_texts(batch.words, batch.parts, batch.word_lengths)
        return texts, self.encode_motions(batch.frames, batch.frame_lengths)

    def encode_motions(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Normalised features (B, T, D), contacts included, of `lengths` (B,) frames, 4 or more each -> (B, joint)."""
        movements = self.movement_encoder(frames, lengths)
        out: Tensor = self.motion_encoder(movements, lengths // STRIDE)
        return out

    def encode_texts(self, words: Tensor, parts: Tensor, lengths: Tensor) -> Tensor:
        """Word vectors (B, L, width), one-hot classes (B, L, 15), of `lengths` (B,) words -> (B, joint)."""
        out: Tensor = self.text_encoder(words + self.part_embedding(parts), lengths)
        return out

    def freeze_movements(self) -> None:
        """Keep the movement encoder as pre-training has left it."""
        self.movement_encoder.requires_grad_(False)

    def train(self, mode: bool = True) -> EvaluatorNetwork:
        """As any module; a frozen movement encoder stays without dropout."""
        super().train(mode)
        if not any(weight.requires_grad for weight in self.movement_encoder.parameters()):
            self.movement_encoder.eval()
        return self


class MovementEncoder(nn.Module):
    """Four frames to one movement: two convolutions of width 4 and stride 2, and a linear layer."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.seen = network.seen
        self.first = nn.Conv1d(network.seen, network.movement, 4, stride=2, padding=1)
        self.second = nn.Conv1d(network.movement, network.movement, 4, stride=2, padding=1)
        self.project = nn.Linear(network.movement, network.movement)
        self.after = nn.Sequential(nn.Dropout(network.dropout), nn.LeakyReLU(network.slope))
        self.apply(_initialise)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """frames (B, T, D), lengths (B,) -> movements (B, T // 4, movement), 0 where a clip has ended."""
        whole = lengths // STRIDE
        x = frames[:, : frames.shape[1] // STRIDE * STRIDE, : self.seen]
        x = _ended(x, STRIDE * whole).transpose(1, 2)
        x = self.after(self.first(x)).transpose(1, 2)
        x = _ended(x, STRIDE // 2 * whole).transpose(1, 2)
        return _ended(self.project(self.after(self.second(x)).transpose(1, 2)), whole)


class MovementDecoder(nn.Module):
    """Movements back to frames, contacts included: the second half of the autoencoder. Only pre-training has it."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        width = network.motion_width
        self.layers = nn.Sequential(
            nn.ConvTranspose1d(network.movement, network.movement, 4, stride=2, padding=1),
            nn.LeakyReLU(network.slope),
            nn.ConvTranspose1d(network.movement, width, 4, stride=2, padding=1),
            nn.LeakyReLU(network.slope),
        )
        self.project = nn.Linear(width, width)
        self.apply(_initialise)

    def forward(self, movements: Tensor) -> Tensor:
        """(B, M, movement) -> (B, 4 M, D)."""
        out: Tensor = self.project(self.layers(movements.transpose(1, 2)).transpose(1, 2))
        return out


class Autoencoder(nn.Module):
    """The movement encoder with its decoder, as they are pre-trained."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.encoder, self.decoder = MovementEncoder(network), MovementDecoder(network)

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Windows (B, T, D), T a multiple of 4, nothing padded -> decoded (B, T, D), movements (B, T // 4, movement)."""
        movements = self.encoder(frames, torch.full((len(frames),), frames.shape[1], device=frames.device))
        return self.decoder(movements), movements


class RecurrentEncoder(nn.Module):
    """A sequence to one vector: a gated recurrent network both ways from learned states, whose last states are projected."""

    def __init__(self, width: int, hidden: int, network: Network) -> None:
        super().__init__()
        self.embed = nn.Linear(width, hidden)
        self.gru = nn.GRU(hidden, hidden, batch_first=True, bidirectional=True)
        self.start = nn.Parameter(torch.randn(2, 1, hidden))
        self.project = nn.Sequential(
            nn.Linear(2 * hidden, hidden), nn.LayerNorm(hidden), nn.LeakyReLU(network.slope), nn.Linear(hidden, network.joint)
        )
        self.embed.apply(_initialise)
        self.project.apply(_initialise)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """x (B, T, width), lengths (B,) 1 or more -> (B, joint)."""
        packed = nn.utils.rnn.pack_padded_sequence(self.embed(x), lengths.cpu(), batch_first=True, enforce_sorted=False)
        _, last = self.gru(packed, self.start.expand(-1, len(x), -1).contiguous())
        out: Tensor = self.project(torch.cat([last[0], last[1]], dim=-1))
        return out


def _ended(x: Tensor, lengths: Tensor) -> Tensor:
    """x (B, T, width) with 0 from each sequence's length on."""
    inside = torch.arange(x.shape[1], device=x.device)[None, :] < lengths.to(x.device)[:, None]
    return x * inside[..., None]


def _initialise(module: nn.Module) -> None:
    """Xavier's normal weights and no biases, as published, for linear layers and convolutions."""
    if isinstance(module, (nn.Linear, nn.Conv1d, nn.ConvTranspose1d)):
        nn.init.xavier_normal_(module.weight)
        assert module.bias is not None
        nn.init.zeros_(module.bias)
