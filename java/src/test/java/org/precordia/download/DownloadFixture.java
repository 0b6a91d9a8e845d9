// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A server that offers a small PTB-XL, and downloads from it whose pauses take no time. */
abstract class DownloadFixture {
  static final String TABLE = "ptbxl_database.csv";
  static final String DATA = "records100/00000/00001_lr.dat";
  static final String HEADER = "records100/00000/00001_lr.hea";
  static final String OTHER = "records500/00000/00001_hr.hea";
  static final int SIZE = 300_000;
  static final int LARGEST = 1 << 20;

  @TempDir Path temporary;
  Path folder;
  FaultyServer server;
  final List<Duration> pauses = new CopyOnWriteArrayList<>();
  UnaryOperator<SeekableByteChannel> medium = UnaryOperator.identity();
  Map<String, String> environment = Map.of();
  Settings settings = new Settings(4, Duration.ofMinutes(1));

  @BeforeEach
  void serve() throws IOException {
    folder = temporary.resolve("data");
    server = new FaultyServer();
    server.put(TABLE, bytes(1, 5000));
    server.put("scp_statements.csv", bytes(2, 500));
    server.put("LICENSE.txt", bytes(3, 50));
    server.put(HEADER, bytes(4, 700));
    server.put(DATA, bytes(5, SIZE));
    server.put(OTHER, bytes(6, 700));
    server.putSums();
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  static byte[] bytes(long seed, int count) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Settings of a test, few attempts, hardly a pause, and time enough on a busy machine. */
  record Settings(int attempts, Duration stall) {
    Settings withStall(Duration time) {
      return new Settings(attempts, time);
    }

    DownloadSettings of(boolean verify) {
      return new DownloadSettings(
          3,
          verify,
          attempts,
          Duration.ofMillis(1),
          Duration.ofMinutes(2),
          Duration.ofMinutes(1),
          stall,
          LARGEST,
          "test");
    }
  }

  Downloader downloader(boolean verify) {
    return downloader(server.url(), verify);
  }

  Downloader downloader(String source, boolean verify) {
    DownloadSettings chosen = settings.of(verify);
    Mirror mirror = Downloader.mirror(source, chosen, environment);
    return new Downloader(mirror, folder, chosen, (done, files, bytes) -> {}, pauses::add, medium);
  }

  /** Starts a download that is told to stop later. */
  static CompletableFuture<DownloadReport> start(Downloader downloader) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return downloader.run(Dataset.PTB_XL.needed(100));
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        // Java's HTTP client completes its answers in the common pool, which may have one thread.
        task -> Thread.ofPlatform().start(task));
  }

  DownloadReport download() throws IOException, InterruptedException {
    return downloader(false).run(Dataset.PTB_XL.needed(100));
  }

  void assertHolds(String path, byte[] content) throws IOException {
    assertArrayEquals(content, Files.readAllBytes(folder.resolve(path)), path);
  }

  void assertAbsent(String path) {
    assertFalse(Files.exists(folder.resolve(path)), path);
  }

  /** Bytes of the one part there is, or 0. */
  long partLength() {
    try (Stream<Path> parts = Files.list(folder.resolve(StateFolder.NAME).resolve("parts"))) {
      return parts
          .filter(file -> file.toString().endsWith(".part"))
          .mapToLong(file -> file.toFile().length())
          .max()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  /** Ends a connection once the client has written down what came over it. */
  FaultyServer.End dropWhenPartHas(long bytes) {
    return reply -> {
      awaitPart(bytes);
      reply.close();
    };
  }

  /** Waits, within reason, until the part there is has so many bytes. */
  void awaitPart(long bytes) {
    await(() -> partLength() >= bytes);
  }

  /** Waits, within reason, until files are in their place. */
  void awaitFiles(String... paths) {
    await(() -> Stream.of(paths).allMatch(path -> Files.exists(folder.resolve(path))));
  }

  private static void await(BooleanSupplier condition) {
    for (int i = 0; i < 60_000 && !condition.getAsBoolean(); i++) {
      try {
        Thread.sleep(1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
