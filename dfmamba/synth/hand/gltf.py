"""Rigged hands in glTF files, with OpenXR's joints, made into the arrays of the baked hand.

The format: glTF 2.0, https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html.
"""

import base64
import json
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from dfmamba.errors import UserError
from dfmamba.hand import FINGERS, WRIST_TO_MIDDLE_MCP_MM
from dfmamba.synth.hand.hand_model import HandArrays
from dfmamba.synth.hand.rig import (
    BONE_NAMES,
    CHAINS,
    FOREARM_BONE,
    SHAPE_DIRECTIONS,
    WIDTH_SD,
    WRIST_BONE,
    bone_frames,
    bone_parents,
    hand_frame,
    joint_bones,
    with_palm,
    with_proportions,
)

CAP_MM = 12.0
"""The rounded end of the meshes at the wrist, cut off for the forearm to continue."""
ARM_MM, ARM_RINGS, ARM_WIDENS = 220.0, 8, (0.25, 0.0, 0.45)
"""The forearm: its length, its rings, by which shares it grows in x, y and z."""
THUMB_REST = (0.498, -0.650, -0.573)
"""From base to tip of the baked hand's thumb at rest: the thumb's angles count from there."""
SIZE_SD, LENGTH_SD, GIRTH_SD, PALM_SD = 0.08, 0.05, 0.07, 0.04
"""Standard deviations, as shares: of the whole hand, of fingers, their girth, the palm's length."""
PHALANGES = {"thumb": ("metacarpal", "proximal", "distal")}
"""OpenXR's names of a finger's three bones where they are not the common ones."""
NUMBERS = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


@dataclass(frozen=True)
class Rig:
    """A skinned mesh as its file has it, with one vertex per place."""

    vertices: Tensor
    """(V, 3): in the file's unit."""
    weights: Tensor
    """(V, n): how much each joint moves each vertex."""
    triangles: Tensor
    """(F, 3)."""
    uv: Tensor
    """(F, 3, 2), v up."""
    names: list[str]
    """The n joints' names."""
    joints: Tensor
    """(n, 3): in the file's unit."""


def read_hand(path: Path) -> HandArrays:
    """A right hand with OpenXR's joint names, made as large as a mean adult's.

    A forearm is added, and ways to vary; the texture coordinates are scaled to reach from 0 to 1.

    Raises:
        UserError: the file is no such hand.
    """
    rig = read_rig(path)
    slots = [_slot(name) for name in rig.names]
    heads, tips = torch.full((len(BONE_NAMES), 3), torch.nan), torch.full((5, 3), torch.nan)
    heads[FOREARM_BONE] = 0.0  # no file has it
    weights = torch.zeros(len(rig.vertices), len(BONE_NAMES))
    for (bone, finger, is_head), joint, share in zip(slots, rig.joints, rig.weights.T, strict=True):
        weights[:, bone] += share
        if finger >= 0:
            tips[finger] = joint
        elif is_head:
            heads[bone] = joint
    if tips.isnan().any() or heads.isnan().any():
        raise UserError(f"{path} lacks some of OpenXR's hand joints; is it a rigged hand?")

    frame, origin = hand_frame(heads[None])[0], heads[WRIST_BONE].clone()
    scale = WRIST_TO_MIDDLE_MCP_MM / (heads[CHAINS[2, 0]] - origin).norm()
    vertices, heads, tips = (scale * (p - origin) @ frame for p in (rig.vertices, heads, tips))
    heads[FOREARM_BONE] = torch.tensor([0.0, ARM_MM, 0.0])
    tips = _where_skin_ends(vertices, weights, heads[CHAINS[:, 2]], tips)
    vertices, heads, tips = with_proportions(vertices, weights, heads, tips, heads[WRIST_BONE])
    vertices, heads, tips = _with_thumb_at_rest(vertices, heads, tips, weights)
    low, high = rig.uv.amin((0, 1)), rig.uv.amax((0, 1))
    uv = (rig.uv - low) / (high - low)
    vertices, weights, triangles, uv = _with_arm(vertices, weights, rig.triangles, uv)
    own = torch.eye(len(BONE_NAMES))
    return HandArrays(
        vertices=vertices,
        shape_vertices=_shapes(vertices, weights, heads, tips),
        heads=heads,
        shape_heads=_shapes(heads, own, heads, tips),
        tips=tips,
        shape_tips=_shapes(tips, own[CHAINS[:, 2]], heads, tips),
        weights=weights,
        triangles=triangles,
        uv=uv,
        parents=bone_parents(),
        frames=bone_frames(heads, tips),
        joint_bones=joint_bones(),
        wrist_shift=torch.tensor(0.0),
    )


def texture_box(path: Path) -> tuple[float, float, float, float]:
    """The part u0, v0, u1, v1 of its pictures that the hand uses, with v up."""
    uv = read_rig(path).uv
    (u0, v0), (u1, v1) = uv.amin((0, 1)).tolist(), uv.amax((0, 1)).tolist()
    return u0, v0, u1, v1


