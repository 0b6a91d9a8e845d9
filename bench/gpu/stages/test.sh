# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The tests of ops, on the GPU's own path and for dilated_stack on those of older GPUs, whose kernels it runs too; then
# training and prediction in Java. A test that finds no device fails.
stage_test() {
  local status=0 op capability
  [ "$device" != cuda ] || export PCD_TEST_REQUIRE_DEVICE=1
  export PCD_TEST_BACKEND=$device
  for op in $ops; do task test "$op" 120 "$out/build/tests/${op}_test" || status=1; done
  if [ "$device" = cuda ]; then
    for capability in 80 75; do
      PCD_CUDA_CAPABILITY=$capability task test "dilated_stack_sm_$capability" 120 \
        "$out/build/tests/dilated_stack_test" || status=1
    done
  fi
  test_java || status=1
  return $status
}

test_java() {
  local status=0 required=false name
  local classes=(train.DeviceTrainingTest train.TrainerTest train.GradientTest model.PredictorTest)
  use_java test || return 0
  [ "$device" != cuda ] || required=true
  [ -z "$quick" ] || classes=(train.DeviceTrainingTest model.PredictorTest)
  local console=("${java_command[0]}" -Dprecordia.test.backend="$device" -Dprecordia.requireDevice=$required
    -Dprecordia.generated="$java/cudnn.properties" "${java_command[@]:1}" org.junit.platform.console.ConsoleLauncher
    execute --disable-banner --disable-ansi-colors --details=tree)
  for name in "${classes[@]}"; do
    task test "java-${name#*.}" 180 "${console[@]}" --select-class="org.precordia.$name" || status=1
  done
  task test java-cudnn 60 env LD_LIBRARY_PATH="$(cudnn_path)" "${console[@]}" \
    --select-package=org.precordia.bench.cudnn || status=1
  return $status
}
