"""A tiny rigged hand, written as glTF here, in and out: boxes for fingers and a tube for a palm."""

import base64
import json
import struct

import numpy as np
import pytest
import torch
from box_hand import CUBE_TRIANGLES, boxes
from torch.nn import functional as F

from dfmamba.errors import UserError
from dfmamba.hand import MIDDLE_MCP, WRIST, WRIST_TO_MIDDLE_MCP_MM
from dfmamba.synth.draw import Draw
from dfmamba.synth.hand.gltf import ARM_MM, LENGTH_SD, SIZE_SD, THUMB_REST, read_hand, texture_box
from dfmamba.synth.hand.hand_model import HandModel
from dfmamba.synth.hand.poser import Poser
from dfmamba.synth.hand.rig import BONE_NAMES, FINGER_BONES, PAD, PROPORTIONS
from dfmamba.synth.mesh import vertex_normals
from dfmamba.synth.rotations import random_turns

FOREARM, WRIST_BONE = BONE_NAMES.index("lowerarm02.R"), BONE_NAMES.index("wrist.R")
CHAINS = torch.tensor([BONE_NAMES.index(name) for name in FINGER_BONES]).view(5, 3)
ROUND = 8
THUMB = ("metacarpal", "phalanx-proximal", "phalanx-distal")
FINGER = ("metacarpal", "phalanx-proximal", "phalanx-intermediate", "phalanx-distal")


def palm():
    """A closed tube (V, 3), triangles (F, 3), mm, that ends behind the wrist."""
    turn = torch.arange(ROUND) / ROUND * 2 * torch.pi
    rings = torch.arange(30.0, -90.0, -5.0)
    outline = torch.stack([40 * turn.cos(), torch.zeros(ROUND), 12 * turn.sin()], 1)
    points = (outline + torch.tensor([0.0, 1, 0]) * rings[:, None, None]).flatten(0, 1)
    ends = torch.tensor([[0.0, 30, 0], [0, float(rings[-1]), 0]])
    ring, spoke = torch.meshgrid(torch.arange(len(rings)), torch.arange(ROUND), indexing="ij")
    here, beside = ring * ROUND + spoke, ring * ROUND + (spoke + 1) % ROUND
    one = torch.stack([here[:-1], beside[:-1], beside[1:]], -1)
    two = torch.stack([here[:-1], beside[1:], here[1:]], -1)
    first = torch.stack([beside[0], here[0], torch.full((ROUND,), len(points))], -1)
    last = torch.stack([here[-1], beside[-1], torch.full((ROUND,), len(points) + 1)], -1)
    triangles = torch.cat([one.flatten(0, 1), two.flatten(0, 1), first, last])
    return torch.cat([points, ends]), triangles


class Rigged:
    """The box hand as OpenXR would name it: joints (25, 3), a mesh and the joint of each vertex."""

    def __init__(self, arrays):
        self.names, places, rows = ["wrist"], [arrays.heads[WRIST_BONE]], {}
        for finger, word in enumerate(("thumb", "index-finger", "middle-finger", "ring", "pinky")):
            heads = arrays.heads[CHAINS[finger]]
            base = [] if finger == 0 else [heads[0] * 0.2]
            for part, place in zip(FINGER if finger else THUMB, [*base, *heads], strict=True):
                self.names.append(f"{word}-{part}")
                places.append(place)
            rows[finger] = len(self.names) - 3
            self.names.append(f"{word}-tip")
            places.append(arrays.tips[finger])
        self.joints = torch.stack(places)
        starts = arrays.heads[CHAINS].flatten(0, 1)
        ends = torch.cat([arrays.heads[CHAINS][:, 1:], arrays.tips[:, None]], 1).flatten(0, 1)
        bones = boxes(starts, ends, torch.full((15,), 7.0))
        tube, sides = palm()
        cubes = (CUBE_TRIANGLES + 8 * torch.arange(15)[:, None, None]).flatten(0, 1) + len(tube)
        self.vertices, self.triangles = torch.cat([tube, bones]), torch.cat([sides, cubes])
        on_bone = torch.tensor([rows[finger] + part for finger in range(5) for part in range(3)])
        self.owner = torch.cat(
            [torch.zeros(len(tube), dtype=torch.long), on_bone.repeat_interleave(8)]
        )

    def without(self, name):
        """The same with the joint of that name called otherwise."""
        self.names = ["unknown" if each == name else each for each in self.names]
        return self

    def parts(self):
        """The document and its buffer, in metres, in axes of the file's own."""
        turn = random_turns(1, Draw(5, "cpu").generator, torch.device("cpu"))[0]
        shift = torch.tensor([0.3, -0.1, 0.2])
        vertices, joints = (p @ turn.T / 1000 + shift for p in (self.vertices, self.joints))
        corners = self.triangles.flatten()  # a vertex for each corner, as where colours meet
        binds = torch.eye(4).repeat(len(joints), 1, 1)
        binds[:, :3, :3], binds[:, :3, 3] = turn, joints
        owners = F.pad(self.owner[corners, None], (0, 3))
        count = len(corners)
        uv = torch.stack([torch.linspace(0.2, 0.7, count), torch.linspace(0.1, 0.6, count)], 1)
        arrays = {
            "POSITION": (vertices[corners], 5126, "VEC3", np.float32),
            "TEXCOORD_0": (uv, 5126, "VEC2", np.float32),
            "JOINTS_0": (owners, 5121, "VEC4", np.uint8),
            "WEIGHTS_0": (F.pad(torch.ones(count, 1), (0, 3)), 5126, "VEC4", np.float32),
            "indices": (torch.arange(count), 5123, "SCALAR", np.uint16),
            "binds": (binds.inverse().mT, 5126, "MAT4", np.float32),
        }
        data, views, accessors = b"", [], []
        for values, kind, shape, dtype in arrays.values():
            piece = values.numpy().astype(dtype).tobytes()
            views.append({"buffer": 0, "byteOffset": len(data), "byteLength": len(piece)})
            accessors.append(
                {
                    "bufferView": len(views) - 1,
                    "componentType": kind,
                    "type": shape,
                    "count": len(values),
                }
            )
            data += piece + b"\0" * (-len(piece) % 4)
        document = {
            "asset": {"version": "2.0"},
            "nodes": [{"name": name} for name in self.names],
            "skins": [{"joints": list(range(len(joints))), "inverseBindMatrices": 5}],
            "meshes": [
                {
                    "primitives": [
                        {
                            "attributes": {name: row for row, name in enumerate(list(arrays)[:4])},
                            "indices": 4,
                        }
                    ]
                }
            ],
            "bufferViews": views,
            "accessors": accessors,
            "buffers": [{"byteLength": len(data)}],
        }
        return document, data


