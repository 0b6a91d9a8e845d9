// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.precordia.data.Shard;
import org.precordia.model.DataPlacement;
import org.precordia.model.ModelFile;
import org.precordia.model.ParameterLayout;
import org.precordia.model.Safetensors;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;
import org.precordia.runtime.PrecordiaException;

/** Several ranks, a process each, against one: steps, parameters, stopping and going on. */
class RanksTest {
  private static final double TOLERANCE = 1e-5;
  private static final double JUMP = 1e-2;
  private static final int PATIENCE_SECONDS = 300;

  @TempDir static Path folder;

  private static Shard shard;

  @BeforeAll
  static void prepare() throws IOException {
    shard = TrainingShard.prepare(folder, 60);
  }

  /** Before each, so that each says that it was skipped. */
  @BeforeEach
  void requireMpi() {
    boolean launcher =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(place -> Files.isExecutable(Path.of(place, "mpirun")));
    Assumptions.assumeTrue(launcher, "skipped: no MPI (there is no mpirun on PATH)");
    try {
      Communicator.library(Communicator.Kind.MPI);
    } catch (PrecordiaException none) {
      Assumptions.abort("skipped: no MPI (" + none.getMessage() + ")");
    }
  }

  @AfterAll
  static void close() {
    if (shard != null) {
      shard.close();
    }
  }

  /** The exit codes' highest, and what all ranks said. */
  private record Job(int code, String said) {}

  private static Job train(int ranks, Path run, String recipe, int chunks, int stopper)
      throws IOException, InterruptedException {
    return train(ranks, run, recipe, chunks, DataPlacement.DEVICE, stopper);
  }

  private static Job train(
      int ranks, Path run, String recipe, int chunks, DataPlacement placement, int stopper)
      throws IOException, InterruptedException {
    return mpirun(
        ranks,
        run.toString(),
        recipe,
        Integer.toString(chunks),
        placement.name(),
        Integer.toString(stopper));
  }

