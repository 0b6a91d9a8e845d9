// SPDX-License-Identifier: Apache-2.0
package org.precordia.model;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;

/** The version of this program, as its module or jar says. */
public final class ProgramVersion {
  private ProgramVersion() {}

  /** The version, or {@code development} when neither module nor jar names one. */
  public static String get() {
    return Optional.ofNullable(ProgramVersion.class.getModule().getDescriptor())
        .flatMap(ModuleDescriptor::rawVersion)
        .or(() -> Optional.ofNullable(ProgramVersion.class.getPackage().getImplementationVersion()))
        .orElse("development");
  }
}
