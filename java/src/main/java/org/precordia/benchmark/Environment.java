// SPDX-License-Identifier: Apache-2.0
package org.precordia.benchmark;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.precordia.model.ProgramVersion;
import org.precordia.runtime.Backend;
import org.precordia.runtime.DeviceInfo;
import org.precordia.runtime.Devices;

/** The machine, the build and the settings that figures hold for: the first line of a file. */
public final class Environment {
  /** Version of bench/results/schema.json that this program writes. */
  public static final int SCHEMA_VERSION = 2;

  private final ObjectNode json;

  private Environment(ObjectNode json) {
    this.json = json;
  }

  /**
   * Looks at the machine.
   *
   * @param device what computes
   * @param threads CPU threads that compute
   * @param seed key of all random numbers
   * @param command the command as it was typed, without folders
   */
  public static Environment collect(DeviceInfo device, int threads, long seed, String command) {
    Machine machine = new Machine();
    Map<String, String> build = build();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("record", "environment").put("schema_version", SCHEMA_VERSION);
    json.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    json.put("commit", build.get("commit"));
    json.put("version", ProgramVersion.get());
    json.put("backend", device.backend().id());
    device(json.putObject("device"), device);
    if (device.backend() == Backend.CPU) {
      json.putNull("gpu");
    } else {
      json.putObject("gpu").put("name", device.name()).put("driver", device.driverVersion());
    }
    json.put("threads", threads).put("seed", seed);
    json.put("cpu", machine.processor().orElse(Devices.query(Backend.CPU, 0).name()));
    ArrayNode flags = json.putArray("cpu_flags");
    machine.flags().forEach(flags::add);
    json.put("cores", Runtime.getRuntime().availableProcessors());
    machine.megahertz().ifPresent(clock -> json.put("cpu_mhz", clock));
    machine.governor().ifPresent(governor -> json.put("governor", governor));
    machine.load().ifPresent(load -> json.put("load", load));
    machine.memory().ifPresent(bytes -> json.put("memory_bytes", bytes));
    machine.lastLevelCache().ifPresent(bytes -> json.put("last_level_cache_bytes", bytes));
    json.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    json.put("jdk", Runtime.version() + ", " + System.getProperty("java.vm.name"));
    json.put("heap_bytes", Runtime.getRuntime().maxMemory());
    json.put("compiler", build.get("compiler"));
    ObjectNode library = json.putObject("library");
    build.forEach(library::put);
    json.put("command", command);
    return new Environment(json);
  }

  private static void device(ObjectNode json, DeviceInfo device) {
    json.put("name", device.name()).put("index", device.index());
    json.put("compute_units", device.computeUnits()).put("capability", device.capability());
    json.put("instruction_set", device.instructionSet());
    json.put("memory_bytes", device.memoryBytes());
  }

  /** What the native library says of itself. */
  private static Map<String, String> build() {
    Map<String, String> facts = new LinkedHashMap<>();
    for (String line : Devices.buildInfo().lines().toList()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        facts.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
      }
    }
    return facts;
  }

  /** The line; not to be changed. */
  public ObjectNode json() {
    return json;
  }
}
