"""Simulates a telephone call from a clean recording: speaker, room, microphone, noise, line, codec.

`hardness` 0 leaves the recording unchanged; the greater it is, the more often impairments are
drawn, and the stronger they are. Nothing here is shared with the conditions that models are scored
under.
"""

from __future__ import annotations

import numpy as np
import soxr

from acoustic_model.audio_types import RATE_HZ, Samples
from acoustic_model.telephone import codecs
from acoustic_model.telephone.microphones import band_db, color_db, gate_quiet, weaken_fricatives
from acoustic_model.telephone.noises import Noises, crowd, hiss, stationary
from acoustic_model.telephone.rooms import echo, impulse_response, reverberate
from acoustic_model.telephone.signals import (
    FRAME,
    active_level_db,
    decibels,
    filtered,
    frame_levels_db,
    level_db,
    telephone_level_db,
)

_SHORTEST = RATE_HZ // 10


def through_telephone(
    audio: Samples, rng: np.random.Generator, hardness: float, noises: Noises
) -> Samples:
    """`audio` as a telephone delivers it: 8 kHz float32 in and out, full scale ±1.

    The length changes (tempo, trimming, added silence). `hardness` is 0 (unchanged) to 1
    (hardest); `noises` supplies the babble.
    """
    if hardness <= 0 or len(audio) < _SHORTEST:
        return audio.copy()
    audio = _speaker(audio, rng, hardness)
    audio = _surroundings(audio, rng, hardness, noises)
    audio = _level(audio, rng, hardness)
    audio = _line(audio, rng, hardness)
    return np.clip(audio, -1, 1).astype(np.float32)


def _speaker(audio: Samples, rng: np.random.Generator, hardness: float) -> Samples:
    """Tempo and pitch, trimming, and fricatives that never reach the microphone."""
    if rng.random() < 0.2 + 0.5 * hardness:
        audio = resampled(audio, float(rng.uniform(1 - 0.13 * hardness, 1 + 0.16 * hardness)))
    if rng.random() < 0.5 * hardness:
        audio = trimmed(audio, rng, hardness)
    if rng.random() < 0.45 * hardness:
        audio = weaken_fricatives(audio, rng, hardness)
    return audio


def _surroundings(
    audio: Samples, rng: np.random.Generator, hardness: float, noises: Noises
) -> Samples:
    """Room, microphone, and band, with noise in the room, on the line, or neither."""
    if rng.random() < 0.35 * hardness:
        audio = reverberate(audio, impulse_response(rng, hardness))
    audio = _with_silence(audio, rng)
    noisy = rng.random() < 0.15 + 0.55 * hardness
    in_room = rng.random() < 0.6
    if noisy and in_room:
        audio = with_noise(audio, rng, hardness, noises)
    if rng.random() < 0.3 + 0.6 * hardness:
        response = color_db(len(audio), rng, hardness)
        if rng.random() < 0.75:
            response = response + band_db(len(audio), rng)
        audio = filtered(audio, response)
    if noisy and not in_room:
        audio = with_noise(audio, rng, hardness, noises)
    if rng.random() < (0.3 if noisy else 0.8):
        audio = _with_hiss(audio, rng, hardness)
    if rng.random() < 0.12 * hardness:
        audio = gate_quiet(audio, rng)
    return audio


def _level(audio: Samples, rng: np.random.Generator, hardness: float) -> Samples:
    """Quiet to loud, occasionally clipped."""
    peak = float(np.abs(audio).max()) + 1e-6
    audio = audio * np.float32(decibels(-rng.uniform(1, 8 + 26 * hardness * rng.random())) / peak)
    if rng.random() < 0.08 * hardness:
        audio = np.clip(
            audio * np.float32(rng.uniform(1, 5) / (np.abs(audio).max() + 1e-6)), -0.98, 0.98
        )
    return audio


