// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Training waits for windows that the prefetching thread has not read yet. */
@Name("org.precordia.DataWait")
@Label("Data Wait")
@Category("Precordia")
@Description("A batch waits for its windows, where the data stay on the host")
@StackTrace(false)
public final class DataWaitSpan extends Span {
  @Label("Batch")
  @Description("Number within the epoch, from 0")
  final int batch;

  /** Begins to wait for a batch. */
  public DataWaitSpan(int batch) {
    this.batch = batch;
    open();
  }

  @Override
  String title() {
    return "data wait";
  }

  @Override
  String category() {
    return "data";
  }

  @Override
  void describe(Arguments arguments) {
    arguments.put("batch", batch);
  }
}
