# SPDX-License-Identifier: Apache-2.0
"""Writes the figures that the signal package is held against.

Run once with scipy 1.17.0 and numpy 2.4.1:  python make_figures.py
Each line of figures.csv is a name, the parameters, and values, separated by commas. Inputs are
whole microvolts; outputs are scipy's results in microvolts with 17 digits.
"""
import csv
import pathlib

import numpy as np
from scipy import ndimage, signal

FOLDER = pathlib.Path(__file__).parent


def ecg(rate, seconds, seed):
    """An ECG-like lead in whole microvolts: beats, drift, mains and noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(rate * seconds)) / rate
    x = 300 * np.sin(2 * np.pi * 0.21 * t + seed) + 40 * np.sin(2 * np.pi * 50 * t) - 700 + 55 * t
    beat = 0.3
    while beat < seconds:
        for offset, height, width in ((-0.16, 110, 0.022), (-0.02, -140, 0.009), (0, 1250, 0.011),
                                      (0.025, -260, 0.011), (0.26, 320, 0.045)):
            x = x + height * np.exp(-0.5 * ((t - beat - offset) / width) ** 2)
        beat += 0.8 + 0.05 * rng.standard_normal()
    return np.round(x + 12 * rng.standard_normal(t.size))


def default(x, rate):
    """The preset `default`: to 100 Hz, then the band-pass."""
    fraction = {1000: (1, 10), 500: (1, 5), 250: (2, 5), 128: (25, 32), 257: (100, 257),
                360: (5, 18), 100: (1, 1)}[rate]
    y = signal.resample_poly(x, *fraction, padtype="line")
    sos = signal.butter(4, [0.5, 45], "band", fs=100, output="sos")
    return signal.sosfiltfilt(sos, y, padtype="odd", padlen=27)


def main():
    rows = []

    def put(name, parameters, values):
        rows.append([name, parameters] + [repr(float(v)) for v in values])

    for seed, (rate, seconds) in enumerate([(100, 4), (128, 3), (250, 2.5), (257, 2.2), (360, 2),
                                            (500, 2.5), (1000, 1.5)]):
        x = ecg(rate, seconds, seed)
        put("input", rate, x)
        put("default", rate, default(x, rate))
        y = default(x, rate)
        put("paper", rate, y - ndimage.median_filter(y, 61, mode="nearest"))
    x = ecg(100, 1.37, 11)
    put("input", "short", x)
    for up, down in ((5, 1), (10, 1), (32, 25), (257, 100), (3, 7)):
        put("resample", f"{up}/{down}", signal.resample_poly(x, up, down, padtype="line"))
    sos = signal.butter(4, [0.5, 45], "band", fs=100, output="sos")
    put("minimum", 28, signal.sosfiltfilt(sos, x[:28], padtype="odd", padlen=27))
    for order, low, high, rate in ((4, 0.5, 45, 100), (2, 5, 15, 100), (4, 0.5, 45, 500), (3, 1, 40, 250)):
        sos = signal.butter(order, [low, high], "band", fs=rate, output="sos")
        put("butter", f"{order}/{low}/{high}/{rate}",
            signal.sosfiltfilt(sos, x, padtype="odd", padlen=27))
    put("median", 7, ndimage.median_filter(x, 7, mode="nearest"))
    put("median", 301, ndimage.median_filter(x, 301, mode="nearest"))
    with open(FOLDER / "figures.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


main()
