# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The tests of ops, on the GPU's own path and for dilated_stack on those of older GPUs, whose kernels it runs too; then
# training and prediction in Java. Side by side, as most of a test's time is the reference's on one core. A test that
# finds no device fails.
stage_test() {
  local status=0 op capability
  [ "$device" != cuda ] || export PCD_TEST_REQUIRE_DEVICE=1
  export PCD_TEST_BACKEND=$device
  for op in $ops; do task test "$op" 120 "$out/build/tests/${op}_test" & done
  if [ "$device" = cuda ]; then
    for capability in 80 75; do
      PCD_CUDA_CAPABILITY=$capability task test "dilated_stack_sm_$capability" 120 \
        "$out/build/tests/dilated_stack_test" &
    done
  fi
  join_tasks || status=1
  test_java || status=1
  return $status
}

# Waits for the tasks in the background; the clock's reader of run-all.sh is none of them.
join_tasks() {
  local status=0 job
  for job in $(jobs -p); do
    [ "$job" = "$smi" ] || wait "$job" || status=1
  done
  return $status
}

test_java() {
  local required=false name
  local classes=(train.DeviceTrainingTest train.TrainerTest train.GradientTest model.PredictorTest)
  use_java test || return 0
  [ "$device" != cuda ] || required=true
  [ -z "$quick" ] || classes=(train.DeviceTrainingTest model.PredictorTest)
  local console=("${java_command[0]}" -Dprecordia.test.backend="$device" -Dprecordia.requireDevice=$required
    -Dprecordia.generated="$java/cudnn.properties" "${java_command[@]:1}" org.junit.platform.console.ConsoleLauncher
    execute --disable-banner --disable-ansi-colors --details=tree)
  for name in "${classes[@]}"; do
    task test "java-${name#*.}" 180 "${console[@]}" --select-class="org.precordia.$name" &
  done
  task test java-cudnn 60 env LD_LIBRARY_PATH="$(cudnn_path)" "${console[@]}" \
    --select-package=org.precordia.bench.cudnn &
  join_tasks
}
