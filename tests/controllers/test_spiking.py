"""A spiking brain as controller, on a small wiring: senses to spikes to muscles, and surgery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from neuromech import recording
from neuromech._lib.errors import InputError
from neuromech._lib.types import Observation
from neuromech.brain.runaway import RunawayError
from neuromech.cli.main import main
from neuromech.controllers import build
from neuromech.controllers.spiking import SpikingController
from neuromech.specs.compose import load_run
from neuromech.specs.run import Run
from neuromech.world.world import World

IDS = 10**17 + np.arange(40)
NAMED = ["TOUCH_1", "TOUCH_2", "INTER", "MOTOR", "LONELY"]
CONTROLLER = """
name: small
title: a chain of spiking neurons
model: spiking
wiring: [small]
engine: events
groups: {}
encoding:
  touch: {kind: saturating, sense: touch, neurons: {anterior: [TOUCH]}}
commands: {INTER: 0.0, LONELY: 0.0}
ramps: {INTER: [], LONELY: []}
under: ''
descending: {}
runaway: {spikes_per_s: 8000.0, for_ms: 50.0}
display: {traces: [MOTOR], groups: {touch: [TOUCH], motor: [motor]}}
"""
PARAMETERS = """
parameters:
  membrane: {}
  rate_ms: 40.0
  peak_Hz: {'*': 100.0}
  neuromuscular: {'*': 1.0}
  tone: 0.0
  descending_pA_per_Hz: {INTER: 0.0}
  touch: {peak_Hz: 200.0, half_nN: 100.0}
"""
Make = Callable[..., SpikingController]


def ship(folder: Path) -> None:
    """TOUCH_1 and TOUCH_2 excite INTER, that MOTOR; the rest of 40 neurons excite each other in a ring."""
    ring = np.arange(5, 40)
    ends = zip([0, 1, 2, *ring], [2, 2, 3, *np.roll(ring, 1)], strict=True)
    folder.mkdir(parents=True)
    (folder / "wiring.yaml").write_text("ids: number in the atlas\nnote: only forty neurons\n")
    (folder / "neurons.csv").write_text("\n".join(["id", *map(str, IDS)]) + "\n")
    rows = [f"{IDS[pre]},{IDS[post]},100,1" for pre, post in ends]
    (folder / "connections.csv").write_text("\n".join(["pre,post,count,sign", *rows]) + "\n")


@pytest.fixture(autouse=True)
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of content with the small controller, and its wiring."""
    folder = tmp_path / "content" / "controllers" / "small"
    folder.mkdir(parents=True)
    kinds = {"TOUCH_1": "TOUCH", "TOUCH_2": "TOUCH"}
    rows = ["name,class,type,transmitter,small"]
    types = ["sensory", "sensory", "interneuron", "motor", "interneuron"]
    rows += [
        f"{name},{kinds.get(name, name)},{kind},acetylcholine,{'' if name == 'LONELY' else IDS[k]}"
        for k, (name, kind) in enumerate(zip(NAMED, types, strict=True))
    ]
    (folder / "neurons.csv").write_text("\n".join(rows) + "\n")
    (folder / "connections.csv").write_text("pre,post,kind,weight,sign\nMOTOR,MDL05,neuromuscular,3,1\n")
    (folder / "controller.yaml").write_text(CONTROLLER)
    (folder / "parameters.yaml").write_text(PARAMETERS)
    ship(folder / "wirings" / "small")
    monkeypatch.setenv("NEUROMECH_CONTENT", str(tmp_path / "content"))
    monkeypatch.setenv("NEUROMECH_CACHE", str(tmp_path / "cache"))
    return folder


def run_of(*overrides: str) -> Run:
    return load_run(["experiment=worm_crawl", "controller.name=small", "duration_s=1", *overrides])


def made(*overrides: str) -> SpikingController:
    run = run_of(*overrides)
    controller = build(run, World(run.body, run.environment, run.clock).body)
    assert isinstance(controller, SpikingController)
    return controller


def touched(anterior_nN: float) -> Observation:
    still = {"food": np.zeros(2, np.float32), "glycerol": np.zeros(1, np.float32)}
    return {"touch": np.array([anterior_nN, 0.0], np.float32), **still}


