"""The environments that Gymnasium knows by name: one for each experiment that needs no brain model."""

import gymnasium

IDS: dict[str, str] = {
    "neuromech/WormChemotaxis-v0": "worm_chemotaxis",
    "neuromech/WormCrawl-v0": "worm_crawl",
    "neuromech/WormGlycerol-v0": "worm_glycerol",
    "neuromech/WormImitation-v0": "worm_imitation",
    "neuromech/WormLawn-v0": "worm_lawn",
    "neuromech/WormSwim-v0": "worm_swim",
    "neuromech/WormTouch-v0": "worm_touch",
    "neuromech/WormVelocity-v0": "worm_velocity",
    "neuromech/FishDots-v0": "fish_dots",
    "neuromech/FishFollow-v0": "fish_follow",
    "neuromech/FishImitation-v0": "fish_imitation",
    "neuromech/FishLooming-v0": "fish_looming",
    "neuromech/FishOkr-v0": "fish_okr",
    "neuromech/FishOptomotor-v0": "fish_optomotor",
    "neuromech/FishRheotaxis-v0": "fish_rheotaxis",
    "neuromech/FishSpontaneous-v0": "fish_spontaneous",
    "neuromech/FlyImitation-v0": "fly_imitation",
    "neuromech/FlyRoughGround-v0": "fly_rough_ground",
    "neuromech/FlyWalk-v0": "fly_walk",
    "neuromech/FlyOptomotor-v0": "fly_optomotor",
    "neuromech/FlyOdour-v0": "fly_odour",
    "neuromech/FlyPlume-v0": "fly_plume",
    "neuromech/FlyMancWalk-v0": "fly_manc_walk",
    "neuromech/FlyTethered-v0": "fly_manc_tethered",
    "neuromech/MouseGaits-v0": "mouse_gaits",
    "neuromech/MouseOptomotor-v0": "mouse_optomotor",
    "neuromech/MousePushes-v0": "mouse_pushes",
    "neuromech/MouseRoughGround-v0": "mouse_rough_ground",
    "neuromech/MouseVelocity-v0": "mouse_velocity",
}
"""The experiment behind every id. Experiments whose subject is a spiking brain have none."""
ENTRY_POINT = "neuromech.envs.environment:NeuromechEnv"
VECTOR_ENTRY_POINT = "neuromech.envs.vector:NeuromechVectorEnv"


def register_all() -> None:
    """Make every id known to `gymnasium.make` and `gymnasium.make_vec`."""
    for name, experiment in IDS.items():
        gymnasium.register(
            id=name,
            entry_point=ENTRY_POINT,
            vector_entry_point=VECTOR_ENTRY_POINT,
            kwargs={"experiment": experiment},
        )
