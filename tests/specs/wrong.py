"""Specs with one mistake each: where it is made, and what the line must say."""

from __future__ import annotations

from typing import Any

GONE = object()
"""Stands for a key that is taken out."""

PENDULUM = """<mujoco model="pendulum"><worldbody><body name="arm" pos="0 0 2">
<joint name="hinge" type="hinge" axis="0 1 0"/>
<geom type="capsule" size="0.1" fromto="0 0 0 1 0 0" density="1"/>
<site name="tip" pos="1 0 0"/></body></worldbody>
<actuator><motor name="motor" joint="hinge" ctrlrange="-1 1"/></actuator></mujoco>"""

FILES: dict[str, dict[str, Any]] = {
    "body": {
        "name": "pendulum",
        "model": "pendulum.xml",
        "length_mm": 1.2,
        "landmarks": ["tip"],
        "segments": {"names": ["arm"], "length_mm": 1.0, "tangent": [1, 0, 0]},
        "senses": {
            "angle": {"kind": "joint", "joints": ["hinge"], "unit": "rad"},
            "eye": {
                "kind": "eye",
                "site": "tip",
                "side": "left",
                "rays": 7,
                "field_deg": 90,
                "acceptance_deg": 5,
            },
        },
        "limbs": {"arm": {"load": "arm", "paw": "tip"}},
        "skin": {"landmarks": ["tip", "tip"], "radius_mm": [0.1]},
        "norms": {"speed_mm_s": {"range": [0, 1]}},
    },
    "environment": {
        "name": "place",
        "medium": {"law": "drag", "tangential_mg_s": 1.0, "normal_mg_s": 2.0},
        "plate": {"radius_mm": 30.0, "stiffness_nN_mm": 10.0},
        "stimulus": {"kind": "gaussian", "width_mm": 3.0},
        "touch": [{"segment": "arm", "start_s": 0, "stop_s": 1, "force_nN": [0, 0, 1]}],
        "task": {"reward": "approach"},
    },
    "controller": {
        "name": "mine",
        "model": "rate",
        "groups": {"all": ["A"]},
        "encoding": {"angle": {"kind": "afferent", "sense": "angle", "neurons": {"hinge": ["A"]}}},
        "display": {"traces": ["A"], "groups": {"all": ["A"]}},
        "commands": {"A": 0.0},
        "ramps": {"A": [[0, 1], [2, 3]]},
    },
    "experiment": {
        "title": "One arm.",
        "body": "pendulum",
        "environment": {"name": "place"},
        "controller": {"name": "mine"},
        "clock": {"physics_s": 0.001, "control_s": 0.01},
        "duration_s": 1.0,
        "start": {"distance_mm": [0, 1], "heading": "random"},
    },
}
"""A folder of content that is right."""

Changes = dict[str, tuple[dict[str, Any], str]]
"""What is changed in a file, and what the line must say, by what is wrong with it."""

