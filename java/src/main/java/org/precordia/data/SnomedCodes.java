// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The SNOMED CT concepts of the PhysioNet Challenges as PTB-XL's statement codes, from the resource
 * {@code snomed.csv}. Only concepts that say what a PTB-XL statement says have its code; those that
 * say less (an AV block of unstated degree) have a superclass alone. Everything else keeps its
 * number behind {@code SCT} and is no diagnostic statement; sinus rhythm does not make a record
 * normal.
 */
final class SnomedCodes {
  private static final String PREFIX = "SCT";
  private static final Map<String, Entry> ENTRIES = load();
  private static final Set<String> DIAGNOSTIC = diagnostic();

  private SnomedCodes() {}

  private record Entry(String code, String superclass, boolean diagnostic) {}

  /** The statement code of a concept. */
  static String code(String concept) {
    Entry entry = ENTRIES.get(concept);
    return entry == null ? PREFIX + concept : entry.code();
  }

  /** The diagnostic superclass of a concept, or null. */
  static String superclass(String concept) {
    Entry entry = ENTRIES.get(concept);
    return entry == null ? null : entry.superclass();
  }

  /** Whether a statement code is diagnostic, as opposed to form, rhythm or unknown. */
  static boolean isDiagnostic(String code) {
    return DIAGNOSTIC.contains(code);
  }

  private static Set<String> diagnostic() {
    Set<String> codes = new HashSet<>();
    for (Entry entry : ENTRIES.values()) {
      if (entry.diagnostic()) {
        codes.add(entry.code());
      }
    }
    return codes;
  }

  private static Map<String, Entry> load() {
    Map<String, Entry> entries = new HashMap<>();
    try (InputStream in = SnomedCodes.class.getResourceAsStream("snomed.csv");
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      reader.readLine();
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String[] f = line.split(",", 5);
        entries.put(
            f[0],
            new Entry(
                f[1].isEmpty() ? PREFIX + f[0] : f[1],
                f[2].isEmpty() ? null : f[2],
                f[3].equals("1")));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return entries;
  }
}
