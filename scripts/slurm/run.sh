# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Part of train-cpu.sbatch and train-gpu.sbatch: one step of srun, started anew while that helps.

readonly rank_lost=7  # docs/command.md

# train_and_requeue SRUN-OPTION... -- COMMAND...
# Resumes where the run's folder has a checkpoint. A rank that ends with an error ends the step at once. Where the time
# limit or a preemption stopped the ranks, or one was lost, the job goes back to the queue, five times at most.
train_and_requeue() {
  local options=() resume=() code=0
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  # shellcheck disable=SC2154 # run is the caller's
  [ ! -e "$run/checkpoint.safetensors" ] || resume=(--resume)

  srun --kill-on-bad-exit=1 "${options[@]}" "$@" "${resume[@]}" || code=$?

  # srun's code is its tasks' highest: 128 and more where a signal ended one.
  if [ "$code" -eq "$rank_lost" ] || [ "$code" -ge 128 ]; then
    [ "${SLURM_RESTART_COUNT:-0}" -ge 5 ] || scontrol requeue "$SLURM_JOB_ID"
  fi
  exit "$code"
}
