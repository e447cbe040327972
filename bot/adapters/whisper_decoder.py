"""The part of Whisper's decoder that forced decoding needs: computes how likely given texts are.

All of an utterance's texts are decoded at once as a prefix tree: shared prefixes are decoded once,
and the encoder's output is projected once for all texts. CTranslate2's `Whisper.align` repeats both
for each text (decision 76). Architecture: Radford et al. 2022, which is Vaswani et al. 2017 with
pre-normalization.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bot.adapters.whisper_weights import Floats, Weights

_NEVER = np.float32(-1e9)
_EPSILON = np.float32(1e-5)
_ERF = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)
_ERF_RATE = np.float32(0.3275911)
"""Coefficients of Abramowitz and Stegun 7.1.26, accurate to 1.5e-7."""


@dataclass(slots=True)
class TokenTree:
    """A prefix tree of texts, stored node by node; a parent precedes its children."""

    tokens: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    _children: dict[tuple[int, int], int] = field(default_factory=dict)

    def path(self, tokens: Sequence[int]) -> list[int]:
        """Return a text's nodes; add those that are missing."""
        node, found = -1, []
        for token in tokens:
            node = self._child(node, token)
            found.append(node)
        return found

    def _child(self, parent: int, token: int) -> int:
        node = self._children.setdefault((parent, token), len(self.tokens))
        if node == len(self.tokens):
            self.tokens.append(token)
            self.parents.append(parent)
            self.depths.append(0 if parent < 0 else self.depths[parent] + 1)
        return node

    def sees(self) -> npt.NDArray[np.bool_]:
        """Return each node's ancestors, including itself, as a mask of shape (nodes, nodes)."""
        found = np.eye(len(self.tokens), dtype=bool)
        for node, parent in enumerate(self.parents):
            if parent >= 0:
                found[node] |= found[parent]
        return found


@dataclass(frozen=True, slots=True)
class TextScore:
    """A text's log-likelihood, and how far its tokens fall behind the likeliest ones."""

    log_likelihood: float
    behind: float


class WhisperDecoder:
    """Loaded weights (thread-safe)."""

    def __init__(self, weights: Weights, common: Sequence[int]) -> None:
        """Normalize over the ``common`` tokens and the texts' own: the whole vocabulary would take
        most of the time. Raises KeyError if these are another model's weights."""
        self._weights = weights
        self._positions = weights.floats("decoder/position_encodings/encodings")
        self._heads = weights.number("decoder/num_heads")
        self._common = np.array(sorted(common))
        self._place = {int(token): place for place, token in enumerate(self._common)}
        self._rows = self._embeddings(self._common)
        names = (f"decoder/layer_{number}" for number in range(_layers(weights)))
        self._layers = [_Layer(weights, name, self._heads) for name in names]
        self._norm = _Norm(weights, "decoder/layer_norm")

    @property
    def longest(self) -> int:
        """Maximum length of prompt and text together, in tokens."""
        return len(self._positions)

    def begin(self, heard: Floats, prompt: Sequence[int]) -> ForcedDecoding:
        """Begin to score texts as continuations of the prompt.

        ``heard`` is the encoder's output for the audio, shape (frames, width).
        """
        return ForcedDecoding(self, [layer.hearing(heard) for layer in self._layers], prompt)

    def states(self, tree: TokenTree, first: int, layers: Sequence[_LayerState]) -> Floats:
        """Return the last states of the tree's nodes from ``first`` on; the layers keep theirs."""
        at = self._positions[tree.depths[first:]]
        states: Floats = self._embeddings(np.array(tree.tokens[first:])) + at
        unseen = np.where(tree.sees()[first:], np.float32(0.0), _NEVER)
        for layer, kept in zip(self._layers, layers, strict=True):
            states = layer.after(states, kept, unseen)
        return self._norm.of(states)

    def common_logits(self, states: Floats) -> Floats:
        """Return the logits of the common tokens, shape (nodes, tokens)."""
        found: Floats = states @ self._rows.T
        return found

    def rare_logits(self, states: Floats, tokens: Iterable[int]) -> tuple[Floats, dict[int, int]]:
        """Return the logits of those of these tokens that are not common, shape (nodes, tokens),
        and the column of each token behind the common ones."""
        rare = sorted({token for token in tokens if token not in self._place})
        column = self._place | {token: len(self._place) + at for at, token in enumerate(rare)}
        found: Floats = states @ self._embeddings(np.array(rare, dtype=int)).T
        return found, column

    def _embeddings(self, tokens: npt.NDArray[np.int_]) -> Floats:
        return self._weights.rows("decoder/embeddings/weight", tokens)


