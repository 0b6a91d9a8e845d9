// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** Ranks of a test, each on a thread of its own. */
final class Meetings {
  static final String HOST = "127.0.0.1";
  static final Duration LONG = Duration.ofSeconds(90);

  private Meetings() {}

  /** Ordinary options of a rank. */
  static RendezvousOptions options(int rank, int ranks, int port) {
    return new RendezvousOptions(
        new Ranks(rank, ranks, rank, ranks, Ranks.Source.TORCHRUN),
        new Address(HOST, port),
        new JobName("job"),
        "1.0+abc",
        Configuration.of("train --seed 1"),
        LONG,
        RendezvousOptions.HEARTBEAT,
        _ -> {});
  }

  static RendezvousOptions within(RendezvousOptions options, Duration timeout) {
    return new RendezvousOptions(
        options.ranks(),
        options.address(),
        options.job(),
        options.build(),
        options.configuration(),
        timeout,
        options.heartbeat(),
        options.log());
  }

  static RendezvousOptions beating(RendezvousOptions options, Duration heartbeat) {
    return new RendezvousOptions(
        options.ranks(),
        options.address(),
        options.job(),
        options.build(),
        options.configuration(),
        options.timeout(),
        heartbeat,
        options.log());
  }

  static RendezvousOptions telling(RendezvousOptions options, Consumer<String> log) {
    return new RendezvousOptions(
        options.ranks(),
        options.address(),
        options.job(),
        options.build(),
        options.configuration(),
        options.timeout(),
        options.heartbeat(),
        log);
  }

  static RendezvousOptions of(RendezvousOptions options, String job, String build, String asked) {
    return new RendezvousOptions(
        options.ranks(),
        options.address(),
        new JobName(job),
        build,
        Configuration.of(asked),
        options.timeout(),
        options.heartbeat(),
        options.log());
  }

  /** Something that may be interrupted. */
  interface Action<T> {
    T run() throws Exception;
  }

  static <T> CompletableFuture<T> async(Action<T> action) {
    CompletableFuture<T> future = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                future.complete(action.run());
              } catch (Throwable e) {
                future.completeExceptionally(e);
              }
            });
    return future;
  }

  /** Lets a prepared rank meet the others. */
  static CompletableFuture<Rendezvous> meet(Rendezvous rendezvous) {
    return async(
        () -> {
          rendezvous.meet();
          return rendezvous;
        });
  }

  /** What a future failed with. */
  static Throwable failureOf(CompletableFuture<?> future) {
    try {
      Object result = future.join();
      throw new AssertionError("did not fail, but gave " + result);
    } catch (CompletionException e) {
      return e.getCause();
    }
  }

  static ServerSocket listener() {
    try {
      return new ServerSocket(0, 50, InetAddress.getByName(HOST));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A port at which nothing listens. */
  static int freePort() throws IOException {
    try (ServerSocket server = listener()) {
      return server.getLocalPort();
    }
  }
}
