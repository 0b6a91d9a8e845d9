// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What Linux tells of the machine in {@code /proc} and {@code /sys}. On other systems, and where a
 * file may not be read, there is no answer.
 */
final class Machine {
  private static final Pattern VECTOR_FLAG =
      Pattern.compile("(avx|amx|fma|f16c|sse4|neon|asimd|sve|vpclmul|hypervisor).*");
  private static final long KIBI = 1024;

  private final Path root;

  /** The machine that this runs on. */
  Machine() {
    this(Path.of("/"));
  }

  /** A machine whose files lie under another folder. */
  Machine(Path root) {
    this.root = root;
  }

  /** The processor's name. */
  Optional<String> processor() {
    return field("proc/cpuinfo", "model name");
  }

  /** Instruction sets with vectors, and whether this is a virtual machine. */
  List<String> flags() {
    return field("proc/cpuinfo", "flags")
        .or(() -> field("proc/cpuinfo", "Features"))
        .map(flags -> Stream.of(flags.split(" ")).filter(VECTOR_FLAG.asMatchPredicate()).toList())
        .orElse(List.of());
  }

  /**
   * The highest clock of any core at this moment in MHz; on a virtual machine often the nominal.
   */
  OptionalDouble megahertz() {
    return lines("proc/cpuinfo").stream()
        .filter(line -> line.startsWith("cpu MHz"))
        .mapToDouble(line -> number(after(line)))
        .max();
  }

  /** What decides about the clock, for example {@code performance}. */
  Optional<String> governor() {
    return first("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  }

  /** Mean number of runnable processes of the last minute. */
  OptionalDouble load() {
    return first("proc/loadavg")
        .map(line -> OptionalDouble.of(number(line.split(" ")[0])))
        .orElse(OptionalDouble.empty());
  }

  /** Memory in bytes. */
  OptionalLong memory() {
    return kibibytes("proc/meminfo", "MemTotal");
  }

  /** Most memory that this process has held at once, in bytes. */
  OptionalLong peakResident() {
    return kibibytes("proc/self/status", "VmHWM");
  }

  /** Size of the last-level cache in bytes. */
  OptionalLong lastLevelCache() {
    OptionalLong largest = OptionalLong.empty();
    for (int index = 0; index < 8; index++) {
      Optional<String> size = first("sys/devices/system/cpu/cpu0/cache/index" + index + "/size");
      if (size.isPresent() && size.get().endsWith("K")) {
        long bytes = (long) (KIBI * number(size.get().substring(0, size.get().length() - 1)));
        largest = OptionalLong.of(Math.max(bytes, largest.orElse(0)));
      }
    }
    return largest;
  }

  /** First line of a file. */
  Optional<String> first(String file) {
    return lines(file).stream().findFirst().map(String::strip);
  }

  private OptionalLong kibibytes(String file, String name) {
    return field(file, name)
        .map(value -> OptionalLong.of((long) (KIBI * number(value.replace("kB", "").strip()))))
        .orElse(OptionalLong.empty());
  }

  private Optional<String> field(String file, String name) {
    return lines(file).stream()
        .filter(line -> line.startsWith(name))
        .findFirst()
        .map(Machine::after);
  }

  private static String after(String line) {
    return line.substring(line.indexOf(':') + 1).strip();
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private List<String> lines(String file) {
    try {
      return Files.readAllLines(root.resolve(file));
    } catch (IOException e) {
      return List.of();
    }
  }
}
