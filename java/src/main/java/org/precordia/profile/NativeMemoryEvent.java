// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/** The memory of a context's open buffers, told once a second. */
@Name("org.precordia.NativeMemory")
@Label("Native Memory")
@Category("Precordia")
@Description("Memory of a context's open buffers")
@StackTrace(false)
@Period("1 s")
public final class NativeMemoryEvent extends Event {
  @Label("Device")
  final String device;

  @Label("In Use")
  @DataAmount
  final long inUse;

  @Label("Peak")
  @DataAmount
  final long peak;

  @Label("Buffers")
  final long buffers;

  /** What a context holds. */
  public NativeMemoryEvent(String device, long inUse, long peak, long buffers) {
    this.device = device;
    this.inUse = inUse;
    this.peak = peak;
    this.buffers = buffers;
  }
}
