// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.clinical;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.precordia.signal.BeatFiducials;
import org.precordia.signal.Delineator;

/**
 * Measures beats ({@link Measure}) in recorded and reconstructed leads of a record. Both are
 * measured at the same moments, those of the recorded lead II, each over its own level; only the
 * QRS duration comes from each lead itself.
 *
 * <p>Immutable and safe for concurrent use.
 */
public final class BeatReader {
  /** A beat needs this much of the record on either side of its R peak, in seconds. */
  public static final double EDGE = 0.7;

  private static final double REFERENCE = 0.040;
  private static final double ST60 = 0.060;
  private static final double ST80 = 0.080;
  private static final double MILLISECONDS = 1000;

  private final double rate;
  private final Delineator delineator;

  /**
   * @param rate sampling rate in Hz
   */
  public BeatReader(double rate) {
    this.rate = rate;
    this.delineator = new Delineator(rate);
  }

  /**
   * Finds and measures the beats of a record.
   *
   * @param two the recorded lead II in mV
   * @param rPeaks its R peaks in samples
   * @param truth the recorded target leads in mV, {@code [lead][sample]}; NaN outside of what is
   *     reconstructed
   */
  public TrueBeats find(double[] two, int[] rPeaks, double[][] truth) {
    List<BeatFiducials> measured = new ArrayList<>();
    int atEdge = 0;
    int withoutOnset = 0;
    int withoutJ = 0;
    int withoutT = 0;
    for (BeatFiducials beat : delineator.delineate(two, rPeaks)) {
      if (!isWithin(truth[0], beat.r())) {
        atEdge++;
      } else if (Double.isNaN(beat.qrsOnset())) {
        withoutOnset++;
      } else {
        measured.add(beat);
        withoutJ += Double.isNaN(beat.j()) ? 1 : 0;
        withoutT += Double.isNaN(beat.tPeak()) ? 1 : 0;
      }
    }
    return new TrueBeats(
        List.copyOf(measured),
        values(truth, measured),
        new TrueBeats.Counts(measured.size(), atEdge, withoutOnset, withoutJ, withoutT));
  }

  /**
   * Measures the reconstructed leads at the same beats.
   *
   * @param beats what {@link #find} found
   * @param reconstructed the reconstructed target leads in mV, {@code [lead][sample]}
   */
  public RecordReading read(TrueBeats beats, double[][] reconstructed) {
    double[][][] made = values(reconstructed, beats.beats());
    RecordReading.Cell[][] cells =
        new RecordReading.Cell[Measure.values().length][reconstructed.length];
    for (int measure = 0; measure < cells.length; measure++) {
      for (int lead = 0; lead < reconstructed.length; lead++) {
        cells[measure][lead] =
            RecordReading.cell(beats.values()[measure][lead], made[measure][lead]);
      }
    }
    return new RecordReading(cells);
  }

  /** Windows cover all leads alike, so one lead tells what is reconstructed. */
  private boolean isWithin(double[] lead, int r) {
    int reach = (int) Math.round(EDGE * rate);
    if (r - reach < 0 || r + reach >= lead.length) {
      return false;
    }
    return Arrays.stream(lead, r - reach, r + reach + 1).noneMatch(Double::isNaN);
  }

  private double[][][] values(double[][] leads, List<BeatFiducials> beats) {
    double[][][] values = new double[Measure.values().length][leads.length][beats.size()];
    int[] rPeaks = beats.stream().mapToInt(BeatFiducials::r).toArray();
    for (int lead = 0; lead < leads.length; lead++) {
      List<BeatFiducials> own = delineator.delineate(leads[lead], rPeaks);
      for (int i = 0; i < rPeaks.length; i++) {
        BeatFiducials beat = beats.get(i);
        double[] signal = leads[lead];
        double reference = reference(signal, beat.qrsOnset());
        values[Measure.R_AMPLITUDE.ordinal()][lead][i] = signal[beat.r()] - reference;
        values[Measure.QRS_AMPLITUDE.ordinal()][lead][i] = largest(signal, beat, reference);
        values[Measure.T_AMPLITUDE.ordinal()][lead][i] = at(signal, beat.tPeak()) - reference;
        values[Measure.ST60.ordinal()][lead][i] = at(signal, beat.j() + ST60 * rate) - reference;
        values[Measure.ST80.ordinal()][lead][i] = at(signal, beat.j() + ST80 * rate) - reference;
        values[Measure.QRS_DURATION.ordinal()][lead][i] =
            own.get(i).qrsDuration() / rate * MILLISECONDS;
      }
    }
    return values;
  }

  /** Mean level of the 40 ms before QRS onset. */
  private double reference(double[] signal, double onset) {
    int to = (int) Math.ceil(onset);
    int from = (int) Math.ceil(onset - REFERENCE * rate);
    double sum = 0;
    for (int t = from; t < to; t++) {
      sum += signal[t];
    }
    return sum / (to - from);
  }

  private static double largest(double[] signal, BeatFiducials beat, double reference) {
    if (Double.isNaN(beat.j())) {
      return Double.NaN;
    }
    double largest = 0;
    for (int t = (int) Math.ceil(beat.qrsOnset()); t <= beat.j(); t++) {
      largest = Math.max(largest, Math.abs(signal[t] - reference));
    }
    return largest;
  }

  /** The signal between samples; NaN for no moment, and beyond the end. */
  private static double at(double[] signal, double moment) {
    if (Double.isNaN(moment) || moment >= signal.length - 1) {
      return Double.NaN;
    }
    int before = (int) Math.floor(moment);
    double weight = moment - before;
    return (1 - weight) * signal[before] + weight * signal[before + 1];
  }
}
