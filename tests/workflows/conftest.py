from desk import desk, desk_settings, foundation

__all__ = ["desk", "desk_settings", "foundation"]
