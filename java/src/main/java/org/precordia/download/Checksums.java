// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code SHA256SUMS.txt}: the files of a data set with their SHA-256, a line each. It comes from
 * the network, so it names nothing outside its own folder, whatever the operating system.
 *
 * @param entries the files in the order of the list
 */
record Checksums(List<Entry> entries) {
  static final String NAME = "SHA256SUMS.txt";

  /** The largest list that is read: PTB-XL's has about 9 MB. */
  static final int LARGEST = 64 << 20;

  private static final int LONGEST_PATH = 1024;
  private static final Pattern LINE = Pattern.compile("([0-9a-fA-F]{64})[ \\t]+\\*?(.+)");

  /**
   * A file.
   *
   * @param path below the data set's folder, segments divided by slashes
   * @param sum SHA-256 in lower-case hexadecimal digits
   */
  record Entry(String path, String sum) {}

  Checksums {
    entries = List.copyOf(entries);
  }

  /**
   * Reads a list.
   *
   * @param source where it came from, for messages
   * @throws MirrorException when it is no such list or names a file that may not be written
   */
  static Checksums parse(byte[] text, String source) throws MirrorException {
    List<Entry> entries = new ArrayList<>();
    Map<String, Entry> seen = new HashMap<>();
    String[] lines = new String(text, StandardCharsets.UTF_8).split("\\R");
    for (int i = 0; i < lines.length; i++) {
      if (lines[i].isBlank()) {
        continue;
      }
      String where = source + ":" + (i + 1);
      Matcher line = LINE.matcher(lines[i].strip());
      if (!line.matches()) {
        throw MirrorException.lasting(
            "%s: is no line of SHA-256 and file name; does the address name the folder that has %s?"
                .formatted(where, NAME));
      }
      String sum = line.group(1).toLowerCase(Locale.ROOT);
      String path = line.group(2).startsWith("./") ? line.group(2).substring(2) : line.group(2);
      String problem = problem(path);
      if (problem != null) {
        throw MirrorException.lasting(
            "%s: the name '%s' %s; nothing was fetched, use another mirror"
                .formatted(where, printable(path), problem));
      }
      if (path.equals(NAME)) {
        // A list made with a wildcard has itself in it, as it was before it was written.
        continue;
      }
      Entry entry = new Entry(path, sum);
      // File systems that ignore case would write one over the other.
      Entry other = seen.putIfAbsent(path.toLowerCase(Locale.ROOT), entry);
      if (other == null) {
        entries.add(entry);
      } else if (!other.equals(entry)) {
        throw MirrorException.lasting(
            "%s: %s is listed twice, with different sums or in different case; use another mirror"
                .formatted(where, path));
      }
    }
    return new Checksums(entries);
  }

  /** Why a name may not be written to, or null. */
  private static String problem(String path) {
    if (path.length() > LONGEST_PATH) {
      return "is longer than " + LONGEST_PATH + " characters";
    }
    if (path.chars().anyMatch(c -> Character.isISOControl(c) || c == '\\' || c == ':')) {
      return "has a control character, a backslash or a colon";
    }
    for (String segment : path.split("/", -1)) {
      if (segment.isBlank() || segment.endsWith(".") || segment.endsWith(" ")) {
        return "leads out of the folder or has a part that is no name";
      }
    }
    if (path.split("/", 2)[0].equalsIgnoreCase(StateFolder.NAME)) {
      return "is one that the download itself uses";
    }
    return null;
  }

  private static String printable(String path) {
    String plain = path.replaceAll("\\p{Cntrl}", "?");
    return plain.length() > 100 ? plain.substring(0, 100) + "\u2026" : plain;
  }
}