def _line(audio: Samples, rng: np.random.Generator, hardness: float) -> Samples:
    """Echo, a silent or nearly silent line before and after, codec, and lost packets."""
    if rng.random() < 0.12 * hardness:
        audio = echo(audio, rng)
    if rng.random() < 0.4 * hardness:
        audio = _on_a_quiet_line(audio, rng)
    draw = rng.random()
    if draw < 0.5:
        audio = codecs.mu_law(audio)
    elif draw < 0.6:
        audio = codecs.a_law(audio)
    elif draw < 0.6 + 0.2 * hardness:
        coarsest = codecs.G726_32 + (codecs.GSM - codecs.G726_32) * hardness
        audio = codecs.predictive(audio, rng, float(rng.uniform(codecs.G726_32, coarsest)))
    if rng.random() < 0.15 * hardness:
        audio = codecs.lose_packets(audio, rng, float(rng.uniform(0.005, 0.06 * hardness + 0.005)))
    return audio


def resampled(audio: Samples, speed: float) -> Samples:
    """Plays `speed` times as fast: tempo and pitch together."""
    output: Samples = soxr.resample(audio, RATE_HZ * speed, RATE_HZ, quality="LQ")
    return output


def trimmed(audio: Samples, rng: np.random.Generator, hardness: float) -> Samples:
    """Cuts off the quiet ends, or some 10 ms of the speech itself, as late detectors do."""
    if rng.random() < 0.6:
        levels = frame_levels_db(audio)
        loud = np.flatnonzero(levels > levels.max() - rng.uniform(22, 42))
        start, end = loud[0] * FRAME, (loud[-1] + 1) * FRAME
    else:
        start, end = 0, len(audio)
    bite = int(RATE_HZ * 0.035 * hardness)
    start += int(rng.integers(0, bite + 1)) if rng.random() < 0.4 else 0
    end -= int(rng.integers(0, bite + 1)) if rng.random() < 0.4 else 0
    return audio[start:end] if end - start >= _SHORTEST else audio


def with_noise(audio: Samples, rng: np.random.Generator, hardness: float, pool: Noises) -> Samples:
    """Adds noise relative to the active speech; at the hardest, half is babble at 3 to 12 dB."""
    samples = len(audio)
    draw = rng.random()
    if draw < 0.5 * hardness:
        noise, snr_db = crowd(pool, samples, rng), rng.uniform(3, 12)
    elif draw < 0.5 * hardness + 0.1:
        noise, snr_db = pool.babble(samples, int(rng.integers(1, 3)), rng), rng.uniform(12, 28)
    elif draw < 0.5 * hardness + 0.3:
        noise, snr_db = crowd(pool, samples, rng), rng.uniform(12, 30)
    else:
        noise, snr_db = stationary(samples, rng), rng.uniform(20 - 16 * hardness, 32)
    return mixed(audio, noise, snr_db)


def mixed(audio: Samples, noise: Samples, snr_db: float) -> Samples:
    """Adds noise `snr_db` below the active speech, both measured in the telephone band."""
    speech_db = active_level_db(audio) + telephone_level_db(audio) - level_db(audio)
    gain_db = min(speech_db - telephone_level_db(noise) - snr_db, 20 - level_db(noise))
    return audio + noise * np.float32(decibels(gain_db))


def _with_hiss(audio: Samples, rng: np.random.Generator, hardness: float) -> Samples:
    snr_db = rng.uniform(10, 34) if rng.random() < 0.5 * hardness else rng.uniform(30, 60)
    return mixed(audio, hiss(len(audio), rng), snr_db)


def _with_silence(audio: Samples, rng: np.random.Generator) -> Samples:
    before, after = rng.choice([0.0, 0.05, 0.2, 0.5], 2) * rng.random(2)
    return np.pad(audio, (int(before * RATE_HZ), int(after * RATE_HZ) + 160))


def _on_a_quiet_line(audio: Samples, rng: np.random.Generator) -> Samples:
    """Up to 0.4 s of digital silence or faint noise, before transmission starts."""
    before, after = (rng.uniform(0, 0.4, 2) * RATE_HZ).astype(int)
    padded = np.pad(audio, (before, after))
    if rng.random() < 0.5:
        steps = rng.uniform(0, 8) / 32768
        padded[:before] = steps * rng.standard_normal(before, dtype=np.float32)
        padded[len(padded) - after :] = steps * rng.standard_normal(after, dtype=np.float32)
    return padded
