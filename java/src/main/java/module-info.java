// SPDX-License-Identifier: Apache-2.0

/**
 * Precordia reconstructs missing leads of an electrocardiogram.
 *
 * <p>{@link org.precordia.data} has the recordings and their formats.
 */
module org.precordia {
  requires org.precordia.bindings;
  requires com.fasterxml.jackson.databind;
  requires de.siegmar.fastcsv;
  requires hipparchus.stat;
  requires info.picocli;
  requires iirj;
  requires me.tongfei.progressbar;

  exports org.precordia.data;
  exports org.precordia.signal;
}
