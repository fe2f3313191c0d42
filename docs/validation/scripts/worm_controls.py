"""``make controls``: run every control of the worm and write its table in docs/validation/worm.md.

Each row is a run of the command line, played with 20 seeds (or shuffles); what is judged is always the motion
of the body. Usage: python docs/validation/scripts/worm_controls.py [--seeds 20] [--only KEY ...]
"""

from __future__ import annotations

import numpy as np
from control_table import Check, Job, Results, Row, Values, run_table

MARKERS = ("<!-- controls: made by make controls -->", "<!-- /controls -->")

SALT = ("experiment=worm_chemotaxis",)
CRAWL = ("experiment=worm_crawl", "duration_s=60")
SWIM = ("experiment=worm_swim", "duration_s=30")
SETTLED = (5.0, np.inf)
AVA = "perturb.stimulate=[{neurons:[AVA],start_s:10,stop_s:18,current_pA:30}]"
TAIL_TOUCH = "environment.touch=[{segment:segment_21,start_s:10,stop_s:10.5,force_nN:[0,0,-1000]}]"
BACKWARD = (11.0, 18.0)
CI = "chemotaxis_index"
SPEED = "speed_mm_s"


def ci(low: float = -np.inf, high: float = np.inf) -> Check:
    return Check(CI, low, high, label="CI")


def speed(of: str, low: float = -np.inf, high: float = np.inf) -> Check:
    return Check(SPEED, low, high, of=of, label="speed / intact")


def below_flat(row: Row, results: Results) -> bool:
    own, flat = row.checks[0].value(row.key, results), row.checks[0].value("flat", results)
    return own is not None and flat is not None and own < flat


def either_falls(row: Row, results: Results) -> bool:
    values = [check.value(row.key, results) for check in row.checks]
    return any(value is not None and value <= 0.75 for value in values)


