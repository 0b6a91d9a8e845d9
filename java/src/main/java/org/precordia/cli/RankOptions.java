// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.precordia.distributed.Address;
import org.precordia.distributed.Configuration;
import org.precordia.distributed.Job;
import org.precordia.distributed.JobOptions;
import org.precordia.distributed.Processors;
import org.precordia.distributed.Ranks;
import org.precordia.distributed.RanksException;
import org.precordia.runtime.Backend;
import org.precordia.runtime.Context;
import org.precordia.runtime.Devices;
import org.precordia.runtime.PrecordiaException;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Options of commands that run on many ranks, and what they lead to (docs/distributed.md). */
final class RankOptions {
  /** What may differ between the ranks of one job. */
  private static final Set<String> OF_A_RANK =
      Set.of(
          "--device",
          "--json",
          "--memory-limit",
          "--profile",
          "--ranks",
          "--rendezvous",
          "--rendezvous-timeout",
          "--threads");

  @Spec(Spec.Target.MIXEE)
  CommandSpec command;

  @Option(
      names = "--ranks",
      defaultValue = "auto",
      paramLabel = "auto|off",
      description =
          "auto: take part in the job that mpirun, srun or torchrun's variables tell of; off: run"
              + " as one process, whatever they say. Default: auto")
  Search search;

  @Option(
      names = "--rendezvous",
      converter = AddressConverter.class,
      paramLabel = "HOST:PORT",
      description =
          "Where rank 0 listens for the others, the same for every rank. Default: MASTER_ADDR and"
              + " MASTER_PORT, else what MPI arranges")
  Address address;

  @Option(
      names = "--rendezvous-timeout",
      defaultValue = "120",
      paramLabel = "SECONDS",
      description = "How long ranks wait for each other to come. Default: 120")
  int timeout;

  private Ranks ranks;

  /** Whether ranks are looked for. */
  enum Search {
    AUTO,
    OFF
  }

  /** Reads HOST:PORT. */
  static final class AddressConverter implements ITypeConverter<Address> {
    @Override
    public Address convert(String text) {
      try {
        return Address.parse(text);
      } catch (RanksException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** Which rank this is. */
  Ranks ranks() {
    if (timeout < 1) {
      throw new ParameterException(
          command.commandLine(), "--rendezvous-timeout must be at least 1, was " + timeout);
    }
    if (ranks == null) {
      ranks = search == Search.OFF ? Ranks.SINGLE : Ranks.of(System.getenv());
    }
    return ranks;
  }

  /** Where the command speaks: only the first rank does, of errors all. */
  Output output(JsonOption json) {
    return ranks().first() ? json.output() : Output.ofOtherRank(prefix());
  }

  /** The same for a command whose results are for people. */
  Output output() {
    return ranks().first() ? new Output(false) : Output.ofOtherRank(prefix());
  }

  /** Whether this is a rank other than the first. */
  boolean other() {
    return ranks != null && !ranks.first();
  }

  /** What the lines of this rank begin with; nothing for the first. */
  private String prefix() {
    return other() ? "rank %d: ".formatted(ranks.rank()) : "";
  }

  /** What the lines of this process begin with, if the command runs on many ranks. */
  static String prefixOf(CommandLine line) {
    return line.getCommandSpec().mixins().values().stream()
        .map(CommandSpec::userObject)
        .filter(RankOptions.class::isInstance)
        .map(options -> ((RankOptions) options).prefix())
        .findFirst()
        .orElse("");
  }

  /**
   * Opens this rank's device: the one of its local number, with its share of the processors, where
   * the options do not say otherwise.
   */
  Context open(ComputeOptions compute, Output output) {
    if (ranks().many()) {
      compute.device = given("--device") ? compute.device : localDevice(compute);
      compute.threads = given("--threads") ? compute.threads : Processors.share(ranks());
      output.line("ranks    " + ranks() + ", " + compute.threads + " CPU threads each");
    }
    return compute.open(output);
  }

  /**
   * Brings the ranks together; closed before the context.
   *
   * @param configuration what must be the same for every rank; {@link #configuration} for the
   *     options
   */
  Job join(Context context, Configuration configuration, Output output) {
    JobOptions options =
        new JobOptions(
            ranks(),
            System.getenv(),
            Optional.ofNullable(address),
            configuration,
            Duration.ofSeconds(timeout),
            output::error,
            () -> {
              output.error("another rank was lost, and this process did not end by itself: ended");
              Runtime.getRuntime().halt(ExitCode.RANK_LOST);
            });
    try {
      return Job.open(context, options);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the ranks met", e);
    }
  }

  /** The command's options, without those that are a rank's own. */
  Configuration configuration() {
    String options =
        command.commandLine().getParseResult().matchedOptions().stream()
            .filter(option -> !OF_A_RANK.contains(option.longestName()))
            .sorted(Comparator.comparing(OptionSpec::longestName))
            .map(RankOptions::text)
            .distinct()
            .collect(Collectors.joining(" "));
    return Configuration.of(command.name() + " " + options);
  }

  private static String text(OptionSpec option) {
    List<String> values = option.originalStringValues();
    return option.longestName() + (values.isEmpty() ? "" : " " + String.join(" ", values));
  }

  private boolean given(String option) {
    return command.commandLine().getParseResult().hasMatchedOption(option);
  }

  /** A launcher that binds GPUs shows each rank its own alone, as number 0. */
  private int localDevice(ComputeOptions compute) {
    Backend backend = Backend.of(compute.backend);
    if (backend != Backend.AUTO && backend != Backend.CUDA) {
      return 0;
    }
    int devices;
    try {
      devices = Devices.count(Backend.CUDA);
    } catch (PrecordiaException e) {
      // Where CUDA was asked for, opening it says why; auto takes the CPU.
      return 0;
    }
    if (devices > 1 && devices < ranks().localRanks()) {
      throw new ParameterException(
          command.commandLine(),
          "%d ranks are on this host, but %d CUDA devices: start one rank a device, or give --device"
              .formatted(ranks().localRanks(), devices));
    }
    return devices > 1 ? ranks().localRank() : 0;
  }
}
