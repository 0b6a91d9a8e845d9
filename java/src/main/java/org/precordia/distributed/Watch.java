// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.PrecordiaException;

/**
 * What is done when another rank is lost: collectives are given up, so that the process can end by
 * itself, and where it cannot, it is ended.
 */
final class Watch {
  private final Runnable lastResort;
  private final CountDownLatch ended = new CountDownLatch(1);
  private Communicator communicator;
  private boolean lost;

  Watch(Runnable lastResort) {
    this.lastResort = lastResort;
  }

  /** What is to be given up; at once where a rank is already lost. */
  synchronized void over(Communicator opened) {
    communicator = opened;
    if (lost) {
      abort();
    }
  }

  /** A rank is lost. Comes back when the process ends by itself, or does not come back. */
  void lost() {
    synchronized (this) {
      lost = true;
      abort();
    }
    try {
      if (!ended.await(JobOptions.GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        lastResort.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void abort() {
    if (communicator == null) {
      return;
    }
    try {
      communicator.abort();
    } catch (PrecordiaException | IllegalStateException e) {
      // It was closed meanwhile: there is nothing left to give up.
      communicator = null;
    }
  }

  /** The job has ended; what comes is no matter of the ranks. */
  void end() {
    ended.countDown();
  }
}
