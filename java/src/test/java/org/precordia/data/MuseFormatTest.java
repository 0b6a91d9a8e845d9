// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** GE MUSE files that the test writes. */
class MuseFormatTest {
  private static final String HEAD =
      "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n"
          + "<!DOCTYPE RestingECG SYSTEM \"restecg.dtd\">\n<RestingECG>\n";
  private static final String ABOUT =
      """
      <PatientDemographics><PatientID>A17</PatientID><PatientAge>63</PatientAge>
      <AgeUnits>YEARS</AgeUnits><Gender>FEMALE</Gender><PatientLastName>M\u00fcller</PatientLastName>
      </PatientDemographics>
      <TestDemographics><AcquisitionTime>08:09:10</AcquisitionTime>
      <AcquisitionDate>12-31-2009</AcquisitionDate></TestDemographics>
      """;

  @TempDir Path folder;

  private static String base64(int... samples) {
    ByteBuffer buffer = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int sample : samples) {
      buffer.putShort((short) sample);
    }
    return Base64.getEncoder().encodeToString(buffer.array());
  }

  private static String lead(String id, int... samples) {
    String data = base64(samples);
    // MUSE breaks its lines.
    return "<LeadData><LeadSampleCountTotal>%d</LeadSampleCountTotal><LeadAmplitudeUnitsPerBit>5</LeadAmplitudeUnitsPerBit><LeadAmplitudeUnits>MICROVOLTS</LeadAmplitudeUnits><LeadID>%s</LeadID><LeadOffsetFirstSample>0</LeadOffsetFirstSample><LeadSampleSize>2</LeadSampleSize><WaveFormData>\n%s\n%s\n</WaveFormData></LeadData>\n"
        .formatted(samples.length, id, data.substring(0, 4), data.substring(4));
  }

  private static String waveform(String type, String... leads) {
    return "<Waveform><WaveformType>%s</WaveformType><SampleBase>5</SampleBase><SampleExponent>2</SampleExponent>%s</Waveform>"
        .formatted(type, String.join("", leads));
  }

  private static String rhythm() {
    return waveform(
        "Rhythm",
        lead("I", 100, -200, 300),
        lead("II", 1000, 32767, -32767),
        lead("V1", 1, 2, -32768));
  }

  /** A sound file. */
  static byte[] sample() {
    return (HEAD + ABOUT + rhythm() + "</RestingECG>").getBytes(StandardCharsets.ISO_8859_1);
  }

  private Recording read(String text) throws IOException {
    Path file = folder.resolve("muse.xml");
    Files.writeString(file, text, StandardCharsets.ISO_8859_1);
    return Recordings.read(file);
  }

  private DataException failure(String text) {
    return assertThrows(DataException.class, () -> read(text));
  }

  @Test
  void theRhythmIsReadAndTheOtherLimbLeadsAreComputed() throws IOException {
    Recording r =
        read(HEAD + ABOUT + waveform("Median", lead("I", 1, 2)) + rhythm() + "</RestingECG>");
    assertEquals("muse", r.name());
    assertEquals(500, r.rate());
    assertEquals(
        List.of(Lead.I, Lead.II, Lead.III, Lead.AVR, Lead.AVL, Lead.AVF, Lead.V1), r.leads());
    assertArrayEquals(new float[] {.5f, -1, 1.5f}, r.signal(Lead.I), 1e-6f);
    assertArrayEquals(new float[] {5, 163.835f, -163.835f}, r.signal(Lead.II), 1e-4f);
    assertArrayEquals(new float[] {4.5f, 164.835f, -165.335f}, r.signal(Lead.III), 1e-4f);
    assertArrayEquals(new float[] {-2.75f, -81.4175f, 81.1675f}, r.signal(Lead.AVR), 1e-4f);
    assertArrayEquals(new float[] {-2, -82.9175f, 83.4175f}, r.signal(Lead.AVL), 1e-4f);
    assertArrayEquals(new float[] {4.75f, 164.335f, -164.585f}, r.signal(Lead.AVF), 1e-4f);
    assertArrayEquals(new float[] {.005f, .01f, Float.NaN}, r.signal(Lead.V1), 1e-6f);
    Origin origin = r.origin();
    assertEquals("GE MUSE XML", origin.format());
    assertEquals(new Patient("A17", 63, Subject.Sex.FEMALE), origin.patient().orElseThrow());
    assertEquals(LocalDateTime.of(2009, 12, 31, 8, 9, 10), origin.start().orElseThrow());
    assertTrue(origin.notes().getLast().startsWith("leads III, aVR, aVL, aVF were computed"));
  }

  @Test
  void anAnonymousFileHasNeitherPatientNorStart() throws IOException {
    Recording r = read("<RestingECG>" + rhythm() + "</RestingECG>");
    assertTrue(r.origin().patient().isEmpty());
    assertTrue(r.origin().start().isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Rhythm</W | Median</W | no rhythm waveform",
        "<LeadID>II</ | <LeadID>I</ | lead I occurs twice",
        "PerBit>5< | PerBit>five< | LeadAmplitudeUnitsPerBit \"five\" is not a number",
        "PerBit>5< | PerBit>1e999< | LeadAmplitudeUnitsPerBit is",
        "MICROVOLTS | PASCAL | LeadAmplitudeUnits \"PASCAL\" is no voltage",
        "LeadSampleSize>2 | LeadSampleSize>4 | LeadSampleSize of lead I is 4",
        "FirstSample>0 | FirstSample>9 | begins later",
        "CountTotal>3 | CountTotal>2147483647 | its data has 3 samples",
        "CountTotal>3 | CountTotal>-3 | its data has 3 samples",
        "SampleBase>5< | SampleBase>0< | a rate of 0.0 Hz",
        "SampleBase>5< | SampleBase>-5< | a rate of -500.0 Hz",
        "Exponent>2< | Exponent>400< | a rate of Infinity Hz",
        "Exponent>2< | Exponent>x< | SampleExponent \"x\" is not a number",
        "<WaveFormData> | <WaveFormData>* | is not two a sample",
        "</LeadData> | <LeadData> | not well-formed XML"
      })
  void fieldsThatMakeNoSenseAreNamed(String from, String to, String problem) {
    String text = HEAD + ABOUT + rhythm() + "</RestingECG>";
    assertTrue(text.contains(from), from);
    if (problem.equals("is not two a sample")) {
      // Foreign characters are skipped by lines of base64, so an odd length is the damage to see.
      DataException e = failure(text.replace(base64(1, 2, -32768).substring(4), ""));
      assertTrue(e.getMessage().contains("WaveFormData of lead V1"), e.getMessage());
      return;
    }
    DataException e = failure(text.replace(from, to));
    assertTrue(e.getMessage().contains(problem), e.getMessage());
  }

  @Test
  void leadsOfDifferentLengthAreRefused() {
    DataException e =
        failure(
            "<RestingECG>"
                + waveform("Rhythm", lead("I", 1, 2), lead("II", 1, 2, 3))
                + "</RestingECG>");
    assertTrue(e.getMessage().contains("differ in length"), e.getMessage());
    e = failure("<RestingECG>" + rhythm() + rhythm() + "</RestingECG>");
    assertTrue(e.getMessage().contains("more than one rhythm"), e.getMessage());
  }
}