def play(controller: SpikingController, nN: float, periods: int = 100) -> tuple[dict[str, float], np.ndarray]:
    """Rates (Hz) of the named neurons over some control periods of 10 ms, and excitations of MDL05."""
    muscle = controller.named.connectome.muscles.index("MDL05")
    drive = [controller.act(touched(nN))[muscle] for _ in range(periods)]
    _, cells = controller.take_spikes()
    counts = {name: int((cells == IDS[k]).sum()) for k, name in enumerate(NAMED)}
    return {name: count / (periods * 0.01) for name, count in counts.items()}, np.array(drive)


def test_a_touch_reaches_the_muscle_through_neurons_only() -> None:
    controller = made()
    rates, drive = play(controller, 0.0)
    assert not any(rates.values()) and not drive.any()
    rates, drive = play(controller, 100.0, 400)  # half of the peak rate
    assert rates["TOUCH_1"] == pytest.approx(100, abs=15) and rates["TOUCH_2"] == pytest.approx(100, abs=15)
    assert rates["INTER"] > 20 and rates["MOTOR"] > 5 and drive[50:].mean() > 0.02
    assert rates["LONELY"] == 0
    stronger, more = play(controller, 400.0, 400)
    assert stronger["TOUCH_1"] == pytest.approx(160, abs=20) and more[50:].mean() > drive[50:].mean()


def test_activity_is_a_leaky_spike_count_and_drives_as_the_readme_says() -> None:
    controller = made()
    rng_rates = np.zeros(5)
    for period in range(30):
        excitation = controller.act(touched(300.0))
        times, cells = controller.take_spikes()
        rng_rates *= np.exp(-10 / 40)
        for time, cell in zip(times, cells, strict=True):
            rng_rates[np.flatnonzero(IDS[:5] == cell)] += 25 * np.exp(-((period + 1) * 10 - 1000 * time) / 40)
        np.testing.assert_allclose(controller.activity, rng_rates, rtol=1e-5, atol=1e-5)
        weight = 3 / (3 + 5)  # share_by_class: contacts over the class's, plus five
        wanted = np.tanh(weight * rng_rates[3] / 100)
        muscle = controller.named.connectome.muscles.index("MDL05")
        assert (
            excitation[muscle] == pytest.approx(wanted, rel=1e-5)
            and (np.delete(excitation, muscle) == 0).all()
        )
    assert controller.activity_unit == "Hz" and controller.neuron_names == tuple(NAMED)


def test_a_seed_is_a_run_and_both_engines_agree() -> None:
    first, second, other = made(), made("controller.engine=jax"), made()
    runs = []
    for controller, seed in ((first, 3), (second, 3), (first, 3), (other, 4)):
        controller.reset(seed)
        for _ in range(30):
            controller.act(touched(200.0))
        runs.append(controller.take_spikes())
    for again in runs[1:3]:
        for one, two in zip(runs[0], again, strict=True):
            np.testing.assert_array_equal(one, two)
    assert len(runs[0][0]) > 30 and len(runs[3][0]) != len(runs[0][0])


def window(kind: str, who: str, rest: str) -> str:
    return f"perturb.{kind}=[{{neurons:[{who}],start_s:0,stop_s:1,{rest}}}]".replace(",}", "}")