def write(rigged, path, change=None):
    """Write a .glb, or a .gltf with its buffer inside; `change` may spoil the document."""
    document, data = rigged.parts()
    if path.suffix == ".gltf":
        document["buffers"][0]["uri"] = "data:;base64," + base64.b64encode(data).decode()
    if change:
        change(document)
    text = json.dumps(document).encode()
    if path.suffix == ".gltf":
        path.write_bytes(text)
        return path
    text += b" " * (-len(text) % 4)
    chunks = (
        struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(data), b"BIN\0")
    )
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks) + len(data)) + chunks + data)
    return path


@pytest.fixture
def rigged(arrays):
    return Rigged(arrays)


@pytest.fixture
def hand(rigged, tmp_path):
    return read_hand(write(rigged, tmp_path / "hand.glb"))


def posed(hand, shape=None):
    """The joints (21, 3) at rest, of a shape."""
    poser = Poser(hand.frames)
    rotations = poser(poser.rest[None], torch.zeros(1, 3))
    shape = torch.zeros(1, len(hand.shape_heads)) if shape is None else shape
    return HandModel(hand)(shape, rotations, torch.eye(3)[None])[1][0]


def test_the_hand_stands_in_the_baked_hands_frame(hand):
    assert hand.heads[WRIST_BONE].abs().max() < 1e-3
    middle = hand.heads[CHAINS[2, 0]]
    torch.testing.assert_close(
        middle, torch.tensor([0.0, -WRIST_TO_MIDDLE_MCP_MM, 0]), atol=1e-2, rtol=0
    )
    assert hand.heads[CHAINS[1, 0], 0] > 10  # the index finger on the thumb's side
    assert hand.heads[CHAINS[4, 0], 0] < -10


def test_fingers_have_the_proportions_of_all_hands(hand):
    chains = torch.cat([hand.heads[CHAINS], hand.tips[:, None]], 1)
    torch.testing.assert_close(
        chains.diff(dim=1).norm(dim=2) / WRIST_TO_MIDDLE_MCP_MM,
        PROPORTIONS[:, 1:],
        atol=1e-4,
        rtol=0,
    )


def test_the_thumb_is_turned_to_rest(hand):
    chain = torch.cat([hand.heads[CHAINS[0]], hand.tips[:1]])
    way = F.normalize(chain[-1] - chain[0], dim=0)
    torch.testing.assert_close(way, F.normalize(torch.tensor(THUMB_REST), dim=0), atol=1e-3, rtol=0)


def test_fingertips_are_within_the_skins_end(rigged, tmp_path):
    for row, name in enumerate(rigged.names):
        if name.endswith("-tip"):  # as in files that have it within the flesh
            rigged.joints[row] = rigged.joints[row].lerp(rigged.joints[row - 1], 0.3)
    hand = read_hand(write(rigged, tmp_path / "hand.glb"))
    for tip, bone in zip(hand.tips, CHAINS[:, 2], strict=True):
        along = F.normalize(tip - hand.heads[bone], dim=0)
        skin = hand.vertices[hand.weights[:, bone] > 0.5]
        end = PAD * WRIST_TO_MIDDLE_MCP_MM
        assert ((skin - tip) @ along).max().item() == pytest.approx(end, abs=0.01)


