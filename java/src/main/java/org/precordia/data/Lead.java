// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An electrocardiographic lead: the twelve standard leads and the three Frank leads. */
public enum Lead {
  I("I"),
  II("II"),
  III("III"),
  AVR("aVR"),
  AVL("aVL"),
  AVF("aVF"),
  V1("V1"),
  V2("V2"),
  V3("V3"),
  V4("V4"),
  V5("V5"),
  V6("V6"),
  VX("vx"),
  VY("vy"),
  VZ("vz");

  /** The twelve standard leads in display order. */
  public static final List<Lead> TWELVE =
      List.of(I, II, III, AVR, AVL, AVF, V1, V2, V3, V4, V5, V6);

  /** The eight linearly independent standard leads that a shard stores, in storage order. */
  public static final List<Lead> INDEPENDENT = List.of(I, II, V1, V2, V3, V4, V5, V6);

  private static final Map<String, Lead> BY_NAME =
      Stream.of(values())
          .collect(
              Collectors.toUnmodifiableMap(
                  lead -> lead.label.toUpperCase(Locale.ROOT), Function.identity()));

  private final String label;

  Lead(String label) {
    this.label = label;
  }

  /** The names of leads in display order, as a sentence has them: {@code I, II, V2}. */
  public static String names(Collection<Lead> leads) {
    return leads.stream().sorted().map(Lead::label).collect(Collectors.joining(", "));
  }

  /** The name as it is printed on ECG paper, for example {@code aVR}. */
  public String label() {
    return label;
  }

  /**
   * Finds a lead by name, whatever its case; spaces, a leading {@code "lead "} and hyphens are
   * ignored.
   *
   * @return empty when the name is not that of one of the fifteen leads
   */
  public static Optional<Lead> parse(String name) {
    String key = name.strip().toUpperCase(Locale.ROOT).replace("-", "").replace(" ", "");
    if (key.startsWith("LEAD")) {
      key = key.substring(4);
    }
    return Optional.ofNullable(BY_NAME.get(key));
  }

  @Override
  public String toString() {
    return label;
  }
}
