#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Largest relative error of every op's gradients against the fp64 reference, one line an op and type, over all targets:
#   native/tests/gradient_errors.sh BUILD_FOLDER [ctest options]
# Bound: what that case allowed, a small multiple of the error of the naive computation in the same precision.
set -eu
if [ $# -lt 1 ] || [ ! -f "$1/CTestTestfile.cmake" ]; then
  echo "usage: $0 BUILD_FOLDER [ctest options]   (a folder built by cmake with PCD_TESTS=ON)" >&2
  exit 2
fi
build=$1
shift
report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
PCD_TEST_REPORT=$report ctest --test-dir "$build" --output-on-failure "$@" >&2 || status=$?
awk -F, '
  $5 == "gradient" {
    key = $3 "," $2
    if (!(key in error) || $6 + 0 > error[key] + 0) {
      error[key] = $6; bound[key] = $7; tensor[key] = $4; target[key] = $1
    }
    cases[key] += $8
  }
  END {
    printf "%-20s %-5s %-18s %12s %12s %8s  %s\n", "op", "type", "tensor", "max error", "bound", "compared", "target"
    for (key in error) {
      split(key, part, ",")
      printf "%-20s %-5s %-18s %12s %12s %8d  %s\n", part[1], part[2], tensor[key], error[key], bound[key],
             cases[key], target[key] | "sort"
    }
  }' "$report"
exit $status
