from desk import desk, desk_settings, foundation
from receiver import receiver, told
from victim import killer

__all__ = ["desk", "desk_settings", "foundation", "killer", "receiver", "told"]