  private static Job mpirun(int ranks, String... arguments)
      throws IOException, InterruptedException {
    Path said = folder.resolve("said.txt");
    List<String> command =
        new ArrayList<>(
            List.of("mpirun", "--oversubscribe", "--allow-run-as-root", "--bind-to", "none", "-n"));
    command.add(Integer.toString(ranks));
    command.addAll(
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=org.precordia.bindings",
            "--module-path",
            System.getProperty("jdk.module.path"),
            "--patch-module",
            "org.precordia=" + testClasses(),
            "--module",
            "org.precordia/" + RanksProgram.class.getName()));
    command.add(shard.file().toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
    Process job = builder.start();
    try {
      assertTrue(job.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), () -> "no end: " + read(said));
    } finally {
      job.destroyForcibly();
    }
    return new Job(job.exitValue(), read(said));
  }

  private static Path testClasses() {
    String resource = RanksProgram.class.getSimpleName() + ".class";
    Path file = Path.of(RanksProgram.class.getResource(resource).getPath());
    return file.getParent().resolve("../../..").normalize();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static Path alone(String recipe, int chunks) throws IOException {
    Path run = folder.resolve("alone-" + recipe + "-" + chunks);
    if (!Files.exists(run)) {
      try (Context context = RanksProgram.context()) {
        RanksProgram.train(context, shard, run, recipe, chunks, DataPlacement.DEVICE, -1, null);
      }
    }
    return run;
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  private static void assertSameTraining(Path expected, Path actual) throws IOException {
    List<JsonNode> first = lines(expected.resolve("metrics.jsonl"));
    List<JsonNode> second = lines(actual.resolve("metrics.jsonl"));
    assertEquals(first.size(), second.size());
    for (int i = 0; i < first.size(); i++) {
      for (String field : List.of("loss", "reconstruction", "contrastive", "classifier")) {
        assertClose(field, i, first.get(i), second.get(i), TOLERANCE);
      }
      // The gradient of |x| jumps where rounding turns the sign of a residual.
      assertClose("gradient_norm", i, first.get(i), second.get(i), JUMP);
      assertEquals(first.get(i).get("anchors"), second.get(i).get("anchors"));
      assertEquals(first.get(i).get("rate"), second.get(i).get("rate"));
    }
    double distance = distance(parameters(expected), parameters(actual));
    System.out.printf("%s: parameters differ by %.2g%n", actual.getFileName(), distance);
    assertTrue(distance < TOLERANCE, "parameters differ by " + distance);
    List<JsonNode> scores = lines(expected.resolve("validations.jsonl"));
    assertEquals(scores.size(), lines(actual.resolve("validations.jsonl")).size());
  }

  private static void assertClose(
      String field, int line, JsonNode expected, JsonNode actual, double tolerance) {
    double one = expected.get(field).asDouble();
    double other = actual.get(field).asDouble();
    assertEquals(one, other, tolerance * Math.abs(one), field + " of line " + line);
  }

  private static float[] parameters(Path run) throws IOException {
    ModelFile model = ModelFile.read(run.resolve("model.safetensors"));
    long count = new ParameterLayout(model.metadata().network()).size();
    return Safetensors.read(run.resolve("checkpoint.safetensors")).floats("parameters", count);
  }

  private static double distance(float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  @ParameterizedTest
  @CsvSource({
    "joint, 2, 1",
    "joint, 4, 1",
    "joint, 2, 2",
    "two-stage, 2, 1",
    "two-stage, 4, 2",
    "unet, 2, 1"
  })
  void ranksTrainAsOneDoes(String recipe, int ranks, int chunks) throws Exception {
    Path run = folder.resolve("%s-%d-%d".formatted(recipe, ranks, chunks));
    Job job = train(ranks, run, recipe, chunks, -1);
    assertEquals(0, job.code(), job.said());
    assertSameTraining(alone(recipe, chunks), run);
    assertFalse(Files.exists(folder.resolve("nowhere")), "another rank than the first wrote files");
    assertEquals(ranks, lines(run.resolve("metrics.jsonl")).getFirst().get("ranks").asInt());
    assertEquals(
        Files.readString(alone(recipe, chunks).resolve("config.json")),
        Files.readString(run.resolve("config.json")));
  }

  @Test
  void ranksReadTheirWindowsFromTheHost() throws Exception {
    Path run = folder.resolve("host");
    Job job = train(2, run, "joint", 2, DataPlacement.HOST, -1);
    assertEquals(0, job.code(), job.said());
    assertSameTraining(alone("joint", 2), run);
  }

  @Test
  void scoresAreThoseOfOneRankBitForBit() throws Exception {
    List<String> one;
    try (Context context = RanksProgram.context()) {
      one = RanksScores.of(context, shard, TrainingRanks.single());
    }
    Path scores = folder.resolve("scores");
    Job job = mpirun(3, scores.toString());
    assertEquals(0, job.code(), job.said());
    for (int rank = 0; rank < 3; rank++) {
      List<String> told = Files.readAllLines(scores.resolve("rank" + rank));
      assertEquals(one.subList(0, 5), told.subList(0, 5), "rank " + rank);
      assertEquals("OptionalInt[2]", told.get(5), "a planted difference");
    }
  }

  @Test
  void aRunGoesOnWithAnotherNumberOfRanks() throws Exception {
    Path run = folder.resolve("resumed");
    Job four = train(4, run, "joint", 1, 0);
    assertEquals(RanksProgram.STOPPED, four.code(), four.said());
    Job two = train(2, run, "joint", 1, -1);
    assertEquals(0, two.code(), two.said());
    assertTrue(two.said().contains("goes on with 2 ranks instead of 4: from step 27"), two.said());
    assertSameTraining(alone("joint", 1), run);
    assertEquals(4, lines(run.resolve("metrics.jsonl")).get(25).get("ranks").asInt());
    assertEquals(2, lines(run.resolve("metrics.jsonl")).get(26).get("ranks").asInt());
  }

  @Test
  void oneRanksWishStopsAll() throws Exception {
    Path run = folder.resolve("stopped");
    Job job = train(2, run, "joint", 1, 1);
    assertEquals(RanksProgram.STOPPED, job.code(), job.said());
    assertEquals(2, lines(run.resolve("metrics.jsonl")).size());
    assertTrue(Files.exists(run.resolve("checkpoint.safetensors")));
  }

  @Test
  void ranksThatDoNotDivideTheBatchAreTold() throws Exception {
    Job job = train(3, folder.resolve("three"), "joint", 1, -1);
    assertEquals(RanksProgram.FAILED, job.code(), job.said());
    assertTrue(
        job.said()
            .contains(
                "stage joint has 16 windows a step, which 3 ranks do not share evenly: take 2 or 4"
                    + " ranks, or 15 or 18 windows a step"),
        job.said());
  }
}
