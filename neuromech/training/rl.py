"""Reinforcement learning of networks by PPO and SAC (of Stable-Baselines3), in chunks.

A chunk begins with fresh episodes and with all random numbers derived from (seed, chunk), and ends with a
checkpoint. A training that was killed therefore goes on exactly as it would have gone on otherwise.
PPO: Schulman et al. 2017, arXiv:1707.06347; SAC: Haarnoja et al. 2018, arXiv:1801.01290.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from neuromech._lib import interrupts
from neuromech._lib.errors import InputError, unknown
from neuromech._lib.one_thread import ONE_THREAD
from neuromech._lib.progress import bar as progress_bar
from neuromech.controllers.policy_network import CLIP, Network
from neuromech.envs.sb3_vector import as_sb3_vec_env
from neuromech.training import checkpoint, curves
from neuromech.training.learners import Learner, Settings
from neuromech.training.policy_env import PolicyEnv
from neuromech.training.policy_vector import PolicyVectorEnv
from neuromech.training.training_task import TrainingTask

EPSILON = 1e-8
"""The number that is added to the variance of the observations before division by its root."""
OWN = ("kind", "hidden")
"""The keys of `algorithm` that are not arguments of Stable-Baselines3's classes."""


def learn(task: TrainingTask, settings: Settings) -> Network:
    """Train until the steps, which are decisions, are made; go on from the checkpoint if there is one.

    On Ctrl-C or SIGTERM the chunk under way is finished and saved before the interrupt is raised.

    Raises
    ------
    InputError
        A setting of the algorithm is wrong, or the extra `rl` is not installed.
    """
    library, folder, seed, envs = Library.load(), settings.folder, settings.seed, settings.envs
    vector = _vector(library, task, envs, settings.spawn)
    try:
        model, normal = _model(library, task, settings.algorithm, vector, seed)
        path = folder / "checkpoint.npz"
        rows = _restore(library, model, normal, checkpoint.load(path))
        board = curves.Board(folder, model.num_timesteps)
        counter = _counter(library)
        period_s = task.plan.period_s if task.plan else 0.0
        with (
            contextlib.closing(board),
            interrupts.asking() as check,
            progress_bar(
                settings.progress, total=settings.steps, initial=model.num_timesteps, unit="decision"
            ) as bar,
        ):
            while model.num_timesteps < settings.steps:
                clock, before = curves.Clock(), model.num_timesteps
                _begin_chunk(library, model, vector, seed, len(rows), envs)
                counter.clear(bar)
                model.learn(settings.checkpoint_steps, counter, log_interval=None, reset_num_timesteps=False)
                made = model.num_timesteps - before
                row = {
                    "steps": float(model.num_timesteps),
                    "simulated_s": model.num_timesteps * period_s,
                    **clock.row(rows),
                    **counter.per_second(made * period_s),
                    **_logged(model),
                }
                rows.append(row)
                checkpoint.save(path, _state(library, model, normal, rows))
                curves.write(folder, rows)
                board.add(row)
                bar.set_postfix(reward_per_s=f"{row[curves.REWARD]:.4f}")
                check()
        return _network(model, normal)
    finally:
        vector.close()


@dataclass(frozen=True)
class Library:
    """The parts of Stable-Baselines3 and torch that training needs; they come with the extra `rl`."""

    torch: Any
    algorithms: Mapping[str, Any]
    vectors: Any
    callback: Any
    logger: Any

    @staticmethod
    def load() -> Library:
        """Import them.

        Raises
        ------
        InputError
            One of them is not installed.
        """
        try:
            torch, baselines = import_module("torch"), import_module("stable_baselines3")
            import_module("torch.utils.tensorboard")
            parts = [
                import_module(f"stable_baselines3.common.{name}")
                for name in ("vec_env", "callbacks", "logger")
            ]
        except ImportError as error:
            raise InputError(f"training networks needs {error.name}: pip install 'neuromech[rl]'") from None
        torch.set_num_threads(1)
        algorithms = {"ppo": baselines.PPO, "sac": baselines.SAC}
        return Library(torch, algorithms, parts[0], parts[1].BaseCallback, parts[2].Logger)


