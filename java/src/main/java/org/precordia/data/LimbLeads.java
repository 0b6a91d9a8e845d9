// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The relations among the six limb leads, of which two determine the others (Einthoven,
 * Goldberger): III = II − I, aVR = −(I + II)/2, aVL = I − II/2, aVF = II − I/2.
 */
public final class LimbLeads {
  /** The limb leads in the order in which they are preferred as a source for others. */
  private static final List<Lead> LIMB =
      List.of(Lead.I, Lead.II, Lead.III, Lead.AVF, Lead.AVL, Lead.AVR);

  private LimbLeads() {}

  /** The share of lead I in a limb lead. */
  public static float ofLeadOne(Lead lead) {
    return switch (lead) {
      case I, AVL -> 1;
      case II -> 0;
      case III -> -1;
      case AVR, AVF -> -0.5f;
      default -> throw new IllegalArgumentException(lead + " is not a limb lead");
    };
  }

  /** The share of lead II in a limb lead. */
  public static float ofLeadTwo(Lead lead) {
    return switch (lead) {
      case I -> 0;
      case II, III, AVF -> 1;
      case AVR, AVL -> -0.5f;
      default -> throw new IllegalArgumentException(lead + " is not a limb lead");
    };
  }

  /** Whether a lead follows from leads I and II. */
  public static boolean isLimb(Lead lead) {
    return LIMB.contains(lead);
  }

  /**
   * Which of I and II is to be estimated where one limb lead is measured: the one whose error is
   * magnified least in the four that follow from the two.
   */
  public static Lead partner(Lead measured) {
    return measured == Lead.I || measured == Lead.AVL ? Lead.II : Lead.I;
  }

  /** The limb leads that a recording has, in the order in which they are preferred as sources. */
  public static List<Lead> measured(Recording recording) {
    return LIMB.stream().filter(recording::has).toList();
  }

  /**
   * A standard lead as a linear mix of the leads that a shard stores.
   *
   * @return {@code [8]} weights in the order of {@link Lead#INDEPENDENT}
   * @throws IllegalArgumentException when the lead is a Frank lead
   */
  public static float[] mix(Lead lead) {
    float[] weights = new float[Lead.INDEPENDENT.size()];
    int stored = Lead.INDEPENDENT.indexOf(lead);
    if (stored >= 0) {
      weights[stored] = 1;
    } else {
      weights[Lead.INDEPENDENT.indexOf(Lead.I)] = ofLeadOne(lead);
      weights[Lead.INDEPENDENT.indexOf(Lead.II)] = ofLeadTwo(lead);
    }
    return weights;
  }

  /** A limb lead in the unit of leads I and II. */
  public static float[] derive(Lead lead, float[] one, float[] two) {
    return derive(lead, Lead.I, one, Lead.II, two);
  }

  /** A limb lead from any two different ones, in their unit. */
  public static float[] derive(Lead lead, Lead first, float[] x, Lead second, float[] y) {
    // Solve (source = a I + b II) for I and II, then form the wanted lead.
    float determinant = ofLeadOne(first) * ofLeadTwo(second) - ofLeadTwo(first) * ofLeadOne(second);
    float ofFirst =
        (ofLeadOne(lead) * ofLeadTwo(second) - ofLeadTwo(lead) * ofLeadOne(second)) / determinant;
    float ofSecond =
        (ofLeadTwo(lead) * ofLeadOne(first) - ofLeadOne(lead) * ofLeadTwo(first)) / determinant;
    float[] result = new float[x.length];
    for (int t = 0; t < result.length; t++) {
      result[t] = ofFirst * x[t] + ofSecond * y[t];
    }
    return result;
  }

  /** Whether a limb lead is measured or follows from two that are, or another lead is measured. */
  public static boolean available(Recording recording, Lead lead) {
    return recording.has(lead) || isLimb(lead) && measured(recording).size() >= 2;
  }

