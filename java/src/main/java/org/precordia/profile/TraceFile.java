// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;

/**
 * A trace in the array form of the Trace Event Format, which Perfetto and chrome://tracing open:
 * one event a line, written as it happens into {@code FILE.part}, which {@link #close} completes
 * and renames. What a killed process leaves in {@code FILE.part} lacks the closing bracket alone,
 * which the format allows. Safe for concurrent use.
 *
 * <p>A failure to write does not disturb what is traced: it ends the trace, and {@link #close}
 * throws it.
 */
final class TraceFile {
  /** Process number of threads of the host. */
  static final int HOST = 1;

  /** Process number of streams of the device. */
  static final int DEVICE = 2;

  private static final int BUFFER_BYTES = 1 << 16;
  private static final long NANOS_PER_MICRO = 1000;

  private final Path file;
  private final Path part;
  private final FileChannel channel;
  private final GZIPOutputStream compressed; // null: plain text
  private final OutputStream out;
  private final long origin = System.nanoTime();
  private final StringBuilder line = new StringBuilder(512);
  private final Set<Long> named = new HashSet<>();
  private IOException failure;
  private boolean deviceNamed;
  private boolean first = true;
  private boolean closed;

  /**
   * Opens a trace.
   *
   * @param file where it goes, compressed when its name ends in {@code .gz}
   */
  TraceFile(Path file) throws IOException {
    this.file = file.toAbsolutePath();
    this.part = this.file.resolveSibling(this.file.getFileName() + ".part");
    Files.createDirectories(this.file.getParent());
    channel =
        FileChannel.open(
            part,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    OutputStream plain = Channels.newOutputStream(channel);
    boolean compress = file.toString().toLowerCase(Locale.ROOT).endsWith(".gz");
    compressed = compress ? new GZIPOutputStream(plain, BUFFER_BYTES) : null;
    out = new BufferedOutputStream(compress ? compressed : plain, BUFFER_BYTES);
    write("[");
  }

  /** Names a process of the trace. */
  synchronized void process(int process, String name) {
    begin("process_name", "M", process, 0);
    finish(args -> args.put("name", name));
  }

  /**
   * Something with a beginning and an end, on a thread or a stream of the device.
   *
   * @param begin {@link System#nanoTime} of its beginning
   */
  synchronized void complete(
      int process,
      Track track,
      String category,
      String name,
      long begin,
      long end,
      Consumer<Arguments> arguments) {
    track(process, track);
    begin(name, "X", process, track.number());
    line.append(",\"cat\":");
    Arguments.quote(line, category);
    time(",\"ts\":", begin - origin);
    time(",\"dur\":", Math.max(0, end - begin));
    finish(arguments);
  }

  /** A value that holds from now on. */
  synchronized void counter(String name, long time, Consumer<Arguments> values) {
    begin(name, "C", HOST, 0);
    time(",\"ts\":", time - origin);
    finish(values);
  }

  /** Something that is said once, at the beginning of the time line. */
  synchronized void note(String name, Consumer<Arguments> arguments) {
    begin(name, "i", HOST, 0);
    line.append(",\"s\":\"g\",\"ts\":0");
    finish(arguments);
  }

  /**
   * A row of the time line.
   *
   * @param number distinct within its process
   */
  record Track(long number, String name) {
    static Track current() {
      return of(Thread.currentThread());
    }

    static Track of(Thread thread) {
      return new Track(thread.threadId(), thread.getName());
    }
  }

  private void track(int process, Track track) {
    if (process == DEVICE && !deviceNamed) {
      deviceNamed = true;
      process(DEVICE, "device");
    }
    if (named.add(track.number() << 2 | process)) {
      begin("thread_name", "M", process, track.number());
      finish(args -> args.put("name", track.name()));
    }
  }

  private void begin(String name, String phase, int process, long track) {
    line.setLength(0);
    line.append(first ? "\n" : ",\n").append("{\"name\":");
    Arguments.quote(line, name);
    line.append(",\"ph\":\"").append(phase).append("\",\"pid\":").append(process);
    line.append(",\"tid\":").append(track);
  }

  /** Microseconds with three digits behind the point. */
  private void time(String key, long nanos) {
    line.append(key);
    long whole = Math.abs(nanos);
    if (nanos < 0) {
      line.append('-');
    }
    line.append(whole / NANOS_PER_MICRO).append('.');
    long rest = whole % NANOS_PER_MICRO;
    line.append(rest < 10 ? "00" : rest < 100 ? "0" : "").append(rest);
  }

  private void finish(Consumer<Arguments> arguments) {
    line.append(",\"args\":{");
    arguments.accept(new Arguments(line));
    line.append("}}");
    first = false;
    write(line);
  }

  private void write(CharSequence text) {
    if (closed || failure != null) {
      return;
    }
    try {
      out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      failure = e;
    }
  }

  /**
   * Completes the file and gives it its name. Later calls of anything do nothing.
   *
   * @throws IOException if it could not be written; what there is of it stays in {@code FILE.part}
   */
  synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    write("\n]\n");
    closed = true;
    try (FileChannel open = channel) {
      if (failure != null) {
        throw failure;
      }
      out.flush();
      if (compressed != null) {
        compressed.finish();
      }
      open.force(false);
    }
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Where the trace will lie. */
  Path file() {
    return file;
  }
}
