"""The files that we write are Kaldi's: the engine itself reads them, and so do we."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the acoustic extra is not installed")

import vosk  # noqa: E402

from acoustic_model.errors import ModelFileError  # noqa: E402
from acoustic_model.export.export import Costs, decoding_graph, to_nnet3, write_model  # noqa: E402
from acoustic_model.export.fillers import with_all_fillers  # noqa: E402
from acoustic_model.export.words import renew_words  # noqa: E402
from acoustic_model.kaldi import binary as kaldi  # noqa: E402
from acoustic_model.kaldi import nnet3, openfst, transition_model  # noqa: E402
from acoustic_model.kaldi.nnet3 import Affine, Nnet3, Relu  # noqa: E402
from acoustic_model.kaldi.nnet3_forward import Runner, parse  # noqa: E402
from acoustic_model.kaldi.vosk_model import read_vosk_files  # noqa: E402
from acoustic_model.lexicon.lexicon import UNKNOWN_UNITS, WORDS, lexicon  # noqa: E402
from acoustic_model.training.features import BANDS, mel_filters  # noqa: E402
from acoustic_model.training.network import Network, Shape  # noqa: E402

pytestmark = pytest.mark.acoustic

SMALL = Shape(front=24, width=32, bottleneck=8, back=(1, 2), ahead=(1, 0))
WORD_LIST = lexicon()


def trained_looking_network() -> Network:
    torch.manual_seed(3)
    network = Network(WORD_LIST.pdfs, SMALL)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias)
    torch.nn.init.normal_(network.output.weight)
    network.mean.fill_(8.0)
    network.scale.fill_(0.25)
    network.eval()
    return network


def test_the_folded_network_scores_like_the_trained_one() -> None:
    network = trained_looking_network()
    features = torch.randn(50, 3, BANDS) * 4 + 10
    with torch.no_grad():
        expected = network(features)
    torch.testing.assert_close(Runner(to_nnet3(network))(features), expected, atol=1e-3, rtol=1e-3)


def test_a_network_read_back_from_its_file_scores_the_same() -> None:
    net = to_nnet3(trained_looking_network())
    reader = kaldi.Reader(nnet3.to_bytes(net), "net")
    again = nnet3.read(reader)
    assert (again.left_context, again.right_context) == (SMALL.left_context, SMALL.right_context)
    features = torch.randn(30, 2, BANDS) * 4 + 10
    torch.testing.assert_close(Runner(again)(features), Runner(net)(features), atol=5e-3, rtol=0)


@pytest.mark.parametrize("values", [[[0.5, -3.0, 1.25], [0.0, 2.0, 9.0]], [[4.0]], [[2.5, 2.5]]])
def test_a_matrix_keeps_16_bits_of_its_range(values: list[list[float]]) -> None:
    written = np.array(values, np.float32)
    again = kaldi.Reader(kaldi.matrix(written), "matrix").matrix()
    assert again.dtype == np.float32
    assert np.abs(again - written).max() <= np.ptp(written) / 65_535
    assert (again.min(), again.max()) == (written.min(), written.max())


def test_a_matrix_of_whole_floats_is_read_too() -> None:
    written = np.array([[0.1, -3.0], [7.0, 1e-9]], np.float32)
    data = kaldi.token("FM") + kaldi.integer(2) + kaldi.integer(2) + written.tobytes()
    assert (kaldi.Reader(data, "matrix").matrix() == written).all()
    with pytest.raises(ModelFileError, match="no matrix"):
        kaldi.Reader(kaldi.vector([1.0]), "matrix").matrix()


def test_the_transition_model_maps_every_phone_to_the_pdfs_of_its_unit() -> None:
    data = transition_model.to_bytes(WORD_LIST.phone_units)
    pairs = transition_model.read(kaldi.Reader(data, "transitions"))
    assert pairs == [(2 * unit, 2 * unit + 1) for unit in WORD_LIST.phone_units]


def test_a_transducer_and_its_symbols_survive_the_file() -> None:
    graph = decoding_graph(WORD_LIST, Costs(-2.0, -1.0))
    again, symbols = openfst.read(
        openfst.to_bytes(graph, acceptor=False, symbols={"<eps>": 0, "één": 1}), "graph"
    )
    assert symbols == {"<eps>": 0, "één": 1}
    assert again.final == graph.final
    flat = [(a.input, a.output, round(a.cost, 4), a.target) for arcs in graph.arcs for a in arcs]
    assert flat == [
        (a.input, a.output, round(a.cost, 4), a.target) for arcs in again.arcs for a in arcs
    ]


@pytest.mark.parametrize("kept", [0, 3, 30, 60, 400])
def test_a_truncated_file_is_one_clear_error(kept: int) -> None:
    graph = decoding_graph(WORD_LIST, Costs())
    with pytest.raises(ModelFileError, match="graph"):
        openfst.read(openfst.to_bytes(graph, acceptor=False)[:kept], "graph")
    data = nnet3.to_bytes(to_nnet3(trained_looking_network()))
    with pytest.raises(ModelFileError):
        nnet3.read(kaldi.Reader(data[:kept], "net"))


def test_descriptors_of_other_networks_are_understood_or_refused() -> None:
    parts = parse("Append(Offset(a, -3), Sum(a, Scale(0.5, Offset(b, 2))))")
    assert [[(t.node, t.offset, t.weight) for t in part] for part in parts] == [
        [("a", -3, 1.0)],
        [("a", 0, 1.0), ("b", 2, 0.5)],
    ]
    with pytest.raises(ModelFileError, match="IfDefined"):
        parse("IfDefined(a)")


# A model made by hand: a unit scores high while its own tone sounds, so tones spell words.
TONES_HZ = {"SIL": 0, **dict(zip(WORD_LIST.units[1:26], range(300, 3700, 136), strict=True))}


def tone_model(tones_hz: dict[str, int] = TONES_HZ) -> Nnet3:
    """Every unit with a tone listens to the band of that tone; the others score far below."""
    filters = mel_filters()
    weights = np.zeros((WORD_LIST.pdfs, BANDS), np.float32)
    bias = np.full(WORD_LIST.pdfs, -200.0, np.float32)
    for unit, tone_hz in tones_hz.items():
        number = WORD_LIST.unit_numbers[unit]
        pdfs = slice(2 * number, 2 * number + 2)
        bias[pdfs] = 0.0 if tone_hz else 16.0
        if tone_hz:
            weights[pdfs, int(filters[round(tone_hz * 256 / 8000)].argmax())] = 1.0
    net = Nnet3(BANDS, left_context=3, right_context=3)
    half, nothing = np.eye(BANDS, dtype=np.float32) / 2, np.zeros((BANDS, BANDS), np.float32)
    copy = Affine(np.hstack([nothing, half, nothing]), np.zeros(BANDS, np.float32))
    net.add("copy.affine", copy, "Append(Offset(input, -3), input, Offset(input, 3))")
    net.add("copy.relu", Relu(BANDS), "Sum(copy.affine, Scale(0.5, input))")
    net.add("output.affine", Affine(weights, bias), "copy.relu")
    return net


def tones(*words: str) -> np.ndarray:
    """120 ms of each unit's tone, with silence around and between the words."""
    pieces = [np.zeros(2400)]
    for word in words:
        for unit in WORD_LIST.pronunciations[word][0].units:
            seconds = np.arange(960) / 8000
            tone_hz = TONES_HZ[WORD_LIST.units[unit]]
            pieces.append(9000 * np.sin(2 * np.pi * tone_hz * seconds))
        pieces.append(np.zeros(1600))
    noise = np.random.default_rng(0).normal(0, 1, sum(map(len, pieces)))
    return np.round(np.concatenate(pieces) + noise).astype(np.int16)


