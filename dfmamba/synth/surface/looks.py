"""What covers a hand, at random: skin of any tone, nails, rings, watches, gloves, cloth; the light.

Skin tones follow the 15 body skins of the training data: the logarithm of their mean linear
colour is a parabola in the lightness L* (CIE 1976), from very dark, 24, to very light, 76.
"""

from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional as F

from dfmamba.synth.draw import Draw

DARKEST, LIGHTEST = 24.0, 76.0
TONE_CURVE = ((-3.656, -5.866, -7.208), (0.0663, 0.1052, 0.1209), (-2.85e-4, -5.2e-4, -5.7e-4))
RUDDY = (0.04, -0.05, -0.1)
"""How much skins of one lightness differ in redness: a standard deviation of the logarithm."""
RARE = {"glove": 0.07, "tattoo": 0.05, "ring": 0.1, "watch": 0.08, "bracelet": 0.04, "polish": 0.12}
"""Shares of the hands that wear something."""
RUBBER = (
    *((0.85, 0.85, 0.82), (0.75, 0.68, 0.55), (0.1, 0.25, 0.62), (0.3, 0.5, 0.75)),
    *((0.02, 0.02, 0.022), (0.12, 0.45, 0.2), (0.4, 0.15, 0.5), (0.85, 0.4, 0.05)),
    *((0.85, 0.65, 0.08), (0.6, 0.06, 0.06), (0.75, 0.35, 0.45)),
)
"""Linear colours of gloves that people work in: latex, nitrile, vinyl."""
COLOURED_LIGHT = 0.06
"""Share of the hands in a room, and of those with a lamp, of one strong colour."""
NOWHERE = -1e4
"""Where bands and gloves are that nobody wears."""


@dataclass(frozen=True)
class Looks:
    """How M hands look. All tensors have the leading dimension M; lengths are mm."""

    skin: Tensor
    """(): index of the skin."""
    tone: Tensor
    """(): the skin's lightness, 0 darkest to 1 lightest."""
    shift: Tensor
    """(3,): what recolouring adds to the logarithm of the skin's colour."""
    place: Tensor
    """(3,): where in the noise it is."""
    mottled: Tensor
    """(): strength of blotches, 0 none."""
    veined: Tensor
    """(): strength of veins, 0 none."""
    hairy: Tensor
    """(): strength of hair, 0 none."""
    creased: Tensor
    """(): strength of creases, 0 none."""
    tattooed: Tensor
    """(): strength of tattoos, 0 none."""
    nails: Tensor
    """(4,): colour and opacity of the nails' polish."""
    ring: Tensor
    """(): the finger with a ring, -2 none."""
    metal: Tensor
    """(3,): the ring's colour."""
    watch: Tensor
    """(): distance of the watch's band from the wrist, `NOWHERE` none."""
    strap: Tensor
    """(3,): the band's colour."""
    dial: Tensor
    """(): the watch's radius."""
    glove: Tensor
    """(): how far from the wrist a glove reaches, `NOWHERE` none."""
    fabric: Tensor
    """(3,): the glove's colour."""
    sheen: Tensor
    """(): strength of the glove's highlight."""
    sleeve: Tensor
    """(): distance from the wrist where cloth starts."""
    cloth: Tensor
    """(2, 3): the sleeve's two colours."""
    stripe: Tensor
    """(): the period of the sleeve's pattern."""
    gloss: Tensor
    """(): strength of the highlight."""
    light: Tensor
    """(9, 3): of the room, spherical harmonics as in `Textures`."""
    lamp: Tensor
    """(3,): unit vector to the lamp."""
    lamp_colour: Tensor
    """(3,): linear RGB."""
    relief: Tensor
    """(): how deep creases are."""

    def rows(self, index: Tensor) -> "Looks":
        """The looks of some hands, in that order."""
        return Looks(*(getattr(self, field.name)[index] for field in fields(self)))


def tone_colours(lightness: Tensor) -> Tensor:
    """Logarithms (..., 3) of the mean linear colour of skins of lightness L* (...)."""
    curve = torch.tensor(TONE_CURVE, device=lightness.device)
    powers = torch.stack([torch.ones_like(lightness), lightness, lightness**2], -1)
    return powers @ curve


def some_tones(count: int) -> Tensor:
    """Display colours (count, 3), 0 to 1, of skins from the darkest to the lightest."""
    return tone_colours(torch.linspace(DARKEST, LIGHTEST, count)).exp() ** (1 / 2.2)


