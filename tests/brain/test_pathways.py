"""Pathways that are cut or scaled, in tables, in a whole brain, and through a brain and what is under it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import neuromech as nm
from neuromech import InputError
from neuromech.brain import pathways
from neuromech.brain.circuit import Circuit
from neuromech.brain.connectome import Connectome
from neuromech.brain.neurons.synapses import Synapses
from neuromech.loop import Loop
from neuromech.specs.compose import load_run
from neuromech.specs.perturb import Pathway, Perturb


@pytest.fixture(scope="module")
def worm() -> Connectome:
    return nm.Connectome.load("worm_connectome")


def test_only_the_named_connections_change(worm: Connectome) -> None:
    found, notes = pathways.scaled(worm, [Pathway(("AVB",), ("DB", "VB"), 0.5)])
    avb, b = worm.resolve("AVB"), worm.resolve(["DB", "VB"])
    changed = np.zeros_like(worm.gap, bool)
    changed[np.ix_(avb, b)] = True
    assert worm.gap[np.ix_(avb, b)].any() and not notes
    assert np.array_equal(found.chemical, np.where(changed, 0.5, 1.0) * worm.chemical)
    assert np.array_equal(found.gap, np.where(changed | changed.T, 0.5, 1.0) * worm.gap)
    assert np.array_equal(found.nmj, worm.nmj) and np.array_equal(found.gap, found.gap.T)


def test_a_kind_a_muscle_and_two_pathways(worm: Connectome) -> None:
    ways = [Pathway(("DB",), (worm.muscles[0], "VB"), 0.0, "chemical"), Pathway(("DB1",), ("AVB",), 2.0)]
    found, _ = pathways.scaled(worm, [*ways, ways[1]])
    db = worm.resolve("DB")
    assert not found.nmj[db, 0].any() and np.array_equal(found.nmj[:, 1:], worm.nmj[:, 1:])
    assert np.array_equal(found.gap_muscle, worm.gap_muscle)
    one, avb = worm.neurons.index("DB1"), worm.resolve("AVB")
    assert np.array_equal(found.gap[one, avb], 4.0 * worm.gap[one, avb])
    assert worm.gap[one, avb].any()


def test_a_gap_junction_within_one_class_is_scaled_once(worm: Connectome) -> None:
    found, _ = pathways.scaled(worm, [Pathway(("AVA",), ("AVA",), 0.5, "gap_junction")])
    pair = np.ix_(worm.resolve("AVA"), worm.resolve("AVA"))
    assert worm.gap[pair].any() and np.array_equal(found.gap[pair], 0.5 * worm.gap[pair])


def test_what_is_not_there_is_a_note_and_who_is_not_there_an_error(worm: Connectome) -> None:
    _, notes = pathways.scaled(worm, [Pathway(("DD1",), ("ASEL",))])
    assert notes == ("perturb.scale_pathways: there is no connection of DD1 onto ASEL",)
    with pytest.raises(InputError, match="unknown neuron, class or muscle in perturb.scale_pathways 'MDL99'"):
        pathways.scaled(worm, [Pathway(("DD1",), ("MDL99",))])


def test_names_are_read_as_people_write_them() -> None:
    run = load_run(["experiment=worm_crawl", "perturb.scale_pathways={pre: avb, post: [db_1, mdl01, MDL01]}"])
    with pytest.raises(InputError, match="'mdl01'; nearest: MDL01"):
        Circuit.load(run.controller, run.perturb)  # type: ignore[arg-type]
    run = load_run(["experiment=worm_crawl", "perturb.scale_pathways={pre: avb, post: [db_1, MDL01]}"])
    found = Circuit.load(run.controller, run.perturb)  # type: ignore[arg-type]
    assert found.perturb.scale_pathways == (Pathway(("AVB",), ("DB1", "MDL01")),)
    assert len(found.notes) == 2


def test_a_worm_is_slower_without_the_contacts_of_avb_onto_b() -> None:
    cut = {"pre": "AVB", "post": ["DB", "VB"]}
    speeds = [
        nm.run("worm_crawl", duration_s=12, video=False, scale_pathways=ways).metrics["mean"]["speed_mm_s"]
        for ways in ([], [cut])
    ]
    assert speeds[0] > 0.15 and speeds[1] < 0.9 * speeds[0]


def test_edges_of_a_whole_brain_are_cut() -> None:
    edges = Synapses.of(4, np.array([0, 0, 1, 2, 3]), np.array([1, 2, 2, 3, 0]), np.array([5, -6, 7, 8, 9]))
    left = pathways.cut(edges, [(np.array([0, 1]), np.array([2])), (np.array([3]), np.array([3]))])
    assert left.pre.tolist() == [0, 2, 3] and left.post.tolist() == [1, 3, 0]
    assert left.count.tolist() == [5, 8, 9]


@pytest.mark.parametrize(
    ("way", "told"),
    [
        (Pathway(("a",), ("b",), 0.5), "spiking neurons take scale=0 only, not 0.5"),
        (Pathway(("a",), ("b",), 0.0, "gap_junction"), "spiking neurons have no gap junctions to cut"),
    ],
)
def test_what_spiking_neurons_do_not_take(way: Pathway, told: str) -> None:
    with pytest.raises(InputError, match=told):
        pathways.refuse_other_scales([way])


@pytest.mark.parametrize(
    ("pre", "post", "where"),
    [("P9_L", "MDN_L", "brain"), ("fly_cord.rhythm", "fly_cord.premotor", "cord")],
)
def test_a_pathway_of_the_brain_or_of_the_cord(pre: str, post: str, where: str) -> None:
    run = load_run(["experiment=fly_brain_walk"])
    cut = replace(run, perturb=Perturb(scale_pathways=(Pathway((pre,), (post,)),)))
    controllers = [Loop.of(each).controller for each in (run, cut)]
    edges = [len(each.network.synapses.post) for each in controllers]
    notes = [each.pathway.controller.notes for each in controllers]
    assert (edges[1] < edges[0]) == (where == "brain")
    assert notes[0] == notes[1] == ()


def test_no_pathway_leads_from_the_brain_to_the_cord() -> None:
    with pytest.raises(InputError, match="leads from one controller to another"):
        nm.run("fly_brain_walk", scale_pathways=[{"pre": "P9_L", "post": "fly_cord.MDN"}], video=False)


def test_the_run_says_so_in_its_configuration() -> None:
    run = load_run(["experiment=worm_crawl", "perturb.scale_pathways={pre: AVB, post: DB}"])
    assert run.perturb == Perturb(scale_pathways=(Pathway(("AVB",), ("DB",)),))
