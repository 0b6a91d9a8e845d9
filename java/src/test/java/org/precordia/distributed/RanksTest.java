// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.precordia.distributed.Ranks.Source;

/** What launchers say in the environment, as they say it. */
class RanksTest {
  private static final String TORCHRUN =
      "RANK=5 WORLD_SIZE=8 LOCAL_RANK=1 LOCAL_WORLD_SIZE=4 MASTER_ADDR=a MASTER_PORT=29500";
  private static final String OPEN_MPI =
      "OMPI_COMM_WORLD_RANK=5 OMPI_COMM_WORLD_SIZE=8 OMPI_COMM_WORLD_LOCAL_RANK=1"
          + " OMPI_COMM_WORLD_LOCAL_SIZE=4 PMIX_RANK=5";
  private static final String HYDRA =
      "PMI_RANK=5 PMI_SIZE=8 MPI_LOCALRANKID=1 MPI_LOCALNRANKS=4 PMI_FD=9";
  private static final String SRUN =
      "SLURM_JOB_ID=77 SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=8 SLURM_NTASKS=8 SLURM_PROCID=5"
          + " SLURM_LOCALID=1 SLURM_NODEID=1 SLURM_STEP_TASKS_PER_NODE=4(x2)";

  private static Map<String, String> environment(String text) {
    Map<String, String> environment = new HashMap<>();
    for (String pair : text.isEmpty() ? new String[0] : text.split(" ")) {
      environment.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
    }
    return environment;
  }

  private static Ranks of(String text) {
    return Ranks.of(environment(text));
  }

  private static String refusal(String text) {
    return assertThrows(RanksException.class, () -> of(text)).getMessage();
  }

  @Test
  void everyLauncherIsUnderstood() {
    assertEquals(new Ranks(5, 8, 1, 4, Source.TORCHRUN), of(TORCHRUN));
    assertEquals(new Ranks(5, 8, 1, 4, Source.OPEN_MPI), of(OPEN_MPI));
    assertEquals(new Ranks(5, 8, 1, 4, Source.PMI), of(HYDRA));
    assertEquals(new Ranks(5, 8, 1, 4, Source.SLURM), of(SRUN));
    assertEquals(Ranks.SINGLE, of(""));
    assertEquals(Ranks.SINGLE, of("PATH=/bin RANK= MASTER_ADDR=a"));
    assertFalse(Ranks.SINGLE.many());
    assertTrue(of("PMI_RANK=1 PMI_SIZE=2 MPI_LOCALRANKID=1 MPI_LOCALNRANKS=2").oneHost());
  }

  @Test
  void theFirstOfTwoThatAgreeIsTheSource() {
    assertEquals(Source.TORCHRUN, of(TORCHRUN + " " + OPEN_MPI).source());
    assertEquals(Source.OPEN_MPI, of(HYDRA + " " + OPEN_MPI).source());
  }

  @Test
  void twoThatDifferAreRefused() {
    String message = refusal(TORCHRUN + " " + OPEN_MPI.replace("SIZE=8", "SIZE=16"));
    assertTrue(message.contains("RANK is rank 5 of 8"), message);
    assertTrue(message.contains("OMPI_COMM_WORLD_RANK is rank 5 of 16"), message);
    assertTrue(message.contains("--ranks off"), message);
    assertTrue(refusal(HYDRA.replace("RANK=5", "RANK=4") + " " + OPEN_MPI).contains("PMI_RANK"));
  }

  @Test
  void daemonsOfSlurmAreNoRanks() {
    String daemon = SRUN.replace("PROCID=5", "PROCID=1").replace("TASKS=8", "TASKS=2");
    assertEquals(new Ranks(5, 8, 1, 4, Source.OPEN_MPI), of(daemon + " " + OPEN_MPI));
    assertEquals(new Ranks(5, 8, 1, 4, Source.TORCHRUN), of(daemon + " " + TORCHRUN));
  }

  @ParameterizedTest
  @CsvSource({
    "RANK=1, WORLD_SIZE",
    "RANK=1 WORLD_SIZE=2, LOCAL_RANK",
    "LOCAL_WORLD_SIZE=2, RANK",
    "OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2, OMPI_COMM_WORLD_LOCAL_RANK",
    "PMI_RANK=0 PMI_SIZE=2, MPI_LOCALRANKID",
    "SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=0, SLURM_LOCALID",
    "SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=0 SLURM_LOCALID=0, SLURM_NTASKS_PER_NODE"
  })
  void anIncompleteSetIsRefusedByName(String environment, String missing) {
    String message = refusal(environment);
    assertTrue(message.contains(missing), message);
    assertTrue(message.contains("which belongs to it"), message);
  }

