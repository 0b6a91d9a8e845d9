// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.util.Arrays;
import java.util.List;
import org.precordia.data.Lead;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A list of leads on the command line, {@code I,II,V2}. */
record LeadList(List<Lead> leads) {
  /** Reads the list. */
  static final class Converter implements ITypeConverter<LeadList> {
    @Override
    public LeadList convert(String text) {
      return new LeadList(
          Arrays.stream(text.split(","))
              .map(
                  name ->
                      Lead.parse(name)
                          .orElseThrow(
                              () ->
                                  new TypeConversionException(
                                      "'%s' is no lead: choose among %s"
                                          .formatted(name, Lead.TWELVE))))
              .toList());
    }
  }
}
