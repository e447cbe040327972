"""Our filter banks are Kaldi's."""

from __future__ import annotations

import numpy as np
import pytest

kaldi = pytest.importorskip("kaldi_native_fbank", reason="the acoustic extra is not installed")

from acoustic_model.training import features  # noqa: E402

pytestmark = pytest.mark.acoustic


def kaldi_fbank(audio: np.ndarray) -> np.ndarray:
    options = kaldi.FbankOptions()
    options.frame_opts.samp_freq = features.RATE_HZ
    options.frame_opts.dither = 0.0
    options.mel_opts.num_bins = features.BANDS
    options.mel_opts.low_freq = features.LOW_HZ
    options.mel_opts.high_freq = features.HIGH_HZ
    options.use_energy = False
    options.energy_floor = 0.0
    bank = kaldi.OnlineFbank(options)
    bank.accept_waveform(features.RATE_HZ, audio.tolist())
    bank.input_finished()
    return np.array([bank.get_frame(i) for i in range(bank.num_frames_ready)])


@pytest.mark.parametrize("level", [1.0, 300.0, 12000.0])
@pytest.mark.parametrize("samples", [200, 279, 280, 8000, 12345])
def test_filter_banks_equal_those_of_kaldi(level: float, samples: int) -> None:
    audio = np.random.default_rng(samples).normal(0, level, samples).round().astype(np.float32)
    ours, theirs = features.fbank(audio), kaldi_fbank(audio)
    assert ours.shape == theirs.shape == (features.frames_in(samples), features.BANDS)
    np.testing.assert_allclose(ours, theirs, atol=2e-3)


def test_digital_silence_is_below_the_floor_and_one_bit_of_noise_close_to_it() -> None:
    silence = features.fbank(np.zeros(800))
    noise = features.fbank(np.random.default_rng(1).normal(0, 1, 80000))
    assert silence.max() < features.FLOOR
    assert abs(float(noise.mean()) - features.FLOOR) < 3


def test_a_signal_that_is_too_short_has_no_frames() -> None:
    assert features.fbank(np.zeros(199)).shape == (0, features.BANDS)


def test_warping_moves_energy_to_higher_bands_for_a_longer_vocal_tract() -> None:
    tone = 8000 * np.sin(2 * np.pi * 1000 * np.arange(4000) / 8000)
    plain = features.fbank(tone).mean(0).argmax()
    assert features.fbank(tone, features.mel_filters(1.2)).mean(0).argmax() > plain
