"""The baked hand: one array file, skinned in torch.

Rest frame of the file, mm: origin at the wrist bone's head, the straight middle finger along -y,
the palm facing -z, the thumb towards +x: a right hand held upright, its palm to the camera.
"""

from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from dfmamba.errors import UserError
from dfmamba.files import load_arrays, save_arrays
from dfmamba.hand import MIDDLE_MCP, TIPS, WRIST


def cache_folder() -> Path:
    """Where baked arrays live on this machine."""
    from platformdirs import user_cache_dir  # here: tests on a GPU machine do without it

    return Path(user_cache_dir("dfmamba"))


def baked_hand() -> Path:
    """The baked hand in the cache; what is baked beside it lies in its folder."""
    return cache_folder() / "hand.npz"


@dataclass(frozen=True)
class HandArrays:
    """A skinned right hand with forearm, n bones, V vertices, S shape directions."""

    vertices: Tensor
    """(V, 3): the mean hand at rest, mm."""
    shape_vertices: Tensor
    """(S, V, 3): added per standard deviation, mm."""
    heads: Tensor
    """(n, 3): where the mean hand's bones begin, mm."""
    shape_heads: Tensor
    """(S, n, 3): added per standard deviation, mm."""
    tips: Tensor
    """(5, 3): fingertip joints, thumb first, mm."""
    shape_tips: Tensor
    """(S, 5, 3): added per standard deviation, mm."""
    weights: Tensor
    """(V, n): how much each bone moves each vertex."""
    triangles: Tensor
    """(F, 3)."""
    uv: Tensor
    """(F, 3, 2), v up."""
    parents: Tensor
    """(n,): the row of each bone's parent; parents come first."""
    frames: Tensor
    """(n, 3, 3): columns are each bone's flexion axis (a positive turn curls to the palm), its
    direction, and their cross product.
    """
    joint_bones: Tensor
    """(21,): the bone whose head is the joint, or, for a tip, the last bone of its finger."""
    wrist_shift: Tensor
    """(): where the wrist is, as a share of the way from the wrist bone's head to the middle MCP.
    """

    @classmethod
    def load(cls, path: Path | None = None, device: torch.device | str = "cpu") -> "HandArrays":
        """Read a baked file; None is the one in the user's cache."""
        path = path or baked_hand()
        if not path.is_file():
            raise UserError(f"no baked hand at {path}; run `python -m dfmamba bake` first")
        arrays = load_arrays(path)
        if missing := set(cls.__annotations__) - set(arrays):
            raise UserError(
                f"{path} is of an older version, without {', '.join(sorted(missing))}; "
                "run `python -m dfmamba bake` again"
            )
        return cls(**{k: torch.from_numpy(arrays[k]).to(device) for k in cls.__annotations__})

    def to(self, device: torch.device | str) -> "HandArrays":
        """The arrays on a device."""
        return HandArrays(**{k: getattr(self, k).to(device) for k in self.__annotations__})

    def save(self, path: Path) -> None:
        """Write the arrays; the folder is made."""
        save_arrays(path, {k: getattr(self, k).numpy() for k in self.__annotations__})


class HandModel:
    """Shape and joint angles to vertices and the 21 joints."""

    def __init__(self, arrays: HandArrays) -> None:
        self.arrays = arrays
        self.parents: list[int] = arrays.parents.tolist()

    def __call__(self, shape: Tensor, rotations: Tensor, turn: Tensor) -> tuple[Tensor, Tensor]:
        """Pose B hands.

        shape (B, S): standard deviations. rotations (B, n, 3, 3): of each bone about its head, in
        the rest frame, relative to its parent. turn (B, 3, 3): of the whole about the wrist.
        Returns vertices (B, V, 3) and joints (B, 21, 3), mm, the wrist at the origin.
        """
        a = self.arrays
        heads = a.heads + torch.einsum("bs,snk->bnk", shape, a.shape_heads)
        tips = a.tips + torch.einsum("bs,snk->bnk", shape, a.shape_tips)
        rest = a.vertices + torch.einsum("bs,svk->bvk", shape, a.shape_vertices)
        linear, offset = self._chain(heads, rotations)
        # x -> L x + t per bone, blended by the skinning weights and turned about the wrist.
        moves = turn[:, None] @ torch.cat([linear, offset[..., None]], -1)
        blended = torch.einsum("vn,bnij->bvij", a.weights, moves)
        points = heads[:, a.joint_bones]
        points[:, TIPS] = tips
        joints = self._apply(moves[:, a.joint_bones], points)
        joints[:, WRIST] = joints[:, WRIST].lerp(joints[:, MIDDLE_MCP], a.wrist_shift)
        wrist = joints[:, WRIST, None]
        return self._apply(blended, rest) - wrist, joints - wrist

    def skeleton(self) -> "HandModel":
        """The model with a single vertex: only its joints are worth having."""
        arrays = self.arrays
        skeleton = copy(self)
        skeleton.arrays = replace(
            arrays,
            vertices=arrays.vertices[:1],
            shape_vertices=arrays.shape_vertices[:, :1],
            weights=arrays.weights[:1],
        )
        return skeleton

    def _chain(self, heads: Tensor, rotations: Tensor) -> tuple[Tensor, Tensor]:
        linear: list[Tensor] = []
        offset: list[Tensor] = []
        for bone, parent in enumerate(self.parents):
            local = rotations[:, bone]
            shift = heads[:, bone] - (local @ heads[:, bone, :, None])[..., 0]
            if parent >= 0:
                shift = (linear[parent] @ shift[..., None])[..., 0] + offset[parent]
                local = linear[parent] @ local
            linear.append(local)
            offset.append(shift)
        return torch.stack(linear, 1), torch.stack(offset, 1)

    @staticmethod
    def _apply(moves: Tensor, points: Tensor) -> Tensor:
        return (moves[..., :3] @ points[..., None])[..., 0] + moves[..., 3]