class ForcedDecoding:
    """The texts of one utterance; those of one call do not repeat the work of those before."""

    def __init__(
        self, decoder: WhisperDecoder, layers: Sequence[_LayerState], prompt: Sequence[int]
    ) -> None:
        self._decoder = decoder
        self._layers = layers
        self._prompt = prompt
        self._tree = TokenTree()
        self._states: list[Floats] = []
        self._logits: list[Floats] = []
        self._totals: list[Floats] = []

    def follow(self, texts: Iterable[Sequence[int]]) -> list[list[int]]:
        """Decode what is new in these texts; return the nodes of each, from the prompt's last."""
        first, before = len(self._tree.tokens), len(self._prompt) - 1
        paths = [self._tree.path([*self._prompt, *text])[before:] for text in texts]
        if len(self._tree.tokens) > first:
            states = self._decoder.states(self._tree, first, self._layers)
            logits = self._decoder.common_logits(states)
            self._states.append(states)
            self._logits.append(logits)
            self._totals.append(_log_sum(logits))
        return paths

    def next_tokens(
        self, texts: Sequence[Sequence[int]], asked: Iterable[int]
    ) -> tuple[Floats, dict[int, int]]:
        """Return the log-probabilities of the tokens that may follow each of these texts, shape
        (texts, tokens), and the column of each token."""
        last = [path[-1] for path in self.follow(texts)]
        rare, column = self._decoder.rare_logits(np.concatenate(self._states)[last], asked)
        totals = np.logaddexp(np.concatenate(self._totals)[last], _log_sum(rare))
        logits = np.concatenate([np.concatenate(self._logits)[last], rare], axis=1)
        return logits - totals[:, None], column

    def scores(self, texts: Sequence[Sequence[int]], ends: Sequence[int]) -> list[TextScore]:
        """Score each text, as one that any of the tokens ``ends`` ends."""
        paths = self.follow(texts)
        every = (token for text in (*texts, ends) for token in text)
        rare, column = self._decoder.rare_logits(np.concatenate(self._states), every)
        totals = np.logaddexp(np.concatenate(self._totals), _log_sum(rare))
        known = np.concatenate([np.concatenate(self._logits), rare], axis=1)
        best = known.max(axis=1) - totals
        over = [column[token] for token in ends]
        found = []
        for path, text in zip(paths, texts, strict=True):
            taken = known[path[:-1], [column[token] for token in text]] - totals[path[:-1]]
            end = np.logaddexp.reduce(known[path[-1], over] - totals[path[-1]])
            behind = float((best[path[:-1]] - taken).sum() + max(0.0, best[path[-1]] - end))
            found.append(TextScore(float(taken.sum() + end), behind))
        return found


def _log_sum(logits: Floats) -> Floats:
    """Return the logarithm of the sum of exponentials over the last axis; -inf over nothing."""
    most = logits.max(axis=1, initial=-1e9)
    with np.errstate(divide="ignore"):
        found: Floats = most + np.log(np.exp(logits - most[:, None]).sum(axis=1))
    return found


def _layers(weights: Weights) -> int:
    number = 0
    while f"decoder/layer_{number}/ffn/linear_0/weight" in weights:
        number += 1
    return number


class _Norm:
    """Layer normalization."""

    def __init__(self, weights: Weights, name: str) -> None:
        self._gamma, self._beta = weights.floats(f"{name}/gamma"), weights.floats(f"{name}/beta")

    def of(self, states: Floats) -> Floats:
        centered = states - states.mean(axis=1, keepdims=True)
        variance = np.square(centered).mean(axis=1, keepdims=True)
        found: Floats = centered / np.sqrt(variance + _EPSILON) * self._gamma + self._beta
        return found


