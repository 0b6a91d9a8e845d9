// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import org.precordia.model.Architecture;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An architecture by the name that options and files give it. */
final class ArchitectureConverter implements ITypeConverter<Architecture> {
  @Override
  public Architecture convert(String id) {
    try {
      return Architecture.of(id);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
