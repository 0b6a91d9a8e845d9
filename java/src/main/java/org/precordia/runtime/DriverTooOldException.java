// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/** The device's driver is older than the plug-in needs. */
public final class DriverTooOldException extends PrecordiaException {
  DriverTooOldException(int status, String sentence) {
    super(status, sentence);
  }
}
