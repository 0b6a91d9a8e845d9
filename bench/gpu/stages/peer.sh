# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# PyTorch on the same machine; schedule.py has the tasks and their order.
stage_peer() {
  environment peer
  "$python" "$here/peer/schedule.py" --results "$out/peer.jsonl" --log "$out/log.txt" --budget-s $(($(left) - 10)) \
    --device "$device" --only "$only" $quick
}
