"""Small videos with every peculiarity that files of other programs have."""

from fractions import Fraction

import av
import numpy as np

WIDTH, HEIGHT = 64, 48


def corners(width=WIDTH, height=HEIGHT, moved=0):
    """Black; red at the top left, green at the bottom left, blue at the top right."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 4, moved : moved + width // 4] = 255, 0, 0
    image[-(height // 4) :, : width // 4] = 0, 255, 0
    image[: height // 4, -(width // 4) :] = 0, 0, 255
    return image


def write_film(
    path,
    images,
    codec="libx264",
    pixels="yuv420p",
    tags=None,
    options=None,
    setup=None,
    **colours,
):
    """Ten pictures a second, 8 or 16 bits of RGB.

    tags: what is said of the coded picture. setup: what else to do to the stream at first.
    colours: how the pictures are converted.
    """
    with av.open(f"file:{path}", "w") as container:
        stream = container.add_stream(codec, rate=10, options=options or {})
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = pixels
        for tag, value in (tags or {}).items():
            setattr(stream.codec_context, tag, value)
        if setup is not None:
            setup(stream)
        for index, image in enumerate(images):
            coded = "rgb48le" if image.dtype == np.uint16 else "rgb24"
            frame = av.VideoFrame.from_ndarray(image, format=coded)
            frame = frame.reformat(format=pixels, **colours)
            for tag, value in (tags or {}).items():
                if tag.startswith("color"):
                    setattr(frame, tag, value)
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_covered(path, count=5):
    """A white picture of 32 x 32 as the first stream, the film as the second."""
    with av.open(f"file:{path}", "w") as container:
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 32, 32, "yuvj420p"
        film = container.add_stream("libx264", rate=10)
        film.width, film.height, film.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        white = np.full((32, 32, 3), 255, np.uint8)
        container.mux(cover.encode(av.VideoFrame.from_ndarray(white)))
        container.mux(cover.encode(None))
        for _ in range(count):
            container.mux(film.encode(av.VideoFrame.from_ndarray(corners())))
        container.mux(film.encode(None))
    return path


def damage_jpegs(path, which):
    """Zeros over the first coded bytes of the JPEG pictures of these numbers."""
    data = bytearray(path.read_bytes())
    at = -1
    for index in range(max(which) + 1):
        at = data.index(b"\xff\xda", at + 1)
        if index in which:
            data[at + 14 : at + 60] = bytes(46)
    path.write_bytes(data)
