// SPDX-License-Identifier: Apache-2.0
package org.precordia.data;

import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/** The subject of an HL7 aECG. */
final class AecgPatient {
  private String id = "";
  private Subject.Sex sex = Subject.Sex.UNKNOWN;
  private Optional<LocalDateTime> birth = Optional.empty();

  /** An element about the subject begins. */
  void start(String element, Map<String, String> attributes) {
    switch (element) {
      case "id" -> {
        if (id.isEmpty()) {
          id = attributes.getOrDefault("extension", attributes.getOrDefault("root", ""));
        }
      }
      case "administrativeGenderCode" ->
          sex =
              switch (attributes.getOrDefault("code", "")) {
                case "M" -> Subject.Sex.MALE;
                case "F" -> Subject.Sex.FEMALE;
                default -> Subject.Sex.UNKNOWN;
              };
      case "birthTime" -> birth = Hl7Time.parse(attributes.getOrDefault("value", ""));
      default -> {
        // Names, races and sites are not read.
        return;
      }
    }
  }

  /** The subject at the time of the recording. */
  Patient patient(Optional<LocalDateTime> recorded) {
    double age =
        birth.isPresent() && recorded.isPresent()
            ? ChronoUnit.YEARS.between(birth.get(), recorded.get())
            : Double.NaN;
    return new Patient(id, age, sex);
  }
}
