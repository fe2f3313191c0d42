"""The state of a simulation in the middle of an episode, as plain values that can be kept and restored.

A part that remembers something from step to step names the attributes in which it does (`Stateful`). Its
state is made of numbers, texts, arrays, lists and dictionaries only, so that `State` can write it to a file
from which nothing is executed, and another process can go on with it.
"""

from __future__ import annotations

import copy
import io
import json
import os
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from neuromech._lib import jax_values
from neuromech._lib.errors import InputError
from neuromech._lib.files import as_path

ARRAY = "__array__"
"""In the text of a state's file, the key of a dictionary that stands for an array."""
FORMAT = 1
"""Version of the file format, written to every file."""
LARGEST_BYTES = 2**30
"""The most that a file may unpack to: that of a fly with its whole brain unpacks to some 20 MB."""


class Stateful:
    """Something that remembers, in all of its attributes or in those that its class names.

    Numbers, texts, NumPy and JAX arrays, JAX pytrees, NumPy generators, parts that are `Stateful` themselves,
    and lists, tuples, deques and dictionaries of these can be saved, as can `None` for what is not there yet.
    """

    state_names: ClassVar[tuple[str, ...]] = ()
    """Names of the attributes that change during an episode; none stands for all that there are."""

    def save_state(self) -> dict[str, Any]:
        """Return copies of all that is remembered, as plain values by attribute.

        Raises
        ------
        InputError
            An attribute holds something that cannot be written as plain values.
        """
        mine, own = type(self).__name__, self._state_names()
        return {name: freeze(getattr(self, name), f"{mine}.{name}") for name in own}

    def restore_state(self, state: Any) -> None:
        """Remember what `save_state` of a part of the same kind and size returned; `state` is copied.

        Raises
        ------
        InputError
            The state is that of something else.
        """
        mine, own = type(self).__name__, self._state_names()
        given = names(state, own, mine)
        fresh = {name: thaw(getattr(self, name), given[name], f"{mine}.{name}") for name in own}
        for name, value in fresh.items():
            setattr(self, name, value)

    def _state_names(self) -> tuple[str, ...]:
        return self.state_names or tuple(vars(self))


