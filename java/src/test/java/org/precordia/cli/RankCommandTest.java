// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.precordia.cli.CommandResult.execute;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.precordia.JavaProcess;

/** A command that may be one of many ranks. */
class RankCommandTest {
  private static final Map<String, String> SECOND =
      Map.of("RANK", "1", "WORLD_SIZE", "2", "LOCAL_RANK", "1", "LOCAL_WORLD_SIZE", "2");

  /** The command in a process of its own, as a launcher would start it. */
  private static CommandResult started(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        JavaProcess.unranked(JavaProcess.command(Main.class.getName(), arguments));
    builder.environment().putAll(environment);
    builder.redirectErrorStream(false).redirectError(ProcessBuilder.Redirect.PIPE);
    Process process = builder.start();
    String[] said = new String[1];
    Thread reader = Thread.ofVirtual().start(() -> said[0] = read(process));
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    reader.join();
    return new CommandResult(process.waitFor(), out, said[0]);
  }

  private static String read(Process process) {
    try {
      return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void aContradictoryEnvironmentHasACodeOfItsOwn() throws Exception {
    CommandResult result = started(Map.of("RANK", "1"), "doctor");
    assertEquals(ExitCode.RANKS, result.code(), result.err());
    assertTrue(result.err().contains("precordia: RANK is set, but not WORLD_SIZE"), result.err());
    CommandResult alone = started(Map.of("RANK", "1"), "doctor", "--ranks", "off");
    assertEquals(ExitCode.OK, alone.code(), alone.err());
    assertTrue(alone.out().contains("one rank"), alone.out());
  }

  @Test
  void anotherRankThanTheFirstSaysOnlyWhatWentWrong() throws Exception {
    CommandResult result = started(SECOND, "doctor", "--backend", "cpu");
    assertTrue(result.code() == ExitCode.RANKS || result.code() == ExitCode.DEVICE, result.err());
    assertEquals("", result.out());
    assertTrue(result.err().contains("rank 1: "), result.err());
    assertFalse(result.err().contains("backend"), result.err());
  }

  @Test
  void optionsOfRanksAreChecked() {
    CommandResult address = execute("doctor", "--rendezvous", "node1");
    assertEquals(ExitCode.USAGE, address.code());
    assertTrue(address.err().contains("is not HOST:PORT"), address.err());
    CommandResult timeout = execute("doctor", "--rendezvous-timeout", "0");
    assertEquals(ExitCode.USAGE, timeout.code());
    assertTrue(timeout.err().contains("at least 1"), timeout.err());
  }

  @Test
  void theVoiceOfAnotherRankIsItsErrors() {
    PrintStream before = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (PrintStream caught = new PrintStream(said, true, StandardCharsets.UTF_8)) {
      System.setErr(caught);
      Output other = Output.ofOtherRank("rank 3: ");
      other.line("a line");
      other.result("a result");
      other.error("an error");
      assertFalse(other.terminal());
    } finally {
      System.setErr(before);
    }
    assertEquals(
        "rank 3: an error" + System.lineSeparator(), said.toString(StandardCharsets.UTF_8));
  }
}
