"""Kaldi's transition model: which pdf scores each transition of each phone.

One topology for all phones, as in end-to-end training: a single state, entered with one pdf
(forward) and held with another (self-loop). Phone p has the transition-ids 2p - 1 (self-loop) and
2p (forward). Sources: ``hmm/transition-model.cc``, ``hmm/hmm-topology.cc``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from acoustic_model.errors import ModelFileError
from acoustic_model.kaldi import binary as kaldi


def self_loop_id(phone: int) -> int:
    """Transition-id of staying in the phone."""
    return 2 * phone - 1


def forward_id(phone: int) -> int:
    """Transition-id of entering the phone."""
    return 2 * phone


def disambiguation_id(phones: int) -> int:
    """First label after all transition-ids, for ``disambig_tid.int``."""
    return 2 * phones + 1


def to_bytes(phone_units: Sequence[int]) -> bytes:
    """The ``<TransitionModel>`` part of ``final.mdl``; `phone_units` starts with phone 1."""
    count = len(phone_units)
    half, end = kaldi.single(0.5), kaldi.integer(-1)
    topology = (
        kaldi.token("<Topology>")
        + kaldi.integers(range(1, count + 1))
        + kaldi.integers([-1, *[0] * count])
        # -1: forward and self-loop pdfs differ; one topology entry of two states
        + kaldi.integer(-1)
        + kaldi.integer(1)
        + kaldi.integer(2)
        # state 0: forward pdf class 0, self-loop class 1, two transitions; state 1: final
        + kaldi.integer(0)
        + kaldi.integer(1)
        + kaldi.integer(2)
        + (kaldi.integer(0) + half + kaldi.integer(1) + half)
        + (end + end + kaldi.integer(0))
        + kaldi.token("</Topology>")
    )
    tuples = b"".join(
        kaldi.integer(phone)
        + kaldi.integer(0)
        + kaldi.integer(2 * unit)
        + kaldi.integer(2 * unit + 1)
        for phone, unit in enumerate(phone_units, 1)
    )
    log_probabilities = kaldi.vector([0.0, *[math.log(0.5)] * (2 * count)])
    return (
        kaldi.token("<TransitionModel>")
        + topology
        + (kaldi.token("<Tuples>") + kaldi.integer(count) + tuples + kaldi.token("</Tuples>"))
        + (kaldi.token("<LogProbs>") + log_probabilities + kaldi.token("</LogProbs>"))
        + kaldi.token("</TransitionModel>")
    )


def read(reader: kaldi.Reader) -> list[tuple[int, int]]:
    """(forward pdf, self-loop pdf) of every phone, starting with 1, of a model like the above."""
    reader.expect(kaldi.token("<TransitionModel>"))
    reader.upto(kaldi.token("</Topology>"))
    reader.expect(kaldi.token("<Tuples>"))
    pdfs = []
    for place in range(1, reader.integer() + 1):
        phone, state, forward, loop = (reader.integer() for _ in range(4))
        if (phone, state) != (place, 0):
            raise ModelFileError("the transition model does not have one state per phone")
        pdfs.append((forward, loop))
    reader.expect(kaldi.token("</Tuples>") + kaldi.token("<LogProbs>"))
    reader.vector()
    reader.expect(kaldi.token("</LogProbs>") + kaldi.token("</TransitionModel>"))
    return pdfs
