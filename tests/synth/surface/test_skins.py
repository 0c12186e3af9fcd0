from dataclasses import fields, replace

import pytest
import torch
from torch.nn import functional as F

from dfmamba.synth.draw import Draw
from dfmamba.synth.hand.rig import BONE_NAMES, FINGER_BONES
from dfmamba.synth.mesh import vertex_normals
from dfmamba.synth.raster.zbuffer import Hits
from dfmamba.synth.surface.looks import (
    DARKEST,
    LIGHTEST,
    NOWHERE,
    RARE,
    Looks,
    random_looks,
    some_tones,
    tone_colours,
)
from dfmamba.synth.surface.skins import Surface, paint
from dfmamba.synth.surface.textures import atlas_uv, procedural

MANY = 3000
TO_Y = torch.tensor([0.2126, 0.7152, 0.0722])


def lightness(linear):
    """CIE 1976 L* of linear colours (..., 3)."""
    return 116 * (linear @ TO_Y).clamp(min=0.01) ** (1 / 3) - 16


@pytest.fixture(scope="module")
def textures():
    return procedural()


@pytest.fixture(scope="module")
def surface(arrays, textures):
    return Surface.of(arrays, atlas_uv(arrays)[0], textures.skins)


@pytest.fixture(scope="module")
def many(surface, textures):
    skins = torch.tensor([0, 2, 3])
    return random_looks(Draw(0, "cpu"), MANY, surface.means, skins, textures.light)


@pytest.fixture
def plain(surface, textures):
    """One hand that wears nothing, its skin without any detail."""
    looks = random_looks(Draw(1, "cpu"), 1, surface.means, torch.arange(4), textures.light)
    none = torch.zeros(1)
    return replace(
        looks,
        mottled=none,
        veined=none,
        hairy=none,
        creased=none,
        tattooed=none,
        nails=torch.zeros(1, 4),
        ring=none - 2,
        watch=none + NOWHERE,
        glove=none + NOWHERE,
        sheen=none,
        sleeve=none + 1e4,
        gloss=none,
        shift=torch.zeros(1, 3),
    )


def everywhere(surface):
    """The middle of each triangle of one hand, and its place: rest position, along, across, up."""
    count = len(surface.triangles)
    rows = torch.arange(count)
    hits = Hits(rows, torch.zeros_like(rows), rows, torch.full((count, 3), 1 / 3), rows + 500.0)
    return hits, surface.points[surface.triangles].mean(1)


def painted(looks, surface):
    hits, points = everywhere(surface)
    return *paint(hits, looks, surface), points


def test_tones_are_as_light_as_they_say():
    wanted = torch.linspace(DARKEST, LIGHTEST, 30)
    found = lightness(tone_colours(wanted).exp())
    assert (found - wanted).abs().max() < 4
    assert (found.diff() > 0).all()
    tones = some_tones(30)
    assert tones.min() > 0
    assert tones.max() < 1
    assert (tones[:, 0] > tones[:, 2]).all()  # skin is redder than it is blue


def test_normals_are_unit_and_look_outwards(arrays):
    normals = vertex_normals(arrays.vertices[None], arrays.triangles)[0]
    torch.testing.assert_close(normals.norm(dim=-1), torch.ones(len(normals)))
    boxes = arrays.vertices.view(-1, 8, 3)
    outwards = F.normalize(boxes - boxes.mean(1, keepdim=True), dim=-1).flatten(0, 1)
    assert ((normals * outwards).sum(-1) > 0).all()


def test_places_on_the_fingers(surface, arrays):
    last = arrays.weights[:, [BONE_NAMES.index(name) for name in FINGER_BONES[2::3]]].amax(1) > 0.5
    along = surface.points[:, 3]
    middles = along[last].view(5, 8).mean(1)  # of the last bones' boxes
    torch.testing.assert_close(middles, torch.full((5,), 2.5), atol=1e-3, rtol=0)
    off = arrays.weights[:, [BONE_NAMES.index(name) for name in FINGER_BONES]].sum(1) < 0.5
    assert (along[off] == -1).all()
    assert (surface.points[last, 4].abs() <= 1 + 1e-5).all()
    owner = surface.finger.view(len(BONE_NAMES), 12)
    assert (owner == owner[:, :1]).all()  # a box is of one finger
    assert sorted(owner[:, 0].unique().tolist()) == [-1, 0, 1, 2, 3, 4]


