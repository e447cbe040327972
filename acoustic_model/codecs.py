"""Speech codecs and packet loss, exact where a table suffices and approximate where it does not.

G.711 is exact to its decoded levels. The GSM-like and the ADPCM-like codec are approximations in
numpy that give the distortion of the real ones (ETSI EN 300 961, ITU-T G.726) without their bits;
figures on real codecs come from the evaluation's own encoders.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from acoustic_model.signals import Samples

_ORDER = 8
_SUBFRAME = 40
_GSM_FRAME = 160
_BANDWIDTH = np.exp(-np.square(2 * np.pi * 60 / 8000 * np.arange(_ORDER + 1)) / 2)
_PACKET = 160


def mu_law(audio: Samples) -> Samples:
    """A G.711 µ-law encoder and decoder."""
    return _through_table(audio, _table("mu"))


def a_law(audio: Samples) -> Samples:
    """A G.711 A-law encoder and decoder."""
    return _through_table(audio, _table("a"))


def gsm_like(audio: Samples) -> Samples:
    """GSM full rate without its long-term predictor.

    Per 20 ms an 8th-order linear predictor; of its residual every third sample, at the best of
    three offsets per 5 ms and 3 bits each; then synthesis.
    """
    frames = -(-len(audio) // _GSM_FRAME)
    history = np.pad(audio, (_ORDER, frames * _GSM_FRAME - len(audio)))
    starts = np.arange(frames)[:, None] * _GSM_FRAME
    windows = history[starts + np.arange(_GSM_FRAME + _ORDER)]
    predictors = _predictors(windows[:, _ORDER:])
    residual = np.zeros((frames, _GSM_FRAME))
    for lag in range(_ORDER + 1):
        at = _ORDER - lag
        residual += predictors[:, lag, None] * windows[:, at : at + _GSM_FRAME]
    excitation = _regular_pulses(residual.reshape(-1, _SUBFRAME)).reshape(frames, _GSM_FRAME)
    output = np.empty((frames, _GSM_FRAME))
    state = np.zeros(_ORDER)
    for frame in range(frames):
        output[frame], state = lfilter([1], predictors[frame], excitation[frame], zi=state)
    decoded: Samples = np.clip(output.reshape(-1)[: len(audio)], -1, 1).astype(np.float32)
    return decoded


def adpcm_like(audio: Samples, rng: np.random.Generator, bits: int) -> Samples:
    """ADPCM's quantisation noise: white, as strong as the step of the short-term prediction."""
    difference = audio - 0.85 * np.concatenate([np.zeros(1, np.float32), audio[:-1]])
    blocks = np.pad(np.square(difference), (0, -len(audio) % 32)).reshape(-1, 32).mean(axis=1)
    slow = np.sqrt(lfilter([0.5], [1, -0.5], blocks))
    step = 4 * np.repeat(slow, 32)[: len(audio)] / 2**bits
    noise = rng.random(len(audio), dtype=np.float32) - np.float32(0.5)
    decoded: Samples = (audio + noise * np.maximum(step, 2 / 32768)).astype(np.float32)
    return decoded


def lose_packets(audio: Samples, rng: np.random.Generator, share: float) -> Samples:
    """Loses `share` of the 20 ms packets, in bursts, and conceals them.

    Concealment repeats the last packet ever lower, or is silent, at random per call.
    """
    packets = len(audio) // _PACKET
    stay = rng.uniform(0.1, 0.5)
    enter = share * (1 - stay) / max(1 - share, 0.1)
    decay = rng.choice([0.0, 0.5, 0.7, 0.9])
    chances = rng.random(packets)
    output = audio.copy()
    run = 0
    for packet in range(1, packets):
        lost = chances[packet] < (stay if run else enter)
        run = run + 1 if lost else 0
        if lost:
            at = packet * _PACKET
            output[at : at + _PACKET] = output[at - _PACKET : at] * (decay if run < 4 else 0)
    return output


def _through_table(audio: Samples, table: NDArray[np.float32]) -> Samples:
    index = np.clip(np.round(audio * 32768), -32768, 32767).astype(np.int32) + 32768
    output: Samples = table[index]
    return output


@cache
def _table(law: str) -> NDArray[np.float32]:
    """For each 16-bit sample the decoded level next to it, full scale ±1, shape (65536,)."""
    segment, step = np.divmod(np.arange(128), 16)
    if law == "mu":
        positive = ((2 * step + 33) * 2**segment - 33) * 4.0
    else:
        positive = np.where(segment == 0, 2 * step + 1, (2 * step + 33) * 2.0 ** (segment - 1)) * 8
    levels = np.unique(np.concatenate([-positive, positive]))
    borders = (levels[1:] + levels[:-1]) / 2
    nearest = np.searchsorted(borders, np.arange(-32768, 32768))
    return (levels[nearest] / 32768).astype(np.float32)


def _predictors(frames: NDArray[np.float32]) -> NDArray[np.float64]:
    """Linear predictors (1, a1 … a8) of each frame by autocorrelation, shape (frames, 9)."""
    tapered = frames * np.hamming(frames.shape[1])
    correlation = np.stack(
        [
            (tapered[:, lag:] * tapered[:, : tapered.shape[1] - lag]).sum(axis=1)
            for lag in range(_ORDER + 1)
        ],
        axis=1,
    )
    correlation *= _BANDWIDTH
    correlation[:, 0] = correlation[:, 0] * 1.0001 + 1e-9
    lags = np.abs(np.subtract.outer(np.arange(_ORDER), np.arange(_ORDER)))
    solved = np.linalg.solve(correlation[:, lags], -correlation[:, 1:, None])[:, :, 0]
    return np.concatenate([np.ones((len(frames), 1)), solved], axis=1)


def _regular_pulses(subframes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keeps every third sample at the offset with most energy, in 7 levels of its block's peak."""
    grids = np.stack([subframes[:, offset : offset + 39 : 3] for offset in range(3)], axis=1)
    best = np.square(grids).sum(axis=2).argmax(axis=1)
    rows = np.arange(len(subframes))
    kept = grids[rows, best]
    peak = np.abs(kept).max(axis=1, keepdims=True) + 1e-9
    quantised = np.round(kept / peak * 3.5) / 3.5 * peak
    pulses = np.zeros_like(subframes)
    pulses[rows[:, None], best[:, None] + 3 * np.arange(13)] = quantised
    scale = np.sqrt(np.square(subframes).sum(axis=1) / (np.square(pulses).sum(axis=1) + 1e-12))
    scaled: NDArray[np.float64] = pulses * np.minimum(scale, 2.0)[:, None]
    return scaled