BODY: Changes = {
    "body without a model": ({"model": GONE}, "body.yaml: model is missing"),
    "body without a name of a model": ({"model": ""}, "model must be"),
    "body's model as a number": ({"model": 3}, "body.yaml: model must be text or a group of keys, not 3"),
    "packaged model without a file": ({"model": {"package": "numpy"}}, "model.file is missing"),
    "body key": ({"lenght_mm": 1}, "unknown key 'lenght_mm'; nearest: length_mm"),
    "body's folder": ({"folder": "/etc"}, "unknown key 'folder'"),
    "negative length": ({"length_mm": -1}, "length_mm must be a number above 0, not -1 (in mm)"),
    "length as text": ({"length_mm": "1.2"}, "length_mm must be a number above 0, not '1.2'"),
    "endless length": ({"length_mm": float("inf")}, "length_mm must be a finite number above 0, not inf"),
    "mirrored as a number": ({"mirrored": 1}, "mirrored must be true or false, not 1"),
    "landmarks as a word": ({"landmarks": "tip"}, "landmarks must be a list of names in brackets"),
    "landmarks with a number": ({"landmarks": ["tip", 3]}, "landmarks must be a list of names"),
    "landmarks without a count": ({"landmarks": {"prefix": "s_"}}, "landmarks must be a list of names"),
    "a billion landmarks": ({"landmarks": {"prefix": "s", "count": 10**9}}, "landmarks must be a list"),
    "segments without names": ({"segments": {"length_mm": 1}}, "segments.names is missing"),
    "tangent in the plane": ({"segments.tangent": [1, 0]}, "segments.tangent"),
    "root without yaw": ({"root": {"x": "a", "y": "b"}}, "root.yaw is missing"),
    "sense without a kind": ({"senses.angle.kind": GONE}, "senses.angle.kind is missing; there are chemical"),
    "sense of another kind": (
        {"senses.angle.kind": "joint_angle"},
        "unknown senses.angle.kind 'joint_angle'",
    ),
    "sense key": ({"senses.angle.scal": 2}, "unknown key 'senses.angle.scal'; nearest: senses.angle.scale"),
    "sense without a unit": ({"senses.angle.unit": GONE}, "senses.angle.unit is missing; it must be text"),
    "sense as a word": ({"senses.angle": "joint"}, "senses.angle must be a group of keys, not 'joint'"),
    "senses as a list": ({"senses": ["angle"]}, "senses must be a group of 'name: value', not ['angle']"),
    "no rays": ({"senses.eye.rays": 0}, "senses.eye.rays must be a whole number of at least 1, not 0"),
    "half a ray": ({"senses.eye.rays": 1.5}, "senses.eye.rays must be a whole number"),
    "wide eye": (
        {"senses.eye.field_deg": 400},
        "senses.eye.field_deg must be a number above 0 and of at most",
    ),
    "eye of no side": ({"senses.eye.side": "lft"}, "senses.eye.side must be left or right, not 'lft'"),
    "limb without a paw": ({"limbs.arm.paw": GONE}, "limbs.arm.paw is missing"),
    "skin of one landmark": ({"skin.landmarks": ["tip"]}, "skin.landmarks"),
    "skin without thickness": ({"skin.radius_mm": [0.1, -1]}, "skin.radius_mm[1] must be a number above 0"),
    "skin too red": (
        {"skin.colour": [300, 0, 0]},
        "skin.colour[0] must be a number between 0 and 1, not 300",
    ),
    "organ turned round": (
        {"skin.organs": [{"from": 0.5, "to": 0.2, "radius": 0.1, "colour": [1, 1, 1]}]},
        "skin.organs: to=0.2 must be behind from=0.5",
    ),
    "norm without a range": ({"norms.speed_mm_s": {"unit": "mm/s"}}, "norms.speed_mm_s.range is missing"),
    "elevation": ({"elevation_deg": 91}, "elevation_deg must be a number between -90 and 90, not 91"),
}
ENVIRONMENT: Changes = {
    "environment key": ({"stimuls": {}}, "unknown key 'stimuls'; nearest: stimulus"),
    "law": ({"medium.law": "dragg"}, "environment.yaml: unknown medium.law 'dragg'; nearest: drag"),
    "law as a list": ({"medium.law": ["drag"]}, "medium.law must be a word"),
    "medium without drag": ({"medium.normal_mg_s": GONE}, "medium.normal_mg_s is missing"),
    "negative drag": ({"medium.normal_mg_s": -2}, "must be a number of at least 0, not -2 (in mg/s)"),
    "weightless inertia": ({"medium.inertia_scale": 0}, "medium.inertia_scale must be a number above 0"),
    "key of another law": ({"medium.gravity_mm_s2": 1}, "unknown key 'medium.gravity_mm_s2'"),
    "stimulus": ({"stimulus.kind": "gausian"}, "unknown stimulus.kind 'gausian'; nearest: gaussian"),
    "stimulus key": ({"stimulus.widht_mm": 1}, "nearest: stimulus.width_mm"),
    "flat stimulus": ({"stimulus.width_mm": 0}, "stimulus.width_mm must be a number above 0, not 0"),
    "stimulus in space": ({"stimulus.centre_mm": [0, 0, 0]}, "stimulus.centre_mm must be 2 numbers"),
    "stimulus as text": ({"stimulus.flat": "no"}, "stimulus.flat must be true or false, not 'no'"),
    "plate without a wall": ({"plate.stiffness_nN_mm": GONE}, "plate.stiffness_nN_mm is missing"),
    "plate without a size": ({"plate.radius_mm": 0}, "plate.radius_mm must be a number above 0"),
    "touch turned round": (
        {"touch": [{"segment": "arm", "start_s": 2, "stop_s": 1, "force_nN": [0, 0, 0]}]},
        "touch: stop_s=1 must be later than start_s=2",
    ),
    "touch without a force": (
        {"touch": [{"segment": "arm", "start_s": 0, "stop_s": 1}]},
        "touch.force_nN is missing; it must be 3 numbers in brackets (in nN)",
    ),
    "touch as a group": ({"touch": {"segment": "arm"}}, "touch must be a list of groups in brackets"),
    "second touch": ({"touch": [FILES["environment"]["touch"][0], {"segment": 3}]}, "touch[1]"),
    "reward": ({"task": {"reward": {"approach": "much"}}}, "task.reward.approach must be a number"),
    "floor": ({"floor": {"color": [0, 0, 0]}}, "unknown key 'floor.color'; nearest: floor.colour"),
}
CONTROLLER: Changes = {
    "controller without a model": ({"model": GONE}, "controller.yaml: model is missing"),
    "controller's model": ({"model": "ratee"}, "unknown model 'ratee'; nearest: rate"),
    "controller's table": (
        {"connectomes": {"old": {"table": "../old.csv"}}},
        "connectomes.old.table must be the name of a CSV file in the folder",
    ),
    "controller's connectome": ({"connectome": "old"}, "unknown connectome 'old'; there are none"),
    "controller key": ({"comands": {}}, "unknown key 'comands'; nearest: commands"),
    "encoder": ({"encoding.angle.kind": "aferent"}, "encoding.angle.kind 'aferent'; nearest: afferent"),
    "encoder without a sense": ({"encoding.angle.sense": GONE}, "encoding.angle.sense is missing"),
    "encoder without neurons": ({"encoding.angle.neurons": GONE}, "encoding.angle.neurons is missing"),
    "command as a word": ({"commands.A": "fast"}, "commands.A must be a number, not 'fast'"),
    "ramp of single numbers": ({"ramps.A": [0, 1]}, "ramps.A[0] must be 2 numbers in brackets, not 0"),
    "group of numbers": ({"groups.all": [1.5]}, "groups.all must be a name or a list of names"),
    "key of another model": ({"balance": {}}, "unknown key 'balance'"),
}
EXPERIMENT: Changes = {
    "experiment key": ({"_target_": "os.system"}, "unknown key '_target_'"),
    "experiment's hydra": ({"hydra": {"run": {"dir": "/"}}}, "unknown key 'hydra'"),
    "experiment's environment variable": ({"title": "${oc.env:HOME}"}, "nothing is looked up here"),
    "experiment's other key": ({"duration_s": "${seed}"}, "duration_s is '${seed}'"),
    "experiment's body": ({"body": ["pendulum"]}, "body must be text or a group of"),
    "experiment's change of a body": (
        {"body": {"name": "pendulum", "lenght_mm": 2}},
        "unknown key 'body.lenght_mm'; nearest: body.length_mm",
    ),
    "experiment's change of a place": (
        {"environment.stimulus": {"width_mm": -2}},
        "environment.stimulus.width_mm must be a number above 0, not -2 (in mm)",
    ),
    "experiment's command": ({"controller.commands": {"B": 1}}, "unknown key 'controller.commands.B'"),
    "experiment's clock": ({"clock": 0.01}, "clock must be a group of keys, not 0.01"),
    "experiment's step": ({"clock.physics_s": "0.001"}, "clock.physics_s must be a number above 0"),
    "experiment's start": ({"start.distance_mm": [3, 1]}, "0 <= low <= high, not [3.0, 1.0]"),
    "experiment's heading": ({"start.heading": "north"}, "start.heading must be a number or random or go"),
}

