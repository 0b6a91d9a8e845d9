// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.Event;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;

/** Takes the time of work on a stream. */
interface PassTimer extends AutoCloseable {
  /**
   * Runs a pass some times in a row.
   *
   * @return milliseconds of one of them
   */
  double milliseconds(Runnable pass, int times);

  @Override
  void close();

  /** The monotonic clock around synchronised calls on the CPU, events of the stream on a GPU. */
  static PassTimer of(Stream stream) {
    return stream.context().backend() == Backend.CPU ? new Host(stream) : new Device(stream);
  }

  /** By {@link System#nanoTime}. */
  final class Host implements PassTimer {
    private static final double NANO_TO_MILLI = 1e-6;

    private final Stream stream;

    Host(Stream stream) {
      this.stream = stream;
    }

    @Override
    public double milliseconds(Runnable pass, int times) {
      stream.synchronize();
      long begin = System.nanoTime();
      for (int i = 0; i < times; i++) {
        pass.run();
      }
      stream.synchronize();
      return (System.nanoTime() - begin) * NANO_TO_MILLI / times;
    }

    @Override
    public void close() {}
  }

  /** By two events. */
  final class Device implements PassTimer {
    private final Resources resources = new Resources();
    private final Stream stream;
    private final Event begin;
    private final Event end;

    Device(Stream stream) {
      this.stream = stream;
      Context context = stream.context();
      begin = resources.add(context.event());
      end = resources.add(context.event());
    }

    @Override
    public double milliseconds(Runnable pass, int times) {
      stream.synchronize();
      begin.record(stream);
      for (int i = 0; i < times; i++) {
        pass.run();
      }
      end.record(stream);
      end.synchronize();
      return end.millisecondsSince(begin) / times;
    }

    @Override
    public void close() {
      resources.close();
    }
  }
}