def test_perturbations_by_name() -> None:
    whole, drive = play(made(), 300.0, 90)
    cut, slack = play(made(window("silence", "MOTOR", "")), 300.0, 90)
    assert cut["MOTOR"] == whole["MOTOR"] and drive.any() and not slack.any()
    assert play(made(window("silence", "INTER", "")), 300.0, 90)[0]["INTER"] > 0
    assert play(made(window("silence", "INTER", "")), 300.0, 90)[0]["MOTOR"] == 0
    gone, _ = play(made("perturb.ablate=TOUCH"), 300.0, 90)
    assert not any(gone.values())
    half, _ = play(made("perturb.ablate=TOUCH_2"), 300.0, 90)
    assert half["TOUCH_2"] == 0 and half["TOUCH_1"] > 0
    random, _ = play(made(window("stimulate", "INTER", "rate_Hz:150")), 0.0, 90)
    assert random["INTER"] == pytest.approx(150, abs=45) and random["TOUCH_1"] == 0 and random["MOTOR"] > 0
    current, _ = play(made(window("stimulate", f"{IDS[3]}", "current_pA:1000")), 0.0, 90)
    assert current["MOTOR"] == pytest.approx(1000 / (24.1 + 2.2), abs=2)  # 10 mV: 20 ms ln(10/3), then held
    swapped, _ = play(made("perturb.swap=[[TOUCH_1,INTER]]"), 300.0, 90)
    assert swapped["TOUCH_1"] == 0 and swapped["INTER"] > whole["INTER"]
    weaker, _ = play(made("perturb.scale_chemical=0.3"), 300.0, 90)
    assert weaker["INTER"] < whole["INTER"] and weaker["TOUCH_1"] == whole["TOUCH_1"]
    mixed = made("perturb.shuffle_wiring=true").network
    assert (np.diff(mixed.synapses.start) == np.diff(made().network.synapses.start)).all()
    assert (mixed.synapses.post != made().network.synapses.post).any()


def test_a_command_through_time() -> None:
    controller = made("controller.ramps.INTER=[[0,0],[0.5,0],[0.5001,200]]")
    early, _ = play(controller, 0.0, 50)
    late, _ = play(controller, 0.0, 100)
    assert early["INTER"] == 0 and late["INTER"] == pytest.approx(200, abs=45)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("perturb.ablate=INTERN", "unknown neuron or class 'INTERN'; nearest: INTER"),
        ("perturb.ablate=LONELY", "LONELY is not in the wiring small"),
        ("controller.commands.LONELY=10", "LONELY: it is not in the wiring small"),
        ("controller.commands.INTER=-1", "from 0 to 1000 Hz"),
        ("controller.wiring=[smal]", "unknown wiring 'smal'; nearest: small"),
        ("controller.engine=event", "unknown engine 'event'; nearest: events"),
        ("controller.encoding.touch.kind=touch", "controller.encoding.touch"),
        ("controller.encoding.touch.sense=tuch", "nearest: touch"),
        ("controller.runaway.spikes_per_s=0", "above 0"),
        ("clock.control_s=0.00505", "multiple"),
        ("perturb.shuffle_wiring=[sensory]", "true or false"),
        ("perturb.swap=[[TOUCH,INTER]]", "single neurons"),
        ("controller.descending={INTER: [INTER]}", "unknown key|controller under"),
    ],
)
def test_what_is_wrong_is_one_clear_line(override: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        made(override)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("neurons.csv", "transmitter,small", "transmitter,other", "no column small"),
        (
            "neurons.csv",
            f"acetylcholine,{IDS[3]}",
            f"acetylcholine,{IDS[2]}",
            "INTER and MOTOR are one neuron",
        ),
        ("connections.csv", "MOTOR,MDL05,neuromuscular", "MOTOR,INTER,chemical", "come with its wiring"),
        ("parameters.yaml", "half_nN: 100.0", "half_nN: 0.0", "parameter touch: .* half not 0"),
        ("parameters.yaml", "half_nN", "half_mM", "touch.half_nN is missing"),
        (
            "parameters.yaml",
            "membrane: {}",
            "membrane: {threshhold_mV: -40}",
            "nearest: membrane.threshold_mV",
        ),
        ("parameters.yaml", "rate_ms: 40.0", "rate_ms: 0.0", "rate_ms must be above 0"),
    ],
)
def test_a_spoilt_folder_is_one_clear_line(
    content: Path, file: str, old: str, new: str, message: str
) -> None:
    text = (content / file).read_text()
    assert old in text
    (content / file).write_text(text.replace(old, new))
    with pytest.raises(InputError, match=message):
        made()


def test_other_models_have_no_random_spikes() -> None:
    run = load_run(["experiment=worm_crawl", window("stimulate", "AVA", "rate_Hz:10")])
    with pytest.raises(InputError, match="graded_wireless neurons take current_pA, not rate_Hz"):
        build(run, World(run.body, run.environment, run.clock).body)


