// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.precordia.data.Shard;
import org.precordia.model.Precision;
import org.precordia.runtime.Context;
import org.precordia.runtime.Devices;

/** What every evaluation keeps beside its figures, whatever it evaluates. */
public final class Provenance {
  private static final String COMMIT = "commit: ";

  private Provenance() {}

  /** Date, data, device, precision, commit and native library, as text by name. */
  public static Map<String, String> of(Context context, Shard shard, Precision precision) {
    Map<String, String> provenance = new LinkedHashMap<>();
    provenance.put("date", Instant.now().toString());
    provenance.put("data", shard.fingerprint());
    provenance.put("device", context.device().description());
    provenance.put("precision", precision.name().toLowerCase(Locale.ROOT));
    Devices.buildInfo()
        .lines()
        .filter(line -> line.startsWith(COMMIT))
        .findFirst()
        .ifPresent(line -> provenance.put("commit", line.substring(COMMIT.length())));
    provenance.put("native", Devices.buildInfo().lines().limit(3).toList().toString());
    return provenance;
  }
}
