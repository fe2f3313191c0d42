"""neuromech: the loop between an animal's body, its world and its wiring."""

import os

from neuromech._lib.caches import code_cache

__version__ = "0.1.0"

# numba reads this when it is first imported; its own default, beside the source, may be read-only.
os.environ.setdefault("NUMBA_CACHE_DIR", str(code_cache() / "numba"))

from gymnasium.envs.registration import register  # noqa: E402

for _id, _experiment in {
    "neuromech/WormChemotaxis-v0": "worm_chemotaxis",
    "neuromech/WormCrawl-v0": "worm_crawl",
    "neuromech/WormSwim-v0": "worm_swim",
    "neuromech/FishOptomotor-v0": "fish_optomotor",
    "neuromech/FishRheotaxis-v0": "fish_rheotaxis",
    "neuromech/MouseGaits-v0": "mouse_gaits",
    "neuromech/MouseOptomotor-v0": "mouse_optomotor",
    "neuromech/FlyWalk-v0": "fly_walk",
    "neuromech/FlyOptomotor-v0": "fly_optomotor",
    "neuromech/FlyOdour-v0": "fly_odour",
}.items():
    register(
        id=_id, entry_point="neuromech.envs.environment:NeuromechEnv", kwargs={"experiment": _experiment}
    )
