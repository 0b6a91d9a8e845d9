// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HL7 annotated ECGs that the test writes. */
class AecgFormatTest {
  private static final float GAP = Float.NaN;
  private static final String HEAD =
      "<?xml version=\"1.0\"?>\n<AnnotatedECG xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"x\">\n";
  private static final String SUBJECT =
      """
      <componentOf><timepointEvent><componentOf><subjectAssignment><subject><trialSubject>
      <id root="2.16" extension="S-3"/><subjectDemographicPerson><name>X</name>
      <administrativeGenderCode code="M"/><birthTime value="19530508"/></subjectDemographicPerson>
      </trialSubject></subject></subjectAssignment></componentOf></timepointEvent></componentOf>
      """;

  @TempDir Path folder;

  private static String absolute(String head) {
    return "<component><sequence><code code=\"TIME_ABSOLUTE\"/><value xsi:type=\"GLIST_TS\"><head value=\"%s\"/><increment value=\"0.002\" unit=\"s\"/></value></sequence></component>"
        .formatted(head);
  }

  private static String relative(String head) {
    return "<component><sequence><code code=\"TIME_RELATIVE\"/><value xsi:type=\"GLIST_PQ\"><head value=\"%s\" unit=\"ms\"/><increment value=\"4\" unit=\"ms\"/></value></sequence></component>"
        .formatted(head);
  }

  private static String lead(String code, String origin, String scale, String digits) {
    return "<component><sequence><code code=\"%s\" codeSystem=\"2.16.840.1.113883.6.24\"/><value xsi:type=\"SLIST_PQ\"><origin %s/><scale %s/><digits>%s</digits></value></sequence></component>\n"
        .formatted(code, origin, scale, digits);
  }

  private static String uv(String code, String digits) {
    return lead(code, "value=\"0\" unit=\"uV\"", "value=\"5\" unit=\"uV\"", digits);
  }

  private static String series(String... sets) {
    StringBuilder text = new StringBuilder("<component><series><code code=\"RHYTHM\"/>");
    for (String set : sets) {
      text.append("<component><sequenceSet>").append(set).append("</sequenceSet></component>");
    }
    return text.append("</series></component>").toString();
  }

  private Recording read(String body) throws IOException {
    Path file = folder.resolve("trial.xml");
    Files.writeString(file, HEAD + body + "</AnnotatedECG>");
    return Recordings.read(file);
  }

  /** A sound file. */
  static byte[] sample() {
    return (HEAD + SUBJECT + series(plain()) + "</AnnotatedECG>").getBytes(StandardCharsets.UTF_8);
  }

  private static String plain() {
    return absolute("20021122091000.250+0100")
        + uv("MDC_ECG_LEAD_I", "100 -200\n 300")
        + lead(
            "MDC_ECG_LEAD_II", "value=\"1\" unit=\"mV\"", "value=\"2.5\" unit=\"uV\"", "400 0 -4")
        + uv("MDC_ECG_LEAD_V3", "1 NaN 3");
  }

  @Test
  void leadsTimeAndSubjectAreRead() throws IOException {
    Recording r = read(SUBJECT + series(plain()));
    assertEquals(500, r.rate());
    assertEquals(
        List.of(Lead.I, Lead.II, Lead.III, Lead.AVR, Lead.AVL, Lead.AVF, Lead.V3), r.leads());
    assertArrayEquals(new float[] {.5f, -1, 1.5f}, r.signal(Lead.I), 1e-6f);
    assertArrayEquals(new float[] {2, 1, .99f}, r.signal(Lead.II), 1e-6f);
    assertArrayEquals(new float[] {1.5f, 2, -.51f}, r.signal(Lead.III), 1e-6f);
    assertArrayEquals(new float[] {.005f, GAP, .015f}, r.signal(Lead.V3), 1e-6f);
    assertEquals("HL7 aECG", r.origin().format());
    assertEquals(
        LocalDateTime.of(2002, 11, 22, 9, 10, 0, 250_000_000), r.origin().start().orElseThrow());
    assertEquals(new Patient("S-3", 49, Subject.Sex.MALE), r.origin().patient().orElseThrow());
  }

