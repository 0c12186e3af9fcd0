"""A folder of photographs with MediaPipe's labels as a data set."""

from pathlib import Path

import numpy as np

from dfmamba.data.dataset import SAME_ORDER, Hand, Sample
from dfmamba.data.labels import Labels
from dfmamba.errors import UserError
from dfmamba.hand import JOINT_COUNT

LEAST_SCORE = 0.8


class LabelledPhotographs:
    """Photographs with the hands on which MediaPipe's views agree: its opinion, not the truth.

    Joints in 3D are MediaPipe's too; where the hands are in space is not known.
    """

    joint_map = SAME_ORDER

    def __init__(self, labels: Labels, folder: Path) -> None:
        """Labels of the folder's pictures; hands that are likely wrong are left out."""
        self.folder, self.name = folder, folder.name
        self.source = f"photographs of {folder}, labelled by MediaPipe"
        self._labels = labels.select(labels.agreed & (labels.scores > LEAST_SCORE))
        self._pictures = labels.pictures.tolist()

    def __len__(self) -> int:
        """The number of pictures, with or without a hand."""
        return len(self._pictures)

    def __getitem__(self, index: int) -> Sample:
        """A picture and its hands; UserError where the file is gone."""
        name, labels = self._pictures[index], self._labels
        hands = tuple(
            Hand(
                side="left" if labels.sides[row] == "left" else "right",
                joints_px=labels.joints_px[row],
                valid_px=np.ones(JOINT_COUNT, bool),
                joints_mm=labels.joints_mm[row],
                root_valid=False,
            )
            for row in np.flatnonzero(labels.files == name)
        )
        return Sample(name, photograph(self.folder, name) if hands else self.folder / name, hands)


def photograph(folder: Path, name: str) -> Path:
    """The file of a labelled picture.

    Raises:
        UserError: there is none.
    """
    path = folder / name
    if not path.is_file():
        raise UserError(f"{path} is labelled but missing; give the folder the labels are of")
    return path
