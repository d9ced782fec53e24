from tulen.log.tile_memory import TileMemory

FULL, OTHER = b"\1" * 8192, b"\2" * 8192
SIZE = 3 * 256


def test_a_tile_is_kept_for_its_log_alone() -> None:
    tiles = TileMemory()
    tiles.keep("tulen/VN.MOIT", {(0, 0): FULL})
    assert tiles.known("tulen/VN.MOIT", {(0, 0), (0, 1), (1, 0)}, SIZE) == {(0, 0): FULL}
    assert tiles.known("tulen/TH.DFT", {(0, 0)}, SIZE) == {}


def test_a_tile_that_has_grown_since_is_read_again() -> None:
    tiles = TileMemory()
    tiles.keep("log", {(1, 0): FULL[:64]})
    assert tiles.known("log", {(1, 0)}, 2 * 256 + 255) == {(1, 0): FULL[:64]}
    assert tiles.known("log", {(1, 0)}, 3 * 256) == {}
    tiles.keep("log", {(1, 0): FULL[:96]})
    assert tiles.known("log", {(1, 0)}, 3 * 256) == {(1, 0): FULL[:96]}


def test_a_shorter_state_does_not_take_the_place_of_a_longer_one() -> None:
    tiles = TileMemory()
    tiles.keep("log", {(0, 0): FULL})
    tiles.keep("log", {(0, 0): FULL[:32]})
    assert tiles.known("log", {(0, 0)}, SIZE) == {(0, 0): FULL}


def test_what_was_used_least_gives_way() -> None:
    tiles = TileMemory(most=2)
    tiles.keep("log", {(0, 0): FULL, (0, 1): OTHER})
    assert tiles.known("log", {(0, 0)}, SIZE) == {(0, 0): FULL}
    tiles.keep("log", {(0, 2): FULL})
    assert tiles.known("log", {(0, 0), (0, 1), (0, 2)}, SIZE).keys() == {(0, 0), (0, 2)}


def test_where_none_is_to_be_kept_none_is() -> None:
    tiles = TileMemory(most=0)
    tiles.keep("log", {(0, 0): FULL})
    assert tiles.known("log", {(0, 0)}, SIZE) == {}
