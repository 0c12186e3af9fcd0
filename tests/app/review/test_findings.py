import numpy as np
import pytest
from fake_parts import make_estimate, make_hand

from dfmamba_live.review.findings import LOW_CONFIDENCE, Finding, Findings


def finding(settled=True, **confidence):
    hands = []
    for side, mean in confidence.items():
        hand = make_hand(side)
        hand.confidence[:] = mean
        hands.append(hand)
    return Finding(make_estimate(hands), settled)


def test_the_overview_tells_sides_apart_and_unseen_from_empty():
    findings = Findings(4)
    findings.put(1, finding(left=0.5, right=0.8))
    findings.put(2, finding(settled=False))
    overview = findings.overview()
    assert overview.confidence[:, 1] == pytest.approx([0.5, 0.8])
    assert np.isnan(overview.confidence[:, [0, 2, 3]]).all()
    assert overview.seen.tolist() == [False, True, True, False]
    assert overview.settled.tolist() == [False, True, False, False]


def test_a_settled_estimate_is_never_replaced_by_a_first_one():
    findings = Findings(2)
    first, settled = finding(settled=False, left=0.2), finding(left=0.9)
    findings.put(0, first)
    assert findings.get(0) is first
    findings.put(0, settled)
    findings.put(0, first)
    assert findings.get(0) is settled
    assert findings.overview().confidence[0, 0] == pytest.approx(0.9)


def test_the_overview_outlives_the_estimates():
    findings = Findings(50, limit=8000)
    for index in range(50):
        findings.put(index, finding(left=0.7))
    assert findings.get(0) is None
    assert findings.get(49) is not None
    assert findings.overview().seen.all()


def test_jumps_find_the_nearest_frame_of_low_confidence_and_no_other():
    findings = Findings(10)
    sure, unsure = LOW_CONFIDENCE + 0.01, LOW_CONFIDENCE - 0.01
    for index in range(9):
        findings.put(index, finding(left=unsure if index in (2, 6, 7) else sure, right=sure))
    findings.put(4, finding())  # no hand is not an unsure one
    assert [findings.low_after(i) for i in (0, 2, 5, 6, 7)] == [2, 6, 6, 7, None]
    assert [findings.low_before(i) for i in (9, 7, 6, 2)] == [7, 6, 2, None]
