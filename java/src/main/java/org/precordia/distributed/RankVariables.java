// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.precordia.distributed.Ranks.Source;

/**
 * What launchers say in the environment. A set that is there in part is refused, and so are two
 * that differ. Slurm's is asked only where there is no other: where {@code srun} starts one mpirun
 * or torchrun daemon a machine, its numbers are the daemons' and rightly differ.
 */
final class RankVariables {
  private static final List<String> TORCHRUN =
      List.of("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE");
  private static final List<String> OPEN_MPI =
      List.of(
          "OMPI_COMM_WORLD_RANK",
          "OMPI_COMM_WORLD_SIZE",
          "OMPI_COMM_WORLD_LOCAL_RANK",
          "OMPI_COMM_WORLD_LOCAL_SIZE");
  private static final List<String> PMI =
      List.of("PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS");

  /**
   * Steps that Slurm counts from here on are no steps of tasks: the interactive shell of {@code
   * salloc}, the batch script, and others of its own.
   */
  private static final long SLURM_SPECIAL_STEPS = 0xFFFFFFF0L;

  /** {@code 4(x2)}: four tasks on each of the next two machines. */
  private static final Pattern TASKS = Pattern.compile("(\\d{1,9})(?:\\(x(\\d{1,9})\\))?");

  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

  private final Map<String, String> environment;

  RankVariables(Map<String, String> environment) {
    this.environment = environment;
  }

  Ranks ranks() {
    List<Ranks> found =
        Stream.of(set(Source.TORCHRUN, TORCHRUN), set(Source.OPEN_MPI, OPEN_MPI), pmi())
            .flatMap(Optional::stream)
            .toList();
    for (Ranks other : found) {
      requireSame(found.getFirst(), other);
    }
    return found.isEmpty() ? slurm().orElse(Ranks.SINGLE) : found.getFirst();
  }

  private static void requireSame(Ranks one, Ranks other) {
    if (one.rank() != other.rank()
        || one.ranks() != other.ranks()
        || one.localRank() != other.localRank()
        || one.localRanks() != other.localRanks()) {
      throw new RanksException(
          ("%s and %s contradict each other: %s is rank %d of %d, local %d of %d; %s is rank %d of"
               + " %d, local %d of %d. Unset the variables that are not meant, or run one process"
               + " with --ranks off")
              .formatted(
                  one.source(),
                  other.source(),
                  names(one.source()).getFirst(),
                  one.rank(),
                  one.ranks(),
                  one.localRank(),
                  one.localRanks(),
                  names(other.source()).getFirst(),
                  other.rank(),
                  other.ranks(),
                  other.localRank(),
                  other.localRanks()));
    }
  }

  private static List<String> names(Source source) {
    return switch (source) {
      case TORCHRUN -> TORCHRUN;
      case OPEN_MPI -> OPEN_MPI;
      case PMI -> PMI;
      case SLURM -> List.of("SLURM_PROCID");
      case NONE -> List.of("no variable");
    };
  }

  private Optional<Ranks> set(Source source, List<String> names) {
    if (names.stream().noneMatch(this::has)) {
      return Optional.empty();
    }
    requireAll(names);
    int[] values = names.stream().mapToInt(this::number).toArray();
    return Optional.of(new Ranks(values[0], values[1], values[2], values[3], source));
  }

  /** {@code srun --mpi=pmi2} sets the first two alone; Slurm itself says the others. */
  private Optional<Ranks> pmi() {
    boolean bySlurm = has("PMI_RANK") && !has("MPI_LOCALRANKID") && !has("MPI_LOCALNRANKS");
    Optional<Ranks> slurm = bySlurm ? slurm() : Optional.empty();
    if (slurm.isPresent()
        && slurm.get().rank() == number("PMI_RANK")
        && slurm.get().ranks() == number("PMI_SIZE")) {
      Ranks step = slurm.get();
      return Optional.of(
          new Ranks(step.rank(), step.ranks(), step.localRank(), step.localRanks(), Source.PMI));
    }
    return set(Source.PMI, PMI);
  }

  /**
   * A step of {@code srun} with more than one task. A shell of {@code salloc} or {@code sbatch} has
   * SLURM_NTASKS and SLURM_PROCID as well, but is one process.
   */
  private Optional<Ranks> slurm() {
    if (!has("SLURM_STEP_ID")
        || longNumber("SLURM_STEP_ID") >= SLURM_SPECIAL_STEPS
        || !has("SLURM_STEP_NUM_TASKS")
        || number("SLURM_STEP_NUM_TASKS") <= 1) {
      return Optional.empty();
    }
    requireAll(List.of("SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_LOCALID"));
    return Optional.of(
        new Ranks(
            number("SLURM_PROCID"),
            number("SLURM_STEP_NUM_TASKS"),
            number("SLURM_LOCALID"),
            slurmLocalRanks(),
            Source.SLURM));
  }

  private int slurmLocalRanks() {
    if (!has("SLURM_STEP_TASKS_PER_NODE")) {
      requireAll(List.of("SLURM_STEP_NUM_TASKS", "SLURM_NTASKS_PER_NODE"));
      return number("SLURM_NTASKS_PER_NODE");
    }
    String list = environment.get("SLURM_STEP_TASKS_PER_NODE").strip();
    requireAll(List.of("SLURM_STEP_TASKS_PER_NODE", "SLURM_NODEID"));
    int node = number("SLURM_NODEID");
    long first = 0;
    for (String part : list.split(",")) {
      Matcher matcher = TASKS.matcher(part);
      if (!matcher.matches()) {
        throw new RanksException(
            "SLURM_STEP_TASKS_PER_NODE is \"%s\", not a list such as 4(x2),3".formatted(list));
      }
      first += matcher.group(2) == null ? 1 : Long.parseLong(matcher.group(2));
      if (node < first) {
        return Integer.parseInt(matcher.group(1));
      }
    }
    throw new RanksException(
        "SLURM_NODEID is %d, but SLURM_STEP_TASKS_PER_NODE is \"%s\", which has %d nodes"
            .formatted(node, list, first));
  }

  private void requireAll(List<String> names) {
    List<String> missing = new ArrayList<>(names);
    missing.removeIf(this::has);
    if (!missing.isEmpty()) {
      List<String> present = names.stream().filter(this::has).toList();
      throw new RanksException(
          "%s set, but not %s, which belongs to it: set all, or unset all, or run one process with --ranks off"
              .formatted(
                  String.join(", ", present) + (present.size() == 1 ? " is" : " are"),
                  String.join(", ", missing)));
    }
  }

  private boolean has(String name) {
    String value = environment.get(name);
    return value != null && !value.isBlank();
  }

  private int number(String name) {
    long value = longNumber(name);
    if (value > Integer.MAX_VALUE) {
      throw notANumber(name);
    }
    return (int) value;
  }

  private long longNumber(String name) {
    String text = environment.getOrDefault(name, "").strip();
    if (!NUMBER.matcher(text).matches()) {
      throw notANumber(name);
    }
    return Long.parseLong(text);
  }

  private RanksException notANumber(String name) {
    return new RanksException(
        "%s is \"%s\", not a number of ranks".formatted(name, environment.get(name)));
  }
}
