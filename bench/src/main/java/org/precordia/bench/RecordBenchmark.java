// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.precordia.Reconstructor;
import org.precordia.data.DataException;
import org.precordia.data.Recording;
import org.precordia.model.ModelFile;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Precision;
import org.precordia.model.Predictor;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.ContextOptions;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;

/** One record of 10 s at 100 Hz with the model that comes along, and its windows alone. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class RecordBenchmark {
  private static final int SAMPLES = 1000;
  private static final int WINDOWS = 13;
  private static final int LARGEST_BATCH = 64;

  /** CPU threads; 0 for all. */
  @Param("0")
  public int threads;

  private final Resources resources = new Resources();
  private Reconstructor reconstructor;
  private Predictor predictor;
  private Recording recording;
  private float[] windows;

  /** Loads the model twice: for records and for windows. */
  @Setup
  public void load() throws IOException {
    ModelFile model = Reconstructor.defaultModel();
    NetworkConfig network = model.metadata().network();
    ContextOptions options = ContextOptions.DEFAULT.withThreads(threads);
    reconstructor = resources.add(Reconstructor.load(model, Backend.CPU.select(), options));
    Context context = resources.add(Context.open(Backend.CPU.select(), options));
    Stream stream = resources.add(context.stream());
    predictor = resources.add(new Predictor(stream, model, LARGEST_BATCH, Precision.FP32));
    float[][] leads = new float[network.inputs().size()][SAMPLES];
    for (int lead = 0; lead < leads.length; lead++) {
      for (int t = 0; t < SAMPLES; t++) {
        leads[lead][t] = (float) (0.5 * Math.sin(0.07 * t + lead));
      }
    }
    recording = new Recording("sine", 100, network.inputs(), leads, List.of());
    windows = new float[WINDOWS * network.window() * network.inputs().size()];
    for (int i = 0; i < windows.length; i++) {
      windows[i] = (float) (0.5 * Math.sin(0.07 * i));
    }
  }

  /** Three leads to eight, of one record: filter, windows, network, overlap-add. */
  @Benchmark
  public Recording reconstruct() throws DataException {
    return reconstructor.reconstruct(recording);
  }

  /** The windows of such a record. */
  @Benchmark
  public Predictor.Prediction predict() {
    return predictor.predict(windows);
  }

  /** Closes everything. */
  @TearDown
  public void close() {
    resources.close();
  }
}
