// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/** There is no such device, or no driver for it. */
public final class NoDeviceException extends PrecordiaException {
  NoDeviceException(int status, String sentence) {
    super(status, sentence);
  }
}
