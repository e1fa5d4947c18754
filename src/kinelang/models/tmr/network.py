"""TMR's two encoders and its decoder, in torch.

All three are post-norm transformers as torch's own `nn.TransformerEncoderLayer` and `nn.TransformerDecoderLayer` define them, weights
named alike, with what is not needed left out: the last layer of an encoder computes its tokens alone, and attention to a memory of
length one, which the decoder's is, is that memory. Padding never changes a result: no row attends to a padded one.

Source: ACTOR (Petrovich et al., ICCV 2021), TEMOS (ECCV 2022), TMR (ICCV 2023; github.com/Mathux/TMR).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kinelang.models.tmr.config import Network
from kinelang.models.tmr.positions import positions
from kinelang.models.with_torch import Tensor, functional, nn, torch


@dataclass
class Batch:
    """B pairs of motion and text, and K texts more that serve as negatives. Padded with zeros; masks are True where there is something.

    Attributes:
        motion: (B, T, D) normalised features.
        motion_mask: (B, T) bool.
        text: (B + K, L, W) token states, the further texts last.
        text_mask: (B + K, L) bool.
        likeness: (B, B + K) cosines of the texts' sentence vectors; None: nothing is filtered.
        differ: (B, B + K) bool: texts that name different sides, which are never filtered.
        mirrored: (K, T, D) motions that the further texts describe; None: none.
        mirrored_mask: (K, T) bool.
    """

    motion: Tensor
    motion_mask: Tensor
    text: Tensor
    text_mask: Tensor
    likeness: Tensor | None = None
    differ: Tensor | None = None
    mirrored: Tensor | None = None
    mirrored_mask: Tensor | None = None


@dataclass
class Latents:
    """Where sequences lie in the shared space: mean (N, d), logarithm of the variance (N, d) or None, and a sample (N, d)."""

    mean: Tensor
    log_variance: Tensor | None
    sample: Tensor


@dataclass
class Outputs:
    """What the losses are made of.

    Attributes:
        text: latents of the B + K texts.
        motion: of the B motions, and of the K mirrored ones where there are any.
        from_text, from_motion: (B, T, D) motions decoded from the latents of the pairs; None without a decoder.
    """

    text: Latents
    motion: Latents
    from_text: Tensor | None = None
    from_motion: Tensor | None = None


class TMR(nn.Module):
    """Both encoders and, where the configuration has it, the decoder."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.motion_encoder = Encoder(network.motion_width, network)
        self.text_encoder = Encoder(network.text_width, network)
        self.motion_decoder = Decoder(network) if network.decoder else None

    def forward(self, batch: Batch, sampled: bool = True) -> Outputs:
        """Latents of a batch and what is decoded from them. `sampled`: decode from samples, else from means."""
        b = len(batch.motion)
        text = latents(self.text_encoder(batch.text, batch.text_mask), sampled)
        motion, mask = batch.motion, batch.motion_mask
        if batch.mirrored is not None and batch.mirrored_mask is not None:
            motion, mask = torch.cat([motion, batch.mirrored]), torch.cat([mask, batch.mirrored_mask])
        outputs = Outputs(text, latents(self.motion_encoder(motion, mask), sampled))
        if self.motion_decoder is not None:
            both = torch.cat([text.sample[:b], outputs.motion.sample[:b]])
            decoded = self.motion_decoder(both, torch.cat([batch.motion_mask, batch.motion_mask]))
            outputs.from_text, outputs.from_motion = decoded[:b], decoded[b:]
        return outputs

    def encode_motions(self, motion: Tensor, mask: Tensor) -> Tensor:
        """Means of motions: (B, T, D), (B, T) -> (B, d)."""
        means: Tensor = self.motion_encoder(motion, mask)[:, 0]
        return means

    def encode_texts(self, text: Tensor, mask: Tensor) -> Tensor:
        """Means of texts: (B, L, W), (B, L) -> (B, d)."""
        means: Tensor = self.text_encoder(text, mask)[:, 0]
        return means

    def load_arrays(self, arrays: Mapping[str, object]) -> None:
        """Take over weights by name, as `check_tensors` has found them right."""
        self.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})


def latents(tokens: Tensor, sampled: bool) -> Latents:
    """What an encoder's tokens (N, tokens, d) say: with two, a sample is mean + noise exp(logvar / 2)."""
    tokens = tokens.float()
    mean = tokens[:, 0]
    if tokens.shape[1] == 1:
        return Latents(mean, None, mean)
    log_variance = tokens[:, 1]
    sample = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance) if sampled else mean
    return Latents(mean, log_variance, sample)


