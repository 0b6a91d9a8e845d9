// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

import jdk.jfr.Event;

/**
 * Something that takes time on the calling thread, from {@link #open} to {@link #close}: an event
 * of the Flight Recorder, and a span of the trace where one is recorded. Costs two tests where
 * neither is.
 */
public abstract class Span extends Event implements AutoCloseable {
  private transient long traceBegin;
  private transient boolean traced;

  Span() {}

  /** Begins; the last thing that a constructor does. */
  final void open() {
    traced = Profile.recording();
    if (traced) {
      traceBegin = System.nanoTime();
    }
    begin();
  }

  /** Name in the trace. */
  abstract String title();

  /** Group in the trace. */
  abstract String category();

  /** What the trace says of it. */
  abstract void describe(Arguments arguments);

  @Override
  public final void close() {
    end();
    if (shouldCommit()) {
      commit();
    }
    if (traced) {
      Profile.span(this, traceBegin, System.nanoTime());
    }
  }
}
