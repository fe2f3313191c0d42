"""The fit to a measured atlas: a differentiable brain, a fit that stops and goes on, what it refuses."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuromech
from neuromech import InputError
from neuromech.brain.circuit import Circuit
from neuromech.brain.neurons.graded import Graded
from neuromech.brain.neurons.graded_sharing import GradedSharing, as_numbers, as_point
from neuromech.comparison.measured_atlas import MeasuredAtlas
from neuromech.specs import content
from neuromech.specs.controller import WiredSpec
from neuromech.specs.perturb import Perturb

NAMES = ("leak_nS.AWB", "gap_nS.sensory>interneuron", "chemical_nS.sensory>pharyngeal", "bias_pA.AIB",
         "chemical_nS.AVA>A")  # fmt: skip
PARTS = ("leak_nS", "capacitance_pF", "plateau_nS", "chemical_nS", "gap_nS", "bias_pA")


def worm(perturb: Perturb | None = None, parameters: dict | None = None) -> Circuit:
    spec = content.load("controllers", "worm_connectome")
    assert isinstance(spec, WiredSpec)
    return Circuit.load(spec, perturb, parameters=parameters)


@pytest.mark.parametrize("scale", [1.0, 1.3])
def test_the_differentiable_brain_is_the_one_that_the_parameters_make(scale: float) -> None:
    sharing = GradedSharing.of(worm(), NAMES)
    numbers = sharing.start * scale
    found, made = sharing.network(jnp.asarray(numbers)), worm(parameters=sharing.written(list(numbers)))
    same = Graded.from_circuit(made)
    for part in PARTS:
        assert np.allclose(getattr(found, part), getattr(same, part), rtol=1e-4, atol=1e-3), part
    changed = np.abs(np.asarray(found.bias_pA) - np.asarray(sharing.base.bias_pA)).max()
    assert (changed > 1) == (scale != 1)  # the balance of motor neurons follows the gain of their command


@pytest.mark.thorough
def test_its_slope_is_that_of_differences() -> None:
    sharing = GradedSharing.of(worm(), NAMES)
    start = jnp.asarray(sharing.start, jnp.float32)

    def total(numbers: jax.Array) -> jax.Array:
        network = sharing.network(numbers)
        return network.leak_nS.sum() + network.gap_nS[0].sum() + jnp.abs(network.chemical_nS).sum()

    slope = jax.grad(total)(start)
    for k in (0, 2, 4):
        step = jnp.zeros(len(NAMES)).at[k].set(0.05)
        assert float(slope[k]) == pytest.approx(
            float(total(start + step) - total(start - step)) / 0.1, rel=0.02
        )


def test_points_and_numbers_are_inverse_and_keep_their_bounds() -> None:
    low, high = np.array([0.1, -5.0]), np.array([10.0, 5.0])
    numbers = np.array([1.0, 2.0])
    assert np.allclose(
        as_numbers(jnp.asarray(as_point(numbers, low, high, 0.02)), low, high), numbers, rtol=1e-5
    )
    assert np.allclose(as_numbers(jnp.array([-90.0, 90.0]), low, high), [0.1, 5.0])


@pytest.mark.parametrize(
    ("names", "said"), [(["tone.x"], "section of free parameters"), (["gap_nS.A"], "pre>post")]
)
def test_what_cannot_be_free_is_one_line(names: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        GradedSharing.of(worm(), names)


def test_an_ablated_brain_is_refused() -> None:
    with pytest.raises(InputError, match="whole wiring"):
        GradedSharing.of(worm(Perturb(ablate=("AVA",))), NAMES)


def atlas_file(path: Path) -> Path:
    """Write an atlas of all neurons in which six classes are driven."""
    names = neuromech.Connectome.load("worm_connectome").neurons
    rng = np.random.default_rng(0)
    shape = (len(names), len(names))
    q = np.full(shape, np.nan)
    driven = [names.index(name) for name in ("AWBL", "AWBR", "ASHL", "ADLL", "AVAL", "URXL", "RMGL")]
    q[:, driven] = np.where(rng.random((len(names), len(driven))) < 0.1, 0.01, 0.5)
    np.savez(
        path, neuron_ids=np.array(names), wt_q=q, wt_occ1=np.full(shape, 5.0), wt_dFF=rng.normal(size=shape)
    )
    return path


def test_parts_share_no_class_and_hold_every_driven_neuron(tmp_path: Path) -> None:
    wiring = neuromech.Connectome.load("worm_connectome")
    measured = MeasuredAtlas.read(atlas_file(tmp_path / "a.npz"), "wt").among(tuple(wiring.neurons))
    parts = [measured.fold(wiring.classes, k, 3) for k in range(3)]
    assert (np.sum(parts, axis=0) == measured.pairs.any(axis=0)).all()
    assert parts[0][wiring.neurons.index("AWBL")] == parts[0][wiring.neurons.index("AWBR")]
    assert measured.of_driven(parts[0]).pairs.any(axis=0).sum() == parts[0].sum()


def fit(tmp_path: Path, output: str, **changed: object) -> Path:
    gradient = {"gradient.measured": str(atlas_file(tmp_path / "a.npz")), "gradient.iterations": 4,
                "gradient.settle_s": 0.4, "gradient.drive_s": 0.4, "gradient.folds": 3}  # fmt: skip
    gradient["gradient.kept"] = []
    overrides = {**gradient, "output": str(tmp_path / output), **changed}
    return neuromech.fit("worm_atlas", **overrides)


@pytest.mark.thorough
def test_a_fit_goes_on_where_it_stopped_and_lowers_its_loss(tmp_path: Path) -> None:
    whole = fit(tmp_path, "whole").read_text()
    fit(tmp_path, "parts", **{"gradient.iterations": 2})
    again = fit(tmp_path, "parts").read_text()
    assert whole.split("parameters:")[1] == again.split("parameters:")[1]
    curve = np.genfromtxt(tmp_path / "whole" / "curve.csv", delimiter=",", names=True)
    assert curve["steps"].size <= 1
    with pytest.raises(InputError, match="another fit"):
        fit(tmp_path, "parts", **{"gradient.rate": 0.2})


def test_a_part_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there are parts 0 to 2"):
        fit(tmp_path, "none", **{"gradient.held_out": 3})


@pytest.mark.thorough
def test_behaviour_that_is_kept_costs_nothing_before_the_fit(tmp_path: Path) -> None:
    from neuromech.specs.compose import load_run
    from neuromech.training.kept_behaviour import Kept

    circuit = worm()
    run = load_run(["experiment=worm_crawl", "duration_s=0.3"])
    kept = Kept.of(run, circuit.parameters, ["AVA", "head"])
    assert kept.excitation.shape == (30, 95) and kept.activity.shape[1] == 20
    network = Graded.from_circuit(circuit)
    assert float(kept.error(network)) < 1e-6
    sharing = GradedSharing.of(circuit, ["leak_nS.*"])
    assert float(kept.error(sharing.network(jnp.array([3.0])))) > 0.01
