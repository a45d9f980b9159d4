"""What Figure 2 shows is read off the network."""

import pytest

from minialexnet import cifar_net
from minialexnet.alexnet import alexnet
from minialexnet.pictures.stages import stages, two_towers


def test_stages_are_the_networks():
    found = stages(alexnet("2012", seed=None), (3, 224, 224))
    assert [stage.name for stage in found] == [
        "input", "conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8",
    ]  # fmt: skip
    assert [s.name for s in found if s.sees_both] == ["conv3", "fc6", "fc7", "fc8"]
    assert [s.name for s in found if s.pooled] == ["conv1", "conv2", "conv5"]
    assert found[1].shape == (96, 55, 55)
    assert found[1].kernel == "11x11 / 4"


@pytest.mark.parametrize(("profile", "neighbours"), [("paper", [2, 2]), ("2012", [])])
def test_a_normalisation_of_one_group_has_neighbours_in_the_other_tower(
    profile, neighbours
):
    found = stages(alexnet(profile, seed=None), (3, 224, 224))
    assert [stage.neighbours for stage in found if stage.neighbours] == neighbours


def test_a_network_has_two_towers_where_a_convolution_has_two_groups():
    assert two_towers(alexnet("2012", seed=None))
    assert not two_towers(alexnet("torchvision", seed=None))
    assert not two_towers(cifar_net(seed=None))
