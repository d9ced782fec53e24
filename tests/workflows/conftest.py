from desk import desk, desk_settings, foundation
from receiver import receiver, told

__all__ = ["desk", "desk_settings", "foundation", "receiver", "told"]
