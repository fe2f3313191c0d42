from collections.abc import Mapping
from typing import Any

class Channel:
    _name: str
    channel_params: dict[str, float]
    channel_states: dict[str, float]
    current_name: str
    current_is_in_mA_per_cm2: bool
    def __init__(self, name: str | None = None) -> None: ...
    def update_states(self, states: dict[str, Any], dt: float, v: Any, params: Mapping[str, Any]) -> Any: ...
    def compute_current(self, states: dict[str, Any], v: Any, params: Mapping[str, Any]) -> Any: ...
    def init_state(
        self, states: dict[str, Any], v: Any, params: Mapping[str, Any], delta_t: float
    ) -> Any: ...
