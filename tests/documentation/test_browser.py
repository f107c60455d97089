"""Built pages in a browser: nothing is missing or complained of, nothing sticks out."""

import shutil
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PAGES = {
    "home": "index.html",
    "first hour": "user_guide/own_images.html",
    "gallery": "gallery/index.html",
    "example": "gallery/images/plot_textures.html",
    "reference": "api.html",
    "name": "generated/sklearn_scat.ScatteringTransformer.html",
    "speed": "benchmarks/speed.html",
}
FORMULAS = "user_guide/transform.html"
GRAVE = ("error", "warning", "assert")  # of what a page writes to the console
WIDTHS = {"desktop": 1280, "phone": 390}
# The lightness of the text and of what is behind it, in 0…255.
LIGHTNESS = """() => {
    const mean = color => {
        const [r, g, b] = color.match(/[\\d.]+/g).map(Number);
        return (r + g + b) / 3;
    };
    const style = getComputedStyle(document.body);
    return [mean(style.color), mean(style.backgroundColor)];
}"""

# Text that is cut off at the right, but in code and tables, which can be scrolled.
CUT_OFF = """() => {
    const reached = text => {
        const range = document.createRange();
        range.selectNodeContents(text);
        return range.getBoundingClientRect().right;
    };
    const article = document.querySelector("article");
    const scrolls = box => box !== article && (
        ["auto", "scroll"].includes(getComputedStyle(box).overflowX)
            && box.scrollWidth > box.clientWidth
        || scrolls(box.parentElement));
    const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    const cut = [];
    while (walker.nextNode()) {
        const text = walker.currentNode;
        if (reached(text) > innerWidth && !scrolls(text.parentElement))
            cut.push(text.data.trim());
    }
    return cut.filter(words => words);
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Gives files, and does not tell of it."""

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def address(built):
    """Where the pages are served, as they would be on the web."""
    handler = partial(Quiet, directory=built)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser(built):
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@contextmanager
def opened(browser, url, *, width=1280, scheme="light"):
    """Give a page that is loaded, what it asked for, and what went wrong."""
    size = {"width": width, "height": 900}
    page = browser.new_page(viewport=size, color_scheme=scheme)
    asked, faults = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: faults.append(request.url))
    page.on("response", lambda answer: answer.ok or faults.append(answer.url))
    page.on("console", lambda said: said.type in GRAVE and faults.append(said.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(url, wait_until="networkidle")
    yield page, asked, faults
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_page_is_whole(browser, address, path, width, scheme):
    with opened(browser, address + path, width=width, scheme=scheme) as opening:
        page, asked, faults = opening
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CUT_OFF) == []
        ink, paper = page.evaluate(LIGHTNESS)
    assert faults == []
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert (ink < paper) == (scheme == "light")


def test_formulas_are_set_without_a_network(browser, address):
    with opened(browser, address + FORMULAS, width=390) as (page, _, faults):
        assert page.locator(".math").count() > 0
        assert page.locator("mjx-container").count() >= page.locator(".math").count()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert faults == []


def test_search_finds_a_name(browser, address):
    with opened(browser, f"{address}search.html?q=PCAAffineClassifier") as (
        page,
        _,
        faults,
    ):
        found = page.locator("#search-results a").first
        found.wait_for()
        assert "PCAAffineClassifier" in found.inner_text()
    assert faults == []


def test_code_can_be_copied_without_its_prompt(browser, address):
    with opened(browser, address) as (page, _, _):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        code = page.locator("div.highlight", has_text="RidgeClassifier(alpha").first
        code.hover()
        code.locator("button.copybtn").click()
        copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("from sklearn.linear_model import RidgeClassifier\n")
    assert ">>>" not in copied
