// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

/**
 * A rank that the job cannot count on any more.
 *
 * @param member the rank
 * @param what its own error, or how it was noticed: {@code connection lost}
 */
public record RankFailure(Member member, String what) {
  @Override
  public String toString() {
    return member + ": " + what;
  }
}