def test_a_runaway_is_reported_with_who_and_when() -> None:
    # A kick goes round the ring of 35 for ever; all of them kicked fire at 1 / (1.8 ms + the way to
    # threshold).
    controller = made("controller.runaway.spikes_per_s=200")
    controller.network.advance(1, np.zeros(35, int), np.arange(5, 40))
    with pytest.raises(
        RunawayError, match=r"runaway activity at 0\.0\d\d s: [\d,]+ spikes a second"
    ) as caught:
        for _ in range(20):
            controller.act(touched(0.0))
    assert str(IDS[39]) in str(caught.value) or str(IDS[5]) in str(caught.value)


def test_the_recording_holds_every_spike_and_says_what_the_wiring_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["run", "experiment=worm_crawl", "controller.name=small", "duration_s=1", "video=false"]
    arguments += ["controller.commands.INTER=150", f"output={tmp_path / 'out'}"]
    assert main(arguments) == 0
    assert "note: small has only forty neurons" in capsys.readouterr().err
    found = recording.load(tmp_path / "out" / "episode_000.nc")
    assert found["spike_neuron"].dtype == np.int64
    assert found["spike_neuron"].attrs["units"] == "number in the atlas"
    inter = found["spike_time"].values[found["spike_neuron"].values == IDS[2]]
    assert len(inter) == pytest.approx(150, abs=40) and (np.diff(found["spike_time"]) >= 0).all()
    assert inter.min() > 0 and inter.max() <= 1.0
    rate = found["activity"].sel(neuron="INTER").values
    assert rate[-10:].mean() == pytest.approx(150, abs=80) and found["activity"].attrs["units"] == "Hz"
    assert "only forty neurons" in found.attrs["notes"]
    # A runaway keeps what was recorded until then, and is one clear line.
    capsys.readouterr()
    assert main([*arguments, "controller.runaway.spikes_per_s=80"]) == 2
    said = capsys.readouterr().err
    assert "runaway activity at 0.0" in said and "INTER" in said and "Traceback" not in said
    kept = recording.load(tmp_path / "out" / "episode_000.nc")
    assert kept.attrs["ended"].startswith("RunawayError") and len(kept["spike_time"]) > 0


def test_a_brain_commands_the_controller_under_it() -> None:
    under = ["controller.under=worm_connectome", "controller.wiring=[small]"]
    run = run_of(*under)
    spec = replace(run.controller, descending={"AVBL": ("INTER",), "AVBR": ("INTER",)})
    run = replace(run, controller=spec)
    body = World(run.body, run.environment, run.clock).body
    parameters = {
        "rate_ms": 40.0, "peak_Hz": {"*": 100.0}, "neuromuscular": {"*": 1.0}, "tone": 0.0,
        "descending_pA_per_Hz": {"AVBL": 0.5, "AVBR": 0.25}, "touch": {"peak_Hz": 200.0, "half_nN": 100.0},
    }  # fmt: skip
    controller = build(run, body, parameters)
    assert isinstance(controller, SpikingController) and controller.neuron_names == tuple(NAMED)
    pathway = controller.pathway
    assert pathway is not None
    still = {"salt": np.zeros(1, np.float32), "bend": np.zeros(24, np.float32), **touched(300.0)}
    for _ in range(40):
        excitation = controller.act(still)
    rate = controller.activity[2]
    injected, index = pathway.controller.descending_pA, pathway.controller.neuron_names.index
    assert injected is not None and rate > 0 and np.count_nonzero(injected) == 2
    assert injected[index("AVBL")] == pytest.approx(0.5 * rate, rel=1e-5)
    assert injected[index("AVBR")] == pytest.approx(0.25 * rate, rel=1e-5)
    muscle = controller.named.connectome.muscles.index("MDL05")
    own = np.tanh(3 / 8 * controller.activity[3] / 100)
    assert excitation[muscle] == pytest.approx(own, rel=1e-4)  # the brain's own muscle
    assert np.delete(excitation, muscle).std() > 0  # the others follow the controller below
    with pytest.raises(InputError, match="AVBL is missing"):
        build(run, body, {**parameters, "descending_pA_per_Hz": {"AVBR": 1.0}})
