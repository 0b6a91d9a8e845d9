// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

/**
 * One signal of an EDF header.
 *
 * @param label what was measured
 * @param unit physical dimension
 * @param physicalMinimum physical value of the digital minimum
 * @param physicalMaximum physical value of the digital maximum
 * @param digitalMinimum lowest stored value
 * @param digitalMaximum highest stored value
 * @param samples samples in a data record
 * @param offset bytes of a data record before this signal's
 */
record EdfSignal(
    String label,
    String unit,
    double physicalMinimum,
    double physicalMaximum,
    int digitalMinimum,
    int digitalMaximum,
    int samples,
    long offset) {

  /** Whether this is the EDF+ signal of annotations and of the data records' times. */
  boolean annotations() {
    return label.equals("EDF Annotations");
  }

  /** Physical units per digital one. */
  double scale() {
    return (physicalMaximum - physicalMinimum) / ((double) digitalMaximum - digitalMinimum);
  }
}
