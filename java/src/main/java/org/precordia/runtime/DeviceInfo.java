// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/**
 * A device that a backend can use.
 *
 * @param backend CPU or CUDA
 * @param index number of the device within its backend
 * @param name the processor's or the GPU's model name
 * @param computeUnits cores, or multiprocessors
 * @param capability compute capability as 10 · major + minor; 0 on the CPU
 * @param driverVersion CUDA driver version as 1000 · major + 10 · minor; 0 on the CPU
 * @param memoryBytes physical memory in bytes
 * @param instructionSet {@code avx512vnni}, {@code avx2}, {@code baseline}, {@code sm_90}, ...
 */
public record DeviceInfo(
    Backend backend,
    int index,
    String name,
    int computeUnits,
    int capability,
    int driverVersion,
    long memoryBytes,
    String instructionSet) {

  /** Model name, units, memory and instruction set in one line. */
  public String description() {
    return "%s, %d %s, %.1f GiB, %s"
        .formatted(
            name,
            computeUnits,
            backend == Backend.CPU ? "cores" : "multiprocessors",
            memoryBytes / (double) (1L << 30),
            instructionSet);
  }
}