  /**
   * The samples of a lead: measured where the recording has it, else derived from two other limb
   * leads.
   *
   * @return samples in mV; the recording's own array when the lead was measured
   * @throws DataException when the lead is neither measured nor derivable
   */
  public static float[] signal(Recording recording, Lead lead) throws DataException {
    if (recording.has(lead)) {
      return recording.signal(lead);
    }
    List<Lead> sources = measured(recording);
    if (!isLimb(lead) || sources.size() < 2) {
      throw new DataException(
          Path.of(recording.name()),
          "has no lead "
              + lead
              + (isLimb(lead) ? " and no two other limb leads" : "")
              + ", only "
              + recording.leads(),
          "use a record with leads I, II and V1 to V6, or choose other inputs");
    }
    Lead first = sources.get(0);
    Lead second = sources.get(1);
    return derive(lead, first, recording.signal(first), second, recording.signal(second));
  }

  /**
   * The eight leads of {@link Lead#INDEPENDENT}, in that order.
   *
   * @return {@code [8][time]} in mV; rows are the recording's own arrays where measured
   * @throws DataException when one is neither measured nor derivable
   */
  public static float[][] independent(Recording recording) throws DataException {
    float[][] rows = new float[Lead.INDEPENDENT.size()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = signal(recording, Lead.INDEPENDENT.get(i));
    }
    return rows;
  }

  /**
   * The twelve standard leads in display order, the limb leads completed where two are measured.
   *
   * @throws DataException when a lead is neither measured nor derivable
   */
  public static Recording twelve(Recording recording) throws DataException {
    List<float[]> rows = new ArrayList<>();
    for (Lead lead : Lead.TWELVE) {
      rows.add(signal(recording, lead));
    }
    return recording.withLeads(Lead.TWELVE, rows.toArray(float[][]::new));
  }

  /**
   * The leads that somebody wants, in their order: measured or derived.
   *
   * @param mask whether a lead that is neither becomes NaN throughout instead of an error
   * @throws DataException when a lead is neither measured nor derivable and that is not masked
   */
  public static Recording select(Recording recording, List<Lead> wanted, boolean mask)
      throws DataException {
    float[][] rows = new float[wanted.size()][];
    for (int i = 0; i < rows.length; i++) {
      if (mask && !available(recording, wanted.get(i))) {
        rows[i] = new float[recording.length()];
        Arrays.fill(rows[i], Float.NaN);
      } else {
        rows[i] = signal(recording, wanted.get(i));
      }
    }
    return recording.withLeads(wanted, rows);
  }

  /**
   * The recording with the limb leads that follow from those it has, in display order; what was
   * derived is noted. A recording with fewer than two limb leads or all six stays as it is.
   */
  static Recording completed(Recording recording) throws DataException {
    List<Lead> derived =
        LIMB.stream()
            .filter(lead -> !recording.has(lead) && available(recording, lead))
            .sorted()
            .toList();
    if (derived.isEmpty()) {
      return recording;
    }
    List<Lead> all = Stream.concat(recording.leads().stream(), derived.stream()).sorted().toList();
    return select(recording, all, false)
        .withNote("leads " + Lead.names(derived) + " were computed from the other limb leads");
  }

  /** Whether leads I, II and another limb lead are measured, so that they can contradict. */
  public static boolean comparable(Recording recording) {
    return recording.has(Lead.I) && recording.has(Lead.II) && measured(recording).size() > 2;
  }

  /**
   * How far the measured limb leads contradict each other: the largest difference, in mV, between
   * III, aVR, aVL or aVF and what leads I and II make it. Electrodes that were swapped in software,
   * leads filtered apart and corrupted signals show here.
   *
   * @return 0 when leads I and II or all four others are missing; samples with a gap do not count
   */
  public static double residual(Recording recording) {
    if (!comparable(recording)) {
      return 0;
    }
    float[] one = recording.signal(Lead.I);
    float[] two = recording.signal(Lead.II);
    float worst = 0;
    for (Lead lead : List.of(Lead.III, Lead.AVR, Lead.AVL, Lead.AVF)) {
      if (!recording.has(lead)) {
        continue;
      }
      float a = ofLeadOne(lead);
      float b = ofLeadTwo(lead);
      float[] measured = recording.signal(lead);
      for (int t = 0; t < measured.length; t++) {
        float difference = Math.abs(measured[t] - (a * one[t] + b * two[t]));
        // A comparison with NaN is false, so gaps fall out.
        if (difference > worst) {
          worst = difference;
        }
      }
    }
    return worst;
  }
}
