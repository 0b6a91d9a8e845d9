// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.util.List;
import java.util.Map;
import org.precordia.distributed.Ranks.Source;

/**
 * What tells two jobs apart that meet on one port.
 *
 * @param id the same for every rank of a job, another for any other job that runs meanwhile
 */
public record JobName(String id) {
  private static final int LONGEST = 200;

  public JobName {
    if (id.isBlank() || id.length() > LONGEST) {
      throw new RanksException(
          "the id of a job has 1 to %d characters, \"%s\" has %d"
              .formatted(LONGEST, id, id.length()));
    }
  }

  /**
   * The launcher's id: {@code PRECORDIA_JOB_ID} before all others. Slurm's step is part of it only
   * where the step's tasks are the ranks: below mpirun, ranks of one job see different steps.
   *
   * @param otherwise names a job that no launcher named
   */
  static JobName of(Map<String, String> environment, Ranks ranks, String otherwise) {
    for (String variable :
        List.of(
            "PRECORDIA_JOB_ID",
            "SLURM_JOB_ID",
            "TORCHELASTIC_RUN_ID",
            "PMIX_NAMESPACE",
            "OMPI_MCA_ess_base_jobid")) {
      String value = environment.getOrDefault(variable, "").strip();
      if (!value.isEmpty() && !"none".equals(value)) {
        String step = environment.getOrDefault("SLURM_STEP_ID", "").strip();
        boolean ofStep = variable.startsWith("SLURM") && ranks.source() == Source.SLURM;
        return new JobName(variable + "=" + value + (ofStep ? "." + step : ""));
      }
    }
    return new JobName(otherwise);
  }

  @Override
  public String toString() {
    return id;
  }
}