  @ParameterizedTest
  @CsvSource({
    "RANK=two WORLD_SIZE=2 LOCAL_RANK=0 LOCAL_WORLD_SIZE=2, RANK is \"two\"",
    "RANK=-1 WORLD_SIZE=2 LOCAL_RANK=0 LOCAL_WORLD_SIZE=2, RANK is \"-1\"",
    "RANK=0 WORLD_SIZE=99999999999 LOCAL_RANK=0 LOCAL_WORLD_SIZE=2, WORLD_SIZE is",
    "RANK=2 WORLD_SIZE=2 LOCAL_RANK=0 LOCAL_WORLD_SIZE=2, rank 2 of 2",
    "RANK=1 WORLD_SIZE=2 LOCAL_RANK=2 LOCAL_WORLD_SIZE=2, local rank 2 of 2",
    "RANK=1 WORLD_SIZE=2 LOCAL_RANK=2 LOCAL_WORLD_SIZE=4, local rank 2 of 4"
  })
  void whatIsNoRankIsRefused(String environment, String said) {
    String message = refusal(environment);
    assertTrue(message.contains(said), message);
  }

  @Test
  void aShellOfSlurmIsOneProcess() {
    // sbatch's script: no step at all. salloc's shell: a step of its own kind, with one task.
    String batch = "SLURM_JOB_ID=77 SLURM_NTASKS=8 SLURM_PROCID=0 SLURM_LOCALID=0 SLURM_NODEID=0";
    assertEquals(Ranks.SINGLE, of(batch));
    assertEquals(Ranks.SINGLE, of(batch + " SLURM_STEP_ID=4294967290 SLURM_STEP_NUM_TASKS=1"));
    assertEquals(Ranks.SINGLE, of(batch + " SLURM_STEP_ID=4294967290 SLURM_STEP_NUM_TASKS=8"));
    assertEquals(Ranks.SINGLE, of(batch + " SLURM_STEP_ID=3 SLURM_STEP_NUM_TASKS=1"));
  }

  @ParameterizedTest
  @CsvSource({"0, 4", "1, 4", "2, 3", "3, 1"})
  void slurmsTasksAreListedByNode(int node, int localRanks) {
    String step =
        "SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=12 SLURM_PROCID=0 SLURM_LOCALID=0"
            + " SLURM_STEP_TASKS_PER_NODE=4(x2),3,1 SLURM_NODEID=";
    assertEquals(localRanks, of(step + node).localRanks());
    assertTrue(refusal(step + 4).contains("has 4 nodes"), refusal(step + 4));
    assertTrue(refusal(step.replace("4(x2)", "4x2") + node).contains("not a list"));
  }

  @Test
  void slurmCompletesWhatItsPmiLeavesOut() {
    assertEquals(new Ranks(5, 8, 1, 4, Source.PMI), of(SRUN + " PMI_RANK=5 PMI_SIZE=8"));
  }

  @Test
  void jobsAreNamedByTheirLauncher() {
    assertEquals("SLURM_JOB_ID=77.0", name(SRUN));
    String below = "SLURM_JOB_ID=77 SLURM_STEP_ID=4 " + OPEN_MPI;
    assertEquals("SLURM_JOB_ID=77", name(below), "steps differ between the daemons of one mpirun");
    assertEquals("PRECORDIA_JOB_ID=x", name(SRUN + " PRECORDIA_JOB_ID=x"));
    assertEquals("TORCHELASTIC_RUN_ID=a", name(TORCHRUN + " TORCHELASTIC_RUN_ID=a"));
    assertEquals("unnamed", name(TORCHRUN + " TORCHELASTIC_RUN_ID=none"));
    assertEquals("OMPI_MCA_ess_base_jobid=9", name(OPEN_MPI + " OMPI_MCA_ess_base_jobid=9"));
  }

  private static String name(String text) {
    return JobName.of(environment(text), of(text), "unnamed").id();
  }

  @Test
  void addressesAreReadWhole() {
    assertEquals(new Address("node1", 29500), Address.parse("node1:29500"));
    assertEquals(new Address("fd00::1", 1), Address.parse("[fd00::1]:1"));
    assertEquals("[fd00::1]:1", Address.parse("[fd00::1]:1").toString());
    for (String wrong : new String[] {"node1", "fd00::1", ":1", "a:", "a:0", "a:65536", "a:1x"}) {
      assertThrows(RanksException.class, () -> Address.parse(wrong), wrong);
    }
    assertTrue(Address.of(environment("PATH=/bin")).isEmpty());
    assertEquals(
        new Address("::1", 8), Address.of(environment("MASTER_ADDR=::1 MASTER_PORT=8")).get());
    assertTrue(
        assertThrows(RanksException.class, () -> Address.of(environment("MASTER_ADDR=a")))
            .getMessage()
            .contains("not MASTER_PORT"));
    assertThrows(
        RanksException.class, () -> Address.of(environment("MASTER_ADDR=a MASTER_PORT=http")));
  }
}
