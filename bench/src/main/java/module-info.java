// SPDX-License-Identifier: Apache-2.0

/**
 * Benchmarks, and the yardsticks they are held against. A module, so that native access is given to
 * names; JMH finds what its annotation processor wrote by reflection.
 */
module org.precordia.bench {
  requires jmh.core;
  requires org.precordia;
  requires org.precordia.bindings;

  // JMH is no module and so cannot say itself that it needs these.
  requires jdk.management;
  requires jdk.unsupported;

  opens org.precordia.bench.jmh_generated;
}