def save_parts(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the states of those of the parts that have one, by name."""
    return {name: part.save_state() for name, part in parts.items() if has_state(part)}


def restore_parts(parts: Mapping[str, Any], state: Any, owner: str) -> None:
    """Restore what `save_parts` returned; raises `InputError` if those with a state are not the same ones."""
    stateful = {name: part for name, part in parts.items() if has_state(part)}
    given = names(state, tuple(stateful), owner)
    for name, part in stateful.items():
        part.restore_state(given[name])


def restore(save: Callable[[], Any], take: Callable[[Any], None], parts: Any) -> None:
    """Take on the state of many parts, or leave all of them as they are.

    Parameters
    ----------
    save, take : functions that return the state of all parts and that restore it.
    parts : the state to take on.

    Raises
    ------
    InputError
        It is the state of something else.
    """
    before = save()
    try:
        take(parts)
    except (TypeError, ValueError, LookupError, AttributeError, OverflowError) as error:
        take(before)
        if isinstance(error, InputError):
            raise
        raise InputError(f"the state does not fit: {str(error).splitlines()[0]}") from None


def about(kind: str, **facts: Any) -> dict[str, Any]:
    """Return what a state is of: its kind, "environment" or "loop", such facts as `body`, and the version of
    MuJoCo, whose arrays it holds.
    """
    return {"of": kind, **facts, "mujoco": version("mujoco")}


def check_about(state: Any, own: Mapping[str, Any]) -> None:
    """Refuse what is no `State`, or one of another kind, body, experiment, seed or version of MuJoCo.

    Parameters
    ----------
    state : what is to be restored.
    own : what `about` returned for that which is to take it on; of `time_s` nothing is expected.

    Raises
    ------
    InputError
        It is something else; says what.
    """
    if not isinstance(state, State):
        raise InputError(f"a state must be what save_state or State.load returned, not {state!r:.60}")
    if state.about.get("of") != own["of"]:
        raise InputError(f"the state is one of kind {state.about.get('of')!r:.60}, not {own['of']!r}")
    for name, mine in own.items():
        its = state.about.get(name)
        if name == "connectome" and its is None:  # it was saved when there was one wiring only
            continue
        if name != "time_s" and its != mine:
            why = f"{name} {mine} and not {its!r:.60}"
            if name == "mujoco":
                raise InputError(f"the state cannot be read by another version of MuJoCo: here is {why}")
            raise InputError(f"the state is that of something else: here is {why}")


def names(state: Any, expected: tuple[str, ...], owner: str) -> Mapping[str, Any]:
    """Return a state that has the expected names; raises `InputError` for any other, naming its owner."""
    have = sorted(state) if isinstance(state, Mapping) else []
    if not isinstance(state, Mapping) or set(have) != set(expected):
        told = ", ".join(map(str, have)) or "nothing"
        raise InputError(
            f"the state is that of something else: {owner} has {', '.join(expected) or 'nothing'}, not {told}"
        )
    return state


def freeze(value: Any, name: str) -> Any:
    """Return a copy of `value` as plain values; `name` says in an `InputError` what cannot be one."""
    if isinstance(value, float):
        return float(value)  # NumPy's numbers in double precision are Python's, too
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.hasobject:
            raise InputError(f"{name} cannot be saved: it is an array of objects")
        return np.array(value)
    if has_state(value):
        return value.save_state()
    if isinstance(value, np.random.Generator):
        return freeze(dict(value.bit_generator.state), name)
    if jax_values.is_jax(value):
        return jax_values.to_numpy(value)
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise InputError(f"{name} cannot be saved: its keys are not all texts")
        return {key: freeze(item, f"{name}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple | deque):
        return [freeze(item, f"{name}[{k}]") for k, item in enumerate(value)]
    leaves = jax_values.leaves(value)
    if leaves is not None:
        return [freeze(leaf, f"{name}[{k}]") for k, leaf in enumerate(leaves[0])]
    if isinstance(value, Iterator) and hasattr(value, "__reduce__"):
        return [freeze(item, name) for item in _rest(value, name)]
    raise InputError(f"{name} cannot be saved: it is a {type(value).__name__}, not plain numbers")


def thaw(now: Any, saved: Any, name: str, same_shape: bool = True) -> Any:
    """Return `saved` as a value of the kind that `now` is, copied; `name` is that of an `InputError`.

    Arrays keep their type, and also their shape unless `same_shape` is false. Lists and deques remember the
    past: they may have another length, and their arrays other shapes.
    """
    if has_state(now):
        now.restore_state(saved)
        return now
    if saved is None or now is None:
        return copy.deepcopy(saved)
    if isinstance(now, np.random.Generator):
        return _generator(now, saved, name)
    if isinstance(now, bool | int | float | str):
        if isinstance(saved, bool) != isinstance(now, bool) or not isinstance(saved, _kinds(now)):
            raise InputError(f"the state does not fit: {name} is no {type(saved).__name__}")
        return saved
    if isinstance(now, np.ndarray | np.generic) or jax_values.is_jax(now):
        return _array(now, saved, name, same_shape)
    if isinstance(now, Mapping):
        given = names(saved, tuple(now), name)
        return {key: thaw(item, given[key], f"{name}.{key}", same_shape) for key, item in now.items()}
    if not isinstance(saved, list):
        raise InputError(f"the state does not fit: {name} is no {type(saved).__name__}")
    return _sequence(now, saved, name, same_shape)


def _sequence(now: Any, saved: list[Any], name: str, same_shape: bool) -> Any:
    if isinstance(now, list | deque):
        items = list(now)
        traced = any(map(jax_values.is_jax, items))
        if len(items) != len(saved) and traced:
            raise InputError(f"the state does not fit: {name} has {len(items)} arrays, not {len(saved)}")
        if len(items) != len(saved):
            items = items[:1] * len(saved) or [None] * len(saved)
        fresh = _each(items, saved, name, same_shape and traced)
        return deque(fresh, now.maxlen) if isinstance(now, deque) else fresh
    if isinstance(now, Iterator):
        return iter(copy.deepcopy(saved))
    leaves, build = (
        (list(now), _tuple_of(now)) if isinstance(now, tuple) else (jax_values.leaves(now) or ([], list))
    )
    if len(leaves) != len(saved):
        raise InputError(f"the state does not fit: {name} has {len(leaves)} parts, not {len(saved)}")
    return build(_each(leaves, saved, name, same_shape))


def _each(now: list[Any], saved: list[Any], name: str, same_shape: bool) -> list[Any]:
    pairs = enumerate(zip(now, saved, strict=True))
    return [thaw(item, its, f"{name}[{k}]", same_shape) for k, (item, its) in pairs]


def _array(now: Any, saved: Any, name: str, same_shape: bool) -> Any:
    own = jax_values.to_numpy(now) if jax_values.is_jax(now) else now
    dtype, shape = own.dtype, np.shape(own)
    if not isinstance(saved, np.ndarray) or saved.dtype != dtype:
        told = saved.dtype if isinstance(saved, np.ndarray) else type(saved).__name__
        raise InputError(f"the state does not fit: {name} holds {dtype} and no {told}")
    # An array without elements stands for what an episode has not come to yet.
    if same_shape and saved.shape != shape and saved.size and np.size(own):
        raise InputError(f"the state does not fit: {name} has the shape {shape}, not {saved.shape}")
    if jax_values.is_jax(now):
        return jax_values.from_numpy(now, saved)
    return np.array(saved) if isinstance(now, np.ndarray) else saved[()]


def _generator(now: np.random.Generator, saved: Any, name: str) -> np.random.Generator:
    fresh = type(now.bit_generator)()
    try:
        fresh.state = saved
    except (TypeError, ValueError, KeyError, OverflowError):
        raise InputError(f"the state does not fit: {name} is no state of {type(fresh).__name__}") from None
    return np.random.Generator(fresh)


def _rest(iterator: Iterator[Any], name: str) -> list[Any]:
    """Return what an iterator over an array or a list has left, without advancing it."""
    try:
        return list(copy.copy(iterator))
    except TypeError:
        raise InputError(f"{name} cannot be saved: it is a {type(iterator).__name__}") from None


def _tuple_of(now: tuple[Any, ...]) -> Callable[[list[Any]], Any]:
    return (lambda fresh: type(now)(*fresh)) if hasattr(now, "_fields") else tuple


def _kinds(now: Any) -> tuple[type, ...]:
    return (int, float) if isinstance(now, float) else (int,) if isinstance(now, int) else (str,)


def has_state(part: Any) -> bool:
    """Return whether a part has a state: both `save_state` and `restore_state`."""
    return hasattr(part, "save_state") and hasattr(part, "restore_state")


@dataclass(frozen=True, eq=False)
class State:
    """A whole simulation in the middle of an episode: body, world, senses, brain, task and random numbers.

    It is made by `save_state` of an environment or a loop, and `restore_state` of one that is made alike goes
    on from it, in this process or another: with the same versions of the libraries on the same machine, to
    the last bit. It can be restored any number of times.

    Parameters
    ----------
    about : what it is a state of, as short texts and numbers: `of` ("environment" or "loop"), `experiment`,
        `body`, `time_s`, the version of `mujoco`, and the `seed` of a loop.
    parts : the states of the parts, as nested dictionaries of plain values.
    """

    about: Mapping[str, Any]
    parts: Mapping[str, Any]

    def save(self, path: str | Path) -> Path:
        """Write it to a file, an `.npz` archive of arrays, replacing one of that name; returns its path.

        Raises
        ------
        InputError
            The folder does not exist or cannot be written.
        """
        path = as_path("the path of a state", path)
        arrays: list[np.ndarray] = []
        tree = {"format": FORMAT, "about": dict(self.about), "parts": _text(self.parts, arrays)}
        part = path.with_name(f".{path.name}.part")
        try:
            with part.open("wb") as file:
                np.savez_compressed(
                    file,
                    allow_pickle=False,
                    state=np.frombuffer(json.dumps(tree).encode(), np.uint8),
                    **{f"a{k}": array for k, array in enumerate(arrays)},
                )
            os.replace(part, path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise InputError(f"cannot write {path}: {error.strerror or error}") from None
        return path

    @staticmethod
    def load(path: str | Path) -> State:
        """Read one that `save` wrote; nothing in the file is executed.

        Raises
        ------
        InputError
            The file is not there, or is no state.
        """
        path = as_path("the path of a state", path)
        try:
            # Read as a whole: a file that is cut off while it is read would fail at any later place.
            packed = io.BytesIO(path.read_bytes())
            if sum(member.file_size for member in zipfile.ZipFile(packed).infolist()) > LARGEST_BYTES:
                raise ValueError(f"it unpacks to more than {LARGEST_BYTES / 2**30:g} GB")
            with np.load(packed, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            tree = json.loads(arrays.pop("state").tobytes().decode())
            if tree["format"] != FORMAT:
                raise InputError(
                    f"{path} is a state of format {tree['format']!r}; this version reads {FORMAT}"
                )
            about, parts = tree["about"], _untext(tree["parts"], arrays)
            if not isinstance(about, dict) or not isinstance(parts, dict):
                raise ValueError("no parts")
        except InputError:
            raise
        except FileNotFoundError:
            raise InputError(f"there is no file {path}") from None
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from None
        except (ValueError, LookupError, TypeError, AttributeError, EOFError, MemoryError, RecursionError,
                NotImplementedError, zipfile.BadZipFile, zlib.error) as error:  # fmt: skip
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InputError(f"{path} is no saved state: {why}") from None
        return State(about, parts)


def _text(value: Any, arrays: list[np.ndarray]) -> Any:
    """Return plain values as JSON has them, arrays moved to a list."""
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {ARRAY: len(arrays) - 1}
    if isinstance(value, Mapping):
        return {name: _text(item, arrays) for name, item in value.items()}
    return [_text(item, arrays) for item in value] if isinstance(value, list) else value


def _untext(value: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    if isinstance(value, dict):
        if value.keys() == {ARRAY}:
            return arrays[f"a{int(value[ARRAY])}"]
        return {name: _untext(item, arrays) for name, item in value.items()}
    return [_untext(item, arrays) for item in value] if isinstance(value, list) else value
