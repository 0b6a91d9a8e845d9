// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/** The device, or the limit set for the context, has no memory left. */
public final class OutOfDeviceMemoryException extends PrecordiaException {
  OutOfDeviceMemoryException(int status, String sentence) {
    super(status, sentence);
  }
}
