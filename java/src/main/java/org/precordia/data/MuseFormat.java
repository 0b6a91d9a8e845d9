// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * GE MUSE XML ({@code RestingECG}): the rhythm waveform, 16-bit samples in base64. The file stores
 * eight leads; the other limb leads are computed from I and II.
 */
final class MuseFormat implements RecordingFormat {
  private static final String ROOT = "RestingECG";

  @Override
  public String name() {
    return "GE MUSE XML";
  }

  @Override
  public boolean accepts(Path file, byte[] start) {
    return XmlDocument.begins(start, ROOT);
  }

  @Override
  public Recording read(Path file, ReadOptions options) throws IOException {
    Document document = new Document(file);
    XmlDocument.read(file, document);
    return document.recording();
  }

  /** Collects what the recording is made of. */
  private static final class Document implements XmlVisitor {
    private static final DateTimeFormatter START =
        DateTimeFormatter.ofPattern("MM-dd-uuuu HH:mm:ss", Locale.ROOT);
    private static final String REMEDY = "export the file again, as XML with waveforms";

    private final Path file;
    private final Map<String, String> patient = new HashMap<>();
    private final Map<String, String> test = new HashMap<>();
    private final Map<String, String> waveform = new HashMap<>();
    private final Map<String, String> lead = new HashMap<>();
    private List<Lead> leads = new ArrayList<>();
    private List<float[]> rows = new ArrayList<>();
    private final List<Lead> rhythmLeads = new ArrayList<>();
    private final List<float[]> rhythmRows = new ArrayList<>();
    private double rate;

    Document(Path file) {
      this.file = file;
    }

    @Override
    public void start(List<String> path, Map<String, String> attributes) {
      switch (path.getLast()) {
        case "Waveform" -> {
          waveform.clear();
          leads = new ArrayList<>();
          rows = new ArrayList<>();
        }
        case "LeadData" -> lead.clear();
        default -> {
          // Everything else is taken when it ends.
          return;
        }
      }
    }

    @Override
    public void end(List<String> path, String text, int line) throws DataException {
      String parent = path.size() < 2 ? "" : path.get(path.size() - 2);
      String name = path.getLast();
      switch (parent) {
        case "PatientDemographics" -> patient.put(name, text);
        case "TestDemographics" -> test.put(name, text);
        case "LeadData" -> lead.put(name, text);
        case "Waveform" -> {
          if (name.equals("LeadData")) {
            addLead(line);
          } else {
            waveform.put(name, text);
          }
        }
        default -> {
          if (name.equals("Waveform")) {
            endWaveform(line);
          }
        }
      }
    }

    private void addLead(int line) throws DataException {
      String id = lead.getOrDefault("LeadID", "");
      Lead known = Lead.parse(id).orElse(null);
      if (known == null) {
        return;
      }
      if (leads.contains(known)) {
        throw error(line, "lead " + known + " occurs twice");
      }
      String size = lead.getOrDefault("LeadSampleSize", "2");
      if (!size.equals("2")) {
        throw error(line, "LeadSampleSize of lead %s is %s, not 2".formatted(known, size));
      }
      if (number(lead, "LeadOffsetFirstSample", "0", line) != 0) {
        throw error(
            line, "lead " + known + " begins later than the others (LeadOffsetFirstSample)");
      }
      double scale =
          number(lead, "LeadAmplitudeUnitsPerBit", "", line)
              * unit(lead.getOrDefault("LeadAmplitudeUnits", ""), line);
      if (!Amplitude.possible(scale * 0x1p16)) {
        throw error(line, "LeadAmplitudeUnitsPerBit of lead " + known + " is beyond all bounds");
      }
      float[] row = decode(lead.getOrDefault("WaveFormData", ""), scale, known, line);
      double count = number(lead, "LeadSampleCountTotal", Integer.toString(row.length), line);
      if (count != row.length) {
        throw error(
            line,
            "LeadSampleCountTotal of lead %s is %.0f, its data has %d samples"
                .formatted(known, count, row.length));
      }
      leads.add(known);
      rows.add(row);
    }