def heard(folder: Path, audio: np.ndarray, phrases: list[str]) -> dict[str, Any]:
    recognizer = vosk.KaldiRecognizer(vosk.Model(str(folder)), 8000, json.dumps(phrases))
    recognizer.SetWords(True)
    recognizer.AcceptWaveform(audio.tobytes())
    result: dict[str, Any] = json.loads(recognizer.FinalResult())
    return result


@pytest.fixture(scope="module")
def tone_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "tones"
    write_model(folder, tone_model(), WORD_LIST, Costs(0.0, 0.0))
    return folder


@pytest.mark.parametrize(
    "words", [("two",), ("six", "four"), ("zero", "oh", "one", "three"), ("five", "five", "six")]
)
def test_the_engine_hears_the_words_that_tones_spell(
    tone_folder: Path, words: tuple[str, ...]
) -> None:
    result = heard(
        tone_folder, tones(*words), ["zero", "oh", "one", "two", "three", "four", "five", "six"]
    )
    assert result["text"] == " ".join(words)


def test_the_engine_knows_when_each_word_was_said(tone_folder: Path) -> None:
    result = heard(tone_folder, tones("six", "four"), ["six", "four"])
    first, second = result["result"]
    assert first["start"] == pytest.approx(0.30, abs=0.06)
    assert first["end"] == pytest.approx(0.78, abs=0.10)
    assert second["start"] == pytest.approx(0.98, abs=0.06)


def test_the_engine_finds_every_word_of_the_vocabulary(tone_folder: Path) -> None:
    model = vosk.Model(str(tone_folder))
    assert [word for word in WORDS if model.vosk_model_find_word(word) < 0] == []
    assert model.vosk_model_find_word("licence") < 0