def read_rig(path: Path) -> Rig:
    """The first mesh of a .gltf or .glb file and its skin.

    Raises:
        UserError: the file cannot be read, or has no rigged mesh.
    """
    try:
        document, buffers = _opened(path)
        mesh, skin = document["meshes"][0]["primitives"][0], document["skins"][0]
        names = [document["nodes"][node]["name"] for node in skin["joints"]]

        def array(index: int) -> NDArray[Any]:
            return _array(document, buffers, index)

        columns = {k: array(v) for k, v in mesh["attributes"].items()}
        triangles = torch.from_numpy(array(mesh["indices"]).astype(np.int64)).view(-1, 3)
        to_joints = array(skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
        places, first, merged = np.unique(
            columns["POSITION"].round(5), axis=0, return_index=True, return_inverse=True
        )
        owners = torch.from_numpy(columns["JOINTS_0"][first].astype(np.int64))
        shares = torch.from_numpy(columns["WEIGHTS_0"][first].astype(np.float32))
        uv = torch.from_numpy(columns["TEXCOORD_0"] * [1, -1] + [0, 1]).float()
    except (KeyError, IndexError, TypeError, ValueError, OSError, struct.error) as error:
        raise UserError(f"cannot read a rigged mesh from {path}: {error}") from error
    weights = torch.zeros(len(places), len(names)).scatter_add_(1, owners, shares)
    return Rig(
        vertices=torch.from_numpy(places).float(),
        weights=weights / weights.sum(1, keepdim=True),
        triangles=torch.from_numpy(merged.reshape(-1))[triangles],
        uv=uv[triangles],
        names=names,
        joints=torch.from_numpy(np.linalg.inv(to_joints)[:, :3, 3]).float(),
    )


def _opened(path: Path) -> tuple[dict[str, Any], list[bytes]]:
    """The JSON document and the bytes of its buffers."""
    data, inside = path.read_bytes(), b""
    if data[:4] == b"glTF":
        length = struct.unpack_from("<I", data, 12)[0]
        data, inside = data[20 : 20 + length], data[28 + length :]
    document: dict[str, Any] = json.loads(data)
    buffers = []
    for buffer in document["buffers"]:
        uri = buffer.get("uri")
        if uri is None:
            buffers.append(inside)
        elif uri.startswith("data:"):
            buffers.append(base64.b64decode(uri.split(",", 1)[1]))
        else:
            buffers.append((path.parent / uri).read_bytes())
    return document, buffers


def _array(document: dict[str, Any], buffers: list[bytes], index: int) -> NDArray[Any]:
    """One accessor (count, width); the values must lie without gaps."""
    accessor = document["accessors"][index]
    view = document["bufferViews"][accessor["bufferView"]]
    kind, width = np.dtype(NUMBERS[accessor["componentType"]]), WIDTHS[accessor["type"]]
    if view.get("byteStride", width * kind.itemsize) != width * kind.itemsize:
        raise ValueError("interleaved buffers are not read")
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    flat = np.frombuffer(buffers[view["buffer"]], kind, accessor["count"] * width, start)
    return flat.reshape(-1, width)


def _slot(name: str) -> tuple[int, int, bool]:
    """For a joint's name: its bone, the finger whose tip it is or -1, whether the bone starts."""
    words = re.split("[-_ ]", name.lower().replace("pinky", "little"))
    finger = next((i for i, known in enumerate(FINGERS) if known in words), None)
    if finger is None:
        return WRIST_BONE, -1, "wrist" in words
    if "tip" in words:
        return int(CHAINS[finger, 2]), finger, False
    parts = PHALANGES.get(FINGERS[finger], ("proximal", "intermediate", "distal"))
    part = next((i for i, known in enumerate(parts) if known in words), None)
    row = BONE_NAMES.index(f"metacarpal{finger}.R") if part is None else int(CHAINS[finger, part])
    return row, -1, True


def _where_skin_ends(vertices: Tensor, weights: Tensor, heads: Tensor, tips: Tensor) -> Tensor:
    """Fingertips (5, 3) moved along their last bones, which begin at `heads`, to the skin's end.

    There the baked hand has them; files have them up to 13 mm within.
    """
    along = F.normalize(tips - heads, dim=-1)
    reach = ((vertices[:, None] - heads) * along).sum(-1)
    own = weights[:, CHAINS[:, 2]] > 0.5
    return heads + reach.where(own, -torch.inf).amax(0)[:, None] * along


def _with_thumb_at_rest(
    vertices: Tensor, heads: Tensor, tips: Tensor, weights: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The hand with its thumb turned about its base until it points as the baked hand's does."""
    thumb = CHAINS[0]
    base = heads[thumb[0]].clone()
    start = F.normalize(tips[0] - base, dim=0)
    half = F.normalize(start + F.normalize(torch.tensor(THUMB_REST), dim=0), dim=0)
    # Half turns about `start` and then about `half` make the shortest turn between the two.
    turn = torch.eye(3)
    for axis in (start, half):
        turn = (2 * torch.outer(axis, axis) - torch.eye(3)) @ turn
    share = weights[:, thumb].sum(1, keepdim=True)
    vertices = vertices.lerp((vertices - base) @ turn.T + base, share)
    heads, tips = heads.clone(), tips.clone()
    heads[thumb] = (heads[thumb] - base) @ turn.T + base
    tips[0] = turn @ (tips[0] - base) + base
    return vertices, heads, tips


def _with_arm(
    vertices: Tensor, weights: Tensor, triangles: Tensor, uv: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The mesh with its end at the wrist cut open and continued by a tube along y.

    The tube has the colours of the edge it starts at.
    """
    cut = vertices[:, 1].amax() - CAP_MM
    kept = (vertices[triangles][..., 1] < cut).all(1)
    triangles, uv = triangles[kept], uv[kept]
    face, corner = _open_edges(triangles, len(vertices))
    near = vertices[triangles[face, corner], 1] > cut - 2 * CAP_MM
    face, corner = face[near], corner[near]
    after = (corner + 1) % 3
    edges = torch.stack([triangles[face, corner], triangles[face, after]], 1)
    colours = torch.stack([uv[face, corner], uv[face, after]], 1)

    rim, numbered = torch.unique(edges, return_inverse=True)
    rings, owners = [vertices[rim]], [weights[rim]]
    centre = rings[0].mean(0)
    offset = (rings[0] - centre) * torch.tensor([1.0, 0.0, 1.0])
    half = offset.std(0) * 2**0.5 + 1e-6
    oval = offset / (offset / half).norm(dim=1, keepdim=True)
    for ring in range(1, ARM_RINGS + 1):
        along = ring / ARM_RINGS
        round_by_now = offset.lerp(oval, min(1.0, ring / 3))
        points = centre + round_by_now * (1 + along * torch.tensor(ARM_WIDENS))
        points[:, 1] = cut + along * (ARM_MM - cut)
        rings.append(points)
        owners.append(F.one_hot(torch.full((len(rim),), WRIST_BONE), len(BONE_NAMES)).float())
        first = rim[numbered] if ring == 1 else numbered + len(vertices) + (ring - 2) * len(rim)
        second = numbered + len(vertices) + (ring - 1) * len(rim)
        strip = torch.stack([first[:, 1], first[:, 0], second[:, 0]], 1)
        other = torch.stack([first[:, 1], second[:, 0], second[:, 1]], 1)
        triangles = torch.cat([triangles, strip, other])
        uv = torch.cat([uv, colours[:, [1, 0, 0]], colours[:, [1, 0, 1]]])
    vertices, weights = torch.cat([vertices, *rings[1:]]), torch.cat([weights, *owners[1:]])
    # From the wrist on the forearm takes over.
    beyond = ((vertices[:, 1] + 5) / 35).clamp(0, 1) * weights[:, WRIST_BONE]
    weights[:, WRIST_BONE] -= beyond
    weights[:, FOREARM_BONE] += beyond
    used, renumbered = torch.unique(triangles, return_inverse=True)
    return vertices[used], weights[used], renumbered, uv


def _open_edges(triangles: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Faces and corners (E,) where the edges begin that have no triangle on their other side."""
    after = triangles.roll(-1, 1)
    there, back = triangles * count + after, after * count + triangles
    face, corner = (~torch.isin(there, back)).nonzero().unbind(1)
    return face, corner


def _shapes(points: Tensor, owners: Tensor, heads: Tensor, tips: Tensor) -> Tensor:
    """Shape directions (16, P, 3) of points (P, 3) that belong to the bones by shares (P, n).

    The size, the fingers' length, their girth, the palm's width and length; the rest are zeros.
    """
    shapes = torch.zeros(SHAPE_DIRECTIONS, *points.shape)
    shapes[0] = SIZE_SD * points
    chain = torch.cat([heads[CHAINS], tips[:, None]], 1)
    on_fingers = owners[:, CHAINS.flatten()].view(-1, 5, 3)
    along = F.normalize(chain[:, 1:] - chain[:, :-1], dim=-1)
    from_head = points[:, None, None] - chain[:, :-1]
    ahead = (from_head * along).sum(-1, keepdim=True) * along
    before = chain[:, :-1] - chain[:, :1]
    shapes[1] = LENGTH_SD * torch.einsum("pfk,pfkx->px", on_fingers, before + ahead)
    shapes[2] = GIRTH_SD * torch.einsum("pfk,pfkx->px", on_fingers, from_head - ahead)
    palm = with_palm(points, owners, heads)
    shapes[3, :, 0] = WIDTH_SD * palm[:, 0]
    shapes[4, :, 1] = PALM_SD * palm[:, 1].clamp(max=0)
    return shapes
