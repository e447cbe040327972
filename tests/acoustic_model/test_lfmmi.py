"""The sequence loss against sums over every path, and its graphs against what may be said."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the acoustic extra is not installed")

from acoustic_model.errors import LexiconError  # noqa: E402
from acoustic_model.lexicon.lexicon import (  # noqa: E402
    UNKNOWN,
    WORDS,
    from_units,
    lexicon,
    word_positions,
)
from acoustic_model.training.graphs import (  # noqa: E402
    NumeratorBatch,
    batch,
    denominator,
    least_frames,
    numerator,
)
from acoustic_model.training.lfmmi import (  # noqa: E402
    DenominatorRecursion,
    denominator_occupation,
    numerator_occupation,
    state_path,
)

pytestmark = pytest.mark.acoustic

MODEL = lexicon()


def path_sum(
    scores: np.ndarray, units: np.ndarray, arcs: np.ndarray, ends: tuple[np.ndarray, np.ndarray]
) -> float:
    """The sum over all paths, one by one: arcs (S, S), scores (T, pdfs), ends initial and final."""
    initial, final = ends
    total = 0.0
    for path in itertools.product(range(len(units)), repeat=len(scores)):
        weight = initial[path[0]] * np.exp(scores[0, 2 * units[path[0]]])
        for t in range(1, len(scores)):
            here, there = path[t - 1], path[t]
            step = arcs[here, there] * np.exp(scores[t, 2 * units[there]])
            if here == there:
                step += np.exp(scores[t, 2 * units[there] + 1])
            weight *= step
        total += weight * final[path[-1]]
    return float(total)


def dense(graph: NumeratorBatch, row: int) -> np.ndarray:
    states = graph.units.shape[1]
    arcs = np.zeros((states, states))
    for target in range(states):
        for source, weight in zip(
            graph.predecessors[row, target], graph.weights[row, target], strict=True
        ):
            arcs[source, target] += weight
    return arcs


def test_the_numerator_sums_over_exactly_the_paths_of_its_words() -> None:
    scores = torch.randn(5, 2, MODEL.pdfs, dtype=torch.float64)
    graphs = batch([numerator(MODEL, ["two"]), numerator(MODEL, [UNKNOWN])])
    found = numerator_occupation(scores, graphs, [5, 4])
    for row, length in ((0, 5), (1, 4)):
        ends = graphs.initial[row], graphs.final[row]
        expected = path_sum(
            scores[:length, row].numpy(), graphs.units[row], dense(graphs, row), ends
        )
        assert found.log_likelihood[row].exp() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("spelled", [True, False])
def test_posteriors_are_the_gradient_of_the_log_likelihood(spelled: bool) -> None:
    scores = torch.randn(9, 1, MODEL.pdfs, dtype=torch.float64)
    graphs = batch([numerator(MODEL, ["twelve", "hello"], spelled=spelled)])
    if spelled:
        scores = torch.randn(14, 1, MODEL.pdfs, dtype=torch.float64)
    found = numerator_occupation(scores, graphs, [len(scores)])
    places = found.posteriors.flatten().topk(5).indices
    for place in places.tolist():
        moved = scores.clone()
        moved.view(-1)[place] += 1e-6
        change = (
            numerator_occupation(moved, graphs, [len(scores)]).log_likelihood - found.log_likelihood
        )
        assert float(change) / 1e-6 == pytest.approx(
            float(found.posteriors.flatten()[place]), abs=1e-4
        )


def test_every_counted_frame_has_occupation_one_and_padding_none() -> None:
    scores = torch.randn(30, 2, MODEL.pdfs)
    recursion = DenominatorRecursion(denominator(MODEL), len(MODEL.units), torch.device("cpu"))
    found = denominator_occupation(scores, recursion, [30, 21])
    torch.testing.assert_close(found.posteriors.sum(2)[:, 0], torch.ones(30), atol=1e-4, rtol=0)
    assert found.posteriors[21:, 1].abs().max() == 0


def test_the_denominator_agrees_with_dense_arithmetic() -> None:
    graph = denominator(MODEL)
    arcs = graph.leave @ graph.enter
    places = np.arange(1, len(graph.units))
    arcs[places - 1, places] += graph.inner[1:]
    scores = torch.randn(12, 1, MODEL.pdfs)
    enter, stay = (scores[:, 0, 2 * graph.units + kind].double().exp() for kind in (0, 1))
    alpha = torch.from_numpy(graph.initial) * enter[0]
    for t in range(1, 12):
        alpha = (alpha @ torch.from_numpy(arcs)) * enter[t] + alpha * stay[t]
    expected = float((alpha * torch.from_numpy(graph.final)).sum().log())
    recursion = DenominatorRecursion(graph, len(MODEL.units), torch.device("cpu"))
    found = denominator_occupation(scores, recursion, [12])
    assert float(found.log_likelihood) == pytest.approx(expected, abs=1e-3)


def test_the_denominator_is_a_probability_over_what_comes_next() -> None:
    graph = denominator(MODEL)
    onward = (graph.leave @ graph.enter).sum(1) + np.append(graph.inner[1:], 0)
    np.testing.assert_allclose(onward[onward > 0], 1.0, atol=1e-9)


def test_an_utterance_that_is_too_short_for_its_words_is_reported() -> None:
    graphs = [numerator(MODEL, ["seven"]), numerator(MODEL, ["eight"])]
    found = numerator_occupation(torch.zeros(3, 2, MODEL.pdfs), batch(graphs), [3, 3])
    assert found.possible.tolist() == [False, True]
    assert [least_frames(graph) for graph in graphs] == [5, 2]


def test_the_best_path_passes_through_the_words_in_order() -> None:
    graphs = [numerator(MODEL, ["two", "six"])]
    path = state_path(torch.randn(20, 1, MODEL.pdfs), batch(graphs), [20])[:, 0]
    words = [graphs[0].words[state] for state in path]
    spoken = [word for word in words if word >= 0]
    assert spoken == sorted(spoken)
    assert set(spoken) == {0, 1}


def test_adjacent_unknown_words_are_one_stretch_unless_spelled() -> None:
    stretch = numerator(MODEL, ["garden", "window", "two"])
    assert {word for word in stretch.words if word >= 0} == {0, 1}
    spelled = numerator(MODEL, ["garden", "window", "two"], spelled=True)
    assert {word for word in spelled.words if word >= 0} == {0, 1, 2}


def test_a_word_without_a_spelling_stays_unknown() -> None:
    assert numerator(MODEL, ["xqzzt"], spelled=True).units == numerator(MODEL, [UNKNOWN]).units


def test_every_word_has_a_pronunciation_and_every_phone_a_place_in_its_word() -> None:
    assert set(MODEL.pronunciations) == set(WORDS)
    positions = word_positions(MODEL)
    assert positions.count("nonword") == 1
    ways = [way for ways in MODEL.pronunciations.values() for way in ways]
    assert positions.count("end") + positions.count("singleton") == len(ways)


@pytest.mark.parametrize(
    ("ways", "fault"),
    [
        ((), "'zebra' has no pronunciation"),
        (((),), "'zebra' has no pronunciation"),
        ((("Z", "IY1"),), "the pronunciation of 'zebra' has 'IY1', which is not a phone"),
    ],
)
def test_a_word_that_cannot_be_pronounced_is_one_line_of_error(
    ways: tuple[tuple[str, ...], ...], fault: str
) -> None:
    with pytest.raises(LexiconError, match=fault) as caught:
        from_units(("SIL", "Z", "IY"), {"zebra": ways})
    assert "\n" not in str(caught.value)
