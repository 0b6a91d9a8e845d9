// SPDX-License-Identifier: Apache-2.0
package org.precordia.eval.interpretation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.precordia.data.Lead;

/**
 * What the reconstruction of one window of a record depended on.
 *
 * @param id the record's identifier in the data set
 * @param start first sample of the window
 * @param rate sampling rate in Hz
 * @param inputs input leads
 * @param targets target leads
 * @param signals input leads in mV, {@code [input][sample of the window]}
 * @param peaks lead II's R peaks in the window
 * @param occlusion which input samples mattered
 * @param directions what h could have changed; empty where no class means are known
 */
public record Interpretation(
    String id,
    int start,
    double rate,
    List<Lead> inputs,
    List<Lead> targets,
    double[][] signals,
    List<Integer> peaks,
    Occlusion occlusion,
    List<ClassDirection> directions) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public Interpretation {
    inputs = List.copyOf(inputs);
    targets = List.copyOf(targets);
    peaks = List.copyOf(peaks);
    directions = List.copyOf(directions);
  }

  /** Sums of it as JSON: sensitivities and changes in mV, no traces. */
  public ObjectNode toJson() {
    ObjectNode json = JSON.createObjectNode().put("id", id).put("start_s", start / rate);
    ObjectNode occluded = json.putObject("occlusion_rms");
    ObjectNode shares = json.putObject("occlusion_waveform_share");
    for (int i = 0; i < inputs.size(); i++) {
      ObjectNode byTarget = occluded.putObject(inputs.get(i).label());
      ObjectNode shareByTarget = shares.putObject(inputs.get(i).label());
      for (int t = 0; t < targets.size(); t++) {
        byTarget.put(targets.get(t).label(), occlusion.of(i, t));
        double share = occlusion.waveformShare(i, t);
        if (Double.isFinite(share)) {
          shareByTarget.put(targets.get(t).label(), share);
        } else {
          shareByTarget.putNull(targets.get(t).label());
        }
      }
    }
    ObjectNode moved = json.putObject("class_direction_rms");
    for (ClassDirection direction : directions) {
      ObjectNode byTarget = moved.putObject(direction.superclass());
      for (int t = 0; t < targets.size(); t++) {
        byTarget.put(targets.get(t).label(), direction.change(t));
      }
    }
    return json;
  }
}
