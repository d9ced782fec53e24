"""Proofs of origin and journeys: what an agreement's procedures ask, and the rulings on them."""
