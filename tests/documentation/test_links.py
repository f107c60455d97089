"""Links of the built pages lead somewhere, in few clicks, and pictures have words."""

import posixpath
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import sklearn_scat

ROOT = Path(__file__).parents[2]
HOME = "https://sklearn-scat.github.io/sklearn_scat/"
BINDER = "https://mybinder.org/v2/gh/sklearn-scat/sklearn_scat/main?"
WITHOUT_SOURCE = {"generated/sklearn_scat.cascade.FORMS.html"}  # a value
SOURCE = "https://github.com/sklearn-scat/sklearn_scat/blob/main/"
REFERS = {"a": "href", "link": "href", "img": "src", "script": "src", "iframe": "src"}
LOADED = ("icon", "stylesheet", "preload", "modulepreload")


@dataclass
class Page(HTMLParser):
    """What a page refers to, and what in it can be referred to."""

    text: str = field(repr=False)
    clicks: list = field(default_factory=list)  # what one may click on
    loads: list = field(default_factory=list)  # what a browser takes by itself
    places: set = field(default_factory=set)
    pictures: list = field(default_factory=list)  # (source, words)

    def __post_init__(self):
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.places |= {attributes.get("id"), attributes.get("name")} - {None}
        address = attributes.get(REFERS.get(tag))
        if tag == "img":
            self.pictures.append((address, attributes.get("alt")))
        if address is None:
            return
        relation = attributes.get("rel") or ""
        if tag == "a":
            self.clicks.append(address)
        elif tag != "link" or any(word in relation for word in LOADED):
            self.loads.append(address)


@pytest.fixture(scope="module")
def pages(built):
    """All pages by their path under the folder."""
    files = [file for file in built.rglob("*.html") if "_static" not in file.parts]
    return {
        file.relative_to(built).as_posix(): Page(file.read_text(encoding="utf-8"))
        for file in files
    }


def inside(address):
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc


def target(page, address):
    """Return the path and the place that an address on a page leads to."""
    parts = urlsplit(address)
    path = posixpath.join(posixpath.dirname(page), unquote(parts.path))
    return posixpath.normpath(path) if parts.path else page, unquote(parts.fragment)


def test_the_whole_documentation_was_built(pages):
    wanted = {"index.html", "api.html", "gallery/index.html", "user_guide/index.html"}
    assert wanted <= pages.keys()
    assert len(pages) > 300


def test_no_link_inside_is_broken(built, pages):
    broken = []
    for name, page in pages.items():
        for address in filter(inside, page.clicks + page.loads):
            path, place = target(name, address)
            known = pages[path].places | {""} if path in pages else {place}
            if not (built / path).is_file() or place not in known:
                broken.append((name, address))
    assert not broken


def test_no_page_loads_anything_from_elsewhere(pages):
    outside = {
        (name, address)
        for name, page in pages.items()
        for address in page.loads
        if not inside(address) and not address.startswith("data:")
    }
    assert not outside


def test_every_page_is_reached_in_two_clicks(pages):
    reached = {"index.html"}
    for _ in range(2):
        reached |= {
            target(name, address)[0]
            for name in reached & pages.keys()
            for address in pages[name].clicks
            if inside(address)
        }
    assert pages.keys() - reached == {"search.html"}  # that is behind a button


def test_every_picture_has_words(pages):
    said = {
        (name, source): words
        for name, page in pages.items()
        for source, words in page.pictures
        # these stand beside their words, inside one link
        if not source.endswith(("logo.svg", "_thumb.png"))
    }
    silent = [
        place
        for place, words in said.items()
        if len(words or "") < 12 or words.replace(" ", "_") in place[1]
    ]
    assert len(said) > 40
    assert not silent


def test_sources_are_where_their_links_lead(pages):
    lines = {}
    for name, page in pages.items():
        if not name.startswith("generated/sklearn_scat."):
            continue
        shown = [a for a in page.clicks if a.startswith(SOURCE)]
        assert shown or name in WITHOUT_SOURCE, name
        for address in shown:
            path, _, line = address.removeprefix(SOURCE).partition("#L")
            if path not in lines:
                lines[path] = (ROOT / path).read_text(encoding="utf-8").splitlines()
            assert re.match(r" *(def |class |@)", lines[path][int(line) - 1]), address


def test_the_question_mark_of_estimators_leads_to_a_page(pages):
    kinds = [getattr(sklearn_scat, name) for name in sklearn_scat.__all__]
    estimators = [kind for kind in kinds if hasattr(kind, "_get_doc_link")]
    assert estimators
    for kind in estimators:
        link = kind._get_doc_link(object.__new__(kind))
        assert link.startswith(HOME)
        assert link.removeprefix(HOME) in pages


def test_examples_without_torch_can_be_run_in_the_browser(pages):
    examples = sorted((ROOT / "examples").rglob("plot_*.py"))
    offered = 0
    for file in examples:
        path = file.relative_to(ROOT / "examples").with_suffix("")
        clicks = pages[f"gallery/{path.as_posix()}.html"].clicks
        links = [address for address in clicks if address.startswith(BINDER)]
        for link in links:
            assert link.endswith(f"lab/tree/examples/{path.as_posix()}.ipynb")
            assert "torch" not in file.read_text(encoding="utf-8")
        offered += len(links)
    assert len(examples) / 2 < offered < len(examples)
