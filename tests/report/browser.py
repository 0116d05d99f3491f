"""What a real browser finds wrong with a page."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

WIDTHS = (400, 1280)
SCHEMES = ("light", "dark")
LEAST_CONTRAST = 4.5
"""That of WCAG 2.2, AA, for text of ordinary size."""

OF_ITSELF = """() => {
  const faults = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  if (!document.title.trim()) faults.push('no title');
  if (!document.documentElement.lang) faults.push('no language');
  if (all('h1').length !== 1) faults.push('not one h1');
  let before = 0;
  for (const heading of all('h1, h2, h3, h4, h5, h6')) {
    const level = Number(heading.tagName[1]);
    if (level > before + 1) faults.push(`h${level} after h${before}: ${heading.textContent}`);
    before = level;
  }
  const ids = all('[id]').map((each) => each.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`id twice: ${id}`);
  for (const table of all('table')) {
    if (!table.querySelector('thead th')) faults.push('a table without header cells');
    for (const cell of table.querySelectorAll('th'))
      if (!cell.scope) faults.push(`a header cell of nothing: ${cell.textContent}`);
  }
  for (const picture of all('svg, img')) {
    const named = picture.getAttribute('aria-label') || picture.getAttribute('alt');
    if (!named && !picture.closest('[aria-hidden=true]')) faults.push('a picture without a label');
  }
  for (const figure of all('figure'))
    if (!figure.querySelector('figcaption')) faults.push('a figure without a caption');
  for (const link of all('a[href^="#"]'))
    if (!document.getElementById(decodeURIComponent(link.getAttribute('href').slice(1))))
      faults.push(`a link to nothing: ${link.getAttribute('href')}`);
  if (all('script, iframe, object, embed, form, base, link').length) faults.push('active content');
  for (const each of all('*')) for (const {name} of each.attributes)
    if (name.startsWith('on')) faults.push(`a handler: ${name}`);
  if (window.hacked !== undefined) faults.push('hacked');
  return faults;
}"""

ADDRESSES = "all => all.map((a) => new URL(a.getAttribute('href'), document.baseURI).href)"

WIDER = "() => document.scrollingElement.scrollWidth - window.innerWidth"

PALE = """(least) => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((c, i) => c * a + below[i] * (1 - a));
  const grounds = new Map([[null, [255, 255, 255]]]);
  const ground = (element) => {
    if (!grounds.has(element)) {
      const own = numbers(getComputedStyle(element).backgroundColor);
      grounds.set(element, over(own, ground(element.parentElement)));
    }
    return grounds.get(element);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pale = {};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest('svg')) continue;
    const below = ground(element);
    const told = [over(numbers(getComputedStyle(element).color), below), below].map(light);
    const contrast = (Math.max(...told) + 0.05) / (Math.min(...told) + 0.05);
    if (contrast < least) pale[element.tagName + '.' + element.className] = contrast.toFixed(2);
  }
  return Object.entries(pale).map(([what, contrast]) => `pale: ${what} ${contrast}`);
}"""

PRINTED = """() => {
  const faults = [];
  const ground = getComputedStyle(document.body).backgroundColor;
  if (ground !== 'rgb(255, 255, 255)') faults.push(`${ground} on paper`);
  for (const each of document.querySelectorAll('nav'))
    if (each.checkVisibility()) faults.push('navigation on paper');
  for (const each of document.querySelectorAll('details')) {
    const inside = [...each.children].find((child) => child.tagName !== 'SUMMARY');
    if (inside && !inside.checkVisibility({contentVisibilityAuto: true}))
      faults.push(`folded on paper: ${each.querySelector('summary').textContent.trim()}`);
  }
  return faults;
}"""


def faults(browser: Any, page: Path) -> list[str]:
    """Open a page at every width, light and dark and on paper; return what is wrong with it."""
    found: list[str] = []
    context = browser.new_context(viewport={"width": WIDTHS[0], "height": 900})
    context.route("**/*", lambda route: _only(page, route, found))
    tab = context.new_page()
    tab.on("console", lambda said: found.append(f"console: {said.text}"))
    tab.on("pageerror", lambda error: found.append(f"error: {error}"))
    tab.goto(page.as_uri())
    found += tab.evaluate(OF_ITSELF)
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        if (wider := tab.evaluate(WIDER)) > 0:
            found.append(f"{wider} pixels wider than {width}")
    for scheme in SCHEMES:
        tab.emulate_media(color_scheme=scheme)
        found += [f"{scheme}, {pale}" for pale in tab.evaluate(PALE, LEAST_CONTRAST)]
    found += _dead_links(tab, page)
    tab.emulate_media(media="print")
    found += tab.evaluate(PRINTED)
    context.close()
    return found


def _only(page: Path, route: Any, found: list[str]) -> None:
    """Let the page itself through, and nothing else."""
    if route.request.url == page.as_uri():
        route.continue_()
        return
    found.append(f"request: {route.request.url}")
    route.abort()


def _dead_links(tab: Any, page: Path) -> list[str]:
    """Follow the links of the navigation; look for the files that others lead to."""
    found = []
    for link in tab.locator("nav a").all():
        link.click()
        target = unquote(urlsplit(tab.url).fragment)
        tab.wait_for_timeout(20)
        box = tab.locator(f'[id="{target}"]').bounding_box()
        if not target or box is None:
            found.append(f"a link that leads nowhere: {link.inner_text()}")
    for address in set(tab.eval_on_selector_all("a[href]", ADDRESSES)):
        path = urlsplit(str(address)).path
        if path and not Path(unquote(path)).is_file():
            found.append(f"a link to no file: {address}")
    return found
