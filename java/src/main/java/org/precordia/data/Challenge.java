// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A folder of the PhysioNet/Computing in Cardiology Challenges 2020 and 2021: a {@code .hea} and a
 * {@code .mat} a record, at any depth. Diagnoses are SNOMED CT concepts in the comment {@code Dx:};
 * the resource {@code snomed.csv} gives their PTB-XL statement codes. There are no patient
 * identifiers, so each record counts as a patient, and no folds.
 */
public final class Challenge implements RecordSource {
  private final HeaderFolder folder;
  private final String name;
  private final List<Subject> subjects = new ArrayList<>();

  private Challenge(HeaderFolder folder, String name) {
    this.folder = folder;
    this.name = name;
  }

  /**
   * Finds the records and reads their headers' comments.
   *
   * @throws DataException when the folder is missing or holds no header
   */
  public static Challenge open(Path folder) throws IOException {
    Path last = folder.toAbsolutePath().normalize().getFileName();
    Challenge source =
        new Challenge(HeaderFolder.scan(folder), "challenge" + (last == null ? "" : ":" + last));
    for (int i = 0; i < source.folder.size(); i++) {
      source.subjects.add(source.readSubject(i));
    }
    return source;
  }

  private Subject readSubject(int index) throws IOException {
    String id = folder.id(index);
    try {
      return HeaderFolder.challengeSubject(Wfdb.header(folder.header(index)), id);
    } catch (DataException e) {
      return HeaderFolder.unknown(id);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return folder.size();
  }

  @Override
  public String id(int index) {
    return folder.id(index);
  }

  @Override
  public Subject subject(int index) {
    return subjects.get(index);
  }

  @Override
  public Recording read(int index) throws IOException {
    return Wfdb.read(folder.header(index));
  }

  @Override
  public boolean isDiagnostic(String code) {
    return SnomedCodes.isDiagnostic(code);
  }

  @Override
  public List<String> notes() {
    return List.of("the data set names no patients: each record counts as one");
  }
}
