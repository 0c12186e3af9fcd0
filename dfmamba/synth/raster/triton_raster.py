"""The z-buffer's keys in Triton: each lane walks the bounding box of its own triangle."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from dfmamba.synth.raster.keys import EMPTY, FLAT

BLOCK = 128


@triton.jit
def _fill(
    points, nearness, picture, triangles, keys, faces, vertices, triangle_count, size,
    FLAT: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    face = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    here = face < faces
    mesh, triangle = face // triangle_count, face % triangle_count
    first = mesh * vertices
    a = first + tl.load(triangles + triangle * 3, mask=here, other=0).to(tl.int32)
    b = first + tl.load(triangles + triangle * 3 + 1, mask=here, other=0).to(tl.int32)
    c = first + tl.load(triangles + triangle * 3 + 2, mask=here, other=0).to(tl.int32)
    ax, ay = tl.load(points + 2 * a, mask=here), tl.load(points + 2 * a + 1, mask=here)
    bx, by = tl.load(points + 2 * b, mask=here), tl.load(points + 2 * b + 1, mask=here)
    cx, cy = tl.load(points + 2 * c, mask=here), tl.load(points + 2 * c + 1, mask=here)
    an = tl.load(nearness + a, mask=here, other=0.0)
    bn = tl.load(nearness + b, mask=here, other=0.0)
    cn = tl.load(nearness + c, mask=here, other=0.0)
    # Clamped as floats first: a corner may lie farther out than integers reach.
    edge = size.to(tl.float32)
    left = tl.minimum(tl.maximum(tl.ceil(tl.minimum(ax, tl.minimum(bx, cx)) - 0.5), 0.0), edge)
    top = tl.minimum(tl.maximum(tl.ceil(tl.minimum(ay, tl.minimum(by, cy)) - 0.5), 0.0), edge)
    right = tl.maximum(tl.floor(tl.maximum(ax, tl.maximum(bx, cx)) - 0.5), -1.0)
    bottom = tl.maximum(tl.floor(tl.maximum(ay, tl.maximum(by, cy)) - 0.5), -1.0)
    right, bottom = tl.minimum(right, edge - 1), tl.minimum(bottom, edge - 1)
    width = tl.maximum(right - left + 1, 0.0).to(tl.int32)
    height = tl.maximum(bottom - top + 1, 0.0).to(tl.int32)
    ux, uy, vx, vy = bx - ax, by - ay, cx - ax, cy - ay
    area = ux * vy - uy * vx
    drawn = here & (an > 0) & (bn > 0) & (cn > 0) & (tl.abs(area) > FLAT)
    boxes = tl.where(drawn, width * height, 0)
    base = keys + tl.load(picture + mesh, mask=here, other=0) * size * size
    most = tl.max(boxes, axis=0)
    step = 0
    while step < most:
        x = left + (step % tl.maximum(width, 1)).to(tl.float32)
        y = top + (step // tl.maximum(width, 1)).to(tl.float32)
        dx, dy = x + 0.5 - ax, y + 0.5 - ay
        w1 = (vy * dx - vx * dy) / area
        w2 = (ux * dy - uy * dx) / area
        w0 = 1 - w1 - w2
        inside = (step < boxes) & (w0 >= 0) & (w1 >= 0) & (w2 >= 0)
        near = w0 * an + w1 * bn + w2 * cn
        key = near.to(tl.int32, bitcast=True).to(tl.int64) << 32 | face.to(tl.int64)
        place = (y * edge + x).to(tl.int32)
        tl.atomic_max(base + place, key, mask=inside, sem="relaxed")
        step += 1


def zbuffer(
    points_px: Tensor, nearness: Tensor, picture: Tensor, triangles: Tensor, count: int, size: int
) -> Tensor:
    """As `reference.zbuffer`, on a GPU."""
    keys = torch.full((count * size * size,), EMPTY, device=points_px.device)
    meshes, vertices = nearness.shape
    faces = meshes * len(triangles)
    if faces:
        _fill[(triton.cdiv(faces, BLOCK),)](
            points_px.float().contiguous(), nearness.float().contiguous(), picture.contiguous(),
            triangles.contiguous(), keys, faces, vertices, len(triangles), size, FLAT, BLOCK,
        )  # fmt: skip
    return keys
