// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.html;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

/**
 * A headless Chromium with a page of ours, and what it logged. Debian's is used, none is loaded.
 */
final class Browser implements AutoCloseable {
  private static final List<Path> BROWSERS =
      List.of(Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"));
  private static final List<Path> DRIVERS =
      List.of(Path.of("/usr/bin/chromedriver"), Path.of("/usr/lib/chromium/chromedriver"));

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Starts one; where there is none the test is skipped. */
  static Browser start(Path profile) {
    Path browser = find(BROWSERS);
    Path executable = find(DRIVERS);
    Assumptions.assumeTrue(browser != null && executable != null, "skipped: no Chromium");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(browser.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--user-data-dir=" + profile);
    options.setCapability(
        "goog:loggingPrefs", Map.of(LogType.BROWSER, "ALL", LogType.PERFORMANCE, "ALL"));
    File driver = executable.toFile();
    ChromeDriver started =
        new ChromeDriver(
            new ChromeDriverService.Builder().usingDriverExecutable(driver).build(), options);
    started.manage().timeouts().scriptTimeout(Duration.ofMinutes(3));
    Browser ready = new Browser(started);
    started.get("about:blank");
    // What a browser shows at its start is its own affair.
    ready.requests();
    ready.console();
    return ready;
  }

  private static Path find(List<Path> places) {
    return places.stream().filter(Files::isExecutable).findFirst().orElse(null);
  }

  ChromeDriver driver() {
    return driver;
  }

  void open(Path page) {
    driver.get(page.toUri().toString());
  }

  void size(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** What the system asks for, {@code light} or {@code dark}, and whether it is about to print. */
  void media(String scheme, boolean print) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "media",
            print ? "print" : "",
            "features",
            List.of(
                Map.of("name", "prefers-color-scheme", "value", scheme),
                // A click must not chase what still moves.
                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
  }

  Object script(String text, Object... arguments) {
    return driver.executeScript(text, arguments);
  }

  String text(String expression) {
    return String.valueOf(script("return " + expression));
  }

  long number(String expression) {
    return ((Number) script("return Math.round(" + expression + ")")).longValue();
  }

  /** Keeps a picture of the whole page. */
  void picture(Path file) throws IOException {
    Map<String, Object> png =
        driver.executeCdpCommand(
            "Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
    write(file, png);
  }

  /** Prints on A4. */
  void print(Path file) throws IOException {
    write(
        file,
        driver.executeCdpCommand(
            "Page.printToPDF", Map.of("preferCSSPageSize", true, "printBackground", true)));
  }

  private static void write(Path file, Map<String, Object> result) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode((String) result.get("data")));
  }

  /** Whatever the console says: errors, warnings, refusals of the page's policy. */
  List<String> console() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(LogEntry::toString)
        .toList();
  }

  /** Addresses that were asked for since the last call. */
  List<String> requests() {
    List<String> requests = new ArrayList<>();
    for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE).getAll()) {
      String message = entry.getMessage();
      if (message.contains("\"Network.requestWillBeSent\"")) {
        String url = "\"url\":\"";
        int from = message.indexOf(url, message.indexOf("\"request\":")) + url.length();
        requests.add(message.substring(from, message.indexOf('"', from)));
      }
    }
    return requests;
  }

  /** What axe-core objects to, a line each; what it logs itself is not kept. */
  @SuppressWarnings("unchecked")
  List<String> objections() throws IOException {
    List<String> logged = console();
    if (!logged.isEmpty()) {
      return logged;
    }
    script(axe());
    Object objections =
        driver.executeAsyncScript(
            """
            const done = arguments[arguments.length - 1];
            axe.run(document, {resultTypes: ['violations']}).then(
              result => done(result.violations.flatMap(v => v.nodes.map(
                n => `${v.id}: ${v.help}: ${n.target} ${n.html.slice(0, 200)} ${n.failureSummary}`))),
              error => done([String(error)]));
            """);
    console();
    return (List<String>) objections;
  }

  private static String axe() throws IOException {
    Properties version = new Properties();
    try (InputStream in = resource("META-INF/maven/org.webjars.npm/axe-core/pom.properties")) {
      version.load(in);
    }
    String path =
        "META-INF/resources/webjars/axe-core/%s/axe.min.js"
            .formatted(version.getProperty("version"));
    try (InputStream in = resource(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static InputStream resource(String path) throws IOException {
    InputStream in = ClassLoader.getSystemResourceAsStream(path);
    if (in == null) {
      throw new IOException(path + " is not on the class path");
    }
    return in;
  }

  @Override
  public void close() {
    driver.quit();
  }
}
