// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One signal line of a WFDB header.
 *
 * @param file name of the signal file, relative to the header
 * @param format storage format, for example 16 or 212
 * @param samplesPerFrame samples of this signal in a frame, at least 1
 * @param skew frames by which this signal is stored late
 * @param byteOffset bytes of the file before its first sample
 * @param gain ADC units per physical unit
 * @param baseline ADC value of 0 physical units
 * @param unit physical unit as written
 * @param adcResolution bits of the converter, 0 when not given
 * @param adcZero ADC value at the middle of the converter's range
 * @param initialValue first sample in ADC units, where given
 * @param checksum sum of all samples modulo 65,536, where given
 * @param blockSize bytes of a block where the file is to be read in blocks, else 0
 * @param description what was measured, usually the lead's name
 * @param line line of the header counted from 1
 */
public record WfdbSignal(
    String file,
    int format,
    int samplesPerFrame,
    int skew,
    long byteOffset,
    double gain,
    int baseline,
    String unit,
    int adcResolution,
    int adcZero,
    OptionalInt initialValue,
    OptionalInt checksum,
    int blockSize,
    String description,
    int line) {

  /** The same signal stored elsewhere, in another format. */
  WfdbSignal withStorage(String newFile, int newFormat, int newSkew, long newByteOffset) {
    return new WfdbSignal(
        newFile,
        newFormat,
        samplesPerFrame,
        newSkew,
        newByteOffset,
        gain,
        baseline,
        unit,
        adcResolution,
        adcZero,
        initialValue,
        checksum,
        blockSize,
        description,
        line);
  }

  /** The lead that the description names. */
  public Optional<Lead> lead() {
    return Lead.parse(description);
  }

  /** Millivolts per physical unit, empty when the unit is no voltage. */
  public OptionalDouble millivoltsPerUnit() {
    return VoltageUnit.millivolts(unit);
  }

  /**
   * ADC units per millivolt.
   *
   * @throws IllegalStateException when the unit is no voltage
   */
  public double gainPerMillivolt() {
    return gain
        / millivoltsPerUnit()
            .orElseThrow(() -> new IllegalStateException(unit + " is not a unit of voltage"));
  }
}
