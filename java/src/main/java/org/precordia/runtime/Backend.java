// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.precordia.bindings.Precordia;

/** What computes: the CPU, a CUDA device, or the better of the two that this machine has. */
public enum Backend {
  /** A CUDA device where one can be used, the CPU otherwise. */
  AUTO(-1),
  /** Multi-threaded and vectorised, on any machine. */
  CPU(Precordia.PCD_BACKEND_CPU()),
  /** An NVIDIA GPU; never falls back to the CPU. */
  CUDA(Precordia.PCD_BACKEND_CUDA()),
  /** The CUDA backend's kernels, emulated for tests; no distribution carries it. */
  SIMT(Precordia.PCD_BACKEND_SIMT());

  private final int code;

  Backend(int code) {
    this.code = code;
  }

  int code() {
    if (this == AUTO) {
      throw new IllegalStateException("choose a backend first: Backend.AUTO.select()");
    }
    return code;
  }

  /** The name used by options: {@code auto}, {@code cpu}, {@code cuda} or {@code simt}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Finds a backend by its {@link #id}.
   *
   * @throws IllegalArgumentException when there is none of that name
   */
  public static Backend of(String id) {
    return Arrays.stream(values())
        .filter(backend -> backend.id().equalsIgnoreCase(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no backend \""
                        + id
                        + "\": choose "
                        + Arrays.stream(values())
                            .filter(backend -> backend != SIMT)
                            .map(Backend::id)
                            .collect(Collectors.joining(", "))));
  }

  /** Chooses the first device; see {@link #select(int)}. */
  public Selection select() {
    return select(0);
  }

  /**
   * Chooses a device.
   *
   * @param index the device's number within its backend
   * @throws PrecordiaException if this is {@link #CUDA} and no CUDA device can be used, or if the
   *     device does not exist
   */
  public Selection select(int index) {
    if (this != AUTO) {
      DeviceInfo device = Devices.query(this, index);
      return new Selection(
          this, device, "%s: %s, as asked for".formatted(id(), device.description()));
    }
    try {
      DeviceInfo device = Devices.query(CUDA, index);
      return new Selection(
          CUDA, device, "cuda: %s, the first choice of auto".formatted(device.description()));
    } catch (PrecordiaException unusable) {
      DeviceInfo device = Devices.query(CPU, 0);
      return new Selection(
          CPU,
          device,
          "cpu: %s, because CUDA cannot be used: %s"
              .formatted(device.description(), unusable.getMessage()));
    }
  }

  /**
   * A chosen device.
   *
   * @param backend never AUTO
   * @param device the device
   * @param reason one line: what was chosen and why
   */
  public record Selection(Backend backend, DeviceInfo device, String reason) {}
}
