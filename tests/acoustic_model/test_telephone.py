"""The telephone as augmentation: each impairment does what its name says, harder is worse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the acoustic extra is not installed")

from hypothesis import given, settings
from hypothesis import strategies as st

from acoustic_model.audio_types import Samples
from acoustic_model.data.corpus import Corpus, CorpusWriter
from acoustic_model.errors import TrainingError
from acoustic_model.telephone import channel, codecs, microphones, noises, rooms, signals
from acoustic_model.telephone.noises import Noises
from acoustic_model.training.sampler import Mixer

pytestmark = pytest.mark.acoustic


def rng(seed: int = 5) -> np.random.Generator:
    return np.random.default_rng(seed)


def tone(hertz: float, seconds: float = 1.0, level: float = 0.5) -> Samples:
    time = np.arange(int(8000 * seconds)) / 8000
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def vowels(seconds: float = 1.0) -> Samples:
    """A voice-like sound: harmonics of 120 Hz under two resonances, in syllables."""
    time = np.arange(int(8000 * seconds)) / 8000
    wave = sum(
        np.sin(2 * np.pi * 120 * n * time) / (1 + abs(120 * n - 700) / 200) for n in range(1, 25)
    )
    syllables = 0.3 + 0.7 * np.abs(np.sin(2 * np.pi * 2.5 * time))
    return (0.1 * wave * syllables).astype(np.float32)


@pytest.fixture(scope="module")
def pool() -> Noises:
    readers = [np.random.default_rng(n).normal(0, 2000, 16000).astype(np.int16) for n in range(6)]
    return Noises(readers)


def snr_db(clean: Samples, changed: Samples) -> float:
    noise = changed[: len(clean)] - clean
    return float(10 * np.log10(np.square(clean).sum() / (np.square(noise).sum() + 1e-12)))


def level_at(audio: Samples, hertz: float) -> float:
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio))))
    return float(20 * np.log10(spectrum[round(hertz * len(audio) / 8000)] + 1e-9))


# --- the whole chain


def test_hardness_0_leaves_the_recording_unchanged(pool: Noises) -> None:
    clean = vowels()
    passed = channel.through_telephone(clean, rng(), 0.0, pool)
    np.testing.assert_array_equal(passed, clean)
    assert passed is not clean


def test_the_same_seed_makes_the_same_call(pool: Noises) -> None:
    first, again = (channel.through_telephone(vowels(), rng(3), 0.8, pool) for _ in range(2))
    np.testing.assert_array_equal(first, again)


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    hardness=st.floats(0, 1),
    samples=st.integers(1, 20000),
    level=st.sampled_from([0.0, 1e-5, 0.01, 0.9]),
)
def test_any_input_gives_bounded_finite_audio(
    pool: Noises, seed: int, hardness: float, samples: int, level: float
) -> None:
    audio = (level * rng(seed).uniform(-1, 1, samples)).astype(np.float32)
    passed = channel.through_telephone(audio, rng(seed), hardness, pool)
    assert passed.dtype == np.float32
    assert passed.ndim == 1
    assert np.isfinite(passed).all()
    assert np.abs(passed).max() <= 1
    assert 0.5 * samples - 1200 <= len(passed) <= 1.4 * samples + 20000


def test_a_harder_telephone_distorts_more(pool: Noises) -> None:
    clean = vowels(2)

    def voicing(hardness: float) -> float:
        """How periodic what is heard still is, 0 to 1, over sixty calls."""
        found = []
        for seed in range(60):
            passed = channel.through_telephone(clean, rng(seed), hardness, pool)
            windows = np.lib.stride_tricks.sliding_window_view(passed, 512)
            energy = np.square(windows).sum(axis=1)
            for start in np.flatnonzero(energy[:-90] > energy.max() / 100)[::400]:
                later = windows[start + 50 : start + 90]
                products = later @ windows[start] / np.sqrt(energy[start + 50 : start + 90])
                found.append(float(products.max()) / np.sqrt(energy[start]))
        return float(np.mean(found))

    assert voicing(0.1) > voicing(0.5) > voicing(1.0)


# --- noise


@pytest.mark.parametrize("asked_db", [3.0, 10.0, 20.0])
@pytest.mark.parametrize("kind", ["white", "car", "crowd"])
def test_noise_has_the_requested_level_below_speech(
    pool: Noises, kind: str, asked_db: float
) -> None:
    speech = vowels(3)
    noise = {
        "white": noises.white(len(speech), rng()),
        "car": noises.car(len(speech), rng()),
        "crowd": noises.crowd(pool, len(speech), rng()),
    }[kind]
    added = channel.mixed(speech, noise, asked_db) - speech
    in_band = signals.telephone_level_db(speech) - signals.level_db(speech)
    active = signals.active_level_db(speech) + in_band
    assert active - signals.telephone_level_db(added) == pytest.approx(asked_db, abs=0.5)


def test_half_of_the_hardest_noise_is_babble_at_3_to_12_db(
    pool: Noises, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[float] = []

    def noted(audio: Samples, _noise: Samples, ratio_db: float) -> Samples:
        drawn.append(ratio_db)
        return audio

    monkeypatch.setattr(channel, "mixed", noted)
    for seed in range(400):
        channel.with_noise(vowels(0.3), rng(seed), 1.0, pool)
    assert 0.45 < np.mean([ratio <= 12 for ratio in drawn]) < 0.75
    assert min(drawn) >= 3


def test_babble_is_drawn_from_training_readers_only(tmp_path: Path) -> None:
    with CorpusWriter(tmp_path / "corpus") as writer:
        for source, level in (("an4-train", 100), ("an4-dev", 30000)):
            loud = np.full(16000, level, np.int16)
            writer.add(loud, ["[unk]"], source, source, "BSD", "sentence")
    corpus = Corpus.open(tmp_path / "corpus")
    with pytest.raises(TrainingError):
        Mixer([corpus], frozenset({"an4-train", "an4-dev"}))
    only_train = Mixer([corpus], frozenset({"an4-dev"})).noises
    assert [int(piece.max()) for piece in only_train._speech] == [100]


def test_babble_has_any_requested_length_and_varies(pool: Noises) -> None:
    draws = rng()
    first, second = (pool.babble(50000, 4, draws) for _ in range(2))
    assert len(first) == 50000
    assert not np.allclose(first, second)


# --- noise and levels


def test_a_car_rumbles_and_hum_has_the_mains_frequency() -> None:
    for seed in range(10):
        car = noises.car(32000, rng(seed))
        power = np.square(np.abs(np.fft.rfft(car)))
        low, high = power[4 * 100 : 4 * 400].mean(), power[4 * 2000 : 4 * 3400].mean()
        assert low > 2 * high
        spectrum = np.abs(np.fft.rfft(noises.hum(32000, rng(seed))))
        assert any(spectrum.argmax() / 4 % mains == 0 for mains in (50, 60))


def test_calls_vary_from_quiet_to_hot_and_are_sometimes_clipped() -> None:
    leveled = [channel._level(vowels(), rng(seed), 1.0) for seed in range(400)]
    peaks_db = [20 * np.log10(np.abs(each).max()) for each in leveled]
    assert min(peaks_db) < -25
    assert max(peaks_db) > -3
    clipped = [np.mean(np.abs(each) >= 0.979) for each in leveled]
    assert 0.01 < np.mean(np.array(clipped) > 0.01) < 0.15
    easy = [channel._level(vowels(), rng(seed), 0.05) for seed in range(100)]
    assert min(20 * np.log10(np.abs(each).max()) for each in easy) > -11


# --- microphones and rooms


def test_every_microphone_colors_in_its_own_way_within_bounds() -> None:
    audio = rng().normal(0, 0.1, 8000).astype(np.float32)
    responses = [microphones.color_db(len(audio), rng(seed), 1.0) for seed in range(100)]
    assert all(each.min() >= -50 and each.max() <= 25 for each in responses)
    hertz = signals.frequencies(len(audio))
    speech = (hertz > 300) & (hertz < 3400)
    dark = [
        each[hertz > 3000].mean() < each[(hertz > 400) & (hertz < 800)].mean() - 10
        for each in responses
    ]
    assert 5 <= sum(dark) <= 80  # some hiss and some are dark
    assert np.std([each[speech] for each in responses], axis=0).mean() > 3
    weak = [microphones.color_db(len(audio), rng(seed), 0.0) for seed in range(100)]
    assert np.abs(weak).mean() < np.abs(responses).mean() / 2


def test_a_telephone_band_removes_hum_and_keeps_speech() -> None:
    mixture = tone(50) + tone(1000) + tone(3950)
    for seed in range(20):
        heard = signals.filtered(mixture, microphones.band_db(len(mixture), rng(seed)))
        assert level_at(heard, 50) < level_at(heard, 1000) - 6
        assert level_at(heard, 3950) < level_at(heard, 1000) - 0.2


def test_a_filter_of_0_db_changes_nothing() -> None:
    audio = vowels()
    flat = np.zeros(len(signals.frequencies(len(audio))), np.float32)
    np.testing.assert_allclose(signals.filtered(audio, flat), audio, atol=1e-5)


def test_frames_without_low_frequencies_are_attenuated_and_vowels_are_not() -> None:
    vowel, hiss = vowels(0.4), noises.white(3200, rng()) / 10
    high = np.where(signals.frequencies(len(hiss)) > 2000, 0, -60).astype(np.float32)
    fricative = signals.filtered(hiss.astype(np.float32), high)
    audio = np.concatenate([fricative, vowel, fricative])
    for seed in range(20):
        heard = microphones.weaken_fricatives(audio, rng(seed), 1.0)
        middle = slice(len(hiss) + 400, len(hiss) + len(vowel) - 400)
        lost = signals.level_db(audio[:2400]) - signals.level_db(heard[:2400])
        kept = signals.level_db(audio[middle]) - signals.level_db(heard[middle])
        assert lost > 2.5
        assert kept < 1.5


def test_a_gate_mutes_only_pauses() -> None:
    audio = np.concatenate([vowels(0.3), 0.0005 * noises.white(2400, rng()), vowels(0.3)])
    heard = microphones.gate_quiet(audio.astype(np.float32), rng())
    assert signals.level_db(heard[3200:4000]) < signals.level_db(audio[3200:4000]) - 9
    assert snr_db(audio[400:2000], heard[400:2000]) > 30


def test_a_room_starts_with_the_direct_sound_and_decays() -> None:
    for seed in range(20):
        response = rooms.impulse_response(rng(seed), 1.0)
        assert response[0] == 1
        reverberant = 10 * np.log10(np.square(response[1:]).sum())
        assert -18.5 <= reverberant <= -1.5
        quarter = len(response) // 4
        assert np.square(response[-quarter:]).sum() < np.square(response[1:quarter]).sum()


def test_reverberation_lengthens_by_at_most_a_fifth_of_a_second() -> None:
    audio = vowels()
    assert len(audio) < len(rooms.reverberate(audio, rooms.impulse_response(rng(), 1.0))) <= 9600


def test_an_echo_comes_later_and_lower() -> None:
    click = np.zeros(800, np.float32)
    click[0] = 1
    heard = rooms.echo(click, rng())
    later = np.flatnonzero(heard)[1:]
    assert len(later) == 1
    assert 0.015 * 8000 <= later[0] <= 0.25 * 8000
    assert 0.03 <= heard[later[0]] <= 0.32


# --- codecs


@pytest.mark.parametrize(("codec", "levels"), [(codecs.mu_law, 255), (codecs.a_law, 256)])
def test_g711_has_its_number_of_levels_and_its_quality(
    codec: Callable[[Samples], Samples], levels: int
) -> None:
    ramp = (np.arange(-32768, 32768) / 32768).astype(np.float32)
    assert len(np.unique(codec(ramp))) == levels
    for level in (0.9, 0.1, 0.02):
        assert 33 < snr_db(tone(440, level=level), codec(tone(440, level=level))) < 42


def test_g711_passes_its_own_output_unchanged() -> None:
    for codec in (codecs.mu_law, codecs.a_law):
        once = codec(vowels())
        np.testing.assert_array_equal(codec(once), once)


def test_the_largest_levels_are_those_of_the_standard() -> None:
    full = np.ones(1, np.float32)
    assert codecs.mu_law(full)[0] * 32768 == 32124
    assert codecs.a_law(full)[0] * 32768 == 32256


def test_a_coarser_codec_sounds_worse_but_keeps_the_voice() -> None:
    voice = vowels()
    steps = (codecs.G726_32, codecs.G726_24, codecs.GSM)
    finest, middle, coarsest = (
        snr_db(voice, codecs.predictive(voice, rng(), step)) for step in steps
    )
    assert 35 > finest > middle > coarsest > 10


def test_a_codec_errs_in_proportion_to_the_level() -> None:
    audio = np.concatenate([tone(800, 0.5, 0.5), tone(800, 0.5, 0.05)])
    error = codecs.predictive(audio, rng(), codecs.GSM) - audio
    ratio_db = signals.level_db(error[:3900]) - signals.level_db(error[4100:])
    assert ratio_db == pytest.approx(20, abs=1.5)


def test_the_asked_share_of_packets_is_lost() -> None:
    audio = (noises.white(160 * 4000, rng()) / 5).astype(np.float32)
    for share in (0.01, 0.05):
        heard = codecs.lose_packets(audio, rng(2), share)
        changed = (heard != audio).reshape(-1, 160).any(axis=1).mean()
        assert changed == pytest.approx(share, rel=0.35)


def test_packets_that_are_not_lost_are_unchanged() -> None:
    audio = vowels()
    np.testing.assert_array_equal(codecs.lose_packets(audio, rng(), 0.0), audio)


# --- speaker


def test_faster_is_shorter_and_higher() -> None:
    heard = channel.resampled(tone(440), 1.1)
    assert len(heard) == pytest.approx(8000 / 1.1, abs=2)
    assert np.abs(np.fft.rfft(heard, 8000)).argmax() == pytest.approx(484, abs=2)


def test_trimming_removes_silence_and_little_else() -> None:
    audio = np.pad(vowels(), 4000)
    for seed in range(30):
        kept = channel.trimmed(audio, rng(seed), 1.0)
        assert 8000 - 1200 <= len(kept) <= len(audio)
