"""What a pasted link shows to every reader: title, description, picture of its scenario, in its language."""

import gzip
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, quote, urlsplit

import brotli
import pytest
from PIL import Image

from core.scenario.link import MODEL_VERSION
from core.web.web import latest_snapshot
from pages.kit.drawing import plot
from pages.kit.server import headers, said
from pages.kit.words import words
from tests.apptest import headline, open_app
from tests.pages.server.conftest import ENOUGH, READERS, Head, opened

LINKS = (
    ("/", "g=0&lang=nl"),
    ("/neoclouds", "g=-20&u=60&r=9&lang=en&co=cipher"),
    ("/guarantors", "g=0&data=2025-12-31&lang=nl"),
    ("/private_credit", "r=9&lang=nl"),
)
NAMES = {
    "/neoclouds": "Neoclouds: ",
    "/guarantors": "Garantstellers: ",
    "/private_credit": "Private credit: ",
}
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}
HOSTILE = '"><script>alert(1)</script><meta property=\'og:title\' content="x">'


def path_of(address):
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def picture(body):
    found = Image.open(io.BytesIO(body))
    found.load()
    return found


@pytest.fixture(scope="module")
def told():
    """What the page itself says at each link: the headline of a visit."""
    return {
        (path, query): words.plain(
            headline(open_app(dict(parse_qsl(query)), page=f"pages{path}.py" if path != "/" else None))
        )
        for path, query in LINKS
    }


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("path", "query"), LINKS)
def test_a_link_tells_its_result_before_it_is_opened(door, told, path, query, reader):
    answer = door.ask(f"{path}?{query}", User_Agent=READERS[reader])
    assert answer.status == 200
    page = Head(answer.body[:ENOUGH].decode("utf-8", "ignore"))
    language = dict(parse_qsl(query))["lang"]
    assert page.page == {"lang": language, "translate": "no"}
    title, rest = page.named["og:title"], page.named["og:description"]
    assert title.startswith(NAMES.get(path, ""))
    assert title.removeprefix(NAMES.get(path, "")) == told[path, query]
    assert rest.count(".") > 1
    assert page.title == f"{title} · Backstop"
    assert page.named["description"] == rest
    assert page.named["og:locale"] == said.LOCALES[language]
    assert page.named["og:site_name"] == "Backstop"
    assert page.named["twitter:card"] == "summary_large_image"
    assert page.named["og:image:alt"].startswith(title.removeprefix(NAMES.get(path, "")))
    address = page.named["og:url"]
    assert address.startswith(f"{door.address}{path}?")
    assert dict(parse_qsl(query)).items() <= dict(parse_qsl(urlsplit(address).query)).items()
    assert "canonical" not in page.links  # a phone shares it in place of what is on the screen
    image = dict(parse_qsl(urlsplit(page.named["og:image"]).query))
    assert image["m"] == MODEL_VERSION
    assert image["data"] == dict(parse_qsl(query)).get("data", latest_snapshot())
    drawn = door.ask(path_of(page.named["og:image"]), User_Agent=READERS[reader])
    assert (drawn.status, drawn.headers["content-type"]) == (200, "image/png")
    assert picture(drawn.body).size == (1200, 630)
    assert len(drawn.body) < 100_000
    assert "max-age" in drawn.headers["cache-control"]


def test_every_scenario_and_language_has_a_picture_of_its_own(door):
    queries = ("", "lang=nl", "g=0", "g=0&lang=nl", "g=0&r=9", "data=2025-12-31")
    drawn = {door.ask(f"/card.png?{query}").body for query in queries}
    assert len(drawn) == len(queries)
    # however the link is written: the same picture
    assert door.ask("/card.png?g=0").body == door.ask("/card.png?g=0.0&m=2026.13&co=cipher").body


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("nl-BE,nl;q=0.9,en;q=0.5", "nl"), ("en-GB,nl;q=0.5", "en"), ("de,nl;q=0.8", "en")],
)
def test_a_link_without_a_language_speaks_the_readers(door, accepted, language):
    answer = door.ask("/?g=0", Accept_Language=accepted)
    assert Head(answer.text()).page["lang"] == language
    assert "accept-language" in answer.headers["vary"].lower()
    assert Head(door.ask("/?g=0&lang=nl", Accept_Language="en").text()).page["lang"] == "nl"


