// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.precordia.JavaProcess;

/**
 * A rank in a process of its own. It says what happens to it on standard output, and obeys lines on
 * standard input: {@code fail TEXT}, {@code close}.
 */
final class RankProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 90;

  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  private RankProcess(Process process) {
    this.process = process;
    Thread.ofVirtual().start(this::collect);
  }

  static RankProcess start(int rank, int ranks, int port) {
    List<String> command =
        JavaProcess.command(
            RankProcess.class.getName(),
            Integer.toString(rank),
            Integer.toString(ranks),
            Integer.toString(port));
    try {
      return new RankProcess(JavaProcess.unranked(command).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static void main(String[] arguments) throws Exception {
    int rank = Integer.parseInt(arguments[0]);
    int count = Integer.parseInt(arguments[1]);
    Ranks ranks = new Ranks(rank, count, rank, count, Ranks.Source.TORCHRUN);
    RendezvousOptions options =
        new RendezvousOptions(
            ranks,
            new Address("127.0.0.1", Integer.parseInt(arguments[2])),
            new JobName("job"),
            "build",
            Configuration.of("options"),
            Duration.ofSeconds(PATIENCE_SECONDS),
            RendezvousOptions.HEARTBEAT,
            line -> System.out.println("log: " + line));
    try (Rendezvous rendezvous = new Rendezvous(options);
        BufferedReader orders =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println("port: " + rendezvous.address().port());
      rendezvous.onFailure(failure -> System.out.println("failure: " + failure));
      rendezvous.meet();
      System.out.println("met");
      String order = orders.readLine();
      if (order != null && order.startsWith("fail ")) {
        rendezvous.fail(order.substring("fail ".length()));
      }
    }
  }

  private void collect() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      output.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      lines.add("the process's output ended: " + e);
    }
  }

  /** Waits for the next line that begins so, and returns what follows. */
  String await(String beginning) throws InterruptedException {
    StringBuilder others = new StringBuilder();
    while (true) {
      String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (line == null) {
        throw new AssertionError("never said \"" + beginning + "\", but: " + others);
      }
      if (line.startsWith(beginning)) {
        return line.substring(beginning.length()).strip();
      }
      others.append(line).append('\n');
    }
  }

  /** What it has said and nobody has waited for. */
  List<String> rest() {
    return List.copyOf(lines);
  }

  void say(String order) throws IOException {
    Writer input = process.outputWriter(StandardCharsets.UTF_8);
    input.write(order + "\n");
    input.flush();
  }

  int exitCode() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("the process did not end");
    }
    return process.exitValue();
  }

  long pid() {
    return process.pid();
  }

  void kill() {
    process.destroyForcibly();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
