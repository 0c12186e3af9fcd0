from fractions import Fraction

import av
import numpy as np
import pytest

WIDTH, HEIGHT = 64, 48


@pytest.fixture
def make_video(tmp_path):
    """A function that writes an mp4: frame i is grey of level 20 i, its right third white."""

    def make(times_ms, name="clip.mp4", codec="libx264", codec_options=None, **options):
        path = tmp_path / name
        with av.open(str(path), "w", options=options) as container:
            codec_options = codec_options or {"crf": "1", "g": "4"}
            stream = container.add_stream(codec, rate=25, options=codec_options)
            stream.width, stream.height = WIDTH, HEIGHT
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            if codec != "mjpeg":  # AVI knows steady times only
                stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
            for index, time_ms in enumerate(times_ms):
                image = np.full((HEIGHT, WIDTH, 3), 20 * index % 200, np.uint8)
                image[:, 2 * WIDTH // 3 :] = 255
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                frame.pts, frame.time_base = time_ms, Fraction(1, 1000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return make
