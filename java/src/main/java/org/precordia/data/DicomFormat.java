// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * DICOM waveforms, such as the 12-lead ECG: the recorded multiplex groups with ECG leads, put where
 * their time offsets say. Groups that were derived, such as median beats, are passed over.
 */
final class DicomFormat implements RecordingFormat {
  private static final String MARK = "DICM";
  private static final Pattern AGE = Pattern.compile("(\\d{1,3})Y");

  @Override
  public String name() {
    return "DICOM waveform";
  }

  @Override
  public boolean accepts(Path file, byte[] start) {
    return start.length >= DicomParser.PREAMBLE + MARK.length()
        && new String(start, DicomParser.PREAMBLE, MARK.length(), StandardCharsets.ISO_8859_1)
            .equals(MARK);
  }

  @Override
  public Recording read(Path file, ReadOptions options) throws IOException {
    DicomItem set = DicomParser.parse(file);
    List<DicomWaveform> groups = new ArrayList<>();
    for (DicomItem item : set.items(DicomTag.WAVEFORM_SEQUENCE)) {
      DicomWaveform group = new DicomWaveform(file, item);
      if (group.original() && group.hasLeads()) {
        groups.add(group);
      }
    }
    if (groups.isEmpty()) {
      throw new DataException(
          file, "has no recorded waveform with ECG leads", "give a DICOM ECG waveform");
    }
    double rate = groups.getFirst().rate();
    double first = Double.POSITIVE_INFINITY;
    for (DicomWaveform group : groups) {
      if (group.rate() != rate) {
        throw new DataException(
            file, "multiplex groups are sampled at different rates", "export them at one rate");
      }
      first = Math.min(first, group.offset());
    }
    Strips strips = new Strips(file, rate);
    List<String> notes = new ArrayList<>();
    for (DicomWaveform group : groups) {
      strips.add(group.offset() - first, group.rows());
      if (group.skewed()) {
        notes.add("channels were not sampled at the same instant; their skew is not corrected");
      }
    }
    return LimbLeads.completed(
        strips.recording(
            new Origin("DICOM waveform", start(set, first), Optional.of(patient(set)), notes)));
  }

  private static Optional<LocalDateTime> start(DicomItem set, double offset) {
    return Hl7Time.parse(set.text(DicomTag.ACQUISITION_DATE_TIME))
        .or(
            () ->
                Hl7Time.parse(
                    set.text(DicomTag.ACQUISITION_DATE) + set.text(DicomTag.ACQUISITION_TIME)))
        .or(() -> Hl7Time.parse(set.text(DicomTag.CONTENT_DATE) + set.text(DicomTag.CONTENT_TIME)))
        .map(time -> time.plusNanos(Math.round(offset * 1e9)));
  }

  private static Patient patient(DicomItem set) {
    Subject.Sex sex =
        switch (set.text(DicomTag.PATIENT_SEX)) {
          case "M" -> Subject.Sex.MALE;
          case "F" -> Subject.Sex.FEMALE;
          default -> Subject.Sex.UNKNOWN;
        };
    Matcher age = AGE.matcher(set.text(DicomTag.PATIENT_AGE));
    return new Patient(
        set.text(DicomTag.PATIENT_ID),
        age.matches() ? Integer.parseInt(age.group(1)) : Double.NaN,
        sex);
  }
}
