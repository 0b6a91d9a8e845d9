// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The WFDB headers under a folder and what their comments say about the subject. */
final class HeaderFolder {
  private final Path folder;
  private final List<Path> headers;

  private HeaderFolder(Path folder, List<Path> headers) {
    this.folder = folder;
    this.headers = headers;
  }

  /**
   * Finds all headers under a folder, ordered by path.
   *
   * @throws DataException when the folder is missing or holds none
   */
  static HeaderFolder scan(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder, "is not a folder", "check the path");
    }
    List<Path> headers;
    try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      headers = files.filter(file -> file.toString().endsWith(".hea")).sorted().toList();
    }
    if (headers.isEmpty()) {
      throw new DataException(
          folder, "holds no WFDB header (*.hea)", "give the folder that holds the records");
    }
    return new HeaderFolder(folder, headers);
  }

  int size() {
    return headers.size();
  }

  Path header(int index) {
    return headers.get(index);
  }

  /** Path of a record below the folder, with slashes and without extension. */
  String id(int index) {
    String path = folder.relativize(headers.get(index)).toString().replace('\\', '/');
    return path.substring(0, path.length() - ".hea".length());
  }

  /** Age in years from {@code Age:}, NaN when there is none or nobody can be as old. */
  static double age(WfdbHeader header) {
    try {
      double age = Double.parseDouble(header.comment("Age").orElse("NaN"));
      return Subject.isAge(age) ? age : Double.NaN;
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** Sex from {@code Sex:}. */
  static Subject.Sex sex(WfdbHeader header) {
    return switch (header.comment("Sex").orElse("").toLowerCase(Locale.ROOT)) {
      case "female", "f" -> Subject.Sex.FEMALE;
      case "male", "m" -> Subject.Sex.MALE;
      default -> Subject.Sex.UNKNOWN;
    };
  }

  /** A subject whose statements are the SNOMED CT concepts of {@code Dx:}. */
  static Subject challengeSubject(WfdbHeader header, String patient) {
    Map<String, Double> codes = new TreeMap<>();
    Set<String> superclasses = new HashSet<>();
    for (String concept : header.comment("Dx").orElse("").split("[,\\s]+")) {
      if (concept.chars().allMatch(Character::isDigit) && !concept.isEmpty()) {
        codes.put(SnomedCodes.code(concept), 100.0);
        String superclass = SnomedCodes.superclass(concept);
        if (superclass != null) {
          superclasses.add(superclass);
        }
      }
    }
    return new Subject(patient, 0, age(header), sex(header), codes, superclasses, true);
  }

  /** Stands in for a subject whose header cannot be read; reading the record tells why. */
  static Subject unknown(String patient) {
    return new Subject(patient, 0, Double.NaN, Subject.Sex.UNKNOWN, Map.of(), Set.of(), true);
  }
}
