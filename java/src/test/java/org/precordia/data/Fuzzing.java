// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs Jazzer on one reader after the other, each in a process of its own, and prints a row of a
 * table for each. What a reader learned stays in its folder and is where the next run begins.
 */
public final class Fuzzing {
  private static final Pattern STATE = Pattern.compile("#\\d+\\s+\\w+\\s+cov: (\\d+) ft: (\\d+)");
  private static final Pattern UNITS = Pattern.compile("stat::number_of_executed_units: (\\d+)");

  private static final Pattern FINDING = Pattern.compile("(crash|timeout|oom)-.*");
  private static final int MOST_FINDINGS = 20;

  private final Path folder;
  private final int seconds;

  private Fuzzing(Path folder, int seconds) {
    this.folder = folder;
    this.seconds = seconds;
  }

  /**
   * Fuzzes readers; ends with 1 when one of them did what no reader may.
   *
   * @param arguments folder to work in, seconds for each reader, readers' names between commas or
   *     {@code all}
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Fuzzing fuzzing = new Fuzzing(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
    List<String> names = List.of(arguments[2].split(","));
    long failed = 0;
    System.out.println(
        "| reader | executions | edges | features | findings |\n|---|---|---|---|---|");
    for (ReaderFuzz reader : Fuzzers.all()) {
      if (names.contains("all") || names.contains(reader.name())) {
        failed += fuzzing.run(reader);
      }
    }
    System.exit(failed == 0 ? 0 : 1);
  }

  private long run(ReaderFuzz reader) throws IOException, InterruptedException {
    Path own = Files.createDirectories(folder.resolve(reader.name()).toAbsolutePath());
    Path corpus = Files.createDirectories(own.resolve("corpus"));
    Path seeds = Files.createDirectories(own.resolve("seeds"));
    Path found = Files.createDirectories(own.resolve("findings"));
    // What an earlier run found is tried before anything else, and counts only if it still fails.
    for (Path earlier : findings(found)) {
      Files.move(
          earlier, corpus.resolve(earlier.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
    int number = 0;
    for (byte[] seed : reader.seeds()) {
      Files.write(seeds.resolve("seed-" + number++), seed);
    }
    Path words = own.resolve("words");
    Files.write(words, reader.words().stream().map(Fuzzing::quoted).toList());
    Path log = own.resolve("log");
    int status =
        new ProcessBuilder(
                command(reader.name(), "-dict=" + words, "-artifact_prefix=" + found + "/"))
            .directory(own.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    report(reader.name(), Files.readString(log, StandardCharsets.ISO_8859_1), findings(found));
    return status == 0 ? 0 : 1;
  }

  /** Jazzer on one reader; it works in the reader's folder. */
  private List<String> command(String reader, String... places) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // A reader must do with far less than the virtual machine would take.
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:+EnableDynamicAgentLoading",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + FuzzEntry.class.getName(),
                "--target_args=" + reader,
                "--instrumentation_includes=org.precordia.**:de.siegmar.fastcsv.**",
                "--instrumentation_excludes=" + harness(),
                "--keep_going=" + MOST_FINDINGS,
                "-max_total_time=" + seconds,
                "-timeout=20",
                "-rss_limit_mb=4096",
                "-use_value_profile=1",
                "-print_final_stats=1"));
    command.addAll(List.of(places));
    command.addAll(List.of("corpus", "seeds"));
    return command;
  }

  private static void report(String name, String log, List<Path> findings) {
    String edges = "";
    String features = "";
    for (Matcher state = STATE.matcher(log); state.find(); ) {
      edges = state.group(1);
      features = state.group(2);
    }
    Matcher units = UNITS.matcher(log);
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %s | %s | %d |%n",
        name,
        units.find() ? units.group(1) : "ended early, see its log",
        edges,
        features,
        findings.size());
  }

  private static List<Path> findings(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> FINDING.matcher(f.getFileName().toString()).matches()).toList();
    }
  }

  /** Classes of the harness, whose coverage says nothing of a reader. */
  private static String harness() {
    return Stream.of(
            FuzzEntry.class, Fuzzers.class, ReaderFuzz.class, GuardedReading.class, WfdbFuzz.class)
        .map(Class::getName)
        .reduce((a, b) -> a + ":" + b)
        .orElseThrow();
  }

  /** A word as libFuzzer's dictionaries have it. */
  private static String quoted(String word) {
    StringBuilder line = new StringBuilder("\"");
    for (byte value : word.getBytes(StandardCharsets.UTF_8)) {
      line.append("\\x%02X".formatted(value & 0xFF));
    }
    return line.append('"').toString();
  }
}
