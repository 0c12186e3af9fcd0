"""The hand as everything in this project names it: 21 joints, five fingers, one palette.

Joint order: wrist, then thumb, index, middle, ring and little finger, each from base to tip.
"""

from typing import Literal, get_args

Side = Literal["left", "right"]
"""The person's own hand, whatever way the picture is shown."""
SIDES: tuple[Side, ...] = get_args(Side)

FINGERS = ("thumb", "index", "middle", "ring", "little")
_THUMB_PARTS = ("cmc", "mcp", "ip", "tip")
_FINGER_PARTS = ("mcp", "pip", "dip", "tip")

JOINTS: tuple[str, ...] = (
    "wrist",
    *(f"thumb {part}" for part in _THUMB_PARTS),
    *(f"{finger} {part}" for finger in FINGERS[1:] for part in _FINGER_PARTS),
)
JOINT_COUNT = len(JOINTS)
WRIST = 0
INDEX_MCP = JOINTS.index("index mcp")
MIDDLE_MCP = JOINTS.index("middle mcp")
LITTLE_MCP = JOINTS.index("little mcp")
PALM = (WRIST, *(JOINTS.index(f"{finger} mcp") for finger in FINGERS[1:]))
"""The joints whose mean is the middle of the palm: the wrist and the four knuckles."""
TIPS = tuple(i for i, name in enumerate(JOINTS) if name.endswith("tip"))

PARENTS: tuple[int, ...] = (-1, *(0 if (i - 1) % 4 == 0 else i - 1 for i in range(1, JOINT_COUNT)))
"""The parent joint of each joint; the wrist has none (-1)."""

BONES: tuple[tuple[int, int], ...] = tuple((PARENTS[i], i) for i in range(1, JOINT_COUNT))
"""The 20 (parent, child) pairs, in the order of the child."""

FINGER_COLOURS: tuple[tuple[int, int, int], ...] = (
    (240, 90, 80),
    (245, 170, 60),
    (90, 200, 110),
    (70, 160, 245),
    (185, 110, 240),
)
"""RGB per finger, thumb to little."""
WRIST_COLOUR = (235, 235, 235)
SIDE_COLOURS: dict[Side, tuple[int, int, int]] = {"left": (95, 215, 225), "right": (245, 205, 130)}
"""RGB that tells the two hands apart, where it is not a finger that is coloured."""


def finger_of(joint: int) -> int:
    """The finger (0 thumb ... 4 little) a joint belongs to; the wrist gives -1."""
    return (joint - 1) // 4 if joint else -1


JOINT_COLOURS: tuple[tuple[int, int, int], ...] = (
    WRIST_COLOUR,
    *(FINGER_COLOURS[finger_of(i)] for i in range(1, JOINT_COUNT)),
)
"""RGB per joint."""

WRIST_TO_MIDDLE_MCP_MM = 92.3
"""The palm length assumed for an unknown person, mm: the unit of the network's 3D output.

It is the mean adult's of the baked hand that the training pictures show.
"""
