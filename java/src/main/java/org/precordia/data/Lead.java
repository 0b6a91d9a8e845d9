// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
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

  /**
   * What else the limb and chest leads are called: in Europe, in Spain and France, and in short.
   */
  private static final Map<String, Lead> ALIASES =
      Map.ofEntries(
          Map.entry("DI", I),
          Map.entry("DII", II),
          Map.entry("DIII", III),
          Map.entry("D1", I),
          Map.entry("D2", II),
          Map.entry("D3", III),
          Map.entry("VR", AVR),
          Map.entry("VL", AVL),
          Map.entry("VF", AVF),
          Map.entry("C1", V1),
          Map.entry("C2", V2),
          Map.entry("C3", V3),
          Map.entry("C4", V4),
          Map.entry("C5", V5),
          Map.entry("C6", V6));

  private static final Pattern SEPARATORS = Pattern.compile("[\\s_-]");

  /**
   * Words that only say that a lead's name follows, in the order in which they follow each other.
   */
  private static final List<String> PREFIXES = List.of("MDCECGLEAD", "ECG", "EKG", "LEAD");

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
   * Finds a lead by name, whatever its case; spaces, hyphens, underscores and leading words such as
   * {@code "lead"}, {@code "ECG"} or {@code "MDC_ECG_LEAD_"} are ignored, and the names {@code DI}
   * or {@code D1}, {@code VR} and {@code C1} are known. A lead with a minus in front is another
   * lead.
   *
   * @return empty when the name is not that of one of the fifteen leads
   */
  public static Optional<Lead> parse(String name) {
    String text = name.strip();
    if (text.startsWith("-") || text.startsWith("\u2212")) {
      return Optional.empty();
    }
    String key = SEPARATORS.matcher(text.toUpperCase(Locale.ROOT)).replaceAll("");
    for (String prefix : PREFIXES) {
      if (key.startsWith(prefix)) {
        key = key.substring(prefix.length());
      }
    }
    Lead lead = BY_NAME.get(key);
    return Optional.ofNullable(lead == null ? ALIASES.get(key) : lead);
  }

  @Override
  public String toString() {
    return label;
  }
}
