"""Whole made scenes for the finder to learn from: people, their hands, what looks like hands."""

from dfmamba.finder.scenes.drawing import CROP, LEAST_SEEN, LEAST_SIDE, SceneConfig, Scenes

__all__ = ["CROP", "LEAST_SEEN", "LEAST_SIDE", "SceneConfig", "Scenes"]
