"""DF-Mamba Live: the program around the `dfmamba` library."""

import os

import cv2

# OpenCV points Qt at the few plugins of its own wheel as soon as it is imported; PySide6 would
# then find no platform plugin. Everything in this package comes through here first.
for _name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
    if "cv2" in os.environ.get(_name, ""):
        del os.environ[_name]
cv2.setLogLevel(0)  # a missing camera is told in our own words