def _make(task: TrainingTask) -> Any:
    # Ctrl-C reaches the whole group of processes: the parent decides when these end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return PolicyEnv(task)


def _vector(library: Library, task: TrainingTask, envs: int, spawn: bool) -> Any:
    if not spawn:
        return as_sb3_vec_env(PolicyVectorEnv(task, envs))
    makers: list[Callable[[], Any]] = [partial(_make, task) for _ in range(envs)]
    former = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        # JAX and fork do not go together.
        return library.vectors.SubprocVecEnv(makers, start_method="spawn")
    finally:
        for name, value in former.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _model(
    library: Library, task: TrainingTask, algorithm: Mapping[str, Any], vector: Any, seed: int
) -> tuple[Any, Any]:
    kind, kinds = str(algorithm.get("kind")), library.algorithms
    if kind not in kinds:
        raise unknown("algorithm", kind, kinds)
    options = {key: value for key, value in algorithm.items() if key not in OWN}
    valid = inspect.signature(kinds[kind].__init__).parameters
    for key, value in options.items():
        if key not in valid:
            raise unknown("key", f"algorithm.{key}", [f"algorithm.{name}" for name in valid])
        number = isinstance(value, int | float)
        if isinstance(valid[key].default, int | float) and not number:
            raise InputError(f"algorithm.{key} must be a number, not {value!r}")
    assert task.plan is not None
    gamma = float(np.exp(-task.plan.period_s / task.spec["horizon_s"]))
    normal = library.vectors.VecNormalize(vector, gamma=gamma, clip_obs=CLIP, epsilon=EPSILON)
    network: dict[str, Any] = {"net_arch": list(algorithm["hidden"]), "activation_fn": library.torch.nn.Tanh}
    if "log_std" in task.spec:
        network["log_std_init"] = float(task.spec["log_std"])
    try:
        model = kinds[kind](
            "MlpPolicy", normal, seed=seed, gamma=gamma, policy_kwargs=network, device="cpu", **options
        )
    except (TypeError, ValueError, AssertionError) as error:
        raise InputError(f"algorithm {kind}: {error}") from None
    model.set_logger(library.logger(None, []))
    return model, normal


def _begin_chunk(library: Library, model: Any, vector: Any, seed: int, chunk: int, envs: int) -> None:
    """Derive all random numbers from (seed, chunk), and begin an episode in every environment."""
    first, second, third, fourth = np.random.SeedSequence([seed, chunk]).generate_state(4)
    library.torch.manual_seed(int(first))
    np.random.seed(int(second))
    model.action_space.seed(int(third) >> 1)
    vector.seed((int(fourth) >> 1) - envs)
    model._last_obs = None


def _counter(library: Library) -> Any:
    class Counter(library.callback):
        """Adds up the reward's terms over a chunk."""

        def clear(self, bar: Any) -> None:
            self._bar, self._terms = bar, dict[str, float]()

        def _on_step(self) -> bool:
            infos = self.locals["infos"]
            for info in infos:
                for name, value in info["terms"].items():
                    self._terms[name] = self._terms.get(name, 0.0) + value
            self._bar.update(len(infos))
            return True

        def per_second(self, simulated_s: float) -> dict[str, float]:
            rates = {f"{name}_per_s": value / simulated_s for name, value in self._terms.items()}
            return {curves.REWARD: sum(rates.values()), **rates}

    return Counter()


def _logged(model: Any) -> dict[str, float]:
    """Return the losses of the chunk's last update, by name."""
    values = model.logger.name_to_value
    return {
        name.removeprefix("train/"): float(values[name])
        for name in sorted(values)
        if name.startswith("train/") and np.isscalar(values[name]) and not name.endswith("n_updates")
    }