class _Linear:
    """A linear layer; the stored weights have the shape (out, in)."""

    def __init__(self, weights: Weights, name: str) -> None:
        self._by = np.ascontiguousarray(weights.floats(f"{name}/weight").T)
        self._bias = weights.floats(f"{name}/bias")

    def of(self, states: Floats) -> Floats:
        found: Floats = states @ self._by + self._bias
        return found


@dataclass(slots=True)
class _LayerState:
    """What one layer attends to, by head: the audio, and the nodes so far."""

    audio_keys: Floats
    audio_values: Floats
    keys: Floats
    values: Floats


class _Layer:
    """Self-attention, cross-attention to the audio, and a feed-forward network of two layers."""

    def __init__(self, weights: Weights, name: str, heads: int) -> None:
        self._heads = heads
        own, audio, last = f"{name}/self_attention", f"{name}/attention", f"{name}/ffn"
        self._own_norm = _Norm(weights, f"{own}/layer_norm")
        self._own_in, self._own_out = (_Linear(weights, f"{own}/linear_{n}") for n in (0, 1))
        self._audio_norm = _Norm(weights, f"{audio}/layer_norm")
        self._asking, self._audio_in, self._audio_out = (
            _Linear(weights, f"{audio}/linear_{number}") for number in (0, 1, 2)
        )
        self._last_norm = _Norm(weights, f"{last}/layer_norm")
        self._wide, self._narrow = (_Linear(weights, f"{last}/linear_{n}") for n in (0, 1))

    def hearing(self, heard: Floats) -> _LayerState:
        """Return this layer's state before any node."""
        keys, values = (self._by_head(one) for one in np.split(self._audio_in.of(heard), 2, axis=1))
        return _LayerState(keys, values, keys[:, :0], values[:, :0])

    def after(self, states: Floats, kept: _LayerState, unseen: Floats) -> Floats:
        """Return this layer's output for these nodes, and keep what later ones attend to;
        ``unseen`` is the additive mask of the self-attention, shape (nodes, all nodes)."""
        asking, keys, values = np.split(self._own_in.of(self._own_norm.of(states)), 3, axis=1)
        kept.keys = np.concatenate([kept.keys, self._by_head(keys)], axis=1)
        kept.values = np.concatenate([kept.values, self._by_head(values)], axis=1)
        states = states + self._own_out.of(self._attended(asking, kept.keys, kept.values, unseen))
        asking = self._asking.of(self._audio_norm.of(states))
        attended = self._attended(asking, kept.audio_keys, kept.audio_values, None)
        states = states + self._audio_out.of(attended)
        inner = _gelu(self._wide.of(self._last_norm.of(states)))
        found: Floats = states + self._narrow.of(inner)
        return found

    def _attended(
        self, asking: Floats, keys: Floats, values: Floats, unseen: Floats | None
    ) -> Floats:
        asking = self._by_head(asking)
        likeness = asking @ keys.transpose(0, 2, 1) / np.float32(asking.shape[2] ** 0.5)
        if unseen is not None:
            likeness = likeness + unseen
        likeness = np.exp(likeness - likeness.max(axis=2, keepdims=True))
        likeness /= likeness.sum(axis=2, keepdims=True)
        found: Floats = (likeness @ values).transpose(1, 0, 2)
        return found.reshape(len(found), -1)

    def _by_head(self, states: Floats) -> Floats:
        return states.reshape(len(states), self._heads, -1).transpose(1, 0, 2)


def _gelu(states: Floats) -> Floats:
    """Compute x Φ(x), with a polynomial for the error function."""
    place = np.abs(states) * np.float32(0.5**0.5)
    at = 1 / (1 + _ERF_RATE * place)
    sum_ = np.zeros_like(at)
    for factor in _ERF:
        sum_ = (sum_ + np.float32(factor)) * at
    error = np.copysign(1 - sum_ * np.exp(-place * place), states)
    found: Floats = np.float32(0.5) * states * (1 + error)
    return found