def test_the_engine_reads_the_word_list_if_the_graph_names_no_words(
    tone_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tone_folder, folder)
    loop, symbols = openfst.read((folder / "graph/Gr.fst").read_bytes(), "Gr.fst")
    nameless = openfst.to_bytes(loop, acceptor=True)
    (folder / "graph/Gr.fst").write_bytes(nameless)
    assert heard(folder, tones("six", "four"), ["six", "four"])["text"] == "six four"
    (folder / "graph/words.txt").write_text("".join(f"{w} {n}\n" for w, n in symbols.items())[:60])
    assert vosk.Model(str(folder)).vosk_model_find_word("help") < 0


def test_the_engine_knows_every_filler(tmp_path: Path) -> None:
    words = with_all_fillers(WORD_LIST)
    write_model(tmp_path / "model", tone_model(), words, Costs(), ("_ah _t", "_n _ow"))
    model = vosk.Model(str(tmp_path / "model"))
    listed = (tmp_path / "model/graph/fillers.txt").read_text(encoding="utf-8").split()
    assert listed == ["_ah", "_t", "_n", "_ow"]
    assert [word for word in words.fillers if model.vosk_model_find_word(word) < 0] == []


@pytest.mark.parametrize(("unknown", "text"), [(-5.0, "[unk]"), (5.0, "one")])
def test_costs_decide_between_a_word_and_the_unknown_word_that_sound_alike(
    tmp_path: Path, unknown: float, text: str
) -> None:
    alike = zip(UNKNOWN_UNITS, ("one.0.w", "one.1.ah", "one.2.n"), strict=True)
    net = tone_model({**TONES_HZ, **{unit: TONES_HZ[of_one] for unit, of_one in alike}})
    write_model(tmp_path / "model", net, WORD_LIST, Costs(0.0, unknown))
    assert heard(tmp_path / "model", tones("one"), ["one", "[unk]"])["text"] == text
    assert heard(tmp_path / "model", tones("six"), ["six", "[unk]"])["text"] == "six"


def test_the_unknown_word_rejects_other_phrases(tmp_path: Path) -> None:
    alike = zip(UNKNOWN_UNITS, ("one.0.w", "one.1.ah", "one.2.n"), strict=True)
    net = tone_model({**TONES_HZ, **{unit: TONES_HZ[of_one] for unit, of_one in alike}})
    write_model(tmp_path / "model", net, WORD_LIST, Costs(0.0, 0.0))
    said = heard(tmp_path / "model", tones("six", "one", "four"), ["six", "four", "[unk]"])
    assert said["text"] == "six [unk] four"


def test_our_own_reader_finds_words_phones_and_network_again(tone_folder: Path) -> None:
    files = read_vosk_files(tone_folder)
    assert files.lexicon.phone_units == WORD_LIST.phone_units
    assert files.lexicon.pronunciations == WORD_LIST.pronunciations
    assert [node.name for node in files.net.nodes][-1] == "output.affine"


def test_a_folder_without_a_model_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"final\.mdl cannot be read"):
        read_vosk_files(tmp_path)


def test_a_network_looks_ahead_at_most_200_ms_and_fits_in_15_mb() -> None:
    network = Network(WORD_LIST.pdfs)
    assert network.shape.look_ahead_ms <= 200
    assert len(nnet3.to_bytes(to_nnet3(network))) < 15_000_000


def test_adding_words_to_a_model_keeps_its_network_and_costs(tmp_path: Path) -> None:
    net = to_nnet3(Network(WORD_LIST.pdfs, SMALL))
    write_model(
        tmp_path / "m", net, with_all_fillers(WORD_LIST), Costs(-3.0, -2.5, -2.0), ["_t _ao"]
    )
    before = read_vosk_files(tmp_path / "m")
    renew_words(tmp_path / "m")
    after = read_vosk_files(tmp_path / "m")
    assert "talk" not in before.lexicon.pronunciations
    said = after.lexicon.pronunciations["talk"][0].units
    assert [WORD_LIST.units[unit] for unit in said] == ["T", "AO", "K"]
    assert after.lexicon.pronunciations["zero"] == before.lexicon.pronunciations["zero"]
    assert nnet3.to_bytes(after.net) == nnet3.to_bytes(before.net)
    again = (tmp_path / "m" / "graph" / "HCLr.fst").read_bytes()
    renew_words(tmp_path / "m")
    assert (tmp_path / "m" / "graph" / "HCLr.fst").read_bytes() == again
    assert (tmp_path / "m" / "graph" / "fillers.txt").read_text() == "_t _ao\n"
