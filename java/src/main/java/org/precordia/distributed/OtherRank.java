// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The side of a rank that calls rank 0. */
final class OtherRank implements Side, Link.Listener {
  private static final long LOOK_MILLISECONDS = 50;

  private final RendezvousOptions options;
  private final Alarm alarm;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final BlockingQueue<byte[]> shared = new LinkedBlockingQueue<>();
  private volatile boolean firstLeft;
  private Link link;

  OtherRank(RendezvousOptions options, Alarm alarm) {
    this.options = options;
    this.alarm = alarm;
  }

  @Override
  public Address address() {
    return options.address();
  }

  @Override
  public void meet() throws InterruptedException {
    link = new Caller(options).call(this);
    while (!begun.await(LOOK_MILLISECONDS, TimeUnit.MILLISECONDS)) {
      requireFirst();
    }
  }

  @Override
  public byte[] share(byte[] data) throws InterruptedException {
    while (true) {
      byte[] next = shared.poll(LOOK_MILLISECONDS, TimeUnit.MILLISECONDS);
      if (next != null) {
        return next;
      }
      requireFirst();
    }
  }

  private void requireFirst() {
    alarm.check();
    if (firstLeft) {
      throw new RanksException(
          "%s ended while rank %d still waited for it"
              .formatted(link.peer(), options.ranks().rank()));
    }
  }

  @Override
  public void received(Member peer, Frame frame) throws IOException {
    switch (frame.type()) {
      case START -> begun.countDown();
      case SHARE -> shared.add(frame.body());
      case LOST -> alarm.raise(frame.failure());
      default -> throw new Wire.ProtocolException("it sent " + frame.type());
    }
  }

  @Override
  public void left(Member peer) {
    firstLeft = true;
  }

  @Override
  public void lost(RankFailure failure) {
    alarm.raise(failure);
  }

  @Override
  public void fail(String error) {
    if (link != null) {
      link.send(Frame.text(Frame.Type.FAIL, error));
    }
  }

  @Override
  public void close() {
    if (link != null) {
      link.sayGoodbye();
      link.close();
    }
  }
}
