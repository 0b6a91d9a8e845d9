// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.precordia.bindings.NativeLibrary;
import org.precordia.bindings.NativeLibraryException;
import org.precordia.bindings.NativeMemory;
import org.precordia.bindings.Precordia;
import org.precordia.bindings.pcd_device_info;

/** Lists the devices of a backend. */
public final class Devices {
  static final int MESSAGE_BYTES = 1024;

  private Devices() {}

  /**
   * The native library, which is loaded by the first call that needs it.
   *
   * @return the file that was loaded
   * @throws NoLibraryException if there is none that loads
   */
  public static Path library() {
    try {
      return NativeLibrary.load();
    } catch (NativeLibraryException e) {
      throw new NoLibraryException(e);
    }
  }

  /**
   * All devices of a backend.
   *
   * @param backend CPU or CUDA
   * @throws NoLibraryException if the native library cannot be loaded
   * @throws NoPluginException if the backend's library is missing or of another build
   * @throws NoDeviceException if there is no device or no driver
   * @throws DriverTooOldException if the driver is too old
   */
  public static List<DeviceInfo> list(Backend backend) {
    return IntStream.range(0, count(backend)).mapToObj(i -> query(backend, i)).toList();
  }

  /** Number of devices of a backend; throws as {@link #list}. */
  public static int count(Backend backend) {
    library();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment message = arena.allocate(MESSAGE_BYTES);
      check(Precordia.pcd_device_count(backend.code(), count, message, MESSAGE_BYTES), message);
      return count.get(ValueLayout.JAVA_INT, 0);
    }
  }

  /** One device of a backend; throws as {@link #list}. */
  public static DeviceInfo query(Backend backend, int index) {
    library();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = pcd_device_info.allocate(arena);
      pcd_device_info.struct_size(info, (int) pcd_device_info.sizeof());
      MemorySegment message = arena.allocate(MESSAGE_BYTES);
      check(
          Precordia.pcd_device_query(backend.code(), index, info, message, MESSAGE_BYTES), message);
      return new DeviceInfo(
          backend,
          pcd_device_info.index(info),
          pcd_device_info.name(info).getString(0),
          pcd_device_info.compute_units(info),
          pcd_device_info.capability(info),
          pcd_device_info.driver_version(info),
          pcd_device_info.memory_bytes(info),
          pcd_device_info.instruction_set(info).getString(0));
    }
  }

  /** Product version, build id, compiler and instruction sets of the loaded native library. */
  public static String buildInfo() {
    library();
    return NativeMemory.string(Precordia.pcd_build_info());
  }

  static void check(int status, MemorySegment message) {
    if (status != Precordia.PCD_OK()) {
      throw PrecordiaException.of(status, message.getString(0));
    }
  }
}
