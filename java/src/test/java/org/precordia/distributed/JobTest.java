// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.precordia.JavaProcess;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;
import org.precordia.runtime.PrecordiaException;

/** Jobs of one rank, and of several that mpirun starts. */
@Timeout(300)
class JobTest {
  @TempDir Path folder;

  private static void requireMpi() {
    try {
      Communicator.library(Communicator.Kind.MPI);
    } catch (PrecordiaException e) {
      assumeTrue(false, "skipped: no MPI (" + e.getMessage() + ")");
    }
  }

  private static Path mpirun() {
    Optional<Path> found =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .map(path -> Path.of(path, "mpirun"))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(found.isPresent(), "skipped: no MPI (there is no mpirun on PATH)");
    return found.get();
  }

  private record Ended(int code, String text) {}

  /**
   * Three ranks.
   *
   * @param alone mpirun leaves the others alone when one dies, so that what ends them is ours; its
   *     code then is 0
   */
  private Ended run(String order, boolean alone) throws IOException, InterruptedException {
    requireMpi();
    List<String> command = new ArrayList<>(List.of(mpirun().toString(), "-np", "3"));
    command.addAll(List.of("--allow-run-as-root", "--oversubscribe"));
    if (alone) {
      command.add("--enable-recovery");
    }
    command.addAll(JavaProcess.command(JobProcess.class.getName(), order));
    Path log = folder.resolve("log");
    ProcessBuilder builder = JavaProcess.unranked(command);
    Process process = builder.redirectOutput(log.toFile()).start();
    try {
      assertTrue(process.waitFor(200, TimeUnit.SECONDS), "the job did not end");
      return new Ended(process.exitValue(), Files.readString(log, StandardCharsets.UTF_8));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void oneRankNeedsNothing() throws Exception {
    try (Context context = Context.open(Backend.CPU.select());
        Job job = Job.open(context, JobOptions.single())) {
      assertEquals(Communicator.Kind.SINGLE, job.communicator().kind());
      assertTrue(job.first());
      assertArrayEquals(new byte[] {1}, job.share(new byte[] {1}));
      assertEquals(3, job.run(() -> 3));
      assertThrows(
          IOException.class,
          () ->
              job.run(
                  () -> {
                    throw new IOException("as it is");
                  }));
      job.check();
    }
  }

  @Test
  void ranksWithoutAnAddressAreRefused() {
    requireMpi();
    JobOptions single = JobOptions.single();
    JobOptions lost =
        new JobOptions(
            new Ranks(1, 2, 0, 1, Ranks.Source.TORCHRUN),
            Map.of(),
            Optional.empty(),
            single.configuration(),
            single.timeout(),
            single.log(),
            single.lastResort());
    try (Context context = Context.open(Backend.CPU.select())) {
      String message =
          assertThrows(RanksException.class, () -> Job.open(context, lost)).getMessage();
      assertTrue(message.contains("MASTER_ADDR"), message);
    }
  }

  @Test
  void ranksOfMpirunMeetWithoutAnAddress() throws Exception {
    Ended job = run("end", false);
    assertEquals(0, job.code(), job.text());
    for (int rank = 0; rank < 3; rank++) {
      assertTrue(job.text().contains("rank " + rank + ": sum 6"), job.text());
      assertTrue(job.text().contains("rank " + rank + ": done"), job.text());
    }
  }

  @Test
  void whoWaitsInASumComesBackWhenARankDies() throws Exception {
    Ended job = run("die", true);
    for (int rank = 0; rank < 2; rank++) {
      String told = "rank " + rank + ": the job ended, because it lost rank 2 on host ";
      assertTrue(job.text().contains(told), job.text());
    }
  }

  @Test
  void anErrorOfOneRankEndsAllAndIsPrintedByTheFirst() throws Exception {
    Ended job = run("throw", true);
    assertTrue(job.text().matches("(?s).*log of 0: rank 2 \\(.+\\): the data are damaged.*"));
    for (int rank = 0; rank < 2; rank++) {
      String told = "rank " + rank + ": the job ended, because it lost rank 2 on host ";
      assertTrue(job.text().contains(told), job.text());
    }
  }

  @Test
  void aProcessThatDoesNotNoticeIsEnded() throws Exception {
    Ended job = run("hang", true);
    String told = "rank 1: the job ended, because it lost rank 2 on host ";
    assertTrue(job.text().contains(told), job.text());
    assertTrue(job.text().contains("rank 0: ended"), job.text());
  }

  @Test
  void mpirunEndsWithAnErrorWhereARankDoes() throws Exception {
    Ended job = run("throw", false);
    assertNotEquals(0, job.code(), job.text());
    assertTrue(job.text().contains("the data are damaged"), job.text());
  }
}
