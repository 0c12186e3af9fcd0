from itertools import chain

import numpy as np
import pytest
import torch
from spot import BODY, FRAME, SpotNetwork, ToldDetector, detection, joints_at, picture

from dfmamba.camera import Intrinsics
from dfmamba.errors import NotFinite
from dfmamba.frame import Frame
from dfmamba.hand import WRIST_TO_MIDDLE_MCP_MM
from dfmamba.model import DFMambaConfig, HandNetwork, HeatmapConfig, NetworkConfig
from dfmamba.pipeline import STAGES, HandEstimator
from dfmamba.pipeline.track import SETTLED
from dfmamba.pipeline.tracker import SEARCH_EVERY_S

RATE = 30


def estimator(*seen, **options):
    return HandEstimator(SpotNetwork(), detector=ToldDetector(*seen), **options)


def test_a_hand_is_posed_where_it_is():
    estimate = estimator(detection(150, 110))(Frame(picture((150, 110)), 0.0))
    (hand,) = estimate.hands
    np.testing.assert_allclose(hand.joints_px, joints_at(150, 110), atol=1.0)
    facing = estimate.regions[0].crop.facing(Intrinsics.assumed(*FRAME[::-1]))
    np.testing.assert_allclose(hand.joints_mm @ facing.T, BODY * WRIST_TO_MIDDLE_MCP_MM, atol=1e-4)
    np.testing.assert_allclose(hand.box_px, [*hand.joints_px.min(0), *hand.joints_px.max(0)])
    assert hand.score > 0.9
    assert [each.crop for each in estimate.regions] == [detection(150, 110).crop]
    assert estimate.regions[0].traces == ()
    assert set(estimate.stage_ms) == set(STAGES)


def test_a_moving_hand_is_followed_without_the_detector():
    told = ToldDetector(detection(80, 110))
    track = HandEstimator(SpotNetwork(), detector=told, max_hands=1, smooth=False)
    for index in range(20):
        x = 80 + 6 * index
        (hand,) = track(Frame(picture((x, 110)), index / RATE)).hands
        np.testing.assert_allclose(hand.joints_px, joints_at(x, 110), atol=2.0)
    assert told.calls == SETTLED


def test_the_mirrored_picture_gives_the_mirrored_pose():
    width = FRAME[1]
    (right,) = estimator(detection(150, 110))(Frame(picture((150, 110)), 0.0)).hands
    mirrored = picture((150, 110))[:, ::-1]
    (left,) = estimator(detection(width - 150, 110, "left"))(Frame(mirrored, 0.0)).hands
    assert (right.side, left.side) == ("right", "left")
    np.testing.assert_allclose(left.joints_px, [width, 0] + right.joints_px * [-1, 1], atol=1e-2)
    np.testing.assert_allclose(left.joints_mm, right.joints_mm * [-1, 1, 1], atol=1e-4)
    np.testing.assert_allclose(left.root_mm, right.root_mm * [-1, 1, 1], rtol=1e-3)


class SidedNetwork(SpotNetwork):
    """Knows a right hand by a second, dim spot to the right of the hand's."""

    def __init__(self, logit):
        super().__init__()
        self.logit = logit

    def forward(self, images):
        light = images.mean((1, 2))
        half = light.shape[-1] // 2
        towards = light[:, half:].sum(1) - light[:, :half].sum(1)
        maps = super().forward(images)
        maps.hand[:, 1] = self.logit * torch.sign(towards)
        return maps