    private double unit(String unit, int line) throws DataException {
      String singular = unit.toLowerCase(Locale.ROOT).replaceFirst("s$", "");
      return VoltageUnit.millivolts(singular)
          .orElseThrow(() -> error(line, "LeadAmplitudeUnits \"" + unit + "\" is no voltage"));
    }

    private float[] decode(String data, double scale, Lead known, int line) throws DataException {
      byte[] bytes;
      try {
        // Lines are broken at will; the encoder's alphabet is the standard one.
        bytes = Base64.getMimeDecoder().decode(data);
      } catch (IllegalArgumentException e) {
        throw new DataException(
            file, line, "WaveFormData of lead " + known + " is not base64", REMEDY, e);
      }
      if (bytes.length == 0 || bytes.length % Short.BYTES != 0) {
        throw error(
            line,
            "WaveFormData of lead %s has %d bytes, not two a sample"
                .formatted(known, bytes.length));
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      float[] row = new float[bytes.length / Short.BYTES];
      for (int t = 0; t < row.length; t++) {
        short value = buffer.getShort();
        row[t] = value == Short.MIN_VALUE ? Float.NaN : (float) (value * scale);
      }
      return row;
    }

    private void endWaveform(int line) throws DataException {
      if (!waveform.getOrDefault("WaveformType", "").equalsIgnoreCase("Rhythm")) {
        return;
      }
      if (rate > 0) {
        throw error(line, "there is more than one rhythm waveform");
      }
      double exponent = number(waveform, "SampleExponent", "0", line);
      rate = number(waveform, "SampleBase", "", line) * Math.pow(10, exponent);
      if (!(rate > 0) || Double.isInfinite(rate)) {
        throw error(line, "SampleBase and SampleExponent give a rate of " + rate + " Hz");
      }
      for (float[] row : rows) {
        if (row.length != rows.getFirst().length) {
          throw error(line, "leads differ in length");
        }
      }
      rhythmLeads.addAll(leads);
      rhythmRows.addAll(rows);
    }

    private double number(Map<String, String> from, String name, String otherwise, int line)
        throws DataException {
      String text = from.getOrDefault(name, otherwise);
      try {
        double value = Double.parseDouble(text);
        if (Double.isFinite(value)) {
          return value;
        }
      } catch (NumberFormatException e) {
        throw new DataException(file, line, name + " \"" + text + "\" is not a number", REMEDY, e);
      }
      throw error(line, name + " is " + text);
    }

    Recording recording() throws DataException {
      if (rhythmLeads.isEmpty()) {
        throw error(0, "has no rhythm waveform with ECG leads");
      }
      Origin origin =
          new Origin("GE MUSE XML", startOfTest(), Optional.of(patient()), List.of("unit uV"));
      return LimbLeads.completed(
          new Recording(
              RecordingFormat.nameOf(file),
              rate,
              rhythmLeads,
              rhythmRows.toArray(float[][]::new),
              List.of(),
              origin));
    }

    private Optional<LocalDateTime> startOfTest() {
      try {
        return Optional.of(
            LocalDateTime.parse(
                test.getOrDefault("AcquisitionDate", "")
                    + " "
                    + test.getOrDefault("AcquisitionTime", ""),
                START));
      } catch (DateTimeException e) {
        // Removed or anonymised.
        return Optional.empty();
      }
    }

    private Patient patient() {
      Subject.Sex sex =
          switch (patient.getOrDefault("Gender", "").toUpperCase(Locale.ROOT)) {
            case "MALE", "M" -> Subject.Sex.MALE;
            case "FEMALE", "F" -> Subject.Sex.FEMALE;
            default -> Subject.Sex.UNKNOWN;
          };
      String age = patient.getOrDefault("PatientAge", "");
      boolean years = patient.getOrDefault("AgeUnits", "YEARS").equalsIgnoreCase("YEARS");
      return new Patient(
          patient.getOrDefault("PatientID", ""),
          years && age.matches("\\d{1,3}") ? Integer.parseInt(age) : Double.NaN,
          sex);
    }

    private DataException error(int line, String problem) {
      return new DataException(file, line, problem, REMEDY);
    }
  }
}