class Encoder(nn.Module):
    """ACTOR's encoder: learned tokens in front of the embedded sequence, whose last states are the result."""

    def __init__(self, width: int, network: Network) -> None:
        super().__init__()
        self.embed = nn.Linear(width, network.latent)
        self.tokens = nn.Parameter(torch.randn(network.tokens, network.latent))
        self.layers = nn.ModuleList(EncoderLayer(network) for _ in range(network.layers))
        self.dropout = nn.Dropout(network.dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x (B, T, width), mask (B, T) -> (B, tokens, d)."""
        n = len(self.tokens)
        x = torch.cat([self.tokens.expand(len(x), -1, -1), self.embed(x)], dim=1)
        x = self.dropout(x + at_positions(x.shape[1], x.shape[2], x))  # the tokens have positions too, as published
        valid = functional.pad(mask, (n, 0), value=True)
        *layers, last = self.layers
        for layer in layers:
            x = layer(x, x, valid)
        tokens: Tensor = last(x[:, :n], x, valid)
        return tokens


class EncoderLayer(nn.Module):
    """`nn.TransformerEncoderLayer` with norm_first=False and GELU, for some rows of its input."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        d = network.latent
        self.self_attn = Attention(d, network.heads, network.attention_dropout)
        self.linear1, self.linear2 = nn.Linear(d, network.feed_forward), nn.Linear(network.feed_forward, d)
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.dropout = nn.Dropout(network.dropout)

    def forward(self, rows: Tensor, x: Tensor, valid: Tensor) -> Tensor:
        """New states of rows (B, R, d), which attend to those of x (B, T, d) that are valid (B, T)."""
        rows = self.norm1(rows + self.dropout(self.self_attn(rows, x, valid)))
        inner = self.dropout(functional.gelu(self.linear1(rows)))
        out: Tensor = self.norm2(rows + self.dropout(self.linear2(inner)))
        return out


class Decoder(nn.Module):
    """ACTOR's decoder: as many frames as are asked for, all at once, from positions and one latent."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DecoderLayer(network) for _ in range(network.layers))
        self.project = nn.Linear(network.latent, network.motion_width)
        self.dropout = nn.Dropout(network.dropout)

    def forward(self, latent: Tensor, mask: Tensor) -> Tensor:
        """latent (B, d), mask (B, T) -> normalised features (B, T, D), padded frames 0."""
        b, t = mask.shape
        x = self.dropout(at_positions(t, latent.shape[1], latent).expand(b, -1, -1))
        for layer in self.layers:
            x = layer(x, latent[:, None], mask)
        out: Tensor = self.project(x) * mask[..., None]
        return out


class DecoderLayer(nn.Module):
    """`nn.TransformerDecoderLayer` with norm_first=False and GELU, for a memory of one row."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        d = network.latent
        self.self_attn = Attention(d, network.heads, network.attention_dropout)
        self.multihead_attn = Attention(d, network.heads, network.attention_dropout)
        self.linear1, self.linear2 = nn.Linear(d, network.feed_forward), nn.Linear(network.feed_forward, d)
        self.norm1, self.norm2, self.norm3 = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)
        self.dropout = nn.Dropout(network.dropout)

    def forward(self, x: Tensor, memory: Tensor, valid: Tensor) -> Tensor:
        """New states of x (B, T, d), which attend to the valid ones among themselves and to memory (B, 1, d)."""
        x = self.norm1(x + self.dropout(self.self_attn(x, x, valid)))
        x = self.norm2(x + self.dropout(self.multihead_attn.to_one(memory, x.shape[1])))
        inner = self.dropout(functional.gelu(self.linear1(x)))
        out: Tensor = self.norm3(x + self.dropout(self.linear2(inner)))
        return out


class Attention(nn.Module):
    """`nn.MultiheadAttention`, weights named and initialised alike."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, rows: Tensor, x: Tensor, valid: Tensor) -> Tensor:
        """What rows (B, R, d) find in those of x (B, T, d) that are valid (B, T). (B, R, d)."""
        d = rows.shape[-1]
        if rows is x:
            q, k, v = functional.linear(x, self.in_proj_weight, self.in_proj_bias).chunk(3, dim=-1)
        else:
            q = functional.linear(rows, self.in_proj_weight[:d], self.in_proj_bias[:d])
            k, v = functional.linear(x, self.in_proj_weight[d:], self.in_proj_bias[d:]).chunk(2, dim=-1)
        found = functional.scaled_dot_product_attention(
            self._by_head(q),
            self._by_head(k),
            self._by_head(v),
            attn_mask=valid[:, None, None, :],
            dropout_p=self.dropout if self.training else 0.0,
        )
        out: Tensor = self.out_proj(found.transpose(1, 2).flatten(2))
        return out

    def to_one(self, memory: Tensor, rows: int) -> Tensor:
        """What any rows find in a memory of one row, (B, 1, d): its value, whatever they ask. (B, rows, d).

        Queries and keys have no say, as in torch's module, whose softmax over one number is 1; dropout of that 1 is kept.
        """
        d = memory.shape[-1]
        value = functional.linear(memory, self.in_proj_weight[2 * d :], self.in_proj_bias[2 * d :])
        if self.training and self.dropout:
            kept = functional.dropout(value.new_ones(len(value), rows, self.heads, 1), self.dropout)
            value = (value.view(len(value), 1, self.heads, -1) * kept).flatten(2)
        out: Tensor = self.out_proj(value)
        return out.expand(-1, rows, -1)

    def _by_head(self, x: Tensor) -> Tensor:
        return x.reshape(*x.shape[:2], self.heads, -1).transpose(1, 2)


def at_positions(length: int, width: int, like: Tensor) -> Tensor:
    """`positions` (length, width) on the device and in the type of `like`."""
    return torch.tensor(positions(length, width), dtype=like.dtype, device=like.device)