def test_looks_come_from_the_skins_they_may(many):
    assert set(many.skin.unique().tolist()) == {0, 2, 3}
    assert all(len(getattr(many, field.name)) == MANY for field in fields(Looks))
    assert all(getattr(many, field.name).isfinite().all() for field in fields(Looks))


def test_every_tone_is_drawn_and_reached(many, surface):
    assert many.tone.histc(10, 0, 1).min() > 0.7 * MANY / 10
    reached = lightness((surface.means[many.skin] + many.shift).exp())
    wanted = DARKEST + (LIGHTEST - DARKEST) * many.tone
    assert (reached - wanted).abs().median() < 3
    assert torch.corrcoef(torch.stack([reached, wanted]))[0, 1] > 0.97


def test_things_are_worn_as_rarely_as_they_are(many):
    worn = {
        "glove": many.glove > NOWHERE,
        "tattoo": many.tattooed > 0,
        "ring": many.ring >= 0,
        "watch": (many.watch > NOWHERE) & (many.dial > 5),
        "polish": many.nails[:, 3] > 0.9,
    }
    for name, hands in worn.items():
        assert hands.float().mean().item() == pytest.approx(RARE[name], rel=0.3), name


def test_gloves_are_of_cloth_or_shine_and_have_many_colours(many):
    assert ((many.sheen > 0).float().mean() - 0.5).abs() < 0.1
    assert many.sheen.max() < 0.4
    assert ((many.fabric > 0) & (many.fabric <= 0.9)).all()
    strongest = many.fabric[many.sheen > 0].argmax(1)
    assert strongest.bincount(minlength=3).min() > 0.04 * len(strongest)


def test_a_few_lights_have_one_strong_colour(many):
    room = many.light[:, 0].clamp(min=1e-3)
    coloured = room.amin(1) < 0.4 * room.amax(1)
    assert 0.01 < coloured.float().mean() < 0.12


def test_gloves_are_neither_recoloured_nor_adorned(surface, textures):
    looks = random_looks(
        Draw(2, "cpu"), MANY, surface.means, torch.arange(4), textures.light, bare=False
    )
    assert not looks.shift.any()
    for strength in (looks.mottled, looks.veined, looks.hairy, looks.creased, looks.tattooed):
        assert not strength.any()
    assert (looks.ring < 0).all()
    assert (looks.watch == NOWHERE).all()
    assert (looks.glove == NOWHERE).all()
    assert not looks.nails[:, 3].any()


def test_recolouring_moves_the_whole_skin_and_palms_less(plain, surface):
    before, _, points = painted(plain, surface)
    darker, *_ = painted(replace(plain, shift=torch.full((1, 3), -0.5)), surface)
    factor = (darker / before).mean(1)
    back, palm = points[:, 5] > 0.5, points[:, 5] < -0.5
    torch.testing.assert_close(factor[back], torch.full_like(factor[back], -0.5).exp())
    assert (factor[palm] > factor[back].max() + 0.05).all()
    assert (factor < 1).all()


def test_polish_covers_the_nails_and_nothing_else(plain, surface):
    polish = torch.tensor([[0.8, 0.0, 0.1, 1.0]])
    before, dull, points = painted(plain, surface)
    after, gloss, _ = painted(replace(plain, nails=polish), surface)
    changed = ((after - before).abs() > 0.01).any(1)
    assert changed.any()
    assert (points[changed, 3] > 2.4).all()
    assert (points[changed, 5] > 0.3).all()
    assert torch.equal(gloss > dull, changed)
    fingers = surface.finger[changed].unique().tolist()
    assert fingers == [0, 1, 2, 3, 4]


