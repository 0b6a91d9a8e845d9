// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/** The device failed; the context can only be closed. */
public final class DeviceLostException extends PrecordiaException {
  DeviceLostException(int status, String sentence) {
    super(status, sentence);
  }
}
