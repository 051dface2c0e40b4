"""Which lots share a ship: by hand, and that nothing is lost or overloaded."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from flanksim.planning.lots import Lot, whole_lots
from flanksim.planning.stowage import Passage, Sharing

BIG, SMALL = ("a", "b", "big"), ("a", "b", "small")


def passage(lane: tuple[str, str, str], capacity: float, hours: float = 100.0) -> Passage:
    return Passage(lane, capacity, 1.0, hours)


def share(
    passages: Sequence[Sequence[Passage | None]], lots: list[Lot], assets: dict[str, float], **more: list[float]
) -> list[Lot]:
    count = len(passages)
    release = more.get("release", [0.0] * count)
    (least,) = more.get("least", [0.0])
    return Sharing(passages, [1] * count, release, 24.0, assets, least).share(lots)


def test_small_lots_fill_one_ship_in_order_of_rank() -> None:
    lots = [Lot(n, 0, float(n), 30.0, rank=n) for n in range(3)]
    found = share([[passage(BIG, 100.0)]] * 3, lots, {"big": 5.0})
    assert {lot.ship for lot in found} == {0}


def test_who_is_ready_days_later_does_not_share() -> None:
    lots = [Lot(0, 0, 0.0, 80.0), Lot(1, 0, 0.0, 80.0, rank=1)]
    apart = share([[passage(BIG, 200.0)]] * 2, lots, {"big": 5.0}, release=[0.0, 48.0])
    assert len({lot.ship for lot in apart}) == 2
    together = share([[passage(BIG, 200.0)]] * 2, lots, {"big": 5.0}, release=[0.0, 24.0])
    assert len({lot.ship for lot in together}) == 1


def test_a_leftover_moves_to_a_ship_that_sails_anyway() -> None:
    """Load 1 would fill a tenth of a ship on its own lane; load 0's ship on the other lane has room for it."""
    lots = [Lot(0, 0, 0.0, 80.0), Lot(1, 0, 1.0, 10.0, rank=1)]
    other = ("a", "c", "big")
    found = share([[passage(BIG, 100.0)], [passage(other, 100.0), passage(BIG, 100.0)]], lots, {"big": 9.0})
    assert [(lot.load, lot.option, lot.pieces) for lot in found] == [(0, 0, 80.0), (1, 1, 10.0)]
    assert len({lot.ship for lot in found}) == 1
    far = [[passage(BIG, 100.0)], [passage(other, 100.0, 50.0), passage(BIG, 100.0, 100.0)]]
    assert len({lot.ship for lot in share(far, lots, {"big": 9.0})}) == 2, "twice as long is not worth it"


def test_the_busier_fleet_hands_its_last_sailing_over() -> None:
    """Five full loads for two big ships (2.5 each), none for four small ones: two go over, two small for one big."""
    lots = [Lot(0, 0, float(n), 100.0, rank=n) for n in range(5)]
    found = share([[passage(BIG, 100.0), passage(SMALL, 50.0)]], lots, {"big": 2.0, "small": 4.0})
    big = {lot.ship for lot in found if lot.option == 0}
    small = {lot.ship for lot in found if lot.option == 1}
    assert (len(big), len(small)) == (3, 4)  # 1.5 and 1.0 sailings a ship; one more over would be 1.0 and 1.5
    assert min(lot.rank for lot in found if lot.option == 1) == 3, "the last ones"


def test_a_nearly_empty_ship_takes_from_a_full_one_for_the_same_port() -> None:
    """110 on ships of 100: not 100 and 10 but 60 and 50, with at least half of the deck in use; 20 more stay 20."""
    lots = [Lot(0, 0, 0.0, 110.0)]
    full = share([[passage(BIG, 100.0)]], lots, {"big": 5.0})
    assert sorted(lot.pieces for lot in full) == [10.0, 100.0]
    found = share([[passage(BIG, 100.0)]], lots, {"big": 5.0}, least=[0.5])
    assert sorted(lot.pieces for lot in found) == [50.0, 60.0]
    alone = share([[passage(BIG, 100.0)]], [Lot(0, 0, 0.0, 20.0)], {"big": 5.0}, least=[0.5])
    assert [lot.pieces for lot in alone] == [20.0], "nothing else waits"
    later = [Lot(0, 0, 0.0, 100.0), Lot(1, 0, 0.0, 20.0, rank=1)]
    apart = share([[passage(BIG, 100.0)]] * 2, later, {"big": 5.0}, least=[0.5], release=[0.0, 48.0])
    assert sorted(lot.pieces for lot in apart) == [20.0, 100.0], "who is ready days later is not there"


def test_what_leaves_most_of_a_deck_empty_takes_a_smaller_ship_if_its_fleet_has_one() -> None:
    ways: list[list[Passage | None]] = [[passage(BIG, 100.0), passage(SMALL, 50.0)]]
    lots = [Lot(0, 0, 0.0, 30.0)]
    (small,) = share(ways, lots, {"big": 1.0, "small": 1.0}, least=[0.4])
    assert small.option == 1
    (big,) = share(ways, lots, {"big": 2.0, "small": 1.0}, least=[0.4])
    assert big.option == 0, "one sailing of its one ship is more than half a sailing a ship"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_nothing_is_lost_and_no_ship_is_overloaded(data: st.DataObject) -> None:
    lanes = [(("a", port, pool), size) for port in "bc" for pool, size in (("big", 60.0), ("small", 25.0))]
    count = data.draw(st.integers(1, 6), label="loads")
    passages: list[list[Passage | None]] = [
        [passage(lane, size, data.draw(st.floats(50, 200))) for lane, size in lanes] for _ in range(count)
    ]
    lots = [
        Lot(load, data.draw(st.integers(0, 3)), 0.0, float(data.draw(st.integers(1, 60))), rank=rank)
        for rank, load in enumerate(
            data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=12), label="lots")
        )
    ]
    least = data.draw(st.sampled_from([0.0, 0.4, 0.7]), label="least fill")
    found = share(passages, lots, {"big": 3.0, "small": 3.0}, least=[least])
    for load in range(count):
        assert math.isclose(
            sum(lot.pieces for lot in found if lot.load == load),
            sum(lot.pieces for lot in lots if lot.load == load),
        )
    ships: dict[int, list[Lot]] = {}
    for lot in found:
        ships.setdefault(lot.ship, []).append(lot)
    for members in ships.values():
        used = {passages[lot.load][lot.option].lane for lot in members}  # type: ignore[union-attr]
        assert len(used) == 1
        capacity = next(size for lane, size in lanes if lane in used)
        assert sum(lot.pieces for lot in members) <= capacity + 1e-6


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2), st.floats(0.01, 9)), min_size=1, max_size=12))
def test_fractions_become_whole_lots_that_sum_to_the_load(flows: list[tuple[int, int, float]]) -> None:
    quantity = float(math.ceil(sum(amount for *_, amount in flows)))
    lots = whole_lots(
        3, quantity, [4.0, 2.0, quantity], sorted((float(hour), option, amount) for hour, option, amount in flows)
    )
    assert sum(lot.pieces for lot in lots) == quantity
    assert all(lot.pieces <= (4.0, 2.0, quantity)[lot.option] for lot in lots)
    assert all(math.isfinite(lot.start_h) and lot.load == 3 for lot in lots)
