// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.precordia.cli.CommandResult.execute;
import static org.precordia.cli.CommandResult.ok;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.precordia.data.Shard;
import org.precordia.data.Wfdb;
import org.precordia.download.FaultyServer;
import org.precordia.synth.SyntheticCohort;

/** {@code download} from a local server that offers small synthetic data sets, and what follows. */
class DownloadCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PATIENTS = 12;

  @TempDir Path folder;
  private Path out;
  private FaultyServer server;

  @BeforeEach
  void serve() throws IOException {
    out = folder.resolve("data");
    server = new FaultyServer();
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  /** PTB-XL's layout with synthetic patients. */
  private void offerPtbXl() throws IOException {
    StringBuilder table =
        new StringBuilder(
            "ecg_id,patient_id,age,sex,scp_codes,strat_fold,filename_lr,filename_hr\n");
    for (int rate : new int[] {100, 500}) {
      String suffix = rate == 100 ? "_lr" : "_hr";
      SyntheticCohort cohort =
          new SyntheticCohort(SyntheticCohort.Options.of(PATIENTS, 3).withRate(rate));
      for (int i = 0; i < PATIENTS; i++) {
        Path records = folder.resolve("source/records" + rate + "/00000");
        Wfdb.write(cohort.read(i).withName("%05d%s".formatted(i + 1, suffix)), records);
        if (rate == 100) {
          table.append(
              "%d,%d,60,0,{'NORM': 100.0},%d,records100/00000/%05d_lr,records500/00000/%05d_hr%n"
                  .formatted(i + 1, i + 1, cohort.subject(i).fold(), i + 1, i + 1));
        }
      }
    }
    server.put("ptbxl_database.csv", table.toString().getBytes(StandardCharsets.UTF_8));
    server.put(
        "scp_statements.csv",
        ",description,diagnostic,diagnostic_class\nNORM,normal ECG,1.0,NORM\n"
            .getBytes(StandardCharsets.UTF_8));
    server.put("LICENSE.txt", "any".getBytes(StandardCharsets.UTF_8));
    offer(folder.resolve("source"));
  }

  private void offer(Path source) throws IOException {
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        server.put(source.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
      }
    }
    server.putSums();
  }

  @Test
  void ptbXlIsDownloadedAndPrepared() throws Exception {
    offerPtbXl();
    CommandResult result =
        ok("download", "ptb-xl", "--out", out.toString(), "--mirror", server.url(), "--json");
    JsonNode json = JSON.readTree(result.out());
    assertTrue(json.get("complete").asBoolean());
    assertEquals(3 + 2 * PATIENTS, json.get("fetched").asInt());
    assertEquals(0, json.get("missing").size());
    assertTrue(json.get("bytes").asLong() > PATIENTS * 24_000);
    assertFalse(Files.exists(out.resolve("records500")));
    String next = "prepare --ptb-xl " + out + " --out ptb-xl.shard";
    assertEquals("precordia " + next, json.get("next").asText());
    assertTrue(result.err().contains("CC BY 4.0") && result.err().contains(next), result.err());

    Path shard = folder.resolve("ptb-xl.shard");
    ok("prepare", "--ptb-xl", out.toString(), "--out", shard.toString());
    try (Shard prepared = Shard.open(shard)) {
      assertEquals(PATIENTS, prepared.records());
    }

    CommandResult fast =
        ok(
            "download",
            "ptb-xl",
            "--rate",
            "500",
            "--out",
            out.toString(),
            "--mirror",
            server.url());
    assertTrue(fast.out().contains(2 * PATIENTS + " fetched, 3 kept"), fast.out());
    assertTrue(fast.out().contains("--rate 500 --out"), fast.out());
    ok("prepare", "--ptb-xl", out.toString(), "--rate", "500", "--out", shard.toString());
  }

  @Test
  void ptbIsDownloadedAndPrepared() throws Exception {
    SyntheticCohort cohort = new SyntheticCohort(SyntheticCohort.Options.of(2, 3).withRate(1000));
    for (int i = 0; i < 2; i++) {
      Path records = folder.resolve("source/patient00" + (i + 1));
      Wfdb.write(cohort.read(i).withName("s000" + i + "_re"), records);
    }
    Files.writeString(folder.resolve("source/RECORDS"), "any");
    offer(folder.resolve("source"));
    CommandResult result = ok("download", "PTB", "--out", out.toString(), "--mirror", server.url());
    assertTrue(result.out().contains("4 of 4 files there and verified"), result.out());
    assertFalse(Files.exists(out.resolve("RECORDS")));
    Path shard = folder.resolve("ptb.shard");
    ok("prepare", "--ptb", out.toString(), "--out", shard.toString());
    try (Shard prepared = Shard.open(shard)) {
      assertEquals(2, prepared.records());
    }
  }

  @Test
  void whatIsMissingIsListedWithHowToGoOn() throws Exception {
    offerPtbXl();
    server.plan(
        "records100/00000/00003_lr.dat",
        (request, reply) -> reply.send(403, Map.of(), new byte[0]));
    CommandResult result =
        execute("download", "ptb-xl", "--out", out.toString(), "--mirror", server.url(), "--json");
    assertEquals(ExitCode.DATA, result.code());
    assertTrue(
        result.err().contains("missing  records100/00000/00003_lr.dat: the server answered 403"),
        result.err());
    assertTrue(result.err().contains("run the same command again"), result.err());
    JsonNode json = JSON.readTree(result.out());
    assertFalse(json.get("complete").asBoolean());
    assertEquals("records100/00000/00003_lr.dat", json.at("/missing/0/path").asText());
    assertTrue(
        ok("download", "ptb-xl", "--out", out.toString(), "--mirror", server.url())
            .out()
            .contains("1 fetched, 26 kept"));
  }

  /** The process ends while a file is half there; the next one fetches the other half. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aProcessThatIsToldToEndOrKilledLosesNothing(boolean kill) throws Exception {
    offerPtbXl();
    String path = "records100/00000/00012_lr.dat";
    server.plan(path, server.cut(10_000, server::silence));
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=org.precordia.bindings",
                "--module-path",
                System.getProperty("jdk.module.path"),
                "--module",
                "org.precordia/org.precordia.cli.Main",
                "download",
                "ptb-xl",
                "--out",
                out.toString(),
                "--mirror",
                server.url())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said.txt").toFile())
            .start();
    try {
      for (int i = 0; i < 60_000 && process.isAlive() && !isHalfThere(); i++) {
        Thread.sleep(1);
      }
      assertTrue(process.isAlive(), this::said);
      if (!kill) {
        process.destroy();
        process.waitFor();
        assertTrue(said().contains("stopped; run the same command again to go on"), this::said);
        assertTrue(said().contains("26 of 27 files there and verified"), this::said);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    CommandResult again =
        ok("download", "ptb-xl", "--out", out.toString(), "--mirror", server.url(), "--json");
    JsonNode json = JSON.readTree(again.out());
    assertEquals(1, json.get("fetched").asInt());
    assertEquals(24_000 - 10_000, json.get("bytes").asInt(), "the rest alone");
    assertTrue(json.get("complete").asBoolean());
  }

  private String said() {
    try {
      return Files.readString(folder.resolve("said.txt"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Whether all files but one are there, and of that one what the server gave. */
  private boolean isHalfThere() throws IOException {
    if (!Files.isDirectory(out)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(out)) {
      var present = files.filter(Files::isRegularFile).toList();
      long whole = present.stream().filter(f -> f.toString().matches(".*_lr\\.(hea|dat)")).count();
      return whole == 2 * PATIENTS - 1
          && present.stream()
              .anyMatch(f -> f.toString().endsWith(".part") && f.toFile().length() == 10_000);
    }
  }

  @Test
  void usageErrorsSayWhatThereIs() {
    String to = out.toString();
    assertUsage("choose among ptb-xl, ptb", "download", "mit-bih", "--out", to);
    assertUsage(
        "--rate chooses records of ptb-xl", "download", "ptb", "--rate", "500", "--out", to);
    assertUsage("--rate chooses", "download", "ptb-xl", "--all", "--rate", "500", "--out", to);
    assertUsage("--out", "download", "ptb-xl");
    assertData("not 250", "download", "ptb-xl", "--rate", "250", "--out", to);
    assertData("--parallel takes 1 to 32", "download", "ptb", "--parallel", "99", "--out", to);
    assertData("--mirror takes", "download", "ptb", "--mirror", "ftp://x", "--out", to);
    assertData("without user", "download", "ptb", "--mirror", "http://u:p@x/", "--out", to);
  }

  private static void assertUsage(String sentence, String... command) {
    CommandResult result = execute(command);
    assertEquals(ExitCode.USAGE, result.code(), result.err());
    assertTrue(result.err().contains(sentence), result.err());
  }

  private static void assertData(String sentence, String... command) {
    CommandResult result = execute(command);
    assertEquals(ExitCode.DATA, result.code(), result.err());
    assertTrue(result.err().contains(sentence), result.err());
  }
}
