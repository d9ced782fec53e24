from tulen.log.full_tiles import FULL_BYTES, FullTiles

FULL, OTHER = b"\1" * FULL_BYTES, b"\2" * FULL_BYTES


def test_a_full_tile_is_kept_for_its_log_alone() -> None:
    tiles = FullTiles()
    tiles.keep("tulen/VN.MOIT", {(0, 0): FULL, (0, 1): FULL[:-32]})
    assert tiles.known("tulen/VN.MOIT", {(0, 0), (0, 1), (1, 0)}) == {(0, 0): FULL}
    assert tiles.known("tulen/TH.DFT", {(0, 0)}) == {}


def test_what_was_used_least_gives_way() -> None:
    tiles = FullTiles(most=2)
    tiles.keep("log", {(0, 0): FULL, (0, 1): OTHER})
    assert tiles.known("log", {(0, 0)}) == {(0, 0): FULL}
    tiles.keep("log", {(0, 2): FULL})
    assert tiles.known("log", {(0, 0), (0, 1), (0, 2)}).keys() == {(0, 0), (0, 2)}


def test_where_none_is_to_be_kept_none_is() -> None:
    tiles = FullTiles(most=0)
    tiles.keep("log", {(0, 0): FULL})
    assert tiles.known("log", {(0, 0)}) == {}