def random_looks(
    draw: Draw, count: int, means: Tensor, skins: Tensor, light: Tensor, bare: bool = True
) -> Looks:
    """Looks of `count` hands; skins: the indices (K,) to choose from; light (L, 9, 3).

    means: of all skins, as in `Surface`. bare: the skins are skin, to be recoloured and adorned,
    and not gloves.
    """
    lightness = draw.between(DARKEST, LIGHTEST, count)
    ruddy = torch.tensor(RUDDY, device=draw.device) * draw.normal(count, 1)
    wanted = tone_colours(lightness) + ruddy + 0.03 * draw.normal(count, 3)
    # Of three skins the one that needs the least recolouring.
    three = skins[draw.index(len(skins), count, 3)]
    effort = (means[three] - wanted[:, None]).norm(dim=-1)
    skin = three.gather(1, effort.argmin(1, keepdim=True))[:, 0]

    def wears(what: str) -> Tensor:
        return draw.chance(RARE[what] * bare, count)

    def strength(share: float, most: float) -> Tensor:
        return draw.between(0, most * bare, count) * draw.chance(share, count)

    watch, bracelet, gloved = wears("watch"), wears("bracelet"), wears("glove")
    polish = draw.uniform(count, 3) ** 2
    rosy = wanted.exp() * torch.tensor([1.15, 1.05, 1.1], device=draw.device)
    polished = wears("polish")[:, None]
    opacity = torch.where(polished, 0.95, 0.35 * bare)
    gold = torch.tensor([0.9, 0.7, 0.4], device=draw.device)
    silver = torch.tensor([0.75, 0.75, 0.78], device=draw.device)
    long_sleeve = draw.uniform(count) < 0.45
    start = torch.where(long_sleeve, draw.between(-5, 90, count), draw.between(90, 300, count))
    cloth = _cloth(draw, count)
    fabric, sheen = _gloves(draw, count)
    lamp_way = draw.normal(count, 3) + torch.tensor([0, -0.6, -0.6], device=draw.device)
    strong = draw.between(0, 0.9, count, 1) * (draw.uniform(count, 1) < 0.7)
    return Looks(
        skin=skin,
        tone=(lightness - DARKEST) / (LIGHTEST - DARKEST),
        shift=(wanted - means[skin]) * bare,
        place=draw.between(-20, 20, count, 3),
        mottled=strength(0.8, 0.3),
        veined=strength(0.4, 0.35),
        hairy=strength(0.35, 0.5),
        creased=strength(0.9, 0.35),
        tattooed=wears("tattoo") * draw.between(0.5, 0.9, count),
        nails=torch.cat([torch.where(polished, polish, rosy), opacity], 1),
        ring=torch.where(wears("ring"), 1 + draw.index(4, count), -2),
        metal=torch.where(draw.chance(0.5, count, 1), gold, silver)
        * draw.between(0.5, 1, count, 1),
        watch=torch.where(watch | bracelet, draw.between(18, 45, count), NOWHERE),
        strap=_cloth(draw, count)[:, 0],
        dial=torch.where(watch, draw.between(13, 20, count), 2.5),
        glove=torch.where(gloved, draw.between(0, 70, count), NOWHERE),
        fabric=fabric,
        sheen=sheen,
        sleeve=start,
        cloth=cloth,
        stripe=draw.between(4, 60, count),
        gloss=draw.between(0, 0.35, count) * draw.uniform(count),
        light=_room(draw, count, light),
        lamp=F.normalize(lamp_way, dim=-1),
        lamp_colour=strong * (1 + 0.12 * draw.normal(count, 3)) * _coloured(draw, count),
        relief=draw.between(0.0, 1.0, count),
    )


def _cloth(draw: Draw, count: int) -> Tensor:
    """Two colours (count, 2, 3) of one fabric, many of them dark or grey."""
    colour = draw.uniform(count, 1, 1) ** 1.5 * (1 + 0.3 * draw.normal(count, 1, 3))
    return (colour + 0.25 * draw.normal(count, 2, 3) * draw.uniform(count, 1, 1)).clamp(0.02, 0.9)


def _gloves(draw: Draw, count: int) -> tuple[Tensor, Tensor]:
    """Colours (count, 3) of gloves, half of them of rubber, and their highlights (count,)."""
    colours = torch.tensor(RUBBER, device=draw.device)
    rubber = colours[draw.index(len(colours), count)] * draw.between(0.7, 1.1, count, 1)
    thin = draw.chance(0.5, count)
    fabric = torch.where(thin[:, None], rubber.clamp(max=0.9), _cloth(draw, count)[:, 0])
    return fabric, draw.between(0.0, 0.35, count) * thin


def _coloured(draw: Draw, count: int) -> Tensor:
    """Colours (count, 3) of light, most of them white; the others have one strong channel."""
    colour = draw.uniform(count, 3) ** 2 + 0.04
    colour = 1.3 * colour / colour.amax(1, keepdim=True)
    return torch.where(draw.chance(COLOURED_LIGHT, count, 1), colour, 1.0)


def _room(draw: Draw, count: int, light: Tensor) -> Tensor:
    """Light (count, 9, 3) of rooms (L, 9, 3)."""
    room = light[draw.index(len(light), count)]
    # Half of the rooms are close to even light, as a cloudy window or many lamps give.
    contrast = draw.between(0.3, 1.1, count, 1, 1)
    room = torch.cat([room[:, :1], room[:, 1:] * contrast], 1)
    white = (1 + 0.12 * draw.normal(count, 1, 3)) * _coloured(draw, count)[:, None]
    return room * (white * draw.between(0.45, 1.05, count, 1, 1))