def test_a_ring_is_on_its_finger_only(plain, surface):
    metal = torch.tensor([[0.9, 0.7, 0.4]])
    hits, _ = everywhere(surface)
    # The boxes have no triangle in the middle where a ring sits: look right there instead.
    first = surface.points.clone()
    on_first = hits.triangle // 12 == BONE_NAMES.index(FINGER_BONES[6])
    first[surface.triangles[on_first].flatten(), 3] = 0.62
    worn = replace(plain, ring=torch.tensor([2]), metal=metal)
    colours, gloss = paint(hits, worn, replace(surface, points=first))
    shiny = gloss > 0.5
    assert torch.equal(shiny, on_first)
    assert (colours[shiny] == metal).all()


def test_a_sleeve_covers_the_forearm_beyond_its_start(plain, surface):
    cloth = torch.tensor([[[0.1, 0.2, 0.9], [0.1, 0.2, 0.9]]])
    glossy = replace(plain, gloss=torch.ones(1))
    dressed = replace(glossy, sleeve=torch.tensor([60.0]), cloth=cloth)
    before, _, points = painted(glossy, surface)
    after, gloss, _ = painted(dressed, surface)
    beyond, bare = points[:, 1] > 67, points[:, 1] < 57
    assert beyond.any()
    assert (after[beyond] == cloth[0, 0]).all()
    assert not gloss[beyond].any()
    assert torch.equal(after[bare], before[bare])
    assert (gloss[bare] == 1).all()


def test_a_glove_covers_the_hand_up_to_its_end(plain, surface):
    green = torch.tensor([[0.0, 0.5, 0.0]])
    worn = replace(plain, glove=torch.tensor([30.0]), fabric=green)
    gloved = replace(worn, sheen=torch.tensor([0.2]))
    before, _, points = painted(plain, surface)
    after, gloss, _ = painted(gloved, surface)
    inside, beyond = points[:, 1] < 29, points[:, 1] > 34
    assert (after[inside, 1] > 0.3).all()
    assert not after[inside][:, [0, 2]].any()
    assert gloss[inside].unique().tolist() == pytest.approx([0.2])
    assert beyond.any()
    assert torch.equal(after[beyond], before[beyond])


def test_a_watch_is_a_band_with_a_dial_on_the_back(plain, surface):
    strap = torch.tensor([[0.05, 0.3, 0.6]])
    hits, _ = everywhere(surface)
    worn = replace(plain, watch=torch.tensor([40.0]), strap=strap, dial=torch.tensor([15.0]))
    spots = torch.tensor(
        [
            [0.0, 40, 0, -1, 0, 1],  # the dial's middle
            [0.0, 40, 0, -1, 0, -1],  # under it, on the palm's side
            [14.0, 40, 0, -1, 0, 1],  # its rim
            [30.0, 40, 0, -1, 0, 0],  # the strap beside it
            [0.0, 60, 0, -1, 0, 1],  # the arm beyond
        ]
    )
    rows = torch.arange(3 * len(spots)).view(-1, 3)
    few = replace(
        surface,
        triangles=rows,
        uv=surface.uv[: len(spots)],
        points=spots.repeat_interleave(3, 0),
        finger=torch.full((len(spots),), -1),
    )
    at = Hits(*(part[: len(spots)] for part in hits))
    bare = paint(at, plain, few)[0]
    colours, gloss = paint(at, worn, few)
    torch.testing.assert_close(colours[0], 0.3 * strap[0])
    torch.testing.assert_close(colours[[1, 3]], strap.expand(2, 3))
    torch.testing.assert_close(colours[2], worn.metal[0])
    torch.testing.assert_close(colours[4], bare[4])
    assert gloss.tolist() == pytest.approx([0.7, 0.1, 0.7, 0.1, 0.0])


def test_details_darken_the_skin_or_leave_it(plain, surface):
    before, *_ = painted(plain, surface)
    for name in ("veined", "hairy", "creased", "tattooed"):
        after, *_ = painted(replace(plain, **{name: torch.ones(1)}), surface)
        assert (after <= before + 1e-6).all(), name
        assert (after >= 0).all(), name
