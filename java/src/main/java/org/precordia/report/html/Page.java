// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.html;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.precordia.model.ProgramVersion;

/**
 * One self-contained page: no network, no cookies, no fonts from elsewhere. Its policy admits one
 * style sheet and one script, those written here, by their hashes, and no style attributes.
 */
public final class Page {
  private final String kind;
  private final String title;
  private final String subtitle;
  private final String warning;
  private final Map<String, Section> sections = new LinkedHashMap<>();

  private record Section(String heading, Markup body) {}

  /**
   * @param kind what sort of report it is
   * @param title heading of the page
   * @param subtitle one line beneath it
   * @param warning what stands at the top and at the end; empty for none
   */
  public Page(String kind, String title, String subtitle, String warning) {
    this.kind = kind;
    this.title = title;
    this.subtitle = subtitle;
    this.warning = warning;
  }

  /**
   * Adds a section.
   *
   * @param id unique on the page
   * @param heading its heading
   * @return what stands under the heading, to be filled
   */
  public Markup section(String id, String heading) {
    Markup body = new Markup();
    if (sections.put(id, new Section(heading, body)) != null) {
      throw new IllegalArgumentException("the page has a section " + id + " already");
    }
    return body;
  }

  /** The page as text. */
  public String render() {
    String style = "/*<![CDATA[*/\n" + style() + "/*]]>*/";
    String script = "//<![CDATA[\n" + resource("page.js") + "//]]>";
    Markup out = new Markup();
    out.open("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en", "xml:lang", "en");
    out.open("head").empty("meta", "charset", "utf-8");
    String policy =
        "default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'"
            .formatted(hash(style), hash(script));
    out.empty("meta", "http-equiv", "Content-Security-Policy", "content", policy);
    out.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    out.empty("meta", "name", "color-scheme", "content", "light dark");
    out.empty("meta", "name", "generator", "content", "Precordia " + ProgramVersion.get());
    out.element("title", title + " · " + kind);
    out.open("style").raw(style).close().close();
    out.open("body").element("a", "Skip to the content", "class", "skip", "href", "#content");
    header(out);
    contents(out);
    out.open("main", "id", "content", "tabindex", "-1");
    sections.forEach(
        (id, section) -> {
          out.open("section", "id", id, "aria-labelledby", id + "-h");
          out.element("h2", section.heading, "id", id + "-h");
          out.add(section.body).close();
        });
    out.close();
    out.open("footer");
    if (!warning.isEmpty()) {
      out.paragraph(warning);
    }
    out.paragraph(
        "Written by Precordia "
            + ProgramVersion.get()
            + ". This page holds everything it shows; it loads nothing.");
    out.close();
    out.open("script").raw(script).close().close().close();
    return "<!DOCTYPE html>\n" + out;
  }

  private void header(Markup out) {
    out.open("header").open("div", "class", "bar");
    out.paragraph("Precordia · " + kind, "class", "kind");
    out.open(
        "button", "type", "button", "id", "theme", "aria-pressed", "false", "hidden", "hidden");
    out.text("Dark theme").close().close();
    out.element("h1", title).paragraph(subtitle, "class", "subtitle");
    if (!warning.isEmpty()) {
      out.paragraph(warning, "class", "disclaimer");
    }
    out.close();
  }

  private void contents(Markup out) {
    out.open("nav", "aria-label", "Contents").open("ol");
    sections.forEach(
        (id, section) -> out.open("li").element("a", section.heading, "href", "#" + id).close());
    out.close().close();
  }

  /** The dark colours hold where the system asks for them, or the reader. Paper is always light. */
  private static String style() {
    String dark = resource("dark.css");
    return resource("page.css")
        + "@media screen and (prefers-color-scheme: dark) {\n:root:not([data-theme=light]) {\n"
        + dark
        + "}\n}\n@media screen {\n:root[data-theme=dark] {\n"
        + dark
        + "}\n}\n";
  }

  private static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
