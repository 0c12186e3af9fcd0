"""Files that are written whole or not at all; arrays, never pickled."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from dfmamba.errors import UserError


def create_new(path: Path) -> Path:
    """An empty file of this name, or of the first of name-2, name-3, ... that is free.

    No file that is there is opened and no link is followed: two programs never get the same one.
    OSError where none can be made.
    """
    for number in count(1):
        new = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        try:
            new.touch(exist_ok=False)
        except FileExistsError:
            continue
        return new
    raise AssertionError  # numbers do not end


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Where to write a file that takes the place of an older one once it is whole.

    Whatever ends the writing early leaves the older file, and no draft. OSError where the folder
    is missing or takes none.
    """
    draft = create_new(path.with_name(f"{path.name}.part"))
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def real_path(path: Path) -> Path:
    """Absolute and without links; of links in a circle too, of which `Path.resolve` may raise."""
    return Path(os.path.realpath(path))


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """As `draft_of`, in a folder that is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft_of(path) as draft:
        yield draft


def save_json(path: Path, content: Any) -> None:
    """Write numbers and texts, for people to read too; whole or not at all."""
    with written_whole(path) as draft:
        draft.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def save_arrays(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write the arrays; an older file is replaced only once this one is whole."""
    with written_whole(path) as draft, draft.open("wb") as file:
        np.savez_compressed(file, **arrays)


def load_arrays(
    path: Path, names: Iterable[str] | None = None, optional: Iterable[str] = ()
) -> dict[str, NDArray[Any]]:
    """The arrays of these names, or all, and those of the optional ones that are there.

    Raises:
        UserError: the file is missing, broken or another.
    """
    if not path.is_file():
        raise UserError(f"there is no file {path}; check its name")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = [name for name in optional if name in arrays]
            wanted = arrays if names is None else [*names, *found]
            return {name: arrays[name] for name in wanted}
    except (OSError, ValueError, KeyError, EOFError, TypeError, BadZipFile) as error:
        what = f"{path} is damaged or of another kind"
        raise UserError(f"{what}; check its name, or make it again") from error
