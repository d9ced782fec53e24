from attested import ethereum, mainnet, zone

__all__ = ["ethereum", "mainnet", "zone"]
