// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import org.precordia.bindings.NativeMemory;
import org.precordia.bindings.Precordia;

/**
 * A native call that failed. The subclass says of which class the failure is; the message is the
 * native library's own sentence.
 */
public abstract sealed class PrecordiaException extends RuntimeException
    permits ArgumentException,
        ShapeException,
        UnsupportedException,
        NoDeviceException,
        DriverTooOldException,
        NoKernelImageException,
        OutOfDeviceMemoryException,
        DeviceLostException,
        CommunicationException,
        InternalException,
        NoPluginException,
        NoLibraryException {

  private final int status;

  PrecordiaException(int status, String sentence) {
    super(sentence);
    this.status = status;
  }

  /** The native status, one of {@code PCD_ERROR_*}; -1 where no native call was possible. */
  public final int status() {
    return status;
  }

  /** The exception of a status and the sentence that came with it. */
  static PrecordiaException of(int status, String sentence) {
    String text = sentence.isEmpty() ? statusName(status) : sentence;
    if (status == Precordia.PCD_ERROR_ARGUMENT()) {
      return new ArgumentException(status, text);
    }
    if (status == Precordia.PCD_ERROR_SHAPE()) {
      return new ShapeException(status, text);
    }
    if (status == Precordia.PCD_ERROR_UNSUPPORTED()) {
      return new UnsupportedException(status, text);
    }
    if (status == Precordia.PCD_ERROR_NO_DEVICE()) {
      return new NoDeviceException(status, text);
    }
    if (status == Precordia.PCD_ERROR_DRIVER_TOO_OLD()) {
      return new DriverTooOldException(status, text);
    }
    if (status == Precordia.PCD_ERROR_NO_KERNEL_IMAGE()) {
      return new NoKernelImageException(status, text);
    }
    if (status == Precordia.PCD_ERROR_OUT_OF_MEMORY()) {
      return new OutOfDeviceMemoryException(status, text);
    }
    if (status == Precordia.PCD_ERROR_DEVICE_LOST()) {
      return new DeviceLostException(status, text);
    }
    if (status == Precordia.PCD_ERROR_COMMUNICATION()) {
      return new CommunicationException(status, text);
    }
    if (status == Precordia.PCD_ERROR_NO_PLUGIN()) {
      return new NoPluginException(status, text);
    }
    return new InternalException(status, text);
  }

  private static String statusName(int status) {
    return NativeMemory.string(Precordia.pcd_status_name(status));
  }
}
