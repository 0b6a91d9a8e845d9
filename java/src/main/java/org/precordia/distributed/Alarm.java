// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The first failure of another rank, and whoever wants to be told once. */
final class Alarm {
  private final CountDownLatch raised = new CountDownLatch(1);
  private RankFailure failure;
  private Consumer<RankFailure> callback;

  /**
   * Reports a failure; later ones are consequences of the first.
   *
   * @return whether it is the first
   */
  synchronized boolean raise(RankFailure first) {
    if (failure != null) {
      return false;
    }
    failure = first;
    raised.countDown();
    tell();
    return true;
  }

  /** Sets who is told, on a thread of its own; at once where it has already happened. */
  synchronized void onFailure(Consumer<RankFailure> told) {
    callback = told;
    tell();
  }

  private void tell() {
    if (failure != null && callback != null) {
      Consumer<RankFailure> told = callback;
      RankFailure what = failure;
      callback = null;
      Thread.ofPlatform().daemon().name("precordia-rank-lost").start(() -> told.accept(what));
    }
  }

  synchronized Optional<RankFailure> failure() {
    return Optional.ofNullable(failure);
  }

  /** Waits for a failure to become known. */
  Optional<RankFailure> await(Duration patience) throws InterruptedException {
    boolean known = raised.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    return known ? failure() : Optional.empty();
  }

  void check() {
    Optional<RankFailure> known = failure();
    if (known.isPresent()) {
      throw new RankLostException(known.get(), null);
    }
  }
}
