// SPDX-License-Identifier: Apache-2.0
package org.precordia.download;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;

/**
 * Brings single files into the folder: keeps those that are there and right, goes on with those of
 * which there is a part, and puts nothing in place whose SHA-256 is not the published one.
 */
final class Transfer {
  private static final int BLOCK = 1 << 16;

  private final DownloadSettings settings;
  private final Mirror mirror;
  private final StateFolder folder;
  private final Journal journal;
  private final Watchdog watchdog;
  private final Retry retry;
  private final UnaryOperator<SeekableByteChannel> wrapper;

  /** What became of a file. */
  enum Outcome {
    /** It was there and right. */
    KEPT,
    /** It was fetched. */
    FETCHED,
    /** It was there with another content, and was fetched again. */
    REPLACED
  }

  Transfer(
      DownloadSettings settings,
      Mirror mirror,
      StateFolder folder,
      Journal journal,
      Watchdog watchdog,
      Retry retry,
      UnaryOperator<SeekableByteChannel> wrapper) {
    this.settings = settings;
    this.mirror = mirror;
    this.folder = folder;
    this.journal = journal;
    this.watchdog = watchdog;
    this.retry = retry;
    this.wrapper = wrapper;
  }

  /**
   * Brings a file.
   *
   * @param received hears how many bytes came from the server, block by block
   * @throws MirrorException when the server does not give it
   * @throws org.precordia.data.DataException when it cannot be written here
   */
  Outcome bring(Checksums.Entry entry, LongConsumer received)
      throws IOException, InterruptedException {
    Path target = folder.file(entry.path());
    if (!settings.verify() && journal.knows(entry, target)) {
      return Outcome.KEPT;
    }
    boolean there = Files.isRegularFile(target);
    if (there && Digests.of(target).equals(entry.sum())) {
      journal.add(entry, target);
      return Outcome.KEPT;
    }
    AtomicLong length = new AtomicLong();
    retry.run(
        () -> {
          attempt(entry, target, received, length);
          return null;
        },
        length::get);
    journal.add(entry, target);
    return there ? Outcome.REPLACED : Outcome.FETCHED;
  }

  /** Goes on with a file's part and puts it in place when it is whole and right. */
  private void attempt(Checksums.Entry entry, Path target, LongConsumer received, AtomicLong length)
      throws IOException, InterruptedException {
    try (PartFile part = new PartFile(folder, entry, target, wrapper)) {
      try {
        // A part may be whole: then nothing but the renaming was missing.
        if (!part.sum().equals(entry.sum())) {
          fill(entry, part, received);
        }
      } finally {
        length.set(part.length());
      }
      if (!part.sum().equals(entry.sum())) {
        String sum = part.sum();
        part.restart();
        throw MirrorException.passing(
            "came with SHA-256 %s instead of %s".formatted(sum, entry.sum()));
      }
      part.commit();
    }
  }

  private void fill(Checksums.Entry entry, PartFile part, LongConsumer received)
      throws IOException, InterruptedException {
    try (Mirror.Body body = mirror.open(entry.path(), part.length(), part.validator());
        Watchdog.Watch watch = watchdog.over(body.content())) {
      if (body.from() != part.length()) {
        part.restart();
      }
      part.from(body.validator());
      refuseLarger(body.size());
      byte[] block = new byte[BLOCK];
      for (int count = read(body, block, watch); count >= 0; count = read(body, block, watch)) {
        watch.received(count);
        if (part.length() + count > settings.largestFile()) {
          long size = part.length() + count;
          part.restart();
          refuseLarger(size);
        }
        part.write(block, count);
        received.accept(count);
      }
      if (body.size() >= 0 && part.length() < body.size()) {
        throw MirrorException.passing(
            "ended after %d of %d bytes".formatted(part.length(), body.size()));
      }
    }
  }

  private static int read(Mirror.Body body, byte[] block, Watchdog.Watch watch) throws IOException {
    try {
      return body.content().read(block);
    } catch (IOException e) {
      throw watch.explain(e);
    }
  }

  private void refuseLarger(long size) throws MirrorException {
    if (size > settings.largestFile()) {
      throw MirrorException.lasting(
          "has more than %d bytes, the most for a file of this data set"
              .formatted(settings.largestFile()));
    }
  }
}
