// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.peer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.precordia.data.Shard;
import org.precordia.data.Windows;
import org.precordia.model.DataPlacement;
import org.precordia.model.DeviceRecords;
import org.precordia.model.ModelFile;
import org.precordia.model.NetworkConfig;
import org.precordia.model.Weights;
import org.precordia.model.WindowRef;
import org.precordia.model.WindowRunner;
import org.precordia.model.WindowSource;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.Stream;

/**
 * Writes what a trained network makes of a shard's first windows, for {@code check_model.py}:
 * {@code MODEL.safetensors FILE.shard DUMP.json [WINDOWS]}.
 */
public final class ModelDump {
  private static final int DEFAULT_WINDOWS = 64;

  private ModelDump() {}

  /** Runs the model and writes the dump. */
  public static void main(String[] arguments) throws Exception {
    ModelFile model = ModelFile.read(Path.of(arguments[0]));
    NetworkConfig network = model.metadata().network();
    int count = arguments.length > 3 ? Integer.parseInt(arguments[3]) : DEFAULT_WINDOWS;
    try (Shard shard = Shard.open(Path.of(arguments[1]));
        Context context = Context.open(Backend.AUTO.select());
        Stream stream = context.stream();
        DeviceRecords records = new DeviceRecords(stream, shard, null, DataPlacement.DEVICE);
        WindowSource source =
            new WindowSource(stream, network, model.metadata().standardisation(), records);
        Weights weights = new Weights(stream, network, DType.F32)) {
      weights.upload(model.parameters());
      List<WindowRef> windows = windows(shard, count);
      Dump dump = new Dump(Path.of(arguments[2]));
      int n = windows.size();
      int length = network.window();
      try (WindowRunner runner =
          new WindowRunner(source, weights, n, WindowRunner.Mode.RECONSTRUCTION)) {
        List<Exception> failures = new ArrayList<>();
        runner.run(
            windows,
            batch -> {
              try {
                dump.add("inputs", batch.inputs(), n, length, network.inputs().size());
                dump.add("outputs", batch.output(), n, length, network.targets().size());
                if (network.pathology()) {
                  dump.add("h", batch.h(), n, network.width());
                }
                if (network.classifier()) {
                  dump.add("logits", batch.logits(), n, network.labels().size());
                }
              } catch (IOException e) {
                failures.add(e);
              }
            });
        if (!failures.isEmpty()) {
          throw failures.getFirst();
        }
      }
      dump.write();
      System.out.printf("%s: %d windows on %s%n", arguments[2], n, context.device().description());
    }
  }

  private static List<WindowRef> windows(Shard shard, int count) {
    List<WindowRef> windows = new ArrayList<>();
    for (int record = 0; record < shard.records() && windows.size() < count; record++) {
      int[] starts = Windows.starts(shard.record(record).length());
      if (starts.length > 0) {
        windows.add(new WindowRef(record, starts[record % starts.length]));
      }
    }
    return windows;
  }
}