def test_a_picture_in_the_readers_language_is_not_kept_for_another_reader(door):
    nl, en = (door.ask("/card.png?g=0", Accept_Language=language) for language in ("nl", "en"))
    assert nl.body != en.body
    for answer in (nl, en):
        assert "accept-language" in answer.headers["vary"].lower()
    assert "accept-language" not in door.ask("/card.png?g=0&lang=nl").headers.get("vary", "").lower()


def test_a_link_that_is_not_read_says_no_other_address_and_keeps_language_and_frame(door):
    answer = door.ask(f"/?g=0&lang=nl&embed=true&k={'A' * said.LONGEST}", Accept_Language="en")
    page = Head(answer.text())
    assert page.page["lang"] == "nl"
    assert page.named["og:title"] == said.default("nl").sentence
    assert "og:url" not in page.named
    assert "application/json+oembed" not in page.links
    assert assert_guarded(answer)["frame-ancestors"] == "*"


def test_a_link_goes_on_saying_which_model_it_was_made_with(door):
    address = Head(door.ask("/?m=2026.10&g=0").text()).named["og:url"]
    assert dict(parse_qsl(urlsplit(address).query)) == {"m": "2026.10", "g": "0"}


@pytest.mark.parametrize(
    ("language", "mark", "rest", "dated"),
    [
        ("en", "Edited data. On the figures of", "1 figure was edited by hand.", "Edited by hand: data of"),
        (
            *("nl", "Gewijzigde cijfers. Met de cijfers van", "1 cijfer is met de hand gewijzigd."),
            "Met de hand gewijzigd: cijfers van",
        ),
    ],
)
def test_figures_edited_by_hand_are_not_passed_off_as_those_of_the_data(door, language, mark, rest, dated):
    page = Head(door.ask(f"/?o=coreweave.cash:0.5&lang={language}").text())
    assert page.named["og:title"].startswith(mark)
    assert page.title.startswith(mark)
    assert page.named["og:description"].startswith(rest)
    assert dated in page.named["og:image:alt"]
    official = Head(door.ask(f"/?lang={language}").text())
    assert dated not in official.named["og:image:alt"]
    assert not official.named["og:description"].startswith(rest)
    told = json.loads(oembed(door, f"{door.address}/?o=coreweave.cash:0.5&lang={language}").body)
    assert told["title"].startswith(mark)


def test_a_page_asks_for_plotly_at_once(door):
    text = door.ask("/deals?g=0").text()
    [asked] = re.findall(r'<link rel="preload" as="script"[^>]*href="([^"]+)"', text)
    assert asked == plot.OWN
    assert b"window.Plotly" in door.ask(asked).body


def test_a_page_says_nothing_of_what_is_closed_and_reads_without_scripts(door):
    text = door.ask("/?g=0&lang=nl").text()
    assert "_stcore/agent" not in text
    assert "JavaScript" not in text
    assert text.count("<title>") == 1
    assert "<noscript><h1>Als de vraag naar AI niet meer groeit" in text


# ---- hostile links


def hostile(number):
    """A link made to hurt, each another one."""
    kinds = (
        "g=" + "9" * 3000 + str(number),
        "&".join(f"o=x{n}.y:{number}" for n in range(400)),
        f"g={quote(HOSTILE)}{number}&lang={quote(HOSTILE)}",
        "k=" + "A" * 9000 + str(number),
        f"g={number}&r=4.{number:03}&u=7{number % 10}",
    )
    return kinds[number % len(kinds)]


def test_a_hundred_hostile_links_at_once_get_a_picture_and_a_page(door):
    with ThreadPoolExecutor(100) as threads:
        cards = list(threads.map(lambda n: door.ask(f"/card.png?{hostile(n)}"), range(100)))
        pages = list(threads.map(lambda n: door.ask(f"/?{hostile(n)}"), range(100)))
    for answer in cards:
        assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
        assert picture(answer.body).size == (1200, 630)
    default = door.ask(f"/card.png?k={'A' * said.LONGEST}")
    assert default.headers["cache-control"] == "no-cache"
    assert default.body != door.ask("/card.png").body
    assert all(one.body == default.body for n, one in enumerate(cards) if n % 5 == 3)  # far too long
    for answer in pages:
        assert answer.status == 200
        assert len(answer.body) < ENOUGH
        assert "alert(1)" not in answer.text()
    assert door.ask("/_stcore/health").status == 200