WRONG = {
    name: (section, *case)
    for section, cases in (
        ("body", BODY), ("environment", ENVIRONMENT), ("controller", CONTROLLER), ("experiment", EXPERIMENT)
    )
    for name, case in cases.items()
}  # fmt: skip
"""File, what is changed in it, and what the line must say."""

OVERRIDES: dict[str, tuple[str, str]] = {
    "seed": ("seed=1.5", "seed must be a whole number of at least 0, not 1.5"),
    "duration": ("duration_s=nan", "duration_s must be a finite number above 0, not nan (in s)"),
    "episodes": ("episodes=true", "episodes must be a whole number of at least 1, not true"),
    "video": ("video=1", "video must be true or false, not 1"),
    "start key": ("start.distance=3", "nearest: start.distance_mm"),
    "start": ("start.heading=nan", "start.heading must be a finite number or random or goal, not nan"),
    "clock": ("clock.brain_substeps=0.5", "clock.brain_substeps must be a whole number between 1 and 10000"),
    "ablation": ("perturb.ablate={AVA: 1}", "perturb.ablate must be a name or a list of names in brackets"),
    "silencing": ("perturb.silence=[{neurons: [], start_s: 0, stop_s: 1}]", "perturb.silence.neurons"),
    "stimulation": (
        "perturb.stimulate={neurons: A, start_s: 0, stop_s: 1}",
        "perturb.stimulate needs current_pA",
    ),
    "rate": (
        "perturb.stimulate={neurons: A, start_s: 0, stop_s: 1, rate_Hz: -1}",
        "rate_Hz must be a number of at",
    ),
    "a step of nothing": ("clock.physics_s=1e-320", "is too short for clock.control_s"),
    "no landmark": ("body.landmarks=[]", "body.landmarks must be a list of names"),
    "no segment": ("body.segments.names=[]", "body.segments.names must be a list of names"),
    "segment lengths": (
        "body.segments.length_mm=[1,2]",
        "length_mm must be one number, or one for each of the",
    ),
    "swap": ("perturb.swap=[[A,A]]", "perturb.swap must be pairs of two different neurons"),
    "scale": (
        "perturb.scale_chemical=much",
        "perturb.scale_chemical must be a number of at least 0, not 'much'",
    ),
    "interpolation": ("title='${oc.env:HOME}'", "nothing is looked up here"),
    "sense": ("body.senses.angle.kind=eye", "body.senses.angle.site is missing"),
    "plate": ("environment.plate=3", "environment.plate must be a group of keys, not 3"),
    "item of a list": ("environment.touch[0].start_s=-1", "environment.touch"),
    "new command": (
        "controller.commands.B=1",
        "unknown key 'controller.commands.B'; nearest: controller.commands.A",
    ),
}
"""What is set on the command line, and what the line must say."""