def test_the_mesh_is_closed_but_for_the_arms_end(hand):
    edges = torch.cat(
        [hand.triangles[:, [0, 1]], hand.triangles[:, [1, 2]], hand.triangles[:, [2, 0]]]
    )
    there = {tuple(edge) for edge in edges.tolist()}
    single = [edge for edge in there if edge[::-1] not in there]
    assert len(single) == ROUND
    ends = hand.vertices[torch.tensor(single).flatten(), 1]
    torch.testing.assert_close(ends, torch.full_like(ends, ARM_MM), atol=1e-2, rtol=0)


def test_the_arm_looks_outwards_and_belongs_to_the_forearm(hand):
    arm = hand.vertices[:, 1] > 40
    assert arm.any()
    assert (hand.weights[arm, FOREARM] == 1).all()
    normals = vertex_normals(hand.vertices[None], hand.triangles)[0]
    outwards = F.normalize(hand.vertices[arm][:, [0, 2]], dim=1)
    assert ((normals[arm][:, [0, 2]] * outwards).sum(1) > 0.5).all()
    torch.testing.assert_close(hand.weights.sum(1), torch.ones(len(hand.weights)))


def test_colours_reach_over_the_whole_box(hand, rigged, tmp_path):
    assert hand.uv.shape == (len(hand.triangles), 3, 2)
    assert hand.uv.amin() >= 0
    assert hand.uv.amax() <= 1
    box = texture_box(write(rigged, tmp_path / "again.glb"))
    assert box == pytest.approx((0.2, 0.4, 0.7, 0.9), abs=1e-6)  # v up


def test_the_hand_poses_as_the_baked_one(hand):
    joints = posed(hand)
    assert (joints[WRIST] == 0).all()
    rows = hand.joint_bones[[j for j in range(21) if j == 0 or j % 4]]
    expected = hand.heads[rows] - hand.heads[rows[0]]
    torch.testing.assert_close(
        joints[[j for j in range(21) if j == 0 or j % 4]], expected, atol=1e-2, rtol=0
    )
    angles = torch.zeros(2, 5, 4)
    angles[1, 1:, :3] = 60
    bent = HandModel(hand)(
        torch.zeros(2, 16),
        Poser(hand.frames)(angles, torch.zeros(2, 3)),
        torch.eye(3).expand(2, 3, 3),
    )[1]
    for tip in (8, 12, 16, 20):
        assert bent[1, tip, 2] < bent[0, tip, 2] - 20  # to the palm, along -z


def test_shapes_vary_the_size_and_the_fingers_length(hand):
    plain = posed(hand)
    one = torch.eye(16)
    torch.testing.assert_close(posed(hand, one[:1]), (1 + SIZE_SD) * plain, atol=0.02, rtol=1e-3)
    longer = posed(hand, one[1:2])
    for finger in range(5):
        before, after = (
            joints[1 + 4 * finger : 5 + 4 * finger].diff(dim=0).norm(dim=1)
            for joints in (plain, longer)
        )
        torch.testing.assert_close(after, (1 + LENGTH_SD) * before, atol=0.02, rtol=1e-3)
    torch.testing.assert_close(longer[MIDDLE_MCP], plain[MIDDLE_MCP], atol=1e-2, rtol=0)


def test_both_kinds_of_files_hold_the_same_hand(hand, rigged, tmp_path):
    inside = read_hand(write(rigged, tmp_path / "inside.gltf"))

    def apart(document):
        uri = document["buffers"][0]["uri"]
        (tmp_path / "hand.bin").write_bytes(base64.b64decode(uri.split(",")[1]))
        document["buffers"][0]["uri"] = "hand.bin"

    beside = read_hand(write(rigged, tmp_path / "beside.gltf", apart))
    for other in (inside, beside):
        for name in vars(hand):
            assert torch.equal(getattr(hand, name), getattr(other, name)), name


@pytest.mark.parametrize("name", ["wrist", "pinky-tip", "index-finger-phalanx-intermediate"])
def test_a_hand_without_one_of_the_joints_is_refused(rigged, tmp_path, name):
    with pytest.raises(UserError, match="OpenXR"):
        read_hand(write(rigged.without(name), tmp_path / "hand.glb"))


def spoil(document):
    document["bufferViews"][0]["byteStride"] = 64


@pytest.mark.parametrize(
    "change",
    [lambda document: document.pop("skins"), lambda document: document["meshes"].clear(), spoil],
    ids=["no skin", "no mesh", "interleaved"],
)
def test_a_file_that_is_no_such_hand_is_told(rigged, tmp_path, change):
    with pytest.raises(UserError, match="cannot read a rigged mesh"):
        read_hand(write(rigged, tmp_path / "hand.glb", change))


@pytest.mark.parametrize("content", [None, b"", b"glTF\x02", b"[]", b"no json"])
def test_another_file_is_told(tmp_path, content):
    path = tmp_path / "hand.glb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match="cannot read a rigged mesh"):
        read_hand(path)