@pytest.mark.parametrize("host", ['x"><script>alert(1)</script>', "a b", "x/../y", "é", "h" * 300, ""])
def test_a_host_that_is_none_is_not_repeated(door, host):
    answer = door.ask("/?g=0", Host=host.encode("latin-1"))
    if answer.status == 400:  # the server itself refuses some
        return
    image = Head(answer.text()).named["og:image"]
    assert image.startswith(f"{door.address}/card.png?")
    assert "alert" not in answer.text()


def test_nothing_that_a_link_holds_is_markup(door):
    for path in ("/", "/compare", "/nowhere", f"/{quote(HOSTILE, safe='')}"):
        for name in ("g", "lang", "data", "co", "from", "who", "k", HOSTILE):
            text = door.ask(f"{path}?{quote(name)}={quote(HOSTILE)}&lang=nl").text()
            assert "<script>alert" not in text
            assert "<meta property='og:title'" not in text


# ---- oEmbed


def oembed(door, url, **more):
    asked = "&".join(f"{name}={value}" for name, value in more.items())
    return door.ask(f"/oembed?url={quote(url, safe='')}&{asked}")


def test_oembed_gives_a_frame_that_shows_the_link(door):
    page = Head(door.ask("/neoclouds?g=0&lang=nl").text())
    answer = door.ask(path_of(page.links["application/json+oembed"]))
    assert answer.headers["content-type"].startswith("application/json")
    told = json.loads(answer.body)
    assert (told["version"], told["type"], told["title"]) == ("1.0", "rich", page.named["og:title"])
    assert (told["thumbnail_width"], told["thumbnail_height"]) == (1200, 630)
    assert told["thumbnail_url"] == page.named["og:image"]
    assert told["html"].startswith(
        f'<iframe src="{door.address}/neoclouds?m={MODEL_VERSION}&amp;g=0&amp;lang=nl&amp;embed=true"'
    )
    small = json.loads(oembed(door, f"{door.address}/?g=0", maxwidth=320, maxheight=200).body)
    assert (small["width"], small["height"]) == (320, 200)
    assert 'width="320"' in small["html"]
    wild = json.loads(oembed(door, f"{door.address}/?g=0", maxwidth="-5", maxheight="9" * 5000).body)
    assert (wild["width"], wild["height"]) == (told["width"], told["height"])


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "https://example.org/?g=0",
        "{door}.evil.example/?g=0",
        "{door}x",
        "{door}/nowhere?g=0",
        "{door}/data/x",
    ],
)
def test_oembed_knows_no_other_address(door, url):
    assert oembed(door, url.format(door=door.address)).status == 404


def test_oembed_speaks_json_only(door):
    assert oembed(door, f"{door.address}/", format="xml").status == 501


# ---- headers

ANSWERS = (
    *("/", "/neoclouds?g=0", "/Neoclouds", "/nowhere", "/card.png", "/oembed", "/oembed?url=x", "//x"),
    *("/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", "/_stcore/agent/mcp", "/favicon.png"),
    *(
        "/manifest.json",
        "/media/none.png",
        "/component/none/x.js",
        "/..%2f..%2fetc%2fpasswd",
        "/static/none.js",
    ),
    "/neoclouds/_stcore/health",
)


