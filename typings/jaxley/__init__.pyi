from typing import Any

Cell: Any
integrate: Any
step_current: Any
