// SPDX-License-Identifier: Apache-2.0
package org.precordia.bench.cudnn;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.PrecordiaException;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;

/**
 * Times the block's dilated convolution by cuDNN beside Precordia's whole block, forward and
 * backward, on the same memory and in turn: JSON lines for {@code bench/results}.
 *
 * <p>{@code CudnnBlocks [--precision bf16|fp16|tf32|fp32] [--seconds S] [--rows-log2 N] [--dilation
 * D]}: 2^N rows at C = 64, half at 128, a quarter at 256. Two sets of tensors take turns, each of
 * them several times the L2.
 *
 * <p>Without a CUDA device or without cuDNN it says so and ends well: nothing depends on it.
 */
public final class CudnnBlocks {
  private static final int SETS = 2;
  private static final long WORKSPACE = 1L << 30;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final YardstickOptions options;
  private final Context context;
  private final Stream stream;

  private CudnnBlocks(YardstickOptions options, Context context, Stream stream) {
    this.options = options;
    this.context = context;
    this.stream = stream;
  }

  /** Measures, or says why not. */
  public static void main(String[] arguments) {
    YardstickOptions options = YardstickOptions.parse(arguments);
    String task = "cudnn-" + options.storage().id();
    CudnnLibrary library = CudnnLibrary.open();
    Backend.Selection device;
    try {
      device = Backend.CUDA.select();
    } catch (PrecordiaException unusable) {
      skip(task, "skipped: no CUDA device: " + unusable.getMessage());
      return;
    }
    if (!library.present()) {
      skip(task, "skipped: " + library.sentence());
      return;
    }
    System.err.println(library.sentence());
    try (Context context = Context.open(device);
        Stream stream = context.stream()) {
      CudnnBlocks bench = new CudnnBlocks(options, context, stream);
      for (int channels : new int[] {64, 128, 256}) {
        bench.width(channels);
      }
    }
  }

  private void width(int channels) {
    ConvolutionShape shape = options.shape(channels);
    try (Resources resources = new Resources()) {
      BlockTensors memory = new BlockTensors(stream, resources);
      List<CudnnConvolution.Tensors> sets = new ArrayList<>();
      for (int i = 0; i < SETS; i++) {
        sets.add(memory.set(shape, 10L * i));
      }
      CudnnConvolution cudnn =
          resources.add(new CudnnConvolution(stream, shape, memory.empty(WORKSPACE)));
      cudnn.choose(sets.getFirst());
      cudnn.forward(sets.getFirst());
      double error = ConvolutionCheck.relativeError(stream, shape, sets.getFirst());
      if (!(error < 0.02)) {
        throw new IllegalStateException("its result is wrong by %.3g".formatted(error));
      }
      List<OwnBlock> own = new ArrayList<>();
      Optional<DType> dtype = shape.storage().dtype();
      if (dtype.isPresent()) {
        sets.forEach(s -> own.add(new OwnBlock(stream, resources, shape, dtype.get(), s)));
      }
      time(shape, "forward", i -> cudnn.forward(sets.get(i % SETS)), own, OwnBlock::forward);
      time(shape, "backward", i -> cudnn.backward(sets.get(i % SETS)), own, OwnBlock::backward);
    } catch (RuntimeException failure) {
      // One shape that cuDNN refuses must not cost the others.
      print(
          measurement(shape, "forward")
              .put("variant", "cudnn convolution")
              .put("status", "error")
              .put("note", String.valueOf(failure.getMessage())));
    } finally {
      context.trim();
    }
  }

  private void time(
      ConvolutionShape shape,
      String pass,
      IntConsumer cudnn,
      List<OwnBlock> own,
      Consumer<OwnBlock> run) {
    List<IntConsumer> work = new ArrayList<>(List.of(cudnn));
    if (!own.isEmpty()) {
      work.add(i -> run.accept(own.get(i % SETS)));
    }
    try (Alternation alternation = new Alternation(context, stream, work.size())) {
      List<Alternation.Timing> timings = alternation.measure(work, options.seconds());
      Alternation.Timing yardstick = timings.getFirst();
      print(timed(shape, pass, yardstick).put("variant", "cudnn convolution"));
      if (timings.size() > 1) {
        Alternation.Timing ours = timings.getLast();
        print(
            timed(shape, pass, ours)
                .put("variant", "precordia block")
                .put("ratio", yardstick.median() / ours.median()));
      }
    }
  }

  private ObjectNode timed(ConvolutionShape shape, String pass, Alternation.Timing timing) {
    return measurement(shape, pass)
        .put("median_ms", timing.median())
        .put("p10_ms", timing.p10())
        .put("p90_ms", timing.p90())
        .put("repeats", timing.repeats())
        .put("value", timing.median() * 1e6 / shape.rows())
        .put("unit", "ns/row");
  }

  private static ObjectNode measurement(ConvolutionShape shape, String pass) {
    ObjectNode line = record("measurement");
    line.put("subject", "yardstick " + pass).put("precision", shape.storage().id());
    line.putObject("shape")
        .put("width", shape.channels())
        .put("rows", shape.rows())
        .put("length", shape.length())
        .put("dilation", shape.dilation());
    return line;
  }

  private static ObjectNode record(String kind) {
    return JSON.createObjectNode().put("record", kind).put("stage", "bench");
  }

  private static void skip(String task, String why) {
    System.err.println(why);
    print(record("failed").put("task", task).put("note", why));
  }

  private static void print(ObjectNode line) {
    System.out.println(line);
  }
}
