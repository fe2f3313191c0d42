"""JSON schemas of the YAML files, for editors that complete and check keys as they are typed.

They say the same as the checks do: both follow from the dataclasses of this package and from what is
registered, plug-ins included. An editor of the YAML language server finds a schema by a first line such as `#
yaml-language-server: $schema=body.schema.json`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from neuromech._lib.errors import unknown
from neuromech.specs import controller
from neuromech.specs.body import BodySpec
from neuromech.specs.checking import hidden
from neuromech.specs.environment import EnvironmentSpec
from neuromech.specs.evaluation import EvaluationSpec
from neuromech.specs.options import inlined, schema_of
from neuromech.specs.run import RunConfig

DIALECT = "https://json-schema.org/draft/2020-12/schema"
"""The version of JSON schema in which they are written."""
Schema = dict[str, Any]


def json_schema(kind: str) -> Schema:
    """Return the JSON schema of one kind of file.

    Parameters
    ----------
    kind : "body" (body.yaml), "environment" (environment.yaml), "controller" (controller.yaml), or "run" (a
        file of configs/experiment, or the config.yaml that a run leaves), or "evaluation" (a file of
        configs/evaluation).

    Raises
    ------
    InputError
        There is no such kind.

    Examples
    --------
    >>> from neuromech.specs.schema import json_schema
    >>> json_schema("body")["else"]["required"]
    ['name', 'model']
    """
    if kind not in KINDS:
        raise unknown("schema", kind, KINDS)
    return {"$schema": DIALECT, "title": f"neuromech {kind}", **KINDS[kind]()}


def _file(whole: Schema) -> Schema:
    """Return the schema of a folder's YAML, which needs less where it lies over that of another folder."""
    extends = {"extends": {"type": "string", "description": "A folder whose YAML this one lies over."}}

    def more(schema: Schema) -> Schema:
        if "anyOf" in schema:
            return {**schema, "anyOf": [more(each) for each in schema["anyOf"]]}
        return {**schema, "properties": {**schema["properties"], **extends}}

    return {"if": {"required": ["extends"]}, "then": more(partial(whole)), "else": whole}


def _spec(cls: type[Any]) -> Schema:
    schema = inlined(schema_of(cls))
    for name in hidden(cls):
        schema["properties"].pop(name, None)
    return schema


def _controller() -> Schema:
    choices = []
    for model in controller.models():
        schema = _spec(controller.spec_of(model))
        schema["properties"]["model"] = {"const": model}
        choices.append(schema)
    return {"anyOf": choices}


def _run() -> Schema:
    schema = _spec(RunConfig)
    sections = {"body": _spec(BodySpec), "environment": _spec(EnvironmentSpec), "controller": _controller()}
    for name, section in sections.items():
        what = schema["properties"][name].get("description", "")
        words = [{"type": "string"}, {"type": "null"}]
        schema["properties"][name] = {"description": what, "anyOf": [*words, partial(section)]}
    for name in ("silence", "stimulate"):  # a single window may stand without brackets
        windows = schema["properties"]["perturb"]["properties"][name]
        one = windows.pop("items")
        windows.pop("type")
        schema["properties"]["perturb"]["properties"][name] = {
            **windows, "anyOf": [one, {"type": "null"}, {"type": "array", "items": one}]
        }  # fmt: skip
    schema["properties"]["defaults"] = {
        "type": "array",
        "description": "Other files that this one lies over.",
    }
    return schema


def partial(schema: Any) -> Any:
    """Return a schema that asks for no key: that of what is merged over something whole."""
    if isinstance(schema, list):
        return [partial(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: partial(each) for name, each in value.items()} if key == "properties" else partial(value)
        for key, value in schema.items()
        if key != "required"
    }


KINDS: dict[str, Callable[[], Schema]] = {
    "body": lambda: _file(_spec(BodySpec)),
    "environment": lambda: _file(_spec(EnvironmentSpec)),
    "controller": lambda: _file(_controller()),
    "run": _run,
    "evaluation": lambda: _spec(EvaluationSpec),
}
"""What makes the schema of each kind of file."""