def _state(library: Library, model: Any, normal: Any, rows: list[dict[str, float]]) -> dict[str, Any]:
    """Return all that the next chunk depends on, as nested mappings of arrays."""
    parts: dict[str, Any] = {}
    for name, state in model.get_parameters().items():
        # An optimiser's settings come from the configuration; what it remembers is kept.
        state = {str(k): v for k, v in state["state"].items()} if "param_groups" in state else state
        parts[name] = _arrays(state)
    variables = {name: getattr(model, name) for name in model._get_torch_save_params()[1]}
    tree: dict[str, Any] = {
        "model": parts,
        "variables": {
            name: value.detach().numpy().copy()
            for name, value in variables.items()
            if isinstance(value, library.torch.Tensor)
        },
        "seen": _moments(normal.obs_rms),
        "returned": _moments(normal.ret_rms),
        "steps": model.num_timesteps,
        "updates": model._n_updates,
        "curve": curves.columns(rows),
    }
    buffer = getattr(model, "replay_buffer", None)
    if buffer is not None:
        filled = buffer.buffer_size if buffer.full else buffer.pos
        tree["replay"] = {name: getattr(buffer, name)[:filled] for name in _REPLAY}
        tree["replay"] |= {"pos": buffer.pos, "full": buffer.full}
    return tree


# The arrays of Stable-Baselines3's replay buffer.
_REPLAY = ("observations", "next_observations", "actions", "rewards", "dones", "timeouts")


def _restore(
    library: Library, model: Any, normal: Any, saved: Mapping[str, Any] | None
) -> list[dict[str, float]]:
    """Restore a checkpoint; return the rows of the learning curve."""
    if saved is None:
        return []
    tensor = library.torch.as_tensor
    parameters = model.get_parameters()
    for name, state in parameters.items():
        given = saved["model"].get(name, {})
        if "param_groups" in state:
            state["state"] = {
                int(index): {key: tensor(value) for key, value in one.items()} for index, one in given.items()
            }
        else:
            parameters[name] = {key: tensor(given[key]) for key in state}
    model.set_parameters(parameters, exact_match=True)
    for name, value in saved.get("variables", {}).items():
        getattr(model, name).data.copy_(tensor(value))
    for moments, name in ((normal.obs_rms, "seen"), (normal.ret_rms, "returned")):
        moments.mean, moments.var = saved[name]["mean"], saved[name]["var"]
        moments.count = float(saved[name]["count"])
    model.num_timesteps, model._n_updates = int(saved["steps"]), int(saved["updates"])
    buffer, replay = getattr(model, "replay_buffer", None), saved.get("replay")
    if buffer is not None and replay is not None:
        for name in _REPLAY:
            getattr(buffer, name)[: len(replay[name])] = replay[name]
        buffer.pos, buffer.full = int(replay["pos"]), bool(replay["full"])
    return curves.rows_of(saved["curve"])


def _arrays(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _arrays(value) if isinstance(value, Mapping) else value.detach().cpu().numpy().copy()
        for key, value in tree.items()
    }


def _moments(moments: Any) -> dict[str, Any]:
    return {"mean": moments.mean, "var": moments.var, "count": moments.count}


def _network(model: Any, normal: Any) -> Network:
    """Return the deterministic part of a trained policy as plain arrays."""
    policy = model.policy
    on_policy = hasattr(policy, "action_net")
    body = policy.mlp_extractor.policy_net if on_policy else policy.actor.latent_pi
    last = policy.action_net if on_policy else policy.actor.mu
    layers = [module for module in (*body, last) if hasattr(module, "weight")]
    return Network(
        normal.obs_rms.mean.astype(np.float32),
        np.sqrt(normal.obs_rms.var + EPSILON).astype(np.float32),
        [(layer.weight.detach().numpy().copy(), layer.bias.detach().numpy().copy()) for layer in layers],
        "clip" if on_policy else "tanh",
    )


NETWORKS = Learner(learn, ("muscles", "descending"), "decisions")
"""Networks that act on muscles or on descending neurons are trained by both algorithms in the same way."""
