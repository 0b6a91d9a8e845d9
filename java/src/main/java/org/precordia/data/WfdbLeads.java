// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a WFDB header says about its leads and where they come from. */
final class WfdbLeads {
  private WfdbLeads() {}

  /**
   * The header's leads in its order, with the index of each one's signal.
   *
   * @throws DataException when a lead occurs twice or has an unknown unit, or no signal is a lead
   */
  static Map<Lead, Integer> of(WfdbHeader header) throws DataException {
    Map<Lead, Integer> byLead = new LinkedHashMap<>();
    for (int i = 0; i < header.signals().size(); i++) {
      WfdbSignal signal = header.signals().get(i);
      Lead lead = signal.lead().orElse(null);
      if (lead == null) {
        continue;
      }
      if (byLead.putIfAbsent(lead, i) != null) {
        throw new DataException(
            header.file(),
            signal.line(),
            "lead " + lead + " occurs twice",
            "rename or remove one of the two signals");
      }
      if (signal.millivoltsPerUnit().isEmpty()) {
        throw new DataException(
            header.file(),
            signal.line(),
            "lead " + lead + " has the unit \"" + signal.unit() + "\"",
            "correct the header: V, mV, uV and nV are understood");
      }
    }
    if (byLead.isEmpty()) {
      throw new DataException(
          header.file(),
          "none of its signals is an ECG lead: "
              + header.signals().stream().map(WfdbSignal::description).toList(),
          "name the signals I, II, III, aVR, aVL, aVF, V1 to V6, vx, vy or vz in the header");
    }
    return byLead;
  }

  /** Samples that each lead has in a frame. */
  static int samplesPerFrame(WfdbHeader header, Map<Lead, Integer> leads) throws DataException {
    int common = 0;
    for (int index : leads.values()) {
      WfdbSignal signal = header.signals().get(index);
      if (common != 0 && signal.samplesPerFrame() != common) {
        throw new DataException(
            header.file(),
            signal.line(),
            "leads are sampled at different rates",
            "convert the record to one rate, for example with xform");
      }
      common = signal.samplesPerFrame();
    }
    return common;
  }

  /** Start and patient of what is read from a frame on. */
  static Origin origin(WfdbHeader header, long from) {
    String formats =
        header.signals().stream()
            .map(signal -> Integer.toString(signal.format()))
            .distinct()
            .collect(Collectors.joining(", "));
    String units =
        header.signals().stream()
            .filter(signal -> signal.lead().isPresent())
            .map(WfdbSignal::unit)
            .distinct()
            .collect(Collectors.joining(", "));
    Optional<LocalDateTime> start =
        header.start().map(t -> t.plusNanos(Math.round(from / header.rate() * 1e9)));
    return new Origin(
        header.segments().isEmpty() ? "WFDB " + formats : "WFDB, segmented",
        start,
        Optional.of(new Patient("", HeaderFolder.age(header), HeaderFolder.sex(header))),
        units.isEmpty() ? List.of() : List.of("the header's unit is " + units));
  }
}
