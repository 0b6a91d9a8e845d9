// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

/** The plug-in holds no code for this GPU. */
public final class NoKernelImageException extends PrecordiaException {
  NoKernelImageException(int status, String sentence) {
    super(status, sentence);
  }
}
