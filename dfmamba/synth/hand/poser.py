"""From the angles of fingers and wrist to the rotations of bones."""

import torch
from torch import Tensor

from dfmamba.synth.hand.rig import CHAINS, FOREARM_BONE, WRIST_BONE
from dfmamba.synth.rotations import axis_turn


class Poser:
    """Angles to the rotations that the hand model takes, from the rest frames of its bones."""

    def __init__(self, frames: Tensor) -> None:
        self.frames = frames
        self.bones = CHAINS.flatten().to(frames.device)
        self.rest = self._rest(frames[self.bones].reshape(5, 3, 3, 3))

    @staticmethod
    def _rest(frames: Tensor) -> Tensor:
        """The angles (5, 4) that the hand at rest has."""
        along = frames[..., 1]
        rest = torch.zeros(5, 4, device=frames.device)
        rest[:, 0] = torch.asin(-along[:, 0, 2])
        bend = torch.linalg.cross(along[:, :-1], along[:, 1:])
        rest[:, 1:3] = torch.asin((bend * frames[:, :-1, :, 0]).sum(-1))
        rest[:, 3] = torch.atan2(along[:, 0, 0], -along[:, 0, 1])
        rest[0, [0, 3]] = 0
        return rest.rad2deg()

    def __call__(self, angles: Tensor, wrist: Tensor) -> Tensor:
        """Finger angles (B, 5, 4) and wrist angles (B, 3) to rotations (B, n, 3, 3).

        The wrist's: flexion, deviation to the thumb, and twist of the forearm, degrees.
        """
        turns = angles - self.rest
        flexion = axis_turn(turns[..., :3], 0)
        direction = axis_turn(-turns[..., 3], 2)
        local = torch.cat([(direction @ flexion[:, :, 0])[:, :, None], flexion[:, :, 1:]], 2)
        frames = self.frames[self.bones]
        rotations = torch.eye(3, device=angles.device).repeat(len(angles), len(self.frames), 1, 1)
        rotations[:, self.bones] = frames @ local.flatten(1, 2) @ frames.mT
        hand = axis_turn(wrist[:, 1], 2) @ axis_turn(wrist[:, 0], 0)
        rotations[:, WRIST_BONE] = hand
        rotations[:, FOREARM_BONE] = axis_turn(wrist[:, 2], 1)
        return rotations
