import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfmamba.train.recipe import Recipe


@given(done=st.floats(0, 1))
def test_the_learning_rate_rises_then_falls(done):
    recipe = Recipe(learning_rate=1e-3, warmup=0.1)
    rate = recipe.rate(done)
    assert 0 <= rate <= 1e-3
    later = recipe.rate(min(done + 0.05, 1))
    assert later >= rate if done + 0.05 <= 0.1 else later <= rate or done < 0.1


@given(batch=st.integers(1, 9999), rate=st.floats(1e-6, 1), seed=st.integers(0, 2**40))
def test_a_recipe_comes_back_from_json(batch, rate, seed):
    recipe = Recipe(batch=batch, learning_rate=rate, seed=seed)
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert recipe.differences(Recipe.from_json(recipe.to_json())) == {}


def test_what_differs_is_named():
    found = Recipe(batch=8, uses=1).differences(Recipe(batch=9, uses=1))
    assert found == {"batch": (8, 9)}


@pytest.mark.parametrize("text", ["", "[1]", '{"colour": "blue"}'])
def test_what_is_no_recipe_is_refused(text):
    with pytest.raises((TypeError, ValueError)):
        Recipe.from_json(text)
