// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

/** Another rank is gone or failed, so that the job cannot go on. */
public final class RankLostException extends RuntimeException {
  private final transient RankFailure failure;

  RankLostException(RankFailure failure, Throwable cause) {
    super("the job ended, because it lost " + failure, cause);
    this.failure = failure;
  }

  /** Who was lost, and how. */
  public RankFailure failure() {
    return failure;
  }
}
