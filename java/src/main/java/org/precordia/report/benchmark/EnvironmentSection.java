// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.precordia.benchmark.Measurement;
import org.precordia.benchmark.ResultFile;
import org.precordia.report.html.HtmlTable;
import org.precordia.report.html.Markup;

/** What the figures hold for, and which figures there are not. */
final class EnvironmentSection {
  private final ResultFile file;
  private final List<Measurement> missing;

  EnvironmentSection(ResultFile file, List<Measurement> missing) {
    this.file = file;
    this.missing = missing;
  }

  void write(Markup out) {
    Map<String, Set<String>> facts = new LinkedHashMap<>();
    for (ObjectNode environment : file.environments()) {
      environment
          .properties()
          .forEach(
              fact -> {
                String value = text(fact.getValue());
                if (!fact.getKey().equals("record") && !value.isEmpty()) {
                  facts.computeIfAbsent(fact.getKey(), any -> new LinkedHashSet<>()).add(value);
                }
              });
    }
    HtmlTable table =
        new HtmlTable("environment-table", "As the files state it").text("Fact").text("Value");
    facts.forEach((name, values) -> table.row(name.replace('_', ' '), String.join("; ", values)));
    out.add(table.markup());
    if (!missing.isEmpty()) {
      HtmlTable absent =
          new HtmlTable("missing-table", "Cases without figures")
              .text("Case")
              .text("Why")
              .text("Note");
      missing.forEach(line -> absent.row(line.id().toString(), line.status(), line.note()));
      out.add(absent.markup());
    }
  }

  private static String text(JsonNode value) {
    if (value.isNull()) {
      return "";
    }
    if (value.isObject()) {
      StringBuilder text = new StringBuilder();
      value
          .properties()
          .forEach(
              part ->
                  text.append(text.isEmpty() ? "" : ", ")
                      .append(part.getKey())
                      .append(' ')
                      .append(text(part.getValue())));
      return text.toString();
    }
    if (value.isArray()) {
      StringBuilder text = new StringBuilder();
      value.forEach(part -> text.append(text.isEmpty() ? "" : " ").append(text(part)));
      return text.toString();
    }
    return value.asText();
  }
}