@pytest.mark.parametrize(("logit", "score", "side"), [(6.0, 0.9, "right"), (0.5, 0.9, "left")])
def test_a_sure_network_mends_the_side_of_a_new_hand_at_once(logit, score, side):
    told = ToldDetector(detection(150, 110, "left", score))
    find = HandEstimator(SidedNetwork(logit), detector=told)
    image = np.maximum(picture((150, 110)), picture((172, 110)) // 4)
    estimate = find(Frame(image, 0.0))
    assert [hand.side for hand in estimate.hands] == [side]
    assert estimate.regions[0].crop.mirrored == (side == "left")


class LostNetwork(SpotNetwork):
    def forward(self, images):
        maps = super().forward(images)
        maps.hand[:] = torch.nan
        return maps


def test_values_that_are_not_finite_are_no_missing_hand():
    find = HandEstimator(LostNetwork(), detector=ToldDetector(detection(150, 110)))
    with pytest.raises(NotFinite, match="not finite"):
        find(Frame(picture((150, 110)), 0.0))


def test_two_hands_take_one_call_of_the_network():
    places = (80, 120), (240, 120)
    network, told = SpotNetwork(), (detection(*places[0]), detection(*places[1], "left"))
    find = HandEstimator(network, detector=ToldDetector(*told))
    for index in range(SETTLED + 1):
        estimate = find(Frame(picture(*places), index / RATE))
    assert [hand.side for hand in estimate.hands] == ["right", "left"]
    assert [len(region.hands) for region in estimate.regions] == [1, 1]
    assert network.calls == 2 * SETTLED + 1  # new hands are looked at mirrored, too


def test_a_hand_that_leaves_is_lost_and_found_again():
    find = estimator(detection(150, 110))
    seen = [
        len(find(Frame(picture((150, 110)) if lit else picture(), index / RATE)).hands)
        for index, lit in enumerate((True, True, False, False, True))
    ]
    assert seen == [1, 1, 0, 0, 1]


def test_a_second_hand_is_found_in_time():
    told = ToldDetector(detection(80, 120))
    find = HandEstimator(SpotNetwork(), detector=told)
    both = picture((80, 120), (240, 120))
    find(Frame(both, 0.0))
    told.seen.append(detection(240, 120))
    times = np.arange(0, SEARCH_EVERY_S + 0.2, 1 / RATE)
    assert len([find(Frame(both, time)).hands for time in times][-1]) == 2


def test_without_a_hand_the_network_rests():
    network = SpotNetwork()
    estimate = HandEstimator(network, detector=ToldDetector())(Frame(picture(), 0.0))
    assert estimate.regions == estimate.hands == ()
    assert estimate.detected
    assert network.calls == 0


def test_a_run_beside_another_finds_the_same_and_leaves_it_alone():
    find = estimator(detection(150, 110))
    other = find.beside()
    places = [(150, 110), (155, 110), (160, 112)]
    for index, place in enumerate(places):
        (expected,) = find(Frame(picture(place), index / RATE)).hands
        (found,) = other(Frame(picture(place), index / RATE)).hands
        np.testing.assert_array_equal(found.joints_px, expected.joints_px)
        np.testing.assert_array_equal(found.joints_mm, expected.joints_mm)
    assert not other(Frame(picture(), 9.0)).hands
    assert find(Frame(picture(place), 3 / RATE)).hands


def test_time_that_runs_backwards_starts_afresh():
    told = ToldDetector(detection(80, 120))
    find = HandEstimator(SpotNetwork(), detector=told, max_hands=1)
    for index in range(SETTLED + 1):
        estimate = find(Frame(picture((80, 120)), index / RATE))
    assert not estimate.detected
    told.seen = [detection(240, 120)]
    estimate = find(Frame(picture((240, 120)), 0.0))
    assert estimate.detected
    np.testing.assert_allclose(estimate.hands[0].joints_px, joints_at(240, 120), atol=1.0)


def test_a_frame_that_does_not_follow_starts_afresh():
    told = ToldDetector(detection(80, 120))
    find = HandEstimator(SpotNetwork(), detector=told, max_hands=1)
    for index in range(SETTLED + 2):
        find(Frame(picture((80, 120)), index / RATE))
    assert told.calls == SETTLED
    find(Frame(picture((80, 120)), 1.0, follows=False))
    assert told.calls == SETTLED + 1


def test_a_frame_of_another_size_starts_afresh():
    told = ToldDetector(detection(80, 120))
    find = HandEstimator(SpotNetwork(), detector=told, max_hands=1)
    for index in range(SETTLED + 2):
        find(Frame(picture((80, 120)), index / RATE))
    assert told.calls == SETTLED
    find(Frame(picture((80, 120))[:-16, :-16], 1.0))
    assert told.calls == SETTLED + 1


def test_the_estimate_tells_the_camera_that_was_assumed():
    find = HandEstimator(SpotNetwork(), detector=ToldDetector(), fov_deg=90)
    assert find(Frame(picture())).camera == Intrinsics.assumed(*FRAME[::-1], 90)


def test_smoothing_steadies_and_can_be_off():
    rng = np.random.default_rng(0)
    places = 150 + rng.normal(0, 1, 40)
    spread = {}
    for smooth in (False, True):
        find = estimator(detection(150, 110), smooth=smooth)
        wrists = [
            find(Frame(picture((x, 110)), index / RATE)).hands[0].joints_px[0, 0]
            for index, x in enumerate(places)
        ]
        spread[smooth] = np.std(wrists[10:])
    assert spread[True] < 0.7 * spread[False]


def test_the_root_projects_onto_the_wrist():
    camera = Intrinsics(300, 300, 160, 120)
    (hand,) = estimator(detection(150, 110))(Frame(picture((150, 110)), 0.0, camera)).hands
    errors = camera.project(hand.camera_mm) - hand.joints_px
    assert np.abs(errors).mean() < 0.1 * np.ptp(hand.joints_px, axis=0).max()


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 2)])
def test_odd_images_do_no_harm(size):
    find = estimator(detection(150, 110))
    assert find(Frame(np.zeros((*size, 3), np.uint8), 0.0)).hands == ()


def test_traces_are_numpy_and_tell_of_each_layer_of_each_hand():
    torch.manual_seed(0)
    small = DFMambaConfig("CCDGDG", 8, (1,) * 6, (8, 16, 32, 32, 64, 64))
    network = HandNetwork(NetworkConfig(small, HeatmapConfig(16), 64))
    torch.nn.init.constant_(network.decoder.heatmap[-1].bias, 9.0)  # sure of hands everywhere
    places = (80, 120), (240, 120)
    find = HandEstimator(network, detector=ToldDetector(*(detection(*each) for each in places)))
    untraced = find(Frame(picture(*places), 0.0)).regions
    assert [region.traces for region in untraced] == [(), ()]
    find.tracing = True
    estimate = find(Frame(picture(*places), 0.1))
    traces = [region.traces for region in estimate.regions]
    assert [len(each) for each in traces] == [len(network.scan_layers)] * 2
    for trace in chain(*traces):
        tokens, anchors = trace.height * trace.width, len(trace.anchors)
        assert isinstance(trace.offsets, np.ndarray)
        assert trace.offsets.shape == (tokens, anchors, 2)
        assert trace.weights.shape == (tokens, anchors)
        assert trace.step.shape == trace.order.shape == (tokens,)


def test_close_reaches_the_detector():
    told = ToldDetector()
    HandEstimator(SpotNetwork(), detector=told).close()
    assert told.closed
