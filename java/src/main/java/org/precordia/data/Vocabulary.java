// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The statement codes and superclasses of a data set, and the bit that stands for each. Codes are
 * in alphabetical order; bit {@code i} of a mask is bit {@code i % 64} of its element {@code i /
 * 64}.
 */
public final class Vocabulary {
  /** Most labels a mask can hold. */
  public static final int MOST_LABELS = 128;

  /** Most superclasses a mask can hold. */
  public static final int MOST_SUPERCLASSES = 32;

  /** PTB-XL's diagnostic superclasses, which always take the first bits. */
  public static final List<String> STANDARD_SUPERCLASSES =
      List.of("NORM", "MI", "STTC", "CD", "HYP");

  private final LabelPolicy policy;
  private final List<String> labels;
  private final List<String> superclasses;
  private final List<String> dropped;
  private final Set<String> diagnostic;
  private final Map<String, Integer> labelBits = new HashMap<>();
  private final Map<String, Integer> superclassBits = new HashMap<>();

  private Vocabulary(
      LabelPolicy policy,
      List<String> labels,
      List<String> superclasses,
      List<String> dropped,
      Set<String> diagnostic) {
    this.policy = policy;
    this.labels = List.copyOf(labels);
    this.superclasses = List.copyOf(superclasses);
    this.dropped = List.copyOf(dropped);
    this.diagnostic = Set.copyOf(diagnostic);
    for (int i = 0; i < labels.size(); i++) {
      labelBits.put(labels.get(i), i);
    }
    for (int i = 0; i < superclasses.size(); i++) {
      superclassBits.put(superclasses.get(i), i);
    }
  }

  /**
   * Collects the codes that count as a label, or are likely enough to, in any of the subjects. When
   * they exceed {@value #MOST_LABELS}, the most frequent stay.
   *
   * @param subjects all subjects of a data set
   * @param policy which statements count
   * @param diagnostic whether a code is a diagnostic statement, as opposed to form or rhythm
   * @throws IllegalArgumentException when there are more than {@value #MOST_SUPERCLASSES}
   *     superclasses
   */
  public static Vocabulary collect(
      Iterable<Subject> subjects, LabelPolicy policy, Predicate<String> diagnostic) {
    Map<String, Integer> counts = new TreeMap<>();
    Set<String> others = new TreeSet<>();
    for (Subject subject : subjects) {
      subject
          .codes()
          .forEach(
              (code, likelihood) -> {
                if (policy.certain(likelihood)
                    || policy.accepts(likelihood, diagnostic.test(code))) {
                  counts.merge(code, 1, Integer::sum);
                }
              });
      others.addAll(subject.superclasses());
    }
    List<String> byFrequency = new ArrayList<>(counts.keySet());
    byFrequency.sort(Comparator.comparing((String code) -> -counts.get(code)));
    int kept = Math.min(byFrequency.size(), MOST_LABELS);
    List<String> labels = byFrequency.subList(0, kept).stream().sorted().toList();
    List<String> superclasses = new ArrayList<>(STANDARD_SUPERCLASSES);
    others.removeAll(STANDARD_SUPERCLASSES);
    superclasses.addAll(others);
    if (superclasses.size() > MOST_SUPERCLASSES) {
      throw new IllegalArgumentException(
          superclasses.size() + " superclasses, at most " + MOST_SUPERCLASSES + " can be kept");
    }
    Set<String> diagnosticCodes = new TreeSet<>(labels);
    diagnosticCodes.removeIf(diagnostic.negate());
    return new Vocabulary(
        policy,
        labels,
        superclasses,
        byFrequency.subList(kept, byFrequency.size()),
        diagnosticCodes);
  }

  /** Which statements count. */
  public LabelPolicy policy() {
    return policy;
  }

  /** Label codes by bit. */
  public List<String> labels() {
    return labels;
  }

  /** Superclass names by bit. */
  public List<String> superclasses() {
    return superclasses;
  }

  /** Codes for which there was no bit left, most frequent first. */
  public List<String> dropped() {
    return dropped;
  }

  /** Mask of the labels that count for contrast. */
  public long[] labelMask(Subject subject) {
    long[] mask = new long[2];
    subject
        .codes()
        .forEach(
            (code, likelihood) -> {
              if (policy.accepts(likelihood, diagnostic.contains(code))) {
                set(mask, code);
              }
            });
    return mask;
  }

  /** Mask of all statements, also of form and rhythm, that are likely enough by themselves. */
  public long[] certainMask(Subject subject) {
    long[] mask = new long[2];
    subject
        .codes()
        .forEach(
            (code, likelihood) -> {
              if (policy.certain(likelihood)) {
                set(mask, code);
              }
            });
    return mask;
  }

  /** Mask of the superclasses of any likelihood. */
  public int superclassMask(Subject subject) {
    int mask = 0;
    for (String name : subject.superclasses()) {
      Integer bit = superclassBits.get(name);
      if (bit != null) {
        mask |= 1 << bit;
      }
    }
    return mask;
  }

  private void set(long[] mask, String code) {
    Integer bit = labelBits.get(code);
    if (bit != null) {
      mask[bit >> 6] |= 1L << (bit & 63);
    }
  }
}
