// SPDX-License-Identifier: Apache-2.0
package org.precordia.train;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.precordia.model.BatchPart;
import org.precordia.model.Network;
import org.precordia.model.WindowFeed;
import org.precordia.model.WindowSource;
import org.precordia.runtime.DType;
import org.precordia.runtime.GatherAugmentOp;
import org.precordia.runtime.Resources;
import org.precordia.runtime.Stream;
import org.precordia.runtime.Tensor;

/**
 * This rank's windows of a step, gathered chunk by chunk into a network's inputs. Labels and groups
 * of all chunks lie side by side, for the losses that compare entries of the whole batch. Other
 * ranks' come from them: 24 bytes an entry, beside 512 of its z, are cheaper than gathering their
 * windows a second time.
 */
final class Batch {
  private final List<List<GatherAugmentOp>> gathers = new ArrayList<>();
  private final int part;
  private final Tensor targets;
  private final TrainingRanks.Rows labels;
  private final TrainingRanks.Rows groups;

  /**
   * Prepares the gathers.
   *
   * @param network the chunk's network; its batch is the chunk's windows times the views
   * @param chunks chunks of a step
   * @param windows this rank's windows of a step, over all chunks
   * @param reconstructs whether targets are wanted
   */
  Batch(
      Arena arena,
      Resources resources,
      WindowSource source,
      Network network,
      List<Augmentation> views,
      Tensor state,
      int chunks,
      BatchPart windows,
      boolean reconstructs,
      TrainingRanks ranks) {
    Stream stream = source.stream();
    int window = source.config().window();
    part = windows.count() / chunks;
    int entries = windows.count() * views.size();
    int words = source.records().labelWords();
    targets =
        reconstructs
            ? resources.allocate(stream, DType.F32, part, window, source.config().targets().size())
            : null;
    labels = words > 0 ? ranks.rows(resources, stream, DType.U64, entries, words) : null;
    groups = words > 0 ? ranks.rows(resources, stream, DType.I32, entries) : null;
    for (int chunk = 0; chunk < chunks; chunk++) {
      List<GatherAugmentOp> ops = new ArrayList<>();
      for (int view = 0; view < views.size(); view++) {
        int begin = view * part;
        Tensor inputs = network.inputs().slice(begin, begin + part);
        GatherAugmentOp op =
            source
                .gather(arena, state, null, inputs)
                .view(view)
                .batchOffset(windows.begin() + chunk * (long) part);
        views.get(view).apply(op);
        if (reconstructs) {
          source.targets(op, targets);
        }
        if (words > 0) {
          int first = chunk * part * views.size() + begin;
          source.labels(
              op, labels.own().slice(first, first + part), groups.own().slice(first, first + part));
        }
        ops.add(op);
      }
      gathers.add(ops);
    }
  }

  /** Sets where the windows of the views are listed; one tensor a view. */
  void index(List<Tensor> index) {
    for (List<GatherAugmentOp> ops : gathers) {
      for (int view = 0; view < ops.size(); view++) {
        ops.get(view).index(index.get(view));
      }
    }
  }

  /** Sets where the windows' samples are read from. */
  void attach(WindowFeed feed, int slot) {
    for (int chunk = 0; chunk < gathers.size(); chunk++) {
      List<GatherAugmentOp> ops = gathers.get(chunk);
      for (int view = 0; view < ops.size(); view++) {
        feed.attach(ops.get(view), slot, view, chunk * part, (chunk + 1) * part);
      }
    }
  }

  /** Gathers a chunk. */
  void gather(Stream stream, int chunk) {
    for (GatherAugmentOp op : gathers.get(chunk)) {
      op.run(stream);
    }
  }

  /** True target leads of the chunk gathered last, F32 [B, L, T] mV; null when not wanted. */
  Tensor targets() {
    return targets;
  }

  /** U64 [N, W], or null without labels. */
  TrainingRanks.Rows labels() {
    return labels;
  }

  /** I32 [N], or null without labels. */
  TrainingRanks.Rows groups() {
    return groups;
  }
}