  @Test
  void derivedAndLaterSeriesArePassedOver() throws IOException {
    String derived =
        "<component><series><derivation><derivedSeries><component><sequenceSet>"
            + relative("0")
            + uv("MDC_ECG_LEAD_V6", "7 7")
            + "</sequenceSet></component></derivedSeries></derivation></series></component>";
    String later = series(relative("0") + uv("MDC_ECG_LEAD_V5", "8 8"));
    assertEquals(read(series(plain())).leads(), read(derived + series(plain()) + later).leads());
  }

  @Test
  void sequenceSetsAreStripsInTime() throws IOException {
    Recording r =
        read(
            series(
                relative("100") + uv("MDC_ECG_LEAD_V1", "200 400") + uv("MDC_ECG_LEAD_V2", "2 2"),
                relative("116") + uv("MDC_ECG_LEAD_V1", "600 800")));
    assertEquals(250, r.rate());
    assertArrayEquals(new float[] {1, 2, GAP, GAP, 3, 4}, r.signal(Lead.V1), 1e-6f);
    assertArrayEquals(new float[] {.01f, .01f, GAP, GAP, GAP, GAP}, r.signal(Lead.V2), 1e-6f);
    assertTrue(r.origin().start().isEmpty());
    Recording absolute =
        read(
            series(
                absolute("20240101000000.000") + uv("MDC_ECG_LEAD_V1", "200"),
                absolute("20240101000000.004") + uv("MDC_ECG_LEAD_V1", "400")));
    assertArrayEquals(new float[] {1, GAP, 2}, absolute.signal(Lead.V1), 1e-6f);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LEAD_II | LEAD_I | lead I occurs twice",
        "LEAD_ | CHANNEL_ | no series with ECG leads",
        "unit=\"uV\" | unit=\"kg\" | has the unit \"kg\", no voltage",
        "value=\"1\" unit=\"mV\" | value=\"1\" unit=\"kg\" | an origin has the unit \"kg\"",
        "value=\"5\" | value=\"x\" | the scale \"x\" is not a number",
        "value=\"5\" | value=\"1e999\" | the scale is 1e999",
        "400 0 -4 | 400 0 | lead II has 2 samples, others of its sequence set 3",
        "400 0 -4 | 400 0 four | the digits hold \"four\"",
        "400 0 -4 | '' | no digits",
        "value=\"0.002\" | value=\"0\" | no increment of time",
        "value=\"0.002\" | value=\"-1\" | no increment of time",
        "value=\"0.002\" | value=\"1e-320\" | the increment of time",
        "unit=\"s\" | unit=\"h\" | the increment of time has the unit \"h\"",
        "</sequenceSet> | '' | not well-formed XML"
      })
  void fieldsThatMakeNoSenseAreNamed(String from, String to, String problem) {
    String text = series(plain());
    assertTrue(text.contains(from), from);
    DataException e = assertThrows(DataException.class, () -> read(text.replace(from, to)));
    assertTrue(e.getMessage().contains(problem), e.getMessage());
  }

  @Test
  void stripsOfALeadThatOverlapAreRefused() {
    DataException e =
        assertThrows(
            DataException.class,
            () ->
                read(
                    series(
                        relative("0") + uv("MDC_ECG_LEAD_V1", "1 2 3"),
                        relative("8") + uv("MDC_ECG_LEAD_V1", "2"))));
    assertTrue(e.getMessage().contains("overlap in lead V1"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"-4, begins after", "1e300, begins after", "1e15, too many", "4e9, cannot hold"})
  void stripsOutOfReachTakeNoMemory(String head, String problem) {
    DataException e =
        assertThrows(
            DataException.class,
            () ->
                read(
                    series(
                        relative("0") + uv("MDC_ECG_LEAD_V1", "1"),
                        relative(head) + uv("MDC_ECG_LEAD_V1", "2"))));
    assertTrue(e.getMessage().contains(problem), e.getMessage());
  }
}
