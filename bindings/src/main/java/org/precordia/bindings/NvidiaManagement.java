// SPDX-License-Identifier: Apache-2.0
package org.precordia.bindings;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The energy counter of an NVIDIA GPU, from the driver's management library (NVML), which is opened
 * where it is installed and is no dependency.
 */
public final class NvidiaManagement {
  private static final String LIBRARY = "libnvidia-ml.so.1";
  private static final AddressLayout POINTER = ValueLayout.ADDRESS;
  private static final int SUCCESS = 0;

  private final MethodHandle totalEnergy;
  private final MemorySegment device;

  private NvidiaManagement(MethodHandle totalEnergy, MemorySegment device) {
    this.totalEnergy = totalEnergy;
    this.device = device;
  }

  /**
   * Opens the library and the machine's only GPU. With several, NVML and CUDA may count them in
   * different orders, and the energy of another one is worse than none.
   *
   * @return nothing where there is no library, not one GPU, or no counter
   */
  public static Optional<NvidiaManagement> open() {
    try {
      Linker linker = Linker.nativeLinker();
      SymbolLookup library = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
      MethodHandle initialise =
          linker.downcallHandle(
              library.findOrThrow("nvmlInit_v2"), FunctionDescriptor.of(ValueLayout.JAVA_INT));
      MethodHandle count =
          linker.downcallHandle(
              library.findOrThrow("nvmlDeviceGetCount_v2"),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, POINTER));
      MethodHandle byIndex =
          linker.downcallHandle(
              library.findOrThrow("nvmlDeviceGetHandleByIndex_v2"),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, POINTER));
      MethodHandle energy =
          linker.downcallHandle(
              library.findOrThrow("nvmlDeviceGetTotalEnergyConsumption"),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, POINTER, POINTER));
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
        MemorySegment handle = arena.allocate(POINTER);
        boolean one =
            (int) initialise.invokeExact() == SUCCESS
                && (int) count.invokeExact(number) == SUCCESS
                && number.get(ValueLayout.JAVA_INT, 0) == 1
                && (int) byIndex.invokeExact(0, handle) == SUCCESS;
        if (!one) {
          return Optional.empty();
        }
        NvidiaManagement opened = new NvidiaManagement(energy, handle.get(POINTER, 0));
        return opened.millijoules() < 0 ? Optional.empty() : Optional.of(opened);
      }
    } catch (RuntimeException absent) {
      return Optional.empty();
    } catch (Throwable broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** Energy since the driver was loaded in mJ; -1 where the GPU does not count it. */
  public long millijoules() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment energy = arena.allocate(ValueLayout.JAVA_LONG);
      int status = (int) totalEnergy.invokeExact(device, energy);
      return status == SUCCESS ? energy.get(ValueLayout.JAVA_LONG, 0) : -1;
    } catch (Throwable broken) {
      throw new IllegalStateException(broken);
    }
  }
}
