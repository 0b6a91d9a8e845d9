// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.util.List;
import java.util.function.Predicate;

/** A data set that can be fetched: where it is published, and which of its files are needed. */
public enum Dataset {
  /** PTB-XL 1.0.3: two tables, and the records at 100 or 500 Hz. */
  PTB_XL(
      "ptb-xl",
      "PTB-XL 1.0.3 (doi 10.1038/s41597-020-0495-6), CC BY 4.0",
      "https://physionet.org/files/ptb-xl/1.0.3/",
      List.of("ptbxl_database.csv", "scp_statements.csv")),

  /** The PTB Diagnostic ECG Database 1.0.0: all records, 15 leads at 1000 Hz. */
  PTB(
      "ptb",
      "PTB Diagnostic ECG Database 1.0.0 (Bousseljot et al. 1995), ODC-By 1.0",
      "https://physionet.org/files/ptbdb/1.0.0/",
      List.of());

  private static final String LICENCE = "LICENSE";

  private final String id;
  private final String description;
  private final String home;
  private final List<String> tables;

  Dataset(String id, String description, String home, List<String> tables) {
    this.id = id;
    this.description = description;
    this.home = home;
    this.tables = tables;
  }

  /** The name by which the command knows it, {@code ptb-xl} or {@code ptb}. */
  public String id() {
    return id;
  }

  /** Title, version, source to cite and licence. */
  public String description() {
    return description;
  }

  /** The folder at PhysioNet that has its files. */
  public String home() {
    return home;
  }

  /**
   * The files that {@code precordia prepare} needs, and the licence.
   *
   * @param rate 100 or 500 Hz, of PTB-XL
   * @throws IllegalArgumentException when PTB-XL has no such rate
   */
  public Selection needed(int rate) {
    if (this == PTB) {
      return new Selection(this, path -> path.startsWith("patient") && path.indexOf('/') > 0);
    }
    if (rate != 100 && rate != 500) {
      throw new IllegalArgumentException("PTB-XL has 100 and 500 Hz, not " + rate);
    }
    return new Selection(this, path -> path.startsWith("records" + rate + "/"));
  }

  /** All files that are published. */
  public Selection everything() {
    return new Selection(this, path -> true);
  }

  /** Some of a data set's files. */
  public static final class Selection {
    private final Dataset dataset;
    private final Predicate<String> records;

    private Selection(Dataset dataset, Predicate<String> records) {
      this.dataset = dataset;
      this.records = records;
    }

    /**
     * The selected files of a list, the tables first.
     *
     * @throws MirrorException when the list lacks a table or has no record, so that it is not this
     *     data set's
     */
    List<Checksums.Entry> of(Checksums list, String source) throws MirrorException {
      for (String table : dataset.tables) {
        if (list.entries().stream().noneMatch(entry -> entry.path().equals(table))) {
          throw foreign(source, table);
        }
      }
      Predicate<String> front =
          path -> dataset.tables.contains(path) || path.startsWith(LICENCE) && isTop(path);
      List<Checksums.Entry> selected =
          list.entries().stream()
              .filter(entry -> front.test(entry.path()) || records.test(entry.path()))
              .sorted((a, b) -> Boolean.compare(front.test(b.path()), front.test(a.path())))
              .toList();
      if (selected.stream().noneMatch(entry -> entry.path().endsWith(".hea"))) {
        throw foreign(source, "record");
      }
      return selected;
    }

    private MirrorException foreign(String source, String missing) {
      return MirrorException.lasting(
          "%s lists no %s: a mirror of %s is the folder that has the SHA256SUMS.txt of %s"
              .formatted(source, missing, dataset.id, dataset.home));
    }

    private static boolean isTop(String path) {
      return path.indexOf('/') < 0;
    }
  }
}
