// SPDX-License-Identifier: Apache-2.0
package org.precordia.report.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.precordia.benchmark.ResultFile;
import org.precordia.report.benchmark.BenchReport;
import org.precordia.report.evaluation.ReportFixture;
import org.precordia.report.study.StudyFixture;

/**
 * The pages in headless Chromium: they work, load nothing, and can be used by keyboard and screen
 * reader, on a phone and on paper. Pictures are left in {@code target/screenshots}. Skipped where
 * there is no Chromium.
 */
class PageBrowserTest {
  private static final Path PICTURES = Path.of("target", "screenshots");
  private static final Path CPU =
      Path.of("..", "bench", "results", "2026-11-25-cpu-xeon", "cpu.jsonl");
  private static final int DESK = 1280;
  private static final int PHONE = 360;

  @TempDir static Path folder;
  private static Browser browser;
  private static Path evaluation;
  private static Path benchmark;
  private static Path study;

  @BeforeAll
  static void start() throws IOException {
    browser = Browser.start(folder.resolve("profile"));
    evaluation = folder.resolve("evaluation.html");
    Files.writeString(evaluation, ReportFixture.report(40).render());
    study = folder.resolve("study.html");
    Files.writeString(study, StudyFixture.report().render());
    benchmark = folder.resolve("benchmark.html");
    Files.writeString(
        benchmark,
        new BenchReport(List.of(new BenchReport.Input("cpu.jsonl", ResultFile.read(CPU))))
            .render());
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  /** Whatever a test did, the console stayed empty and nothing but the page was asked for. */
  @AfterEach
  void nothingWasLoadedOrLogged() {
    assertEquals(List.of(), browser.console());
    assertEquals(
        List.of(),
        browser.requests().stream().filter(address -> !address.startsWith("file:")).toList());
  }

  private static void open(Path page, int width) {
    browser.size(width, 900);
    browser.media("light", false);
    browser.open(page);
    browser.script("try { localStorage.clear(); } catch { }");
    browser.open(page);
  }

  @Test
  void axeHasNoObjections() throws IOException {
    for (Path page : List.of(evaluation, study, benchmark)) {
      for (String scheme : List.of("light", "dark")) {
        open(page, DESK);
        browser.media(scheme, false);
        assertEquals(List.of(), browser.objections(), page.getFileName() + " in " + scheme);
      }
    }
  }

  @Test
  void themeFollowsTheSystemAndTheButton() throws IOException {
    open(evaluation, DESK);
    String light = background();
    browser.picture(PICTURES.resolve("evaluation-light.png"));
    browser.media("dark", false);
    assertNotEquals(light, background());
    assertEquals("true", pressed());
    browser.picture(PICTURES.resolve("evaluation-dark.png"));
    browser.media("light", false);
    assertEquals(light, background());
    WebElement button = browser.driver().findElement(By.id("theme"));
    button.sendKeys(Keys.ENTER);
    assertNotEquals(light, background());
    assertEquals("true", pressed());
    button.sendKeys(Keys.SPACE);
    assertEquals(light, background());
    assertEquals("false", pressed());
  }

  @Test
  void leadsAndLinesCanBeChosen() {
    open(evaluation, DESK);
    String lead = "document.querySelector('.ecg [data-part=V4]').offsetHeight";
    assertTrue(browser.number(lead) > 50);
    assertEquals(0, browser.number("document.querySelector('.ecg [data-part=II]').offsetHeight"));
    browser.driver().findElement(By.id("ecg0-show-V4")).sendKeys(Keys.SPACE);
    assertEquals(0, browser.number(lead));
    browser.driver().findElement(By.id("ecg0-show-II")).click();
    assertTrue(browser.number("document.querySelector('.ecg [data-part=II]').offsetHeight") > 50);
    browser.driver().findElement(By.id("ecg0-show-difference")).click();
    assertEquals(
        "none",
        browser.text(
            "getComputedStyle(document.querySelector('.ecg [data-part=difference]')).display"));
  }

  @Test
  void zoomsByKeyboardButtonAndWheel() {
    open(evaluation, DESK);
    WebElement paper = browser.driver().findElement(By.cssSelector(".ecg .paper"));
    long width = width();
    assertEquals(259 * 96 / 25.4, width, 1.0, "10 s at 25 mm/s, the pulse and a margin");
    paper.sendKeys("+");
    assertEquals(1.5 * width, width(), 1.5);
    assertEquals("150 %", browser.text("document.querySelector('.ecg output').textContent"));
    paper.sendKeys("-", "-");
    assertEquals(0.75 * width, width(), 1.5);
    paper.sendKeys("0");
    assertEquals(width, width(), 1.0);
    browser.driver().findElement(By.cssSelector(".ecg [data-zoom=in]")).click();
    assertEquals(1.5 * width, width(), 1.5);
    browser.script(
        "document.querySelector('.paper').dispatchEvent(new WheelEvent('wheel',"
            + "{deltaY: -200, ctrlKey: true, bubbles: true, cancelable: true}))");
    assertEquals(1.5 * Math.exp(0.5) * width, width(), 2.5);
  }

  @Test
  void theMapTellsSuperclassesApartByFormAndNamesItsRecords() {
    open(evaluation, DESK);
    String key = "[...document.querySelectorAll('#embedding-figure .key path')]";
    assertEquals(5, browser.number("new Set(" + key + ".map(e => e.getAttribute('d'))).size"));
    assertEquals(5, browser.number("new Set(" + key + ".map(e => getComputedStyle(e).fill)).size"));
    assertEquals(
        50,
        browser.number("document.querySelectorAll('#embedding-figure .scroll title').length - 1"));
  }

  @Test
  void interpretationsAreReachedByKeyboardAndFitTheirPaper() {
    open(evaluation, DESK);
    assertEquals(
        6, browser.number("document.querySelectorAll('.reading .paper[tabindex=\"0\"]').length"));
    open(evaluation, PHONE);
    assertTrue(
        browser.number("document.querySelector('.reading .paper').scrollWidth") > PHONE,
        "scrolls within its frame");
  }

  @Test
  void isWholeWithoutScript() throws IOException {
    Path still = folder.resolve("still.html");
    String html = Files.readString(evaluation);
    Files.writeString(still, html.substring(0, html.lastIndexOf("<script>")) + "</body></html>");
    open(still, DESK);
    assertEquals(0, browser.number("document.querySelector('.controls').offsetHeight"));
    assertTrue(browser.number("document.querySelector('.ecg [data-part=II]').offsetHeight") > 50);
  }

  @Test
  void fitsAPhone() throws IOException {
    for (Path page : List.of(evaluation, study, benchmark)) {
      open(page, PHONE);
      String overflow = "document.documentElement.scrollWidth - innerWidth";
      assertTrue(browser.number(overflow) <= 0, page + " is too wide for a phone");
      String name = page.getFileName().toString().replace(".html", "-phone.png");
      browser.picture(PICTURES.resolve(name));
    }
  }

  @Test
  void skipLinkIsFirstAndLeadsToTheContent() {
    open(evaluation, DESK);
    browser.driver().findElement(By.tagName("body")).sendKeys(Keys.TAB);
    assertEquals("skip", browser.text("document.activeElement.className"));
    browser.driver().switchTo().activeElement().sendKeys(Keys.ENTER);
    assertEquals("content", browser.text("document.activeElement.id"));
  }

  @Test
  void printsOnPaper() throws IOException {
    for (Path page : List.of(evaluation, study, benchmark)) {
      open(page, DESK);
      browser.media("dark", false);
      String name = page.getFileName().toString().replace(".html", "");
      Path pdf = PICTURES.resolve(name + ".pdf");
      browser.print(pdf);
      String text = new String(Files.readAllBytes(pdf), StandardCharsets.ISO_8859_1);
      assertTrue(text.startsWith("%PDF-"));
      assertTrue(text.contains("/Type /Page"), "pages");
      browser.media("dark", true);
      assertEquals("rgb(255, 255, 255)", background(), "paper is white");
      assertEquals(
          0,
          browser.number(
              "[...document.querySelectorAll('nav, .controls, button')]"
                  + ".reduce((sum, e) => sum + e.offsetHeight, 0)"));
      browser.picture(PICTURES.resolve(name + "-print.png"));
    }
  }

  @Test
  void benchmarkHasAPicture() throws IOException {
    open(benchmark, DESK);
    browser.picture(PICTURES.resolve("benchmark-light.png"));
    assertTrue(browser.number("document.querySelectorAll('svg[role=img]').length") > 5);
  }

  @Test
  void studyScrollsInsideItsBoxesAndHasPictures() throws IOException {
    open(study, DESK);
    browser.picture(PICTURES.resolve("study-light.png"));
    browser.media("dark", false);
    browser.picture(PICTURES.resolve("study-dark.png"));
    open(study, PHONE);
    String table = "document.getElementById('study-table')";
    assertTrue(browser.number(table + ".offsetWidth") > PHONE, "wider than the phone");
    assertTrue(browser.number(table + ".parentElement.offsetWidth") <= PHONE, "in its own box");
    assertEquals("0", browser.text("'' + " + table + ".parentElement.tabIndex"), "by keyboard");
  }

  private static String background() {
    return browser.text("getComputedStyle(document.documentElement).backgroundColor");
  }

  private static String pressed() {
    return browser.text("document.getElementById('theme').getAttribute('aria-pressed')");
  }

  private static long width() {
    return browser.number(
        "document.querySelector('.ecg [data-part=V1] svg').getBoundingClientRect().width");
  }
}
