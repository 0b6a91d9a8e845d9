// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

import java.util.Locale;

/**
 * A call of the native library, or something that ran on the device.
 *
 * @param stream number of the stream
 * @param begin {@link System#nanoTime} of its beginning
 * @param bytes of the views that it uses, each once, or copied
 * @param operations floating-point operations of matrix products; 0: none
 * @param precision element type of the view that names its size, or {@code ""}
 * @param shape extents of that view, or {@code ""}
 */
public record NativeCall(
    Kind kind,
    String name,
    int stream,
    long begin,
    long end,
    long bytes,
    double operations,
    String precision,
    String shape) {

  /** What it is; those of the device run beside the host's threads. */
  public enum Kind {
    OP(false),
    CAPTURE(false),
    GRAPH(false),
    UPLOAD(false),
    DOWNLOAD(false),
    WAIT(false),
    KERNEL(true),
    COPY(true),
    SET(true);

    private final boolean device;

    Kind(boolean device) {
      this.device = device;
    }

    boolean device() {
      return device;
    }

    String title() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  void describe(Arguments arguments) {
    if (!shape.isEmpty()) {
      arguments.put("precision", precision).put("shape", shape);
    }
    if (bytes > 0) {
      arguments.put("bytes", bytes);
    }
    if (operations > 0) {
      arguments.put("operations", operations);
      if (end > begin && kind == Kind.OP) {
        // Operations a nanosecond are thousands of millions a second.
        arguments.put("GFLOP/s", operations / (end - begin));
      }
    }
    arguments.put("stream", stream);
  }
}
