// SPDX-License-Identifier: Apache-2.0

/**
 * Precordia reconstructs missing leads of an electrocardiogram.
 *
 * <p>{@link org.precordia.Reconstructor} is where a program starts; {@link org.precordia.data} has
 * recordings and their formats, {@link org.precordia.signal} filters and resampling, {@link
 * org.precordia.model} the network and its files, {@link org.precordia.runtime} the devices that it
 * runs on. Training, evaluation, reports and the command are not exported: they are reached by the
 * command.
 */
module org.precordia {
  requires org.precordia.bindings;
  requires com.fasterxml.jackson.databind;
  requires de.siegmar.fastcsv;
  requires info.picocli;
  requires iirj;
  requires me.tongfei.progressbar;

  exports org.precordia;
  exports org.precordia.data;
  exports org.precordia.model;
  exports org.precordia.runtime;
  exports org.precordia.signal;

  opens org.precordia.cli to
      info.picocli;
}
