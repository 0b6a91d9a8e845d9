// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.precordia.data.Recording;
import org.precordia.signal.PolyphaseResampler;
import org.precordia.signal.Preprocessing;
import org.precordia.signal.Preprocessor;
import org.precordia.signal.RPeakDetector;
import org.precordia.signal.SecondOrderSections;
import org.precordia.synth.SyntheticCohort;

/** Filters on a synthetic record of twelve leads, 10 s at 500 Hz. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SignalBenchmark {
  private static final double RATE = 500;

  private float[][] leads;
  private double[] lead;
  private PolyphaseResampler resampler;
  private SecondOrderSections bandPass;
  private Preprocessor standard;
  private Preprocessor paper;

  /** Makes the record and the filters. */
  @Setup
  public void prepare() {
    Recording record = new SyntheticCohort(SyntheticCohort.Options.of(1, 1).withRate(RATE)).read(0);
    leads = record.millivolts();
    lead = new double[leads[1].length];
    Arrays.setAll(lead, t -> leads[1][t]);
    resampler = PolyphaseResampler.between(RATE, Preprocessor.DEFAULT_RATE);
    bandPass =
        SecondOrderSections.butterworthBandPass(4, Preprocessor.LOW_HZ, Preprocessor.HIGH_HZ, RATE);
    standard = new Preprocessor(Preprocessing.DEFAULT, RATE, Preprocessor.DEFAULT_RATE);
    paper = new Preprocessor(Preprocessing.PAPER, RATE, Preprocessor.DEFAULT_RATE);
  }

  /** A lead from 500 to 100 Hz. */
  @Benchmark
  public double[] resample() {
    return resampler.resample(lead);
  }

  /** A lead at 500 Hz, 0.5 to 45 Hz, forwards and backwards. */
  @Benchmark
  public double[] bandPass() {
    return bandPass.filterForwardBackward(lead, Preprocessor.PADDING);
  }

  /** Twelve leads as {@code prepare} treats them. */
  @Benchmark
  public double[][] preprocess() {
    return standard.apply(leads);
  }

  /** The same with the running median of the paper. */
  @Benchmark
  public double[][] preprocessAsPaper() {
    return paper.apply(leads);
  }

  /** R peaks of a lead at 500 Hz. */
  @Benchmark
  public int[] rPeaks() {
    return RPeakDetector.detect(lead, RATE);
  }
}
