// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

/** A call of cuDNN that failed. */
final class CudnnException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * A failure.
   *
   * @param what what failed
   * @param status the status that cuDNN gave for it
   */
  CudnnException(String what, int status) {
    super("%s: %s (%d)".formatted(what, Cudnn.cudnnGetErrorString(status).getString(0), status));
  }

  /**
   * Turns a status into an exception.
   *
   * @param function the function that returned the status
   */
  static void check(String function, int status) {
    if (status != Cudnn.CUDNN_STATUS_SUCCESS()) {
      throw new CudnnException(function, status);
    }
  }
}