ROWS = (
    Row("intact", "intact, chemotaxis", "CI >= 0.35; reaches the peak in >= 70 %", SALT,
        (ci(0.35), Check("reached_peak", 0.7, label="reached"), Check(SPEED, label="mm/s"))),
    Row("no_ase", "ASEL + ASER ablated", "CI <= 0.1 at >= 70 % of intact speed",
        (*SALT, "perturb.ablate=[ASEL,ASER]"), (ci(high=0.1), speed("intact", 0.7)), needs=("intact",)),
    Row("shuffle_central", "sensory and interneuron wiring shuffled, motor circuit spared",
        "CI <= 0.1 at >= 70 % of intact speed", (*SALT, "perturb.shuffle_wiring=[sensory,interneuron]"),
        (ci(high=0.1), speed("intact", 0.7)), needs=("intact",)),
    Row("shuffle_all", "whole wiring shuffled", "no crawling (< 30 % of intact speed), CI <= 0.1",
        (*SALT, "perturb.shuffle_wiring=true"), (ci(high=0.1), speed("intact", high=0.3)), needs=("intact",)),
    Row("flat", "flat gradient", "CI <= 0.1", (*SALT, "environment.stimulus.flat=true"),
        (ci(high=0.1), speed("intact"))),
    Row("swapped", "ASEL and ASER swapped", "CI below the flat gradient's",
        (*SALT, "perturb.swap=[[ASEL,ASER]]"),
        (ci(), speed("intact")), needs=("flat",), judge=below_flat),
    Row("wide", "never fitted: width 5 mm", "CI >= 0.25",
        (*SALT, "environment.stimulus.width_mm=5"), (ci(0.25),)),
    Row("mirrored", "never fitted: body mirrored", "CI >= 0.25", (*SALT, "body.mirrored=true"), (ci(0.25),)),
    Row("moved", "never fitted: peak moved to (6, -4) mm", "CI >= 0.25",
        (*SALT, "environment.stimulus.centre_mm=[6,-4]"), (ci(0.25),)),
    Row("weak", "never fitted: peak 10 mM", "CI >= 0.25",
        (*SALT, "environment.stimulus.peak_mM=10"), (ci(0.25),)),
    Row("crawl", "crawl on agar", "0.2-0.8 Hz; 0.1-0.3 mm/s; 0.5-0.9 L; forward >= 80 %", CRAWL,
        (Check("undulation_hz", 0.2, 0.8, label="Hz"), Check(SPEED, 0.1, 0.3, label="mm/s"),
         Check("wavelength_body_lengths", 0.5, 0.9, label="L"),
         Check("forward_fraction", 0.8, label="forward")),
        SETTLED),
    Row("swim", "swim in water, same parameters",
        ">= 2x the crawl's frequency, longer wavelength; aim 1.7-2 Hz", SWIM,
        (Check("undulation_hz", 2.0, of="crawl", label="Hz / crawl"),
         Check("wavelength_body_lengths", 1.0, of="crawl", label="L / crawl"),
         Check("undulation_hz", label="Hz")),
        SETTLED, ("crawl",)),
    Row("no_b", "DB + VB ablated", "forward speed < 30 %", (*CRAWL, "perturb.ablate=[DB,VB]"),
        (Check("axial_speed_mm_s", high=0.3, of="crawl", label="forward / intact"),), SETTLED, ("crawl",)),
    Row("no_a", "DA + VA ablated", "forward kept (70-140 %)", (*CRAWL, "perturb.ablate=[DA,VA]"),
        (Check("axial_speed_mm_s", 0.7, 1.4, of="crawl", label="forward / intact"),), SETTLED, ("crawl",)),
    Row("no_a_back", "DA + VA ablated, AVA stimulated", "no reversal (backward < 0.02 mm/s)",
        ("experiment=worm_crawl", "duration_s=20", AVA, "perturb.ablate=[DA,VA]"),
        (Check("axial_speed_mm_s", -0.02, label="axial mm/s"),), BACKWARD),
    Row("no_d_swim", "DD + VD ablated, swimming", "frequency or amplitude down >= 25 %",
        (*SWIM, "perturb.ablate=[DD,VD]"),
        (Check("undulation_hz", of="swim", label="Hz / intact"),
         Check("bend_rms_per_mm", of="swim", label="amplitude / intact")), SETTLED, ("swim",), either_falls),
    Row("no_d_crawl", "DD + VD ablated, crawling", "crawling survives (>= 50 % of the speed)",
        (*CRAWL, "perturb.ablate=[DD,VD]"),
        (Check("axial_speed_mm_s", 0.5, of="crawl", label="forward / intact"),), SETTLED, ("crawl",)),
    Row("no_avb", "AVB ablated", "forward impaired (< 50 %)", (*CRAWL, "perturb.ablate=AVB"),
        (Check("axial_speed_mm_s", high=0.5, of="crawl", label="forward / intact"),), SETTLED, ("crawl",)),
    Row("back", "AVA stimulated (30 pA), intact", "reversal within 2 s, backward > 0.05 mm/s",
        ("experiment=worm_crawl", "duration_s=20", AVA),
        (Check("axial_speed_mm_s", high=-0.05, label="axial mm/s"),
         Check("reversal_latency_s", high=2.0, stat=np.median, label="latency s")), BACKWARD),
    Row("head_touch", "gentle touch of the head", "reversal",
        ("experiment=worm_touch", "duration_s=20"),
        (Check("least_axial_speed_mm_s", high=-0.02, label="axial mm/s, lowest 1 s"),), (10.0, 14.0)),
    Row("tail_touch", "gentle touch of the tail", "forward acceleration",
        ("experiment=worm_touch", "duration_s=20", TAIL_TOUCH),
        (Check("acceleration_mm_s", 0.005, label="after - before, mm/s"),), (10.0, 14.0)),
)  # fmt: skip


def play(job: Job) -> tuple[str, int, Values]:
    """One episode of one row: what its body did."""
    from neuromech.loop import Loop
    from neuromech.specs.compose import load_run
    from neuromech.tracking.trackers.measures import measure
    from neuromech.tracking.trackers.undulation import analyse

    key, overrides, window, seed = job
    dataset = Loop.of(load_run([*overrides, f"seed={seed}"])).play_in_memory()
    values = measure(dataset, *window)
    if window[0] > SETTLED[0]:
        seen = analyse(dataset)
        during = (seen.times >= window[0]) & (seen.times <= window[1])
        before = (seen.times >= window[0] - 5) & (seen.times < window[0] - 1)
        onset = 10.0
        back = seen.times[(seen.times >= onset) & (seen.axial_speed < -0.02)]
        values["reversal_latency_s"] = float(back[0] - onset) if len(back) else 99.0
        values["least_axial_speed_mm_s"] = float(np.nanmin(seen.axial_speed[during]))
        values["acceleration_mm_s"] = float(
            np.nanmean(seen.axial_speed[during]) - np.nanmean(seen.axial_speed[before])
        )
    return key, seed, values


if __name__ == "__main__":
    run_table(__doc__ or "", ROWS, play, "worm.md", MARKERS)
