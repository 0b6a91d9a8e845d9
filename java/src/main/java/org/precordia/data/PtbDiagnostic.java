// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The PTB Diagnostic ECG Database (Bousseljot et al. 1995): a folder a patient, 15 leads at 1000
 * Hz, of which the first 10 s are taken; or any flat or nested folder of its records, also in the
 * PhysioNet Challenge form.
 *
 * <p>The patient is the nearest folder named {@code patientNNN}, else the one that a comment {@code
 * Source:} names, else the record itself. The label is the header's "Reason for admission"; where
 * there is none, the SNOMED CT concepts of {@code Dx:} count as in {@link Challenge}. There are no
 * folds.
 */
public final class PtbDiagnostic implements RecordSource {
  /** Seconds of each record that are taken. */
  public static final double SECONDS = 10;

  private static final Pattern PATIENT = Pattern.compile("patient\\d+");

  private static final Map<String, String> SUPERCLASS =
      Map.of(
          "healthy control", "NORM",
          "myocardial infarction", "MI",
          "bundle branch block", "CD",
          "hypertrophy", "HYP",
          "myocardial hypertrophy", "HYP");

  private final HeaderFolder folder;
  private final List<Subject> subjects = new ArrayList<>();
  private final Set<String> reasons = new HashSet<>();

  private PtbDiagnostic(HeaderFolder folder) {
    this.folder = folder;
  }

  /**
   * Finds the records and reads their headers' comments.
   *
   * @throws DataException when the folder is missing or holds no header
   */
  public static PtbDiagnostic open(Path folder) throws IOException {
    PtbDiagnostic source = new PtbDiagnostic(HeaderFolder.scan(folder));
    for (int i = 0; i < source.folder.size(); i++) {
      source.subjects.add(source.readSubject(i));
    }
    return source;
  }

  private Subject readSubject(int index) throws IOException {
    Path file = folder.header(index);
    WfdbHeader header;
    try {
      header = Wfdb.header(file);
    } catch (DataException e) {
      return HeaderFolder.unknown(folder.id(index));
    }
    String patient = patient(file, header, index);
    String reason = header.comment("Reason for admission").orElse("");
    if (reason.isEmpty()) {
      return HeaderFolder.challengeSubject(header, patient);
    }
    boolean stated = !reason.equalsIgnoreCase("n/a");
    if (stated) {
      reasons.add(reason);
    }
    String superclass = SUPERCLASS.get(reason.toLowerCase(Locale.ROOT));
    return new Subject(
        patient,
        0,
        HeaderFolder.age(header),
        HeaderFolder.sex(header),
        stated ? Map.of(reason, 100.0) : Map.of(),
        superclass == null ? Set.of() : Set.of(superclass),
        true);
  }

  private String patient(Path file, WfdbHeader header, int index) {
    for (Path at = file.toAbsolutePath().getParent(); at != null; at = at.getParent()) {
      Path name = at.getFileName();
      if (name != null && PATIENT.matcher(name.toString()).matches()) {
        return name.toString();
      }
    }
    Matcher source = PATIENT.matcher(header.comment("Source").orElse(""));
    return source.find() ? source.group() : folder.id(index);
  }

  @Override
  public String name() {
    return "ptb-diagnostic";
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
    WfdbHeader header = Wfdb.header(folder.header(index));
    long wanted = (long) Math.ceil(SECONDS * header.rate());
    return Wfdb.read(header, 0, Math.min(wanted, Wfdb.length(header)));
  }

  @Override
  public boolean isDiagnostic(String code) {
    return reasons.contains(code) || SnomedCodes.isDiagnostic(code);
  }

  @Override
  public List<String> notes() {
    return List.of(
        "PTB Diagnostic ECG Database (Bousseljot et al. 1995), the first 10 s of a record");
  }
}
