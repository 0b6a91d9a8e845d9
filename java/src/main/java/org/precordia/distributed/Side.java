// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

/**
 * What the first rank and the others each do in their way; {@link Rendezvous} has the contracts.
 */
sealed interface Side permits FirstRank, OtherRank {
  Address address();

  void meet() throws InterruptedException;

  byte[] share(byte[] data) throws InterruptedException;

  void fail(String error);

  void close();
}
