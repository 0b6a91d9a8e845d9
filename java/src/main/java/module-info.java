// SPDX-License-Identifier: Apache-2.0

/**
 * Precordia reconstructs missing leads of an electrocardiogram.
 *
 * <p>Begin with {@link org.precordia.Reconstructor}. {@link org.precordia.data} has the recordings
 * and their formats, {@link org.precordia.train} and {@link org.precordia.eval} make and judge
 * models of your own.
 */
module org.precordia {
  requires org.precordia.bindings;
  requires transitive com.fasterxml.jackson.databind;
  requires de.siegmar.fastcsv;
  requires info.picocli;
  requires iirj;
  requires java.net.http;
  requires java.xml;
  requires jdk.jfr;
  requires jdk.management;
  requires me.tongfei.progressbar;

  exports org.precordia;
  exports org.precordia.benchmark;
  exports org.precordia.data;
  exports org.precordia.distributed;
  exports org.precordia.eval;
  exports org.precordia.eval.clinical;
  exports org.precordia.eval.embedding;
  exports org.precordia.eval.interpretation;
  exports org.precordia.model;
  exports org.precordia.report;
  exports org.precordia.report.benchmark;
  exports org.precordia.report.evaluation;
  exports org.precordia.report.study;
  exports org.precordia.runtime;
  exports org.precordia.signal;
  exports org.precordia.study;
  exports org.precordia.synth;
  exports org.precordia.train;

  // Records that become JSON by reflection, and commands whose options picocli sets.
  opens org.precordia.cli to
      info.picocli;
  opens org.precordia.data to
      com.fasterxml.jackson.databind;
  opens org.precordia.train to
      com.fasterxml.jackson.databind;
}
