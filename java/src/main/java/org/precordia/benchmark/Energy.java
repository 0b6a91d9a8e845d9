// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.GpuEnergy;

/**
 * Energy that the device has taken: a GPU as its driver counts it; processor packages as Linux
 * reports it of RAPL in {@code /sys/class/powercap}, on many systems to the superuser alone, and on
 * virtual machines hardly ever. All that runs there counts, not this program alone.
 */
final class Energy {
  /** What is said where nothing is reported. */
  static final String NOT_REPORTED = "energy: not reported by this machine";

  private static final double MICRO = 1e-6;

  private final List<Counter> zones = new ArrayList<>();

  /** The counters of what a context computes on. */
  static Energy of(Context context) {
    if (context.backend() == Backend.CPU) {
      return new Energy(Path.of("/sys/class/powercap"));
    }
    Energy energy = new Energy();
    GpuEnergy.of(context).ifPresent(gpu -> energy.zones.add(new Gpu(gpu)));
    energy.start();
    return energy;
  }

  private Energy() {}

  /** The counters of packages below a folder. */
  Energy(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      // intel-rapl:0 is a package, intel-rapl:0:0 a part of it.
      entries
          .filter(entry -> entry.getFileName().toString().matches("intel-rapl:\\d+"))
          .map(Zone::new)
          .filter(zone -> zone.read() >= 0)
          .forEach(zones::add);
    } catch (IOException e) {
      zones.clear();
    }
    start();
  }

  /** Begins to count. */
  void start() {
    zones.forEach(Counter::start);
  }

  /** Joules since the start, if the machine tells. */
  OptionalDouble joules() {
    return zones.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(zones.stream().mapToDouble(Counter::joules).sum());
  }

  /** Something that counts. */
  private interface Counter {
    void start();

    double joules();
  }

  /** A GPU. */
  private static final class Gpu implements Counter {
    private final GpuEnergy counter;
    private double begin;

    Gpu(GpuEnergy counter) {
      this.counter = counter;
    }

    @Override
    public void start() {
      begin = counter.joules();
    }

    @Override
    public double joules() {
      return counter.joules() - begin;
    }
  }

  /** One package; its counter begins anew when it is full. */
  private static final class Zone implements Counter {
    private final Path folder;
    private long begin;

    Zone(Path folder) {
      this.folder = folder;
    }

    @Override
    public void start() {
      begin = read();
    }

    @Override
    public double joules() {
      long now = read();
      long range = number("max_energy_range_uj");
      long taken = now >= begin || range < 0 ? now - begin : now + range - begin;
      return taken * MICRO;
    }

    long read() {
      return number("energy_uj");
    }

    /** A number of a file, -1 where it may not be read. */
    private long number(String file) {
      try {
        return Long.parseLong(Files.readString(folder.resolve(file)).strip());
      } catch (IOException | NumberFormatException e) {
        return -1;
      }
    }
  }
}
