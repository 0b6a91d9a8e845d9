// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.precordia.Reconstructor;
import org.precordia.distributed.RankLostException;
import org.precordia.distributed.RanksException;
import org.precordia.model.ModelFile;
import org.precordia.model.ProgramVersion;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Communicator;
import org.precordia.runtime.Context;
import org.precordia.runtime.DType;
import org.precordia.runtime.DeviceInfo;
import org.precordia.runtime.Devices;
import org.precordia.runtime.NoLibraryException;
import org.precordia.runtime.PrecordiaException;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code precordia doctor}: what of this machine can be used, and what is missing for the rest. */
@Command(
    name = "doctor",
    description =
        "Says what of this machine can be used, and how to get what is missing. Started by mpirun"
            + " or srun, it also tries whether the ranks can work together.")
final class DoctorCommand implements Callable<Integer> {
  @Mixin ComputeOptions compute;
  @Mixin RankOptions ranks;
  @Mixin JsonOption json;

  private Output output;
  private final ObjectNode root = new ObjectMapper().createObjectNode();

  @Override
  public Integer call() {
    output = ranks.output(json);
    report("precordia", ProgramVersion.get());
    report(
        "java",
        "%s (%s), %s %s, %d processors, %d MiB heap"
            .formatted(
                Runtime.version(),
                System.getProperty("java.vendor"),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                Runtime.getRuntime().maxMemory() >> 20));
    boolean usable;
    try {
      report("library", Devices.library().toString());
      report("build", String.join("; ", Devices.buildInfo().lines().toList()));
      usable = true;
    } catch (NoLibraryException e) {
      report("library", e.getMessage());
      usable = false;
    }
    if (usable) {
      usable = device(Backend.CPU);
      device(Backend.CUDA);
      report("auto", Backend.AUTO.select().reason());
      report("mpi", library(Communicator.Kind.MPI));
      report("nccl", library(Communicator.Kind.NCCL));
    }
    int code = usable ? ranks() : ExitCode.DEVICE;
    report("model", attempt(DoctorCommand::defaultModel));
    report("verdict", code == ExitCode.OK ? "ready" : "not usable: see above");
    output.result(root);
    return code;
  }

  /** Lists a backend's devices and runs an op on each; says why there is none. */
  private boolean device(Backend backend) {
    try {
      for (DeviceInfo device : Devices.list(backend)) {
        String name = backend.id() + (device.index() == 0 ? "" : " " + device.index());
        report(name, device.description() + "; " + tryOut(backend, device.index()));
      }
      return true;
    } catch (PrecordiaException e) {
      report(backend.id(), "not usable: " + e.getMessage());
      return false;
    }
  }

  /** Moves numbers to the device and back. */
  private static String tryOut(Backend backend, int index) {
    float[] numbers = {1, -2, 3.5f};
    try (Context context = Context.open(backend.select(index));
        Stream stream = context.stream()) {
      Tensor tensor = stream.allocate(DType.F32, numbers.length);
      try {
        tensor.upload(stream, numbers);
        boolean same = Arrays.equals(numbers, tensor.floats(stream));
        return same ? "works" : "DAMAGED: numbers came back changed";
      } finally {
        tensor.buffer().close();
      }
    }
  }

  /** What moves tensors between ranks, or how to get it. */
  private static String library(Communicator.Kind kind) {
    try {
      return Communicator.library(kind);
    } catch (PrecordiaException e) {
      return "not usable: " + e.getMessage();
    }
  }

  /**
   * Which rank this process is, and whether the ranks can work together.
   *
   * @return the exit code
   */
  private int ranks() {
    try {
      report("ranks", RankCheck.run(ranks, compute, output));
      return ExitCode.OK;
    } catch (RanksException e) {
      return ranksFail(e, ExitCode.RANKS);
    } catch (RankLostException e) {
      return ranksFail(e, ExitCode.RANK_LOST);
    } catch (PrecordiaException e) {
      return ranksFail(e, ExitCode.DEVICE);
    }
  }

  private int ranksFail(RuntimeException e, int code) {
    report("ranks", "fail: " + e.getMessage());
    if (ranks.other()) {
      output.error(e.getMessage());
    }
    return code;
  }

  private static String defaultModel() {
    try {
      ModelFile model = Reconstructor.defaultModel();
      return "%s -> %s, %,d parameters, %s"
          .formatted(
              model.metadata().network().inputs(),
              model.metadata().network().targets(),
              model.trainedParameters(),
              model.hash().substring(0, 12));
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  private static String attempt(Supplier<String> fact) {
    try {
      return fact.get();
    } catch (RuntimeException e) {
      return "fails: " + e.getMessage();
    }
  }

  private void report(String what, String fact) {
    output.result("%-10s %s".formatted(what, fact));
    root.put(what, fact);
  }
}
