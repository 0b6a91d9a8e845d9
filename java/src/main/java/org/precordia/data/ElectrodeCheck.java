// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.precordia.signal.Preprocessing;
import org.precordia.signal.Preprocessor;

/**
 * Suspects limb electrodes that were swapped at the patient, which no contradiction among the leads
 * reveals: the leads agree with each other but not with the heart. Each rule compares the shape of
 * the filtered limb leads with V6 or with one another; what it says is a reason to look, no proof.
 */
final class ElectrodeCheck {
  /** A correlation below this is a lead that runs against another. */
  private static final double AGAINST = -0.5;

  /** A lead with less than this share of the other limb leads' root mean square is flat. */
  private static final double FLAT = 0.1;

  private final Map<Lead, double[]> signals = new EnumMap<>(Lead.class);
  private final List<String> suspicions = new ArrayList<>();

  private ElectrodeCheck(Recording recording) throws DataException {
    Preprocessor filter =
        new Preprocessor(Preprocessing.DEFAULT, recording.rate(), Preprocessor.DEFAULT_RATE);
    for (Lead lead : List.of(Lead.I, Lead.II, Lead.III, Lead.AVR, Lead.V6)) {
      if (LimbLeads.available(recording, lead)) {
        signals.put(lead, filter.apply(LimbLeads.signal(recording, lead)));
      }
    }
  }

  /**
   * Looks at a recording.
   *
   * @return a sentence for each suspicion; none when there is nothing to say, or limb leads are
   *     missing, or the rate cannot be resampled
   */
  static List<String> suspicions(Recording recording) throws DataException {
    ElectrodeCheck check;
    try {
      check = new ElectrodeCheck(recording);
    } catch (IllegalArgumentException e) {
      // A rate that cannot be resampled: the shapes cannot be compared.
      return List.of();
    }
    if (check.signals.containsKey(Lead.I) && check.signals.containsKey(Lead.II)) {
      check.lookForFlatLeads();
      if (check.suspicions.isEmpty() && check.signals.containsKey(Lead.V6)) {
        check.lookForInvertedLeads();
      }
    }
    return check.suspicions;
  }

  /**
   * The right leg's electrode carries next to nothing: between it and the left leg is no signal.
   */
  private void lookForFlatLeads() {
    double one = rms(Lead.I);
    double two = rms(Lead.II);
    double three = rms(Lead.III);
    if (two < FLAT * Math.min(one, three)) {
      suspicions.add("right arm and right leg may be swapped: lead II is nearly flat");
    } else if (three < FLAT * Math.min(one, two)) {
      suspicions.add("left arm and right leg may be swapped: lead III is nearly flat");
    } else if (one < FLAT * Math.min(two, three)) {
      suspicions.add("arms and legs may be swapped: lead I is nearly flat");
    }
  }

  private void lookForInvertedLeads() {
    boolean upright = skewness(Lead.AVR) > 0;
    double one = correlation(Lead.I, Lead.V6);
    double two = correlation(Lead.II, Lead.V6);
    if (one < AGAINST && skewness(Lead.I) < 0 && (upright || two > 0)) {
      suspicions.add(
          "right and left arm may be swapped: lead I runs against V6 (r = %s)%s"
              .formatted(number(one), upright ? " and aVR is upright" : ""));
    } else if (two < AGAINST && skewness(Lead.II) < 0 && upright) {
      suspicions.add(
          "right arm and left leg may be swapped: lead II runs against V6 (r = %s) and aVR is upright"
              .formatted(number(two)));
    }
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private double rms(Lead lead) {
    double sum = 0;
    int count = 0;
    for (double value : signals.get(lead)) {
      if (!Double.isNaN(value)) {
        sum += value * value;
        count++;
      }
    }
    return Math.sqrt(sum / Math.max(1, count));
  }

  /** Third moment over the second's 1.5th power: positive when the large waves point up. */
  private double skewness(Lead lead) {
    double second = 0;
    double third = 0;
    int count = 0;
    for (double value : signals.get(lead)) {
      if (!Double.isNaN(value)) {
        second += value * value;
        third += value * value * value;
        count++;
      }
    }
    return second == 0 ? 0 : third / count / Math.pow(second / count, 1.5);
  }

  private double correlation(Lead one, Lead other) {
    double[] x = signals.get(one);
    double[] y = signals.get(other);
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int t = 0; t < x.length; t++) {
      if (!Double.isNaN(x[t]) && !Double.isNaN(y[t])) {
        xy += x[t] * y[t];
        xx += x[t] * x[t];
        yy += y[t] * y[t];
      }
    }
    return xx == 0 || yy == 0 ? 0 : xy / Math.sqrt(xx * yy);
  }
}
