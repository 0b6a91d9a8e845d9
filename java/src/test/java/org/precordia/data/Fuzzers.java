// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.List;
import java.util.stream.Stream;

/** Every reader of files that others wrote. */
final class Fuzzers {
  private static final List<String> XML =
      List.of(
          "<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
          "<!DOCTYPE a [<!ENTITY b \"c\">]>",
          "<!DOCTYPE a SYSTEM \"file:///x\">",
          "&b;",
          "&#1;",
          "<![CDATA[",
          "]]>",
          "<!--",
          "-->",
          "<?",
          "ISO-8859-1",
          "xmlns:a=\"b\"",
          "</",
          "/>");

  private static final FormatFuzz EDF =
      new FormatFuzz(
          "edf",
          new EdfFormat(),
          List.of(EdfFormatTest.sample()),
          List.of(
              "EDF+C",
              "EDF+D",
              "EDF Annotations",
              "+0.02\u0014\u0014",
              "ECG II",
              "uV",
              "-1",
              "99999999",
              "1e999",
              "-1e-300"));

  private static final FormatFuzz AECG =
      new FormatFuzz(
          "aecg",
          new AecgFormat(),
          List.of(AecgFormatTest.sample()),
          xml(
              "AnnotatedECG",
              "series",
              "derivedSeries",
              "sequenceSet",
              "sequence",
              "digits",
              "origin",
              "TIME_RELATIVE",
              "TIME_ABSOLUTE",
              "<head value=\"00010101\"/>",
              "value=\"99991231235959.999999999\"",
              "unit=\"us\"",
              "unit=\"nV\"",
              "MDC_ECG_LEAD_V1",
              "1e38",
              "-1e300",
              "NaN"));

  private static final FormatFuzz MUSE =
      new FormatFuzz(
          "muse",
          new MuseFormat(),
          List.of(MuseFormatTest.sample()),
          xml(
              "RestingECG",
              "Waveform",
              "LeadData",
              "LeadID",
              "WaveFormData",
              "LeadSampleCountTotal",
              "LeadSampleSize",
              "LeadOffsetFirstSample",
              "LeadAmplitudeUnitsPerBit",
              "LeadAmplitudeUnits",
              "SampleBase",
              "SampleExponent",
              "Rhythm",
              "MICROVOLTS",
              "1e300",
              "-400"));

  private static final FormatFuzz DICOM =
      new FormatFuzz(
          "dicom",
          new DicomFormat(),
          DicomFormatTest.samples(),
          List.of(
              "DICM",
              "1.2.840.10008.1.2",
              "1.2.840.10008.1.2.1",
              "1.2.840.10008.1.2.2",
              "\u0000T\u0000\u0001",
              "ORIGINAL",
              "DERIVED",
              "5.6.3-9-1",
              "2:64",
              "Lead III",
              "mV",
              "SS",
              "UB",
              "1e300",
              "-1",
              "99991231235959"));

  private Fuzzers() {}

  static List<ReaderFuzz> all() {
    CsvFuzz csv = new CsvFuzz();
    return List.of(
        new WfdbFuzz(),
        new ChallengeFuzz(),
        new FlacFuzz(),
        new SegmentsFuzz(),
        csv,
        EDF,
        AECG,
        MUSE,
        DICOM,
        new RecordingsFuzz(List.of(csv, EDF, AECG, MUSE, DICOM)),
        new ShardFuzz(),
        new SafetensorsFuzz(),
        new OwnTableFuzz(),
        new PtbXlFuzz());
  }

  /**
   * The reader of a name.
   *
   * @throws IllegalArgumentException when there is none
   */
  static ReaderFuzz named(String name) {
    return all().stream()
        .filter(reader -> reader.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no reader \"" + name + "\""));
  }

  private static List<String> xml(String... words) {
    return Stream.concat(XML.stream(), Stream.of(words)).toList();
  }
}
