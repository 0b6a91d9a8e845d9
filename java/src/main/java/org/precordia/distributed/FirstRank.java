// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The side of rank 0: it takes the others' calls, watches them, and tells each of the others' end.
 */
final class FirstRank implements Side, Link.Listener {
  private static final Duration REPORT = Duration.ofSeconds(5);

  /** How long the others' goodbyes are waited for. */
  private static final Duration FAREWELL = Duration.ofSeconds(10);

  /** The same when one was lost: the others end by themselves, or are made to. */
  private static final Duration FAREWELL_AFTER_FAILURE = Duration.ofSeconds(2);

  private static final int LISTED = 20;

  private final RendezvousOptions options;
  private final Alarm alarm;
  private final Member self;
  private final Reception reception;

  /** By rank; this object's monitor guards it and is notified of every change. */
  private final TreeMap<Integer, Link> links = new TreeMap<>();

  private final Set<Integer> gone = new HashSet<>();
  private boolean complete;

  /** This rank itself failed, or ends: that the others go then is no news. */
  private boolean ending;

  FirstRank(RendezvousOptions options, Alarm alarm) {
    this.options = options;
    this.alarm = alarm;
    this.self = Member.self(0);
    this.reception = new Reception(options, this);
  }

  @Override
  public Address address() {
    return reception.address();
  }

  @Override
  public void meet() throws InterruptedException {
    Deadline deadline = Deadline.in(options.timeout());
    Duration quarter = options.timeout().dividedBy(4);
    Duration pause = quarter.compareTo(REPORT) < 0 ? quarter : REPORT;
    Deadline report = Deadline.in(pause);
    synchronized (this) {
      while (links.size() < options.ranks().ranks() - 1) {
        alarm.check();
        if (deadline.over()) {
          throw giveUp();
        }
        if (report.over()) {
          options.log().accept("%s, %d s left".formatted(waiting(), deadline.seconds()));
          report = Deadline.in(pause);
        }
        wait(Math.min(deadline.milliseconds(), report.milliseconds()));
      }
      alarm.check();
      complete = true;
      links.values().forEach(link -> link.send(Frame.of(Frame.Type.START)));
    }
  }

  private String waiting() {
    List<Integer> missing =
        IntStream.range(1, options.ranks().ranks())
            .filter(rank -> !links.containsKey(rank))
            .boxed()
            .toList();
    String listed =
        missing.stream().limit(LISTED).map(String::valueOf).collect(Collectors.joining(", "));
    return "waiting for %s %s%s (%d of %d missing) at %s"
        .formatted(
            missing.size() == 1 ? "rank" : "ranks",
            listed,
            missing.size() > LISTED ? ", ..." : "",
            missing.size(),
            options.ranks().ranks(),
            address());
  }

  private RanksException giveUp() {
    List<String> refused = reception.refused();
    String sentence =
        ("gave up %s after %d s. Check that they were started, with the same MASTER_ADDR and"
                + " MASTER_PORT, and what they print; --rendezvous-timeout waits longer%s")
            .formatted(
                waiting(),
                options.timeout().toSeconds(),
                refused.isEmpty() ? "" : ". Refused meanwhile: " + String.join("; ", refused));
    tell(new RankFailure(self, sentence), 0);
    return new RanksException(sentence);
  }

  /**
   * Takes a rank that agrees in everything else, unless its place is taken.
   *
   * @return why not; empty where it is taken
   */
  synchronized String take(Link link, long nonce) {
    Member caller = link.peer();
    Member holder =
        caller.rank() == 0
            ? self
            : links.containsKey(caller.rank()) ? links.get(caller.rank()).peer() : null;
    if (holder != null) {
      return "two processes call themselves rank %d: %s came first, then %s. Each process needs a RANK of its own, each job a MASTER_PORT of its own"
          .formatted(caller.rank(), holder, caller);
    }
    links.put(caller.rank(), link);
    link.send(
        Frame.of(
            Frame.Type.ACCEPT,
            out -> {
              out.writeLong(nonce);
              Frame.writeMember(out, self);
            }));
    link.start();
    notifyAll();
    return "";
  }

  Member self() {
    return self;
  }

  @Override
  public synchronized byte[] share(byte[] data) {
    if (data.length > Rendezvous.LARGEST_SHARE) {
      throw new IllegalArgumentException(
          "at most %d bytes are shared, not %d".formatted(Rendezvous.LARGEST_SHARE, data.length));
    }
    alarm.check();
    byte[] copy = data.clone();
    links.values().forEach(link -> link.send(new Frame(Frame.Type.SHARE, copy)));
    return data;
  }

  @Override
  public void received(Member peer, Frame frame) throws IOException {
    if (frame.type() != Frame.Type.FAIL) {
      throw new Wire.ProtocolException("it sent " + frame.type());
    }
    String error = frame.text();
    options.log().accept("rank %d (%s): %s".formatted(peer.rank(), peer.host(), error));
    failed(new RankFailure(peer, error));
  }

  @Override
  public void lost(RankFailure failure) {
    leave(failure.member());
    // After the first, others end because they were told to: that is no news.
    if (failed(failure)) {
      options.log().accept(failure.toString());
    }
  }

  private boolean failed(RankFailure failure) {
    boolean first = !ending() && alarm.raise(failure);
    if (first) {
      tell(failure, failure.member().rank());
    }
    return first;
  }

  /** Tells all ranks but the one it is about. */
  private synchronized void tell(RankFailure failure, int about) {
    Frame frame = Frame.lost(failure);
    links.values().stream()
        .filter(link -> link.peer().rank() != about)
        .forEach(link -> link.send(frame));
    notifyAll();
  }

  @Override
  public void left(Member peer) {
    leave(peer).hangUp();
    if (!complete()) {
      failed(new RankFailure(peer, "left before all ranks had met"));
    }
  }

  private synchronized boolean complete() {
    return complete;
  }

  private synchronized boolean ending() {
    return ending;
  }

  private synchronized Link leave(Member peer) {
    gone.add(peer.rank());
    notifyAll();
    return links.get(peer.rank());
  }

  @Override
  public synchronized void fail(String error) {
    ending = true;
    tell(new RankFailure(self, error), 0);
  }

  @Override
  public void close() {
    reception.close();
    List<Link> all;
    synchronized (this) {
      all = List.copyOf(links.values());
    }
    all.forEach(Link::sayGoodbye);
    try {
      awaitGoodbyes();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    all.forEach(Link::close);
  }

  private synchronized void awaitGoodbyes() throws InterruptedException {
    boolean failed = alarm.failure().isPresent() || !complete;
    Deadline deadline = Deadline.in(failed ? FAREWELL_AFTER_FAILURE : FAREWELL);
    while (gone.size() < links.size() && !deadline.over()) {
      wait(deadline.milliseconds());
    }
  }
}
