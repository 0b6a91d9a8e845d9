// SPDX-License-Identifier: Apache-2.0
package org.precordia.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.data.Lead;
import org.precordia.data.Recording;
import org.precordia.report.EcgPaperOptions.Layout;
import org.precordia.synth.SyntheticCohort;
import org.precordia.synth.SyntheticCohort.Options;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class EcgPaperTest {
  private static final Layout ONE = new Layout(1, 1, List.of());
  private static final EcgPaperOptions SINGLE = EcgPaperOptions.standard().withLayout(ONE);

  private static final Recording ECG = new SyntheticCohort(5, 3).read(1);

  @Test
  void drawingIsValidAndNamesAllLeads() throws Exception {
    for (Layout layout : List.of(Layout.STANDARD, Layout.SIX_BY_TWO, Layout.TWELVE_ROWS)) {
      Document svg = parse(EcgPaper.render(ECG, EcgPaperOptions.standard().withLayout(layout)));
      List<String> texts = texts(svg);
      for (Lead lead : Lead.TWELVE) {
        assertTrue(texts.contains(lead.label()), lead + " in " + texts);
      }
      int traces = paths(svg, "m").size() - layout.rows() - layout.rhythm().size();
      assertEquals(12 + layout.rhythm().size(), traces);
      assertEquals("img", svg.getDocumentElement().getAttribute("role"));
      assertEquals(1, svg.getElementsByTagName("title").getLength());
      assertTrue(svg.getElementsByTagName("desc").item(0).getTextContent().contains("aVL"));
    }
  }

  @Test
  void oneMillivoltIsTenMillimetresAndOneSecondTwentyFive() throws Exception {
    float[] pulses = new float[1000];
    for (int t = 300; t < 400; t++) {
      pulses[t] = 1;
    }
    Document svg = parse(EcgPaper.render(single("pulse", 100, pulses), SINGLE));
    Element root = svg.getDocumentElement();
    assertEquals(
        root.getAttribute("viewBox"),
        "0 0 " + millimetres(root, "width") + " " + millimetres(root, "height"));
    List<double[]> points = points(paths(svg, "m").get(1)).get(0);
    double left = points.get(0)[0];
    double baseline = points.get(0)[1];
    double top = points.stream().mapToDouble(p -> p[1]).min().orElseThrow();
    assertEquals(10, baseline - top, 0.02);
    double rise = points.stream().filter(p -> p[1] < baseline - 9.9).findFirst().orElseThrow()[0];
    assertEquals(3.00 * 25, rise - left, 0.02);
    assertEquals(9.99 * 25, points.getLast()[0] - left, 0.02);
    // The calibration pulse beside it is as high.
    assertTrue(paths(svg, "m").get(0).contains("v-10h5v10"));
    assertEquals(0, baseline % 5 - header(svg) % 5, 1e-9);
  }

  @Test
  void simplificationStaysWithinThePen() throws Exception {
    Recording fast = new SyntheticCohort(Options.of(3, 3).withRate(1000)).read(0);
    float[] lead = fast.signal(Lead.V3);
    String path = paths(parse(EcgPaper.render(single("v3", 1000, lead), SINGLE)), "m").get(1);
    List<double[]> points = points(path).get(0);
    assertTrue(points.size() < lead.length);
    double left = points.get(0)[0];
    double shift = points.get(0)[1] + lead[0] * EcgPaper.GAIN;
    int at = 0;
    for (int t = 0; t < lead.length; t++) {
      double x = left + t / 1000.0 * EcgPaper.SPEED;
      double y = shift - lead[t] * EcgPaper.GAIN;
      while (at < points.size() - 2 && points.get(at + 1)[0] < x - 0.01) {
        at++;
      }
      double nearest = Double.POSITIVE_INFINITY;
      for (int i = at; i < Math.min(at + 4, points.size() - 1); i++) {
        nearest = Math.min(nearest, distance(points.get(i), points.get(i + 1), x, y));
      }
      assertTrue(nearest < 0.05, "sample " + t + " lies " + nearest + " mm off the line");
    }
  }

  /** Distance in mm of a point from a segment. */
  private static double distance(double[] a, double[] b, double x, double y) {
    double dx = b[0] - a[0];
    double dy = b[1] - a[1];
    double along = ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy);
    double clamped = Math.max(0, Math.min(1, along));
    return Math.hypot(x - a[0] - clamped * dx, y - a[1] - clamped * dy);
  }

  @Test
  void gapsInterruptTheTrace() throws Exception {
    float[] lead = new float[1000];
    for (int t = 0; t < lead.length; t++) {
      lead[t] = (float) Math.sin(t / 20.0);
    }
    for (int t = 0; t < 10; t++) {
      lead[t] = Float.NaN;
    }
    for (int t = 400; t < 500; t++) {
      lead[t] = Float.NaN;
    }
    lead[450] = 0.2f;
    String svg = EcgPaper.render(single("gaps", 100, lead), SINGLE);
    assertFalse(svg.contains("NaN"));
    List<List<double[]>> pieces = points(paths(parse(svg), "m").get(1));
    assertEquals(3, pieces.size());
    assertEquals(
        1.00, pieces.get(2).get(0)[0] / 25 - pieces.get(0).getLast()[0] / 25 - 0.01, 0.001);
    assertEquals(0.1 * 25, pieces.get(0).get(0)[0] - 16, 0.02);
    float[] nothing = new float[1000];
    java.util.Arrays.fill(nothing, Float.NaN);
    Document empty = parse(EcgPaper.render(single("none", 100, nothing), SINGLE));
    assertEquals(1, paths(empty, "m").size(), "the calibration pulse alone");
  }

  @Test
  void reconstructedLeadsAreMarkedAndTheTruthLiesBeneath() throws Exception {
    Set<Lead> leads = Set.of(Lead.V1, Lead.V3, Lead.V4, Lead.V5, Lead.V6);
    EcgPaperOptions options =
        EcgPaperOptions.standard()
            .withReconstructed(leads)
            .withReference(new SyntheticCohort(5, 3).read(2));
    String text = EcgPaper.render(ECG, options);
    Document svg = parse(text);
    assertEquals(5 + 1, paths(svg, "r").size(), "leads and legend");
    assertEquals(5 + 1, paths(svg, "t").size(), "leads and legend");
    assertTrue(
        text.indexOf("class=\"t\"", text.indexOf("<clipPath"))
            < text.indexOf("class=\"r\"", text.indexOf("<clipPath")));
    List<String> texts = texts(svg);
    assertTrue(
        texts.containsAll(
            List.of("V1*", "V6*", "V2", "reconstructed (*)", "measured", "true lead")));
    assertTrue(texts.contains(EcgPaperOptions.NOT_FOR_DIAGNOSIS));
    assertTrue(
        svg.getElementsByTagName("desc")
            .item(0)
            .getTextContent()
            .contains("Reconstructed: V1, V3, V4, V5, V6"));
    Document plain = parse(EcgPaper.render(ECG, EcgPaperOptions.standard()));
    assertTrue(paths(plain, "r").isEmpty());
    assertFalse(texts(plain).contains("measured"), "no legend where all is measured");
  }

  @Test
  void columnsShowSuccessiveTimes() throws Exception {
    float[] ramp = new float[1000];
    for (int t = 0; t < ramp.length; t++) {
      ramp[t] = t / 1000f;
    }
    Recording recording =
        new Recording(
            "ramp", 100, List.of(Lead.I, Lead.II), new float[][] {ramp, ramp.clone()}, List.of());
    Document svg =
        parse(
            EcgPaper.render(
                recording, EcgPaperOptions.standard().withLayout(new Layout(1, 2, List.of()))));
    List<double[]> second = points(paths(svg, "m").get(2)).get(0);
    List<double[]> first = points(paths(svg, "m").get(1)).get(0);
    assertEquals(125, second.get(0)[0] - first.get(0)[0], 0.02);
    assertEquals(5, first.get(0)[1] - second.get(0)[1], 0.02);
  }

  @Test
  void longRecordsSayWhatIsDrawn() throws Exception {
    Recording recording = single("long", 100, new float[6000]);
    assertTrue(
        texts(parse(EcgPaper.render(recording, SINGLE))).stream()
            .anyMatch(t -> t.contains("0–10 s of 60 s")));
    Document later = parse(EcgPaper.render(recording, SINGLE.withRange(57.5, 10)));
    assertTrue(texts(later).stream().anyMatch(t -> t.contains("57.5–60 s of 60 s")));
    IllegalArgumentException late =
        assertThrows(
            IllegalArgumentException.class,
            () -> EcgPaper.render(recording, SINGLE.withRange(60, 5)));
    assertTrue(late.getMessage().contains("earlier start"));
  }

  @Test
  void textIsEscaped() throws Exception {
    String nasty = "<b> & \"quotes\" \u0000\u0007 \uD800 ümlaut 心";
    Document svg =
        parse(
            EcgPaper.render(
                single("x", 100, new float[200]), SINGLE.withTitle(nasty, nasty).withNote(nasty)));
    String expected = "<b> & \"quotes\" \uFFFD\uFFFD \uFFFD ümlaut 心";
    assertEquals(expected, svg.getElementsByTagName("title").item(0).getTextContent());
    assertEquals(3, texts(svg).stream().filter(expected::equals).count());
  }

  @Test
  void offsetsAreTakenAway() throws Exception {
    float[] lead = ECG.signal(Lead.II).clone();
    String centred = paths(parse(EcgPaper.render(single("a", 100, lead), SINGLE)), "m").get(1);
    for (int t = 0; t < lead.length; t++) {
      lead[t] += 16;
    }
    String shifted = paths(parse(EcgPaper.render(single("a", 100, lead), SINGLE)), "m").get(1);
    assertEquals(points(centred).get(0).get(0)[1], points(shifted).get(0).get(0)[1], 0.011);
  }

  @Test
  void filesAppearWhole(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("ecg.svg");
    EcgPaper.write(file, ECG, EcgPaperOptions.standard());
    assertEquals(EcgPaper.render(ECG, EcgPaperOptions.standard()), Files.readString(file));
    assertTrue(Files.size(file) < 120_000, "12 leads of 10 s at 100 Hz take " + Files.size(file));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void whatCannotBeDrawnIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> EcgPaper.render(single("e", 100, new float[0]), SINGLE));
    IllegalArgumentException small =
        assertThrows(IllegalArgumentException.class, () -> EcgPaper.render(ECG, SINGLE));
    assertTrue(small.getMessage().contains("larger layout"));
    assertThrows(IllegalArgumentException.class, () -> SINGLE.withRange(-1, 10));
    assertThrows(IllegalArgumentException.class, () -> SINGLE.withRange(0, Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> new Layout(0, 4, List.of()));
  }

  private static Recording single(String name, double rate, float[] lead) {
    return new Recording(name, rate, List.of(Lead.II), new float[][] {lead}, List.of());
  }

  private static Document parse(String svg) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
  }

  private static List<String> texts(Document svg) {
    NodeList nodes = svg.getElementsByTagName("text");
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent());
    }
    return texts;
  }

  private static List<String> paths(Document svg, String style) {
    NodeList nodes = svg.getElementsByTagName("path");
    List<String> data = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      Element path = (Element) nodes.item(i);
      if (path.getAttribute("class").equals(style)) {
        data.add(path.getAttribute("d"));
      }
    }
    return data;
  }

  private static String millimetres(Element root, String attribute) {
    String value = root.getAttribute(attribute);
    assertTrue(value.endsWith("mm"), value);
    return value.substring(0, value.length() - 2);
  }

  private static double header(Document svg) {
    Element clip = (Element) svg.getElementsByTagName("clipPath").item(0);
    return Double.parseDouble(
        ((Element) clip.getElementsByTagName("rect").item(0)).getAttribute("y"));
  }

  /** Reads a trace's path, {@code M x y l dx dy dx dy …} or {@code h0}, into its pieces. */
  private static List<List<double[]>> points(String path) {
    List<List<double[]>> pieces = new ArrayList<>();
    for (String piece : path.substring(1).split("M")) {
      List<double[]> points = new ArrayList<>();
      double x = 0;
      double y = 0;
      String[] numbers =
          piece.replace("h0", "").replace("l", " ").replace("-", " -").strip().split(" +");
      for (int i = 0; i < numbers.length; i += 2) {
        x += Double.parseDouble(numbers[i]);
        y += Double.parseDouble(numbers[i + 1]);
        points.add(new double[] {x, y});
      }
      pieces.add(points);
    }
    return pieces;
  }
}
