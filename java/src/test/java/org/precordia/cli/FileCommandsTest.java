// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.precordia.cli.CommandResult.execute;
import static org.precordia.cli.CommandResult.ok;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.data.Lead;
import org.precordia.data.LimbLeads;
import org.precordia.data.Recording;
import org.precordia.data.Recordings;
import org.precordia.data.Wfdb;
import org.precordia.synth.SyntheticCohort;

/** {@code convert} and {@code inspect} from the outside. */
class FileCommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private Path out;
  private Recording ecg;
  private Path record;

  @BeforeEach
  void writeRecord() throws IOException {
    out = folder.resolve("out");
    ecg = new SyntheticCohort(1, 7).read(0);
    record = Wfdb.write(ecg, folder, Map.of(Lead.V1, new Wfdb.Scaling(500, -3)), 24);
  }

  private Path file(String name) {
    return out.resolve(ecg.name() + name);
  }

  @Test
  void aRecordStaysByteByByteWhatItIs() throws IOException {
    ok("convert", "--out", out.toString(), record.toString());
    for (String name : List.of(".hea", ".dat")) {
      assertArrayEquals(
          Files.readAllBytes(folder.resolve(ecg.name() + name)), Files.readAllBytes(file(name)));
    }
  }

  @Test
  void recordsBecomeTablesAndTablesRecords() throws IOException {
    Recording read = Wfdb.read(record);
    for (String target : List.of("csv", "TSV")) {
      ok("convert", "--to", target, "--decimal-comma", "--out", out.toString(), record.toString());
      Path table = file("." + target.toLowerCase(Locale.ROOT));
      Recording again = Recordings.read(table);
      assertArrayEquals(read.millivolts(), again.millivolts());
      assertTrue(Files.readString(table).contains(target.equals("csv") ? "s);I" : "s)\tI"));
      ok("convert", "--out", out.resolve(target).toString(), table.toString());
      Recording back = Wfdb.read(out.resolve(target).resolve(ecg.name()));
      assertEquals(read.rate(), back.rate());
      assertArrayEquals(read.signal(Lead.II), back.signal(Lead.II), 0.0005001f);
    }
  }

  @Test
  void leadsAreChosenDerivedAndMasked() throws IOException {
    Recording five =
        new Recording(
            "a b",
            250,
            List.of(Lead.AVF, Lead.AVL, Lead.V2),
            new float[][] {{.1f, .2f}, {.3f, .5f}, {1, 2}},
            List.of());
    Path table = folder.resolve("a b.csv");
    Recordings.writeTable(five, table, ',', false);
    CommandResult refused =
        execute("convert", "--leads", "II,V1", "--out", out.toString(), table.toString());
    assertEquals(ExitCode.DATA, refused.code());
    assertTrue(refused.err().contains("V1"), refused.err());
    CommandResult result =
        ok(
            "convert",
            "--leads",
            "II,V1",
            "--missing",
            "nan",
            "--format",
            "32",
            "--gain",
            "1e6",
            "--json",
            "--out",
            out.toString(),
            table.toString());
    Path written = Path.of(JSON.readTree(result.out()).get(0).get("written").asText());
    assertEquals("a_b.hea", written.getFileName().toString());
    Recording r = Wfdb.read(written);
    assertEquals(32, Wfdb.header(written).signals().getFirst().format());
    assertArrayEquals(LimbLeads.signal(five, Lead.II), r.signal(Lead.II), 1e-6f);
    assertTrue(Float.isNaN(r.signal(Lead.V1)[1]));
  }

  @Test
  void tablesThatSayLittleAreTold() throws IOException {
    Path table = folder.resolve("bare.txt");
    Files.writeString(table, "1000;5\n-2000;6\n");
    ok(
        "convert",
        "--rate",
        "360",
        "--unit",
        "uV",
        "--columns",
        "V5,x",
        "--out",
        out.toString(),
        table.toString());
    Recording r = Wfdb.read(out.resolve("bare"));
    assertEquals(360, r.rate());
    assertArrayEquals(new float[] {1, -2}, r.signal(Lead.V5));
  }

  @Test
  void anInspectionShowsLeadsGapsAndContradictions() throws IOException {
    float[][] rows = Arrays.stream(ecg.millivolts()).map(float[]::clone).toArray(float[][]::new);
    rows[ecg.leads().indexOf(Lead.AVL)][50] += 0.25f;
    Arrays.fill(rows[ecg.leads().indexOf(Lead.V3)], 5, 9, Float.NaN);
    Arrays.fill(rows[ecg.leads().indexOf(Lead.V4)], Float.NaN);
    Wfdb.write(ecg.withLeads(ecg.leads(), rows).withName("bad"), folder);
    CommandResult result = ok("inspect", "--json", folder.resolve("bad").toString());
    JsonNode node = JSON.readTree(result.out()).get(0);
    assertEquals("WFDB 16", node.get("format").asText());
    assertEquals(ecg.rate(), node.get("rate").asDouble());
    assertEquals(0.25, node.get("einthoven_mv").asDouble(), 0.003);
    JsonNode third = node.get("leads").get(ecg.leads().indexOf(Lead.V3));
    assertEquals("V3", third.get("lead").asText());
    assertEquals(4, third.get("missing").asInt());
    assertEquals(1, third.get("gaps").asInt());
    JsonNode fourth = node.get("leads").get(ecg.leads().indexOf(Lead.V4));
    assertTrue(fourth.get("flat").asBoolean());
    assertTrue(fourth.get("lowest").isNull());
    String text = ok("inspect", folder.resolve("bad").toString()).out();
    assertTrue(text.contains("more than rounding"), text);
    assertTrue(text.contains("4 samples missing in 1 gaps"), text);
  }

  @Test
  void oneBadFileDoesNotCostTheOthers() throws IOException {
    Path junk = folder.resolve("junk");
    Files.write(junk, new byte[] {0, 1, 2});
    for (String command : List.of("inspect", "convert")) {
      List<String> arguments = new ArrayList<>(List.of(command, junk.toString()));
      arguments.add(record.toString());
      if (command.equals("convert")) {
        arguments.addAll(List.of("--out", out.toString()));
      }
      CommandResult result = execute(arguments.toArray(String[]::new));
      assertEquals(ExitCode.DATA, result.code());
      assertTrue(result.err().contains("junk: is of no known format"), result.err());
      assertTrue(result.out().contains(ecg.name()), result.out());
    }
    assertEquals(
        ExitCode.DATA,
        execute("convert", "--format", "310", "--out", out.toString(), record.toString()).code());
    assertEquals(ExitCode.USAGE, execute("convert", record.toString()).code());
  }
}