def assert_guarded(answer):
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["connect-src"] == policy["base-uri"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert "unsafe-inline" not in policy["script-src"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    permissions = answer.headers["permissions-policy"]
    assert "camera=()" in permissions
    assert "clipboard-write=(self)" in permissions
    assert "web-share=(self)" in permissions
    assert "server" not in answer.headers
    return policy


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_has_the_headers(door, path, method):
    assert assert_guarded(door.ask(path, method))["frame-ancestors"] == "'self'"


def test_the_script_that_stands_in_the_page_may_run(door):
    answer = door.ask("/")
    allowed = assert_guarded(answer)["script-src"]
    assert headers.policy(answer.text()).split("; ")[1] == f"script-src {allowed}"
    assert allowed.count("sha256-") == answer.text().count("<script>") == 1


def test_the_policy_follows_the_scripts_of_the_page():
    page = "<!-- <script>no</script> --><script>one</script><script src='x.js'></script><script>two</script>"
    assert headers.policy(page).count("sha256-") == 2
    assert headers.policy(page) != headers.policy(page.replace("two", "three"))
    assert "sha256" not in headers.policy("")


def test_only_the_small_page_may_be_framed(door, monkeypatch):
    framed = [door.ask(path) for path in ("/?g=0&embed=true", "/neoclouds?embed=true")]
    assert [assert_guarded(one)["frame-ancestors"] for one in framed] == ["*", "*"]
    for path in ("/?g=0&embed=false", "/?notembed=true", "/card.png?embed=true", "/x?embed=true"):
        assert assert_guarded(door.ask(path))["frame-ancestors"] == "'self'"
    monkeypatch.setenv(headers.FRAMES, "https://a.example 'self' ;script-src *.b.example\r\nX=y")
    assert headers.frames() == "https://a.example 'self' *.b.example"


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/agent/mcp", "/_stcore/agent/interact", "/_stcore/agent/"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_closed_is_not_there(door, path, method):
    assert door.ask(path, method).status == 404


# ---- compression


def script_of(door):
    page = door.ask("/").text()
    return "/" + page.partition('type="module" crossorigin src="./')[2].partition('"')[0]


@pytest.mark.parametrize("file", [script_of, lambda _door: plot.OWN], ids=["streamlit", "plotly"])
def test_files_that_never_change_are_compressed_once_and_kept_a_year(door, file):
    name = file(door)
    plain = door.ask(name)
    assert "content-encoding" not in plain.headers
    sizes = {}
    for accepted, way in (("gzip, deflate, br, zstd", "br"), ("br;q=0, gzip", "gzip")) * 2:
        packed = door.ask(name, Accept_Encoding=accepted)
        assert packed.headers["content-encoding"] == way
        assert UNPACK[way](packed.body) == plain.body
        sizes[way] = len(packed.body)
        assert len(packed.body) < 0.5 * len(plain.body)
        assert packed.headers["content-type"] == plain.headers["content-type"]
        assert "accept-encoding" in packed.headers["vary"].lower()
        assert_guarded(packed)
        for answer in (packed, plain):
            assert answer.headers["cache-control"] == "public, immutable, max-age=31536000"
    assert sizes["br"] < sizes["gzip"]


def test_a_part_of_a_file_is_sent_as_it_is(door):
    name = script_of(door)
    part = door.ask(name, Accept_Encoding="gzip", Range="bytes=0-9")
    assert (part.status, part.body) == (206, door.ask(name).body[:10])


@pytest.mark.parametrize(
    "refused", ["gzip;q=0", "gzip; q=0.0, br;q=0", "GZIP ; Q=0.000", "identity", "*;q=0"]
)
def test_what_a_reader_refuses_is_not_sent(door, refused):
    for path in ("/", script_of(door)):
        assert "content-encoding" not in door.ask(path, Accept_Encoding=refused).headers
    assert "content-encoding" not in door.ask("/", Accept_Encoding=f"br, {refused}").headers


@pytest.mark.parametrize("path", ["/", "/neoclouds?g=0", "/nowhere"])
def test_pages_are_compressed(door, path):
    packed = door.ask(path, Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == door.ask(path).body
    assert packed.headers["cache-control"] == "no-cache"


# ---- under a path, and under an address of its own


def test_the_path_under_which_it_is_served_and_the_public_address_are_kept():
    settings = {"BACKSTOP_PUBLIC_URL": "https://public.example/under/"}
    with opened("--server.baseUrlPath=/under/", **settings) as door:
        page = Head(door.ask("/under/neoclouds?g=0&lang=nl").text())
        assert page.named["og:image"].startswith("https://public.example/under/card.png?")
        assert page.named["og:url"].startswith("https://public.example/under/neoclouds?")
        assert page.page["lang"] == "nl"
        assert door.ask("/under/card.png?g=0").headers["content-type"] == "image/png"
        assert oembed_status(door, "https://public.example/under/neoclouds?g=0") == 200
        assert oembed_status(door, "https://public.example/neoclouds?g=0") == 404
        for bent, right in (("/under/Neoclouds?g=1", "/under/neoclouds?g=1"), ("/under?g=1", "/under/?g=1")):
            assert door.ask(bent).headers["location"] == right
        lost = door.ask("/under/nowhere?g=10&lang=nl")
        assert lost.status == 404
        assert 'href="/under/?m=' in lost.text()
        assert f'href="/under{plot.OWN}"' in door.ask("/under/?g=0").text()
        assert door.ask(f"/under{plot.OWN}").status == 200
        assert door.ask("/under/_stcore/metrics").status == 404
        assert door.ask("/card.png").status == 404


def oembed_status(door, url):
    return door.ask(f"/under/oembed?url={quote(url, safe='')}").status
