"""What the program is made of, and under which licences."""

import re
from collections.abc import Iterator
from html import escape
from importlib.metadata import PackageNotFoundError, metadata, requires

from dfmamba import __version__

NAME = "dfmamba-live"
EXTRAS = {"app", "detect"}
"""Those of the package's extras that the program is made with."""
LONGEST = 120
"""Some packages put the whole text where the name of their licence belongs."""


def about_html() -> str:
    """Name, version, licence, and a table of the packages used with theirs."""
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(each)}&nbsp;&nbsp;</td>' for each in row)}</tr>"
        for row in packages()
    )
    return (
        f"<h3>DF-Mamba Live {__version__}</h3>"
        "<p>Hands in 3D with deformable state space scanning, and the network's own anchors in "
        "view.<br>Licence: Apache-2.0, the weights too. Nothing leaves this machine.</p>"
        f"<p>It stands on</p><table>{rows}</table>"
        "<p>FFmpeg comes with PyAV (LGPL and GPL parts); the palm detector with MediaPipe "
        "(Apache-2.0).</p>"
    )


def packages() -> Iterator[tuple[str, str, str]]:
    """Name, version and licence of each package that the program needs and that is installed."""
    try:
        needed = requires(NAME) or []
    except PackageNotFoundError:
        return
    for line in needed:
        name = re.split(r"[^\w.-]", line, maxsplit=1)[0]
        extra = re.search(r"extra == .([\w-]+)", line)
        if name == NAME or (extra and extra[1] not in EXTRAS):
            continue
        try:
            about = metadata(name)
        except PackageNotFoundError:  # another system's
            continue
        yield about["Name"], about["Version"], _licence(about.json)


def _licence(about: dict[str, str | list[str]]) -> str:
    classified = [
        each.split("::")[-1].strip()
        for each in about.get("classifier", [])
        if each.startswith("License ::")
    ]
    for told in (about.get("license_expression"), about.get("license"), ", ".join(classified)):
        if isinstance(told, str) and told and len(told) <= LONGEST:
            return told
    return "see its package"
