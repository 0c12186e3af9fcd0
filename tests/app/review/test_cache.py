from hypothesis import given
from hypothesis import strategies as st

from dfmamba_live.review.cache import Cache

STEPS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40), st.booleans()), max_size=60)


@given(st.integers(0, 100), STEPS)
def test_it_never_holds_more_than_it_may_and_counts_right(limit, steps):
    cache = Cache(limit, size=lambda item: item)
    held = {}
    for key, size, offered in steps:
        if offered:
            assert cache.offer(key, size) == (sum(held.values()) + size <= limit)
        else:
            cache.put(key, size)
        held = {each: cache.get(each) for each in range(10)}
        held = {each: size for each, size in held.items() if size is not None}
        assert cache.bytes == sum(held.values()) <= limit
        assert len(cache) == len(held)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=60))
def test_what_was_looked_at_last_stays(keys):
    cache = Cache(5, size=lambda _: 1)
    for key in keys:
        if cache.get(key) is None:
            cache.put(key, str(key))
    latest = list(dict.fromkeys(reversed(keys)))[:5]
    assert [cache.get(key) for key in latest] == [str(key) for key in latest]


def test_an_offer_never_costs_another_item_its_place():
    cache = Cache(3, size=lambda _: 1)
    cache.put("b", 1)
    cache.put("c", 1)
    assert cache.offer("a", 1)
    assert not cache.offer("d", 1)
    cache.put("e", 1)  # what nobody has looked at goes first
    assert [cache.get(key) for key in "abcde"] == [None, 1, 1, None, 1]


def test_what_is_larger_than_all_is_not_kept():
    cache = Cache(3, size=lambda item: item)
    cache.put("a", 2)
    cache.put("a", 4)
    assert cache.get("a") is None
    assert cache.bytes == 0
