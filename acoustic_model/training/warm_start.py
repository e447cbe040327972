"""Starts training from an exported model: turns its folded layers into a trainable network.

Export folds each batch normalization into the layer before it. Here it is taken out again: a pass
over training features measures each layer's output, and each normalization is set to undo itself
exactly. The network then scores as the model did, with correct batch statistics from the first
update.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from acoustic_model.errors import TrainingError
from acoustic_model.kaldi.nnet3 import Affine, Nnet3
from acoustic_model.kaldi.nnet3_forward import parse
from acoustic_model.kaldi.vosk_model import VoskFiles, read_vosk_files
from acoustic_model.lexicon.lexicon import Lexicon
from acoustic_model.training.network import SUBSAMPLING, Network, Shape


def start_from(network: Network, folder: Path, words: Lexicon, features: Tensor) -> None:
    """Gives `network` the weights of the model in `folder`; `features` are (T, B, 40).

    Raises TrainingError if the model has another shape or other words.
    """
    _take_over(network, read_vosk_files(folder), folder, words)
    _normalize(network, features)


def network_of(folder: Path, words: Lexicon) -> Network:
    """The network of the model in `folder` as exported: for inference, not for training.

    Raises TrainingError if it is not a model of this project or has other words.
    """
    files = read_vosk_files(folder)
    network = Network(words.pdfs, _shape_of(files.net, folder))
    _take_over(network, files, folder, words)
    network.eval()
    network.requires_grad_(False)
    return network


def _take_over(network: Network, files: VoskFiles, folder: Path, words: Lexicon) -> None:
    """Copies every layer; its normalization only adds the layer's bias."""
    said = files.lexicon.pronunciations
    for word, ways in words.pronunciations.items():
        if [way.units for way in said.get(word, ())] != [way.units for way in ways]:
            raise TrainingError(f"{folder} has other units for {word!r}; train from scratch")
    network.mean.zero_()
    network.scale.fill_(1.0)
    _load(network.first, network.first_norm, _affine(files.net, folder, "first.affine"))
    _load(network.second, network.second_norm, _affine(files.net, folder, "second.affine"))
    for place, layer in enumerate(network.factored()):
        narrow = _affine(files.net, folder, f"layer{place}.narrow")
        _copy(layer.narrow.weight, narrow.weights)
        _load(layer.widen, layer.norm, _affine(files.net, folder, f"layer{place}.affine"))
    output = _affine(files.net, folder, "output.affine")
    _copy(network.output.weight, output.weights)
    _copy(network.output.bias, output.bias)
    if f"layer{len(network.factored())}.affine" in files.net.components:
        raise TrainingError(f"{folder} has more layers than this network; give its shape")


def _shape_of(net: Nnet3, folder: Path) -> Shape:
    """The sizes of an exported network, from its layers."""
    first, second = (_affine(net, folder, f"{name}.affine") for name in ("first", "second"))
    offsets = {node.name: [part[0].offset for part in parse(node.descriptor)] for node in net.nodes}
    narrow = [name for name in offsets if name.endswith(".narrow")]
    ahead = [offsets[name.replace(".narrow", ".affine")][-1] for name in narrow]
    return Shape(
        front=len(first.bias),
        width=len(second.bias),
        bottleneck=len(_affine(net, folder, narrow[0]).bias),
        back=tuple(-offsets[name][0] // SUBSAMPLING for name in narrow),
        ahead=tuple(each // SUBSAMPLING for each in ahead),
    )


def _affine(net: Nnet3, folder: Path, name: str) -> Affine:
    found = net.components.get(name)
    if not isinstance(found, Affine):
        raise TrainingError(f"{folder} has no layer {name}; it is not a model of this project")
    return found


def _load(linear: nn.Linear, norm: nn.BatchNorm1d, folded: Affine) -> None:
    """Copies a layer's weights, and its bias into a normalization that does nothing else."""
    _copy(linear.weight, folded.weights)
    nn.init.zeros_(norm.get_buffer("running_mean"))
    nn.init.constant_(norm.get_buffer("running_var"), 1 - norm.eps)
    nn.init.ones_(norm.weight)
    _copy(norm.bias, folded.bias)


def _copy(parameter: Tensor, values: object) -> None:
    loaded = torch.tensor(values, dtype=parameter.dtype)
    if loaded.shape != parameter.shape:
        shapes = f"{tuple(loaded.shape)} instead of {tuple(parameter.shape)}"
        raise TrainingError(f"a layer of the model has shape {shapes}; give the model's shape")
    with torch.no_grad():
        parameter.copy_(loaded)


def _normalize(network: Network, features: Tensor) -> None:
    """Sets each normalization to its layer's statistics for `features`, its gain to undo it."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm1d)]
    given: dict[nn.Module, Tensor] = {}

    def keep(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        given[module] = inputs[0].detach().float()

    hooks = [norm.register_forward_pre_hook(keep) for norm in norms]
    network.eval()
    with torch.no_grad():
        network(features)
        for norm in norms:
            mean, variance = given[norm].mean(0), given[norm].var(0, unbiased=False)
            norm.get_buffer("running_mean").copy_(mean)
            norm.get_buffer("running_var").copy_(variance)
            norm.weight.copy_((variance + norm.eps).sqrt())
            norm.bias.add_(mean)
    for hook in hooks:
        hook.remove()
