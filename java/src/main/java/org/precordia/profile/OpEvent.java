// SPDX-License-Identifier: Apache-2.0
package org.precordia.profile;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * A call that the native library ran, told after the fact: the event's own time is when it was
 * told, its duration is {@code elapsed}. Off unless a recording asks for it.
 */
@Name("org.precordia.Op")
@Label("Native Op")
@Category("Precordia")
@Description("A call of the native library, told some time after it ended")
@StackTrace(false)
@Enabled(false)
final class OpEvent extends Event {
  @Label("Op")
  String name;

  @Label("Kind")
  String kind;

  @Label("Precision")
  @Description("Element type of the view that names the op's size")
  String precision;

  @Label("Shape")
  @Description("Of the view that names the op's size")
  String shape;

  @Label("Elapsed")
  @Timespan(Timespan.NANOSECONDS)
  long elapsed;

  @Label("Bytes")
  @Description("Of the views that the op uses, each once, without workspace; or copied")
  @DataAmount
  long bytes;

  @Label("Operations")
  @Description("Floating-point operations of the op's matrix products")
  double operations;

  /** Whether a recording wants these. */
  static boolean wanted() {
    return FlightRecorder.isInitialized() && new OpEvent().isEnabled();
  }

  static void tell(NativeCall call) {
    OpEvent event = new OpEvent();
    if (event.isEnabled()) {
      event.name = call.name();
      event.kind = call.kind().title();
      event.precision = call.precision();
      event.shape = call.shape();
      event.elapsed = call.end() - call.begin();
      event.bytes = call.bytes();
      event.operations = call.operations();
      event.commit();
    }
  }
}
